"""Notebooks in Python files, as a person meets them in JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from reactive_kernel.formats import reads, writes
from tests.browser.conftest import KERNELSPEC
from tests.formats.samples import kept, notebook_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True


@pytest.fixture
def file(folder: Path) -> Path:
    """Return a .py notebook in which a cell reads from one further down."""
    path = folder / "nb.py"
    book = notebook_of("print(x * 2)", "x = 21", kernelspec=KERNELSPEC)
    path.write_text(writes(book), "utf-8")
    return path


def show_folder(lab: Lab, folder: Path) -> None:
    """Open the file browser at a folder."""
    path = folder.relative_to(lab.server.work).as_posix()
    lab.page.goto(f"{lab.server.url}lab/tree/{path}?token={lab.server.token}&reset")
    lab.page.locator(".jp-DirListing-item").first.wait_for()


def item(lab: Lab, name: str) -> Locator:
    return lab.page.locator(".jp-DirListing-item", has_text=name)


def wait_until_open(lab: Lab, file: Path) -> None:
    path = file.relative_to(lab.server.work).as_posix()
    lab._wait("path => lab.isOpen(path)", path)


def choose(lab: Lab, *labels: str) -> None:
    """Choose from the context menu that is open."""
    for label in labels:
        lab.page.locator(".lm-Menu-item", has_text=label).last.hover()
        # A menu takes no click before it has seen the pointer move.
        active = lab.page.locator(".lm-Menu-item.lm-mod-active", has_text=label)
        active.wait_for()
    lab.page.locator(".lm-Menu-item", has_text=labels[-1]).last.click()


def test_a_double_click_opens_a_py_notebook_that_runs_and_is_saved(
    lab: Lab, file: Path
) -> None:
    show_folder(lab, file.parent)
    item(lab, "nb.py").dblclick()
    wait_until_open(lab, file)
    assert lab._do("() => lab.ids()") == ["a", "b"]
    assert lab.kernel == "Reactive Python"
    lab.run("a")
    lab.wait_for("a", "42")
    lab.write("b", "x = 4")
    lab.run("b")
    lab.wait_for("a", "8")
    lab.save()
    saved = reads(file.read_text("utf-8"))
    assert [(cell.id, cell.source) for cell in saved.cells[:2]] == [
        ("a", "print(x * 2)"),
        ("b", "x = 4"),
    ]
    assert file.read_text("utf-8").index("x = 4") < file.read_text("utf-8").index("x *")
    lab.open_py(file)
    assert lab._do("() => lab.ids()") == [cell.id for cell in saved.cells]


def test_plain_python_opens_in_the_editor(lab: Lab, folder: Path) -> None:
    (folder / "tool.py").write_text("import os\n")
    show_folder(lab, folder)
    item(lab, "tool.py").dblclick()
    lab.page.locator(".jp-FileEditor").wait_for()


def test_a_py_notebook_opens_with_the_notebook_or_the_editor(
    lab: Lab, file: Path
) -> None:
    show_folder(lab, file.parent)
    item(lab, "nb.py").click(button="right")
    choose(lab, "Open With", "Editor")
    lab.page.locator(".jp-FileEditor").wait_for()
    lab.page.locator(".jp-FileEditor").get_by_text("reactivepy").wait_for()
    lab.page.get_by_role("button", name="Open as Notebook").click()
    wait_until_open(lab, file)


def test_a_notebook_is_converted_from_the_file_browser_and_back(
    lab: Lab, folder: Path
) -> None:
    book = notebook_of("x = 1", "x", kernelspec=KERNELSPEC)
    nbformat.write(book, folder / "nb.ipynb")
    show_folder(lab, folder)
    item(lab, "nb.ipynb").click(button="right")
    choose(lab, "Convert to .py Notebook")
    wait_until_open(lab, folder / "nb.py")
    assert kept(reads((folder / "nb.py").read_text("utf-8"))) == kept(book)
    lab._do("() => void jupyterapp.commands.execute('reactive:convert-to-ipynb')")
    lab.page.get_by_role("button", name="Replace").click()
    wait_until_open(lab, folder / "nb.ipynb")
    cells = nbformat.read(folder / "nb.ipynb", as_version=4).cells
    assert [cell.source for cell in cells] == ["x = 1", "x"]


def test_outputs_are_kept_beside_the_file_when_the_user_chooses_so(
    lab: Lab, file: Path
) -> None:
    lab.open_py(file)
    lab.run("a")
    lab.wait_for("a", "42")
    lab._do("() => void jupyterapp.commands.execute('reactive:keep-outputs')")
    lab.save()
    assert file.with_suffix(".ipynb").exists()
    lab.open_py(file)
    assert lab.text("a").strip() == "42"


def test_what_another_editor_changes_comes_into_the_open_notebook(
    lab: Lab, file: Path
) -> None:
    lab.open_py(file)
    lab.run("a")
    lab.wait_for("a", "42")
    lab.write("a", "print(x * 3)")
    text = file.read_text("utf-8")
    file.write_text(text.replace("x = 21", "x = 5") + '\n# %% id="n"\nx + 1\n')
    lab._wait("() => lab.cells().length === 3")
    assert lab._do("() => lab.cells().map(cell => cell.model.sharedModel.source)") == [
        "print(x * 3)",
        "x = 5",
        "x + 1",
    ]
    assert lab.text("a").strip() == "42"
    lab._wait("what => lab.isIn(what)", {"id": "a", "state": "stale"})
    lab.save()
    saved = [cell.source for cell in reads(file.read_text("utf-8")).cells]
    assert saved == ["print(x * 3)", "x = 5", "x + 1"]


def test_both_texts_of_a_cell_that_was_edited_twice_are_kept(
    lab: Lab, file: Path
) -> None:
    lab.open_py(file)
    lab.write("b", "x = 100")
    file.write_text(file.read_text("utf-8").replace("x = 21", "x = 5"))
    lab._wait("() => lab.cells().length === 3")
    assert lab._do("() => lab.cells().map(cell => cell.model.sharedModel.source)") == [
        "print(x * 2)",
        "x = 100",
        "x = 5",
    ]
    lab.page.get_by_text("were changed in the file as well").wait_for()
