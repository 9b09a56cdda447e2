"""Room for walks over trees that are deeper than Python's usual limit.

A sum of some hundred terms or a long chain of methods is a deep tree. The parser
accepts it, and Python runs it, so the walk must not give up on it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_room"]

T = TypeVar("T")

ROOM = 100_000
"""Frames enough for any tree that the parser accepts; they take no C stack."""


def with_room(walk: Callable[[], T]) -> T:
    """Return what `walk` returns; if it is too deep, try again with more room."""
    try:
        return walk()
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, ROOM))
        try:
            return walk()
        finally:
            sys.setrecursionlimit(limit)
