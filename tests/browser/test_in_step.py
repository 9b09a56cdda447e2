"""Kernel and notebook stay in step, whatever is done to the cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True

Notebook = Callable[..., Path]


@pytest.fixture
def ran(lab: Lab, notebook: Notebook) -> Lab:
    """Return JupyterLab with a notebook that was run."""
    lab.open(notebook(a="x = 1\ny = 2", b="print(x + y)", c="x = 5", d="print(x)"))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("d", "fresh")
    return lab


def test_a_split_cell_is_two_cells(ran: Lab) -> None:
    ran.split("a", 1)
    ran.get_in_step()
    first = ran.ids()[0]
    assert ran.ids()[1:] == ["a", "b", "c", "d"]
    assert [ran.states()[cell] for cell in (first, "a", "d")] == [
        "new",
        "stale",
        "fresh",
    ]
    ran.run(first)
    ran.write("a", "y = 20")
    ran.run("a")
    ran.wait_for("b", "21")


def test_merged_cells_are_one_cell(ran: Lab) -> None:
    ran.merge("a", "b")
    ran.get_in_step()
    merged = ran.ids()[0]
    assert ran.ids()[1:] == ["c", "d"]
    assert ran.states()[merged] == "new"
    ran.run(merged)
    ran.wait_for(merged, "3")


def test_a_cell_that_is_moved_reads_what_is_above_it_now(ran: Lab) -> None:
    ran.move_down("b")
    ran.wait_for("b", "7")
    assert ran.ids() == ["a", "c", "b", "d"]


def test_a_copy_is_a_cell_of_its_own_that_was_never_run(ran: Lab) -> None:
    ran.copy_and_paste("b")
    ran.get_in_step()
    copy = ran.ids()[2]
    assert ran.states()[copy] == "new"
    ran.write("a", "x = 1\ny = 3")
    ran.run("a")
    ran.wait_for("b", "4")
    assert ran.states()[copy] == "new"


def test_a_deleted_cell_is_gone_until_the_deletion_is_undone(ran: Lab) -> None:
    ran.delete("c")
    ran.wait_for("d", "1")
    ran.undo()
    ran.wait_for("d", "5")
    assert ran.states()["c"] == "fresh"


def test_a_cell_made_text_is_no_cell_of_the_kernel(ran: Lab) -> None:
    ran.command("notebook:change-cell-to-markdown")
    ran.get_in_step()
    assert len(ran.states()) == len(ran.ids()) - 1


def test_settings_are_told(ran: Lab) -> None:
    ran.set("d", frozen=True)
    ran.wait_for_state("d", "frozen")
    ran.configure(mode="lazy")
    ran.wait_for_mode("lazy")


def test_a_notebook_that_is_opened_again_shows_the_true_state(
    ran: Lab, folder: Path
) -> None:
    ran.write("a", "x = 1\ny = 9")
    ran.wait_for_state("b", "stale")
    ran.save()
    ran.close()
    ran.open_beside(folder / "notebook.ipynb")
    ran.go_live()
    expected = {"a": "stale", "b": "stale", "c": "fresh", "d": "fresh"}
    assert ran.states() == expected


def test_an_edit_marks_its_dependents_while_a_cell_runs(ran: Lab) -> None:
    ran.write("c", "import time\ntime.sleep(3)\nx = 5")
    ran.start("c")
    ran.wait_for_state("c", "running")
    delay = ran.delay("a", "x = 1\ny = 3", "b", "stale")
    assert ran.states()["c"] == "running"
    assert delay < 1000


def test_a_page_opened_while_a_cell_runs_knows_so(ran: Lab, folder: Path) -> None:
    ran.write("c", "import time\ntime.sleep(60)\nx = 5")
    ran.save()
    ran.start("c")
    ran.wait_for_state("c", "running")
    ran.open(folder / "notebook.ipynb", wait_until_idle=False)
    ran.go_live()
    assert ran.states()["c"] == "running"
    ran.interrupt()
    ran.settle()


@pytest.fixture
def other(folder: Path, notebook: Notebook) -> Path:
    """Return another notebook."""
    file = notebook(p="z = 1", q="print('z is', z)")
    return file.rename(folder / "other.ipynb")


def test_two_notebooks_with_a_kernel_each(
    lab: Lab, other: Path, notebook: Notebook
) -> None:
    first = notebook(a="x = 1", b="print(x)")
    for file in (first, other):
        lab.open(file) if file == first else lab.open_beside(file)
        lab.go_live()
        lab.run_all()
        lab.settle()
    lab.write("p", "z = 2")
    lab.wait_for_state("q", "stale")
    lab.show(first)
    assert lab.states() == {"a": "fresh", "b": "fresh"}
    lab.write("a", "x = 2")
    lab.wait_for_state("b", "stale")


def test_two_notebooks_on_one_kernel_do_not_mix(
    lab: Lab, other: Path, notebook: Notebook
) -> None:
    first = notebook(a="x = 1", b="print(x)")
    lab.open(first)
    lab.go_live()
    lab.run_all()
    lab.open_beside(other, same_kernel=True)
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("q", "fresh")
    assert lab.states() == {"p": "fresh", "q": "fresh"}
    lab.move_down("p")
    lab.get_in_step()
    lab.show(first)
    assert lab.states() == {"a": "fresh", "b": "fresh"}
    lab.write("a", "x = 2")
    lab.run("a")
    lab.wait_for("b", "2")
    lab.show(other)
    assert lab.text("q") == "z is 1\n"
    assert set(lab.counts()) == {"p", "q"}


def test_another_kernel_is_left_alone(lab: Lab, notebook: Notebook) -> None:
    lab.open(notebook(a="x = 1", b="print(x)"))
    lab.go_live()
    lab.change_kernel("python3")
    assert not lab.is_followed
    lab.run_all()
    lab.write("a", "x = 2")
    lab.run("a")
    assert lab.text("b") == "1\n"
    lab.change_kernel("reactive-python")
    lab.go_live()
    assert set(lab.states().values()) == {"new"}
