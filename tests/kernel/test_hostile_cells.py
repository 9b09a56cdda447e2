"""Cells that attack the namespace, the interpreter or the kernel: the graph stays true."""

from __future__ import annotations

import pytest
from _pytest.mark.structures import ParameterSet

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


def start(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")


def still_works(nb: Wire) -> None:
    """Check that the two cells of `start` react as ever."""
    nb.ran()
    nb.run("a", "x = 7")
    nb.settle()
    assert nb["b"] == "7"
    assert nb.ran() == ["a", "b"]


NAMESPACE = {
    "del In": "del In",
    "del Out": "del Out",
    "del last results": "del _, __",
    "del get_ipython": "del get_ipython",
    "del them all": "del In, Out, get_ipython, exit, quit",
    "rebind them": "In = Out = get_ipython = None",
    "rebind last results": "_ = __ = ___ = 'mine'",
    "empty them": "In.clear(); Out.clear()",
    "module attributes": "__name__ = 'mine'; __builtins__ = {}",
    "del __builtins__": "del __builtins__",
    "rebind list": "list = 3",
    "rebind more builtins": "len = isinstance = type = str = None",
    "clear the namespace": "globals().clear()",
    "del all names": "for n in [*globals()]:\n    del globals()[n]",
}
PROCESS = {
    "a low recursion limit": "import sys; sys.setrecursionlimit(60)",
    "another folder": "import os; os.chdir('/')",
    "no collector": "import gc; gc.disable(); gc.freeze()",
    "ignore signals": "import signal; signal.signal(2, signal.SIG_IGN)",
    "cancel all": "import asyncio\nfor t in asyncio.all_tasks():\n    t.cancel()",
    "strict warnings": "import warnings; warnings.simplefilter('error')",
}


def named(variants: dict[str, str]) -> list[ParameterSet]:
    return [pytest.param(source, id=name) for name, source in variants.items()]


def survives(nb: Wire, attack: str) -> None:
    """Check that cells still follow each other after an attack and its deletion."""
    nb.run("a", "x = 1")
    nb.run("b", "x * 2")
    assert nb.run("attack", attack)["status"] in {"ok", "error"}
    nb.settle()
    nb.run("c", "None", deleted=["attack"])
    nb.settle()
    nb.run("a", "x = 3")
    nb.run("b", "x * 2")
    nb.run("a", "x = 4")
    nb.settle()
    assert nb["b"] == "8"


@pytest.mark.parametrize("attack", named(NAMESPACE))
def test_a_cell_that_breaks_the_namespace_breaks_no_graph(
    nb: Wire, attack: str
) -> None:
    survives(nb, attack)


@pytest.mark.parametrize("attack", named(PROCESS))
def test_a_cell_that_changes_the_process_breaks_no_graph(
    alone: Wire, attack: str
) -> None:
    survives(alone, attack)


def test_rebinding_print_changes_the_cells_below_only(nb: Wire) -> None:
    start(nb)
    nb.run("p", "print = lambda value: display(value * 10)")
    nb.run("below", "print(x)")
    nb.settle()
    assert (nb["b"], nb["below"]) == ("1", "10")
    nb.run("c", "None", deleted=["p"])
    nb.settle()
    assert nb["below"] == "1"
    nb.run("c", "None", deleted=["below"])
    still_works(nb)


@pytest.mark.parametrize("reset", ["%reset -f", "get_ipython().reset()"])
def test_a_reset_makes_every_cell_stale(nb: Wire, reset: str) -> None:
    nb.open_comm()
    start(nb)
    nb.run("r", reset)
    nb.settle()
    assert nb.states()["a"] == nb.states()["b"] == "stale"
    nb.ran()
    nb.run("b", "print(x)")
    nb.settle()
    assert nb["b"] == "1"
    assert sorted(nb.ran()) == ["a", "b"]


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param("import sys; sys.exit(3)", id="sys.exit"),
        pytest.param("raise SystemExit", id="SystemExit"),
        pytest.param("raise BaseException('odd')", id="BaseException"),
        pytest.param("raise GeneratorExit", id="GeneratorExit"),
        pytest.param("raise KeyboardInterrupt", id="KeyboardInterrupt"),
        pytest.param("import asyncio; raise asyncio.CancelledError", id="Cancelled"),
        pytest.param("raise type('E', (Exception,), {'__str__': 3})()", id="no str"),
        pytest.param("raise ExceptionGroup('g', [ValueError(1)])", id="a group"),
    ],
)
@pytest.mark.parametrize("how", ["run", "rerun"])
def test_however_a_cell_ends_the_graph_stays_true(
    nb: Wire, ending: str, how: str
) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run("bad", f"if x == {1 if how == 'run' else 2}:\n    {ending}")
    nb.run("a", "x = 2")
    nb.settle()
    nb.run("bad", "None")
    still_works(nb)


