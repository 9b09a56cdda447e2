"""What a kernel costs before the first cell: time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure import Kind, Row, Sample, interleaved
from benchmarks.wire import PLAIN, REACTIVE, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["startup"]


def startup(effort: Effort) -> Iterator[Row]:
    """Start both kernels in turn."""
    memory: dict[str, list[float]] = {PLAIN: [], REACTIVE: []}

    def start(name: str) -> Callable[[], float]:
        def measured() -> float:
            with Kernel(name) as kernel:
                memory[name].append(kernel.memory)
                return kernel.seconds_to_ready

        return measured

    plain, ours = interleaved(start(PLAIN), start(REACTIVE), effort.times(20))
    yield Row("launch until the first reply", "s", ours, plain, Kind.MORE, 0.15)
    yield Row(
        "memory at start",
        "MiB",
        Sample(tuple(memory[REACTIVE][1:])),
        Sample(tuple(memory[PLAIN][1:])),
        Kind.MORE,
        5,
    )
