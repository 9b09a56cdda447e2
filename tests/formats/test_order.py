"""The order of the cells in the file: that of a fresh run; and which cells run at all."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reactive_kernel.formats import reads, writes
from tests.formats.samples import kept, notebook_of

Script = Callable[..., subprocess.CompletedProcess[str]]
MARKDOWN = {"cell_type": "markdown"}


def ids(text: str) -> str:
    """Return the ids of the cells in the order of the file."""
    return "".join(re.findall(r'^# %%.* id="(\w+)"', text, re.M))


def moves(text: str) -> list[tuple[str, str]]:
    return re.findall(r'id="(\w+)" after="(\w*)"', text)


def test_cells_that_read_from_above_keep_their_order() -> None:
    text = writes(notebook_of("x = 1", "y = x", "x = 2", "print(x)"))
    assert ids(text) == "abcd"
    assert "after=" not in text


def test_a_definition_further_down_is_pulled_up_to_its_first_reader() -> None:
    text = writes(notebook_of("a = 1", "y = x", "b = 1", "x = 1", "c = 1"))
    assert ids(text) == "adbce"
    assert moves(text) == [("d", "c")]


def test_what_the_definition_needs_comes_along() -> None:
    text = writes(notebook_of("y = x", "n = 0", "x = m", "m = 1"))
    assert ids(text) == "dcab"


def test_a_function_is_only_needed_where_it_is_called() -> None:
    text = writes(notebook_of("def f(): return x", "print(0)", "x = 1", "f()"))
    assert ids(text) == "abcd"


def test_what_a_called_function_reads_is_pulled_up() -> None:
    text = writes(notebook_of("def f(): return x", "f()", "x = 1"))
    assert ids(text) == "acb"


def test_what_a_cell_says_about_its_names_counts() -> None:
    says = {"source": "hidden()", "metadata": {"reactive": {"reads": ["x"]}}}
    assert ids(writes(notebook_of("a = 1", says, "b = 1", "x = 1"))) == "adbc"


def test_a_note_stays_above_the_code_that_it_stood_above() -> None:
    note = {**MARKDOWN, "source": "The definition."}
    last = {**MARKDOWN, "source": "The end."}
    text = writes(notebook_of("y = x", note, "x = 1", last))
    assert ids(text) == "bcad"
    assert kept(reads(text)) == kept(notebook_of("y = x", note, "x = 1", last))


def test_the_reader_of_a_version_stays_above_the_next_version() -> None:
    text = writes(
        notebook_of("x = 1", "y = z", "print(x)", "x = 2; z = x", "print(x, y)")
    )
    assert ids(text) == "acdbe"


def test_a_cycle_leaves_the_order_and_is_named() -> None:
    text = writes(notebook_of("a = b", "b = a", "y = x", "x = 1"))
    assert ids(text) == "abcd"
    assert '"order": "document: cells depend on each other through' in text


def test_imports_from_the_future_come_first(script: Script) -> None:
    book = notebook_of(
        "import os",
        "x: int = 1",
        "from __future__ import annotations\nprint('first')",
        "print(x)",
    )
    assert ids(writes(book)) == "cabd"
    ran = script(book)
    assert (ran.stdout, ran.returncode) == ("first\n1\n", 0)


def test_a_second_import_from_the_future_does_not_break_the_file(
    script: Script,
) -> None:
    future = "from __future__ import annotations"
    ran = script(notebook_of(future, "print(1)", future, "print(2)"))
    assert (ran.stdout, ran.returncode) == ("1\n2\n", 0)


@pytest.mark.parametrize(
    ("only_jupyter", "readers"),
    [
        pytest.param("%%bash --out x\nls", "b", id="foreign cell magic"),
        pytest.param("x = !ls", "b", id="command"),
        pytest.param("x = %pwd", "b", id="magic"),
        pytest.param("x = await f()", "b", id="await"),
        pytest.param("%%capture x\n0", "b", id="captured"),
        pytest.param("x = Out[1]", "b", id="history"),
        pytest.param("x = get_ipython().user", "b", id="shell"),
        pytest.param(
            {"source": "x = 1", "metadata": {"reactive": {"disabled": True}}},
            "",
            id="disabled",
        ),
    ],
)
def test_what_depends_on_what_only_jupyter_runs_does_not_run(
    script: Script, only_jupyter: Any, readers: str
) -> None:
    book = notebook_of(only_jupyter, "y = x", "print(y)", "print('free')")
    if not readers:
        book["cells"][1]["source"] = book["cells"][2]["source"] = "y = 1"
    ran = script(book)
    assert (ran.returncode, ran.stdout) == (0, "free\n")
    assert ("Only Jupyter can run, so left out: " in ran.stderr) == bool(readers)
    assert kept(reads(writes(book))) == kept(book)


def test_magics_that_bind_nothing_hold_nothing_back(script: Script) -> None:
    book = notebook_of("%matplotlib inline\nx = 1", "%%time\ny = x\n!ls", "print(y)")
    ran = script(book)
    assert (ran.stdout, ran.stderr) == ("1\n", "")
    assert "active=" not in writes(book)


def test_another_language_is_written_inert() -> None:
    text = writes(
        notebook_of("x <- 1", "x = 1", kernelspec={"name": "ir", "language": "R"})
    )
    assert text.count('active="ipynb"') == 2


NAMES = st.sampled_from("abcd")
CELLS = st.one_of(
    st.builds("{0} = f('{0}', {1})".format, NAMES, NAMES),
    st.builds("{0} = f('{0}')".format, NAMES),
    st.builds("f({0})".format, NAMES),
)
LOG = "log = []\ndef f(*given):\n    log.append(given)\n    return str(given)"


@settings(deadline=None, max_examples=200)
@given(sources=st.lists(CELLS, max_size=7))
def test_each_cell_finds_what_the_rule_of_binding_gives_it(sources: list[str]) -> None:
    """The oracle is a naive evaluation that follows the rule by hand."""
    book = notebook_of(LOG, *sources)
    text = writes(book)
    if '"order": "document' in text:
        return
    space: dict[str, Any] = {"__name__": "nb"}
    try:
        exec(text, space)
    except NameError:
        return
    assert sorted(map(str, space["log"])) == sorted(map(str, by_the_rule(sources)))


def by_the_rule(sources: list[str]) -> list[tuple[str, ...]]:
    """Return what each cell is to give to `f`, each read resolved on its own."""
    parts = [re.match(r"(?:(\w) = )?f\((.*)\)", source) for source in sources]
    target = [part[1] for part in parts if part]
    given = [part[2].split(", ") for part in parts if part]

    def value(cell: int) -> tuple[str, ...]:
        return tuple(
            each.strip("'") if each[0] == "'" else str(value(source(each, cell)))
            for each in given[cell]
        )

    def begins(name: str, cell: int) -> bool:
        return target[cell] == name and name not in given[cell]

    def source(name: str, cell: int) -> int:
        writers = [i for i, each in enumerate(target) if each == name]
        roots = [i for i in writers if begins(name, i)]
        first = roots[0] if roots else 0
        place = {
            i: (i, 0, i) if i >= first else (first, 1, i) for i in range(len(target))
        }
        above = [i for i in writers if place[i] < place[cell]]
        return (
            max(above, key=place.__getitem__)
            if above
            else min(writers, key=place.__getitem__)
        )

    return [value(cell) for cell in range(len(sources))]
