"""An updated graph equals one made afresh, and both equal the rule written naively."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from reactive_kernel.analysis import (
    Deferred,
    Definition,
    DefUse,
    Kind,
    Side,
    analyse,
    overruled,
)
from reactive_kernel.document import Cell, CellId, Document, Settings
from reactive_kernel.graph import DefUseGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NAMES = ("x", "y", "f", "g", "len")
AMBIENT = {"len", "print"}
IDS = [CellId(id) for id in "abcdefgh"]
RECORDS: dict[str, DefUse] = {}

names = st.frozensets(st.sampled_from(NAMES), max_size=2)
deferred = st.builds(Deferred, uses=names, mutates=names, binds=names, carries=names)


@st.composite
def records(draw: st.DrawFn) -> DefUse:
    """Make any record, also ones that no text would give."""
    spans = names.map(dict.fromkeys)
    defined = draw(names)
    return DefUse(
        definitions={name: Definition(name, Kind.VARIABLE) for name in sorted(defined)},
        uses=draw(spans),
        before=draw(st.dictionaries(st.sampled_from(NAMES), names, max_size=2)),
        mutates=draw(spans),
        deletes=draw(st.just({}) | spans),
        deferred=draw(st.dictionaries(st.sampled_from(NAMES), deferred, max_size=2)),
        closed=draw(st.just(frozenset()) | st.frozensets(st.sampled_from(Side))),
    )


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Make a text that stands for a random record."""
    record = draw(records())
    source = repr(record)
    RECORDS[source] = record
    return source


FRAGMENTS = (
    "x = 1",
    "x = x + 1",
    "x = y",
    "y = x",
    "y = f(x)",
    "x = []",
    "x.append(1)",
    "y = g(f)",
    "print(x, y)",
    "del x",
    "len = 3",
    "print(len(y))",
    "def f(a=1): return x",
    "def f(): return g()",
    "def g(): return f() + y",
    "def g():\n    global x\n    x = y",
    "def g(): x.append(y)",
    "f()",
    "g()",
    "x = g()",
    "y = 1; f()",
    "for x in y: g(x)",
    "f = lambda: x",
    "class f:\n    def m(self): return y",
    "(",
)
texts = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=2).map("\n".join)


SETTINGS = (
    Settings(disabled=True),
    Settings(pure=True),
    Settings(reads=frozenset({"x", "f"})),
    Settings(writes=frozenset({"x"})),
    Settings(reads=frozenset({"y"}), writes=frozenset({"x", "y"})),
)


@dataclass
class Step:
    """One change of a document."""

    kind: str
    cell: int
    position: int
    source: str


def steps(source: st.SearchStrategy[str]) -> st.SearchStrategy[list[Step]]:
    kinds = st.sampled_from(
        ["edit", "edit", "insert", "insert", "delete", "move", "toggle", "shuffle"]
    )
    number = st.integers(0, len(IDS) - 1)
    return st.lists(st.builds(Step, kinds, number, number, source), max_size=12)


def changed(document: Document, step: Step) -> Document:
    """Carry out one change, as far as it is possible."""
    if step.kind == "insert":
        free = [id for id in IDS if id not in document]
        if not free:
            return document
        cell = Cell(free[step.cell % len(free)], step.source)
        return document.inserted(cell, step.position)
    if not document.cells:
        return document
    cell = document.cells[step.cell % len(document)]
    ids = [other.id for other in document if other.id != cell.id]
    if step.kind == "edit":
        return document.edited(cell.id, step.source)
    if step.kind == "toggle":
        new = SETTINGS[step.position % len(SETTINGS)]
        other = Settings() if cell.settings == new else new
        return document.edited(cell.id, cell.source, other)
    if step.kind == "delete":
        return document.without([cell.id])
    if step.kind == "move":
        ids.insert(step.position, cell.id)
        return document.ordered(ids)
    return document.ordered([cell.id, *sorted(ids, key=lambda id: hash(id) % 7)])


