"""The one namespace of a notebook, and whose version of each name is in it.

A notebook may bind a name in several cells. There is still only one namespace, as in
any IPython kernel, so before a cell runs each name that it reads is set to the version
which the rule of binding gives it, and when everything has run each name is set to its
last version again. Versions are references, never copies, and one is kept only while
another cell's version is in place and some cell may still want it: a name with one
writer costs nothing, and neither does a loop variable that nobody else reads.

>>> space = Namespace({})
>>> space.values["x"] = 1
>>> space.record("a", {"x"})
>>> space.values["x"] = 2  # cell b binds x again
>>> space.record("b", {"x"}, before={"x": 1})
>>> space.show("x", "a")
>>> space.values["x"]
1
>>> space.show("x", "b")
>>> space.values["x"]
2
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import chain, compress, islice
from operator import is_not
from typing import TYPE_CHECKING

from reactive_kernel.document import CellId
from reactive_kernel.runtime.checkpoint import is_atom
from reactive_kernel.runtime.functions import is_code
from reactive_kernel.runtime.objects import Objects

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Iterable,
        Iterator,
        Mapping,
        MutableMapping,
        Set,
    )

__all__ = ["NOBODY", "Namespace"]

NOBODY = CellId("")
"""A cell that has no version of anything."""

_MISSING = object()


class Namespace:
    """Names, their values, and the cell whose version of each name is in place.

    Parameters
    ----------
    values
        The namespace that cells execute in.
    foreign
        Tells which names are not the notebook's: those of IPython itself.
    wanted
        Tells whether a cell's version of a name may be asked for again; one that is
        not wanted is dropped as soon as another takes its place.

    Attributes
    ----------
    has_grown
        A version that is not light was kept since somebody set this to False.
    """

    def __init__(
        self,
        values: MutableMapping[str, object],
        foreign: Callable[[str], bool] = lambda _name: False,
        wanted: Callable[[CellId, str], bool] = lambda _cell, _name: True,
    ) -> None:
        self.values = values
        self.foreign = foreign
        self._wanted = wanted
        self._holder: dict[str, CellId] = {}
        self._kept: defaultdict[str, dict[CellId, object]] = defaultdict(dict)
        self._versions: defaultdict[CellId, set[str]] = defaultdict(set)
        self._partial: defaultdict[CellId, set[str]] = defaultdict(set)
        self._touched: set[str] = set()
        self._marked: set[str] = set()
        self._deleted: set[str] = set()
        self.objects = Objects()
        self.has_grown = False

    def holder(self, name: str) -> CellId | None:
        """Return the cell whose version of a name is in place."""
        return self._holder.get(name)

    def own(self) -> dict[str, object]:
        """Return the names that cells hold, with their values."""
        values = self.values
        return {name: values[name] for name in self._holder if name in values}

    def snapshot(self) -> dict[str, object]:
        """Return all names with their values as they are now."""
        # `copy` takes over a table from which names were deleted; `dict` fills a new
        # one, which takes ten times as long.
        values = self.values
        return values.copy() if type(values) is dict else dict(values)

    def in_place(self) -> list[tuple[str, CellId, object]]:
        """Return the names that cells hold, each with its holder and its value."""
        now = self.snapshot()
        return [
            (name, cell, now[name])
            for name, cell in self._holder.items()
            if name in now
        ]

    def held(self) -> list[str]:
        """Return the names of which some cell's version is in place."""
        return list(self._holder)

    def known(self) -> list[str]:
        """Return the names of which some cell's version is in place or kept."""
        return list(dict.fromkeys((*self._holder, *self._kept)))

    def has(self, cell: CellId, name: str) -> bool:
        """Tell whether the cell's version of a name is in place or kept, unchanged."""
        return self.holds(cell, name) and self.objects.at_hand((cell, name))

    def holds(self, cell: CellId, name: str) -> bool:
        """Tell whether the object that a cell bound to a name is there, changed or not."""
        in_place = self._holder.get(name) == cell and name in self.values
        return in_place or cell in self._kept.get(name, ())

    def show(self, name: str, writer: CellId | None) -> None:
        """Put a writer's version of a name in place (None: take the name away).

        A name that no cell holds (made by a silent request, say) is left alone when
        `writer` is None.
        """
        if self._holder.get(name) == writer:
            self._put_into_state(name, writer)
            return
        self._take(name)
        if writer is not None and writer in self._kept.get(name, ()):
            self.values[name] = self._kept[name].pop(writer)
            self._holder[name] = writer
            # The last version may be that a cell has deleted the name.
            self._marked.add(name)
            self._put_into_state(name, writer)

    def _put_into_state(self, name: str, writer: CellId | None) -> None:
        if writer is not None and self.objects and self.objects.show((writer, name)):
            self._touched.add(name)

    def versions(self) -> Iterator[tuple[tuple[CellId, str], object]]:
        """Yield every version there is, with its value."""
        for name, cell in self._holder.items():
            if name in self.values and name in self._versions.get(cell, ()):
                yield (cell, name), self.values[name]
        for name, kept in self._kept.items():
            for cell, value in kept.items():
                yield (cell, name), value

    def _take(self, name: str) -> None:
        """Take a name out of the namespace, keeping a version of it."""
        holder = self._holder.pop(name, None)
        value = self.values.pop(name, _MISSING)
        self._touched.add(name)
        if holder is not None and value is not _MISSING:
            self._keep(holder, name, value)

    def _keep(self, cell: CellId, name: str, value: object) -> None:
        if name in self._versions.get(cell, ()):
            self._kept[name][cell] = value
            self.has_grown = self.has_grown or not _is_light(value)

    def _prune(self, name: str) -> None:
        """Drop the versions of a name that nobody will ask for, unless they are light.

        Those whose object cannot be brought back into their state go, too, unless it is
        in place anyway.
        """
        kept, here = self._kept.get(name, {}), self.values.get(name, _MISSING)
        for cell, value in tuple(kept.items()):
            lost = value is not here and not self.objects.at_hand((cell, name))
            if _is_light(value) or (not lost and self._wanted(cell, name)):
                continue
            del kept[cell]
            self.objects.drop((cell, name))

    def kept(self) -> Iterator[tuple[tuple[CellId, str], object]]:
        """Yield the versions that are kept while another is in place, but light ones."""
        for name, kept in self._kept.items():
            for cell, value in kept.items():
                if not _is_light(value):
                    yield (cell, name), value

    def give_up(self, version: tuple[CellId, str]) -> None:
        """Drop a version that is kept; its cell has to run again if it is asked for."""
        cell, name = version
        del self._kept[name][cell]
        self.objects.drop(version)

    def clear(self, cell: CellId, names: Iterable[str]) -> dict[str, object]:
        """Take away what a cell is about to bind, and all that it bound before.

        Returns
        -------
        dict
            The cell's own earlier values, by name.
        """
        own = self._versions.pop(cell, set()) | self._partial.pop(cell, set())
        self._touched |= own
        earlier: dict[str, object] = {}
        for name in own:
            self.objects.drop((cell, name))
            if self._holder.get(name) == cell:
                del self._holder[name]
                value = self.values.pop(name, _MISSING)
            else:
                value = self._kept.get(name, {}).pop(cell, _MISSING)
            if value is not _MISSING:
                earlier[name] = value
        for name in names:
            if name in self.values and not self.foreign(name):
                self._take(name)
        return earlier

    def changes(self, before: Mapping[str, object]) -> tuple[set[str], set[str]]:
        """Return the names that were rebound and those that vanished since `before`."""
        # A copy, since a thread that the notebook has started may add names meanwhile.
        now, foreign = self.snapshot(), self.foreign
        if _has_in_front(now, before):
            # Told at C speed, in a namespace of thousands of names.
            differs = map(is_not, before.values(), now.values())
            rebound = compress(before, differs)
            added = islice(now, len(before), None)
            return {n for n in chain(rebound, added) if not foreign(n)}, set()
        get = before.get
        bound = {
            name
            for name, value in now.items()
            if get(name, _MISSING) is not value and not foreign(name)
        }
        return bound, {name for name in before.keys() - now.keys() if not foreign(name)}

    def record(
        self,
        cell: CellId,
        names: Set[str],
        before: Mapping[str, object] | None = None,
    ) -> None:
        """Note that the cell's versions of some names are now in place.

        Parameters
        ----------
        cell
            The cell that just ran.
        names
            What it bound, changed or deleted.
        before
            The namespace as it was before: versions of other cells that were
            overwritten are kept from it.
        """
        for name in names:
            self._keep_overwritten(cell, name, before or {})
            self._holder[name] = cell
            if self._kept.get(name):
                self._prune(name)
        self._deleted.update(names - self.values.keys())
        self._versions[cell].update(names)
        self._touched.update(names)

    def _keep_overwritten(
        self, cell: CellId, name: str, before: Mapping[str, object]
    ) -> None:
        holder = self._holder.get(name)
        if holder is not None and holder != cell and name in before:
            self._keep(holder, name, before[name])

    def stamp(self, cell: CellId) -> None:
        """Note the states that the objects of a cell's versions are in now."""
        for name in self._versions[cell] if self.objects else ():
            if name in self.values:
                self.objects.recorded((cell, name), self.values[name])

    def record_partial(self, cell: CellId, before: Mapping[str, object]) -> set[str]:
        """Note what a failed run left: it can be inspected, but is no version.

        Parameters
        ----------
        cell
            The cell whose run failed.
        before
            The namespace as it was before; what the run deleted is put back.

        Returns
        -------
        set
            The names that it left.
        """
        bound, gone = self.changes(before)
        for name in gone:
            self.values[name] = before[name]
        for name in bound:
            self._keep_overwritten(cell, name, before)
            self._holder[name] = cell
        self._partial[cell] |= bound
        self._touched |= bound
        return bound

    def settle(self, last_writer: Callable[[str], CellId | None]) -> None:
        """Put the last version of each name that was touched back in place.

        Parameters
        ----------
        last_writer
            For a name, the cell whose version shall be in place; None leaves the name
            as it is, and `NOBODY` takes it away.
        """
        for name in self.unsettled:
            writer = last_writer(name)
            if writer is not None:
                self.show(name, writer)
            self._prune(name)
        self._marked.clear()
        self._touched.clear()

    @property
    def unsettled(self) -> list[str]:
        """The names of which the next `settle` will see to the last version.

        A name of which there is one version, and that in place, needs no look. That a
        cell has deleted the name is a version, too.
        """
        if self.objects:
            return [*self._touched, *self._marked]
        values, kept, deleted = self.values, self._kept, self._deleted
        several = (
            name
            for name in self._touched
            if name not in values or name in deleted or kept.get(name)
        )
        return [*several, *self._marked]

    def mark(self, names: Iterable[str]) -> None:
        """See to some names at the next `settle`, whatever versions there are."""
        self._marked.update(names)

    @property
    def is_marked(self) -> bool:
        """True while there are names that `mark` wants the next `settle` to see to."""
        return bool(self._marked)

    def bound_by(self, cell: CellId) -> frozenset[str]:
        """Return the names that a cell has bound, also in a run that failed."""
        return frozenset((*self._versions.get(cell, ()), *self._partial.get(cell, ())))

    def scrub(self, cell: CellId) -> dict[str, object]:
        """Remove all that a cell left behind; return its values, by name."""
        return self.clear(cell, ())

    def rename(self, old: CellId, new: CellId) -> None:
        """Give everything that a cell holds to another id."""
        self.objects.rename(old, new)
        for table in (self._versions, self._partial):
            for name in table.get(old, ()):
                if self._holder.get(name) == old:
                    self._holder[name] = new
                elif old in self._kept.get(name, ()):
                    self._kept[name][new] = self._kept[name].pop(old)
            if old in table:
                table[new] = table.pop(old)

    def forget(self) -> None:
        """Forget all versions, after the namespace was emptied from outside."""
        for table in (self._holder, self._kept, self._versions, self._partial):
            table.clear()
        self.objects.clear()
        self._touched.clear()
        self._marked.clear()
        self._deleted.clear()


def _is_light(value: object) -> bool:
    """Tell whether keeping a value costs next to nothing."""
    return (is_atom(value) or is_code(value)) and sys.getsizeof(value) < 1000  # bytes


def _has_in_front(now: Mapping[str, object], before: Mapping[str, object]) -> bool:
    """Tell whether all names are there, in the same order, before those added since."""
    return len(now) >= len(before) and list(before) == list(islice(now, len(before)))
