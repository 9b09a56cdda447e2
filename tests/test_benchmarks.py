"""The benchmarks run; what they measure is not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Kind, Row, Sample, interleaved

REPOSITORY = Path(__file__).parent.parent


@pytest.mark.kernel
def test_a_quick_run_prints_a_row_for_each_thing_it_measured(tmp_path: Path) -> None:
    file = tmp_path / "measured.json"
    options = ("--quick", "--only", "startup", "--json", str(file))
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    lines = [line for line in result.stdout.splitlines() if line.startswith("| ")][2:]
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    assert [row["what"] for row in rows] == [
        "launch until the first reply",
        "memory at start",
    ]
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(f"| {row['what']} ")
        assert min(row["reactive"]) > 0
        assert min(row["compared_with"]) > 0


def test_pairs_are_measured_in_turn_and_each_is_first_every_other_time() -> None:
    order: list[str] = []

    def note(name: str) -> float:
        order.append(name)
        return float(len(order))

    plain, ours = interleaved(lambda: note("p"), lambda: note("r"), pairs=4, warm_up=0)
    assert "".join(order) == "prrpprrp"
    assert (plain.values, ours.values) == ((1, 4, 5, 8), (2, 3, 6, 7))


@pytest.mark.parametrize(
    ("kind", "figure", "met"),
    [
        pytest.param(Kind.MORE, 2.0, True, id="difference"),
        pytest.param(Kind.TIMES, 3.0, False, id="ratio"),
        pytest.param(Kind.VALUE, 3.0, False, id="value"),
    ],
)
def test_a_target_is_compared_with_the_figure_it_is_about(
    kind: Kind, figure: float, met: bool
) -> None:
    ours, base = Sample((3.0, 6.0, 3.0)), Sample((1.0, 1.0, 1.0))
    row = Row("cell", "ms", ours, base, kind, limit=2.5)
    assert (row.figure, row.met) == (figure, met)


def test_the_spread_is_the_distance_between_the_quartiles() -> None:
    assert Sample((5.0, 1.0, 2.0, 4.0, 3.0)).spread == 2.0
