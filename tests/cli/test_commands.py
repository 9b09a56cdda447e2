"""``jupyter reactive`` by its commands: what they print, write and exit with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from reactive_kernel.formats import read, reads, writes
from tests.cli.conftest import Ran
from tests.formats.samples import kept, notebook_of

Command = Callable[..., Ran]
Save = Callable[..., Path]
BROKEN = '# ---\n# jupyter:\n#   reactivepy: {"version": 1\n# ---\n'


def test_help_lists_the_commands_and_shows_examples(jupyter_reactive: Command) -> None:
    shown = jupyter_reactive("--help").stdout
    for command in ("check", "convert", "deps", "diff", "graph", "run", "slice"):
        assert command in shown
        assert "jupyter reactive" in jupyter_reactive(command, "--help").stdout
    assert "jupyter reactive run nb.py --n=20" in shown


def test_a_missing_library_is_named() -> None:
    code = "import sys; sys.modules['click'] = None; from reactive_kernel.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert (
        ran.stderr
        == "jupyter reactive needs click: pip install 'reactive-kernel[cli]'\n"
    )


@pytest.mark.parametrize("command", ["check", "convert", "deps", "graph", "run"])
def test_a_file_that_is_no_notebook_is_told_with_its_line(
    jupyter_reactive: Command, tmp_path: Path, command: str
) -> None:
    (tmp_path / "nb.py").write_text(BROKEN, encoding="utf-8")
    ran = jupyter_reactive(command, "nb.py", check=2)
    assert "nb.py, line 3: the header is neither JSON nor YAML" in ran.stderr
    assert "Traceback" not in ran.stderr


# convert ------------------------------------------------------------------------------


def test_convert_goes_there_and_back(jupyter_reactive: Command, saved: Save) -> None:
    file = saved(
        "nb.ipynb", "y = x", "x = 1", {"cell_type": "markdown", "source": "# T"}
    )
    assert jupyter_reactive("convert", "nb.ipynb").stdout == "nb.py\n"
    assert file.with_suffix(".py").read_text("utf-8") == writes(read(file))
    jupyter_reactive("convert", "nb.py", "again.ipynb")
    assert kept(read(file.with_name("again.ipynb"))) == kept(read(file))


def test_convert_overwrites_nothing_unasked(
    jupyter_reactive: Command, saved: Save
) -> None:
    file = saved("nb.ipynb", "x = 1")
    file.with_suffix(".py").write_text("precious", encoding="utf-8")
    ran = jupyter_reactive("convert", "nb.ipynb", check=2)
    assert "nb.py exists" in ran.stderr
    assert file.with_suffix(".py").read_text("utf-8") == "precious"


def test_convert_keeps_the_outputs_of_unchanged_cells(
    jupyter_reactive: Command, saved: Save
) -> None:
    file = saved("nb.ipynb", "print(1)", "print(2)")
    book = read(file)
    for cell in book["cells"]:
        cell["outputs"] = [nbformat.v4.new_output("stream", text="out")]
    nbformat.write(book, file)
    jupyter_reactive("convert", "nb.ipynb")
    py = file.with_suffix(".py")
    py.write_text(
        py.read_text("utf-8").replace("print(2)", "print(3)"), encoding="utf-8"
    )
    jupyter_reactive("convert", "nb.py", "--force")
    assert [len(cell["outputs"]) for cell in read(file)["cells"]] == [1, 0]


def test_convert_reads_notebooks_of_marimo(
    jupyter_reactive: Command, tmp_path: Path
) -> None:
    text = '''
import marimo

__generated_with = "0.10"
app = marimo.App(width="medium")

with app.setup:
    import math


@app.cell
def _(mo):
    mo.md(r"""
    # Title
    """)
    return


@app.cell(hide_code=True)
def named(
    x: int,
):
    # a comment
    y = x + 1
    text = """
