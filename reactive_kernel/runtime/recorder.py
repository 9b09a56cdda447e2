"""Around a run: the namespace before it, and what it did to the namespace.

`begin` takes away what the cell is about to bind, puts the right version of each name
that it reads in place, and watches the objects behind them. `success` and `failure`
compare, and write down which versions the run left and which definitions are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.analysis import Side
from reactive_kernel.planning import ABSENT, Cause, Ending
from reactive_kernel.runtime.caches import Caches, kept_results
from reactive_kernel.runtime.effects import package
from reactive_kernel.runtime.namespace import NOBODY
from reactive_kernel.runtime.patches import (
    Patches,
    imported,
    is_owner,
)
from reactive_kernel.runtime.run import Begun
from reactive_kernel.runtime.texts import Lost, Seen
from reactive_kernel.runtime.versions import Unique, succeed
from reactive_kernel.runtime.watch import Mutation, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Set

    from reactive_kernel.analysis import DefUse
    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph
    from reactive_kernel.planning import Input, Step, Token
    from reactive_kernel.runtime.effects import Effects, Touched
    from reactive_kernel.runtime.effects.trace import Trace
    from reactive_kernel.runtime.namespace import Namespace
    from reactive_kernel.runtime.texts import Texts

__all__ = ["Recorder"]


class Recorder:
    """Prepares the namespace for runs and writes down what they did to it.

    Parameters
    ----------
    namespace, texts, effects
        What runs read and change.
    watch_seconds
        Time before a run for a look at the objects that the cell reads.

    Attributes
    ----------
    lost
        Definitions that were there and are gone, by name.
    """

    def __init__(
        self,
        namespace: Namespace,
        texts: Texts,
        effects: Effects,
        watch_seconds: float,
    ) -> None:
        self._namespace = namespace
        self._watch_seconds = watch_seconds
        self._effects = effects
        self._texts = texts
        self._caches = Caches()
        self.patches = Patches()
        self.lost: dict[str, Lost] = {}

    def begin(self, step: Step, graph: DefUseGraph, inputs: dict[str, Input]) -> Begun:
        """Put in place what a cell reads, and take away what it will bind.

        Parameters
        ----------
        step
            The run.
        graph
            The graph now.
        inputs
            The version of each name that the cell reads.
        """
        id, space = step.cell, self._namespace
        record, source = graph.defuse(id), graph.document[id].source
        # What earlier runs did not come to bind, this one may.
        afresh = _bound_afresh(record) | _bound_afresh(self._texts.analysed(source))
        afresh -= inputs.keys()
        earlier = space.clear(id, afresh)
        for name, read in inputs.items():
            if name.isidentifier():
                space.show(name, read.writer)
        for name in record.conditional:
            space.show(name, graph.binding(id, name))
        for name in graph.unbound(id):
            if space.holder(name) is not None:
                space.show(name, NOBODY)
        self._show_above(id, graph, earlier.keys() - inputs.keys() - afresh)
        read_values = _present(space.values, inputs)
        shared = self._texts.shared(id, source)
        if record.opaque or record.star_imports:
            # Nobody knows what it reads, so all that it may read is watched.
            known = (n for n in space.known() if n not in inputs and n not in afresh)
            self._show_above(id, graph, known)
            read_values = {**space.own(), **read_values}
        self._give_up_results(id, graph, inputs, read_values)
        if self.patches:
            self.patches.forget(id)
            self.patches.enter(self._patchers(graph, before=id))
        space.values.pop("__warningregistry__", None)
        return Begun(
            step=step,
            source=source,
            settings=graph.document[id].settings,
            inputs=inputs,
            earlier=earlier,
            before=space.snapshot(),
            conditional=_present(space.values, record.conditional),
            watch=Watch(
                read_values,
                graph.mutates(id) | record.told,
                shared,
                seconds=self._watch_seconds,
                closed=Side.MUTATES in record.closed,
            ),
            loaded=inputs.keys() - shared,
            modules=self.patches.look(self._patched_by(id, graph)),
            # The last thing that is done: what follows is the run's own doing.
            trace=self._effects.begin(
                id,
                lambda name: self._left_last(graph, name, graph.document.position(id)),
                source,
            ),
        )

    def _give_up_results(
        self,
        id: CellId,
        graph: DefUseGraph,
        inputs: Mapping[str, Input],
        values: Mapping[str, object],
    ) -> None:
        """Let functions that keep results forget those that do not hold any more."""

        def version(name: str) -> Token:
            if name in writes:
                return Unique()
            return inputs[name].token if name in inputs else ABSENT

        writes = graph.writes(id)
        for name, value in values.items():
            for function in kept_results(value):
                reads = graph.called(id, name)
                self._caches.enter(function, {read: version(read) for read in reads})

    def _patchers(
        self, graph: DefUseGraph, before: CellId | None = None
    ) -> list[CellId]:
        """Return the cells that have changed modules, in document order."""
        place = graph.document.position
        end = len(graph.document) if before is None else place(before)
        there = [id for id in self.patches if id in graph.document]
        return sorted((id for id in there if place(id) < end), key=place)

    def _patched_by(self, id: CellId, graph: DefUseGraph) -> list[object]:
        """Return the modules and classes that a cell may change, by its text."""
        if not (graph.mutates(id) or graph.defuse(id).patches):
            return []
        values = self._namespace.values
        named = [values.get(name) for name in graph.mutates(id)]
        found = [*named, *map(imported, graph.defuse(id).patches)]
        # The notebook's own module holds names, and these have versions of their own.
        return [v for v in found if is_owner(v) and vars(v) is not values]

    def _left_last(
        self, graph: DefUseGraph, name: str, place: int | None = None
    ) -> CellId | None:
        """Return the last cell, above a place in the document, that left an effect."""
        position = graph.document.position
        return next(
            (
                writer
                for writer in reversed(graph.writers(name))
                if (place is None or position(writer) < place)
                and self._effects.left(writer, name)
            ),
            None,
        )

    def settle(self, graph: DefUseGraph) -> None:
        """Put everything outside of the namespace as the last cells left it."""
        if self.patches:
            self.patches.enter(self._patchers(graph))
        self._effects.settle(lambda name: self._left_last(graph, name))

    def _touched(
        self,
        run: Begun,
        finish: Callable[[CellId, Trace], Touched],
        bound: Iterable[str],
    ) -> Touched:
        """Return what a run did outside of the namespace."""
        values = self._namespace.values
        run.trace.warned = "__warningregistry__" in values
        used = {*run.inputs, *bound}
        run.trace.packages = frozenset(
            package(values[name]) for name in used if name in values
        )
        return finish(run.step.cell, run.trace)

    def _show_above(self, id: CellId, graph: DefUseGraph, names: Iterable[str]) -> None:
        """Let a cell see the versions that the cells above left of some names.

        These are the names that an unknown cell may bind without our knowing, and those
        that the cell's earlier text had changed: as in a fresh run, other names of an
        object must be there when it is changed.
        """
        position = graph.document.position
        for name in names:
            writer = graph.binding(id, name)
            is_above = writer is not None and position(writer) < position(id)
            self._namespace.show(name, writer if is_above else NOBODY)

    def success(
        self,
        run: Begun,
        graph: DefUseGraph,
        ending: Ending,
        previous: Mapping[str, Token],
    ) -> dict[str, Token]:
        """Write down what a successful run did; return the versions that it left.

        Parameters
        ----------
        run
            The run.
        graph
            The graph now; the cell may have been edited while it ran.
        ending
            How it ended.
        previous
            The versions that the cell left before.
        """
        id, space = run.step.cell, self._namespace
        bound, gone = space.changes(run.before)
        expected = self._written(run, graph)
        mutation = run.watch.mutation(space.own, self._is_above(id, graph))
        touched = self._touched(run, self._effects.end, bound)
        outside, patched = self._left_in_modules(run, graph)
        changed = (mutation.names | patched) - bound
        present = {name for name in expected if name in space.values}
        deleted = self._texts.analysed(run.source).deletes.keys() - space.values.keys()
        names = bound | gone | present | deleted | mutation.names | patched
        space.record(id, names, run.before)
        self._note(mutation, id)
        by_calls = graph.mutates(id) - graph.defuse(id).mutates.keys()
        seen = Seen(
            mutated=frozenset((changed - by_calls) | outside.keys()),
            consumed=mutation.consumed - bound,
            shared=(mutation.names | mutation.through) - bound - run.loaded,
        )
        stopped = ending is Ending.STOPPED
        self._texts.observe(
            run, names, expected, space.values, seen, touched, stopped=stopped
        )
        for name in names:
            self.lost.pop(name, None)
        self._lose(run, run.earlier.keys() - names, "edited")
        tokens = {
            name: self._token(run, name, bound, changed, previous) for name in names
        }
        return {**tokens, **touched.tokens, **outside}

    def _left_in_modules(
        self, run: Begun, graph: DefUseGraph
    ) -> tuple[dict[str, Token], set[str]]:
        """Write down what a run changed about modules and classes of libraries.

        Returns
        -------
        tuple
            The names that stand for it, with their tokens; and the names that cells
            above have given to modules and classes that it changed.
        """
        cell = run.step.cell
        patched = self.patches.leave(cell, run.modules)
        if not patched:
            return {}, set()
        owners = {id(owner) for owner, _token in patched.values()}
        is_above = self._is_above(cell, graph)
        own = self._namespace.own().items()
        names = {name for name, value in own if id(value) in owners and is_above(name)}
        return {name: token for name, (_owner, token) in patched.items()}, names

    def _is_above(self, id: CellId, graph: DefUseGraph) -> Callable[[str], bool]:
        """Return what tells whether the cell that holds a name stands above a cell."""
        document = graph.document

        def is_above(name: str) -> bool:
            holder = self._namespace.holder(name)
            return (
                holder is not None
                and holder in document
                and document.position(holder) < document.position(id)
            )

        return is_above

    def _note(self, mutation: Mutation, id: CellId) -> None:
        """Write down which objects are in another state now."""
        space = self._namespace
        for part in mutation.parts:
            others = [
                pair
                for pair in space.versions()
                if pair[0][0] != id
                and (mutation.with_aliases or pair[0][1] in mutation.names)
            ]
            space.objects.changed(part.roots, part.before, others, part.restorable)
        space.stamp(id)

    def _written(self, run: Begun, graph: DefUseGraph) -> frozenset[str]:
        """Return the names that a run should write.

        The text which ran says so, or a function that it calls, or the cell's author.
        """
        id, record = run.step.cell, self._texts.analysed(run.source)
        by_calls = graph.writes(id) - _written_by(graph.defuse(id))
        declared = run.settings.writes or frozenset()
        told = run.watch.told - record.definitions.keys()
        return ((_written_by(record) | by_calls) - told) | declared

    def _token(
        self,
        run: Begun,
        name: str,
        bound: Collection[str],
        changed: Collection[str],
        previous: Mapping[str, Token],
    ) -> Token:
        """Return the token of the version of a name that a run left."""
        values = self._namespace.values
        if name not in values:
            return ABSENT
        if name in changed:
            found: Token = Unique()
        elif name not in bound and name in run.inputs:
            return run.inputs[name].token
        else:
            value, found = succeed(run.earlier.get(name), values[name])
            if value is not values[name]:
                values[name] = value
        before = previous.get(name)
        if _is_rebuild(run.step) and type(found) is type(before) is Unique:
            # The same text on the same inputs: what was lost is there again.
            return before
        return found

    def failure(self, run: Begun, graph: DefUseGraph, ending: Ending) -> None:
        """Write down what a failed run left behind; it has no versions."""
        id, space = run.step.cell, self._namespace
        mutated = self._undo(run, id)
        bound = space.record_partial(id, run.before)
        touched = self._touched(run, self._effects.fail, bound)
        expected = self._written(run, graph)
        asked = ending is Ending.REFUSED
        self._texts.observe_failure(
            run,
            bound - expected,
            mutated - bound,
            space.values,
            touched,
            asked_input=asked,
        )
        gone = run.earlier.keys() - bound
        self._lose(run, gone & expected, "failed")
        self._lose(run, gone - expected, "edited")

    def abandon(self, run: Begun) -> None:
        """Write down what a run left whose cell was deleted meanwhile."""
        self._undo(run, run.step.cell)
        bound = self._namespace.record_partial(run.step.cell, run.before)
        self._touched(run, self._effects.fail, bound)

    def _undo(self, run: Begun, id: CellId) -> frozenset[str]:
        """Bring back what an unfinished run changed, or let it be made again.

        Returns
        -------
        frozenset
            The names of what it changed.
        """
        self.patches.undo(run.modules)
        space = self._namespace
        mutation = run.watch.mutation(space.own)
        if mutation and not run.watch.undo():
            others = [pair for pair in space.versions() if pair[0][0] != id]
            for part in mutation.parts:
                space.objects.changed(part.roots, (), others, restorable=False)
        return mutation.names

    def _lose(self, run: Begun, names: Iterable[str], change: str) -> None:
        for name in names:
            self.lost[name] = Lost(change, self._texts.defining_line(run.source, name))

    def find_cell(self, names: Iterable[str]) -> None:
        """Note that a cell which binds some names is there again."""
        for name in names:
            self.lost.pop(name, None)

    def lose_cell(self, source: str, names: Iterable[str]) -> None:
        """Note that a cell was deleted which had bound some names."""
        for name in names:
            line = self._texts.defining_line(source, name)
            self.lost[name] = Lost("deleted", line)


def _is_rebuild(step: Step) -> bool:
    """Tell whether a run only makes a version again that is not at hand any more."""
    return step.always and step.cause is Cause.NEEDED


def _present(values: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    return {name: values[name] for name in names if name in values}


def _bound_afresh(record: DefUse) -> Set[str]:
    """Return the names that a cell binds without any need of an earlier value.

    They are taken away before it runs, so that a run which does not come to bind them
    is seen. A cell whose effects show only at run time may read anything: it keeps all.
    """
    if record.opaque or record.broken:
        return frozenset()
    return record.definitions.keys() - record.uses.keys() - record.conditional.keys()


def _written_by(record: DefUse) -> frozenset[str]:
    return frozenset((*record.definitions, *record.mutates, *record.deletes))
