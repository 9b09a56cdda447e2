"""The past of each cell: what its runs left behind, in all the tables there are.

A deleted cell's past is put away first. If the cell comes back, by undo or by pasting
what was cut, so does its past, and it is fresh without a run if nothing else has changed.
With the next run that the user asks for it is gone for good, and its memory is freed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reactive_kernel.runtime.namespace import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from reactive_kernel.document import Cell, CellId, Document
    from reactive_kernel.planning import Evidence, Token
    from reactive_kernel.runtime.effects import Effects
    from reactive_kernel.runtime.ledger import Ledger
    from reactive_kernel.runtime.namespace import Namespace
    from reactive_kernel.runtime.recorder import Recorder
    from reactive_kernel.runtime.run import LastRun
    from reactive_kernel.runtime.sources import Witness
    from reactive_kernel.runtime.texts import Texts

__all__ = ["Pasts"]


@dataclass(frozen=True, slots=True)
class _Away:
    """What the ledger knew of a deleted cell."""

    source: str
    evidence: Evidence
    tokens: dict[str, Token]


class Pasts:
    """Puts away, brings back and forgets what cells have left behind.

    Parameters
    ----------
    ledger, namespace, effects, texts, recorder, last_runs
        The tables.
    on_scrub
        Called with the count of a forgotten cell and the values that it had bound.
    witness
        Sees what cells read apart from names.
    """

    def __init__(
        self,
        ledger: Ledger,
        namespace: Namespace,
        effects: Effects,
        texts: Texts,
        recorder: Recorder,
        last_runs: dict[CellId, LastRun],
        on_scrub: Callable[[int | None, list[object]], None],
        witness: Witness,
    ) -> None:
        self._ledger = ledger
        self._namespace = namespace
        self._effects = effects
        self._texts = texts
        self._recorder = recorder
        self._last_runs = last_runs
        self._on_scrub = on_scrub
        self._witness = witness
        self._away: dict[CellId, _Away] = {}
        self._to_hide: set[CellId] = set()
        self._to_scrub: list[CellId] = []

    def __contains__(self, id: object) -> bool:
        return id in self._away

    def __bool__(self) -> bool:
        """Tell whether names of deleted cells are still in the namespace."""
        return bool(self._to_hide or self._to_scrub)

    def put_away(self, cell: Cell) -> None:
        """Keep the past of a deleted cell out of the way; callable from any thread."""
        id, evidence = cell.id, self._ledger.evidence.get(cell.id)
        self._witness.forget(id)
        if evidence is None:
            self._to_scrub.append(id)
            return
        tokens = self._ledger.tokens.get(id, {})
        self._away[id] = _Away(cell.source, evidence, tokens)
        self._recorder.lose_cell(evidence.source, tokens)
        self._ledger.strike(id)
        self._effects.put_away(id)
        self._to_hide.add(id)

    def bring_back(self, id: CellId) -> None:
        """Give a cell that was deleted, and is here again, its past."""
        past = self._away.pop(id)
        self._to_hide.discard(id)
        self._effects.bring_back(id)
        self._recorder.find_cell(past.tokens)
        self._ledger.enter(id, past.evidence, past.tokens, reads=None)

    def give_up(self, kept: Collection[CellId] = ()) -> None:
        """Let the pasts of deleted cells be forgotten, but for those of some cells."""
        for id in [id for id in self._away if id not in kept]:
            self.forget(id)

    def forget(self, id: CellId) -> None:
        """Let a cell's past be forgotten when the namespace may be touched."""
        self._away.pop(id, None)
        self._to_hide.discard(id)
        self._effects.forget(id)
        self._ledger.sources.strike(id)
        self._texts.forget(id)
        self._to_scrub.append(id)

    def scrub(self) -> None:
        """Remove from the namespace what deleted cells had bound."""
        space = self._namespace
        for id in self._to_hide:
            names = space.bound_by(id)
            for name in names:
                if space.holder(name) == id:
                    space.show(name, NOBODY)
            space.mark(names)
        self._to_hide.clear()
        for id in self._to_scrub:
            values = space.scrub(id)
            self._recorder.patches.forget(id)
            last = self._last_runs.pop(id, None)
            self._on_scrub(last.count if last else None, list(values.values()))
        self._to_scrub.clear()

    def match(
        self, cells: Iterable[Cell], document: Document, running: CellId | None
    ) -> None:
        """Give cells that came back under a new id, with the same text, their past.

        Parameters
        ----------
        cells
            The cells that are here now.
        document
            The cells that were here.
        running
            A cell that cannot get another id now.
        """
        coming = {cell.id: cell for cell in cells}
        vanished = {
            **{past.source: id for id, past in self._away.items() if id not in coming},
            **{cell.source: cell.id for cell in document if cell.id not in coming},
        }
        for cell in coming.values():
            old = vanished.get(cell.source)
            if not (cell.id in document or cell.id in self or old in (None, running)):
                self._rename(vanished.pop(cell.source), cell.id)

    def _rename(self, old: CellId, new: CellId) -> None:
        self._ledger.rename(old, new)
        self._namespace.rename(old, new)
        self._effects.rename(old, new)
        self._recorder.patches.rename(old, new)
        self._texts.rename(old, new)
        self._witness.rename(old, new)
        tables: tuple[dict[CellId, Any], ...] = (self._last_runs, self._away)
        for table in tables:
            if old in table:
                table[new] = table.pop(old)
        if old in self._to_hide:
            self._to_hide.remove(old)
            self._to_hide.add(new)
