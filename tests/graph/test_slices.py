"""A slice is the smallest notebook that computes a cell, for plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from reactive_kernel.analysis import analyse
from reactive_kernel.document import Cell, CellId, Document
from reactive_kernel.graph import DefUseGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    GraphOf = Callable[..., DefUseGraph]

A, B, C, D = map(CellId, "abcd")


def ids(cells: Iterable[Cell]) -> list[CellId]:
    return [cell.id for cell in cells]


def test_a_slice_holds_only_what_a_cell_needs(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "y = 2", "z = x")
    assert ids(graph.slice(C)) == [A, C]


def test_a_slice_is_in_evaluation_order(graph_of: GraphOf) -> None:
    graph = graph_of("print(y)", "y = x", "x = 1")
    assert ids(graph.slice(A)) == [C, B, A]


def test_a_slice_holds_the_changes_of_an_object(graph_of: GraphOf) -> None:
    graph = graph_of("xs.append(1)", "xs = []", "n = 1", "print(xs)")
    assert ids(graph.slice(D)) == [B, A, D]


def test_a_slice_reads_a_version_before_the_next_one(graph_of: GraphOf) -> None:
    graph = graph_of("y = x + k", "x = x + 1", "x = 1", "print(x, y); k = 1")
    assert ids(graph.slice(D))[-1] == D
    apart = graph_of("y = x + k", "x = x + 1; z = x", "x = 1; k = 2", "print(z, y)")
    assert ids(apart.slice(D)) == [C, A, B, D]


STATEMENTS = (
    "x = 1",
    "x = x + 1",
    "y = x * 3",
    "y = y + x",
    "z = x - y",
    "xs = [1]",
    "xs.append(x)",
    "xs.append(y)",
    "z = sum(xs)",
    "def f(): return x + 1",
    "y = f()",
    "def g(): xs.append(f())",
    "g()",
)


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_slice_of_a_notebook_that_runs_gives_what_the_notebook_gives(
    statements: list[str],
) -> None:
    whole: dict[str, object] = {}
    cells: list[Cell] = []
    results: list[dict[str, str]] = []
    for index, statement in enumerate(statements):
        try:
            exec(statement, whole)
        except NameError:
            continue  # as if the cell were not there
        cells.append(Cell(CellId(f"c{index}"), statement))
        results.append(shown(whole))
    graph = DefUseGraph.of(Document(tuple(cells)), lambda cell: analyse(cell.source))
    for cell, result in zip(cells, results, strict=True):
        alone: dict[str, object] = {}
        for part in graph.slice(cell.id):
            exec(part.source, alone)
        written = graph.defuse(cell.id).definitions.keys() | graph.mutates(cell.id)
        for name in written & shown(alone).keys():
            assert shown(alone)[name] == result[name]


def shown(namespace: dict[str, object]) -> dict[str, str]:
    """Return the plain values of a namespace as text."""
    return {
        name: repr(value)
        for name, value in namespace.items()
        if not name.startswith("__") and not callable(value)
    }
