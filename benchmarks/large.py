"""What a cell costs that touches large objects."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from benchmarks.measure import Kind, Row, interleaved
from benchmarks.wire import PLAIN, REACTIVE, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["large_objects"]

LIMIT = 2.0
"""Milliseconds a cell."""

_SETUP = {
    "import": "import numpy, pandas",
    "array": "array = numpy.zeros(12_500_000)",
    "alias": "alias = array",
    "frame": (
        "frame = pandas.DataFrame({k: numpy.arange(1e6) for k in 'abcdef'})\n"
        "frame['text'] = pandas.Series(['some text'] * 10**6, dtype=object)"
    ),
    "column": "column = frame['a']",
}

_READS = {
    "reads a frame of 1,000,000 rows": "len(frame)",
    "reads a column of it, selected above": "column.iloc[0]",
    "reads an array of 100 MB": "array[0]",
    "reads it by another name": "alias[0]",
    "reads all four": "len(frame), len(column), array[0], alias[0]",
}

_FRAME = {
    "gives the frame a column": "frame['new'] = {n}",
    "gives its column of objects other values": "frame['text'] = frame['a'] + {n}",
    "changes one element of the frame": "frame.loc[{n}, 'a'] = {n}",
}

_ARRAY = {
    "changes one element of the array": "array[{n}] = {n}",
    "changes one by another name": "alias[{n}] = {n}",
}


def large_objects(effort: Effort) -> Iterator[Row]:
    """Read and change a frame of 1,000,000 rows and an array of 100 MB."""
    with Kernel(PLAIN) as plain, Kernel(REACTIVE) as ours:
        for kernel in (plain, ours):
            kernel.run_all(_SETUP)
        for sources, anew in ((_READS, False), (_FRAME, False), (_ARRAY, True)):
            for what, source in sources.items():
                base, sample = interleaved(
                    _runs(plain, source, anew),
                    _runs(ours, source, anew),
                    effort.times(60),
                    warm_up=4,
                )
                yield Row(
                    f"a cell that {what}",
                    "ms",
                    sample.scaled(1000),
                    base.scaled(1000),
                    Kind.MORE,
                    LIMIT,
                )


def _runs(kernel: Kernel, source: str, anew: bool) -> Callable[[], float]:
    """Return a measurement of a cell with another number each time.

    With `anew`, of a new cell each time: what a cell changes is brought back before it
    runs again, and an array of 100 MB only by running the cell that made it.
    """
    number = count()

    def run() -> float:
        n = next(number)
        cell = f"{source} {n}" if anew else source
        return kernel.run(cell, source.format(n=n))

    return run
