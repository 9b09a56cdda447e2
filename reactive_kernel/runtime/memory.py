"""A budget for what is kept only so that cells need not run again.

There are two such things: versions of names while another cell's version is in place,
and checkpoints of objects in the states that earlier versions are in. Once everything has
settled nothing needs them at once, and whatever the budget has no room for is given up:
if a cell comes to need it, the cells that made it run again first.

What frees most memory for the least time of running again goes first. What is shared,
among these things or with a value that is in the namespace, counts once or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Final

from reactive_kernel.runtime.checkpoint import is_atom
from reactive_kernel.runtime.sizes import Tally, flat, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from reactive_kernel.document import CellId
    from reactive_kernel.runtime.checkpoint import Checkpoint
    from reactive_kernel.runtime.namespace import Namespace
    from reactive_kernel.runtime.objects import Version
    from reactive_kernel.runtime.sizes import Parts

__all__ = ["BUDGET", "Kept", "Kind", "Memory", "Report"]

BUDGET: Final = 1_000_000_000
"""Bytes, if nobody says otherwise."""

_GLANCE = 200
"""Objects looked at within a value of the namespace, to find what is shared with it."""


class Kind(StrEnum):
    """What is kept."""

    VERSION = "old version"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept.

    Parameters
    ----------
    versions
        The versions that it would bring back: a cell and a name for each.
    kind
        What it is.
    bytes
        What it takes that nothing else accounts for; an estimate.
    """

    versions: tuple[Version, ...]
    kind: Kind
    bytes: int


@dataclass(frozen=True, slots=True)
class Report:
    """What is kept, against the budget; all sizes in bytes."""

    kept: tuple[Kept, ...]
    budget: int
    evicted: int
    """How many things have been given up so far."""
    evicted_bytes: int

    @property
    def total(self) -> int:
        """What all of it takes."""
        return sum(kept.bytes for kept in self.kept)


@dataclass(frozen=True, slots=True)
class _Holding:
    """Something that is kept, under a key; `needless` if nobody can ask for it."""

    key: Hashable
    versions: tuple[Version, ...]
    kind: Kind
    measure: Callable[[], Parts]
    needless: bool
    give_up: Callable[[], None]


class Memory:
    """Gives up what the budget has no room for.

    Parameters
    ----------
    namespace
        Where versions and checkpoints are.
    budget
        Bytes for all of them together.
    seconds
        How long a cell took when it last ran; infinite if it must not run again, so
        that what it has left is never given up.
    """

    def __init__(
        self, namespace: Namespace, budget: int, seconds: Callable[[CellId], float]
    ) -> None:
        self._namespace = namespace
        self._budget = budget
        self._seconds = seconds
        self._parts: dict[Hashable, Parts] = {}
        self._tally = Tally()
        self._evicted = 0
        self._evicted_bytes = 0

    def keep_within(self) -> None:
        """Give up what is too much, if anything was kept since the last call.

        To be called when everything has settled.
        """
        space = self._namespace
        is_tight = self._tally.total > self._budget
        if is_tight or space.has_grown or space.objects.has_grown:
            space.has_grown = space.objects.has_grown = False
            holdings = self._measured()
            # So far, what is shared with the namespace counts, too.
            if self._tally.total > self._budget:
                self._evict(holdings)

    def report(self) -> Report:
        """Return what is kept; each byte counts for the first thing that has it."""
        holdings, shared = self._measured(), self._shared()
        tally = Tally()
        kept = tuple(
            Kept(h.versions, h.kind, tally.add(self._own(h, shared))) for h in holdings
        )
        return Report(kept, self._budget, self._evicted, self._evicted_bytes)

    def _measured(self) -> list[_Holding]:
        """Return all that is kept; `_parts` and `_tally` are then about just that."""
        holdings = [*self._versions(), *self._checkpoints()]
        for key in self._parts.keys() - {holding.key for holding in holdings}:
            self._tally.remove(self._parts.pop(key))
        for holding in holdings:
            if holding.key not in self._parts:
                self._parts[holding.key] = found = holding.measure()
                self._tally.add(found)
        return holdings

    def _versions(self) -> Iterator[_Holding]:
        for version, value in self._namespace.kept():
            yield _Holding(
                key=(version, id(value)),
                versions=(version,),
                kind=Kind.VERSION,
                measure=partial(parts, value),
                needless=False,
                give_up=partial(self._namespace.give_up, version),
            )

    def _checkpoints(self) -> Iterator[_Holding]:
        for saved in self._namespace.objects.saved():
            yield _Holding(
                key=saved.state,
                versions=saved.versions,
                kind=Kind.CHECKPOINT,
                measure=partial(_saved, saved.checkpoints),
                needless=saved.is_present or not saved.versions,
                give_up=saved.give_up,
            )

    def _shared(self) -> set[int]:
        """Return the parts that values in the namespace take anyway."""
        found: set[int] = set()
        for value in self._namespace.own().values():
            if not is_atom(value):
                found |= parts(value, _GLANCE).keys()
        return found

    def _own(self, holding: _Holding, shared: set[int]) -> Parts:
        table = self._parts[holding.key]
        return {key: size for key, size in table.items() if key not in shared}

    def _evict(self, holdings: list[_Holding]) -> None:
        """Give up holdings, the least useful first, until the rest fits."""
        shared, tally = self._shared(), Tally()
        tables = [(holding, self._own(holding, shared)) for holding in holdings]
        for _holding, own in tables:
            tally.add(own)
        for holding, own in sorted(tables, key=self._cost):
            if tally.total <= self._budget:
                break
            if own and isfinite(self._cost((holding, own))):
                self._evicted_bytes += tally.remove(own)
                self._evicted += 1
                holding.give_up()

    def _cost(self, entry: tuple[_Holding, Parts]) -> float:
        """Return how long running again would take for each byte that is freed."""
        holding, own = entry
        if holding.needless:
            return 0.0
        cells = {cell for cell, _name in holding.versions}
        return sum(map(self._seconds, cells)) / max(1, sum(own.values()))


def _saved(checkpoints: Iterable[Checkpoint]) -> Parts:
    """Return what checkpoints take; what is in their containers has a place in them."""
    return flat(content for point in checkpoints for content in point.contents)
