"""A module whose names are computed when they are asked for."""

from __future__ import annotations

import builtins
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from reactive_kernel.errors import NotebookNameError
from reactive_kernel.formats import open_page, options_of
from reactive_kernel.loading.cells import Cells

if TYPE_CHECKING:
    import ast
    import os
    from collections.abc import Callable, Mapping

    from reactive_kernel.graph import DefUseGraph

__all__ = ["NotebookLoader", "NotebookModule", "load_notebook"]


class NotebookModule(ModuleType):
    """A notebook as a module. Made by `load_notebook` and by ``import``."""

    def __getattr__(self, name: str) -> Any:
        """Return the value of a name, and run what it needs."""
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        cells: Cells = self.__dict__["_cells"]
        if name == "__all__":
            return [each for each in cells.names() if not each.startswith("_")]
        return cells.value(name)

    def __setattr__(self, name: str, value: object) -> None:
        """Give a name a value from outside; the functions of the notebook see it."""
        cells = self.__dict__.get("_cells")
        if cells is None or name.startswith("__"):
            super().__setattr__(name, value)
        else:
            cells.give(name, value)

    def __delattr__(self, name: str) -> None:
        """Let a name that was given a value have the notebook's own again."""
        if name in self.__dict__:
            super().__delattr__(name)
        else:
            self.__dict__["_cells"].take_back(name)

    def __dir__(self) -> list[str]:
        """Return the names that the notebook defines."""
        return [*super().__dir__(), *self.__dict__["_cells"].names()]


class NotebookLoader:
    """Makes a module of a notebook; `importlib.reload` reads the file again.

    Parameters
    ----------
    path
        The file.
    given
        Values of names.
    transform
        Changes the syntax trees of cells.
    """

    def __init__(
        self,
        path: Path,
        given: Mapping[str, Any] | None = None,
        transform: Callable[[ast.Module, bytes], None] | None = None,
    ) -> None:
        self.path = path
        self.given = dict(given or {})
        self.transform = transform

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> NotebookModule:
        """Return a module without cells."""
        return NotebookModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Read the notebook; no cell runs yet."""
        page = open_page(self.path)
        widgets = {
            option.name
            for cell in page.cells.values()
            if cell.kind == "code"
            for option in options_of(cell)
            if option.widget
        }
        given = {k: v for k, v in self.given.items() if k not in widgets}
        namespace = {
            "__name__": module.__name__,
            "__file__": str(self.path),
            "__builtins__": builtins,
        }
        cells = Cells(page, namespace, given, self.transform)
        module.__dict__["_cells"] = cells
        for name in self.given.keys() - _known(page.graph):
            why = "no cell defines or reads it"
            raise NotebookNameError(name, str(self.path), why)
        for name in self.given.keys() & widgets:
            cells.value(name).value = self.given[name]


def _known(graph: DefUseGraph) -> set[str]:
    """Return the names that some cell defines or reads."""
    return {
        name
        for cell in graph.document
        for name in (*graph.writes(cell.id), *graph.inputs(cell.id))
    }


def load_notebook(path: str | os.PathLike[str], **overrides: Any) -> NotebookModule:
    """Return a notebook as a module; `reactive_kernel.load_notebook` says the rest."""
    file = Path(path)
    loader = NotebookLoader(file, overrides)
    name = file.stem
    spec = importlib.machinery.ModuleSpec(name, None, origin=str(file))
    module = NotebookModule(name)
    module.__file__ = str(file)
    spec.loader = loader  # type: ignore[assignment]  # the protocol of a loader will do
    module.__spec__ = spec
    loader.exec_module(module)
    if name.isidentifier() and name not in sys.modules and _is_free(name, file):
        # What is pickled is found under the module's name.
        sys.modules[name] = module
    return module


def _is_free(name: str, file: Path) -> bool:
    """Return whether a module of a name would be this file, or none at all."""
    spec = importlib.util.find_spec(name)
    return spec is None or spec.origin == str(file.resolve())
