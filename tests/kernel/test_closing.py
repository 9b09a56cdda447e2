"""Figures and widgets of a cell's earlier run are closed; those of others are not."""

from __future__ import annotations

import pytest

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

PLOTTING = """\
import matplotlib
import matplotlib.pyplot as plt
matplotlib.use('agg')
plt.close('all')"""

OPEN = "sorted(plt.get_figlabels())"
REMEMBER = "setattr(__import__('sys'), 'it', __import__('weakref').ref({}))"


@pytest.fixture
def plotting(nb: Wire) -> Wire:
    """Return a notebook in which figures stay open until somebody closes them."""
    nb.run("m", PLOTTING)
    return nb


@pytest.fixture
def widgets(nb: Wire) -> Wire:
    """Return a notebook with ipywidgets in it."""
    nb.run("i", "import ipywidgets as w\nimport ipywidgets.widgets.widget as registry")
    return nb


def sliders(nb: Wire) -> list[int]:
    """Return the values of the sliders that are open."""
    listed = nb.value(
        "sorted(s.value for s in registry._instances.values() if isinstance(s, w.IntSlider))"
    )
    return [int(value) for value in listed.strip("[]").split(", ") if value]


def test_running_a_cell_again_closes_its_figures_and_no_others(plotting: Wire) -> None:
    plotting.run("a", "fig = plt.figure('a1')\nplt.figure('a2')")
    plotting.run("b", "other = plt.figure('b')")
    plotting.run("a", "fig = plt.figure('a3')")
    assert plotting.value(OPEN) == "['a3', 'b']"


def test_a_rerun_closes_the_figures_of_the_run_before(plotting: Wire) -> None:
    plotting.run("n", "n = 1")
    plotting.run("a", "fig, ax = plt.subplots(num=f'a{n}')")
    plotting.run("n", "n = 2")
    plotting.settle()
    assert plotting.value(OPEN) == "['a2']"


def test_a_cell_finds_no_figure_of_its_own_to_draw_on(plotting: Wire) -> None:
    for _ in range(3):
        plotting.run("a", "plt.plot([1, 2])\nlen(plt.gca().lines)")
    assert plotting["a"] == "1"
    for _ in range(3):
        plotting.run("b", "plt.figure('named').gca().plot([1])\nlen(plt.gca().lines)")
    assert plotting["b"] == "1"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("1", id="edited away"),
        pytest.param("1 / 0", id="fails"),
        pytest.param("plt.close('all')", id="closes them itself"),
    ],
)
def test_figures_are_closed_however_the_next_run_ends(
    plotting: Wire, source: str
) -> None:
    plotting.run("a", "fig = plt.figure('a')")
    plotting.run("a", source)
    assert plotting.value(OPEN) == "[]"


def test_figures_of_a_run_that_failed_are_closed(plotting: Wire) -> None:
    plotting.run("a", "plt.figure('a')\n1 / 0")
    assert plotting.value(OPEN) == "['a']"
    plotting.run("a", "1")
    assert plotting.value(OPEN) == "[]"


def test_deleting_a_cell_closes_its_figures_and_frees_them(plotting: Wire) -> None:
    plotting.run("a", "fig = plt.figure('a')")
    plotting.value(REMEMBER.format("fig"))
    plotting.run("b", "fig2 = plt.figure('b')", deleted=["a"])
    plotting.settle()
    assert plotting.value(OPEN) == "['b']"
    assert plotting.value(
        "(__import__('gc').collect(), __import__('sys').it())[1]"
    ) == ("None")


