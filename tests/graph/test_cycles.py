"""Cells that depend on each other are reported with the names on each edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.document import Cell, CellId
from reactive_kernel.graph import Edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from reactive_kernel.graph import DefUseGraph

    GraphOf = Callable[..., DefUseGraph]

A, B, C, D = map(CellId, "abcd")


def test_a_cycle_names_its_cells_and_edges(graph_of: GraphOf) -> None:
    graph = graph_of("a = b", "b = a", "print(a)")
    cycle = graph.cycle(B)
    assert cycle is not None
    assert cycle.cells == (A, B)
    assert set(cycle.edges) == {
        Edge(B, A, frozenset("b")),
        Edge(A, B, frozenset("a")),
    }
    assert graph.cycle(C) is None


def test_a_cycle_begins_with_an_edge_down_and_ends_when_it_goes(
    graph_of: GraphOf,
) -> None:
    straight = graph_of("a = 1", "b = a", "c = b")
    bent = straight.updated(straight.document.edited(A, "a = c"))
    assert bent.rebound == {A, B, C}
    assert bent.upstream([A]) == {A, B, C}
    mended = bent.updated(bent.document.edited(B, "b = 2"))
    assert mended.cycle(A) is None
    assert mended.rebound == {A, B, C}


def test_a_definition_above_dissolves_a_cycle(graph_of: GraphOf) -> None:
    before = graph_of("a = b", "b = a")
    after = before.updated(before.document.inserted(Cell(C, "b = 0"), 0))
    assert after.cycle(A) is None
    assert after.rebound == {A, B, C}


def test_a_deleted_cell_ends_its_cycle(graph_of: GraphOf) -> None:
    before = graph_of("a = c", "b = a", "c = b")
    after = before.updated(before.document.without([B]))
    assert after.cycle(A) is None
    assert after.rebound == {A, C}


def test_cycles_next_to_each_other_are_apart(graph_of: GraphOf) -> None:
    graph = graph_of("a = b", "b = a", "c = d + a", "d = c")
    first, second = graph.cycle(A), graph.cycle(C)
    assert first is not None
    assert second is not None
    assert (first.cells, second.cells) == ((A, B), (C, D))


def test_a_cell_that_only_reads_its_own_name_is_no_cycle(graph_of: GraphOf) -> None:
    assert graph_of("n = n + 1").cycle(A) is None


def test_what_is_left_of_a_broken_cycle_can_be_one(graph_of: GraphOf) -> None:
    before = graph_of("a = d", "b = c", "c = b + a", "d = c")
    after = before.updated(before.document.edited(A, "a = 1"))
    cycle = after.cycle(C)
    assert cycle is not None
    assert cycle.cells == (B, C)
    assert after.cycle(D) is None
