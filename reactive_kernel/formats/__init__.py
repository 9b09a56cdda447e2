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

from reactive_kernel.formats.notebook import Keep, from_node, to_node
from reactive_kernel.formats.pyfile_reader import read_page
from reactive_kernel.formats.pyfile_writer import write_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

__all__ = ["Keep", "reads", "writes"]


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
