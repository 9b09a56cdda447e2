"""Outputs of reruns reach their cell, whatever became of the request behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import SCRIPT

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True

Notebook = Callable[..., Path]


def second_tab(lab: Lab, file: Path) -> Lab:
    """Open a notebook again, in a tab of its own."""
    second = type(lab)(lab.page.context.new_page(), lab.server)
    second.page.add_init_script(path=SCRIPT)
    second.open(file)
    second.go_live()
    return second


def change(lab: Lab, cell: str, source: str) -> None:
    """Give a cell another text, and run it."""
    lab.write(cell, source)
    lab.run(cell)


@pytest.fixture
def ran(lab: Lab, notebook: Notebook) -> Path:
    """Return a notebook that was run, and is open in JupyterLab."""
    file = notebook(a="x = 1", b="print('x is', x)", c="x * 10")
    lab.open(file)
    lab.go_live()
    lab.run_all()
    lab.wait_for("c", "10")
    return file


def test_outputs_reach_their_cell_after_a_reload(lab: Lab, ran: Path) -> None:
    lab.save()
    lab.open(ran)
    lab.go_live()
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")
    lab.wait_for("c", "20")
    assert [len(lab.outputs(cell)) for cell in ("b", "c")] == [1, 1]
    assert lab.counts() == {"a": 4, "b": 2, "c": 3}
    assert lab.outputs("c")[0]["execution_count"] == 3


def test_outputs_reach_both_of_two_tabs(lab: Lab, ran: Path) -> None:
    lab.save()
    second = second_tab(lab, ran)
    change(second, "a", "x = 2")
    for tab in (second, lab):
        tab.wait_for("b", "x is 2")
        tab.wait_for("c", "20")
        assert len(tab.outputs("b")) == 1
    assert lab.counts()["a"] == second.counts()["a"] == 4


def test_outputs_reach_a_cell_that_was_cut_and_pasted(lab: Lab, ran: Path) -> None:
    lab.move_by_cut_and_paste("b", after="c")
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")
    assert list(lab.counts()) == ["a", "c", "b"]


def test_outputs_reach_a_cell_whose_deletion_was_undone(lab: Lab, ran: Path) -> None:
    lab.delete("b")
    lab.undo()
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")
    assert len(lab.outputs("b")) == 1


def test_outputs_reach_their_cell_after_a_restart(lab: Lab, ran: Path) -> None:
    lab.restart()
    lab.go_live()
    assert set(lab.states().values()) == {"new"}
    lab.run_all()
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")


def test_outputs_reach_their_cell_when_the_connection_was_lost(
    lab: Lab, ran: Path
) -> None:
    lab.reconnect()
    lab.go_live()
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")
    assert len(lab.outputs("b")) == 1


def test_a_cell_is_shown_as_running_and_keeps_its_number(lab: Lab, ran: Path) -> None:
    for reload in (False, True):
        if reload:
            lab.save()
            lab.open(ran)
            lab.go_live()
        change(lab, "b", "import time\ntime.sleep(0.5)\nprint('x is', x)")
        count = lab.counts()["b"]
        lab.write("a", f"x = {7 + reload}")
        lab.start("a")
        lab.wait_for_prompt("b", "[*]:")
        lab.wait_for("b", f"x is {7 + reload}")
        lab.wait_for_prompt("b", f"[{count}]:")


def test_a_rerun_that_shows_nothing_leaves_nothing_behind(lab: Lab, ran: Path) -> None:
    lab.write("b", "if x == 1:\n    print(x)")
    lab.run("b")
    lab.save()
    lab.open(ran)
    lab.go_live()
    change(lab, "a", "x = 2")
    lab.wait_for("c", "20")
    lab.wait_for_prompt("b", "[4]:")
    assert lab.outputs("b") == []


def test_an_update_by_display_id_reaches_a_routed_output(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(
        a="x = 1",
        u="h = display(f'made with {x}', display_id=True)",
        v="h.update(f'updated with {x}')",
    )
    lab.open(file)
    lab.run_all()
    lab.wait_for("u", "updated with 1")
    lab.save()
    lab.open(file)
    lab.go_live()
    change(lab, "a", "x = 2")
    lab.wait_for("u", "updated with 2")
    assert len(lab.outputs("u")) == 1
    assert lab.outputs("v") == []


def test_what_an_output_widget_captures_stays_in_it(
    lab: Lab, notebook: Notebook
) -> None:
    capture = "out = w.Output()\nwith out:\n    print('inside', x)\n    display(x)\nout"
    file = notebook(i="import ipywidgets as w", a="x = 1", b=capture)
    lab.open(file)
    lab.run_all()
    lab.save()
    lab.open(file)
    lab.go_live()
    change(lab, "a", "x = 2")
    inside = lab.cell("b").locator(".jupyter-widgets-output-area, .widget-output")
    inside.get_by_text("inside 2").wait_for()
    assert inside.get_by_text("inside").count() == 1
    assert "inside" not in lab.text("b")


def test_timing_is_that_of_the_rerun(lab: Lab, ran: Path) -> None:
    lab.record_timing()
    lab.run_all()
    first = lab.timing("b")
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")
    lab.settle()
    last = lab.timing("b")
    assert first["iopub.status.busy"] < last["iopub.status.busy"]
    assert last["iopub.status.busy"] <= last["shell.execute_reply"]
    assert set(last) >= {"iopub.execute_input", "shell.execute_reply.started"}


def test_outputs_reach_cells_that_were_never_on_the_screen(
    lab: Lab, notebook: Notebook
) -> None:
    many = {f"m{number}": f"print({number}, x)" for number in range(60)}
    file = notebook(a="x = 1", **many)
    lab.open(file)
    lab.run_all()
    lab.wait_for("m59", "59 1")
    lab.save()
    lab.open(file)
    lab.go_live()
    change(lab, "a", "x = 2")
    lab.wait_for("m59", "59 2")
    last = lab.cell("m59")
    last.scroll_into_view_if_needed()
    last.get_by_text("59 2").wait_for()


def test_outputs_of_a_long_run_go_on_after_a_reload(lab: Lab, ran: Path) -> None:
    slow = "import time\nfor i in range(40):\n    print('step', i)\n    time.sleep(0.3)"
    lab.write("c", slow)
    lab.save()
    lab.start("c")
    lab.wait_for("c", "step 1")
    lab.open(ran, wait_until_idle=False)
    lab.wait_for("c", "step 39")


MARK = "node => { node.dataset.seen = 'before'; }"


def test_a_rerun_does_not_rebuild_the_widget_of_another_cell(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(
        i="import ipywidgets as w",
        s="s = w.Text('typed')",
        a="x = 1",
        b="display(s)\nprint('x is', x)",
        c="display(w.Label(f'label {x}'))",
    )
    lab.open(file)
    lab.go_live()
    lab.run_all()
    for x in (2, 3):
        widget = lab.cell("b").locator(".jp-OutputArea-output .widget-text")
        widget.evaluate(MARK)
        change(lab, "a", f"x = {x}")
        lab.wait_for("b", f"x is {x}")
        assert widget.get_attribute("data-seen") == "before"
        label = lab.cell("c").locator(".widget-label")
        label.get_by_text(f"label {x}").wait_for()
        assert label.count() == 1


def test_outputs_that_come_out_as_before_stay_on_the_page(
    lab: Lab, notebook: Notebook
) -> None:
    same = "display({'text/html': '<b id=same>same</b>'}, raw=True)"
    file = notebook(a="x = 1", b=f"{same}\nprint('x is', x)\ndisplay(x)\n{same}")
    lab.open(file)
    lab.go_live()
    lab.run_all()
    lab.wait_for("b", "x is 1")
    nodes = lab.cell("b").locator("b#same")
    for index in range(2):
        nodes.nth(index).evaluate(MARK)
    change(lab, "a", "x = 2")
    lab.wait_for("b", "x is 2")
    seen = [nodes.nth(index).get_attribute("data-seen") for index in range(2)]
    assert seen == ["before", "before"]
    kinds = [output["output_type"] for output in lab.outputs("b")]
    assert kinds == ["display_data", "stream", "display_data", "display_data"]
    lab.save()
    lab.wait_for("b", "x is 2")
