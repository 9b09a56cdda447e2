"""What a client does not tell, read from the saved notebook: order and settings.

An unmodified JupyterLab sends the id and the settings of a cell that is run, but not
its place, and nothing about other cells or the notebook. The server tells the kernel
which notebook it was started for, and the saved file has the rest. It is only a hint:
without it, a new cell stands at the end, and settings count once their cell is run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reactive_kernel.document import CellId, Settings
from reactive_kernel.settings import cell_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SavedOrder", "merged"]

_TOO_LARGE = 5_000_000
"""Bytes; reading a larger notebook would be felt at the first run after a save."""


class SavedOrder:
    """What the saved file says of the notebook that a kernel was started for.

    Parameters
    ----------
    environ
        Where the server has put the notebook's path (``JPY_SESSION_NAME``).

    Attributes
    ----------
    ids
        The ids of the saved code cells, in document order; empty if unknown.
    settings
        The settings of each of them.
    metadata
        The metadata of the notebook.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        name = environ.get("JPY_SESSION_NAME", "")
        self._path = Path(name) if name.endswith(".ipynb") else None
        self._stamp: tuple[int, int] | None = None
        self.ids: tuple[CellId, ...] = ()
        self.settings: dict[CellId, Settings] = {}
        self.metadata: Any = {}

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
            self._take(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            return False
        return True

    def _take(self, notebook: Any) -> None:
        notebook = notebook if isinstance(notebook, dict) else {}
        cells = _code_cells(notebook)
        self.ids = tuple(CellId(cell["id"]) for cell in cells)
        self.settings = {
            CellId(cell["id"]): cell_settings(cell.get("metadata")) for cell in cells
        }
        self.metadata = notebook.get("metadata")


def _code_cells(notebook: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    cells = notebook.get("cells")
    return [
        cell
        for cell in (cells if isinstance(cells, list) else ())
        if isinstance(cell, dict)
        and cell.get("cell_type") == "code"
        and isinstance(cell.get("id"), str)
    ]


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
