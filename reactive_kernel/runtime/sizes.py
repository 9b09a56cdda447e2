"""What a value takes in memory: an estimate that is cheap and never looks far.

The answer is a table of *parts*, bytes by the identity of a buffer or an object, so that
what two values share can be counted once:

>>> cells = [0.5] * 1000
>>> both = parts([cells, cells])
>>> both[id(cells)] == parts(cells)[id(cells)]
True
>>> sum(both.values()) < 2 * sum(parts(cells).values())
True

Arrays, frames and series count with their buffers; other objects as `sys.getsizeof` says.
Of a container only the first elements are looked at, fifty of the outermost one and
fewer further inside; the others are taken to be like them.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from contextlib import suppress
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.runtime.checkpoint import is_atom

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Parts", "Tally", "flat", "parts"]

Parts = dict[int, int]
"""Bytes, by the address of a buffer or the id of an object."""

OBJECTS: Final = 2000
"""So many objects within a value are looked at; a millisecond or two."""

_SAMPLES = (50, 5, 2)
"""Elements looked at by depth; one, further inside."""

_DEPTH = 20
_LONG = 1000
"""Texts of more bytes are parts of their own."""


def parts(value: object, objects: int = OBJECTS) -> Parts:
    """Return what a value takes, by part.

    Parameters
    ----------
    value
        Anything.
    objects
        How many objects within it may be looked at.
    """
    meter = _Meter(objects)
    with suppress(Exception):  # the objects' own code
        meter.enter(value)
    return meter.parts


def flat(values: Iterable[object]) -> Parts:
    """Return what some values take, without what is within containers."""
    return {
        key: size
        for value in values
        for key, size in _buffers(value) or [(id(value), sys.getsizeof(value))]
    }


class Tally:
    """The bytes of some tables of parts together; what they share counts once.

    Attributes
    ----------
    total
        These bytes.
    """

    def __init__(self) -> None:
        self.total = 0
        self._users: Counter[int] = Counter()

    def add(self, table: Parts) -> int:
        """Count a table in; return the bytes that nothing else accounts for."""
        new = sum(size for key, size in table.items() if not self._users[key])
        self._users.update(table.keys())
        self.total += new
        return new

    def remove(self, table: Parts) -> int:
        """Take a table out that was counted; return the bytes that this frees."""
        self._users.subtract(table.keys())
        freed = 0
        for key, size in table.items():
            if not self._users[key]:
                del self._users[key]
                freed += size
        self.total -= freed
        return freed


class _Meter:
    def __init__(self, objects: int) -> None:
        self.parts: Parts = {}
        self._left = objects

    def enter(self, value: object, depth: int = 0) -> int:
        """Enter a value and what is within; return the bytes that this has added."""
        if id(value) in self.parts or self._left <= 0 or depth > _DEPTH:
            return 0
        if buffers := _buffers(value):
            return sum(self._add(key, size) for key, size in buffers)
        own = self._add(id(value), sys.getsizeof(value))
        return own + sum(
            self._inside(id(value), elements, depth) for elements in _contents(value)
        )

    def _add(self, key: int, size: int) -> int:
        if key in self.parts:
            return 0
        self.parts[key] = size
        return size

    def _inside(self, key: int, elements: Collection[object], depth: int) -> int:
        """Enter the first elements; the others count as part of the container."""
        if not elements:
            return 0
        sample = list(islice(elements, _SAMPLES[depth] if depth < len(_SAMPLES) else 1))
        self._left -= len(sample)
        sizes = [self._element(key, element, depth) for element in sample]
        # The median, so that one large element among small ones counts once.
        others = (len(elements) - len(sample)) * int(median(sizes))
        self.parts[key] += others
        return sum(sizes) + others

    def _element(self, key: int, element: object, depth: int) -> int:
        if is_atom(element) and (size := sys.getsizeof(element)) < _LONG:
            self.parts[key] += size
            return size
        return self.enter(element, depth + 1)


def _contents(value: object) -> tuple[Collection[object], ...]:
    """Return the collections of what a container or a plain object refers to."""
    if isinstance(value, dict):
        return value.keys(), value.values()
    if isinstance(value, list | tuple | set | frozenset | deque):
        return (value,)
    return () if is_atom(value) else (getattr(value, "__dict__", {}).values(),)


def _buffers(value: Any) -> list[tuple[int, int]]:
    """Return the address and the size of each buffer that a value keeps."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return [_array(value, numpy)]
    if pandas is None:
        return []
    if isinstance(value, pandas.DataFrame | pandas.Series):
        blocks = [block.values for block in value._mgr.blocks]
        return [*map(_column, blocks), *map(_column, value._mgr.axes)]
    return [_column(value)] if isinstance(value, pandas.Index) else []


def _column(values: Any) -> tuple[int, int]:
    """Return the buffer of a block, of an extension array or of an index."""
    numpy, pandas = sys.modules["numpy"], sys.modules["pandas"]
    if isinstance(values, pandas.RangeIndex):  # its `_data` would be made for us
        return id(values), sys.getsizeof(values)
    inner = getattr(values, "_data", values)
    inner = getattr(inner, "_ndarray", getattr(inner, "_pa_array", inner))
    if isinstance(inner, numpy.ndarray):
        return _array(inner, numpy)
    return id(inner), int(getattr(inner, "nbytes", sys.getsizeof(inner)))


def _array(array: Any, numpy: Any) -> tuple[int, int]:
    """Return the memory that an array keeps, which is that of the array it views."""
    while isinstance(array.base, numpy.ndarray):
        array = array.base
    size = int(array.nbytes)
    if array.dtype.hasobject and array.size:
        sample = array.ravel(order="K")[:: max(1, array.size // 100)]
        size += array.size * sum(map(sys.getsizeof, sample)) // len(sample)
    return array.__array_interface__["data"][0], size
