"""In which order cells run: after what they read, ties in document order."""

from __future__ import annotations

from collections import defaultdict
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reactive_kernel.document import CellId, Document
    from reactive_kernel.graph.tables import Node, Tables

__all__ = ["evaluation_order", "program_order", "strongly_connected"]

Before: TypeAlias = "dict[CellId, set[CellId]]"
"""For each cell: those that must run before it."""


def evaluation_order(
    tables: Tables,
    document: Document,
    ids: Iterable[CellId],
    *,
    rebinding: bool = False,
) -> list[CellId]:
    """Return cells in an order in which each runs after those it reads from.

    Only edges between two of the cells count. A cell that changes an object in place
    comes after the other readers of the version that it changes, where that is possible.
    The edges of a cycle that point down the document are ignored.

    Parameters
    ----------
    tables
        The graph.
    document
        Its document.
    ids
        The cells.
    rebinding
        Let a cell that gives a name a new object wait for the readers of the previous
        one as well: what a namespace without versions needs.
    """
    wanted = set(ids)
    inline = sorted(wanted, key=document.position)
    if wanted.isdisjoint(tables.below):
        return inline
    before: Before = {id: writers_of(tables.nodes[id], wanted) for id in inline}
    break_cycles(before, document)
    wait_for_readers(before, tables, document, rebinding=rebinding)
    return sorted_by_edges(before, document)


def program_order(tables: Tables, document: Document) -> list[CellId]:
    """Return all cells in the order in which plain Python has to run them.

    It is document order but that each cell comes after all that it waits for. A name
    has one value at a time in plain Python, so a cell that gives it a new one waits for
    the readers of the previous one. What cannot be had is left out, as in
    `evaluation_order`.
    """
    if not tables.below:
        return [cell.id for cell in document]
    ids = {cell.id for cell in document}
    before: Before = {id: writers_of(tables.nodes[id], ids) for id in ids}
    break_cycles(before, document)
    wait_for_readers(before, tables, document, rebinding=True)
    return pulled_up(before, document)


def pulled_up(before: Before, document: Document) -> list[CellId]:
    """Return cells in document order, each after those before it."""
    found: dict[CellId, None] = {}
    for cell in document:
        stack = [(cell.id, False)]
        while stack:
            id, complete = stack.pop()
            if complete:
                found[id] = None
            elif id not in found:
                waits_for = sorted(before[id], key=document.position, reverse=True)
                stack.append((id, True))
                stack += [(other, False) for other in waits_for if other not in found]
    return list(found)


def writers_of(node: Node, wanted: set[CellId]) -> set[CellId]:
    """Return those of some cells that a cell reads from."""
    return {id for id in node.inputs.values() if id is not None and id in wanted}


def break_cycles(before: Before, document: Document) -> None:
    """Drop the edges of each cycle that point down the document."""
    position = document.position
    for loop in strongly_connected(before, before.__getitem__):
        for id in loop:
            here = position(id)
            before[id] -= {
                other for other in before[id] & loop if position(other) > here
            }


def wait_for_readers(
    before: Before, tables: Tables, document: Document, *, rebinding: bool
) -> None:
    """Let each cell that changes an object wait for the readers of what was there."""
    waits: defaultdict[CellId, set[CellId]] = defaultdict(set)
    for id in before:
        for name, source in tables.nodes[id].inputs.items():
            after = source and tables.names[name].full.after(source, document)
            if not after or after == id or after not in before:
                continue
            if rebinding or name in tables.nodes[after].mutates:
                waits[after].add(id)

    def all_edges(id: CellId) -> set[CellId]:
        return before[id] | waits[id]

    for loop in strongly_connected(before, all_edges):
        for id in loop:
            waits[id] -= loop
    for id, others in waits.items():
        before[id] |= others


def sorted_by_edges(before: Before, document: Document) -> list[CellId]:
    """Return cells after those before them, else in document order."""
    after: defaultdict[CellId, list[CellId]] = defaultdict(list)
    for id, others in before.items():
        for other in others:
            after[other].append(id)
    missing = {id: len(others) for id, others in before.items()}
    ready = [(document.position(id), id) for id, count in missing.items() if not count]
    heapify(ready)
    found = []
    while ready:
        _, id = heappop(ready)
        found.append(id)
        for other in after[id]:
            missing[other] -= 1
            if not missing[other]:
                heappush(ready, (document.position(other), other))
    return found


def strongly_connected(
    starts: Iterable[CellId], edges: Callable[[CellId], Iterable[CellId]]
) -> list[frozenset[CellId]]:
    """Return the groups of two or more cells that all reach each other.

    Tarjan's algorithm, without recursion: chains of cells can be long.

    Examples
    --------
    >>> edges = {"a": "b", "b": "ac", "c": "d", "d": ""}
    >>> [sorted(group) for group in strongly_connected("a", edges.__getitem__)]
    [['a', 'b']]
    """
    found: list[frozenset[CellId]] = []
    index: dict[CellId, int] = {}
    low: dict[CellId, int] = {}
    path: dict[CellId, None] = {}  # visited and not yet in a group, in order
    for start in starts:
        if start in index:
            continue
        stack: list[tuple[CellId, Iterator[CellId]]] = []
        enter(start, edges, index, low, path, stack)
        while stack:
            id, rest = stack[-1]
            for other in rest:
                if other not in index:
                    enter(other, edges, index, low, path, stack)
                    break
                if other in path:
                    low[id] = min(low[id], index[other])
            else:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    low[parent] = min(low[parent], low[id])
                if low[id] == index[id]:
                    group = set()
                    while id not in group:
                        group.add(path.popitem()[0])
                    if len(group) > 1:
                        found.append(frozenset(group))
    return found


def enter(
    id: CellId,
    edges: Callable[[CellId], Iterable[CellId]],
    index: dict[CellId, int],
    low: dict[CellId, int],
    path: dict[CellId, None],
    stack: list[tuple[CellId, Iterator[CellId]]],
) -> None:
    """Begin the visit of one cell."""
    index[id] = low[id] = len(index)
    path[id] = None
    stack.append((id, iter(edges(id))))
