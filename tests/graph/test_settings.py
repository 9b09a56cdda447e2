from __future__ import annotations

from reactive_kernel.analysis import analyse, overruled
from reactive_kernel.document import Cell, CellId, Document, Settings
from reactive_kernel.graph import DefUseGraph

A, B, C = map(CellId, "abc")
HELPER = "rows = []\nrate = 2\ndef add():\n    global last\n    last = rate\n    rows.append(1)"


def graph_of(*sources: str, **settings: Settings) -> DefUseGraph:
    cells = tuple(
        Cell(CellId(id), source, settings.get(id, Settings()))
        for id, source in zip("abc", sources, strict=False)
    )
    return DefUseGraph.of(
        Document(cells), lambda cell: overruled(analyse(cell.source), cell.settings)
    )


def test_a_call_reads_changes_and_binds_names_of_its_function() -> None:
    graph = graph_of(HELPER, "add()")
    assert graph.inputs(B) == {"add": A, "rate": A, "rows": A}
    assert graph.writes(B) == {"last", "rows"}


def test_a_call_adds_nothing_to_reads_that_are_overruled() -> None:
    graph = graph_of(HELPER, "add()", b=Settings(reads=frozenset({"add"}), pure=True))
    assert graph.inputs(B) == {"add": A}


def test_a_call_adds_nothing_to_writes_that_are_overruled() -> None:
    graph = graph_of(HELPER, "add()", "rows", b=Settings(writes=frozenset()))
    assert not graph.writes(B)
    assert graph.inputs(C) == {"rows": A}


def test_a_call_in_a_pure_cell_changes_nothing_but_may_bind() -> None:
    graph = graph_of(HELPER, "add()", "rows", b=Settings(pure=True))
    assert graph.writes(B) == {"last"}
    assert not graph.mutates(B)
    assert graph.inputs(C) == {"rows": A}


def test_settings_that_change_bind_readers_anew() -> None:
    before = graph_of("xs = []", "xs.append(1)", "xs")
    assert before.inputs(C) == {"xs": B}
    pure = before.document.edited(B, "xs.append(1)", Settings(pure=True))
    after = before.updated(pure)
    assert after.inputs(C) == {"xs": A}
    assert after.rebound == {B, C}


def test_a_cell_that_says_what_it_binds_hides_no_missing_name() -> None:
    opaque = graph_of("exec(code)", "print(nobody)")
    declared = graph_of(
        "exec(code)", "print(nobody)", a=Settings(writes=frozenset({"x"}))
    )
    assert not opaque.findings(B)
    assert [found.code for found in declared.findings(B)] == ["undefined-name"]


def test_a_setting_that_is_not_understood_is_a_finding() -> None:
    graph = graph_of("x = 1", a=Settings(ignored=("`mode` must be auto or lazy",)))
    (found,) = graph.findings(A)
    assert (found.code, found.severity) == ("setting", "warning")
    assert "auto or lazy" in found.message


def test_what_a_call_changes_is_followed_though_its_reads_are_overruled() -> None:
    reads = Settings(reads=frozenset({"f", "x"}))
    before = graph_of("x = []\ng = None", "def f(): return g()", "f()", c=reads)
    assert not before.mutates(C)
    changing = before.document.edited(A, "x = []\ndef g(): x.append(1)")
    assert before.updated(changing).mutates(C) == {"x"}
