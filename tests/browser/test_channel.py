"""The extension and the kernel in touch: the comm, and what goes over it."""

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


def test_states_of_cells_arrive_and_follow_an_edit(
    lab: Lab, notebook: Notebook
) -> None:
    lab.open(notebook(a="x = 1", b="print(x)", c="y = 2"))
    lab.go_live()
    assert lab.states() == {"a": "new", "b": "new", "c": "new"}
    lab.run_all()
    lab.wait_for_state("c", "fresh")
    lab.write("a", "x = 2")
    lab.wait_for_state("b", "stale")
    assert lab.states() == {"a": "stale", "b": "stale", "c": "fresh"}
