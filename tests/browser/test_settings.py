"""Settings in the metadata of cells, in an unmodified JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser


def test_a_cell_is_frozen_with_its_next_run(
    lab: Lab, notebook: Callable[..., Path]
) -> None:
    lab.open(notebook(a="x = 1", b="y = x * 10", c="print(y)", d="print(x)"))
    lab.run_all()
    lab.set("b", frozen=True)
    lab.run("b")
    lab.write("a", "x = 2")
    lab.run("a")
    lab.wait_for("d", "2")
    lab.settle()
    assert lab.text("c").strip() == "10"
    lab.run("b")
    lab.wait_for("c", "20")


def test_a_cell_that_is_not_run_is_frozen_by_saving(
    lab: Lab, notebook: Callable[..., Path]
) -> None:
    lab.open(notebook(a="x = 1", b="y = x * 10", c="print(y)", d="print(x)"))
    lab.run_all()
    lab.settle()
    lab.set("b", frozen=True)
    lab.save()
    lab.write("a", "x = 2")
    lab.run("a")
    lab.wait_for("d", "2")
    lab.settle()
    assert lab.text("c").strip() == "10"
    lab.set("b")
    lab.save()
    lab.run("d")
    lab.wait_for("c", "20")
