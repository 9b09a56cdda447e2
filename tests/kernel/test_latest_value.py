"""A slider that is dragged faster than its cells can follow: the latest value wins."""

from __future__ import annotations

import time
from functools import partial

import pytest

from tests.kernel.etiquette import Message
from tests.kernel.widgets import Front
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

MAKE = "import asyncio, time\nimport ipywidgets as w\ns = w.IntSlider(max=999)"
SLOW = "time.sleep(0.05)"


@pytest.fixture
def front(nb: Wire) -> Front:
    return Front(nb)


def drag(nb: Wire, front: Front, moves: int = 150) -> list[str]:
    """Send a hundred values a second, without waiting; return the requests."""
    start, requests = time.perf_counter(), []
    for value in range(1, moves + 1):
        requests.append(front.set("IntSlider", place=0, value=value))
        while (wait := start + value / 100 - time.perf_counter()) > 0:
            nb.pump(min(wait, 0.005))
    return requests


def printed(nb: Wire, cell: str, since: int = 0) -> list[str]:
    """Return all that a cell has printed, rerun by rerun."""
    return [
        text
        for message in nb.about(cell)[since:]
        if message.kind == "stream" and (text := str(message.content["text"]).strip())
    ]


def check_all_idle(nb: Wire, requests: list[str]) -> None:
    nb.until(lambda: all(map(nb.idle_seen, requests)), "an idle for every message")


def test_the_last_value_is_shown_soon_and_values_in_between_are_skipped(
    nb: Wire, front: Front
) -> None:
    nb.run("a", MAKE)
    nb.run("b", f"{SLOW}\nprint(s.value)")
    nb.ran()
    requests = drag(nb, front)
    nb.until(lambda: nb["b"] == "150", "the last value")
    check_all_idle(nb, requests)
    nb.settle()
    values = [int(text) for text in printed(nb, "b")]
    assert values == sorted(values)
    assert 3 < len(nb.ran()) < 60


def test_a_client_that_waits_for_each_idle_is_never_behind(
    nb: Wire, front: Front
) -> None:
    nb.run("a", MAKE)
    nb.run("b", f"{SLOW}\nprint(s.value)")
    for value in range(1, 6):
        request = front.set("IntSlider", value=value)
        check_all_idle(nb, [request])
        assert nb["b"] == str(value)


def test_the_end_of_a_chain_of_slow_cells_is_not_starved(
    nb: Wire, front: Front
) -> None:
    nb.run("a", MAKE)
    nb.run("b", f"{SLOW}\nx = s.value")
    nb.run("c", f"{SLOW}\ny = x")
    nb.run("d", f"{SLOW}\nz = y")
    nb.run("e", "print(s.value, x, y, z)")
    nb.ran()
    requests = drag(nb, front)
    check_all_idle(nb, requests)
    nb.settle()
    assert nb["e"] == "150 150 150 150"
    ran = nb.ran()
    assert min(map(ran.count, "bcde")) > 3
    assert max(map(ran.count, "bcde")) - ran.count("e") < 2
    # No pass mixes values.
    assert {len(set(line.split())) for line in printed(nb, "e")} == {1}


def test_cells_that_await_something_follow_too(nb: Wire, front: Front) -> None:
    nb.run("a", MAKE)
    nb.run("b", "x = s.value\nawait asyncio.sleep(0.05)\nprint(x)")
    nb.ran()
    requests = drag(nb, front)
    nb.until(lambda: nb["b"] == "150", "the last value")
    check_all_idle(nb, requests)
    nb.settle()
    assert nb["b"] == "150"
    assert 3 < len(nb.ran()) < 60


def test_the_end_of_a_chain_of_cells_that_await_is_not_starved(
    nb: Wire, front: Front
) -> None:
    nb.run("a", MAKE)
    nb.run("b", "x = s.value\nawait asyncio.sleep(0.05)")
    nb.run("c", "await asyncio.sleep(0.05)\ny = x")
    nb.run("d", "print(y)")
    nb.ran()
    requests = drag(nb, front)
    check_all_idle(nb, requests)
    nb.settle()
    assert nb["d"] == "150"
    ran = nb.ran()
    assert min(map(ran.count, "bcd")) > 3


