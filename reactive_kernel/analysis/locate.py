r"""Every place where a cell mentions a name, exactly.

A record tells where each name comes first, as far as the walk can say it at no cost.
For underlining or renaming, all mentions are wanted, and none of a local variable that
happens to have the same name:

>>> for span in locate(
...     "rate = 2\ntax = lambda x: x * rate\nf = lambda rate: 0", "rate"
... ):
...     print(span)
Span(line=1, column=0, end_line=1, end_column=4)
Span(line=2, column=20, end_line=2, end_column=24)

This parses the text anew and takes exact ranges from asttokens, so it is for the few
cells that a user looks at, not for the path of a run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reactive_kernel.analysis.defuse import Kind
from reactive_kernel.analysis.flow import handles
from reactive_kernel.analysis.magics import (
    BrokenBodyError,
    IPythonCell,
    IPythonFunction,
)
from reactive_kernel.analysis.parsing import Parsed, Rewrite, Unparsable, parse
from reactive_kernel.analysis.positions import Positions
from reactive_kernel.analysis.recursion import with_room
from reactive_kernel.analysis.scopes import Effect, FunctionScope, Scope
from reactive_kernel.diagnostic import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Place", "identifiers", "locate", "places"]

Mention = tuple[str, ast.AST]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a cell mentions a name.

    Parameters
    ----------
    span
        The range of the name.
    imported
        The full name of what is imported there under its own name, or ''.
    """

    span: Span
    imported: str = ""


def locate(source: str, name: str, rewrite: Rewrite | None = None) -> tuple[Span, ...]:
    """Return every place where a cell mentions a name of the module, in order.

    Parameters
    ----------
    source
        The text of the cell; one that does not parse mentions nothing.
    name
        The name to look for; local variables of that name are left out.
    rewrite
        Turns IPython syntax into Python, as for `analyse`.
    """
    return tuple(place.span for place in places(source, name, rewrite))


def places(source: str, name: str, rewrite: Rewrite | None = None) -> tuple[Place, ...]:
    """Return every place where a cell mentions a name, as `locate` does."""
    parsed = parse(source, rewrite)
    if isinstance(parsed, Unparsable):
        return ()
    mentions = with_room(lambda: mentioned(parsed, rewrite))
    where: Positions | Ranges = (
        Ranges(source, parsed.tree)
        if source == parsed.text
        else Positions(source, parsed.text)
    )
    found = {
        Place(where.of(name, node), imported_by(node))
        for mention, node in mentions
        if mention == name
    }
    return tuple(sorted(found))


def imported_by(node: ast.AST) -> str:
    """Return what an import without ``as`` imports."""
    return node.name if isinstance(node, ast.alias) and not node.asname else ""


def identifiers(source: str, rewrite: Rewrite | None = None) -> frozenset[str]:
    """Return every name that a cell mentions in any scope; no attributes.

    Examples
    --------
    >>> sorted(identifiers("def f(a, *b): return a.c + d"))
    ['a', 'b', 'd', 'f']
    """
    parsed = parse(source, rewrite)
    if isinstance(parsed, Unparsable):
        return frozenset()
    named = {name for name, _node in with_room(lambda: mentioned(parsed, rewrite))}
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            named.update(node.names)
        elif not isinstance(node, ast.keyword | ast.Attribute):
            fields = (getattr(node, key, None) for key in ("id", "arg", "name", "rest"))
            named.update(name for name in fields if isinstance(name, str))
            named.add(getattr(node, "asname", None) or "")
    return frozenset(named - {""})


def mentioned(parsed: Parsed, rewrite: Rewrite | None) -> list[Mention]:
    """Return every mention of a module's name in a cell."""
    cell = LocatingCell(rewrite)
    try:
        cell.walk_all(parsed.tree.body)
    except BrokenBodyError:
        return []
    for effect in cell.effects:
        cell.mentions += getattr(effect, "mentions", ())
    return cell.mentions


class Ranges:
    """Exact places in a text that was parsed as it is."""

    def __init__(self, source: str, tree: ast.Module) -> None:
        # Imported here, since few kernels ever need it and all would pay for it.
        from asttokens import ASTText

        self.text = ASTText(source, tree=tree)
        self.positions = Positions(source, source)

    def of(self, name: str, node: ast.AST) -> Span:
        """Return where a node mentions a name."""
        if isinstance(node, ast.Name):
            start, end = self.text.get_text_positions(node, padded=False)
            if start != end:
                return Span(*start, *end)
        return self.positions.of(name, node)


class LocatingEffect(Effect):
    """An effect that also keeps where the function mentions names of the module."""

    __slots__ = ("mentions",)

    def __init__(self) -> None:
        super().__init__()
        self.mentions: list[Mention] = []


class Locating(Scope):
    """A scope that keeps every mention of a name."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.mentions: list[Mention] = []

    def new_effect(self) -> Effect:
        """Return an effect that keeps mentions."""
        return LocatingEffect()

    def mention(self, name: str, node: ast.AST) -> None:
        """Keep a mention."""
        self.mentions.append((name, node))

    def load(self, name: str, node: ast.AST, /) -> None:
        """Read a name."""
        self.mention(name, node)
        super().load(name, node)

    def store(self, name: str, node: ast.AST, kind: Kind = Kind.VARIABLE, /) -> None:
        """Bind a name."""
        self.mention(name, node)
        super().store(name, node, kind)

    def store_briefly(self, name: str, node: ast.AST, /) -> None:
        """Bind a name for a while."""
        self.mention(name, node)
        super().store_briefly(name, node)

    def delete(self, name: str, node: ast.AST, /) -> None:
        """Unbind a name."""
        self.mention(name, node)
        super().delete(name, node)

    @handles("Global")
    def declare_global(self, node: ast.Global) -> None:
        """Let names mean those of the module."""
        for name in node.names:
            self.mention(name, node)
        if isinstance(self, FunctionScope):
            self.globals.update(node.names)

    def hiding(self, names: set[str], nodes: Iterable[ast.AST | None]) -> None:
        """Walk nodes in which some names are not those of this scope."""
        outer, self.mentions = self.mentions, []
        super().hiding(names, nodes)
        outer += [mention for mention in self.mentions if mention[0] not in names]
        self.mentions = outer


class LocatingFunction(Locating, IPythonFunction):
    """The body of a function, with the place of every name."""

    @handles("Name")
    def name(self, node: ast.Name) -> None:
        """Read, bind or unbind a name."""
        self.mention(node.id, node)
        super().name(node)

    def close(self) -> None:
        """Hand on what the function takes from outside, and where."""
        local = self.bound - self.globals - self.nonlocals
        declared, outward = [], []
        for mention in self.mentions:
            if mention[0] in self.globals:
                declared.append(mention)
            elif mention[0] not in local:
                outward.append(mention)
        super().close()
        if isinstance(self.effect, LocatingEffect):
            self.effect.mentions += declared
        if self.parent is not None and isinstance(self.parent, LocatingFunction):
            self.parent.mentions += outward
        elif isinstance(self.effect, LocatingEffect):
            self.effect.mentions += outward


class LocatingCell(Locating, IPythonCell):
    """The scope of a cell, with the place of every name."""

    function_type = LocatingFunction

    def new_effect(self) -> Effect:
        """Return an effect that keeps mentions, and keep the effect."""
        effect = LocatingEffect()
        self.effects.append(effect)
        return effect

    def mention(self, name: str, node: ast.AST) -> None:
        """Keep a mention, unless a call of a function causes it."""
        if not self.acting:
            super().mention(name, node)
