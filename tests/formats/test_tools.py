"""Files that other programs read, reformat or rewrite, with the real programs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import black
import jupytext
import pytest
from nbformat import NotebookNode

from reactive_kernel.formats import reads, writes
from tests.formats.published import published
from tests.formats.samples import kept, notebook_of
from tests.formats.test_published import WITHOUT_IDS, name, opened

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]


def everyday() -> NotebookNode:
    """Return a notebook with a little of everything, formatted as black would."""
    return notebook_of(
        {
            "cell_type": "markdown",
            "source": "# Title\n\n- one\n\n```\n%% x\n```\n\nend  ",
        },
        "%matplotlib inline\nimport os",
        "y = x + 1",
        {
            "source": "def f(a):\n    return a\n\n\nf(1)",
            "metadata": {"tags": ["t", "u"]},
        },
        "x = 1\n",
        "%%bash\nls\n\nls",
        'text = """\n# %%\n"""',
        {"cell_type": "raw", "source": "raw\n\ntext"},
        "files = !ls\nprint(files)",
        {"source": "class A:\n    pass", "metadata": {"title": "A class"}},
        "@property\ndef g(self):\n    return 1",
        "",
        "# only a comment",
        kernelspec={
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        },
    )


def shapes(book: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"].rstrip("\n")) for cell in book["cells"]]


def by_jupytext(text: str) -> NotebookNode:
    return jupytext.reads(text, fmt="py:percent")


def in_file_order(text: str) -> list[tuple[str, str]]:
    """Return the cells as jupytext finds them, without those that the writer adds."""
    cells = by_jupytext(text)["cells"]
    tags = [cell["metadata"].get("tags") for cell in cells]
    return [
        shape
        for shape, tag in zip(shapes({"cells": cells}), tags, strict=True)
        if tag != ["reactivepy-generated"]
    ]


def test_jupytext_reads_the_same_cells() -> None:
    book = everyday()
    del book["cells"][6]  # has a marker in a string
    book["cells"][0]["source"] = "# Title\n\n- one\n\n%%x"
    text = writes(book)
    theirs = in_file_order(text)
    ours = shapes(book)
    moved = ours.pop(4)
    assert moved == ("code", "x = 1")
    ours.insert(2, moved)
    assert theirs == ours
    spec = by_jupytext(text)["metadata"]["kernelspec"]
    assert spec == book["metadata"]["kernelspec"]


ONLY_OURS = re.compile(
    r'until="|text="json"|eol="|indent="|after="|^# \\|^[ \t]*# # [%!]|active=.*\n# #|"frozen": true',
    re.M,
)


@WITHOUT_IDS
@pytest.mark.parametrize(
    "path", published() or [None], ids=lambda p: name(p) if p else "none"
)
def test_jupytext_reads_published_notebooks_as_we_do(path: Path | None) -> None:
    if path is None:
        pytest.skip("no notebooks: python -m tests.formats.published")
    book = opened(path)
    if "python" not in str(book["metadata"].get("kernelspec", "python")).lower():
        pytest.skip("it is in another language")
    text = writes(book)
    if ONLY_OURS.search(text):
        pytest.skip("it holds what only this format can keep")
    assert in_file_order(text) == shapes(book)


def by_black(text: str) -> str:
    return black.format_str(text, mode=black.Mode())


def by_ruff(text: str) -> str:
    command = (sys.executable, "-m", "ruff", "format", "--isolated", "-")
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=True
    ).stdout


def by_jupytext_and_back(text: str) -> str:
    return str(jupytext.writes(by_jupytext(text), fmt="py:percent"))


def by_an_editor(text: str) -> str:
    """Return what an editor saves that trims line ends and the end of the file."""
    return "\r\n".join(line.rstrip() for line in text.split("\n")).rstrip() + "\r\n"


TOOLS = [by_black, by_ruff, by_an_editor]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_reformatted_file_is_the_same_notebook(tool: Callable[[str], str]) -> None:
    book = everyday()
    for cell in book["cells"]:
        cell["source"] = cell["source"].rstrip(" ")
    text = writes(book)
    touched = tool(text)
    assert kept(reads(touched)) == kept(book)
    assert kept(reads(tool(touched))) == kept(book)


@pytest.mark.parametrize("tool", [by_black, by_ruff])
def test_what_a_formatter_changes_it_changes_inside_cells(
    tool: Callable[[str], str],
) -> None:
    book = notebook_of(
        "x = f( 1 )", "%time f( 1 )\nd = {  'a':1 }", "# note\n\n\n\ny=1"
    )
    assert [cell["source"] for cell in reads(tool(writes(book)))["cells"]] == [
        "x = f(1)",
        '%time f( 1 )\nd = {"a": 1}',
        "# note\n\n\ny = 1",
    ]


def test_a_file_that_jupytext_has_rewritten_keeps_ids_order_and_sources() -> None:
    book = everyday()
    del book["cells"][6]
    again = reads(by_jupytext_and_back(writes(book)))
    assert [cell["id"] for cell in again["cells"]] == [
        cell["id"] for cell in book["cells"]
    ]
    assert shapes(again) == shapes(book)
    assert again["metadata"]["kernelspec"] == book["metadata"]["kernelspec"]
    assert again["cells"][3]["metadata"] == {"tags": ["t", "u"]}


def test_a_file_of_jupytext_is_read_as_jupytext_reads_it() -> None:
    book = notebook_of(*(c for c in everyday()["cells"] if "%% " not in c["source"]))
    del book["cells"][5]  # has a marker in a string
    theirs = jupytext.writes(book, fmt="py:percent")
    assert shapes(reads(theirs)) == shapes(by_jupytext(theirs))
