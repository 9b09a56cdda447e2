r"""The text of a cell in a file: four ways to write it, and how to read each.

plain
    The cell as it is, its magics as comments.
verbatim
    The cell as it is up to an end line: ``until="end-a"`` and ``# end-a``. For a cell
    that holds, in a string, what looks like the beginning of a cell.
inert
    Each line a comment: ``active="ipynb"``. For what plain Python cannot run.
JSON
    One JSON string in a comment: ``text="json"``. For characters that no Python file
    can hold.

They are tried in this order. What is written is read again at once, and the next way is
tried if that is not the cell to the last character; so no cell can be lost, whatever it
holds.

>>> written("x = 1\n%timeit x", "a")
Body(text='x = 1\n# %timeit x', fields={}, live='x = 1\n# %timeit x')
>>> written("%%bash\nls", "a")
Body(text='# %%bash\n# ls', fields={'active': 'ipynb'}, live=None)
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import FormatError
from reactive_kernel.formats import marker
from reactive_kernel.formats.magics import (
    commented,
    escaped,
    hides_nothing,
    live_magic,
    uncommented,
)
from reactive_kernel.formats.marker import one_line
from reactive_kernel.formats.outline import compiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "INERT",
    "TOO_LONG",
    "Body",
    "commented_out",
    "read",
    "text_body",
    "written",
]

INERT: Final = "ipynb"
"""The value of ``active`` for cells that only Jupyter runs."""

_UNWRITABLE = re.compile("[\ud800-\udfff]")
_CONFLICT = re.compile(r"^<<<<<<< ", re.M)
_CONFLICT_END = re.compile(r"^>>>>>>> ", re.M)
_INDENT = re.compile(r"\n*([ \t]+)\S")
_AUTOMAGIC = re.compile(
    "cat|cd|clear|cp|hist|history|ldir|less|lf|lk|ll|ls|lx|man|mkdir|more|mv|pwd|rm"
    "|rmdir|who|whos"
)
_NO_NAME = re.compile(r"[^\w-]")
_HASH = re.compile(r"^# ?", re.M)
_QUOTED = re.compile(r'[rR]?("""|\'\'\')\n?(.*?)\n?\1', re.S)
_CACHED = 20_000
"""Characters of the longest cell whose body is kept."""

TOO_LONG: Final = 5_000_000
"""Characters; Python needs minutes and gigabytes to compile more than these."""


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a code cell as a file holds it.

    Parameters
    ----------
    text
        The lines below the marker, an end line included.
    fields
        What the marker has to say so that they can be read.
    live
        What plain Python runs of the cell; None if nothing.
    """

    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    live: str | None = None


def written(source: str, name: str, *, inert: bool = False) -> Body:
    """Return the body of a code cell.

    Parameters
    ----------
    source
        The text of the cell.
    name
        What to call the cell in an end line.
    inert
        Plain Python must not run the cell.
    """
    write = _written if len(source) < _CACHED else _written.__wrapped__
    return write(source, name, inert=inert)


@lru_cache(maxsize=4096)
def _written(source: str, name: str, *, inert: bool) -> Body:
    # A notebook is written whenever it is saved, and most of its cells are as before.
    text, layout = _laid_out(source, dedent=not inert)
    ways = _json(source) if text is None else _ways(text, name, inert=inert)
    for body in ways:
        found = Body(body.text, {**body.fields, **layout}, body.live)
        try:
            if _read_again(found) == source:
                return found
        except FormatError:
            continue
    return next(_json(source))


def _laid_out(source: str, *, dedent: bool) -> tuple[str | None, dict[str, Any]]:
    """Return a text without what formatters would change, and what that is.

    None if it cannot be written as lines.
    """
    layout: dict[str, Any] = {}
    if "\r" in source:
        text = source.replace("\r\n", "\n")
        if text.replace("\n", "\r\n") != source:
            return None, {}
        source, layout["eol"] = text, "crlf"
    if "\0" in source or not (source.isascii() or _is_writable(source)):
        return None, {}
    text = source.rstrip("\n")
    if len(text) < len(source):
        layout["nl"] = len(source) - len(text)
    # IPython runs a cell that is indented as a whole.
    if dedent and text[:1] in (" ", "\t", "\n") and (indent := _INDENT.match(text)):
        flat = re.sub(f"^{indent[1]}", "", text, flags=re.M)
        if re.sub(r"^(?=.)", indent[1], flat, flags=re.M) == text:
            text, layout["indent"] = flat, indent[1]
    return text, layout


def _is_writable(text: str) -> bool:
    return _UNWRITABLE.search(text) is None


def _ways(text: str, name: str, *, inert: bool) -> Iterator[Body]:
    """Yield the ways to write a text as lines, the best one first."""
    if not inert and len(text) <= TOO_LONG:
        runs = compiles(text) and not _AUTOMAGIC.fullmatch(text)
        plain = _plain(text, runs=runs)
        if plain is not None:
            yield Body(plain, {}, plain)
        if runs:
            end = _end_line(text, name)
            yield Body(f"{text}\n# {end}", {"until": end}, text)
    yield Body(commented_out(text), {"active": INERT})


def _plain(text: str, *, runs: bool) -> str | None:
    """Return a text with its magics as comments; None if that is no Python."""
    if runs and hides_nothing(text):
        return text
    live = text if runs else _without_magics(text)
    if live is None:
        return None
    safe = _escaped(text, live)
    return safe if safe == live or _shape(safe) == _shape(live) else None


def _without_magics(text: str) -> str | None:
    """Return a text with its magics as comments, if that is Python then."""
    cell_magic = text.lstrip("\n").startswith("%%")
    if hides_nothing(text) or (cell_magic and not live_magic(text)):
        return None
    live = commented(text)
    return live if live is not None and live != text and compiles(live) else None


def _escaped(text: str, live: str) -> str:
    """Return a text with the comments escaped that were comments in the cell already."""
    pairs = zip(text.split("\n"), live.split("\n"), strict=True)
    return "\n".join(escaped(new) if new == old else new for old, new in pairs)


def _shape(text: str) -> str | None:
    """Return what Python makes of a text."""
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _end_line(text: str, name: str) -> str:
    first = end = f"end-{_NO_NAME.sub('', name)}"
    lines, count = set(text.split("\n")), 1
    while f"# {end}" in lines:
        count += 1
        end = f"{first}-{count}"
    return end


def _json(source: str) -> Iterator[Body]:
    yield Body(f"# {one_line(source)}", {"active": INERT, "text": "json"})


def commented_out(text: str) -> str:
    r"""Return a text with each line a comment.

    Examples
    --------
    >>> commented_out("# Title\n\n%% x")
    '# # Title\n#\n# \\%% x'
    """
    if not text:
        return ""
    lines = (f"# {line}" if line else "#" for line in text.split("\n"))
    return marker.escaped("\n".join(lines))


def _without_hashes(text: str) -> str:
    """Return what `commented_out` was given; a line may also have ``#`` only."""
    return _HASH.sub("", marker.unescaped(text))


