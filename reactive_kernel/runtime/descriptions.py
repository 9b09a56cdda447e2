"""A value in a few words, told without running any code of its class.

Whoever lists the variables of a notebook meets objects of all kinds, also while a cell
changes them in another thread. So nothing here calls ``repr``, asks for an attribute that
a class may compute, or looks at more than a few elements: only exact types of Python,
numpy and pandas are opened, and of any other object its own ``__dict__``.

>>> describe([1, 2.5, "three"])
Description(type='list', value="[1, 2.5, 'three']", size=194)
>>> describe(range(10**9)).value
'range(0, 1000000000)'
>>> class Hostile:
...     def __repr__(self):
...         raise SystemExit
>>> describe(Hostile()).value
'Hostile()'
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
import sys
import types
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.runtime import sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["WIDTH", "Description", "describe"]

WIDTH: Final = 80
"""Characters of a value that are shown."""

_ITEMS = 6
_DEPTH = 2
_BITS = 256
_SAMPLE = 20
_PARTS = 200
"""Objects within an array or a frame that are looked at for its size."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a view shows of a value.

    Parameters
    ----------
    type
        The name of its class.
    value
        The value, or what is known of it, in at most `WIDTH` characters on one line.
    size
        Bytes that it takes, as an estimate; None if nothing is known.
    """

    type: str
    value: str
    size: int | None


def describe(value: object) -> Description:
    """Describe any value; never raises, and never takes more than a millisecond or two."""
    kind = type(value)
    text, size = "…", None
    # What another thread changes meanwhile, and libraries of other versions.
    with suppress(Exception):
        text = _one_line(_text(value, 0))
    with suppress(Exception):
        size = _size(value, 0)
    return Description(_one_line(_name(kind)), text, size)


def _one_line(text: str) -> str:
    shown = "".join(char if char.isprintable() else "·" for char in text[: WIDTH + 1])
    return shown if len(shown) <= WIDTH else f"{shown[: WIDTH - 1]}…"


def _name(kind: type) -> str:
    """Return the name of a class, past whatever its metaclass may do."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return name


def _module(kind: type) -> str:
    """Return the top package of a class."""
    module = type.__dict__["__module__"].__get__(kind)
    return module.partition(".")[0] if type(module) is str else ""


def _own(value: object) -> dict[str, object]:
    """Return the attributes that an object itself holds; {} if its class hides them."""
    kind = type(value)
    if any("__dict__" in _members(base) and not _is_plain(base) for base in _mro(kind)):
        return {}
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return own if type(own) is dict else {}


def _mro(kind: type) -> tuple[type, ...]:
    mro: tuple[type, ...] = type.__dict__["__mro__"].__get__(kind)
    return mro


def _members(kind: type) -> types.MappingProxyType[str, object]:
    members: types.MappingProxyType[str, object] = type.__dict__["__dict__"].__get__(
        kind
    )
    return members


def _is_plain(kind: type) -> bool:
    """Tell whether what a class calls ``__dict__`` is what Python put there."""
    return type(_members(kind)["__dict__"]) in (
        types.GetSetDescriptorType,
        types.MemberDescriptorType,
    )


# In words ---------------------------------------------------------------------------


def _text(value: object, depth: int) -> str:
    kind = type(value)
    teller = _TELLERS.get(kind)
    if teller is not None:
        return teller(value, depth)
    if issubclass(kind, type):
        return f"class {_name(value)}"  # type: ignore[arg-type]  # checked through `kind`
    library = _LIBRARIES.get(_module(kind))
    told = library(value) if library is not None else None
    return _object(value, depth) if told is None else told


def _number(value: Any, _depth: int) -> str:
    if type(value) is int and value.bit_length() > _BITS:
        return f"a number of {value.bit_length():,} bits"
    return repr(value)


def _string(value: Any, _depth: int) -> str:
    return repr(value[: WIDTH + 1])


def _plain(value: Any, _depth: int) -> str:
    return str(value)


def _several(brackets: str) -> Callable[[Any, int], str]:
    """Return what tells of a container with these brackets."""

    def tell(value: Any, depth: int) -> str:
        length = len(value)
        if depth >= _DEPTH:
            return f"{brackets[0]}…{brackets[1]}" if length else brackets
        shown = [_text(item, depth + 1) for item in islice(value, _ITEMS)]
        return _listed(brackets, shown, length)

    return tell


def _mapping(value: Any, depth: int) -> str:
    length = len(value)
    if depth >= _DEPTH:
        return "{…}" if length else "{}"
    shown = [
        f"{_text(key, depth + 1)}: {_text(item, depth + 1)}"
        for key, item in islice(value.items(), _ITEMS)
    ]
    return _listed("{}", shown, length)


def _listed(brackets: str, shown: list[str], length: int) -> str:
    more = f", … {length:,} in all" if length > len(shown) else ""
    comma = "," if brackets == "()" and length == 1 else ""
    return f"{brackets[0]}{', '.join(shown)}{comma}{more}{brackets[1]}"


def _empty_or(brackets: str, name: str) -> Callable[[Any, int], str]:
    inner = _several(brackets)
    return lambda value, depth: f"{name}({inner(value, depth) if value else ''})"


def _function(value: Any, _depth: int) -> str:
    code = value.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    return f"{value.__name__}({', '.join(code.co_varnames[:count])})"


