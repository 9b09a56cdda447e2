"""Notebooks of marimo: read without running them, and written as far as they can be.

marimo keeps each cell as a function whose parameters are what it reads and which returns
what it defines. It has no two cells that define the same name, no raw cells, no ids, no
tags and no magics; `to_marimo` tells what it has to leave out.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import FormatError
from reactive_kernel.formats.magics import commented
from reactive_kernel.formats.notebook import NotebookCell, Page, identified
from reactive_kernel.formats.outline import compiles
from reactive_kernel.formats.program import graph_of, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reactive_kernel.graph import DefUseGraph

__all__ = ["from_marimo", "is_marimo", "to_marimo"]

_APP = re.compile(r"^app = marimo\.App\(", re.M)
_DECORATORS: Final = ("cell", "function", "class_definition")


def is_marimo(text: str) -> bool:
    """Return whether a Python file is a notebook of marimo."""
    return _APP.search(text) is not None and "import marimo" in text


def from_marimo(text: str) -> Page:
    """Return the notebook that a file of marimo holds.

    Raises
    ------
    FormatError
        If the file is no Python.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise FormatError(
            f"this is no Python: {error.msg}", "correct the line", line=error.lineno
        ) from None
    cells = [cell for node in tree.body for cell in _cells(node, text.split("\n"))]
    return Page(tuple(identified(cells)))


def _cells(node: ast.stmt, lines: Sequence[str]) -> Iterator[NotebookCell]:
    """Yield the cell that a statement of the file is, if it is one."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() if kind := _decorator(node):
            if kind == "cell":
                yield _cell(_body(node, lines), _hidden(node))
            else:
                yield _cell("\n".join(lines[node.lineno - 1 : node.end_lineno]), {})
        case ast.ClassDef() if _decorator(node):
            yield _cell("\n".join(lines[node.lineno - 1 : node.end_lineno]), {})
        case ast.With(items=[ast.withitem(ast.Attribute(ast.Name("app"), "setup"))]):
            yield _cell(_dedented(lines[node.lineno : node.end_lineno]), {})
        case ast.With(
            items=[ast.withitem(ast.Call(ast.Attribute(ast.Name("app"), "setup")))]
        ):
            yield _cell(_dedented(lines[node.lineno : node.end_lineno]), {})
        case ast.Expr(
            ast.Call(
                ast.Attribute(ast.Name("app"), "_unparsable_cell"),
                [ast.Constant(str(source)), *_],
            )
        ):
            yield _cell(_dedented(source.strip("\n").split("\n")), {})
        case _:
            pass


def _decorator(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> str | None:
    """Return what kind of cell a definition is."""
    for each in node.decorator_list:
        bare = each.func if isinstance(each, ast.Call) else each
        match bare:
            case ast.Attribute(ast.Name("app"), attr) if attr in _DECORATORS:
                return attr
            case _:
                pass
    return None


def _hidden(node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Any]:
    """Return the settings of a cell that a notebook of Jupyter has as well."""
    words = {
        word.arg: word.value.value
        for each in node.decorator_list
        if isinstance(each, ast.Call)
        for word in each.keywords
        if isinstance(word.value, ast.Constant)
    }
    metadata: dict[str, Any] = {}
    if words.get("hide_code") is True:
        metadata["jupyter"] = {"source_hidden": True}
    if words.get("disabled") is True:
        metadata["reactive"] = {"disabled": True}
    return metadata


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> str:
    """Return the source of a cell: its function's body without the last return."""
    *_, last = node.body
    end = last.lineno - 1 if isinstance(last, ast.Return) else node.end_lineno
    start = _signature_end(node, lines)
    return _dedented(lines[start:end])


def _signature_end(
    node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]
) -> int:
    """Return the number of lines up to and with the colon of a function."""
    text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and depth == 0:
                return node.lineno - 1 + token.start[0]
    return node.lineno


def _dedented(lines: Sequence[str]) -> str:
    inside = _inside_strings("\n".join(["if 1:", *lines]))
    found = [
        line if number in inside else line.removeprefix("    ")
        for number, line in enumerate(lines, 2)
    ]
    return "\n".join(found).strip("\n")