def _read_again(body: Body) -> str:
    """Return the source that a body is read as."""
    text = body.text
    if end := body.fields.get("until"):
        text = text.removesuffix(f"\n# {end}")
    return read(text, body.fields)


def read(text: str, fields: Mapping[str, Any]) -> str:
    """Return the source of a code cell from the lines between marker and end line.

    Raises
    ------
    FormatError
        If the lines are not what the fields say, or hold a conflict of a merge.
    """
    text = text.rstrip("\n")
    if "until" not in fields:
        _refuse_conflicts(text)
    if fields.get("text") == "json":
        return _from_json(text)
    if fields.get("active") == INERT:
        text = _without_hashes(text)
    elif "until" not in fields:
        text = uncommented(text)
    return _with_layout(text, fields)


def _with_layout(text: str, fields: Mapping[str, Any]) -> str:
    """Return a text with what its fields say about its lines."""
    indent, newlines = fields.get("indent"), fields.get("nl")
    if isinstance(indent, str) and not indent.strip(" \t"):
        text = re.sub(r"^(?=.)", indent, text, flags=re.M)
    if isinstance(newlines, int) and 0 < newlines < TOO_LONG:
        text += "\n" * newlines
    return text.replace("\n", "\r\n") if fields.get("eol") == "crlf" else text


def _refuse_conflicts(text: str) -> None:
    found = _CONFLICT.search(text) if "<<<<<<< " in text else None
    if found and _CONFLICT_END.search(text):
        raise FormatError(
            "the file holds a conflict of a merge",
            "choose one of the two sides and delete the lines <<<<<<<, ======= and >>>>>>>",
            line=text.count("\n", 0, found.start()) + 1,
        )


def _from_json(text: str) -> str:
    try:
        found = json.loads(text.removeprefix("#"))
        if not isinstance(found, str):
            raise TypeError
    except (ValueError, TypeError, RecursionError):
        raise FormatError(
            'the cell says text="json", but it is no JSON string in a comment',
            'correct it, or delete text="json"',
            line=1,
        ) from None
    return found


def text_body(source: str) -> Body:
    """Return the body of a markdown or raw cell."""
    text, layout = _laid_out(source, dedent=False)
    if text is not None:
        body = Body(commented_out(text), layout)
        if read_text(body.text, body.fields) == source:
            return body
    return Body(f"# {one_line(source)}", {"text": "json"})


def read_text(text: str, fields: Mapping[str, Any]) -> str:
    """Return the source of a markdown or raw cell."""
    text = text.rstrip("\n")
    _refuse_conflicts(text)
    if fields.get("text") == "json":
        return _from_json(text)
    quoted = _QUOTED.fullmatch(text)
    text = quoted[2] if quoted else _without_hashes(text)
    return _with_layout(text, fields)
