"""Whether an array or a frame is as it was, told from as little as possible.

With copy-on-write whoever writes to a frame copies the column first, so a column whose
values lie where they lay is unchanged. Only the others are compared: a sample of them
first, because an assignment mostly changes everything, then all of them, because pandas
may have moved them without a change when it joined columns of one type.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["same_frame", "same_memory"]

_SAMPLE = 256
_WORDS = (8, 4, 2, 1)


def same_frame(frame: Any, then: Any) -> bool:
    """Tell whether a frame or series equals a shallow copy that was made of it."""
    if frame.attrs != then.attrs or not _same_axes(frame._mgr.axes, then._mgr.axes):
        return False
    # A frame has no name of its own; `frame.name` may be a column.
    if frame.ndim == 1 and frame.name != then.name:
        return False
    return all(_same_column(now, before) for now, before in _moved(frame, then))


def _same_axes(now: Any, then: Any) -> bool:
    return all(a.identical(b) for a, b in zip(now, then, strict=True))


def _moved(frame: Any, then: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the columns, now and then, whose values do not lie where they lay."""
    now, before = frame._mgr, then._mgr
    here = [block.values for block in now.blocks]
    there = [block.values for block in before.blocks]
    if len(here) == len(there) and all(map(_in_place, here, there)):
        return
    if frame.ndim == 1:
        yield here[0], there[0]
        return
    for place in range(len(now.blknos)):
        column = _row(here[now.blknos[place]], now.blklocs[place])
        other = _row(there[before.blknos[place]], before.blklocs[place])
        if not _in_place(column, other):
            yield column, other


def _row(values: Any, place: int) -> Any:
    return values[place] if values.ndim == 2 else values


def _in_place(now: Any, then: Any) -> bool:
    """Tell whether two columns or blocks of columns are the same memory."""
    return _place(now) == _place(then) and bool(
        now.dtype is then.dtype or now.dtype == then.dtype
    )


def _place(values: Any) -> Any:
    """Return where values are, or the values if that cannot be told."""
    values = getattr(values, "_ndarray", getattr(values, "_pa_array", values))
    interface = getattr(values, "__array_interface__", None)
    if interface is None:
        return id(values)
    return interface["data"], values.strides, values.shape


def _same_column(now: Any, then: Any) -> bool:
    """Compare the values of a column."""
    if now.dtype != then.dtype:
        return False
    inner, other = getattr(now, "_ndarray", now), getattr(then, "_ndarray", then)
    step = max(1, len(now) // _SAMPLE)
    if not isinstance(inner, sys.modules["numpy"].ndarray):
        return _equal(now[::step], then[::step]) and _equal(now, then)
    if not inner.dtype.hasobject:
        same_sample = same_memory(inner[::step].copy(), other[::step].copy())
        return same_sample and same_memory(inner, other)
    if not _equal(now[::step], then[::step]):
        return False
    return same_memory(inner, other) or _equal(now, then)


def _equal(now: Any, then: Any) -> bool:
    series = sys.modules["pandas"].Series
    return bool(series(now, copy=False).equals(series(then, copy=False)))


def same_memory(now: Any, then: Any) -> bool:
    """Tell whether two arrays hold the same bytes; so NaN equals itself."""
    if now.shape != then.shape or now.dtype != then.dtype:
        return False
    plain = now.flags.c_contiguous and then.flags.c_contiguous and now.size
    if not plain or now.dtype.hasobject:
        return bool(now.tobytes() == then.tobytes())
    size = next(size for size in _WORDS if now.itemsize % size == 0)
    words = f"u{size}"
    numpy = sys.modules["numpy"]
    return bool(
        numpy.array_equal(now.reshape(-1).view(words), then.reshape(-1).view(words))
    )
