"""What a cell costs that nothing depends on."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from benchmarks.measure import Kind, Row, interleaved
from benchmarks.wire import PLAIN, REACTIVE, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["trivial_cell", "work"]

_WORK = {
    "a loop of 200,000 steps": "total = 0\nfor i in range(200_000):\n    total += i",
    "50,000 function calls": (
        "def successor(n):\n    return n + 1\n\n"
        "n = 0\nwhile n < 50_000:\n    n = successor(n)"
    ),
    "1,000 statements": "\n".join(f"v{i} = {i} + len('{i}')" for i in range(1000)),
}


def trivial_cell(effort: Effort) -> Iterator[Row]:
    """Run one cell again and again in notebooks of several sizes."""
    with Kernel(PLAIN) as plain, Kernel(REACTIVE) as ours:
        there = 1
        for size in effort.sizes(1, 100, 1000):
            for number in range(there, size):
                for kernel in (plain, ours):
                    kernel.run(f"cell-{number}", f"value_{number} = {number}")
            there = size
            base, sample = interleaved(
                lambda: plain.run("cell-0", "value_0 = 0"),
                lambda: ours.run("cell-0", "value_0 = 0"),
                effort.times(300),
                warm_up=10,
            )
            yield Row(
                f"a trivial cell, {_cells(size)} in the notebook",
                "ms",
                sample.scaled(1000),
                base.scaled(1000),
                Kind.MORE,
                1,
            )


def _cells(size: int) -> str:
    return "1 cell" if size == 1 else f"{size:,} cells"


def work(effort: Effort) -> Iterator[Row]:
    """Run cells that do something, with the same text again and with a new one."""
    with Kernel(PLAIN) as plain, Kernel(REACTIVE) as ours:
        for what, source in _WORK.items():
            for edited in (False, True):
                base, sample = interleaved(
                    _runs(plain, source, edited),
                    _runs(ours, source, edited),
                    effort.times(60),
                    warm_up=3,
                )
                yield Row(
                    f"{what}, {'edited' if edited else 'unchanged'}",
                    "ms",
                    sample.scaled(1000),
                    base.scaled(1000),
                    Kind.TIMES,
                    1.05,
                )


def _runs(kernel: Kernel, source: str, edited: bool) -> Callable[[], float]:
    version = count()

    def run() -> float:
        text = f"{source}\n_last = {next(version)}" if edited else source
        return kernel.run("cell", text)

    return run
