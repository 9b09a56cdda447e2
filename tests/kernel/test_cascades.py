"""What an unmodified client sees when a cell runs and the cells below it follow."""

from __future__ import annotations

import pytest

from tests.kernel.etiquette import Message
from tests.kernel.kernels import RunningKernel
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


def steps(messages: list[Message]) -> list[str]:
    return [step(message) for message in messages]


def step(message: Message) -> str:
    match message.kind:
        case "status":
            return str(message.content["execution_state"])
        case "clear_output":
            return f"clear_output wait={message.content['wait']}"
        case kind:
            return kind


def test_a_reader_follows_the_cell_it_reads(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == "2"
    assert nb.ran() == ["a", "b", "a", "b"]


def test_cells_that_read_nothing_of_it_stay_alone(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print('hello')")
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a"]


def test_every_kind_of_output_of_a_rerun_replaces_the_old_one(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run(
        "b",
        "import sys\nfrom IPython.display import HTML, display\n"
        "print('out', x)\nprint('err', x, file=sys.stderr)\n"
        "display(HTML(f'<b>{x}</b>'))\nx * 10",
    )
    nb.run("a", "x = 2")
    nb.settle()
    out, err, html, result = nb.outputs["b"]
    assert (out["name"], out["text"]) == ("stdout", "out 2\n")
    assert (err["name"], err["text"]) == ("stderr", "err 2\n")
    assert html["data"]["text/html"] == "<b>2</b>"
    assert result["data"]["text/plain"] == "20"


def test_a_rerun_clears_in_one_go_with_its_first_output(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "x + 1")
    before = len(nb.about("b"))
    nb.run("a", "x = 2")
    nb.settle()
    assert steps(nb.about("b")[before:]) == [
        "busy",
        "execute_input",
        "clear_output wait=True",
        "execute_result",
        "idle",
    ]


def test_a_rerun_that_shows_nothing_leaves_nothing_shown(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "if x:\n    print(x)")
    before = len(nb.about("b"))
    nb.run("a", "x = 0")
    nb.settle()
    assert nb.outputs["b"] == []
    seen = steps(nb.about("b")[before:])
    assert seen[:2] == ["busy", "execute_input"]
    assert seen[-2:] == ["clear_output wait=False", "idle"]


def test_a_rerun_speaks_under_the_header_of_the_cells_own_request(nb: Wire) -> None:
    nb.run("a", "x = 1")
    request = nb.submit("b", "x")
    nb.wait(request)
    original = nb.about("b")[0].parent
    before = len(nb.about("b"))
    nb.run("a", "x = 2")
    nb.settle()
    rerun = nb.about("b")[before:]
    assert rerun
    for message in rerun:
        assert message.parent == {**original, "cell_id": "b"}


def test_a_rerun_has_no_reply(nb: Wire) -> None:
    nb.run("a", "x = 1")
    request = nb.submit("b", "x")
    nb.wait(request)
    nb.run("a", "x = 2")
    nb.settle()
    replies = [m for m in nb.messages if m.channel == "shell" and m.request == request]
    assert len(replies) == 1


def test_a_rerun_keeps_the_number_of_its_cell(nb: Wire) -> None:
    nb.run("a", "x = 1")
    count = nb.run("b", "x")["execution_count"]
    nb.run("a", "x = 2")
    nb.settle()
    counts = [
        message.content["execution_count"]
        for message in nb.about("b")
        if message.kind in {"execute_input", "execute_result"}
    ]
    assert counts == [count] * 4
    assert nb.run("c", "None")["execution_count"] == count + 2


def test_a_rerun_replaces_what_out_holds_for_its_cell(nb: Wire) -> None:
    nb.run("a", "x = 1")
    count = nb.run("b", "x + 1")["execution_count"]
    nb.run("a", "x = 10")
    nb.settle()
    assert nb.value(f"Out[{count}]") == "11"
    assert nb.value(f"_{count}") == "11"


def test_a_rerun_without_a_result_leaves_no_old_one_in_out(nb: Wire) -> None:
    nb.run("a", "x = 1")
    count = nb.run("b", "x if x else None")["execution_count"]
    nb.run("a", "x = 0")
    nb.settle()
    assert nb.value(f"{count} in Out") == "False"


def test_reruns_touch_neither_in_nor_the_last_results(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "x + 1")
    nb.run("c", "'one'")
    nb.run("d", "'two'")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == "3"
    assert nb.value("(_, __)") == "('two', 'one')"
    assert nb.value("In[-1]") == "'x = 2'"


def test_reruns_are_not_in_the_history(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "x + 1")
    nb.run("a", "x = 2")
    nb.settle()
    asked = {"hist_access_type": "tail", "n": 3, "raw": True, "output": False}
    history = nb.ask("history_request", asked)["history"]
    assert [source for _, _, source in history] == ["x = 1", "x + 1", "x = 2"]


@pytest.mark.parametrize(
    ("reader", "shown"),
    [
        pytest.param("x + 1;", "", id="silenced"),
        pytest.param("x + 1", "3", id="shown"),
        pytest.param("x + 1;  # why", "", id="silenced before a comment"),
    ],
)
def test_a_semicolon_means_in_a_rerun_what_it_means_in_a_run(
    nb: Wire, reader: str, shown: str
) -> None:
    nb.run("a", "x = 1;")
    nb.run("b", reader)
    nb.run("a", "x = 2;")
    nb.settle()
    assert nb["b"] == shown
    assert nb.ran().count("b") == 2


def test_the_cell_that_was_run_is_answered_before_its_readers_run(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "import time\ntime.sleep(0.3)\nprint(x)")
    request = nb.submit("a", "x = 2")
    nb.wait(request)
    assert nb["b"] == "1"
    nb.settle()
    assert nb["b"] == "2"


def test_a_display_made_elsewhere_is_updated_by_a_rerun(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run(
        "s", "from IPython.display import display\nh = display('-', display_id=True)"
    )
    nb.run("b", "h.update(x)")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["s"] == "2"


def test_a_cell_that_clears_its_own_output_still_can(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run(
        "b",
        "from IPython.display import clear_output\n"
        "for i in range(3):\n    clear_output(wait=True)\n    print(x, i)",
    )
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == "2 2"


def test_a_moved_request_moves_where_reruns_appear(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print('old', x)")
    nb.run("b", "print('new', x)")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == "new 2"


def test_a_page_that_was_reloaded_is_marked_rather_than_rerun(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.reload()
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a"]
    nb.open_comm()
    assert nb.state("b") == "stale"


def test_a_reloaded_page_with_a_comm_gets_its_reruns(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.reload()
    nb.open_comm()
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a", "b"]


def test_nothing_is_lost_for_a_client_that_reads_late(
    own_kernel: RunningKernel,
) -> None:
    client = own_kernel.manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    request = client.execute("for n in range(15_000): display(f'{n:2000}')")
    while client.get_shell_msg(timeout=60)["parent_header"]["msg_id"] != request:
        pass
    shown = 0
    while True:
        message = client.get_iopub_msg(timeout=60)
        shown += message["msg_type"] == "display_data"
        if message["content"].get("execution_state") == "idle":
            break
    client.stop_channels()
    assert shown == 15_000
