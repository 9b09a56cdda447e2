"""Findings say what is wrong with what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reactive_kernel.diagnostic import Severity, Span
from reactive_kernel.document import CellId, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from reactive_kernel.graph import DefUseGraph

    GraphOf = Callable[..., DefUseGraph]

A, B, C = map(CellId, "abc")


def test_a_sound_notebook_has_no_findings(graph_of: GraphOf) -> None:
    graph = graph_of("import math", "r = 2", "print(math.pi * r, __name__, _)")
    assert [graph.findings(id) for id in (A, B)] == [(), ()]


def test_a_cycle_is_an_error_on_each_of_its_cells(graph_of: GraphOf) -> None:
    graph = graph_of("a = b", "b = a")
    (first,), (second,) = graph.findings(A), graph.findings(B)
    assert (first.code, first.severity) == ("cycle", Severity.ERROR)
    assert "a -> b -> a" in first.message
    assert "b -> a -> b" in second.message
    assert first.span == Span(1, 4, 1, 5)


def test_a_use_above_the_definition_is_pointed_out(graph_of: GraphOf) -> None:
    graph = graph_of("print(x)", "x = 1")
    (finding,) = graph.findings(A)
    assert (finding.code, finding.severity) == ("used-above-definition", Severity.INFO)
    assert finding.message.startswith("`x` is defined further down")
    assert finding.span == Span(1, 6, 1, 7)


def test_a_name_that_nobody_defines_is_a_warning(graph_of: GraphOf) -> None:
    graph = graph_of("print(y)")
    (finding,) = graph.findings(A)
    assert (finding.code, finding.severity) == ("undefined-name", Severity.WARNING)
    assert "`y` is not defined in this notebook" in finding.message


@pytest.mark.parametrize("source", ["from m import *", "exec(code)"])
def test_no_such_warning_while_names_may_come_from_elsewhere(
    graph_of: GraphOf, source: str
) -> None:
    graph = graph_of("code = ''", source, "print(y)")
    assert graph.findings(C) == ()


def test_a_disabled_definition_is_named_as_the_reason(graph_of: GraphOf) -> None:
    graph = graph_of("x = 1", "print(x)")
    disabled = graph.document.edited(A, "x = 1", Settings(disabled=True))
    (finding,) = graph.updated(disabled).findings(B)
    assert finding.message.endswith("enable the cell that defines it")
