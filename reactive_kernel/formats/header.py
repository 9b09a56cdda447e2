"""The comment at the top of the file: what belongs to the notebook as a whole.

::

    # ---
    # jupyter:
    #   jupytext: {"text_representation": {"extension": ".py", ...}}
    #   kernelspec: {"name": "python3", ...}
    #   reactivepy: {"version": 1, "nbformat_minor": 5}
    # ---

One key a line, its value in JSON, so that the whole is YAML as well: jupytext reads it,
and may rewrite it as ordinary YAML, which is accepted here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from reactive_kernel.errors import FormatError
from reactive_kernel.formats.marker import PLAIN_KEY, one_line

__all__ = ["CLAIM", "Header", "parsed", "written"]

VERSION: Final = 1

CLAIM: Final = re.compile(r"^# {1,3}reactivepy:", re.M)
"""A line by which a header says that the file is in this format."""

_PERCENT: Final = {
    "extension": ".py",
    "format_name": "percent",
    "format_version": "1.3",
}
_FENCE = "# ---"
_CODING = r"(?!# ?%%)#.*?coding[:=][ \t]*[-\w.]+.*"
_TOP = re.compile(rf"(?:#!.*\n)?(?:{_CODING}\n)?")
_LINE = re.compile(rf'  ("(?:[^"\\]|\\.)*"|{PLAIN_KEY.pattern}): (.*)')


@dataclass(frozen=True, slots=True)
class Header:
    """What the top of a file says.

    Parameters
    ----------
    metadata
        The notebook's metadata.
    minor
        The minor version of nbformat 4.
    notes
        What the file says about itself to its reader: why the cells are in document
        order although they should not be, and which cells only Jupyter runs.
    ours
        The file was written in this format, not only in one like it.
    """

    metadata: dict[str, Any] = field(default_factory=dict)
    minor: int = 5
    notes: dict[str, str] = field(default_factory=dict)
    ours: bool = False


def written(header: Header) -> str:
    """Return the top of a file, up to and with the header's last line."""
    for whole in (False, True):
        text = _written(header, whole=whole)
        again, _ = parsed(text)
        if one_line(_sorted(again.metadata)) == one_line(_sorted(header.metadata)):
            return text
    raise FormatError("the notebook's metadata are no JSON", "remove what is no JSON")


def _sorted(value: object) -> object:
    return json.loads(json.dumps(value, sort_keys=True))


def _written(header: Header, *, whole: bool) -> str:
    """Return the top of a file; `whole`: with a copy of metadata that are unusual."""
    own = header.metadata.get("jupytext")
    jupytext = dict(own) if isinstance(own, dict) else {}
    top = "" if whole else _first_lines(jupytext)
    ours = {"version": VERSION, "nbformat_minor": header.minor, **header.notes}
    if whole:
        ours["metadata"] = header.metadata
    lines = {
        "jupytext": {**jupytext, "text_representation": _PERCENT},
        **{
            k: v
            for k, v in header.metadata.items()
            if k not in ("jupytext", "reactivepy")
        },
        "reactivepy": ours,
    }
    if whole:
        lines = {
            k: lines[k] for k in ("jupytext", "kernelspec", "reactivepy") if k in lines
        }
    body = "".join(
        f"#   {_key(key)}: {one_line(value)}\n" for key, value in lines.items()
    )
    return f"{top}{_FENCE}\n# jupyter:\n{body}{_FENCE}\n"


def _key(key: str) -> str:
    return key if PLAIN_KEY.fullmatch(key) else one_line(key)


def _first_lines(jupytext: dict[str, Any]) -> str:
    """Return the lines above the header; what they say is taken from the metadata."""
    lines = ""
    executable, encoding = jupytext.get("executable"), jupytext.get("encoding")
    if isinstance(executable, str):
        lines += f"#!{jupytext.pop('executable')}\n"
    if isinstance(encoding, str) and "utf-8" in encoding.lower():
        lines += f"{jupytext.pop('encoding')}\n"
    return lines


