"""IPython syntax turned into Python for the analysis, without running anything."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["rewriter"]

_LONG = 1_000_000
"""Characters; IPython needs about 3 s to look for its syntax in as many."""


def rewriter(shell: InteractiveShell) -> Callable[[str], str]:
    """Return a function that rewrites a cell's text as IPython would.

    IPython's own ``shell.transform_cell`` also looks single lines up among the live
    objects (autocall), which may run properties of theirs; here a single line that is
    no Python and starts with the name of a magic (automagic) is all that is looked up.
    """
    transform = shell.input_transformer_manager.transform_cell

    def rewrite(source: str) -> str:
        if len(source) > _LONG and not source.startswith("%%"):
            return source
        text: str = transform(source)
        line = text.strip()
        if not shell.automagic or not line or "\n" in line or _is_python(line):
            return text
        word = line.split(None, 1)[0]
        is_magic = shell.find_line_magic(word) is not None
        return transform(f"%{line}\n") if is_magic else text

    return rewrite


def _is_python(line: str) -> bool:
    try:
        ast.parse(line)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
