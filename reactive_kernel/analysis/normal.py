r"""When two texts are the same program.

Comments and formatting make no difference; all else does, also what only IPython sees:

>>> normalised("x = f( 1 )  # first") == normalised("x = f(1)")
True
>>> normalised("f(1)") == normalised("f(1);")  # hides the result
False
"""

from __future__ import annotations

import ast
from functools import lru_cache
from hashlib import blake2b

from reactive_kernel.analysis.magics import Magic, magic_of, runs_python
from reactive_kernel.analysis.parsing import (
    Parsed,
    Rewrite,
    Unparsable,
    parse,
    parse_once,
    split_lines,
)

__all__ = ["normalised"]

FORMATTING = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields of syntax nodes that follow from the rest, or change nothing."""


@lru_cache(maxsize=4096)
def normalised(source: str, rewrite: Rewrite | None = None) -> bytes:
    """Return a value that is equal for texts which are the same program.

    Parameters
    ----------
    source
        The text of a cell; one that does not parse is only the same as itself.
    rewrite
        Turns IPython syntax into Python, as for `analyse`.
    """
    parsed = parse_once(source, rewrite)
    if isinstance(parsed, Unparsable):
        return digest(["not Python", source])
    return digest(shape(parsed, rewrite))


def digest(parts: list[str]) -> bytes:
    """Return a short value for a list of texts."""
    whole = "\0".join(parts).encode(errors="surrogatepass")
    return blake2b(whole, digest_size=16).digest()


def shape(parsed: Parsed, rewrite: Rewrite | None) -> list[str]:
    """Return the syntax tree as a list of texts, without what is only formatting.

    Each node is followed by its parts and each list tells its length, so different
    trees give different lists.
    """
    found = ["quiet" if hides_result(parsed) else "loud"]
    magics = "get_ipython" in parsed.text
    pending: list[object] = [parsed.tree]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            found.append(f"[{len(item)}")
            pending += reversed(item)
        elif not isinstance(item, ast.AST):
            found.append(constant(item))
        elif magics and isinstance(item, ast.Call) and (inner := python_magic(item)):
            found += magic_shape(inner, rewrite)
        else:
            found.append(item.__class__.__name__)
            pending += [
                getattr(item, field, None)
                for field in item._fields
                if field not in FORMATTING
            ]
    return found


def constant(value: object) -> str:
    """Return a text that tells constants apart: ``1``, ``1.0`` and ``True``."""
    # Python refuses to print integers of many digits in decimal.
    return hex(value) if type(value) is int else repr(value)


def python_magic(call: ast.Call) -> Magic | None:
    """Return the cell magic that a call runs, if its body is Python."""
    magic = magic_of(call)
    if isinstance(magic, Magic) and magic.body is not None and runs_python(magic):
        return magic
    return None


def magic_shape(magic: Magic, rewrite: Rewrite | None) -> list[str]:
    """Return the shape of a cell magic: its line as it stands, and its body's shape."""
    body = parse(magic.body or "", rewrite)
    inner = [magic.body or ""] if isinstance(body, Unparsable) else shape(body, rewrite)
    return [str(magic), magic.line.strip(), *inner]


def hides_result(parsed: Parsed) -> bool:
    """Return whether a cell ends in an expression and a semicolon.

    IPython then does not show the value of the expression.
    """
    body = parsed.tree.body
    if not body or not isinstance(body[-1], ast.Expr):
        return False
    last = body[-1]
    lines = split_lines(parsed.text)[(last.end_lineno or 1) - 1 :]
    rest = lines[0].encode()[last.end_col_offset :].decode()
    return rest.lstrip().startswith(";")
