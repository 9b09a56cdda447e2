"""What a graph knows: one node per cell, one entry per name, shared between versions.

A graph is made in two rounds. The *text* round takes writers from the text of the
cells alone; it says which function a name calls. What calling it reads and changes
then makes the *full* round: cells that change a name through a function of another
cell are its writers, too. So no binding depends on itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reactive_kernel.analysis import DefUse
from reactive_kernel.graph.sharing import Shared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reactive_kernel.analysis import Deferred
    from reactive_kernel.document import CellId
    from reactive_kernel.graph.resolve import Chain

__all__ = ["Name", "Node", "Tables"]


@dataclass(frozen=True, slots=True)
class Node:
    """One cell in the graph.

    Parameters
    ----------
    record
        What analysis (and a run, perhaps) found in the cell.
    text
        The names that its text writes, each with whether it begins them anew.
    carries
        Names whose deferred uses the values of this cell take along.
    calls
        For each name it writes: what calling the value does, carriers followed.
    reads
        Every name it reads, those read by functions it loads included.
    writes
        Every name it writes, through functions it loads included; as `text`.
    mutates
        Those that it changes in place.
    inputs
        The writer of each name that it reads.
    watch
        Names whose chains or calls this node is worked out from.
    """

    record: DefUse = field(default_factory=DefUse)
    text: Mapping[str, bool] = field(default_factory=dict)
    carries: frozenset[str] = frozenset()
    calls: Mapping[str, Deferred] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    writes: Mapping[str, bool] = field(default_factory=dict)
    mutates: frozenset[str] = frozenset()
    inputs: Mapping[str, CellId | None] = field(default_factory=dict)
    watch: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Name:
    """One name in the graph.

    Parameters
    ----------
    text
        Its writers by the text of the cells alone.
    full
        Its writers.
    watchers
        Cells whose node may change when its chain does, in document order.
    """

    text: Chain
    full: Chain
    watchers: tuple[CellId, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """All that a graph has worked out, so that the next version can start from it.

    Parameters
    ----------
    nodes
        By cell.
    names
        By name, for all that some cell reads, writes or carries.
    below
        Cells that read from a cell further down: no cycle is without one.
    cycles
        For each cell on a cycle: all cells of that cycle.
    disabled
        Disabled cells.
    unseen
        Cells that may bind names which their text does not show.
    """

    nodes: Shared[CellId, Node] = field(default_factory=lambda: Shared({}))
    names: Shared[str, Name] = field(default_factory=lambda: Shared({}))
    below: frozenset[CellId] = frozenset()
    cycles: Mapping[CellId, frozenset[CellId]] = field(default_factory=dict)
    disabled: frozenset[CellId] = frozenset()
    unseen: frozenset[CellId] = frozenset()
