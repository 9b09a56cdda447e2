"""A notebook in a file, with what is needed to run cells of it in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reactive_kernel.errors import FormatError
from reactive_kernel.formats.bodies import Body, written
from reactive_kernel.formats.files import read, text_of
from reactive_kernel.formats.notebook import NotebookCell, Page, from_node
from reactive_kernel.formats.program import (
    execution_order,
    graph_of,
    inert_cells,
    names_of,
)
from reactive_kernel.formats.pyfile_reader import read_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph

__all__ = ["OpenPage", "cell_lines", "open_page"]


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A notebook that was read from a file, and the program that it is.

    Parameters
    ----------
    path
        The file.
    cells
        All cells by name.
    graph
        The graph of the code cells.
    order
        The code cells in the order of a program.
    live
        For each code cell what plain Python can run of it.
    """

    path: Path
    cells: Mapping[str, NotebookCell]
    graph: DefUseGraph
    order: Sequence[CellId]
    live: Mapping[str, str]


def open_page(path: Path) -> OpenPage:
    """Return the notebook in a file.

    Raises
    ------
    FormatError
        If the file is no notebook.
    """
    page = _page(path)
    names = names_of(page)
    cells = dict(zip(names, page.cells, strict=True))
    bodies = {
        name: _body(cell, name) for name, cell in cells.items() if cell.kind == "code"
    }
    graph = graph_of(page, names)
    inert = inert_cells(graph, bodies)
    order, _ = execution_order(graph, inert)
    live = {
        name: body.live or ""
        for name, body in bodies.items()
        if graph.document[name].id not in inert
    }
    return OpenPage(path, cells, graph, order, live)


def cell_lines(path: Path) -> dict[str, int]:
    """Return for the cells of a ``.py`` file the line above their first one."""
    page = _page(path)
    return {
        name: cell.line
        for name, cell in zip(names_of(page), page.cells, strict=True)
        if cell.line is not None
    }


def _body(cell: NotebookCell, name: str) -> Body:
    return written(cell.source, name, inert=cell.disabled)


def _page(path: Path) -> Page:
    if path.suffix == ".ipynb":
        return from_node(read(path))
    try:
        return read_page(text_of(path.read_bytes()))
    except FormatError as error:
        raise error.within(str(path)) from None
