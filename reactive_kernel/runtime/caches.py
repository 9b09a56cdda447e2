"""Functions that keep their results (`functools.lru_cache`), and when these hold.

A result is kept by the arguments alone, although the function may read other names of
the notebook. So what is kept holds for the versions of these names under which it was
computed, and is given up as soon as a cell calls the function under others.

>>> from functools import cache
>>> k = 1
>>> @cache
... def times(n):
...     return n * k
>>> caches = Caches()
>>> caches.enter(times, {"k": "version 1"})
>>> times(3)
3
>>> k = 2
>>> caches.enter(times, {"k": "version 2"})
>>> times(3)
6
"""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from reactive_kernel.runtime.functions import (
    class_of,
    is_of_notebook,
    state_of_function,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reactive_kernel.planning import Token

__all__ = ["Caches", "kept_results"]

_CACHE: Final = type(lru_cache(lambda: None))


class Caches:
    """For each function that keeps its results, the versions that these hold for."""

    def __init__(self) -> None:
        self._held: WeakKeyDictionary[Any, Mapping[str, Token]] = WeakKeyDictionary()

    def enter(self, function: Any, now: Mapping[str, Token]) -> None:
        """Give up the results of a function that do not hold for a cell about to run.

        Parameters
        ----------
        function
            A function that the cell may call.
        now
            The names that the function reads, each with the version that it will find.
        """
        if self._held.setdefault(function, now) != now:
            function.cache_clear()
            self._held[function] = now


def kept_results(value: Any) -> Iterator[Any]:
    """Yield the functions that keep their results within a function, class or object."""
    kind = type(value)
    if kind is _CACHE:
        yield value
    elif is_of_notebook(value):
        yield from filter(_keeps, _parts(value))
    else:
        for made_of in class_of(value):
            yield from filter(_keeps, _parts(made_of))


def _parts(value: Any) -> Iterable[Any]:
    """Return what a function or class of the notebook holds."""
    if isinstance(value, FunctionType):
        return state_of_function(value).values()
    # A static method or class method holds the function that it is made of.
    return [getattr(part, "__func__", part) for part in vars(value).values()]


def _keeps(value: object) -> bool:
    return type(value) is _CACHE
