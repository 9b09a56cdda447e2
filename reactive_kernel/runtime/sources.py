"""What cells read apart from names: sources, such as the traits of a widget.

A source is an input with a token, like a name that is defined outside of the notebook:
a cell that read it is stale once the source has another token, and fresh again when it
has the old one. Who sees the reads and the changes is a `Witness`, handed to the engine.

Whose change it was makes a difference:

- A cell is not concerned by a change that it made itself, not even by a task that it
  started and that goes on after it.
- A cell that changed the very source that it had read (``box.children += (label,)``, or
  one that clamps a slider) follows the user, but not what other cells do to it: two such
  cells would never come to rest.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from reactive_kernel.planning import Source, Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from reactive_kernel.document import CellId

__all__ = ["Blind", "Reads", "Source", "Sources", "Witness"]


@dataclass(slots=True)
class Reads:
    """What one run read and changed.

    Attributes
    ----------
    seen
        What each source that it read was like: when it was first read, or after the
        run's own last change of it.
    now
        What each of them is like now.
    changed
        The sources that it changed.
    """

    seen: dict[Source, Token] = field(default_factory=dict)
    now: dict[Source, Token] = field(default_factory=dict)
    changed: set[Source] = field(default_factory=set)


class Witness(Protocol):
    """Sees what is read while a cell runs."""

    def watching(self, cell: CellId) -> AbstractContextManager[Reads]:
        """Watch what runs inside; the reads are complete at the end."""
        ...

    def forget(self, cell: CellId) -> None:
        """Drop what is known of a cell that was deleted."""
        ...

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter what is known of a cell under another id."""
        ...


class Blind:
    """A witness that sees nothing."""

    @contextmanager
    def watching(self, cell: CellId) -> Iterator[Reads]:  # noqa: ARG002
        """Watch nothing."""
        yield Reads()

    def forget(self, cell: CellId) -> None:
        """Drop nothing."""

    def rename(self, old: CellId, new: CellId) -> None:
        """Rename nothing."""


class Sources:
    """The sources that cells read when they last ran, and what these are like now.

    Attributes
    ----------
    tokens
        What each source is like now.
    """

    def __init__(self) -> None:
        self.tokens: dict[Source, Token] = {}
        self._reads: dict[CellId, Reads] = {}
        self._readers: defaultdict[Source, set[CellId]] = defaultdict(set)

    def enter(self, cell: CellId, reads: Reads) -> None:
        """Write down what the last run of a cell read."""
        self.strike(cell)
        for source in reads.seen:
            self._readers[source].add(cell)
        self.tokens.update(reads.now)
        if reads.seen:
            self._reads[cell] = reads

    def strike(self, cell: CellId) -> None:
        """Remove what a cell read, and what nobody else reads then."""
        for source in self._reads.pop(cell, Reads()).seen:
            self._readers[source].discard(cell)
            if not self._readers[source]:
                del self._readers[source]
                self.tokens.pop(source, None)

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter all that is known of a cell under another id."""
        if old in self._reads:
            reads = self._reads[old]
            now = {source: self.tokens[source] for source in reads.seen}
            self.strike(old)
            self.enter(new, replace(reads, now=now))

    def of(self, cell: CellId) -> Mapping[Source, Token]:
        """Return what a cell read."""
        return self._reads.get(cell, Reads()).seen

    def moved_on(self, cell: CellId) -> bool:
        """Tell whether something that a cell read has changed since."""
        seen = self.of(cell).items()
        return any(self.tokens[source] != token for source, token in seen)

    def change(
        self, source: Source, token: Token, by: CellId | None
    ) -> tuple[set[CellId], set[CellId]]:
        """Write down what a source is like now.

        Parameters
        ----------
        source
            What changed.
        token
            What it is like.
        by
            The cell that changed it; None for the user and for callbacks.

        Returns
        -------
        set, set
            The cells that the change concerns, and those which take it as seen.
        """
        readers = self._readers.get(source)
        if not readers:
            return set(), set()
        self.tokens[source] = token
        content = {
            cell
            for cell in readers
            if by is not None and (cell == by or source in self._reads[cell].changed)
        }
        for cell in content:
            reads = self._reads[cell]
            self._reads[cell] = replace(reads, seen={**reads.seen, source: token})
        return readers - content, content
