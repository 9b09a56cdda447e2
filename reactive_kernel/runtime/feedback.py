"""Cells that change what they depend on: seen, and stopped after one pass.

Traits make edges that no text shows: a cell sets the value of a slider, and the cells
that read it follow. Two cells that set what the other reads would rerun each other for
ever. So it is kept in mind which runs led to which, and a cell is not rerun because of
a run that it has itself led to.

>>> chains = Chains()
>>> chains.begin("a")  # because of the user
>>> chains.lead_to("b")
()
>>> chains.begin("b")
>>> chains.lead_to("a")
('a', 'b')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reactive_kernel.document import CellId

__all__ = ["Chains", "Loop"]


@dataclass(frozen=True, slots=True)
class Loop:
    """Cells that led to each other, in the order of their runs, and by which source."""

    cells: tuple[CellId, ...]
    source: str


class Chains:
    """Which runs led to which, since everything was last settled."""

    def __init__(self) -> None:
        self._to_come: dict[CellId, tuple[CellId, ...]] = {}
        self._now: tuple[CellId, ...] = ()

    def begin(self, cell: CellId) -> None:
        """Note that a cell runs now."""
        earlier = self._to_come.pop(cell, ())
        self._now = (*(id for id in earlier if id != cell), cell)

    def lead_to(self, cell: CellId) -> tuple[CellId, ...]:
        """Note that the run of now makes another cell due.

        Returns
        -------
        tuple
            The loop that this would close: the cell, and the runs from it to the one of
            now. Empty if it closes none, and only then the cell may follow.
        """
        if cell in self._now:
            return self._now[self._now.index(cell) :]
        earlier = self._to_come.get(cell, ())
        self._to_come[cell] = tuple(dict.fromkeys((*earlier, *self._now)))
        return ()

    def start_at(self, cell: CellId) -> None:
        """Note that a cell is due because of something that no run did."""
        self._to_come.pop(cell, None)

    def clear(self) -> None:
        """Forget everything: all has settled."""
        self._to_come.clear()
        self._now = ()
