"""What the user has set in a widget survives a rerun of the cell that makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kernel.kernels import RunningKernel
from tests.kernel.widgets import Front
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

WIDGETS = "import ipywidgets as w"


@pytest.fixture
def front(nb: Wire) -> Front:
    return Front(nb)


@pytest.mark.parametrize(
    ("made", "model", "state", "shown"),
    [
        pytest.param("w.IntSlider(3)", "IntSlider", {"value": 7}, "7"),
        pytest.param(
            "w.IntSlider(3, layout=w.Layout(width='5em'), style={'handle_color': 'red'})",
            "IntSlider",
            {"value": 7},
            "7",
            id="other widgets as arguments",
        ),
        pytest.param(
            "w.Dropdown(options=['a', 'b'])",
            "Dropdown",
            {"index": 1},
            "'b'",
            id="a choice",
        ),
        pytest.param(
            "w.SelectMultiple(options={'a': 1, 'b': 2})",
            "SelectMultiple",
            {"index": [0, 1]},
            "(1, 2)",
            id="several choices",
        ),
        pytest.param("w.Text('x')", "Text", {"value": "hi"}, "'hi'"),
        pytest.param(
            "w.SelectionSlider(options=__import__('numpy').arange(5))",
            "SelectionSlider",
            {"index": 4},
            "4",
            id="an array as argument",
        ),
    ],
)
def test_a_value_survives_a_rerun_with_equal_arguments(
    nb: Wire, front: Front, made: str, model: str, state: dict[str, Any], shown: str
) -> None:
    nb.run("a", f"{WIDGETS}\ntag = 1")
    nb.run("b", f"tag\ns = {made}")
    nb.run("c", "s.value")
    front.move(model, **state)
    assert nb.value(f"bool(s.value == {shown})") == "True"
    for _again in range(2):
        nb.run("b", f"tag\ns = {made}")
        nb.settle()
        assert nb.value(f"bool(s.value == {shown})") == "True"
    nb.run("a", f"{WIDGETS}\ntag = 2")
    nb.settle()
    assert nb.value(f"bool(s.value == {shown})") == "True"


def test_other_arguments_reset_the_value(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    front.move("IntSlider", value=7)
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(4)")
    assert nb.value("s.value") == "4"


def test_the_value_is_there_before_the_cell_goes_on(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)\nprint(s.value)")
    front.move("IntSlider", value=7)
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)\nprint(s.value)")
    assert nb["a"] == "7"


def test_equal_widgets_are_told_apart_by_their_order(nb: Wire, front: Front) -> None:
    made = f"{WIDGETS}\nall = [w.IntSlider() for _ in range(3)]"
    nb.run("a", made)
    front.move("IntSlider", 1, value=7)
    nb.run("a", made)
    assert nb.value("[s.value for s in all]") == "[0, 7, 0]"


def test_widgets_inside_a_class_of_the_notebook_keep_theirs(
    nb: Wire, front: Front
) -> None:
    nb.run(
        "a",
        f"{WIDGETS}\nclass Form(w.VBox):\n    def __init__(self):\n"
        "        self.n = w.IntSlider()\n        super().__init__([self.n])",
    )
    nb.run("b", "form = Form()")
    front.move("IntSlider", value=7)
    nb.run("b", "form = Form()")
    assert nb.value("form.n.value") == "7"


def test_what_code_has_set_is_not_kept(nb: Wire) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    nb.run("b", "s.value = 9")
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)\nprint(s.value)")
    assert nb["a"] == "3"


def test_a_value_that_is_not_allowed_any_more_is_left(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\nlargest = 100")
    nb.run(
        "b",
        "class Mine(w.IntSlider):\n    def __init__(self):\n"
        "        super().__init__(max=largest)",
    )
    nb.run("c", "s = Mine()")
    front.move("IntSlider", value=70)
    nb.run("a", f"{WIDGETS}\nlargest = 50")
    nb.settle()
    assert nb.value("s.value") == "50"


def test_a_cell_that_failed_before_it_made_its_widget_keeps_it(
    nb: Wire, front: Front
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    front.move("IntSlider", value=7)
    nb.run("a", f"{WIDGETS}\n1/0\ns = w.IntSlider(3)")
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    assert nb.value("s.value") == "7"


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    profile = tmp_path / "profile_default"
    profile.mkdir()
    setting = "c.ReactiveKernel.keep_values = False\n"
    (profile / "ipython_kernel_config.py").write_text(setting)
    kernel = RunningKernel(IPYTHONDIR=str(tmp_path))
    nb = Wire(kernel)
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    Front(nb).move("IntSlider", value=7)
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    assert nb.value("s.value") == "3"
    nb.close()
    kernel.stop()
