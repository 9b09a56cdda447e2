"""What changed in a session and was not told yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reactive_kernel.document import CellId, Document

__all__ = ["Changes", "News"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since it was last asked for."""

    cells: frozenset[CellId]
    removed: tuple[CellId, ...]
    order: bool

    def __bool__(self) -> bool:
        return bool(self.cells or self.removed or self.order)


class News:
    """Collects what a client does not know yet."""

    def __init__(self) -> None:
        self._cells: set[CellId] = set()
        self._removed: list[CellId] = []
        self._reordered = False

    def changed(self, ids: Iterable[CellId]) -> None:
        """Note cells about which something changed."""
        self._cells.update(ids)

    def moved(self, *, removed: Iterable[CellId], order: bool) -> None:
        """Note cells that were removed, and whether the order changed."""
        self._removed.extend(removed)
        self._reordered |= order

    def drain(self, document: Document) -> Changes:
        """Return what was noted, and count it as told."""
        changes = Changes(
            frozenset(id for id in self._cells if id in document),
            tuple(id for id in self._removed if id not in document),
            self._reordered,
        )
        self._cells.clear()
        self._removed.clear()
        self._reordered = False
        return changes
