from __future__ import annotations

import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reactive_kernel.runtime import describe
from reactive_kernel.runtime.descriptions import WIDTH


class Point:
    def __init__(self, x: object) -> None:
        self.x = x
        self._hidden = 1


def function(a: int, *, b: int = 2) -> None: ...


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(3, "3", id="number"),
        pytest.param(10**9999, "a number of 33,216 bits", id="huge number"),
        pytest.param("a\nb", r"'a\nb'", id="text"),
        pytest.param(None, "None", id="None"),
        pytest.param([1, [2, [3]]], "[1, [2, […]]]", id="nested"),
        pytest.param(
            list(range(1000)), "[0, 1, 2, 3, 4, 5, … 1,000 in all]", id="long"
        ),
        pytest.param((1,), "(1,)", id="tuple of one"),
        pytest.param(set(), "set()", id="empty set"),
        pytest.param(deque([1]), "deque([1])", id="deque"),
        pytest.param({"a": {"b": {}}}, "{'a': {'b': {}}}", id="dict"),
        pytest.param(Point(1), "Point(x=1)", id="object"),
        pytest.param([Point([1])], "[Point(x=[…])]", id="object inside"),
        pytest.param(Point, "class Point", id="class"),
        pytest.param(function, "function(a, b)", id="function"),
        pytest.param(len, "len(…)", id="builtin"),
        pytest.param(np, f"numpy {np.__version__}", id="module"),
        pytest.param(np.arange(3), "[0, 1, 2]", id="short array"),
        pytest.param(np.zeros((1000, 3)), "1,000 × 3, float64", id="array"),  # noqa: RUF001
        pytest.param(np.float32(2), "2.0", id="scalar"),
        pytest.param(pd.DataFrame({"a": [1], "b": [2]}), "1 × 2: a, b", id="frame"),  # noqa: RUF001
        pytest.param(pd.Series([1.5] * 9), "9 of float64", id="series"),
        pytest.param(Path("a"), "a", id="path"),
    ],
)
def test_a_value_is_told_in_a_few_words(value: object, expected: str) -> None:
    assert describe(value).value == expected


def test_no_code_of_a_class_runs() -> None:
    class Trap(type):
        def __getattribute__(cls, name: str) -> Any:
            raise SystemExit(name)

    class Hostile(metaclass=Trap):
        def __getattribute__(self, name: str) -> Any:
            raise SystemExit(name)

        def __repr__(self) -> str:
            raise SystemExit

        def __sizeof__(self) -> int:
            raise SystemExit

    class HostileList(list[int]):
        def __iter__(self) -> Any:
            raise SystemExit

        def __len__(self) -> int:
            raise SystemExit

    class Hidden:
        @property
        def __dict__(self) -> Any:  # type: ignore[override]  # hostile
            raise SystemExit

    hostile = object.__new__(Hostile)
    values = [Hostile, hostile, [hostile], {"a": hostile}, HostileList(), Hidden()]
    assert [describe(value).value for value in values] == [
        "class Hostile",
        "Hostile()",
        "[Hostile()]",
        "{'a': Hostile()}",
        "HostileList()",
        "Hidden()",
    ]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 10**6, id="text"),
        pytest.param(["x" * 10**6] * 10**5, id="list"),
        pytest.param({"x" * 10**6: "y" * 10**6}, id="dict"),
        pytest.param(pd.DataFrame(columns=["x" * 1000] * 50), id="labels"),
        pytest.param(Point("x" * 1000), id="object"),
        pytest.param(type("X" * 1000, (), {})(), id="class name"),
        pytest.param("\x00\x1b[31m\u202e", id="what is not printable"),
    ],
)
def test_whatever_it_is_it_takes_one_short_line(value: object) -> None:
    about = describe(value)
    for text in (about.value, about.type):
        assert len(text) <= WIDTH
        assert text.isprintable()


def test_a_container_that_holds_itself_is_told() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert describe(loop).value == "[[[…]]]"


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        pytest.param(np.zeros(1000), 8000, 8000, id="array"),
        pytest.param([0.5] * 1000, 30_000, 34_000, id="list"),
        pytest.param(pd.DataFrame({"a": np.zeros(1000)}), 8000, 9000, id="frame"),
        pytest.param(Point(np.zeros(1000)), 8000, 9000, id="attributes"),
        pytest.param("x" * 1000, 1000, 1100, id="text"),
        pytest.param(np, 1, 1000, id="module"),
    ],
)
def test_its_size_is_estimated(value: object, least: int, most: int) -> None:
    size = describe(value).size
    assert size is not None
    assert least <= size <= most


def test_no_library_is_imported_for_it() -> None:
    program = (
        "import sys; from reactive_kernel.runtime import describe; describe([1, {}]);"
        "print({'numpy', 'pandas'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"
