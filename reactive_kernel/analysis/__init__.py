r"""Definitions and uses inside one cell, from its text alone; nothing is executed.

`analyse` parses a cell, walks it once in the order in which Python would evaluate it,
and returns a `DefUse`: the names that the cell binds, those that it takes from other
cells, and what calling its functions will take later.

>>> cell = analyse("total = sum(prices)\ndef tax(): return total * rate")
>>> sorted(cell.definitions), sorted(cell.uses)
(['tax', 'total'], ['prices', 'sum'])
>>> sorted(cell.deferred["tax"].uses)
['rate', 'total']

The walk is in `flow`, what functions and classes take is in `scopes`, the cell's own
scope in `cell`; `mutation` knows changes in place and `magics` IPython's syntax.
"""

from __future__ import annotations

from reactive_kernel.analysis.analyse import analyse
from reactive_kernel.analysis.cell import is_history
from reactive_kernel.analysis.defuse import (
    MODULE,
    Deferred,
    Definition,
    DefUse,
    Kind,
    Observation,
    Side,
)
from reactive_kernel.analysis.locate import Place, identifiers, locate, places
from reactive_kernel.analysis.normal import normalised
from reactive_kernel.analysis.overrule import overruled

__all__ = [
    "MODULE",
    "DefUse",
    "Deferred",
    "Definition",
    "Kind",
    "Observation",
    "Place",
    "Side",
    "analyse",
    "identifiers",
    "is_history",
    "locate",
    "normalised",
    "overruled",
    "places",
]
