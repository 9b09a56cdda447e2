"""Figures and widgets that a cell opened, closed when its run is over and done with.

What a run opens is told by comparing what is open before and after it: figures in
pyplot's registry, widgets in that of ipywidgets. Neither library is imported for it. Runs
go by their execution count::

    with closing.run(7, earlier=5):  # the cell that ran as In[5] runs again, as In[7]
        ...

Figures of the earlier run are closed before, so that the cell finds no canvas to draw on
that a fresh run would not have; widgets afterwards, when the new output is out and a new
widget may have taken over from an old one. A widget that something else still uses (a box
of another cell has it inside, a name refers to it) is closed as soon as nothing does.
"""

from __future__ import annotations

import inspect
import logging
import sys
import weakref
from collections import defaultdict
from contextlib import contextmanager, suppress
from itertools import islice
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Closing"]

_LOOK = 10_000
"""So many objects are looked at to find out whether a widget is used."""


class Closing:
    """What each run opened, and what is to be closed.

    Parameters
    ----------
    used
        Gives the objects that cells refer to by name.
    """

    def __init__(self, used: Callable[[], Iterable[object]]) -> None:
        self._used = used
        self._figures: defaultdict[int, list[weakref.ref[Any]]] = defaultdict(list)
        self._widgets: defaultdict[int, set[str]] = defaultdict(set)
        self._leaving: set[str] = set()

    @contextmanager
    def run(self, count: int, earlier: int | None) -> Iterator[None]:
        """Note what is opened inside; close what an earlier run of the cell opened.

        Parameters
        ----------
        count
            The execution count of this run.
        earlier
            That of the cell's earlier run, if there was one.
        """
        self._leave(earlier)
        figures, widgets = set(_figures()), set(_widgets())
        try:
            yield
        finally:
            if opened := [f for f in _figures() if f not in figures]:
                self._figures[count] += map(weakref.ref, opened)
            if made := _widgets().keys() - widgets:
                self._widgets[count] |= made
            self._close_unused()

    def delete(self, count: int) -> None:
        """Close what the last run of a deleted cell opened."""
        self._leave(count)
        self._close_unused()

    def _leave(self, count: int | None) -> None:
        """Close the figures of a run; its widgets go when nothing uses them."""
        if count is not None:
            _close_figures(self._figures.pop(count, ()))
            self._leaving |= self._widgets.pop(count, set())

    def _close_unused(self) -> None:
        if self._leaving:
            widgets = _widgets()
            self._leaving &= widgets.keys()
            for id in self._leaving - self._reached(widgets):
                self._leaving.discard(id)
                _quietly(widgets[id].close)

    def _reached(self, widgets: Mapping[str, Any]) -> set[str]:
        """Return the ids of the widgets that names or other open widgets refer to."""
        models = {id(widget): model for model, widget in widgets.items()}
        others = [w for model, w in widgets.items() if model not in self._leaving]
        waiting, seen = [*others, *self._used()], set[int]()
        while waiting and len(seen) < _LOOK:
            value = waiting.pop()
            if id(value) not in seen:
                seen.add(id(value))
                with suppress(Exception):  # the objects' own code
                    waiting += _inside(value, is_widget=id(value) in models)
        return {model for key, model in models.items() if key in seen}


def _inside(value: Any, is_widget: bool) -> Iterable[Any]:
    """Return what a container, a widget, or something of the notebook's refers to.

    Objects of other libraries are not looked into: they lead everywhere, to the
    registry of all widgets too.
    """
    if isinstance(value, dict):
        return [*islice(value.values(), _LOOK)]
    if isinstance(value, list | tuple | set):
        return [*islice(value, _LOOK)]
    if is_widget:
        return [*value._trait_values.values(), *vars(value).values()]
    kind = type(value)
    if kind is FunctionType and value.__module__ == "__main__":
        return [
            *vars(value).values(),
            *inspect.getclosurevars(value).nonlocals.values(),
        ]
    if "__main__" in (kind.__module__, issubclass(kind, type) and value.__module__):
        return [*getattr(value, "__dict__", {}).values()]
    return ()


def _figures() -> list[Any]:
    """Return the managers of the figures that pyplot has open."""
    pyplot = sys.modules.get("matplotlib._pylab_helpers")
    return [] if pyplot is None else list(pyplot.Gcf.figs.values())


def _close_figures(managers: Iterable[weakref.ref[Any]]) -> None:
    still_open = _figures()
    for manager in [reference() for reference in managers]:
        if manager in still_open:
            destroy = sys.modules["matplotlib._pylab_helpers"].Gcf.destroy
            _quietly(destroy, manager)


def _widgets() -> dict[str, Any]:
    """Return the widgets that are open, by the id of their model."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    return {} if module is None else dict(module._instances)


def _quietly(close: Callable[..., object], *arguments: object) -> None:
    try:
        close(*arguments)
    except Exception:  # the widget's or the backend's own code
        logging.getLogger(__name__).exception("Something could not be closed.")
