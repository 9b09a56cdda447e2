"""Published notebooks, and those that jupytext, nbformat and nbconvert test with."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from reactive_kernel.formats import reads, writes
from tests.formats.published import FOLDER, published
from tests.formats.samples import kept

KINDS = {"code", "markdown", "raw"}
WITHOUT_IDS = pytest.mark.filterwarnings(
    "ignore::nbformat.warnings.MissingIDFieldWarning",
    "ignore::nbformat.warnings.DuplicateCellId",
    "ignore::SyntaxWarning",
)


def opened(path: Path) -> NotebookNode:
    """Return a notebook; some that others test with are broken on purpose."""
    try:
        book = nbformat.read(path, as_version=4)
    except Exception as error:
        pytest.skip(f"nbformat cannot read it: {type(error).__name__}")
    if {cell.cell_type for cell in book.cells} - KINDS:
        pytest.skip("it has cells of a kind that does not exist")
    return book


def name(path: Path) -> str:
    return "/".join(path.parts[-3:])


@WITHOUT_IDS
@pytest.mark.parametrize(
    "path", published() or [None], ids=lambda p: name(p) if p else "none"
)
def test_a_published_notebook_is_kept(path: Path | None) -> None:
    if path is None:
        pytest.skip(f"no notebooks in {FOLDER}: python -m tests.formats.published")
    book = opened(path)
    book.setdefault("nbformat_minor", 4)
    text = writes(book, metadata="all")
    assert kept(reads(text)) == kept(book)
    clean = writes(book)
    assert writes(reads(clean)) == clean
    with warnings.catch_warnings(action="ignore"):
        ast.parse(clean)
