"""The exporter of nbconvert, called as its users call it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest

from reactive_kernel.formats import reads, writes
from reactive_kernel.formats.exporter import ReactivePyExporter
from tests.browser.server import LabServer
from tests.formats.samples import kept, notebook_of


def nbconvert(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nbconvert", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "nb.ipynb"
    nbformat.write(notebook_of("y = x", "x = 1", "print(y)"), path)
    return path


@pytest.fixture(autouse=True)
def needs_entry_point() -> None:
    if not entry_points(group="nbconvert.exporters", name="reactivepy"):
        pytest.skip("this version of the package is not installed: pip install -e .")


def test_nbconvert_writes_the_file(file: Path) -> None:
    ran = nbconvert("--to", "reactivepy", file)
    assert ran.returncode == 0, ran.stderr
    text = file.with_suffix(".py").read_text(encoding="utf-8")
    assert text == writes(nbformat.read(file, as_version=4))


def test_nbconvert_writes_to_stdout(file: Path) -> None:
    ran = nbconvert("--to", "reactivepy", "--stdout", file)
    assert kept(reads(ran.stdout)) == kept(nbformat.read(file, as_version=4))


@pytest.mark.kernel
def test_nbconvert_executes_in_the_order_of_the_file(file: Path) -> None:
    ran = nbconvert("--to", "reactivepy", "--stdout", "--execute", file)
    assert ran.returncode == 0, ran.stderr
    sources = [cell.source for cell in reads(ran.stdout).cells]
    assert sources == ["y = x", "x = 1", "print(y)"]


@pytest.mark.kernel
def test_nbconvert_executes_first_if_asked(file: Path) -> None:
    nbformat.write(notebook_of("x = 1", "print(x)"), file)
    ran = nbconvert("--to", "reactivepy", "--stdout", "--execute", file)
    assert ran.returncode == 0, ran.stderr
    assert [cell["source"] for cell in reads(ran.stdout)["cells"]] == [
        "x = 1",
        "print(x)",
    ]
    nbformat.write(notebook_of("1 / 0"), file)
    assert nbconvert("--to", "reactivepy", "--stdout", "--execute", file).returncode


def test_preprocessors_are_heard(file: Path) -> None:
    enabled = "--TagRemovePreprocessor.enabled=True"
    option = "--TagRemovePreprocessor.remove_cell_tags=secret"
    secret = {"source": "secret = 1", "metadata": {"tags": ["secret"]}}
    nbformat.write(notebook_of("x = 1", secret), file)
    ran = nbconvert("--to", "reactivepy", "--stdout", enabled, option, file)
    assert "secret" not in ran.stdout
    assert "x = 1" in ran.stdout


def test_a_trait_chooses_the_metadata(file: Path) -> None:
    book = notebook_of({"source": "x", "metadata": {"scrolled": True}})
    assert "scrolled" not in ReactivePyExporter().from_notebook_node(book)[0]
    everything = ReactivePyExporter(metadata="all")
    assert "scrolled=true" in everything.from_notebook_node(book)[0]


@pytest.mark.kernel
def test_jupyterlab_lists_and_serves_the_export(tmp_path: Path, file: Path) -> None:
    """JupyterLab fills its menu from this list, and fetches the file from this address."""
    server = LabServer(tmp_path)
    try:
        shutil.copy(file, server.work)
        listed = json.loads(fetched(server, "api/nbconvert"))
        assert listed["reactivepy"] == {"output_mimetype": "text/x-python"}
        text = fetched(server, f"nbconvert/reactivepy/{file.name}")
    finally:
        server.stop()
    assert kept(reads(text)) == kept(nbformat.read(file, as_version=4))


def fetched(server: LabServer, page: str) -> str:
    address = f"{server.url}{page}?token={server.token}"
    with urlopen(address, timeout=60) as answer:
        return str(answer.read().decode())
