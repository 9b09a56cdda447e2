"""What a client asks over the comm: variables, mentions, renamings."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.kernel.wire import Wire, fill

pytestmark = pytest.mark.kernel


@pytest.fixture
def nb(nb: Wire) -> Wire:
    nb.open_comm(subshell=True)
    return nb


def variables(nb: Wire) -> dict[str, dict[str, Any]]:
    """Return all variables by name."""
    return {each["name"]: each for each in nb.question("variables")["variables"]}


def test_variables_are_told_with_type_value_size_and_cell(nb: Wire) -> None:
    fill(nb, a="rate = 0.2\nxs = [1, 2]", b="rate = 0.3", c="import math")
    told = variables(nb)
    assert list(told) == ["math", "rate", "xs"]
    assert told["rate"] == {
        "name": "rate",
        "cell": "b",
        "type": "float",
        "value": "0.3",
        "size": 24,
    }
    assert told["xs"]["value"] == "[1, 2]"
    assert told["math"]["type"] == "module"


def test_variables_are_told_while_a_cell_runs(nb: Wire) -> None:
    fill(nb, a="x = 1", b="y = x")
    request = nb.submit("c", "import time\nfor z in range(400): time.sleep(0.005)")
    nb.becomes("c", "running")
    for _ in range(20):
        assert variables(nb)["y"]["value"] == "1"
    assert not nb.replied(request)
    nb.wait(request)
    assert variables(nb)["z"]["value"] == "399"


def test_looking_at_variables_runs_no_code_of_theirs_and_counts_for_no_cell(
    nb: Wire,
) -> None:
    hostile = (
        "log = []\nclass H:\n"
        "  def __repr__(self): log.append('repr'); raise SystemExit\n"
        "  def __getattr__(self, name): log.append(name); raise SystemExit\n"
        "  def __len__(self): log.append('len'); raise SystemExit\n"
        "h = H(); hs = [h]"
    )
    slider = "import ipywidgets\ns = ipywidgets.IntSlider(3)"
    fill(nb, a=hostile, b=slider, c="print(s.value)")
    told = variables(nb)
    assert told["h"]["value"] == "H()"
    assert told["hs"]["value"] == "[H()]"
    assert told["s"]["value"] == "IntSlider(value=3)"
    assert nb.value("log") == "[]"
    assert nb.mirror.cells["b"]["traits"] == []
    nb.settle()
    assert nb.ran() == []


def test_a_thousand_variables_are_told_in_time(nb: Wire) -> None:
    fill(nb, a="for i in range(1000): globals()[f'v{i}'] = {str(i): [i] * 1000}")
    start = time.perf_counter()
    told = nb.question("variables")
    assert time.perf_counter() - start < 1
    assert len(told["variables"]) == 1001


def test_a_question_moves_no_revision(nb: Wire) -> None:
    fill(nb, a="x = 1")
    before = nb.mirror.revision
    variables(nb)
    nb.snapshot()
    assert nb.mirror.revision == before


def test_mentions_of_a_name_and_its_definition_are_told(nb: Wire) -> None:
    nb.open(a="x = 1", b="%time y = x", c="f = lambda x: x")
    told = nb.question("find", name="x", at={"cell": "b", "line": 1, "column": 10})
    assert told["definition"] == {"cell": "a", "range": [1, 0, 1, 1], "defines": True}
    assert [mention["cell"] for mention in told["mentions"]] == ["a", "b"]
    told = nb.question("find", name="x", at={"cell": "c", "line": 1, "column": 14})
    assert "no name of the notebook here" in told["error"]


def test_a_renaming_is_told_or_refused(nb: Wire) -> None:
    nb.open(a="x = 1", b="print(f'{x} x')", c="z = 1")
    told = nb.question("rename", name="x", to="y")
    assert [(edit["cell"], edit["text"]) for edit in told["edits"]] == [
        ("a", "y"),
        ("b", "y"),
    ]
    assert told["left"] == ["b"]
    told = nb.question("rename", name="x", to="z")
    assert told["error"] == "there is a `z` in this notebook already"
    nb.edit("c", "exec(text)")
    told = nb.question("rename", name="x", to="y")
    assert told["error"] == "cell 3 runs `exec`, which may use any name"


def test_a_star_import_that_has_run_can_be_made_explicit(nb: Wire) -> None:
    nb.open(a="from math import *", b="print(pi)", c="y = tau")
    nb.settle()
    (before,) = nb.mirror.cells["a"]["diagnostics"]
    assert "fix" not in before
    nb.run("a", "from math import *")
    nb.settle()
    (after,) = nb.mirror.cells["a"]["diagnostics"]
    assert after["fix"] == {
        "title": "Import pi, tau by name",
        "range": [1, 17, 1, 18],
        "text": "pi, tau",
    }


def test_the_magic_lists_variables(nb: Wire) -> None:
    fill(nb, a="x = 1\nname = '<b>'")
    nb.run("m", "%reactive variables")
    assert "name" in nb["m"]
    assert "&lt;b&gt;" in str(nb.outputs["m"])
