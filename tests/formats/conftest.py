"""What a plain Python says to their files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbformat import NotebookNode

from reactive_kernel.formats import writes

if TYPE_CHECKING:
    from collections.abc import Callable

Ran = subprocess.CompletedProcess


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Ran[str]]:
    """Return what writes a notebook to a file and runs it with plain Python.

    Nothing of this project can be imported there.
    """

    def run(notebook: NotebookNode, *options: str) -> Ran[str]:
        file = tmp_path / "nb.py"
        file.write_text(writes(notebook), encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-I", str(file), *options],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
        )

    return run
