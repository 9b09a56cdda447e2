"""Where traitlets is asked to tell of reads, assignments, changes and new objects.

Any object with traits (`traitlets.HasTraits`) goes through five places, whatever library
it is from: `TraitType.__get__`, `TraitType.__set__`, `HasTraits.notify_change`,
`HasTraits.observe`, and the call of its class. They are wrapped once and stay so: to
exchange a method of such a class for each run of a cell would let Python forget, twice a
run, what it knows of the classes below, the shell and the kernel among them. Reads and
assignments are wrapped when the first object is made that could be an input: most
notebooks have none, and nothing in their process pays then.

The callbacks of buttons, and whatever else is no trait, are registered with the
dispatchers of ipywidgets.
"""

from __future__ import annotations

import sys
import weakref
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from sys import _getframe
from typing import TYPE_CHECKING, Any, Protocol

from traitlets import HasTraits, MetaHasDescriptors, TraitType
from traitlets.config import Configurable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

__all__ = ["Listener", "listen", "listeners", "while_running", "wrap_dispatchers"]


class Listener(Protocol):
    """Who is told."""

    def read(self, owner: HasTraits, name: str, value: object, by: FrameType) -> None:
        """Take note of a read; `by` is the frame that read."""
        ...

    def assigned(self, owner: HasTraits, name: str) -> None:
        """Take note of an assignment, which may change nothing."""
        ...

    def changed(self, owner: HasTraits, name: str, value: object) -> None:
        """Take note of a change."""
        ...

    def answering(self) -> AbstractContextManager[None]:
        """Call the observers of a change inside."""
        ...

    def making(
        self, kind: type[HasTraits], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[HasTraits], None]:
        """Take note that a class is called; return what is to be told the object."""
        ...

    def registered(self, handler: object, undo: Callable[[], None]) -> None:
        """Take note that a callback was registered; `undo` takes it away again."""
        ...


@dataclass(frozen=True, slots=True)
class _Watch:
    """A run that is watched; `noted` are the reads that need not be told any more."""

    listener: Listener
    noted: Container[tuple[int, str]]


_listeners: list[weakref.ref[Listener]] = []
_watch: _Watch | None = None
_wrapped: set[str] = set()

_set = TraitType.__set__
_notify_change = HasTraits.notify_change
_observe = HasTraits.observe
_setup_instance = HasTraits.setup_instance


def listen(listener: Listener) -> None:
    """Tell a listener of all changes, for as long as somebody else refers to it."""
    _listeners.append(weakref.ref(listener, _listeners.remove))
    if "changes" not in _wrapped:
        _wrapped.add("changes")
        _wrap(HasTraits, notify_change=_telling_notify_change, observe=_telling_observe)
        _wrap(HasTraits, setup_instance=_first_setup_instance)
        _wrap(MetaHasDescriptors, __call__=_telling_call)


def listeners() -> list[Listener]:
    """Return who is told."""
    return [listener for ref in _listeners if (listener := ref()) is not None]


@contextmanager
def while_running(
    listener: Listener, noted: Container[tuple[int, str]]
) -> Iterator[None]:
    """Tell one listener of what happens inside, in whatever thread or task.

    Parameters
    ----------
    listener
        Who is told.
    noted
        Traits, by the id() of their object and their name, of which no read need be
        told any more.
    """
    global _watch
    before, _watch = _watch, _Watch(listener, noted)
    try:
        yield
    finally:
        _watch = before


def _wrap(place: type, **hooks: Callable[..., Any]) -> None:
    for name, hook in hooks.items():
        setattr(place, name, hook)


def _first_setup_instance(self: HasTraits, /, *args: Any, **kwargs: Any) -> None:
    if not isinstance(self, Configurable):  # shells, kernels, formatters
        _wrap(HasTraits, setup_instance=_setup_instance)
        _wrap(TraitType, __get__=_telling_get, __set__=_telling_set)
    _setup_instance(self, *args, **kwargs)


def _telling_notify_change(self: HasTraits, change: Any) -> None:
    if isinstance(self, Configurable):
        _notify_change(self, change)
        return
    told = listeners()
    if change["type"] == "change":
        for listener in told:
            listener.changed(self, change["name"], change["new"])
    with ExitStack() as stack:
        for listener in told:
            stack.enter_context(listener.answering())
        _notify_change(self, change)


def _telling_get(self: Any, obj: Any, cls: Any) -> Any:
    if obj is None:
        return self
    value = self.get(obj, cls)  # all that the method does which this replaces
    if (watch := _watch) is not None and (id(obj), self.name) not in watch.noted:
        watch.listener.read(obj, self.name, value, _getframe(1))
    return value


def _telling_set(self: Any, obj: Any, value: Any) -> None:
    if (watch := _watch) is not None:
        watch.listener.assigned(obj, self.name)
    _set(self, obj, value)


def _telling_call(cls: Any, *args: Any, **kwargs: Any) -> Any:
    if (watch := _watch) is None:
        return type.__call__(cls, *args, **kwargs)
    made = watch.listener.making(cls, args, kwargs)
    new = type.__call__(cls, *args, **kwargs)
    made(new)
    return new


_ALL: Any = _observe.__defaults__[0]  # type: ignore[index]  # traitlets.All


def _telling_observe(
    self: Any, handler: Any, names: Any = _ALL, type: Any = "change"
) -> None:
    _observe(self, handler, names, type)
    if (watch := _watch) is not None and not isinstance(self, Configurable):
        owner = weakref.ref(self)
        watch.listener.registered(
            handler, lambda: _unobserve(owner, handler, names, type)
        )


def _unobserve(
    owner: weakref.ref[HasTraits], handler: Any, names: Any, type: Any
) -> None:
    if (observed := owner()) is not None:
        observed.unobserve(handler, names, type)


def wrap_dispatchers() -> None:
    """Tell of callbacks that are registered with ipywidgets' dispatchers, if it is there.

    It is imported by a cell, so this is called when objects with traits are made.
    """
    module = sys.modules.get("ipywidgets.widgets.widget")
    if module is None or "dispatchers" in _wrapped:
        return
    _wrapped.add("dispatchers")
    register = module.CallbackDispatcher.register_callback

    def telling_register(self: Any, callback: Any, remove: bool = False) -> None:
        register(self, callback, remove)
        if remove:
            return
        dispatcher = weakref.ref(self)

        def undo() -> None:
            if (registered := dispatcher()) is not None:
                register(registered, callback, remove=True)

        for listener in listeners():
            listener.registered(callback, undo)

    module.CallbackDispatcher.register_callback = telling_register
