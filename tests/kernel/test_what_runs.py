"""Which cells run, in what order, and which do not need to."""

from __future__ import annotations

import pytest

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


def test_a_diamond_runs_each_cell_once_in_order(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "y = x + 1")
    nb.run("c", "z = x + 2")
    nb.run("d", "y * z")
    nb.ran()
    nb.run("a", "x = 10")
    nb.settle()
    assert nb.ran() == ["a", "b", "c", "d"]
    assert nb["d"] == "132"


def test_a_chain_runs_to_its_end(nb: Wire) -> None:
    nb.run("n0", "v0 = 0")
    for i in range(1, 12):
        nb.run(f"n{i}", f"v{i} = v{i - 1} + 1")
    nb.ran()
    nb.run("n0", "v0 = 100")
    nb.settle()
    assert nb.ran() == [f"n{i}" for i in range(12)]
    assert nb.value("v11") == "111"


def test_a_name_with_two_definitions_means_the_one_above(nb: Wire) -> None:
    nb.run("a", "v = 1")
    nb.run("b", "print('b', v)")
    nb.run("c", "v = 10")
    nb.run("d", "print('d', v)")
    nb.ran()
    nb.run("a", "v = 2")
    nb.settle()
    assert nb.ran() == ["a", "b"]
    assert (nb["b"], nb["d"]) == ("b 2", "d 10")
    nb.run("c", "v = 20")
    nb.settle()
    assert nb.ran() == ["c", "d"]
    assert (nb["b"], nb["d"]) == ("b 2", "d 20")


def test_a_name_holds_its_last_version_when_all_is_quiet(nb: Wire) -> None:
    nb.run("a", "v = 1")
    nb.run("b", "print(v)")
    nb.run("c", "v = 10")
    nb.run("a", "v = 2")
    nb.settle()
    assert nb.value("v") == "10"
    nb.run("b", "print('again', v)")
    assert nb["b"] == "again 2"


def test_a_chain_of_redefinitions_reads_top_to_bottom(nb: Wire) -> None:
    nb.run("a", "df = [3, None, 1]")
    nb.run("b", "df = [v for v in df if v is not None]")
    nb.run("c", "df = sorted(df)")
    nb.run("d", "df")
    nb.ran()
    nb.run("b", "df = [v or 2 for v in df]")
    nb.settle()
    assert nb.ran() == ["b", "c", "d"]
    assert nb["d"] == "[1, 2, 3]"


def test_running_a_redefinition_twice_starts_from_the_version_above(nb: Wire) -> None:
    nb.run("a", "n = 1")
    nb.run("b", "n = n + 1")
    nb.run("b", "n = n + 1")
    nb.run("b", "n = n + 1")
    nb.settle()
    assert nb.value("n") == "2"


def test_a_loop_variable_ties_no_cells_together(nb: Wire) -> None:
    nb.run("a", "for i in range(3):\n    print(i)")
    nb.run("b", "for i in range(2):\n    print(i)")
    nb.ran()
    nb.run("a", "for i in range(4):\n    print(i)")
    nb.settle()
    assert nb.ran() == ["a"]


def test_what_a_function_reads_when_called_belongs_to_its_caller(nb: Wire) -> None:
    nb.run("a", "rate = 2")
    nb.run("f", "def tax(price):\n    return price * rate")
    nb.run("c", "tax(10)")
    nb.ran()
    nb.run("a", "rate = 3")
    nb.settle()
    assert nb.ran() == ["a", "c"]
    assert nb["c"] == "30"


def test_functions_that_call_each_other_across_cells_are_no_cycle(nb: Wire) -> None:
    nb.run("e", "def even(n):\n    return n == 0 or odd(n - 1)")
    nb.run("o", "def odd(n):\n    return n != 0 and even(n - 1)")
    nb.run("c", "even(10)")
    nb.ran()
    nb.run("o", "def odd(n):\n    return not even(n)")
    nb.settle(patience=10)
    assert nb.ran() == ["o", "c"]


