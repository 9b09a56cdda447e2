"""Definition-use edges between cells: who takes which name from whom.

A name means its nearest definition above; if there is none above, the first one below.
`resolve` states that rule exactly, and nothing else in the project knows it.

>>> from reactive_kernel.analysis import analyse
>>> from reactive_kernel.document import Cell, CellId, Document
>>> notebook = Document(
...     (
...         Cell(CellId("a"), "price = 100"),
...         Cell(CellId("b"), "tax = price * rate"),
...         Cell(CellId("c"), "rate = 0.2"),
...     )
... )
>>> graph = DefUseGraph.of(notebook, lambda cell: analyse(cell.source))
>>> dict(graph.inputs(CellId("b")))
{'price': 'a', 'rate': 'c'}
>>> graph.order(["b", "c"])
['c', 'b']

An edit gives a new graph, at the cost of what the edit can affect; `rebound` tells which
cells are to be looked at again:

>>> after = graph.updated(notebook.edited(CellId("c"), "rate, price = 0.2, 50"))
>>> sorted(after.rebound), after.inputs(CellId("b"))["price"]
(['c'], 'a')
>>> graph.writers("price"), after.writers("price")
(('a',), ('a', 'c'))
"""

from __future__ import annotations

from reactive_kernel.graph.cycles import Cycle, Edge
from reactive_kernel.graph.defuse_graph import DefUseGraph
from reactive_kernel.graph.mentions import Edit, Found, Mention, Renaming, find, rename

__all__ = [
    "Cycle",
    "DefUseGraph",
    "Edge",
    "Edit",
    "Found",
    "Mention",
    "Renaming",
    "find",
    "rename",
]
