from __future__ import annotations

import pytest

from reactive_kernel.analysis import analyse
from reactive_kernel.document import Cell, CellId, Document, Settings
from reactive_kernel.graph import DefUseGraph
from reactive_kernel.planning import (
    ABSENT,
    Blocked,
    Cause,
    Disabled,
    Ending,
    Evidence,
    Failed,
    Fresh,
    Frozen,
    Input,
    New,
    Reason,
    ReasonKind,
    Stale,
    State,
    Step,
    cascade,
    judge,
    needed,
    still_due,
)


def graph(**sources: str) -> DefUseGraph:
    cells = tuple(Cell(CellId(id), source) for id, source in sources.items())
    return DefUseGraph.of(Document(cells), lambda cell: analyse(cell.source))


def states(**given: State) -> dict[CellId, State]:
    return {CellId(id): state for id, state in given.items()}


def anyone(_id: CellId) -> bool:
    return True


CHAIN = graph(a="x = 1", b="y = x", c="print(y)")
STALE = Stale((Reason(ReasonKind.INPUT, CellId("a"), ("x",)),))


# What a cell needs


def test_a_cell_needs_the_stale_and_new_cells_above_it_in_the_graph() -> None:
    plan = needed(CHAIN, states(a=New(), b=STALE, c=New()), [CellId("c")])
    assert str(plan) == "a (needed), b (needed)"


def test_what_is_fresh_is_not_needed_nor_what_lies_behind_it() -> None:
    assert not needed(CHAIN, states(a=New(), b=Fresh(), c=New()), [CellId("c")])


@pytest.mark.parametrize("state", [Failed("E"), Blocked(), Disabled()], ids=str)
def test_what_failed_is_blocked_or_disabled_is_left_alone(state: State) -> None:
    assert not needed(CHAIN, states(a=state, b=state, c=New()), [CellId("c")])


def test_a_fresh_cell_is_needed_if_its_version_is_gone() -> None:
    plan = needed(
        CHAIN, states(a=Fresh(), b=Fresh(), c=New()), [CellId("c")],
        lambda _writer, name: name != "y",
    )  # fmt: skip
    assert plan.steps == (Step(CellId("b"), Cause.NEEDED, always=True),)


def test_a_frozen_cell_is_needed_only_if_its_version_is_gone() -> None:
    known = states(a=STALE, b=Frozen(STALE.reasons), c=New())
    assert not needed(CHAIN, known, [CellId("c")])
    plan = needed(CHAIN, known, [CellId("c")], lambda writer, _name: writer != "b")
    assert str(plan) == "a (needed), b (needed)"
    assert plan.steps[-1].always


def test_a_stale_cell_that_asks_for_input_is_not_run_for_another() -> None:
    asking = graph(a="x = input()", b="print(x)")
    assert not needed(asking, states(a=STALE, b=New()), [CellId("b")])


# What follows


def test_a_cascade_runs_everything_downstream_in_order() -> None:
    plan = cascade(
        CHAIN, states(a=Fresh(), b=STALE, c=STALE), {CellId("b"): Cause.CASCADE}, anyone
    )
    assert str(plan) == "b (cascade), c (cascade)"


def test_cells_downstream_inherit_the_cause() -> None:
    plan = cascade(
        CHAIN, states(a=Fresh(), b=STALE, c=STALE), {CellId("b"): Cause.TRAIT}, anyone
    )
    assert {step.cause for step in plan} == {Cause.TRAIT}


def test_a_cascade_stops_before_an_edited_cell() -> None:
    edited = Stale((Reason(ReasonKind.EDITED),))
    plan = cascade(
        CHAIN,
        states(a=Fresh(), b=edited, c=STALE),
        {CellId("b"): Cause.CASCADE},
        anyone,
    )
    assert not plan


def test_a_cascade_does_not_run_what_was_never_run() -> None:
    plan = cascade(
        CHAIN, states(a=Fresh(), b=New(), c=STALE), {CellId("b"): Cause.CASCADE}, anyone
    )
    assert not plan


