"""Traits as inputs: which trait of which object a cell read, and what becomes of it.

A read counts for the running cell if the notebook's own code made it: a cell, a function
or class of the notebook, a module that one of these called. It does not count if the
machinery of widgets lies between: what traitlets, ipywidgets and IPython read in order to
make, show, link or synchronise an object is no input of the cell
(docs/decisions/0014). A read counts for nobody

- if the cell, in this run or an earlier one, has made the object;
- if the run itself has set the trait before;
- in the callbacks that answer a change: they run again with the next change.
"""

from __future__ import annotations

import sys
import threading
import weakref
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from traitlets.config import Configurable

from reactive_kernel.runtime import Reads, Source, token
from reactive_kernel.shell import trait_hooks
from reactive_kernel.shell.callbacks import Callbacks
from reactive_kernel.shell.kept_values import Generation, KeptValues
from reactive_kernel.shell.plotly_hooks import wrap_plotly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from traitlets import HasTraits

    from reactive_kernel.document import CellId
    from reactive_kernel.planning import Token

__all__ = ["Traits", "is_outside_cells", "outside_cells"]

_MACHINERY: Final = frozenset(
    {"traitlets", "ipywidgets", "IPython", "ipykernel", "comm", "reactive_kernel"}
    | {"anywidget", "psygnal"}
)
"""Packages whose own reads count for nobody."""


@dataclass(slots=True, eq=False)
class _Run:
    """One run of a cell: what it read and set so far."""

    cell: CellId
    threads: frozenset[threading.Thread]
    ended: bool = False
    answering: int = 0
    generation: Generation = field(default_factory=Generation)
    reads: dict[tuple[int, str], tuple[HasTraits, Token]] = field(default_factory=dict)
    assigned: set[tuple[int, str]] = field(default_factory=set)
    noted: set[tuple[int, str]] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class _Object:
    """What is known of an object with traits."""

    serial: int
    alive: weakref.ref[HasTraits]
    makers: set[CellId] = field(default_factory=set)
    tokens: dict[str, Token] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)


_acting: ContextVar[_Run | None] = ContextVar("_acting", default=None)
"""The run whose code is executed: a cell's, or that of a task which it started."""


@contextmanager
def outside_cells() -> Iterator[None]:
    """Let what happens inside be nobody's: the handling of a message of a client."""
    before = _acting.set(None)
    try:
        yield
    finally:
        _acting.reset(before)


def is_outside_cells() -> bool:
    """Tell whether the present code is executed on behalf of no cell."""
    return _acting.get() is None


