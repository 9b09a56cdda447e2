"""Cells run after what they read; ties go by the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reactive_kernel.document import Cell, CellId, Document
from reactive_kernel.errors import UnknownCellError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reactive_kernel.graph import DefUseGraph

    GraphOf = Callable[..., DefUseGraph]

A, B, C, D, E = map(CellId, "abcde")


def test_a_writer_runs_before_its_readers_wherever_they_stand(
    graph_of: GraphOf,
) -> None:
    graph = graph_of("print(y)", "y = x", "x = 1", "z = 0")
    assert graph.order([D, A, C, B]) == [C, B, A, D]


def test_ties_go_by_the_document(graph_of: GraphOf) -> None:
    graph = graph_of("a = 1", "b = 2", "c = 3")
    moved = graph.updated(graph.document.ordered([C, A, B]))
    assert moved.order([A, B, C]) == [C, A, B]


def test_only_cells_asked_for_are_in_the_order(graph_of: GraphOf) -> None:
    graph = graph_of("print(x)", "x = y", "y = 1")
    assert graph.order([A, B]) == [B, A]


def test_a_reader_runs_before_its_object_is_changed(graph_of: GraphOf) -> None:
    graph = graph_of("xs.append(n)", "xs = []", "n = 1", "print(xs)")
    assert graph.order([A, B, C, D]) == [B, C, A, D]
    late = graph_of("first = len(xs) + n", "xs.append(1)", "xs = []", "n = 1")
    assert late.order([A, B, C, D]) == [C, D, A, B]


def test_a_reader_that_needs_the_change_runs_after_it(graph_of: GraphOf) -> None:
    graph = graph_of("n = len(xs) + m", "xs.append(1); m = 1", "xs = []")
    assert graph.order([A, B, C]) == [C, B, A]


def test_a_cycle_is_run_through_in_document_order(graph_of: GraphOf) -> None:
    graph = graph_of("print(a)", "a = b", "b = a + c", "c = 1")
    assert graph.order([A, B, C, D]) == [B, A, D, C]


def test_upstream_and_downstream_are_transitive(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "y = x", "z = y", "w = 0")
    assert graph.upstream([C]) == {A, B}
    assert graph.downstream([A]) == {B, C}
    assert graph.downstream([A, B]) == {B, C}


def test_a_cell_is_upstream_of_itself_only_on_a_cycle(graph_of: GraphOf) -> None:
    graph = graph_of("a = b", "b = a", "c = a")
    assert graph.upstream([A]) == {A, B}
    assert graph.downstream([B]) == {A, B, C}
    assert graph.downstream([C]) == frozenset()


def test_an_unknown_cell_is_named(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1")
    with pytest.raises(UnknownCellError, match="'nowhere'"):
        graph.inputs(CellId("nowhere"))
    with pytest.raises(UnknownCellError, match="'nowhere'"):
        graph.order([CellId("nowhere")])


def test_long_chains_need_no_recursion(graph_of: GraphOf) -> None:
    graph = graph_of()
    count = 3000
    cells = [Cell(CellId(f"{n}"), f"v{n} = v{n + 1}") for n in range(count)]
    document = Document((*cells, Cell(CellId("end"), f"v{count} = v0")))
    looped = graph.updated(document)
    cycle = looped.cycle(CellId("0"))
    assert cycle is not None
    assert len(cycle.cells) == count + 1
    straight = looped.updated(document.edited(CellId("end"), f"v{count} = 1"))
    ids = [cell.id for cell in document]
    assert straight.order(ids) == ids[::-1]
