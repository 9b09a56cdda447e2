"""The engine: one notebook in one namespace, kept consistent.

`Session` is the only mutable object of the engine that others see. It owns the document
as the user sees it, the graph over it, the ledger of runs and the namespace, and answers
three kinds of calls:

what the client says
    `take`, `edit`, `sync`, `reorder`, `delete`, `ask`
what to run next
    `needed`, `next_step`
a run
    ``await run(step, execute)``: the versions that the cell reads are put in place,
    `execute` runs the user's code, and what it did is written down.

User code runs in `execute` and nowhere else. Everything but `run` may be called from
any thread, also while a cell runs: the lock is held around bookkeeping only, never
around user code, and the namespace is changed by `run` and `next_step` alone.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from reactive_kernel.document import Cell, CellId, Document, Settings
from reactive_kernel.graph import DefUseGraph, Found, Renaming, find, rename
from reactive_kernel.planning import (
    Blocked,
    Cause,
    Ending,
    Evidence,
    Failed,
    Fresh,
    Frozen,
    Mode,
    Plan,
    Queued,
    Running,
    Source,
    Stale,
    State,
    Step,
    Token,
    needed,
    rerun_by_cascades,
)
from reactive_kernel.runtime.agenda import Agenda
from reactive_kernel.runtime.effects import EFFECTS, Effects, is_file
from reactive_kernel.runtime.feedback import Chains, Loop
from reactive_kernel.runtime.frozen import FrozenCells
from reactive_kernel.runtime.holdings import Holdings
from reactive_kernel.runtime.ledger import Ledger, unblocked
from reactive_kernel.runtime.memory import BUDGET, Memory, Report
from reactive_kernel.runtime.namespace import Namespace
from reactive_kernel.runtime.news import Changes, News
from reactive_kernel.runtime.pasts import Pasts
from reactive_kernel.runtime.recorder import Recorder
from reactive_kernel.runtime.run import Begun, LastRun, Outcome
from reactive_kernel.runtime.sources import Blind, Reads, Witness
from reactive_kernel.runtime.texts import Lost, Texts
from reactive_kernel.runtime.watch import SECONDS

if TYPE_CHECKING:
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterable,
        Mapping,
        MutableMapping,
    )


__all__ = ["Session"]


class Session:
    """A notebook's cells, runs and values.

    Parameters
    ----------
    values
        The namespace that cells execute in.
    rewrite
        Turns IPython syntax into Python, for the analysis.
    foreign
        Tells which names of the namespace are IPython's own.
    may_rerun
        False for a cell that only its user may run again.
    mode
        What happens to dependents: rerun (auto) or marked (lazy).
    effects
        The kinds of things outside of the namespace that are treated as names, which
        cells read and change.
    witness
        Sees what cells read apart from names.
    memory_budget
        Bytes for old versions and checkpoints together.
    watch_seconds
        Time before a run for a look at the objects that the cell reads.
    on_change
        Called, in any thread, after anything that a client could see has changed.
    on_scrub
        Called with the count of a deleted cell and the values that it had bound, to
        give up whatever else refers to them.
    """

    def __init__(
        self,
        values: MutableMapping[str, object],
        *,
        rewrite: Callable[[str], str] | None = None,
        foreign: Callable[[str], bool] = lambda _name: False,
        may_rerun: Callable[[CellId], bool] = lambda _id: True,
        mode: Mode = Mode.AUTO,
        effects: Collection[str] = EFFECTS,
        witness: Witness | None = None,
        memory_budget: int = BUDGET,
        watch_seconds: float = SECONDS,
        on_change: Callable[[], None] = lambda: None,
        on_scrub: Callable[[int | None, list[object]], None] = lambda _count, _own: (
            None
        ),
    ) -> None:
        self.lock = threading.RLock()
        self.mode = mode
        self.last_runs: dict[CellId, LastRun] = {}
        self.loops: dict[CellId, Loop] = {}
        self.running: CellId | None = None
        self.notes: tuple[str, ...] = ()
        self._on_change = on_change
        self._rewrite = rewrite
        self._texts = Texts(rewrite)
        self._namespace = Namespace(
            values, foreign, lambda cell, name: self._holdings.is_wanted(cell, name)
        )
        self._effects = Effects(effects)
        self._recorder = Recorder(
            self._namespace, self._texts, self._effects, watch_seconds
        )
        self._ledger = Ledger(self._texts.same_program, self._effects.outside)
        self._witness = witness or Blind()
        self._pasts = Pasts(
            self._ledger,
            self._namespace,
            self._effects,
            self._texts,
            self._recorder,
            self.last_runs,
            on_scrub,
            self._witness,
        )
        self._holdings: Holdings = Holdings(
            lambda: self.graph,
            self._ledger,
            self._namespace,
            self._effects,
            self._pasts,
            self._texts,
            self.last_runs,
        )
        self._memory = Memory(self._namespace, memory_budget, self._holdings.seconds)
        self._chains = Chains()
        self._in_reach = may_rerun
        self._agenda = Agenda(self._may_rerun)
        self._frozen = FrozenCells()
        self._before: dict[str, object] = {}
        self._in_pass = False
        self._rebuilt: set[CellId] = set()
        self._news = News()
        self.graph: DefUseGraph = DefUseGraph.of(Document(), self._texts.record)

    # What is there

    @property
    def document(self) -> Document:
        """The cells with their texts as the user sees them."""
        return self.graph.document

    @property
    def lost(self) -> Mapping[str, Lost]:
        """Definitions that were there and are gone, by name."""
        return self._recorder.lost

    @property
    def settled(self) -> bool:
        """True when no cell runs, none is to run, and all names are in place."""
        unplaced = self._pasts or self._namespace.is_marked
        return not (self._in_pass or self._agenda or unplaced)

    @property
    def is_idle(self) -> bool:
        """True when nothing is on the agenda."""
        return not self._agenda

    @property
    def in_pass(self) -> bool:
        """True while a cascade has been begun and no cell of it runs just now."""
        return self._agenda.in_pass and self.running is None

    def state(self, id: CellId) -> State:
        """Return the state of a cell, as a client should show it."""
        if id == self.running:
            return Running()
        judged = self._ledger.state(id)
        if id in self._agenda:
            if isinstance(judged, Stale | Blocked | Frozen):
                return Queued(judged.reasons)
            return Queued()
        return judged

    def judged(self, id: CellId) -> State:
        """Return the state of a cell apart from what is planned or running."""
        return self._ledger.state(id)

    def ran(self, id: CellId) -> bool:
        """Tell whether a cell was run in this kernel session."""
        return self._ledger.ran(id)

    def rests_on(self, id: CellId) -> tuple[CellId, ...]:
        """Return the frozen cells whose kept values a cell depends on."""
        return self._frozen.under(id)

    def memory(self) -> Report:
        """Return what is kept so that cells need not run again."""
        with self.lock:
            return self._memory.report()

    def variables(self) -> list[tuple[str, CellId, object]]:
        """Return the names that cells hold, each with its holder and its value.

        While a cell runs they are as that cell has left them so far.
        """
        with self.lock:
            return self._namespace.in_place()

    def find(self, name: str, at: tuple[CellId, int, int] | None = None) -> Found:
        """Return all mentions of a name, and the definition that one of them means."""
        return find(self.graph, name, self._rewrite, at)

    def rename(self, name: str, to: str) -> Renaming:
        """Return what to edit so that a name is called something else everywhere."""
        graph = self.graph
        unknown = [cell.id for cell in graph.document if not self.ran(cell.id)]
        return rename(graph, name, to, self._rewrite, unknown)

    def drain(self) -> Changes:
        """Return what a client does not know yet, and count it as told."""
        with self.lock:
            return self._news.drain(self.document)

    # What the client says

    def take(
        self,
        id: CellId,
        source: str,
        settings: Settings = Settings(),  # noqa: B008  # frozen
        position: int | None = None,
    ) -> None:
        """Take in the text of a cell that is about to be run by its user.

        From now on, and until `next_step` has found nothing to do, nothing is settled.
        """
        with self.lock:
            self._in_pass = True
            self._pasts.give_up(kept=[id])
            self.look_outside()
            self._add_due(self._ledger.changed_outside(), Cause.CASCADE)
            if id in self.document:
                document = self.document.edited(id, source, settings)
            else:
                document = self.document.inserted(Cell(id, source, settings), position)
            self._update(document, [id])

    def edit(self, texts: Iterable[tuple[CellId, str, Settings | None]]) -> None:
        """Take in new texts of some cells; nothing runs. Unknown cells are ignored.

        Parameters
        ----------
        texts
            Cell id, source, and settings (None: as before).
        """
        with self.lock:
            document = self.document
            known = [text for text in texts if text[0] in document]
            for id, source, settings in known:
                document = document.edited(id, source, settings)
            self._update(document, [id for id, _source, _settings in known])

    def configure(self, settings: Mapping[CellId, Settings]) -> None:
        """Take in settings of some cells; unknown cells are ignored."""
        known = (id for id in settings if id in self.document)
        self.edit([(id, self.document[id].source, settings[id]) for id in known])

    def sync(self, cells: Collection[Cell]) -> None:
        """Take in the whole notebook: new cells, texts and order; the rest is deleted.

        A cell that has vanished while another appeared with the very same text is
        taken to be the same cell under a new id (some clients make new ids on reload).
        """
        with self.lock:
            self._pasts.match(cells, self.document, self.running)
            old = self.document
            document = Document(tuple(cells), old.revision + 1)
            edited = [
                cell.id for cell in cells if cell.id not in old or cell != old[cell.id]
            ]
            self._update(document, edited, old.ids - document.ids)

    def reorder(self, ids: Collection[CellId]) -> None:
        """Take in a new document order; cells not named are deleted."""
        with self.lock:
            known = [id for id in dict.fromkeys(ids) if id in self.document]
            gone = self.document.ids - set(known)
            self._update(self.document.ordered(known), gone=gone)

    def delete(self, ids: Iterable[CellId]) -> None:
        """Delete some cells; unknown ids are ignored."""
        with self.lock:
            gone = set(ids) & self.document.ids
            if gone:
                self._update(self.document.without(gone), gone=gone)

    def look_outside(self) -> None:
        """Find out which files were changed by somebody else, and judge who used them.

        Nothing is rerun before the user runs a cell. To be called in the thread that
        runs cells; while one runs nothing is looked at.
        """
        with self.lock:
            if self.running is not None:
                return
            found, overtaken = self._effects.look()
            for id, names in overtaken.items():
                self._ledger.overtake(id, names)
            if found:
                concerned = overtaken.keys() | self._ledger.who_found(self.graph, found)
                self._tell(self._ledger.refresh(self.graph, concerned))

    def ask(self, ids: Iterable[CellId] | None) -> None:
        """Put runs on the agenda that the user asked for (None: all that is stale)."""
        with self.lock:
            if ids is None:
                wanted = {id for id in self._ledger.stale() if id != self.running}
            else:
                wanted = {id for id in ids if id in self.document}
            always = ids is not None
            self._agenda.ask(self.needed(wanted))
            self._agenda.ask(
                Step(id, Cause.USER, always) for id in self.graph.order(wanted)
            )
            self._tell(self._agenda.news())

    def refuse(self, id: CellId) -> None:
        """Note that a cell's user asked for a run and was shown something else.

        What stands under the cell is not the output of its last run any more.
        """
        with self.lock:
            if (last := self._ledger.evidence.get(id)) is not None:
                refused = replace(last, ending=Ending.REFUSED)
                self._ledger.evidence[id] = refused
                self._tell({id, *self._ledger.refresh(self.graph, [id])})

    def forget_values(self) -> None:
        """Count every version as gone, after the namespace was emptied."""
        with self.lock:
            ids = [cell.id for cell in self.document]
            self._pasts.give_up()
            self._namespace.forget()
            self._before.clear()
            self._agenda.drop()
            self._ledger.void()
            self._tell({*ids, *self._ledger.refresh(self.graph, ids)})

    def source_changed(
        self, source: Source, token: Token, by: CellId | None = None
    ) -> None:
        """Take in that something changed which cells read apart from names.

        Parameters
        ----------
        source
            What changed.
        token
            What it is like now.
        by
            The cell that changed it; None for the user, callbacks and tasks.
        """
        with self.lock:
            concerned = self._ledger.source_changed(source, token, by)
            changed = self._ledger.refresh(self.graph, concerned)
            if by is not None and by == self.running:
                concerned = self._unlooped(concerned, source.name)
            else:
                for id in concerned:
                    self._chains.start_at(id)
            self._add_due(concerned, Cause.TRAIT)
            self._tell(changed)

    def reads(self, id: CellId) -> list[str]:
        """Return what a cell read apart from names, in words."""
        return sorted({source.name for source in self._ledger.sources.of(id)})

    def set_effects(self, effects: Collection[str]) -> None:
        """Choose which kinds of things outside of the namespace count from now on."""
        with self.lock:
            self._effects.follow(effects)

    def set_mode(self, mode: Mode) -> None:
        """Choose what happens to dependents from now on."""
        with self.lock:
            self.mode = mode
            self._on_change()

    # What to run next

    def needed(self, ids: Iterable[CellId]) -> Plan:
        """Return the runs that must come before the given cells can run."""
        with self.lock:
            return needed(
                self.graph, self._ledger.states, ids, self._holdings.is_at_hand
            )

    def blocked_by(self, id: CellId) -> dict[CellId, set[str]]:
        """Return the failed or blocked cells that a cell reads from, with the names."""
        found: dict[CellId, set[str]] = {}
        for name, writer in self.graph.inputs(id).items():
            if writer and isinstance(self.judged(writer), Failed | Blocked):
                found.setdefault(writer, set()).add(name)
        return found

    def is_planned(self, id: CellId) -> bool:
        """Tell whether a cell is on the agenda."""
        return id in self._agenda

    def is_fresh(self, id: CellId) -> bool:
        """Tell whether what a cell left can be read: it is fresh, or frozen."""
        return isinstance(self.judged(id), Fresh | Frozen)

    def next_step(self) -> Step | None:
        """Return the next run of the agenda, or None once everything has settled.

        To be called in the thread that runs cells, while none runs.
        """
        with self.lock:
            self._pasts.scrub()
            step = self._next_that_may_run()
            if step is None and self._ask_for_lost_versions():
                step = self._next_that_may_run()
            if step is not None:
                step = self._first_rebuild(step)
            else:
                self._rebuilt.clear()
                self._namespace.settle(self._holdings.last_holder)
                self._recorder.settle(self.graph)
                self._memory.keep_within()
                self._chains.clear()
                self._in_pass = False
            self._tell(self._agenda.news())
            return step

    def _next_that_may_run(self) -> Step | None:
        """Return the next run, leaving out reruns that need a lazy cell to be rerun."""
        while (step := self._agenda.next(self.graph, self._ledger)) is not None:
            if step.cause in (Cause.USER, Cause.NEEDED) or all(
                self._follows(id) for id in self.needed([step.cell]).cells
            ):
                return step
            self._agenda.done(step.cell)
        return None

    def _ask_for_lost_versions(self) -> bool:
        """See to last versions that were not kept; tell whether a cell makes one again.

        What no cascade may rerun becomes stale.
        """
        lost = {
            id
            for id in self._holdings.unsettled_and_lost() - self._rebuilt
            if self.is_fresh(id) and self._in_reach(id)
        }
        waiting = {id for id in lost if not self._follows(id)}
        self._ledger.undo(waiting)
        self._tell(self._ledger.refresh(self.graph, waiting))
        lost -= waiting
        if not lost:
            return False
        self._rebuilt |= lost
        steps = (Step(id, Cause.NEEDED, always=True) for id in lost)
        self._agenda.ask((*self.needed(lost), *steps))
        return True

    def _first_rebuild(self, step: Step) -> Step:
        """Return the step, or the first run that it needs because a version is gone."""
        states = self._agenda.seen(self._ledger.states)
        plan = needed(self.graph, states, [step.cell], self._holdings.is_at_hand)
        missing = Plan(tuple(s for s in plan if s.cell not in self._rebuilt))
        if step.cause is Cause.USER or not missing:
            return step
        self._rebuilt.update(missing.cells)
        self._agenda.put_first(missing)
        return missing.steps[0]

    def drop_agenda(self) -> None:
        """Run nothing more: what was to be rerun stays stale."""
        with self.lock:
            self._agenda.drop()
            self._tell(self._agenda.news())

    # A run

    async def run(
        self, step: Step, execute: Callable[[Cell], Awaitable[Outcome]]
    ) -> Outcome:
        """Run one cell and write down what it did.

        Parameters
        ----------
        step
            The cell, and why it runs.
        execute
            Runs the user's code and reports how it ended; it must not raise.
        """
        cell, run = self._begin(step)
        start = perf_counter()
        with self._witness.watching(cell.id) as reads:
            outcome = await execute(cell)
        self._finish(run, outcome, reads, perf_counter() - start)
        return outcome

    def _begin(self, step: Step) -> tuple[Cell, Begun]:
        with self.lock:
            self._pasts.scrub()
            inputs = self._ledger.inputs(self.graph, step.cell)
            run = self._recorder.begin(step, self.graph, inputs)
            self.running = step.cell
            self._chains.begin(step.cell)
            self.loops = {
                id: loop
                for id, loop in self.loops.items()
                if step.cell not in loop.cells
            }
            self._in_pass = True
            self._before = run.before
            self._tell([step.cell])
            return self.document[step.cell], run

    def _finish(
        self, run: Begun, outcome: Outcome, reads: Reads, seconds: float
    ) -> None:
        with self.lock:
            id, ending = run.step.cell, outcome.ending
            self.running = None
            self._before = {}
            self._agenda.done(id)
            self.last_runs[id] = LastRun(outcome.count, seconds, run.step.cause)
            if id not in self.document:
                self._recorder.abandon(run)
                self._pasts.forget(id)
                return
            tokens: dict[str, Token] = {}
            if ending in (Ending.OK, Ending.STOPPED):
                previous = self._ledger.tokens.get(id, {})
                tokens = self._recorder.success(run, self.graph, ending, previous)
            else:
                self._recorder.failure(run, self.graph, ending)
            evidence = Evidence(
                run.source,
                run.inputs,
                ending,
                outcome.error,
                settings=run.settings,
            )
            self._ledger.enter(id, evidence, tokens, reads)
            self._follow(id, run.step.cause)

    def _follow(self, id: CellId, cause: Cause) -> None:
        """Find out what follows from a run: new bindings, states, and what is due."""
        self.graph = graph = self.graph.updated(self.document, recheck=[id])
        self._ledger.amend(graph, id)
        concerned = {id, *self._ledger.concerned(graph, id), *graph.rebound}
        changed = self._ledger.refresh(graph, concerned)
        due = unblocked(changed, self._ledger)
        due |= {
            reader
            for reader in concerned
            if reader != id and self._ledger.mismatched(graph, reader, id)
        }
        inherited = Cause.TRAIT if cause is Cause.TRAIT else Cause.CASCADE
        self._add_due(self._unlooped(due), inherited)
        if self._ledger.sources.moved_on(id):
            self._add_due([id], Cause.TRAIT)
        self._tell({id, *changed, *graph.rebound, *self._frozen.follow(graph)})

    def _unlooped(self, ids: Iterable[CellId], source: str = "") -> set[CellId]:
        """Return the cells that may follow: those that did not lead to the present run."""
        free: set[CellId] = set()
        for id in ids:
            if cells := self._chains.lead_to(id):
                self.loops |= dict.fromkeys(cells, Loop(cells, source))
                self._agenda.done(id)
                self._tell(cells)
            else:
                free.add(id)
        return free

    # Bookkeeping

    def _update(
        self,
        document: Document,
        edited: Collection[CellId] = (),
        gone: Collection[CellId] = (),
    ) -> None:
        """Make a new document the current one and judge what that concerns."""
        old = self.document
        if document is old:
            return
        switched = {id for id in edited if _is_switched(id, old, document)}
        for id in switched:
            self._namespace.mark(self._namespace.bound_by(id))
        if not edited or gone:
            held = self._namespace.held()
            self._namespace.mark(n for n in held if len(self.graph.writers(n)) > 1)
        for id in gone:
            self._pasts.put_away(old[id])
            self._agenda.done(id)
        returned = [id for id in document.ids - old.ids if id in self._pasts]
        for id in returned:
            self._pasts.bring_back(id)
        before, self.graph = self.graph, self.graph.updated(document)
        graph = self.graph
        released = {
            name
            for id in (*edited, *gone)
            if id in old
            for name in self._compare_files(id, before, graph)
        }
        # Edited cells first: whether a reader lost its writer to an edit that was not
        # run shows in the state of that writer, which it no longer reads from.
        changed = self._ledger.refresh(graph, edited)
        changed |= self._ledger.refresh(graph, graph.rebound)
        changed |= self._ledger.refresh(graph, self._ledger.who_found(graph, released))
        for id in changed:
            if self.is_fresh(id):
                # Without a run; what it left may have been put aside meanwhile.
                self._namespace.mark(self._namespace.bound_by(id))
        moved = not edited
        if gone or returned or switched or moved:
            self._add_due({*changed, *graph.rebound}, Cause.CASCADE)
        order = bool(gone) or moved or len(document) != len(old)
        self._news.moved(removed=gone, order=order)
        self._frozen.note(document, edited)
        self._tell({*edited, *changed, *graph.rebound, *self._frozen.follow(graph)})

    def _compare_files(
        self, id: CellId, before: DefUseGraph, now: DefUseGraph
    ) -> set[str]:
        """Let a cell own the files that its text writes; return those it does not now."""
        old, new = _files_of(before, id), _files_of(now, id)
        if new - old:
            self._effects.bring_back(id)
        self._effects.put_away(id, old - new)
        return old - new

    def _may_rerun(self, id: CellId) -> bool:
        """Tell whether a cascade may run a cell."""
        return self._follows(id) and self._in_reach(id)

    def _follows(self, id: CellId) -> bool:
        """Tell whether a cell is to follow what it reads by itself."""
        return rerun_by_cascades(self.document[id].settings, self.mode)

    def _add_due(self, ids: Iterable[CellId], cause: Cause) -> None:
        stale = [
            id
            for id in ids
            if isinstance(self.judged(id), Stale) and self._may_rerun(id)
        ]
        self._agenda.add_due(stale, cause)

    def _tell(self, ids: Iterable[CellId]) -> None:
        self._news.changed(ids)
        self._on_change()


def _is_switched(id: CellId, old: Document, new: Document) -> bool:
    """Tell whether a cell has got other settings."""
    return id in old and old[id].settings != new[id].settings


def _files_of(graph: DefUseGraph, id: CellId) -> set[str]:
    """Return the files that a cell writes."""
    written = graph.writes(id) if id in graph.document else ()
    return {name for name in written if is_file(name)}
