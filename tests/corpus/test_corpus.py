"""Published notebooks give what they always gave, and react to an edit in the middle.

Skipped where the notebooks are not at hand. ``python -m tests.corpus`` runs them all.
"""

from __future__ import annotations

import pytest

from tests.corpus.notebooks import Page, corpus, read, same
from tests.corpus.playing import (
    edits,
    fresh_run,
    judge_edit,
    opened,
    possible_dependents,
    random_cells,
)

QUICK = ["Cheryl", "DocstringFixpoint", "Menu", "PropositionalLogic", "Snobol"]
FOUND = {path.stem: path for path in corpus()}


@pytest.fixture(scope="module", params=QUICK)
def page(request: pytest.FixtureRequest) -> Page:
    if request.param not in FOUND:
        pytest.skip(f"the notebook {request.param} is not here")
    return read(FOUND[request.param])


@pytest.mark.kernel
@pytest.mark.slow
def test_a_published_notebook_runs_as_under_plain_ipykernel(page: Page) -> None:
    plain, ours = fresh_run(page), fresh_run(page, "reactive-python")
    for id, source in page.cells.items():
        assert same(plain[id], ours[id]), source


@pytest.mark.kernel
@pytest.mark.slow
def test_an_edit_in_the_middle_reruns_exactly_the_dependents(page: Page) -> None:
    before = fresh_run(page)
    random = random_cells(page, before)
    (edit,) = edits(page, 1)
    with opened(page) as nb:
        verdict = judge_edit(nb, page, edit, before, random)
    assert verdict.faults == []
    assert verdict.reran


PAGE = Page(
    "made up", {"a": "x = 1", "b": "def f():\n    return x", "c": "f()", "d": "1"}
)


def test_the_oracle_follows_names_through_functions() -> None:
    assert possible_dependents(PAGE, "a") == {"b", "c"}
    assert possible_dependents(PAGE, "c") == set()


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        pytest.param([("stdout", "1\n")], [("stdout", "1\n")], True, id="text"),
        pytest.param([("stdout", "1\n")], [("stdout", "2\n")], False, id="other text"),
        pytest.param([{"image/png": 100}], [{"image/png": 105}], True, id="pictures"),
        pytest.param([{"image/png": 100}], [{"image/png": 200}], False, id="size"),
        pytest.param([{"text/plain": "1"}], [{"text/html": "1"}], False, id="kind"),
        pytest.param([{"text/plain": "1"}], [], False, id="missing"),
    ],
)
def test_outputs_are_compared_by_what_they_say(
    left: list[object], right: list[object], equal: bool
) -> None:
    assert same(left, right) is equal
