"""``pytest --reactive``: tests in notebooks, run by a pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reactive_kernel.formats import write
from tests.formats.samples import notebook_of

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        plugin = ("-p", "reactive_kernel.pytest_plugin")
        entry = ("-p", "no:reactive", "-p", "no:cacheprovider")
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-rA", *entry, *plugin, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


BOOK = (
    "import pytest",
    "limit = 3",
    "def double(x): return 2 * x",
    "@pytest.fixture\ndef two(): return 2",
    "@pytest.mark.parametrize('n', [1, 2])\ndef test_double(n, two): assert double(n) == two * n",
    "def test_limit():\n    got = double(limit)\n    assert got == 7",
    {"source": "assert limit == 3", "metadata": {"tags": ["test"]}},
    {"source": "x = [1, 2]\nassert x == [1, 3]", "metadata": {"tags": ["test"]}},
    "class TestAll:\n    def test_it(self): assert double(1) == 2",
    "print('not needed')\n1 / 0",
)


@pytest.mark.parametrize("name", ["nb.ipynb", "nb.py", "test_nb.py"])
def test_tests_of_a_notebook_are_found_and_run_once(
    run: Run, tmp_path: Path, name: str
) -> None:
    write(tmp_path / name, notebook_of(*BOOK))
    ran = run("--reactive")
    lines = [
        line
        for line in ran.stdout.splitlines()
        if line.startswith(("PASSED", "FAILED"))
    ]
    results = sorted(line.split(" - ")[0].replace(f"{name}::", "") for line in lines)
    assert results == [
        "FAILED test_cell_8",
        "FAILED test_limit",
        "PASSED TestAll::test_it",
        "PASSED test_cell_7",
        "PASSED test_double[1]",
        "PASSED test_double[2]",
    ]
    assert "not needed" not in ran.stdout


def test_a_failed_assertion_tells_values_and_the_line(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "nb.ipynb", notebook_of(*BOOK))
    out = run("--reactive", "nb.ipynb").stdout
    assert "assert 6 == 7" in out
    assert "At index 1 diff: 2 != 3" in out
    assert ">       assert got == 7" in out


def test_notebooks_are_left_alone_unless_asked_for(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "nb.ipynb", notebook_of(*BOOK))
    assert "no tests ran" in run().stdout


def test_a_broken_notebook_is_an_error_of_collection(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nb.ipynb").write_text("{", encoding="utf-8")
    out = run("--reactive", "nb.ipynb").stdout
    assert "the notebook is no JSON" in out
    assert "1 error" in out


def test_the_plugin_costs_others_nothing() -> None:
    code = "import sys, reactive_kernel.pytest_plugin; print('nbformat' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"
