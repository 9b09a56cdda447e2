"""Random notebooks, and what a user does to them, as a state machine of hypothesis."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from tests.fresh.engine import engine_playing
from tests.fresh.kernels import FreshKernel
from tests.fresh.play import Play, Step, playing
from tests.fresh.programs import BASE, SETUPS, TOPICS, sources

__all__ = ["Editing", "EngineEditing", "Spare", "Tally"]

SOME = st.integers(0, 19)
SOURCES = st.runner().flatmap(lambda machine: sources(machine.topics))
BEGINNING = "base"
MOST = 14
"""Cells of a notebook, the first of which imports what the others use."""


@dataclass(slots=True)
class Tally:
    """What has been done so far, by all sequences."""

    sequences: int = 0
    steps: int = 0
    compared: int = 0
    failed: tuple[Step, ...] = ()
    """The last sequence that showed a difference."""


class Spare:
    """A kernel that starts while the one before it is in use."""

    def __init__(self) -> None:
        self._waiting: FreshKernel | None = None

    def take(self) -> FreshKernel:
        """Return a started kernel, and start another."""
        taken = self._waiting or FreshKernel()
        self._waiting = FreshKernel()
        return taken

    def close(self) -> None:
        """End the kernel that nobody took."""
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None


class Editing(RuleBasedStateMachine):
    """A user at work; `Play` checks each step."""

    tally: ClassVar[Tally] = Tally()
    spare: ClassVar[Spare] = Spare()

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.play: Play = self._stack.enter_context(self.opened())

    @classmethod
    def opened(cls) -> contextlib.AbstractContextManager[Play]:
        """Open the notebook that the user works on."""
        return playing(cls.spare.take())

    def teardown(self) -> None:
        """End the kernel, and count."""
        self.tally.sequences += 1
        self.tally.steps += len(self.play.story)
        self.tally.compared += self.play.compared
        if self.play.failed:
            self.tally.failed = tuple(self.play.story)
        self._stack.close()

    def at(self, number: int) -> str:
        """Return the id of some cell; seldom of the first, which all others need."""
        others = [id for id in self.play.ids if id != BEGINNING]
        if number == 0 or not others:
            return self.play.ids[0]
        return others[number % len(others)]

    @initialize(
        setups=st.sets(st.sampled_from(SETUPS), min_size=6),
        topics=st.sampled_from(TOPICS).map(lambda topic: frozenset({topic}))
        | st.frozensets(st.sampled_from(TOPICS), min_size=2, max_size=3),
    )
    def begin(self, setups: set[str], topics: frozenset[tuple[str, ...]]) -> None:
        self.topics = topics
        self.play.insert(BEGINNING, BASE)
        for setup in sorted(setups, key=SETUPS.index):
            self.play.insert(self.play.new_id(), setup)

    @precondition(lambda self: len(self.play.cells) < MOST)
    @rule(source=SOURCES, place=SOME, run=st.sampled_from((True, True, False)))
    def insert(self, source: str, place: int, run: bool) -> None:
        verb = self.play.insert if run else self.play.add
        verb(self.play.new_id(), source, at=max(0, len(self.play.cells) - place))

    @rule(cell=SOME, source=SOURCES, run=st.booleans())
    def change(self, cell: int, source: str, run: bool) -> None:
        verb = self.play.edit if run else self.play.type
        verb(self.at(cell), source)

    @rule(cells=st.lists(SOME, min_size=1, max_size=3))
    def run(self, cells: list[int]) -> None:
        self.play.run(*map(self.at, cells))

    @rule(cell=SOME, other=SOME, source=SOURCES)
    def run_and_type(self, cell: int, other: int, source: str) -> None:
        self.play.run_and_type(self.at(cell), self.at(other), source)

    @rule()
    def run_stale(self) -> None:
        self.play.run_stale()

    @rule(cell=SOME, run=st.booleans())
    def undo(self, cell: int, run: bool) -> None:
        if edited := [id for id, text in self.play.cells.items() if text.earlier]:
            self.play.undo(edited[cell % len(edited)], run=run)

    @precondition(lambda self: len(self.play.cells) > 1)
    @rule(cell=SOME)
    def delete(self, cell: int) -> None:
        self.play.delete(self.at(cell))

    @precondition(lambda self: self.play.deleted)
    @rule()
    def restore(self) -> None:
        self.play.restore()

    @precondition(lambda self: len(self.play.cells) > 1)
    @rule(cell=SOME, to=SOME)
    def move(self, cell: int, to: int) -> None:
        self.play.move(self.at(cell), to % len(self.play.cells))

    @rule(cell=SOME)
    def switch(self, cell: int) -> None:
        id = self.at(cell)
        self.play.switch(id, disabled=not self.play.cells[id].disabled)

    @rule(mode=st.sampled_from(("auto", "lazy")))
    def mode(self, mode: str) -> None:
        self.play.mode(mode)

    @rule(cell=SOME, source=SOURCES)
    def interrupt(self, cell: int, source: str) -> None:
        if not self.play.cells[self.at(cell)].disabled:
            self.play.interrupt(self.at(cell), source)


class EngineEditing(Editing):
    """A user at work, on the engine alone."""

    @classmethod
    def opened(cls) -> contextlib.AbstractContextManager[Play]:
        """Open the notebook that the user works on."""
        return engine_playing()

    @rule(cell=SOME, source=SOURCES, after=st.integers(0, 2))
    def interrupt_cascade(self, cell: int, source: str, after: int) -> None:
        verb: Any = self.play
        verb.interrupt_cascade(self.at(cell), source, after=after)
