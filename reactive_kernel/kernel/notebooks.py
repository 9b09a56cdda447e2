"""Several notebooks on one kernel: each tells its own cells and leaves the others'.

They share the namespace, and so one document, in which the cells of one notebook stand
together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reactive_kernel.document import CellId

__all__ = ["Notebooks"]


class Notebooks:
    """Which cells each notebook has told, under the names that clients give them."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[CellId, ...]] = {}

    def tell(
        self, name: str, ids: Sequence[CellId]
    ) -> tuple[list[CellId], list[CellId]]:
        """Take in all cells of a notebook, and return those of the others.

        Returns
        -------
        tuple of list
            The cells of notebooks that told theirs earlier, and of those that came later.
            A cell that two of them tell belongs to the one that told it last.
        """
        own = set(ids)
        for other, cells in self._cells.items():
            self._cells[other] = tuple(id for id in cells if id not in own)
        self._cells[name] = tuple(ids)
        names = list(self._cells)
        place = names.index(name)
        return (
            [id for other in names[:place] for id in self._cells[other]],
            [id for other in names[place + 1 :] for id in self._cells[other]],
        )
