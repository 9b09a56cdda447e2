"""The global random generators, which every cell shares.

A generator is a name like any other, except that it lives outside the namespace: a cell
that draws numbers reads the generator's state as the cells above left it, and leaves a
new one. So a cell in the middle that is run again draws what a fresh run would draw, and
whoever seeds a generator above makes the cells that draw from it follow.

>>> import random
>>> generators = Generators()
>>> before = generators.enter({})
>>> first = random.random()
>>> list(generators.leave("a", before))
['random generator']
>>> before = generators.enter({"random generator": None})  # run it again
>>> first == random.random()
True
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.planning import Token

__all__ = ["GENERATORS", "Generators"]


def _python_state() -> Hashable:
    random = sys.modules.get("random")
    return None if random is None else random.getstate()


def _put_python_state(state: Any) -> None:
    sys.modules["random"].setstate(state)


def _numpy_state() -> Hashable:
    module = sys.modules.get("numpy.random")
    if module is None or not hasattr(module, "get_state"):
        return None
    name, key, position, has_gauss, gauss = module.get_state()
    return (name, key.tobytes(), int(position), int(has_gauss), float(gauss))


def _put_numpy_state(state: Any) -> None:
    numpy = sys.modules["numpy"]
    name, key, *rest = state
    keys = numpy.frombuffer(key, dtype=numpy.uint32).copy()
    numpy.random.set_state((name, keys, *rest))


_ACCESS: Final[Mapping[str, tuple[Callable[[], Hashable], Callable[[Any], None]]]] = {
    "random generator": (_python_state, _put_python_state),
    "numpy random generator": (_numpy_state, _put_numpy_state),
}

GENERATORS: Final = frozenset(_ACCESS)
"""Their names; none is an identifier, so no cell can bind one by its text."""


class Generators:
    """The states that cells left the generators in.

    Parameters
    ----------
    names
        The generators to look after.
    """

    def __init__(self, names: frozenset[str] = GENERATORS) -> None:
        self._names = names
        self._start: dict[str, Hashable] = {}
        self._left: dict[tuple[CellId, str], Hashable] = {}

    def _now(self) -> dict[str, Hashable]:
        """Return the state of each generator that has been imported."""
        found = {name: _ACCESS[name][0]() for name in self._names}
        return {name: state for name, state in found.items() if state is not None}

    def enter(self, writers: Mapping[str, CellId | None]) -> dict[str, Hashable]:
        """Put the generators into the states that a cell shall find.

        Parameters
        ----------
        writers
            The cell above that last drew from each generator; None: no cell did.

        Returns
        -------
        dict
            These states, by generator.
        """
        drawn_from = {name for _cell, name in self._left}
        states: dict[str, Hashable] = {}
        for name, now in self._now().items():
            if name not in drawn_from:
                self._start[name] = now
            writer = writers.get(name)
            state = self._start[name] if writer is None else self._left[writer, name]
            if state != now:
                _ACCESS[name][1](state)
            states[name] = state
        return states

    def leave(self, cell: CellId, before: Mapping[str, Hashable]) -> dict[str, Token]:
        """Write down which generators a successful run drew from, with their tokens."""
        tokens: dict[str, Token] = {}
        for name, state in self._now().items():
            if name in before and before[name] != state:
                self._left[cell, name] = state
                tokens[name] = ("state", hash(state))
        return tokens

    def forget(self, cell: CellId) -> None:
        """Drop the states that a cell left."""
        for name in self._names:
            self._left.pop((cell, name), None)

    def drew(self, cell: CellId, name: str) -> bool:
        """Tell whether the cell drew from a generator when it last ran."""
        return (cell, name) in self._left

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter what a cell left under another id."""
        for name in self._names:
            if (old, name) in self._left:
                self._left[new, name] = self._left.pop((old, name))

    def settle(self, last: Mapping[str, CellId | None]) -> None:
        """Put each generator into the state that the last cell left."""
        if self._left:
            self.enter(last)
