"""Settings of cells, beyond what the tables of docs/semantics/settings.md show."""

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.planning import Blocked, Disabled, Fresh, Frozen, Mode, Stale
from reactive_kernel.runtime import EFFECTS
from reactive_kernel.testing import Notebook

C_POINT = (
    "class Point:\n    __slots__ = ('x', '__weakref__')\npoint = Point()\npoint.x = 0"
)


def told(notebook: Notebook) -> set[str]:
    """Return the cells that a client would be told of now."""
    return {*notebook.session.drain().cells}


# Frozen


def test_freezing_and_thawing_is_told_of_all_that_rests_on_the_cell(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x", "z = y", "w = 0")
    told(notebook)
    notebook.set("a", frozen=True)
    assert told(notebook) == {"a", "b", "c"}
    notebook.set("a")
    assert told(notebook) == {"a", "b", "c"}
    assert notebook.session.rests_on(CellId("c")) == ()


def test_a_reader_that_comes_later_rests_on_the_frozen_cell_too(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x")
    notebook.set("a", frozen=True)
    notebook.insert(2, "c", "print(y)")
    assert notebook.session.rests_on(CellId("c")) == ("a",)


def test_a_frozen_cell_that_is_deleted_is_rested_on_no_more(notebook: Notebook) -> None:
    notebook.open("x = 1", "x = 2", "print(x)")
    notebook.set("b", frozen=True)
    assert notebook.delete("b") == ["c"]
    assert notebook.session.rests_on(CellId("c")) == ()


def test_the_version_of_a_frozen_cell_is_kept_though_nobody_reads_it(
    notebook: Notebook,
) -> None:
    notebook.open("class Big: pass", "x = Big()")
    notebook.set("b", frozen=True)
    big = weakref.ref(notebook.namespace["x"])
    for place, id in enumerate("cde", 2):
        notebook.insert(place, id, f"x = {place}")
    gc.collect()
    assert big() is not None
    assert notebook.insert(2, "r", "print(type(x).__name__)") == ["r"]
    assert notebook.printed["r"] == "Big\n"


def test_a_frozen_object_that_was_changed_is_put_back(notebook: Notebook) -> None:
    notebook.open("xs = [0]", "xs.append(1)", "print(xs)")
    notebook.set("a", frozen=True)
    assert notebook.edit("b", "xs.append(2)") == ["b", "c"]
    assert notebook.printed["c"] == "[0, 2]\n"


def test_a_frozen_cell_is_not_rerun_for_a_change_that_cannot_be_undone(
    notebook: Notebook,
) -> None:
    notebook.open(C_POINT, "point.x += 1", "print(point.x)")
    assert notebook.run("b") == ["a", "b", "c"]
    notebook.set("a", frozen=True)
    assert notebook.run("b") == ["b", "c"]
    assert notebook.printed["c"] == "2\n"
    assert notebook.session.rests_on(CellId("c")) == ("a",)


def test_a_frozen_change_in_place_stays_on_the_object_that_it_was_made_on(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [0]", "xs.append(1)", "print(xs)")
    notebook.set("b", frozen=True)
    assert notebook.edit("a", "xs = [5]") == ["a"]
    assert notebook.namespace["xs"] == [0, 1]
    assert isinstance(notebook.state("b"), Frozen)
    assert notebook.set("b") == ["b", "c"]
    assert notebook.printed["c"] == "[5, 1]\n"


def test_a_frozen_cell_is_not_blocked_by_an_input_that_fails(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x", "print(y)")
    notebook.set("b", frozen=True)
    assert notebook.edit("a", "x = 1 / 0") == ["a"]
    assert isinstance(notebook.state("b"), Frozen)
    assert isinstance(notebook.state("c"), Fresh)
    notebook.set("b")
    assert isinstance(notebook.state("b"), Blocked)


def test_a_frozen_cell_that_is_disabled_is_disabled(notebook: Notebook) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.set("a", frozen=True, disabled=True)
    assert isinstance(notebook.state("a"), Disabled)
    assert isinstance(notebook.state("b"), Blocked)


def test_after_a_reset_a_frozen_cell_has_no_values_and_runs_when_needed(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.set("a", frozen=True)
    notebook.namespace.clear()
    notebook.session.forget_values()
    assert isinstance(notebook.state("a"), Stale)
    assert notebook.run("b") == ["a", "b"]


# Modes


def test_a_cell_that_becomes_lazy_during_a_cascade_is_not_rerun_by_it(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x", "print(y)")
    notebook.type("a", "x = 2")
    notebook.request("a")
    assert notebook.set("c", mode="lazy") == ["b"]
    assert isinstance(notebook.state("c"), Stale)


def test_a_cascade_does_not_rerun_a_lazy_cell_to_bring_an_object_back(
    notebook: Notebook,
) -> None:
    notebook.open("n = 1", C_POINT, "point.x += n", "print(point.x)", "print(n)")
    notebook.set("b", mode="lazy")
    assert notebook.edit("a", "n = 2") == ["a", "e"]
    assert isinstance(notebook.state("c"), Stale)
    assert notebook.run("c") == ["b", "c", "d"]
    assert notebook.printed["d"] == "2\n"


def test_a_lazy_cell_whose_version_was_not_kept_is_stale_when_it_is_the_last(
    notebook: Notebook,
) -> None:
    notebook.open("x = [1]", "x = 2", "x = 3")
    notebook.set("a", mode="lazy")
    notebook.session.reorder([CellId(id) for id in "bca"])
    assert notebook.settle() == []
    assert isinstance(notebook.state("a"), Stale)
    notebook.session.ask(None)
    assert notebook.settle() == ["a"]
    assert notebook.namespace["x"] == [1]


def test_an_auto_cell_of_a_lazy_notebook_waits_for_what_was_not_run() -> None:
    notebook = Notebook(mode=Mode.LAZY)
    notebook.open("x = 1", "y = x", "print(y)")
    notebook.set("c", mode="auto")
    assert notebook.edit("a", "x = 2") == ["a"]
    assert notebook.run("b") == ["b", "c"]


# Reads, writes, pure


def test_a_run_adds_nothing_to_writes_that_are_overruled(notebook: Notebook) -> None:
    notebook.open("def grow(some): some.append(1)\nxs = []", "pass", "print(xs)")
    notebook.set("b", writes=[])
    assert notebook.edit("b", "grow(xs)") == ["b"]
    assert notebook.session.graph.inputs(CellId("c"))["xs"] == "a"
    assert isinstance(notebook.state("c"), Fresh)


def test_a_declared_change_is_undone_before_it_is_made_again(
    notebook: Notebook,
) -> None:
    notebook.open("xs = []\nsame = xs", "pass", "print(xs)")
    notebook.set("b", writes=["xs"])
    assert notebook.edit("b", "(lambda some: some.append(1))(xs)") == ["b", "c"]
    assert notebook.run("b") == ["b", "c"]
    assert notebook.printed["c"] == "[1]\n"
    assert notebook.namespace["same"] is notebook.namespace["xs"]
    assert notebook.namespace["xs"] == [1]


def test_a_name_that_is_no_input_has_the_value_that_the_rule_gives(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)", "x = 2")
    notebook.set("b", reads=[])
    assert notebook.run("b") == ["b"]
    assert notebook.printed["b"] == "1\n"
    assert notebook.edit("a", "x = 5") == ["a"]


def test_a_cell_that_counts_on_without_reading_starts_from_the_version_above(
    notebook: Notebook,
) -> None:
    notebook.open("n = 1", "n = n + 1")
    notebook.set("b", reads=[])
    assert notebook.run("b") == ["b"]
    assert notebook.namespace["n"] == 2
    assert notebook.edit("a", "n = 5") == ["a"]
    assert notebook.namespace["n"] == 2


def test_pure_and_back_is_seen_after_the_next_run(notebook: Notebook) -> None:
    notebook.open("xs = []", "xs.append(1)", "print(xs)")
    notebook.set("b", pure=True)
    assert notebook.run("b") == ["b", "c"]
    notebook.set("b")
    assert isinstance(notebook.state("b"), Stale)
    assert notebook.run("a") == ["a"]
    assert notebook.run("b") == ["b", "c"]
    assert notebook.printed["c"] == "[1]\n"


def test_undoing_a_setting_makes_fresh_again(notebook: Notebook) -> None:
    notebook.open("xs = []", "xs.append(1)", "print(xs)")
    notebook.set("b", pure=True)
    assert isinstance(notebook.state("c"), Stale)
    notebook.set("b")
    assert isinstance(notebook.state("b"), Fresh)
    assert isinstance(notebook.state("c"), Fresh)
    assert notebook.run("c") == ["c"]
    assert notebook.printed["c"] == "[1]\n"


# Effects


def test_generators_that_are_ignored_go_on_drawing(notebook: Notebook) -> None:
    draw = "n = random.random()"
    notebook.open("import random\nrandom.seed(1)", draw)
    first = notebook.namespace["n"]
    notebook.run("b")
    assert notebook.namespace["n"] == first
    notebook.session.set_effects(EFFECTS - {"random"})
    notebook.run("b")
    assert notebook.namespace["n"] != first
    notebook.session.set_effects(EFFECTS)
    assert notebook.run("a") == ["a"]
    notebook.run("b")
    assert notebook.namespace["n"] == first


def test_variables_that_are_ignored_are_left_as_they_are(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE", "0")
    notebook.open("import os", "os.environ['RATE'] = '1'", "os.environ['RATE'] = '2'")
    notebook.session.set_effects(EFFECTS - {"environment"})
    assert notebook.edit("b", "os.environ['RATE'] = '3'") == ["b"]
    assert os.environ["RATE"] == "3"


def test_files_that_are_ignored_are_not_looked_at(
    notebook: Notebook, tmp_path: Path
) -> None:
    file = tmp_path / "data.txt"
    file.write_text("1")
    source = f"from pathlib import Path\nprint(Path({str(file)!r}).read_text())"
    notebook.open(source)
    notebook.session.set_effects(EFFECTS - {"files"})
    file.write_text("other")
    notebook.session.look_outside()
    assert notebook.settle() == []
    assert isinstance(notebook.state("a"), Fresh)
