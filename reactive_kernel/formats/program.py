"""The notebook as a program: in which order its cells stand, and which run at all.

The order is the one in which a fresh run evaluates, found by the same analysis and the
same graph as in the kernel. Cells that plain Python cannot run are *inert*, and so is
what depends on them.
"""

from __future__ import annotations

import builtins
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from reactive_kernel.analysis import DefUse, analyse, is_history, overruled
from reactive_kernel.document import Cell, CellId, Document
from reactive_kernel.errors import CycleError
from reactive_kernel.formats.bodies import TOO_LONG
from reactive_kernel.formats.magics import uncommented
from reactive_kernel.formats.outline import Outline, compiles, outlined
from reactive_kernel.graph import DefUseGraph
from reactive_kernel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from reactive_kernel.formats.bodies import Body
    from reactive_kernel.formats.notebook import Page

__all__ = [
    "Program",
    "execution_order",
    "graph_of",
    "inert_cells",
    "names_of",
    "program_of",
    "rewriter",
]

_CACHED = 20_000
"""Characters of the longest cell whose record is kept."""

_BUILTINS = frozenset(vars(builtins))
_HARMLESS = re.compile(
    r"[ \t]*%(?:matplotlib|config|load_ext|reload_ext|autoreload|pip|conda)\b[^{$]*"
    r"|[ \t]*![^=\\{$]*"
)
_TIMED = re.compile(r"[ \t]*%time ([^\n;\\]*)")
_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import\b", re.M)


@dataclass(frozen=True, slots=True)
class Program:
    """What the file does when plain Python runs it.

    Parameters
    ----------
    order
        All cells, by name, in the order of the file.
    inert
        Code cells that plain Python does not run.
    unexpected
        Those of them that their author has not disabled.
    unbound
        Names that live cells take from Jupyter, such as ``display``.
    problem
        Why the cells stand in document order although they should not.
    """

    order: tuple[str, ...]
    inert: frozenset[str] = frozenset()
    unexpected: tuple[str, ...] = ()
    unbound: frozenset[str] = frozenset()
    problem: str = ""


@cache
def rewriter() -> Callable[[str], str]:
    """Return IPython's own rewriting of its syntax into Python."""
    from IPython.core.inputtransformer2 import TransformerManager

    manager: Any = TransformerManager()
    return lambda source: str(manager.transform_cell(source))


def record_of(source: str) -> DefUse:
    """Return the definitions and uses of a cell; none of one that is too long to run."""
    if len(source) > TOO_LONG:
        return DefUse()
    return _record(source) if len(source) < _CACHED else analyse(source, rewriter())


@lru_cache(maxsize=4096)
def _record(source: str) -> DefUse:
    # A notebook is written whenever it is saved, and most of its cells are as before.
    return analyse(source, rewriter())


def names_of(page: Page) -> tuple[str, ...]:
    """Return what the cells of a notebook are called: their ids if they have some."""
    return tuple(cell.id or f"cell-{place}" for place, cell in enumerate(page.cells))


def graph_of(page: Page, names: Sequence[str]) -> DefUseGraph:
    """Return the graph of a notebook's code cells."""
    cells = tuple(
        Cell(CellId(name), cell.source, cell.settings)
        for name, cell in zip(names, page.cells, strict=True)
        if cell.kind == "code"
    )
    return DefUseGraph.of(
        Document(cells), lambda cell: overruled(record_of(cell.source), cell.settings)
    )


def program_of(page: Page, names: Sequence[str], bodies: Mapping[str, Body]) -> Program:
    """Return the program that a notebook is.

    Parameters
    ----------
    page
        The notebook.
    names
        What its cells are called, in order.
    bodies
        The bodies of its code cells by name.
    """
    code = [
        name
        for name, cell in zip(names, page.cells, strict=True)
        if cell.kind == "code"
    ]
    if not page.in_python:
        return Program(tuple(names), frozenset(code))
    usual = all(cell.settings == Settings() for cell in page.cells)
    plain = _plain_program([bodies[name] for name in code], names) if usual else None
    return plain or _ordered_program(page, names, bodies)


def _plain_program(bodies: Sequence[Body], names: Sequence[str]) -> Program | None:
    """Return the program of a notebook that runs as it stands; None if in doubt.

    It does so for sure where no cell reads, even by calling a function, a name that
    some cell writes and none above it. That is so of most notebooks, and mostly the
    outlines of the cells show it.
    """
    outlines = []
    lost: set[str] = set()
    for body in bodies:
        if body.live is None or (found := _outline(body.live)) is None:
            return None
        outlines.append((body.live, found))
        lost |= _lost(body.live, found)
    writers = Counter(
        name for _, found in outlines for name in (*found.bound, *found.by_calls)
    )
    if _has_unknown(outlines, writers) or not _is_in_order(outlines, writers):
        return None
    missed = any(not lost.isdisjoint(_named(found)) for _, found in outlines)
    if missed or _is_changed_by_magics(outlines):
        return None
    return Program(tuple(names))


