"""Compare many random sequences with fresh runs: ``python -m tests.fresh``.

``--sequences N`` says how many (10,000 if it is not given), ``--seed N`` where to begin.
Each sequence that shows a difference is shrunk and printed as a test; ``--failures N``
says after how many to stop. ``--engine`` drives the engine in this process instead of kernels.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.fresh.machine import Editing, EngineEditing
from tests.fresh.searching import search

CHUNK = 50
"""Sequences between two lines of progress."""

STEPS = 25
"""Steps of a sequence, at most."""

PATIENCE = 180.0
"""Seconds for making a sequence shorter."""


def main() -> int:
    """Run the sequences and return 1 if one showed a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.fresh", description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--failures", type=int, default=1)
    parser.add_argument("--engine", action="store_true")
    chosen = parser.parse_args()
    machine = EngineEditing if chosen.engine else Editing
    start, tally, failures = time.monotonic(), machine.tally, 0
    number = chosen.seed
    while tally.sequences < chosen.sequences and failures < chosen.failures:
        left = chosen.sequences - tally.sequences
        if found := search(machine, number, min(CHUNK, left), STEPS, PATIENCE):
            failures += 1
            tell(f"seed {number}: {found}")
        number += 1
        tell(
            f"{tally.sequences} sequences, {tally.steps} steps, {tally.compared} of them "
            f"compared with a plain run, {failures} differences, "
            f"{time.monotonic() - start:.0f} s"
        )
    return int(failures > 0)


def tell(text: str) -> None:
    """Print at once, so that a long run can be followed."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
