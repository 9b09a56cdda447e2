"""The ledger of runs: evidence, versions, and the states that follow from them.

Everything in here is derived from what was run and what the graph says now; nothing
here touches the namespace. After any change somebody calls `refresh` with the cells
that the change concerns, and the ledger follows the consequences as far as they reach
and no further.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from reactive_kernel.planning import (
    ABSENT,
    OUTSIDE,
    Blocked,
    Ending,
    Evidence,
    Input,
    New,
    Reason,
    ReasonKind,
    Source,
    Stale,
    State,
    Token,
    bindings,
    judge,
)
from reactive_kernel.runtime.sources import Reads, Sources
from reactive_kernel.runtime.versions import Unique

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph

__all__ = ["Ledger"]


class Ledger:
    """What each cell's last run read and left, and the state this gives it now.

    Parameters
    ----------
    same_program
        Tells whether two texts differ in comments and formatting only.
    outside
        The tokens of what no cell has written, kept up to date by others.
    """

    def __init__(
        self,
        same_program: Callable[[str, str], bool],
        outside: dict[str, Token] | None = None,
    ) -> None:
        self._same_program = same_program
        self.states: dict[CellId, State] = {}
        self.evidence: dict[CellId, Evidence] = {}
        self._outside = {} if outside is None else outside
        self.tokens: dict[CellId, dict[str, Token]] = {OUTSIDE: self._outside}
        self.sources = Sources()
        self._read_from: defaultdict[CellId, set[CellId]] = defaultdict(set)

    def inputs(self, graph: DefUseGraph, id: CellId) -> dict[str, Input]:
        """Return what the cell would read if it ran now.

        What a failed writer has left is no version, so nothing will ever equal it.
        """
        return {
            name: self._version(writer, name)
            for name, writer in graph.inputs(id).items()
        }

    def _version(self, writer: CellId | None, name: str) -> Input:
        token = Unique() if self._failed(writer) else self._token(writer, name)
        return Input(writer, token)

    def _failed(self, writer: CellId | None) -> bool:
        last = None if writer is None else self.evidence.get(writer)
        return last is not None and last.ending not in (Ending.OK, Ending.STOPPED)

    def _token(self, writer: CellId | None, name: str) -> Token:
        known = self.tokens.get(OUTSIDE if writer is None else writer, {})
        return known.get(name, ABSENT)

    def enter(
        self,
        id: CellId,
        evidence: Evidence,
        tokens: dict[str, Token],
        reads: Reads | None,
    ) -> None:
        """Write down a run: what it read, and the versions that it left.

        Without `reads` what it read apart from names is known already.
        """
        if reads is not None:
            self.sources.enter(id, reads)
        self.evidence[id] = replace(evidence, sources=self.sources.of(id))
        self.tokens[id] = tokens
        self._index(id, evidence.inputs)

    def _index(self, id: CellId, inputs: Mapping[str, Input]) -> None:
        for read in inputs.values():
            if read.writer is not None:
                self._read_from[read.writer].add(id)

    def source_changed(
        self, source: Source, token: Token, by: CellId | None
    ) -> set[CellId]:
        """Write down what a source is like now; return the cells that this concerns."""
        concerned, content = self.sources.change(source, token, by)
        for id in content & self.evidence.keys():
            seen = self.sources.of(id)
            self.evidence[id] = replace(self.evidence[id], sources=seen)
        return concerned & self.evidence.keys()

    def amend(self, graph: DefUseGraph, id: CellId) -> None:
        """Count what a run turned out to read only when it ran as read, too.

        A branch not taken, another name of a changed object, a file: these add inputs
        to the graph after the run; it has read the versions that are there.
        """
        last = self.evidence[id]
        if graph.document[id].source != last.source:
            return
        now = graph.inputs(id)
        found = {name for name in graph.unbound(id) if not name.isidentifier()}
        extra = {
            name: self._version(now.get(name), name)
            for name in (now.keys() | found) - last.inputs.keys()
        }
        if extra:
            self.evidence[id] = replace(last, inputs={**last.inputs, **extra})
            self._index(id, extra)

    def overtake(self, id: CellId, names: Iterable[str]) -> None:
        """Note that files which a cell wrote were changed by somebody else."""
        last = self.evidence[id]
        names = last.overtaken.union(names)
        self.evidence[id] = replace(last, overtaken=names)

    def who_found(self, graph: DefUseGraph, names: Collection[str]) -> set[CellId]:
        """Return the cells that read some files which no cell has written."""
        if not names:
            return set()
        return {
            id
            for id, last in self.evidence.items()
            if any(
                name in last.inputs and graph.inputs(id).get(name) is None
                for name in names
            )
        }

    def strike(self, id: CellId) -> None:
        """Remove all that is known of a cell's runs."""
        self.evidence.pop(id, None)
        self.tokens.pop(id, None)
        self.states.pop(id, None)

    def void(self) -> None:
        """Count every version as gone and every run as undone."""
        self.undo(self.evidence)
        self.tokens = {OUTSIDE: self._outside}

    def undo(self, ids: Iterable[CellId]) -> None:
        """Count what some cells left as gone, and their runs as undone."""
        for id in ids:
            self.tokens.pop(id, None)
            self.evidence[id] = replace(self.evidence[id], ending=Ending.VOID)

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter all that is known of a cell under another id."""
        tables: tuple[dict[CellId, Any], ...] = (
            self.evidence,
            self.tokens,
            self.states,
            self._read_from,
        )
        for table in tables:
            if old in table:
                table[new] = table.pop(old)
        self.sources.rename(old, new)
        for id, evidence in self.evidence.items():
            if any(read.writer == old for read in evidence.inputs.values()):
                self.evidence[id] = _reading_from(evidence, old, new)

    def concerned(self, graph: DefUseGraph, id: CellId) -> set[CellId]:
        """Return the cells that read from a cell now, or did when they last ran."""
        here = graph.document.ids
        past = {reader for reader in self._read_from.get(id, ()) if reader in here}
        return past | graph.readers(id).keys()

    def mismatched(self, graph: DefUseGraph, reader: CellId, writer: CellId) -> bool:
        """Tell whether what `reader` got from `writer` is not what it would get now."""
        last = self.evidence.get(reader)
        if last is None:
            return False
        if last.ending is Ending.REFUSED:
            # It was not run when its user asked for it, since `writer` had failed.
            return True
        for name, now in bindings(graph, reader, last):
            seen = last.inputs.get(name, _NOTHING)
            if writer in (now, seen.writer) and self._token(now, name) != seen.token:
                return True
        return False

    def refresh(
        self, graph: DefUseGraph, ids: Iterable[CellId]
    ) -> dict[CellId, State | None]:
        """Judge some cells again, and whatever depends on those that changed.

        Returns
        -------
        dict
            The cells whose state changed, each with the state that it had before
            (None if it had none).
        """
        position = graph.document.position
        waiting = [(position(id), id) for id in set(ids) if id in graph.document]
        heapify(waiting)
        queued = {id for _place, id in waiting}
        changed: dict[CellId, State | None] = {}
        while waiting:
            _place, id = heappop(waiting)
            queued.discard(id)
            before, now = self.states.get(id), self._judge(graph, id)
            if before == now:
                continue
            changed.setdefault(id, before)
            self.states[id] = now
            if type(before) is not type(now):
                for reader in self.concerned(graph, id) - queued:
                    queued.add(reader)
                    heappush(waiting, (position(reader), reader))
        return changed

    def _judge(self, graph: DefUseGraph, id: CellId) -> State:
        cell = graph.document[id]
        return judge(
            cell,
            graph,
            self.evidence,
            self.states,
            self.tokens,
            self._same_program,
            self.sources.tokens,
        )

    def stale(self) -> list[CellId]:
        """Return the cells that are stale, in no particular order."""
        return [id for id, state in self.states.items() if isinstance(state, Stale)]

    def changed_outside(self) -> list[CellId]:
        """Return the cells that are stale because somebody else changed a file."""
        return [
            id
            for id in self.stale()
            if any(r.kind is ReasonKind.OUTSIDE for r in self._reasons(id))
        ]

    def _reasons(self, id: CellId) -> tuple[Reason, ...]:
        state = self.state(id)
        return state.reasons if isinstance(state, Stale) else ()

    def ran(self, id: CellId) -> bool:
        """Tell whether a cell was run in this kernel session."""
        return id in self.evidence

    def state(self, id: CellId) -> State:
        """Return the judged state of a cell."""
        return self.states.get(id, New())


_NOTHING = Input(None, ABSENT)


def _reading_from(evidence: Evidence, old: CellId, new: CellId) -> Evidence:
    inputs: Mapping[str, Input] = {
        name: Input(new, read.token) if read.writer == old else read
        for name, read in evidence.inputs.items()
    }
    return replace(evidence, inputs=inputs)


def unblocked(changed: Mapping[CellId, State | None], ledger: Ledger) -> set[CellId]:
    """Return the cells that can follow again after an input of theirs was repaired."""
    return {
        id
        for id, before in changed.items()
        if isinstance(before, Blocked) and isinstance(ledger.state(id), Stale)
    }
