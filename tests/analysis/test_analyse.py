"""What single cells define, use, change and defer: one line per rule of the language."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from reactive_kernel.analysis import DefUse, Kind, analyse

NEVER_EVALUATED = sys.version_info >= (3, 14)


def names(text: str) -> set[str]:
    return set(text.split())


def case(source: str, defines: str, uses: str, *, id: str) -> Any:
    return pytest.param(source, names(defines), names(uses), id=id)


def check(record: DefUse, defines: set[str], uses: set[str]) -> None:
    assert not record.broken
    assert (set(record.definitions), set(record.uses)) == (defines, uses)


STATEMENTS = [
    case("", "", "", id="an empty cell"),
    case("# only a comment", "", "", id="a comment"),
    case("x = 1", "x", "", id="an assignment binds"),
    case("x", "", "x", id="an expression reads"),
    case("y = x", "y", "x", id="the value is read"),
    case("x = x", "x", "x", id="the value is read before the target is bound"),
    case("x = 1; x", "x", "", id="write before read is no use"),
    case("x; x = 1", "x", "x", id="read before write is a use"),
    case("y = x; x = 1", "x y", "x", id="read then bound"),
    case("a = b = c", "a b", "c", id="a chain of targets"),
    case("a, (b, *c) = d", "a b c", "d", id="nested and starred targets"),
    case("[a, b] = c", "a b", "c", id="a list of targets"),
    case("n += 1", "n", "n", id="augmented assignment reads and binds"),
    case("n = 0; n += 1", "n", "", id="augmented assignment of an own name"),
    case("n += n2", "n", "n n2", id="augmented assignment reads its value"),
    case("v: t", "", "t", id="a bare annotation binds nothing")
    if not NEVER_EVALUATED
    else case("v: t", "", "", id="a bare annotation binds nothing"),
    case("v: 't' = w", "v", "w", id="a string annotation is not read"),
    case("o.a = 1", "", "o", id="an attribute store reads the object"),
    case("d[k] = v", "", "d k v", id="an item store reads object and key"),
    case("x[i], y = z", "y", "x i z", id="an item among the targets"),
    case("del x", "", "x", id="deleting a foreign name"),
    case("x = 1; del x", "", "", id="deleting an own name"),
    case("x = 1; del x; x", "", "x", id="reading an own deleted name"),
    case("del x; x = 1", "x", "x", id="deleting, then binding"),
    case("if c:\n    x = 1\n    del x", "x", "c", id="a conditional deletion"),
    case("for i in r: pass\ndel i", "", "r", id="deleting a loop variable"),
    case("del d[k]", "", "d k", id="deleting an item"),
    case("assert a, b", "", "a b", id="assert"),
    case("raise E from c", "", "E c", id="raise"),
    case("raise E\nx = y", "", "E", id="nothing runs after raise"),
    case("import a", "a", "", id="import"),
    case("import a.b.c", "a", "", id="import of a submodule binds its root"),
    case("import a.b as c", "c", "", id="import as"),
    case("from a import b, c as d", "b d", "", id="from import"),
    case("from . import a", "a", "", id="relative import"),
    case("from a import *", "", "", id="star import"),
    case("global x; x = y", "x", "y", id="global at the top changes nothing"),
    case("(x := y)", "x", "y", id="walrus"),
    case("f(x := 1, x)", "x", "f", id="walrus before a read in the same call"),
    case("await x", "", "x", id="await at the top"),
    case("pass", "", "", id="pass"),
    case("...", "", "", id="ellipsis"),
]

EXPRESSIONS = [
    case("a + b * -c", "", "a b c", id="operators"),
    case("a and b or not c", "", "a b c", id="boolean operators"),
    case("a < b < c", "", "a b c", id="a chain of comparisons"),
    case("a if b else c", "", "a b c", id="conditional expression"),
    case("a.b.c", "", "a", id="an attribute reads its root"),
    case("a[b:c:d]", "", "a b c d", id="a slice"),
    case("a[b, c:d]", "", "a b c d", id="a tuple of slices"),
    case("f(a, *b, k=c, **d)", "", "f a b c d", id="call arguments"),
    case("{a: b, **c}", "", "a b c", id="dict"),
    case("{a, *b}, [c], (d,)", "", "a b c d", id="displays"),
    case("f'{a!r:>{b}} {c=}'", "", "a b c", id="f-string with nested format"),
    case("f'{a[\"k\"]}{{b}}'", "", "a", id="f-string braces"),
    case("(c and (x := 1)); x", "x", "c", id="walrus that may be skipped"),
    case("a if (x := b) else x; x", "x", "a b", id="walrus in a condition"),
    case("[a for a in b]", "", "b", id="comprehension target is local"),
    case("[a for a in a]", "", "a", id="first iterable is outside"),
    case("[a for b in c for a in b]", "", "c", id="second iterable is inside"),
    case("[x for a in b if a > c]", "", "x b c", id="comprehension condition"),
    case("{a: b for a, b in c}", "", "c", id="dict comprehension"),
    case("{a for a in b}; a", "", "b a", id="the target does not leak"),
    case("[y := f(v) for v in vs]; y", "y", "f vs", id="walrus leaks out"),
    case("any(a == b for a in c)", "", "any b c", id="generator runs at once"),
    case("[[a + b for b in c] for a in d]", "", "c d", id="nested comprehension"),
    case("a = 1; [a for a in b]; a", "a", "b", id="a target does not unbind"),
    case("[i async for i in a]", "", "a", id="async comprehension"),
    case("[d[i] for d[i] in b for i in c]", "", "d b c", id="subscript target"),
    case("lambda: x", "", "", id="a lambda reads nothing yet"),
    case("lambda a=b: a", "", "b", id="lambda default"),
    case("f(lambda: x)", "", "f x", id="a lambda passed to a call"),
    case("f(key=[lambda a: a + x])", "", "f x", id="a lambda within an argument"),
    case("(lambda: x)()", "", "x", id="a lambda called at once"),
    case("f(lambda x: x)", "", "f", id="lambda parameter"),
    case("x = 1; f(lambda: x)", "x", "f", id="a lambda reads what is bound"),
    case("print(x)", "", "print x", id="builtins are uses"),
]

BRANCHES = [
    case("if c: x = 1\nelse: x = 2\nx", "x", "c", id="both arms bind"),
    case("if c: x = 1\nx", "x", "c", id="one arm binds: a read of the own name"),
    case("if c: x = 1\nelse: x\n", "x", "c x", id="the other arm reads"),
    case("if c: x\nelse: x = 1\n", "x", "c x", id="the first arm reads"),
    case("if c: raise E\nelse: x = 1\nx", "x", "c E", id="a dead arm is neutral"),
    case("if a: x = 1\nelif b: x = 2\nx", "x", "a b", id="elif without else"),
    case("if a: x = 1\nelif b: x = 2\nelse: x = 3\nx", "x", "a b", id="all arms"),
    case("if TYPE_CHECKING: import a\na", "", "TYPE_CHECKING a", id="TYPE_CHECKING"),
    case("if t.TYPE_CHECKING: import a", "", "t", id="typing.TYPE_CHECKING"),
    case(
        "if not TYPE_CHECKING: x = 1\nx", "x", "TYPE_CHECKING", id="not TYPE_CHECKING"
    ),
    case("if 0: x = y", "", "", id="if 0"),
    case("if 1: x = y\nx", "x", "y", id="if 1"),
    case("for i in r: x = i\ni; x", "i x", "r", id="loop variable after the loop"),
    case("for i in r: t = t + i", "i t", "r t", id="accumulator from outside"),
    case("t = 0\nfor i in r: t += i", "i t", "r", id="own accumulator"),
    case("for i in i: pass", "i", "i", id="iterable is read first"),
    case("for i in r:\n    if c: n += 1", "i n", "r c n", id="conditional counter"),
    case(
        "for i in r:\n    if i: last = i\n    else: f(last)",
        "i last",
        "r f",
        id="bound by an earlier round",
    ),
    case("for a, b in r: pass", "a b", "r", id="tuple of loop variables"),
    case("for d[k] in r: pass", "", "d k r", id="item as loop variable"),
    case("for i in r: break\nelse: x = 1\nx", "i x", "r", id="else of a loop"),
    case(
        "for i in r:\n    x = 1\n    break\nelse: x = 2\nx", "i x", "r", id="for-else"
    ),
    case("while n: n = n - 1", "n", "n", id="while reads first"),
    case("while c: x = 1\nx", "x", "c", id="while may not run"),
    case("while True:\n    x = 1\n    break\nx", "x", "", id="while True runs"),
    case("while True: x = 1\ny = z", "x", "", id="nothing after an endless loop"),
    case("while (x := f()): pass\nx", "x", "f", id="walrus in a loop condition"),
    case("for i in r:\n    continue\n    x = y", "i", "r", id="dead after continue"),
    case("try: x = 1\nexcept E: x = 2\nx", "x", "E", id="body and handler bind"),
    case("try: x = 1\nexcept E: pass\nx", "x", "E", id="only the body binds"),
    case("try: x = f()\nexcept E: x", "x", "f E", id="handler reads the body's name"),
    case("try: f()\nexcept E: x", "", "f E x", id="handler reads a foreign name"),
    case("try: import a\nexcept E: a = None\na", "a", "E", id="optional import"),
    case("try: pass\nexcept E as e: e", "", "E", id="except-as is bound in handler"),
    case("try: pass\nexcept E as e: pass\ne", "", "E e", id="and gone afterwards"),
    case("try: pass\nexcept E as e: x = e", "x", "E", id="unless kept"),
    case("try: pass\nexcept (A, B): pass", "", "A B", id="tuple of exceptions"),
    case("try: x = 1\nfinally: x", "x", "", id="finally may come first"),
    case("try: f()\nfinally: x = 1\nx", "x", "f", id="finally binds"),
    case("try: a\nexcept: raise\nelse: x = 1\nx", "x", "a", id="else of try"),
    case("try: f()\nexcept* E as g: g", "", "f E", id="except-star"),
    case("with a as b, b as c: c", "b c", "a", id="with binds left to right"),
    case("with a as (b, d[k]): pass", "b", "a d k", id="with targets"),
    case("with a: x = 1\nx", "x", "a", id="with body runs"),
    case("with a: raise E\nx = 1", "x", "a E", id="with may swallow"),
    case("async with a as b: b", "b", "a", id="async with"),
    case("async for a in b: a", "a", "b", id="async for"),
    case("match a:\n    case b: b", "b", "a", id="capture"),
    case("match a:\n    case [b, *c]: pass", "b c", "a", id="sequence pattern"),
    case("match a:\n    case {'k': b, **c}: pass", "b c", "a", id="mapping pattern"),
    case("match a:\n    case C(b, x=c): pass", "b c", "a C", id="class pattern"),
    case("match a:\n    case E.b: pass", "", "a E", id="value pattern"),
    case("match a:\n    case 1 | 2 as b: b", "b", "a", id="as pattern"),
    case("match a:\n    case b if b > c: pass", "b", "a c", id="guard"),
    case(
        "match a:\n    case 1: x = 1\n    case _: x = 2\nx",
        "x",
        "a",
        id="cases with a catch-all",
    ),
    case("match a:\n    case 1: x = 1\nx", "x", "a", id="no case may match"),
    case("match a:\n    case [b]: pass\n    case _: b\n", "b", "a", id="half a match"),
]

FUNCTIONS = [
    case("def f(): return a", "f", "", id="a body is not run"),
    case("def f(a=b, *, c=d): pass", "f", "b d", id="defaults are read"),
    case("@d\ndef f(): pass", "f", "d", id="decorator"),
    case("@d(x)\ndef f(): return a", "f", "d x a", id="a decorator may call"),
    case("@lru_cache\ndef f(): return a", "f", "lru_cache", id="a lazy decorator"),
    case("@d\ndef f(): return f()", "f", "d", id="a decorated recursive function"),
    case("def f(): return a\nf()", "f", "a", id="loaded in the same cell"),
    case("a = 1\ndef f(): return a\nf()", "a f", "", id="all bound before the call"),
    case("def f(): return a\nf()\na = 1", "f a", "a", id="bound after the call"),
    case("def f(): return g()\ndef g(): return a\nf()", "f g", "a", id="transitively"),
    case("def f(): return g()\ndef g(): return f()\nf()", "f g", "", id="mutually"),
    case("def f(): return f()\nf()", "f", "", id="recursive"),
    case("def f(): return a\nh(f)", "f", "h a", id="passed to a call"),
    case("f = lambda: a\nf()", "f", "a", id="a lambda called later"),
    case("def f(): return a\nf = 1\nf", "f", "", id="rebound before it is loaded"),
    case("def f():\n  x = a\n  return x\nf()", "f", "a", id="local variable"),
    case("def f():\n  x\n  x = 1\nf()", "f", "", id="local anywhere is local"),
    case("def f(a, /, b, *c, d, **e): a, b, c, d, e\nf()", "f", "", id="parameters"),
    case(
        "def f():\n  global g\n  g = 1\nf()\ng", "f g", "", id="global binds if called"
    ),
    case("def f():\n  global g\n  g = 1", "f", "", id="global does not bind before"),
    case("def f():\n  global g\n  g += 1\nf()", "f g", "g", id="global reads"),
    case(
        "def f():\n  x = 1\n  def g():\n    nonlocal x\n    x += a\n  g()\nf()",
        "f",
        "a",
        id="nonlocal",
    ),
    case("def f():\n  def g(): return x\n  x = 1\nf()", "f", "", id="closure"),
    case("def f():\n  import x\n  x\nf()", "f", "", id="local import"),
    case("def f():\n  for i in a: i\nf()", "f", "a", id="local loop variable"),
    case("def f():\n  with a as b: b\nf()", "f", "a", id="local with"),
    case("def f():\n  try: a\n  except E as e: e\nf()", "f", "a E", id="local except"),
    case("def f():\n  [x for x in a]\n  x\nf()", "f", "a x", id="local comprehension"),
    case(
        "def f():\n  [y := 1 for x in a]\n  y\nf()", "f", "a", id="walrus to function"
    ),
    case("def f():\n  v: t = a\nf()", "f", "a", id="local annotation is not evaluated"),
    case("def f():\n  del v\nf()", "f", "", id="del makes local"),
    case("def f():\n  match a:\n    case b: b\nf()", "f", "a", id="local capture"),
    case("async def f(): await a\nf()", "f", "a", id="async function"),
    case("def f(): yield a\nf()", "f", "a", id="generator function"),
    case("def f(): return (lambda x: x + a)\nf()", "f", "a", id="inner lambda"),
    case("def f(x=[i for i in a]): pass", "f", "a", id="comprehension as default"),
    case("f = g = lambda: a\ng()", "f g", "a", id="two names for a lambda"),
    case("def f(): return a\ng = f\ng()", "f g", "a", id="an alias"),
    case("def f(): return a\nd = {'k': f}", "f d", "a", id="in a container"),
    case("[lambda: a for i in r]", "", "r", id="lambdas of a comprehension"),
    case("if c:\n  def f(): return a\nelse:\n  f = g\nf()", "f", "c g a", id="either"),
]

CLASSES = [
    case("class A(B, metaclass=M): pass", "A", "B M", id="bases and keywords"),
    case("@d\nclass A: pass", "A", "d", id="class decorator"),
    case("class A: x = y", "A", "y", id="the body runs now"),
    case("class A: x = x", "A", "x", id="read before bound in the body"),
    case("class A:\n  x = 1\n  y = x", "A", "", id="bound in the body"),
    case("class A:\n  if c: x = 1\n  y = x", "A", "c x", id="maybe bound in the body"),
    case(
        "class A:\n  if c: x = 1\n  else: x = 2\n  y = x", "A", "c", id="surely bound"
    ),
    case("class A:\n  def m(self): return a", "A", "", id="a method is not run"),
    case("class A:\n  def m(self): return a\nA()", "A", "a", id="unless loaded"),
    case(
        "class A:\n  x = 1\n  def m(self): return x\nA", "A", "x", id="class not seen"
    ),
    case("class A:\n  def m(self, p=q): pass", "A", "q", id="a method's default"),
    case(
        "class A:\n  x = 1\n  def m(self, p=x): pass", "A", "", id="default sees class"
    ),
    case(
        "class A:\n  xs = 1\n  y = [i for i in xs]", "A", "", id="first iterable sees"
    ),
    case("class A:\n  x = 1\n  y = [x for i in r]", "A", "r x", id="the rest does not"),
    case("class A:\n  def m(self): return super().m()\nA", "A", "super", id="super"),
    case("class A:\n  def m(self): return __class__\nA", "A", "", id="__class__"),
    case("class A:\n  x = __qualname__, __module__", "A", "", id="implicit names"),
    case("class A:\n  def m(self): return __x\nA", "A", "_A__x", id="mangled name"),
    case("class _A:\n  def m(self): return __x__\n_A", "_A", "__x__", id="dunder"),
    case("class A:\n  def m(s):\n    __x = 1\n    return __x\nA", "A", "", id="own"),
    case("class A:\n  y = __x", "A", "_A__x", id="mangled in the body"),
    case("class A:\n  global g\n  g = 1\nA\ng", "A g", "", id="global in a class"),
    case("class A:\n  class B(C):\n    x = y", "A", "C y", id="nested class"),
    case("class A:\n  x = 1\n  class B:\n    y = x", "A", "x", id="outer class unseen"),
    case("class A:\n  @property\n  def p(s): return a", "A", "property", id="property"),
    case("class A:\n  @d\n  def m(s): return a", "A", "d", id="a method's decorator"),
    case(
        "def f():\n  x = 1\n  class A:\n    y = x\nf()", "f", "", id="class in function"
    ),
    case("def f():\n  class A:\n    x = x\nf()", "f", "x", id="free in inner class"),
    case("class A:\n  def f(): return a\n  x = f()", "A", "a", id="called in the body"),
    case("class A:\n  del x", "A", "", id="del in a class"),
    case("class A:\n  for i in r: i", "A", "r", id="loop in a class"),
]

ANNOTATIONS = [
    case("def f(a: t) -> r: pass", "f", "t r", id="signature"),
    case("x: t = 1", "x", "t", id="variable"),
    case("class A:\n  x: t", "A", "t", id="class attribute"),
    case("def f(*a: t, **k: u): pass", "f", "t u", id="star parameters"),
    case("o.x: t = 1", "", "o t", id="attribute"),
]

FUTURE = "from __future__ import annotations\n"
FUTURE_ANNOTATIONS = [
    case(FUTURE + "def f(a: t) -> r: pass", "annotations f", "", id="signature"),
    case(FUTURE + "x: t = y", "annotations x", "y", id="variable"),
    case(FUTURE + "class A:\n  x: t", "annotations A", "", id="class attribute"),
    case(FUTURE + "class A:\n  def m(s: t): 0", "annotations A", "", id="method"),
]

TYPE_PARAMETERS = [
    case("def f[T](a: T) -> u: pass", "f", "u", id="function"),
    case("def f[T: b](a): pass", "f", "", id="a bound is evaluated later"),
    case("class A[T](B[T]): x: T", "A", "B", id="class"),
    case("class A[T]:\n  def m(self) -> T: return T", "A", "", id="method sees it"),
    case(
        "class A[T]:\n  class B:\n    x = T\n    def m(self): T\nA",
        "A",
        "",
        id="inner class sees it",
    ),
    case("type X = a", "X", "", id="an alias is evaluated later"),
    case("type X[T] = list[T] | a\nX", "X", "list a", id="an alias that is loaded"),
    case("def f[T](): return T, a\nf()", "f", "a", id="body sees it"),
]


@pytest.mark.parametrize(("source", "defines", "uses"), STATEMENTS)
def test_statements(source: str, defines: set[str], uses: set[str]) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.parametrize(("source", "defines", "uses"), EXPRESSIONS)
def test_expressions(source: str, defines: set[str], uses: set[str]) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.parametrize(("source", "defines", "uses"), BRANCHES)
def test_branches_and_loops(source: str, defines: set[str], uses: set[str]) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.parametrize(("source", "defines", "uses"), FUNCTIONS)
def test_functions(source: str, defines: set[str], uses: set[str]) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.parametrize(("source", "defines", "uses"), CLASSES)
def test_classes(source: str, defines: set[str], uses: set[str]) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.skipif(NEVER_EVALUATED, reason="Python 3.14 evaluates on demand")
@pytest.mark.parametrize(("source", "defines", "uses"), ANNOTATIONS)
def test_annotations_are_evaluated_at_once(
    source: str, defines: set[str], uses: set[str]
) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.parametrize(("source", "defines", "uses"), FUTURE_ANNOTATIONS)
def test_annotations_are_texts_under_the_future_import(
    source: str, defines: set[str], uses: set[str]
) -> None:
    check(analyse(source), defines, uses)


@pytest.mark.skipif(not NEVER_EVALUATED, reason="until Python 3.13 they are read now")
def test_annotations_are_deferred_to_who_asks_for_them() -> None:
    record = analyse("def f(a: t) -> r: pass")
    check(record, {"f"}, set())
    assert record.deferred["f"].uses == {"t", "r"}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new syntax of Python 3.12")
@pytest.mark.parametrize(("source", "defines", "uses"), TYPE_PARAMETERS)
def test_type_parameters(source: str, defines: set[str], uses: set[str]) -> None:
    check(analyse(source), defines, uses)


# Reads that depend on the run -----------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "conditional"),
    [
        pytest.param("for i in r: pass\ni", "i", id="loop variable"),
        pytest.param("if c: x = 1\nx", "x", id="one arm"),
        pytest.param("try: x = f()\nexcept E: x", "x", id="handler"),
        pytest.param("x\nif c: x = 1\nx", "", id="already a use"),
        pytest.param("if c: x = 1\ndel x\nx", "", id="not defined after all"),
        pytest.param("for i in r: pass\ndel i", "i", id="deleted loop variable"),
        pytest.param("x = 1\nx", "", id="surely bound"),
    ],
)
def test_reads_of_a_name_that_may_be_the_cells_own(
    source: str, conditional: str
) -> None:
    assert set(analyse(source).conditional) == names(conditional)


@pytest.mark.parametrize(
    ("source", "before"),
    [
        pytest.param("x = f()", {}, id="call first"),
        pytest.param("x = 1; f()", {"f": {"x"}}, id="binding first"),
        pytest.param("f(); x = 1; f()", {}, id="only the first load counts"),
        pytest.param("if c: x = 1\nf()", {}, id="perhaps bound is not bound"),
        pytest.param("x = y = 1; del x; f()", {"f": {"y"}}, id="deleted again"),
        pytest.param(
            "[f(v) for v in (x := 1,)]", {"f": {"x"}}, id="targets are not own"
        ),
        pytest.param("a = b; c = d", {"d": {"a"}}, id="in order"),
    ],
)
def test_what_is_bound_before_a_use(source: str, before: dict[str, set[str]]) -> None:
    assert analyse(source).before == before


# Deferred -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "name", "uses"),
    [
        pytest.param("def f(): return a", "f", "a", id="function"),
        pytest.param("a = 1\ndef f(): return a", "f", "a", id="of the same cell"),
        pytest.param("f = lambda: a", "f", "a", id="lambda"),
        pytest.param("f = [lambda: a, lambda: b]", "f", "a b", id="lambdas in a list"),
        pytest.param("f: t = lambda: a", "f", "a", id="annotated"),
        pytest.param("(f := lambda: a)", "f", "a", id="walrus"),
        pytest.param("f, g = (lambda: a), 1", "f", "a", id="unpacked"),
        pytest.param("f = partial(lambda: a)", "f", "a", id="lambda in a call"),
        pytest.param(
            "def f(): return a\ng = p(f)", "g", "a", id="made from a function"
        ),
        pytest.param("def f(): return a\ng = f", "g", "a", id="alias"),
        pytest.param("def f(): return a\ng = f\nh = [g]", "h", "a", id="twice"),
        pytest.param("def f(): return a\nfor g in [f]: pass", "g", "a", id="loop"),
        pytest.param("def f(): return a\nwith p(f) as g: 0", "g", "a", id="with"),
        pytest.param("def f(): return a\nd = {}\nd['k'] = f", "d", "a", id="stored"),
        pytest.param("def f(): return a\nd = []\nd.append(f)", "d", "a", id="appended"),
        pytest.param("def f(): return a\nd = []\nd += [f]", "d", "a", id="added"),
        pytest.param("class A:\n  def m(s): return a", "A", "a", id="method"),
        pytest.param("class A:\n  m = lambda s: a", "A", "a", id="lambda in class"),
        pytest.param(
            "class A:\n  def m(s): return a\n  def n(s): return b",
            "A",
            "a b",
            id="union of methods",
        ),
        pytest.param(
            "class A:\n  def m(s): return a\nb = A()", "b", "a", id="instance"
        ),
        pytest.param("def f():\n  def g(): return a\n  return g", "f", "a", id="inner"),
        pytest.param("if c: f = lambda: a\nelse: f = lambda: b", "f", "a b", id="arms"),
        pytest.param("f = lambda: a\nf = lambda: b", "f", "b", id="the last one"),
        pytest.param("def f():\n  global g\n  g += 1", "f", "g", id="global"),
        pytest.param("def f(): return _", "f", "", id="not the history"),
        pytest.param("f = lambda: a\nf = 1", "f", "", id="rebound to data"),
        pytest.param("@property\ndef f(): return a", "f", "a", id="decorated"),
    ],
)
def test_calling_a_value_uses(source: str, name: str, uses: str) -> None:
    deferred = analyse(source).deferred.get(name)
    assert (deferred.uses if deferred else set()) == names(uses)


@pytest.mark.parametrize(
    ("source", "name", "carries"),
    [
        pytest.param("g = partial(f, 1)", "g", "partial f", id="a call"),
        pytest.param("g = [f, h]", "g", "f h", id="a list"),
        pytest.param("g = x + f", "g", "x f", id="any expression"),
        pytest.param("g = 1", "g", "", id="a constant"),
        pytest.param("for h in handlers: pass", "h", "handlers", id="a loop"),
        pytest.param("with a as b: pass", "b", "a", id="with"),
        pytest.param("match a:\n  case b: pass", "b", "a", id="match"),
        pytest.param("g = f; h = g", "h", "f", id="through an own name"),
        pytest.param("g = f; g = 1; h = g", "h", "", id="not after rebinding"),
        pytest.param("import m\ng = m.f(x)", "g", "x", id="not an imported module"),
        pytest.param("class A(B): pass", "A", "B", id="a base"),
        pytest.param("@d\ndef f(): pass", "f", "d", id="a decorator"),
        pytest.param("def f(x=g): pass", "f", "g", id="a default"),
        pytest.param("d = {}\nd['k'] = f", "d", "f", id="put into an own object"),
        pytest.param("d['k'] = f", "d", "f", id="put into a foreign object"),
        pytest.param("hs.append(f)", "hs", "hs f", id="appended to a foreign list"),
        pytest.param("if c: g = f\nelse: g = h", "g", "f h", id="either arm"),
        pytest.param("hs = []\nhs += [f]", "hs", "f", id="augmented"),
        pytest.param("x = x.y(f)", "x", "x f", id="from its old value"),
        pytest.param("g = _", "g", "", id="not the history"),
    ],
)
def test_a_value_carries_what_it_was_made_from(
    source: str, name: str, carries: str
) -> None:
    deferred = analyse(source).deferred.get(name)
    assert (deferred.carries if deferred else set()) == names(carries)


def test_calling_a_function_changes_and_binds_for_its_caller() -> None:
    source = "def f():\n  global g\n  g = 1\n  xs.append(a)"
    defined, called = analyse(source), analyse(source + "\nf()")
    assert defined.deferred["f"].mutates == {"xs"}
    assert defined.deferred["f"].binds == {"g"}
    assert not defined.mutates
    assert set(called.mutates) == {"xs"}
    assert set(called.definitions) == {"f", "g"}


def test_a_local_object_is_nobody_elses() -> None:
    record = analyse("def f():\n  xs = []\n  xs.append(a)\n  return xs")
    assert not record.deferred["f"].mutates


# Changes in place -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        pytest.param("df['x'] = 1", "df", id="item"),
        pytest.param("df.loc[m, 'x'] = 1", "df", id="item of an attribute"),
        pytest.param("o.a = 1", "o", id="attribute"),
        pytest.param("o.a.b[k].c = 1", "o", id="deep"),
        pytest.param("o.a += 1", "o", id="augmented attribute"),
        pytest.param("d[k] += 1", "d", id="augmented item"),
        pytest.param("del d[k]", "d", id="deleted item"),
        pytest.param("del o.a", "o", id="deleted attribute"),
        pytest.param("for d[k] in r: pass", "d", id="loop target"),
        pytest.param("with a as o.b: pass", "o", id="with target"),
        pytest.param("a, d[k] = r", "d", id="unpacked"),
        pytest.param("xs.append(1)", "xs", id="append"),
        pytest.param("o.a.b.append(1)", "o", id="append to an attribute"),
        pytest.param("d[k].append(1)", "d", id="append to an item"),
        pytest.param("y = xs.pop()", "xs", id="pop with its result"),
        pytest.param("d.setdefault(k, []).append(1)", "d", id="setdefault"),
        pytest.param("c and xs.append(1)", "xs", id="within an expression"),
        pytest.param("[xs.append(i) for i in r]", "xs", id="in a comprehension"),
        pytest.param("df.drop(columns=c, inplace=True)", "df", id="inplace"),
        pytest.param("df.drop(columns=c, inplace=flag)", "df", id="perhaps inplace"),
        pytest.param("df.drop(columns=c, inplace=False)", "", id="not inplace"),
        pytest.param("df = df.append(row)", "", id="a new object, bound again"),
        pytest.param("y = df.append(row).head()", "", id="a new object, looked into"),
        pytest.param("xs = []; xs.append(1)", "", id="own object"),
        pytest.param("xs = list(xs); xs.append(1)", "", id="own copy"),
        pytest.param("for x in xs: x.append(1)", "", id="own loop variable"),
        pytest.param("np.append(a, 1); np.sort(b)", "", id="numpy functions"),
        pytest.param("plt.fill(a, b); os.remove(p)", "", id="module functions"),
        pytest.param("random.seed(1)", "", id="random.seed"),
        pytest.param("import m as q\nq.append(a)", "", id="imported in the cell"),
        pytest.param("random.shuffle(xs)", "xs", id="shuffle"),
        pytest.param("heapq.heappush(h, 1)", "h", id="heappush"),
        pytest.param("heappop(o.h)", "o", id="heappop"),
        pytest.param("setattr(o, 'a', 1)", "o", id="setattr"),
        pytest.param("next(it)", "it", id="next"),
        pytest.param("ax.plot(x, y)", "ax", id="drawing"),
        pytest.param(
            "bars = axes[0, 1].bar(x, y)", "axes", id="drawing, with its result"
        ),
        pytest.param("fig.suptitle('t')", "fig", id="title of a figure"),
        pytest.param("ax.set_title('t')", "ax", id="title of axes"),
        pytest.param("df.plot(ax=ax1)", "ax1", id="drawing into axes"),
        pytest.param("heatmap(m, ax=axs[0])", "axs", id="a function draws into axes"),
        pytest.param("fig.savefig(p); ax.get_title()", "", id="no drawing"),
        pytest.param("df.plot(); plt.plot(x)", "", id="drawing elsewhere"),
        pytest.param("fig, ax = f(); ax.plot(x)", "", id="drawing into own axes"),
        pytest.param("f(x).append(1)", "", id="no name at the root"),
        pytest.param("xs.sort(key=lambda v: v)", "xs", id="sort"),
        pytest.param("n += 1", "", id="augmented name"),
        pytest.param("xs.index(1); df.head()", "", id="other methods"),
        pytest.param("if c: xs = []\nxs.append(1)", "", id="perhaps own"),
        pytest.param("f(lambda: xs.append(1))", "xs", id="in a lambda"),
        pytest.param("class A: xs.append(1)", "xs", id="in a class body"),
    ],
)
def test_changes_in_place(source: str, changed: str) -> None:
    record = analyse(source)
    assert set(record.mutates) == names(changed)
    assert record.mutates.keys() <= record.uses.keys()


def test_methods_of_an_imported_module_change_nothing_when_called_later() -> None:
    record = analyse("import m\ndef f(): m.append(a)")
    assert record.deferred["f"].uses == {"m", "a"}
    assert not record.deferred["f"].mutates


@pytest.mark.parametrize(
    ("source", "imports", "patches"),
    [
        pytest.param("import math", ("module math",), (), id="import"),
        pytest.param("import os.path as p", ("module os",), (), id="submodule"),
        pytest.param("from a.b import c", ("module a",), (), id="from"),
        pytest.param("from . import c", (), (), id="relative"),
        pytest.param(
            "import math as m; m.tau = 3", ("module math",), ("math",), id="patch"
        ),
        pytest.param(
            "from a import C; C.f = 3", ("module a",), ("a.C",), id="patched class"
        ),
        pytest.param(
            "import os.path as p; del p.sep", ("module os",), ("os.path",), id="del"
        ),
        pytest.param(
            "import math; math = X(); math.tau = 3", ("module math",), (), id="rebound"
        ),
        pytest.param("math.tau = 3", (), (), id="imported elsewhere"),
    ],
)
def test_packages_that_a_cell_imports_and_changes(
    source: str, imports: tuple[str, ...], patches: tuple[str, ...]
) -> None:
    record = analyse(source)
    assert (record.imports, record.patches) == (imports, patches)


def test_a_name_that_is_gone_after_the_cell_is_recorded() -> None:
    assert set(analyse("del x").deletes) == {"x"}
    assert set(analyse("del x; x = 1").deletes) == set()


def test_a_name_that_the_cell_bound_itself_is_deleted_but_not_used() -> None:
    record = analyse("x = 1; del x")
    assert set(record.deletes) == {"x"}
    assert not record.uses
    assert not record.definitions


# Kinds, special calls, findings ---------------------------------------------------------


def test_a_definition_knows_its_kind() -> None:
    source = "import a\nfrom b import c\ndef f(): pass\nclass C: pass\nx = 1"
    kinds = {d.name: d.kind for d in analyse(source).definitions.values()}
    assert kinds == {
        "a": Kind.IMPORT,
        "c": Kind.IMPORT,
        "f": Kind.FUNCTION,
        "C": Kind.CLASS,
        "x": Kind.VARIABLE,
    }


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        pytest.param("x = input('?')", True, id="input"),
        pytest.param("getpass.getpass()", True, id="getpass.getpass"),
        pytest.param("from getpass import getpass\ngetpass()", True, id="imported"),
        pytest.param("def input(): pass\ninput()", False, id="redefined"),
        pytest.param("def f(): input()", False, id="in a function not called"),
        pytest.param("def f(): input()\nf()", True, id="in a function that is called"),
        pytest.param("def f(input): input()\nf()", False, id="a parameter"),
        pytest.param("o.input()", False, id="a method"),
        pytest.param("input", False, id="not called"),
    ],
)
def test_asking_for_input(source: str, asks: bool) -> None:
    assert analyse(source).asks_input is asks


@pytest.mark.parametrize(
    ("source", "opaque"),
    [
        pytest.param("exec(code)", ("exec",), id="exec"),
        pytest.param("exec(code, ns)", (), id="exec elsewhere"),
        pytest.param("eval(code)", ("eval",), id="eval"),
        pytest.param("globals()['x'] = 1", ("globals",), id="globals"),
        pytest.param("locals(); vars()", ("locals", "vars"), id="in order"),
        pytest.param("vars(o)", (), id="vars of an object"),
        pytest.param("df.eval('a + b'); model.eval()", (), id="methods"),
        pytest.param("def f(): exec(a)", (), id="in a function"),
        pytest.param("def f(): exec(a)\nf()", ("exec",), id="that is called"),
        pytest.param("def f(): return locals()\nf()", (), id="locals of a function"),
        pytest.param("get_ipython().ev('x')", ("get_ipython().ev",), id="ev"),
    ],
)
def test_opaque_constructs(source: str, opaque: tuple[str, ...]) -> None:
    record = analyse(source)
    assert record.opaque == opaque
    assert [d.code for d in record.diagnostics] == ["opaque"] * len(opaque)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("_ + 1", id="the last result"),
        pytest.param("__", id="the one before"),
        pytest.param("_12", id="a numbered result"),
        pytest.param("Out[3]", id="Out"),
        pytest.param("In[3]", id="In"),
        pytest.param("_i3", id="a numbered input"),
    ],
)
def test_reading_the_history_is_a_warning_and_no_use(source: str) -> None:
    record = analyse(source)
    assert [d.code for d in record.diagnostics] == ["uses-history"]
    assert not record.uses


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("for _ in r: pass", id="loop variable"),
        pytest.param("_, ax = f(); _", id="bound before"),
        pytest.param("def f(_): return _", id="parameter"),
        pytest.param("_private", id="another name"),
    ],
)
def test_names_of_the_history_may_be_the_cells_own(source: str) -> None:
    assert not analyse(source).diagnostics


def test_a_star_import_names_its_module() -> None:
    record = analyse("from a.b import *\nfrom .c import *")
    assert record.star_imports == ("a.b", ".c")
    assert [d.code for d in record.diagnostics] == ["star-import"] * 2


@pytest.mark.parametrize(
    "source",
    [
        "1 +",
        "x = = 1",
        "\x00",
        "x = '\ud800'",
        "def f(",
        "(" * 5_000,
        "-" * 500_000 + "1",
    ],
    ids=["short", "twice", "null byte", "surrogate", "open", "parentheses", "deep"],
)
def test_a_text_that_does_not_parse_is_a_finding(source: str) -> None:
    record = analyse(source)
    assert record.broken
    assert [d.code for d in record.diagnostics] == ["syntax-error"]
    assert not record.definitions
    assert not record.uses


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(" + ".join(["x"] * 2_000), id="sum"),
        pytest.param("x" + ".a()" * 900, id="chain of methods"),
        pytest.param("if x: pass\n" + "elif x: pass\n" * 900, id="chain of branches"),
    ],
)
def test_deep_trees_are_analysed_like_others(source: str) -> None:
    limit = sys.getrecursionlimit()
    record = analyse(source)
    if not record.broken:
        assert set(record.uses) == {"x"}
    assert sys.getrecursionlimit() == limit
