"""Everything that is relied on inside ipykernel and is not its public interface.

tests/kernel/test_compat.py fails by name when one of these moves.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import contextmanager
from contextvars import copy_context
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ipykernel import compiler
from ipykernel.iostream import OutStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ipykernel.ipkernel import IPythonKernel

__all__ = [
    "NamingCompiler",
    "at_parent",
    "dispatch_beside",
    "flush_streams",
    "guard_streams",
    "in_main_thread",
    "is_comm",
    "keeping_last_parent",
    "main_lock",
    "one_delivery",
    "peek",
    "publish_execute_input",
    "publish_status",
    "run_in_iopub_thread",
    "shell_ident",
    "watch_outputs",
]


def main_lock(kernel: IPythonKernel) -> asyncio.Lock:
    """Return the lock under which the main shell handles one message at a time.

    It is first come, first served, so whoever waits for it between two cells lets all
    requests that already wait go first.
    """
    return kernel._main_asyncio_lock


def shell_ident(kernel: IPythonKernel) -> list[bytes]:
    """Return the routing prefix of the request that is being handled."""
    ident: Any = kernel._get_shell_context_var(kernel._shell_parent_ident)
    return ident or []


def publish_status(kernel: IPythonKernel, status: str, parent: dict[str, Any]) -> None:
    """Publish busy or idle under a parent."""
    kernel._publish_status(status, "shell", parent)


def publish_execute_input(
    kernel: IPythonKernel, source: str, parent: dict[str, Any], count: int
) -> None:
    """Publish the text of a cell that is rerun."""
    kernel._publish_execute_input(source, parent, count)


def guard_streams() -> None:
    """Let each stream be flushed by one thread at a time.

    A stream takes its text before it sends it; a thread that comes in between finds
    nothing to send, and could tell the end of a run before its text.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, OutStream):
            stream._flush = _one_at_a_time(stream._flush)  # type: ignore[method-assign]


def _one_at_a_time(flush: Callable[[], None]) -> Callable[[], None]:
    lock = threading.RLock()

    def guarded() -> None:
        with lock:
            flush()

    return guarded


def flush_streams() -> None:
    """Hand over what was printed, here and now.

    Clients stop collecting a cell's output when they see idle, so this comes before it.
    `OutStream.flush` has the IOPub thread do it and waits, which takes longer than the
    run of a trivial cell.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, OutStream):
            stream._flush()
        elif stream is not None:
            stream.flush()


def in_main_thread() -> bool:
    """Tell whether the main shell, not a subshell, is speaking."""
    return threading.current_thread() is threading.main_thread()


def peek(kernel: IPythonKernel, message: Any) -> dict[str, Any]:
    """Return the header of a raw message, without using up its signature.

    A second deserialisation with its content would be refused as a duplicate.
    """
    session: Any = kernel.session
    _idents, frames = session.feed_identities(message, copy=False)
    header: dict[str, Any] = session.deserialize(frames, content=False, copy=False)
    return header


def is_comm(kernel: IPythonKernel, message: Any) -> bool:
    """Tell whether a raw message is one of a comm's."""
    try:
        kind = peek(kernel, message)["header"]["msg_type"]
    except Exception:  # noqa: BLE001  # whatever it is, ipykernel will say so
        return False
    return kind in ("comm_open", "comm_msg", "comm_close")


async def dispatch_beside(kernel: IPythonKernel, message: Any) -> None:
    """Handle a comm message while the lock is held for another message.

    ipykernel puts back the parent that it found when the message came in. All messages
    share one context, so by then this may be the parent of nothing that still runs.
    """
    handling = kernel.dispatch_shell(message, concurrent=True)
    await asyncio.create_task(handling, context=copy_context())


@contextmanager
def keeping_last_parent(kernel: IPythonKernel) -> Iterator[None]:
    """Let threads go on to publish under the parent that they published under before."""
    last = kernel._shell_context
    try:
        yield
    finally:
        kernel._shell_context = last


@contextmanager
def at_parent(
    kernel: IPythonKernel, ident: list[bytes], parent: dict[str, Any]
) -> Iterator[None]:
    """Let everything published inside answer `parent`.

    What was printed before needs no flush: a stream keeps its text by parent.
    """
    ident_before, before = shell_ident(kernel), kernel.get_parent("shell")
    kernel.set_parent(ident, parent, channel="shell")
    try:
        yield
    finally:
        kernel.set_parent(ident_before, before, channel="shell")


@contextmanager
def one_delivery(kernel: IPythonKernel) -> Iterator[None]:
    """Hand the messages that are published inside to the IOPub thread together.

    Each message wakes that thread, and waking it costs more than making the message.
    What other threads publish meanwhile goes its own way.
    """
    thread = kernel.iopub_thread
    if not thread.thread.is_alive():
        yield
        return
    waiting: list[Callable[[], None]] = []
    schedule, here = thread.schedule, threading.get_ident()

    def gather(send: Callable[[], None]) -> None:
        if threading.get_ident() == here:
            waiting.append(send)
        else:
            schedule(send)

    thread.schedule = gather
    try:
        yield
    finally:
        del thread.schedule

        def deliver() -> None:
            for send in waiting:
                send()

        thread.schedule(deliver)


def watch_outputs(session: Any, on_output: Callable[[str], None]) -> None:
    """Call `on_output` with the parent's msg_id for each output that is published.

    Every message of the kernel goes through its jupyter_client Session; streams are
    sent from the IOPub thread.
    """
    send = session.send

    def watched(
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if isinstance(msg_or_type, dict):
            kind, header = msg_or_type["msg_type"], msg_or_type["parent_header"]
        else:
            kind, header = msg_or_type, parent and parent.get("header", parent)
        if kind in _OUTPUTS and header:
            on_output(header.get("msg_id", ""))
        return send(stream, msg_or_type, content, parent, *args, **kwargs)

    session.send = watched


_OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error"})


def run_in_iopub_thread(
    kernel: IPythonKernel, call: Callable[[], None], delay: float
) -> None:
    """Call something after a delay in seconds, also while the main thread is busy."""
    loop = kernel.iopub_thread.io_loop
    loop.add_callback(lambda: loop.call_later(delay, call))


class NamingCompiler(compiler.XCachingCompiler):
    """Names the file of a cell as ipykernel does, but hashes each text only once.

    The debugger finds a cell's breakpoints by this name, so it must not change; the
    hash is written in Python and costs milliseconds for a long cell.
    """

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:  # noqa: ARG002  # the signature is IPython's
        """Return the file name of a cell."""
        return _file_name(raw_code, os.environ.get("IPYKERNEL_CELL_NAME"))


@lru_cache(maxsize=4096)
def _file_name(source: str, _cell_name: str | None) -> str:
    name: str = compiler.get_file_name(source)
    return name
