from __future__ import annotations

import contextlib
import math
import string
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from reactive_kernel.planning import Fresh
from reactive_kernel.testing import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Step = tuple[str, ...]
    Follow = Callable[..., list[list[str]]]


PATCHED = (math, Fraction)
AT_FIRST = [dict(vars(owner)) for owner in PATCHED]


@contextlib.contextmanager
def modules_as_they_were() -> Iterator[None]:
    """Give a fresh run the modules that a fresh process would have."""
    now = [dict(vars(owner)) for owner in PATCHED]
    put_back(AT_FIRST)
    try:
        yield
    finally:
        put_back(now)


def put_back(contents: list[dict[str, object]]) -> None:
    for owner, content in zip(PATCHED, contents, strict=True):
        for name in vars(owner).keys() - content.keys():
            delattr(owner, name)
        for name, value in content.items():
            if vars(owner).get(name) is not value:
                setattr(owner, name, value)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def follow() -> Follow:
    """Return what plays steps and compares each cell with a fresh run after each."""

    def follow(cells: list[str], *steps: Step) -> list[list[str]]:
        with modules_as_they_were():
            return played(cells, steps)

    def played(cells: list[str], steps: tuple[Step, ...]) -> list[list[str]]:
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
    with modules_as_they_were():
        notebook.open(*sources.values())
    letters = dict(zip(string.ascii_lowercase, sources, strict=False))
    shown = shown_by(notebook, dict.fromkeys(letters, ""))
    return {letters[id]: found for id, found in shown.items()}
