"""``jupyter reactive slice``: the smallest script that computes one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from nbformat import v4

from reactive_kernel.cli.opened import FILE, opened
from reactive_kernel.formats import commented, graph

if TYPE_CHECKING:
    from pathlib import Path

    from reactive_kernel.cli.opened import Opened
    from reactive_kernel.document import Cell

__all__ = ["slice_command"]


@click.command("slice")
@click.argument("file", type=FILE)
@click.argument("name")
def slice_command(file: Path, name: str) -> None:
    """Print the smallest script that computes NAME as the notebook leaves it.

    The cells that NAME depends on, in an order that plain Python can run; of a function
    also those that calling it needs.

    \b
    jupyter reactive slice nb.ipynb total > total.py
    """
    notebook = opened(file)
    if notebook.graph.last_writer(name) is None:
        known = {
            n for c in notebook.graph.document for n in notebook.graph.writes(c.id)
        }
        raise click.BadParameter(
            f"no cell defines {name!r}; it has {', '.join(sorted(known)) or 'no names'}",
            param_hint="NAME",
        )
    parts = []
    for cell in _needed(notebook, name):
        text = commented(cell.source) or cell.source
        parts.append(f"# {notebook.label(cell.id)}\n{text.rstrip()}\n")
    click.echo("\n".join(parts), nl=False)


def _needed(notebook: Opened, name: str) -> list[Cell]:
    """Return the cells that one at the end needs which reads a name, in order."""
    extra = v4.new_code_cell(name)
    if notebook.node["nbformat_minor"] < 5:
        del extra["id"]
    node = {**notebook.node, "cells": [*notebook.node["cells"], extra]}
    whole = graph(node)
    *_, reader = whole.document
    return [cell for cell in whole.slice(reader.id) if cell.id != reader.id]
