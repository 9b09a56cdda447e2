"""The Jupyter kernel: ipykernel's, with an engine between the requests and the shell.

The path of a run request: `execute_request` takes the cell's text into the session, runs
what the cell needs, and lets ipykernel run the cell through `do_execute`; after the reply
`Cascade` reruns what depends on it, one cell at a time, between the requests of the
clients. A rerun is one more `do_execute` of ipykernel, published under the header of the
cell's own last request (`parents`).
"""

from __future__ import annotations

import asyncio
import signal
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from traitlets import Bool, Enum, Float, Int, Set, Type

from reactive_kernel._version import __version__
from reactive_kernel.document import Cell, CellId
from reactive_kernel.errors import StopCell, UpstreamError
from reactive_kernel.kernel import compat, protocol
from reactive_kernel.kernel.cascade import Cascade
from reactive_kernel.kernel.channel import Channel
from reactive_kernel.kernel.gate import Gate
from reactive_kernel.kernel.interrupts import Interrupts
from reactive_kernel.kernel.notebook_settings import NotebookSettings
from reactive_kernel.kernel.outputs import OutputWatch
from reactive_kernel.kernel.parents import Parents, Request
from reactive_kernel.kernel.saved_order import SavedOrder, merged
from reactive_kernel.planning import Cause, Ending, Mode, Plan, Step
from reactive_kernel.runtime import BUDGET, EFFECTS, SECONDS, Outcome, Session
from reactive_kernel.shell import (
    ReactiveDisplayHook,
    ReactiveShell,
    Traits,
    foreign_names,
    labels,
    outside_cells,
    rewriter,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from contextlib import AbstractContextManager

    from jupyter_client.session import Session as JupyterSession

    from reactive_kernel.planning import Source, Token

__all__ = ["ReactiveKernel", "ReactiveZMQShell"]

Reply = dict[str, Any]

_while_locked: ContextVar[bool] = ContextVar("_while_locked", default=False)
"""True in the handling of a message that came in while the lock was another's."""


class _DisplayHook(ReactiveDisplayHook, ZMQShellDisplayHook):
    """Publishes results, reruns' under their cell's own count."""


class ReactiveZMQShell(ReactiveShell, ZMQInteractiveShell):
    """The kernel's shell."""

    displayhook_class = Type(_DisplayHook)
    kernel: ReactiveKernel

    def output_under(self, cell: CellId) -> AbstractContextManager[None]:
        """Show what is output inside under a cell which does not run just now."""
        return self.kernel.output_under(cell)


@dataclass(frozen=True, slots=True)
class _Requested:
    """The cell that a client asked to run, and why it will not, if so."""

    id: CellId
    refusal: BaseException | None
    disabled: bool = False


class ReactiveKernel(IPythonKernel):
    """A Jupyter kernel that keeps the notebook consistent with its cells."""

    shell: ReactiveZMQShell
    session: JupyterSession

    implementation = "reactive-python"
    implementation_version = __version__

    shell_class = Type(ReactiveZMQShell)
    compiler_class = Type(compat.NamingCompiler)

    mode = Enum(
        [str(mode) for mode in Mode],
        default_value=str(Mode.AUTO),
        help="What happens to cells that depend on a change: they are rerun ('auto') "
        "or marked stale ('lazy').",
    ).tag(config=True)

    ignored_effects = Set(
        Enum(sorted(EFFECTS)),
        help="What cells share outside of the namespace is treated as names that they "
        "read and change: files, the global random generators, environment variables, "
        "the working directory and so on. Kinds that are named here are left alone: "
        f"{', '.join(sorted(EFFECTS))}.",
    ).tag(config=True)

    keep_values = Bool(
        True,
        help="Let a widget that its cell makes anew with the same arguments keep what "
        "the user has set in it.",
    ).tag(config=True)

    memory_budget = Int(
        BUDGET,
        min=0,
        help="Bytes for old versions of names and checkpoints of objects together. What "
        "there is no room for is made again when a cell needs it.",
    ).tag(config=True)

    watch_seconds = Float(
        SECONDS,
        min=0,
        help="Seconds before a run for a look at the objects that the cell reads, by which "
        "changes are found that its text does not show. What the text shows to be changed "
        "is always looked at.",
    ).tag(config=True)

    quiet_time = Float(
        0.02,
        help="Seconds without a new run request before dependents are rerun, so that "
        "'Run all' of n cells costs n runs.",
    ).tag(config=True)

    look_interval = Float(
        2.0,
        help="Seconds between two looks, while no cell runs, at whether somebody else has "
        "changed a file that cells read; 0: only when a cell is run.",
    ).tag(config=True)

    pass_time = Float(
        0.15,
        help="Seconds that cells may rerun within the handling of a widget's message. "
        "The rest is rerun after it, between the requests of the clients.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.interrupts = Interrupts()
        self._witness = Traits(self.shell.user_ns, self._trait_changed)
        self._witness.values.enabled = self.keep_values
        self._trait_changes = 0
        self._following = False
        self.reactive = Session(
            self.shell.user_ns,
            rewrite=rewriter(self.shell),
            foreign=foreign_names(self.shell),
            may_rerun=self._may_rerun,
            mode=Mode(self.mode),
            effects=EFFECTS - self.ignored_effects,
            witness=self._witness,
            memory_budget=self.memory_budget,
            watch_seconds=self.watch_seconds,
            on_change=lambda: self.channel.touch(),
            on_scrub=self.shell.release,
        )
        self.shell.reactive = self.reactive
        self.shell.callbacks = self._witness.callbacks
        self.parents = Parents(self.session.msg_header)
        self.channel = Channel(
            self.reactive,
            self._send_comm,
            lambda call, delay: compat.run_in_iopub_thread(self, call, delay),
            on_change=lambda: self.cascade.wake(),
            on_metadata=self._take_metadata,
        )
        self.comm_manager.register_target(protocol.TARGET, self.channel.open)
        self.shell_handlers["comm_msg"] = self._comm_msg
        self.gate = Gate(compat.main_lock(self))
        self.cascade = Cascade(
            self.reactive,
            self._rerun,
            self.gate,
            self.interrupts.take,
            self.channel.flush,
            self.quiet_time,
        )
        self._shown = OutputWatch(self.session)
        compat.guard_streams()
        self._anonymous: set[CellId] = set()
        self._saved_order = SavedOrder()
        self._notebook_settings = NotebookSettings(
            self,
            {
                "mode": lambda: self.reactive.set_mode(Mode(self.mode)),
                "ignored_effects": lambda: self.reactive.set_effects(
                    EFFECTS - self.ignored_effects
                ),
            },
        )
        self._client: str | None = None
        self._requested: _Requested | None = None

    def start(self) -> None:
        """Start answering messages."""
        super().start()
        self.interrupts.install()
        self.cascade.bind(asyncio.get_event_loop())
        if self.look_interval > 0:
            self._look_outside(asyncio.get_event_loop())

    def _look_outside(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at files now and then, so that their readers are marked in time."""
        self.reactive.look_outside()
        loop.call_later(self.look_interval, self._look_outside, loop)

    # Messages on their way in

    async def shell_main(self, subshell_id: str | None, msg: Any) -> None:
        """Handle a message that has come in from the shell channel."""
        if subshell_id is not None:
            await super().shell_main(subshell_id, msg)
            return
        # A comm message that waited for the lock would be overtaken by those that come
        # while it is held: they are handled beside.
        busy = self.gate.is_busy or self.cascade.is_active
        with self.gate.arrival(msg):
            if busy and compat.is_comm(self, msg):
                with self.gate.beside():
                    await compat.dispatch_beside(self, msg)
                return
            await super().shell_main(subshell_id, msg)

    async def dispatch_shell(
        self, msg: Any, /, subshell_id: str | None = None, *, concurrent: bool = False
    ) -> None:
        """Handle a message whose turn it is."""
        if subshell_id is None:
            self.gate.enter(msg)
        with outside_cells():
            if concurrent:
                await self._dispatch_while_locked(msg, subshell_id)
            else:
                await super().dispatch_shell(msg, subshell_id=subshell_id)

    async def _dispatch_while_locked(self, msg: Any, subshell_id: str | None) -> None:
        """Handle a comm message that came in while another message is handled."""
        if subshell_id is not None:
            await self._dispatch_comm(msg, subshell_id)
            return
        async with self.gate.comms:
            await self.cascade.pass_over()
            _while_locked.set(True)
            await self._dispatch_comm(msg, subshell_id)

    async def _dispatch_comm(self, msg: Any, subshell_id: str | None) -> None:
        # ipykernel 7.4 handles comm messages while a cell awaits something, but tells
        # nobody: the client's widgets then wait for this idle for ever.
        parent = compat.peek(self, msg)
        compat.publish_status(self, "busy", parent)
        try:
            with compat.keeping_last_parent(self):
                await super().dispatch_shell(
                    msg, subshell_id=subshell_id, concurrent=True
                )
        finally:
            compat.publish_status(self, "idle", parent)

    def pre_handler_hook(self) -> None:
        """Let interrupts be raised in whatever a message makes run.

        Messages on a subshell are handled beside a cell, and interrupts are the cell's.
        """
        if compat.in_main_thread():
            self.interrupts.enter()

    def post_handler_hook(self) -> None:
        """Let interrupts be remembered only."""
        if compat.in_main_thread():
            self.interrupts.leave()

    @contextmanager
    def _cancel_on_sigint(self, future: asyncio.Future[Any]) -> Iterator[None]:
        """Cancel a cell that awaits something; at once, not when it next wakes up."""
        loop = asyncio.get_running_loop()

        def cancel(_signal: int, _frame: object) -> None:
            loop.call_soon_threadsafe(future.cancel)

        before = signal.signal(signal.SIGINT, cancel)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    # A change in a widget

    async def _comm_msg(
        self, stream: Any, ident: list[bytes], message: dict[str, Any]
    ) -> None:
        """Handle a message to a comm, and rerun what depends on the change."""
        if not protocol.is_question(message["content"]):
            self.channel.clients.last = message["header"].get("session")
        before = self._trait_changes
        in_main = compat.in_main_thread()
        self._following = in_main
        try:
            self.comm_manager.comm_msg(stream, ident, message)  # type: ignore[arg-type]  # ident is unused
        finally:
            self._following = False
        comm_id, names = protocol.parse_update(message["content"])
        self._witness.set_by_user(comm_id, names)
        if before == self._trait_changes or not in_main or self.reactive.is_idle:
            return
        if _while_locked.get():
            self.cascade.wake(at_once=True)
            return
        self.interrupts.leave()
        self.interrupts.take()
        await self.cascade.follow(self.pass_time)

    def _trait_changed(self, source: Source, token: Token, by: CellId | None) -> None:
        self._trait_changes += 1
        self.reactive.source_changed(source, token, by)
        if self.reactive.running is None and not self._following:
            self.cascade.wake(at_once=True)

    @contextmanager
    def output_under(self, cell: CellId) -> Iterator[None]:
        """Publish inside as the answer to a cell's own last request."""
        if cell not in self.parents:
            yield
            return
        request = self._addressed(cell)
        with compat.at_parent(self, request.ident, request.message):
            yield

    # A run request

    async def execute_request(
        self, stream: Any, ident: list[bytes], parent: dict[str, Any]
    ) -> None:
        """Run a cell for its user, after what it needs."""
        content = parent["content"]
        if not isinstance(content.get("code"), str):
            content = parent["content"] = {**content, "code": "", "silent": True}
            self.log.error("An execute_request without code was ignored.")
        if content.get("silent") or not compat.in_main_thread():
            await super().execute_request(stream, ident, parent)
            return
        self.gate.arrived += 1
        self.interrupts.leave()
        self.interrupts.take()
        try:
            self._requested = await self._prepare(content["code"], ident, parent)
        except Exception:  # a bug of ours; the cell runs as in a plain kernel
            self.log.exception("A run request could not be taken in.")
        try:
            await super().execute_request(stream, ident, parent)
        finally:
            self._requested = None
            self._see_to_agenda()

    async def _prepare(
        self, code: str, ident: list[bytes], parent: dict[str, Any]
    ) -> _Requested:
        """Take a request into the session, and run what its cell needs."""
        request = protocol.parse_request(parent.get("metadata"))
        self._client = parent["header"].get("session")
        self.channel.clients.last = self._client
        id = request.cell or self._new_anonymous()
        # Who has the comm tells deletions there; JupyterLab's list also names cells
        # that are back by now.
        if self._client not in self.channel.clients:
            self.reactive.delete(request.deleted)
        is_new = id not in self.reactive.document
        self.reactive.take(id, code, request.settings)
        self._consult_saved(id, is_new)
        disabled, refusal = request.settings.disabled, None
        if not disabled:
            refusal = await self._run_needed(self.reactive.needed([id]), id)
        if request.cell is not None:
            count = self.shell.execution_count
            self.parents.remember(id, ident, parent, count)
            # From now on the outputs of this very run say so, too.
            parent["header"]["cell_id"] = id
        return _Requested(id, refusal, disabled)

    def _consult_saved(self, id: CellId, is_new: bool) -> None:
        """Take order and settings from the saved notebook, if no client tells them.

        Of the cell that is about to run, the request has told the settings.
        """
        if self.channel.is_open or id in self._anonymous:
            return
        saved, session = self._saved_order, self.reactive
        was_saved = saved.read()
        if was_saved or (is_new and id in saved.ids):
            session.reorder(merged([cell.id for cell in session.document], saved.ids))
        if was_saved:
            self._take_metadata(saved.metadata)
            session.configure(
                {cell: s for cell, s in saved.settings.items() if cell != id}
            )

    def _take_metadata(self, metadata: object) -> None:
        """Let the metadata of the notebook set what it may."""
        if self._notebook_settings.take(metadata):
            self.reactive.notes = self._notebook_settings.ignored

    def _new_anonymous(self) -> CellId:
        id = CellId(f"anonymous-{uuid.uuid4().hex}")
        self._anonymous.add(id)
        return id

    async def _run_needed(self, plan: Plan, id: CellId) -> BaseException | None:
        """Run what a cell needs; return why the cell cannot run after that."""
        for step in plan:
            wanted = step.always or not self.reactive.is_fresh(step.cell)
            if wanted and not self.reactive.blocked_by(step.cell):
                outcome = await self.reactive.run(step, self._rerun)
                if outcome.ending is Ending.INTERRUPTED:
                    self.reactive.drop_agenda()
                    return KeyboardInterrupt()
        blocked = self.reactive.blocked_by(id)
        for culprit in plan.cells:
            if culprit in blocked:
                names = tuple(sorted(blocked[culprit]))
                return UpstreamError(names, labels(self.reactive)[culprit])
        return None

    async def do_execute(  # the signature is ipykernel's
        self, code: str, silent: bool, *args: Any, **kwargs: Any
    ) -> Reply:
        """Execute code: a requested cell's through the session, any other's as it is."""

        async def execute() -> Reply:
            return await super(ReactiveKernel, self).do_execute(
                code, silent, *args, **kwargs
            )

        requested = self._requested
        if requested is None or silent:
            return await execute()
        if requested.disabled or requested.refusal is not None:
            self.reactive.refuse(requested.id)
        if requested.disabled:
            print("This cell is disabled: it was not run.")
            return self._reply(status="ok")
        if requested.refusal is not None:
            return self._error_reply(requested.refusal)
        return await self._run_requested(requested.id, execute)

    async def _run_requested(
        self, id: CellId, execute: Callable[[], Awaitable[Reply]]
    ) -> Reply:
        reply: Reply = {}

        async def run(_cell: Cell) -> Outcome:
            nonlocal reply
            count = self.shell.execution_count
            with self._in_place_of_earlier(id, count):
                reply = await self._interruptible(execute)
                return self._outcome(reply, count)

        try:
            outcome = await self.reactive.run(Step(id, Cause.USER), run)
        except Exception:  # a bug of ours; the client gets its reply
            self.log.exception("A run could not be written down.")
            return reply or self._error_reply(RuntimeError("see the kernel's log"))
        if outcome.ending is Ending.INTERRUPTED:
            self.reactive.drop_agenda()
        if outcome.ending is Ending.STOPPED:
            return self._reply(status="ok", execution_count=outcome.count)
        return reply

    # A rerun

    def raw_input(self, prompt: str = "") -> str:
        """Ask the client for a line; a rerun has nobody to ask."""
        self._refuse_in_rerun()
        return super().raw_input(prompt)

    def getpass(self, *args: Any, **kwargs: Any) -> str:
        """Ask the client for a password; a rerun has nobody to ask."""
        self._refuse_in_rerun()
        return super().getpass(*args, **kwargs)

    def _refuse_in_rerun(self) -> None:
        if self.shell.is_rerunning:
            raise StdinNotImplementedError(
                "nobody can answer when this cell is rerun by itself: run it by hand"
            )

    async def _rerun(self, cell: Cell) -> Outcome:
        """Run a cell that its user did not ask for just now, in its own place."""
        first = cell.id not in self.parents
        request = self._addressed(cell.id)
        parent, count = request.message, request.count

        async def execute() -> Reply:
            run = super(ReactiveKernel, self).do_execute
            if first:
                return await run(cell.source, silent=False, cell_id=cell.id)
            with self.shell.rerunning(count, cell.source):
                return await run(
                    cell.source, silent=False, store_history=False, cell_id=cell.id
                )

        with compat.at_parent(self, request.ident, parent):
            with compat.one_delivery(self):
                compat.publish_status(self, "busy", parent)
                compat.publish_execute_input(self, cell.source, parent, count)
                self._clear_output(wait=True)
            with self._shown.during(parent["msg_id"]) as shown:
                with self._in_place_of_earlier(cell.id, count):
                    reply = await self._interruptible(execute)
                    outcome = self._outcome(reply, count)
                with compat.one_delivery(self):
                    compat.flush_streams()
                    if not shown.anything:
                        self._clear_output(wait=False)
                    compat.publish_status(self, "idle", parent)
        return outcome

    def _addressed(self, id: CellId) -> Request:
        """Return the request that outputs of a rerun answer."""
        client = self.channel.clients.addressee(self.parents.client(id))
        return self.parents.for_rerun(id, self.shell.execution_count, client)

    def _in_place_of_earlier(
        self, id: CellId, count: int
    ) -> AbstractContextManager[None]:
        """Let a run's results, figures and widgets replace those of the cell before."""
        last = self.reactive.last_runs.get(id)
        return self.shell.running(count, None if last is None else last.count)

    def _clear_output(self, wait: bool) -> None:
        self.send_response(self.iopub_socket, "clear_output", {"wait": wait})

    async def _interruptible(self, execute: Callable[[], Awaitable[Reply]]) -> Reply:
        """Execute user code; the one place where an interrupt may be raised."""
        try:
            with self.interrupts.user_code:
                return await execute()
        except (KeyboardInterrupt, asyncio.CancelledError):
            return self._error_reply(KeyboardInterrupt())
        except Exception as error:  # noqa: BLE001  # what IPython itself chokes on
            # Code nested too deeply to be compiled, for one: ipykernel would log this
            # and never reply.
            return self._error_reply(error)

    def _outcome(self, reply: Reply, count: int) -> Outcome:
        """Return how a run ended, from ipykernel's reply to it."""
        if reply["status"] == "ok":
            return Outcome(Ending.OK, count=count)
        name, text = reply["ename"], reply["evalue"]
        error = f"{name}: {text}" if text else name
        if name in ("KeyboardInterrupt", "CancelledError"):
            return Outcome(Ending.INTERRUPTED, error, count)
        result = self.shell.last_execution_result
        raised = result and result.error_in_exec
        if isinstance(raised, StopCell):
            return Outcome(Ending.STOPPED, count=count)
        if isinstance(raised, StdinNotImplementedError):
            return Outcome(Ending.REFUSED, error, count)
        return Outcome(Ending.ERROR, error, count)

    def _error_reply(self, error: BaseException) -> Reply:
        """Show an error that no user code raised, and return the reply that says so."""
        name = type(error).__name__
        lines = [f"{name}: {error}" if str(error) else name]
        self.shell._showtraceback(type(error), error, lines)
        return self._reply(
            status="error", ename=name, evalue=str(error), traceback=lines
        )

    def _reply(self, **content: Any) -> Reply:
        return {
            "execution_count": self.shell.execution_count,
            "user_expressions": {},
            "payload": [],
            **content,
        }

    # What depends on it

    def _see_to_agenda(self) -> None:
        """Rerun what is due; there and then if nothing is."""
        if self.reactive.is_idle and self.reactive.next_step() is None:
            self.channel.touch()
        else:
            self.cascade.wake()

    def _may_rerun(self, id: CellId) -> bool:
        """Tell whether a rerun's output would reach whoever looks at the cell."""
        if id in self._anonymous:
            return False
        client = self.parents.client(id)
        return client in (None, self._client) or self.channel.is_open

    def _send_comm(self, comm_id: str, data: dict[str, object]) -> None:
        # Not `comm.send`: that would route the client's next message on this comm to
        # the main thread, where it waits for the running cell.
        self.session.send(
            self.iopub_socket,
            "comm_msg",
            {"comm_id": comm_id, "data": data},
            ident=f"comm-{comm_id}".encode(),
        )
