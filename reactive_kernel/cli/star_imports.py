"""Star imports as imports of the names that the notebook reads; nothing is executed."""

from __future__ import annotations

import ast
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from typing import TYPE_CHECKING

from reactive_kernel.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reactive_kernel.graph import DefUseGraph

__all__ = ["spelled_out"]


def spelled_out(graph: DefUseGraph, folder: Path) -> dict[str, str]:
    """Return the new texts of cells whose star imports can be spelled out.

    Only where this surely changes nothing: all that the module gives can be read off
    its source, no cell hides what it reads, and no other cell binds one of the names.
    """
    records = [graph.defuse(cell.id) for cell in graph.document]
    modules = [module for record in records for module in record.star_imports]
    if any(record.opaque or record.broken for record in records):
        return {}
    read: set[str] = set()
    bound: set[str] = set()
    for record in records:
        read |= {*record.uses, *record.conditional, *record.mutates}
        bound |= {*record.definitions, *record.deletes}
        for value in record.deferred.values():
            read |= value.uses | value.mutates
            bound |= value.binds
    given = {module: _given(module, folder) for module in modules}
    if len(given) != len(modules) or None in given.values():
        return {}
    names = {module: sorted((each or set()) & read) for module, each in given.items()}
    every = [name for each in names.values() for name in each]
    if len(set(every)) != len(every) or not bound.isdisjoint(every):
        return {}
    texts = {
        str(cell.id): _replaced(cell.source, names)
        for cell, record in zip(graph.document, records, strict=True)
        if record.star_imports
    }
    return {id: text for id, text in texts.items() if text is not None}


def _given(module: str, folder: Path) -> set[str] | None:
    """Return the names that a module of one file gives; None if in doubt."""
    if "." in module or module in sys.builtin_module_names:
        return None
    spec = PathFinder.find_spec(module, [str(folder), *sys.path])
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        return None
    try:
        text = spec.loader.get_source(module) or ""
    except (SyntaxError, UnicodeError):  # It is in another encoding than it says.
        return None
    record = analyse(text)
    if record.broken or record.star_imports or record.opaque:
        return None
    if "__all__" in record.definitions or "__getattr__" in record.definitions:
        return _listed(text)
    public = {name for name in record.definitions if not name.startswith("_")}
    # A name that is bound under a condition may be missing, which only `*` forgives.
    return public if not record.deletes and public <= set(_sure(text)) else None


def _sure(text: str) -> Iterator[str]:
    """Yield the names that the statements at the top of a module bind in any case."""
    for node in ast.parse(text).body:
        match node:
            case (
                ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name)
            ):
                yield name
            case ast.Assign(targets=targets):
                yield from (each.id for each in targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr()):
                yield name
            case ast.Import(names) | ast.ImportFrom(names=names):
                yield from (each.asname or each.name.split(".")[0] for each in names)
            case _:
                pass


def _listed(text: str) -> set[str] | None:
    """Return what ``__all__`` lists, if it is bound once and to literals."""
    if text.count("__all__") != 1:
        return None
    for node in ast.parse(text).body:
        match node:
            case ast.Assign(targets=[ast.Name("__all__")], value=value):
                try:
                    return set(ast.literal_eval(value))
                except (ValueError, TypeError):
                    return None
            case _:
                pass
    return None


def _replaced(source: str, names: dict[str, list[str]]) -> str | None:
    """Return a cell with its star imports spelled out; None if that cannot be."""
    lines = source.split("\n")
    try:
        found = list(_stars(ast.parse(source)))
    except (SyntaxError, ValueError):
        return None
    for node in found:
        line = f"from {node.module} import *"
        module = node.module or ""
        if lines[node.lineno - 1].partition("#")[0].rstrip() != line:
            return None
        if not names[module]:
            return None  # It may be imported for what it does.
        explicit = f"from {module} import {', '.join(names[module])}"
        lines[node.lineno - 1] = lines[node.lineno - 1].replace(line, explicit, 1)
    return "\n".join(lines)


def _stars(tree: ast.Module) -> Iterator[ast.ImportFrom]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            yield node
