"""Objects that cells change in place, and the states that their versions are in.

Two versions of a name can be the same object at different times: ``xs = []`` in one
cell and ``xs.append(1)`` in another. Such an object is put into the state that a version
asks for, *in place*, so that every name and container that refers to it follows.

Objects that were changed together (a list, and a dictionary that holds it) form a group:
they are saved and put back together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reactive_kernel.runtime.checkpoint import LARGE, Checkpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from reactive_kernel.document import CellId

__all__ = ["Objects", "Saved", "Version"]


class _State:
    """One state that a group of objects was in; known by identity."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class _Group:
    """Objects that change together: the state they are in, and how to get to others."""

    roots: dict[int, object]
    now: _State
    saved: dict[_State, tuple[Checkpoint, ...]] = field(default_factory=dict)

    def switch(self, state: _State, wanted: Collection[_State]) -> None:
        """Put the objects into another state, keeping the present one if wanted."""
        if self.now in wanted and self.now not in self.saved:
            self._save()
        for checkpoint in self.saved[state]:
            checkpoint.restore()
        self.now = state

    def reaches(self, state: _State) -> bool:
        """Tell whether the objects are in a state, or can be put into it exactly."""
        if self.now is state:
            return True
        if all(point.is_exact() for point in self.saved.get(state, ())):
            return state in self.saved
        del self.saved[state]
        return False

    def _save(self) -> None:
        taken = [Checkpoint.take(root, LARGE) for root in self.roots.values()]
        exact = [point for point in taken if point is not None and point.exact]
        if len(exact) == len(taken):
            self.saved[self.now] = tuple(exact)


Version = tuple["CellId", str]


@dataclass(frozen=True, slots=True)
class Saved:
    """A state that objects can be put back into.

    Parameters
    ----------
    versions
        The versions that are in this state.
    checkpoints
        What was saved.
    state
        The state; known by identity.
    """

    versions: tuple[Version, ...]
    checkpoints: tuple[Checkpoint, ...]
    state: _State
    _group: _Group

    @property
    def is_present(self) -> bool:
        """True if the objects are in this state anyway."""
        return self._group.now is self.state

    def give_up(self) -> None:
        """Drop it; the cell that made the object has to run again if it is asked for."""
        self._group.saved.pop(self.state, None)


class Objects:
    """The objects that were changed in place, and the state of each version.

    Attributes
    ----------
    has_grown
        A state was saved since somebody set this to False.
    """

    def __init__(self) -> None:
        self.has_grown = False
        self._groups: dict[int, _Group] = {}
        self._versions: dict[Version, tuple[_Group, _State]] = {}

    def __bool__(self) -> bool:
        return bool(self._groups)

    def at_hand(self, version: Version) -> bool:
        """Tell whether a version's object is in its state, or can be put into it."""
        entry = self._versions.get(version)
        if entry is None:
            return True
        group, state = entry
        return group.reaches(state)

    def show(self, version: Version) -> bool:
        """Put a version's object into its state; return whether anything was done."""
        entry = self._versions.get(version)
        if entry is None:
            return False
        group, state = entry
        if group.now is state or not group.reaches(state):
            return False
        group.switch(state, self._states_of(group))
        self.has_grown = True
        return True

    def _states_of(self, group: _Group) -> set[_State]:
        return {state for at, state in self._versions.values() if at is group}

    def recorded(self, version: Version, value: object) -> None:
        """Note that a version has just been made, with its object as it is now."""
        group = self._groups.get(id(value))
        if group is not None:
            self._versions[version] = (group, group.now)
        else:
            self._versions.pop(version, None)

    def changed(
        self,
        roots: Iterable[object],
        before: Collection[Checkpoint],
        versions: Iterable[tuple[Version, object]],
        restorable: bool,
    ) -> None:
        """Note that a run has changed some objects in place.

        Parameters
        ----------
        roots
            The objects, and those that hold or share them.
        before
            Checkpoints of what was changed, as it was before the run.
        versions
            All versions there are, with their objects, except those of the run.
        restorable
            The checkpoints hold all that was changed, exactly.
        """
        objects = {id(root): root for root in roots}
        group = self._joined(objects)
        then = group.now
        if restorable:
            group.saved.setdefault(then, tuple(before))
            self.has_grown = True
        else:
            # What is in no checkpoint was as these had it, and is not any more.
            group.saved.clear()
        for version, value in versions:
            if id(value) in objects and version not in self._versions:
                self._versions[version] = (group, then)
        group.now = _State()

    def _joined(self, objects: dict[int, object]) -> _Group:
        """Return one group of all these objects."""
        found = {self._groups[key] for key in objects if key in self._groups}
        group = found.pop() if found else _Group({}, _State())
        for other in found:
            group.saved.update(other.saved)
            group.roots.update(other.roots)
            for version, (at, state) in self._versions.items():
                if at is other:
                    same = group.now if state is other.now else state
                    self._versions[version] = (group, same)
        group.roots.update(objects)
        self._groups.update(dict.fromkeys(group.roots, group))
        return group

    def drop(self, version: Version) -> None:
        """Forget a version; and its object, if it was the last one."""
        entry = self._versions.pop(version, None)
        if entry is None:
            return
        group, state = entry
        left = self._states_of(group)
        if state not in left:
            group.saved.pop(state, None)
        if not left:
            for key in group.roots:
                self._groups.pop(key, None)

    def saved(self) -> list[Saved]:
        """Return the states that are saved and that objects are not in."""
        versions: dict[_State, list[Version]] = {}
        for version, (_group, state) in self._versions.items():
            versions.setdefault(state, []).append(version)
        return [
            Saved(tuple(versions.get(state, ())), points, state, group)
            for group in {id(group): group for group in self._groups.values()}.values()
            for state, points in group.saved.items()
        ]

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter the versions of a cell under another id."""
        for cell, name in [version for version in self._versions if version[0] == old]:
            self._versions[new, name] = self._versions.pop((cell, name))

    def clear(self) -> None:
        """Forget everything."""
        self._groups.clear()
        self._versions.clear()
