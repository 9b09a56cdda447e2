"""Notebooks on disk, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from click.testing import CliRunner

from reactive_kernel.cli.main import reactive
from tests.formats.samples import notebook_of


class Ran(NamedTuple):
    """What a command has printed, and its exit code."""

    stdout: str
    stderr: str
    returncode: int


@pytest.fixture
def jupyter_reactive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """Return what runs ``jupyter reactive`` in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, check: int = 0) -> Ran:
        result = CliRunner().invoke(
            reactive, [*map(str, arguments)], prog_name="jupyter reactive"
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == check, result.output
        return Ran(result.stdout, result.stderr, result.exit_code)

    return run


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Return what saves a notebook of some cells as a file."""

    def save(name: str, *cells: object, **metadata: object) -> Path:
        path = tmp_path / name
        nbformat.write(notebook_of(*cells, **metadata), path)
        return path

    return save
