"""Plain things stay plain: what every IPython user relies on, in runs and reruns."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.kernel.kernels import RunningKernel
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


def follows(nb: Wire, source: str, first: str, then: str) -> None:
    """Check what a cell shows in a run with x = 1 and in a rerun with x = 2."""
    nb.run("a", "x = 1")
    nb.run("b", source)
    assert nb["b"] == first
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == then
    assert nb.ran() == ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("!echo value {x}", "value {}", id="a shell command"),
        pytest.param("!echo $x", "{}", id="a shell variable"),
        pytest.param("lines = !echo {x}\nlines[0]", "'{}'", id="captured lines"),
        pytest.param(
            "%%capture out\nprint(x)\nprint('more')", "", id="captured output"
        ),
        pytest.param(
            "%%capture out --no-stderr\nprint(x)", "", id="captured with options"
        ),
        pytest.param("import asyncio\nawait asyncio.sleep(0, x)", "{}", id="await"),
        pytest.param(
            "async def later():\n    return x\nawait later()", "{}", id="a coroutine"
        ),
        pytest.param(
            "async def each():\n    yield x\n[i async for i in each()]",
            "[{}]",
            id="an asynchronous comprehension",
        ),
        pytest.param("%precision 3\nx / 1", "{}.000", id="a setting"),
        pytest.param("print(x, end='')", "{}", id="no line end"),
        pytest.param("display(x, x)", "{0}\n{0}", id="display"),
        pytest.param("get_ipython().run_cell(f'print({x})');", "{}", id="run_cell"),
        pytest.param(
            "from IPython.utils.capture import capture_output\n"
            "with capture_output() as c:\n    print(x)\nc.stdout",
            "'{}\\n'",
            id="capture_output",
        ),
    ],
)
def test_ipython_syntax_in_reruns(nb: Wire, source: str, shown: str) -> None:
    follows(nb, source, shown.format(1), shown.format(2))


def test_what_capture_bound_is_a_definition(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "%%capture out\nprint(x)")
    nb.run("c", "out.stdout")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["c"] == r"'2\n'"
    assert nb["b"] == ""


@pytest.mark.parametrize(
    "magic", ["%%time", "%%timeit -n1 -r1", "%%prun -q", "%%time\n%%capture out"]
)
def test_what_runs_inside_a_magic_is_seen(nb: Wire, magic: str) -> None:
    nb.run("a", "x = 1")
    nb.run("b", f"{magic}\ny = x\nprint('x is', x)")
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a", "b"]
    if "capture" not in magic:
        assert "x is 2" in nb["b"]


def test_a_timed_cell_binds_its_names(nb: Wire) -> None:
    nb.run("a", "%%time\nx = 1")
    nb.run("b", "print(x)")
    nb.run("a", "%%time\nx = 2")
    nb.settle()
    assert nb["b"] == "2"


def test_a_figure_of_a_rerun_lands_under_its_cell_and_is_closed(nb: Wire) -> None:
    nb.run("a", "n = 3")
    nb.run("p", "import matplotlib.pyplot as plt\nplt.plot(range(n));")
    before = list(nb.outputs["p"])
    nb.run("a", "n = 30")
    nb.settle()
    (old,), (new,) = before, nb.outputs["p"]
    assert "image/png" in new["data"]
    assert new["data"]["image/png"] != old["data"]["image/png"]
    assert nb.value("plt.get_fignums()") == "[]"


def test_a_figure_is_not_printed_in_a_rerun_either(nb: Wire) -> None:
    nb.run("a", "n = 3")
    nb.run(
        "p", "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([n]);"
    )
    nb.run("a", "n = 4")
    nb.settle()
    assert [o["output_type"] for o in nb.outputs["p"]] == ["display_data"]


def test_input_works_in_a_run(tab: Callable[[], Wire]) -> None:
    nb = tab()
    nb.answers = ["Ada"]
    nb.run("a", "name = input('name? ')\nprint('hello', name)")
    assert nb["a"] == "hello Ada"


def test_a_cell_that_asks_is_never_rerun_but_marked(nb: Wire) -> None:
    nb.open_comm()
    nb.answers = ["1"]
    nb.run("q", "question = 'how many? '")
    nb.run("a", "n = int(input(question))")
    nb.run("b", "print(n)")
    nb.ran()
    nb.run("q", "question = 'how few? '")
    nb.settle()
    assert nb.ran() == ["q"]
    assert nb.state("a") == "stale"
    assert nb["b"] == "1"


def test_input_hidden_in_a_function_is_refused_in_a_rerun(nb: Wire) -> None:
    nb.open_comm()
    nb.answers = ["1"]
    nb.run("f", "import builtins\nask = getattr(builtins, 'in' + 'put')")
    nb.run("x", "x = 1")
    nb.run("a", "n = x and ask('n? ')")
    nb.ran()
    nb.run("x", "x = 2")
    nb.settle()
    assert nb.ran() == ["x", "a"]
    assert nb["a"].startswith("StdinNotImplementedError")
    assert "by hand" in nb["a"]
    assert nb.state("a") == "stale"
    nb.ran()
    nb.run("x", "x = 3")
    nb.settle()
    assert nb.ran() == ["x"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("# one\n# two\n1 / x", id="in the cell"),
        pytest.param("def f():\n    # two\n    1 / x\nf()", id="in a function"),
    ],
)
def test_the_traceback_of_a_rerun_names_the_cell_and_the_line(
    nb: Wire, source: str
) -> None:
    nb.run("a", "x = 1")
    count = nb.run("b", source)["execution_count"]
    nb.run("c", "'another'")
    nb.run("a", "x = 0")
    nb.settle()
    (error,) = nb.outputs["b"]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert f"Cell In[{count}], line 3" in plain
    assert "----> 3" in plain


def test_a_traceback_through_two_cells_names_both(nb: Wire) -> None:
    f = nb.run("f", "def invert(n):\n    return 1 / n")["execution_count"]
    nb.run("a", "x = 1")
    b = nb.run("b", "invert(x)")["execution_count"]
    nb.run("a", "x = 0")
    nb.settle()
    (error,) = nb.outputs["b"]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert f"Cell In[{b}], line 1" in plain
    assert f"Cell In[{f}], line 2, in invert(n)" in plain


def test_a_traceback_shows_nothing_of_the_kernel(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "1 / x")
    nb.run("a", "x = 0")
    nb.settle()
    (error,) = nb.outputs["b"]
    assert "reactive_kernel" not in "\n".join(error["traceback"])


def test_a_cell_that_warns_warns_again_and_runs_once(alone: Wire) -> None:
    cells = {
        "a": "import warnings\nsizes = []",
        "b": "warnings.warn('old'); sizes.append(1)",
        "c": "len(sizes)",
    }
    alone.open_comm()
    for id, source in cells.items():
        alone.run(id, source)
    alone.settle()
    alone.ran()
    for size in (2, 3):
        alone.run("b", f"warnings.warn('old'); sizes.append({size})")
        alone.settle()
        assert alone.ran() == ["b", "c"]
        assert "UserWarning: old" in alone["b"]


def test_a_silent_request_never_enters_the_graph(nb: Wire) -> None:
    nb.open_comm()
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run(None, "x = 5", silent=True)
    nb.run("s", "x = 6", silent=True)
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh"}
    assert nb.ran() == ["a", "b"]


def test_a_request_that_stores_no_history_stores_none(nb: Wire) -> None:
    count = nb.run("a", "x = 1")["execution_count"]
    reply = nb.run(None, "x + 1", store_history=False)
    assert reply["status"] == "ok"
    assert nb.run("c", "None")["execution_count"] == count + 1
    assert nb.value("In[-1]") == "'None'"


def test_user_expressions_are_answered(nb: Wire) -> None:
    reply = nb.run("a", "x = 1", user_expressions={"twice": "x * 2", "bad": "1 / 0"})
    assert reply["user_expressions"]["twice"]["data"]["text/plain"] == "2"
    assert reply["user_expressions"]["bad"]["ename"] == "ZeroDivisionError"


def test_the_pager_and_the_next_input_reach_the_reply(nb: Wire) -> None:
    (page,) = nb.run("a", "len?")["payload"]
    assert "Return the number of items" in page["data"]["text/plain"]
    (text,) = nb.run("b", "get_ipython().set_next_input('x = 1')")["payload"]
    assert text["text"] == "x = 1"


def test_tools_are_answered_during_and_after_a_cascade(nb: Wire) -> None:
    nb.run("a", "longname = 1")
    for i in range(3):
        nb.run(f"s{i}", f"import time\ntime.sleep(0.2)\nlongname + {i}")
    nb.ran()
    nb.run("a", "longname = 2")
    for _ in range(2):
        completed = nb.ask("complete_request", {"code": "longn", "cursor_pos": 5})
        assert "longname" in completed["matches"]
        asked = {"code": "longname", "cursor_pos": 3, "detail_level": 0}
        assert nb.ask("inspect_request", asked)["found"]
        complete = nb.ask("is_complete_request", {"code": "if x:"})
        assert complete["status"] == "incomplete"
        nb.settle()
    assert nb.ran() == ["a", "s0", "s1", "s2"]


def test_unknown_requests_are_survived(nb: Wire) -> None:
    request = nb.request("no_such_request", {})
    nb.until(lambda: nb.idle_seen(request))
    nb.run("a", "'fine'")
    assert nb["a"] == "'fine'"


def test_a_task_started_in_a_rerun_speaks_under_its_cell(nb: Wire) -> None:
    nb.etiquette.late_output = True
    nb.run("a", "x = 1")
    nb.run(
        "b",
        "import asyncio\nasync def later(x):\n    await asyncio.sleep(0.1)\n"
        "    print('late', x)\ntask = asyncio.ensure_future(later(x))",
    )
    nb.run("a", "x = 2")
    nb.run("c", "None")
    nb.until(lambda: "late 2" in nb["b"])
    assert nb["c"] == ""


def test_source_and_pickles_of_reruns_work(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "class P:\n    v = x\ndef f():\n    return x")
    nb.run("c", "import inspect, pickle\npickle.loads(pickle.dumps(P())).v")
    nb.run("d", "print(inspect.getsource(f))")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["c"] == "2"
    assert "return x" in nb["d"]


def test_debug_magic_in_a_run_can_be_left(tab: Callable[[], Wire]) -> None:
    nb = tab()
    nb.answers = ["p 40 + 2", "q"]
    nb.run("a", "1 / 0")
    nb.run("b", "%debug")
    assert "42" in nb["b"]
    nb.run("c", "'fine'")
    assert nb["c"] == "'fine'"


def test_no_client_of_ours_sees_no_message_of_ours(own_kernel: RunningKernel) -> None:
    nb = Wire(own_kernel)
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run("a", "x = 2")
    nb.settle()
    nb.close()
    assert {m.kind for m in nb.messages if m.channel == "iopub"} <= {
        "iopub_welcome",
        "status",
        "execute_input",
        "clear_output",
        "stream",
    }


def test_the_compiler_warns_once_a_run(nb: Wire) -> None:
    for _ in range(2):
        nb.run("a", "1 is 1")
        assert nb["a"].count("SyntaxWarning") == 1
