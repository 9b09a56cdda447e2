"""The same player on the engine alone, in this process: a hundred times as fast.

It has no kernel, no IPython and no messages but the comm's, and a fresh run is one by
`exec`. What it finds is wrong in the engine; what only the wire can show it cannot find.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import io
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from reactive_kernel.document import Cell, CellId
from reactive_kernel.kernel import protocol
from reactive_kernel.kernel.channel import Channel
from reactive_kernel.planning import Cause, Ending, Step
from reactive_kernel.runtime import Outcome
from reactive_kernel.testing import Notebook
from tests.fresh.plain import PlainRun, held, put, seed
from tests.fresh.play import Cells, Play
from tests.fresh.values import described
from tests.kernel.mirror import Mirror
from tests.kernel.screen import Area, Output, Screen

__all__ = ["EnginePlay", "engine_playing"]


class Listening(Notebook):
    """A notebook that shows what its cells print on a screen."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self.namespace["__name__"] = "__main__"
        self.screen = screen
        self.runs_left: int | None = None
        """So many reruns until one is interrupted at its end."""

    async def _execute(self, cell: Cell) -> Outcome:
        outcome = await super()._execute(cell)
        self.screen.areas[cell.id] = Area("", printed(self.printed[cell.id]))
        return outcome

    async def _rerun(self, cell: Cell) -> Outcome:
        outcome = await self._execute(cell)
        if self.runs_left is None:
            return outcome
        self.runs_left -= 1
        return Outcome(Ending.INTERRUPTED) if self.runs_left < 0 else outcome

    async def _drain(self) -> None:
        while (step := self.session.next_step()) is not None:
            outcome = await self.session.run(step, self._rerun)
            if outcome.ending is Ending.INTERRUPTED:
                self.runs_left = None
                self.session.drop_agenda()
        self.runs_left = None

    async def shift_enter(self, id: CellId) -> None:
        """Run a cell after what it needs, as the kernel does."""
        for step in self.session.needed([id]):
            wanted = step.always or not self.session.is_fresh(step.cell)
            if wanted and not self.session.blocked_by(step.cell):
                await self.session.run(step, self._execute)
        disabled = self.session.document[id].settings.disabled
        if disabled or self.session.blocked_by(id):
            self.session.refuse(id)
            self.screen.areas[id] = Area("", printed("not run"))
        else:
            await self.session.run(Step(id, Cause.USER), self._execute)


class Line:
    """Stands where `Wire` stands, and talks to the engine."""

    def __init__(self) -> None:
        self.screen = Screen()
        self.notebook = Listening(self.screen)
        self.mirror = Mirror()
        self.comm_errors: list[str] = []
        self.comm_id = "comm"
        self._channel = Channel(
            self.notebook.session,
            self._told,
            later=lambda _call, _delay: None,
            on_change=lambda: None,
            on_metadata=lambda _metadata: None,
        )
        data = {"protocol": protocol.PROTOCOL}
        self._channel.open(
            self, {"header": {"session": "me"}, "content": {"data": data}}
        )

    def on_msg(self, callback: Any) -> None:
        self._hear = callback

    def on_close(self, callback: Any) -> None:
        """Stay open."""

    def _told(self, _comm: str, data: dict[str, Any]) -> None:
        if data["type"] == "error":
            self.comm_errors.append(data["message"])
        else:
            self.mirror.fold(data)

    def send(self, type: str, **fields: Any) -> None:
        self._hear({"content": {"data": {"type": type, **fields}}})

    def edit(self, id: str, source: str) -> None:
        self.send("edit", cells=[{"id": id, "source": source}])

    def submit(self, id: str, source: str, metadata: Any, **_content: Any) -> str:
        settings = protocol.parse_request({**metadata, "cellId": id}).settings
        self.notebook.session.take(CellId(id), source, settings)
        asyncio.run(self.notebook.shift_enter(CellId(id)))
        return id

    def wait(self, _request: str) -> None:
        """Everything has happened already."""

    def settle(self) -> None:
        self.notebook.settle()
        self._channel.flush()
        assert self.mirror.settled, "not settled"

    def states(self) -> dict[str, str]:
        return {id: str(self.mirror.cells[id]["state"]) for id in self.mirror.order}


class EnginePlay(Play):
    """A user at work, on the engine."""

    def interrupt(self, id: str, source: str) -> None:
        with self._doing("interrupt", id, source=source):
            self._write(id, source)
            self.cells[id].source = f"{source}\nraise KeyboardInterrupt"
            self._submit(id)
            self.cells[id].source = source
            self.wire.edit(id, source)

    def interrupt_cascade(self, id: str, source: str, after: int) -> None:
        """Change a cell's text and run it; interrupt the reruns after some of them."""
        with self._doing("interrupt_cascade", id, source=source, after=after):
            self._write(id, source)
            self._submit(id)
            line: Any = self.wire
            line.notebook.runs_left = after

    def _namespace(self) -> dict[str, str]:
        line: Any = self.wire
        return own(line.notebook.namespace)

    def _plain(self, cells: Cells, files: frozenset[tuple[str, bytes]]) -> PlainRun:
        return plain_run(cells, files)


@lru_cache(2000)
def plain_run(cells: Cells, files: frozenset[tuple[str, bytes]]) -> PlainRun:
    """Run a notebook in plain Python, the same one only once."""
    namespace: dict[str, object] = {
        "__name__": "__main__",
        "__builtins__": {**vars(builtins), "display": print},
    }
    with elsewhere() as folder:
        put(dict(files), folder)
        outputs = {id: printed(ran(source, namespace)) for id, source in cells}
        return PlainRun(outputs, own(namespace), held(folder))


ENVIRONMENT = os.environ.copy()


def environ(variables: Mapping[str, str]) -> None:
    """Let these be all environment variables."""
    os.environ.clear()
    os.environ.update(variables)


@contextlib.contextmanager
def elsewhere() -> Iterator[Path]:
    """Let what runs inside have a folder and settings as at the start of a kernel."""
    states = random.getstate(), np.random.get_state(), os.environ.copy()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        seed()
        environ(ENVIRONMENT)
        try:
            yield Path(folder)
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
            environ(states[2])


def ran(source: str, namespace: dict[str, object]) -> str:
    """Run a cell and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(Exception):
        exec(source, namespace)
    return out.getvalue()


def own(namespace: dict[str, object]) -> dict[str, str]:
    """Return the notebook's part of a namespace."""
    return described(namespace, ["display"])


def printed(text: str) -> list[Output]:
    """Return a text as the output of a cell."""
    return [{"output_type": "stream", "name": "stdout", "text": text}] if text else []


@contextlib.contextmanager
def engine_playing() -> Iterator[EnginePlay]:
    """Open an empty notebook."""
    with elsewhere() as folder:
        line: Any = Line()
        line.notebook.namespace["__builtins__"] = {**vars(builtins), "display": print}
        yield EnginePlay(line, folder)
