"""The file as a script: options, widgets, and what only Jupyter has."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from reactive_kernel.formats import reads, writes
from tests.formats.samples import kept, notebook_of

Script = Callable[..., subprocess.CompletedProcess[str]]


def parameters(source: str) -> dict[str, object]:
    return {"source": source, "metadata": {"tags": ["parameters"]}}


@pytest.fixture
def book() -> NotebookNode:
    return notebook_of(
        {"cell_type": "markdown", "source": "# Yearly report, 100 %\n\nText."},
        parameters(
            "n = 20  # number of draws, 5 % more\nname = 'x'\nrate: float = 1\n"
            "verbose = False\nxs = [1, 2]\nnothing = None\nother = object()\na_b = 1"
        ),
        "print(n, name, rate, verbose, xs, nothing, a_b)",
    )


def test_without_options_the_notebook_has_its_own_values(
    script: Script, book: NotebookNode
) -> None:
    assert script(book).stdout == "20 x 1 False [1, 2] None 1\n"


def test_options_override_parameters_by_their_types(
    script: Script, book: NotebookNode
) -> None:
    options = ("--n=3", "--name=7", "--rate=2", "--verbose", "--xs=[]", "--a-b=2")
    assert script(book, *options).stdout == "3 7 2.0 True [] None 2\n"


def test_help_tells_title_types_defaults_and_comments(
    script: Script, book: NotebookNode
) -> None:
    ran = script(book, "--help")
    assert ran.returncode == 0
    assert "Yearly report, 100 %" in ran.stdout
    assert "number of draws, 5 % more; by default 20" in ran.stdout
    assert "--verbose, --no-verbose" in ran.stdout
    assert "--other" not in ran.stdout
    assert "20 x" not in ran.stdout


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--m=3", "unrecognized arguments: --m=3"),
        ("--n=x", "invalid int value: 'x'"),
        ("--nam=x", "unrecognized"),
    ],
)
def test_a_wrong_option_is_an_error_before_anything_runs(
    script: Script, book: NotebookNode, option: str, complaint: str
) -> None:
    ran = script(book, option)
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert ran.stdout == ""


def test_a_widget_takes_its_value_from_the_command_line(script: Script) -> None:
    book = notebook_of(
        "import ipywidgets as w\nslider = w.IntSlider(value=3, max=50)\nkind = w.Dropdown(options=['a', 'b'])",
        "print(slider.value, kind.value)",
    )
    assert script(book).stdout == "3 a\n"
    assert script(book, "--slider=40", "--kind='b'").stdout == "40 b\n"


def test_generated_cells_are_no_cells_of_the_notebook(book: NotebookNode) -> None:
    text = writes(book)
    assert text.count("reactivepy-generated") == 2
    assert kept(reads(text)) == kept(book)


def test_a_notebook_without_parameters_gets_no_generated_cells() -> None:
    assert "reactivepy-generated" not in writes(notebook_of("x = 1", "print(x)"))


def test_options_are_ignored_when_the_file_is_imported(
    tmp_path: Path, book: NotebookNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "nb.py"
    file.write_text(writes(book), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["pytest", "--n=5", "--unknown"])
    assert runpy.run_path(str(file))["n"] == 20


def test_the_main_guard_works(script: Script) -> None:
    assert (
        script(notebook_of("if __name__ == '__main__':\n    print('main')")).stdout
        == "main\n"
    )


def test_display_works_without_jupyter(script: Script) -> None:
    assert script(notebook_of("display(1)")).stdout == "1\n"


def test_the_idiom_that_asks_for_jupyter_works(script: Script) -> None:
    source = "try:\n    get_ipython()\nexcept NameError:\n    print('plain')"
    assert script(notebook_of(source)).stdout == "plain\n"


def test_options_come_below_imports_from_the_future(script: Script) -> None:
    book = notebook_of(
        parameters("n = 1"), "from __future__ import annotations", "print(n)"
    )
    assert script(book, "--n=2").stdout == "2\n"


def test_options_of_a_future_cell_come_below_their_declaration(script: Script) -> None:
    book = notebook_of(
        parameters("from __future__ import annotations\nn = 1"), "print(n)"
    )
    assert script(book, "--n=2").stdout == "2\n"


def test_an_option_of_a_cell_that_does_not_run_is_none(script: Script) -> None:
    book = notebook_of(parameters("n = 1\nawait f()"), "print('on')")
    assert script(book).stdout == "on\n"
    assert "argparse" not in writes(book)


def test_what_is_left_out_is_told_once_and_short(script: Script) -> None:
    book = notebook_of(*[f"%%bash\necho {i}" for i in range(5)])
    assert script(book).stderr == (
        "Only Jupyter can run, so left out: %%bash; %%bash; %%bash; and 2 more\n"
    )
