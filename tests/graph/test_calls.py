"""A function reads its globals when it is called: they belong to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.document import CellId

if TYPE_CHECKING:
    from collections.abc import Callable

    from reactive_kernel.graph import DefUseGraph

    GraphOf = Callable[..., DefUseGraph]

A, B, C, D, E = map(CellId, "abcde")


def test_a_caller_reads_what_the_function_reads(graph_of: GraphOf) -> None:
    graph = graph_of("rate = 1", "def tax(): return rate", "tax()")
    assert graph.inputs(B) == {}
    assert graph.inputs(C) == {"tax": B, "rate": A}


def test_these_names_are_bound_where_the_caller_stands(graph_of: GraphOf) -> None:
    graph = graph_of(
        "rate = 1", "def tax(): return rate", "first = tax()", "rate = 2", "tax()"
    )
    assert graph.inputs(C)["rate"] == A
    assert graph.inputs(E)["rate"] == D


def test_calls_are_followed_through_several_functions(graph_of: GraphOf) -> None:
    graph = graph_of("def f(): return g()", "def g(): return k", "k = 1", "f()")
    assert graph.inputs(D) == {"f": A, "g": B, "k": C}


def test_functions_that_call_each_other_are_no_cycle(graph_of: GraphOf) -> None:
    graph = graph_of("def f(n): return g(n)", "def g(n): return f(n)", "f(3)")
    assert graph.inputs(A) == graph.inputs(B) == {}
    assert graph.inputs(C) == {"f": A, "g": B}
    assert graph.cycle(C) is None


def test_a_value_carries_the_functions_it_was_made_of(graph_of: GraphOf) -> None:
    graph = graph_of("k = 1", "def f(x): return k", "g = [f]", "g[0](1)")
    assert graph.inputs(D) == {"g": C, "k": A}


def test_carriers_are_bound_where_the_value_was_made(graph_of: GraphOf) -> None:
    graph = graph_of(
        "def f(): return old", "g = [f]", "def f(): return new", "g[0]()", "f()"
    )
    assert graph.inputs(D) == {"g": B, "old": None}
    assert graph.inputs(E) == {"f": C, "new": None}


def test_a_changed_object_still_carries_what_it_was_made_of(graph_of: GraphOf) -> None:
    graph = graph_of("k = 1", "def f(): return k", "h = [f]", "h.append(2)", "h[0]()")
    assert graph.inputs(E) == {"h": D, "k": A}


def test_a_name_bound_before_the_call_is_the_callers_own(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "def f(): return x", "x = 2; f()")
    assert graph.inputs(C) == {"f": B}


def test_a_name_bound_by_the_call_comes_from_above(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "def f(): return x + 1", "x = f()")
    assert graph.inputs(C) == {"f": B, "x": A}


def test_a_cell_writes_what_the_functions_it_loads_change(graph_of: GraphOf) -> None:
    graph = graph_of("log = []", "def note(): log.append(1)", "note()", "print(log)")
    assert graph.writes(C) == graph.mutates(C) == {"log"}
    assert graph.writers("log") == (A, C)
    assert graph.inputs(D) == {"log": C}


def test_a_call_can_bind_a_name_that_nothing_else_defines(graph_of: GraphOf) -> None:
    graph = graph_of("def start():\n    global n\n    n = 0", "start()", "print(n)")
    assert graph.inputs(C) == {"n": B}
    assert graph.writes(A) == {"start"}


def test_an_edited_body_rebinds_its_callers_only(graph_of: GraphOf) -> None:
    before = graph_of("k = 1", "def f(): return 0", "f()", "print(k)")
    after = before.updated(before.document.edited(B, "def f(): return k"))
    assert after.rebound == {B, C}
    assert after.inputs(C) == {"f": B, "k": A}


def test_a_use_that_is_gone_does_not_live_on_in_values_that_carry_each_other(
    graph_of: GraphOf,
) -> None:
    before = graph_of("f = [g, lambda: k]", "g = [f]", "g[0]()")
    assert "k" in before.inputs(C)
    after = before.updated(before.document.edited(A, "f = [g]"))
    assert after.inputs(C) == {"g": B}
