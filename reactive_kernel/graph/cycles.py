"""Cells that depend on each other.

An edge to a cell above can never close a cycle by itself: going up and up does not
lead back. So every cycle has an edge to a cell further *down*, and spans no more of the
document than such edges do. The search starts at them, stays within what they span, and
looks only where an edge has changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reactive_kernel.document import CellId
from reactive_kernel.graph.order import strongly_connected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from reactive_kernel.document import Document
    from reactive_kernel.graph.tables import Node

__all__ = ["Cycle", "Edge", "cycle_of", "cycles_after"]


@dataclass(frozen=True, slots=True)
class Edge:
    """What one cell takes from another."""

    writer: CellId
    reader: CellId
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Cells that depend on each other, so that none can run first.

    Parameters
    ----------
    cells
        The cells, in document order.
    edges
        What they take from each other.
    """

    cells: tuple[CellId, ...]
    edges: tuple[Edge, ...]

    def names(self, through: CellId) -> tuple[str, ...]:
        """Return the names along a shortest way round, the first one repeated at the end.

        Examples
        --------
        >>> a, b = CellId("a"), CellId("b")
        >>> there, back = Edge(a, b, frozenset("x")), Edge(b, a, frozenset("y"))
        >>> Cycle((a, b), (there, back)).names(through=a)
        ('x', 'y', 'x')
        """
        came: dict[CellId, Edge] = {}
        queue = deque([through])
        while queue and through not in came:
            here = queue.popleft()
            for edge in self.edges:
                if edge.writer == here and edge.reader not in came:
                    came[edge.reader] = edge
                    queue.append(edge.reader)
        way = [came[through]]
        while way[-1].writer != through:
            way.append(came[way[-1].writer])
        names = tuple(min(edge.names) for edge in reversed(way))
        return (*names, names[0])


def cycle_of(
    cells: frozenset[CellId], nodes: Mapping[CellId, Node], document: Document
) -> Cycle:
    """Return the cycle that some cells are in."""
    ordered = tuple(sorted(cells, key=document.position))
    taken: dict[tuple[CellId, CellId], set[str]] = {}
    for reader in ordered:
        for name, source in nodes[reader].inputs.items():
            if source in cells:
                taken.setdefault((CellId(source), reader), set()).add(name)
    edges = (Edge(*ends, frozenset(names)) for ends, names in taken.items())
    return Cycle(ordered, tuple(edges))


def cycles_after(
    old: Mapping[CellId, frozenset[CellId]],
    nodes: Mapping[CellId, Node],
    document: Document,
    below: Collection[CellId],
    changed: Collection[CellId],
    linked: Collection[CellId],
) -> Mapping[CellId, frozenset[CellId]]:
    """Return all cycles, by cell, after a change.

    Parameters
    ----------
    old
        The cycles before the change.
    nodes
        The cells' nodes after it.
    document
        The document after it.
    below
        The cells that read from a cell further down.
    changed
        The cells whose edges or position may have changed.
    linked
        Those of them that both read from a cell and are read: each new cycle has one.
    """
    if not below and not old:
        return old
    kept = {
        id: group
        for id, group in old.items()
        if group.isdisjoint(changed) and all(other in nodes for other in group)
    }
    # What is left of a broken cycle may hold a smaller one.
    freed = {id for id in old.keys() - kept.keys() if id in nodes}
    if not (freed or linked):
        return kept if len(kept) < len(old) else old
    found = {
        id: group
        for low, high in touched(
            spanned(below, nodes, document), freed.union(linked), document
        )
        for group in groups(low, high, below, nodes, document)
        for id in group
    }
    return {**kept, **found}


def spanned(
    below: Collection[CellId], nodes: Mapping[CellId, Node], document: Document
) -> Iterator[tuple[int, int]]:
    """Yield what the edges to cells further down span, overlapping ones as one."""
    position = document.position
    low = high = -1
    for id in sorted(below, key=position):
        here = position(id)
        deepest = max(
            position(at) for at in nodes[id].inputs.values() if at is not None
        )
        if here > high:
            if high >= 0:
                yield low, high
            low = here
        high = max(high, deepest)
    if high >= 0:
        yield low, high


def touched(
    spans: Iterator[tuple[int, int]], changed: Collection[CellId], document: Document
) -> Iterator[tuple[int, int]]:
    """Yield the spans in which a cell has changed."""
    at = sorted(document.position(id) for id in changed)
    for low, high in spans:
        following = bisect_right(at, low - 1)
        if following < len(at) and at[following] <= high:
            yield low, high


def groups(
    low: int,
    high: int,
    below: Collection[CellId],
    nodes: Mapping[CellId, Node],
    document: Document,
) -> list[frozenset[CellId]]:
    """Return the cycles within one span of the document."""
    position = document.position

    def within(id: CellId | None) -> bool:
        return id is not None and low <= position(id) <= high

    def edges(id: CellId) -> list[CellId]:
        return [at for at in nodes[id].inputs.values() if at is not None and within(at)]

    return strongly_connected(filter(within, below), edges)
