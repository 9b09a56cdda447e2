r"""Notebooks as ``.py`` files that plain Python runs, and back without loss.

>>> from nbformat import v4
>>> notebook = v4.new_notebook(cells=[v4.new_code_cell("%time\nx = 1", id="a")])
>>> print(writes(notebook))
# ---
# jupyter:
#   jupytext: {"text_representation": {"extension": ".py", "format_name": "percent", "format_version": "1.3"}}
#   reactivepy: {"version": 1, "nbformat_minor": 5, "not_run": "lines like '# %name' and '# !command', and cells marked active, are run by Jupyter and not by plain Python"}
# ---
<BLANKLINE>
# %% id="a"
# %time
x = 1
<BLANKLINE>
>>> reads(writes(notebook)).cells[0].source
'%time\nx = 1'

Nothing is executed. docs/format.md describes the format. The path of a write: `notebook`
makes a `Page` of the notebook, `bodies` writes each cell, `program` finds the order and
what plain Python cannot run, `script` adds options for the command line, and
`pyfile_writer` puts it all together and reads it again with `pyfile_reader`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reactive_kernel.formats.files import read, replace_file, text_of, write
from reactive_kernel.formats.magics import commented
from reactive_kernel.formats.marimo import from_marimo, is_marimo, to_marimo
from reactive_kernel.formats.notebook import Keep, from_node, to_node
from reactive_kernel.formats.pages import OpenPage, cell_lines, open_page
from reactive_kernel.formats.program import (
    execution_order,
    graph_of,
    names_of,
    rewriter,
)
from reactive_kernel.formats.pyfile_reader import is_ours, read_page
from reactive_kernel.formats.pyfile_writer import write_page
from reactive_kernel.formats.script import Option, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbformat import NotebookNode

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph

__all__ = [
    "Keep",
    "OpenPage",
    "Option",
    "cell_lines",
    "cell_names",
    "commented",
    "graph",
    "is_ours",
    "open_page",
    "options",
    "options_of",
    "read",
    "read_marimo",
    "reads",
    "replace_file",
    "rewriter",
    "run_order",
    "text_of",
    "write",
    "write_marimo",
    "writes",
]


def reads(text: str) -> NotebookNode:
    """Return the notebook that the text of a ``.py`` file holds.

    Raises
    ------
    FormatError
        If the text is no notebook; the error names the line and what to do.
    """
    return to_node(read_page(text))


def writes(notebook: Mapping[str, Any], *, metadata: Keep = "clean") -> str:
    """Return a notebook (of nbformat 4) as the text of a ``.py`` file.

    Parameters
    ----------
    notebook
        The notebook. Its outputs are left out.
    metadata
        ``"all"`` keeps what a run or a look at the notebook changes, such as times of
        execution; ``"clean"`` leaves it out.

    Raises
    ------
    FormatError
        If it is no notebook of nbformat 4.
    """
    return write_page(from_node(notebook, metadata))


def read_marimo(text: str) -> NotebookNode | None:
    """Return the notebook that a file of marimo holds; None if it is no such file.

    Raises
    ------
    FormatError
        If it is one, but no Python.
    """
    return to_node(from_marimo(text)) if is_marimo(text) else None


def write_marimo(notebook: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return a notebook as a file of marimo, and sentences about what that lacks."""
    return to_marimo(from_node(notebook))


def cell_names(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the cells of a notebook are called: their ids, or made-up ones."""
    return names_of(from_node(notebook))


def graph(notebook: Mapping[str, Any]) -> DefUseGraph:
    """Return the graph of a notebook's code cells, under the names of `cell_names`."""
    page = from_node(notebook)
    return graph_of(page, names_of(page))


def run_order(notebook: Mapping[str, Any]) -> tuple[list[CellId], str]:
    """Return the code cells in the order in which one Python process has to run them.

    Returns
    -------
    tuple
        The names of the cells, and why the order cannot be right; usually empty.
    """
    return execution_order(graph(notebook))


def options(notebook: Mapping[str, Any]) -> Iterator[tuple[str, Option]]:
    """Yield what the command line can override, each with the name of its cell."""
    page = from_node(notebook)
    for name, cell in zip(names_of(page), page.cells, strict=True):
        if cell.kind == "code" and not cell.disabled:
            for option in options_of(cell):
                yield name, option
