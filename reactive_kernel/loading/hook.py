"""``import`` of notebooks, for those who ask for it with `import_notebooks`."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reactive_kernel.loading.module import NotebookLoader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["NotebookFinder", "import_notebooks", "is_notebook"]

_HEADER = 4_000
"""Bytes of a file in which its header begins and names the format."""


class NotebookFinder:
    """Finds ``name.ipynb`` and ``name.py``, if the latter is a notebook, on the path."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how to load a module, if it is a notebook."""
        del target
        stem = fullname.rpartition(".")[2]
        for entry in sys.path if path is None else path:
            folder = Path(entry or ".")
            if (folder / stem / "__init__.py").is_file():
                return None
            plain = folder / f"{stem}.py"
            if plain.is_file():
                return _spec(fullname, plain) if is_notebook(plain) else None
            notebook = folder / f"{stem}.ipynb"
            if notebook.is_file():
                return _spec(fullname, notebook)
        return None


def _spec(name: str, file: Path) -> importlib.machinery.ModuleSpec | None:
    loader = NotebookLoader(file)
    return importlib.util.spec_from_file_location(
        name,
        file,
        loader=loader,  # type: ignore[arg-type]  # the protocol of a loader will do
    )


def is_notebook(file: Path) -> bool:
    """Return whether a Python file is a notebook of our format."""
    try:
        with file.open("rb") as opened:
            top = opened.read(_HEADER)
    except OSError:
        return False
    return b"# ---" in top and b"# jupyter:" in top and b"#   reactivepy:" in top


def import_notebooks() -> None:
    """Let ``import`` find notebooks, beside the modules that it finds anyway.

    ``from rates import tax`` then runs what ``tax`` needs of ``rates.py``, if that is a
    notebook, or of ``rates.ipynb``.
    """
    if not any(isinstance(each, NotebookFinder) for each in sys.meta_path):
        sys.meta_path.insert(0, NotebookFinder())
