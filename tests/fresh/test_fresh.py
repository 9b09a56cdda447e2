"""The oracle itself: fresh runs by plain IPython, and fresh kernels to compare with."""

from __future__ import annotations

import pytest

from tests.fresh.kernels import FreshKernel, fresh_notebook, namespace
from tests.fresh.plain import run_plain
from tests.fresh.values import shown

NOTEBOOK = {
    "numbers": "xs = [1, 2]\nys = xs\nprint('hello')\nxs",
    "frame": "import pandas\ndf = pandas.DataFrame({'x': [1, 2]})\ndf",
    "array": "import numpy\na = numpy.arange(6).reshape(2, 3)\na[1]",
    "code": "def f(n=3): return len(xs) + n\nclass C:\n    k = 1\nc = C()\nc.xs = xs",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "shown": "from IPython.display import HTML, display\ndisplay(HTML('<b>b</b>'), f)",
    "failed": "print(xs)\n1 / 0",
    "syntax": "1 +",
    "random": "import random\nprint(random.random(), numpy.random.rand())",
    "errors": "import sys\nprint('oh', file=sys.stderr)",
}


@pytest.mark.kernel
def test_a_plain_run_and_a_fresh_kernel_show_and_hold_the_same() -> None:
    plain = run_plain(NOTEBOOK)
    with fresh_notebook() as nb:
        nb.open(**NOTEBOOK)
        for id, source in NOTEBOOK.items():
            nb.run(id, source)
        nb.settle()
        for id in NOTEBOOK:
            assert shown(nb.outputs[id]) == shown(plain.outputs[id]), id
        assert namespace(nb) == plain.namespace


def test_outputs_are_what_a_notebook_shows() -> None:
    plain = run_plain(NOTEBOOK)
    assert plain["numbers"] == "hello\n[1, 2]"
    assert plain["failed"] == "[1, 2]\nZeroDivisionError: division by zero"
    assert "image/png" in plain.outputs["plot"][0]["data"]
    assert [output["output_type"] for output in plain.outputs["shown"]] == [
        "display_data",
        "display_data",
    ]
    assert plain.outputs["errors"][0]["name"] == "stderr"


def test_runs_see_nothing_of_each_other() -> None:
    run_plain({"a": "import os\nx = 1\nopen('x', 'w').close()\nos.environ['X'] = '1'"})
    fresh = run_plain({"a": "import os\nprint(os.listdir(), 'X' in os.environ)\nx"})
    assert fresh["a"] == "[] False\nNameError: name 'x' is not defined"


def test_files_of_a_case_are_there() -> None:
    plain = run_plain({"a": "print(open('data/x.csv').read())"}, {"data/x.csv": "1;2"})
    assert plain["a"] == "1;2"


@pytest.mark.kernel
def test_files_of_a_case_are_there_in_a_kernel() -> None:
    with fresh_notebook({"x.csv": "1;2"}) as nb:
        nb.run("a", "print(open('x.csv').read())")
        assert nb["a"] == "1;2"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("a = [1]; b = a", "a = [1]; b = [1]", id="aliases"),
        pytest.param("a = 1", "a = True", id="types"),
        pytest.param("a = [[0.0]]", "a = [[-0.0]]", id="depth"),
        pytest.param("def f(): return 1", "def f(): return 2", id="functions"),
        pytest.param("f = lambda x=1: x", "f = lambda x=2: x", id="defaults"),
        pytest.param("class C: k = 1", "class C: k = 2", id="classes"),
        pytest.param(
            "class C: pass\nc = C(); c.k = 1",
            "class C: pass\nc = C(); c.k = 2",
            id="objects",
        ),
        pytest.param(
            "import numpy; a = numpy.zeros(2)",
            "import numpy; a = numpy.zeros(2, int)",
            id="arrays",
        ),
        pytest.param(
            "import pandas; a = pandas.DataFrame({'x': [1]})",
            "import pandas; a = pandas.DataFrame({'x': [2]})",
            id="frames",
        ),
        pytest.param("a = 1", "a = 1; b = 2", id="names"),
    ],
)
def test_different_namespaces_have_different_descriptions(
    left: str, right: str
) -> None:
    first, second = run_plain({"a": left}), run_plain({"a": right})
    assert first.namespace == run_plain({"a": left}).namespace
    assert first.namespace != second.namespace


@pytest.mark.kernel
def test_a_kernel_can_be_interrupted_and_ends_when_told() -> None:
    with fresh_notebook() as nb:
        request = nb.submit("a", "import time\nprint('on')\ntime.sleep(30)")
        nb.until(lambda: nb["a"] == "on", "the cell to run")
        nb.interrupt()
        nb.wait(request)
        assert nb["a"].endswith("KeyboardInterrupt: ")
    kernel = FreshKernel()
    assert kernel.alive
    kernel.stop()
    assert not kernel.folder.exists()
