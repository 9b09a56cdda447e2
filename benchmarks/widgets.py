"""A slider that drives a cell, against a callback written by hand."""

from __future__ import annotations

from time import perf_counter, sleep
from typing import TYPE_CHECKING

from benchmarks.measure import Kind, Row, Sample, interleaved
from benchmarks.wire import PLAIN, REACTIVE, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["widgets"]

MAKE = "import time\nfrom ipywidgets import IntSlider, interactive_output\ns = IntSlider(max=10**6)"
CALLBACK = """
from IPython.display import display, update_display
display("", display_id="out")
def show(change):
    {work}
    update_display(f"now {{change.new}}", display_id="out")
s.observe(show, "value")
"""
INTERACTIVE = """
def show(x):
    {work}
    print(f"now {{x}}")
interactive_output(show, {{"x": s}})
"""
CELL = "{work}\nprint(f'now {{s.value}}')"
LATE = 50.0
"""Milliseconds after the last pass."""


def widgets(effort: Effort) -> Iterator[Row]:
    """Move a slider that a cell reads; drag it faster than the cell can follow."""
    for name, text in ("callback", CALLBACK), ("interactive_output", INTERACTIVE):
        base, ours = _single(text, effort)
        limit = 1.0 if text is CALLBACK else None
        what = f"one move until its output is there, against {name}"
        yield Row(what, "ms", ours, base, Kind.MORE, limit)
    yield from _dragged(effort)
    yield from _in_a_large_notebook(effort)


def _single(text: str, effort: Effort) -> tuple[Sample, Sample]:
    with Kernel(PLAIN) as plain, Kernel(REACTIVE) as ours:
        return interleaved(
            _mover(plain, text.format(work="pass")),
            _mover(ours, CELL.format(work="pass")),
            effort.times(200),
            warm_up=10,
        )


def _mover(kernel: Kernel, text: str, others: int = 0) -> Callable[[], float]:
    """Return a move of a slider that measures the milliseconds until it shows."""
    slider = kernel.open_widget("slider", MAKE)
    kernel.run("reader", text)
    for place in range(others):
        kernel.run(f"other-{place}", f"x{place} = {place}")
    value = 0

    def move() -> float:
        nonlocal value
        value += 1
        begin = perf_counter()
        request = kernel.move(slider, value=value)
        kernel.until(lambda message: f"now {value}".encode() in message.raw)
        seconds = perf_counter() - begin
        kernel.until(lambda message: message.is_idle and message.answers(request))
        return seconds * 1000

    return move


def _dragged(effort: Effort) -> Iterator[Row]:
    """Send 100 values a second to a cell of 50 ms, and see when the last is shown."""
    work, moves = "time.sleep(0.05)", effort.times(200)
    with Kernel(PLAIN) as plain, Kernel(REACTIVE) as ours:
        base = _late(plain, CALLBACK.format(work=work), moves)
        late = [_late(ours, CELL.format(work=work), moves) for _ in range(3)]
    what = f"{moves} moves, 100 a second, a cell of 50 ms: the last value is late by"
    yield Row(
        what, "ms", Sample(tuple(late)), Sample((base,) * 3), Kind.VALUE, 50 + LATE
    )


def _late(kernel: Kernel, text: str, moves: int) -> float:
    slider = kernel.open_widget("slider", MAKE)
    kernel.run("reader", text)
    begin = perf_counter()
    for value in range(1, moves + 1):
        kernel.move(slider, value=value)
        sleep(max(0.0, begin + value / 100 - perf_counter()))
    end = perf_counter()
    kernel.until(lambda message: f"now {moves}".encode() in message.raw)
    return (perf_counter() - end) * 1000


def _in_a_large_notebook(effort: Effort) -> Iterator[Row]:
    size = effort.sizes(100, 1000)[-1]
    with Kernel(REACTIVE) as small, Kernel(REACTIVE) as large:
        base, ours = interleaved(
            _mover(small, CELL.format(work="pass"), 8),
            _mover(large, CELL.format(work="pass"), size - 2),
            effort.times(200),
            warm_up=10,
        )
    what = f"one move, 1 cell of {size:,} reads it, against 1 of 10"
    yield Row(what, "ms", ours, base, Kind.MORE, 1.0)
