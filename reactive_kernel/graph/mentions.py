"""Where a name is defined and used, and what has to be edited to rename it.

Both look at the texts of the cells, not at their records alone, and take time; a graph is
a value, so that may happen in any thread.

>>> from reactive_kernel.analysis import analyse
>>> from reactive_kernel.document import Cell, CellId, Document
>>> from reactive_kernel.graph import DefUseGraph
>>> a, b = CellId("a"), CellId("b")
>>> notebook = Document((Cell(a, "rate = 2"), Cell(b, "f = lambda x: x * rate")))
>>> graph = DefUseGraph.of(notebook, lambda cell: analyse(cell.source))
>>> for mention in find(graph, "rate").mentions:
...     print(mention.cell, mention.span.column, mention.defines)
a 0 True
b 18 False
>>> [(edit.cell, edit.text) for edit in rename(graph, "rate", "tax").edits]
[('a', 'tax'), ('b', 'tax')]
"""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reactive_kernel.analysis import identifiers, locate, places
from reactive_kernel.errors import NameRefusedError
from reactive_kernel.graph.resolve import is_ambient

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from reactive_kernel.analysis import Place
    from reactive_kernel.diagnostic import Span
    from reactive_kernel.document import Cell, CellId
    from reactive_kernel.graph.defuse_graph import DefUseGraph

    Rewrite = Callable[[str], str]

__all__ = ["Edit", "Found", "Mention", "Renaming", "find", "rename"]

EVALUATES = frozenset({"query", "eval", "evaluate"})
"""Methods that take names out of a text."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a cell mentions a name; `defines` if the cell defines it there."""

    cell: CellId
    span: Span
    defines: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """All mentions of a name in document order, and the definition that was asked for."""

    mentions: tuple[Mention, ...]
    definition: Mention | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A range of a cell's text, and what is to stand there."""

    cell: CellId
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Renaming:
    """All edits that rename a name; `left` are cells in which the word still stands.

    There it is part of a text or a comment, or means something else.
    """

    edits: tuple[Edit, ...]
    left: tuple[CellId, ...]


# Finding ------------------------------------------------------------------------------


def find(
    graph: DefUseGraph,
    name: str,
    rewrite: Rewrite | None = None,
    at: tuple[CellId, int, int] | None = None,
) -> Found:
    """Find all mentions of a name of the notebook.

    Parameters
    ----------
    graph
        The notebook.
    name
        The name.
    rewrite
        Turns IPython syntax into Python.
    at
        Cell, line and column of the mention whose definition is wanted; without it the
        first definition is returned.

    Raises
    ------
    NameRefusedError
        If what stands at that place is no name of the notebook.
    """
    mentions = tuple(_mentions(graph, name, rewrite))
    if at is None:
        return Found(mentions, next((each for each in mentions if each.defines), None))
    cell, line, column = at
    here = next(
        (
            each
            for each in mentions
            if each.cell == cell
            and (each.span.line, each.span.column) <= (line, column)
            and (line, column) <= (each.span.end_line, each.span.end_column)
        ),
        None,
    )
    if here is None:
        raise NameRefusedError(
            f"`{name}` is no name of the notebook here, but local to a function, an"
            " attribute or part of a text"
        )
    return Found(mentions, _definition(graph, name, mentions, here))


def _mentions(
    graph: DefUseGraph, name: str, rewrite: Rewrite | None
) -> Iterator[Mention]:
    for cell in _with_word(graph, name):
        defined = graph.defuse(cell.id).definitions.get(name)
        first = defined.span if defined else None
        spans = locate(cell.source, name, rewrite)
        if defined and first not in spans:
            first = spans[0] if spans else None
        for span in spans:
            yield Mention(cell.id, span, span == first)


def _with_word(graph: DefUseGraph, word: str) -> Iterator[Cell]:
    """Yield the cells in whose text a word stands at all."""
    return (cell for cell in graph.document if word in cell.source)


def _definition(
    graph: DefUseGraph, name: str, mentions: tuple[Mention, ...], here: Mention
) -> Mention | None:
    """Return the definition that a mention means, by the rule of binding.

    Of a definition it is the one before it, if there is one.
    """
    defining = {each.cell: each for each in mentions if each.defines}
    own = defining.get(here.cell)
    if own is not None and own.span < here.span:
        exposed = graph.defuse(here.cell).uses.get(name)
        # In `x = x + 1` what is read first stands behind what is bound.
        if exposed is None or here.span.line > exposed.line:
            return own
    order, bound = graph.writers(name), graph.binding(here.cell, name)
    before = order[: order.index(bound) + 1] if bound in order else ()
    return next((defining[id] for id in reversed(before) if id in defining), own)


