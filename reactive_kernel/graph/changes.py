"""Which cells differ between two documents, found at a small cost per unchanged cell.

>>> from reactive_kernel.document import Cell, CellId, Document
>>> old = Document(tuple(Cell(CellId(id), "") for id in "abcd"))
>>> new = old.ordered([CellId(id) for id in "dac"]).edited(CellId("c"), "x")
>>> changes = Changes.between(old, new)
>>> sorted(changes.gone), sorted(changes.moved), sorted(changes.edited)
(['b'], ['d'], ['c'])
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import compress, count
from operator import is_not
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reactive_kernel.document import Cell, CellId, Document

__all__ = ["Changes"]


@dataclass(frozen=True, slots=True)
class Changes:
    """The cells that differ between two documents.

    Parameters
    ----------
    gone
        Cells that only the old document holds.
    new
        Cells that only the new document holds.
    edited
        Cells with another text or other settings.
    moved
        As few cells as possible such that the others keep their order.
    """

    gone: frozenset[CellId]
    new: frozenset[CellId]
    edited: frozenset[CellId]
    moved: frozenset[CellId]

    @classmethod
    def between(cls, old: Document, new: Document) -> Changes:
        """Compare two documents."""
        if old is new:
            return _NONE
        before, after = differing(old.cells, new.cells)
        was = {cell.id: cell for cell in before}
        now = {cell.id: cell for cell in after}
        kept = [id for id in now if id in was]
        steady = rising([old.position(id) for id in kept])
        return cls(
            gone=frozenset(was.keys() - now.keys()),
            new=frozenset(now.keys() - was.keys()),
            edited=frozenset(id for id in kept if now[id] != was[id]),
            moved=frozenset(kept) - {kept[index] for index in steady},
        )


_NONE = Changes(frozenset(), frozenset(), frozenset(), frozenset())


def differing(
    old: tuple[Cell, ...], new: tuple[Cell, ...]
) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """Return both rows of cells without what they begin and end with alike."""
    shorter = min(len(old), len(new))
    if old == new[: len(old)]:
        return (), new[len(old) :]
    start = next(compress(count(), map(is_not, old, new)), shorter)
    backwards = map(is_not, reversed(old), reversed(new))
    end = min(next(compress(count(), backwards), shorter), shorter - start)
    return old[start : len(old) - end], new[start : len(new) - end]


def rising(values: Sequence[int]) -> list[int]:
    """Return the indices of a longest increasing subsequence.

    Examples
    --------
    >>> rising([3, 0, 1, 2])
    [1, 2, 3]
    """
    ends: list[int] = []  # ends[n]: index of the smallest value ending a run of n + 1
    smallest: list[int] = []
    previous: dict[int, int] = {}
    for index, value in enumerate(values):
        length = bisect_left(smallest, value)
        if length:
            previous[index] = ends[length - 1]
        smallest[length : length + 1] = [value]
        ends[length : length + 1] = [index]
    found = ends[-1:]
    while found and found[-1] in previous:
        found.append(previous[found[-1]])
    return found[::-1]
