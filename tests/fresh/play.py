"""A user at work on a notebook in a real kernel, checked after everything they do.

::

    play.insert("a", "xs = [1]")
    play.insert("b", "xs.append(2)", run=True)
    play.edit("a", "xs = [7]")  # b shows what a fresh run shows, or is not called fresh

`Play.story` is what was done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from tests.fresh.kernels import FreshKernel, namespace, open_notebook
from tests.fresh.plain import PlainRun, held, run_plain
from tests.fresh.promise import Promise, promise
from tests.fresh.values import shown
from tests.kernel.screen import Area
from tests.kernel.wire import Wire, cell

__all__ = ["Cells", "Play", "Step", "as_test", "playing"]

Cells = tuple[tuple[str, str], ...]
"""Texts to run, each with the id of its cell."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a user does: a method of `Play` and its arguments."""

    verb: str
    names: tuple[str, ...] = ()
    source: str | None = None
    options: tuple[tuple[str, object], ...] = ()

    def do(self, play: Play) -> None:
        """Do it."""
        texts = () if self.source is None else (self.source,)
        getattr(play, self.verb)(*self.names, *texts, **dict(self.options))

    def __str__(self) -> str:
        texts = () if self.source is None else (self.source,)
        given = [repr(text) for text in (*self.names, *texts)]
        given += [f"{name}={value!r}" for name, value in self.options]
        return f"play.{self.verb}({', '.join(given)})"


