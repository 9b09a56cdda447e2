"""Run the whole corpus and print a table: ``python -m tests.corpus [NAME ...]``.

Each notebook is run from top to bottom by plain ipykernel and by the reactive kernel
(``same``: cells with equal outputs), then opened and edited in the middle, a few times.
``skipped`` counts the edits after which outputs were not compared, since cells that
changed objects in place had to be rerun; ``random`` the cells whose output depends on
the seed or the clock, which are not compared either.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tests.corpus.notebooks import corpus, read, same
from tests.corpus.playing import edits, fresh_run, judge_edit, opened, random_cells

if TYPE_CHECKING:
    from pathlib import Path

ROW = "{:24} {:>5} {:>7} {:>7} {:>5} {:>6} {:>7} {:>8} {:>7} {:>7}\n"
HEAD = ("notebook", "cells", "plain s", "ours s", "same", "edits", "reruns", "skipped")
EDITS = 3


def main(names: list[str]) -> int:
    """Print one line a notebook; return 1 if anything went wrong."""
    tell(ROW.format(*HEAD, "random", "faults"))
    chosen = [path for path in corpus() if not names or path.stem in names]
    return int(any(list(map(report, chosen))))


def report(path: Path) -> bool:
    """Print a notebook's line; return whether something was wrong."""
    page = read(path)
    start = time.monotonic()
    before = fresh_run(page)
    between = time.monotonic()
    ours = fresh_run(page, "reactive-python")
    end = time.monotonic()
    random = random_cells(page, before)
    differ = [id for id in page.cells if not same(before[id], ours[id])]
    verdicts = []
    for edit in edits(page, EDITS):
        with opened(page) as nb:
            verdicts.append(judge_edit(nb, page, edit, before, random))
    faults = [f"{id}: plain {before[id]}, ours {ours[id]}" for id in differ]
    faults += [
        f"{v.edit.cell} ({v.edit.what}): {f}" for v in verdicts for f in v.faults
    ]
    counts = (
        len(page.cells) - len(differ),
        len(verdicts),
        sum(len(verdict.reran) for verdict in verdicts),
        sum(bool(verdict.skipped) for verdict in verdicts),
        len(random),
        len(faults),
    )
    seconds = (f"{between - start:.1f}", f"{end - between:.1f}")
    tell(ROW.format(page.name, len(page.cells), *seconds, *counts))
    for fault in faults:
        tell(f"    {fault[:500]}\n")
    return bool(faults)


def tell(text: str) -> None:
    """Print at once, so that a long run can be followed."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
