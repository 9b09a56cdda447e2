"""What the user has set in widgets, kept when their cell makes them anew.

A widget that is made again by the same call with equal arguments is the same widget to
the user: it takes over what was set in the old one. Calls are compared by what their
arguments hold, so ``IntSlider(3, layout=Layout(width="5em"))`` is the same call each time.
With other arguments the widget starts afresh.
"""

from __future__ import annotations

import datetime
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits

from reactive_kernel.runtime import Unique, token

if TYPE_CHECKING:
    from collections.abc import Hashable

    from reactive_kernel.document import CellId

__all__ = ["Generation", "KeptValues"]

Call = tuple["Hashable", int]
"""A call, and the how-manieth one of its kind in the run."""

_MANY = 1000
"""Longer arguments are not compared: they are never equal."""

_NOT_THE_USERS = frozenset({"outputs", "msg_id"})
"""What the client sets by itself: the captures of an `Output`."""


class Generation:
    """The widgets that one run of a cell has made."""

    def __init__(self) -> None:
        self.made: dict[Call, dict[str, Any]] = {}
        self._count: Counter[Hashable] = Counter()

    def number(self, call: Hashable) -> Call:
        """Return the call with its number among the equal ones of the run."""
        self._count[call] += 1
        return call, self._count[call]


class KeptValues:
    """What the user has set, by the cell and the call that made the widget.

    Parameters
    ----------
    enabled
        Whether values are kept at all.
    """

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self._last: defaultdict[CellId, Generation] = defaultdict(Generation)
        self._calls: dict[int, Hashable] = {}
        self._set: dict[int, dict[str, Any]] = {}

    def describe(
        self, kind: type, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Hashable:
        """Return what tells a call from others, before it is made."""
        parts = (args, sorted(kwargs.items()))
        return (kind.__module__, kind.__qualname__, self._frozen(parts, 0))

    def made(
        self, cell: CellId, run: Generation, new: HasTraits, call: Hashable
    ) -> None:
        """Let a new widget take over what was set in the one that it replaces."""
        self._calls[id(new)] = call
        numbered = run.number(call)
        values = self._last[cell].made.get(numbered, {}).copy()
        run.made[numbered] = self._set[id(new)] = values
        for name, value in values.items():
            with suppress(Exception):  # its validation: it does not take this value now
                new.set_trait(name, value)

    def ended(self, cell: CellId, run: Generation) -> None:
        """Take a run's widgets for those of its cell, if it came to make any."""
        if run.made:
            self._last[cell] = run

    def set_by_user(self, widget: HasTraits, names: list[str]) -> None:
        """Keep the present values of traits that the user has set."""
        values = self._set.get(id(widget))
        if values is None:
            return
        for name in names:
            if not name.startswith("_") and name not in _NOT_THE_USERS:
                values[name] = getattr(widget, name)

    def gone(self, key: int) -> None:
        """Forget a widget that does not exist any more, by its id()."""
        self._calls.pop(key, None)
        self._set.pop(key, None)

    def forget(self, cell: CellId) -> None:
        """Drop what was kept for a cell that was deleted."""
        self._last.pop(cell, None)

    def rename(self, old: CellId, new: CellId) -> None:
        """Keep it for a cell under another id."""
        if old in self._last:
            self._last[new] = self._last.pop(old)

    def _frozen(self, value: Any, depth: int) -> Hashable:
        """Return what an argument holds; a `Unique` if that cannot be compared."""
        plain = token(value)
        if not isinstance(plain, Unique) or depth > 10:
            return plain
        kind = type(value)
        if isinstance(value, HasTraits):
            return ("widget", self._calls.get(id(value), plain))
        if isinstance(value, Enum | range) or kind.__module__ == datetime.__name__:
            return (kind, value)
        if isinstance(value, dict):
            value = tuple(value.items())
        elif _is_array(value):
            value = value.tolist() if value.size <= _MANY else None
        if isinstance(value, list | tuple) and len(value) <= _MANY:
            return (kind, tuple(self._frozen(part, depth + 1) for part in value))
        return plain


def _is_array(value: object) -> bool:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    return (numpy is not None and isinstance(value, numpy.ndarray)) or (
        pandas is not None and isinstance(value, pandas.Index | pandas.Series)
    )
