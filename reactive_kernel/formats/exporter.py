"""``jupyter nbconvert --to reactivepy``: the file as an export of nbconvert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import Enum, default

from reactive_kernel.formats import Keep, run_order, writes

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ReactivePyExporter"]


class ReactivePyExporter(Exporter):
    """Exports a notebook as a Python file that runs, diffs and converts back."""

    export_from_notebook = "Reactive Python"
    """The name in JupyterLab's menu *Save and Export Notebook As*."""

    output_mimetype = "text/x-python"

    metadata = Enum(
        ("clean", "all"),
        default_value="clean",
        help="Which metadata the file holds: 'clean' leaves out what a run or a look at"
        " the notebook changes, such as times of execution.",
    ).tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".py"

    def from_notebook_node(  # type: ignore[override]  # all exporters return a text
        self, nb: NotebookNode, resources: Any = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return a notebook as the text of a file, after all preprocessors."""
        executes = self.config.ExecutePreprocessor.get("enabled") is True
        ordered = _as_program(nb) if executes else nb
        changed, resources = super().from_notebook_node(ordered, resources, **options)
        if ordered is not nb:
            changed.cells = _in_order_of(nb, changed.cells)
        keep: Keep = "all" if self.metadata == "all" else "clean"
        return writes(changed, metadata=keep), resources


def _as_program(nb: NotebookNode) -> NotebookNode:
    """Return a notebook whose code stands as it has to run, if its cells have ids.

    nbconvert runs the cells from top to bottom and hands them to the kernel one by one.
    """
    cells = {cell.get("id"): cell for cell in nb.cells}
    if None in cells or len(cells) != len(nb.cells):
        return nb
    order, _ = run_order(nb)
    code = iter(order)
    return NotebookNode(
        nb,
        cells=[
            cells[next(code)] if cell.cell_type == "code" else cell for cell in nb.cells
        ],
    )


def _in_order_of(nb: NotebookNode, cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return cells in the order of a notebook; new ones stay behind those above them."""
    places = {cell.id: place for place, cell in enumerate(nb.cells)}
    placed, last = [], -1
    for cell in cells:
        last = places.get(cell.get("id"), last)
        placed.append((last, cell))
    return [cell for _, cell in sorted(placed, key=lambda each: each[0])]
