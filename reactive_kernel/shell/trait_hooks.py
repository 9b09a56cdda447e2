"""Where traitlets is asked to tell of reads, assignments, changes and new objects.

Any object with traits (`traitlets.HasTraits`) goes through four places, whatever library
it is from: `TraitType.__get__`, `TraitType.__set__`, `HasTraits.notify_change`, and the
call of its class. They are wrapped; all but the changes only while a cell runs, so that
nothing else in the process pays for them. The callbacks of buttons, and whatever else is
no trait, are registered with the dispatchers of ipywidgets.
"""

from __future__ import annotations

import sys
import weakref
from contextlib import ExitStack, contextmanager
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


_listeners: list[weakref.ref[Listener]] = []

_set = TraitType.__set__
_notify_change = HasTraits.notify_change
_observe = HasTraits.observe


def listen(listener: Listener) -> None:
    """Tell a listener of all changes, for as long as somebody else refers to it."""
    _listeners.append(weakref.ref(listener, _listeners.remove))
    HasTraits.notify_change = _telling_notify_change  # type: ignore[method-assign]


def listeners() -> list[Listener]:
    """Return who is told."""
    return [listener for ref in _listeners if (listener := ref()) is not None]


def _telling_notify_change(self: HasTraits, change: Any) -> None:
    told = listeners()
    if change["type"] == "change":
        for listener in told:
            listener.changed(self, change["name"], change["new"])
    with ExitStack() as stack:
        for listener in told:
            stack.enter_context(listener.answering())
        _notify_change(self, change)


@contextmanager
def while_running(
    listener: Listener, noted: Container[tuple[int, str]]
) -> Iterator[None]:
    """Tell a listener of what happens inside, in whatever thread or task.

    Parameters
    ----------
    listener
        Who is told.
    noted
        Traits, by the id() of their object and their name, of which no read need be
        told any more.
    """
    read, assigned, making = listener.read, listener.assigned, listener.making

    def get(self: Any, obj: Any, cls: Any) -> Any:
        if obj is None:
            return self
        value = self.get(obj, cls)  # all that the method does which this replaces
        if (id(obj), self.name) not in noted:
            read(obj, self.name, value, _getframe(1))
        return value

    def set(self: Any, obj: Any, value: Any) -> None:
        assigned(obj, self.name)
        _set(self, obj, value)

    def call(cls: Any, *args: Any, **kwargs: Any) -> Any:
        made = making(cls, args, kwargs)
        new = type.__call__(cls, *args, **kwargs)
        made(new)
        return new

    def observe(
        self: Any, handler: Any, names: Any = _ALL, type: Any = "change"
    ) -> None:
        _observe(self, handler, names, type)
        if not isinstance(self, Configurable):  # shells, kernels, backends
            owner = weakref.ref(self)
            listener.registered(
                handler, lambda: _unobserve(owner, handler, names, type)
            )

    before = [(place, name, vars(place).get(name)) for place, name in _PLACES]
    hooks = (get, set, call, observe)
    for (place, name), hook in zip(_PLACES, hooks, strict=True):
        setattr(place, name, hook)
    try:
        yield
    finally:
        for place, name, plain in before:
            if plain is None:
                delattr(place, name)
            else:
                setattr(place, name, plain)


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
    if module is None or _wrapped:
        return
    register = module.CallbackDispatcher.register_callback
    _wrapped.append(register)

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


_wrapped: list[Any] = []

_ALL: Any = _observe.__defaults__[0]  # type: ignore[index]  # traitlets.All

_PLACES: tuple[tuple[type, str], ...] = (
    (TraitType, "__get__"),
    (TraitType, "__set__"),
    (MetaHasDescriptors, "__call__"),
    (HasTraits, "observe"),
)
