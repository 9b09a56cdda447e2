"""After one edit the notebook shows and holds what a fresh run of it would.

The cases are on the pages beside this file; `notation` says how to read them, and
``python -m tests.cases WORD`` plays some of them and tells what it sees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.notation import Case, parse, read
from tests.cases.playing import Plays
from tests.cases.table import report, total

CASES = read()
PAGE = Path(__file__).parents[2] / "docs/equivalence.md"

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest) -> Iterator[Plays]:
    """The cases of the tests that are going to run, played a few at a time."""
    asked = {item.name for item in request.session.items}
    plays = Plays(case for case in CASES if f"{ONE_EDIT}[{case.name}]" in asked)
    yield plays
    plays.stop()


@pytest.fixture(scope="module")
def all_plays(plays: Plays) -> Plays:
    plays.begin(CASES)
    return plays


def param(case: Case) -> object:
    """Return a case as a parameter; one with a gap turns red once it is closed."""
    marks = [pytest.mark.xfail(reason=case.gap)] if case.gap else []
    return pytest.param(case.name, id=case.name, marks=marks)


@pytest.mark.parametrize("name", [*map(param, CASES)])
def test_after_an_edit(name: str, plays: Plays) -> None:
    assert plays[name].wrong == []


ONE_EDIT = test_after_an_edit.__name__


@pytest.mark.slow
def test_cases_name_every_cell_whose_output_changes(all_plays: Plays) -> None:
    assert {r.case.name: r.unmarked for r in all_plays if r.unmarked} == {}


@pytest.mark.slow
def test_reruns_are_at_most_a_tenth_more_than_a_perfect_oracles(
    all_plays: Plays,
) -> None:
    sums = total(all_plays)
    assert sums.correct > 0.8 * sums.cases
    assert sums.ran <= 1.1 * sums.oracle


@pytest.mark.slow
def test_the_page_shows_what_the_command_prints(all_plays: Plays) -> None:
    assert report(all_plays) in PAGE.read_text("utf-8"), (
        "run `python -m tests.cases --write`"
    )


def test_each_case_has_a_name_of_its_own_and_one_edit() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, times in names.items() if times > 1] == []
    for case in CASES:
        edits = len(case.edited) + len(case.deleted) + case.moved
        assert edits == 1, case.name
        assert set(case.edited) <= case.runs, case.name
        assert not case.runs & case.blocked, case.name


def test_no_page_is_forgotten_and_none_holds_what_cannot_be_read() -> None:
    pages = [page.read_text("utf-8") for page in Path(__file__).parent.glob("*.md")]
    assert sum(page.count("\n## ") for page in pages) == len(CASES)
    assert all(len(list(parse(page))) == page.count("\n## ") for page in pages)


MOVED = parse("""\
# Cells
## A move
```diff
 # [1]
 a = 1
+# [3] runs
+b = 3
 # [2]
 a
-# [3]
-b = 3
```
## A deletion

Gap: it is hard.

```diff
 # [1]
 a = 1
-# [2]
-a = 2
 # [3] blocked
 print(a)
```
""")


def test_a_diff_shows_moves_and_deletions() -> None:
    move, deletion = MOVED
    assert (move.edited, move.deleted, move.moved) == ((), (), True)
    assert (list(move.after), move.below) == (["1", "3", "2"], 2)
    assert (deletion.edited, deletion.deleted, deletion.moved) == ((), ("2",), False)
    assert (deletion.below, deletion.gap) == (1, "it is hard")
    assert deletion.blocked == {"3"}
