from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from reactive_kernel.document import CellId, Settings
from reactive_kernel.planning import (
    Blocked,
    Failed,
    Fresh,
    Mode,
    New,
    ReasonKind,
    Stale,
)
from reactive_kernel.testing import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    Follow = Callable[..., list[list[str]]]


def kinds(notebook: Notebook, id: str) -> set[ReasonKind]:
    state = notebook.state(id)
    return (
        {r.kind for r in state.reasons} if isinstance(state, Stale | Blocked) else set()
    )


def shown(notebook: Notebook, name: str) -> str:
    return repr(notebook.namespace[name])


# Cascades


def test_an_edit_reruns_only_the_readers(notebook: Notebook) -> None:
    notebook.open("rate = 0.2", "tax = 100 * rate", "note = 'hello'")
    assert notebook.edit("a", "rate = 0.3") == ["a", "b"]
    assert notebook.namespace["tax"] == 30


def test_a_diamond_runs_each_cell_once_after_both_its_inputs(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x + 1", "z = x * 2", "t = y + z")
    assert notebook.edit("a", "x = 5") == ["a", "b", "c", "d"]
    assert notebook.namespace["t"] == 16


def test_definitions_may_stand_below_their_readers(notebook: Notebook) -> None:
    notebook.show(a="print(x)", b="x = 1")
    assert notebook.run("a") == ["b", "a"]
    assert notebook.printed["a"] == "1\n"


def test_ties_are_broken_by_document_order_not_by_order_of_running(
    notebook: Notebook,
) -> None:
    notebook.show(a="x = 1", b="print('b', x)", c="print('c', x)")
    for id in "acb":
        notebook.run(id)
    assert notebook.edit("a", "x = 2") == ["a", "b", "c"]


def test_a_value_that_comes_out_the_same_stops_the_cascade(notebook: Notebook) -> None:
    notebook.open("x = 4", "even = x % 2 == 0", "print(even)")
    assert notebook.edit("a", "x = 6") == ["a", "b"]
    assert isinstance(notebook.state("c"), Fresh)


def test_a_value_of_another_type_does_not_stop_it(notebook: Notebook) -> None:
    notebook.open("x = 1", "y = x", "print(y)")
    assert notebook.edit("a", "x = 1.0") == ["a", "b", "c"]
    assert notebook.printed["c"] == "1.0\n"


def test_a_comment_makes_nothing_stale(notebook: Notebook) -> None:
    notebook.open("x = [1]", "print(x)")
    notebook.type("a", "x = [1]  # the beginning")
    assert isinstance(notebook.state("a"), Fresh)
    assert isinstance(notebook.state("b"), Fresh)


def test_reformatting_a_helper_reruns_no_caller(notebook: Notebook) -> None:
    notebook.open("def f(x): return x + 1", "print(f(1))")
    assert notebook.edit("a", "def f(x):\n    # plus one\n    return x + 1") == ["a"]


def test_editing_a_helper_reruns_its_callers(notebook: Notebook) -> None:
    notebook.open("def f(x): return x + 1", "print(f(1))")
    assert notebook.edit("a", "def f(x): return x + 2") == ["a", "b"]
    assert notebook.printed["b"] == "3\n"


def test_a_function_reads_its_globals_where_it_is_called(notebook: Notebook) -> None:
    notebook.open("k = 1", "def f(): return k", "print(f())", "k = 2", "print(f())")
    assert (notebook.printed["c"], notebook.printed["e"]) == ("1\n", "2\n")
    assert notebook.edit("a", "k = 5") == ["a", "c"]
    assert notebook.printed["c"] == "5\n"
    assert notebook.edit("d", "k = 7") == ["d", "e"]


def test_plain_data_made_by_a_function_forgets_what_the_function_reads(
    notebook: Notebook,
) -> None:
    notebook.open("k = 1", "def f(): return k", "y = f()", "print(y)", "k = 2")
    assert notebook.session.graph.inputs(CellId("d")).keys() == {"y"}


def test_an_object_carries_what_its_methods_read(notebook: Notebook) -> None:
    notebook.open(
        "k = 1",
        "class Model:\n    def area(self): return k",
        "model = Model()",
        "print(model.area())",
    )
    assert notebook.edit("a", "k = 2") == ["a", "c", "d"]
    assert notebook.printed["d"] == "2\n"


# Versions


def test_a_redefined_name_is_read_as_a_top_to_bottom_run_would(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)", "x = 2", "print(x)")
    assert notebook.edit("a", "x = 10") == ["a", "b"]
    assert (notebook.printed["b"], notebook.namespace["x"]) == ("10\n", 2)


def test_a_cell_that_rebinds_what_it_reads_starts_from_the_version_above(
    notebook: Notebook,
) -> None:
    notebook.open("x = [1]", "x = x + [2]", "print(x)")
    for _ in range(3):
        notebook.run("b")
    assert notebook.printed["c"] == "[1, 2]\n"
    assert notebook.edit("a", "x = [5]") == ["a", "b", "c"]
    assert notebook.printed["c"] == "[5, 2]\n"


def test_running_an_earlier_cell_leaves_the_last_version_in_the_namespace(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "x = 2")
    notebook.run("a")
    assert notebook.namespace["x"] == 2


def test_a_loop_variable_that_nobody_reads_makes_no_edge(notebook: Notebook) -> None:
    notebook.open("for i in range(3): pass", "for i in range(5): pass", "s = 1")
    assert notebook.edit("a", "for i in range(9): pass") == ["a"]


def test_a_name_that_a_cell_below_deletes_is_gone_after_a_cell_above_has_run(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)", "del x")
    assert notebook.run("b") == ["b"]
    assert "x" not in notebook.namespace


def test_a_name_stays_deleted_when_the_only_cell_that_binds_it_runs_again(
    notebook: Notebook,
) -> None:
    notebook.open("del x", "x = 1")
    assert "x" not in notebook.namespace
    assert notebook.run("b") == ["b"]
    assert "x" not in notebook.namespace


def test_a_version_that_nobody_reads_is_not_kept_alive(notebook: Notebook) -> None:
    notebook.open("class Big: pass", "big = Big()")
    gone = weakref.ref(notebook.namespace["big"])
    notebook.open("big = 2", "big = 3")
    gc.collect()
    assert gone() is None


def test_a_version_that_was_not_kept_is_made_again_for_a_new_reader(
    notebook: Notebook,
) -> None:
    notebook.open("big = [1]", "big = [2]", "big = [3]")
    assert notebook.insert(1, "n", "print(big)") == ["a", "n"]
    assert notebook.printed["n"] == "[1]\n"
    assert notebook.namespace["big"] == [3]


def test_a_new_definition_in_between_takes_over_the_readers_below(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)", "print(x, 'c')")
    assert notebook.insert(2, "n", "x = 9") == ["n", "c"]
    assert notebook.printed["c"] == "9 c\n"


def test_a_branch_that_is_not_taken_binds_nothing(notebook: Notebook) -> None:
    notebook.open("x = 1", "debug = False", "if debug:\n    x = 2", "print(x)")
    assert notebook.edit("a", "x = 5") == ["a", "d"]
    assert notebook.printed["d"] == "5\n"
    assert notebook.edit("b", "debug = True") == ["b", "c", "d"]
    assert notebook.printed["d"] == "2\n"
    assert notebook.edit("b", "debug = False") == ["b", "c", "d"]
    assert notebook.printed["d"] == "5\n"


def test_names_that_appear_only_when_a_cell_runs_are_found(notebook: Notebook) -> None:
    notebook.open("exec('y = 1')", "print(y)")
    assert notebook.edit("a", "exec('y = 2')") == ["a", "b"]
    assert notebook.printed["b"] == "2\n"


def test_a_star_import_defines_what_it_brings(notebook: Notebook) -> None:
    notebook.open("from math import *", "print(floor(tau))")
    assert notebook.session.graph.inputs(CellId("b"))["tau"] == "a"


# Errors


def test_an_error_blocks_what_depends_on_it_and_heals(notebook: Notebook) -> None:
    notebook.open("x = 1", "y = 1 / x", "print(y)", "print(x)")
    assert notebook.edit("a", "x = 0") == ["a", "b", "d"]
    assert isinstance(notebook.state("b"), Failed)
    assert isinstance(notebook.state("c"), Blocked)
    assert notebook.edit("a", "x = 2") == ["a", "b", "c", "d"]
    assert isinstance(notebook.state("c"), Fresh)


def test_a_cell_healed_to_its_old_value_makes_its_readers_fresh_without_a_run(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.edit("a", "x = 1 / 0")
    assert notebook.edit("a", "x = 1") == ["a"]
    assert isinstance(notebook.state("b"), Fresh)


def test_a_failed_cell_leaves_no_old_value_behind(notebook: Notebook) -> None:
    notebook.open("x = 1")
    notebook.edit("a", "1 / 0\nx = 2")
    assert "x" not in notebook.namespace


def test_what_a_failed_cell_had_bound_can_be_inspected_but_is_no_version(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)")
    assert notebook.edit("a", "x = 2\n1 / 0") == ["a"]
    assert notebook.namespace["x"] == 2
    assert isinstance(notebook.state("b"), Blocked)


def test_a_failed_redefinition_leaves_the_version_above_in_the_namespace(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "x = 2")
    notebook.edit("b", "1 / 0\nx = 2")
    assert notebook.namespace["x"] == 1


def test_a_name_error_heals_when_a_definition_appears(notebook: Notebook) -> None:
    notebook.open("print(x)")
    assert isinstance(notebook.state("a"), Failed)
    notebook.session.take(CellId("b"), "x = 3")
    assert notebook.run("b") == ["b", "a"]
    assert notebook.printed["a"] == "3\n"


def test_a_stopped_cell_is_no_failure_but_blocks_what_it_did_not_define(
    notebook: Notebook,
) -> None:
    notebook.open("go = True", "from reactive_kernel import stop\nstop(not go)\nx = 1")
    notebook.open("print(x)")
    notebook.edit("a", "go = False")
    assert isinstance(notebook.state("b"), Fresh)
    assert isinstance(notebook.state("c"), Blocked)
    assert notebook.edit("a", "go = True") == ["a", "b"]
    assert isinstance(notebook.state("c"), Fresh)


# Deleting, moving, typing


def test_deleting_a_definition_reruns_its_readers(notebook: Notebook) -> None:
    notebook.open("x = 1", "x = 2", "print(x)")
    assert notebook.delete("b") == ["c"]
    assert notebook.printed["c"] == "1\n"
    assert notebook.delete("a") == ["c"]
    assert isinstance(notebook.state("c"), Failed)
    assert "x" not in notebook.namespace
    assert notebook.session.lost["x"].line == "x = 1"


def test_editing_a_definition_away_removes_its_name(notebook: Notebook) -> None:
    notebook.open("x = 1\ny = 2", "print(y)")
    assert notebook.edit("a", "x = 1") == ["a", "b"]
    assert "y" not in notebook.namespace
    assert isinstance(notebook.state("b"), Failed)


def test_moving_a_definition_rebinds_by_the_rule(notebook: Notebook) -> None:
    notebook.open("x = 1", "print(x)", "x = 2")
    assert notebook.reorder("acb") == ["b"]
    assert notebook.printed["b"] == "2\n"
    assert notebook.reorder("abc") == ["b"]
    assert notebook.printed["b"] == "1\n"


def test_typing_marks_what_depends_on_the_text_and_runs_nothing(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x", "z = y", "w = 0")
    notebook.type("a", "x = 2")
    assert notebook.settle() == []
    assert kinds(notebook, "a") == {ReasonKind.EDITED}
    assert kinds(notebook, "b") == {ReasonKind.INPUT}
    assert kinds(notebook, "c") == {ReasonKind.INPUT}
    assert isinstance(notebook.state("d"), Fresh)


def test_undoing_an_edit_makes_everything_fresh_again(notebook: Notebook) -> None:
    notebook.open("x = 1", "y = x", "z = y")
    notebook.type("a", "x = 2")
    notebook.type("a", "x = 1")
    assert all(isinstance(notebook.state(id), Fresh) for id in "abc")


def test_text_that_was_not_run_never_runs_by_itself(notebook: Notebook) -> None:
    notebook.open("x = 1", "y = x + 1", "print(y)")
    notebook.type("b", "y = x + 1\nraise SystemExit")
    assert notebook.edit("a", "x = 5") == ["a"]
    assert kinds(notebook, "c") == {ReasonKind.INPUT}


def test_half_typed_renaming_takes_nobodys_value_away(notebook: Notebook) -> None:
    notebook.open("x = 1", "print(x, w)", "w = 1")
    notebook.type("a", "xx = 1")
    assert kinds(notebook, "b") == {ReasonKind.EDITED}
    assert notebook.edit("c", "w = 2") == ["c"]
    assert notebook.run("a") == ["a", "b"]
    assert isinstance(notebook.state("b"), Failed)


def test_running_a_cell_runs_what_it_needs_and_only_that(notebook: Notebook) -> None:
    notebook.show(a="x = 1", b="y = x", c="z = 0", d="print(y)")
    assert notebook.run("d") == ["a", "b", "d"]
    assert isinstance(notebook.state("c"), New)


def test_a_new_cell_is_not_run_by_a_cascade(notebook: Notebook) -> None:
    notebook.show(a="x = 1", b="print(x)")
    assert notebook.run("a") == ["a"]
    assert isinstance(notebook.state("b"), New)


def test_a_half_typed_cell_keeps_its_definitions(notebook: Notebook) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.type("a", "x = (1")
    assert kinds(notebook, "b") == {ReasonKind.INPUT}


def test_a_cell_that_comes_back_under_another_id_keeps_its_past(
    notebook: Notebook,
) -> None:
    notebook.open("x = [1]", "print(x)")
    value = notebook.namespace["x"]
    notebook.show(p="x = [1]", q="print(x)")
    assert notebook.settle() == []
    assert notebook.namespace["x"] is value
    assert isinstance(notebook.state("p"), Fresh)
    assert isinstance(notebook.state("q"), Fresh)
    assert notebook.edit("p", "x = [2]") == ["p", "q"]


# Modes and settings


def test_in_lazy_mode_dependents_are_marked_and_wait(notebook: Notebook) -> None:
    notebook.open("x = 1", "y = x", "print(y)")
    notebook.session.set_mode(Mode.LAZY)
    assert notebook.edit("a", "x = 2") == ["a"]
    assert isinstance(notebook.state("c"), Stale)
    notebook.session.ask(None)
    assert notebook.settle() == ["b", "c"]
    assert notebook.printed["c"] == "2\n"


def test_a_disabled_cell_defines_nothing(notebook: Notebook) -> None:
    notebook.open("x = 1", "x = 2", "print(x)")
    notebook.session.edit([(CellId("b"), "x = 2", Settings(disabled=True))])
    notebook.settle()
    assert notebook.printed["c"] == "1\n"
    assert notebook.namespace["x"] == 1


def test_readers_of_a_disabled_cell_are_blocked_if_nobody_else_defines_the_name(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.session.edit([(CellId("a"), "x = 1", Settings(disabled=True))])
    assert notebook.settle() == []
    assert isinstance(notebook.state("b"), Blocked)


def test_cells_in_a_cycle_are_reported_and_not_rerun(notebook: Notebook) -> None:
    notebook.show(a="x = y", b="y = x")
    notebook.run("a")
    notebook.run("b")
    assert kinds(notebook, "a") == {ReasonKind.CYCLE}
    assert kinds(notebook, "b") == {ReasonKind.CYCLE}


def test_interrupting_leaves_the_rest_of_the_cascade_stale(notebook: Notebook) -> None:
    notebook.open("x = 1", "y = x\nif x == 2: raise KeyboardInterrupt", "print(y)")
    notebook.edit("a", "x = 2")
    assert kinds(notebook, "b") == {ReasonKind.INTERRUPTED}
    assert kinds(notebook, "c") == {ReasonKind.INPUT}


def test_n_requests_without_a_pause_cost_n_runs() -> None:
    notebook = Notebook()
    notebook.open("x0 = 0", *(f"x{n} = x{n - 1} + 1" for n in range(1, 20)))
    runs = 0
    for cell in tuple(notebook.session.document):
        runs += 1
        notebook.session.take(cell.id, cell.source + " + 0")
        notebook.request(cell.id)
    runs += len(notebook.settle())
    assert runs == 20
    assert notebook.namespace["x19"] == 19


@pytest.mark.parametrize("source", ["del x", "globals().pop('x')"])
def test_a_deleted_name_is_gone_for_the_cells_below(
    notebook: Notebook, source: str
) -> None:
    notebook.open("x = 1", source, "print(x)")
    assert isinstance(notebook.state("c"), Failed)
    assert "x" not in notebook.namespace


def test_a_cell_that_is_enabled_again_is_fresh_without_a_run(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.session.edit([(CellId("a"), "x = 1", Settings(disabled=True))])
    notebook.settle()
    assert "x" not in notebook.namespace
    notebook.session.edit([(CellId("a"), "x = 1", Settings())])
    assert notebook.settle() == []
    assert notebook.namespace["x"] == 1
    assert isinstance(notebook.state("b"), Fresh)


def test_a_builtin_is_bound_for_the_cells_below_only(notebook: Notebook) -> None:
    notebook.open("print(max(1, 2))", "def max(*v): return 'mine'", "print(max(1, 2))")
    assert (notebook.printed["a"], notebook.printed["c"]) == ("2\n", "mine\n")
    notebook.run("a")
    assert notebook.printed["a"] == "2\n"
    assert notebook.delete("b") == ["c"]
    assert notebook.printed["c"] == "2\n"


def test_a_name_that_turns_out_to_come_from_above_was_read_by_that_run(
    notebook: Notebook,
) -> None:
    notebook.open("y = 0", "x = 0\nif x:\n    y = 1\nprint(y)")
    assert isinstance(notebook.state("b"), Fresh)
    assert notebook.edit("a", "y = 5") == ["a", "b"]
    assert notebook.printed["b"] == "5\n"


def test_a_cell_that_ran_on_what_a_failed_one_had_left_is_never_fresh(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1\n1 / 0", "y = x")
    assert notebook.namespace["y"] == 1
    assert isinstance(notebook.state("b"), Blocked)
    assert notebook.delete("a") == ["b"]
    assert isinstance(notebook.state("b"), Failed)


def test_the_last_version_is_in_place_when_a_definition_above_goes_away(
    notebook: Notebook,
) -> None:
    notebook.insert(0, "c", "x = 0")
    notebook.insert(0, "b", "x = x + 7")
    notebook.insert(0, "a", "x = 0")
    assert shown(notebook, "x") == "0"
    notebook.edit("a", "y = 0")
    assert shown(notebook, "x") == "7"


def test_a_name_that_a_cell_binds_and_deletes_is_gone_for_the_cells_below(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "x = 2\ndel x", "print(x)")
    assert isinstance(notebook.state("c"), Failed)
    assert notebook.edit("b", "pass") == ["b", "c"]
    assert notebook.printed["c"] == "1\n"


def test_a_version_that_becomes_the_last_is_made_again_if_it_was_not_kept(
    notebook: Notebook,
) -> None:
    notebook.open("x = [1]", "x = [2]", "x = [3]")
    assert notebook.reorder("bca") == ["a"]
    assert shown(notebook, "x") == "[1]"


def test_moving_one_redefinition_past_another_reruns_the_chain(
    notebook: Notebook,
) -> None:
    notebook.open("n = 1", "n = n + 1", "n = n * 5", "print(n)")
    assert notebook.printed["d"] == "10\n"
    assert notebook.reorder("acbd") == ["c", "b", "d"]
    assert notebook.printed["d"] == "6\n"


def test_nothing_is_settled_before_a_disabled_cells_names_are_gone(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = 2")
    cell = notebook.session.document[CellId("a")]
    notebook.session.edit([(cell.id, cell.source, Settings(disabled=True))])
    settled = [notebook.session.settled]
    notebook.settle()
    settled += [notebook.session.settled]
    assert settled == [False, True]
    assert "x" not in notebook.namespace


def test_an_edit_undone_after_the_cell_was_disabled_gives_its_names_back(
    notebook: Notebook,
) -> None:
    notebook.session.set_mode(Mode.LAZY)
    notebook.open("xs = [1]", "y = 2")
    id = CellId("a")
    for source, disabled in [
        ("xs = [1]", True),
        ("pass", True),
        ("pass", False),
        ("xs = [1]", False),
    ]:
        notebook.session.edit([(id, source, Settings(disabled=disabled))])
        assert notebook.settle() == []
    assert notebook.state("a") == Fresh()
    assert notebook.namespace["xs"] == [1]


def test_what_a_refused_request_shows_is_not_called_fresh(notebook: Notebook) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.session.refuse(CellId("b"))
    assert kinds(notebook, "b") == {ReasonKind.INTERRUPTED}
    notebook.run("b")
    assert notebook.state("b") == Fresh()


def test_what_a_failed_cell_left_is_gone_when_it_is_disabled(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1; 1 / 0")
    cell = notebook.session.document[CellId("a")]
    notebook.session.edit([(cell.id, cell.source, Settings(disabled=True))])
    notebook.settle()
    assert "x" not in notebook.namespace


def test_a_branch_that_was_not_taken_twice_binds_nothing(follow: Follow) -> None:
    follow(
        ["x = 1", "xs = [1, 2]", "if x > 1:\n    xs = [0]", "print(xs)"],
        ("run", "c"),
        ("delete", "b"),
    )


def test_a_branch_that_was_not_taken_is_taken_with_the_object_that_is_there(
    follow: Follow,
) -> None:
    follow(
        ["n = 1", "y = 5", "if n > 1:\n    y = 5", "print(y)"],
        ("run", "c"),
        ("edit", "a", "n = 2"),
        ("edit", "b", "y = 6"),
    )


def test_a_cell_that_may_read_anything_sees_what_a_failed_cell_had_covered(
    notebook: Notebook,
) -> None:
    notebook.open("b = 1", "y = 2", "z = [b]", "s = 3")
    notebook.type("b", "missing\nz = b")
    notebook.type("d", "print('z' in globals())")
    notebook.session.ask(None)
    notebook.settle()
    assert notebook.printed["d"] == "True\n"
