"""Reactive Python: a Jupyter kernel that makes ordinary notebooks reactive, unchanged.

Run a cell and every cell that depends on it follows, in the right order, each with its
new output in its own place; so what the notebook shows is what a fresh run would show.

For notebooks there is one function, `stop`. Everything else happens by itself, or with
``%reactive``.

How to read the code
--------------------
Packages are layers; each imports only from those below it in this list:

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

from reactive_kernel._version import __version__
from reactive_kernel.errors import StopCell

__all__ = ["__version__", "stop"]


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
