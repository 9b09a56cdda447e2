"""Small notebooks as graphs: cells are called a, b, c … in document order."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING

import pytest

from reactive_kernel.analysis import analyse
from reactive_kernel.document import Cell, CellId, Document
from reactive_kernel.graph import DefUseGraph

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def graph_of() -> Callable[..., DefUseGraph]:
    """Return what makes a graph from the sources of cells."""

    def graph_of(*sources: str) -> DefUseGraph:
        ids = map(CellId, ascii_lowercase)
        cells = tuple(
            Cell(id, source) for id, source in zip(ids, sources, strict=False)
        )
        return DefUseGraph.of(Document(cells), lambda cell: analyse(cell.source))

    return graph_of
