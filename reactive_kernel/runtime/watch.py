"""Changes in place: seen by comparing what a cell reads before and after it runs.

Before a cell runs, a checkpoint is taken of each object that it reads: a thorough one of
what its text is known to change, a cheap one of everything else, within a time budget
for the cell. Afterwards the checkpoints say what was changed, declared or not, and are
at hand for undoing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from reactive_kernel.runtime.checkpoint import (
    LARGE,
    SMALL,
    Checkpoint,
    is_atom,
    reaches,
    tells_of_changes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["NOTHING", "Mutation", "Watch"]

SECONDS = 0.001
"""Time for the checkpoints of what a cell merely reads."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What a run has changed in place.

    Parameters
    ----------
    names
        The names whose objects changed, aliases and containers of them included.
    roots
        These objects, each once; functions, classes and modules are not among them.
    before
        Checkpoints of what was changed.
    restorable
        The checkpoints hold all of it, exactly.
    """

    names: frozenset[str] = frozenset()
    roots: tuple[object, ...] = ()
    before: tuple[Checkpoint, ...] = ()
    restorable: bool = True

    def __bool__(self) -> bool:
        return bool(self.names)


NOTHING = Mutation()


class Watch:
    """Checkpoints of what one run reads.

    Parameters
    ----------
    values
        The values that the cell reads, by name.
    mutates
        The names among them that its text is known to change.

    Attributes
    ----------
    told
        Those among `mutates` whose objects tell of their changes themselves.
    """

    def __init__(self, values: Mapping[str, object], mutates: Collection[str]) -> None:
        self._names: dict[int, list[str]] = {}
        self._values: dict[int, object] = {}
        self._points: dict[int, Checkpoint | None] = {}
        self._declared: set[int] = set()
        self._patched = {name for name in mutates if is_code(values.get(name))}
        for name, value in values.items():
            if not is_atom(value):
                self._names.setdefault(id(value), []).append(name)
                self._values[id(value)] = value
        self.told = frozenset(
            name
            for name in mutates
            if name in values and tells_of_changes(values[name])
        )
        for name in mutates:
            if id(values.get(name)) in self._values and name not in self.told:
                self._declared.add(id(values[name]))
        self._take()

    def _take(self) -> None:
        for key in self._declared:
            self._points[key] = Checkpoint.take(self._values[key], LARGE)
        end = perf_counter() + SECONDS
        for key, value in self._values.items():
            if key not in self._points and perf_counter() < end:
                self._points[key] = Checkpoint.take(value, SMALL)

    def mutation(self, namespace: Callable[[], Mapping[str, object]]) -> Mutation:
        """Return what was changed since.

        Parameters
        ----------
        namespace
            Gives the notebook's own names after the run, to find aliases in.
        """
        ids: set[int] = set()
        before: list[Checkpoint] = []
        restorable = True
        for key, point in self._points.items():
            if point is None:
                if key in self._declared:
                    ids.add(key)
                    restorable = False
            elif changed := point.changed():
                ids |= changed | {key}
                before.append(point)
                restorable = restorable and point.exact
            elif key in self._declared and not point.exact:
                # A change that is known to be there, and not seen: it was made where
                # nobody can look.
                ids.add(key)
                restorable = False
        if not ids:
            return Mutation(names=frozenset(self._patched))
        return self._with_aliases(ids, tuple(before), restorable, namespace)

    def _with_aliases(
        self,
        ids: set[int],
        before: tuple[Checkpoint, ...],
        restorable: bool,
        namespace: Callable[[], Mapping[str, object]],
    ) -> Mutation:
        names = self._patched.copy()
        names.update(name for key in ids for name in self._names.get(key, ()))
        roots = {key: self._values[key] for key in ids if key in self._values}
        for name, value in namespace().items():
            if name not in names and reaches(value, ids):
                names.add(name)
                roots[id(value)] = value
        return Mutation(frozenset(names), tuple(roots.values()), before, restorable)

    def undo(self) -> bool:
        """Undo what an unfinished run has changed; return whether all could be undone."""
        complete = True
        for key, point in self._points.items():
            if point is None:
                complete = complete and key not in self._declared
            elif point.changed():
                point.restore()
                complete = complete and point.exact
            elif key in self._declared:
                complete = complete and point.exact
        return complete


def is_code(value: object) -> bool:
    """Tell whether a value is a function, a class or a module.

    What a cell hangs on one is no change of an object that is watched, and cannot be
    undone; but those below the cell read another version.
    """
    return issubclass(type(value), FunctionType | ModuleType | type)
