"""What stands in front of the cells: what a person sees of their states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import extension

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True

Notebook = Callable[..., Path]

AXE = extension.SOURCES / "node_modules" / "axe-core" / "axe.min.js"
# Ours, and what we dim. JupyterLab's own elements are JupyterLab's.
OURS = "[class*=jp-Reactive], .jp-Reactive-marked > .jp-Cell-outputWrapper *"
THEMES = ["JupyterLab Light", "JupyterLab Dark"]


@pytest.fixture
def everything(lab: Lab, notebook: Notebook) -> Lab:
    """Return JupyterLab with a cell in every state that has a mark, but for `new`."""
    sources = {
        "slow": "import time\ntime.sleep(60 if n else 0)\nm = n",
        "waits": "print(m)",
        "kept": "k = 1",
        "off": "o = 1",
        "lacks": "print(o)",
        "fails": "bad = 1",
        "misses": "print(bad)",
        "plain": "p = 1",
        "reads": "print(p)",
    }
    lab.open(notebook(n="n = 0", **sources))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("reads", "fresh")
    lab.write("fails", "bad = 1 / 0")
    lab.run("fails")
    lab.set("kept", frozen=True)
    lab.set("off", disabled=True)
    lab.write("n", "n = 1")
    lab.start("n")
    lab.wait_for_mark("slow", "● running")
    # From here on a cell runs, and all is told while it does.
    lab.write("plain", "p = 2")
    lab.wait_for_mark("reads", "◌ stale")
    return lab


def test_an_edit_marks_what_depends_on_it_and_says_why(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a="x = 1", b="y = x + 1", c="print(y)", d="print('d')"))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("c", "fresh")
    lab.settle()
    assert lab.marks() == {"a": "", "b": "", "c": "", "d": ""}
    lab.type("a", "x = 2")
    lab.wait_for_mark("c", "◌ stale")
    assert lab.marks() == {"a": "◌ stale", "b": "◌ stale", "c": "◌ stale", "d": ""}
    assert lab.words("a") == "stale: edited since it ran"
    assert lab.words("b") == "stale: x changed in In[1]"
    lab.cell("b").locator(".jp-InputPrompt").hover()
    prompt = lab.cell("b").locator(".jp-InputPrompt")
    assert prompt.get_attribute("title") == "stale: x changed in In[1]"
    lab.wait_for_summary("3 cells stale")
    lab.run("a")
    lab.wait_for("c", "3")
    lab.wait_for_mark("c", "")
    assert lab.words("b") == ""
    lab.wait_for_summary("All cells are up to date")


def test_each_state_has_a_shape_and_a_word(everything: Lab) -> None:
    everything.wait_for_mark("lacks", "■ blocked")
    assert everything.marks() == {
        "n": "",
        "slow": "● running",
        "waits": "○ queued",
        "kept": "◆ frozen",
        "off": "□ disabled",
        "lacks": "■ blocked",
        "fails": "▲ error",
        "misses": "△ no input",
        "plain": "◌ stale",
        "reads": "◌ stale",
    }
    lines = {everything.line(cell) for cell in everything.ids()}
    assert len(lines) == 9, (
        "no two states have the same line, and a fresh cell has none"
    )
    assert everything.words("misses") == "blocked: bad is missing because In[11] failed"


@pytest.mark.parametrize("theme", THEMES)
def test_marks_can_be_read_in_both_themes(everything: Lab, theme: str) -> None:
    everything.command("apputils:change-theme", theme=theme)
    everything.wait_for_theme(theme)
    for cell in everything.ids()[1:]:
        word, line = everything.contrast(cell)
        assert word >= 4.5, (cell, word)
        assert line >= 3, (cell, line)
    everything.page.add_script_tag(path=AXE)
    assert everything.violations(OURS) == []


def test_an_edit_is_marked_at_once_while_a_cell_runs(everything: Lab) -> None:
    delays = []
    for number in range(3, 8):
        everything.write("plain", "p = 1")
        everything.wait_for_mark("reads", "")
        delays.append(everything.mark_delay("plain", f"p = {number}", "reads", "stale"))
    assert min(delays) < 250


def test_outputs_of_an_earlier_session_carry_a_quiet_mark(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(a="x = 1", b="print(x)", c="print('c')")
    lab.open(file)
    lab.go_live()
    lab.run_all()
    lab.save()
    lab.restart()
    lab.go_live()
    lab.wait_for_mark("b", "◦ earlier")
    assert lab.marks() == {"a": "", "b": "◦ earlier", "c": "◦ earlier"}
    assert lab.words("b") == "new: not run in this session"
    lab.run("b")
    lab.wait_for_mark("b", "")
    assert lab.marks() == {"a": "", "b": "", "c": "◦ earlier"}


def test_marks_outlive_a_reload_and_come_back_with_cells(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(a="x = 1", b="print(x)", c="print('c')")
    lab.open(file)
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("b", "fresh")
    lab.write("a", "x = 2")
    lab.wait_for_mark("b", "◌ stale")
    lab.save()
    lab.open(file)
    lab.wait_for_mark("b", "◌ stale")
    lab.move_by_cut_and_paste("b", after="c")
    lab.wait_for_mark("b", "◌ stale")
    lab.run("a")
    lab.wait_for_mark("b", "")


@pytest.mark.parametrize("mode", ["full", "defer", "contentVisibility", "none"])
def test_marks_outlive_scrolling(lab: Lab, notebook: Notebook, mode: str) -> None:
    cells = {f"c{number}": f"print(x)\n\n\n\n{number}" for number in range(60)}
    lab.open(notebook(a="x = 1", **cells))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("c59", "fresh")
    lab.use_windowing(mode)
    lab.write("a", "x = 2")
    lab.wait_for_mark("c0", "◌ stale")
    for cell in ("c59", "c0"):
        lab.scroll_to(cell)
        lab.wait_for_mark(cell, "◌ stale")
