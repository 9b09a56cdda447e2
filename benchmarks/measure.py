"""Samples, and the rows of the table that are made from them.

>>> row = Row("cell", "ms", Sample((3.0, 3.5, 4.0)), Sample((2.0, 2.5, 3.0)), limit=0.5)
>>> row.figure, row.met
(1.0, False)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Effort", "Kind", "Row", "Sample", "interleaved"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: everything, or just enough to see that it works."""

    quick: bool = False

    def times(self, full: int) -> int:
        """Return how often to repeat what is repeated `full` times in a full run."""
        return max(3, full // 10) if self.quick else full

    def sizes(self, *full: int) -> tuple[int, ...]:
        """Return the sizes of notebooks to measure: in a quick run the first only."""
        return full[:1] if self.quick else full


@dataclass(frozen=True, slots=True)
class Sample:
    """The measured values of one thing, in the order in which they were taken."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """The distance between the quartiles."""
        if len(self.values) < 2:
            return 0.0
        low, _middle, high = quantiles(self.values, n=4, method="inclusive")
        return high - low

    def scaled(self, factor: float) -> Sample:
        """Return the sample in another unit."""
        return Sample(tuple(value * factor for value in self.values))


class Kind(StrEnum):
    """The figure that a target is about."""

    MORE = "more"
    """The difference to plain ipykernel."""
    TIMES = "times"
    """The ratio to plain ipykernel, or to a smaller notebook."""
    VALUE = "value"
    """The measured value itself."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    what
        What was measured.
    unit
        The unit of the samples.
    ours
        Under Reactive Python.
    base
        What it is compared with: plain ipykernel, if anything.
    kind
        The figure that the target is about.
    limit
        The target: the figure shall not be greater. None: shown for comparison only.
    """

    what: str
    unit: str
    ours: Sample
    base: Sample | None = None
    kind: Kind = Kind.MORE
    limit: float | None = None

    @property
    def figure(self) -> float:
        """The difference, ratio or value; pairs measured side by side stay pairs."""
        if self.kind is Kind.VALUE or self.base is None:
            return self.ours.median
        pairs = list(zip(self.ours.values, self.base.values, strict=True))
        if self.kind is Kind.TIMES:
            return median(ours / base for ours, base in pairs)
        return median(ours - base for ours, base in pairs)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.limit is None else self.figure <= self.limit


def interleaved(
    plain: Callable[[], float], ours: Callable[[], float], pairs: int, warm_up: int = 1
) -> tuple[Sample, Sample]:
    """Measure two things in turn, each first in every other pair.

    Whatever else the machine does then hits both alike.

    Returns
    -------
    tuple
        The sample of `plain` and that of `ours`.
    """
    taken: list[tuple[float, float]] = []
    for turn in range(warm_up + pairs):
        if turn % 2:
            second = ours()
            taken.append((plain(), second))
        else:
            first = plain()
            taken.append((first, ours()))
    return _columns(taken[warm_up:])


def _columns(pairs: Iterable[tuple[float, float]]) -> tuple[Sample, Sample]:
    left, right = zip(*pairs, strict=True)
    return Sample(left), Sample(right)