def test_a_cascade_leaves_cells_alone_that_only_their_user_may_run() -> None:
    plan = cascade(
        CHAIN, states(a=Fresh(), b=STALE, c=STALE), {CellId("b"): Cause.CASCADE},
        lambda id: id != "b",
    )  # fmt: skip
    assert not plan


def test_a_cascade_goes_round_a_frozen_cell() -> None:
    frozen = Frozen(STALE.reasons)
    known = states(a=Fresh(), b=frozen, c=STALE)
    due = {CellId("b"): Cause.CASCADE, CellId("c"): Cause.CASCADE}
    assert cascade(CHAIN, known, due, anyone).cells == ("c",)


def test_a_frozen_cell_is_no_longer_due() -> None:
    known = states(a=Fresh(), b=Frozen(STALE.reasons))
    assert not still_due(CHAIN, known, Step(CellId("b"), Cause.CASCADE), anyone)


def test_a_cell_blocked_by_one_that_is_planned_comes_after_it() -> None:
    blocked = Blocked((Reason(ReasonKind.UPSTREAM_ERROR, CellId("b"), ("y",)),))
    plan = cascade(
        CHAIN,
        states(a=Fresh(), b=STALE, c=blocked),
        {CellId("b"): Cause.CASCADE},
        anyone,
    )
    assert plan.cells == ("b", "c")


def test_runs_that_were_asked_for_are_in_the_plan_in_any_case() -> None:
    step = Step(CellId("a"), Cause.USER, always=True)
    plan = cascade(
        CHAIN, states(a=Fresh(), b=Fresh(), c=Fresh()), {}, anyone, {CellId("a"): step}
    )
    assert plan.steps == (step,)


def test_a_cell_whose_inputs_came_out_unchanged_is_not_due_any_more() -> None:
    step = Step(CellId("b"), Cause.CASCADE)
    assert still_due(CHAIN, states(a=Fresh(), b=STALE), step, anyone)
    assert not still_due(CHAIN, states(a=Fresh(), b=Fresh()), step, anyone)


def test_a_cell_of_which_an_input_failed_meanwhile_is_not_due_any_more() -> None:
    step = Step(CellId("b"), Cause.CASCADE)
    blocked = Blocked((Reason(ReasonKind.UPSTREAM_ERROR, CellId("a"), ("x",)),))
    assert not still_due(CHAIN, states(a=Failed("E"), b=blocked), step, anyone)


# Judging by evidence


def judged(
    notebook: DefUseGraph,
    id: str,
    last: Evidence | None,
    token: object = 1,
    writer: State | None = None,
) -> State:
    """Judge a reader of `x` from cell a."""
    a, reader = CellId("a"), CellId(id)
    evidence = {a: Evidence("x = 1")}
    if last is not None:
        evidence[reader] = last
    return judge(
        notebook.document[id], notebook, evidence, {a: writer or Fresh()},
        {a: {"x": token}}, lambda one, other: one.strip() == other.strip(),
    )  # fmt: skip


READ = Evidence("y = x", {"x": Input(CellId("a"), 1)})


