"""Freshness by evidence: a cell is judged by what its last run read.

`Evidence` is what a run leaves behind: the text that ran and the version of every
input. A cell is fresh exactly when its text and the versions of its inputs are still
those, whatever happened in between; so an edit that is undone, or a cell moved away and
back, is fresh again without a run. `judge` is a pure function of these.

A version is known here only by its *token*: any hashable value that is equal for two
versions that no reader could tell apart (`reactive_kernel.runtime.versions`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from reactive_kernel.document import Cell, CellId
from reactive_kernel.planning.state import (
    Blocked,
    Disabled,
    Failed,
    Fresh,
    Frozen,
    New,
    Reason,
    ReasonKind,
    Stale,
    State,
)
from reactive_kernel.settings import Settings

if TYPE_CHECKING:
    from reactive_kernel.graph import DefUseGraph

__all__ = [
    "ABSENT",
    "OUTSIDE",
    "Ending",
    "Evidence",
    "Input",
    "Source",
    "Token",
    "Tokens",
    "bindings",
    "judge",
]

Token = Hashable
ABSENT: Token = ("absent",)
"""The token of a name that no cell has bound."""

OUTSIDE = CellId("")
"""Stands for what no cell has written: `Tokens` has the files that it left."""

Tokens = Mapping[CellId, Mapping[str, Token]]
"""For each cell, the names that its last successful run left, with their tokens."""


class Ending(Enum):
    """How a run ended."""

    OK = auto()
    ERROR = auto()
    INTERRUPTED = auto()
    STOPPED = auto()
    """By `reactive_kernel.stop`: no failure, but what depends on it is blocked."""
    REFUSED = auto()
    """The cell asked for input where nobody could answer."""
    VOID = auto()
    """Undone: what it left was removed by ``%reset``."""


@dataclass(frozen=True, slots=True)
class Input:
    """The version of a name that a run read: whose it was, and its token."""

    writer: CellId | None
    token: Token


@dataclass(frozen=True, slots=True)
class Source:
    """Something apart from names that cells read: a trait of an object.

    `key` tells it from all others; `name` is what to call it.
    """

    key: Hashable
    name: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the last run of a cell read, how it ended, and what was set for it.

    `overtaken` are the files that it wrote and somebody else has changed since.
    """

    source: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    ending: Ending = Ending.OK
    error: str = ""
    overtaken: frozenset[str] = frozenset()
    sources: Mapping[Source, Token] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


_NOTHING = Input(None, ABSENT)
_NO_SOURCES: Mapping[Source, Token] = {}
_UNDONE = {
    Ending.INTERRUPTED: ReasonKind.INTERRUPTED,
    Ending.REFUSED: ReasonKind.INTERRUPTED,
    Ending.VOID: ReasonKind.DELETED,
}


def judge(
    cell: Cell,
    graph: DefUseGraph,
    evidence: Mapping[CellId, Evidence],
    states: Mapping[CellId, State],
    tokens: Tokens,
    same_program: Callable[[str, str], bool],
    sources: Mapping[Source, Token] = _NO_SOURCES,
) -> State:
    """Return the state that a cell has by the evidence of its last run.

    Parameters
    ----------
    cell
        The cell, with its text as seen.
    graph
        The graph over the texts as seen.
    evidence
        The last run of each cell that ran.
    states
        The judged states of the cells that this one reads from.
    tokens
        The current versions.
    same_program
        Tells whether two texts differ in comments and formatting only.
    sources
        What each source is like now; one that is not listed is as it was.

    Returns
    -------
    State
        Never `Queued` or `Running`: these are about plans, not about evidence.
    """
    if cell.settings.disabled:
        return Disabled()
    last = evidence.get(cell.id)
    if last is None:
        return New()
    if (cycle := graph.cycle(cell.id)) is not None:
        return Blocked((Reason(ReasonKind.CYCLE, names=cycle.names(through=cell.id)),))
    findings = _Findings()
    if not (
        cell.settings.writes_as(last.settings)
        and same_program(last.source, cell.source)
    ):
        findings.stale[ReasonKind.EDITED, None] = []
    if last.ending in _UNDONE:
        findings.stale[_UNDONE[last.ending], None] = []
    if last.overtaken:
        findings.stale[ReasonKind.OUTSIDE, None] = list(last.overtaken)
    for name, writer in bindings(graph, cell.id, last):
        seen = last.inputs.get(name, _NOTHING)
        if seen.writer != writer and _edited_away(seen.writer, states):
            findings.stale[ReasonKind.EDITED, seen.writer].append(name)
        elif writer is None:
            findings.missing(name, seen, graph, tokens)
        else:
            findings.bound(name, writer, seen, evidence, states, tokens)
    for source, token in last.sources.items():
        if sources.get(source, token) != token:
            findings.stale[ReasonKind.TRAIT, None].append(source.name)
    if cell.settings.frozen and _has_its_names(cell.id, graph, last, tokens, findings):
        return Frozen(findings.reasons())
    return findings.verdict(last)


