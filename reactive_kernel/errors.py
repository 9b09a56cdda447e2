"""Every error that Reactive Python raises on purpose.

::

    ReactiveError
    ├── CycleError          cells depend on each other
    ├── UnknownCellError    a cell id that the document does not hold
    ├── UpstreamError       a cell was not run because a cell it needs failed
    ├── MessageError        a message from a client that cannot be understood
    ├── NameRefusedError    a name that cannot be found or renamed
    ├── FormatError         a file that cannot be read as a notebook, or written as one
    ├── NotebookNameError   a name of a loaded notebook that cannot be computed
    └── StopCell            raised by `reactive_kernel.stop`; ends a cell quietly
"""

from __future__ import annotations

__all__ = [
    "CycleError",
    "FormatError",
    "MessageError",
    "NameRefusedError",
    "NotebookNameError",
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


class NameRefusedError(ReactiveError):
    """A name that cannot be found or renamed, and why.

    Parameters
    ----------
    why
        The reason; where it is about a cell, what follows the cell's name.
    cell
        That cell.

    Examples
    --------
    >>> print(NameRefusedError("uses `exec`", "8f0c1a6e"))
    cell 8f0c1a6e uses `exec`
    """

    def __init__(self, why: str, cell: str | None = None) -> None:
        self.why = why
        self.cell = cell
        super().__init__(f"cell {cell} {why}" if cell else why)


class FormatError(ReactiveError, ValueError):
    """A file that cannot be read as a notebook, or a notebook that cannot be written.

    Parameters
    ----------
    what
        What is wrong.
    advice
        What to do about it.
    line
        The line of the file that it is about, counted from 1.
    file
        The file's name, if it has one.

    Examples
    --------
    >>> print(FormatError("no JSON", "correct it", line=3, file="nb.py"))
    nb.py, line 3: no JSON: correct it
    """

    def __init__(
        self, what: str, advice: str, *, line: int | None = None, file: str = ""
    ) -> None:
        self.what, self.advice, self.line, self.file = what, advice, line, file
        places = (file, f"line {line}" if line else "")
        place = ", ".join(filter(None, places))
        super().__init__(f"{place}: {what}: {advice}" if place else f"{what}: {advice}")

    def within(self, file: str) -> FormatError:
        """Return the error with the name of the file that it is about."""
        return FormatError(self.what, self.advice, line=self.line, file=file)


class NotebookNameError(ReactiveError, AttributeError):
    """A name of a loaded notebook that cannot be computed.

    Parameters
    ----------
    name
        The name.
    file
        The notebook's file.
    why
        What is in the way.
    """

    def __init__(self, name: str, file: str, why: str) -> None:
        self.file, self.why = file, why
        super().__init__(f"`{name}` of {file}: {why}", name=name)


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
