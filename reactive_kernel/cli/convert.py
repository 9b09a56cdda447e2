"""``jupyter reactive convert``: between notebooks and Python files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reactive_kernel.cli.opened import FILE
from reactive_kernel.formats import (
    Keep,
    read,
    read_marimo,
    replace_file,
    text_of,
    write,
    write_marimo,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["convert"]


@click.command()
@click.argument("source", type=FILE)
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--to",
    type=click.Choice(["reactivepy", "marimo"]),
    default="reactivepy",
    show_default=True,
    help="The kind of .py file.",
)
@click.option(
    "--all-metadata", is_flag=True, help="Keep what a run or a look changes, too."
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace TARGET. An .ipynb keeps the outputs of unchanged cells.",
)
def convert(
    source: Path, target: Path | None, *, to: str, all_metadata: bool, force: bool
) -> None:
    """Convert a notebook to a .py file or back. Nothing is run.

    SOURCE is an .ipynb, a .py of this format, of jupytext (percent), VS Code, Spyder or
    PyCharm, or a notebook of marimo. TARGET is named like SOURCE by default.

    \b
    jupyter reactive convert nb.ipynb                nb.py: runs, diffs, loses only outputs
    jupyter reactive convert nb.py nb.ipynb --force  keeps outputs of unchanged cells
    jupyter reactive convert nb.ipynb nb.py --to marimo
    """
    if target is None:
        target = source.with_suffix(".py" if source.suffix == ".ipynb" else ".ipynb")
    if target.suffix not in (".py", ".ipynb"):
        raise click.BadParameter(
            "its name must end with .py or .ipynb", param_hint="TARGET"
        )
    if target.exists() and not force:
        raise click.UsageError(f"{target} exists: choose another name, or --force")
    notebook = _read(source)
    if target.suffix == ".ipynb" and target.exists():
        _keep_outputs(notebook, read(target))
    if to == "marimo" and target.suffix == ".py":
        text, losses = write_marimo(notebook)
        replace_file(target, text.encode(errors="replace"))
        for loss in losses:
            click.echo(f"{source}: not kept: {loss}", err=True)
    else:
        keep: Keep = "all" if all_metadata else "clean"
        write(target, notebook, metadata=keep)
    click.echo(str(target))


def _read(source: Path) -> NotebookNode:
    if source.suffix == ".ipynb":
        return read(source)
    found = read_marimo(text_of(source.read_bytes()))
    return read(source) if found is None else found


def _keep_outputs(notebook: NotebookNode, old: NotebookNode) -> None:
    """Give the cells that are as before the outputs that they had."""
    known: dict[Any, Any] = {
        cell.get("id"): cell for cell in old["cells"] if cell["cell_type"] == "code"
    }
    for cell in notebook["cells"]:
        before = known.get(cell.get("id"))
        if (
            cell["cell_type"] == "code"
            and before
            and before["source"] == cell["source"]
        ):
            cell["outputs"] = before["outputs"]
            cell["execution_count"] = before["execution_count"]
