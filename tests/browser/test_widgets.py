"""Widgets moved by hand, and the cells that follow; in an unmodified JupyterLab."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.lab import Lab

EXAMPLE = Path(__file__).parents[2] / "examples" / "widgets.ipynb"

pytestmark = pytest.mark.browser

Notebook = Callable[..., Path]

SLIDER = "import ipywidgets as w\ns = w.IntSlider()\ns"


def handle(lab: Lab, cell: str, place: int = 0) -> Locator:
    """Return the handle of a slider below a cell."""
    return lab.cell(cell).locator(".noUi-handle").nth(place)


def drag(lab: Lab, cell: str, places: int) -> None:
    """Drag a slider's handle to the right by hand, a few pixels at a time."""
    box = handle(lab, cell).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    for step in range(1, places + 1):
        mouse.move(x + 4 * step, y)
    mouse.up()


def shown_by(lab: Lab, cell: str) -> int:
    """Return the number beside a slider."""
    return int(lab.cell(cell).locator(".widget-readout").first.inner_text())


def test_a_drag_with_the_mouse_ends_with_the_value_that_is_shown(
    lab: Lab, notebook: Notebook
) -> None:
    slow = "import time\ntime.sleep(0.05)\n"
    lab.open(notebook(a=SLIDER, b="print('now', s.value)", c=f"{slow}print(s.value)"))
    lab.run_all()
    drag(lab, "a", 30)
    value = shown_by(lab, "a")
    assert value > 5
    lab.wait_for("b", f"now {value}")
    lab.wait_for("c", f"{value}")
    lab.settle()
    assert lab.text("b") == f"now {value}\n"
    drag(lab, "a", 5)
    lab.wait_for("b", f"now {shown_by(lab, 'a')}")


def test_the_arrow_keys_move_a_slider_and_its_view_stays(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a=SLIDER, b="print('now', s.value)", c="s"))
    lab.run_all()
    knob = handle(lab, "c")
    knob.evaluate("element => { element.dataset.mine = 'yes'; }")
    knob.focus()
    for value in range(1, 6):
        lab.page.keyboard.press("ArrowRight")
        lab.wait_for("b", f"now {value}")
    lab.settle()
    assert handle(lab, "c").get_attribute("data-mine") == "yes"
    assert shown_by(lab, "a") == 5


def test_a_slider_that_is_made_anew_keeps_its_value_and_drives_on(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a=SLIDER, b="print('now', s.value)"))
    lab.run_all()
    handle(lab, "a").focus()
    lab.page.keyboard.press("ArrowRight")
    lab.wait_for("b", "now 1")
    lab.run("a")
    lab.settle()
    handle(lab, "a").wait_for()
    assert shown_by(lab, "a") == 1
    handle(lab, "a").focus()
    lab.page.keyboard.press("ArrowRight")
    lab.wait_for("b", "now 2")


def test_a_button_runs_the_cells_that_read_its_clicks(
    lab: Lab, notebook: Notebook
) -> None:
    make = (
        "import ipywidgets as w\nfrom reactive_kernel import clicks\n"
        "go = w.Button(description='Go')\npressed = clicks(go)\ngo"
    )
    lab.open(notebook(a=make, b="print('pressed', pressed.count)"))
    lab.run_all()
    for count in range(1, 4):
        lab.cell("a").get_by_role("button", name="Go").click()
        lab.wait_for("b", f"pressed {count}")


def test_a_choice_runs_the_cells_that_read_it(lab: Lab, notebook: Notebook) -> None:
    make = "import ipywidgets as w\nd = w.Dropdown(options=['red', 'green'])\nd"
    lab.open(notebook(a=make, b="print(d.value, d.index)"))
    lab.run_all()
    lab.cell("a").locator("select").select_option("green")
    lab.wait_for("b", "green 1")


