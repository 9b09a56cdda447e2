"""``jupyter nbconvert --to reactivepy``: the file as an export of nbconvert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbconvert.exporters import Exporter
from traitlets import Enum, default

from reactive_kernel.formats import Keep, writes

if TYPE_CHECKING:
    from nbformat import NotebookNode

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
        changed, resources = super().from_notebook_node(nb, resources, **options)
        keep: Keep = "all" if self.metadata == "all" else "clean"
        return writes(changed, metadata=keep), resources
