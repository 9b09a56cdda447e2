"""Tokens: what makes two versions of a name the same to every reader.

A cascade stops at a name that came out unchanged (cutoff). "Unchanged" must be sound
and cheap, so it is decided on a *token*, a hashable value computed once when a cell has
bound a name:

- small immutable values (numbers, strings, bytes, None, tuples and frozensets of these)
  are their own token, together with their types: ``1``, ``1.0`` and ``True`` differ, and
  so do ``0.0`` and ``-0.0``;
- a function is what it does: its code without line numbers, and its defaults; a class is
  its bases and its members; so reformatting a helper reruns nobody;
- a module is itself;
- everything else gets a token that equals no other: whether a mutable object came out
  the same cannot be told without reading all of it.

>>> token(1) == token(1), token(1) == token(1.0), token([]) == token([])
(True, False, False)
"""

from __future__ import annotations

import hashlib
import sys
from decimal import Decimal
from fractions import Fraction
from types import (
    BuiltinFunctionType,
    CodeType,
    EllipsisType,
    FunctionType,
    ModuleType,
    NoneType,
    NotImplementedType,
)
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable

    from reactive_kernel.planning import Token

__all__ = ["Unique", "is_plain", "succeed", "token"]

_LONG = 4096
"""Longer strings and bytes are kept as a digest, so that a token stays small."""

_MANY = 1000
"""Larger containers are not looked into."""

_SCALARS = frozenset({int, bool, NoneType, EllipsisType, NotImplementedType, Fraction})
_SIGNED_ZERO = frozenset({float, complex, Decimal})
_TEXTS = frozenset({str, bytes})
_BOILERPLATE = frozenset(
    {"__dict__", "__weakref__", "__firstlineno__", "__static_attributes__", "_abc_impl"}
)


