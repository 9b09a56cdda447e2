from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from reactive_kernel.runtime.checkpoint import LARGE, SMALL, Checkpoint
from reactive_kernel.runtime.reach import reaches

numpy = pytest.importorskip("numpy")
pandas = pytest.importorskip("pandas")


class Account:
    def __init__(self) -> None:
        self.log = [1]

    def __repr__(self) -> str:
        return f"Account({vars(self)})"


def frame() -> Any:
    return pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})


@pytest.mark.parametrize(
    ("make", "change"),
    [
        pytest.param(lambda: [1, [2]], lambda v: v[1].append(3), id="nested list"),
        pytest.param(lambda: {"a": [1]}, lambda v: v["a"].append(2), id="dict of lists"),
        pytest.param(lambda: {"a": 1}, lambda v: v.update(a=1.0), id="type of a value"),
        pytest.param(lambda: {1, 2}, lambda v: v.add(3), id="set"),
        pytest.param(lambda: deque([1]), lambda v: v.append(2), id="deque"),
        pytest.param(lambda: bytearray(b"a"), lambda v: v.append(2), id="bytearray"),
        pytest.param(lambda: Counter("aab"), lambda v: v.update("c"), id="Counter"),
        pytest.param(
            lambda: defaultdict(list), lambda v: v["a"].append(1), id="defaultdict"
        ),
        pytest.param(
            lambda: OrderedDict(a=1, b=2), lambda v: v.move_to_end("a"), id="OrderedDict"
        ),
        pytest.param(lambda: (1, [2]), lambda v: v[1].append(3), id="tuple of a list"),
        pytest.param(Account, lambda v: v.log.append(2), id="object"),
        pytest.param(Account, lambda v: setattr(v, "new", 1), id="attribute"),
        pytest.param(
            lambda: SimpleNamespace(a=[1]), lambda v: v.a.append(2), id="SimpleNamespace"
        ),
        pytest.param(lambda: numpy.zeros(4), lambda v: v.put(0, 1), id="array"),
        pytest.param(
            lambda: numpy.zeros((3, 4))[:, 1:], lambda v: v.fill(1), id="array view"
        ),
        pytest.param(frame, lambda v: v.insert(0, "c", 1), id="new column"),
        pytest.param(frame, lambda v: v.pop("a"), id="column taken away"),
        pytest.param(frame, lambda v: v.loc.__setitem__((0, "a"), 9), id="one number"),
        pytest.param(frame, lambda v: v.loc.__setitem__((0, "b"), "k"), id="one text"),
        pytest.param(
            frame, lambda v: setattr(v, "columns", ["p", "q"]), id="column names"
        ),
        pytest.param(
            lambda: frame()["a"], lambda v: v.__setitem__(0, 9), id="series"
        ),
        pytest.param(
            lambda: frame()["a"], lambda v: setattr(v, "name", "p"), id="series' name"
        ),
    ],
)  # fmt: skip
def test_a_change_is_seen_and_undone(
    make: Callable[[], Any], change: Callable[[Any], object]
) -> None:
    value = make()
    before = repr(value)
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    assert point.exact
    assert point.changed() == set()
    change(value)
    assert repr(value) != before
    assert point.changed()
    point.restore()
    assert repr(value) == before
    assert point.changed() == set()


@pytest.mark.parametrize("value", [1, "text", None, len, (1, 2), int], ids=repr)
def test_what_cannot_change_needs_no_checkpoint(value: object) -> None:
    assert Checkpoint.take(value, SMALL) is None


def test_joining_the_blocks_of_a_frame_is_no_change() -> None:
    value = frame()
    value["c"] = 1.0
    value["d"] = 2.0
    point = Checkpoint.take(value, SMALL)
    value._consolidate_inplace()
    assert point is not None
    assert point.changed() == set()


def test_attributes_of_a_frame_are_put_back() -> None:
    value = frame()
    value.attrs["source"] = "a"
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    value.attrs["source"] = "b"
    assert point.changed()
    point.restore()
    assert value.attrs == {"source": "a"}
    assert point.changed() == set()


def test_a_frame_with_a_column_called_name_is_no_special_case() -> None:
    value = pandas.DataFrame({"name": ["x", "y"]})
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    assert point.changed() == set()
    value.name = ["p", "q"]
    assert point.changed()


def test_a_nan_is_equal_to_itself() -> None:
    point = Checkpoint.take(numpy.array([1.0, float("nan")]), SMALL)
    assert point is not None
    assert point.changed() == set()


def test_what_is_met_and_cannot_be_looked_into_makes_it_inexact() -> None:
    point = Checkpoint.take([iter("ab")], SMALL)
    assert point is not None
    assert not point.exact


def test_a_large_array_is_watched_by_a_sample() -> None:
    value = numpy.zeros(1_000_000)
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    assert not point.exact
    value += 1
    assert point.changed()


def test_what_would_cost_too_much_is_not_looked_at() -> None:
    assert Checkpoint.take([[n] for n in range(1000)], SMALL) is None
    assert Checkpoint.take([[n] for n in range(1000)], LARGE) is not None


def test_a_container_and_a_view_reach_what_they_hold() -> None:
    rows = [1]
    assert reaches({"rows": rows}, {id(rows)})
    assert not reaches({"rows": [1]}, {id(rows)})
    base = numpy.zeros(3)
    point = Checkpoint.take(base[1:], SMALL)
    base[1] = 5
    assert point is not None
    assert reaches(base, point.changed())
    assert reaches(base[:2], point.changed())


@pytest.mark.parametrize(
    "hold",
    [
        pytest.param(lambda row: [(0, row)], id="in a tuple"),
        pytest.param(lambda row: {0: {"rows": [row]}}, id="three levels down"),
        pytest.param(lambda row: deque([row]), id="in a deque"),
        pytest.param(lambda row: defaultdict(list, rows=row), id="in a defaultdict"),
        pytest.param(lambda row: [len, [row]], id="beside a function"),
        pytest.param(lambda row: [[0] for _ in range(999)] + [row], id="among many"),
    ],
)
def test_a_container_reaches_what_is_within(hold: Callable[[list[int]], Any]) -> None:
    row = [1]
    assert reaches(hold(row), {id(row)})
    assert not reaches(hold([1]), {id(row)})


def test_a_container_that_holds_itself_is_looked_at_once() -> None:
    ring: list[Any] = [1]
    ring.append(ring)
    assert not reaches(ring, {0})


def test_an_object_whose_own_code_fails_is_left_alone() -> None:
    class Hostile:
        @property
        def __dict__(self) -> dict[str, object]:  # type: ignore[override]  # hostile
            raise RuntimeError

    assert Checkpoint.take(Hostile(), SMALL) is None
