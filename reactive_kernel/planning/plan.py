"""Which cells run, in what order, and why each: pure, deterministic, printable.

Two questions are answered here, and nothing is done about them:

`needed`
    The user runs a cell: which cells above it in the graph must run first?
`cascade`
    Some cells no longer follow from what they read: which cells are rerun?

Both answers are in topological order with ties in document order. A plan is a forecast:
when its turn comes a cell is judged again, and one whose inputs came out unchanged is
not run (cutoff).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reactive_kernel.planning.state import (
    Blocked,
    Fresh,
    Frozen,
    New,
    ReasonKind,
    Stale,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph

__all__ = ["Cause", "Plan", "Step", "cascade", "needed", "still_due"]


class Cause(StrEnum):
    """Why a cell is run; the values are those of the protocol."""

    USER = "user"
    CASCADE = "cascade"
    TRAIT = "trait"
    NEEDED = "needed"


@dataclass(frozen=True, slots=True)
class Step:
    """One run to come."""

    cell: CellId
    cause: Cause
    always: bool = False
    """Run it even if it is fresh when its turn comes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Runs to come, in order.

    Examples
    --------
    >>> print(Plan((Step("a", Cause.NEEDED), Step("b", Cause.USER))))
    a (needed), b (user)
    """

    steps: tuple[Step, ...] = ()

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return ", ".join(f"{step.cell} ({step.cause})" for step in self.steps)

    @property
    def cells(self) -> tuple[CellId, ...]:
        """The cells to run, in order."""
        return tuple(step.cell for step in self.steps)


def needed(
    graph: DefUseGraph,
    states: Mapping[CellId, State],
    requested: Iterable[CellId],
    available: Callable[[CellId, str], bool] = lambda _writer, _name: True,
) -> Plan:
    """Return the runs that must come before the requested cells can.

    Parameters
    ----------
    graph
        The graph over the texts as seen.
    states
        The judged state of every cell.
    requested
        The cells that are to run; they themselves are not in the plan.
    available
        Tells whether the version of a name that a fresh writer left still exists.

    Returns
    -------
    Plan
        The writers that the cells read from, directly or through others, which were
        never run, are stale, or whose version is gone. A failed, blocked or disabled
        writer is left alone; so is a frozen one, as long as it has the version.
    """
    targets = set(requested)
    found: set[CellId] = set()
    waiting = list(targets)
    while waiting:
        for name, writer in graph.inputs(waiting.pop()).items():
            if writer is None or writer in found or writer in targets:
                continue
            if _must_run_first(graph, states, writer, name, available):
                found.add(writer)
                waiting.append(writer)
    return Plan(
        tuple(
            Step(id, Cause.NEEDED, always=isinstance(states[id], Fresh | Frozen))
            for id in graph.order(found)
        )
    )


def _must_run_first(
    graph: DefUseGraph,
    states: Mapping[CellId, State],
    writer: CellId,
    name: str,
    available: Callable[[CellId, str], bool],
) -> bool:
    match states[writer]:
        case New():
            return True
        case Stale():
            return not graph.defuse(writer).asks_input
        case Fresh() | Frozen():
            return not available(writer, name)
        case _:
            return False


def cascade(
    graph: DefUseGraph,
    states: Mapping[CellId, State],
    due: Mapping[CellId, Cause],
    may_rerun: Callable[[CellId], bool],
    asked: Mapping[CellId, Step] | None = None,
) -> Plan:
    """Return the reruns that follow when the `due` cells no longer match their inputs.

    Parameters
    ----------
    graph
        The graph over the texts as seen.
    states
        The judged state of every cell.
    due
        The cells to start from, each with what caused it; those downstream of them
        inherit the cause.
    may_rerun
        False for cells that no cascade may touch (lazy, frozen, out of reach).
    asked
        Runs that the user asked for; they are part of the plan in any case.

    Returns
    -------
    Plan
        A cell is in it if it is asked for; or if it is due or downstream of a due cell,
        is stale or blocked, was run before and not edited since, does not ask for input, and
        everything it reads is fresh, frozen or comes earlier in the plan.
    """
    asked = asked or {}
    cause = Cause.CASCADE if Cause.CASCADE in due.values() else Cause.TRAIT
    steps: dict[CellId, Step] = {}
    for id in graph.order(graph.downstream(due) | due.keys() | asked.keys()):
        if id in asked:
            steps[id] = asked[id]
        elif may_rerun(id) and _can_follow(graph, states, id, steps):
            steps[id] = Step(id, due.get(id, cause))
    return Plan(tuple(steps.values()))


def still_due(
    graph: DefUseGraph,
    states: Mapping[CellId, State],
    step: Step,
    may_rerun: Callable[[CellId], bool],
) -> bool:
    """Tell whether a planned run is still wanted now that its turn has come.

    One whose inputs came out unchanged is not (cutoff), nor is one of which an input
    failed meanwhile.
    """
    if step.cause in (Cause.USER, Cause.NEEDED):
        return step.always or not isinstance(states[step.cell], Fresh | Frozen)
    return may_rerun(step.cell) and _can_follow(graph, states, step.cell, ())


def _can_follow(
    graph: DefUseGraph,
    states: Mapping[CellId, State],
    id: CellId,
    planned: Container[CellId],
) -> bool:
    """Tell whether a cell may be rerun by itself, after those that are planned."""
    return _unbarred(graph, id, states[id], planned) and all(
        writer is None
        or writer in planned
        or isinstance(states[writer], Fresh | Frozen)
        for writer in graph.inputs(id).values()
    )


def _unbarred(
    graph: DefUseGraph, id: CellId, state: State, planned: Container[CellId]
) -> bool:
    """Tell whether a cell's own text and reasons allow a run that nobody asked for."""
    match state:
        case Stale(reasons=reasons) | Blocked(reasons=reasons):
            return not graph.defuse(id).asks_input and all(
                reason.kind not in (ReasonKind.EDITED, ReasonKind.CYCLE)
                and (
                    reason.kind is not ReasonKind.UPSTREAM_ERROR
                    or reason.cell in planned
                )
                for reason in reasons
            )
        case _:
            return False
