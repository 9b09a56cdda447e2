"""To which of several clients the outputs of a rerun are addressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from reactive_kernel.kernel.clients import Clients
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

Tab = Callable[[], Wire]


def outputs_of(nb: Wire, cell: str) -> list[dict[str, object]]:
    """Return the parent headers of what was printed by a cell, as a client hears it."""
    return [
        message.parent
        for message in nb.messages
        if message.kind == "stream" and message.parent.get("cell_id") == cell
    ]


def test_outputs_of_a_run_say_which_cell_they_belong_to(nb: Wire) -> None:
    request = nb.submit("a", "print(1)")
    nb.wait(request)
    [parent] = outputs_of(nb, "a")
    assert parent["msg_id"] == request


def test_a_rerun_is_addressed_to_the_client_that_brought_it_about(tab: Tab) -> None:
    one, two = tab(), tab()
    one.open_comm()
    two.open_comm()
    one.run("a", "x = 1")
    own = one.submit("b", "print(x)")
    one.wait(own)
    two.run("a", "x = 2")
    two.settle()
    one.settle()
    last = outputs_of(one, "b")[-1]
    assert last["session"] == two.session.session
    assert last["msg_id"] != own
    one.run("a", "x = 3")
    one.settle()
    last = outputs_of(one, "b")[-1]
    assert (last["session"], last["msg_id"]) == (one.session.session, own)


def test_after_a_reload_a_rerun_is_addressed_to_the_new_page(nb: Wire) -> None:
    nb.open_comm()
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.reload()
    nb.open_comm()
    nb.send("run", cells=["b"])
    nb.settle()
    assert outputs_of(nb, "b")[-1]["session"] == nb.session.session


def test_a_cell_that_is_back_is_not_deleted_by_the_list_of_a_run(nb: Wire) -> None:
    nb.open_comm()
    nb.open(a="x = 1", b="print(x)")
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run("c", "1", deleted=["b"])
    nb.settle()
    assert nb.state("b") == "fresh"


@pytest.mark.parametrize(
    ("opened", "last", "owner", "expected"),
    [
        pytest.param([], "s", "o", "o", id="nobody has the comm"),
        pytest.param(["s"], "s", "o", "s", id="who was heard last has it"),
        pytest.param(["o", "t"], "s", "o", "o", id="the owner has it"),
        pytest.param(["t"], "o", "o", "o", id="the owner was heard last"),
        pytest.param(["t", "u"], "s", "o", "u", id="neither: who opened it last"),
        pytest.param(["t"], "s", None, "t", id="no owner"),
    ],
)
def test_whom_a_rerun_is_addressed_to(
    opened: list[str], last: str, owner: str | None, expected: str
) -> None:
    clients = Clients()
    for number, session in enumerate(opened):
        clients.open(str(number), session)
    clients.last = last
    assert clients.addressee(owner) == expected


Opened = Callable[[str], Wire]


@pytest.fixture
def opened(tab: Tab) -> Iterator[Opened]:
    """Open a notebook of some name; in the end it has no cells any more."""
    wires: list[Wire] = []

    def open_notebook(name: str) -> Wire:
        wires.append(tab())
        wires[-1].open_comm(notebook=name)
        return wires[-1]

    yield open_notebook
    for wire in wires:
        wire.open()
        wire.settle()


def test_a_notebook_leaves_the_cells_of_another_alone(opened: Opened) -> None:
    one, two = opened("one.ipynb"), opened("two.ipynb")
    one.open(a="x = 1", b="print(x)")
    two.open(c="y = x + 1", d="print(y)")
    one.run("a", "x = 1")
    two.run("c", "y = x + 1")
    two.run("d", "print(y)")
    one.open(a="x = 1", e="z = 3")
    one.send("order", ids=["e", "a"])
    one.settle()
    two.settle()
    assert one.mirror.order == two.mirror.order == ["e", "a", "c", "d"]
    assert two.state("d") == "fresh"
    two.send("order", ids=["d"])
    two.settle()
    assert two.mirror.order == ["e", "a", "d"]


def test_what_is_missing_is_deleted_although_another_tab_had_it(
    opened: Opened,
) -> None:
    one, two = opened("same.ipynb"), opened("same.ipynb")
    one.open(a="x = 1", b="print(x)")
    two.open(a="x = 1", b="print(x)")
    two.settle()
    one.open(a="x = 1")
    one.settle()
    assert one.mirror.order == ["a"]
