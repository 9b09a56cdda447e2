"""Errors, blocked readers, recovery, deletion and `stop`."""

from __future__ import annotations

import pytest

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


def traceback(nb: Wire, cell: str) -> str:
    (error,) = (o for o in nb.outputs[cell] if o["output_type"] == "error")
    return "\n".join(error["traceback"])


def test_a_failing_cell_blocks_its_readers_until_it_succeeds(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "y = 1 / x")
    nb.run("c", "print(y)")
    nb.ran()
    nb.run("a", "x = 0")
    nb.settle()
    assert nb.ran() == ["a", "b"]
    assert nb["b"] == "ZeroDivisionError: division by zero"
    assert nb["c"] == "1.0"
    nb.run("a", "x = 4")
    nb.settle()
    assert nb.ran() == ["a", "b", "c"]
    assert nb["c"] == "0.25"


def test_independent_cells_go_on_past_an_error(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "y = 1 / x")
    nb.run("c", "print(y)")
    nb.run("d", "print(x)")
    nb.ran()
    nb.run("a", "x = 0")
    nb.settle()
    assert nb.ran() == ["a", "b", "d"]
    assert nb["d"] == "0"


def test_the_state_names_the_culprit_of_a_blocked_cell(nb: Wire) -> None:
    nb.open_comm()
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run("a", "x = 1 / 0")
    nb.settle()
    assert nb.states() == {"a": "error", "b": "blocked"}
    (reason,) = nb.reasons("b")
    assert (reason["kind"], reason["cell"]) == ("upstream-error", "a")


def test_running_a_cell_whose_input_failed_says_which(nb: Wire) -> None:
    nb.run("a", "x = 1 / 0")
    reply = nb.run("b", "print(x)")
    assert reply["status"] == "error"
    assert "x" in nb["b"]
    nb.run("a", "x = 1")
    nb.settle()
    assert nb["b"] == "1"


def test_a_missing_name_heals_when_its_definition_appears(nb: Wire) -> None:
    nb.run("b", "print(total)")
    assert nb["b"] == "NameError: name 'total' is not defined"
    nb.run("a", "total = 3")
    nb.settle()
    assert nb["b"] == "3"
    assert nb.ran() == ["b", "a", "b"]


def test_a_reader_without_definition_names_the_deleted_one(nb: Wire) -> None:
    nb.run("a", "rate = 1")
    nb.run("b", "print(rate)")
    nb.run("c", "None", deleted=["a"])
    nb.settle()
    assert nb["b"].startswith("NameError: name 'rate' is not defined")
    assert "deleted" in traceback(nb, "b")


def test_deletion_sends_readers_to_the_definition_above(nb: Wire) -> None:
    nb.run("a", "v = 1")
    nb.run("b", "v = 2")
    nb.run("c", "print(v)")
    nb.ran()
    nb.run("d", "None", deleted=["b"])
    nb.settle()
    assert nb["c"] == "1"
    assert nb.ran() == ["d", "c"]
    assert nb.value("v") == "1"


def test_a_deleted_cells_names_are_gone(nb: Wire) -> None:
    nb.run("a", "secret = 1\ndef helper():\n    pass\nimport json")
    nb.run("b", "None", deleted=["a"])
    nb.settle()
    for name in ("secret", "helper", "json"):
        assert nb.value(name).startswith("NameError")


def test_a_deleted_cells_objects_are_freed(nb: Wire) -> None:
    nb.run("c", "class Big:\n    pass")
    nb.run("a", "big = Big()\nbig")
    nb.value("setattr(__import__('sys'), 'big', __import__('weakref').ref(big))")
    assert nb.value("__import__('sys').big() is None") == "False"
    nb.run("y", "None", deleted=["a"])
    nb.settle()
    assert nb.value("__import__('sys').big() is None") == "True"


def test_deletion_by_the_comm_needs_no_run(nb: Wire) -> None:
    nb.open_comm()
    nb.open(a="x = 1", b="print(x)")
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.ran()
    nb.open(b="print(x)")
    nb.settle()
    assert nb.ran() == ["b"]
    assert nb["b"].startswith("NameError")
    assert nb.states() == {"b": "error"}


def test_restoring_a_deleted_cell_heals_its_readers(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run("c", "None", deleted=["a"])
    nb.settle()
    nb.run("a", "x = 1")
    nb.settle()
    assert nb["b"] == "1"


def test_renaming_a_definition_takes_the_old_name_away(nb: Wire) -> None:
    nb.run("a", "old = 1")
    nb.run("b", "print(old)")
    nb.run("a", "new = 1")
    nb.settle()
    assert nb["b"].startswith("NameError: name 'old' is not defined")
    assert nb.value("old").startswith("NameError")


def test_a_failed_rerun_leaves_no_old_value_behind(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "y = 1 / x")
    nb.run("a", "x = 0")
    nb.settle()
    assert nb.value("y").startswith("NameError")


def test_a_syntax_error_keeps_the_notebook_going(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    reply = nb.run("a", "x = = 2")
    nb.settle()
    assert reply["status"] == "error"
    assert nb["a"].startswith("SyntaxError")
    nb.ran()
    nb.run("a", "x = 3")
    nb.settle()
    assert nb["b"] == "3"
    assert nb.ran() == ["a", "b"]


def test_an_error_in_a_run_aborts_the_requests_behind_it(nb: Wire) -> None:
    bad = nb.submit("a", "import time\ntime.sleep(0.3)\n1 / 0")
    aborted = nb.submit("b", "print('b')")
    assert nb.wait(bad)["status"] == "error"
    assert nb.wait(aborted)["status"] == "aborted"
    nb.settle()
    assert nb.ran() == ["a"]


def test_an_error_in_a_rerun_aborts_no_request(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "import time\ntime.sleep(0.2)\n1 / x")
    nb.run("a", "x = 0")
    nb.until(lambda: nb.started.count("b") == 2)
    assert nb.run("c", "'fine'")["status"] == "ok"
    assert nb["c"] == "'fine'"


STOP = "from reactive_kernel import stop\nstop(x < 0, 'waiting')\ny = x"


def test_stop_ends_a_cell_quietly_and_blocks_its_readers(nb: Wire) -> None:
    nb.open_comm()
    nb.run("a", "x = 1")
    nb.run("b", STOP)
    nb.run("c", "print(y)")
    nb.ran()
    nb.run("a", "x = -1")
    nb.settle()
    assert nb.ran() == ["a", "b"]
    assert nb["b"] == "'waiting'"
    assert nb.state("c") == "blocked"
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == ""
    assert nb["c"] == "2"


def test_a_run_that_is_stopped_is_no_error(nb: Wire) -> None:
    nb.run("a", "x = -1")
    assert nb.run("b", STOP)["status"] == "ok"
    assert nb["b"] == "'waiting'"
