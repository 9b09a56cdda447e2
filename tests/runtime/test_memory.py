"""The budget: what is kept, what it takes, and what is given up first."""

from __future__ import annotations

import gc
import weakref
from math import inf

import numpy
import pandas
import pytest

from reactive_kernel.document import CellId
from reactive_kernel.runtime.memory import Kind, Memory
from reactive_kernel.runtime.namespace import Namespace
from reactive_kernel.runtime.sizes import Tally, parts
from reactive_kernel.testing import Notebook

ARRAY = 8_000_000
"""Bytes of `numpy.zeros(1_000_000)`."""


def kept(notebook: Notebook) -> dict[str, int]:
    """Return the bytes of each old version and checkpoint, by cell and name."""
    return {
        f"{kind} {cell}.{name}": held.bytes
        for held in notebook.session.memory().kept
        for cell, name in held.versions
        for kind in [held.kind]
    }


def test_what_is_kept_is_old_versions_and_checkpoints(notebook: Notebook) -> None:
    notebook.open(
        "import numpy\nbig = numpy.zeros(1_000_000)",
        "print(big.sum())",
        "big = big + 1",
        "big[0] = 5",
    )
    sizes = kept(notebook)
    assert sizes["old version a.big"] == pytest.approx(ARRAY, rel=0.01)
    assert sizes["checkpoint c.big"] == pytest.approx(ARRAY, rel=0.01)
    assert notebook.session.memory().total == pytest.approx(2 * ARRAY, rel=0.01)


def test_a_notebook_with_one_definition_for_each_name_keeps_nothing(
    notebook: Notebook,
) -> None:
    notebook.open("import numpy\nbig = numpy.zeros(1000)", "total = big.sum()")
    assert notebook.session.memory().kept == ()


def test_a_cell_whose_input_was_given_up_runs_what_made_it_first() -> None:
    notebook = Notebook(memory_budget=0)
    notebook.open("xs = [1]", "before = len(xs)", "xs = xs + [2]", "print(xs)")
    assert notebook.session.memory().evicted == 1
    assert notebook.run("b") == ["a", "b"]
    assert notebook.namespace["before"] == 1
    assert notebook.namespace["xs"] == [1, 2]
    assert notebook.printed["d"] == "[1, 2]\n"


def test_a_change_whose_checkpoint_was_given_up_runs_what_made_the_object_first() -> (
    None
):
    notebook = Notebook(memory_budget=0)
    notebook.open("xs = [1]", "xs.append(2)", "print(xs)")
    assert notebook.run("b") == ["a", "b", "c"]
    assert notebook.printed["c"] == "[1, 2]\n"


def test_with_room_for_it_a_change_is_undone_instead(notebook: Notebook) -> None:
    notebook.open("xs = [1]", "xs.append(2)", "print(xs)")
    assert notebook.run("b") == ["b", "c"]
    assert notebook.session.memory().evicted == 0


def test_what_was_given_up_is_freed() -> None:
    notebook = Notebook(memory_budget=0)
    notebook.open("class Big: pass", "big = Big()")
    gone = weakref.ref(notebook.namespace["big"])
    notebook.open("print(big)", "big = 2")
    gc.collect()
    assert gone() is None


def test_only_what_is_too_much_is_given_up() -> None:
    notebook = Notebook(memory_budget=2 * ARRAY + 100_000)
    notebook.open(
        "import numpy",
        *(f"big = numpy.zeros(1_000_000) + {n}\nprint(big[0])" for n in range(5)),
        *("print(big[1])" for _ in range(2)),
    )
    notebook.insert(2, "r", "print(big[2])")
    report = notebook.session.memory()
    assert report.total <= report.budget
    assert report.total == pytest.approx(2 * ARRAY, rel=0.01)


