"""Functions, classes and modules: what they carry, and what changes about them."""

from __future__ import annotations

import contextlib
import math
import types
from typing import TYPE_CHECKING, Any

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.runtime.checkpoint import SMALL, Checkpoint
from reactive_kernel.runtime.patches import Patches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reactive_kernel.testing import Notebook

    Follow = Callable[..., list[list[str]]]

RUN = """\
def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value"""

CARRIED = [
    pytest.param(
        "from functools import partial\ndef f(n): return n * k",
        "from functools import partial\ndef f(n): return n * k + 1",
        ["g = partial(f, 2)", "print(g())"],
        id="partial",
    ),
    pytest.param(
        "class M:\n    def m(self): return k",
        "class M:\n    def m(self): return k + 5",
        ["f = M().m", "print(f())"],
        id="bound method",
    ),
    pytest.param(
        "def make(n):\n    def inner(): return n * k\n    return inner",
        "def make(n):\n    def inner(): return n * k + 1\n    return inner",
        ["f = make(3)", "print(f())"],
        id="closure",
    ),
    pytest.param(
        "import functools\ndef twice(fn):\n    @functools.wraps(fn)\n"
        "    def wrapper(*args): return fn(*args) * k\n    return wrapper",
        "import functools\ndef twice(fn):\n    @functools.wraps(fn)\n"
        "    def wrapper(*args): return fn(*args) * k + 100\n    return wrapper",
        ["@twice\ndef g(x): return x", "print(g(3))"],
        id="decorator",
    ),
    pytest.param(
        "def f(): return k",
        "def f(): return k + 7",
        ["tools = {'f': f, 'all': [f]}", "print(tools['f'](), tools['all'][0]())"],
        id="containers of functions",
    ),
    pytest.param(
        "from functools import singledispatch\n@singledispatch\n"
        "def show(x): return k",
        "from functools import singledispatch\n@singledispatch\n"
        "def show(x): return k + 1",
        ["@show.register\ndef _(x: int): return x * k", "print(show(3), show(''))"],
        id="singledispatch",
    ),
    pytest.param(
        "class M:\n    @property\n    def p(self): return k",
        "class M:\n    @property\n    def p(self): return k + 5",
        ["m = M()", "print(m.p)"],
        id="property",
    ),
    pytest.param(
        "from functools import cached_property\n"
        "class M:\n    @cached_property\n    def p(self): return k",
        "from functools import cached_property\n"
        "class M:\n    @cached_property\n    def p(self): return k + 5",
        ["m = M()", "print(m.p)"],
        id="cached property",
    ),
    pytest.param(
        "class M:\n    @classmethod\n    def c(cls): return k\n"
        "    @staticmethod\n    def s(): return k",
        "class M:\n    @classmethod\n    def c(cls): return k + 1\n"
        "    @staticmethod\n    def s(): return k",
        ["print(M.c(), M.s())"],
        id="class method and static method",
    ),
    pytest.param(
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 3\n"
        "    def m(self): return self.x * k",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 4\n"
        "    def m(self): return self.x * k",
        ["p = P()", "print(p.m(), p)"],
        id="dataclass",
    ),
    pytest.param(
        "class A:\n    def m(self): return k",
        "class A:\n    def m(self): return k + 5",
        ["class B(A):\n    def m(self): return super().m() * 10", "b = B()",
         "print(b.m())"],
        id="inheritance",
    ),
    pytest.param(
        "class A:\n    def m(self): return k\ndef make(): return A()",
        "class A:\n    def m(self): return k + 5\ndef make(): return A()",
        ["o = make()", "print(o.m())"],
        id="instance made by a function",
    ),
    pytest.param(
        "class A:\n    def m(self): return k",
        "class A:\n    def m(self): return k + 5",
        ["all = [A() for _ in range(2)]", "print([a.m() for a in all])"],
        id="list of instances",
    ),
    pytest.param(
        "class A:\n    def __call__(self): return k",
        "class A:\n    def __call__(self): return k + 5",
        ["f = A()", "print(f())"],
        id="callable instance",
    ),
    pytest.param(
        "def even(n): return n == k or odd(n - 1)",
        "def even(n): return 'even' if n == k else odd(n - 1)",
        ["def odd(n): return False if n == k else even(n - 1)", "print(even(4))"],
        id="recursion over two cells",
    ),
    pytest.param(
        "def f(n): return k if n == 0 else n * f(n - 1)",
        "def f(n): return k if n == 0 else n + f(n - 1)",
        ["print(f(4))"],
        id="recursion",
    ),
    pytest.param(
        "def g():\n    for n in range(3): yield n * k",
        "def g():\n    for n in range(3): yield n * k + 1",
        ["it = g()", "print(list(it))"],
        id="generator",
    ),
    pytest.param(
        "async def f(): return k",
        "async def f(): return k + 1",
        [RUN, "print(run(f()))"],
        id="coroutine",
    ),
    pytest.param(
        "from contextlib import contextmanager\n@contextmanager\ndef cm(): yield k",
        "from contextlib import contextmanager\n@contextmanager\ndef cm(): yield k + 1",
        ["with cm() as v: print(v)"],
        id="context manager",
    ),
    pytest.param(
        "def f(n): return n * k",
        "def f(n): return n * k + 1",
        ["it = map(f, [1, 2])", "print(list(it))"],
        id="map over a function",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("define", "other", "use"), CARRIED)
def test_what_was_made_of_a_function_follows_it_and_what_it_reads(
    define: str, other: str, use: list[str], follow: Follow
) -> None:
    ran = follow(["k = 1", define, *use], ("edit", "a", "k = 2"), ("edit", "b", other))
    last = "abcdefgh"[len(use) + 1]
    assert [cells[-1] for cells in ran] == [last, last]


def test_the_instances_of_a_class_that_was_edited_are_made_again(
    notebook: Notebook,
) -> None:
    notebook.open("class A:\n    x = 1", "obj = A()", "print(obj.x, type(obj) is A)")
    assert notebook.edit("a", "class A:\n    x = 2") == ["a", "b", "c"]
    assert notebook.printed["c"] == "2 True\n"


CHANGED = [
    pytest.param(
        ["class M:\n    def fit(self): return 'slow'",
         "def better(self): return 'fast'", "M.fit = better", "print(M().fit())"],
        [("edit", "b", "def better(self): return 'faster'"), ("run", "c"),
         ("edit", "c", "M.fit = lambda self: 'l'"), ("edit", "c", "pass")],
        id="method of a class",
    ),
    pytest.param(
        ["class M:\n    def fit(self): return 'slow'", "m = M()",
         "M.fit = lambda self: 'fast'", "print(m.fit())"],
        [("edit", "c", "M.fit = lambda self: 'faster'"), ("delete", "c")],
        id="method, seen by an instance",
    ),
    pytest.param(
        ["class A:\n    def m(self): return 1", "class B(A): pass",
         "A.m = lambda self: 2", "print(B().m())"],
        [("edit", "c", "A.m = lambda self: 3"), ("delete", "c")],
        id="method of a base",
    ),
    pytest.param(
        ["class M: x = 1", "setattr(M, 'x', 2)", "print(M.x)"],
        [("edit", "b", "setattr(M, 'x', 3)"), ("delete", "b")],
        id="setattr",
    ),
    pytest.param(
        ["class M: x = 1", "del M.x\nM.y = 1", "print(vars(M).get('x'))"],
        [("run", "b"), ("delete", "b")],
        id="attribute deleted",
    ),
    pytest.param(
        ["class M: x = 1", "def change(some, x): some.x = x", "change(M, 2)",
         "print(M.x)"],
        [("edit", "c", "change(M, 3)"), ("run", "c"), ("delete", "c")],
        id="hidden in a function",
    ),
    pytest.param(
        ["class M: n = 0", "M.n += 1", "print(M.n)"], [("run", "b"), ("run", "b")],
        id="counter of a class",
    ),
    pytest.param(
        ["class M:\n    n = 0\n    def __init__(self): type(self).n += 1", "one = M()",
         "two = M()", "print(M.n)"],
        [("run", "b"), ("run", "c"), ("delete", "c")],
        id="instances counted",
    ),
    pytest.param(
        ["class M:\n    all = []\n    def __init__(self): self.all.append(1)",
         "one = M()", "two = M()", "print(M.all)"],
        [("run", "b"), ("run", "c"), ("delete", "c")],
        id="instances registered",
    ),
    pytest.param(
        ["class Base:\n    subs = []\n"
         "    def __init_subclass__(cls): Base.subs.append(cls.__name__)",
         "class X(Base): pass", "class Y(Base): pass", "print(Base.subs)"],
        [("run", "b"), ("edit", "c", "class Z(Base): pass"), ("delete", "b")],
        id="subclasses registered",
    ),
    pytest.param(
        ["def f(): return 1", "f.n = 1", "print(f.n)"],
        [("edit", "b", "f.n = 2"), ("delete", "b")],
        id="attribute of a function",
    ),
    pytest.param(
        ["def f():\n    f.n += 1\n    return f.n\nf.n = 0", "print(f())", "print(f())"],
        [("run", "b"), ("run", "c"), ("run", "b")],
        id="counter of a function",
    ),
    pytest.param(
        ["def counter():\n    n = 0\n    def count():\n        nonlocal n\n"
         "        n += 1\n        return n\n    return count\ncount = counter()",
         "print(count())", "print(count())"],
        [("run", "b"), ("run", "c"), ("run", "b"), ("delete", "b")],
        id="variable of a closure",
    ),
    pytest.param(
        ["class C:\n    n = 0\n    def step(self):\n        self.n += 1\n"
         "        return self.n", "step = C().step", "print(step())",
         "print(step())"],
        [("run", "c"), ("run", "d"), ("delete", "c")],
        id="object behind a bound method",
    ),
    pytest.param(
        ["xs = []", "add = xs.append", "add(1)", "print(xs)"],
        [("run", "c"), ("edit", "c", "add(2)"), ("delete", "c")],
        id="list behind a bound method",
    ),
    pytest.param(
        ["def f(x, seen=[]):\n    seen.append(x)\n    return seen", "print(f(1))",
         "print(f(2))"],
        [("run", "b"), ("run", "c"), ("run", "b")],
        id="default value",
    ),
    pytest.param(
        ["from functools import singledispatch\n@singledispatch\n"
         "def show(x): return 'any'", "k = 1",
         "@show.register\ndef _(x: int): return x * k", "print(show(3))"],
        [("edit", "b", "k = 2"), ("delete", "c")],
        id="registered implementation",
    ),
    pytest.param(
        ["import math", "math.tau = 3", "print(math.tau)"],
        [("edit", "b", "math.tau = 4"), ("delete", "b")],
        id="attribute of a module",
    ),
    pytest.param(
        ["import math", "import math as m", "m.tau = 3", "print(math.tau)"],
        [("edit", "c", "m.tau = 4"), ("edit", "c", "pass")],
        id="attribute of a module under another name",
    ),
    pytest.param(
        ["import math\nprint(math.tau)", "import math as m\nm.tau = 3",
         "import math\nprint(math.tau)", "from math import tau\nprint(tau)"],
        [("run", "a"), ("edit", "b", "import math as m\nm.tau = 4"), ("run", "a"),
         ("run", "c"), ("edit", "b", "import math as m"), ("run", "c")],
        id="attribute of a module that each cell imports itself",
    ),
    pytest.param(
        ["import math", "import math as m\nm.tau = 3", "print(math.tau)",
         "math.tau += 1", "print(m.tau)"],
        [("run", "b"), ("run", "c"), ("run", "d"), ("run", "d"), ("delete", "b")],
        id="attribute of a module changed twice",
    ),
    pytest.param(
        ["import math", "math.tau = 3\n1 / 0", "print(math.tau)"],
        [("run", "c"), ("edit", "b", "math.tau = 4")],
        id="after a failure",
    ),
    pytest.param(
        ["from fractions import Fraction", "Fraction.twice = lambda self: self * 2",
         "print(getattr(Fraction(1, 2), 'twice', int)())"],
        [("edit", "b", "Fraction.twice = lambda self: self * 4"), ("run", "b")],
        id="class of a library",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "steps"), CHANGED)
def test_a_change_of_a_function_class_or_module_is_seen_and_undone(
    cells: list[str], steps: list[tuple[str, ...]], follow: Follow
) -> None:
    follow(cells, *steps)


def test_an_import_reads_from_the_cells_above_that_changed_the_module(
    notebook: Notebook,
) -> None:
    with modules_restored():
        notebook.open("import math", "import math as m\nm.tau = 3", "import math")
        graph = notebook.session.graph
        assert "module math" in graph.writes(CellId("b"))
        assert graph.inputs(CellId("a")) == {}
        assert graph.inputs(CellId("c")) == {"module math": "b"}
        notebook.edit("b", "import math as m")
        assert notebook.session.graph.inputs(CellId("c")) == {}


@contextlib.contextmanager
def modules_restored() -> Iterator[None]:
    tau = math.tau
    try:
        yield
    finally:
        setattr(math, "tau", tau)  # noqa: B010  # mypy knows that it is final


def test_only_what_cells_changed_about_a_module_is_put_back() -> None:
    """A library may have loaded a part of itself meanwhile."""
    module: Any = types.ModuleType("lazy")
    module.rate = 1
    patches = Patches()
    before = patches.look([module])
    module.rate = 2
    assert list(patches.leave(CellId("a"), before)) == ["module lazy"]
    module.loaded_later = 3
    patches.enter([])
    assert (module.rate, module.loaded_later) == (1, 3)


def test_functions_and_classes_of_libraries_are_not_looked_into() -> None:
    assert Checkpoint.take(Checkpoint, SMALL) is None
    assert Checkpoint.take(pytest.param, SMALL) is None


def test_the_bookkeeping_of_a_metaclass_is_no_change(notebook: Notebook) -> None:
    notebook.open(
        "from traitlets import HasTraits, Int\nclass C(HasTraits):\n    n = Int()",
        "one = C()",
        "two = C()",
    )
    assert notebook.run("b") == ["b"]


CACHED = [
    pytest.param(
        ["from functools import lru_cache\n@lru_cache\ndef g(x): return x * k",
         "print(g(3))", "print(g(4))"],
        id="function",
    ),
    pytest.param(
        ["from functools import cache\n@cache\ndef g(x): return x * k",
         "def h(x): return g(x)", "print(h(3))"],
        id="called by another function",
    ),
    pytest.param(
        ["from functools import cache\nclass M:\n    @staticmethod\n    @cache\n"
         "    def g(x): return x * k", "print(M.g(3))"],
        id="static method",
    ),
    pytest.param(
        ["from functools import cache\n@cache\ndef g(x): return x * times()",
         "def times(): return k", "print(g(3))"],
        id="that calls another function",
    ),
    pytest.param(
        ["import functools\ndef keep(f):\n    kept = functools.cache(f)\n"
         "    def call(x): return kept(x)\n    return call\n"
         "@keep\ndef g(x): return x * k", "print(g(3))"],
        id="within a closure",
    ),
]  # fmt: skip


@pytest.mark.parametrize("cells", CACHED)
def test_a_function_that_keeps_results_serves_no_old_ones(
    cells: list[str], follow: Follow
) -> None:
    follow(["k = 1", *cells], ("edit", "a", "k = 2"), ("run", "c"), ("run", "a"))


def test_results_are_kept_while_nothing_that_they_rest_on_changes(
    notebook: Notebook,
) -> None:
    notebook.open(
        "calls = []\nk = 1\nfrom functools import cache\n"
        "@cache\ndef g(x):\n    print('works')\n    return x * k",
        "other = 1",
        "print(g(3), other)",
    )
    assert notebook.printed["c"] == "works\n3 1\n"
    notebook.edit("b", "other = 2")
    assert notebook.printed["c"] == "3 2\n"


def test_each_caller_gets_the_results_of_its_own_place(follow: Follow) -> None:
    follow(
        ["from functools import cache\n@cache\ndef g(x): return x * k", "k = 1",
         "print(g(3))", "k = 2", "print(g(3))"],
        ("run", "c"), ("run", "e"), ("edit", "b", "k = 5"),
    )  # fmt: skip