not indented
    indented"""
    return text, y


@app.function
def f(a):
    return a


@app.cell(disabled=True)
def _():
    x = 1
    return (x,)


app._unparsable_cell(
    r"""
    x = = 1
    """,
    name="_"
)

if __name__ == "__main__":
    app.run()
'''
    (tmp_path / "nb.py").write_text(text, encoding="utf-8")
    jupyter_reactive("convert", "nb.py", "nb.ipynb")
    cells = read(tmp_path / "nb.ipynb")["cells"]
    assert [(cell["cell_type"], cell["source"]) for cell in cells] == [
        ("code", "import math"),
        ("markdown", "# Title"),
        ("code", '# a comment\ny = x + 1\ntext = """\nnot indented\n    indented"""'),
        ("code", "@app.function\ndef f(a):\n    return a".partition("\n")[2]),
        ("code", "x = 1"),
        ("code", "x = = 1"),
    ]
    assert cells[4]["metadata"] == {"reactive": {"disabled": True}}
    assert cells[2]["metadata"] == {"jupyter": {"source_hidden": True}}


def test_convert_to_marimo_runs_there_and_tells_what_is_lost(
    jupyter_reactive: Command, saved: Save
) -> None:
    pytest.importorskip("marimo")
    text = 'text = f"""\nnot indented {1}\n  a little"""'
    saved(
        "nb.ipynb",
        {"cell_type": "markdown", "source": "# Title"},
        "def f(a):\n    return a + 1\n\nx = f(1)",
        "%matplotlib inline\nprint('x is', x)",
        {"source": text, "metadata": {"tags": ["t"]}},
        "i = 1",
        "i = 2",
    )
    ran = jupyter_reactive("convert", "nb.ipynb", "m.py", "--to", "marimo")
    assert ran.stderr.splitlines() == [
        "nb.ipynb: not kept: cell 3: magics become comments",
        "nb.ipynb: not kept: cell 4: metadata: tags",
        "nb.ipynb: not kept: cells 5, 6 define i: marimo wants one",
    ]
    jupyter_reactive("convert", "m.py", "back.ipynb")
    sources = [
        c["source"]
        for c in read(Path(saved("z.ipynb").with_name("back.ipynb")))["cells"]
    ]
    assert text in sources
    jupyter_reactive("convert", "back.ipynb", "back.py")


def test_marimo_runs_what_was_converted_to_its_format(
    jupyter_reactive: Command, saved: Save
) -> None:
    pytest.importorskip("marimo")
    file = saved("nb.ipynb", "y = x + 1", "x = 1", "print('y is', y)")
    jupyter_reactive("convert", "nb.ipynb", "m.py", "--to", "marimo")
    ran = subprocess.run(
        [sys.executable, "m.py"],
        cwd=file.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout == "y is 2\n", ran.stderr


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("nowhere/nb.py", "nowhere: no such folder"),
        ("folder.py", "folder.py: this is a folder"),
        ("nb.txt", "its name must end with .py or .ipynb"),
    ],
)
def test_convert_tells_what_is_wrong_with_a_path(
    jupyter_reactive: Command, saved: Save, tmp_path: Path, target: str, complaint: str
) -> None:
    saved("nb.ipynb", "x = 1")
    (tmp_path / "folder.py").mkdir()
    ran = jupyter_reactive("convert", "nb.ipynb", target, "--force", check=2)
    assert complaint in ran.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.py", "nb.ipynb"]


# check --------------------------------------------------------------------------------


def test_check_tells_cell_line_and_advice(
    jupyter_reactive: Command, saved: Save
) -> None:
    saved(
        "nb.ipynb",
        "x = 1",
        "y = 2\nz = = 3",
        "print(nobody)",
        "print(late)",
        "late = Out[1]",
    )
    lines = jupyter_reactive("check", "nb.ipynb", check=1).stdout.splitlines()
    assert lines[0].startswith("nb.ipynb: cell 2 [b], line 2: error: ")
    codes = [line.rpartition("(")[2] for line in lines]
    assert codes == [
        "syntax-error)",
        "undefined-name)",
        "used-above-definition)",
        "uses-history)",
    ]
    assert all(": " in line.partition(", line ")[2] for line in lines)


def test_check_tells_the_line_of_a_py_file(
    jupyter_reactive: Command, saved: Save
) -> None:
    file = saved("nb.ipynb", "x = 1", "%time x\ny = 2\nprint(nobody)")
    jupyter_reactive("convert", "nb.ipynb")
    (line,) = jupyter_reactive("check", "nb.py").stdout.splitlines()
    lines = file.with_suffix(".py").read_text("utf-8").split("\n")
    assert line.startswith(
        f"nb.py:{lines.index('print(nobody)') + 1}: cell 2 [b], line 3"
    )


def test_check_is_content_with_a_good_notebook(
    jupyter_reactive: Command, saved: Save
) -> None:
    saved("nb.ipynb", "x = 1", "print(x)")
    assert jupyter_reactive("check", "nb.ipynb").stdout == ""


def test_check_names_a_cycle(jupyter_reactive: Command, saved: Save) -> None:
    saved("nb.ipynb", "a = b", "b = a")
    ran = jupyter_reactive("check", "nb.ipynb", check=1)
    assert "cells depend on each other through" in ran.stdout


def test_warnings_matter_on_request(jupyter_reactive: Command, saved: Save) -> None:
    saved("nb.ipynb", "print(nobody)")
    jupyter_reactive("check", "nb.ipynb", check=0)
    jupyter_reactive("check", "--strict", "nb.ipynb", check=1)


@pytest.mark.kernel
def test_check_tells_what_only_a_run_shows(
    jupyter_reactive: Command, saved: Save, tmp_path: Path
) -> None:
    file = saved(
        "nb.ipynb",
        "def grow(xs):\n    getattr(xs, 'app' + 'end')(1)",
        "xs = []",
        "grow(xs)",
        "1 / 0",
        "from math import *",
    )
    before = file.read_bytes()
    assert "undeclared" not in jupyter_reactive("check", "nb.ipynb").stdout
    ran = jupyter_reactive("check", "--run", "--json", "nb.ipynb", check=1)
    codes = {(row["id"], row["code"]) for row in json.loads(ran.stdout)}
    assert {("c", "undeclared-change"), ("d", "failed")} <= codes
    assert file.read_bytes() == before


def test_check_prints_json(jupyter_reactive: Command, saved: Save) -> None:
    saved("nb.ipynb", "1 +")
    (row,) = json.loads(jupyter_reactive("check", "--json", "nb.ipynb", check=1).stdout)
    assert (row["cell"], row["id"], row["line"], row["code"]) == (
        1,
        "a",
        1,
        "syntax-error",
    )


def test_check_puts_cells_into_the_order_of_a_program(
    jupyter_reactive: Command, saved: Save
) -> None:
    note = {"cell_type": "markdown", "source": "about x"}
    file = saved("nb.ipynb", "print(x)", note, "x = 1", "y = 1")
    jupyter_reactive("check", "--fix", "--strict", "nb.ipynb")
    assert [cell["id"] for cell in read(file)["cells"]] == ["b", "c", "a", "d"]
    before = file.read_bytes()
    jupyter_reactive("check", "--fix", "nb.ipynb")
    assert file.read_bytes() == before


# graph, slice, deps -------------------------------------------------------------------


def test_graph_draws_who_takes_what(jupyter_reactive: Command, saved: Save) -> None:
    saved("nb.ipynb", 'x = "a"', "y = x", "lonely = 1")
    assert jupyter_reactive("graph", "nb.ipynb").stdout.splitlines() == [
        "flowchart TD",
        '  c1["1: x = #34;a#34;"]',
        '  c2["2: y = x"]',
        '  c1 -->|"x"| c2',
    ]
    assert (
        '  c1 -> c2 [label="x"];'
        in jupyter_reactive("graph", "nb.ipynb", "-f", "dot").stdout
    )
    found = json.loads(jupyter_reactive("graph", "nb.ipynb", "-f", "json").stdout)
    assert found["edges"] == [{"from": 1, "to": 2, "names": ["x"]}]
    assert found["cells"][2] == {
        "cell": 3,
        "id": "c",
        "defines": ["lonely"],
        "uses": [],
    }


def test_graph_draws_a_picture(jupyter_reactive: Command, saved: Save) -> None:
    saved("nb.ipynb", "x = 1", "y = x")
    picture = jupyter_reactive("graph", "nb.ipynb", "-f", "svg").stdout
    assert "1: x = 1" in picture
    assert picture.count("<rect") == 2


def test_slice_of_a_function_holds_what_calling_it_needs(
    jupyter_reactive: Command, saved: Save
) -> None:
    saved("nb.ipynb", "def area(r): return pi * r", "pi = 3", "other = 1")
    script = jupyter_reactive("slice", "nb.ipynb", "area").stdout
    space: dict[str, Any] = {}
    exec(script, space)
    assert space["area"](2) == 6
    assert "other" not in script


def test_slice_gives_a_script_that_computes_the_name(
    jupyter_reactive: Command, saved: Save, tmp_path: Path
) -> None:
    saved(
        "nb.ipynb",
        "import math",
        "big = f(n)",
        "%time other = 1",
        "n = 2",
        "def f(a): return math.sqrt(a)",
        "n = 16",
    )
    script = jupyter_reactive("slice", "nb.ipynb", "big").stdout
    assert "other" not in script
    space: dict[str, object] = {}
    exec(script, space)
    assert space["big"] == 2**0.5
    ran = jupyter_reactive("slice", "nb.ipynb", "nobody", check=2)
    assert "no cell defines 'nobody'" in ran.stderr


def test_deps_lists_what_is_imported(
    jupyter_reactive: Command, saved: Save, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text("", encoding="utf-8")
    file = saved(
        "nb.ipynb",
        "import os, own\nimport numpy as np",
        "from nbformat.v4 import x\nimport nowhere_else",
    )
    ran = jupyter_reactive("deps", "nb.ipynb", "--write")
    assert '#   "nbformat",\n#   "nowhere_else",\n#   "numpy",\n# ]' in ran.stdout
    assert "nowhere_else is not installed here" in ran.stderr
    assert read(file)["cells"][0]["source"] == ran.stdout.strip()
    pinned = jupyter_reactive("deps", "nb.ipynb", "--pin", "--write").stdout
    assert "nbformat==" in pinned
    cells = read(file)["cells"]
    assert len(cells) == 3
    assert cells[0]["source"] == pinned.strip()


# diff ---------------------------------------------------------------------------------


def test_diff_tells_what_changed_and_what_that_affects(
    jupyter_reactive: Command, saved: Save
) -> None:
    saved("old.ipynb", "x = 1", "y = x", "print(y)", "z = 1", "gone = 1", "print(gone)")
    new = saved(
        "new.ipynb",
        "x = 2",
        "y = x",
        "print(y)",
        "z = 1  # comment",
        "w = 0",
        "print(gone)",
    )
    book = read(new)
    book["cells"][4]["id"] = "new"
    nbformat.write(book, new)
    lines = jupyter_reactive(
        "diff", "old.ipynb", "new.ipynb", check=1
    ).stdout.splitlines()
    assert [line.split()[0] + line.split("[")[1][:1] for line in lines] == [
        "removede", "addedn", "changeda", "formattedd", "affectedb", "affectedc", "affectedf",
    ]  # fmt: skip
    found = json.loads(
        jupyter_reactive("diff", "--json", "old.ipynb", "new.ipynb", check=1).stdout
    )
    assert found["affected"] == [2, 3, 6]


def test_diff_of_a_notebook_and_its_py_file_is_empty(
    jupyter_reactive: Command, saved: Save
) -> None:
    saved("nb.ipynb", "y = x", "x = 1")
    jupyter_reactive("convert", "nb.ipynb")
    assert jupyter_reactive("diff", "nb.ipynb", "nb.py").stdout == ""


def test_diff_sees_a_moved_cell(jupyter_reactive: Command, saved: Save) -> None:
    old = saved("old.ipynb", "x = 1", "y = 2", "z = 3")
    book = read(old)
    book["cells"].append(book["cells"].pop(0))
    nbformat.write(book, old.with_name("new.ipynb"))
    ran = jupyter_reactive("diff", "old.ipynb", "new.ipynb", check=1)
    assert ran.stdout == "moved     cell 3 [a], was cell 1: x = 1\n"


def test_diff_without_ids_goes_by_the_texts(
    jupyter_reactive: Command, saved: Save
) -> None:
    files = (
        saved("old.ipynb", "x = 1", "y = x"),
        saved("new.ipynb", "n = 0", "x = 2", "y = x"),
    )
    for file in files:
        book = json.loads(file.read_text("utf-8"))
        book["nbformat_minor"] = 4
        for cell in book["cells"]:
            del cell["id"]
        file.write_text(json.dumps(book), encoding="utf-8")
    found = json.loads(jupyter_reactive("diff", "--json", *files, check=1).stdout)
    assert found["added"] + [pair["new"] for pair in found["changed"]] == [1, 2]


# run ----------------------------------------------------------------------------------


def outputs(path: Path) -> list[str]:
    return [
        "".join(
            output.get("text", output.get("ename", "")) for output in cell["outputs"]
        )
        for cell in read(path)["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.mark.kernel
def test_run_follows_the_dependencies(jupyter_reactive: Command, saved: Save) -> None:
    file = saved("nb.ipynb", "print(x)", "x = 1", "%%bash\necho hi")
    ran = jupyter_reactive("run", "nb.ipynb")
    assert outputs(file) == ["1\n", "", "hi\n"]
    assert ran.stdout == "3 of 3 cells run: nb.ipynb\n"


@pytest.mark.kernel
def test_run_tells_the_kernel_which_cell_it_runs(
    jupyter_reactive: Command, saved: Save
) -> None:
    file = saved("nb.ipynb", "y = x", "x = 1", "%reactive why a")
    jupyter_reactive("run", "nb.ipynb")
    assert "uses x from" in outputs(file)[2]


@pytest.mark.kernel
def test_run_goes_on_after_an_error_if_asked(
    jupyter_reactive: Command, saved: Save
) -> None:
    file = saved("nb.ipynb", "x = 1 / 0", "print(x)", "print('free')")
    jupyter_reactive("run", "nb.ipynb", "--allow-errors")
    assert outputs(file) == ["ZeroDivisionError", "NameError", "free\n"]


@pytest.mark.kernel
def test_run_takes_other_parameters(
    jupyter_reactive: Command, saved: Save, tmp_path: Path
) -> None:
    saved(
        "nb.ipynb",
        {"source": "n = 1\nname = 'a'", "metadata": {"tags": ["parameters"]}},
        "print(n, name)",
    )
    jupyter_reactive("convert", "nb.ipynb")
    jupyter_reactive("run", "nb.py", "--n=20", "-o", "out.ipynb")
    assert outputs(tmp_path / "out.ipynb") == ["", "", "20 a\n"]
    ran = jupyter_reactive("run", "nb.py", "--m=20", "-o", "out.ipynb", check=2)
    assert "--m=20" in ran.stderr
    assert "options of this notebook: --n, --name" in ran.stderr


@pytest.mark.kernel
def test_run_tells_which_cell_failed_and_keeps_what_ran(
    jupyter_reactive: Command, saved: Save
) -> None:
    file = saved("nb.ipynb", "print(1)", "1 / 0", "print(2)")
    ran = jupyter_reactive("run", "nb.ipynb", check=1)
    assert (
        "nb.ipynb: cell 2 [b]: 1 / 0\nZeroDivisionError: division by zero" in ran.stderr
    )
    assert outputs(file) == ["1\n", "ZeroDivisionError", ""]


@pytest.mark.kernel
def test_run_cached_runs_what_changed_and_what_that_needs(
    jupyter_reactive: Command, saved: Save
) -> None:
    clock = "import time; print(time.time_ns())"
    file = saved("nb.ipynb", "x = 1", f"{clock}; y = x", clock)
    jupyter_reactive("run", "nb.ipynb")
    first = outputs(file)
    assert jupyter_reactive("run", "--cached", "nb.ipynb").stdout.startswith("0 of 3")
    book = read(file)
    book["cells"][1]["source"] += "; z = 1"
    nbformat.write(book, file)
    assert jupyter_reactive("run", "--cached", "nb.ipynb").stdout.startswith("2 of 3")
    second = outputs(file)
    assert second[1] != first[1]
    assert second[2] == first[2]


@pytest.mark.kernel
def test_run_does_not_replace_another_notebook(
    jupyter_reactive: Command, saved: Save, tmp_path: Path
) -> None:
    (tmp_path / "nb.py").write_text("# %%\nx = 1\n", encoding="utf-8")
    file = saved("nb.ipynb", "precious = 1")
    before = file.read_bytes()
    assert "is another notebook" in jupyter_reactive("run", "nb.py", check=2).stderr
    assert file.read_bytes() == before
    assert (
        reads((tmp_path / "nb.py").read_text("utf-8"))["cells"][0]["source"] == "x = 1"
    )
    assert notebook_of("x")["cells"][0]["id"] == "a"


def test_check_spells_star_imports_out(
    jupyter_reactive: Callable[..., Ran], saved: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "tools.py").write_text(
        "def area(r): return r\nrate = 2\nrest = 1\nraise SystemExit"
    )
    file = saved("nb.ipynb", "from tools import *  # all", "def f(): return area(rate)")
    ran = jupyter_reactive("check", "--fix", "nb.ipynb")
    assert "star imports spelled out" in ran.stderr
    assert read(file).cells[0].source == "from tools import area, rate  # all"


@pytest.mark.parametrize(
    ("module", "cells"),
    [
        pytest.param("__all__ = names()", ["x"], id="a list that is computed"),
        pytest.param("x = 1", ["x = 2", "print(x)"], id="another cell binds the name"),
        pytest.param("x = 1", ["print(x)", "exec('y')"], id="a cell that hides names"),
        pytest.param("x = 1", ["print(2)"], id="nothing of it is read"),
        pytest.param("if a: x = 1", ["print(x)"], id="a name that may be missing"),
        pytest.param("from os import *", ["print(x)"], id="a star import in there"),
        pytest.param("x = 'ü'", ["print(x)"], id="an encoding that it does not tell"),
    ],
)
def test_check_leaves_star_imports_in_doubt(
    jupyter_reactive: Callable[..., Ran],
    saved: Callable[..., Path],
    tmp_path: Path,
    module: str,
    cells: list[str],
) -> None:
    (tmp_path / "tools.py").write_text(module, "latin-1")
    file = saved("nb.ipynb", "from tools import *", *cells)
    jupyter_reactive("check", "--fix", "nb.ipynb")
    assert read(file).cells[0].source == "from tools import *"
