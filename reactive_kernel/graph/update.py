"""From one version of a graph to the next, at the cost of what the change can affect.

Each step takes the cells in question from the step before and looks at no others:

1. *records*: analyse new and edited cells;
2. *text*: correct the chains that their texts make; the readers of the versions that
   come and go join the cells in question;
3. *calls*: what calling each value does, along its carriers;
4. *follow*: what each cell in question reads and changes through calls; correct the
   full chains; again the readers join;
5. *inputs*: bind each cell in question by the rule;
6. *cycles*: look for them where an edge to a cell further down allows one.

A graph made from scratch is an update of the empty graph: there is one way only.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from itertools import chain as chained
from typing import TYPE_CHECKING

from reactive_kernel.analysis import Side
from reactive_kernel.graph.calls import carried, follow, outside
from reactive_kernel.graph.changes import Changes
from reactive_kernel.graph.cycles import cycles_after
from reactive_kernel.graph.resolve import Chain, is_ambient, merged, readers, writer
from reactive_kernel.graph.tables import Name, Node, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from reactive_kernel.analysis import Deferred, DefUse
    from reactive_kernel.document import Cell, CellId, Document

__all__ = ["updated"]

EMPTY = Node()


def updated(
    before: Tables,
    old: Document,
    new: Document,
    analyse: Callable[[Cell], DefUse],
    recheck: Collection[CellId] = (),
) -> tuple[Tables, frozenset[CellId]]:
    """Return the tables for a new document, and the cells with another situation."""
    changes = Changes.between(old, new)
    again = changes.edited | {id for id in recheck if id in new and id in old}
    if not (again or changes.gone or changes.new or changes.moved):
        return before, frozenset()
    update = Update(before, old, new, changes)
    update.records(again, analyse)
    if not (update.dirty or changes.gone):
        return before, frozenset()
    update.text()
    update.calls()
    update.follow()
    update.inputs()
    return update.cycles()


@dataclass(slots=True)
class Edits:
    """Writers to drop from the chains of names, and to add to them."""

    dropped: defaultdict[str, set[CellId]] = field(
        default_factory=lambda: defaultdict(set)
    )
    added: defaultdict[str, dict[CellId, bool]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def note(
        self, id: CellId, old: Mapping[str, bool], new: Mapping[str, bool], moved: bool
    ) -> None:
        """Note what one cell wrote before and writes now."""
        for name, root in old.items():
            if moved or new.get(name) is not root:
                self.dropped[name].add(id)
        for name, root in new.items():
            if moved or old.get(name) is not root:
                self.added[name][id] = root

    def names(self) -> dict[str, None]:
        """Return the names whose chains change."""
        return dict.fromkeys((*self.dropped, *self.added))

    def of(self, name: str) -> tuple[set[CellId], dict[CellId, bool]]:
        """Return what to drop from the chain of a name, and what to add."""
        return self.dropped.get(name, set()), self.added.get(name, {})


class Update:
    """The tables of a graph while they are brought up to date."""

    def __init__(
        self, before: Tables, old: Document, new: Document, changes: Changes
    ) -> None:
        self.before = before
        self.old = old
        self.new = new
        self.changes = changes
        self.nodes = before.nodes.version()
        self.names = before.names.version()
        self.disabled = before.disabled - changes.gone
        self.unseen = before.unseen - changes.gone
        self.changed: set[CellId] = set()  # with another record, or newly (in)active
        self.dirty: set[CellId] = set()  # in question
        self.rebound: set[CellId] = set()  # with other inputs
        self.textual = Edits()

    # 1. records

    def records(
        self, again: Collection[CellId], analyse: Callable[[Cell], DefUse]
    ) -> None:
        """Analyse new and edited cells."""
        for id in (*again, *self.changes.new):
            cell = self.new[id]
            old = self.before.nodes.get(id)
            record = analyse(cell)
            if record.broken and old:
                record = replace(
                    old.record, diagnostics=record.diagnostics, broken=True
                )
            toggled = cell.settings.disabled is not (id in self.before.disabled)
            if old is None or toggled or record != old.record:
                self.changed.add(id)
                self.mark(cell, record)
                self.nodes[id] = described(old or EMPTY, record, cell)
        self.dirty = self.changed | self.changes.moved

    def mark(self, cell: Cell, record: DefUse) -> None:
        """Note whether a cell is disabled, and whether it binds names unseen."""
        just = {cell.id}
        self.disabled -= just
        self.unseen -= just
        if cell.settings.disabled:
            self.disabled |= just
        elif Side.BINDS not in record.closed and (record.star_imports or record.opaque):
            self.unseen |= just

    # 2. text

    def text(self) -> None:
        """Correct the chains that the texts of the cells make."""
        self.unwatch()
        for id in chained(self.changes.gone, self.dirty):
            old = self.before.nodes.get(id, EMPTY)
            new = self.nodes.get(id, EMPTY)
            self.textual.note(id, old.text, new.text, id in self.changes.moved)
        self.watch({id: self.first_watch(id) for id in self.dirty})
        for name in self.textual.names():
            entry = self.entry(name)
            chain = entry.text.edited(*self.textual.of(name), self.new)
            self.names[name] = Name(chain, entry.full, entry.watchers)
        for name in self.textual.names():
            old_chain = self.was(name).text
            self.question(name, old_chain, self.names[name].text, self.textual)

    def entry(self, name: str) -> Name:
        """Return what is known of a name so far."""
        return self.names.get(name) or unknown(name)

    def was(self, name: str) -> Name:
        """Return what was known of a name."""
        return self.before.names.get(name) or unknown(name)

    def question(self, name: str, old: Chain, new: Chain, edits: Edits) -> None:
        """Put in question all cells that the change of a chain may bind differently."""
        if len(self.dirty) == len(self.new):
            return  # All are already.
        dropped, added = edits.of(name)
        lost, gained = set(dropped), set(added)
        if old.roots[:1] != new.roots[:1]:
            lost.update(old.beginning(self.old))
            gained.update(new.beginning(self.new))
            self.dirty.update(old.roots[:1], new.roots[:1])
        for id in lost:
            found = readers(old, id, self.was(name).watchers, self.old)
            self.dirty.update(found)
        self.dirty -= self.changes.gone
        for id in gained:
            found = readers(new, id, self.names[name].watchers, self.new)
            self.dirty.update(found)

    # 3. calls

    def calls(self) -> None:
        """Work out anew what calling the values of the cells in question does.

        Values that carry each other could keep a use alive that has gone elsewhere, so
        all that may rest on a value in question is forgotten first, and then grows.
        """
        known = self.forgotten()
        queue = deque(sorted(known, key=self.new.position))
        waiting = set(queue)
        while queue:
            id = queue.popleft()
            waiting.discard(id)
            node = self.nodes[id]
            now = carried(node.record, self.called(id, known))
            was = known.get(id, node.calls)
            if now != was:
                known[id] = now
                again = self.carriers(id, differing(was, now)) - waiting
                queue.extend(sorted(again, key=self.new.position))
                waiting |= again
        self.learn(known)

    def forgotten(self) -> dict[CellId, Mapping[str, Deferred]]:
        """Return no calls for each cell whose calls may rest on a cell in question."""
        known: dict[CellId, Mapping[str, Deferred]] = {}
        pending = [id for id in self.dirty if self.made_otherwise(id)]
        while pending:
            id = pending.pop()
            node = self.nodes[id]
            if id in known or not (node.calls or node.carries or node.record.deferred):
                continue
            known[id] = {}
            pending += (
                other
                for other in self.carriers(id, node.calls)
                if self.nodes[other].calls
            )
        return known

    def made_otherwise(self, id: CellId) -> bool:
        """Return whether a cell makes its values in another way, or of other things."""
        old = self.before.nodes.get(id)
        node = self.nodes[id]
        if old is None or old.carries != node.carries:
            return True
        return ingredients(old.record) != ingredients(node.record) or any(
            writer(self.was(name).text, id, self.old)
            != writer(self.entry(name).text, id, self.new)
            for name in node.carries
        )

    def carriers(self, id: CellId, names: Iterable[str]) -> set[CellId]:
        """Return the cells whose values carry some of the names that a cell left."""
        return {
            other
            for name in names
            for other in self.bound(name, id)
            if name in self.nodes[other].carries
        }

    def bound(self, name: str, id: CellId) -> Iterator[CellId]:
        """Yield the cells that find what they call `name` in the text of a cell."""
        if name in self.nodes[id].text:
            entry = self.names[name]
            yield from readers(entry.text, id, entry.watchers, self.new)

    def called(
        self, id: CellId, known: Mapping[CellId, Mapping[str, Deferred]]
    ) -> Callable[[str], Deferred | None]:
        """Return what tells a cell what calling a name from outside does."""

        def called(name: str) -> Deferred | None:
            entry = self.names.get(name)
            maker = entry and writer(entry.text, id, self.new)
            if not maker:
                return None
            calls = known.get(maker)
            return (self.nodes[maker].calls if calls is None else calls).get(name)

        return called

    def learn(self, known: Mapping[CellId, Mapping[str, Deferred]]) -> None:
        """Put in question all cells that call what does something else now."""
        for id, calls in known.items():
            node = self.nodes[id]
            if calls == node.calls:
                continue
            self.nodes[id] = replace(node, calls=calls)
            self.dirty.add(id)
            for name in differing(node.calls, calls):
                self.dirty.update(self.bound(name, id))

    # 4. follow

    def follow(self) -> None:
        """Follow the calls of the cells in question; correct the full chains."""
        full = Edits()
        wanted = {}
        for id in self.dirty:
            old = self.before.nodes.get(id, EMPTY)
            node, loads = self.followed(id)
            self.nodes[id] = node
            full.note(id, old.writes, node.writes, id in self.changes.moved)
            wanted[id] = node.carries.union(loads)
        for id in self.changes.gone:
            full.note(id, self.before.nodes[id].writes, {}, moved=False)
        self.watch(wanted)
        for name in full.names():
            self.correct(name, full)

    def followed(self, id: CellId) -> tuple[Node, Collection[str]]:
        """Return a cell's node with what it reads and changes through calls.

        Also return all names that this depends on.
        """
        node = self.nodes[id]
        record = node.record
        found = follow(record, node.calls, self.called(id, {}))
        text, mutates = node.text, found.mutates
        if id in self.disabled:
            writes: Mapping[str, bool] = {}
            mutates = frozenset()
        elif len(found.reads) == len(record.uses) + len(record.imports) and not (
            found.binds or mutates
        ):
            writes = text
        else:
            written = dict.fromkeys((*text, *sorted(mutates | found.binds)))
            begun = found.binds.union(record.definitions, record.deletes)
            starts = begun.difference(found.reads)
            writes = {name: name in starts for name in written}
        reads = tuple(found.reads)
        followed = replace(node, reads=reads, writes=writes, mutates=mutates)
        return followed, found.loads

    def correct(self, name: str, full: Edits) -> None:
        """Correct the full chain of a name; usually it is the one of the texts."""
        entry = self.entry(name)
        was = self.was(name)
        if was.full == was.text and full.of(name) == self.textual.of(name):
            self.names[name] = Name(entry.text, entry.text, entry.watchers)
            return
        chain = was.full.edited(*full.of(name), self.new)
        self.names[name] = Name(entry.text, chain, entry.watchers)
        self.question(name, was.full, chain, full)

    # 5. inputs

    def inputs(self) -> None:
        """Bind the cells in question by the rule."""
        for id in self.dirty:
            node = self.nodes[id]
            inputs = dict(self.bindings(id, node.reads))
            if id not in self.before.nodes or inputs != node.inputs:
                self.rebound.add(id)
                self.nodes[id] = replace(node, inputs=inputs)

    def bindings(
        self, id: CellId, names: Iterable[str]
    ) -> Iterator[tuple[str, CellId | None]]:
        """Yield the names that a cell reads, each with its writer."""
        for name in names:
            chain = self.names[name].full
            found = writer(chain, id, self.new)
            if found is not None or not chain.ambient:
                yield name, found

    # 6. cycles

    def cycles(self) -> tuple[Tables, frozenset[CellId]]:
        """Look for cycles, and return the tables with the cells that differ."""
        below = self.before.below - self.changes.gone - self.dirty
        below |= {id for id in self.dirty if self.reads_below(id)}
        cycles = cycles_after(
            self.before.cycles,
            self.nodes,
            self.new,
            below,
            self.dirty,
            [id for id in self.dirty if self.is_linked(id)],
        )
        tables = Tables(
            self.nodes, self.names, below, cycles, self.disabled, self.unseen
        )
        return tables, frozenset(self.rebound | self.changed | self.twisted(cycles))

    def twisted(self, cycles: Mapping[CellId, frozenset[CellId]]) -> set[CellId]:
        """Return the cells with another cycle, or the same with other edges."""
        was = self.before.cycles
        if was is cycles:
            return set()
        turned = {id for id in cycles.keys() & self.rebound if self.turned(id, cycles)}
        return {
            id
            for id in was.keys() | cycles.keys()
            if id in self.nodes
            and (was.get(id) != cycles.get(id) or not turned.isdisjoint(cycles[id]))
        }

    def turned(self, id: CellId, cycles: Mapping[CellId, frozenset[CellId]]) -> bool:
        """Return whether a cell on a cycle takes other names from that cycle."""
        old = self.before.nodes.get(id, EMPTY).inputs.items()
        new = self.nodes[id].inputs.items()
        return any(source in cycles[id] for _, source in old ^ new)

    def reads_below(self, id: CellId) -> bool:
        """Return whether a cell reads from one further down."""
        position = self.new.position
        here = position(id)
        writers = set(self.nodes[id].inputs.values())
        return any(at is not None and position(at) > here for at in writers)

    def is_linked(self, id: CellId) -> bool:
        """Return whether a cell reads from another cell and is read by one."""
        node = self.nodes[id]
        if all(at is None for at in node.inputs.values()):
            return False
        return any(
            self.nodes[reader].inputs.get(name) == id
            for name in node.writes
            for entry in (self.names[name],)
            for reader in readers(entry.full, id, entry.watchers, self.new)
        )

    # who watches what

    def first_watch(self, id: CellId) -> frozenset[str]:
        """Return what a cell watches until its calls are followed."""
        node = self.nodes[id]
        old = self.before.nodes.get(id, EMPTY)
        return old.watch.union(node.carries, outside(node.record))

    def unwatch(self) -> None:
        """Let deleted and moved cells watch nothing."""
        dropped: defaultdict[str, set[CellId]] = defaultdict(set)
        for id in self.changes.gone | self.changes.moved:
            for name in self.before.nodes[id].watch:
                dropped[name].add(id)
        for id in self.changes.gone:
            del self.nodes[id]
        for id in self.changes.moved:
            self.nodes[id] = replace(self.nodes[id], watch=frozenset())
        self.rewatch(dropped, {})

    def watch(self, wanted: Mapping[CellId, frozenset[str]]) -> None:
        """Let each of some cells watch exactly these names."""
        dropped: defaultdict[str, set[CellId]] = defaultdict(set)
        added: defaultdict[str, list[CellId]] = defaultdict(list)
        for id, names in wanted.items():
            node = self.nodes[id]
            if names == node.watch:
                continue
            for name in node.watch - names:
                dropped[name].add(id)
            for name in names - node.watch:
                added[name].append(id)
            self.nodes[id] = replace(node, watch=names)
        self.rewatch(dropped, added)

    def rewatch(
        self,
        dropped: Mapping[str, set[CellId]],
        added: Mapping[str, list[CellId]],
    ) -> None:
        """Drop cells from the watchers of names, and add others."""
        for name in dict.fromkeys((*dropped, *added)):
            entry = self.entry(name)
            watchers = merged(
                entry.watchers,
                dropped.get(name, ()),
                added.get(name, ()),
                self.new.position,
            )
            self.names[name] = Name(entry.text, entry.full, watchers)


def unknown(name: str) -> Name:
    """Return the entry of a name that no cell mentions."""
    chain = Chain(ambient=is_ambient(name))
    return Name(chain, chain)


def described(old: Node, record: DefUse, cell: Cell) -> Node:
    """Return a cell's node with a new record, not yet bound."""
    taken = outside(record)
    text: dict[str, bool] = {}
    if not cell.settings.disabled:
        text = {
            name: name not in taken
            for name in (*record.definitions, *record.mutates, *record.deletes)
        }
    carries = set(record.mutates.keys() - record.definitions.keys())
    for value in record.deferred.values():
        carries |= value.carries
    return replace(old, record=record, text=text, carries=frozenset(carries))


def ingredients(record: DefUse) -> tuple[object, ...]:
    """Return what decides the calls of a cell's values, given those of its carriers."""
    return (
        record.deferred,
        record.definitions.keys(),
        record.uses.keys(),
        record.mutates.keys(),
    )


def differing(old: Mapping[str, Deferred], new: Mapping[str, Deferred]) -> list[str]:
    """Return the names that call something else in two mappings."""
    names = dict.fromkeys((*old, *new))
    return [name for name in names if old.get(name) != new.get(name)]
