r"""Which names a cell binds and might read, at a glance.

The analysis knows exactly what a cell takes from others, and takes its time. Of most
notebooks one can see without it that they run as they stand: CPython compiles each cell
anyway, and its code says which names the cell stores and which it may load. Where that
leaves a doubt the analysis decides, so an outline may claim too many reads, never too
few.

>>> found = outlined("total = sum(prices)\ndef show(): print(total.shape)")
>>> sorted(found.bound), sorted(found.now), sorted(found.later["show"])
(['show', 'total'], ['prices', 'sum'], ['print', 'total'])
"""

from __future__ import annotations

import dis
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import CO_OPTIMIZED
from types import CodeType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Outline", "compiles", "outlined"]

_CACHED = 20_000
"""Characters of the longest cell whose outline is kept."""

_WIDER: Final = dis.opmap["EXTENDED_ARG"]
_GLOBAL: Final = dis.opmap["LOAD_GLOBAL"]
_LOADS: Final = frozenset(
    dis.opmap[name]
    for name in ("LOAD_NAME", "DELETE_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
    if name in dis.opmap
)
_STORES: Final = frozenset({dis.opmap["STORE_NAME"], dis.opmap["DELETE_NAME"]})
_GLOBAL_STORES: Final = frozenset(
    {dis.opmap["STORE_GLOBAL"], dis.opmap["DELETE_GLOBAL"]}
)
_NAMING = re.compile(
    b"[%s]" % re.escape(bytes({_GLOBAL, *_LOADS, *_STORES, *_GLOBAL_STORES}))
)
_STAR = re.compile(r"\bimport[ \t]*\*")
_DECORATOR = re.compile(r"^[ \t]*@", re.M)


@dataclass(frozen=True, slots=True)
class Outline:
    """The names of a cell.

    Parameters
    ----------
    bound
        Those that it binds or deletes at its top level.
    now
        Those that it may read when it runs.
    later
        For its functions and classes those that calling them may read.
    by_calls
        Those that its functions bind when they are called.
    star
        It imports all names of some module.
    """

    bound: frozenset[str] = frozenset()
    now: frozenset[str] = frozenset()
    later: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_calls: frozenset[str] = frozenset()
    star: bool = False


def compiles(text: str) -> bool:
    """Return whether plain Python could run a text on its own."""
    return outlined(text) is not None


def outlined(text: str) -> Outline | None:
    """Return the outline of a text; None if it is no program."""
    return _outlined(text) if len(text) < _CACHED else _outlined.__wrapped__(text)


@lru_cache(maxsize=4096)
def _outlined(text: str) -> Outline | None:
    try:
        code = compile(text, "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    bound, now, by_calls = _names(code)
    later: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for owner, called, inner in _inside(code):
        _, loaded, outside = _names(inner)
        by_calls |= outside
        if called:
            later[owner] |= loaded
        else:
            now |= loaded
    if "@" in text and _DECORATOR.search(text):  # It may call what it decorates.
        now = now.union(*later.values())
    star = "*" in text and _STAR.search(text) is not None
    return Outline(
        frozenset(bound), frozenset(now), dict(later), frozenset(by_calls), star
    )


def _names(code: CodeType) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a code stores, loads, and stores outside of itself."""
    stored: set[str] = set()
    loaded: set[str] = set()
    outside: set[str] = set()
    names = code.co_names
    if not names:
        return stored, loaded, outside
    for op, number in _instructions(code.co_code):
        if op == _GLOBAL:
            loaded.add(names[number >> 1])  # The lowest bit says how it is called.
        elif op in _LOADS:
            loaded.add(names[number])
        if op in _STORES:
            stored.add(names[number])
        elif op in _GLOBAL_STORES:
            outside.add(names[number])
    return stored, loaded, outside


def _instructions(raw: bytes) -> Iterable[tuple[int, int]]:
    """Return the instructions that name something, each once, with their arguments."""
    ops, arguments = raw[::2], raw[1::2]
    if _WIDER not in ops:
        places = [found.start() for found in _NAMING.finditer(ops)]
        return {(ops[place], arguments[place]) for place in places}
    found, wide = set(), 0
    for op, low in zip(ops, arguments, strict=True):
        if op != _WIDER:
            found.add((op, wide | low))
        wide = (wide | low) << 8 if op == _WIDER else 0
    return found


def _inside(
    code: CodeType, owner: str = "", called: bool = False
) -> Iterator[tuple[str, bool, CodeType]]:
    """Yield the code of functions and classes in a code, at any depth.

    With each come the name at the top level under which it is called, and whether it
    is called at all: the bodies of classes, lambdas and comprehensions run at once.
    """
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            name = inner.co_name
            later = called or bool(inner.co_flags & CO_OPTIMIZED and name[0] != "<")
            yield owner or name, later, inner
            yield from _inside(inner, owner or name, later)
