"""``jupyter reactive slice``: the smallest script that computes one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reactive_kernel.cli.opened import FILE, opened
from reactive_kernel.formats import commented

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["slice_command"]


@click.command("slice")
@click.argument("file", type=FILE)
@click.argument("name")
def slice_command(file: Path, name: str) -> None:
    """Print the smallest script that computes NAME as the notebook leaves it.

    The cells that NAME depends on, in an order that plain Python can run.

    \b
    jupyter reactive slice nb.ipynb total > total.py
    """
    notebook = opened(file)
    writer = notebook.graph.last_writer(name)
    if writer is None:
        known = {
            n for c in notebook.graph.document for n in notebook.graph.writes(c.id)
        }
        raise click.BadParameter(
            f"no cell defines {name!r}; it has {', '.join(sorted(known)) or 'no names'}",
            param_hint="NAME",
        )
    parts = []
    for cell in notebook.graph.slice(writer):
        text = commented(cell.source) or cell.source
        parts.append(f"# {notebook.label(cell.id)}\n{text.rstrip()}\n")
    click.echo("\n".join(parts), nl=False)
