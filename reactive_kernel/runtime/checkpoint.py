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
from enum import Enum, auto
from functools import cached_property
from operator import is_
from types import (
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from reactive_kernel.runtime.consumed import (
    DEPTH,
    is_consumed,
    is_consumed_class,
    sources,
)
from reactive_kernel.runtime.frames import same_frame, same_memory
from reactive_kernel.runtime.functions import (
    CALLABLES,
    can_change,
    class_of,
    code_handler,
    held_by_callable,
    parts_of_code,
)
from reactive_kernel.runtime.kinds import handler_of, is_made_of_its_dict
from reactive_kernel.runtime.tensors import (
    is_model,
    is_tensor,
    parts_of_model,
    state_of_tensor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from reactive_kernel.runtime.kinds import Handler

__all__ = [
    "ATOMS",
    "LARGE",
    "SMALL",
    "Budget",
    "Checkpoint",
    "Outline",
    "is_atom",
    "root_of",
]


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

ATOMS = frozenset(
    {
        int, float, complex, bool, str, bytes, type(None), object, range, slice, ModuleType,
        type(...), property, staticmethod, classmethod, cached_property,
        GetSetDescriptorType, MemberDescriptorType, WrapperDescriptorType,
    }
)  # fmt: skip


_PER_PART = 10
"""What a part of a model costs, in elements of containers."""


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
        False if something was met that cannot be looked into. Arrays and columns of
        Python objects are not judged by this, see `is_exact`.
    consumed
        What was met that each use changes beyond recall.
    """

    def __init__(self, of: object, budget: Budget) -> None:
        self.of = of
        self.exact = True
        self.consumed: list[object] = []
        self._of_objects: list[Any] = []
        self._nodes: dict[int, _Node] = {}
        self._items = budget.items
        self._count = budget.nodes
        self._bytes = budget.bytes
        self._depth = 0
        level = [of]
        while level:
            level = [part for value in level for part in self._enter(value)]
            self._depth += 1

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
        return checkpoint if checkpoint._nodes or checkpoint.consumed else None

    def is_exact(self) -> bool:
        """Tell whether nothing within can have changed where nobody looks.

        For a column of a million Python objects this takes 20 ms, so it is asked only
        when the answer is needed.
        """
        while self.exact and self._of_objects:
            self.exact = _holds_atoms(self._of_objects.pop())
        return self.exact

    def changed(self) -> set[int]:
        """Return the ids of the objects within that are not as they were."""
        found: set[int] = set()
        for node in self._nodes.values():
            if not _quietly(node.same, node.of, node.content):
                found |= {id(node.of), id(root_of(node.of))}
        return found

    def parts(self) -> set[int]:
        """Return the ids of the objects within that can change."""
        roots = {id(root_of(node.of)) for node in self._nodes.values()}
        streams = {id(part) for stream in self.consumed for part in sources(stream)}
        return roots | streams | self._nodes.keys() | {*map(id, self.consumed)}

    def uses(self) -> tuple[set[int], set[int]]:
        """Return the ids of what is used up within, and of what it is taken from."""
        streams = [part for stream in self.consumed for part in sources(stream)]
        used = {id(part) for part in (*self.consumed, *filter(is_consumed, streams))}
        return used, {id(part) for part in streams} - used

    @property
    def contents(self) -> list[object]:
        """What it holds of each object within."""
        return [node.content for node in self._nodes.values()]

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
        if kind in CALLABLES:
            return held_by_callable(value)
        if (handler := _CONTAINERS.get(kind)) is not None:
            return self._container(value, *handler)
        if (made := self._array_or_frame(value)) is not None:
            self._nodes[key] = made
            return ()
        return self._other(value)

    def _other(self, value: Any) -> Iterable[Any]:
        """Note an object that is neither a container nor an array."""
        kind = type(value)
        sort = _sorts.get(kind)
        if sort is None:
            sort = _sorts[kind] = _sort_of(kind)
        if sort is _Sort.MADE_OF_ITS_DICT:
            parts = self._container(value, _dict_of, _same_items, _put_dict)
            return parts if id(kind) in self._nodes else (*parts, *class_of(value))
        match sort:
            case _Sort.CODE:
                return parts_of_code(value, self._note(value, code_handler(value)))
            case _Sort.HANDLED:
                self._bytes -= sys.getsizeof(value)
                if self._bytes < 0:
                    raise _OverBudget
                if handler := handler_of(kind):
                    self._note(value, handler)
                return ()
            case _Sort.MODEL:
                return self._model(value)
            case _Sort.CONSUMED if self._depth <= DEPTH:
                self.consumed.append(value)
        self.exact = False
        return class_of(value)

    def _model(self, value: Any) -> Iterable[Any]:
        """Note a tensor or model: its changes are seen, and cannot be undone."""
        self.exact = False
        # A model has thousands of parts, and each takes next to no time.
        self._count += 1
        self._items -= _PER_PART
        if self._items < 0:
            raise _OverBudget
        if is_tensor(type(value)):
            self._note(value, (state_of_tensor, _same_value, _put_nothing))
            return ()
        self._note(value, (_dict_of, _same_items, _put_nothing))
        return parts_of_model(value)

    def _note(self, value: Any, handler: Handler) -> Any:
        """Note the content of an object; return it."""
        content_of, same, put_back = handler
        content = content_of(value)
        self._nodes[id(value)] = _Node(value, content, same, put_back)
        return content

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
        if isinstance(values, bytes | bytearray) or ATOMS.issuperset(map(type, values)):
            return ()
        return [value for value in values if type(value) not in ATOMS]

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
        copy = array.copy()
        if array.dtype.hasobject:
            self._of_objects.append(copy)
        return _Node(array, copy, same_memory, _put_array)

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
            self._of_objects.append(copy)
        return _Node(frame, copy, same_frame, _put_frame)


class _Sort(Enum):
    """How objects of a class are looked into."""

    CODE = auto()
    HANDLED = auto()
    MODEL = auto()
    CONSUMED = auto()
    MADE_OF_ITS_DICT = auto()
    OPAQUE = auto()


_sorts: WeakKeyDictionary[type, _Sort] = WeakKeyDictionary()


def _sort_of(kind: type) -> _Sort:
    if issubclass(kind, FunctionType | type):
        return _Sort.CODE
    if handler_of(kind):
        return _Sort.HANDLED
    if is_tensor(kind) or is_model(kind):
        return _Sort.MODEL
    if is_consumed_class(kind):
        return _Sort.CONSUMED
    return _Sort.MADE_OF_ITS_DICT if is_made_of_its_dict(kind) else _Sort.OPAQUE


def _quietly(same: Callable[[Any, Any], bool], value: Any, content: Any) -> bool:
    try:
        return same(value, content)
    except Exception:  # noqa: BLE001  # the object's own code
        return False


def tells_of_changes(value: object) -> bool:
    """Tell whether an object has traits: whoever reads one is told when it changes."""
    return any(base.__name__ == "HasTraits" for base in type(value).__mro__)


def is_atom(value: object) -> bool:
    """Tell whether a value has nothing within that could change.

    A class or function of a library counts as one that has not.
    """
    kind = type(value)
    if kind in ATOMS:
        return True
    if kind is FunctionType or issubclass(kind, type):
        return not can_change(value)
    return False


def root_of(value: Any) -> Any:
    """Return the array whose memory a view looks into, or the figure that axes are in.

    Anything else is its own root.
    """
    artist = sys.modules.get("matplotlib.artist")
    if artist is not None and issubclass(type(value), artist.Artist):
        return value.get_figure() or value
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


def _put_array(array: Any, content: Any) -> None:
    array[...] = content


def _sample(array: Any) -> Any:
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    return flat[:: max(1, array.size // 512)].copy()


def _same_sample(array: Any, content: Any) -> bool:
    return bool(_sample(array).tobytes() == content.tobytes())


def _same_value(tensor: Any, content: Any) -> bool:
    return bool(state_of_tensor(tensor) == content)


def _put_nothing(_value: Any, _content: Any) -> None:
    """Do nothing: what was kept tells of a change, but cannot undo it."""


def _holds_atoms(value: Any) -> bool:
    """Tell whether the Python objects in an array or frame can all not change."""
    if hasattr(value, "_mgr"):
        columns = [value] if value.ndim == 1 else [c for _name, c in value.items()]
        return all(_holds_atoms(c.to_numpy()) for c in columns if c.dtype == object)
    return value.dtype == object and ATOMS.issuperset(map(type, value.flat))


def _dtypes(frame: Any) -> list[Any]:
    return list(frame.dtypes) if frame.ndim == 2 else [frame.dtype]


def _put_frame(frame: Any, content: Any) -> None:
    frame._update_inplace(content.copy(deep=False))
    frame.attrs = dict(content.attrs)
    if frame.ndim == 1:
        frame.name = content.name


_CONTAINERS: dict[type, tuple[Any, Any, Any]] = {
    list: (list, _same_sequence, _put_sequence),
    bytearray: (bytes, lambda value, content: bytes(value) == content, _put_sequence),
    deque: (list, _same_sequence, _put_deque),
    dict: (dict, _same_items, _put_dict_items),
    Counter: (dict, _same_items, _put_dict_items),
    defaultdict: (dict, _same_items, _put_dict_items),
    OrderedDict: (dict, _same_items, _put_ordered),
    set: (list, _same_set, _put_set),
    SimpleNamespace: (_dict_of, _same_items, _put_dict),
}


class Outline(Checkpoint):
    """What is within an object, without the contents of arrays and frames."""

    def _array(self, array: Any) -> _Node:
        return _Node(array, None, same_memory, _put_array)

    def _frame(self, frame: Any, pandas: Any) -> _Node:  # noqa: ARG002
        return _Node(frame, None, same_frame, _put_frame)
