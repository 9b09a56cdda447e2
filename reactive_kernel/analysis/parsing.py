"""From the text of a cell to its syntax tree, without ever raising.

IPython's own rewriting costs more than the whole analysis, so a text that is plain
Python for sure is parsed as it is.
"""

from __future__ import annotations

import ast
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from reactive_kernel.diagnostic import Span

__all__ = ["Parsed", "Rewrite", "Unparsable", "parse", "parse_once", "split_lines"]

Rewrite = Callable[[str], str]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A cell's syntax tree and the plain Python that it was parsed from."""

    tree: ast.Module
    text: str


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Why a text is no Python, and where."""

    message: str
    span: Span | None


def parse(source: str, rewrite: Rewrite | None = None) -> Parsed | Unparsable:
    """Parse a cell; `rewrite` turns IPython syntax into Python."""
    first = parse_python(source)
    if rewrite is None or (isinstance(first, Parsed) and is_plain(source)):
        return first
    text = rewritten(source, rewrite)
    if text == source:
        return first
    second = parse_python(text)
    # Of a text that is wrong both ways, the user knows the one he wrote.
    return first if isinstance(second, Unparsable) and not escapes(source) else second


@lru_cache(maxsize=2)
def parse_once(source: str, rewrite: Rewrite | None = None) -> Parsed | Unparsable:
    """Parse a cell as `parse` does, into a tree that nobody may change.

    The text of an edited cell is looked at twice in a row: for its record, and for
    whether it is the same program as before.
    """
    return parse(source, rewrite)


def rewritten(source: str, rewrite: Rewrite) -> str:
    """Return the text in plain Python; as it is if the rewriting fails."""
    try:
        return rewrite(source)
    except Exception:  # Users may add transformers that raise anything.
        log.debug("rewriting a cell failed", exc_info=True)
        return source


def is_plain(source: str) -> bool:
    """Return whether no line of a text that parses could be IPython syntax."""
    for line in source.split("\n"):
        bare = line.strip()
        if bare and (bare[0] in "%!?,;/" or bare[-1] == "?"):
            return False
    return not ("= !" in source or "= %" in source)


def escapes(source: str) -> bool:
    """Return whether a text holds lines that look like IPython syntax."""
    return not is_plain(source)


def parse_python(text: str) -> Parsed | Unparsable:
    """Parse plain Python."""
    try:
        return Parsed(parse_quietly(text), text)
    except SyntaxError as error:
        return Unparsable(error.msg or "invalid syntax", error_span(error))
    except (ValueError, RecursionError, MemoryError) as error:
        return Unparsable(str(error) or "too deeply nested", None)


def parse_quietly(text: str) -> ast.Module:
    """Parse without the warnings that the run of the cell will give anyway."""
    if "\\" not in text:
        return ast.parse(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def error_span(error: SyntaxError) -> Span | None:
    """Return where the parser stopped; its columns count from 1 and may be absent."""
    line, column = error.lineno, error.offset
    if not line or line < 1:
        return None
    start = max((column or 1) - 1, 0)
    end_line = max(error.end_lineno or line, line)
    end = max((error.end_offset or 0) - 1, 0)
    if (end_line, end) <= (line, start):
        end_line, end = line, start + 1
    return Span(line, start, end_line, end)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text as the parser counts them."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")