def _inside_strings(text: str) -> set[int]:
    """Return the numbers of the lines that begin inside a string."""
    found: set[int] = set()
    starts: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            # From Python 3.12 on, an f-string is several tokens.
            kind = tokenize.tok_name[token.type]
            if kind.endswith("STRING_START"):
                starts.append(token.start[0])
            elif kind == "STRING" or kind.endswith("STRING_END"):
                start = token.start[0] if kind == "STRING" else starts.pop()
                found |= set(range(start + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _cell(source: str, metadata: dict[str, Any]) -> NotebookCell:
    """Return a cell; one that only shows Markdown is a Markdown cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return NotebookCell("code", source, metadata=metadata)
    match tree.body:
        case [
            ast.Expr(
                ast.Call(
                    ast.Attribute(ast.Name("mo"), "md"), [ast.Constant(str(text))], []
                )
            )
        ]:
            return NotebookCell("markdown", _undented(text))
        case _:
            return NotebookCell("code", source, metadata=metadata)


def _undented(text: str) -> str:
    from inspect import cleandoc

    return cleandoc(text)


# Writing -----------------------------------------------------------------------------


def to_marimo(page: Page) -> tuple[str, list[str]]:
    """Return the text of a file of marimo, and what it does not hold.

    Each thing that is lost or that marimo will complain about is a sentence.
    """
    names = names_of(page)
    graph = graph_of(page, names)
    parts = ["import marimo\n\napp = marimo.App()\n"]
    losses: list[str] = []
    markdown = any(cell.kind == "markdown" for cell in page.cells)
    if markdown:
        parts.append(_function("import marimo as mo", (), ("mo",)))
    for number, (name, cell) in enumerate(zip(names, page.cells, strict=True), 1):
        losses += [f"cell {number}: {loss}" for loss in _losses(cell)]
        match cell.kind:
            case "code":
                parts.append(_code(cell, name, graph))
            case "markdown":
                parts.append(_function(f"mo.md({_quoted(cell.source)})", ("mo",), ()))
            case _:
                parts.append(
                    _function(
                        "\n".join(f"# {x}" for x in cell.source.split("\n")), (), ()
                    )
                )
    losses += _redefined(graph, names)
    if page.metadata:
        losses.append(f"the notebook's metadata: {', '.join(page.metadata)}")
    parts.append('if __name__ == "__main__":\n    app.run()\n')
    return "\n\n".join(parts), losses


def _losses(cell: NotebookCell) -> Iterator[str]:
    if cell.kind == "raw":
        yield "a raw cell becomes a comment"
    if cell.attachments:
        yield f"attachments: {', '.join(cell.attachments)}"
    others = [key for key in cell.metadata if key != "reactive"]
    if others:
        yield f"metadata: {', '.join(others)}"
    if cell.kind == "code" and not compiles(cell.source):
        live = commented(cell.source)
        runs = live is not None and live != cell.source and compiles(live)
        yield "magics become comments" if runs else "it is no plain Python"


def _redefined(graph: DefUseGraph, names: Sequence[str]) -> Iterator[str]:
    """Yield the names that marimo will refuse, since several cells define them."""
    definitions: dict[str, list[int]] = {}
    for cell in graph.document:
        for name in graph.defuse(cell.id).definitions:
            definitions.setdefault(name, []).append(names.index(cell.id) + 1)
    for name, cells in definitions.items():
        if len(cells) > 1 and not name.startswith("_"):
            yield f"cells {', '.join(map(str, cells))} define {name}: marimo wants one"


def _code(cell: NotebookCell, name: str, graph: DefUseGraph) -> str:
    source = cell.source
    if not compiles(source):
        source = commented(source) or source
    if not compiles(source):
        return f'app._unparsable_cell(\n    {_quoted(cell.source)},\n    name="_"\n)\n'
    id = graph.document[name].id
    reads = [
        n for n in sorted(graph.inputs(id)) if n.isidentifier() and graph.inputs(id)[n]
    ]
    writes = [n for n in sorted(graph.defuse(id).definitions) if not n.startswith("_")]
    return _function(
        source, [n for n in reads if n not in writes], writes, disabled=cell.disabled
    )


def _function(
    source: str, reads: Sequence[str], writes: Sequence[str], *, disabled: bool = False
) -> str:
    """Return a cell of marimo."""
    inside = _inside_strings(source)
    body = "\n".join(
        f"    {line}" if line and number not in inside else line
        for number, line in enumerate(source.rstrip("\n").split("\n"), 1)
    )
    result = f"({', '.join(writes)},)" if writes else ""
    head = "@app.cell(disabled=True)" if disabled else "@app.cell"
    returned = f"    return {result}".rstrip()
    return f"{head}\ndef _({', '.join(reads)}):\n{body}\n{returned}\n"


def _quoted(text: str) -> str:
    r"""Return a text as a string in several lines, if Python reads it back."""
    for quoted in (f'r"""{text}"""', f"r'''{text}'''"):
        try:
            if ast.literal_eval(quoted) == text:
                return quoted
        except (SyntaxError, ValueError):
            continue
    return repr(text)
