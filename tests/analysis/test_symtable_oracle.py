"""The compiler's own symbol tables agree with the walk on names of the module.

The standard library of the running Python is cut into cells. Of each cell, `symtable`
tells which names of the module it mentions, in any scope and order; the walk must have
met the same ones. Where the two differ, there must be a reason in the table below.
"""

from __future__ import annotations

import ast
import symtable
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reactive_kernel.analysis.cell import CellScope

CELL_LINES = 25


def sources() -> Iterator[str]:
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if "site-packages" not in parts and "lib2to3" not in parts:
            try:
                yield path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def cells(source: str) -> Iterator[tuple[str, ast.Module]]:
    """Cut a module at top-level statements into pieces of about 25 lines or more."""
    lines = source.split("\n")
    start = first = 0
    body = ast.parse(source).body
    for index, statement in enumerate(body, 1):
        end = statement.end_lineno or 0
        if end - start >= CELL_LINES or index == len(body):
            tree = ast.Module(body[first:index], type_ignores=[])
            yield "\n".join(lines[start:end]), tree
            start, first = end, index


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


def names_by_compiler(top: symtable.SymbolTable) -> set[str]:
    names = set(top.get_identifiers())
    for table in tables(top):
        names |= {s.get_name() for s in table.get_symbols() if s.is_global()}
    return names


def names_by_walk(tree: ast.Module) -> set[str]:
    scope = CellScope()
    scope.walk_all(tree.body)
    return scope.names_seen()


# Reasons ------------------------------------------------------------------------------


def annotates_a_local(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return any(
        mentions(node.annotation, name)
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.AnnAssign)
    )


def is_bound_by_a_class(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    return any(
        symbol.get_name() == name and symbol.is_local()
        for table in tables(top)
        if isinstance(table, symtable.Class)
        for symbol in table.get_symbols()
    )


def is_declared_only(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    symbols = [t.lookup(name) for t in tables(top) if name in t.get_identifiers()]
    return not any(
        symbol.is_referenced() or symbol.is_assigned()
        for symbol in symbols
        if symbol.is_global()
    )


def is_annotated_only(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    return any(
        isinstance(node.target, ast.Name) and node.target.id == name
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and node.value is None
    )


def is_local_to_top(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    return any(
        table.get_name() == "top" and name in table.get_identifiers()
        for table in tables(top)
        if isinstance(table, symtable.Function)
    )


def is_inlined_target(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    return sys.version_info >= (3, 12) and any(
        mentions(node.target, name)
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
    )


def is_given_by_the_class(name: str, tree: ast.AST, top: symtable.SymbolTable) -> bool:
    return name in ("__module__", "__qualname__", "__class__", "__classdict__")


def mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))


Reason = Callable[[str, ast.AST, symtable.SymbolTable], bool]

ONLY_THE_COMPILER: dict[str, Reason] = {
    "an annotation of a local variable is compiled but never evaluated": (
        annotates_a_local
    ),
    "a `global` statement alone neither reads nor binds": is_declared_only,
    "an annotation without a value binds nothing": is_annotated_only,
    "`symtable` takes any function called `top` for the module": is_local_to_top,
    "since 3.12 targets of inlined comprehensions are listed in the scope around": (
        is_inlined_target
    ),
    "every class body has these names of its own": is_given_by_the_class,
}
ONLY_THE_WALK: dict[str, Reason] = {
    "a class body reads a name before it binds it, so from the module": (
        is_bound_by_a_class
    ),
}


def library() -> Iterator[tuple[ast.Module, symtable.SymbolTable]]:
    """Yield each cell of the standard library, parsed and as the compiler sees it."""
    for source in sources():
        # Some files hold syntax errors on purpose; and in a cell of its own, a future
        # import may not be at the start.
        with suppress(SyntaxError, ValueError):
            for text, tree in cells(source):
                with suppress(SyntaxError):
                    yield tree, symtable.symtable(text, "cell", "exec")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_walk_meets_the_same_names_as_the_compiler() -> None:
    count = 0
    unexplained: list[str] = []
    for tree, top in library():
        count += 1
        ours, theirs = names_by_walk(tree), names_by_compiler(top)
        if ours != theirs:
            for names, reasons in (
                (theirs - ours, ONLY_THE_COMPILER),
                (ours - theirs, ONLY_THE_WALK),
            ):
                unexplained += [
                    f"{name} in:\n{ast.unparse(tree)[:2_000]}"
                    for name in names
                    if not any(holds(name, tree, top) for holds in reasons.values())
                ]
    assert count > 5_000
    assert not unexplained, "\n\n".join(unexplained[:3])
