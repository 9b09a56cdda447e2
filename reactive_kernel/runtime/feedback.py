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

from collections import deque
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
        self._now: CellId | None = None
        self._causes: dict[CellId, tuple[CellId, ...]] = {}
        self._to_come: dict[CellId, dict[CellId, None]] = {}

    def begin(self, cell: CellId) -> None:
        """Note that a cell runs now."""
        self._causes[cell] = tuple(self._to_come.pop(cell, ()))
        self._now = cell

    def lead_to(self, cell: CellId) -> tuple[CellId, ...]:
        """Note that the run of now makes another cell due.

        Returns
        -------
        tuple
            The loop that this would close: the cell, and the runs from it to the one of
            now. Empty if it closes none, and only then the cell may follow.
        """
        if self._now is None:
            return ()
        if cell in self._causes and (path := self._path(cell, self._now)):
            return path
        self._to_come.setdefault(cell, {})[self._now] = None
        return ()

    def _path(self, first: CellId, last: CellId) -> tuple[CellId, ...]:
        """Return the runs by which one led to another; empty if it did not."""
        effects: dict[CellId, CellId | None] = {last: None}
        waiting = deque(effects)
        while waiting and first not in effects:
            effect = waiting.popleft()
            for cause in self._causes.get(effect, ()):
                if cause not in effects:
                    effects[cause] = effect
                    waiting.append(cause)
        path: list[CellId] = []
        at = first if first in effects else None
        while at is not None:
            path.append(at)
            at = effects[at]
        return tuple(path)

    def start_at(self, cell: CellId) -> None:
        """Note that a cell is due because of something that no run did."""
        self._to_come.pop(cell, None)

    def clear(self) -> None:
        """Forget everything: all has settled."""
        self._to_come.clear()
        self._causes.clear()
        self._now = None
