"""What can change about functions and classes, and how that is undone.

A function holds its closure, its default values and its attributes; a class holds its
members, and what its bases hold. Both may be changed in place: by a counter in a
closure, by ``Model.fit = better_fit``.

>>> def counter():
...     count = 0
...
...     def step():
...         nonlocal count
...         count += 1
...         return count
...
...     return step
>>> step = counter()
>>> before = state_of_function(step)
>>> step(), step()
(1, 2)
>>> put_function(step, before)
>>> step()
1

Only those of the notebook are looked into. What libraries keep in theirs is their own
business, unless a cell changes it by name (``math.tau = 3``): see `patches`.
"""

from __future__ import annotations

from abc import ABCMeta
from functools import partial
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any, Final, cast

from reactive_kernel.runtime.kinds import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reactive_kernel.runtime.kinds import Handler

__all__ = [
    "CALLABLES",
    "can_change",
    "class_of",
    "code_handler",
    "held_by_callable",
    "is_code",
    "is_of_notebook",
    "parts_of_code",
    "put_function",
    "state_of_function",
]

_NOTEBOOK = "__main__"
_MISSING: Final = object()

CALLABLES: Final = frozenset({MethodType, BuiltinFunctionType, partial})
"""What was made of another callable, and of what that is called with."""

_OWN_BUSINESS: Final = words(
    "__dict__ __weakref__ __doc__ __annotations__ __annotations_cache__ __annotate__"
    " __annotate_func__ __abstractmethods__ __signature__ __firstlineno__"
    " __static_attributes__ _abc_impl"
)
"""Members of a class that Python makes or fills when it sees fit."""


def is_code(value: object) -> bool:
    """Tell whether a value is a function, a class or a module."""
    return issubclass(type(value), FunctionType | ModuleType | type)


def is_of_notebook(value: object) -> bool:
    """Tell whether a function or class was made by a cell."""
    kind = type(value)
    if kind is FunctionType:
        return bool(cast("Any", value).__globals__.get("__name__") == _NOTEBOOK)
    # A metaclass of a library keeps books in the classes that it makes.
    return kind in (type, ABCMeta) and cast("Any", value).__module__ == _NOTEBOOK


def can_change(value: object) -> bool:
    """Tell whether what a function or class holds is looked into."""
    return is_of_notebook(value) or (
        type(value) is FunctionType and _is_dispatcher(value)
    )


def class_of(value: object) -> tuple[type, ...]:
    """Return the class of an object if a cell has made it."""
    kind = type(value)
    return (kind,) if is_of_notebook(kind) else ()


# Functions


def state_of_function(function: FunctionType) -> dict[str, Any]:
    """Return all that a function holds and that can change, by a name for each."""
    state: dict[str, Any] = dict(function.__dict__)
    for place, cell in enumerate(function.__closure__ or ()):
        state[f"cell {place}"] = _content(cell)
    for place, value in enumerate(function.__defaults__ or ()):
        state[f"default {place}"] = value
    for name, value in (function.__kwdefaults__ or {}).items():
        state[f"keyword {name}"] = value
    return state


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing bound yet
        return _MISSING


def put_function(function: FunctionType, state: dict[str, Any]) -> None:
    """Let a function hold what it held when its state was taken."""
    for place, cell in enumerate(function.__closure__ or ()):
        value = state[f"cell {place}"]
        if value is _MISSING:
            del cell.cell_contents
        else:
            cell.cell_contents = value
    own = {name: value for name, value in state.items() if " " not in name}
    function.__dict__.clear()
    function.__dict__.update(own)


def _is_dispatcher(function: Any) -> bool:
    """Tell whether a function was made by `functools.singledispatch`."""
    return hasattr(function, "_clear_cache") and hasattr(function, "registry")


def _registered(function: Any) -> dict[Any, Any]:
    return dict(function.registry)


def _put_registered(function: Any, content: dict[Any, Any]) -> None:
    names = function.register.__code__.co_freevars
    cell = function.register.__closure__[names.index("registry")]
    cell.cell_contents.clear()
    cell.cell_contents.update(content)
    function._clear_cache()


# Classes


def _members(owner: Any) -> dict[str, Any]:
    return {
        name: value for name, value in vars(owner).items() if name not in _OWN_BUSINESS
    }


def _put_members(owner: Any, content: dict[str, Any]) -> None:
    now = _members(owner)
    for name in now.keys() - content.keys():
        delattr(owner, name)
    for name, value in content.items():
        if now.get(name, _MISSING) is not value:
            setattr(owner, name, value)


def _same(state_of: Callable[[Any], dict[Any, Any]]) -> Callable[[Any, Any], bool]:
    def same(value: Any, content: dict[Any, Any]) -> bool:
        now = state_of(value)
        return now.keys() == content.keys() and all(
            now[name] is content[name] for name in now
        )

    return same


_FUNCTION: Handler = (state_of_function, _same(state_of_function), put_function)
_DISPATCHER: Handler = (_registered, _same(_registered), _put_registered)
_CLASS: Handler = (_members, _same(_members), _put_members)


def code_handler(value: object) -> Handler:
    """Return how to save and put back a function or class that can change."""
    if type(value) is not FunctionType:
        return _CLASS
    return _FUNCTION if is_of_notebook(value) else _DISPATCHER


def parts_of_code(value: Any, content: dict[str, Any]) -> Iterable[Any]:
    """Return what a function or class of the notebook holds and that may change."""
    if not isinstance(value, type):
        return content.values()
    members = (part for name, part in content.items() if name[:2] != "__")
    return (*filter(_can_change, members), *filter(is_of_notebook, value.__bases__))


def _can_change(member: Any) -> bool:
    if type(member) is not FunctionType:
        return True
    return bool(member.__closure__ or member.__dict__ or member.__defaults__)


def held_by_callable(value: Any) -> tuple[Any, ...]:
    """Return what a bound method or a partial was made of."""
    match value:
        case MethodType():
            return (value.__self__, value.__func__)
        case BuiltinFunctionType():
            return (value.__self__,)
        case partial():
            return (value.func, value.args, value.keywords)
        case _:
            return ()
