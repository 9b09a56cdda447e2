"""Which cells run, in what order and how often, in an unmodified JupyterLab.

Each cell notes its run in a file, out of the reach of the namespace.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser

Notebook = Callable[..., Path]


def noted(cell: str, source: str = "pass") -> str:
    """Return the source of a cell that notes its run in a file called `log`."""
    return f'with open("log", "a") as log:\n    log.write("{cell} ")\n{source}'


def log_of(notebook: Path) -> list[str]:
    """Return the cells that ran so far, in order."""
    log = notebook.with_name("log")
    return log.read_text().split() if log.exists() else []


def test_running_all_of_a_chain_runs_each_cell_once(
    lab: Lab, notebook: Notebook
) -> None:
    cells = [f"c{number}" for number in range(21)]
    chain = {"c0": noted("c0", "x0 = 0")} | {
        f"c{i}": noted(f"c{i}", f"x{i} = x{i - 1} + 1\nprint(x{i})")
        for i in range(1, 21)
    }
    file = notebook(**chain)
    lab.open(file)
    lab.run_all()
    lab.settle()
    assert log_of(file) == cells

    lab.run_all()
    lab.settle()
    assert log_of(file) == 2 * cells
    assert lab.text("c20").strip() == "20"


def test_a_change_runs_down_a_whole_chain_in_order(
    lab: Lab, notebook: Notebook
) -> None:
    cells = [f"c{number}" for number in range(21)]
    chain = {"c0": noted("c0", "x0 = 0")} | {
        f"c{i}": noted(f"c{i}", f"x{i} = x{i - 1} + 1\nprint(x{i})")
        for i in range(1, 21)
    }
    file = notebook(**chain)
    lab.open(file)
    lab.run_all()
    lab.write("c0", noted("c0", "x0 = 100"))
    lab.run("c0")
    lab.wait_for("c20", "120")
    lab.settle()
    assert log_of(file) == 2 * cells


def test_each_dependent_runs_once_after_all_that_it_needs(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(
        total=noted("total", "print('total', left + right)") + " # stands first",
        start=noted("start", "number = 1"),
        left=noted("left", "left = number + 1"),
        right=noted("right", "right = number * 10"),
        apart=noted("apart", "print('apart')"),
    )
    lab.open(file)
    for cell in ("start", "left", "right", "apart", "total"):
        lab.run(cell)
    lab.write("start", noted("start", "number = 2"))
    lab.run("start")
    lab.wait_for("total", "total 23")
    lab.settle()
    assert log_of(file)[5:] == ["start", "left", "right", "total"]


def test_cells_never_run_stay_as_they_are(lab: Lab, notebook: Notebook) -> None:
    file = notebook(
        a=noted("a", "x = 1"), b=noted("b", "print(x)"), c=noted("c", "print(-x)")
    )
    lab.open(file)
    lab.run("a")
    lab.run("b")
    lab.run("a")
    lab.settle()
    assert "c" not in log_of(file)
    assert lab.outputs("c") == []


def test_text_that_was_not_run_is_not_run_by_a_cascade(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(a="x = 1", b="print('x is', x)", c="print('twice', 2 * x)")
    lab.open(file)
    lab.run_all()
    lab.write("b", "half typed (")
    lab.write("a", "x = 2")
    lab.run("a")
    lab.wait_for("c", "twice 4")
    lab.settle()
    assert "SyntaxError" not in lab.text("b")


def test_deleting_a_cell_gives_its_readers_the_definition_above(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(
        first="x = 'first'", second="x = 'second'", reader="print(x)", other="y = 1"
    )
    lab.open(file)
    lab.run_all()
    lab.wait_for("reader", "second")
    lab.delete("second")
    lab.run("other")
    lab.wait_for("reader", "first")
    assert lab.text("reader").strip() == "first"


def test_deleting_the_only_definition_says_so_and_undoing_heals(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a="x = 1", b="print('x is', x)", c="y = 1"))
    lab.run_all()
    lab.delete("a")
    lab.run("c")
    lab.wait_for("b", "NameError")
    lab.write("c", "x = 3")
    lab.run("c")
    lab.wait_for("b", "x is 3")
    assert "NameError" not in lab.text("b")


def test_the_stop_button_ends_a_whole_cascade(lab: Lab, notebook: Notebook) -> None:
    slow = "import time\nif n > 1:\n    time.sleep(120)\nm = n"
    file = notebook(
        a=noted("a", "n = 1"),
        slow=noted("slow", slow),
        last=noted("last", "print('m is', m)"),
        also=noted("also", "print('n is', n)"),
    )
    lab.open(file)
    lab.run_all()
    lab.write("a", noted("a", "n = 2"))
    lab.start("a")
    wait_for_log(lab, file, ["a", "slow", "last", "also", "a", "slow"])
    lab.interrupt()
    lab.wait_for("slow", "KeyboardInterrupt")
    lab.settle()
    assert log_of(file)[4:] == ["a", "slow"]
    assert lab.text("last").strip() == "m is 1"

    lab.write("a", noted("a", "n = 0"))
    lab.run("a")
    lab.wait_for("last", "m is 0")
    lab.wait_for("also", "n is 0")


def test_after_a_restart_nothing_runs_that_was_not_run_again(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(a=noted("a", "x = 1"), b=noted("b", "print(x)"))
    lab.open(file)
    lab.run_all()
    lab.restart()
    lab.run("a")
    lab.settle()
    assert log_of(file) == ["a", "b", "a"]


def wait_for_log(lab: Lab, file: Path, cells: list[str]) -> None:
    """Wait until the cells have noted their runs, while the page stays responsive."""
    deadline = time.monotonic() + 30
    while log_of(file) != cells:
        assert time.monotonic() < deadline, log_of(file)
        lab.page.wait_for_timeout(50)
