from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from reactive_kernel.analysis import normalised

transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]  # IPython


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("x=1", "x  =  1  # one", id="spaces and comments"),
        pytest.param("x = 1\n", "\n\nx = 1", id="blank lines"),
        pytest.param("x = 'a'", 'x = "a"', id="quotes"),
        pytest.param("f(a,\n  b)", "f(a, b)", id="line breaks"),
        pytest.param("(x)", "x", id="parentheses"),
        pytest.param("x = 1; y = 2", "x = 1\ny = 2", id="statements on a line"),
        pytest.param("f(1); # quiet", "f(1) ;", id="semicolon and comment"),
        pytest.param("x = 1;", "x = 1", id="semicolon where nothing is shown"),
        pytest.param("x = 1_000", "x = 1000", id="digits"),
        pytest.param("%%time\nx=1 # one", "%%time\n\nx = 1", id="body of %%time"),
        pytest.param("%time x\n#", "%time x", id="comment below a magic"),
    ],
)
def test_formatting_makes_no_difference(one: str, other: str) -> None:
    assert normalised(one, transform) == normalised(other, transform)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("x = 1", "x = 2", id="value"),
        pytest.param("x = 1", "x = 1.0", id="type of a number"),
        pytest.param("x = 1", "x = True", id="bool"),
        pytest.param("x = '1'", "x = 1", id="text and number"),
        pytest.param("x = b'1'", "x = '1'", id="bytes"),
        pytest.param("x = 1", "y = 1", id="name"),
        pytest.param("f(1)", "f(1);", id="semicolon hides the result"),
        pytest.param("é(1)", "é(1);", id="semicolon after a wide character"),
        pytest.param("a, b = c", "a = b = c", id="structure"),
        pytest.param("f(a, b)", "f((a, b))", id="grouping"),
        pytest.param("[a], []", "[], [a]", id="nesting"),
        pytest.param("%cd a", "%cd b", id="line of a magic"),
        pytest.param("!ls", "!ls -l", id="command"),
        pytest.param("%%time\nx = 1", "%%time\nx = 2", id="body of a magic"),
        pytest.param("%%time\nx", "%%time\nx;", id="semicolon in a body"),
        pytest.param("%%time\nx", "%%capture\nx", id="name of a magic"),
        pytest.param("%%bash\nls # a", "%%bash\nls # b", id="body that is not Python"),
        pytest.param("%%timeit a\nx", "%%timeit b\nx", id="set-up"),
        pytest.param("x = (", "x = [", id="texts that do not parse"),
        pytest.param("async def f(): 0", "def f(): 0", id="async"),
        pytest.param("from a import b", "from .a import b", id="relative import"),
        pytest.param("f'{a!r}'", "f'{a!s}'", id="conversion"),
    ],
)
def test_all_else_makes_one(one: str, other: str) -> None:
    assert normalised(one, transform) != normalised(other, transform)


@pytest.mark.parametrize(
    "source", ["\ud800", "'\\ud800'", "\x00", "x = 0x" + "f" * 9_000, "x = 1e999"]
)
def test_odd_texts_have_a_value_too(source: str) -> None:
    assert normalised(source) == normalised(source + "")