def _module_text(value: Any, _depth: int) -> str:
    own = _own(value)
    version = own.get("__version__")
    name = own.get("__name__")
    known = f" {version}" if type(version) is str else ""
    return f"{name}{known}" if type(name) is str else ""


def _object(value: object, depth: int) -> str:
    """Tell of an object by the attributes that it holds; of a widget, by its value."""
    name = _name(type(value))
    if depth >= _DEPTH:
        return f"{name}(…)"
    own = _own(value)
    traits = own.get("_trait_values")
    if type(traits) is dict:
        own = {"value": traits["value"]} if "value" in traits else {}
    fields = [
        f"{key}={_text(item, depth + 1)}"
        for key, item in islice(own.items(), 2 * _ITEMS)
        if type(key) is str and not key.startswith("_")
    ]
    return (
        f"{name}({', '.join(fields[:_ITEMS])}{', …' if len(fields) > _ITEMS else ''})"
    )


def _numpy(value: Any) -> str | None:
    numpy = sys.modules["numpy"]
    kind = type(value)
    if issubclass(kind, numpy.ndarray):
        if kind is numpy.ndarray and value.ndim == 1 and value.size <= _ITEMS:
            return _listed("[]", [_text(x, 1) for x in value.tolist()], value.size)
        return f"{_shape(value.shape)}, {value.dtype}"
    if issubclass(kind, numpy.number | numpy.bool_ | numpy.datetime64):
        return str(value)
    return f"dtype {value}" if issubclass(kind, numpy.dtype) else None


def _shape(shape: Iterable[object]) -> str:
    return " × ".join(f"{n:,}" if type(n) is int else "?" for n in shape) or "one value"  # noqa: RUF001


def _pandas(value: Any) -> str | None:
    pandas = sys.modules["pandas"]
    kind = type(value)
    if kind is pandas.DataFrame:
        return f"{_shape(value.shape)}: {_labels(value.columns)}"
    if kind is pandas.Series:
        return f"{len(value):,} of {value.dtype}"
    if issubclass(kind, pandas.Index):
        return f"{len(value):,}: {_labels(value)}"
    return str(value) if kind in (pandas.Timestamp, pandas.Timedelta) else None


def _labels(index: Iterable[object]) -> str:
    labels = [x if type(x) is str else _text(x, 1) for x in islice(index, _ITEMS + 1)]
    more = ", …" if len(labels) > _ITEMS else ""
    return f"{', '.join(label[:WIDTH] for label in labels[:_ITEMS])}{more}"


def _shaped(value: Any) -> str | None:
    """Tell of a tensor or a table by its shape, if it has one."""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple):
        return None
    dtype = getattr(value, "dtype", None)
    return _shape(shape) if dtype is None else f"{_shape(shape)}, {dtype}"


_LIBRARIES: Final[dict[str, Callable[[Any], str | None]]] = {
    "numpy": _numpy,
    "pandas": _pandas,
    **dict.fromkeys(("polars", "pyarrow", "scipy", "torch"), _shaped),
}

_TELLERS: Final[dict[type, Callable[[Any, int], str]]] = {
    **dict.fromkeys((int, float, complex, bool, types.NoneType), _number),
    **dict.fromkeys((str, bytes, bytearray), _string),
    **dict.fromkeys((types.EllipsisType, range), _plain),
    **dict.fromkeys((datetime.date, datetime.datetime, datetime.time), _plain),
    **dict.fromkeys((datetime.timedelta, decimal.Decimal, uuid.UUID), _plain),
    **dict.fromkeys((fractions.Fraction, pathlib.PosixPath), _plain),
    **dict.fromkeys((pathlib.WindowsPath, pathlib.PurePosixPath), _plain),
    list: _several("[]"),
    tuple: _several("()"),
    set: lambda value, depth: _several("{}")(value, depth) if value else "set()",
    frozenset: _empty_or("{}", "frozenset"),
    deque: _empty_or("[]", "deque"),
    **dict.fromkeys((dict, OrderedDict, defaultdict, Counter), _mapping),
    types.FunctionType: _function,
    types.ModuleType: _module_text,
    **dict.fromkeys(
        (types.BuiltinFunctionType, types.MethodType),
        lambda value, _depth: f"{value.__name__}(…)",
    ),
}
"""By exact type, since what is derived from one may do anything."""


# In bytes -----------------------------------------------------------------------------


def _size(value: object, depth: int) -> int:
    """Estimate what a value takes; of a container from its first elements."""
    kind = type(value)
    if _module(kind) in ("numpy", "pandas"):
        return sum(sizes.parts(value, _PARTS).values())
    if kind not in _TELLERS or kind in (types.ModuleType, types.FunctionType):
        # What `__sizeof__` says may be computed by the class.
        fixed: int = type.__dict__["__basicsize__"].__get__(kind)
        own = {} if kind is types.ModuleType else _own(value)
        return fixed + (_size(own, depth) if own else 0)
    return sys.getsizeof(value) + sum(
        _within(elements, depth) for elements in _contents(value)
    )


def _contents(value: Any) -> tuple[Any, ...]:
    kind = type(value)
    if kind in (dict, OrderedDict, defaultdict, Counter):
        return value.keys(), value.values()
    return (value,) if kind in (list, tuple, set, frozenset, deque) else ()


def _within(elements: Any, depth: int) -> int:
    count = len(elements)
    if not count or depth >= _DEPTH + 1:
        return 0
    sample = [_size(item, depth + 1) for item in islice(elements, _SAMPLE >> depth)]
    return sum(sample) * count // len(sample)
