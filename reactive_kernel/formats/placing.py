"""Cells that stand elsewhere in the file than in the notebook.

A file is a program, so a definition may have to stand above its first reader. The cell
that was moved then says which cell it stands behind in the notebook:
``after="<id>"``, or ``after=""`` for the first one.

>>> moved(["use", "note", "define"], ["define", "use", "note"])
{'define': 'note'}
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reactive_kernel.formats.notebook import NotebookCell

__all__ = ["moved", "restored"]


def moved(document: Sequence[str], file: Sequence[str]) -> Mapping[str, str]:
    """Return the cells to bring back, as few as possible, each with its predecessor.

    Parameters
    ----------
    document
        The ids of all cells in the order of the notebook.
    file
        The same in the order of the file.
    """
    position = {id: place for place, id in enumerate(document)}
    standing = set(_longest_rise([position[id] for id in file]))
    return {
        id: document[position[id] - 1] if position[id] else ""
        for id in file
        if position[id] not in standing
    }


def _longest_rise(values: Sequence[int]) -> list[int]:
    """Return a longest subsequence that rises; the values are all different."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for value in values:
        at = bisect_left(ends, value)
        before[value] = ends[at - 1] if at else None
        ends[at : at + 1] = [value]
    found: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        found.append(last)
        last = before[last]
    return found[::-1]


def restored(
    cells: Sequence[NotebookCell], after: Sequence[object]
) -> list[NotebookCell]:
    """Return the cells of a file in the order of the notebook.

    Parameters
    ----------
    cells
        The cells in the order of the file.
    after
        For each: what it says to stand behind, if anything. Where that cell is not
        there, the cell stays where it is.
    """
    if not any(isinstance(id, str) for id in after):
        return list(cells)
    places: dict[str | None, int] = {}
    for place, cell in enumerate(cells):
        places.setdefault(cell.id, place)
    followers: defaultdict[int, list[int]] = defaultdict(list)
    for place, id in enumerate(after):
        if isinstance(id, str) and (id == "" or id in places):
            followers[places[id] if id else -1].append(place)
    starts = _starts(len(cells), followers)
    order: dict[int, None] = {}
    for start in starts:
        stack = [start]
        while stack:
            place = stack.pop()
            if place >= 0:
                order[place] = None
            stack += [p for p in reversed(followers.pop(place, [])) if p not in order]
    return [cells[place] for place in order]


def _starts(count: int, followers: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the places to begin at: those that follow none, and one of each circle."""
    follows = {place: leader for leader, each in followers.items() for place in each}
    starts = [-1]
    for place in range(count):
        seen = {place}
        leader = follows.get(place)
        while leader is not None and leader not in seen:
            seen.add(leader)
            leader = follows.get(leader)
        if place not in follows or leader == place == min(seen):
            starts.append(place)
    return starts
