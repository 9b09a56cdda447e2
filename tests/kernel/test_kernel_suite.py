"""Jupyter's own suite for kernels, and what tools ask a Python kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import jupyter_kernel_test as suite
import pytest

from tests.kernel.etiquette import Message
from tests.kernel.kernels import KERNEL, RunningKernel
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


class TestReactivePython(suite.KernelTests):  # type: ignore[misc]  # it is not typed
    kernel_name = KERNEL
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    code_page_something = "zip?"
    code_generate_error = "raise ValueError"
    code_clear_output = "from IPython.display import clear_output; clear_output()"
    code_inspect_sample = "zip"
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "search")
    completion_samples = (
        {"text": "zi", "matches": {"zip"}},
        {"text": "im", "matches": {"import"}},
    )
    complete_code_samples = ("1", "print('hello, world')", "def f(x):\n  return 1\n\n")
    incomplete_code_samples = ("print('''hello", "def f(x):\n  x*2")
    invalid_code_samples = ("import = 7q",)
    code_execute_result = (
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    )
    code_display_data = (
        {
            "code": "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))",
            "mime": "text/html",
        },
    )


class TestWelcome(suite.IopubWelcomeTests):  # type: ignore[misc]  # it is not typed
    kernel_name = KERNEL
    support_iopub_welcome = True


@pytest.fixture(scope="module")
def plain() -> Any:
    kernel = RunningKernel("python3")
    wire = Wire(kernel)
    yield wire
    wire.close()
    kernel.stop()


def test_the_kernel_tells_about_itself_what_ipykernel_tells(
    nb: Wire, plain: Wire
) -> None:
    ours, theirs = nb.ping(), plain.ping()
    assert ours["supported_features"] == theirs["supported_features"]
    assert ours["protocol_version"] == theirs["protocol_version"]
    assert ours["language_info"] == theirs["language_info"]
    assert ours.get("debugger") == theirs.get("debugger")
    assert ours["implementation"] != theirs["implementation"]


@contextmanager
def debugger(nb: Wire) -> Iterator[Callable[..., dict[str, Any]]]:
    """Start the debugger of a kernel as JupyterLab does; yield what asks it."""
    numbers = count(1)

    def ask(command: str, **arguments: Any) -> dict[str, Any]:
        request = {"type": "request", "seq": next(numbers), "command": command}
        return nb.ask("debug_request", {**request, "arguments": arguments}, "control")

    assert ask("initialize", clientID="tests", adapterID="")["success"]
    assert ask("attach")["success"]
    yield ask
    assert ask("disconnect", terminateDebuggee=False, restart=False)["success"]


def test_breakpoints_find_the_code_of_a_rerun(nb: Wire) -> None:
    code = "import sys\ny = x\nsys._getframe().f_code.co_filename"
    nb.run("a", "x = 1")
    nb.run("b", code)
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran().count("b") == 2
    with debugger(nb) as ask:
        dumped = ask("dumpCell", code=code)
    assert nb["b"] == repr(dumped["body"]["sourcePath"])


def test_a_rerun_stops_at_a_breakpoint_and_goes_on(nb: Wire) -> None:
    code = "y = x\nz = y + 1\nprint(z)"
    nb.run("a", "x = 1")
    nb.run("b", code)
    with debugger(nb) as ask:
        file = ask("dumpCell", code=code)["body"]["sourcePath"]
        at = {"source": {"path": file}, "breakpoints": [{"line": 2}]}
        assert ask("setBreakpoints", **at, sourceModified=False)["success"]
        assert ask("configurationDone")["success"]
        nb.run("a", "x = 41")
        nb.until(lambda: stopped(nb), "the breakpoint")
        assert nb["b"] == "2"
        thread = stopped(nb)[0].content["body"]["threadId"]
        assert ask("continue", threadId=thread)["success"]
        nb.settle()
        assert nb["b"] == "42"


def stopped(nb: Wire) -> list[Message]:
    return [
        message
        for message in nb.messages
        if message.kind == "debug_event" and message.content["event"] == "stopped"
    ]


def test_the_debugger_answers_as_in_ipykernel(nb: Wire, plain: Wire) -> None:
    told = []
    for wire in (nb, plain):
        wire.run("v", "seen = 41")
        with debugger(wire) as ask:
            info = ask("debugInfo")["body"]
            shown = ask("inspectVariables")["body"]["variables"]
        known = {(variable["name"], variable["value"]) for variable in shown}
        told.append((info.keys(), info["hashMethod"], ("seen", "41") in known))
    assert told[0] == told[1]
    assert told[0][2]
