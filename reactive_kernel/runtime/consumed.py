"""Objects that are consumed by use: nobody can put them back into an earlier state.

An iterator has handed out its elements, a file was read to its end, a thread has run:
what such an object holds cannot be looked into, let alone undone. So each use of one
counts as a change of it, and what is lost is made again by running the cells that made
and used it, in order (docs/decisions/0013).

They are told by their type alone, and no library is imported for that.

>>> is_consumed(iter([1])), is_consumed([1]), is_consumed(range(3))
(True, False, False)
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Coroutine, Iterator
from io import IOBase
from types import CellType, CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from reactive_kernel.runtime.kinds import handler_of, is_made_of_its_dict, words

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DEPTH", "is_consumed", "is_consumed_class", "sources"]

DEPTH: Final = 2
"""How deep within containers and objects one counts: ``store.connections[0]``.

Deeper ones are tools of a library more often than not: the file of a logger's handler.
"""

_STREAMS: Final = (Iterator, AsyncIterator, Coroutine, IOBase)

_LISTED: Final = words(
    "_socket.socket sqlite3.Connection sqlite3.Cursor subprocess.Popen threading.Thread"
    " concurrent.futures._base.Executor multiprocessing.process.BaseProcess"
    " multiprocessing.pool.Pool multiprocessing.connection._ConnectionBase queue.Queue"
    " _queue.SimpleQueue asyncio.queues.Queue zipfile.ZipFile tarfile.TarFile"
    " shelve.Shelf"
)
"""Classes of the standard library, and with them those derived from them."""

_ON_DEVICES: Final[dict[str, frozenset[str]]] = {
    "torch": words("Module Optimizer DataLoader"),
    "tensorflow": words("Module Variable BaseResourceVariable"),
    "keras": words("Layer Model Optimizer Variable"),
    "cupy": words("ndarray"),
    "paddle": words("Layer Optimizer"),
    "xgboost": words("Booster"),
    "lightgbm": words("Booster"),
}
"""Models, and arrays that can change in place, of libraries that keep them elsewhere."""

_DATABASE: Final = (words("cursor commit"), words("execute fetchone"))
"""What a connection and a cursor of any database offer (PEP 249)."""

_FOLLOWED: Final = 100
"""Objects to look at for what a stream takes its elements from."""

_WITHOUT_CONTENT: Final = (
    int, str, bytes, float, type(None), type, CodeType, FunctionType, ModuleType
)  # fmt: skip

_known: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


def is_consumed(value: object) -> bool:
    """Tell whether each use of an object changes it beyond recall."""
    kind = type(value)
    found = _known.get(kind)
    if found is None:
        found = _known[kind] = is_consumed_class(kind)
    return found


def is_consumed_class(kind: type) -> bool:
    """Tell whether each use of the objects of a class changes them beyond recall."""
    bases = kind.__mro__
    if any(f"{base.__module__}.{base.__name__}" in _LISTED for base in bases):
        return True
    if any(_is_on_device(base) for base in bases):
        return True
    offered = {name for base in bases for name in vars(base)}
    if any(words <= offered for words in _DATABASE):
        return True
    return issubclass(kind, _STREAMS) and not (
        handler_of(kind) or is_made_of_its_dict(kind) or _is_screen(kind)
    )


def _is_on_device(base: type) -> bool:
    library = str(base.__module__).partition(".")[0]
    return base.__name__ in _ON_DEVICES.get(library, ())


def _is_screen(kind: type) -> bool:
    """Tell whether it is what `print` writes to in a kernel; nobody reads that back."""
    return kind.__module__ == "ipykernel.iostream"


def sources(value: object) -> list[object]:
    """Return what a stream takes its elements from, and what that takes them from.

    A ``map`` over an iterator, a reader of a file and a cursor of a connection use up
    what they were made of; an iterator over a list sees a change of the list.
    """
    found: dict[int, object] = {}
    waiting = _held([value])
    while waiting and len(found) < _FOLLOWED:
        part = waiting.pop()
        if id(part) in found or part is value:
            continue
        found[id(part)] = part
        if is_consumed(part) or isinstance(part, tuple | CellType | FrameType):
            waiting += _held([part])
    return list(found.values())


def _held(values: Iterable[object]) -> list[object]:
    """Return the objects that others refer to, but for code and namespaces."""
    return [
        part
        for part in gc.get_referents(*values)
        if not isinstance(part, _WITHOUT_CONTENT)
    ]