# Renaming -----------------------------------------------------------------------------


def rename(
    graph: DefUseGraph,
    name: str,
    to: str,
    rewrite: Rewrite | None = None,
    unknown: Collection[CellId] = (),
) -> Renaming:
    """Return what to edit so that a name is called something else everywhere.

    Parameters
    ----------
    graph
        The notebook.
    name, to
        The name, and what it shall be called.
    rewrite
        Turns IPython syntax into Python.
    unknown
        Cells that have not run, so that what a star import gives them is not known.

    Raises
    ------
    NameRefusedError
        If it cannot be done for sure without changing what the notebook does.
    """
    _check_names(graph, name, to)
    for cell in graph.document:
        _check_cell(graph, cell, name, unknown)
    for cell in _with_word(graph, to):
        if to in identifiers(cell.source, rewrite):
            raise NameRefusedError(f"already uses the name `{to}`", cell.id)
    edits: list[Edit] = []
    left: list[CellId] = []
    for cell in _with_word(graph, name):
        _check_texts(cell, name)
        found = places(cell.source, name, rewrite)
        own = [_edit(cell.id, place, name, to) for place in found]
        text = edited(cell.source, own)
        _check_result(cell, text, name, to, len(own), rewrite)
        edits += own
        if _has_word(text, name):
            left.append(cell.id)
    return Renaming(tuple(edits), tuple(left))


def _check_names(graph: DefUseGraph, name: str, to: str) -> None:
    if not to.isidentifier() or keyword.iskeyword(to):
        raise NameRefusedError(f"`{to}` cannot be a name in Python")
    if is_ambient(to):
        raise NameRefusedError(f"`{to}` means something in Python or IPython")
    if to == name or graph.writers(to):
        raise NameRefusedError(f"there is a `{to}` in this notebook already")
    if is_ambient(name):
        raise NameRefusedError(f"`{name}` also means something in Python or IPython")
    if not graph.writers(name):
        raise NameRefusedError(f"no cell defines `{name}`")


def _check_cell(
    graph: DefUseGraph, cell: Cell, name: str, unknown: Collection[CellId]
) -> None:
    """Refuse where a cell may use the name in a way that its text does not show."""
    record = graph.defuse(cell.id)
    if record.opaque:
        raise NameRefusedError(
            f"runs `{record.opaque[0]}`, which may use any name", cell.id
        )
    syntax = next((d for d in record.diagnostics if d.code == "syntax-error"), None)
    if syntax is not None and _has_word(cell.source, name):
        raise NameRefusedError(f"mentions `{name}` and does not parse", cell.id)
    if record.star_imports:
        defined = record.definitions.get(name)
        if cell.id in unknown or (defined is not None and defined.span is None):
            module = record.star_imports[0]
            raise NameRefusedError(
                f"may get `{name}` from `from {module} import *`", cell.id
            )


def _check_texts(cell: Cell, name: str) -> None:
    """Refuse where a text that is evaluated has the name in it."""
    if re.search(rf"@{re.escape(name)}\b", cell.source):
        raise NameRefusedError(f"has `@{name}` in it, perhaps in a query", cell.id)
    try:
        tree = ast.parse(cell.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in EVALUATES
            and any(_has_word(text, name) for text in _texts(node))
        ):
            raise NameRefusedError(
                f"gives a text with `{name}` in it to `{node.func.attr}`", cell.id
            )


def _texts(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _edit(id: CellId, place: Place, name: str, to: str) -> Edit:
    if not place.imported:
        return Edit(id, place.span, to)
    if place.imported != name:
        raise NameRefusedError(
            f"imports `{place.imported}`, which binds `{name}` and cannot be renamed",
            id,
        )
    return Edit(id, place.span, f"{name} as {to}")


def edited(source: str, edits: Collection[Edit]) -> str:
    """Return a text with some edits made, each within one line."""
    lines = source.split("\n")
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        span, line = edit.span, lines[edit.span.line - 1]
        lines[span.line - 1] = line[: span.column] + edit.text + line[span.end_column :]
    return "\n".join(lines)


def _check_result(
    cell: Cell, text: str, name: str, to: str, count: int, rewrite: Rewrite | None
) -> None:
    """Refuse if the edits have not renamed each mention, and nothing else.

    The analysis of the new text is the judge: places in formatted texts and in magics
    are not always exact.
    """
    renamed = locate(text, to, rewrite)
    if len(renamed) != count or locate(text, name, rewrite):
        raise NameRefusedError(
            f"mentions `{name}` where it cannot be replaced", cell.id
        )


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
