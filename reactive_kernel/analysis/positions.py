"""Where in the user's text a name of the syntax tree stands.

The tree may come from text that IPython rewrote, and columns in it count bytes; so the
place that a node claims is only believed if the name stands there. Otherwise the name
is searched for in its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.analysis.parsing import split_lines
from reactive_kernel.diagnostic import Span

if TYPE_CHECKING:
    import ast

__all__ = ["Positions"]


class Positions:
    """Finds places in one source text.

    Parameters
    ----------
    source
        The text as the user wrote it.
    rewritten
        The text that was parsed.
    """

    def __init__(self, source: str, rewritten: str) -> None:
        self.lines = split_lines(source)
        self.ascii = source.isascii()
        self.origin = None if source == rewritten else origins(self.lines, rewritten)

    def line(self, line: int) -> int:
        """Return the number of the user's line that a parsed line comes from."""
        origin = self.origin
        if origin is None:
            return line
        beyond = max(line - len(origin), 0)
        return min(origin[line - 1 - beyond] + beyond, len(self.lines))

    def of(self, name: str, node: ast.AST) -> Span:
        """Return where `node` mentions `name`."""
        line: int = node.lineno  # type: ignore[attr-defined]  # every node we keep has one
        column: int = node.col_offset  # type: ignore[attr-defined]
        if self.origin is not None:
            line = self.line(line)
        text = self.lines[line - 1]
        if not self.ascii:
            column = len(
                text.encode(errors="replace")[:column].decode(errors="replace")
            )
        end = column + len(name)
        if text[column:end] == name:
            return Span(line, column, line, end)
        return self.search(name, line, column)

    def search(self, name: str, line: int, column: int) -> Span:
        """Return where a name stands near a place, or else the whole line."""
        text = self.lines[line - 1]
        column = find_word(text, name, column)
        if column < 0:
            return whole(line, text)
        return Span(line, column, line, column + len(name))


def origins(lines: list[str], rewritten: str) -> list[int]:
    """Return, for each rewritten line, the number of the line that it comes from.

    IPython drops blank lines at the start and joins lines that end in a backslash.
    """
    found: list[int] = []
    at = 0
    while at < len(lines) - 1 and not lines[at].strip():
        at += 1
    for line in split_lines(rewritten):
        found.append(min(at + 1, len(lines)))
        while at < len(lines) and lines[at].endswith("\\") and line[-1:] != "\\":
            at += 1
        at += 1
    return found


def find_word(text: str, word: str, start: int) -> int:
    """Return where a word stands in a line, from `start` on or else before it; or -1."""
    for begin in (start, 0):
        at = text.find(word, begin)
        while at >= 0:
            end = at + len(word)
            before, after = text[at - 1 : at] if at else "", text[end : end + 1]
            if not (before.isidentifier() or before.isdigit()) and not (
                after.isalnum() or after == "_"
            ):
                return at
            at = text.find(word, at + 1)
    return -1


def whole(line: int, text: str) -> Span:
    """Return the span of a line without its indentation."""
    stripped = text.strip()
    column = text.find(stripped)
    return Span(line, column, line, column + len(stripped))
