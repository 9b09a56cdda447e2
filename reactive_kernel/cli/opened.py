"""A notebook as the commands see it: its cells, its graph, and what to call a cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reactive_kernel.formats import cell_names, graph, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

    from reactive_kernel.graph import DefUseGraph

__all__ = ["FILE", "Opened", "opened"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""A notebook that is there."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A notebook that was read from a file.

    Parameters
    ----------
    path
        The file.
    node
        The notebook.
    cells
        Its cells by name, in order.
    graph
        The graph of its code cells.
    """

    path: Path
    node: NotebookNode
    cells: Mapping[str, NotebookNode]
    graph: DefUseGraph

    def number(self, name: str) -> int:
        """Return the place of a cell among all cells, counted from 1."""
        return list(self.cells).index(name) + 1

    def label(self, name: str) -> str:
        """Return what to call a cell: its number, and its id if it has one."""
        id = self.cells[name].get("id")
        return f"cell {self.number(name)} [{id}]" if id else f"cell {self.number(name)}"

    def first_line(self, name: str, width: int = 40) -> str:
        """Return the first line of a cell that is not empty, cut to a width."""
        lines = map(str.strip, self.cells[name]["source"].split("\n"))
        line = next(filter(None, lines), "")
        return line if len(line) <= width else f"{line[: width - 1]}…"


def opened(path: Path) -> Opened:
    """Return the notebook in a file.

    Raises
    ------
    FormatError
        If the file is no notebook.
    """
    node = read(path)
    cells = dict(zip(cell_names(node), node["cells"], strict=True))
    return Opened(path, node, cells, graph(node))