def _has_its_names(
    id: CellId,
    graph: DefUseGraph,
    last: Evidence,
    tokens: Tokens,
    findings: _Findings,
) -> bool:
    """Tell whether a cell has left a version of all that its text as seen gives."""
    if last.ending is not Ending.OK:
        return False
    edited = (ReasonKind.EDITED, None) in findings.stale
    return not edited or graph.writes(id) <= tokens.get(id, {}).keys()


def bindings(
    graph: DefUseGraph, id: CellId, last: Evidence
) -> Iterator[tuple[str, CellId | None]]:
    """Yield what a cell reads now, with its writer.

    Among it are names of Python's own which another cell had bound when the cell last
    ran, and which mean Python's again, and files and settings as the notebook found them.
    """
    yield from graph.inputs(id).items()
    for name in graph.unbound(id) & last.inputs.keys():
        yield name, None


def _edited_away(writer: CellId | None, states: Mapping[CellId, State]) -> bool:
    """Tell whether a binding was lost to an edit that has not been run yet."""
    state = None if writer is None else states.get(writer)
    return isinstance(state, Stale | Frozen) and _EDITED in state.reasons


_EDITED = Reason(ReasonKind.EDITED)


class _Findings:
    """The reasons collected while the inputs of one cell are looked at."""

    def __init__(self) -> None:
        self.stale: dict[tuple[ReasonKind, CellId | None], list[str]] = defaultdict(
            list
        )
        self.blocked: dict[tuple[ReasonKind, CellId | None], list[str]] = defaultdict(
            list
        )

    def missing(
        self, name: str, seen: Input, graph: DefUseGraph, tokens: Tokens
    ) -> None:
        now = tokens.get(OUTSIDE, {}).get(name, ABSENT)
        if name.isidentifier() and (disabled := graph.disabled_writers(name)):
            self.blocked[ReasonKind.UPSTREAM_ERROR, disabled[-1]].append(name)
        elif seen.token != now:
            changed = ABSENT not in (seen.token, now) or seen.writer is None
            kind = ReasonKind.OUTSIDE if changed else ReasonKind.DELETED
            self.stale[kind, seen.writer].append(name)

    def bound(
        self,
        name: str,
        writer: CellId,
        seen: Input,
        evidence: Mapping[CellId, Evidence],
        states: Mapping[CellId, State],
        tokens: Tokens,
    ) -> None:
        match states.get(writer, New()):
            case Failed() | Blocked():
                self.blocked[ReasonKind.UPSTREAM_ERROR, writer].append(name)
                return
            case Fresh() | Frozen():
                pass
            case _:
                self.stale[ReasonKind.INPUT, writer].append(name)
                return
        token = tokens.get(writer, {}).get(name, ABSENT)
        if token == ABSENT and evidence[writer].ending is Ending.STOPPED:
            self.blocked[ReasonKind.UPSTREAM_ERROR, writer].append(name)
        elif token != seen.token:
            moved = seen.writer not in (writer, None)
            kind = ReasonKind.MOVED if moved else ReasonKind.INPUT
            self.stale[kind, writer].append(name)

    def reasons(self) -> tuple[Reason, ...]:
        return _reasons(self.blocked) + _reasons(self.stale)

    def verdict(self, last: Evidence) -> State:
        if self.blocked:
            return Blocked(self.reasons())
        if self.stale:
            return Stale(self.reasons())
        if last.ending is Ending.ERROR:
            return Failed(last.error)
        return Fresh()


def _reasons(
    found: Mapping[tuple[ReasonKind, CellId | None], list[str]],
) -> tuple[Reason, ...]:
    return tuple(
        Reason(kind, cell, tuple(sorted(names)))
        for (kind, cell), names in found.items()
    )
