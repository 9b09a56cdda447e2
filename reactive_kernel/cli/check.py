"""``jupyter reactive check``: everything that the analysis finds wrong or remarkable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from reactive_kernel.cli.observing import observed
from reactive_kernel.cli.opened import FILE, Opened, opened
from reactive_kernel.cli.star_imports import spelled_out
from reactive_kernel.diagnostic import Severity
from reactive_kernel.formats import cell_lines, run_order, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reactive_kernel.diagnostic import Diagnostic
    from reactive_kernel.document import CellId

__all__ = ["check"]

_WRONG = (Severity.ERROR, Severity.WARNING)


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Print a list of findings as JSON."
)
@click.option(
    "--fix",
    is_flag=True,
    help="Put cells into an order that reads top to bottom; spell star imports out.",
)
@click.option(
    "--run",
    "runs",
    is_flag=True,
    help="Run the notebook as well, and tell what only that shows.",
)
@click.option("--timeout", type=float, help="Seconds that a cell may take in a run.")
@click.option("--strict", is_flag=True, help="Warnings give exit code 1 as well.")
@click.pass_context
def check(
    context: click.Context,
    files: Sequence[Path],
    *,
    as_json: bool,
    fix: bool,
    runs: bool,
    timeout: float | None,
    strict: bool,
) -> None:
    """Tell what is wrong or remarkable in notebooks, without running them.

    Syntax errors, cells that depend on each other, names that nobody defines or that are
    used above their definition, cells that depend on the order in which they were run.
    Each finding has the cell, the line and what to do.

    With --run also: cells that fail, objects that a cell changes without its text saying
    so, the names that a star import gives, widgets that set each other. The file stays
    as it is.

    Exit code 1: there are errors (with --strict: or warnings).
    """
    rows = []
    for file in files:
        notebook = opened(file)
        if fix:
            notebook = _fixed(_without_stars(notebook))
        lines = cell_lines(notebook.path)
        found = _observed(notebook, timeout) if runs else _findings(notebook)
        rows += [_row(notebook, id, each, lines) for id, each in found]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
    else:
        for row in rows:
            click.echo(_line(row))
    wrong = _WRONG if strict else _WRONG[:1]
    context.exit(int(any(row["severity"] in wrong for row in rows)))


def _findings(notebook: Opened) -> Iterator[tuple[CellId, Diagnostic]]:
    graph = notebook.graph
    for cell in graph.document:
        if not cell.settings.disabled:
            for found in graph.findings(cell.id):
                yield cell.id, found


def _observed(
    notebook: Opened, timeout: float | None
) -> Iterator[tuple[CellId, Diagnostic]]:
    """Yield the findings of a run; of cells that did not run, those of the text."""
    found = observed(notebook, timeout)
    for cell in notebook.graph.document:
        if not cell.settings.disabled:
            for each in found.get(cell.id, notebook.graph.findings(cell.id)):
                yield cell.id, each


def _row(
    notebook: Opened, id: CellId, found: Diagnostic, lines: Mapping[str, int]
) -> dict[str, Any]:
    span = found.span
    return {
        "file": str(notebook.path),
        "file_line": lines[id] + span.line if span and id in lines else None,
        "cell": notebook.number(id),
        "id": notebook.cells[id].get("id"),
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "severity": str(found.severity),
        "code": found.code,
        "message": found.message,
    }


def _line(row: dict[str, Any]) -> str:
    id = f" [{row['id']}]" if row["id"] else ""
    place = f", line {row['line']}" if row["line"] else ""
    file = f"{row['file']}:{row['file_line']}" if row["file_line"] else row["file"]
    where = f"{file}: cell {row['cell']}{id}{place}"
    return f"{where}: {row['severity']}: {row['message']} ({row['code']})"


def _without_stars(notebook: Opened) -> Opened:
    """Spell the star imports of a notebook out where that is safe, and save it."""
    texts = spelled_out(notebook.graph, notebook.path.absolute().parent)
    if not texts:
        return notebook
    for name, text in texts.items():
        notebook.cells[name]["source"] = text
    write(notebook.path, notebook.node, metadata="all")
    click.echo(f"{notebook.path}: star imports spelled out", err=True)
    return opened(notebook.path)


def _fixed(notebook: Opened) -> Opened:
    """Put the cells of a notebook into the order of a program, and save it."""
    order, problem = run_order(notebook.node)
    if problem:
        click.echo(f"{notebook.path}: not reordered: {problem}", err=True)
        return notebook
    names = list(_with_text(notebook, order))
    if names == list(notebook.cells):
        return notebook
    notebook.node["cells"] = [notebook.cells[name] for name in names]
    write(notebook.path, notebook.node, metadata="all")
    click.echo(f"{notebook.path}: cells reordered", err=True)
    return opened(notebook.path)


def _with_text(notebook: Opened, order: Sequence[str]) -> Iterator[str]:
    """Yield all cells; those that are no code stay above the code that follows them."""
    above: dict[str, list[str]] = {}
    waiting: list[str] = []
    for name, cell in notebook.cells.items():
        waiting.append(name)
        if cell["cell_type"] == "code":
            above[name], waiting = waiting, []
    for name in order:
        yield from above[name]
    yield from waiting
