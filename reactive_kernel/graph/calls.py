"""What a cell reads and changes by calling functions of other cells.

A function reads its globals when it is called, so they belong to the caller: a cell
that loads ``f`` reads what ``f`` reads, and so on through everything it calls, each
name at the caller's position. Defining a function reads none of them, which is why
functions that call each other from two cells are no cycle.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from reactive_kernel.analysis import Deferred, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reactive_kernel.analysis import DefUse

__all__ = ["Called", "carried", "follow", "outside"]

Called: TypeAlias = "Callable[[str], Deferred | None]"
"""What calling a name does that a cell takes from outside; None: nothing known."""

NOTHING = Deferred()


def outside(record: DefUse) -> dict[str, None]:
    """Return the names that a cell itself takes from outside, in order of use."""
    return dict.fromkeys((*record.uses, *record.mutates, *record.imports))


def carried(record: DefUse, called: Called) -> dict[str, Deferred]:
    """Return what calling each value that a cell leaves behind does.

    Parameters
    ----------
    record
        The cell's record.
    called
        What calling a name does that the cell takes from outside.
    """
    changed = record.mutates.keys() - record.definitions.keys()
    names = dict.fromkeys((*record.deferred, *sorted(changed)))
    found = {name: _gathered(record, name, called) for name in names}
    return {name: value for name, value in found.items() if value}


def _gathered(record: DefUse, start: str, called: Called) -> Deferred:
    """Return what calling one value does, its carriers followed."""
    uses: set[str] = set()
    mutates: set[str] = set()
    binds: set[str] = set()
    for value in _pieces(record, start, called):
        uses |= value.uses
        mutates |= value.mutates
        binds |= value.binds
    if not (uses or mutates or binds):
        return NOTHING
    return Deferred(frozenset(uses), frozenset(mutates), frozenset(binds))


def _pieces(record: DefUse, start: str, called: Called) -> Iterator[Deferred]:
    """Yield what calling a value does by itself and through each of its carriers."""
    made = record.deferred.get(start, NOTHING)
    yield made
    if start in record.mutates and start not in record.definitions:
        yield called(start) or NOTHING
    pending = list(made.carries)
    seen = set(pending)
    while pending:
        name = pending.pop()
        if name in record.uses or name not in record.definitions:
            yield called(name) or NOTHING
        own = record.deferred.get(name, NOTHING)
        yield own
        pending += own.carries - seen
        seen |= own.carries


@dataclass(frozen=True, slots=True)
class Following:
    """What a cell reads and changes, functions of other cells included.

    `loads` are all names that it comes by, also those that its author declares no reads.
    """

    loads: dict[str, None]
    reads: dict[str, None]
    mutates: frozenset[str]
    binds: frozenset[str]


def follow(record: DefUse, own: Mapping[str, Deferred], called: Called) -> Following:
    """Follow everything that a cell loads to the names that it reads by calling it.

    A name that the cell has surely bound before it loads ``f`` is the one that ``f``
    will find, so it is not taken from outside.

    Parameters
    ----------
    record
        The cell's record.
    own
        What calling the cell's own values does.
    called
        What calling a name does that the cell takes from outside.
    """
    reads = outside(record)
    mutates = set(record.mutates)
    binds: set[str] = set()
    starts: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for use in reads:
        starts[record.before.get(use, frozenset())].append(use)
    for bound, uses in starts.items():
        pending = [called(name) for name in uses]
        seen: set[str] = set()
        while pending:
            value = pending.pop()
            if value is None:
                continue
            mutates |= value.mutates - bound
            binds |= value.binds
            found = sorted((value.uses | value.mutates) - seen)
            seen.update(found)
            reads.update(dict.fromkeys(name for name in found if name not in bound))
            pending += (
                own.get(name) if name in bound else called(name) for name in found
            )
    all_there_is = Following(
        reads, reads, frozenset(mutates - record.told), frozenset(binds)
    )
    return _as_declared(record, all_there_is)


def _as_declared(record: DefUse, found: Following) -> Following:
    """Return what was found by following calls, as far as the cell's author allows."""
    closed = record.closed
    if not closed:
        return found
    declared = frozenset(record.mutates)
    mutates = declared if Side.MUTATES in closed else found.mutates
    binds = frozenset[str]() if Side.BINDS in closed else found.binds
    reads = found.reads
    if Side.READS in closed:
        reads = dict.fromkeys((*outside(record), *sorted(mutates)))
    return Following(found.loads, reads, mutates, binds)