@pytest.mark.skipif("not hasattr(__import__('os'), 'fork')")
def test_a_forked_child_that_exits_leaves_the_kernel_alone(nb: Wire) -> None:
    start(nb)
    nb.run(
        "f", "import os\npid = os.fork()\nif not pid:\n    os._exit(x)\nos.wait()[1]"
    )
    assert nb["f"] == "256"
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["f"] == "512"
    still_works_with(nb, "f")


def still_works_with(nb: Wire, third: str) -> None:
    nb.ran()
    nb.run("a", "x = 7")
    nb.settle()
    assert nb["b"] == "7"
    assert nb.ran() == ["a", "b", third]


@pytest.mark.parametrize(
    "deep",
    [
        pytest.param("def f():\n    return f()\nf()", id="calls"),
        pytest.param("n = []\nfor i in range(100_000):\n    n = [n]", id="lists"),
        pytest.param("n = ()\nfor i in range(100_000):\n    n = (n, 1)", id="tuples"),
        pytest.param("n = [1]\nn.append(n)\nt = (n,)", id="a list in itself"),
        pytest.param("f = lambda: f\nf.f = f", id="a function in itself"),
        pytest.param(
            "f = 0\nfor i in range(9999):\n    f = lambda f=f: f", id="defaults"
        ),
    ],
)
def test_deep_values_and_deep_calls_hurt_nothing(nb: Wire, deep: str) -> None:
    start(nb)
    nb.run("deep", deep)
    nb.run("deep", "None")
    still_works(nb)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("__eq__ = lambda s, o: 1 / 0", id="eq fails"),
        pytest.param("__hash__ = lambda s: 1 / 0", id="hash fails"),
        pytest.param("__bool__ = lambda s: 1 / 0", id="bool fails"),
        pytest.param("__repr__ = lambda s: 1 / 0", id="repr fails"),
        pytest.param("__getattr__ = lambda s, n: 1 / 0", id="getattr fails"),
        pytest.param("__class__ = property(lambda s: 1 / 0)", id="class fails"),
        pytest.param("__del__ = lambda s: 1 / 0", id="del fails"),
        pytest.param("__len__ = lambda s: 1 / 0", id="len fails"),
    ],
)
def test_hostile_objects_are_only_values(nb: Wire, value: str) -> None:
    # A finaliser that fails says so whenever its object goes.
    nb.etiquette.late_output = True
    start(nb)
    nb.run("k", f"class Hostile:\n    {value}")
    nb.run("o", "h = Hostile()")
    nb.run("u", "g = h")
    nb.ran()
    nb.run("o", "h = Hostile()  # again\n0")
    nb.settle()
    assert nb.ran() == ["o", "u"]
    nb.run("c", "None", deleted=["k", "o", "u"])
    nb.settle()
    still_works(nb)


@pytest.mark.parametrize(
    "definer",
    [
        pytest.param("exec(f'found = {x}')", id="exec"),
        pytest.param("globals()['found'] = x", id="globals()"),
        pytest.param("get_ipython().user_ns['found'] = x", id="user_ns"),
        pytest.param("get_ipython().run_cell(f'found = {x}');", id="run_cell"),
        pytest.param("get_ipython().push({'found': x})", id="push"),
        pytest.param("import __main__; __main__.found = x", id="__main__"),
        pytest.param("def f():\n    global found\n    found = x\nf()", id="global"),
    ],
)
def test_names_that_appear_only_at_run_time_are_definitions(
    nb: Wire, definer: str
) -> None:
    nb.run("a", "x = 1")
    nb.run("d", definer)
    nb.run("b", "print(found)")
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == "2"
    assert nb.ran() == ["a", "d", "b"]
    nb.run("c", "None", deleted=["d"])
    nb.settle()
    assert nb["b"].startswith("NameError")


def test_a_star_import_defines_what_it_brings(nb: Wire) -> None:
    nb.run("b", "print(sqrt(9))")
    assert nb["b"].startswith("NameError")
    nb.run("a", "from math import *")
    nb.settle()
    assert nb["b"] == "3.0"
    nb.run("c", "None", deleted=["a"])
    nb.settle()
    assert nb["b"].startswith("NameError")


def test_a_script_run_by_magic_defines_what_it_leaves(nb: Wire) -> None:
    script = nb.kernel.folder / "script.py"
    script.write_text("found = 5\n", encoding="utf-8")
    nb.run("a", "%run script.py")
    nb.run("b", "print(found)")
    assert nb["b"] == "5"
    nb.ran()
    script.write_text("found = 6\n", encoding="utf-8")
    nb.run("a", "%run script.py")
    nb.settle()
    assert nb["b"] == "6"
    assert nb.ran() == ["a", "b"]


def test_deleting_a_name_in_a_cell_is_seen(nb: Wire) -> None:
    start(nb)
    nb.run("d", "del x")
    nb.settle()
    assert nb.value("x").startswith("NameError")


def test_the_namespace_is_one_as_in_any_notebook(alone: Wire) -> None:
    alone.run("a", "x = 1")
    alone.run("b", "import __main__\n(__main__.x, globals()['x'], eval('x'), __name__)")
    assert alone["b"] == "(1, 1, 1, '__main__')"
