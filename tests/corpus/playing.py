"""Run published notebooks in real kernels and edit them there.

The oracle for an edit is independent of the kernel: the notebook is run from scratch,
before and after the edit, by plain ipykernel. Cells whose output differs between the
two must be rerun; cells that no chain of shared names ties to the edit must not.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from tests.corpus.notebooks import Page, same, shown
from tests.kernel.kernels import RunningKernel
from tests.kernel.wire import Wire

__all__ = [
    "Edit",
    "Verdict",
    "edits",
    "fresh_run",
    "judge_edit",
    "opened",
    "random_cells",
]

PATIENCE = 120.0
SEED = "import random; random.seed({seed})"

Shown = dict[str, list[Any]]


@contextmanager
def kernel(name: str, seed: int = 0) -> Iterator[Wire]:
    """Start a kernel in an empty folder with its random numbers fixed."""
    running = RunningKernel(name)
    nb = Wire(running)
    nb.etiquette.late_output = True
    try:
        nb.run(None, SEED.format(seed=seed), silent=True, store_history=False)
        yield nb
    finally:
        nb.close()
        running.stop()


def play(nb: Wire, page: Page) -> None:
    """Press Shift-Enter on each cell, as JupyterLab sends it, down to the last."""
    for id, source in page.cells.items():
        request = nb.submit(id, source, stop_on_error=False, allow_stdin=False)
        nb.wait(request, PATIENCE)


def outputs(nb: Wire, page: Page) -> Shown:
    """Return what stands under each cell."""
    return {id: shown(nb.outputs[id]) for id in page.cells}


def fresh_run(page: Page, name: str = "python3", seed: int = 0) -> Shown:
    """Return the outputs of a run from top to bottom in a new kernel."""
    with kernel(name, seed) as nb:
        play(nb, page)
        nb.settle(PATIENCE)
        return outputs(nb, page)


@contextmanager
def opened(page: Page) -> Iterator[Wire]:
    """Open a notebook in the reactive kernel and run it from top to bottom."""
    with kernel("reactive-python") as nb:
        nb.open_comm(subshell=True)
        nb.open(**page.cells)
        play(nb, page)
        nb.settle(PATIENCE)
        nb.ran()
        yield nb


@dataclass(frozen=True, slots=True)
class Edit:
    """A new source for one cell."""

    cell: str
    source: str
    what: str


BUILTIN = frozenset(dir(builtins))


def edits(page: Page, most: int) -> list[Edit]:
    """Return edits of cells in the middle whose names other cells read."""
    ids = list(page.cells)
    middle = ids[len(ids) // 4 : 3 * len(ids) // 4]
    found = [edit for id in middle for edit in _edits_of(page, id)]
    step = max(1, len(found) // most)
    return found[step // 2 :: step][:most]


def _edits_of(page: Page, id: str) -> Iterator[Edit]:
    source = page.cells[id]
    if "%%" in source:
        return
    elsewhere = set().union(*(_loads(page.cells[i]) for i in page.cells if i != id))
    for name, code in _changes(next(_trees(source), ast.Module([], []))):
        if name in elsewhere:
            added = code.format(name=name)
            yield Edit(id, f"{source}\n{added}", added)


MORE = "{name} = {name} + 1"
LONGER = "{name} = {name} + ' '"
COPY = "import copy as _copy; {name} = _copy.copy({name})"
WRAP = "{name} = (lambda f: lambda *a, **k: f(*a, **k))({name})"


def _changes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that a cell binds, and code that binds it to something else."""
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=int())
            ):
                yield name, MORE
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str())
            ):
                yield name, LONGER
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name, COPY
            case ast.FunctionDef(name=name):
                yield name, WRAP
            case _:
                pass


_MANAGER = TransformerManager()  # type: ignore[no-untyped-call]  # IPython is not typed


def _trees(source: str) -> Iterator[ast.Module]:
    """Yield the syntax tree of a cell, and those of what its magics run."""
    try:
        tree = ast.parse(_MANAGER.transform_cell(source))
    except SyntaxError:
        return
    yield tree
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr=name), args=[*_, ast.Constant(str(body))]
            ):
                if name.startswith("run_"):
                    yield from _trees(body)
            case _:
                pass


