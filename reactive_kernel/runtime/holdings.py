"""Which versions there are: wanted, at hand, or the last ones of their names."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from reactive_kernel.planning import ABSENT
from reactive_kernel.runtime.namespace import NOBODY
from reactive_kernel.runtime.patches import is_module_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.graph import DefUseGraph
    from reactive_kernel.runtime.effects import Effects
    from reactive_kernel.runtime.ledger import Ledger
    from reactive_kernel.runtime.namespace import Namespace
    from reactive_kernel.runtime.pasts import Pasts
    from reactive_kernel.runtime.run import LastRun
    from reactive_kernel.runtime.texts import Texts

__all__ = ["Holdings"]


class Holdings:
    """Answers questions about versions, from all tables that know of some.

    Parameters
    ----------
    graph
        Gives the graph now.
    ledger, namespace, effects, pasts, texts, last_runs
        The tables.
    """

    def __init__(
        self,
        graph: Callable[[], DefUseGraph],
        ledger: Ledger,
        namespace: Namespace,
        effects: Effects,
        pasts: Pasts,
        texts: Texts,
        last_runs: Mapping[CellId, LastRun],
    ) -> None:
        self._graph = graph
        self._ledger = ledger
        self._namespace = namespace
        self._effects = effects
        self._pasts = pasts
        self._texts = texts
        self._last_runs = last_runs

    def is_wanted(self, cell: CellId, name: str) -> bool:
        """Tell whether a version may be asked for again.

        Besides those that are read these are the last one, and the one before it, which
        shows when the last writer fails or takes another branch; and what a cell left
        that is deleted, disabled or whose edit was not run, since all may be undone.
        """
        graph = self._graph()
        if cell not in graph.document:
            return cell in self._pasts
        settings = graph.document[cell].settings
        if settings.disabled or settings.frozen or self._is_edited(cell):
            return True
        return cell in graph.writers(name)[-2:] or graph.is_read(cell, name)

    def _is_edited(self, cell: CellId) -> bool:
        """Tell whether a cell's text as seen is another than the one that ran."""
        last = self._ledger.evidence.get(cell)
        return last is not None and not self._texts.same_program(
            last.source, self._graph().document[cell].source
        )

    def is_at_hand(self, cell: CellId, name: str) -> bool:
        """Tell whether a version that a cell left can still be put in place."""
        left = self._ledger.tokens.get(cell, {}).get(name, ABSENT)
        if is_module_name(name):
            return True
        if not name.isidentifier():
            return self._effects.has(cell, name)
        if left != ABSENT and self._graph().document[cell].settings.frozen:
            # Even if it was changed and cannot be put back: nobody runs the cell for it.
            return self._namespace.holds(cell, name)
        return left == ABSENT or self._namespace.has(cell, name)

    def last_holder(self, name: str) -> CellId | None:
        """Return the cell whose version of a name is the last one there is.

        None leaves what is in place there, and `NOBODY` means that there is none.
        """
        graph = self._graph()
        for writer in reversed(graph.writers(name)):
            left = self._ledger.tokens.get(writer, {})
            is_deletion = name in left and left[name] == ABSENT
            if is_deletion or self._namespace.has(writer, name):
                return writer
        holder = self._namespace.holder(name)
        if holder is None or holder not in graph.document:
            return NOBODY if holder in self._pasts else None
        return NOBODY if graph.document[holder].settings.disabled else None

    def unsettled_and_lost(self) -> set[CellId]:
        """Return the cells whose last version of an unsettled name is not at hand."""
        names = (*self._namespace.unsettled, *self._effects.unsettled)
        last = ((self._graph().last_writer(name), name) for name in names)
        return {id for id, name in last if id and not self.is_at_hand(id, name)}

    def seconds(self, cell: CellId) -> float:
        """Return how long it takes to run a cell again; a frozen one is not to be run."""
        document = self._graph().document
        if cell in document and document[cell].settings.frozen:
            return inf
        last = self._last_runs.get(cell)
        return last.seconds if last else 0.0