def space_with(**versions: object) -> Namespace:
    """Return a namespace that keeps a version of `x` by each of some cells."""
    space = Namespace({})
    before: dict[str, object] = {}
    for cell, value in versions.items():
        space.values["x"] = value
        space.record(CellId(cell), {"x"}, before)
        before = {"x": value}
    return space


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        pytest.param({"a": 1, "b": 9, "c": 9}, {"b", "c"}, id="quick to make again"),
        pytest.param({"a": 9, "b": 9, "c": 9}, {"a", "c"}, id="large"),
        pytest.param(
            {"a": 2, "b": 9, "c": 1}, {"a", "b"}, id="hardly large, but quick"
        ),
        pytest.param({"a": 9, "b": inf, "c": 9}, {"a", "b"}, id="may run again"),
        pytest.param({"a": inf, "b": inf, "c": inf}, {"a", "b", "c"}, id="none may"),
    ],
)
def test_what_frees_most_for_the_least_running_goes_first(
    seconds: dict[str, float], left: set[str]
) -> None:
    space = space_with(
        a=bytearray(2_000), b=bytearray(3_000), c=bytearray(2_500), last=0
    )
    memory = Memory(space, 6_000, lambda cell: seconds[cell])
    memory.keep_within()
    assert {cell for (cell, _name), _value in space.kept()} == left


def test_what_two_versions_share_counts_once() -> None:
    array = numpy.zeros(1_000_000)
    space = space_with(a=array[1:], b=array[2:], last=0)
    memory = Memory(space, 10_000_000, lambda _cell: 1.0)
    memory.keep_within()
    report = memory.report()
    assert [kept.kind for kept in report.kept] == [Kind.VERSION] * 2
    assert report.total == ARRAY
    assert report.evicted == 0


def test_what_the_namespace_holds_anyway_does_not_count() -> None:
    frame = pandas.DataFrame({"x": numpy.arange(1e6)})
    space = space_with(a=frame, last=frame.assign(y=1))
    memory = Memory(space, 1_000_000, lambda _cell: 1.0)
    memory.keep_within()
    report = memory.report()
    assert report.evicted == 0
    assert report.total < 10_000


def test_versions_that_share_are_given_up_together_if_need_be() -> None:
    array = numpy.zeros(1_000_000)
    space = space_with(a=array[1:], b=array[2:], last=0)
    memory = Memory(space, 1_000_000, lambda _cell: 1.0)
    memory.keep_within()
    assert memory.report().total == 0
    assert memory.report().evicted_bytes == ARRAY


def objects(value: object) -> int:
    return sum(parts(value).values())


@pytest.mark.parametrize(
    ("value", "size"),
    [
        pytest.param(numpy.zeros(1000), 8_000, id="array"),
        pytest.param(numpy.zeros(1000)[::10], 8_000, id="view of an array"),
        pytest.param(pandas.DataFrame({"x": range(1000)}), 8_000, id="frame"),
        pytest.param(pandas.Series([1.5] * 1000), 8_000, id="series"),
        pytest.param([float(n) for n in range(1000)], 32_000, id="list"),
        pytest.param([[numpy.zeros(1000)] for _ in range(40)], 320_000, id="nested"),
        pytest.param({n: f"{n:0900}" for n in range(100)}, 107_000, id="dict"),
        pytest.param([numpy.zeros(1000), *range(1000)], 44_000, id="one large element"),
        pytest.param(bytearray(5000), 5_000, id="bytes"),
    ],
)
def test_a_size_is_about_right(value: object, size: int) -> None:
    assert objects(value) == pytest.approx(size, rel=0.15)


def test_measuring_ends_whatever_the_value() -> None:
    loop: list[object] = []
    loop.append(loop)
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    wide = [[[0] * 100 for _ in range(100)] for _ in range(100)]
    assert all(objects(value) > 0 for value in (loop, deep, wide))
    assert len(parts(wide)) < 1000


def test_an_object_that_refuses_to_be_looked_at_is_no_harm() -> None:
    class Hostile:
        @property
        def __dict__(self) -> dict[str, object]:  # type: ignore[override]
            raise RuntimeError

    assert objects([Hostile(), 1]) >= 0


def test_a_tally_counts_what_is_shared_once() -> None:
    tally = Tally()
    assert tally.add({1: 10, 2: 5}) == 15
    assert tally.add({2: 5, 3: 1}) == 1
    assert tally.remove({1: 10, 2: 5}) == 10
    assert (tally.total, tally.remove({2: 5, 3: 1}), tally.total) == (6, 6, 0)
