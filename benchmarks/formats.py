"""Notebooks as .py files, against jupytext: writing and reading published notebooks."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

import jupytext
import nbformat

from benchmarks.corpus import real_cells
from benchmarks.measure import Kind, Row, interleaved
from reactive_kernel.formats import reads, writes
from reactive_kernel.formats.bodies import _written
from reactive_kernel.formats.program import _record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["formats"]

_CELLS = 100


def formats(effort: Effort) -> Iterator[Row]:
    """Notebooks as .py files, against jupytext."""
    cells = [nbformat.v4.new_code_cell(source) for source in real_cells(_CELLS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    ours, theirs = writes(notebook), jupytext.writes(notebook, fmt="py:percent")

    def forget() -> None:
        _written.cache_clear()
        _record.cache_clear()

    def row(what: str, plain: Callable[[], Any], own: Callable[[], Any]) -> Row:
        taken = interleaved(
            lambda: _timed(plain), lambda: _timed(own), effort.times(20)
        )
        base, mine = (sample.scaled(1000) for sample in taken)
        return Row(what, "ms", mine, base, Kind.TIMES, limit=1.0)

    def write() -> None:
        writes(notebook)

    def write_first() -> None:
        forget()
        write()

    def write_theirs() -> None:
        jupytext.writes(notebook, fmt="py:percent")

    def read() -> None:
        reads(ours)

    def read_theirs() -> None:
        jupytext.reads(theirs, fmt="py:percent")

    size = f"{_CELLS} cells"
    with warnings.catch_warnings(action="ignore"):
        yield row(f"writing {size}, the first time", write_theirs, write_first)
        yield row(f"writing {size}, again", write_theirs, write)
        yield row(f"reading {size}", read_theirs, read)
        yield row(
            "there and back, the first time",
            lambda: (write_theirs(), read_theirs()),
            lambda: (write_first(), read()),
        )


def _timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