def _nodes(source: str) -> Iterator[ast.AST]:
    return (node for tree in _trees(source) for node in ast.walk(tree))


def _names(source: str, *contexts: type[ast.expr_context]) -> set[str]:
    return {
        node.id
        for node in _nodes(source)
        if isinstance(node, ast.Name) and isinstance(node.ctx, contexts)
    }


def _loads(source: str) -> set[str]:
    return _names(source, ast.Load)


def _touched(source: str) -> set[str]:
    """Return every name that a cell might bind or change, seen without any subtlety."""
    bound = {
        getattr(node, "asname", None) or getattr(node, "name", None) or ""
        for node in _nodes(source)
    }
    named = _names(source, ast.Store, ast.Del, ast.Load)
    return (bound | named) - BUILTIN


def possible_dependents(page: Page, edited: str) -> set[str]:
    """Return every cell that a chain of shared names ties to a cell."""
    affected, names = {edited}, _touched(page.cells[edited])
    while more := {
        id
        for id, source in page.cells.items()
        if id not in affected and _loads(source) & names
    }:
        affected |= more
        names = names.union(*(_touched(page.cells[id]) for id in more))
    return affected - {edited}


@dataclass(slots=True)
class Verdict:
    """What an edit did."""

    edit: Edit
    reran: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    random: set[str] = field(default_factory=set)
    skipped: str = ""
    faults: list[str] = field(default_factory=list)


def judge_edit(
    nb: Wire, page: Page, edit: Edit, before: Shown, random: set[str]
) -> Verdict:
    """Run an edited cell in an opened notebook and compare with fresh runs.

    Parameters
    ----------
    nb
        The notebook as opened by `opened`, with its original sources run.
    before
        The outputs of a fresh run of the original.
    random
        The cells whose outputs no two seeds share.
    """
    verdict = Verdict(edit, random=random)
    edited = page.edited(edit.cell, edit.source)
    after = fresh_run(edited)
    verdict.changed = {
        id for id in page.cells if not same(before[id], after[id])
    } - random
    graph = downstream(nb, edit.cell)
    request = nb.submit(edit.cell, edit.source, stop_on_error=False, allow_stdin=False)
    nb.wait(request, PATIENCE)
    nb.settle(PATIENCE)
    ran = nb.ran()
    verdict.reran = [id for id in ran if id != edit.cell]
    check_reruns(verdict, nb, ran, possible_dependents(edited, edit.cell), graph)
    if mutators := [id for id in ran if nb.mirror.cells[id]["mutates"]]:
        verdict.skipped = f"in-place changes in {', '.join(mutators)}"
        return verdict
    seen = outputs(nb, page)
    for id in page.cells.keys() - random:
        if nb.state(id) == "fresh" and not same(seen[id], after[id]):
            verdict.faults.append(
                f"{id} shows {seen[id]}, a fresh run {after[id]}"[:600]
            )
    return verdict


def check_reruns(
    verdict: Verdict, nb: Wire, ran: list[str], possible: set[str], graph: set[str]
) -> None:
    """Note cells that ran twice, needlessly, or not although they had to."""
    cell = verdict.edit.cell
    reran = set(verdict.reran)
    if len(ran) != len(set(ran)):
        verdict.faults.append(f"ran more than once: {ran}")
    if needless := reran - possible:
        verdict.faults.append(f"reran although nothing ties them: {needless}")
    if beyond := reran - graph - downstream(nb, cell):
        verdict.faults.append(f"reran although not downstream: {beyond}")
    ended = {id for id in verdict.changed if nb.state(id) in {"fresh", "stale"}}
    if missed := ended - reran - {cell}:
        verdict.faults.append(f"not rerun although its output changes: {missed}")


def downstream(nb: Wire, id: str) -> set[str]:
    """Return the cells below a cell in the graph as the kernel tells it."""
    found: set[str] = set()
    waiting = [id]
    while waiting:
        writer = waiting.pop()
        readers = {
            reader
            for reader, told in nb.mirror.cells.items()
            if writer in told["uses"].values()
        }
        waiting.extend(readers - found)
        found |= readers
    return found


def random_cells(page: Page, before: Shown) -> set[str]:
    """Return the cells whose outputs depend on the seed of the random numbers."""
    other = fresh_run(page, seed=1)
    return {id for id in page.cells if not same(before[id], other[id])}
