"""What a rerun costs when many follow a change."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from benchmarks.measure import Kind, Row, Sample, interleaved
from benchmarks.wire import PLAIN, REACTIVE, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["cascades"]

LIMIT = 1.5
"""Milliseconds a cell."""


def cascades(effort: Effort) -> Iterator[Row]:
    """Change a cell that all others follow; compare with running each by hand."""
    sizes = effort.sizes(100, 1000, 3000)
    for shape, cells in (("a chain", _chain), ("a fan-out", _fan_out)):
        per_cell: list[Sample] = []
        for size in sizes:
            base, sample = _compared(cells(size), effort)
            yield _row(f"{shape} of {size:,} cells", sample, base)
            per_cell.append(sample)
        if len(sizes) > 1:
            most, least = per_cell[-1], per_cell[0]
            what = f"{shape}: a cell of 3,000 to a cell of 100"
            yield Row(what, "ms", most, least, Kind.TIMES, 1.1)
    size = sizes[min(1, len(sizes) - 1)]
    sample = _settled(_chain(size), effort)
    yield _row(f"a chain of {size:,} cells, until the comm says settled", sample)


def _row(what: str, sample: Sample, base: Sample | None = None) -> Row:
    return Row(f"{what}, each", "ms", sample, base, Kind.VALUE, LIMIT)


def _chain(size: int) -> dict[str, str]:
    links = {f"cell-{n}": f"x{n} = x{n - 1} + 1" for n in range(1, size + 1)}
    return {"root": "x0 = 0", **links}


def _fan_out(size: int) -> dict[str, str]:
    leaves = {f"cell-{n}": f"y{n} = x0 + {n}" for n in range(1, size + 1)}
    return {"root": "x0 = 0", **leaves}


def _compared(cells: dict[str, str], effort: Effort) -> tuple[Sample, Sample]:
    with Kernel(PLAIN) as plain, Kernel(REACTIVE) as ours:
        plain.run_all(cells)
        ours.run_all(cells)
        return interleaved(
            _each(lambda _new: plain.run_all(cells), len(cells)),
            _each(
                lambda new: ours.cascade("root", new, len(cells) - 1, settled=False),
                len(cells) - 1,
            ),
            effort.times(3),
            warm_up=0,
        )


def _settled(cells: dict[str, str], effort: Effort) -> Sample:
    with Kernel(REACTIVE) as kernel:
        kernel.run_all(cells)
        kernel.open_comm()
        cascade = _each(
            lambda new: kernel.cascade("root", new, len(cells) - 1, settled=True),
            len(cells) - 1,
        )
        return Sample(tuple(cascade() for _ in range(effort.times(3))))


def _each(run: Callable[[str], float], cells: int) -> Callable[[], float]:
    """Return a measurement in ms per cell, with a new text of the root each time."""
    version = count(1)
    return lambda: run(f"x0 = {next(version)}") * 1000 / cells
