"""Notebooks as .py files, against jupytext: writing and reading published notebooks."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupytext
import nbformat

from benchmarks.corpus import real_cells
from benchmarks.measure import Kind, Row, interleaved
from reactive_kernel.formats import reads, writes
from reactive_kernel.formats.bodies import _written
from reactive_kernel.formats.outline import _outlined
from reactive_kernel.formats.program import _record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["formats"]

_CELLS = 100


def formats(effort: Effort) -> Iterator[Row]:
    """Notebooks as .py files, against jupytext."""
    cells = [nbformat.v4.new_code_cell(source) for source in real_cells(_CELLS)]
    with warnings.catch_warnings(action="ignore"):
        notebook = nbformat.v4.new_notebook(cells=cells)
        yield from _rows(effort, f"{_CELLS} cells", [notebook])
        published = _published()
        if published:
            yield from _rows(effort, f"{len(published)} notebooks", published)


def _published() -> list[Any]:
    """Return published notebooks, if there are some on this machine."""
    place = os.environ.get("REACTIVE_CORPUS") or "../shared/corpus"
    files = sorted(Path(place).rglob("*.ipynb"))
    return [nbformat.v4.upgrade(nbformat.read(file, as_version=4)) for file in files]


def _rows(effort: Effort, what: str, notebooks: list[Any]) -> Iterator[Row]:
    ours = [writes(notebook) for notebook in notebooks]
    theirs = [jupytext.writes(notebook, fmt="py:percent") for notebook in notebooks]

    def forget() -> None:
        for known in (_written, _record, _outlined):
            known.cache_clear()

    def row(label: str, plain: Callable[[], Any], own: Callable[[], Any]) -> Row:
        taken = interleaved(
            lambda: _timed(plain), lambda: _timed(own), effort.times(20)
        )
        base, mine = (sample.scaled(1000) for sample in taken)
        return Row(label, "ms", mine, base, Kind.TIMES, limit=1.0)

    def write() -> None:
        for notebook in notebooks:
            writes(notebook)

    def write_first() -> None:
        forget()
        write()

    def write_theirs() -> None:
        for notebook in notebooks:
            jupytext.writes(notebook, fmt="py:percent")

    def read() -> None:
        for text in ours:
            reads(text)

    def read_theirs() -> None:
        for text in theirs:
            jupytext.reads(text, fmt="py:percent")

    yield row(f"writing {what}, the first time", write_theirs, write_first)
    yield row(f"writing {what}, again", write_theirs, write)
    yield row(f"reading {what}", read_theirs, read)
    yield row(
        f"{what} there and back, the first time",
        lambda: (write_theirs(), read_theirs()),
        lambda: (write_first(), read()),
    )


def _timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
