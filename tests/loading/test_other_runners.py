"""papermill and nbmake with the reactive kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest

from tests.formats.samples import notebook_of

KERNEL = {
    "name": "reactive-python",
    "display_name": "Reactive Python",
    "language": "python",
}

pytestmark = pytest.mark.kernel


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_papermill_gives_parameters(tmp_path: Path) -> None:
    cells = ({"source": "n = 1", "metadata": {"tags": ["parameters"]}}, "print(n * 2)")
    source, target = tmp_path / "nb.ipynb", tmp_path / "out.ipynb"
    nbformat.write(notebook_of(*cells, kernelspec=KERNEL), source)
    papermill.execute_notebook(source, target, {"n": 21}, progress_bar=False)
    book = nbformat.read(target, as_version=4)
    assert [cell["source"] for cell in book["cells"]][-1] == "print(n * 2)"
    assert book["cells"][-1]["outputs"][0]["text"] == "42\n"


def test_nbmake_runs_notebooks_as_tests(tmp_path: Path) -> None:
    pytest.importorskip("nbmake")
    nbformat.write(
        notebook_of("x = 1", "assert x == 1", kernelspec=KERNEL),
        tmp_path / "good.ipynb",
    )
    nbformat.write(
        notebook_of("x = 1", "assert x == 2", kernelspec=KERNEL), tmp_path / "bad.ipynb"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbmake",
            "-p",
            "no:cacheprovider",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )
    assert "1 failed, 1 passed" in ran.stdout, ran.stdout
