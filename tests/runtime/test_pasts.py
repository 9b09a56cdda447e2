from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import pytest

from reactive_kernel.document import Cell, CellId
from reactive_kernel.planning import Fresh, Mode, New, Stale
from reactive_kernel.testing import Notebook


def restore(notebook: Notebook, position: int, id: str, source: str) -> list[str]:
    """Put a cell (back) into the notebook, as undo does; return the cells that ran."""
    cell = Cell(CellId(id), source)
    notebook.session.sync(notebook.session.document.inserted(cell, position).cells)
    return notebook.settle()


def test_a_cell_that_was_deleted_and_comes_back_is_fresh_without_a_run(
    notebook: Notebook,
) -> None:
    notebook.open("import time", "slow = [1, 2]", "print(sum(slow))")
    assert notebook.delete("b") == ["c"]
    assert "slow" not in notebook.namespace
    assert restore(notebook, 1, "b", "slow = [1, 2]") == ["c"]
    assert isinstance(notebook.state("b"), Fresh)
    assert notebook.namespace["slow"] == [1, 2]
    assert notebook.printed["c"] == "3\n"


def test_a_cell_that_was_cut_and_pasted_under_another_id_is_fresh_without_a_run(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x + 1", "print(y)")
    notebook.delete("b")
    assert restore(notebook, 1, "p", "y = x + 1") == ["c"]
    assert isinstance(notebook.state("p"), Fresh)
    assert notebook.edit("a", "x = 5") == ["a", "p", "c"]


def test_what_it_had_changed_in_place_is_there_again(notebook: Notebook) -> None:
    notebook.open("xs = [1]", "xs.append(2)", "print(xs)")
    assert notebook.delete("b") == ["c"]
    assert notebook.printed["c"] == "[1]\n"
    assert restore(notebook, 1, "b", "xs.append(2)") == ["c"]
    assert notebook.printed["c"] == "[1, 2]\n"
    assert isinstance(notebook.state("b"), Fresh)
    assert notebook.run("b") == ["b", "c"]
    assert notebook.printed["c"] == "[1, 2]\n"


def test_the_version_of_another_cell_shows_meanwhile(notebook: Notebook) -> None:
    notebook.open("x = 1", "x = 2", "print(x)")
    assert notebook.delete("b") == ["c"]
    assert notebook.namespace["x"] == 1
    assert restore(notebook, 1, "b", "x = 2") == ["c"]
    assert (notebook.namespace["x"], notebook.printed["c"]) == (2, "2\n")


def test_a_cell_that_comes_back_with_another_text_is_an_edited_one(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "print(x)")
    notebook.delete("a")
    restore(notebook, 0, "a", "x = 2")
    assert isinstance(notebook.state("a"), Stale)


def test_a_cell_whose_input_changed_meanwhile_comes_back_stale(
    notebook: Notebook,
) -> None:
    notebook.open("x = 1", "y = x", "print(y)")
    notebook.session.set_mode(Mode.LAZY)
    notebook.delete("b")
    notebook.type("a", "x = 2")
    restore(notebook, 1, "b", "y = x")
    assert isinstance(notebook.state("b"), Stale)


def test_settings_files_and_draws_come_back_with_their_cell(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RP_CITY", "unset before and after")
    monkeypatch.delenv("RP_CITY")
    text = "os.environ['RP_CITY'] = 'Oslo'; x = random.random()"
    notebook.open("import os, random; random.seed(1)", text)
    notebook.open("print(os.environ.get('RP_CITY'), random.random())")
    before = notebook.printed["c"]
    assert notebook.delete("b") == ["c"]
    assert notebook.printed["c"].startswith("None")
    assert restore(notebook, 1, "b", text) == ["c"]
    assert notebook.printed["c"] == before
    assert os.environ["RP_CITY"] == "Oslo"


def test_with_the_next_run_a_deleted_cell_is_gone_for_good(notebook: Notebook) -> None:
    notebook.open("class Big: pass", "big = Big()", "x = 1")
    alive = weakref.ref(notebook.namespace["big"])
    notebook.delete("b")
    notebook.run("c")
    gc.collect()
    assert alive() is None
    restore(notebook, 1, "b", "big = Big()")
    assert isinstance(notebook.state("b"), New)
