"""Files that a person or another program has written or touched; and those that are none."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reactive_kernel.errors import FormatError
from reactive_kernel.formats import reads, writes
from reactive_kernel.formats.files import read, write
from tests.formats.samples import kept, notebook_of


def sources(text: str) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in reads(text)["cells"]]


HEADER = (
    '# ---\n# jupyter:\n#   reactivepy: {"version": 1, "nbformat_minor": 5}\n# ---\n'
)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("x = 1\n", [("code", "x = 1")], id="no marker"),
        pytest.param("import os\n\n# %%\nx\n", [("code", "import os"), ("code", "x")], id="text above"),
        pytest.param("#%%\nx\n#%% [markdown]\n#Title\n", [("code", "x"), ("markdown", "Title")], id="VS Code"),
        pytest.param('# %% [md]\n"""\n# Title\n\ntext\n"""\n', [("markdown", "# Title\n\ntext")], id="string"),
        pytest.param("# %%\r\nx\r\n\r\n# %%\r\ny\r\n", [("code", "x"), ("code", "y")], id="CRLF"),
        pytest.param("\ufeff# %%\nx", [("code", "x")], id="byte order mark"),
        pytest.param("# %%\n\n\n\nx\n\n\n\n# %%\ny", [("code", "\n\n\nx"), ("code", "y")], id="blank lines"),
        pytest.param('# %% {"tags": ["a"]}\nx', [("code", "x")], id="old jupytext"),
        pytest.param("# %% n=5 is the case\nx", [("code", "x")], id="title like a field"),
        pytest.param("# %%\n# %%\n", [("code", ""), ("code", "")], id="empty cells"),
        pytest.param("# %% [raw]\n# a\nb\n", [("raw", "a\nb")], id="raw without comments"),
        pytest.param('"""\n# %% not yet\n', [("code", '"""'), ("code", "")], id="unclosed string"),
    ],
)  # fmt: skip
def test_what_people_write_is_read(text: str, cells: list[tuple[str, str]]) -> None:
    assert sources(text) == cells
    assert sources(text) == sources(writes(reads(text)))


def test_a_shebang_and_a_coding_line_are_kept_in_their_places() -> None:
    text = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# %%\nx\n"
    again = writes(reads(text))
    assert again.startswith(text[: text.index("# %%")] + "# ---\n# jupyter:\n")
    assert kept(reads(again)) == kept(reads(text))


def test_an_after_that_names_no_cell_leaves_the_cell_where_it_stands() -> None:
    text = (
        HEADER
        + '\n# %% id="a" after="gone"\nx\n\n# %% id="b" after="c"\ny\n\n# %% id="c" after="b"\nz\n'
    )
    assert [cell["id"] for cell in reads(text)["cells"]] == ["a", "b", "c"]


def test_a_copied_cell_gets_an_id_of_its_own() -> None:
    text = HEADER + '\n# %% id="a"\nx\n\n# %% id="a"\ny\n'
    first, second = (cell["id"] for cell in reads(text)["cells"])
    assert first == "a"
    assert second != "a"
    assert kept(reads(text)) == kept(reads(text))


def test_a_header_that_jupytext_has_rewritten_is_read() -> None:
    text = (
        "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       extension: .py\n"
        "#       format_name: percent\n#   kernelspec:\n#     name: python3\n"
        "#   reactivepy:\n#     nbformat_minor: 4\n#     version: 1\n# ---\n\n# %%\nx\n"
    )
    book = reads(text)
    assert book["metadata"] == {"kernelspec": {"name": "python3"}}
    assert book["nbformat_minor"] == 4


BROKEN = [
    pytest.param(HEADER.replace("}\n", "\n") + "# %%\nx", 3, "header is neither JSON", id="header"),
    pytest.param("# ---\n# jupyter:\n#   a: 1\n\n# %%\nx", 1, "header does not end", id="half a header"),
    pytest.param(HEADER.replace("1,", "9,"), 1, "version 9", id="newer version"),
    pytest.param(HEADER + '\n# %% id="a" tags=["b"\nx', 6, "marker line", id="marker"),
    pytest.param(HEADER + '\n# %% id="a" until="end-a"\nx\n', 6, "no end line `# end-a`", id="no end"),
    pytest.param(HEADER + '\n# %%\nx\n<<<<<<< HEAD\ny\n=======\nz\n>>>>>>> b\n', 8, "merge", id="conflict"),
    pytest.param(HEADER + '\n# %% text="json"\n# "abc\n', 7, "no JSON string", id="half a string"),
    pytest.param('{"cells": [], "nbformat": 4}', None, "JSON", id="ipynb"),
    pytest.param("import marimo\n\napp = marimo.App()\n", None, "marimo", id="marimo"),
    pytest.param("a;b;c\n1;2;3,,\n", 1, "neither Python", id="table"),
    pytest.param("\x89PNG\0\0", None, "no text", id="picture"),
    pytest.param(
        "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       format_name: light\n# ---\nx",
        1, "'light'", id="another format of jupytext",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "what"), BROKEN)
