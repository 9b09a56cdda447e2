"""Changes in place: seen by comparing what a cell reads before and after it runs.

Before a cell runs, a checkpoint is taken of each object that it reads: a thorough one of
what its text is known to change, a cheap one of everything else, within a time budget
for the cell. Afterwards the checkpoints say what was changed, declared or not, and are
at hand for undoing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from reactive_kernel.runtime.checkpoint import (
    LARGE,
    SMALL,
    Checkpoint,
    is_atom,
    root_of,
    tells_of_changes,
)
from reactive_kernel.runtime.consumed import is_consumed
from reactive_kernel.runtime.patches import is_owner
from reactive_kernel.runtime.reach import reaches

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

__all__ = ["NOTHING", "SECONDS", "Mutation", "Part", "Watch"]

SECONDS: Final = 0.001
"""Time for the checkpoints of what a cell merely reads, if nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What a run has changed in place.

    Parameters
    ----------
    names
        The names whose objects changed, aliases and containers of them included.
    consumed
        Those among them whose objects are consumed by use.
    through
        Names whose objects the run read through an iterator over them.
    parts
        The objects behind the changed names: those that can be brought back, and the
        others.
    with_aliases
        All names of the objects are meant; else only `names` follow the change.
    """

    names: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    parts: tuple[Part, ...] = ()
    with_aliases: bool = True

    def __bool__(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True, slots=True)
class Part:
    """Objects that a run has changed together.

    Parameters
    ----------
    roots
        The objects, each once, and those that hold or share them.
    before
        Checkpoints of what was changed.
    restorable
        The checkpoints hold all of it, exactly.
    """

    roots: tuple[object, ...]
    before: tuple[Checkpoint, ...]
    restorable: bool


NOTHING = Mutation()


@dataclass(frozen=True, slots=True)
class _Change:
    """A changed object: the ids of what changed with it, and how it was before."""

    ids: frozenset[int]
    before: Checkpoint | None = None  # nobody can bring it back


def _all_ids(changes: Iterable[_Change]) -> frozenset[int]:
    return frozenset().union(*(change.ids for change in changes))


def _together(changes: Sequence[_Change], roots: Iterable[object]) -> Iterator[Part]:
    """Yield what was changed, in parts that have no object in common.

    Parameters
    ----------
    changes
        What was changed.
    roots
        The objects, and those that hold or share them; each once.
    """
    parts: list[tuple[list[_Change], list[object]]] = [([c], []) for c in changes]
    for root in roots:
        apart = []
        joined: tuple[list[_Change], list[object]] = ([], [root])
        for part in parts:
            if len(parts) == 1 or reaches(root, _all_ids(part[0])):
                joined = (part[0] + joined[0], part[1] + joined[1])
            else:
                apart.append(part)
        parts = [*apart, joined]
    for changed, concerned in parts:
        if changed and concerned:
            points = [c.before for c in changed if c.before is not None]
            restorable = len(points) == len(changed) and all(p.exact for p in points)
            yield Part(tuple(concerned), tuple(points), restorable)


class Watch:
    """Checkpoints of what one run reads.

    Parameters
    ----------
    values
        The values that the cell reads, by name.
    mutates
        The names among them that its text is known to change.
    shared
        Those that it does not load itself: they share what it changes.
    seconds
        Time for the checkpoints of what the cell merely reads.
    closed
        Nothing but `mutates` counts as changed, whatever happens to it.

    Attributes
    ----------
    told
        Those among `mutates` whose objects tell of their changes themselves.
    """

    def __init__(
        self,
        values: Mapping[str, object],
        mutates: Collection[str],
        shared: Collection[str] = (),
        *,
        seconds: float = SECONDS,
        closed: bool = False,
    ) -> None:
        self._closed = closed
        if closed:
            values = {name: values[name] for name in mutates if name in values}
        self._names: dict[int, list[str]] = {}
        self._values: dict[int, object] = {}
        self._points: dict[int, Checkpoint | None] = {}
        self._declared: set[int] = set()
        self._consumed: set[int] = set()
        self._sources: set[int] = set()
        self._patched = {name for name in mutates if is_owner(values.get(name))}
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
        self._loaded = values.keys() - shared
        self._take(seconds)

    def _take(self, seconds: float) -> None:
        for key in self._declared:
            self._points[key] = Checkpoint.take(self._values[key], LARGE)
        end = perf_counter() + seconds
        for key, value in self._values.items():
            if key in self._points:
                continue
            point = Checkpoint.take(value, SMALL) if perf_counter() < end else None
            if point is not None:
                self._points[key] = point
            elif is_consumed(value):
                self._consumed.add(key)
        for key, point in self._points.items():
            if point is None or not point.consumed:
                continue
            if not self._loaded.isdisjoint(self._names[key]):
                used, read = point.uses()
                self._consumed |= used | {key}
                self._sources |= read

    def mutation(
        self,
        namespace: Callable[[], Mapping[str, object]],
        is_above: Callable[[str], bool] = lambda _name: True,
    ) -> Mutation:
        """Return what was changed since.

        Parameters
        ----------
        namespace
            Gives the notebook's own names after the run, to find aliases in.
        is_above
            Tells whether a name was there before the cell, or will only be made from
            what it changed: a container that a cell below makes is no input of it.
        """
        if not (self._points or self._consumed):
            return Mutation(frozenset(self._patched)) if self._patched else NOTHING
        changes: list[_Change] = []
        for key, point in self._points.items():
            if point is None:
                if key in self._declared:
                    changes.append(_Change(self._unseen(key)))
            elif changed := point.changed():
                changes.append(_Change(frozenset(changed | {key}), point))
            elif key in self._declared and not (point.is_exact() or point.consumed):
                # A change that is known to be there, and not seen: it was made where
                # nobody can look.
                changes.append(_Change(self._unseen(key)))
        if not (changes or self._consumed):
            return Mutation(names=frozenset(self._patched))
        others = {} if self._closed else namespace()
        return self._with_aliases(changes, others, is_above)

    def _unseen(self, key: int) -> frozenset[int]:
        """Return the ids of what changes with an object that is known to change."""
        return frozenset({key, id(root_of(self._values[key]))})

    def _with_aliases(
        self,
        changes: list[_Change],
        namespace: Mapping[str, object],
        is_above: Callable[[str], bool],
    ) -> Mutation:
        ids = _all_ids(changes)
        used = _Change(frozenset(self._consumed))
        changed = self._reached(ids, namespace)
        consumed = self._reached(used.ids, namespace)
        read = {name for names in self._names.values() for name in names}
        names = {n for n in (*changed, *consumed) if n in read or is_above(n)}
        through = {n for n, v in namespace.items() if id(v) in self._sources}
        # An iterator sees a change of its list, and is not changed itself.
        lasting = {
            name: value
            for name, value in changed.items()
            if id(value) in ids or not is_consumed(value)
        }
        parts = [
            *_together(changes, {id(v): v for v in lasting.values()}.values()),
            *_together([used], {id(v): v for v in consumed.values()}.values()),
        ]
        return Mutation(
            names=frozenset(names | self._patched),
            consumed=frozenset(names & consumed.keys()),
            through=frozenset(filter(is_above, through - self._loaded)),
            parts=tuple(parts),
            with_aliases=not self._closed,
        )

    def _reached(
        self, ids: frozenset[int], namespace: Mapping[str, object]
    ) -> dict[str, object]:
        """Return the names, with their objects, that are, hold or share some objects."""
        if not ids:
            return {}
        read = {
            name: self._values[key] for key in ids for name in self._names.get(key, ())
        }
        others = {
            name: value
            for name, value in namespace.items()
            if name not in read and reaches(value, ids)
        }
        return {**read, **others}

    def undo(self) -> bool:
        """Undo what an unfinished run has changed; return whether all could be undone."""
        complete = not self._consumed
        for key, point in self._points.items():
            if point is None:
                complete = complete and key not in self._declared
            elif point.changed():
                point.restore()
                complete = complete and point.is_exact()
            elif key in self._declared:
                complete = complete and point.is_exact()
        return complete