def test_a_partial_carries_what_its_function_reads(nb: Wire) -> None:
    nb.run("a", "rate = 2")
    nb.run("f", "def tax(price):\n    return price * rate")
    nb.run("p", "from functools import partial\nten = partial(tax, 10)")
    nb.run("c", "ten()")
    nb.ran()
    nb.run("a", "rate = 3")
    nb.settle()
    assert nb["c"] == "30"
    assert nb.ran() == ["a", "p", "c"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("x = 3", "x = 3", id="the same text"),
        pytest.param("x = 3", "x = 3  # three", id="a comment"),
        pytest.param("x = 3", "x = (\n    3\n)", id="the layout"),
        pytest.param("x = 3", "x = 1 + 2", id="an equal number"),
        pytest.param("x = 'ab'", "x = 'a' + 'b'", id="an equal text"),
        pytest.param("x = (1, None)", "x = (2 - 1, None)", id="an equal tuple"),
        pytest.param(
            "def x():\n    return 1",
            "# documented\ndef x():\n    # one\n    return 1",
            id="a function with new comments",
        ),
    ],
)
def test_readers_rest_when_the_value_is_what_it_was(
    nb: Wire, old: str, new: str
) -> None:
    nb.run("a", old)
    nb.run("b", "str(x)")
    nb.ran()
    nb.run("a", new)
    nb.settle()
    assert nb.ran() == ["a"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("x = 1", "x = 1.0", id="int to float"),
        pytest.param("x = 1", "x = True", id="int to bool"),
        pytest.param("x = 0.0", "x = -0.0", id="the sign of zero"),
        pytest.param("x = (1,)", "x = (True,)", id="inside a tuple"),
        pytest.param("x = 'a'", "x = b'a'", id="text to bytes"),
        pytest.param("x = [1]", "x = [1]", id="a new list"),
        pytest.param(
            "def x():\n    return 1", "def x():\n    return 2", id="a function's code"
        ),
        pytest.param(
            "def x(n=1):\n    return n", "def x(n=2):\n    return n", id="a default"
        ),
    ],
)
def test_readers_follow_when_the_value_differs(nb: Wire, old: str, new: str) -> None:
    nb.run("a", old)
    nb.run("b", "y = x")
    nb.ran()
    nb.run("a", new)
    nb.settle()
    assert nb.ran() == ["a", "b"]


def test_a_cascade_stops_where_a_value_stays_the_same(nb: Wire) -> None:
    nb.run("a", "n = 1")
    nb.run("b", "positive = n > 0")
    nb.run("c", "print(positive)")
    nb.ran()
    nb.run("a", "n = 2")
    nb.settle()
    assert nb.ran() == ["a", "b"]
    nb.run("a", "n = -2")
    nb.settle()
    assert nb.ran() == ["a", "b", "c"]


def test_running_a_fresh_cell_runs_it(nb: Wire) -> None:
    nb.run("a", "print('again')")
    nb.run("a", "print('again')")
    assert nb.ran() == ["a", "a"]


def test_the_first_run_in_an_old_notebook_runs_only_that_cell(nb: Wire) -> None:
    nb.open_comm()
    nb.open(a="x = 1", b="print(x)", c="print('c')")
    nb.run("a", "x = 1")
    nb.settle()
    assert nb.ran() == ["a"]
    assert nb.states() == {"a": "fresh", "b": "new", "c": "new"}


def test_a_burst_of_n_requests_costs_n_runs(nb: Wire) -> None:
    sources = ["v0 = 0", *(f"v{i} = v{i - 1} + 1" for i in range(1, 21))]
    for i, source in enumerate(sources):
        nb.run(f"n{i}", source)
    nb.ran()
    sources[0] = "v0 = 7"
    requests = [nb.submit(f"n{i}", source) for i, source in enumerate(sources)]
    for request in requests:
        nb.wait(request)
    nb.settle()
    assert nb.ran() == [f"n{i}" for i in range(21)]
    assert nb.value("v20") == "27"


def test_a_first_run_all_costs_one_run_a_cell(nb: Wire) -> None:
    sources = ["v0 = 0", *(f"v{i} = v{i - 1} + 1" for i in range(1, 21))]
    requests = [nb.submit(f"n{i}", source) for i, source in enumerate(sources)]
    for request in requests:
        nb.wait(request)
    nb.settle()
    assert nb.ran() == [f"n{i}" for i in range(21)]


def test_a_request_that_comes_during_a_cascade_goes_first(nb: Wire) -> None:
    nb.run("a", "x = 1")
    for i in range(4):
        nb.run(f"s{i}", f"import time\ntime.sleep(0.15)\nprint(x + {i})")
    nb.ran()
    nb.run("a", "x = 10")
    nb.until(lambda: "s0" in nb.started)
    nb.run("user", "'me first'")
    nb.settle()
    ran = nb.ran()
    assert sorted(ran) == ["a", "s0", "s1", "s2", "s3", "user"]
    assert ran.index("user") <= 3
    assert nb["s3"] == "13"


