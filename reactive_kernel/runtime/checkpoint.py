"""Checkpoints: what an object holds, kept so that a change in place can be undone.

A checkpoint is taken of what a cell reads just before it runs. Afterwards it tells
exactly which of the containers within have changed, and it can put the object back *in
place*, so that everything that refers to it, or to a part of it, sees the earlier state.

>>> table = {"rows": [1, 2]}
>>> before = Checkpoint.take(table, SMALL)
>>> table["rows"].append(3)
>>> before.changed() == {id(table["rows"])}
True
>>> before.restore()
>>> table
{'rows': [1, 2]}

Containers of the standard library, arrays, frames and series, and objects that are made
of nothing but their ``__dict__`` are looked into, at every depth. Whatever else is met
counts as one opaque value: a change inside it goes unseen, and a checkpoint that holds
one is not `exact`. There is a budget: a checkpoint that would cost more is not taken.
"""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from operator import is_
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

__all__ = ["LARGE", "SMALL", "Budget", "Checkpoint", "is_atom", "reaches"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a checkpoint may look at.

    Parameters
    ----------
    items
        Elements of containers; about 20 ns each.
    nodes
        Containers and objects; about 1 µs each.
    bytes
        Bytes of arrays to copy; about 0.2 ms a megabyte.
    """

    items: int
    nodes: int
    bytes: int


SMALL: Final = Budget(items=20_000, nodes=300, bytes=2_000_000)
"""For what a cell merely reads: about half a millisecond."""

LARGE: Final = Budget(items=1_000_000, nodes=5_000, bytes=32_000_000)
"""For what a cell is known to change: about ten milliseconds at the most."""

_ATOMS = frozenset(
    {
        int, float, complex, bool, str, bytes, type(None), range, slice, type,
        FunctionType, BuiltinFunctionType, MethodType, ModuleType, type(...),
    }
)  # fmt: skip
_HEAP_TYPE = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: set for every class that a class statement has made."""


class _Simplest:
    pass


_NO_STATE_IN_C = _Simplest.__basicsize__
"""Bytes of an instance that has a ``__dict__`` and nothing else."""


class _OverBudget(Exception):  # noqa: N818  # a signal, no error
    pass


@dataclass(frozen=True, slots=True)
class _Node:
    """One object within a checkpoint: its content then, and how to compare and undo."""

    of: Any
    content: Any
    same: Callable[[Any, Any], bool]
    put_back: Callable[[Any, Any], None]


class Checkpoint:
    """The state of an object and of all that is within it.

    Attributes
    ----------
    of
        The object.
    exact
        False if something was met that cannot be looked into.
    """

    def __init__(self, of: object, budget: Budget) -> None:
        self.of = of
        self.exact = True
        self._nodes: dict[int, _Node] = {}
        self._items = budget.items
        self._count = budget.nodes
        self._bytes = budget.bytes
        waiting = [of]
        while waiting:
            waiting.extend(self._enter(waiting.pop()))

    @classmethod
    def take(cls, value: object, budget: Budget) -> Checkpoint | None:
        """Take a checkpoint; None if nothing within can change, or it costs too much."""
        if is_atom(value):
            return None
        try:
            checkpoint = cls(value, budget)
        except _OverBudget:
            return None
        except Exception:  # noqa: BLE001  # the object's own code
            return None
        return checkpoint if checkpoint._nodes else None

    def changed(self) -> set[int]:
        """Return the ids of the objects within that are not as they were."""
        found: set[int] = set()
        for node in self._nodes.values():
            if not _quietly(node.same, node.of, node.content):
                found |= {id(node.of), id(_root(node.of))}
        return found

    def parts(self) -> set[int]:
        """Return the ids of the objects within that can change."""
        roots = {id(_root(node.of)) for node in self._nodes.values()}
        return roots | self._nodes.keys()

    def restore(self) -> None:
        """Put every object within back into the state that it had."""
        for node in self._nodes.values():
            node.put_back(node.of, node.content)

    def _enter(self, value: Any) -> Iterable[Any]:
        """Note one object; return what is within it and may change."""
        key = id(value)
        if is_atom(value) or key in self._nodes:
            return ()
        self._count -= 1
        if self._count < 0:
            raise _OverBudget
        kind = type(value)
        if kind in (tuple, frozenset):
            return self._inside(value)
        if (handler := _CONTAINERS.get(kind)) is not None:
            return self._container(value, *handler)
        if (made := self._array_or_frame(value)) is not None:
            self._nodes[key] = made
            return ()
        if _is_made_of_its_dict(kind):
            return self._container(value, _dict_of, _same_items, _put_dict)
        self.exact = False
        return ()

    def _container(
        self,
        value: Any,
        content_of: Callable[[Any], Any],
        same: Callable[[Any, Any], bool],
        put_back: Callable[[Any, Any], None],
    ) -> Iterable[Any]:
        content = content_of(value)
        self._nodes[id(value)] = _Node(value, content, same, put_back)
        if isinstance(content, dict):
            return (*self._inside(content), *self._inside(content.values()))
        return self._inside(content)

    def _inside(self, values: Collection[Any]) -> Iterable[Any]:
        self._items -= len(values)
        if self._items < 0:
            raise _OverBudget
        if isinstance(values, bytes | bytearray) or _ATOMS.issuperset(
            map(type, values)
        ):
            return ()
        return [value for value in values if type(value) not in _ATOMS]

    def _array_or_frame(self, value: Any) -> _Node | None:
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        if numpy is not None and type(value) is numpy.ndarray:
            return self._array(value)
        if pandas is not None and type(value) in (pandas.DataFrame, pandas.Series):
            return self._frame(value, pandas)
        return None

    def _array(self, array: Any) -> _Node:
        if array.nbytes > self._bytes:
            self.exact = False
            return _Node(array, _sample(array), _same_sample, _put_nothing)
        self._bytes -= array.nbytes
        self.exact = self.exact and not array.dtype.hasobject
        return _Node(array, array.copy(), _same_array, _put_array)

    def _frame(self, frame: Any, pandas: Any) -> _Node:
        # With copy-on-write a shallow copy is exact: whoever writes to the frame copies
        # the block first, so an unchanged block is the same array.
        if int(pandas.__version__.split(".")[0]) < 3:
            self._bytes -= int(frame.memory_usage(index=True, deep=False).sum())
            if self._bytes < 0:
                raise _OverBudget
            copy = frame.copy(deep=True)
        else:
            copy = frame.copy(deep=False)
        if any(dtype.name == "object" for dtype in _dtypes(frame)):
            self.exact = False
        return _Node(frame, copy, _same_frame, _put_frame)


def _quietly(same: Callable[[Any, Any], bool], value: Any, content: Any) -> bool:
    try:
        return same(value, content)
    except Exception:  # noqa: BLE001  # the object's own code
        return False


def tells_of_changes(value: object) -> bool:
    """Tell whether an object has traits: whoever reads one is told when it changes."""
    return any(base.__name__ == "HasTraits" for base in type(value).__mro__)


def is_atom(value: object) -> bool:
    """Tell whether a value has nothing within that could change."""
    kind = type(value)
    return kind in _ATOMS or issubclass(kind, type)


def _is_made_of_its_dict(kind: type) -> bool:
    """Tell whether all state of a class's instances is in their ``__dict__``.

    An object with traits tells others of its changes, so its state is not only its own.
    """
    if kind.__dictoffset__ == 0 or kind.__basicsize__ > _NO_STATE_IN_C:
        return False
    return all(
        base is object
        or (
            base.__flags__ & _HEAP_TYPE
            and not vars(base).get("__slots__")
            and base.__name__ != "HasTraits"
        )
        for base in kind.__mro__
    )


def _root(value: Any) -> Any:
    """Return the array whose memory a view looks into; else the value itself."""
    numpy = sys.modules.get("numpy")
    while numpy is not None and type(value) is numpy.ndarray and value.base is not None:
        value = value.base
    return value


def _same_sequence(value: Any, content: Any) -> bool:
    return len(value) == len(content) and all(map(is_, value, content))


def _same_items(value: Any, content: Any) -> bool:
    now = vars(value) if not isinstance(value, dict) else value
    return (
        len(now) == len(content)
        and all(map(is_, now, content))
        and all(map(is_, now.values(), content.values()))
    )


def _same_set(value: Any, content: Any) -> bool:
    return len(value) == len(content) and {*map(id, value)} == {*map(id, content)}


def _put_sequence(value: Any, content: Any) -> None:
    value[:] = content


def _put_deque(value: Any, content: Any) -> None:
    value.clear()
    value.extend(content)


def _put_dict_items(value: Any, content: Any) -> None:
    dict.clear(value)
    dict.update(value, content)


def _put_ordered(value: Any, content: Any) -> None:
    value.clear()
    value.update(content)


def _put_set(value: Any, content: Any) -> None:
    value.clear()
    value.update(content)


def _dict_of(value: Any) -> dict[str, Any]:
    return dict(vars(value))


def _put_dict(value: Any, content: Any) -> None:
    state = vars(value)
    state.clear()
    state.update(content)


def _same_array(array: Any, content: Any) -> bool:
    if array.shape != content.shape or array.dtype != content.dtype:
        return False
    if not (array.flags.c_contiguous and content.flags.c_contiguous and array.size):
        return bool(array.tobytes() == content.tobytes())
    numpy = sys.modules["numpy"]
    return bool(numpy.array_equal(_bytes_of(array, numpy), _bytes_of(content, numpy)))


def _bytes_of(array: Any, numpy: Any) -> Any:
    """Return the memory of an array, in which no NaN differs from itself."""
    return array.reshape(-1).view(numpy.uint8)


def _put_array(array: Any, content: Any) -> None:
    array[...] = content


def _sample(array: Any) -> Any:
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    return flat[:: max(1, array.size // 512)].copy()


def _same_sample(array: Any, content: Any) -> bool:
    return bool(_sample(array).tobytes() == content.tobytes())


def _put_nothing(_value: Any, _content: Any) -> None:
    """Do nothing: a sample tells of a change, but cannot undo it."""


def _dtypes(frame: Any) -> list[Any]:
    return list(frame.dtypes) if frame.ndim == 2 else [frame.dtype]


def _same_frame(frame: Any, content: Any) -> bool:
    now, then = frame._mgr, content._mgr
    if frame.attrs != content.attrs or not _same_axes(now.axes, then.axes):
        return False
    if getattr(frame, "name", None) != getattr(content, "name", None):
        return False
    if [*map(_buffer, now.blocks)] == [*map(_buffer, then.blocks)]:
        return True
    # The blocks may have been joined without a change; only then all is compared.
    return _dtypes(frame) == _dtypes(content) and bool(frame.equals(content))


def _same_axes(now: Any, then: Any) -> bool:
    return all(a.identical(b) for a, b in zip(now, then, strict=True))


def _buffer(block: Any) -> Any:
    """Return where a block's values are, or the values if that cannot be told."""
    values = block.values
    values = getattr(values, "_ndarray", getattr(values, "_pa_array", values))
    interface = getattr(values, "__array_interface__", None)
    if interface is None:
        return id(values)
    return interface["data"], values.strides, values.shape, str(values.dtype)


def _put_frame(frame: Any, content: Any) -> None:
    frame._update_inplace(content.copy(deep=False))


_CONTAINERS: dict[type, tuple[Any, Any, Any]] = {
    list: (list, _same_sequence, _put_sequence),
    bytearray: (bytes, lambda value, content: bytes(value) == content, _put_sequence),
    deque: (list, _same_sequence, _put_deque),
    dict: (dict, _same_items, _put_dict_items),
    Counter: (dict, _same_items, _put_dict_items),
    defaultdict: (dict, _same_items, _put_dict_items),
    OrderedDict: (dict, _same_items, _put_ordered),
    set: (list, _same_set, _put_set),
}


def reaches(value: object, changed: set[int], budget: Budget = SMALL) -> bool:
    """Tell whether a value is, holds or shares one of some changed objects."""
    if id(value) in changed:
        return True
    checkpoint = Checkpoint.take(value, budget)
    return checkpoint is not None and not changed.isdisjoint(checkpoint.parts())