def parsed(text: str) -> tuple[Header, int]:
    """Return the header of a file, and the position in the text where the rest begins."""
    top = _TOP.match(text)
    start = top.end() if top else 0
    first = text[:start]
    if not text.startswith(f"{_FENCE}\n# jupyter:", start):
        return Header(_above(first)), start
    end = text.find(f"\n{_FENCE}\n", start + len(_FENCE))
    if end < 0 and text.endswith(f"\n{_FENCE}"):
        end = len(text) - len(_FENCE) - 1
    if end < 0:
        raise FormatError(
            "the header does not end",
            "put its last line back, which is `# ---`",
            line=first.count("\n") + 1,
        )
    lines = text[start:end].split("\n")[2:]
    found = _values(lines, first.count("\n") + 3)
    return _from_values(found, first), min(end + len(_FENCE) + 2, len(text))


def _above(first: str) -> dict[str, Any]:
    """Return what the lines above the header say, as jupytext keeps it."""
    found = {}
    for line in first.split("\n"):
        if line.startswith("#!"):
            found["executable"] = line[2:]
        elif line:
            found["encoding"] = line
    return {"jupytext": found} if found else {}


def _values(lines: list[str], number: int) -> dict[str, Any]:
    """Return the keys and values of a header whose first key is in line `number`."""
    found = {}
    for offset, line in enumerate(lines):
        match = _LINE.fullmatch(line[2:] if line.startswith("# ") else "")
        try:
            if match is None:
                raise ValueError
            key = json.loads(match[1]) if match[1][0] == '"' else match[1]
            found[key] = json.loads(match[2])
        except (ValueError, RecursionError):
            return _yaml(lines, number, number + offset)
    return found


def _yaml(lines: list[str], number: int, broken: int) -> dict[str, Any]:
    """Return the values of a header that is YAML; line `broken` is no JSON."""
    advice = 'correct the line, which should look like `#   kernelspec: {"name": ...}`'
    try:
        import yaml
    except ImportError:
        advice += ", or install PyYAML to read headers that jupytext has written"
        raise FormatError("the header is no JSON", advice, line=broken) from None
    try:
        found = yaml.safe_load("\n".join(line[2:] for line in lines))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = number + mark.line if mark else broken
        raise FormatError(
            "the header is neither JSON nor YAML",
            advice,
            line=min(line, number + len(lines) - 1),
        ) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise FormatError("the header has no keys", advice, line=broken)
    return {str(key): value for key, value in found.items()}


def _from_values(found: dict[str, Any], first: str) -> Header:
    """Return the header that some values describe."""
    ours = found.pop("reactivepy", None)
    _refuse_other_formats(found)
    if not isinstance(ours, dict):
        return Header(_without_percent(found, first))
    version = ours.get("version")
    if version != VERSION:
        raise FormatError(
            f"the file has version {version} of the format, this program knows {VERSION}",
            "upgrade reactive-kernel, or correct `reactivepy` in the header",
            line=first.count("\n") + 1,
        )
    minor = ours.get("nbformat_minor")
    whole = ours.get("metadata")
    metadata = whole if isinstance(whole, dict) else _without_percent(found, first)
    return Header(metadata, minor if isinstance(minor, int) else 5, ours=True)


def _refuse_other_formats(found: dict[str, Any]) -> None:
    """Raise if a header says that the file is no percent file."""
    jupytext = found.get("jupytext")
    shape = jupytext.get("text_representation") if isinstance(jupytext, dict) else None
    name = shape.get("format_name") if isinstance(shape, dict) else None
    if name not in (None, "percent", "hydrogen"):
        raise FormatError(
            f"the file is in jupytext's format {name!r}",
            "convert it first: jupytext --to py:percent FILE",
            line=1,
        )


def _without_percent(found: dict[str, Any], first: str) -> dict[str, Any]:
    """Return the notebook's metadata without what only describes the file."""
    metadata = dict(found)
    own = metadata.pop("jupytext", None)
    jupytext = dict(own) if isinstance(own, dict) else {}
    jupytext.pop("text_representation", None)
    jupytext |= _above(first).get("jupytext", {})
    return {"jupytext": jupytext, **metadata} if jupytext else metadata