@dataclass(slots=True)
class Text:
    """A cell as its user sees it, with the texts that undo brings back."""

    source: str
    has_run: bool = False
    """The text has run to its end, as far as the kernel tells."""
    disabled: bool = False
    earlier: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A cell that undo can bring back, and where."""

    id: str
    text: Text
    place: int
    area: Area | None


class Play:
    """One notebook in one kernel, with a client that has the extension.

    Parameters
    ----------
    wire
        A client of a kernel that holds nothing, with an open comm.
    folder
        Where the kernel runs.

    Attributes
    ----------
    story
        The steps so far.
    """

    def __init__(self, wire: Wire, folder: Path) -> None:
        self.wire = wire
        self.folder = folder
        self.cells: dict[str, Text] = {}
        self.deleted: list[Deleted] = []
        self.story: list[Step] = []
        self.compared = 0
        self.failed = False
        self.named = 0

    @property
    def ids(self) -> list[str]:
        """The cells' ids, in document order."""
        return list(self.cells)

    def new_id(self) -> str:
        """Return an id that no cell has had."""
        self.named += 1
        return f"c{self.named}"

    # What a user does

    def insert(self, id: str, source: str, at: int | None = None) -> None:
        """Put a new cell in at a place (None: the end) and run it."""
        with self._doing("insert", id, source=source, at=at):
            self._put(id, Text(source), at)
            self._submit(id)

    def add(self, id: str, source: str, at: int | None = None) -> None:
        """Put a new cell in at a place (None: the end); don't run it."""
        with self._doing("add", id, source=source, at=at):
            self._put(id, Text(source), at)

    def run(self, *ids: str) -> None:
        """Press Shift-Enter on some cells, without waiting in between."""
        with self._doing("run", *ids):
            for id in ids:
                self._submit(id, wait=False)

    def edit(self, id: str, source: str) -> None:
        """Change a cell's text and run it."""
        with self._doing("edit", id, source=source):
            self._write(id, source)
            self._submit(id)

    def type(self, id: str, source: str) -> None:
        """Change a cell's text; don't run it."""
        with self._doing("type", id, source=source):
            self._write(id, source)
            self.wire.edit(id, source)

    def run_and_type(self, id: str, other: str, source: str) -> None:
        """Press Shift-Enter on a cell, and change another's text while it runs."""
        with self._doing("run_and_type", id, other, source=source):
            request = self._submit(id, wait=False)
            self._write(other, source)
            self.wire.edit(other, source)
            self.wire.wait(request)

    def undo(self, id: str, *, run: bool = False) -> None:
        """Undo the last change of a cell's text."""
        with self._doing("undo", id, run=run):
            text = self.cells[id]
            text.source = text.earlier.pop()
            self.wire.edit(id, text.source)
            if run:
                self._submit(id)

    def delete(self, *ids: str) -> None:
        """Delete some cells."""
        with self._doing("delete", *ids):
            for id in ids:
                place, area = self.ids.index(id), self.wire.screen.areas.pop(id, None)
                self.deleted.append(Deleted(id, self.cells.pop(id), place, area))
            self.wire.send("order", ids=self.ids)

    def restore(self) -> None:
        """Undo the last deletion."""
        with self._doing("restore"):
            back = self.deleted.pop()
            if back.area is not None:
                self.wire.screen.areas[back.id] = back.area
            self._put(back.id, back.text, back.place)

    def move(self, id: str, to: int) -> None:
        """Move a cell to a place."""
        with self._doing("move", id, to=to):
            text = self.cells.pop(id)
            self._place(id, text, to)
            self.wire.send("order", ids=self.ids)

    def switch(self, id: str, *, disabled: bool) -> None:
        """Disable or enable a cell."""
        with self._doing("switch", id, disabled=disabled):
            self.cells[id].disabled = disabled
            told = cell(id, self.cells[id].source, disabled=disabled)
            self.wire.send("edit", cells=[told])

    def mode(self, mode: str) -> None:
        """Choose whether dependents are rerun or marked."""
        with self._doing("mode", mode):
            self.wire.send("configure", mode=mode)

    def run_stale(self) -> None:
        """Run all that is stale."""
        with self._doing("run_stale"):
            self.wire.send("run", cells=None)

    def interrupt(self, id: str, source: str) -> None:
        """Run a cell, interrupt it at its end, and take the wait out of its text.

        The cell goes through `source` and then sleeps.
        """
        with self._doing("interrupt", id, source=source):
            sleeping = f"{source}\n{SLEEP}"
            self._write(id, sleeping)
            request = self._submit(id, wait=False)
            asleep = self.wire.until
            asleep(
                lambda: ASLEEP in self.wire[id] or self.wire.replied(request), "a sleep"
            )
            if not self.wire.replied(request):
                self.wire.interrupt()
            self.wire.wait(request)
            self.cells[id].source = source
            self.wire.edit(id, source)

    # What the user must see

    def check(self) -> None:
        """Compare what is called fresh with a fresh run of the texts as seen."""
        self.wire.settle()
        states = self.wire.states()
        assert list(states) == self.ids
        assert not self.wire.comm_errors, self.wire.comm_errors
        self._note_what_ran(states)
        enabled = [id for id in self.ids if not self.cells[id].disabled]
        order = in_order(enabled, self.wire)
        if order is None or "fresh" not in states.values():
            return
        self.compared += 1
        plain = self._fresh((id, self.cells[id].source) for id in order)
        self._compare_outputs(states, order, plain)
        if set(states.values()) <= {"fresh", "disabled"}:
            differences = _differences(self._namespace(), plain)
            assert not differences, "\n".join(differences)

    def _note_what_ran(self, states: dict[str, str]) -> None:
        for id, state in states.items():
            reasons = self.wire.mirror.cells[id]["reasons"]
            kinds = {reason["kind"] for reason in reasons if "cell" not in reason}
            if state == "fresh":
                self.cells[id].has_run = True
            elif state in ("new", "error") or not NOT_RUN.isdisjoint(kinds):
                self.cells[id].has_run = False

    def _compare_outputs(
        self, states: dict[str, str], order: list[str], plain: Promise
    ) -> None:
        for id, state in states.items():
            ours, theirs = self._shown(id), shown(plain.outputs.get(id, ()))
            if state == "fresh" and ours != theirs and id not in plain.unsure:
                # Nobody can know what a text does that was not run, where it does not
                # say so: what has run counts.
                texts = ((id, self.cells[id]) for id in order)
                ran = [(id, text.source) for id, text in texts if text.has_run]
                before = self._fresh(ran, plain.written | self._left_over(states))
                again = shown(before.outputs.get(id, ()))
                assert ours == again or id in before.unsure, (
                    f"{id} shows {ours}, a fresh run {theirs}"
                )

    def _left_over(self, states: dict[str, str]) -> set[str]:
        """Return the files of cells that cannot write them again just now."""
        cells = self.wire.mirror.cells
        return {
            name.removeprefix("file ")
            for id, state in states.items()
            if state not in ("fresh", "disabled")
            for name in (*cells[id]["defines"], *cells[id]["mutates"])
            if name.startswith("file ")
        }

    def _namespace(self) -> dict[str, str]:
        return namespace(self.wire)

    def _fresh(
        self, cells: Iterable[tuple[str, str]], written: Collection[str] = ()
    ) -> Promise:
        """Return what fresh runs of some cells show, whatever the folder held."""
        run = partial(self._plain, tuple(cells))
        return promise(run, held(self.folder), written)

    def _plain(self, cells: Cells, files: frozenset[tuple[str, bytes]]) -> PlainRun:
        return plain_run(cells, files)

    def _shown(self, id: str) -> list[object]:
        area = self.wire.screen.areas.get(id)
        return [] if area is None else shown(area.outputs)

    # The parts of it

    def _put(self, id: str, text: Text, at: int | None) -> None:
        self._place(id, text, len(self.cells) if at is None else at)
        told = [cell(i, t.source, disabled=t.disabled) for i, t in self.cells.items()]
        self.wire.send("notebook", cells=told)

    def _place(self, id: str, text: Text, at: int) -> None:
        items = list(self.cells.items())
        items.insert(at, (id, text))
        self.cells = dict(items)

    def _write(self, id: str, source: str) -> None:
        self.cells[id].earlier.append(self.cells[id].source)
        self.cells[id].source = source

    def _submit(self, id: str, *, wait: bool = True) -> str:
        text = self.cells[id]
        metadata = {"reactive": {"disabled": text.disabled}}
        request = self.wire.submit(
            id, text.source, metadata=metadata, stop_on_error=False
        )
        if wait:
            self.wire.wait(request)
        return request

    @contextmanager
    def _doing(
        self, verb: str, *names: str, source: str | None = None, **options: object
    ) -> Iterator[None]:
        """Write down what is done, and look at what came of it."""
        given = tuple((k, v) for k, v in options.items() if v is not None)
        self.story.append(Step(verb, names, source, given))
        try:
            yield
            self.check()
        except AssertionError as error:
            self.failed = True
            error.add_note(as_test(self.story))
            raise


