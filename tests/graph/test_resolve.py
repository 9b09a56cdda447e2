"""The one rule of binding, consequence by consequence (docs/semantics)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reactive_kernel.analysis import Definition, DefUse, Kind
from reactive_kernel.document import Cell, CellId, Document, Settings
from reactive_kernel.graph import DefUseGraph

if TYPE_CHECKING:
    from collections.abc import Callable

    GraphOf = Callable[..., DefUseGraph]

A, B, C, D = map(CellId, "abcd")


def test_a_name_means_its_nearest_definition_above(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "x = 2", "print(x)", "x = 3")
    assert graph.inputs(C) == {"x": B}


def test_without_a_definition_above_it_means_the_first_one_below(
    graph_of: GraphOf,
) -> None:
    graph = graph_of("print(x)", "x = 1", "x = 2")
    assert graph.inputs(A) == {"x": B}


def test_with_one_definition_position_does_not_matter(graph_of: GraphOf) -> None:
    graph = graph_of("y = x", "x = 1", "z = x")
    assert dict(graph.readers(B)) == {A: {"x"}, C: {"x"}}


def test_several_definitions_read_top_to_bottom(graph_of: GraphOf) -> None:
    graph = graph_of("df = load()", "df = df.dropna()", "df = df.head()", "df")
    assert [graph.inputs(id).get("df") for id in (A, B, C, D)] == [None, A, B, C]
    assert graph.writers("df") == (A, B, C)
    assert graph.last_writer("df") == C


def test_a_name_that_nobody_else_reads_makes_no_edge(graph_of: GraphOf) -> None:
    graph = graph_of("for i in (1, 2): pass", "for i in (3, 4): pass")
    assert graph.writers("i") == (A, B)
    assert not graph.readers(A)
    assert not graph.inputs(B)


def test_a_change_above_the_definition_stands_right_after_it(
    graph_of: GraphOf,
) -> None:
    graph = graph_of("xs.append(1)", "xs = []", "print(xs)")
    assert graph.writers("xs") == (B, A)
    assert graph.inputs(A) == {"xs": B}
    assert graph.inputs(C) == {"xs": A}
    assert graph.cycle(A) is None


def test_what_stands_above_the_definition_keeps_its_order(graph_of: GraphOf) -> None:
    graph = graph_of("print(xs)", "xs.append(1)", "print(xs)", "xs = []")
    assert graph.inputs(A) == {"xs": D}
    assert graph.inputs(B) == {"xs": D}
    assert graph.inputs(C) == {"xs": B}


def test_the_first_change_has_nothing_to_start_from(graph_of: GraphOf) -> None:
    graph = graph_of("print(n)", "n = n + 1", "n = n * 2")
    assert graph.inputs(B) == {"n": None}
    assert graph.inputs(C) == {"n": B}
    assert graph.inputs(A) == {"n": B}


def test_a_new_definition_leaves_readers_of_the_same_version_alone(
    graph_of: GraphOf,
) -> None:
    before = graph_of("x = 1", "print(x)", "y = x")
    document = before.document.inserted(Cell(D, "x = 2"), 2)
    after = before.updated(document)
    assert after.rebound == {C, D}
    assert after.inputs(B) == {"x": A}
    assert after.inputs(C) == {"x": D}


def test_deleting_a_definition_binds_its_readers_to_the_one_above(
    graph_of: GraphOf,
) -> None:
    before = graph_of("x = 1", "x = 2", "print(x)")
    after = before.updated(before.document.without([B]))
    assert after.inputs(C) == {"x": A}
    assert after.rebound == {C}


def test_moving_a_reader_binds_it_anew(graph_of: GraphOf) -> None:
    before = graph_of("x = 1", "x = 2", "print(x)")
    after = before.updated(before.document.ordered([A, C, B]))
    assert after.inputs(C) == {"x": A}
    assert after.rebound == {C}


def test_a_deletion_is_a_version_too(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "del x", "print(x)")
    assert graph.inputs(C) == {"x": B}


@pytest.mark.parametrize(
    ("sources", "inputs"),
    [
        pytest.param(["print(1)"], {}, id="nobody defines it"),
        pytest.param(["print = 0", "print(1)"], {"print": A}, id="defined above"),
        pytest.param(["x = 1", "print(1)", "print = 0"], {}, id="defined below"),
        pytest.param(["x = 1", "print = print"], {}, id="wrapped by the cell itself"),
        pytest.param(
            ["display = 1", "display"], {"display": A}, id="one of IPython's names"
        ),
    ],
)
def test_builtins_count_as_defined_above_the_first_cell(
    graph_of: GraphOf, sources: list[str], inputs: dict[str, CellId]
) -> None:
    graph = graph_of(*sources)
    assert graph.inputs(B if len(sources) > 1 else A) == inputs


def test_a_disabled_cell_defines_nothing(graph_of: GraphOf) -> None:
    before = graph_of("x = 1", "x = 2", "print(x)")
    document = before.document.edited(B, "x = 2", Settings(disabled=True))
    after = before.updated(document)
    assert after.inputs(C) == {"x": A}
    assert after.writes(B) == frozenset()
    assert after.disabled_writers("x") == (B,)
    assert after.rebound == {B, C}


def test_strange_ids_and_names_do_no_harm(graph_of: GraphOf) -> None:
    before = graph_of()
    assert before.order([]) == []
    assert before.writers("no name") == ()
    odd = CellId("vscode-notebook-cell:/ü .ipynb#\x00\n")
    after = before.updated(before.document.inserted(Cell(odd, "ß = 1\nprint(ß)")))
    assert after.writers("ß") == (odd,)


def test_a_cell_that_no_longer_parses_keeps_its_names(graph_of: GraphOf) -> None:
    before = graph_of("x = 1", "print(x)")
    after = before.updated(before.document.edited(A, "x = ("))
    assert after.defuse(A).broken
    assert after.inputs(B) == {"x": A}
    assert [found.code for found in after.findings(A)] == ["syntax-error"]


def test_versions_share_what_an_edit_does_not_touch(graph_of: GraphOf) -> None:
    before = graph_of("x = 1", "y = x", "z = 2")
    after = before.updated(before.document.edited(C, "z = 3"))
    assert after.inputs(B) is before.inputs(B)
    assert before.updated(before.document).rebound == frozenset()


def test_a_cell_is_analysed_again_when_more_is_known_about_it() -> None:
    seen = {A: DefUse(star_imports=("m",)), B: DefUse(uses={"x": None})}
    document = Document((Cell(A, "from m import *"), Cell(B, "x")))
    before = DefUseGraph.of(document, lambda cell: seen[cell.id])
    seen[A] = DefUse(definitions={"x": Definition("x", Kind.VARIABLE)})
    assert before.updated(document).inputs(B) == {"x": None}
    after = before.updated(document, recheck=[A, CellId("gone")])
    assert after.inputs(B) == {"x": A}
    assert after.rebound == {A, B}
