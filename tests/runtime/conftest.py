from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest

from reactive_kernel.planning import Fresh
from reactive_kernel.testing import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = tuple[str, ...]
    Follow = Callable[..., list[list[str]]]


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def follow() -> Follow:
    """Return what plays steps and compares each cell with a fresh run after each."""

    def follow(cells: list[str], *steps: Step) -> list[list[str]]:
        notebook = Notebook()
        notebook.open(*cells)
        sources = dict(zip(string.ascii_lowercase, cells, strict=False))
        ran = []
        for verb, cell, *text in steps:
            if verb == "delete":
                del sources[cell]
            elif verb == "edit":
                sources[cell] = text[0]
            ran.append(getattr(notebook, verb)(cell, *text))
            assert shown_by(notebook, sources) == shown_fresh(sources), (verb, cell)
        return ran

    return follow


def shown_by(notebook: Notebook, sources: dict[str, str]) -> dict[str, object]:
    """Return the kind of state of each cell, and the output of those that are fresh."""
    states = {id: notebook.state(id) for id in sources}
    return {
        id: notebook.printed[id] if isinstance(state, Fresh) else type(state).__name__
        for id, state in states.items()
    }


def shown_fresh(sources: dict[str, str]) -> dict[str, object]:
    """Return what each cell shows when all are run once, from top to bottom."""
    notebook = Notebook()
    notebook.open(*sources.values())
    letters = dict(zip(string.ascii_lowercase, sources, strict=False))
    shown = shown_by(notebook, dict.fromkeys(letters, ""))
    return {letters[id]: found for id, found in shown.items()}