class Traits:
    """Sees which traits cells read, and tells when one changes.

    Parameters
    ----------
    namespace
        The cells' namespace: code whose globals these are is the notebook's.
    on_change
        Called, in any thread, with a source, its new token, and the cell whose code
        changed it (None: the user, a callback).

    Attributes
    ----------
    callbacks
        What cells have registered to be called.
    values
        What the user has set in the widgets that cells made.
    """

    def __init__(
        self,
        namespace: Mapping[str, object],
        on_change: Callable[[Source, Token, CellId | None], None],
    ) -> None:
        self._namespace = namespace
        self._on_change = on_change
        self._objects: dict[int, _Object] = {}
        self._serials = count()
        self.callbacks = Callbacks()
        self.values = KeptValues()
        self._running: _Run | None = None
        self._is_machinery: dict[object, bool] = {}
        trait_hooks.listen(self)

    # Around a run

    @contextmanager
    def watching(self, cell: CellId) -> Iterator[Reads]:
        """Watch a run of a cell; the reads are complete at the end."""
        self.callbacks.withdraw(cell)
        run = _Run(cell, frozenset(threading.enumerate()))
        reads = Reads()
        before, self._running = self._running, run
        acting = _acting.set(run)
        try:
            with trait_hooks.while_running(self, run.noted):
                yield reads
        finally:
            _acting.reset(acting)
            self._running = before
            run.ended = True
            self._conclude(run, reads)

    def _conclude(self, run: _Run, reads: Reads) -> None:
        """Turn what a run read into sources, and let go of the objects."""
        self.values.ended(run.cell, run.generation)
        names = _Names(self._namespace)
        for (key, name), (owner, seen) in run.reads.items():
            known = self._known(owner)
            if run.cell in known.makers:
                continue
            source = known.sources.get(name)
            if source is None:
                label = f"{names.of(owner)}.{name}"
                source = known.sources[name] = Source((known.serial, name), label)
            reads.seen[source] = seen
            reads.now[source] = known.tokens[name]
            if (key, name) in run.assigned:
                reads.changed.add(source)
        run.reads.clear()

    def forget(self, cell: CellId) -> None:
        """Drop what is known of a cell that was deleted."""
        self.callbacks.withdraw(cell)
        self.values.forget(cell)
        for known in self._objects.values():
            known.makers.discard(cell)

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter what is known of a cell under another id."""
        self.callbacks.rename(old, new)
        self.values.rename(old, new)
        for known in self._objects.values():
            if old in known.makers:
                known.makers.remove(old)
                known.makers.add(new)

    # What the hooks tell

    def read(self, owner: HasTraits, name: str, value: object, by: FrameType) -> None:
        """Take note of a read, if the notebook's own code made it."""
        run = self._actor()
        if run is None or run.ended or run.answering:
            return
        key = (id(owner), name)
        if isinstance(owner, Configurable):  # shells, kernels, formatters
            run.noted.add(key)
            return
        if key in run.assigned or not self._counts(by):
            return
        run.noted.add(key)
        tokens = self._known(owner).tokens
        if name not in tokens:
            tokens[name] = token(value)
        run.reads[key] = (owner, tokens[name])

    def assigned(self, owner: HasTraits, name: str) -> None:
        """Take note that a trait was set; it may have had that value before."""
        run = self._actor()
        if run is not None and not run.ended:
            run.assigned.add((id(owner), name))

    def changed(self, owner: HasTraits, name: str, value: object) -> None:
        """Take note of a change, and tell whoever is concerned."""
        known = self._objects.get(id(owner))
        if known is None or name not in known.tokens:
            return
        now = known.tokens[name] = token(value)
        run = self._actor()
        if run is not None and not run.ended:
            key = (id(owner), name)
            run.assigned.add(key)
            if key in run.reads:
                run.reads[key] = (owner, now)
        if name in known.sources:
            self._on_change(known.sources[name], now, run.cell if run else None)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count no reads inside: callbacks answer a change there."""
        run = self._actor()
        if run is None:
            yield
            return
        run.answering += 1
        try:
            yield
        finally:
            run.answering -= 1

    def making(
        self, kind: type[HasTraits], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[HasTraits], None]:
        """Take note of the cell that makes an object."""
        trait_hooks.wrap_dispatchers()
        wrap_plotly()
        run = self._actor()
        keeps = run is not None and self.values.enabled and _is_widget(kind)
        call = self.values.describe(kind, args, kwargs) if keeps else None

        def made(new: HasTraits) -> None:
            if run is not None:
                self._known(new).makers.add(run.cell)
            if run is not None and call is not None:
                self.values.made(run.cell, run.generation, new, call)

        return made

    def set_by_user(self, comm_id: str, names: list[str]) -> None:
        """Take note of what the user has set in the widget with a comm."""
        module = sys.modules.get("ipywidgets.widgets.widget")
        widget = module._instances.get(comm_id) if module is not None else None
        if widget is not None:
            self.values.set_by_user(widget, names)

    def registered(self, handler: object, undo: Callable[[], None]) -> None:
        """Take note of the cell that registers a callback."""
        run = self._actor()
        if run is not None:
            self.callbacks.enter(run.cell, handler, undo)

    # Who acts, and how

    def _actor(self) -> _Run | None:
        """Return the run on whose behalf the present code is executed."""
        acting = _acting.get()
        if acting is not None or (running := self._running) is None:
            return acting
        thread = threading.current_thread()
        # A thread does not inherit the context; one that is new was started by the run.
        return None if thread in running.threads else running

    def _counts(self, frame: FrameType | None) -> bool:
        """Tell whether a frame reads on behalf of the notebook's own code."""
        namespace, is_machinery = self._namespace, self._is_machinery
        while frame is not None:
            here = frame.f_globals
            if here is namespace:
                return True
            module = here.get("__name__")
            if module not in is_machinery:
                is_machinery[module] = str(module).partition(".")[0] in _MACHINERY
            if is_machinery[module]:
                return False
            frame = frame.f_back
        return True

    def _known(self, owner: HasTraits) -> _Object:
        key = id(owner)
        known = self._objects.get(key)
        if known is None:
            alive = weakref.ref(owner, partial(_drop, self._objects, self.values, key))
            known = self._objects[key] = _Object(next(self._serials), alive)
        return known


def _drop(
    objects: dict[int, _Object],
    values: KeptValues,
    key: int,
    _ref: weakref.ref[HasTraits],
) -> None:
    objects.pop(key, None)
    values.gone(key)


def _is_widget(kind: type) -> bool:
    module = sys.modules.get("ipywidgets.widgets.widget")
    return module is not None and issubclass(kind, module.Widget)


class _Names:
    """What objects are called in the notebook."""

    def __init__(self, namespace: Mapping[str, object]) -> None:
        self._namespace = namespace
        self._found: dict[int, str] | None = None

    def of(self, owner: HasTraits) -> str:
        """Return a name of the object, or else its class's."""
        if self._found is None:
            values = tuple(self._namespace.items())
            self._found = {
                id(value): name for name, value in values if not name.startswith("_")
            }
        return self._found.get(id(owner), type(owner).__name__)
