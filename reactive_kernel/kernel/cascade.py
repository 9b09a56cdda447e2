"""The loop that reruns cells, one at a time, between the requests of the clients.

Cells are not rerun inside the request that made them stale. The loop takes the shell's
lock for one cell at a time; the lock is first come, first served, so a request that
arrives during a cascade is answered after the cell that runs now. And it waits until
requests have stopped coming: a "Run all" of n cells costs n runs.

What follows from a change in a widget is different: it is rerun at once, within the
handling of the widget's message (`follow`). The client sends the next value when it
hears that this one has been dealt with, so nothing piles up, however slow the cells are.
"""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter
from typing import TYPE_CHECKING

from reactive_kernel.planning import Ending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reactive_kernel.document import Cell
    from reactive_kernel.kernel.gate import Gate
    from reactive_kernel.runtime import Outcome, Session

__all__ = ["Cascade"]

_log = logging.getLogger(__name__)

_TURNS = 6
"""Turns of the event loop that a message needs from the socket to its handler."""

_MANY_TURNS = 1000


class Cascade:
    """Reruns what is on the session's agenda.

    Parameters
    ----------
    session
        The engine.
    rerun
        Executes one cell and publishes its outputs.
    gate
        Tells about the clients' requests.
    take_interrupt
        Tells whether the user interrupted since the last call.
    on_settled
        Called when everything has been rerun.
    quiet
        Seconds without a new request before a cascade begins.
    """

    def __init__(
        self,
        session: Session,
        rerun: Callable[[Cell], Awaitable[Outcome]],
        gate: Gate,
        take_interrupt: Callable[[], bool],
        on_settled: Callable[[], None],
        quiet: float,
    ) -> None:
        self._session = session
        self._rerun = rerun
        self._gate = gate
        self._take_interrupt = take_interrupt
        self._on_settled = on_settled
        self._quiet = quiet
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._pass_over = asyncio.Event()
        self._is_active = False

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell the loop of the main thread, before anything can wake the cascade."""
        self._loop = loop

    @property
    def is_active(self) -> bool:
        """True while the loop takes turns with the messages."""
        return self._is_active

    def wake(self, *, at_once: bool = False) -> None:
        """See to the agenda soon; callable from any thread.

        Parameters
        ----------
        at_once
            Don't wait for requests that may follow: it was none that brought this about.
        """
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start, at_once)

    def _start(self, at_once: bool) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run(at_once))

    async def follow(self, seconds: float) -> None:
        """Rerun what is due within the handling of a message, which holds the lock.

        What is not done after some seconds, or when another request waits, is left to
        the loop between the requests.
        """
        end = perf_counter() + seconds
        await self._take_turns()
        while perf_counter() < end and not self._gate.waiting:
            if not await self._next():
                self._on_settled()
                return
            await self._take_turns()
        self.wake(at_once=True)

    async def pass_over(self) -> None:
        """Wait until a begun cascade has ended, or a cell of it awaits something.

        A value that changed between two cells of a cascade would show some of them with
        the new value and some with the old.
        """
        while self._session.in_pass:
            self._pass_over.clear()
            await self._pass_over.wait()

    async def _run(self, at_once: bool) -> None:
        if not at_once or self._gate.waiting:
            await self._until_quiet()
        self._is_active = True
        try:
            while await self._step():
                await self._let_requests_in()
        except Exception:  # noqa: BLE001  # a bug of ours; what is due stays stale
            _log.exception("a cascade ended early")
            self._session.drop_agenda()
        finally:
            self._is_active = False
            self._pass_over.set()
        self._on_settled()

    async def _until_quiet(self) -> None:
        seen = -1
        while seen != self._gate.arrived or self._gate.waiting:
            seen = self._gate.arrived
            await asyncio.sleep(self._quiet)

    async def _let_requests_in(self) -> None:
        """Give requests on their way to the lock the turns they need to get there."""
        await self._take_turns()
        while self._gate.waiting:
            await self._until_quiet()

    async def _take_turns(self) -> None:
        """Let messages arrive, and new values that came with them."""
        for turn in range(_MANY_TURNS):
            await asyncio.sleep(0)
            if turn >= _TURNS and (self._session.in_pass or not self._gate.is_beside):
                return

    async def _step(self) -> bool:
        """Run the next cell under the lock; return whether there may be another."""
        async with self._gate.lock:
            return True if self._gate.waiting else await self._next()

    async def _next(self) -> bool:
        """Run the next cell; return whether there may be another."""
        if self._take_interrupt():
            self._session.drop_agenda()
        step = self._session.next_step()
        self._pass_over.set()
        if step is None:
            return False
        outcome = await self._session.run(step, self._rerun)
        if outcome.ending is Ending.INTERRUPTED:
            self._session.drop_agenda()
        return True
