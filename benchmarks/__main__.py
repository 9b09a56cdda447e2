"""Measure what reactivity costs against plain ipykernel, and print one table.

The exit code says whether everything could be measured, not whether targets are met.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.browser import browser
from benchmarks.cascades import cascades
from benchmarks.cells import trivial_cell, work
from benchmarks.formats import formats
from benchmarks.large import large_objects
from benchmarks.measure import Effort
from benchmarks.notebooks import analysis, editing, registration
from benchmarks.startup import startup
from benchmarks.table import HEAD, as_json, line, machine
from benchmarks.widgets import widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Row

BENCHMARKS: Final[dict[str, Callable[[Effort], Iterator[Row]]]] = {
    "startup": startup,
    "trivial": trivial_cell,
    "work": work,
    "large": large_objects,
    "analysis": analysis,
    "registration": registration,
    "cascade": cascades,
    "edit": editing,
    "widgets": widgets,
    "formats": formats,
    "browser": browser,
}


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks."""
    options = _parser().parse_args(arguments)
    if options.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:14}{(benchmark.__doc__ or '').splitlines()[0]}")
        return 0
    about = machine()
    measured: list[dict[str, object]] = []
    print(f"{about}\n\n{HEAD}", flush=True)
    for name in options.only or BENCHMARKS:
        for row in BENCHMARKS[name](Effort(options.quick)):
            print(line(row), flush=True)
            measured.append(as_json(name, row))
    if options.json:
        result = {"machine": about, "rows": measured}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few repetitions, small notebooks"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=BENCHMARKS,
        metavar="NAME",
        help="this benchmark only; may be given several times",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="all values as JSON")
    parser.add_argument("--list", action="store_true", help="the names")
    return parser


if __name__ == "__main__":
    sys.exit(main())
