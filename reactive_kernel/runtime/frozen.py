"""The frozen cells of a notebook, and the cells that rest on the values they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.planning import resting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reactive_kernel.document import CellId, Document
    from reactive_kernel.graph import DefUseGraph

__all__ = ["FrozenCells"]


class FrozenCells:
    """Follows a notebook; costs nothing where no cell is frozen."""

    def __init__(self) -> None:
        self._frozen: frozenset[CellId] = frozenset()
        self._rests_on: Mapping[CellId, tuple[CellId, ...]] = {}

    def under(self, id: CellId) -> tuple[CellId, ...]:
        """Return the frozen cells that a cell rests on, in document order."""
        return self._rests_on.get(id, ())

    def note(self, document: Document, edited: Collection[CellId]) -> None:
        """Take in a new document, in which some cells are new or edited."""
        kept = (id for id in self._frozen.difference(edited) if id in document)
        new = (id for id in edited if document[id].settings.frozen)
        self._frozen = frozenset((*kept, *new))

    def follow(self, graph: DefUseGraph) -> set[CellId]:
        """Take in a new graph; return the cells that rest on other frozen ones now."""
        before = self._rests_on
        if not (before or self._frozen):
            return set()
        now = self._rests_on = resting(graph, self._frozen)
        return {id for id, _frozen in before.items() ^ now.items()}
