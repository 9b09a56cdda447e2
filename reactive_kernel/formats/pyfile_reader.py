"""From the text of a ``.py`` notebook to the notebook."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import FormatError
from reactive_kernel.formats import bodies, header, marker
from reactive_kernel.formats.notebook import NotebookCell, Page, identified
from reactive_kernel.formats.outline import compiles
from reactive_kernel.formats.placing import restored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["GENERATED", "RESERVED", "is_ours", "read_page"]

GENERATED: Final = "reactivepy-generated"
"""The tag of cells that belong to the file and not to the notebook."""

RESERVED: Final = frozenset(
    "id after active nl until text eol indent meta attachments language magic_args".split()  # noqa: SIM905
)
"""Keys on a marker line that are no metadata."""


@dataclass(frozen=True, slots=True)
class Block:
    """One cell as it stands in the file.

    Parameters
    ----------
    marker
        What its marker line says.
    text
        The lines below the marker, without an end line.
    line
        The number of its marker line.
    """

    marker: marker.Marker
    text: str
    line: int


def is_ours(text: str) -> bool:
    """Return whether a text says at its top that it is a notebook of this format.

    It may be one that cannot be read.
    """
    try:
        return header.parsed(_normal(text))[0].ours
    except FormatError:
        return header.CLAIM.search(text) is not None


def _normal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def read_page(text: str) -> Page:
    """Return the notebook that a text holds.

    Raises
    ------
    FormatError
        If the text is no notebook; the error names the line.
    """
    text = _normal(text)
    head, start = header.parsed(text)
    blocks = list(_blocks(text, start, ours=head.ours))
    if not head.ours:
        _refuse_what_is_no_notebook(text, blocks)
    kept = [block for block in blocks if not _is_generated(block)]
    cells = restored(
        [_cell(block) for block in kept],
        [block.marker.fields.get("after") for block in kept],
    )
    if head.minor < 5:
        cells = [replace(cell, id=None) for cell in cells]
    else:
        cells = list(identified(cells))
    return Page(tuple(cells), head.metadata, head.minor)


def _blocks(text: str, start: int, *, ours: bool) -> Iterator[Block]:
    """Yield the cells of a text from a position on."""
    pattern = marker.MARKER if ours else marker.LOOSE_MARKER
    found = pattern.search(text, start)
    line = text.count("\n", 0, start) + 1
    above = text[start : found.start() if found else len(text)]
    if above.strip():
        blank = len(above) - len(above.lstrip("\n"))
        yield Block(marker.Marker(), above[blank:].rstrip("\n"), line + blank - 1)
    while found:
        line += text.count("\n", start, found.start())
        start = found.start()
        said = _marker(found[0], line, ours=ours)
        body, end = _body(text, found.end() + 1, said, line)
        following = pattern.search(text, end)
        if body is None:
            body = text[end : following.start() if following else len(text)]
        yield Block(said, body.rstrip("\n"), line)
        found = following


def _marker(text: str, line: int, *, ours: bool) -> marker.Marker:
    try:
        return marker.parsed(text, strict=ours)
    except FormatError as error:
        raise FormatError(error.what, error.advice, line=line) from None


def _body(
    text: str, start: int, said: marker.Marker, line: int
) -> tuple[str | None, int]:
    """Return the lines of a cell that has an end line, and where the search goes on."""
    until = said.fields.get("until")
    if not isinstance(until, str) or said.kind != "code":
        return None, start
    end = f"# {until}"
    if text.startswith(f"{end}\n", start) or text[start:] == end:
        return "", start + len(end)
    at = text.find(f"\n{end}\n", start - 1)
    if at < 0 and text.endswith(f"\n{end}"):
        at = len(text) - len(end) - 1
    if at < 0:
        raise FormatError(
            f"the cell has no end line `{end}`",
            "put it back below the cell, or delete `until=` here",
            line=line,
        )
    return text[start:at], at + 1 + len(end)


def _is_generated(block: Block) -> bool:
    return dict(block.marker.fields) == {"tags": [GENERATED]}


def _cell(block: Block) -> NotebookCell:
    fields, kind = block.marker.fields, block.marker.kind
    read = bodies.read if kind == "code" else bodies.read_text
    try:
        source = read(block.text, fields)
        if kind == "code" and "language" in fields:
            source = _cell_magic(block)
    except FormatError as error:
        line = block.line + (error.line or 0)
        raise FormatError(error.what, error.advice, line=line) from None
    id, attachments = fields.get("id"), fields.get("attachments")
    return NotebookCell(
        kind,
        source,
        id if isinstance(id, str) else None,
        _metadata(block.marker),
        attachments if isinstance(attachments, dict) else None,
        block.line,
    )


def _cell_magic(block: Block) -> str:
    """Return the source of a cell that jupytext has written in another language."""
    fields = block.marker.fields
    words = (f"%%{fields['language']}", str(fields.get("magic_args", "")))
    body = bodies.read(block.text, {**fields, "active": bodies.INERT})
    return f"{' '.join(filter(None, words))}\n{body}"


def _metadata(said: marker.Marker) -> dict[str, Any]:
    fields: Mapping[str, Any] = said.fields
    metadata = {key: value for key, value in fields.items() if key not in RESERVED}
    if said.title:
        metadata.setdefault("title", said.title)
    if fields.get("active") not in (None, bodies.INERT):
        metadata["active"] = fields["active"]
    meta = fields.get("meta")
    return {**metadata, **meta} if isinstance(meta, dict) else metadata


def _refuse_what_is_no_notebook(text: str, blocks: list[Block]) -> None:
    """Raise if a text without our header belongs to another format."""
    if "\0" in text:
        raise FormatError("this is no text", "choose a Python file")
    if text.lstrip()[:1] == "{" and _is_json(text):
        raise FormatError(
            "this is no Python but JSON", "read it as .ipynb if it is a notebook"
        )
    if "\nimport marimo\n" in f"\n{text}" and "\napp = marimo.App(" in text:
        raise FormatError(
            "this is a notebook of marimo",
            "convert it: jupyter reactive convert FILE.py FILE.ipynb",
        )
    unmarked = len(blocks) == 1 and marker.LOOSE_MARKER.search(text) is None
    if unmarked and not compiles(text):
        raise FormatError(
            "this is neither Python nor a notebook",
            "begin each cell with a line `# %%`",
            line=1,
        )


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
