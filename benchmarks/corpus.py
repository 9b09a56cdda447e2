"""Real cells for everybody: the standard library cut into pieces of about 28 lines."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["real_cells"]

_LINES = 28
"""Lines of a piece, on average; longer than most cells of published notebooks."""

_ENOUGH, _TOO_LONG = 20, 60
"""A piece is closed after so many lines, and left out if a statement makes it longer."""

_ASIDE = frozenset({"test", "tests", "idlelib", "lib2to3", "site-packages"})


def real_cells(count: int) -> list[str]:
    """Return cells taken evenly from the whole standard library."""
    pieces = _pieces()
    if count > len(pieces):
        raise ValueError(f"the standard library has {len(pieces)} cells only")
    return [pieces[index * len(pieces) // count] for index in range(count)]


@cache
def _pieces() -> list[str]:
    found: list[str] = []
    root = Path(sysconfig.get_path("stdlib"))
    for file in sorted(root.rglob("*.py")):
        if not _ASIDE.intersection(file.relative_to(root).parts):
            found += _cut(file.read_text(encoding="utf-8", errors="replace"))
    return found


def _cut(text: str) -> Iterator[str]:
    """Yield the cells of a module; a long class gives up its methods."""
    piece: list[str] = []
    for lines in _statements(text.splitlines(), _parsed(text)):
        if len(lines) > _TOO_LONG:
            continue
        if len(piece) + len(lines) > _TOO_LONG:
            yield "\n".join(piece)
            piece = []
        piece += lines
        if len(piece) >= _ENOUGH:
            yield "\n".join(piece)
            piece = []
    if piece:
        yield "\n".join(piece)


def _statements(lines: list[str], body: list[ast.stmt]) -> Iterator[list[str]]:
    for statement in body:
        first = min(
            [statement.lineno]
            + [each.lineno for each in getattr(statement, "decorator_list", ())]
        )
        own = lines[first - 1 : statement.end_lineno]
        if isinstance(statement, ast.ClassDef) and len(own) > _LINES:
            yield from _statements(lines, statement.body)
        elif _parsed(text := dedent("\n".join(own))):
            yield text.splitlines()


def _parsed(text: str) -> list[ast.stmt]:
    """Return the statements of a text; none if it does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text).body
        except (SyntaxError, ValueError):
            return []
