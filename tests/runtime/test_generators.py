from __future__ import annotations

import random

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.planning import Blocked, Fresh
from reactive_kernel.runtime import EFFECTS, Session
from reactive_kernel.testing import Notebook


def test_a_cell_that_draws_draws_the_same_when_it_is_run_again(
    notebook: Notebook,
) -> None:
    notebook.open("import random", "print(random.random())", "print(random.random())")
    first, second = notebook.printed["b"], notebook.printed["c"]
    for id in "bcb":
        assert notebook.run(id) == [id]
    assert (notebook.printed["b"], notebook.printed["c"]) == (first, second)
    assert isinstance(notebook.state("c"), Fresh)


def test_cells_below_follow_when_another_number_of_draws_is_made(
    notebook: Notebook,
) -> None:
    notebook.open("import random; random.seed(1)", "random.random()")
    notebook.open("print(random.random())")
    random.seed(1)
    draws = [random.random() for _ in range(3)]
    assert notebook.printed["c"] == f"{draws[1]}\n"
    assert notebook.edit("b", "random.random(); random.random()") == ["b", "c"]
    assert notebook.printed["c"] == f"{draws[2]}\n"


def test_the_only_cell_that_draws_draws_the_same_again(notebook: Notebook) -> None:
    notebook.open("import random; x = random.random()")
    first = notebook.namespace["x"]
    notebook.run("a")
    assert notebook.namespace["x"] == first


def test_another_seed_reruns_what_draws_from_it(notebook: Notebook) -> None:
    notebook.open(
        "import random", "random.seed(1)", "x = random.random()", "print(x)", "y = 1"
    )
    assert notebook.edit("b", "random.seed(2)") == ["b", "c", "d"]
    random.seed(2)
    assert notebook.printed["d"] == f"{random.random()}\n"


def test_a_seed_below_makes_what_is_above_no_matter(notebook: Notebook) -> None:
    notebook.open(
        "import random", "random.random()", "random.seed(1)", "print(random.random())"
    )
    assert notebook.edit("b", "random.random(); random.random()") == ["b", "c"]


def test_numpys_generator_is_one_of_its_own(notebook: Notebook) -> None:
    pytest.importorskip("numpy")
    notebook.open(
        "import numpy, random; numpy.random.seed(1)", "print(numpy.random.rand())",
        "random.random()", "print(numpy.random.rand())",
    )  # fmt: skip
    last = notebook.printed["d"]
    notebook.run("c")
    notebook.run("b")
    assert notebook.run("d") == ["d"]
    assert notebook.printed["d"] == last


def test_a_draw_that_fails_half_way_counts_as_none(notebook: Notebook) -> None:
    notebook.open("import random", "k = 1", "random.random(); 1 / k")
    notebook.open("print(random.random())")
    last = notebook.printed["d"]
    notebook.edit("b", "k = 0")
    notebook.edit("b", "k = 2")
    assert notebook.printed["d"] == last


def test_a_cell_that_draws_nothing_reads_no_generator(notebook: Notebook) -> None:
    notebook.open("import random", "x = 1")
    assert not notebook.session.graph.inputs(CellId("b"))


def test_generators_can_be_left_alone() -> None:
    session = Session({}, effects=EFFECTS - {"random"})
    assert session.graph.writers("random generator") == ()


def test_the_only_cell_that_draws_draws_the_same_when_it_is_run_again(
    notebook: Notebook,
) -> None:
    notebook.open("import random", "print(random.random())")
    first = notebook.printed["b"]
    notebook.request("b")
    notebook.run("b")
    assert notebook.printed["b"] == first


def test_what_a_failed_cell_drew_was_not_drawn(notebook: Notebook) -> None:
    notebook.open("import random", "if fail: random.seed(1); 1 / 0")
    notebook.open("print(random.random())", "fail = False")
    first = notebook.printed["c"]
    notebook.edit("d", "fail = True")
    assert isinstance(notebook.state("c"), Blocked)
    assert notebook.edit("d", "fail = False") == ["d", "b"]
    assert notebook.printed["c"] == first
    assert isinstance(notebook.state("c"), Fresh)
