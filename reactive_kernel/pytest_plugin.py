"""Tests in notebooks: ``pytest --reactive nb.ipynb``.

Functions ``test_…`` and classes ``Test…`` that cells define are tests as in modules, with
fixtures and parameters; a cell tagged ``test`` is one, too. For each, only the cells run
that it needs, and each cell once.

Every pytest of the environment loads this module, so it imports the rest when asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from reactive_kernel.loading.cells import Cells

__all__ = [
    "pytest_addoption",
    "pytest_collect_file",
    "pytest_pycollect_makemodule",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("reactive")
    group.addoption(
        "--reactive", action="store_true", help="collect tests from notebooks, too"
    )


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Collect notebooks that are no modules by pytest's own rules."""
    if not parent.config.option.reactive or file_path.suffix not in (".ipynb", ".py"):
        return None
    if file_path.suffix == ".py" and (
        not _is_notebook(file_path) or _is_test_module(file_path, parent)
    ):
        return None
    return NotebookTests.from_parent(parent, path=file_path)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Collect notebooks that pytest takes for modules."""
    if not parent.config.option.reactive or not _is_notebook(module_path):
        return None
    return NotebookTests.from_parent(parent, path=module_path)


def _is_notebook(file: Path) -> bool:
    from reactive_kernel.loading.hook import is_notebook

    return is_notebook(file)


def _is_test_module(file: Path, parent: pytest.Collector) -> bool:
    """Return whether pytest asks for a module for this file anyway."""
    if parent.session.isinitpath(file):
        return True
    return any(map(file.match, parent.config.getini("python_files")))


class NotebookTests(pytest.Module):
    """The tests of one notebook."""

    def _getobj(self) -> ModuleType:
        from importlib.machinery import ModuleSpec
        from types import ModuleType

        from reactive_kernel.loading.module import NotebookLoader

        loader = NotebookLoader(self.path, transform=_rewriter(self))
        notebook = loader.create_module(ModuleSpec(self.path.stem, None))
        loader.exec_module(notebook)
        cells: Cells = notebook.__dict__["_cells"]
        found = ModuleType(self.path.stem)
        found.__file__ = str(self.path)
        found.__dict__.update(_tests(cells))
        return found


def _rewriter(collector: pytest.Collector) -> Callable[[ast.Module, bytes], None]:
    """Return what makes failed assertions tell their values."""
    from _pytest.assertion.rewrite import rewrite_asserts

    def rewrite(tree: ast.Module, source: bytes) -> None:
        rewrite_asserts(tree, source, str(collector.path), collector.config)

    return rewrite


def _tests(cells: Cells) -> Iterator[tuple[str, Any]]:
    """Yield what a module would have to hold for pytest to find the tests."""
    graph, live = cells.page.graph, cells.page.live
    for cell in graph.document:
        if cell.id not in live:
            continue
        if "test" in cells.page.cells[cell.id].tags:
            number = list(cells.page.cells).index(cell.id) + 1
            yield f"test_cell_{number}", _cell_test(cells, cell.id)
            continue
        for name in graph.defuse(cell.id).definitions:
            if name.startswith(("test", "Test")) or "fixture" in cell.source:
                yield name, cells.value(name)


def _cell_test(cells: Cells, id: Any) -> Callable[[], None]:
    def test_cell() -> None:
        cells.run(id)

    return test_cell
