"""Attributes of modules, and of classes of libraries, that cells have changed.

A module is the same one for all cells, under whatever name each imports it, and none of
them has made it. So what cells do to its attributes (``math.tau = 3``) is kept here for
each of them, beside the namespace, as the global generators of random numbers are: a
cell finds each attribute as the cells above it left it, or else as it was at first.
Nothing else about a module is touched, for it may have loaded a part of itself meanwhile.

>>> import math
>>> patches = Patches()
>>> before = patches.look([math])
>>> math.tau = 3
>>> list(patches.leave("a", before))
['module math']
>>> patches.enter([])  # for a cell above
>>> math.tau > 6
True
>>> patches.enter(["a"])  # for a cell below
>>> math.tau
3
>>> patches.forget("a")
>>> patches.enter([])
>>> math.tau > 6
True
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reactive_kernel.analysis import MODULE
from reactive_kernel.runtime.functions import is_of_notebook
from reactive_kernel.runtime.versions import token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.planning import Token

__all__ = ["Patches", "Snapshot", "imported", "is_module_name", "is_owner"]

_MISSING: Final = object()
_OWN_BUSINESS: Final = frozenset({"__warningregistry__", "__doc__", "_abc_impl"})


class Attribute(NamedTuple):
    """An attribute of a module or class; the owner is known by its identity."""

    owner: int
    name: str


class Snapshot(NamedTuple):
    """What a module or class held before a run that may change it."""

    owner: Any
    content: Mapping[str, Any]


def is_owner(value: object) -> bool:
    """Tell whether a value is a module, or a class of a library."""
    kind = type(value)
    return issubclass(kind, ModuleType | type) and not is_of_notebook(value)


def is_module_name(name: str) -> bool:
    """Tell whether a name stands for an imported package."""
    return name.startswith(MODULE)


def imported(path: str) -> Any:
    """Return what a full name like ``fractions.Fraction`` stands for; None if unknown.

    Nothing is imported for that.
    """
    package, *parts = path.split(".")
    found: Any = sys.modules.get(package)
    for part in parts:
        found = getattr(found, part, None)
    return found


def _package(owner: Any) -> str:
    is_module = isinstance(owner, ModuleType)
    name = vars(owner).get("__name__") if is_module else owner.__module__
    return MODULE + str(name).partition(".")[0]


class Patches:
    """The attributes that cells have changed, and what each cell left in them."""

    def __init__(self) -> None:
        self._owners: dict[int, Any] = {}
        self._first: dict[Attribute, Any] = {}
        self._left: dict[CellId, dict[Attribute, Any]] = {}

    def __len__(self) -> int:
        return len(self._first)

    def __iter__(self) -> Iterator[CellId]:
        return iter(tuple(self._left))

    def look(self, owners: Iterable[Any]) -> tuple[Snapshot, ...]:
        """Return what some modules and classes hold, before a run."""
        return tuple(Snapshot(owner, dict(vars(owner))) for owner in owners)

    def enter(self, above: Iterable[CellId]) -> None:
        """Set each attribute as some cells left it, the later ones over the earlier."""
        wanted = dict(self._first)
        for cell in above:
            wanted.update(self._left.get(cell, {}))
        for attribute, value in wanted.items():
            _put(self._owners[attribute.owner], attribute.name, value)

    def leave(
        self, cell: CellId, before: Iterable[Snapshot]
    ) -> dict[str, tuple[Any, Token]]:
        """Note what a successful run has changed.

        Returns
        -------
        dict
            For each package that it changed, the last owner, and the token of what it
            left there.
        """
        found: dict[str, tuple[Any, Token]] = {}
        for owner, content in before:
            changed = _changed(owner, content)
            for name, value in changed.items():
                attribute = Attribute(id(owner), name)
                self._first.setdefault(attribute, content.get(name, _MISSING))
                self._left.setdefault(cell, {})[attribute] = value
            if changed:
                self._owners[id(owner)] = owner
                tokens = ((name, token(value)) for name, value in changed.items())
                found[_package(owner)] = (owner, frozenset(tokens))
        return found

    def undo(self, before: Iterable[Snapshot]) -> None:
        """Put back what an unfinished run has changed."""
        for owner, content in before:
            for name in _changed(owner, content):
                _put(owner, name, content.get(name, _MISSING))

    def forget(self, cell: CellId) -> None:
        """Drop what a cell left."""
        self._left.pop(cell, None)

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter what a cell left under another id."""
        if old in self._left:
            self._left[new] = self._left.pop(old)


def _changed(owner: Any, content: Mapping[str, Any]) -> dict[str, Any]:
    now = vars(owner)
    return {
        name: now.get(name, _MISSING)
        for name in now.keys() | content.keys()
        if now.get(name, _MISSING) is not content.get(name, _MISSING)
        and not isinstance(now.get(name), ModuleType)
        and name not in _OWN_BUSINESS
    }


def _put(owner: Any, name: str, value: Any) -> None:
    if value is not _MISSING:
        if vars(owner).get(name, _MISSING) is not value:
            setattr(owner, name, value)
    elif name in vars(owner):
        delattr(owner, name)
