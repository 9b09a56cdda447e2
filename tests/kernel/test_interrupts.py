"""The stop button: one interrupt ends everything, at any moment."""

from __future__ import annotations

import random
import time

import pytest

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

SLEEPS = {
    "in a plain cell": "import time\nif x:\n    print('on')\n    time.sleep(20)",
    "in an async cell": (
        "import asyncio\nif x:\n    print('on')\n    await asyncio.sleep(20)"
    ),
    "in a loop": "if x:\n    print('on')\n    while True: pass",
    "in a child process": (
        "import subprocess\nif x:\n    print('on')\n    subprocess.run(['sleep', '20'])"
    ),
}


@pytest.mark.parametrize(
    "slow", [pytest.param(source, id=name) for name, source in SLEEPS.items()]
)
def test_an_interrupt_ends_the_cell_and_the_cascade(nb: Wire, slow: str) -> None:
    nb.run("a", "x = 0")
    nb.run("b", slow)
    nb.run("c", "print(x)")
    nb.ran()
    nb.run("a", "x = 1")
    nb.until(lambda: "on" in nb["b"])
    pressed = time.monotonic()
    nb.interrupt()
    nb.settle()
    assert time.monotonic() - pressed < 5
    assert nb.ran() == ["a", "b"]
    assert "KeyboardInterrupt" in nb["b"] or "CancelledError" in nb["b"]
    assert nb["c"] == "0"
    nb.open_comm()
    assert nb.state("c") == "stale"


def test_an_interrupt_of_the_cell_that_was_run_drops_its_cascade(nb: Wire) -> None:
    nb.run("a", "x = 0")
    nb.run("b", "print(x)")
    nb.ran()
    request = nb.submit("a", "import time\nx = 1\nprint('on')\ntime.sleep(20)")
    nb.until(lambda: "on" in nb["a"])
    nb.interrupt()
    assert nb.wait(request)["status"] == "error"
    nb.settle()
    assert nb.ran() == ["a"]
    assert nb["b"] == "0"


def test_what_an_interrupt_left_stale_runs_on_request(nb: Wire) -> None:
    nb.run("a", "x = 0")
    nb.run("b", SLEEPS["in a plain cell"])
    nb.run("c", "print(x)")
    nb.run("a", "x = 1")
    nb.until(lambda: "on" in nb["b"])
    nb.interrupt()
    nb.settle()
    nb.run("c", "print(x)")
    assert nb["c"] == "1"
    nb.run("a", "x = 0  # quick again")
    nb.settle()
    assert nb["c"] == "0"
    assert nb["b"] == ""


def test_an_interrupt_of_an_idle_kernel_does_nothing(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.settle()
    nb.interrupt()
    nb.ping()
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a", "b"]


@pytest.mark.slow
def test_an_interrupt_at_any_moment_leaves_the_graph_true(nb: Wire) -> None:
    dice = random.Random(2)
    nb.open_comm()
    nb.run("a", "x = 0")
    for i in range(6):
        nb.run(f"c{i}", f"import time\ntime.sleep(0.01)\nv{i} = x + {i}\nprint(v{i})")
    for moment in range(1, 31):
        nb.run("a", f"x = {moment}")
        deadline = time.monotonic() + dice.uniform(0, 0.12)
        while time.monotonic() < deadline:
            nb.pump(0.002)
        nb.interrupt()
        nb.settle()
        shown_is_true_where_fresh(nb)
    nb.run("a", "x = 1000")
    nb.send("run", cells=None)
    nb.settle()
    assert set(nb.states().values()) == {"fresh"}
    shown_is_true_where_fresh(nb)


def shown_is_true_where_fresh(nb: Wire) -> None:
    for i in range(6):
        state = nb.state(f"c{i}")
        assert state in {"fresh", "stale", "error"}
        if state == "fresh":
            assert nb.state("a") == "fresh"
            assert nb[f"c{i}"] == nb.value(f"x + {i}")
            assert nb[f"c{i}"] == nb.value(f"v{i}")


def test_an_edit_told_over_a_subshell_leaves_a_running_cell_interruptible(
    nb: Wire,
) -> None:
    nb.open_comm(subshell=True)
    nb.open(a="x = 1")
    request = nb.submit("slow", "import time\ntime.sleep(60)")
    nb.until(lambda: "slow" in nb.started)
    nb.edit("a", "x = 2")
    nb.snapshot()
    nb.interrupt()
    assert nb.wait(request)["ename"] == "KeyboardInterrupt"
