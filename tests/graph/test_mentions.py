from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.errors import NameRefusedError
from reactive_kernel.graph import find, rename
from reactive_kernel.graph.mentions import edited

if TYPE_CHECKING:
    from collections.abc import Callable

    from reactive_kernel.graph import DefUseGraph

    GraphOf = Callable[..., DefUseGraph]


def definition(graph: DefUseGraph, name: str, at: tuple[str, int, int]) -> object:
    """Return cell, line and column of the definition that a place means."""
    found = find(graph, name, at=(CellId(at[0]), at[1], at[2])).definition
    return found and (found.cell, found.span.line, found.span.column)


def renamed(graph: DefUseGraph, name: str, to: str) -> list[str]:
    """Return the texts of all cells after a renaming."""
    edits = rename(graph, name, to).edits
    return [
        edited(cell.source, [edit for edit in edits if edit.cell == cell.id])
        for cell in graph.document
    ]


@pytest.mark.parametrize(
    ("cells", "at", "expected"),
    [
        pytest.param(("x = 1", "x + 1"), ("b", 1, 0), ("a", 1, 0), id="above"),
        pytest.param(("x + 1", "x = 1"), ("a", 1, 0), ("b", 1, 0), id="below"),
        pytest.param(("x = 1", "x = 2", "x"), ("c", 1, 1), ("b", 1, 0), id="nearest"),
        pytest.param(("x = 1", "x = x"), ("b", 1, 4), ("a", 1, 0), id="own input"),
        pytest.param(("x = 1", "x = 2\nx"), ("b", 2, 0), ("b", 1, 0), id="own"),
        pytest.param(("x = 1", "x = 2"), ("b", 1, 0), ("a", 1, 0), id="the one before"),
        pytest.param(("x = 1",), ("a", 1, 0), ("a", 1, 0), id="the only one"),
        pytest.param(
            ("x = []", "x.append(1)", "x"), ("c", 1, 0), ("a", 1, 0), id="past a change"
        ),
        pytest.param(
            ("y = 1; x = 1", "def f(): return x"), ("b", 1, 16), ("a", 1, 7), id="body"
        ),
        pytest.param(("print(x)",), ("a", 1, 6), None, id="nowhere"),
    ],
)
def test_a_mention_leads_to_the_definition_that_it_means(
    graph_of: GraphOf,
    cells: tuple[str, ...],
    at: tuple[str, int, int],
    expected: object,
) -> None:
    assert definition(graph_of(*cells), "x", at) == expected


@pytest.mark.parametrize(
    ("source", "column"),
    [
        pytest.param("lambda x: x", 10, id="parameter"),
        pytest.param("o.x", 2, id="attribute"),
        pytest.param("'x'", 1, id="text"),
        pytest.param("f(x=1)", 2, id="keyword"),
    ],
)
def test_what_is_spelled_alike_is_no_mention(
    graph_of: GraphOf, source: str, column: int
) -> None:
    graph = graph_of("x = 1", source)
    with pytest.raises(NameRefusedError, match="`x` is no name of the notebook here"):
        find(graph, "x", at=(CellId("b"), 1, column))
    assert [mention.cell for mention in find(graph, "x").mentions] == ["a"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(("x = 1", "x + 1"), ["y = 1", "y + 1"], id="everywhere"),
        pytest.param(("x = 1\nx += x",), ["y = 1\ny += y"], id="several in a line"),
        pytest.param(
            ("x = 1", "def f(x): x"), ["y = 1", "def f(x): x"], id="not local"
        ),
        pytest.param(("x = 1", "o.x + x"), ["y = 1", "o.x + y"], id="not attribute"),
        pytest.param(("x = 1", "f(x=x)"), ["y = 1", "f(x=y)"], id="not keyword"),
        pytest.param(
            ("x = 1", "'x'; '''\n'''+x"), ["y = 1", "'x'; '''\n'''+y"], id="text"
        ),
        pytest.param(("x = 1", "f'{x}'"), ["y = 1", "f'{y}'"], id="f-string"),
        pytest.param(("import x", "x.a"), ["import x as y", "y.a"], id="import"),
        pytest.param(
            ("from m import x, z", "x"), ["from m import x as y, z", "y"], id="from"
        ),
        pytest.param(("import m as x",), ["import m as y"], id="import as"),
        pytest.param(
            ("def f():\n  global x\n  x = 1\nf()",),
            ["def f():\n  global y\n  y = 1\nf()"],
            id="global",
        ),
        pytest.param(
            ("@d\ndef x(): return x()",), ["@d\ndef y(): return y()"], id="function"
        ),
        pytest.param(("x = 'é'; x", ""), ["y = 'é'; y", ""], id="wide characters"),
    ],
)
def test_a_renaming_edits_every_mention_and_nothing_else(
    graph_of: GraphOf, cells: tuple[str, ...], expected: list[str]
) -> None:
    assert renamed(graph_of(*cells), "x", "y") == expected


@pytest.mark.parametrize(
    ("cells", "to", "why"),
    [
        pytest.param(("x = 1",), "a b", "cannot be a name", id="no identifier"),
        pytest.param(("x = 1",), "class", "cannot be a name", id="keyword"),
        pytest.param(("x = 1",), "sum", "means something in Python", id="builtin"),
        pytest.param(("x = 1", "y = 2"), "y", "there is a `y`", id="defined"),
        pytest.param(("x = 1", "lambda y: x"), "y", "b already uses", id="captured"),
        pytest.param(("x = 1", "print(y)"), "y", "b already uses", id="missing name"),
        pytest.param(("print(x)",), "y", "no cell defines `x`", id="undefined"),
        pytest.param(("x = 1", "exec(s)"), "y", "b runs `exec`", id="exec"),
        pytest.param(("x = 1", "x = = 1"), "y", "does not parse", id="broken"),
        pytest.param(("x = 1", "d.query('a > @x')"), "y", "has `@x` in it", id="query"),
        pytest.param(("x = 1", "d.eval('a + x')"), "y", "to `eval`", id="eval"),
        pytest.param(("import x.z", "x.z"), "y", "imports `x.z`", id="dotted"),
        pytest.param(
            ("x = 1", "class A:\n def f(s): return __x", "class B: pass\n__x = 1"),
            "__y",
            "no cell defines `_A__x`",
            id="mangled",
        ),
    ],
)
def test_a_renaming_that_may_change_something_is_refused(
    graph_of: GraphOf, cells: tuple[str, ...], to: str, why: str
) -> None:
    name = "_A__x" if to == "__y" else "x"
    with pytest.raises(NameRefusedError, match=why):
        rename(graph_of(*cells), name, to)


def test_a_star_import_that_has_not_run_may_give_the_name(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "from m import *")
    with pytest.raises(
        NameRefusedError, match=r"b may get `x` from `from m import \*`"
    ):
        rename(graph, "x", "y", unknown=[CellId("b")])
    assert rename(graph, "x", "y").edits


def test_where_the_word_still_stands_is_told(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1  # x", "o.x", "z = x", "xs = 1")
    assert rename(graph, "x", "y").left == ("a", "b")
