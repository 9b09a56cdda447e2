"""What IPython's syntax means for names, through IPython's own transformer."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from reactive_kernel.analysis import DefUse, analyse
from reactive_kernel.analysis.parsing import is_plain
from reactive_kernel.diagnostic import Span

transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]  # IPython


def record(source: str) -> DefUse:
    return analyse(source, transform)


def case(source: str, defines: str, uses: str, *, id: str) -> Any:
    return pytest.param(source, set(defines.split()), set(uses.split()), id=id)


@pytest.mark.parametrize(
    ("source", "defines", "uses"),
    [
        case("%time x = y", "x", "y", id="%time"),
        case("%timeit f(x)", "", "f x", id="%timeit"),
        case("%timeit -n 10 -r3 x = f(y); x", "", "f y", id="%timeit binds nothing"),
        case("%timeit -o f()", "_", "f", id="%timeit -o"),
        case("r = %timeit -q -o f()", "r _", "f", id="%timeit -o with a name"),
        case("%prun -l 5 x = f()", "x", "f", id="%prun"),
        case("%memit -r 1 f()", "", "f", id="%memit"),
        case("%lprun -f g.h f(x)", "", "g f x", id="%lprun -f"),
        case("if c:\n    %time x = y", "x", "c y", id="indented"),
        case("%%time\nx = y", "x", "y", id="%%time"),
        case("%%time\nx = 1\nx", "x", "", id="%%time in order"),
        case("%%timeit x = f()\ny = x + z", "", "f z", id="%%timeit with set-up"),
        case("%%timeit\nx = y", "", "y", id="%%timeit binds nothing"),
        case("%%prun\nx = y", "x", "y", id="%%prun"),
        case("%%capture out\nx = y", "x out", "y", id="%%capture binds"),
        case("%%capture --no-stderr out\nx", "out", "x", id="%%capture with option"),
        case("%%capture\nx", "", "x", id="%%capture without name"),
        case("%%time\n%%capture out\nx = y", "x out", "y", id="nested cell magics"),
        case("%%capture out\n%time x = y\n!ls {z}", "x out", "y z", id="nested lines"),
        case("\n\n%%time\nx", "", "x", id="after blank lines"),
        case("!ls {x} $y", "", "x y", id="shell command"),
        case("!ls {x[i]} {f(z)!r}", "", "x i f z", id="expressions"),
        case("!ls $x.name", "", "x", id="dollar with attribute"),
        case("!ls $$x '$y' {{z}}", "", "", id="escapes"),
        case(
            "!awk '{print $1}' $f", "", "", id="what cannot be expanded is left alone"
        ),
        case("x = !ls {d}", "x", "d", id="output of a command"),
        case("x = %pwd", "x", "", id="value of a magic"),
        case("!!ls {x}", "", "x", id="double exclamation mark"),
        case("x?", "", "x", id="help"),
        case("x.y??", "", "x", id="source"),
        case("?x", "", "x", id="help in front"),
        case("*x?", "", "", id="search"),
        case("%cd {x}", "", "x", id="%cd"),
        case("%env A=$x", "", "x", id="%env"),
        case("%matplotlib inline", "", "", id="%matplotlib"),
        case("%xdel x", "", "x", id="%xdel"),
        case("%%bash\nfor i in 1 2; do echo $i {x}; done", "", "", id="%%bash"),
        case("%%bash -s {x}\necho $1", "", "x", id="%%bash arguments"),
        case("%%bash --out o --err e\nls", "o e", "", id="%%bash --out"),
        case("%%script --proc=p bash\nls", "p", "", id="%%script --proc"),
        case("%%sx\nls {x}", "", "x", id="%%sx"),
        case("%%writefile {x}\ny = z", "", "x", id="%%writefile"),
        case("%%html\n<b>{x}</b>", "", "", id="%%html"),
        case("%%unknown {x}\ny = z", "", "x", id="unknown cell magic"),
        case("/f x", "", "f x", id="automatic call"),
        case(",f a b", "", "f", id="automatic quotes"),
        case("  x = y", "x", "y", id="indented cell"),
        case(">>> x = y\n... ", "x", "y", id="prompts"),
        case("a = (b\n  % c)", "a", "b c", id="an operator at the start of a line"),
        case("'''\n%run x\n'''\na", "", "a", id="a magic in a string"),
        case("def f():\n    !ls {a}\nf()", "f", "a", id="command in a function"),
        case("def f(a):\n    !ls {a}\nf()", "f", "", id="local name in a command"),
        case("%time f = lambda: a", "f", "", id="a lambda in %time"),
        case("f = lambda: a\n%timeit f()", "f", "a", id="own function in %timeit"),
        case("get_ipython().magic('time x')", "", "x", id="the old call"),
        case("get_ipython().user_ns", "", "get_ipython", id="the shell itself"),
    ],
)
def test_names_in_magics(source: str, defines: set[str], uses: set[str]) -> None:
    found = record(source)
    assert not found.broken
    assert (set(found.definitions), set(found.uses)) == (defines, uses)


@pytest.mark.parametrize(
    ("source", "opaque"),
    [
        pytest.param("%run x.py", ("%run",), id="%run"),
        pytest.param("%load x.py", ("%load",), id="%load"),
        pytest.param("%store -r", ("%store",), id="%store"),
        pytest.param("%pylab", ("%pylab",), id="%pylab"),
        pytest.param("%autoreload 2", ("%autoreload",), id="%autoreload"),
        pytest.param("%reset -f", ("%reset",), id="%reset"),
        pytest.param("%unknown", ("%unknown",), id="unknown"),
        pytest.param("%%unknown\nx", ("%%unknown",), id="unknown cell magic"),
        pytest.param("def f():\n    %run x.py\nf()", ("%run",), id="in a function"),
        pytest.param(
            "get_ipython().run_cell(x)", ("get_ipython().run_cell",), id="cell"
        ),
        pytest.param(
            "get_ipython().run_line_magic(m, x)",
            ("get_ipython().run_line_magic",),
            id="computed",
        ),
        pytest.param("%load_ext autoreload", (), id="%load_ext"),
        pytest.param(
            "%who\n%config A.b = 1\n%precision 3\n%pip list", (), id="harmless"
        ),
        pytest.param("%reactive status", (), id="%reactive"),
        pytest.param("%lsmagic\n%pwd\n%matplotlib", (), id="more harmless"),
        pytest.param("%%html\n<b>", (), id="%%html"),
        pytest.param("!ls", (), id="command"),
    ],
)
def test_magics_that_hide_their_effect_are_opaque(
    source: str, opaque: tuple[str, ...]
) -> None:
    assert record(source).opaque == opaque


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param("%%time\nx = = 1", 2, id="cell magic"),
        pytest.param("\n%%time\n%%capture o\n\nx = = 1", 5, id="nested"),
        pytest.param("y = 1\n%time x = = 1", 2, id="line magic"),
    ],
)
def test_python_in_a_magic_that_does_not_parse_is_a_finding(
    source: str, line: int
) -> None:
    found = record(source)
    assert found.broken
    assert found.diagnostics[0].span is not None
    assert found.diagnostics[0].span.line == line


@pytest.mark.parametrize(
    ("source", "name", "place"),
    [
        pytest.param("%time x = yy", "yy", (1, 10), id="line magic"),
        pytest.param("a = 1\n!ls {yy}", "yy", (2, 5), id="command"),
        pytest.param("%%time\n\nx = yy", "yy", (3, 4), id="cell magic"),
        pytest.param("\n%%time\n%%capture o\nx = yy", "yy", (4, 4), id="nested"),
        pytest.param("!ls \\\n  -l\nx = yy", "yy", (3, 4), id="after joined lines"),
        pytest.param("yy.z?", "yy", (1, 0), id="help"),
        pytest.param("\n\n!ls\nyy", "yy", (4, 0), id="after blank lines"),
        pytest.param("%time\n'é', yy", "yy", (2, 5), id="after wide characters"),
    ],
)
def test_places_are_those_in_the_users_text(
    source: str, name: str, place: tuple[int, int]
) -> None:
    line, column = place
    span = Span(line, column, line, column + len(name))
    assert record(source).uses[name] == span


def test_names_bound_by_magics_have_places() -> None:
    found = record("%%capture out\nx = 1")
    assert found.definitions["out"].span == Span(1, 10, 1, 13)
    assert found.definitions["x"].span == Span(2, 0, 2, 1)


@pytest.mark.parametrize(
    "source",
    ["x = 1", "a != b % c", "'100%'", "print('what?')", "x = {1: 2}\n\nf(x)"],
)
def test_plain_python_is_not_sent_through_the_transformer(source: str) -> None:
    def refuse(text: str) -> str:
        raise AssertionError(text)

    assert is_plain(source)
    assert not analyse(source, refuse).broken


def test_a_transformer_that_fails_leaves_the_text_as_it_is() -> None:
    def fail(text: str) -> str:
        raise RuntimeError(text)

    assert analyse("!ls", fail).broken
    assert set(analyse("(x\n% y)", fail).uses) == {"x", "y"}