def situation(graph: DefUseGraph) -> dict[str, object]:
    """Return all that a graph says."""
    ids = [cell.id for cell in graph.document]
    cycles = {id: graph.cycle(id) for id in ids}
    return {
        "inputs": {id: dict(graph.inputs(id)) for id in ids},
        "writes": {id: (graph.writes(id), graph.mutates(id)) for id in ids},
        "readers": {id: dict(graph.readers(id)) for id in ids},
        "writers": {name: graph.writers(name) for name in NAMES},
        "cycles": {
            id: cycle and (cycle.cells, frozenset(cycle.edges))
            for id, cycle in cycles.items()
        },
        "findings": {id: frozenset(graph.findings(id)) for id in ids},
        "order": graph.order(ids),
        "disabled": {name: graph.disabled_writers(name) for name in NAMES},
        "slices": {id: graph.slice(id).cells for id in ids},
    }


def rebound(old: DefUseGraph, new: DefUseGraph) -> set[CellId]:
    """Return the cells whose situation differs between two graphs."""

    def of(graph: DefUseGraph, id: CellId) -> object:
        if id not in graph.document:
            return None
        cycle = graph.cycle(id)
        return (
            dict(graph.inputs(id)),
            graph.defuse(id),
            graph.document[id].settings.disabled,
            cycle and (frozenset(cycle.cells), frozenset(cycle.edges)),
        )

    return {cell.id for cell in new.document if of(old, cell.id) != of(new, cell.id)}


@given(st.lists(sources(), max_size=5), steps(sources()))
@settings(max_examples=150, deadline=None)
def test_an_updated_graph_equals_a_fresh_one(
    first: list[str], then: list[Step]
) -> None:
    check(first, then, lambda cell: overruled(RECORDS[cell.source], cell.settings))


@given(st.lists(texts, max_size=6), steps(texts))
@settings(max_examples=150, deadline=None)
def test_an_updated_graph_equals_a_fresh_one_for_real_text(
    first: list[str], then: list[Step]
) -> None:
    check(first, then, lambda cell: overruled(analyse(cell.source), cell.settings))


def check(
    first: list[str], then: list[Step], analysed: Callable[[Cell], DefUse]
) -> None:
    """Compare the graph with a fresh one after each step."""
    document = Document(
        tuple(Cell(id, source) for id, source in zip(IDS, first, strict=False))
    )
    graph = DefUseGraph.of(document, analysed)
    for step in then:
        document = changed(document, step)
        old = graph
        graph = old.updated(document)

        def known(cell: Cell, graph: DefUseGraph = graph) -> DefUse:
            return graph.defuse(cell.id)

        assert situation(graph) == situation(DefUseGraph.of(document, known))
        assert graph.rebound == rebound(old, graph)


@given(st.lists(sources(), max_size=7), st.sets(st.sampled_from(IDS)))
@settings(max_examples=150, deadline=None)
def test_a_graph_follows_the_rule(first: list[str], disabled: set[CellId]) -> None:
    cells = [
        Cell(id, source, Settings(disabled=id in disabled))
        for id, source in zip(IDS, first, strict=False)
    ]
    graph = DefUseGraph.of(Document(tuple(cells)), lambda cell: RECORDS[cell.source])
    rule = Rule([(cell.id, RECORDS[cell.source]) for cell in cells], disabled)
    for cell in cells:
        assert graph.inputs(cell.id) == rule.inputs(cell.id)
        assert graph.writes(cell.id) == rule.writes(cell.id).keys()


