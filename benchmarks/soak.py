"""Drag sliders at random for as long as you like, and see whether memory stays flat.

::

    python -m benchmarks.soak --minutes 10

The exit code is 1 if memory has grown. A value that was set last and is never shown ends
it with an error.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from benchmarks.wire import REACTIVE, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.wire import Message

MAKE = "from ipywidgets import IntSlider, Label, VBox\ns = IntSlider(max=10**6)"
CELLS = {
    "table": "rows = [[i * s.value for i in range(50)] for _ in range(50)]",
    "sum": "total = sum(map(sum, rows))\nprint(total)",
    "box": "box = VBox([Label(str(s.value)), IntSlider()])\nbox",
    "callback": "s.observe(lambda change: rows, 'value')",
    "last": "print('now', s.value)",
}
WARM_UP = 0.1
"""The part of the time after which memory is measured for the first time."""

GROWTH = 10.0
"""MiB that the process may have grown in the rest of the time."""


def soak(minutes: float, seed: int = 0) -> tuple[float, float]:
    """Drag at random; return the memory in MiB near the beginning and at the end."""
    chance = random.Random(seed)
    with Kernel(REACTIVE) as kernel:
        slider = kernel.open_widget("slider", MAKE)
        for cell, source in CELLS.items():
            kernel.run(cell, source)
        begin, first = perf_counter(), 0.0
        while (gone := perf_counter() - begin) < minutes * 60:
            _drag(kernel, slider, chance)
            if not first and gone > minutes * 60 * WARM_UP:
                first = kernel.memory
        return first, kernel.memory


def _drag(kernel: Kernel, slider: str, chance: random.Random) -> None:
    """Send some values, fast or slowly, and wait until the last one is shown."""
    value, pause = chance.randrange(10**6), chance.choice((0, 0.005, 0.05))
    for _ in range(chance.randrange(1, 50)):
        value = chance.randrange(10**6)
        kernel.move(slider, value=value)
        sleep(pause)
    kernel.until(_prints(f"now {value}\n"))


def _prints(text: str) -> Callable[[Message], bool]:
    """Return what tells when a cell has printed some text, in one piece or several."""
    printed: defaultdict[str, str] = defaultdict(str)

    def prints(message: Message) -> bool:
        if message.kind != "stream":
            return False
        request = message.parent["msg_id"]
        printed[request] += message.content["text"]
        return text in printed[request]

    return prints


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser("python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    first, last = soak(options.minutes, options.seed)
    print(f"{first:.1f} MiB after a tenth of the time, {last:.1f} MiB at the end")
    return int(last - first > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
