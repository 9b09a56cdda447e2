"""The table: Markdown, a line at a time."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.measure import Kind

if TYPE_CHECKING:
    from benchmarks.measure import Row, Sample

__all__ = ["HEAD", "as_json", "line", "machine"]

_WIDTHS = (68, 21, 21, 9, 9, 4)


def _line(*cells: str) -> str:
    padded = (
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    return f"| {' | '.join(padded)} |"


HEAD = "\n".join(
    (
        _line(
            "median ± distance between the quartiles",
            "compared with",
            "Reactive Python",
            "figure",
            "at most",
            "met",
        ),
        _line(
            *(
                "-" * (width - (index > 0)) + ":" * (index > 0)
                for index, width in enumerate(_WIDTHS)
            )
        ),
    )
)
"""The first two lines."""


def line(row: Row) -> str:
    """Return the line of a row."""
    return _line(
        f"{row.what} [{row.unit}]",
        "" if row.base is None else _sample(row.base),
        _sample(row.ours),
        _figure(row.figure, row.kind),
        "" if row.limit is None else _figure(row.limit, row.kind),
        {True: "yes", False: "NO", None: ""}[row.met],
    )


def _sample(sample: Sample) -> str:
    return f"{_number(sample.median)} ± {_number(sample.spread)}"


def _figure(value: float, kind: Kind) -> str:
    match kind:
        case Kind.MORE:
            return f"{'+' if value >= 0 else '-'}{_number(abs(value))}"
        case Kind.TIMES:
            return f"x {value:.2f}"
        case Kind.VALUE:
            return _number(value)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> str:
    """Return the machine, what else it does, and the versions, in general words."""
    packages = ("reactive-kernel", "ipykernel", "IPython", "pyzmq")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}){load}; "
        f"Python {platform.python_version()}, {versions}"
    )


def as_json(benchmark: str, row: Row) -> dict[str, object]:
    """Return a row with all that was measured."""
    return {
        "benchmark": benchmark,
        "what": row.what,
        "unit": row.unit,
        "reactive": row.ours.values,
        "compared_with": row.base and row.base.values,
        "kind": str(row.kind),
        "figure": row.figure,
        "limit": row.limit,
        "met": row.met,
    }
