"""What random sequences have found, each as short as it got.

What the engine alone shows stands in tests/runtime, too.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fresh.play import Play, playing

pytestmark = pytest.mark.kernel


@pytest.fixture
def play() -> Iterator[Play]:
    with playing() as opened:
        yield opened


def test_a_cell_is_disabled(play: Play) -> None:
    play.insert("a", "x = 1")
    play.insert("b", "y = 2")
    play.switch("a", disabled=True)


def test_an_edit_is_undone_after_the_cell_was_disabled(play: Play) -> None:
    play.insert("a", "xs = [1]")
    play.switch("a", disabled=True)
    play.type("a", "print(x)")
    play.switch("a", disabled=False)
    play.undo("a")


def test_a_disabled_cell_is_run_and_enabled(play: Play) -> None:
    play.insert("a", "print('z' in globals())")
    play.switch("a", disabled=True)
    play.run("a")
    play.switch("a", disabled=False)


def test_a_disabled_cell_is_edited_run_and_enabled(play: Play) -> None:
    play.insert("a", "x = 1")
    play.switch("a", disabled=True)
    play.edit("a", "print('z' in globals())")
    play.switch("a", disabled=False)
    play.run_stale()


def test_a_failed_cell_that_draws_stands_above_one_that_draws(play: Play) -> None:
    play.insert("a", "import random")
    play.insert("b", "print(random.random())")
    play.insert("c", "print(random.random())\n1 / 0", at=1)
    play.edit("c", "pass")


def test_an_interrupted_cell_had_seeded(play: Play) -> None:
    play.insert("a", "import random")
    play.add("b", "x = 1")
    play.insert("c", "print(random.random())")
    play.interrupt("b", "random.seed(1)")
    play.run("c")


def test_an_interrupted_cell_is_disabled(play: Play) -> None:
    play.insert("a", "p = 1")
    play.interrupt("a", "x = 3")
    play.switch("a", disabled=True)


def test_the_only_cell_that_draws_is_run_twice(play: Play) -> None:
    play.insert("a", "import random")
    play.insert("b", "y = random.randint(0, 9)")
    play.run("b", "a", "b")