def test_figures_that_the_inline_backend_leaves_open_are_closed(nb: Wire) -> None:
    nb.run("m", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.close('all')")
    nb.run("a", "with plt.ioff():\n    fig = plt.figure('a')")
    assert nb.value(OPEN) == "['a']"
    nb.run("a", "with plt.ioff():\n    fig = plt.figure('again')")
    assert nb.value(OPEN) == "['again']"


def test_a_figure_that_was_shown_inline_can_still_be_used(nb: Wire) -> None:
    nb.run("m", "%matplotlib inline\nimport matplotlib.pyplot as plt")
    nb.run("a", "fig, ax = plt.subplots()\nax.plot([1, 2]);")
    nb.run("b", "ax.set_title('later')\nfig")
    nb.run("b", "ax.set_title('again')\nfig")
    (output,) = nb.outputs["b"]
    assert "image/png" in output["data"]


def test_running_a_cell_again_closes_its_widgets_and_no_others(widgets: Wire) -> None:
    widgets.run("a", "s = w.IntSlider(1)\nw.IntSlider(2)")
    widgets.run("b", "t = w.IntSlider(10)")
    widgets.run("a", "s = w.IntSlider(3)")
    assert sliders(widgets) == [3, 10]


def test_all_that_belongs_to_a_widget_is_closed(widgets: Wire) -> None:
    before = widgets.value("len(registry._instances)")
    widgets.run("a", "box = w.VBox([w.IntSlider(1), w.Button()])")
    widgets.run("a", "None")
    assert widgets.value("len(registry._instances)") == before


def test_widgets_are_closed_after_the_new_output_is_out(widgets: Wire) -> None:
    widgets.run("n", "n = 1")
    widgets.run("a", "s = w.IntSlider(n)\ns")
    widgets.messages.clear()
    widgets.run("n", "n = 2")
    widgets.settle()
    kinds = [message.kind for message in widgets.about("a")]
    assert kinds.index("comm_close") > kinds.index("execute_result")
    assert kinds.index("comm_close") < len(kinds) - 1
    assert kinds[-1] == "status"
    assert sliders(widgets) == [2]


def test_deleting_a_cell_closes_its_widgets(widgets: Wire) -> None:
    widgets.run("a", "s = w.IntSlider(1)\ns")
    widgets.run("b", "1", deleted=["a"])
    widgets.settle()
    assert sliders(widgets) == []


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("box = w.VBox([s])", id="in a box"),
        pytest.param("mine = [s]", id="in a list"),
        pytest.param("mine = {'s': (s,)}", id="in containers"),
        pytest.param("class A: pass\na = A()\na.s = s", id="in an object"),
        pytest.param("mine = s", id="by another name"),
        pytest.param(
            "link = w.jslink((s, 'value'), (w.IntText(), 'value'))", id="linked"
        ),
    ],
)
def test_a_widget_that_another_cell_uses_stays_until_that_cell_runs(
    widgets: Wire, use: str
) -> None:
    widgets.run("m", "%reactive mode lazy")
    widgets.run("a", "s = w.IntSlider(1)")
    widgets.run("b", use)
    widgets.run("a", "s = w.IntSlider(2)")
    assert sliders(widgets) == [1, 2]
    widgets.run("b", use)
    assert sliders(widgets) == [2]
    widgets.run("m", "%reactive mode auto")


def test_a_cascade_leaves_no_widget_of_the_runs_before(widgets: Wire) -> None:
    widgets.run("n", "n = 1")
    widgets.run("a", "s = w.IntSlider(n)")
    widgets.run("b", "box = w.HBox([s])\nbox")
    before = widgets.value("len(registry._instances)")
    for value in (2, 3):
        widgets.run("n", f"n = {value}")
        widgets.settle()
    assert sliders(widgets) == [3]
    assert widgets.value("len(registry._instances)") == before


def test_interact_is_closed_too(widgets: Wire) -> None:
    before = widgets.value("len(registry._instances)")
    source = "@w.interact(x=(0, 5))\ndef show(x):\n    print(x)"
    widgets.run("a", source)
    once = widgets.value("len(registry._instances)")
    assert once != before
    widgets.run("a", source)
    assert widgets.value("len(registry._instances)") == once
    widgets.run("b", "1", deleted=["a"])
    widgets.settle()
    assert widgets.value("len(registry._instances)") == before


def test_closed_widgets_are_freed(widgets: Wire) -> None:
    widgets.run("a", "s = w.IntSlider(1)\ns")
    widgets.value(REMEMBER.format("s"))
    widgets.run("a", "s = w.IntSlider(2)\ns")
    assert widgets.value("(__import__('gc').collect(), __import__('sys').it())[1]") == (
        "None"
    )
