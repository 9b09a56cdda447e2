"""From a notebook to the text of a ``.py`` file.

The writer reads its own result again. What it returns is the notebook to the last
character; if it could not be, there would be an error and no text.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import FormatError
from reactive_kernel.formats import bodies, header, marker
from reactive_kernel.formats.magics import uncommented
from reactive_kernel.formats.placing import moved
from reactive_kernel.formats.program import Program, names_of, program_of
from reactive_kernel.formats.pyfile_reader import GENERATED, RESERVED, read_page
from reactive_kernel.formats.script import generated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reactive_kernel.formats.notebook import NotebookCell, Page

__all__ = ["write_page"]

_NOTE: Final = (
    "lines like '# %name' and '# !command', and cells marked active, are run by Jupyter"
    " and not by plain Python"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notebook on its way into a file; each cell has a name, which is its id if any."""

    page: Page
    names: tuple[str, ...]
    bodies: Mapping[str, bodies.Body]
    program: Program

    @property
    def code(self) -> frozenset[str]:
        """The names of the code cells."""
        return frozenset(name for name, cell in self.cells() if cell.kind == "code")

    def cells(self) -> Iterator[tuple[str, NotebookCell]]:
        """Yield the cells with their names, in the order of the notebook."""
        return zip(self.names, self.page.cells, strict=True)


def write_page(page: Page) -> str:
    """Return the text of a file that holds a notebook.

    Raises
    ------
    FormatError
        If no file can hold it: its metadata are no JSON.
    """
    with warnings.catch_warnings():
        # What Python has to say about a cell it says when the cell runs.
        warnings.simplefilter("ignore")
        return _checked(page, _text(_draft(page)))


def _checked(page: Page, text: str) -> str:
    """Return a text that reads as the notebook that it was made from."""
    again = read_page(text)
    if again.same(page):
        return text
    for number, (one, other) in enumerate(
        zip(page.cells, again.cells, strict=False), 1
    ):
        if one != other:
            raise FormatError(
                f"cell {number} cannot be written without loss",
                "report this, with the cell",
            )
    raise FormatError("the notebook cannot be written without loss", "report this")


def _draft(page: Page) -> Draft:
    names = names_of(page)
    python = page.in_python
    written = {
        name: bodies.written(cell.source, name, inert=cell.disabled or not python)
        if cell.kind == "code"
        else bodies.text_body(cell.source)
        for name, cell in zip(names, page.cells, strict=True)
    }
    program = program_of(page, names, written)
    for name, cell in zip(names, page.cells, strict=True):
        if name in program.inert and written[name].live is not None:
            written[name] = bodies.written(cell.source, name, inert=True)
    return Draft(page, names, written, program)


def _text(draft: Draft) -> str:
    page, program = draft.page, draft.program
    head = header.Header(dict(page.metadata), page.minor, _notes(draft))
    after = moved(draft.names, program.order)
    blocks = dict(draft.cells())
    extra = generated(page, draft.names, draft.bodies, program)
    parts = [header.written(head)]
    for name in program.order:
        parts += [_generated(text) for text in extra.above.get(name, ())]
        parts.append(_block(draft, name, blocks[name], after, named=bool(after)))
        parts += [_generated(text) for text in extra.below.get(name, ())]
    return "\n".join(parts)


def _notes(draft: Draft) -> dict[str, str]:
    """Return what the header says about the file to its reader."""
    notes = {}
    if draft.program.problem:
        notes["order"] = f"document: {draft.program.problem}"
    code = draft.code
    lives = [body.live for name, body in draft.bodies.items() if name in code]
    if any(live is None or uncommented(live) != live for live in lives):
        notes["not_run"] = _NOTE
    return notes


def _generated(text: str) -> str:
    return f"{marker.written(marker.Marker(fields={'tags': [GENERATED]}))}\n{text}\n"


def _block(
    draft: Draft,
    name: str,
    cell: NotebookCell,
    after: Mapping[str, str],
    *,
    named: bool,
) -> str:
    """Return the marker and the body of a cell."""
    body = draft.bodies[name]
    fields: dict[str, Any] = {}
    if cell.id is not None or named:
        fields["id"] = name
    if name in after:
        fields["after"] = after[name]
    fields |= body.fields
    title, own = _own_fields(cell)
    said = marker.Marker(cell.kind, title, {**fields, **own})
    line = marker.written(said)
    if title and marker.parsed(line) != said:
        own = {"title": title, **own}
        line = marker.written(marker.Marker(cell.kind, "", {**fields, **own}))
    return f"{line}\n{body.text}\n" if body.text else f"{line}\n"


def _own_fields(cell: NotebookCell) -> tuple[str, dict[str, Any]]:
    """Return the title and the fields that hold a cell's metadata and attachments."""
    title = ""
    fields: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    for key, value in cell.metadata.items():
        if key == "title" and isinstance(value, str) and _is_simple(value):
            title = value
        else:
            plain = marker.PLAIN_KEY.fullmatch(key) and key not in RESERVED
            (fields if plain and value != [GENERATED] else meta)[key] = value
    if meta:
        fields["meta"] = meta
    if cell.attachments is not None:
        fields["attachments"] = cell.attachments
    return title, fields


def _is_simple(title: str) -> bool:
    return bool(title) and title.isprintable() and not set(title) & set('={}[]"')