def test_what_is_wrong_is_told_with_file_and_line(
    tmp_path: Path, text: str, line: int | None, what: str
) -> None:
    file = tmp_path / "nb.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read(file)
    message = str(caught.value)
    assert what in message
    assert message.startswith(f"{file}, line {line}: " if line else f"{file}: ")
    assert caught.value.advice
    assert file.read_text(encoding="utf-8") == text


def test_a_wrong_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "nb.py"
    file.write_bytes(b"# %%\nx = 1\ny = '\xe9'\n")
    with pytest.raises(
        FormatError, match=r"line 3: the file is not in utf-8: byte 0xe9"
    ):
        read(file)


def test_a_file_that_names_its_encoding_is_read(tmp_path: Path) -> None:
    file = tmp_path / "nb.py"
    file.write_bytes(b"# -*- coding: latin-1 -*-\n# %%\ny = '\xe9'\n")
    assert read(file)["cells"][0]["source"] == "y = 'é'"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"cells": [', "no JSON"),
        ("[]", "no notebook"),
        ("{}", "no notebook"),
        ('{"nbformat": 4}', "no notebook"),
        ("\x00", "no JSON"),
    ],
)
def test_a_broken_ipynb_is_told(tmp_path: Path, content: str, what: str) -> None:
    file = tmp_path / "nb.ipynb"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=what):
        read(file)


@pytest.mark.slow
def test_a_cell_of_fifty_megabytes_is_kept() -> None:
    book = notebook_of("x = [\n" + "    123456789,\n" * 3_500_000 + "]")
    assert kept(reads(writes(book))) == kept(book)


def test_an_ipynb_is_written_as_jupyter_writes_it(tmp_path: Path) -> None:
    import nbformat

    book = notebook_of("x = 1\ny = 2", {"cell_type": "markdown", "source": "é"})
    write(tmp_path / "ours.ipynb", book)
    nbformat.write(book, tmp_path / "theirs.ipynb")
    ours, theirs = (tmp_path / f"{name}.ipynb" for name in ("ours", "theirs"))
    assert ours.read_bytes() == theirs.read_bytes()
    assert kept(read(ours)) == kept(book)


def test_a_write_keeps_the_files_mode_and_follows_links(tmp_path: Path) -> None:
    file, link = tmp_path / "nb.py", tmp_path / "link.py"
    file.write_text("", encoding="utf-8")
    file.chmod(0o755)
    link.symlink_to(file)
    write(link, notebook_of("x = 1"))
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o755
    assert "x = 1" in file.read_text(encoding="utf-8")


def test_a_notebook_that_cannot_be_written_leaves_the_file_alone(
    tmp_path: Path,
) -> None:
    file = tmp_path / "nb.py"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(FormatError, match="kind 'picture'"):
        write(file, notebook_of({"cell_type": "picture", "source": ""}))
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


WRITER = """
import sys
from pathlib import Path
from reactive_kernel.formats.files import replace_file
file = Path(sys.argv[1])
for content in iter(lambda: None, 1):
    for letter in b"ab":
        replace_file(file, bytes([letter]) * 3_000_000)
"""


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_the_old_file_or_the_new_one(
    tmp_path: Path,
) -> None:
    file = tmp_path / "nb.py"
    file.write_bytes(b"a" * 3_000_000)
    for turn in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(file)])
        stamp = file.stat().st_mtime_ns
        while file.stat().st_mtime_ns == stamp:
            assert writer.poll() is None
            time.sleep(0.001)
        time.sleep(turn / 300)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        content = file.read_bytes()
        assert content in (b"a" * 3_000_000, b"b" * 3_000_000)


def test_nothing_is_executed(tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    source = f"open({str(witness)!r}, 'w')\n!touch {witness}\n%run x"
    book = notebook_of(source, f"%%python\nopen({json.dumps(str(witness))}, 'w')")
    assert kept(reads(writes(book))) == kept(book)
    assert not witness.exists()


def test_the_example_of_the_page_is_what_is_written() -> None:
    page = Path(__file__).parents[2] / "docs" / "format.md"
    (example,) = re.findall(
        r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S
    )
    assert writes(reads(example)) == example
    ids = [cell["id"] for cell in reads(example)["cells"]]
    assert ids == ["title", "imports", "tax", "rate", "files", "text"]