@dataclass
class Rule:
    """The rule of binding, written as naively as possible."""

    cells: list[tuple[CellId, DefUse]]
    disabled: set[CellId]
    record: dict[CellId, DefUse] = field(init=False)
    known: dict[tuple[CellId, str], Deferred] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record = dict(self.cells)
        self.ids = [id for id, _ in self.cells]
        while self.grow():
            pass

    def taken(self, id: CellId) -> set[str]:
        record = self.record[id]
        return {*record.uses, *record.mutates}

    def text(self, id: CellId) -> dict[str, bool]:
        if id in self.disabled:
            return {}
        record = self.record[id]
        taken = self.taken(id)
        bound = {name: name not in taken for name in record.definitions}
        gone = {name: name not in taken for name in record.deletes}
        return {**dict.fromkeys(record.mutates, False), **gone, **bound}

    def place(self, id: CellId, roots: list[int]) -> tuple[int, int, int]:
        at = self.ids.index(id)
        if roots and at < roots[0]:
            return (roots[0], 1, at)
        return (at, 0, at)

    def resolve(
        self, id: CellId, name: str, writes: Callable[[CellId], Mapping[str, bool]]
    ) -> CellId | None:
        writers = [other for other in self.ids if name in writes(other)]
        roots = [at for at, other in enumerate(self.ids) if writes(other).get(name)]
        if name in AMBIENT:
            roots = []
        chain = sorted(writers, key=lambda other: self.place(other, roots))
        here = self.place(id, roots)
        above = [other for other in chain if self.place(other, roots) < here]
        if above:
            return above[-1]
        if name in AMBIENT or id in writers or not writers:
            return None
        return chain[0]

    def grow(self) -> bool:
        """Add to what calling values does; return whether there was anything new."""
        old = dict(self.known)
        for id in self.ids:
            for name in NAMES:
                self.known[id, name] = self.joined(self.pieces(id, name))
        return self.known != old

    def joined(self, pieces: Iterable[Deferred]) -> Deferred:
        found = Deferred()
        for piece in pieces:
            found = Deferred(
                found.uses | piece.uses,
                found.mutates | piece.mutates,
                found.binds | piece.binds,
            )
        return found

    def pieces(self, id: CellId, name: str) -> Iterable[Deferred]:
        record = self.record[id]
        own = {name} if name in record.deferred else set()
        foreign = {name} & (record.mutates.keys() - record.definitions.keys())
        while True:
            carried = {
                other
                for carrier in own
                for other in record.deferred.get(carrier, Deferred()).carries
            }
            if own >= carried:
                break
            own |= carried
        carried = {
            other
            for carrier in own
            for other in record.deferred.get(carrier, Deferred()).carries
        }
        for other in carried:
            if other in record.uses or other not in record.definitions:
                foreign = foreign | {other}
        for other in own:
            yield replace(record.deferred.get(other, Deferred()), carries=frozenset())
        for other in foreign:
            yield self.called(id, other)

    def called(self, id: CellId, name: str) -> Deferred:
        maker = self.resolve(id, name, self.text)
        return self.known.get((maker, name), Deferred()) if maker else Deferred()

    def follow(self, id: CellId) -> tuple[set[str], Deferred]:
        """Return what a cell reads, and all calls it can make."""
        record = self.record[id]
        reads = self.taken(id)
        calls = []
        for start in self.taken(id):
            bound = record.before.get(start, frozenset())
            seen: set[str] = set()
            pending = [self.called(id, start)]
            while pending:
                call = pending.pop()
                calls.append(replace(call, mutates=call.mutates - bound))
                for name in (call.uses | call.mutates) - seen:
                    seen.add(name)
                    if name in bound:
                        pending.append(self.known.get((id, name), Deferred()))
                    else:
                        reads.add(name)
                        pending.append(self.called(id, name))
        return self.declared(record, reads, self.joined(calls))

    def declared(
        self, record: DefUse, reads: set[str], calls: Deferred
    ) -> tuple[set[str], Deferred]:
        """Return the same without what the cell's author has ruled out."""
        if Side.BINDS in record.closed:
            calls = replace(calls, binds=frozenset())
        if Side.MUTATES in record.closed:
            calls = replace(calls, mutates=frozenset())
        if Side.READS in record.closed:
            reads = {*record.uses, *record.mutates, *calls.mutates}
        return reads, calls

    def writes(self, id: CellId) -> dict[str, bool]:
        if id in self.disabled:
            return {}
        reads, calls = self.follow(id)
        text = self.text(id)
        record = self.record[id]
        bound = {*record.definitions, *record.deletes, *calls.binds} - reads
        return {name: name in bound for name in {*text, *calls.binds, *calls.mutates}}

    def inputs(self, id: CellId) -> dict[str, CellId | None]:
        reads, _ = self.follow(id)
        found = {name: self.resolve(id, name, self.writes) for name in reads}
        return {
            name: at
            for name, at in found.items()
            if at is not None or name not in AMBIENT
        }
