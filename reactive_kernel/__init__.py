"""Reactive Python: a Jupyter kernel that makes ordinary notebooks reactive, unchanged.

Run a cell and every cell that depends on it follows, in the right order, each with its
new output in its own place; so what the notebook shows is what a fresh run would show.

For notebooks there are two functions, `stop` and `clicks`. Everything else happens by
itself, or with ``%reactive``. For Python programs that use notebooks there are
`load_notebook` and `import_notebooks`.

How to read the code
--------------------
Packages are layers; each imports only from those below it in this list:

`cli`, `loading`
    the command line; notebooks as modules
`formats`
    notebooks as ``.py`` files; a sibling of `kernel`
`kernel`
    the Jupyter kernel: requests, reruns, the comm (start with `kernel.kernel`)
`shell`
    the engine inside an IPython shell; ``%reactive``
`runtime`
    the engine: `runtime.Session` owns one notebook and its values
`planning`
    states and plans, decided from evidence by pure functions
`graph`
    which cell reads from which: the one rule of binding is in `graph.resolve`
`analysis`
    the definitions and uses inside one cell
`document`, `diagnostic`, `errors`
    cells, findings, the exception tree

The path of a run: a client's execute_request reaches `kernel.kernel.ReactiveKernel`; the
text goes to `Session.take`, which analyses it and updates the graph; `Session.needed`
says what must run first; ``Session.run`` puts the right version of each name in place,
lets IPython run the cell and writes down what it read and left; `kernel.cascade` then
reruns, cell by cell, what `Session.next_step` gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reactive_kernel._version import __version__
from reactive_kernel.errors import StopCell

if TYPE_CHECKING:
    import os

    from ipywidgets import Button

    from reactive_kernel.loading import NotebookModule
    from reactive_kernel.shell.clicks import Clicks

__all__ = ["__version__", "clicks", "import_notebooks", "load_notebook", "stop"]


def clicks(button: Button) -> Clicks:
    """Count the clicks on a button, as a trait that other cells can read.

    Parameters
    ----------
    button
        An ``ipywidgets.Button``.

    Returns
    -------
    Clicks
        An object whose trait `count` grows with each click: a cell that reads it runs
        again then.

    Examples
    --------
    >>> from ipywidgets import Button
    >>> button = Button(description="Again")
    >>> pressed = clicks(button)
    >>> button.click()
    >>> pressed.count
    1
    """
    # A notebook without widgets need not import them.
    from reactive_kernel.shell.clicks import Clicks

    return Clicks(button)


def stop(condition: object = True, output: object = None) -> None:
    """End the running cell quietly, without an error.

    Cells that depend on it are blocked, not failed, until it runs through.

    Parameters
    ----------
    condition
        Stop only if this is true.
    output
        Anything to show under the cell in place of its result.

    Examples
    --------
    >>> stop(False)
    """
    if condition:
        raise StopCell(output)


def load_notebook(path: str | os.PathLike[str], **overrides: Any) -> NotebookModule:
    """Return a notebook as a module that runs cells when their names are asked for.

    Parameters
    ----------
    path
        An ``.ipynb`` or a ``.py`` file with cells.
    overrides
        Values to use in place of those that the cells give. What only served to compute
        them does not run. For a name that is bound to a widget: the widget's value.

    Raises
    ------
    FormatError
        If the file is no notebook.
    NotebookNameError
        If no cell knows a name of `overrides`; when a name is asked for, if no cell
        defines it or only Jupyter can run one that it needs.
    """
    from reactive_kernel.loading import load_notebook as load

    return load(path, **overrides)


def import_notebooks() -> None:
    """Let ``import`` find notebooks, beside the modules that it finds anyway.

    ``from rates import tax`` then runs what ``tax`` needs of ``rates.py``, if that is a
    notebook, or of ``rates.ipynb``.
    """
    from reactive_kernel.loading import import_notebooks as install

    install()
