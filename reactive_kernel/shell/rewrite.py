"""IPython syntax turned into Python, without running anything."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from IPython.core.inputtransformer2 import TransformerManager

from reactive_kernel.analysis.parsing import is_plain, parse_quietly

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["RememberingTransformer", "rewriter"]

_LONG = 1_000_000
"""Characters; IPython needs about 3 s to look for its syntax in as many."""

_REMEMBERED: Final = 512
"""Texts, of which the last so many are not looked at again."""

_SHORT: Final = 100_000
"""Characters; longer texts are not remembered."""

_UNTIDY: Final = re.compile(
    r"""(?mx) ^(?: [ \t]+$                           # textwrap.dedent empties such lines
                 | [ \t]*(?:>>>|\.\.\.|In\b|\[) )  # prompts, pasted along
          | [\r\v\f\x1c-\x1e\x85\u2028\u2029]      # a line may end there"""
)
"""Where IPython may change a text although it is Python."""


class RememberingTransformer(TransformerManager):
    """Rewrites a text once: for the analysis, for ipykernel and for IPython.

    What IPython does by itself depends on nothing but the text. What others have added
    to it may depend on anything, so then every call counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self._own = self._steps()
        self._remembered = lru_cache(_REMEMBERED)(self._transformed)

    def transform_cell(self, cell: str) -> str:
        """Return a cell's text as Python."""
        if len(cell) <= _SHORT and self._steps() == self._own:
            return self._remembered(cell)
        return self._searched(cell)

    def _transformed(self, cell: str) -> str:
        if is_tidy_python(cell):
            return cell if cell.endswith("\n") else f"{cell}\n"
        return self._searched(cell)

    def _searched(self, cell: str) -> str:
        text: str = super().transform_cell(cell)
        return text

    def _steps(self) -> list[Any]:
        return [
            *self.cleanup_transforms,
            *self.line_transforms,
            *self.token_transformers,
        ]


def is_tidy_python(text: str) -> bool:
    """Tell whether IPython would leave a text as it is, but for the newline at the end.

    IPython looks for its syntax with a tokenizer in Python, which takes ten times as
    long as Python's own parser.
    """
    if not text or text[0].isspace() or not is_plain(text) or _UNTIDY.search(text):
        return False
    return _is_python(text)


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


def _is_python(text: str) -> bool:
    try:
        parse_quietly(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