@pytest.mark.parametrize(
    ("last", "token", "writer", "expected"),
    [
        pytest.param(None, 1, None, New(), id="never run"),
        pytest.param(READ, 1, None, Fresh(), id="all as it was"),
        pytest.param(
            Evidence("y = x ", READ.inputs), 1, None, Fresh(), id="only formatted"
        ),
        pytest.param(
            Evidence("y = 0", READ.inputs), 1, None,
            Stale((Reason(ReasonKind.EDITED),)), id="edited",
        ),
        pytest.param(READ, 2, None, STALE, id="the input changed"),
        pytest.param(READ, 1, New(), STALE, id="the input was not run"),
        pytest.param(
            READ, 1, Frozen(STALE.reasons), Fresh(), id="the input was kept as it was"
        ),
        pytest.param(
            Evidence("y = x", READ.inputs, settings=Settings(pure=True)), 1, None,
            Stale((Reason(ReasonKind.EDITED),)), id="what it writes was set otherwise",
        ),
        pytest.param(
            Evidence("y = x", READ.inputs, settings=Settings(frozen=True)), 1, None,
            Fresh(), id="it was frozen then",
        ),
        pytest.param(
            READ, 1, Failed("E"),
            Blocked((Reason(ReasonKind.UPSTREAM_ERROR, CellId("a"), ("x",)),)),
            id="the input failed",
        ),
        pytest.param(
            Evidence("y = x", READ.inputs, Ending.ERROR, "E: no"), 1, None,
            Failed("E: no"), id="it failed itself",
        ),
        pytest.param(
            Evidence("y = x", READ.inputs, Ending.ERROR), 2, None, STALE,
            id="it failed, and the input changed since",
        ),
        pytest.param(
            Evidence("y = x", READ.inputs, Ending.INTERRUPTED), 1, None,
            Stale((Reason(ReasonKind.INTERRUPTED),)), id="interrupted",
        ),
        pytest.param(
            Evidence("y = x", {"x": Input(CellId("z"), 2)}), 1, None,
            Stale((Reason(ReasonKind.MOVED, CellId("a"), ("x",)),)),
            id="bound to another cell now",
        ),
        pytest.param(
            Evidence("y = x", {"x": Input(CellId("z"), 1)}), 1, None, Fresh(),
            id="bound to another cell with an equal value",
        ),
        pytest.param(
            Evidence("y = x", {"x": Input(None, ABSENT)}, Ending.ERROR), 1, None, STALE,
            id="a definition has appeared",
        ),
    ],
)  # fmt: skip
def test_the_state_follows_from_the_evidence(
    last: Evidence | None, token: object, writer: State | None, expected: State
) -> None:
    assert judged(graph(a="x = 1", b="y = x"), "b", last, token, writer) == expected


def test_a_name_that_nobody_defines_any_more_makes_its_reader_stale() -> None:
    found = judged(graph(a="z = 1", b="y = x"), "b", READ)
    assert found == Stale((Reason(ReasonKind.DELETED, CellId("a"), ("x",)),))


@pytest.mark.parametrize(
    ("source", "last", "expected"),
    [
        pytest.param("y = x", None, New(), id="never run"),
        pytest.param("y = x", READ, Frozen(STALE.reasons), id="the input changed"),
        pytest.param(
            "y = x + 1", READ, Frozen((Reason(ReasonKind.EDITED), *STALE.reasons)),
            id="edited",
        ),
        pytest.param(
            "y = z = x", READ, Stale((Reason(ReasonKind.EDITED), *STALE.reasons)),
            id="edited, with a name that it has not left",
        ),
        pytest.param(
            "y = x", Evidence("y = x", READ.inputs, Ending.ERROR), STALE, id="failed"
        ),
        pytest.param(
            "y = x", Evidence("y = x", READ.inputs, Ending.STOPPED), STALE, id="stopped"
        ),
    ],
)  # fmt: skip
def test_a_frozen_cell_keeps_what_it_has_left(
    source: str, last: Evidence | None, expected: State
) -> None:
    a, b = CellId("a"), CellId("b")
    notebook = graph(a="x = 1", b=source)
    cell = Cell(b, source, Settings(frozen=True))
    evidence = {a: Evidence("x = 1")} | ({b: last} if last else {})
    tokens = {a: {"x": 2}, b: {"y": 1}}
    found = judge(cell, notebook, evidence, {a: Fresh()}, tokens, str.__eq__)
    assert found == expected


def test_a_name_that_was_typed_away_in_a_frozen_cell_makes_its_reader_stale() -> None:
    frozen = Frozen((Reason(ReasonKind.EDITED),))
    found = judged(graph(a="z = 1", b="y = x"), "b", READ, writer=frozen)
    assert found == Stale((Reason(ReasonKind.EDITED, CellId("a"), ("x",)),))


def test_a_disabled_cell_is_disabled_whatever_the_evidence() -> None:
    notebook = graph(a="x = 1", b="y = x")
    cell = Cell(CellId("b"), "y = x", Settings(disabled=True))
    assert judge(cell, notebook, {}, {}, {}, str.__eq__) == Disabled()