def as_test(story: Iterable[Step]) -> str:
    """Return what was done as a test."""
    return "\n    ".join(["def test_found(play: Play) -> None:", *map(str, story)])


NOT_RUN = frozenset({"edited", "interrupted"})
ASLEEP = "asleep"
SLEEP = f"print({ASLEEP!r}, flush=True)\n__import__('time').sleep(30)"


def in_order(ids: list[str], wire: Wire) -> list[str] | None:
    """Return cells as plain Python has to run them: those read from below go first.

    None if there is a cycle, or if a cell that has to go first also binds names that
    others bind, too: then no order of whole cells gives each its version.
    """
    told = wire.mirror.cells
    place = {id: n for n, id in enumerate(ids)}
    reads = {
        id: {w for w in told[id]["uses"].values() if w in place and w != id}
        for id in ids
    }
    first = {w for id in ids for w in reads[id] if place[w] > place[id]}
    if not first:
        return ids
    order = _sorted(ids, reads)
    if order is None or any(_shares_names(id, ids, told) for id in first):
        return None
    return order


def _sorted(ids: list[str], reads: dict[str, set[str]]) -> list[str] | None:
    """Return the cells in document order, each after what it reads; None in a cycle."""
    order: list[str] = []
    entered: set[str] = set()

    def enter(id: str) -> bool:
        if id in order:
            return True
        if id in entered:
            return False
        entered.add(id)
        fine = all(enter(writer) for writer in ids if writer in reads[id])
        order.append(id)
        return fine

    return order if all(map(enter, ids)) else None


def _shares_names(
    id: str, ids: list[str], told: dict[str, dict[str, list[str]]]
) -> bool:
    def writes(id: str) -> set[str]:
        return {*told[id]["defines"], *told[id]["mutates"]}

    return any(writes(id) & writes(other) for other in ids if other != id)


@lru_cache(2000)
def plain_run(cells: Cells, files: frozenset[tuple[str, bytes]]) -> PlainRun:
    """Run a notebook in plain IPython, the same one only once."""
    return run_plain(dict(cells), dict(files))


def _differences(ours: dict[str, str], plain: Promise) -> Iterable[str]:
    theirs = plain.namespace
    return [
        f"{name} is {ours.get(name)}, in a fresh run {theirs.get(name)}"
        for name in sorted((ours.keys() | theirs.keys()) - plain.unsure)
        if ours.get(name) != theirs.get(name)
    ]


@contextmanager
def playing(kernel: FreshKernel | None = None) -> Iterator[Play]:
    """Open an empty notebook in a fresh kernel (or in this one)."""
    kernel = kernel or FreshKernel()
    with open_notebook(kernel) as wire:
        yield Play(wire, kernel.folder)
