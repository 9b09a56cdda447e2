"""What came of all cases, as `docs/equivalence.md` shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from tests.cases.playing import Result

__all__ = ["Row", "report", "total"]

HEAD = """\
| topic | cases | correct | rerun | oracle | all below | all |
|:--|--:|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of some cases; cells are counted over those that came out correct."""

    cases: int = 0
    correct: int = 0
    ran: int = 0
    oracle: int = 0
    below: int = 0
    all: int = 0

    @classmethod
    def of(cls, result: Result) -> Row:
        """Return the row of a single case."""
        if result.wrong:
            return cls(cases=1)
        case = result.case
        return cls(1, 1, len(result.ran), len(case.runs), case.below, len(case.after))

    def __add__(self, other: Row) -> Row:
        """Return the sums of all columns."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Row(*(left + right for left, right in pairs))


def total(results: Iterable[Result]) -> Row:
    """Return the sums over some cases."""
    return sum(map(Row.of, results), start=Row())


def report(results: Iterable[Result]) -> str:
    """Return a table with a row for each topic, and below it what is not correct."""
    results = list(results)
    by_topic = defaultdict(list)
    for result in results:
        by_topic[result.case.topic].append(result)
    rows = {topic: total(some) for topic, some in by_topic.items()}
    rows["**all**"] = total(results)
    lines = (
        f"| {topic} | {' | '.join(map(str, astuple(row)))} |\n"
        for topic, row in rows.items()
    )
    return "".join((HEAD, *lines, *gaps(results)))


def gaps(results: Iterable[Result]) -> Iterator[str]:
    """Return lines that say which cases are not correct, and why."""
    by_reason = defaultdict(list)
    for result in results:
        if result.wrong:
            by_reason[result.case.gap or "unexplained"].append(result.case.name)
    if by_reason:
        yield "\nNot correct:\n\n"
    for reason, names in by_reason.items():
        yield f"- {reason}: {'; '.join(names)}\n"
