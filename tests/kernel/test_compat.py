"""Each private name of ipykernel that we rely on, by itself: what breaks has a name."""

from __future__ import annotations

import asyncio
import inspect
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import pytest
from ipykernel import compiler
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelbase import Kernel
from jupyter_client.session import Session

from reactive_kernel.kernel import compat


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("set_parent", ["self", "ident", "parent", "channel"]),
        ("get_parent", ["self", "channel"]),
        ("_publish_status", ["self", "status", "channel", "parent"]),
        ("_publish_execute_input", ["self", "code", "parent", "execution_count"]),
        ("_get_shell_context_var", ["self", "var"]),
        ("shell_main", ["self", "subshell_id", "msg"]),
        ("dispatch_shell", ["self", "msg", "subshell_id", "concurrent"]),
        ("execute_request", ["self", "stream", "ident", "parent"]),
        ("pre_handler_hook", ["self"]),
        ("post_handler_hook", ["self"]),
        ("raw_input", ["self", "prompt"]),
    ],
)
def test_a_method_of_the_kernel_takes_what_we_give_it(
    name: str, parameters: list[str]
) -> None:
    assert list(inspect.signature(getattr(Kernel, name)).parameters) == parameters


def test_the_kernel_calls_do_execute_with_what_we_hand_on() -> None:
    parameters = inspect.signature(IPythonKernel.do_execute).parameters
    assert {"code", "silent", "store_history", "cell_id"} <= parameters.keys()


def test_the_shells_lock_is_made_in_the_constructor() -> None:
    assert "_main_asyncio_lock = asyncio.Lock()" in inspect.getsource(Kernel.__init__)


def test_asyncio_locks_are_first_come_first_served() -> None:
    async def line() -> list[str]:
        lock, order = asyncio.Lock(), []

        async def wait(name: str) -> None:
            async with lock:
                order.append(name)
                await asyncio.sleep(0)

        await lock.acquire()
        waiting = [asyncio.ensure_future(wait(name)) for name in "ab"]
        await asyncio.sleep(0)
        lock.release()
        await wait("late")
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(line()) == ["a", "b", "late"]


def test_the_ident_of_a_request_is_a_context_variable() -> None:
    source = inspect.getsource(Kernel.__init__)
    assert "_shell_parent_ident" in source
    assert ContextVar.__name__ in source


def test_a_cells_file_is_named_as_the_debugger_expects_and_hashed_once() -> None:
    source = "x = 1"
    named = compat.NamingCompiler().get_code_name(source, source, 1)
    assert named == compiler.get_file_name(source)


def test_a_stream_is_flushed_by_taking_its_text_and_sending_it() -> None:
    assert list(inspect.signature(OutStream._flush).parameters) == ["self"]
    source = inspect.getsource(OutStream)
    assert "self.pub_thread.schedule(self._flush)" in source
    assert "with self._buffer_lock" in source


def test_outputs_are_seen_with_their_parent_and_sent_all_the_same() -> None:
    sent: list[object] = []
    seen: list[str] = []
    stream: Any = SimpleNamespace(send_multipart=lambda parts, **_: sent.append(parts))
    session = Session(key=b"k")
    compat.watch_outputs(session, seen.append)
    parent = {"header": session.msg_header("execute_request")}
    id = parent["header"]["msg_id"]
    session.send(stream, "stream", {"name": "stdout", "text": ""}, parent)
    session.send(stream, session.msg("display_data", {}, parent=parent))
    session.send(stream, "status", {"execution_state": "idle"}, parent)
    assert seen == [id, id]
    assert len(sent) == 3
