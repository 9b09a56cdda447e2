"""The comm: what the kernel is told beyond runs, and what it tells about each cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.wire import Wire, cell, fill

pytestmark = pytest.mark.kernel


@pytest.fixture
def nb(nb: Wire) -> Wire:
    nb.open_comm()
    return nb


def test_a_new_notebook_is_told_and_nothing_runs(nb: Wire) -> None:
    nb.open(a="x = 1", b="y = x", c="print(z)")
    nb.settle()
    assert nb.states() == {"a": "new", "b": "new", "c": "new"}
    assert nb.ran() == []
    assert nb.mirror.cells["a"]["defines"] == ["x"]
    assert nb.mirror.cells["b"]["uses"] == {"x": "a"}
    assert nb.mirror.cells["c"]["uses"]["z"] is None
    assert nb.mirror.cells["a"]["last_run"] is None


def test_a_run_is_told_with_its_number_time_and_cause(nb: Wire) -> None:
    nb.open(a="x = 1", b="print(x)")
    count = nb.run("a", "x = 1")["execution_count"]
    nb.run("b", "print(x)")
    nb.run("a", "x = 2")
    nb.settle()
    first, then = (nb.mirror.cells[id]["last_run"] for id in "ab")
    assert (first["cause"], first["count"]) == ("user", count + 2)
    assert (then["cause"], then["count"]) == ("cascade", count + 1)
    assert 0 <= then["seconds"] < 5


def test_what_a_cell_does_to_names_is_told(nb: Wire) -> None:
    nb.open(
        a="rows = []\nrate = 2",
        f="def tax(p):\n    return p * rate",
        m="rows.append(1)",
        c="tax(rows[0])",
    )
    nb.settle()
    assert nb.mirror.cells["m"]["mutates"] == ["rows"]
    assert nb.mirror.cells["c"]["deferred"] == ["rate"]
    assert nb.mirror.cells["c"]["uses"] == {"rate": "a", "rows": "m", "tax": "f"}


def test_a_syntax_error_is_a_diagnostic_with_its_place(nb: Wire) -> None:
    nb.open(a="x = 1\ny = = 2")
    nb.settle()
    (diagnostic,) = nb.mirror.cells["a"]["diagnostics"]
    assert diagnostic["code"] == "syntax-error"
    assert diagnostic["severity"] == "error"
    assert diagnostic["range"][0] == 2


def test_a_change_found_at_run_time_is_a_diagnostic_from_then_on(nb: Wire) -> None:
    fill(nb, a="xs = [1]", f="def grow(v): v.append(2)", c="grow(xs)", d="print(xs)")
    (diagnostic,) = nb.mirror.cells["c"]["diagnostics"]
    assert diagnostic["code"] == "undeclared-change"
    assert diagnostic["severity"] == "info"
    assert "`xs`" in diagnostic["message"]
    assert nb.mirror.cells["d"]["uses"] == {"xs": "c"}


def test_a_patched_class_is_as_it_was_once_the_patch_is_deleted(nb: Wire) -> None:
    fill(
        nb,
        a="class Model:\n    def fit(self): return 'slow'",
        b="model = Model()",
        c="Model.fit = lambda self: 'fast'",
        d="print(model.fit())",
    )
    assert nb["d"] == "fast"
    nb.send("order", ids=["a", "b", "d"])
    nb.settle()
    assert nb["d"] == "slow"


def test_an_edit_marks_the_cell_and_its_readers_and_runs_nothing(nb: Wire) -> None:
    fill(nb, a="x = 1", b="y = x + 1", c="print(y)", d="print('d')")
    nb.edit("a", "x = 2")
    nb.becomes("c", "stale")
    nb.settle()
    assert nb.states() == {"a": "stale", "b": "stale", "c": "stale", "d": "fresh"}
    assert [reason["kind"] for reason in nb.reasons("a")] == ["edited"]
    (reason,) = nb.reasons("b")
    assert (reason["kind"], reason["cell"], reason["names"]) == ("input", "a", ["x"])
    assert nb.ran() == []
    assert nb["c"] == "2"


def test_undoing_an_edit_makes_everything_fresh_again(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)")
    nb.edit("a", "x = 2")
    nb.becomes("b", "stale")
    nb.edit("a", "x = 1")
    nb.becomes("b", "fresh")
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh"}
    assert nb.ran() == []


def test_an_edit_of_comments_makes_nothing_stale(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)")
    nb.edit("a", "x = 1  # one\n")
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh"}


def test_half_typed_code_never_runs_by_itself(nb: Wire) -> None:
    fill(nb, a="x = 1", b="y = x", c="print(y)")
    nb.edit("b", "y = x * 100")
    nb.becomes("b", "stale")
    nb.run("a", "x = 5")
    nb.settle()
    assert "y = x * 100" not in [
        message.content["code"]
        for message in nb.messages
        if message.kind == "execute_input"
    ]
    assert nb.state("b") == "stale"


def test_an_edit_is_told_while_a_cell_runs(tab: Callable[[], Wire]) -> None:
    nb = tab()
    nb.open_comm(subshell=True)
    fill(nb, a="x = 1", b="print(x)", slow="0")
    request = nb.submit("slow", "import time\ntime.sleep(1.5)")
    nb.until(lambda: "slow" in nb.started)
    nb.edit("a", "x = 2")
    nb.becomes("b", "stale")
    assert nb.etiquette.busy(request)
    nb.wait(request)
    nb.settle()
    assert nb.states() == {"a": "stale", "b": "stale", "slow": "fresh"}


def test_a_running_cell_is_told_while_it_runs(tab: Callable[[], Wire]) -> None:
    nb = tab()
    nb.open_comm(subshell=True)
    fill(nb, a="x = 1", b="import time\ntime.sleep(0.4)\nprint(x)", c="print(x)")
    nb.run("a", "x = 2")
    nb.becomes("b", "running")
    assert nb.state("c") == "queued"
    assert not nb.mirror.settled
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh", "c": "fresh"}


def test_many_edits_during_a_run_leave_the_last_one_standing(
    tab: Callable[[], Wire],
) -> None:
    nb = tab()
    nb.open_comm(subshell=True)
    fill(nb, a="x = 1", b="print(x)", slow="0")
    request = nb.submit("slow", "sum(i * i for i in range(8_000_000))")
    for i in range(100):
        nb.edit("a", f"x = {i}")
    nb.edit("a", "x = 1")
    nb.wait(request)
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh", "slow": "fresh"}


def test_running_a_cell_runs_what_it_needs_and_no_more(nb: Wire) -> None:
    nb.open(a="x = 1", b="y = x + 1", c="print('c')", d="print(y)")
    nb.run("d", "print(y)")
    nb.settle()
    assert nb["d"] == "2"
    assert sorted(nb.ran()) == ["a", "b", "d"]
    assert nb.states() == {"a": "fresh", "b": "fresh", "c": "new", "d": "fresh"}
    assert nb.mirror.cells["a"]["last_run"]["cause"] == "needed"


def test_a_cell_no_client_requested_speaks_under_a_made_up_request(nb: Wire) -> None:
    nb.open(a="x = 1\nprint('from a')", b="print(x)")
    nb.run("b", "print(x)")
    nb.settle()
    spoken = nb.about("a")
    assert [m.content["text"] for m in spoken if m.kind == "stream"] == ["from a\n"]
    assert {m.parent["cell_id"] for m in spoken} == {"a"}
    assert len({m.request for m in spoken}) == 1


def test_an_edited_text_runs_when_a_cell_that_needs_it_runs(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)")
    nb.edit("a", "x = 2")
    nb.run("b", "print(x)")
    nb.settle()
    assert nb["b"] == "2"
    assert nb.states() == {"a": "fresh", "b": "fresh"}


def test_the_run_message_runs_the_cells_it_names(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)", c="print('c', x)")
    nb.send("configure", mode="lazy")
    nb.run("a", "x = 2")
    nb.settle()
    nb.ran()
    nb.send("run", cells=["c"])
    nb.settle()
    assert nb.ran() == ["c"]
    assert nb["c"] == "c 2"
    assert nb.states() == {"a": "fresh", "b": "stale", "c": "fresh"}


def test_the_run_message_without_names_runs_everything_stale(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)", c="print('c', x)", d="print('d')")
    nb.edit("a", "x = 2")
    nb.becomes("c", "stale")
    nb.send("run", cells=None)
    nb.settle()
    assert nb.ran() == ["a", "b", "c"]
    assert set(nb.states().values()) == {"fresh"}


def test_lazy_mode_marks_and_waits(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)")
    nb.send("configure", mode="lazy")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.mirror.mode == "lazy"
    assert nb.ran() == ["a"]
    assert nb.states() == {"a": "fresh", "b": "stale"}
    assert nb["b"] == "1"


def test_a_move_binds_readers_by_their_new_place(nb: Wire) -> None:
    fill(nb, a="x = 1", b="x = 2", c="print(x)")
    assert nb["c"] == "2"
    nb.send("order", ids=["b", "a", "c"])
    nb.settle()
    assert nb["c"] == "1"
    assert nb.ran() == ["c"]
    assert nb.mirror.order == ["b", "a", "c"]


def test_a_move_that_changes_no_binding_changes_nothing(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)", c="print('c')")
    nb.send("order", ids=["c", "b", "a"])
    nb.settle()
    assert nb.ran() == []
    assert set(nb.states().values()) == {"fresh"}


def test_a_cascade_follows_the_order_on_screen_not_the_order_of_runs(nb: Wire) -> None:
    nb.open(a="x = 1", b="print('b', x)", c="print('c', x)")
    for id, source in {
        "a": "x = 1",
        "c": "print('c', x)",
        "b": "print('b', x)",
    }.items():
        nb.run(id, source)
    nb.settle()
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a", "b", "c"]


def test_an_order_deletes_the_cells_it_leaves_out(nb: Wire) -> None:
    fill(nb, a="x = 1", b="y = 2")
    nb.send("order", ids=["b"])
    nb.settle()
    assert nb.states() == {"b": "fresh"}
    assert nb.value("x").startswith("NameError")


def test_one_cascade_settles_once_after_its_last_output(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)", c="print(x)", d="print(x)")
    nb.until(lambda: nb.mirror.settled)
    before = nb.mirror.settlements
    mark = len(nb.messages)
    nb.run("a", "x = 2")
    nb.until(lambda: nb.mirror.settlements > before)
    nb.ping()
    nb.pump(0.2)
    assert nb.mirror.settlements == before + 1
    seen = nb.messages[mark:]
    last_output = max(i for i, m in enumerate(seen) if m.kind == "stream")
    settled = [
        i
        for i, m in enumerate(seen)
        if m.kind == "comm_msg" and m.content["data"].get("settled")
    ]
    assert settled
    assert min(settled) > last_output


def test_deltas_hold_only_what_changed(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)", c="print('c')")
    told = len(nb.mirror.history)
    nb.edit("a", "x = 2")
    nb.becomes("b", "stale")
    changed: set[str] = set()
    for message in nb.mirror.history[told:]:
        assert not message["full"]
        changed |= message["cells"].keys()
    assert changed == {"a", "b"}


def test_a_deleted_cell_is_told_as_removed(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)")
    told = len(nb.mirror.history)
    nb.open(a="x = 1")
    nb.until(lambda: "b" not in nb.mirror.cells)
    removed = [id for m in nb.mirror.history[told:] for id in m.get("removed", ())]
    assert removed == ["b"]


def test_a_snapshot_equals_the_folded_deltas(nb: Wire) -> None:
    fill(nb, a="x = 1", b="y = x", c="print(y)")
    nb.edit("b", "y = x + 1")
    nb.becomes("c", "stale")
    folded, order = dict(nb.mirror.cells), list(nb.mirror.order)
    nb.snapshot()
    assert nb.mirror.cells == folded
    assert nb.mirror.order == order


def test_a_burst_of_changes_is_told_at_most_twenty_times_a_second(nb: Wire) -> None:
    fill(nb, a="x = 1", **{f"c{i}": f"print(x, {i})" for i in range(60)})
    told = len(nb.mirror.history)
    first = len(nb.messages)
    nb.run("a", "x = 2")
    nb.settle()
    dates = [m.header["date"] for m in nb.messages[first:] if m.kind == "stream"]
    seconds = (dates[-1] - dates[0]).total_seconds()
    assert len(nb.mirror.history) - told <= 20 * seconds + 6


def test_every_open_tab_is_told_the_same(tab: Callable[[], Wire]) -> None:
    one, two = tab(), tab()
    one.open_comm()
    two.open_comm()
    fill(one, a="x = 1", b="print(x)")
    two.settle()
    assert two.states() == one.states() == {"a": "fresh", "b": "fresh"}
    two.edit("a", "x = 2")
    one.becomes("b", "stale")
    two.becomes("b", "stale")
    assert one.mirror.cells == two.mirror.cells


def test_a_tab_that_closes_its_comm_leaves_the_others_informed(
    tab: Callable[[], Wire],
) -> None:
    one, two = tab(), tab()
    one.open_comm()
    two.open_comm()
    two.close_comm()
    fill(one, a="x = 1", b="print(x)")
    one.edit("a", "x = 2")
    one.becomes("b", "stale")
    told = [m for m in two.messages if m.kind == "comm_msg"]
    assert all(m.content["data"]["cells"] == {} for m in told)


def test_a_reopened_comm_starts_with_the_full_state(nb: Wire) -> None:
    fill(nb, a="x = 1", b="print(x)")
    nb.close_comm()
    nb.open_comm()
    assert nb.mirror.history[0]["full"]
    assert nb.states() == {"a": "fresh", "b": "fresh"}


def test_a_notebook_message_keeps_what_ran_before(nb: Wire) -> None:
    nb.close_comm()
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.open_comm()
    nb.open(a="x = 1", new="", b="print(x)")
    nb.settle()
    assert nb.ran() == ["a", "b"]
    assert nb.states()["a"] == nb.states()["b"] == "fresh"


def test_cells_in_the_opposite_order_run_in_the_order_of_their_needs(nb: Wire) -> None:
    nb.open(b="print(x)", a="x = 1")
    nb.run("b", "print(x)")
    nb.settle()
    assert nb["b"] == "1"
    assert sorted(nb.ran()) == ["a", "b"]


def test_a_cell_whose_settings_disable_it_is_told_as_disabled(nb: Wire) -> None:
    nb.send("notebook", cells=[cell("a", "x = 1", disabled=True), cell("b", "x")])
    nb.settle()
    assert nb.state("a") == "disabled"


def test_an_interrupted_cascade_is_told_as_interrupted(nb: Wire) -> None:
    slow = "import time\nif x:\n    print('on')\n    time.sleep(20)"
    fill(nb, a="x = 0", b=slow, c="print(x)")
    nb.run("a", "x = 1")
    nb.until(lambda: "on" in nb["b"])
    nb.interrupt()
    nb.settle()
    assert nb.state("c") == "stale"
    assert nb.state("b") in {"error", "stale"}
    kinds = {reason["kind"] for id in "bc" for reason in nb.reasons(id)}
    assert "interrupted" in kinds


def test_states_have_the_form_of_the_samples(nb: Wire) -> None:
    samples = Path(__file__).parents[1] / "contract"
    full, delta = (
        json.loads((samples / f"state_{kind}.json").read_text("utf-8"))
        for kind in ("full", "delta")
    )
    fill(nb, a="rate = 1", b="print(rate)", c="plot(rate)")
    nb.edit("a", "rate = 2")
    nb.becomes("b", "stale")
    first, last = nb.mirror.history[0], nb.mirror.history[-1]
    assert (first["full"], last["full"]) == (True, False)
    assert first.keys() == full.keys()
    assert last.keys() == delta.keys() - {"order"}
    (sample, *_) = full["cells"].values()
    assert all(cell.keys() == sample.keys() for cell in nb.mirror.cells.values())
    assert nb.mirror.cells["b"]["last_run"].keys() == sample["last_run"].keys()
    missing = nb.mirror.cells["c"]["diagnostics"]
    assert [each["code"] for each in missing] == ["undefined-name"]
    assert nb.reasons("b")[0].keys() == {"kind", "cell", "names"}
