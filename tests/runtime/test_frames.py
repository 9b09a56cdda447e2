"""A frame or an array is as it was, or it is not: told exactly, and quickly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pandas
import pytest

from reactive_kernel.runtime.checkpoint import SMALL, Checkpoint
from reactive_kernel.runtime.frames import same_memory
from reactive_kernel.testing import Notebook

ROWS = 1000


def frame() -> Any:
    made = pandas.DataFrame({name: numpy.arange(ROWS * 1.0) for name in "abc"})
    made["text"] = "some text"
    made["objects"] = pandas.Series([f"it {n}" for n in range(ROWS)], dtype=object)
    made["time"] = pandas.date_range("2024", periods=ROWS)
    made["kind"] = pandas.Series(["x", "y"] * (ROWS // 2), dtype="category")
    made.index = pandas.Index([f"row {n}" for n in range(ROWS)])
    return made


def assign(column: str, value: object) -> Callable[[Any], None]:
    def change(at: Any) -> None:
        at[column] = value

    return change


def put(column: str, value: object) -> Callable[[Any], None]:
    def change(at: Any) -> None:
        at.loc["row 7", column] = value

    return change


def consolidate(at: Any) -> None:
    at["a"] = at["a"].copy()
    at["b"] = at["b"].copy()
    at._consolidate_inplace()


def copy_blocks(at: Any) -> None:
    at._update_inplace(at.copy(deep=True))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(assign("new", 1), id="another column"),
        pytest.param(assign("a", 1.0), id="a column"),
        pytest.param(put("a", -1.0), id="one number"),
        pytest.param(put("text", "other"), id="one text"),
        pytest.param(put("objects", "other"), id="one object"),
        pytest.param(put("time", pandas.Timestamp("2001")), id="one time"),
        pytest.param(put("kind", "x"), id="one category"),
        pytest.param(
            lambda f: f.__setitem__(
                "kind", f["kind"].cat.rename_categories(["p", "q"])
            ),
            id="the names of categories",
        ),
        pytest.param(lambda f: f.pop("c"), id="a column less"),
        pytest.param(lambda f: setattr(f, "index", f.index[::-1]), id="labels"),
        pytest.param(lambda f: f.attrs.update(by="me"), id="attributes"),
        pytest.param(assign("a", numpy.arange(ROWS)), id="only the type"),
    ],
)
def test_a_change_of_a_frame_is_seen_and_undone(change: Callable[[Any], None]) -> None:
    value = frame()
    before = value.copy(deep=True)
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    change(value)
    assert point.changed()
    point.restore()
    pandas.testing.assert_frame_equal(value, before)
    assert point.changed() == set()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: setattr(s, "name", "other"), id="its name"),
        pytest.param(lambda s: s.attrs.update(by="me"), id="attributes"),
        pytest.param(lambda s: s.__setitem__(3, -1.0), id="one number"),
    ],
)
def test_a_change_of_a_series_is_seen_and_undone(change: Callable[[Any], None]) -> None:
    value = pandas.Series(numpy.arange(10.0), name="it")
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    change(value)
    assert point.changed()
    point.restore()
    expected = pandas.Series(numpy.arange(10.0), name="it")
    pandas.testing.assert_series_equal(value, expected)
    assert value.attrs == {}


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(consolidate, id="columns were joined"),
        pytest.param(copy_blocks, id="all was copied"),
        pytest.param(lambda f: f.sum(numeric_only=True), id="it was read"),
        pytest.param(lambda f: f.to_numpy(), id="it was turned into an array"),
        pytest.param(assign("a", numpy.arange(ROWS * 1.0)), id="equal values"),
        pytest.param(
            lambda f: f.__setitem__(
                "objects", f["objects"].map("{}".format).astype(object)
            ),
            id="equal texts",
        ),
    ],
)
def test_values_that_were_only_moved_are_no_change(move: Callable[[Any], None]) -> None:
    value = frame()
    point = Checkpoint.take(value, SMALL)
    assert point is not None
    move(value)
    assert point.changed() == set()


@pytest.mark.parametrize(
    ("cells", "exact"),
    [
        pytest.param(["text", 1, 2.5, None], True, id="that cannot change"),
        pytest.param(["text", [1]], False, id="lists among them"),
    ],
)
def test_a_frame_with_python_objects_is_brought_back_if_they_cannot_change(
    notebook: Notebook, cells: list[object], exact: bool
) -> None:
    notebook.open(
        f"import pandas\nframe = pandas.DataFrame({{'o': pandas.Series({cells}, dtype=object)}})",
        "frame['y'] = 1",
        "print(len(frame), sum(frame.y))",
    )
    ran = notebook.edit("b", "frame['y'] = 2")
    assert ran == (["b", "c"] if exact else ["a", "b", "c"])
    assert notebook.printed["c"] == f"{len(cells)} {2 * len(cells)}\n"


def test_a_change_inside_an_object_of_a_frame_is_never_missed_in_a_rerun(
    notebook: Notebook,
) -> None:
    notebook.open(
        "import pandas\nframe = pandas.DataFrame({'o': [[1], [2]]}, dtype=object)",
        "frame.loc[0, 'o'].append(5)\nframe['n'] = 1",
        "print(frame.o.tolist())",
    )
    assert notebook.run("b") == ["a", "b", "c"]
    assert notebook.printed["c"] == "[[1, 5], [2]]\n"


@pytest.mark.parametrize("dtype", ["f8", "i4", "i2", "?", "c16", "M8[s]", "S3", "O"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_are_compared_byte_by_byte(dtype: str, order: Any) -> None:
    array = numpy.zeros((4, 5), order=order).astype(dtype)
    other = array.copy(order="K")
    assert same_memory(array, other)
    other[3, 4] = numpy.ones(1).astype(dtype)[0]
    assert not same_memory(array, other)
    assert not same_memory(array, array[:3])


def test_an_array_that_holds_nan_equals_its_copy() -> None:
    array = numpy.full(100, numpy.nan)
    assert same_memory(array, array.copy())
    assert not same_memory(array, numpy.zeros(100))
    assert not same_memory(numpy.zeros(3), -numpy.zeros(3))
    assert same_memory(numpy.zeros(0), numpy.zeros(0))
