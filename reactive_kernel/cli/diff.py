"""``jupyter reactive diff``: what changed between two notebooks, and what follows."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from reactive_kernel.analysis import normalised
from reactive_kernel.cli.opened import FILE, Opened, opened
from reactive_kernel.formats import rewriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["diff"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two notebooks.

    Parameters
    ----------
    added, removed
        Names of cells in the new and in the old notebook.
    moved, changed, formatted
        Pairs of names, old and new. *Formatted*: another text, but the same program.
    affected
        Cells of the new notebook whose results may differ although they are unchanged.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    changed: tuple[tuple[str, str], ...]
    formatted: tuple[tuple[str, str], ...]
    affected: tuple[str, ...]


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, *, as_json: bool) -> None:
    """Tell how two notebooks differ, cell by cell, and which results that affects.

    Outputs are not compared; .ipynb and .py can be compared with each other.

    Exit code 1: they differ.
    """
    before, after = opened(old), opened(new)
    found = changes(before, after)
    if as_json:
        click.echo(json.dumps(_as_json(before, after, found), indent=1))
    else:
        for line in _lines(before, after, found):
            click.echo(line)
    differ = (found.added, found.removed, found.moved, found.changed, found.formatted)
    context.exit(int(any(differ)))


def changes(before: Opened, after: Opened) -> Changes:
    """Return how two notebooks differ."""
    pairs = _pairs(before, after)
    changed: list[tuple[str, str]] = []
    formatted: list[tuple[str, str]] = []
    for one, other in pairs.items():
        kind = _difference(before.cells[one], after.cells[other])
        if kind:
            (changed if kind == "changed" else formatted).append((one, other))
    added = tuple(name for name in after.cells if name not in set(pairs.values()))
    removed = tuple(name for name in before.cells if name not in pairs)
    touched = {*added, *(other for _, other in changed)}
    return Changes(
        added,
        removed,
        tuple(_moved(before, after, pairs)),
        tuple(changed),
        tuple(formatted),
        tuple(_affected(before, after, pairs, touched)),
    )


def _pairs(before: Opened, after: Opened) -> dict[str, str]:
    """Return which cell of the old notebook is which of the new one.

    By their ids; those that have none in common by their texts.
    """
    pairs = {name: name for name in before.cells if name in after.cells}
    if len(pairs) * 2 >= min(len(before.cells), len(after.cells)):
        has_ids = all(
            "id" in cell for cell in (*before.cells.values(), *after.cells.values())
        )
        if has_ids:
            return pairs
    one, other = list(before.cells), list(after.cells)
    texts = (
        [before.cells[n]["source"] for n in one],
        [after.cells[n]["source"] for n in other],
    )
    matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
    pairs = {}
    for kind, i, end_i, j, end_j in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and end_i - i == end_j - j):
            pairs |= dict(zip(one[i:end_i], other[j:end_j], strict=True))
    return pairs


def _difference(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if old["cell_type"] != new["cell_type"]:
        return "changed"
    if old["source"] == new["source"]:
        return ""
    code = old["cell_type"] == "code"
    same = code and _program(old["source"]) == _program(new["source"])
    return "formatted" if same else "changed"


def _program(source: str) -> bytes:
    return normalised(source, rewriter())


def _moved(
    before: Opened, after: Opened, pairs: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the pairs that do not stand in the same order."""
    old = [name for name in before.cells if name in pairs]
    new = {name: place for place, name in enumerate(after.cells)}
    matcher = difflib.SequenceMatcher(
        None,
        [pairs[name] for name in old],
        sorted(pairs.values(), key=new.__getitem__),
        autojunk=False,
    )
    staying = {
        place
        for block in matcher.get_matching_blocks()
        for place in range(block.a, block.a + block.size)
    }
    for place, name in enumerate(old):
        if place not in staying:
            yield name, pairs[name]


def _affected(
    before: Opened,
    after: Opened,
    pairs: Mapping[str, str],
    touched: set[str],
) -> Iterator[str]:
    """Yield the unchanged cells whose results may differ."""
    graph = after.graph
    old = {new: name for name, new in pairs.items()}
    sources = {id for cell in graph.document if (id := cell.id) in touched}
    rebound = {
        cell.id
        for cell in graph.document
        if cell.id in old
        and old[cell.id] in before.graph.document
        and _inputs(before, old[cell.id], pairs) != dict(graph.inputs(cell.id))
    }
    affected = (graph.downstream(sources | rebound) | rebound) - touched
    return (cell.id for cell in graph.document if cell.id in affected)


def _inputs(
    before: Opened, name: str, pairs: Mapping[str, str]
) -> dict[str, str | None]:
    """Return where a cell took its names from, in terms of the new notebook."""
    id = before.graph.document[name].id
    return {
        read: writer and pairs.get(writer, f"removed {writer}")
        for read, writer in before.graph.inputs(id).items()
    }


def _lines(before: Opened, after: Opened, found: Changes) -> Iterator[str]:
    for name in found.removed:
        yield f"removed   {before.label(name)}: {before.first_line(name)}"
    for name in found.added:
        yield f"added     {after.label(name)}: {after.first_line(name)}"
    for word, pairs in (
        ("moved", found.moved),
        ("changed", found.changed),
        ("formatted", found.formatted),
    ):
        for one, other in pairs:
            yield f"{word:9} {after.label(other)}, was cell {before.number(one)}: {after.first_line(other)}"
    for name in found.affected:
        yield f"affected  {after.label(name)}: {after.first_line(name)}"


def _as_json(before: Opened, after: Opened, found: Changes) -> dict[str, object]:
    def both(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, int]]:
        return [
            {"old": before.number(one), "new": after.number(other)}
            for one, other in pairs
        ]

    return {
        "removed": [before.number(name) for name in found.removed],
        "added": [after.number(name) for name in found.added],
        "moved": both(found.moved),
        "changed": both(found.changed),
        "formatted": both(found.formatted),
        "affected": [after.number(name) for name in found.affected],
    }
