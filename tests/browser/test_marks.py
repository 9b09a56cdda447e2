"""What stands in front of the cells: what a person sees of their states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True

Notebook = Callable[..., Path]


def test_an_edit_marks_what_depends_on_it_and_says_why(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a="x = 1", b="y = x + 1", c="print(y)", d="print('d')"))
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("c", "fresh")
    lab.settle()
    assert lab.marks() == {"a": "", "b": "", "c": "", "d": ""}
    lab.type("a", "x = 2")
    lab.wait_for_mark("c", "◌ stale")
    assert lab.marks() == {"a": "◌ stale", "b": "◌ stale", "c": "◌ stale", "d": ""}
    assert lab.words("a") == "stale: edited since it ran"
    assert lab.words("b") == "stale: x changed in In[1]"
    lab.cell("b").locator(".jp-InputPrompt").hover()
    prompt = lab.cell("b").locator(".jp-InputPrompt")
    assert prompt.get_attribute("title") == "stale: x changed in In[1]"
    lab.wait_for_summary("3 cells stale")
    lab.run("a")
    lab.wait_for("c", "3")
    lab.wait_for_mark("c", "")
    assert lab.words("b") == ""
    lab.wait_for_summary("All cells are up to date")
