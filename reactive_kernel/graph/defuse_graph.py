"""The graph itself: what to ask it, and how to get the next version."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reactive_kernel.document import Document
from reactive_kernel.errors import UnknownCellError
from reactive_kernel.graph.cycles import Cycle, cycle_of
from reactive_kernel.graph.findings import findings
from reactive_kernel.graph.order import evaluation_order, program_order
from reactive_kernel.graph.resolve import readers, writer
from reactive_kernel.graph.slices import slice_of
from reactive_kernel.graph.tables import Tables
from reactive_kernel.graph.update import updated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from reactive_kernel.analysis import DefUse
    from reactive_kernel.diagnostic import Diagnostic
    from reactive_kernel.document import Cell, CellId
    from reactive_kernel.graph.tables import Node

__all__ = ["DefUseGraph"]


@dataclass(frozen=True, slots=True, eq=False)
class DefUseGraph:
    """Which cell takes which name from which other cell; never changed in place.

    Made by `of` and `updated` only.

    Parameters
    ----------
    document
        The notebook that the graph describes.
    rebound
        The cells whose inputs, own record or cycle differ from those in the graph that
        this one was updated from; after `of`, all cells.
    """

    document: Document
    rebound: frozenset[CellId]
    _analyse: Callable[[Cell], DefUse]
    _tables: Tables

    @classmethod
    def of(cls, document: Document, analyse: Callable[[Cell], DefUse]) -> DefUseGraph:
        """Return the graph of a notebook.

        Parameters
        ----------
        document
            The notebook.
        analyse
            Returns the record of a cell; called once per cell, and by `updated` for
            cells that are new or edited.
        """
        empty = cls(Document(), frozenset(), analyse, Tables())
        return empty.updated(document)

    def updated(
        self, document: Document, recheck: Collection[CellId] = ()
    ) -> DefUseGraph:
        """Return the graph of another version of the notebook.

        A cell that no longer parses keeps its record, except for the diagnostics.

        Parameters
        ----------
        document
            The notebook now.
        recheck
            Unchanged cells to analyse again because more is known about them.
        """
        tables, rebound = updated(
            self._tables, self.document, document, self._analyse, recheck
        )
        return DefUseGraph(document, rebound, self._analyse, tables)

    def _node(self, id: CellId) -> Node:
        try:
            return self._tables.nodes[id]
        except KeyError:
            raise UnknownCellError(id) from None

    def defuse(self, id: CellId) -> DefUse:
        """Return the record of a cell."""
        return self._node(id).record

    def inputs(self, id: CellId) -> Mapping[str, CellId | None]:
        """Return every name that a cell reads, with its writer.

        None stands for a name that nobody defines. Names of Python and IPython are
        among them only where a cell above binds them.
        """
        return self._node(id).inputs

    def unbound(self, id: CellId) -> frozenset[str]:
        """Return the names that a cell reads as it finds them above the first cell.

        They are names of Python and IPython, and files and settings.
        """
        node = self._node(id)
        return frozenset(node.reads) - node.inputs.keys()

    def writes(self, id: CellId) -> frozenset[str]:
        """Return the names that a cell binds, changes or deletes.

        Those that it changes by calling functions of other cells are among them. A
        disabled cell writes nothing.
        """
        return frozenset(self._node(id).writes)

    def mutates(self, id: CellId) -> frozenset[str]:
        """Return the names whose objects a cell changes in place."""
        return self._node(id).mutates

    def readers(self, id: CellId) -> Mapping[CellId, frozenset[str]]:
        """Return the cells that read from a cell, in document order, and what."""
        taken: defaultdict[CellId, set[str]] = defaultdict(set)
        for reader, name in self._edges(id):
            taken[reader].add(name)
        ordered = sorted(taken, key=self.document.position)
        return {reader: frozenset(taken[reader]) for reader in ordered}

    def is_read(self, id: CellId, name: str) -> bool:
        """Tell whether some cell reads a name from a cell."""
        return name in self._node(id).writes and any(self._readers(id, name))

    def _edges(self, id: CellId) -> Iterator[tuple[CellId, str]]:
        """Yield each reader of a cell with each name."""
        for name in self._node(id).writes:
            for reader in self._readers(id, name):
                yield reader, name

    def _readers(self, id: CellId, name: str) -> Iterator[CellId]:
        """Yield each reader of one name that a cell writes."""
        nodes, entry = self._tables.nodes, self._tables.names[name]
        for reader in readers(entry.full, id, entry.watchers, self.document):
            if nodes[reader].inputs.get(name) == id:
                yield reader

    def binding(self, id: CellId, name: str) -> CellId | None:
        """Return the writer that a cell would take any name from, if it read it."""
        entry = self._tables.names.get(name)
        return writer(entry.full, id, self.document) if entry else None

    def called(self, id: CellId, name: str) -> frozenset[str]:
        """Return the names that calling a value reads or changes, called by a cell."""
        found: set[str] = set()
        pending = [name]
        while pending:
            at = pending.pop()
            entry = self._tables.names.get(at)
            maker = writer(entry.text, id, self.document) if entry else None
            does = self._node(maker).calls.get(at) if maker else None
            if does:
                more = (does.uses | does.mutates) - found
                found |= more
                pending += more
        return frozenset(found)

    def writers(self, name: str) -> tuple[CellId, ...]:
        """Return the successive versions of a name: its writers, by place."""
        entry = self._tables.names.get(name)
        return entry.full.order if entry else ()

    def last_writer(self, name: str) -> CellId | None:
        """Return the cell that leaves the final version of a name."""
        writers = self.writers(name)
        return writers[-1] if writers else None

    def disabled_writers(self, name: str) -> tuple[CellId, ...]:
        """Return the disabled cells that would write a name, in document order."""
        found = (
            id
            for id in self._tables.disabled
            for record in (self.defuse(id),)
            if name in record.definitions
            or name in record.mutates
            or name in record.deletes
        )
        return tuple(sorted(found, key=self.document.position))

    def upstream(self, ids: Iterable[CellId]) -> frozenset[CellId]:
        """Return all cells that some cells depend on."""

        def writers(id: CellId) -> Iterator[CellId]:
            return (at for at in self._node(id).inputs.values() if at is not None)

        return reached(ids, writers)

    def downstream(self, ids: Iterable[CellId]) -> frozenset[CellId]:
        """Return all cells that depend on some cells."""
        return reached(ids, lambda id: (reader for reader, _ in self._edges(id)))

    def order(self, ids: Iterable[CellId]) -> list[CellId]:
        """Return cells in an order in which each runs after those it reads from.

        Ties go by the document. Only edges between two of the cells count, which is all
        there is to it for a set that holds everything downstream of its cells that may
        run, as a cascade does, or everything upstream.
        """
        return evaluation_order(self._tables, self.document, ids)

    def program(self) -> list[CellId]:
        """Return all cells in the order in which plain Python has to run them.

        Document order, but for cells that others above them need, or that must come
        before a name gets its next value.
        """
        return program_order(self._tables, self.document)

    def cycle(self, id: CellId) -> Cycle | None:
        """Return the cycle that a cell is in."""
        cells = self._tables.cycles.get(id)
        return cycle_of(cells, self._tables.nodes, self.document) if cells else None

    def slice(self, id: CellId) -> Document:
        """Return the smallest notebook that computes a cell, in evaluation order."""
        return slice_of(self, self._tables, id)

    def findings(self, id: CellId) -> tuple[Diagnostic, ...]:
        """Return what is wrong or remarkable about a cell."""
        return findings(self, id, complete=not self._tables.unseen)


def reached(
    starts: Iterable[CellId], edges: Callable[[CellId], Iterable[CellId]]
) -> frozenset[CellId]:
    """Return all that can be reached over at least one edge."""
    found: set[CellId] = set()
    queue = deque(starts)
    while queue:
        for id in edges(queue.popleft()):
            if id not in found:
                found.add(id)
                queue.append(id)
    return frozenset(found)