def test_two_sliders_that_move_at_once_both_arrive(nb: Wire, front: Front) -> None:
    nb.run("a", f"{MAKE}\nt = w.FloatSlider(max=999)")
    nb.run("b", f"{SLOW}\nprint(s.value, t.value)")
    requests = []
    for value in range(1, 51):
        requests += [
            front.set("IntSlider", value=value),
            front.set("FloatSlider", value=value * 2),
        ]
        nb.pump(0.005)
    nb.until(lambda: nb["b"] == "50 100.0", "the last values")
    check_all_idle(nb, requests)


def test_a_run_request_is_served_between_two_cells(nb: Wire, front: Front) -> None:
    nb.run("a", MAKE)
    for place in range(8):
        nb.run(f"b{place}", f"time.sleep(0.1)\nprint(s.value, {place})")
    nb.ran()
    front.set("IntSlider", value=7)
    nb.until(lambda: len(nb.started) == 2, "the second cell")
    nb.run("u", "print('served')")
    assert nb.started.index("u") < 7
    nb.settle()
    assert sorted(nb.ran()) == ["b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "u"]


def test_a_run_request_is_served_during_a_drag(nb: Wire, front: Front) -> None:
    nb.run("a", MAKE)
    nb.run("b", f"{SLOW}\nprint(s.value)")
    drag(nb, front, 50)
    asked = nb.submit("u", "print(f'served at {s.value}')")
    drag(nb, front, 100)
    nb.wait(asked)
    nb.until(lambda: nb["b"] == "100", "the last value")
    first = printed(nb, "u")[0]
    assert int(first.removeprefix("served at ")) < 75


def test_an_interrupt_ends_a_pass(nb: Wire, front: Front) -> None:
    nb.open_comm()
    nb.run("a", MAKE)
    nb.run("b", "x = s.value\nprint('begun', x)\nif x:\n    time.sleep(30)")
    nb.run("c", "print(x)")
    nb.ran()
    request = front.set("IntSlider", value=7)
    nb.until(lambda: nb["b"] == "begun 7", "the cell to begin")
    nb.interrupt()
    nb.until(lambda: nb.idle_seen(request), "idle")
    nb.settle()
    assert nb.ran() == ["b"]
    assert "KeyboardInterrupt" in nb["b"]
    assert nb.states()["c"] in ("stale", "blocked")
    nb.run("b", "x = s.value")
    nb.settle()
    assert nb["c"] == "7"


def test_a_cell_that_awaits_a_click_gets_it(nb: Wire, front: Front) -> None:
    nb.run("a", f"{MAKE}\ngo = w.Button()")
    request = nb.submit(
        "b",
        "clicked = asyncio.get_running_loop().create_future()\n"
        "go.on_click(lambda button: clicked.set_result('click'))\n"
        "print('waiting', s.value)\nprint(await clicked)",
    )
    for value in (0, 7):
        nb.until(partial(_shows, nb, f"waiting {value}"), "it to wait")
        front.click()
        nb.until(lambda: nb["b"].endswith("click"), "the click")
        nb.wait(request)
        nb.settle()
        if value == 0:
            front.set("IntSlider", value=7)


def _shows(nb: Wire, text: str) -> bool:
    return nb["b"] == text


def messages_of(nb: Wire, request: str) -> list[Message]:
    return [message for message in nb.messages if message.request == request]


def test_a_widget_message_is_busy_until_its_cells_have_run(
    nb: Wire, front: Front
) -> None:
    nb.run("a", MAKE)
    nb.run("b", "s.value")
    request = front.set("IntSlider", value=7)
    nb.until(lambda: nb.idle_seen(request), "idle")
    shown = next(
        place
        for place, message in enumerate(nb.messages)
        if message.kind == "execute_result"
        and message.content["data"]["text/plain"] == "7"
    )
    idle = messages_of(nb, request)[-1]
    assert idle.content == {"execution_state": "idle"}
    assert nb.messages.index(idle) > shown
