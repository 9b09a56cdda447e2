"""Two people in one notebook: each output is written once.

jupyter-collaboration is in a virtual environment of its own, ``collaboration`` in the
folder of this one, since it makes all notebooks shared; ``make test`` makes it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import SCRIPT, Lab
from tests.browser.server import LabServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PYTHON = Path(sys.prefix) / "collaboration" / "bin" / "python"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON.exists() and not os.environ.get("CI"),
        reason="no jupyter-collaboration beside: make test",
    ),
]

Notebook = Callable[..., Path]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    folder = tmp_path_factory.mktemp("jupyter")
    server = LabServer(folder, extended=True, python=str(PYTHON))
    yield server
    server.stop()


@pytest.fixture
def other(browser: Browser, server: LabServer) -> Iterator[Lab]:
    """Return the browser of a second person."""
    context = browser.new_context()
    context.add_init_script(path=SCRIPT)
    yield Lab(context.new_page(), server)
    context.close()


def outputs(lab: Lab) -> dict[str, str]:
    return {cell: lab.text(cell) for cell in ("b", "c")}


def test_each_output_is_written_once_whoever_runs_a_cell(
    lab: Lab, other: Lab, notebook: Notebook
) -> None:
    file = notebook(a="x = 1", b="print('x is', x)", c="x * 10")
    for person in (lab, other):
        person.open(file)
        person.go_live()
    assert lab.is_shared
    lab.run_all()
    lab.wait_for_state("c", "fresh")
    for value, person in ((2, other), (3, lab), (4, other), (5, other)):
        person.write("a", f"x = {value}")
        person.run("a")
        for each in (lab, other):
            each.wait_for("b", f"x is {value}")
            each.wait_for("c", f"{10 * value}")
        for each in (lab, other):
            each.settle()
            assert outputs(each) == {"b": f"x is {value}\n", "c": f"{10 * value}"}
            assert [len(each.outputs(cell)) for cell in ("b", "c")] == [1, 1]
            assert each.counts()["b"] == 2


def test_outputs_are_written_when_the_one_who_ran_the_cells_has_left(
    lab: Lab, other: Lab, notebook: Notebook
) -> None:
    file = notebook(a="x = 1", b="print('x is', x)")
    for person in (other, lab):
        person.open(file)
        person.go_live()
    other.run_all()
    lab.wait_for("b", "x is 1")
    other.page.close()
    lab.write("a", "x = 2")
    lab.run("a")
    lab.wait_for("b", "x is 2")
    assert len(lab.outputs("b")) == 1