def _has_unknown(
    outlines: Sequence[tuple[str, Outline]], writers: Collection[str]
) -> bool:
    """Return whether cells share a name that none of them binds.

    One of them may change it in place, and the others come to depend on that. Or it
    is `display`, of which a script has to make its own.
    """
    known = _BUILTINS.union(writers)
    star = any(found.star for _, found in outlines)  # Which then binds them.
    seen: set[str] = set()
    for _, found in outlines:
        strange = {name for name in _named(found) - known if name[:2] != "__"}
        if "display" in strange or (not star and not seen.isdisjoint(strange)):
            return True
        seen |= strange
    return False


def _is_in_order(
    outlines: Sequence[tuple[str, Outline]], writers: Mapping[str, int]
) -> bool:
    """Return whether each cell surely finds above it all that it reads."""
    above: set[str] = set()
    called: defaultdict[str, set[str]] = defaultdict(set)
    for live, found in outlines:
        for name, later in found.later.items():
            called[name] |= later & writers.keys()
        # Of its own names only those that other cells write, too, can be theirs.
        own = {name for name in found.bound if writers[name] == 1}
        missing = (found.now & writers.keys()) - above - own
        if missing and missing <= found.bound:  # Does it bind them before it reads?
            record = record_of(live)
            missing &= record.uses.keys() | record.conditional.keys()
        reached = _reached(found.now, called) - above - own
        if reached and reached <= found.bound:  # Or before it calls?
            taken = _taken(record_of(live), called)
            reached = (taken & writers.keys()) - above - own
        if missing or reached:
            return False
        above |= found.bound
    return True


def _taken(record: DefUse, called: Mapping[str, set[str]]) -> set[str]:
    """Return what a cell takes from outside, itself or by calling what is from there."""
    found = {*record.uses, *record.conditional}
    for name in record.uses.keys() | record.mutates.keys():
        found |= _reached([name], called) - record.before.get(name, frozenset())
    return found


def _reached(names: Collection[str], called: Mapping[str, set[str]]) -> set[str]:
    """Return the names that calling what some names stand for may read."""
    found: set[str] = set()
    queue = [name for name in names if name in called]
    while queue:
        fresh = called.get(queue.pop(), set()) - found
        found |= fresh
        queue += fresh
    return found


def _outline(live: str) -> Outline | None:
    """Return the outline of a cell; None if that does not tell enough about it."""
    found = outlined(live)
    if found is None or "__future__" in live:
        return None
    names = _named(found)
    if "get_ipython" in names or any(map(is_history, names)):
        return None
    records = list(_of_magics(live))
    if not records:
        return found
    reads = found.now.union(*(record.uses for record in records))
    return replace(found, now=reads)


def _lost(live: str, found: Outline) -> frozenset[str]:
    """Return the names that the magics of a cell write, and plain Python then does not."""
    return frozenset().union(*map(_writes, _of_magics(live))) - found.bound


def _of_magics(live: str) -> Iterator[DefUse]:
    """Yield what is known of the magics of a cell that may read or write names."""
    magics = [line for line in _magics(live) if not _HARMLESS.fullmatch(line)]
    timed = [found[1] for line in magics if (found := _TIMED.fullmatch(line))]
    if len(timed) == len(magics) and all(map(compiles, timed)):
        yield from map(record_of, timed)
    else:
        yield record_of(uncommented(live))


def _magics(live: str) -> Iterator[str]:
    """Yield the lines of a cell that plain Python takes for comments."""
    cell = uncommented(live)
    if cell != live:
        lines = zip(cell.split("\n"), live.split("\n"), strict=True)
        yield from (one for one, other in lines if one != other)


def _is_changed_by_magics(outlines: Sequence[tuple[str, Outline]]) -> bool:
    """Return whether magics may call functions that change what other cells read."""
    called: defaultdict[str, set[str]] = defaultdict(set)
    makers: defaultdict[str, list[str]] = defaultdict(list)
    for live, found in outlines:
        for name, later in found.later.items():
            called[name] |= later
            makers[name].append(live)
        for name in found.bound:  # Its value may carry functions.
            called[name] |= found.now
    names: set[str] = set()
    for live, _ in outlines:
        for record in _of_magics(live):
            names |= record.uses.keys() | _reached(record.uses, called)
    records = (record_of(live) for name in names for live in makers.get(name, ()))
    return any(
        each.mutates or each.binds
        for record in records
        for each in record.deferred.values()
    )


def _named(found: Outline) -> frozenset[str]:
    """Return the names that a cell and its functions may read."""
    return found.now.union(*found.later.values())


