"""Every error that Reactive Python raises on purpose.

::

    ReactiveError
    ├── CycleError          cells depend on each other
    ├── UnknownCellError    a cell id that the document does not hold
    ├── UpstreamError       a cell was not run because a cell it needs failed
    ├── MessageError        a message from a client that cannot be understood
    └── StopCell            raised by `reactive_kernel.stop`; ends a cell quietly
"""

from __future__ import annotations

__all__ = [
    "CycleError",
    "MessageError",
    "ReactiveError",
    "StopCell",
    "UnknownCellError",
    "UpstreamError",
]


class ReactiveError(Exception):
    """The root of every error raised on purpose by Reactive Python."""


class CycleError(ReactiveError):
    """Cells depend on each other, so no order runs each after what it reads.

    Parameters
    ----------
    names
        The names along the cycle, the first one repeated at the end.

    Examples
    --------
    >>> print(CycleError(("x", "y", "x")))
    cells depend on each other through x -> y -> x
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(f"cells depend on each other through {' -> '.join(names)}")


class UnknownCellError(ReactiveError, LookupError):
    """A cell id that the document does not hold."""

    def __init__(self, cell: str) -> None:
        self.cell = cell
        super().__init__(f"the notebook has no cell {cell!r}")


class UpstreamError(ReactiveError):
    """A cell was not run because a cell that it needs failed.

    Parameters
    ----------
    names
        The names that the cell reads from the failed cell.
    label
        What to call the failed cell in the message, for example ``In[3]``.
    """

    def __init__(self, names: tuple[str, ...], label: str) -> None:
        self.names = names
        self.label = label
        listed = ", ".join(f"`{name}`" for name in names)
        super().__init__(f"not run: it needs {listed} from {label}, which failed")


class MessageError(ReactiveError, ValueError):
    """A message from a client that cannot be understood; it changes nothing."""


class StopCell(ReactiveError):  # noqa: N818  # no error
    """Ends the running cell quietly; raised by `reactive_kernel.stop`.

    Parameters
    ----------
    output
        What to display under the cell in place of its result, or None.
    """

    def __init__(self, output: object = None) -> None:
        self.output = output
        super().__init__("the cell was stopped by reactive_kernel.stop()")
