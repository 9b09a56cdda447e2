"""Notebooks as values: what the file keeps of one, and nothing else.

Outputs and counts of execution are not kept. Nor, unless they are asked for, are
metadata that a run or a look at the notebook changes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from nbformat import NotebookNode

from reactive_kernel.errors import FormatError
from reactive_kernel.settings import Settings, cell_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Keep", "NotebookCell", "Page", "from_node", "identified", "to_node"]

Keep = Literal["clean", "all"]
"""Which metadata the file holds: all, or those that the author has chosen."""

_VOLATILE_CELL: Final = frozenset(
    (
        "collapsed",
        "scrolled",
        "trusted",
        "ExecuteTime",
        "execution",
        "papermill",
        "reactive_run",
    )
)
_USUAL: Final = Settings()
_VOLATILE: Final = frozenset(("widgets", "papermill"))
_KINDS: Final = ("code", "markdown", "raw")


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """One cell of any kind, without its outputs."""

    kind: str
    source: str
    id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] | None = None
    line: int | None = field(default=None, compare=False)
    """The line above its first one in the ``.py`` file that it was read from."""

    @property
    def settings(self) -> Settings:
        """What the cell's author has decided about it."""
        if not self.metadata:
            return _USUAL
        found = cell_settings(self.metadata)
        return replace(found, disabled=True) if "active-ipynb" in self.tags else found

    @property
    def disabled(self) -> bool:
        """The cell's author has said that it should not run."""
        return self.settings.disabled

    @property
    def tags(self) -> frozenset[str]:
        """The cell's tags."""
        tags = self.metadata.get("tags")
        return frozenset(map(str, tags)) if isinstance(tags, list) else frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """A notebook without its outputs."""

    cells: tuple[NotebookCell, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    minor: int = 5

    @property
    def in_python(self) -> bool:
        """The notebook's language is Python, as far as it says."""
        for key in ("kernelspec", "language_info"):
            about = self.metadata.get(key)
            if isinstance(about, dict):
                name = about.get("language") or (
                    about.get("name") if key == "language_info" else None
                )
                if isinstance(name, str):
                    return name.lower() in ("python", "ipython", "python3")
        return True

    def same(self, other: Page) -> bool:
        """Return whether two notebooks are equal to the last character."""
        return _texts(self) == _texts(other) and _canonical(self) == _canonical(other)


def _texts(page: Page) -> list[tuple[str, str, str | None]]:
    return [(cell.kind, cell.source, cell.id) for cell in page.cells]


def _canonical(page: Page) -> str:
    """Return a text that is equal for equal metadata; ``1`` and ``True`` differ."""
    cells = [(cell.metadata, cell.attachments) for cell in page.cells]
    return json.dumps((page.minor, page.metadata, cells), sort_keys=True)


def from_node(node: Mapping[str, Any], keep: Keep = "clean") -> Page:
    """Return what the file keeps of a notebook of nbformat 4.

    Raises
    ------
    FormatError
        If it is no such notebook.
    """
    if node.get("nbformat") != 4 or not isinstance(node.get("cells"), list):
        raise FormatError(
            "this is no notebook of version 4", "convert it with nbformat.convert"
        )
    minor = node.get("nbformat_minor")
    if not isinstance(minor, int):
        minor = 5 if all("id" in cell for cell in node["cells"]) else 4
    metadata = dict(node.get("metadata") or {})
    cells = [_cell(cell, number, keep) for number, cell in enumerate(node["cells"], 1)]
    if keep == "clean":
        metadata = {k: v for k, v in metadata.items() if k not in _VOLATILE}
    cells = (
        list(identified(cells))
        if minor >= 5
        else [replace(cell, id=None) for cell in cells]
    )
    return Page(tuple(cells), metadata, minor)


def _cell(cell: Mapping[str, Any], number: int, keep: Keep) -> NotebookCell:
    kind, source = cell.get("cell_type"), cell.get("source", "")
    if kind not in _KINDS:
        raise FormatError(
            f"cell {number} is of the kind {kind!r}", f"use one of {', '.join(_KINDS)}"
        )
    text = source if isinstance(source, str) else "".join(source)
    metadata = dict(cell.get("metadata") or {})
    if keep == "clean":
        metadata = _clean(metadata)
    attachments = None if kind == "code" else cell.get("attachments")
    id = cell.get("id")
    return NotebookCell(
        kind, text, id if isinstance(id, str) else None, metadata, attachments
    )


def _clean(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return metadata without what a run or a look at the notebook changes."""
    found = {k: v for k, v in metadata.items() if k not in _VOLATILE_CELL}
    jupyter = found.get("jupyter")
    if isinstance(jupyter, dict) and "outputs_hidden" in jupyter:
        rest = {k: v for k, v in jupyter.items() if k != "outputs_hidden"}
        del found["jupyter"]
        if rest:
            found["jupyter"] = rest
    return found


def identified(cells: Iterable[NotebookCell]) -> Iterator[NotebookCell]:
    """Yield cells with an id each; one that is missing or taken follows from the place.

    So a file without ids gives the same notebook each time it is read.
    """
    cells = list(cells)
    given = {cell.id for cell in cells if cell.id}
    seen: set[str] = set()
    for place, cell in enumerate(cells):
        id = cell.id
        if not id or id in seen:
            id = _made_up(place, cell.source, seen | given)
            cell = replace(cell, id=id)
        seen.add(id)
        yield cell


def _made_up(place: int, source: str, taken: set[str]) -> str:
    count = 0
    while True:
        text = f"{place}.{count}\0{source}".encode(errors="surrogatepass")
        id = hashlib.blake2b(text, digest_size=4).hexdigest()
        if id not in taken:
            return id
        count += 1


def to_node(page: Page) -> NotebookNode:
    """Return a notebook of nbformat 4 whose cells were not run."""
    return NotebookNode(
        cells=[_node(cell, page.minor) for cell in page.cells],
        metadata=_as_node(page.metadata),
        nbformat=4,
        nbformat_minor=page.minor,
    )


def _node(cell: NotebookCell, minor: int) -> NotebookNode:
    node = NotebookNode(
        cell_type=cell.kind, metadata=_as_node(cell.metadata), source=cell.source
    )
    if minor >= 5:
        node["id"] = cell.id
    if cell.kind == "code":
        node["execution_count"] = None
        node["outputs"] = []
    elif cell.attachments is not None:
        node["attachments"] = _as_node(cell.attachments)
    return node


def _as_node(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {key: _as_node(each) for key, each in value.items()}
        return NotebookNode(inner)
    return [_as_node(inner) for inner in value] if isinstance(value, list) else value