def test_a_slider_moved_in_one_tab_drives_the_cells_in_the_other(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(a=SLIDER, b="print('now', s.value)")
    lab.open(file)
    lab.run_all()
    lab.save()
    second = type(lab)(lab.page.context.new_page(), lab.server)
    second.page.add_init_script(path=SCRIPT)
    second.open(file)
    handle(second, "a").focus()
    second.page.keyboard.press("ArrowRight")
    lab.wait_for("b", "now 1")
    lab.page.bring_to_front()
    assert shown_by(lab, "a") == 1
    handle(lab, "a").focus()
    lab.page.keyboard.press("ArrowRight")
    lab.wait_for("b", "now 2")


def test_an_output_widget_captures_in_reruns(lab: Lab, notebook: Notebook) -> None:
    capture = "out = w.Output()\nwith out:\n    print('inside', s.value)\nout"
    lab.open(notebook(a=SLIDER, b=capture))
    lab.run_all()
    handle(lab, "a").focus()
    lab.page.keyboard.press("ArrowRight")
    inside = lab.cell("b").locator(".jupyter-widgets-output-area, .widget-output")
    inside.get_by_text("inside 1").wait_for()
    assert inside.get_by_text("inside").count() == 1


def test_a_callback_that_fails_says_so_under_its_cell(
    lab: Lab, notebook: Notebook
) -> None:
    fail = (
        "def fail(change):\n    raise ValueError(change.new)\ns.observe(fail, 'value')"
    )
    lab.open(notebook(a=SLIDER, b=fail, c="print('now', s.value)"))
    lab.run_all()
    handle(lab, "a").focus()
    lab.page.keyboard.press("ArrowRight")
    lab.wait_for("b", "ValueError")
    lab.wait_for("c", "now 1")


def test_a_zoom_in_a_figure_of_plotly_runs_the_cells_that_read_the_axis(
    lab: Lab, notebook: Notebook
) -> None:
    pytest.importorskip("plotly")
    make = (
        "import plotly.graph_objects as go\n"
        "fig = go.FigureWidget(go.Scatter(y=[1, 3, 2, 5, 4]))\nfig"
    )
    read = "low, high = fig.layout.xaxis.range or (0, 0)\nprint(0 < low < high < 4)"
    lab.open(notebook(a=make, b=read))
    lab.run_all()
    plot = lab.cell("a").locator(".nsewdrag").first
    plot.wait_for()
    box = plot.bounding_box()
    assert box
    y, mouse = box["y"] + box["height"] / 2, lab.page.mouse
    mouse.move(box["x"] + box["width"] * 0.4, y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.7, y, steps=5)
    mouse.up()
    lab.wait_for("b", "True")


def test_a_selection_in_a_table_runs_the_cells_that_read_it(
    lab: Lab, notebook: Notebook
) -> None:
    pytest.importorskip("ipydatagrid")
    make = (
        "import pandas as pd\nfrom ipydatagrid import DataGrid\n"
        "grid = DataGrid(pd.DataFrame({'x': [10, 20, 30]}), selection_mode='row')\ngrid"
    )
    lab.open(notebook(a=make, b="print('chosen', *grid.selected_cell_values)"))
    lab.run_all()
    table = lab.cell("a").locator(".lm-DataGrid-viewport")
    table.wait_for()
    table.click(position={"x": 80, "y": 30})
    lab.wait_for("b", "chosen 10")


def test_a_widget_of_anywidget_runs_the_cells_that_read_it(
    lab: Lab, notebook: Notebook
) -> None:
    pytest.importorskip("anywidget")
    make = """import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = '''
    function render({ model, el }) {
      const button = document.createElement("button");
      button.textContent = "More";
      button.onclick = () => {
        model.set("count", model.get("count") + 1);
        model.save_changes();
      };
      el.appendChild(button);
    }
    export default { render };
    '''
    count = traitlets.Int(0).tag(sync=True)
counter = Counter()
counter"""
    lab.open(notebook(a=make, b="print('count', counter.count)"))
    lab.run_all()
    for count in range(1, 4):
        lab.cell("a").get_by_role("button", name="More").click()
        lab.wait_for("b", f"count {count}")


@pytest.fixture
def example(lab: Lab, folder: Path) -> Lab:
    """The notebook of examples, opened and run from top to bottom."""
    file = Path(shutil.copy(EXAMPLE, folder))
    lab.open(file)
    lab.run_all()
    lab.settle()
    return lab


def test_the_example_runs_and_its_slider_and_choice_drive_the_sum(example: Lab) -> None:
    for cell in example.counts():
        kinds = {output["output_type"] for output in example.outputs(cell)}
        assert "error" not in kinds, example.text(cell)
    handle(example, "slider").focus()
    example.page.keyboard.press("ArrowRight")
    example.wait_for("sum", "The first 6 squares add up to 91.")
    example.cell("slider").locator("select").select_option("cubes")
    example.wait_for("sum", "The first 6 cubes add up to 441.")


def test_the_example_of_shared_state(example: Lab) -> None:
    for _ in range(2):
        example.cell("cart").get_by_role("button", name="An apple more").click()
    example.wait_for("apples", "apples: 2")
    example.wait_for("price", "to pay: 4")
    example.cell("cart").get_by_role("button", name="A pear more").click()
    example.wait_for("price", "to pay: 7")


def test_the_example_of_a_button(example: Lab) -> None:
    example.cell("button").get_by_role("button", name="Roll").click()
    example.wait_for("dice", "throw 1 gives 2")


def test_the_example_of_a_form_follows_its_button_only(example: Lab) -> None:
    example.cell("form").locator("input[type=text]").first.fill("Ada")
    handle(example, "form").focus()
    example.page.keyboard.press("ArrowRight")
    example.settle()
    assert example.text("greeting") == "Nothing was submitted yet.\n"
    example.cell("form").get_by_role("button", name="Submit").click()
    example.wait_for("greeting", "Ada is 31 years old.")


def test_the_example_of_a_text_waits_until_typing_ends(example: Lab) -> None:
    example.cell("text").locator("input[type=text]").press_sequentially("day")
    example.wait_for("search", "'day' is in: Monday, Tuesday")
    assert example.text("search").count("is in") == 1


def test_the_example_of_a_timer_in_the_browser(example: Lab) -> None:
    example.cell("play").locator("button").first.click()
    example.wait_for("train", "ooo")


def test_the_example_of_a_timer_in_the_kernel(example: Lab) -> None:
    example.wait_for("tick", "tick 10")
    example.run("task")
    example.wait_for("tick", "tick 20")
