"""What modes and frozen cells mean for plans: whom a cascade reruns, who rests on whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.settings import Mode, Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph

__all__ = ["rerun_by_cascades", "resting"]


def rerun_by_cascades(settings: Settings, mode: Mode) -> bool:
    """Tell whether a cell is rerun when what it reads changes, or only marked.

    Parameters
    ----------
    settings
        The settings of the cell.
    mode
        The mode of the notebook.

    Examples
    --------
    >>> rerun_by_cascades(Settings(mode=Mode.LAZY), Mode.AUTO)
    False
    """
    return (settings.mode or mode) is Mode.AUTO and not settings.frozen


def resting(
    graph: DefUseGraph, frozen: Collection[CellId]
) -> Mapping[CellId, tuple[CellId, ...]]:
    """Return, for each cell downstream of frozen ones, which these are.

    Parameters
    ----------
    graph
        The graph.
    frozen
        The frozen cells.

    Returns
    -------
    Mapping
        By cell, the frozen cells in document order; a cell that rests on none is not
        among the keys.
    """
    found: dict[CellId, tuple[CellId, ...]] = {}
    for id in sorted(frozen, key=graph.document.position):
        for reader in graph.downstream([id]) - {id}:
            found[reader] = (*found.get(reader, ()), id)
    return found
