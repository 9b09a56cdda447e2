"""What a cell's author says about its names goes before what the analysis has found.

>>> from reactive_kernel.analysis import analyse
>>> from reactive_kernel.settings import Settings
>>> record = analyse("table['x'] = rate; log(table)")
>>> sorted(overruled(record, Settings(reads=frozenset({"table"}))).uses)
['table']
>>> sorted(overruled(record, Settings(pure=True)).mutates)
[]

What is no identifier stands for something outside of the namespace, such as a file, and
is not overruled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from reactive_kernel.analysis.defuse import Definition, DefUse, Kind, Side

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reactive_kernel.settings import Settings

__all__ = ["overruled"]

Value = TypeVar("Value")


def overruled(record: DefUse, settings: Settings) -> DefUse:
    """Return the record of a cell as its settings have it.

    Parameters
    ----------
    record
        What the text shows, and runs of it have shown.
    settings
        The settings of the cell.
    """
    if record.broken:
        return record
    if settings.pure:
        record = _pure(record)
    if settings.writes is not None:
        record = _writing(record, settings.writes)
    if settings.reads is not None:
        record = _reading(record, settings.reads)
    return record


def _pure(record: DefUse) -> DefUse:
    """Return the record without changes in place."""
    return replace(
        record,
        mutates=_only((), record.mutates),
        closed=record.closed | {Side.MUTATES},
    )


def _writing(record: DefUse, names: Collection[str]) -> DefUse:
    """Return the record with exactly these names written.

    One that the cell uses and does not bind can only be changed in place.
    """
    changed = set(record.mutates)
    if Side.MUTATES not in record.closed:
        changed |= record.uses.keys() - record.definitions.keys()
    bound = {
        name: record.definitions.get(name, Definition(name, Kind.VARIABLE))
        for name in sorted(names)
        if name in record.definitions or name not in changed
    }
    mutates = {name: record.uses.get(name) for name in sorted(changed & {*names})}
    return replace(
        record,
        definitions={**_only((), record.definitions), **bound},
        mutates={**_only((), record.mutates), **mutates},
        deletes=_only(names, record.deletes),
        deferred=_only(names, record.deferred),
        diagnostics=tuple(
            note for note in record.diagnostics if note.code not in _UNSEEN
        ),
        closed=record.closed | {Side.BINDS, Side.MUTATES},
    )


_UNSEEN = frozenset({"opaque", "star-import"})
"""Findings that say: what the cell binds shows only when it runs."""


def _reading(record: DefUse, names: Collection[str]) -> DefUse:
    """Return the record with exactly these names read, and those changed in place.

    What the text reads besides is no input, but it is put in place before a run.
    """
    needed = {*names, *record.mutates}
    uses = {name: record.uses.get(name) for name in sorted(needed)}
    return replace(
        record,
        uses={**_only((), record.uses), **uses},
        conditional={
            name: span
            for name, span in {**record.conditional, **record.uses}.items()
            if name not in uses and name.isidentifier()
        },
        closed=record.closed | {Side.READS},
    )


def _only(names: Collection[str], found: Mapping[str, Value]) -> dict[str, Value]:
    """Return what was found of some names, and of what is outside the namespace."""
    return {
        name: value
        for name, value in found.items()
        if name in names or not name.isidentifier()
    }
