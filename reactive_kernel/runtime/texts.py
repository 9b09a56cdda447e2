"""What the cells' texts say, and what runs of these texts have shown.

The analysis of a text is kept for as long as it may be asked for again. A run can show
more than its text (docs/decisions/0003): an `Observation` is kept with the text that ran
and refines the record of the cell until the text changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from reactive_kernel.analysis import (
    DefUse,
    Observation,
    analyse,
    normalised,
    overruled,
)
from reactive_kernel.runtime.versions import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from reactive_kernel.document import Cell, CellId
    from reactive_kernel.runtime.effects import Touched
    from reactive_kernel.runtime.run import Begun

__all__ = ["Lost", "Seen", "Texts"]


@dataclass(frozen=True, slots=True)
class Lost:
    """A definition that is gone: by which change, and the line that it stood in.

    The change is one of ``deleted``, ``edited`` and ``failed``.
    """

    change: str
    line: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run was seen to do to objects, beyond what functions it calls declare.

    Parameters
    ----------
    mutated
        The names whose objects it changed in place.
    consumed
        Those whose objects are consumed by use.
    shared
        Names that it did not load: they share what it changed, or an iterator reads
        their objects.
    """

    mutated: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


_NOTHING = Observation()


@dataclass(frozen=True, slots=True)
class _Observed:
    """A text that ran, what the run showed, and the record with both."""

    text: str = ""
    seen: Observation = _NOTHING
    record: DefUse | None = None


class Texts:
    """The records of texts, as refined by what was observed.

    Parameters
    ----------
    rewrite
        Turns IPython syntax into Python, for the analysis.
    """

    def __init__(self, rewrite: Callable[[str], str] | None) -> None:
        self._rewrite = rewrite
        self.analysed: Callable[[str], DefUse] = lru_cache(maxsize=20_000)(
            lambda text: analyse(text, rewrite)
        )
        self._observed: dict[CellId, _Observed] = {}

    def same_program(self, one: str, other: str) -> bool:
        """Tell whether two texts differ in comments and formatting only."""
        return one == other or normalised(one, self._rewrite) == normalised(
            other, self._rewrite
        )

    def record(self, cell: Cell) -> DefUse:
        """Return a cell's record, refined by what a run of the same text showed.

        What the cell's settings say goes before both.
        """
        return overruled(self._refined(cell), cell.settings)

    def _refined(self, cell: Cell) -> DefUse:
        known = self._observed.get(cell.id)
        if known is None or known.record is None:
            return self.analysed(cell.source)
        if known.text == cell.source:
            return known.record
        record = self.analysed(cell.source)
        if not self.same_program(known.text, cell.source):
            return record
        return record.observed(known.seen)

    def _observe(self, id: CellId, text: str, seen: Observation) -> None:
        known = self._observed.get(id)
        if known is not None and known.text == text and known.seen == seen:
            return
        record = None if seen == _NOTHING else self.analysed(text).observed(seen)
        self._observed[id] = _Observed(text, seen, record)

    def shared(self, id: CellId, source: str) -> frozenset[str]:
        """Return the names that a cell reads only for sharing objects with others."""
        known = self._observed.get(id, _Observed())
        if not (known.seen.shared and self.same_program(known.text, source)):
            return frozenset()
        return known.seen.shared

    def observe(
        self,
        run: Begun,
        names: Collection[str],
        expected: Collection[str],
        values: Mapping[str, object],
        seen: Seen,
        touched: Touched,
        stopped: bool,
    ) -> None:
        """Keep what a successful run showed beyond its text.

        Parameters
        ----------
        run
            The run.
        names
            The names that it bound, changed or deleted.
        expected
            The names that its text, or a function that it calls, writes.
        values
            The namespace after it.
        seen
            What it did to objects.
        touched
            What it did outside of the namespace.
        stopped
            It ended before its end, so what it did not bind is no observation.
        """
        record = self.analysed(run.source)
        bound = frozenset(names)
        unbound = frozenset() if stopped else record.definitions.keys() - bound
        from_outside = {
            name
            for name, value in run.conditional.items()
            if name not in values or value is values[name]
        }
        plain = {
            name
            for name in record.deferred.keys() & bound
            if is_plain(values.get(name))
        }
        observed = Observation(
            bound=(bound - frozenset(expected) - seen.mutated) | touched.anew,
            unbound=frozenset(unbound),
            from_outside=frozenset(from_outside),
            plain=frozenset(plain),
            mutated=(seen.mutated - record.mutates.keys()) | touched.changed,
            consumed=seen.consumed,
            shared=seen.shared,
            read=touched.reads,
            told=run.watch.told,
        )
        self._observe(run.step.cell, run.source, observed)

    def observe_failure(
        self,
        run: Begun,
        bound: Collection[str],
        mutated: Collection[str],
        values: Mapping[str, object],
        touched: Touched,
        asked_input: bool,
    ) -> None:
        """Keep what a failed run showed: what it missed or read, that it asks for input.

        What an earlier run of the same text showed stays: a failed cell still is what
        the cells below wait for. And so is what this run had come to do.

        Parameters
        ----------
        run
            The run.
        bound
            The names that it bound although the text does not say so.
        mutated
            The names whose objects it changed in place.
        values
            The namespace after it.
        touched
            What it did outside of the namespace.
        asked_input
            It asked for input where nobody could answer.
        """
        known = self._observed.get(run.step.cell, _Observed())
        seen = known.seen if known.text == run.source else _NOTHING
        record = self.analysed(run.source)
        missed = record.conditional.keys() - values.keys()
        seen = replace(
            seen,
            bound=seen.bound.union(bound, touched.anew),
            unbound=seen.unbound.difference(bound),
            from_outside=frozenset(missed),
            mutated=seen.mutated.union(mutated, touched.changed)
            - record.mutates.keys(),
            read=touched.reads,
            asks_input=asked_input,
        )
        self._observe(run.step.cell, run.source, seen)

    def forget(self, id: CellId) -> None:
        """Drop what was observed of a cell."""
        self._observed.pop(id, None)

    def rename(self, old: CellId, new: CellId) -> None:
        """Keep what was observed of a cell under another id."""
        if old in self._observed:
            self._observed[new] = self._observed.pop(old)

    def defining_line(self, source: str, name: str) -> str:
        """Return the line of a text that defines a name; empty if none does."""
        definition = self.analysed(source).definitions.get(name)
        if definition is None or definition.span is None:
            return ""
        return source.split("\n")[definition.span.line - 1].strip()
