"""What the graph shows to be wrong or remarkable about a cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reactive_kernel.diagnostic import Diagnostic, Fix, Severity
from reactive_kernel.errors import CycleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reactive_kernel.document import CellId
    from reactive_kernel.graph.defuse_graph import DefUseGraph

__all__ = ["findings"]


def findings(
    graph: DefUseGraph, id: CellId, *, complete: bool
) -> tuple[Diagnostic, ...]:
    """Return what analysis found in a cell, and what only the graph can see.

    Parameters
    ----------
    graph
        The graph.
    id
        The cell.
    complete
        No cell binds names that its text does not show.
    """
    return (
        *_own(graph, id),
        *_settings(graph, id),
        *_cycle(graph, id),
        *_above_definition(graph, id),
        *(_undefined(graph, id) if complete else ()),
    )


def _own(graph: DefUseGraph, id: CellId) -> Iterator[Diagnostic]:
    """Yield what analysis found, with a fix for a star import that has run."""
    for finding in graph.defuse(id).diagnostics:
        fix = _by_name(graph, id, finding) if finding.code == "star-import" else None
        yield replace(finding, fix=fix) if fix else finding


def _by_name(graph: DefUseGraph, id: CellId, finding: Diagnostic) -> Fix | None:
    """Return the fix that imports by name what the notebook takes of a star import."""
    record, span = graph.defuse(id), finding.span
    given = {name for name, made in record.definitions.items() if made.span is None}
    taken = sorted(
        name
        for name in given
        if name in record.uses or name in record.conditional or graph.is_read(id, name)
    )
    if span is None or not taken or record.opaque or len(record.star_imports) != 1:
        return None
    names = ", ".join(taken)
    return Fix(f"Import {names} by name", span, names)


def _settings(graph: DefUseGraph, id: CellId) -> Iterator[Diagnostic]:
    """Yield what could not be understood of the cell's settings."""
    for sentence in graph.document[id].settings.ignored:
        yield Diagnostic("setting", Severity.WARNING, sentence)


def _cycle(graph: DefUseGraph, id: CellId) -> Iterator[Diagnostic]:
    """Yield the cycle that the cell is in."""
    cycle = graph.cycle(id)
    if cycle is None:
        return
    names = cycle.names(id)
    first = next(name for name in names if graph.inputs(id).get(name) in cycle.cells)
    message = f"{CycleError(names)}: give one of these names a definition elsewhere"
    span = graph.defuse(id).uses.get(first)
    yield Diagnostic("cycle", Severity.ERROR, message, span)


def _above_definition(graph: DefUseGraph, id: CellId) -> Iterator[Diagnostic]:
    """Yield the names that are used above their definition."""
    here = graph.document.position(id)
    cycle = graph.cycle(id)
    for name, writer in graph.inputs(id).items():
        if writer is None or graph.document.position(writer) < here:
            continue
        if cycle is None or writer not in cycle.cells:
            message = (
                f"`{name}` is defined further down: move its definition above this cell"
                " for readers, and for Python without a reactive kernel"
            )
            span = graph.defuse(id).uses.get(name)
            yield Diagnostic("used-above-definition", Severity.INFO, message, span)


def _undefined(graph: DefUseGraph, id: CellId) -> Iterator[Diagnostic]:
    """Yield the names that nobody defines."""
    record = graph.defuse(id)
    for name, writer in graph.inputs(id).items():
        # What is no identifier stands for something outside the namespace.
        if writer is None and name.isidentifier():
            advice = (
                "enable the cell that defines it"
                if graph.disabled_writers(name)
                else "define or import it in a cell"
            )
            message = f"`{name}` is not defined in this notebook: {advice}"
            span = record.uses.get(name)
            yield Diagnostic("undefined-name", Severity.WARNING, message, span)
