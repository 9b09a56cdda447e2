r"""IPython's own lines as comments, and back.

In a file that plain Python runs, ``%magic`` and ``!command`` are comments:

>>> commented("%matplotlib inline\nx = 1\nfiles = !ls")
'# %matplotlib inline\nx = 1\n# files = !ls'
>>> uncommented("# %matplotlib inline\nx = 1\n# files = !ls")
'%matplotlib inline\nx = 1\nfiles = !ls'

A comment that looks like such a line gets a second ``#``, and a comment that looks like
the beginning of a cell a backslash:

>>> escaped("# %time\n# %% x"), uncommented("# # %time\n# \\%% x")
('# # %time\n# \\%% x', '# %time\n# %% x')
"""

from __future__ import annotations

import re
import tokenize
from functools import cache
from typing import Any, Final

from reactive_kernel.formats import marker

__all__ = ["commented", "escaped", "hides_nothing", "live_magic", "uncommented"]

_LIVE: Final = frozenset({"time", "timeit", "capture", "prun"})
"""Cell magics whose body is Python that plain Python can run as well."""

_MAGIC: Final = (
    r"(?:%%?[A-Za-z_]\w"
    r"|!!?[ \t]?[^\s=!]"
    r"|\?\??[A-Za-z_]"
    r"|[A-Za-z_][\w., \t]*=[ \t]*(?:%[A-Za-z_]|!)[^\s=])"
)
_COMMENTED = re.compile(rf"^([ \t]*)# ((?:# )*{_MAGIC}.*)", re.M)
_SUSPECT = re.compile(r"^[ \t]*(?:# )*[%!?]|^# \\*%%|=[ \t]*[%!]", re.M)
_CELL_MAGIC = re.compile(r"\n*%%(\w+)")
_TOO_MANY = 200
"""Lines of magic in a cell; IPython looks the whole cell through for each."""


def hides_nothing(source: str) -> bool:
    """Return whether no line of a cell could be taken for something else."""
    # The regular expression looks at each character, which takes far longer.
    suspect = "%" in source or "!" in source or "?" in source
    return not suspect or _SUSPECT.search(source) is None


def live_magic(source: str) -> bool:
    """Return whether a cell begins with a cell magic that leaves its body Python."""
    found = _CELL_MAGIC.match(source)
    return found is not None and found[1] in _LIVE


def commented(source: str) -> str | None:
    """Return a cell with its magics as comments; None if IPython cannot."""
    if _CELL_MAGIC.match(source):
        head = len(source) - len(source.lstrip("\n"))
        first, newline, rest = source[head:].partition("\n")
        body = commented(rest)
        top = source[:head]
        return None if body is None else f"{top}# {first}{newline}{body}"
    lines = source.split("\n")
    found = _magic_lines(source)
    if found is None:
        return None
    for start, count in found:
        line = lines[start]
        bare = line.lstrip(" \t")
        lines[start] = f"{line[: len(line) - len(bare)]}# {bare}"
        for index in range(start + 1, start + count):
            lines[index] = f"# {lines[index]}"
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Return a text whose comments cannot be taken for magics or markers."""
    return _COMMENTED.sub(r"\1# # \2", marker.escaped(text))


def uncommented(text: str) -> str:
    """Return the cell that `commented` and `escaped` have made a text from."""
    text = marker.unescaped(text)
    if "# " not in text or not any(sign in text for sign in "%!?"):
        return text
    if not _COMMENTED.search(text):
        return text
    found, continued = [], False
    for line in text.split("\n"):
        if continued and line.startswith("# "):
            line = line[2:]
        elif match := _COMMENTED.fullmatch(line):
            line = match[1] + match[2]
            continued = not match[2].startswith("# ")
        else:
            continued = False
        continued = continued and line.endswith("\\")
        found.append(line)
    return "\n".join(found)


@cache
def _manager() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()


def _magic_lines(source: str) -> list[tuple[int, int]] | None:
    """Return the first line and the number of lines of each magic, as IPython sees it."""
    from IPython.core.inputtransformer2 import TokenTransformBase, make_tokens_by_line

    lines = [f"{line}\n" for line in source.split("\n")]
    found: list[tuple[int, int]] = []
    while len(found) < _TOO_MANY:
        try:
            tokens = make_tokens_by_line(lines)
        except (SyntaxError, tokenize.TokenError):
            return None
        candidates = [kind.find(tokens) for kind in _manager().token_transformers]
        magics = sorted(filter(None, candidates), key=TokenTransformBase.sortby)
        for magic in magics:
            try:
                after = magic.transform(lines)
            except SyntaxError:
                continue
            start, count = magic.start_line, len(lines) - len(after) + 1
            indent = lines[start][: magic.start_col]
            blank = ["\n"] * (count - 1)
            lines[start : start + count] = [f"{indent}pass\n", *blank]
            found.append((start, count))
            break
        else:
            return found
    return None
