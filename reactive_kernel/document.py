"""Cells and documents: what a notebook's code is, apart from any run of it.

A `Document` never changes; an edit makes a new one with a higher revision:

>>> before = Document().inserted(Cell(CellId("a"), "x = 1"))
>>> after = before.edited(CellId("a"), "x = 2")
>>> before["a"].source, after["a"].source
('x = 1', 'x = 2')
>>> after.revision > before.revision
True
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NewType

from reactive_kernel.errors import UnknownCellError
from reactive_kernel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, KeysView, Mapping

__all__ = ["Cell", "CellId", "Document", "Settings"]

CellId = NewType("CellId", str)
"""An opaque id: a JupyterLab cell id, a VS Code document URI, or one we made up."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell: its id, its source text and its settings."""

    id: CellId
    source: str
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Document:
    """The code cells of a notebook, in document order; never changed in place.

    Parameters
    ----------
    cells
        The cells, first to last, each id once.
    revision
        Orders documents in time; each change counts one up.

    Raises
    ------
    ValueError
        If two cells share an id.
    """

    cells: tuple[Cell, ...] = ()
    revision: int = 0
    _position: Mapping[CellId, int] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not self._position and self.cells:
            position = {cell.id: index for index, cell in enumerate(self.cells)}
            if len(position) != len(self.cells):
                raise ValueError("two cells of a document share an id")
            object.__setattr__(self, "_position", position)

    @property
    def ids(self) -> KeysView[CellId]:
        """The ids of the cells; a set that is cheap to ask."""
        return self._position.keys()

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def __contains__(self, id: object) -> bool:
        return id in self._position

    def __getitem__(self, id: str) -> Cell:
        return self.cells[self.position(id)]

    def position(self, id: str) -> int:
        """Return the place of a cell in document order, counted from 0.

        Raises
        ------
        UnknownCellError
            If the document does not hold the cell.
        """
        try:
            return self._position[CellId(id)]
        except KeyError:
            raise UnknownCellError(id) from None

    def edited(
        self, id: CellId, source: str, settings: Settings | None = None
    ) -> Document:
        """Return the document with one cell's source (and settings) replaced."""
        index = self.position(id)
        old = self.cells[index]
        cell = replace(
            old, source=source, settings=old.settings if settings is None else settings
        )
        if cell == old:
            return self
        cells = (*self.cells[:index], cell, *self.cells[index + 1 :])
        return Document(cells, self.revision + 1, self._position)

    def inserted(self, cell: Cell, position: int | None = None) -> Document:
        """Return the document with a new cell at `position` (None: at the end)."""
        if position is None or position >= len(self.cells):
            if cell.id in self._position:
                raise ValueError(f"the notebook already has a cell {cell.id!r}")
            places = {**self._position, cell.id: len(self.cells)}
            return Document((*self.cells, cell), self.revision + 1, places)
        return Document(
            (*self.cells[:position], cell, *self.cells[position:]), self.revision + 1
        )

    def without(self, ids: Iterable[CellId]) -> Document:
        """Return the document without some cells; unknown ids are ignored."""
        gone = {id for id in ids if id in self._position}
        if not gone:
            return self
        kept = tuple(cell for cell in self.cells if cell.id not in gone)
        return Document(kept, self.revision + 1)

    def ordered(self, ids: Iterable[CellId]) -> Document:
        """Return the document in a new order; cells not named are deleted.

        Raises
        ------
        UnknownCellError
            If an id is not in the document.
        """
        cells = tuple(self[id] for id in ids)
        if cells == self.cells:
            return self
        return Document(cells, self.revision + 1)
