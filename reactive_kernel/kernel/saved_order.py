"""The document order of a client that does not tell it: read from the saved notebook.

An unmodified JupyterLab sends the id of a cell that is run, but not its place. The
server tells the kernel which notebook it was started for, and the saved file has the
ids in order. It is only a hint: without it, a new cell stands at the end.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reactive_kernel.document import CellId

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SavedOrder", "merged"]

_TOO_LARGE = 5_000_000
"""Bytes; reading a larger notebook would be felt at the first run after a save."""


class SavedOrder:
    """The cell ids of the notebook that a kernel was started for.

    Parameters
    ----------
    environ
        Where the server has put the notebook's path (``JPY_SESSION_NAME``).

    Attributes
    ----------
    ids
        The ids of the saved code cells, in document order; empty if unknown.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        name = environ.get("JPY_SESSION_NAME", "")
        self._path = Path(name) if name.endswith(".ipynb") else None
        self._stamp: tuple[int, int] | None = None
        self.ids: tuple[CellId, ...] = ()

    def read(self) -> bool:
        """Read the notebook if it was saved since the last call; tell whether it was."""
        if self._path is None:
            return False
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp or status.st_size > _TOO_LARGE:
                return False
            self._stamp = stamp
            self.ids = _code_ids(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            return False
        return True


def _code_ids(notebook: Any) -> tuple[CellId, ...]:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        return ()
    return tuple(
        CellId(cell["id"])
        for cell in cells
        if isinstance(cell, dict)
        and cell.get("cell_type") == "code"
        and isinstance(cell.get("id"), str)
    )


def merged(known: Sequence[CellId], saved: Sequence[CellId]) -> list[CellId]:
    """Return the known cells in the saved order.

    A cell that is not in the saved notebook keeps its place behind the cell that it
    stood behind.

    Examples
    --------
    >>> merged(["b", "new", "a", "last"], ["a", "z", "b"])
    ['a', 'last', 'b', 'new']
    """
    here = set(known)
    order = [id for id in dict.fromkeys(saved) if id in here]
    placed = set(order)
    before: CellId | None = None
    for id in known:
        if id not in placed:
            order.insert(order.index(before) + 1 if before else 0, id)
        before = id
    return order
