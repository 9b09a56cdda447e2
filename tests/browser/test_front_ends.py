"""The extension in JupyterLab and Jupyter Notebook, the newest and the oldest.

The oldest are in a virtual environment of their own, ``oldest`` in the folder of this one;
``make test`` makes it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.server import LabServer

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
extended = True

Notebook = Callable[..., Path]

OLDEST = Path(sys.prefix) / "oldest" / "bin" / "python"
needs_oldest = pytest.mark.skipif(
    not OLDEST.exists() and not os.environ.get("CI"),
    reason="no JupyterLab 4.4 and Notebook 7.4 beside: make test",
)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param({"app": "notebook"}, id="newest Notebook"),
        pytest.param(
            {"python": str(OLDEST)}, id="oldest JupyterLab", marks=needs_oldest
        ),
        pytest.param(
            {"app": "notebook", "python": str(OLDEST)},
            id="oldest Notebook",
            marks=needs_oldest,
        ),
    ],
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LabServer]:
    server = LabServer(
        tmp_path_factory.mktemp("jupyter"), extended=True, **request.param
    )
    yield server
    server.stop()


def test_states_arrive_and_outputs_reach_their_cell_after_a_reload(
    lab: Lab, notebook: Notebook
) -> None:
    file = notebook(a="x = 1", b="print('x is', x)")
    lab.open(file)
    lab.go_live()
    assert lab.states() == {"a": "new", "b": "new"}
    lab.run_all()
    lab.wait_for_state("b", "fresh")
    lab.write("a", "x = 2")
    lab.wait_for_state("b", "stale")
    lab.save()
    lab.open(file)
    lab.go_live()
    lab.run("a")
    lab.wait_for("b", "x is 2")
    assert len(lab.outputs("b")) == 1


def test_another_kernel_is_left_alone(lab: Lab, notebook: Notebook) -> None:
    lab.open(notebook(a="x = 1", b="print(x)"))
    lab.change_kernel("python3")
    lab.run_all()
    assert not lab.is_followed
    assert lab.text("b") == "1\n"


def test_marks_tell_what_is_stale_and_the_toolbar_runs_it(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a="x = 1", b="print('x is', x)", c="y = 1"))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("c", "fresh")
    lab.write("a", "x = 2")
    lab.wait_for_mark("b", "◌ stale")
    assert lab.marks() == {"a": "◌ stale", "b": "◌ stale", "c": ""}
    assert "x changed in In[1]" in lab.words("b")
    lab.page.get_by_role("button", name="Run stale (2)").click()
    lab.wait_for("b", "x is 2")
    lab.wait_for_state("b", "fresh")
    assert set(lab.marks().values()) == {""}


def test_neighbours_graph_and_variables_are_shown(lab: Lab, notebook: Notebook) -> None:
    lab.open(notebook(a="x = 1", b="print('x is', x)"))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("b", "fresh")
    lab.command("reactive:show-graph")
    expect(lab.page.locator(".jp-Reactive-box")).to_have_count(2)
    expect(lab.page.locator(".jp-Reactive-variable")).to_contain_text("int")
    breadcrumb = lab.page.locator(".jp-Reactive-breadcrumb")
    expect(breadcrumb.get_by_role("button", name="x In[1]")).to_be_visible()
