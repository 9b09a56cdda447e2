from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from reactive_kernel.analysis import analyse, locate
from reactive_kernel.diagnostic import Span

transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]  # IPython


def marked(source: str, name: str) -> str:
    """Return the source with every mention of the name in «quotes»."""
    lines = source.split("\n")
    for span in reversed(locate(source, name, transform)):
        line = lines[span.line - 1]
        text = line[span.column : span.end_column]
        lines[span.line - 1] = f"{line[: span.column]}«{text}»{line[span.end_column :]}"
    return "\n".join(lines)


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param("«x» = 1\n«x» + y", id="assignment and use"),
        pytest.param("«x» += «x»", id="augmented"),
        pytest.param("def f(a=«x»): return «x» + a", id="default and body"),
        pytest.param("def f(x): return x\n«x»", id="parameter"),
        pytest.param("def f():\n  x = 1\n  return x", id="local variable"),
        pytest.param("def f():\n  global «x»\n  «x» = 1", id="global"),
        pytest.param("def f():\n  global y, «x»\n  del «x»", id="global of several"),
        pytest.param("def f():\n  x = 1\n  def g():\n    global «x»\n    «x»", id="in"),
        pytest.param("def f():\n  x = 1\n  def g(): return x", id="closure"),
        pytest.param("[x for x in «x»], «x»", id="comprehension"),
        pytest.param("f(lambda: «x», lambda x: x)", id="lambdas"),
        pytest.param("def «x»(): pass\n«x»()", id="function"),
        pytest.param("@d\nclass «x»: pass\n«x»()", id="class"),
        pytest.param("import «x»\nimport y as «x»", id="imports"),
        pytest.param("class A:\n  x = «x»\n  def m(self): return «x»", id="class body"),
        pytest.param("try: f()\nexcept E as «x»: «x»", id="except-as"),
        pytest.param("match a:\n  case [*«x»]: «x»", id="capture"),
        pytest.param("é = f(«x»), «x»", id="after wide characters"),
        pytest.param("o.x, «x».x, {'x': «x»}", id="attributes and texts"),
        pytest.param("del «x»", id="del"),
        pytest.param("def f(): «x»\nf()\nf()", id="loaded functions"),
        pytest.param("%time y = «x»", id="line magic"),
        pytest.param("%%time\n«x» = 1\n«x»", id="cell magic"),
        pytest.param("!ls {«x»}", id="command"),
    ],
)
def test_every_mention_of_a_modules_name_is_found(expected: str) -> None:
    source = expected.replace("«", "").replace("»", "")
    assert marked(source, "x") == expected


def test_a_text_that_does_not_parse_mentions_nothing() -> None:
    assert locate("x = = 1", "x") == ()
    assert locate("%%time\nx = = 1", "x", transform) == ()


@pytest.mark.parametrize(
    ("source", "name", "span"),
    [
        pytest.param("a = bb", "bb", Span(1, 4, 1, 6), id="name"),
        pytest.param("'é' + bb", "bb", Span(1, 6, 1, 8), id="characters, not bytes"),
        pytest.param("x = 1\r\nbb", "bb", Span(2, 0, 2, 2), id="Windows line ends"),
        pytest.param("x = '''\n''' + bb", "bb", Span(2, 6, 2, 8), id="second line"),
        pytest.param("f'{bb}'", "bb", Span(1, 3, 1, 5), id="f-string"),
        pytest.param("f(bb, bb)", "bb", Span(1, 2, 1, 4), id="the first one"),
    ],
)
def test_a_use_has_the_place_of_its_first_mention(
    source: str, name: str, span: Span
) -> None:
    assert analyse(source).uses[name] == span


@pytest.mark.parametrize(
    ("source", "name", "span"),
    [
        pytest.param("x = bb = 1", "bb", Span(1, 4, 1, 6), id="target"),
        pytest.param("@d\ndef bb(): pass", "bb", Span(2, 4, 2, 6), id="function"),
        pytest.param("async def bb(): pass", "bb", Span(1, 10, 1, 12), id="async"),
        pytest.param("class bb: pass", "bb", Span(1, 6, 1, 8), id="class"),
        pytest.param("import a.bb, bb", "bb", Span(1, 13, 1, 15), id="import"),
        pytest.param("from bbb import c as bb", "bb", Span(1, 21, 1, 23), id="alias"),
        pytest.param("bb = 1; bb = 2", "bb", Span(1, 0, 1, 2), id="the first one"),
    ],
)
def test_a_definition_has_the_place_of_its_first_binding(
    source: str, name: str, span: Span
) -> None:
    assert analyse(source).definitions[name].span == span


@pytest.mark.parametrize(
    ("source", "span"),
    [
        pytest.param("x = = 1", Span(1, 4, 1, 5), id="one character"),
        pytest.param("y\n  x", Span(2, 0, 2, 1), id="indentation"),
    ],
)
def test_a_syntax_error_has_a_place(source: str, span: Span) -> None:
    found = analyse(source).diagnostics[0].span
    assert found is not None
    assert found.line == span.line
    assert (found.line, found.column) < (found.end_line, found.end_column)
