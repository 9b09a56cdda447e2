r"""Marker lines: where a cell begins, of which kind it is, and all but its text.

>>> marker = parsed('# %% Load data [markdown] id="b" tags=["t"]')
>>> marker
Marker(kind='markdown', title='Load data', fields={'id': 'b', 'tags': ['t']})
>>> written(marker)
'# %% Load data [markdown] id="b" tags=["t"]'
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LOOSE_MARKER",
    "MARKER",
    "PLAIN_KEY",
    "Marker",
    "escaped",
    "one_line",
    "parsed",
    "unescaped",
    "written",
]

MARKER: Final = re.compile(r"# %%(?<![^\n]# %%)(?:[ \t].*)?$", re.M)
"""A marker line of our own files; ``# %%bash`` is none.

What begins with plain characters is searched for many times faster than ``^``.
"""

LOOSE_MARKER: Final = re.compile(r"^#[ \t]?%%(?:[ \t].*)?$", re.M)
"""What other editors take for a marker line as well."""

PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w.-]*")
"""A key that stands on the marker line as it is."""

_FIELDS = re.compile(rf"(?:^|(?<=[ \t]))(?={PLAIN_KEY.pattern}=|\{{)")
_FIELD = re.compile(rf"[ \t]*({PLAIN_KEY.pattern})=")
_KIND = re.compile(
    r"(?P<before>.*?)[ \t]*(?:(?<![^ \t])\[(?P<kind>markdown|md|raw)\])[ \t]*(?P<after>.*)"
)
_SIMPLE = re.compile(r'# %% id=("[\w-]+")')
_RESERVED = re.compile(r"(?:^|[ \t])(?:id|after|active|nl|until|text|meta)=")
_LIKE_MARKER = re.compile(r"^# (\\*%%(?:[ \t].*)?)$", re.M)
_ESCAPED = re.compile(r"^# \\(\\*%%(?:[ \t].*)?)$", re.M)
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")

_decode = json.JSONDecoder().raw_decode
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker line says."""

    kind: str = "code"
    title: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def one_line(value: object) -> str:
    r"""Return JSON in one line that every editor takes for one line.

    Examples
    --------
    >>> one_line({"é": "a\u2028b"})
    '{"é": "a\\u2028b"}'
    """
    text = _encode(value)
    if text.isascii() and "\x7f" not in text:
        return text
    return _TO_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def escaped(text: str) -> str:
    r"""Return a text whose comments do not look like markers.

    Examples
    --------
    >>> escaped("# %% x"), unescaped("# \\%% x")
    ('# \\%% x', '# %% x')
    """
    return _LIKE_MARKER.sub(r"# \\\1", text) if "# " in text else text


def unescaped(text: str) -> str:
    """Return the text that `escaped` was given."""
    return _ESCAPED.sub(r"# \1", text) if "# \\" in text else text


def written(marker: Marker) -> str:
    """Return a marker as a line."""
    parts = ["# %%"]
    if marker.title:
        parts.append(marker.title)
    if marker.kind != "code":
        parts.append(f"[{marker.kind}]")
    parts += [f"{key}={one_line(value)}" for key, value in marker.fields.items()]
    return " ".join(parts)


def parsed(line: str, *, strict: bool = True) -> Marker:
    """Return what a marker line says.

    Parameters
    ----------
    line
        The line, which `MARKER` or `LOOSE_MARKER` matches.
    strict
        A value that is no JSON is an error. Otherwise it is part of the title, as in
        files that were never ours.
    """
    if simple := _SIMPLE.fullmatch(line):
        return Marker(fields={"id": simple[1][1:-1]})
    rest = line[line.index("%%") + 2 :].strip(" \t")
    start = _FIELDS.search(rest)
    words, fields = rest, {}
    if start:
        words = rest[: start.start()]
        try:
            fields = _fields(rest, start.start())
        except ValueError:
            if strict and _RESERVED.search(rest):
                raise FormatError(
                    "the values on this marker line are no JSON",
                    'correct the line; values look like id="a" tags=["b"]',
                ) from None
            words, fields = rest, {}
    return _named(words, fields)


def _named(words: str, fields: dict[str, Any]) -> Marker:
    """Return a marker whose kind and title stand in some words."""
    found = _KIND.fullmatch(words)
    if found is None:
        return Marker("code", words.strip(" \t"), fields)
    kind = "raw" if found["kind"] == "raw" else "markdown"
    title = " ".join(filter(None, (found["before"], found["after"].rstrip(" \t"))))
    return Marker(kind, title.strip(" \t"), fields)


def _fields(text: str, at: int) -> dict[str, Any]:
    """Return the fields from a place to the end of a line; ValueError if it is none."""
    if text[at] == "{":
        value, at = _decode(text, at)
        if at < len(text) or not isinstance(value, dict):
            raise ValueError
        return value
    fields = {}
    while at < len(text):
        found = _FIELD.match(text, at)
        if found is None:
            raise ValueError
        try:
            fields[found[1]], at = _decode(text, found.end())
        except RecursionError:
            raise ValueError from None
        if at < len(text) and text[at] not in " \t":
            raise ValueError
    return fields