def _writes(record: DefUse) -> frozenset[str]:
    called = [each.binds | each.mutates for each in record.deferred.values()]
    own = record.definitions.keys() | record.mutates.keys() | record.deletes.keys()
    return frozenset(own).union(*called)


def _ordered_program(
    page: Page, names: Sequence[str], bodies: Mapping[str, Body]
) -> Program:
    """Return the program of any notebook."""
    graph = graph_of(page, names)
    inert = inert_cells(graph, bodies)
    order, problem = execution_order(graph, inert)
    order, late = _future_first(order, graph, bodies, inert)
    inert = _closed(graph, inert | late)
    off = {n for n, c in zip(names, page.cells, strict=True) if c.disabled}
    return Program(
        tuple(_with_text_cells(page, names, order)),
        frozenset(inert),
        tuple(name for name in order if name in inert and name not in off),
        frozenset().union(*(graph.unbound(id) for id in order if id not in inert)),
        problem,
    )


def inert_cells(graph: DefUseGraph, bodies: Mapping[str, Body]) -> set[CellId]:
    """Return the cells that plain Python cannot run."""
    lost: dict[CellId, frozenset[str]] = {}
    inert: set[CellId] = set()
    for cell in graph.document:
        live = bodies[cell.id].live
        if live is None or _needs_jupyter(live):
            inert.add(cell.id)
        elif "# " in live and live != cell.source.rstrip("\n"):
            record = record_of(live)
            lost[cell.id] = graph.writes(cell.id) - record.definitions.keys()
            if lost[cell.id] & record.uses.keys():
                inert.add(cell.id)
    return _closed(graph, inert, lost)


def _needs_jupyter(live: str) -> bool:
    """Return whether a cell uses Jupyter's shell or history and nothing in their place.

    A cell that says what to do without them has an ``except``.
    """
    record = record_of(live)
    codes = {finding.code for finding in record.diagnostics}
    needs = "get_ipython" in record.uses or "uses-history" in codes
    return needs and "except" not in live


def _closed(
    graph: DefUseGraph,
    inert: Collection[CellId],
    lost: Mapping[CellId, frozenset[str]] | None = None,
) -> set[CellId]:
    """Return inert cells and all that depends on them, or on names that are lost."""
    found = set(inert)
    queue = list(found)
    for id, names in (lost or {}).items():
        queue += [
            reader
            for reader, read in graph.readers(id).items()
            if read & names and reader not in found
        ]
    found.update(queue)
    while queue:
        id = queue.pop()
        fresh = [reader for reader in graph.readers(id) if reader not in found]
        found.update(fresh)
        queue += fresh
    return found


def execution_order(
    graph: DefUseGraph, inert: Collection[str] = ()
) -> tuple[list[CellId], str]:
    """Return the code cells in the order of the file, and why it cannot be right."""
    order = graph.program()
    document = [cell.id for cell in graph.document]
    if order == document:
        return order, ""
    for id in document:
        cycle = graph.cycle(id)
        if cycle is not None:
            return document, str(CycleError(cycle.names(id)))
    name = _wrong_version(graph, [id for id in order if id not in inert])
    if name:
        return document, f"no order gives each cell its own version of {name}"
    return order, ""


def _wrong_version(graph: DefUseGraph, order: Sequence[CellId]) -> str:
    """Return a name that some cell would find with another cell's value."""
    holder: dict[str, CellId] = {}
    here = set(order)
    for id in order:
        for name, writer in graph.inputs(id).items():
            if writer in here and holder.get(name) != writer:
                return name
        holder |= dict.fromkeys(graph.writes(id), id)
    return ""


def _future_first(
    order: list[CellId],
    graph: DefUseGraph,
    bodies: Mapping[str, Body],
    inert: Collection[CellId],
) -> tuple[list[CellId], set[CellId]]:
    """Return an order that begins with the imports from ``__future__``.

    Python wants them at the top. The first cell that has some goes there if it needs no
    other cell; others cannot run.
    """
    future = [
        id
        for id in order
        if id not in inert
        and _FUTURE.search(bodies[id].live or "")
        and not compiles(f"0\n{bodies[id].live}")
    ]
    if not future:
        return order, set()
    first, *late = future
    if any(graph.inputs(first).values()):
        return order, set(future)
    return [first, *(id for id in order if id != first)], {*late}


def _with_text_cells(
    page: Page, names: Sequence[str], order: Sequence[str]
) -> Iterator[str]:
    """Yield all cells; those that are no code stay above the code that follows them."""
    if list(order) == list(names):
        yield from names
        return
    above: dict[str | None, list[str]] = {}
    waiting: list[str] = []
    for name, cell in zip(names, page.cells, strict=True):
        if cell.kind == "code":
            above[name], waiting = waiting, []
        else:
            waiting.append(name)
    for name in order:
        yield from above[name]
        yield name
    yield from waiting
