"""The part of a notebook that computes one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.document import Document
from reactive_kernel.graph.order import evaluation_order

if TYPE_CHECKING:
    from reactive_kernel.document import CellId
    from reactive_kernel.graph.defuse_graph import DefUseGraph
    from reactive_kernel.graph.tables import Tables

__all__ = ["slice_of"]


def slice_of(graph: DefUseGraph, tables: Tables, id: CellId) -> Document:
    """Return a cell and all that it depends on, in an order for plain Python."""
    document = graph.document
    needed = graph.upstream([id]) | {id}
    ordered = evaluation_order(tables, document, needed, rebinding=True)
    return Document(tuple(document[id] for id in ordered), document.revision)
