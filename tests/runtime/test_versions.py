from __future__ import annotations

import math
import sys
from decimal import Decimal
from fractions import Fraction

import pytest

from reactive_kernel.runtime.versions import is_plain, succeed, token

NAMESPACE: dict[str, object] = {}


def defined(source: str, name: str = "f") -> object:
    """Return what a cell's text binds a name to, in the one namespace."""
    exec(source, NAMESPACE)
    return NAMESPACE[name]


@pytest.mark.parametrize(
    "source",
    [
        "f = 1",
        "f = 1.5",
        "f = float('nan')",
        "f = 2j",
        "f = 'text'",
        "f = 'x' * 100_000",
        "f = b'bytes'",
        "f = None",
        "f = ...",
        "f = (1, ('a', None), frozenset({1, 2}))",
        "import decimal; f = decimal.Decimal('1.50')",
        "import fractions; f = fractions.Fraction(1, 3)",
        "import math as f",
        "f = len",
        "def f(x, y=2, *, z='a'): return x + y",
        "f = lambda x: [y for y in x]",
        "def f(x: int) -> str: return str(x)",
    ],
)
def test_equal_values_that_cannot_change_have_equal_tokens(source: str) -> None:
    assert token(defined(source)) == token(defined(source))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(1, 1.0, id="int and float"),
        pytest.param(1, True, id="int and bool"),
        pytest.param(0.0, -0.0, id="the sign of zero"),
        pytest.param(0j, complex(0.0, -0.0), id="the sign of a complex zero"),
        pytest.param("a", b"a", id="text and bytes"),
        pytest.param((1,), (1.0,), id="inside a tuple"),
        pytest.param((1, 2), frozenset({1, 2}), id="tuple and frozenset"),
        pytest.param(Decimal("1.0"), Decimal("1.00"), id="decimal places"),
        pytest.param(Fraction(1, 2), Fraction(2, 3), id="fractions"),
        pytest.param("x" * 5000, "x" * 4999 + "y", id="the end of a long text"),
        pytest.param(math.nan, 0.0, id="nan and zero"),
    ],
)
def test_values_that_a_reader_could_tell_apart_have_different_tokens(
    one: object, other: object
) -> None:
    assert token(one) != token(other)


@pytest.mark.parametrize(
    "value",
    [[], {}, set(), bytearray(), object(), ([],), iter("ab"), open],
    ids=repr,
)
def test_a_value_that_may_have_changed_inside_equals_no_other(value: object) -> None:
    if value is open:
        assert token(value) == token(value)
    else:
        assert token(value) != token(value)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("def f(x):\n    # why\n    return x + 1", id="a comment"),
        pytest.param("\n\n\ndef f(x): return (x + 1)", id="lines and brackets"),
    ],
)
def test_a_reformatted_function_is_the_same_function(other: str) -> None:
    assert token(defined("def f(x): return x + 1")) == token(defined(other))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("def f(x): return x + 2", id="a constant"),
        pytest.param("def f(x): return x + 1.0", id="the type of a constant"),
        pytest.param("def f(x): return y + 1", id="a global name"),
        pytest.param("def f(x, y=1): return x + 1", id="a parameter"),
        pytest.param("def f(x):\n 'doc'\n return x + 1", id="the docstring"),
        pytest.param("def f(x: int): return x + 1", id="an annotation"),
        pytest.param("def f(x=[]): return x + 1", id="a mutable default"),
        pytest.param(
            "def g(n):\n def f(x): return x + n\n return f\nf = g(1)", id="a closure"
        ),
    ],
)
def test_a_function_that_does_something_else_is_another(other: str) -> None:
    assert token(defined("def f(x): return x + 1")) != token(defined(other))


CLASS = "class f:\n    size = 1\n    def grow(self): return self.size + 1"


def test_a_class_that_came_out_the_same_keeps_its_identity_and_its_instances() -> None:
    old = defined(CLASS)
    before = token(old)
    instance = old()  # type: ignore[operator]
    kept, after = succeed(old, defined("\n\n" + CLASS))
    assert kept is old
    assert before == after
    assert isinstance(instance, kept)  # type: ignore[arg-type]


def test_a_kept_function_takes_over_the_line_numbers_of_the_new_text() -> None:
    kept, _token = succeed(defined("def f(): pass"), defined("\n\n\ndef f(): pass"))
    assert kept.__code__.co_firstlineno == 4  # type: ignore[attr-defined]


def test_the_methods_of_a_kept_class_take_over_their_lines() -> None:
    kept, _token = succeed(defined(CLASS), defined("\n\n" + CLASS))
    assert kept.grow.__code__.co_firstlineno == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(CLASS.replace("size = 1", "size = 2"), id="an attribute"),
        pytest.param(CLASS.replace("+ 1", "+ 2"), id="a method"),
        pytest.param(CLASS + "\n    tags = []", id="a mutable attribute"),
    ],
)
def test_a_class_that_changed_is_another_class(other: str) -> None:
    old = defined(CLASS)
    kept, after = succeed(old, defined(other))
    assert kept is not old
    assert after != token(old)


def test_two_classes_that_look_alike_are_not_the_same_version() -> None:
    assert token(defined(CLASS)) != token(defined(CLASS))


def test_a_function_that_was_given_attributes_meanwhile_is_not_kept() -> None:
    old = defined("def f(): pass")
    old.calls = 5  # type: ignore[attr-defined]
    new = defined("def f(): pass")
    kept, after = succeed(old, new)
    assert kept is new
    assert after != token(new)


def test_static_methods_and_properties_count_as_what_they_do() -> None:
    source = (
        "class f:\n @staticmethod\n def a(): return 1\n"
        " @classmethod\n def b(cls): return 2\n @property\n def c(self): return 3"
    )
    old = defined(source)
    kept, _token = succeed(old, defined("\n" + source))
    assert kept is old
    changed, _token = succeed(old, defined(source.replace("return 3", "return 4")))
    assert changed is not old


def test_a_numpy_scalar_is_its_own_token() -> None:
    numpy = pytest.importorskip("numpy")
    assert token(numpy.float64(1.5)) == token(numpy.float64(1.5))
    assert token(numpy.float64(1.5)) != token(numpy.float32(1.5))
    assert token(numpy.zeros(3)) != token(numpy.zeros(3))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (1, True),
        ("text", True),
        ([1, {"a": (2.5, None)}], True),
        ({"f": len}, False),
        ([lambda: 1], False),
        (object(), False),
        (sys, False),
        (list(range(2000)), False),
    ],
    ids=["number", "text", "nested", "builtin", "lambda", "object", "module", "large"],
)
def test_plain_data_carries_no_code_with_it(value: object, plain: bool) -> None:
    assert is_plain(value) is plain


def test_arrays_and_frames_are_plain_data() -> None:
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    assert is_plain(numpy.zeros(3))
    assert not is_plain(numpy.array([len], dtype=object))
    assert is_plain(pandas.DataFrame({"a": [1]}))
