"""The exporter of nbconvert, called as its users call it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import nbformat
import pytest

from reactive_kernel.formats import reads, writes
from reactive_kernel.formats.exporter import ReactivePyExporter
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
    with server(tmp_path) as address:
        listed = json.loads(fetched(f"{address}/api/nbconvert"))
        assert listed["reactivepy"] == {"output_mimetype": "text/x-python"}
        text = fetched(f"{address}/nbconvert/reactivepy/{file.name}?download=true")
    assert kept(reads(text)) == kept(nbformat.read(file, as_version=4))


def fetched(address: str) -> str:
    with urlopen(
        f"{address}{'&' if '?' in address else '?'}token=t", timeout=60
    ) as answer:
        return str(answer.read().decode())


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a Jupyter server in a folder and yield its address."""
    options = ("--no-browser", "--allow-root", "--port=0", "--IdentityProvider.token=t")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(folder / "runtime")},
    )
    try:
        assert process.stderr is not None
        address = next(
            found[1]
            for line in process.stderr
            if (found := re.search(r"(http://127\.0\.0\.1:\d+)/", line))
        )
        Thread(target=process.stderr.read, daemon=True).start()
        yield address
    finally:
        process.terminate()
        process.wait(30)
        if process.stderr:
            process.stderr.close()