class Unique:
    """A token that equals no other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<version {id(self):x}>"


class _Same:
    """Wraps an object so that only the very same object is equal."""

    __slots__ = ("of",)

    def __init__(self, of: object) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.of is self.of

    def __hash__(self) -> int:
        return id(self.of)


def token(value: object) -> Token:
    """Return the token of a value that a cell has just bound.

    Two classes never share one, however alike: instances know the class they are of.
    """
    stable = _stable_or_none(value)
    if stable is None:
        return Unique()
    return (_Same(value), stable) if issubclass(type(value), type) else stable


def _stable_or_none(value: object) -> Token | None:
    """Return the stable token of a value, whatever looking at it may raise."""
    try:
        return _stable(value)
    except Exception:  # noqa: BLE001  # the value's own code: a property, a metaclass
        return None


def _stable(value: object, depth: int = 0) -> Token | None:
    """Return a token that an equal value would get too, or None if there is none."""
    kind = type(value)
    if kind in _SCALARS:
        return (kind, value)
    if kind in _SIGNED_ZERO:
        return (kind, repr(value))
    if kind in _TEXTS:
        return (kind, _short(cast("str | bytes", value)))
    if depth > 20:
        return None
    if kind is tuple:
        return _all(kind, cast("tuple[object, ...]", value), depth)
    if kind is frozenset:
        found = _all(kind, cast("frozenset[object]", value), depth)
        return found and (kind, frozenset(found[1]))
    if kind is ModuleType or kind is BuiltinFunctionType:
        return ("itself", _Same(value))
    if kind is FunctionType:
        return _function(cast("FunctionType", value), depth)
    if issubclass(kind, type):
        return _class(cast("type", value), depth)
    return _numpy_scalar(value)


def _short(text: str | bytes) -> Hashable:
    if len(text) <= _LONG:
        return text
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return (len(raw), hashlib.blake2b(raw, digest_size=16).digest())


def _all(
    label: Hashable, values: Iterable[object], depth: int
) -> tuple[Hashable, tuple[Token, ...]] | None:
    """Return the tokens of all values, or None if one has no stable token."""
    found: list[Token] = []
    for value in values:
        part = _stable(value, depth + 1)
        if part is None or len(found) >= _MANY:
            return None
        found.append(part)
    return (label, tuple(found))


def _numpy_scalar(value: object) -> Token | None:
    numpy = sys.modules.get("numpy")
    if numpy is None or not issubclass(type(value), numpy.generic):
        return None
    scalar = cast("Any", value)
    if scalar.dtype.hasobject:
        return None
    return (type(value), scalar.dtype.str, scalar.tobytes())


def _function(function: FunctionType, depth: int) -> Token | None:
    if function.__closure__ is not None or function.__dict__:
        return None
    values = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    defaults = _all("defaults", values, depth)
    if defaults is None:
        return None
    names = (
        function.__module__,
        function.__qualname__,
        *(function.__kwdefaults__ or {}),
    )
    code = _code(function.__code__, depth)
    where = _Same(function.__globals__)
    return (code, defaults, names, where, function.__doc__, _annotations(function))


def _annotations(function: FunctionType) -> Hashable:
    """Return the annotations as text; on Python 3.14 they are code of their own."""
    if sys.version_info >= (3, 14):
        return _code_of_annotate(getattr(function, "__annotate__", None))
    return repr(function.__annotations__)


def _code_of_annotate(annotate: object) -> Hashable:
    code = getattr(annotate, "__code__", None)
    return None if code is None else cast("CodeType", code).co_code


def _code(code: CodeType, depth: int) -> Token:
    """Return what a code object does, apart from where it stands."""
    constants = tuple(
        _code(value, depth + 1)
        if isinstance(value, CodeType)
        else _stable(value, depth + 1)
        for value in code.co_consts
    )
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (
        code.co_code,
        constants,
        shape,
        names,
        code.co_flags,
        code.co_exceptiontable,
    )


def _class(cls: type, depth: int) -> Token | None:
    members: list[tuple[str, Token]] = []
    for name, value in vars(cls).items():
        if name in _BOILERPLATE:
            continue
        part = _member(value, depth + 1)
        if part is None:
            return None
        members.append((name, part))
    bases = tuple(_Same(base) for base in cls.__bases__)
    return ("class", _Same(type(cls)), cls.__qualname__, bases, tuple(members))


def _member(value: object, depth: int) -> Token | None:
    match value:
        case staticmethod() | classmethod():
            return _all(type(value).__name__, (value.__func__,), depth)
        case property():
            return _all("property", (value.fget, value.fset, value.fdel), depth)
        case _:
            return _stable(value, depth)


def succeed(old: object, new: object) -> tuple[object, Token]:
    """Return the value and the token of a name that was `old` and was bound to `new`.

    A function or class that came out the same keeps its identity, so that instances and
    pickles made earlier stay valid, and takes over the line numbers of the new text, so
    that tracebacks and breakpoints are right. Anything else is simply the new value.
    """
    kind = type(new)
    if type(old) is not kind or not issubclass(kind, FunctionType | type):
        return new, token(new)
    stable = _stable_or_none(new)
    if stable is None or stable != _stable_or_none(old):
        return new, Unique()
    _take_lines(old, new)
    return old, token(old)


def _take_lines(old: object, new: object) -> None:
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        old.__code__ = new.__code__
    elif isinstance(old, type) and isinstance(new, type):
        for name, value in vars(new).items():
            _take_lines(_plain_function(vars(old).get(name)), _plain_function(value))


def _plain_function(member: object) -> object:
    return member.__func__ if isinstance(member, staticmethod | classmethod) else member


def is_plain(value: object, depth: int = 0) -> bool:
    """Tell whether a value is data that carries no code of the notebook with it."""
    kind = type(value)
    if kind in _SCALARS or kind in _SIGNED_ZERO or kind in _TEXTS or kind is bytearray:
        return True
    if kind is dict:
        pairs = cast("dict[object, object]", value).items()
        return _all_plain([item for pair in pairs for item in pair], depth)
    if kind in _CONTAINERS:
        return _all_plain(cast("Collection[object]", value), depth)
    return _is_array_or_frame(value)


_CONTAINERS = frozenset({list, tuple, set, frozenset})


def _all_plain(values: Collection[object], depth: int) -> bool:
    return (
        depth < 4
        and len(values) <= _MANY
        and all(is_plain(value, depth + 1) for value in values)
    )


def _is_array_or_frame(value: object) -> bool:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    kind = type(value)
    if numpy is not None and issubclass(kind, (numpy.ndarray, numpy.generic)):
        return not cast("Any", value).dtype.hasobject
    return pandas is not None and issubclass(
        kind, (pandas.DataFrame, pandas.Series, pandas.Index)
    )
