"""Clients without cell ids: what they get is exactly what plain ipykernel gives."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

CELLS = [
    "import math\nx = 1",
    "x",
    "print('x is', x)\nx + 1",
    "x = 10  # read above, and not rerun behind the client's back",
    "def area(r):\n    return math.pi * r ** 2\narea(x)",
    "print(_, _2, Out[2], len(In))",
    "1 / 0",
    "for i in range(3):\n    print(i)\ni",
    "%%time\n12;",
    "%%capture out\nprint('hidden')",
    "out.stdout",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))",
    "import asyncio\nawait asyncio.sleep(0, 'slept')",
    "!echo from the shell",
    "x += 1\nx",
    "del x\nx",
    "def f(n):\n    return f(n + 1)\nlen?",
    "undefined_name",
    "x = ( ",
    "import sys\nprint('to stderr', file=sys.stderr)",
    "get_ipython().history_manager.session_number >= 0",
    "%history -n 1-3",
]

VARIES = re.compile(
    r"(CPU times|Wall time|user|sys|total)\S*:.*|(?<=ipykernel_)\d+|0x[0-9a-f]+"
)


def notebook() -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])


def outputs(nb: nbformat.NotebookNode) -> list[Any]:
    """Return the counts and outputs of all cells, without what no two runs share."""
    return [(cell.execution_count, joined(stable(cell.outputs))) for cell in nb.cells]


def joined(outputs: list[Any]) -> list[Any]:
    """Return outputs with text of one stream in one piece; when it was sent is chance."""
    done: list[Any] = []
    for output in outputs:
        name = output.get("name")
        if name is not None and done and done[-1].get("name") == name:
            done[-1]["text"] += output["text"]
        else:
            done.append(output)
    return done


def stable(output: Any) -> Any:
    """Return an output without times, addresses and the bytes of pictures."""
    match output:
        case str():
            return VARIES.sub("*", output)
        case list():
            return [stable(item) for item in output]
        case dict():
            return {
                name: len(value) // 1000 if name == "image/png" else stable(value)
                for name, value in output.items()
            }
        case _:
            return output


def execute(kernel: str, folder: Path) -> list[Any]:
    nb = notebook()
    client = NotebookClient(
        nb,
        kernel_name=kernel,
        allow_errors=True,
        timeout=60,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return outputs(nb)


@pytest.mark.slow
def test_nbclient_gets_what_plain_ipykernel_gives(tmp_path: Path) -> None:
    plain, reactive = (
        execute(name, tmp_path) for name in ("python3", "reactive-python")
    )
    for source, expected, got in zip(CELLS, plain, reactive, strict=True):
        assert got == expected, source


def run_tool(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    nb = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                "x = 2", metadata={"tags": ["parameters"]}, id="first"
            ),
            nbformat.v4.new_code_cell("print('x is', x)", id="second"),
            nbformat.v4.new_code_cell("x = 5", id="third"),
        ],
        metadata={
            "kernelspec": {
                "name": "reactive-python",
                "display_name": "Reactive Python",
                "language": "python",
            }
        },
    )
    path = tmp_path / "small.ipynb"
    nbformat.write(nb, path)
    return path


@pytest.mark.slow
def test_nbconvert_executes_in_order_and_reruns_nothing(file: Path) -> None:
    done = run_tool(
        *("nbconvert", "--execute", "--to", "notebook", "--output", "out.ipynb"),
        file.name,
        folder=file.parent,
    )
    assert done.returncode == 0, done.stderr
    nb = nbformat.read(file.parent / "out.ipynb", as_version=4)
    assert [cell.execution_count for cell in nb.cells] == [1, 2, 3]
    assert nb.cells[1].outputs[0].text == "x is 2\n"


@pytest.mark.slow
def test_papermill_injects_parameters_and_reruns_nothing(file: Path) -> None:
    done = run_tool(
        "papermill", file.name, "out.ipynb", "-p", "x", "3", folder=file.parent
    )
    assert done.returncode == 0, done.stderr
    nb = nbformat.read(file.parent / "out.ipynb", as_version=4)
    (text,) = (o.text for cell in nb.cells for o in cell.outputs)
    assert text == "x is 3\n"


def test_requests_without_ids_rerun_nothing(nb: Wire) -> None:
    nb.run(None, "x = 1")
    nb.run(None, "y = x + 1")
    nb.run(None, "x = 10")
    nb.settle()
    assert len(nb.ran()) == 3
    assert nb.value("y") == "2"


def test_a_console_may_say_the_same_thing_twice(nb: Wire) -> None:
    nb.run(None, "n = 0")
    for _ in range(3):
        nb.run(None, "n = n + 1")
    assert nb.value("n") == "3"


def test_a_console_beside_a_notebook_sees_its_names_and_moves_its_cells(
    nb: Wire,
) -> None:
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.run(None, "x + 41")
    nb.run("a", "x = 2")
    nb.settle()
    assert nb["b"] == "2"
    assert nb.ran().count("b") == 2
