"""What is still to run: the cells that are due, and the plan made from them.

Runs are collected here and planned as late as possible. A burst of n run requests adds
to the agenda n times but is planned once, when no request waits any more, and what was
run meanwhile has dropped out: n requests cost n runs.

A plan is carried out to its end, a *pass*, before a cell that it has already run is due
to a trait again: while a slider is dragged, the end of a chain of slow cells would
otherwise never get its turn.
"""

from __future__ import annotations

from collections import ChainMap, deque
from typing import TYPE_CHECKING

from reactive_kernel.planning import (
    Cause,
    Fresh,
    Plan,
    ReasonKind,
    Stale,
    State,
    Step,
    cascade,
    still_due,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph
    from reactive_kernel.runtime.ledger import Ledger

__all__ = ["Agenda"]


class Agenda:
    """The runs to come.

    Parameters
    ----------
    may_rerun
        False for a cell that only its user may run again.
    """

    def __init__(self, may_rerun: Callable[[CellId], bool]) -> None:
        self._may_rerun = may_rerun
        self._due: dict[CellId, Cause] = {}
        self._asked: dict[CellId, Step] = {}
        self._plan: deque[Step] = deque()
        self._planned: dict[CellId, Step] = {}
        self._ran: set[CellId] = set()
        self._later: set[CellId] = set()
        self._news: set[CellId] = set()

    def __bool__(self) -> bool:
        return bool(self._due or self._asked or self._planned or self._later)

    @property
    def in_pass(self) -> bool:
        """True while a plan has been begun and not finished."""
        return bool(self._ran and self._planned)

    def __contains__(self, id: object) -> bool:
        return id in self._planned or id in self._asked

    def news(self) -> set[CellId]:
        """Return the cells that came onto the agenda or left it since the last call."""
        news, self._news = self._news, set()
        return news

    def add_due(self, ids: Iterable[CellId], cause: Cause) -> None:
        """Note cells which no longer match what they read.

        Those that are planned already stay where they are: each step of a cascade makes
        its readers due, and planning anew each time would take the square of its length.
        """
        for id in ids:
            if cause is Cause.TRAIT and self.in_pass and id in self._ran:
                self._later.add(id)
            elif id not in self._planned:
                self._due[id] = cause

    def ask(self, steps: Iterable[Step]) -> None:
        """Note runs that the user asked for."""
        asked = {step.cell: step for step in steps}
        self._asked.update(asked)
        self._news |= asked.keys()

    def put_first(self, plan: Plan) -> None:
        """Note runs that must come before the next planned one."""
        self._plan.extendleft(reversed(plan.steps))
        self._planned.update({step.cell: step for step in plan})
        self._news.update(plan.cells)

    def done(self, id: CellId) -> None:
        """Take a cell that has just run off the agenda."""
        if id in self._planned:
            self._ran.add(id)
        self._later.discard(id)
        self._leave(id)

    def _leave(self, id: CellId) -> None:
        self._due.pop(id, None)
        self._asked.pop(id, None)
        self._planned.pop(id, None)
        self._news.add(id)

    def drop(self) -> None:
        """Forget everything: what was to run stays as it is."""
        self._news |= self._asked.keys() | self._planned.keys()
        self._due.clear()
        self._asked.clear()
        self._planned.clear()
        self._plan.clear()
        self._ran.clear()
        self._later.clear()

    def seen(self, states: Mapping[CellId, State]) -> Mapping[CellId, State]:
        """Return the states as the present pass takes them.

        A cell that has run in it has done its part, though it must run again after it.
        """
        if not self._later:
            return states
        done: dict[CellId, State] = {
            id: Fresh()
            for id in self._ran - self._due.keys()
            if _is_overtaken(states.get(id))
        }
        return ChainMap(done, dict(states))

    def next(self, graph: DefUseGraph, ledger: Ledger) -> Step | None:
        """Return the next run, which stays on the agenda, or None if all is done."""
        if not self._planned:
            self._end_pass()
        if self._due or self._asked:
            self._make_plan(graph, ledger)
        if (step := self._next_planned(graph, ledger)) is not None:
            return step
        return self.next(graph, ledger) if self._later else None

    def _end_pass(self) -> None:
        """Let what had to wait for the end of the pass be due."""
        self._due = {**dict.fromkeys(self._later, Cause.TRAIT), **self._due}
        self._later.clear()
        self._ran.clear()

    def _next_planned(self, graph: DefUseGraph, ledger: Ledger) -> Step | None:
        while self._plan:
            step = self._plan[0]
            if self._planned.get(step.cell) is step and (
                step.cell in graph.document
                and still_due(graph, self.seen(ledger.states), step, self._may_rerun)
            ):
                return step
            self._plan.popleft()
            self._leave(step.cell)
        return None

    def _make_plan(self, graph: DefUseGraph, ledger: Ledger) -> None:
        document = graph.document
        forced = {id: s for id, s in self._planned.items() if s.cause in _ASKED}
        asked = {**forced, **self._asked}
        due = {id: s.cause for id, s in self._planned.items() if id not in forced}
        plan = cascade(
            graph,
            self.seen(ledger.states),
            {id: cause for id, cause in {**due, **self._due}.items() if id in document},
            self._may_rerun,
            {id: step for id, step in asked.items() if id in document},
        )
        ran, later = self._ran.copy(), self._later.difference(plan.cells)
        self.drop()
        self._ran, self._later = ran, later
        self._plan.extend(plan)
        self._planned.update({step.cell: step for step in plan})
        self._news.update(plan.cells)


def _is_overtaken(state: State | None) -> bool:
    """Tell whether a cell is stale only because something has changed since it ran."""
    return isinstance(state, Stale) and all(
        reason.kind in (ReasonKind.TRAIT, ReasonKind.INPUT) for reason in state.reasons
    )


_ASKED = frozenset({Cause.USER, Cause.NEEDED})
