"""Published notebooks: where they are, their cells, and what their outputs mean.

Two runs of one notebook never print the same times and addresses; `shown` returns what
is left of a cell's outputs without them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

__all__ = ["Page", "corpus", "read", "same", "shown"]

PROJECT = Path(__file__).resolve().parents[2]

VARIES = re.compile(
    r"""(?x)
      0x[0-9a-f]+                                     # addresses
    | ipykernel_\d+
    | /tmp/[\w./-]+
    | (CPU\ times|Wall\ time)[^\n]*
    | \d+(\.\d+)?(e-?\d+)?\s*(s|sec|secs|seconds|ms|µs|μs|us|ns|min|minutes)\b[^\n]*
    """
)


@dataclass(frozen=True, slots=True)
class Page:
    """A notebook's code: cell ids and sources, in order."""

    name: str
    cells: dict[str, str]

    def edited(self, id: str, source: str) -> Page:
        """Return the notebook with one source replaced."""
        return Page(self.name, {**self.cells, id: source})


def corpus() -> list[Path]:
    """Return the notebooks to test with; none if there is no corpus here."""
    folder = Path(os.environ.get("REACTIVE_CORPUS", PROJECT.parent / "shared/corpus"))
    return sorted(folder.glob("**/*.ipynb"))


def read(path: Path) -> Page:
    """Return the code cells of a notebook that are not empty."""
    notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]  # nbformat is not typed
    sources = [c.source for c in notebook.cells if c.cell_type == "code"]
    filled = [source for source in sources if source.strip()]
    return Page(path.stem, {f"c{i}": source for i, source in enumerate(filled)})


def shown(outputs: list[dict[str, Any]]) -> list[Any]:
    """Return outputs in a form that two runs can share; text comes first to last."""
    return [_shown(output) for output in outputs]


def _shown(output: dict[str, Any]) -> Any:
    match output["output_type"]:
        case "stream":
            return output["name"], VARIES.sub("*", output["text"])
        case "error":
            return "error", output["ename"], VARIES.sub("*", output["evalue"])
        case _:
            return {mime: _datum(mime, data) for mime, data in output["data"].items()}


def _datum(mime: str, data: Any) -> Any:
    if mime.startswith("image/"):
        return len(data)
    return VARIES.sub("*", data) if isinstance(data, str) else data


def same(left: list[Any], right: list[Any]) -> bool:
    """Say whether two shown outputs are equal, pictures in kind and rough size."""
    return len(left) == len(right) and all(map(_same, left, right))


def _same(left: Any, right: Any) -> bool:
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return bool(left == right)
    return left.keys() == right.keys() and all(
        abs(data - right[mime]) <= 0.1 * data
        if isinstance(data, int)
        else data == right[mime]
        for mime, data in left.items()
    )
