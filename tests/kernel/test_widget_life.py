"""Widgets that are made again and again: nothing is left of the old ones."""

from __future__ import annotations

from functools import partial

import pytest

from tests.kernel.widgets import Front
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


@pytest.fixture
def front(nb: Wire) -> Front:
    return Front(nb)


def opened(nb: Wire) -> int:
    """Return how many widgets the kernel has open."""
    return int(
        nb.value(
            "len(__import__('sys').modules['ipywidgets.widgets.widget']._instances)"
        )
    )


@pytest.mark.slow
def test_a_thousand_reruns_leave_the_widgets_of_one(nb: Wire, front: Front) -> None:
    nb.run("a", "import ipywidgets as w\ns = w.IntSlider(max=9999)")
    nb.run("b", "box = w.VBox([w.Label(str(s.value)), w.IntText()])\nbox")
    nb.run("c", "s.observe(lambda change: None)\nbox.children[0].value")
    nb.ran()
    alone = opened(nb)
    slider = front.id("IntSlider")
    for value in range(1, 1001):
        request = front.update(slider, value=value)
        nb.until(partial(nb.idle_seen, request), "idle")
        nb.messages.clear()
    nb.settle()
    assert nb["c"] == "'1000'"
    assert opened(nb) == alone
    assert nb.value("len(get_ipython().kernel._witness._objects) < 100") == "True"


def test_a_cell_that_shows_a_widget_of_another_does_not_make_it_anew(
    nb: Wire, front: Front
) -> None:
    nb.run("a", "import ipywidgets as w\ns = w.IntSlider()\nt = w.IntSlider()")
    nb.run("b", "print(s.value)\nt")
    before = len(front.opened())
    closed = [message for message in nb.messages if message.kind == "comm_close"]
    front.move("IntSlider", place=0, value=7)
    assert nb["b"].startswith("7")
    assert len(front.opened()) == before
    assert [m for m in nb.messages if m.kind == "comm_close"] == closed


def test_the_old_widget_is_closed_after_the_new_one_is_shown(
    nb: Wire, front: Front
) -> None:
    nb.run("a", "import ipywidgets as w\ns = w.IntSlider()")
    nb.run("b", "w.Label(str(s.value))")
    start = len(nb.messages)
    front.move("IntSlider", place=0, value=7)
    kinds = [message.kind for message in nb.messages[start:]]
    assert kinds.index("comm_close") > kinds.index("execute_result")
