"""Callbacks by the cell that registered them.

A cell that is rerun registers its callbacks anew, so the old ones are taken away first:
``slider.observe(show)`` would otherwise call `show` once for each run. And a callback that
raises, long after its cell has ended, shows its traceback under that cell.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from reactive_kernel.document import CellId

__all__ = ["Callbacks"]


class Callbacks:
    """The callbacks that cells have registered."""

    def __init__(self) -> None:
        self._undo: defaultdict[CellId, list[Callable[[], None]]] = defaultdict(list)
        self._cells: dict[CodeType, CellId] = {}

    def enter(self, cell: CellId, handler: object, undo: Callable[[], None]) -> None:
        """Note that a cell registered a callback.

        Parameters
        ----------
        cell
            The cell.
        handler
            What it registered.
        undo
            Takes it away again.
        """
        self._undo[cell].append(undo)
        if (code := _code(handler)) is not None:
            self._cells[code] = cell

    def withdraw(self, cell: CellId) -> None:
        """Take away all callbacks of a cell."""
        for undo in self._undo.pop(cell, ()):
            with suppress(ValueError, KeyError):  # the notebook did it already
                undo()
        for code in [code for code, owner in self._cells.items() if owner == cell]:
            del self._cells[code]

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter all callbacks of a cell under another id."""
        if old in self._undo:
            self._undo[new] += self._undo.pop(old)
        for code, cell in self._cells.items():
            if cell == old:
                self._cells[code] = new

    def cell_of(self, error: BaseException) -> CellId | None:
        """Return the cell that registered the callback in which an error was raised."""
        trace = error.__traceback__
        while trace is not None:
            if (cell := self._cells.get(trace.tb_frame.f_code)) is not None:
                return cell
            trace = trace.tb_next
        return None


def _code(handler: Any) -> CodeType | None:
    """Return the code that runs when a callback is called, if it is Python's."""
    while hasattr(handler, "func"):  # functools.partial
        handler = handler.func
    handler = getattr(handler, "__func__", handler)
    code: CodeType | None = getattr(handler, "__code__", None)
    return code
