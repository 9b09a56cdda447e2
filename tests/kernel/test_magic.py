"""The `%reactive` magic: the same powers in any client."""

from __future__ import annotations

import pytest

from tests.kernel.kernels import RunningKernel
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


def chain(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "y = x + 1")
    nb.run("c", "print(y)")
    nb.ran()


def test_status_is_a_table_of_the_cells(nb: Wire) -> None:
    chain(nb)
    nb.run("m", "%reactive status")
    assert nb["m"].count("fresh") >= 3


def test_mode_lazy_marks_and_run_runs_what_is_stale(nb: Wire) -> None:
    chain(nb)
    nb.run("m", "%reactive mode lazy")
    nb.run("a", "x = 5")
    nb.settle()
    assert nb.ran() == ["m", "a"]
    nb.run("s", "%reactive status")
    assert "stale" in nb["s"]
    nb.run("r", "%reactive run")
    nb.settle()
    assert nb["c"] == "6"
    nb.run("m", "%reactive mode auto")
    nb.run("a", "x = 7")
    nb.settle()
    assert nb["c"] == "8"


def test_memory_is_a_table_of_what_is_kept(nb: Wire) -> None:
    nb.run("a", "big = bytearray(2_000_000)")
    nb.run("b", "print(len(big))")
    nb.run("c", "big = big + b'1'")
    nb.run("d", "small = [1]")
    nb.run("e", "small.append(2)")
    nb.run("m", "%reactive memory")
    (output,) = nb.outputs["m"]
    assert output["data"]["text/html"].startswith("<table><caption>3 kept, 0 given up")
    shown = [line.split("  ") for line in nb["m"].split("\n")]
    rows = [[part.strip() for part in line if part.strip()] for line in shown]
    assert rows[0] == ["3 kept, 0 given up so far"]
    assert rows[1] == ["cell", "name", "kept", "size"]
    assert rows[2][1:] == ["big", "old version", "2.0 MB"]
    assert rows[3][1:3] == ["small", "checkpoint"]
    assert rows[4][1:] == ["small", "old version", "shared"]
    assert rows[5] == ["all", "of 1.0 GB", "2.0 MB"]


def test_the_memory_budget_is_configurable() -> None:
    kernel = RunningKernel(arguments=["--ReactiveKernel.memory_budget=1000"])
    nb = Wire(kernel)
    try:
        nb.run("a", "big = bytearray(2_000_000)")
        nb.run("b", "print(len(big))")
        nb.run("c", "big = big + b'1'")
        nb.run("m", "%reactive memory")
        assert nb["m"].startswith("0 kept, 1 given up so far (2.0 MB)")
        nb.ran()
        nb.run("b", "print(len(big) * 2)")
        nb.settle()
        assert nb.ran() == ["a", "b"]
        assert nb["b"] == "4000000"
    finally:
        nb.close()
        kernel.stop()


def test_the_graph_is_a_picture_with_text_beside_it(nb: Wire) -> None:
    chain(nb)
    nb.run("m", "%reactive graph")
    (output,) = nb.outputs["m"]
    assert output["data"]["text/vnd.mermaid"].startswith("flowchart")
    assert '-->|"y"|' in output["data"]["text/vnd.mermaid"]
    assert "x" in output["data"]["text/plain"]


def test_why_tells_the_reason(nb: Wire) -> None:
    chain(nb)
    nb.run("m", "%reactive mode lazy")
    nb.run("a", "x = 5")
    nb.settle()
    nb.run("w", "%reactive why b")
    assert "x" in nb["w"]


def test_why_tells_of_objects_that_are_consumed_by_use(nb: Wire) -> None:
    nb.run("a", "rows = iter([1, 2, 3])")
    nb.run("b", "first = next(rows)")
    nb.run("c", "print(list(rows))")
    nb.ran()
    nb.run("c", "print(list(rows))")
    nb.settle()
    assert nb.ran() == ["a", "b", "c"]
    assert nb["c"] == "[2, 3]"
    nb.run("w", "%reactive why c")
    assert "note: `rows` is consumed by use" in nb["w"]


@pytest.mark.parametrize(
    "line",
    ["%reactive", "%reactive nonsense", "%reactive mode fast", "%reactive why nobody"],
)
def test_a_wrong_line_is_answered_without_harm(nb: Wire, line: str) -> None:
    chain(nb)
    assert nb.run("m", line)["status"] in {"ok", "error"}
    assert nb["m"]
    nb.run("m", "None")
    nb.ran()
    nb.run("a", "x = 10")
    nb.settle()
    assert nb["c"] == "11"
    assert nb.ran() == ["a", "b", "c"]


def test_the_magic_itself_is_never_rerun(nb: Wire) -> None:
    chain(nb)
    nb.run("m", "%reactive status")
    nb.ran()
    nb.run("a", "x = 10")
    nb.settle()
    assert nb.ran() == ["a", "b", "c"]