def test_a_cell_run_meanwhile_is_not_run_again_by_the_cascade(nb: Wire) -> None:
    nb.run("a", "x = 1")
    nb.run("slow", "import time\ntime.sleep(0.3)\nprint(x)")
    nb.run("b", "print(x)")
    nb.ran()
    nb.run("a", "x = 2")
    nb.until(lambda: "slow" in nb.started)
    nb.run("b", "print(x, x)")
    nb.settle()
    assert nb.ran() == ["a", "slow", "b"]
    assert nb["b"] == "2 2"


def test_two_cells_that_need_each_other_are_not_rerun(nb: Wire) -> None:
    nb.run("a", "p = 1")
    nb.run("b", "q = p")
    nb.run("a", "p = q")
    nb.settle(patience=5)
    nb.ran()
    nb.open_comm()
    assert nb.state("a") == nb.state("b") == "blocked"
    assert any(reason["kind"] == "cycle" for reason in nb.reasons("a"))
    nb.run("c", "'alive'")
    nb.settle(patience=5)
    assert nb.ran() == ["c"]


def test_a_builtin_that_a_cell_defines_is_a_name_for_the_cells_below(nb: Wire) -> None:
    nb.run("above", "max([1, 2])")
    nb.run("a", "def max(values):\n    return 'mine'")
    nb.run("below", "max([1, 2])")
    nb.settle()
    assert (nb["above"], nb["below"]) == ("2", "'mine'")
    nb.ran()
    nb.run("a", "def max(values):\n    return 'ours'")
    nb.settle()
    assert nb["below"] == "'ours'"
    assert nb.ran() == ["a", "below"]
    nb.run("c", "None", deleted=["a"])
    nb.settle()
    assert nb["below"] == "2"


def test_a_cell_above_a_rebound_builtin_goes_on_with_pythons(nb: Wire) -> None:
    nb.run("above", "max([1, 2])")
    nb.run("a", "def max(values):\n    return 'mine'")
    nb.settle()
    nb.run("above", "max([1, 3])")
    assert nb["above"] == "3"


def test_a_disabled_cell_neither_runs_nor_defines(nb: Wire) -> None:
    nb.run("a", "v = 1")
    nb.run("b", "v = 2", metadata={"reactive": {"disabled": True}})
    nb.run("c", "print(v)")
    nb.settle()
    assert nb["c"] == "1"
    assert "disabled" in nb["b"]
    assert nb.value("v") == "1"


def test_disabling_a_cell_sends_its_readers_to_the_definition_above(nb: Wire) -> None:
    nb.open_comm()
    nb.open(a="v = 1", b="v = 2", c="print(v)")
    for id, source in {"a": "v = 1", "b": "v = 2", "c": "print(v)"}.items():
        nb.run(id, source)
    nb.settle()
    assert nb["c"] == "2"
    nb.send(
        "edit",
        cells=[
            {"id": "b", "source": "v = 2", "metadata": {"reactive": {"disabled": True}}}
        ],
    )
    nb.settle()
    assert nb.state("b") == "disabled"
    assert nb["c"] == "1"


def test_a_cell_run_while_it_was_disabled_runs_again_once_it_is_enabled(
    nb: Wire,
) -> None:
    nb.open_comm()
    nb.run("a", "print('hello')")
    nb.run("a", "print('hello')", metadata=DISABLED)
    assert "disabled" in nb["a"]
    enabled = {"id": "a", "source": "print('hello')", "metadata": {}}
    nb.send("edit", cells=[enabled])
    nb.settle()
    assert nb.state("a") == "fresh"
    assert nb["a"] == "hello"


def test_a_cell_that_was_not_run_shows_its_output_once_what_it_needs_is_back(
    nb: Wire,
) -> None:
    nb.open_comm()
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.edit("a", "x = 1 // 0")
    nb.run("b", "print(x)")
    assert nb["b"].startswith("UpstreamError")
    nb.run("a", "x = 1")
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh"}
    assert nb["b"] == "1"


def test_the_reader_of_nothing_but_a_disabled_cell_is_blocked(nb: Wire) -> None:
    nb.open_comm()
    nb.open(a="v = 1", b="print(v)")
    nb.run("a", "v = 1")
    nb.run("b", "print(v)")
    nb.send("edit", cells=[{"id": "a", "source": "v = 1", "metadata": DISABLED}])
    nb.settle()
    assert nb.states() == {"a": "disabled", "b": "blocked"}
    nb.send("edit", cells=[{"id": "a", "source": "v = 1", "metadata": {}}])
    nb.send("run", cells=None)
    nb.settle()
    assert nb.states() == {"a": "fresh", "b": "fresh"}


DISABLED = {"reactive": {"disabled": True}}
