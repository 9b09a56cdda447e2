"""``jupyter reactive graph``: which cell takes what from which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from reactive_kernel.cli.drawing import Edge, drawn
from reactive_kernel.cli.opened import FILE, Opened, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["graph"]


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--format",
    "-f",
    "kind",
    type=click.Choice(["mermaid", "dot", "json", "svg"]),
    default="mermaid",
    show_default=True,
    help="svg is a picture; dot is for Graphviz.",
)
def graph(file: Path, kind: str) -> None:
    """Print which cell takes which name from which other cell.

    \b
    jupyter reactive graph nb.py                    paste it into a Markdown page
    jupyter reactive graph nb.py -f svg > nb.svg
    """
    notebook = opened(file)
    match kind:
        case "mermaid":
            click.echo(_mermaid(notebook))
        case "dot":
            click.echo(_dot(notebook))
        case "json":
            click.echo(json.dumps(_as_json(notebook), indent=1))
        case _:
            click.echo(_svg(notebook))


def _edges(notebook: Opened) -> Iterator[tuple[str, str, list[str]]]:
    for cell in notebook.graph.document:
        for reader, names in notebook.graph.readers(cell.id).items():
            yield cell.id, reader, sorted(names)


def _shown(notebook: Opened) -> list[str]:
    """Return the cells that take or give anything."""
    tied = {id for one, other, _ in _edges(notebook) for id in (one, other)}
    return [cell.id for cell in notebook.graph.document if cell.id in tied]


def _mermaid(notebook: Opened) -> str:
    lines = ["flowchart TD"]
    for id in _shown(notebook):
        text = _escaped(notebook.first_line(id))
        lines.append(f'  c{notebook.number(id)}["{notebook.number(id)}: {text}"]')
    for writer, reader, names in _edges(notebook):
        ends = notebook.number(writer), notebook.number(reader)
        lines.append(f'  c{ends[0]} -->|"{_escaped(", ".join(names))}"| c{ends[1]}')
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Return a text that mermaid shows as it is."""
    special = '"#;<>&`\\'
    return "".join(f"#{ord(c)};" if c in special else c for c in text)


def _dot(notebook: Opened) -> str:
    lines = ["digraph notebook {", "  node [shape=box, fontname=monospace];"]
    for id in _shown(notebook):
        label = json.dumps(f"{notebook.number(id)}: {notebook.first_line(id)}")
        lines.append(f"  c{notebook.number(id)} [label={label}];")
    for writer, reader, names in _edges(notebook):
        ends = f"c{notebook.number(writer)} -> c{notebook.number(reader)}"
        lines.append(f"  {ends} [label={json.dumps(', '.join(names))}];")
    return "\n".join([*lines, "}"])


def _as_json(notebook: Opened) -> dict[str, object]:
    graph = notebook.graph
    return {
        "cells": [
            {
                "cell": notebook.number(cell.id),
                "id": notebook.cells[cell.id].get("id"),
                "defines": sorted(graph.writes(cell.id)),
                "uses": sorted(graph.inputs(cell.id)),
            }
            for cell in graph.document
        ],
        "edges": [
            {
                "from": notebook.number(writer),
                "to": notebook.number(reader),
                "names": names,
            }
            for writer, reader, names in _edges(notebook)
        ],
    }


def _svg(notebook: Opened) -> str:
    shown = set(_shown(notebook))
    order = [id for id in notebook.graph.program() if id in shown]
    labels: dict[str, str] = {
        id: f"{notebook.number(id)}: {notebook.first_line(id)}" for id in order
    }
    edges = [Edge(one, other, ", ".join(each)) for one, other, each in _edges(notebook)]
    return drawn(labels, edges)
