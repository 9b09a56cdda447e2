"""Play a case in a real kernel, and compare what it shows with a fresh plain run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.cases.notation import Case, Cells
from tests.fresh.kernels import fresh_notebook, namespace
from tests.fresh.plain import PlainRun, run_plain
from tests.fresh.values import shown
from tests.kernel.wire import Wire

__all__ = ["Plays", "Result", "play"]


@dataclass(frozen=True, slots=True)
class Result:
    """What an edit did.

    Attributes
    ----------
    ran
        The cells that ran because of it, in order.
    wrong
        What is not as in a fresh run, a sentence each.
    unmarked
        Cells that a fresh run shows otherwise than before, and that the case does not
        name: then the case is wrong.
    """

    case: Case
    ran: list[str]
    wrong: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)


class Plays:
    """Results of cases, which are played a few at a time, ahead of being asked for.

    Parameters
    ----------
    cases
        What will be asked for.
    """

    def __init__(self, cases: Iterable[Case]) -> None:
        self._pool = ThreadPoolExecutor(4)
        self._results: dict[str, Future[Result]] = {}
        self.begin(cases)

    def begin(self, cases: Iterable[Case]) -> None:
        """Play these too, unless they are or were played."""
        for case in cases:
            if case.name not in self._results:
                self._results[case.name] = self._pool.submit(play, case)

    def __getitem__(self, name: str) -> Result:
        """Return the result of a case once it is there."""
        return self._results[name].result()

    def __iter__(self) -> Iterator[Result]:
        return (future.result() for future in self._results.values())

    def stop(self) -> None:
        """Play nothing more."""
        self._pool.shutdown(cancel_futures=True)


def play(case: Case) -> Result:
    """Run a notebook, edit it as the case says, and compare with a fresh run."""
    fresh = run_plain(case.after)
    with fresh_notebook() as nb:
        open_and_run(nb, case.before)
        unmarked = [
            id
            for id in case.after.keys() & case.before.keys() - case.runs - case.blocked
            if shown(nb.outputs[id]) != shown(fresh.outputs[id])
        ]
        edit(nb, case)
        return Result(case, nb.ran(), list(differences(nb, case, fresh)), unmarked)


def open_and_run(nb: Wire, cells: Cells) -> None:
    """Open a notebook and run it from top to bottom."""
    nb.open(**cells)
    for id, source in cells.items():
        nb.run(id, source, stop_on_error=False)
    nb.settle()
    nb.ran()


def edit(nb: Wire, case: Case) -> None:
    """Do what the user does: change and run a cell, or insert, delete, move one."""
    if case.after.keys() - case.before.keys():
        nb.open(**case.after)
    elif case.deleted or case.moved:
        nb.send("order", ids=list(case.after))
    for id in case.edited:
        nb.run(id, case.after[id], stop_on_error=False)
    nb.settle()


def differences(nb: Wire, case: Case, fresh: PlainRun) -> Iterator[str]:
    """Return what a notebook shows and holds that a fresh run does not."""
    blocked = {id for id, state in nb.states().items() if state == "blocked"}
    if blocked != case.blocked:
        yield f"blocked are {sorted(blocked)}"
    for id in case.after:
        if id in blocked:
            continue
        if (state := nb.state(id)) not in {"fresh", "error"}:
            yield f"[{id}] is {state}"
        ours, theirs = shown(nb.outputs[id]), shown(fresh.outputs[id])
        if ours != theirs:
            yield f"[{id}] shows {ours}, a fresh run {theirs}"[:600]
    hidden = {name for id in blocked for name in nb.mirror.cells[id]["defines"]}
    yield from names(namespace(nb), fresh.namespace, hidden)


def names(
    ours: dict[str, str], theirs: dict[str, str], hidden: set[str]
) -> Iterator[str]:
    """Return in which names two namespaces differ."""
    for name in sorted((ours.keys() | theirs.keys()) - hidden):
        left, right = ours.get(name, "missing"), theirs.get(name, "missing")
        if left != right:
            yield f"{name} is {left}, in a fresh run {right}"[:600]
