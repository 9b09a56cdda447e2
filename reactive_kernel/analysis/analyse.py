"""From the text of a cell to its record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reactive_kernel.analysis.cell import CellScope
from reactive_kernel.analysis.defuse import Definition, DefUse, broken
from reactive_kernel.analysis.magics import BrokenBodyError, IPythonCell
from reactive_kernel.analysis.parsing import Parsed, Rewrite, Unparsable, parse_once
from reactive_kernel.analysis.positions import Positions
from reactive_kernel.analysis.recursion import with_room
from reactive_kernel.diagnostic import Diagnostic, Severity, Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

__all__ = ["analyse"]


def analyse(source: str, rewrite: Rewrite | None = None) -> DefUse:
    """Find the definitions and uses of a cell. Never raises.

    Parameters
    ----------
    source
        The text of the cell, as the user wrote it.
    rewrite
        Turns IPython syntax into Python (``shell.transform_cell``). Without it the
        text must be plain Python.

    Returns
    -------
    DefUse
        The record; of a text that does not parse, one with a ``syntax-error``.

    Examples
    --------
    >>> sorted(analyse("total += price").uses)
    ['price', 'total']
    >>> analyse("1 +").broken
    True
    """
    parsed = parse_once(source, rewrite)
    if isinstance(parsed, Unparsable):
        return unparsable(parsed)
    positions = Positions(source, parsed.text)
    try:
        scope = with_room(lambda: walk(parsed, rewrite))
    except BrokenBodyError as error:
        return unparsable(error.found, positions.line(error.line + 1) - 1)
    return record(scope, positions)


def unparsable(found: Unparsable, below: int = 0) -> DefUse:
    """Return the record of a text that does not parse."""
    span = found.span
    if span is not None and below:
        span = replace(span, line=span.line + below, end_line=span.end_line + below)
    return broken(f"{found.message}: correct it to run this cell", span)


def walk(parsed: Parsed, rewrite: Rewrite | None) -> CellScope:
    """Walk a cell; one without IPython syntax needs no look for magics."""
    if "get_ipython" in parsed.text:
        scope: CellScope = IPythonCell(rewrite)
    else:
        scope = CellScope()
    scope.walk_all(parsed.tree.body)
    return scope


def record(scope: CellScope, positions: Positions) -> DefUse:
    """Return what a walk has found as a record."""

    def placed(places: Mapping[str, ast.AST]) -> dict[str, Span | None]:
        return {name: positions.of(name, node) for name, node in places.items()}

    exposed = scope.exposed()
    changes = {name: at for name, at in scope.changes.items() if name in exposed}
    return DefUse(
        definitions={
            name: Definition(name, kind, positions.of(name, node))
            for name, (kind, node) in scope.definitions.items()
        },
        uses=placed(exposed),
        conditional=placed(scope.uncertain(exposed)),
        before=scope.bound_before(exposed) if scope.before else {},
        mutates=placed(changes),
        deletes=placed(scope.deletes),
        deferred=scope.deferred(exposed) if scope.carried else {},
        imports=tuple(sorted(scope.packages)),
        patches=tuple(sorted(scope.patches)),
        star_imports=tuple(scope.stars),
        opaque=tuple(scope.opaque),
        asks_input=scope.asks_input,
        diagnostics=findings(scope, positions),
    )


def findings(scope: CellScope, positions: Positions) -> tuple[Diagnostic, ...]:
    """Return what is remarkable about a cell by itself."""
    history = (
        Diagnostic(
            "uses-history",
            Severity.WARNING,
            f"`{name}` depends on the order in which cells were run: give the value a"
            " name of its own instead",
            positions.of(name, node),
        )
        for name, node in scope.history.items()
    )
    opaque = (
        Diagnostic(
            "opaque",
            Severity.INFO,
            f"what `{name}` binds shows only at run time: run this cell before the"
            " cells that need it",
            positions.of(name, node),
        )
        for name, node in scope.opaque.items()
    )
    stars = (
        Diagnostic(
            "star-import",
            Severity.INFO,
            f"the names that `{module}` gives show only at run time: import the ones"
            " you need by name",
            positions.of("*", node),
        )
        for module, node in scope.stars.items()
    )
    return (*history, *opaque, *stars)
