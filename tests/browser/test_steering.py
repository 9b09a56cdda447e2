"""Commands, toolbar, cell menu, status line and settings: how reactivity is steered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True

Notebook = Callable[..., Path]


@pytest.fixture
def ran(lab: Lab, notebook: Notebook) -> Lab:
    """Return JupyterLab with a notebook that was run."""
    lab.open(notebook(a="x = 1", b="y = x + 1", c="print(y)", d="print('d')"))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("c", "fresh")
    lab.settle()
    return lab


def test_the_toolbar_chooses_the_mode_and_runs_what_is_stale(ran: Lab) -> None:
    mode = ran.page.locator("button[aria-pressed]", has_text="auto")
    expect(mode).to_have_attribute("aria-pressed", "true")
    run_stale = ran.page.get_by_role("button", name="Run stale")
    expect(run_stale).to_be_disabled()
    mode.click()
    ran.wait_for_mode("lazy")
    lazy = ran.page.locator("button[aria-pressed]", has_text="lazy")
    expect(lazy).to_have_attribute("aria-pressed", "false")
    ran.write("a", "x = 5")
    ran.run("a")
    expect(run_stale).to_have_text("Run stale (2)")
    status = ran.page.locator(".jp-Reactive-status")
    expect(status).to_have_text("2 stale · lazy")
    run_stale.click()
    ran.wait_for("c", "6")
    expect(run_stale).to_have_text("Run stale")
    expect(status).to_have_text("0 stale · lazy")


def test_everything_is_hidden_with_another_kernel(ran: Lab) -> None:
    ran.change_kernel("python3")
    expect(ran.page.locator(".jp-Reactive-item:visible")).to_have_count(0)
    expect(ran.page.locator(".jp-Reactive-status:visible")).to_have_count(0)
    assert set(ran.marks().values()) == {""}


def test_the_keyboard_goes_to_stale_cells_and_runs_what_is_needed(ran: Lab) -> None:
    ran.write("b", "y = x + 10")
    ran.wait_for_mark("c", "◌ stale")
    ran.focus("a")
    ran.page.keyboard.press("Alt+Shift+n")
    assert ran.active == "b"
    ran.page.keyboard.press("Alt+Shift+n")
    assert ran.active == "c"
    ran.page.keyboard.press("Alt+Shift+n")
    assert ran.active == "b"
    ran.page.keyboard.press("Alt+Shift+p")
    assert ran.active == "c"
    ran.page.keyboard.press("Alt+Shift+w")
    toast = ran.page.locator(".jp-toastContainer")
    expect(toast).to_contain_text("This cell is stale: y changed in In[2].")
    toast.get_by_role("button", name="Go to the cause").click()
    assert ran.active == "b"
    ran.focus("c")
    ran.page.keyboard.press("Alt+Shift+e")
    ran.wait_for("c", "11")
    ran.wait_for_mark("b", "")


def test_the_cell_menu_freezes_and_disables(ran: Lab) -> None:
    ran.focus("b")
    ran.page.get_by_role("button", name="Reactive Python: this cell").click()
    ran.page.locator(".lm-Menu-itemLabel", has_text="Disable Cell").click()
    ran.wait_for_mark("b", "□ disabled")
    ran.wait_for_mark("c", "■ blocked")
    assert ran.settings("b") == {"disabled": True}
    ran.focus("b")
    ran.page.keyboard.press("Alt+Shift+x")
    ran.wait_for_state("c", "fresh")
    assert ran.settings("b") is None
    ran.focus("b")
    ran.page.keyboard.press("Alt+Shift+f")
    ran.wait_for_mark("b", "◆ frozen")
    ran.wait_for_words("c", "rests on In[2], which is frozen")


def test_a_long_cascade_shows_its_progress_and_can_be_stopped(ran: Lab) -> None:
    ran.write("b", "import time\ntime.sleep(30 if x == 7 else 0)\ny = x + 1")
    ran.run("b")
    ran.wait_for_mark("c", "")
    ran.write("a", "x = 7")
    ran.run("a")
    progress = ran.page.locator(".jp-Reactive-progress")
    expect(progress).to_contain_text("1 of 2 · In[5]")
    progress.get_by_role("button", name="Stop").click()
    ran.wait_for("b", "KeyboardInterrupt")
    expect(progress).to_be_hidden()
    ran.wait_for_mark("c", "◌ stale")
    assert "interrupted" in ran.words("b")


def test_run_all_runs_each_cell_once(lab: Lab, notebook: Notebook) -> None:
    # Each cell counts its own runs, where the kernel does not see it.
    count = "__import__('sys').__dict__.setdefault('runs', []).append"
    sources = {f"c{i}": f"x{i} = x{i - 1} + 1; {count}({i})" for i in range(1, 12)}
    lab.open(notebook(c0=f"x0 = 0; {count}(0)", **sources, last="x11"))
    lab.go_live()
    lab.run_all()
    lab.wait_for("last", "11")
    lab.write("c0", f"x0 = 1; {count}(0)")
    lab.wait_for_mark("last", "◌ stale")
    lab.run_all()
    lab.wait_for("last", "12")
    lab.settle()
    lab.write("last", "print(__import__('sys').runs)")
    lab.run("last")
    lab.wait_for("last", str([*range(12), *range(12)]))


def test_settings_hide_marks_choose_the_mode_and_run_on_opening(
    lab: Lab, notebook: Notebook
) -> None:
    folder = lab.server.folder / "settings" / "reactive-kernel"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "plugin.jupyterlab-settings"
    content = {"mode": "lazy", "marks": False, "runOnOpen": "all"}
    file.write_text(json.dumps(content), encoding="utf-8")
    own = notebook(a="x = 1", b="print(x + 1)")
    try:
        lab.open(own)
        lab.go_live()
        toast = lab.page.locator(".jp-toastContainer")
        expect(toast).to_contain_text("not trusted, so it was not run on opening")
        lab.run_all()
        lab.save()
        lab.restart()
        lab.wait_for_state("b", "new")
        lab.settle()
        assert set(lab.states().values()) == {"new"}
        lab.open(own)
        lab.wait_for_state("b", "fresh")
        lab.wait_for_mode("lazy")
        lab.write("a", "x = 3")
        lab.wait_for_state("b", "stale")
        assert set(lab.marks().values()) == {""}
    finally:
        file.unlink()
