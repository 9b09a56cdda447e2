"""The one rule of binding: which cell a name comes from.

    A name means its nearest definition above; if there is none above, the first one
    below.

Made precise, for one name x:

- The *writers* of x are the cells that bind, change or delete it. A writer that binds
  x without taking it from elsewhere is a *root*: there x begins anew.
- Every cell has a *place* with respect to x. It is the cell's position in the
  document, except that what stands above the first root counts as standing right
  after it, in document order among themselves: ``xs.append(1)`` above ``xs = []``
  happens after it.
- The *chain* of x is its writers by place: the successive versions of x.
- A reader takes x from the last writer placed before it, other than itself.
- Where that leaves nothing, x has no root at all, and the reader stands above every
  writer: it takes x from the first one below, unless it writes x itself
  (``x = x + 1`` has nothing to start from).
- Python's builtins, IPython's own names, and what is outside of the namespace (a file,
  a setting, an imported module: names that are no identifiers) count as defined above
  the first cell: a cell binds or changes them for the cells below it only.

>>> from reactive_kernel.document import Cell, CellId, Document
>>> a, b, c, d = map(CellId, "abcd")
>>> document = Document(tuple(Cell(id, "") for id in (a, b, c, d)))
>>> xs = Chain().edited(set(), {a: False, c: True}, document)
>>> xs.order  # a: xs.append(1); c: xs = []
('c', 'a')
>>> [writer(xs, reader, document) for reader in (a, b, d)]
['c', 'a', 'a']
"""

from __future__ import annotations

import builtins
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import filterfalse
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from reactive_kernel.document import CellId, Document

__all__ = ["Chain", "is_ambient", "readers", "writer"]

Place: TypeAlias = tuple[int, int, int]

_IPYTHON = """
In Out _ __ ___ _i _ii _iii _ih _oh _dh _exit_code get_ipython display exit quit
__name__ __file__ __doc__ __builtin__ __builtins__ __loader__ __package__ __spec__
__annotations__ __session__ __vsc_ipynb_file__
"""
_AMBIENT = frozenset((*dir(builtins), *_IPYTHON.split()))
_HISTORY = re.compile(r"_i?\d+")


@dataclass(frozen=True, slots=True)
class Chain:
    """The versions of one name.

    Parameters
    ----------
    order
        Its writers by place.
    roots
        Those that begin the name anew, in document order.
    ambient
        The name is one that Python or IPython defines above the first cell.
    """

    order: tuple[CellId, ...] = ()
    roots: tuple[CellId, ...] = ()
    ambient: bool = False

    def first(self, document: Document) -> int:
        """Return the position of the first root; 0 where nothing has to move."""
        if self.ambient or not self.roots:
            return 0
        return document.position(self.roots[0])

    def place(self, document: Document) -> Callable[[CellId], Place]:
        """Return what gives a cell's place with respect to this name."""
        position = document.position
        first = self.first(document)

        def place(id: CellId) -> Place:
            at = position(id)
            return (at, 0, at) if at >= first else (first, 1, at)

        return place

    def edited(
        self,
        dropped: Collection[CellId],
        added: Mapping[CellId, bool],
        document: Document,
    ) -> Chain:
        """Return the chain with some writers dropped and others (root or not) added."""
        new_roots = [id for id, root in added.items() if root]
        roots = merged(self.roots, dropped, new_roots, document.position)
        chain = Chain(self.order, roots, self.ambient)
        place = chain.place(document)
        order = merged(self.order, dropped, added, place)
        if roots[:1] != self.roots[:1]:
            order = tuple(sorted(order, key=place))
        return Chain(order, roots, self.ambient)

    def after(self, writer: CellId, document: Document) -> CellId | None:
        """Return the writer of the version that follows the one of `writer`."""
        place = self.place(document)
        at = bisect_right(self.order, place(writer), key=place)
        return self.order[at] if at < len(self.order) else None

    def beginning(self, document: Document) -> tuple[CellId, ...]:
        """Return the first root and the writers that count as right after it."""
        first = self.first(document)
        if not first:
            return self.roots[:1]
        above = (id for id in self.order[1:] if document.position(id) < first)
        return (self.order[0], *above)


def writer(chain: Chain, reader: CellId, document: Document) -> CellId | None:
    """Return the cell that `reader` takes the name from; None: nobody defines it."""
    order = chain.order
    if not order:
        return None
    place = chain.place(document)
    before = bisect_left(order, place(reader), key=place)
    if before:
        return order[before - 1]
    if chain.ambient or reader in order:
        return None
    return order[0]


def readers(
    chain: Chain, writer: CellId, watchers: tuple[CellId, ...], document: Document
) -> Iterator[CellId]:
    """Yield those of `watchers` (in document order) that the rule binds to `writer`.

    A superset: where no root exists, a cell that has nothing to start from is among
    them.
    """
    if not watchers:
        return
    place = chain.place(document)
    here = place(writer)
    index = bisect_left(chain.order, here, key=place)
    low: Place = here if index or chain.roots or chain.ambient else (-1, 0, 0)
    following = chain.order[index + 1 : index + 2]
    high: Place = place(following[0]) if following else (len(document), 0, 0)
    split = bisect_left(watchers, chain.first(document), key=document.position)
    for start, end in ((0, split), (split, len(watchers))):
        since = bisect_right(watchers, low, start, end, key=place)
        until = bisect_right(watchers, high, start, end, key=place)
        yield from watchers[since:until]


def is_ambient(name: str) -> bool:
    """Return whether a name means something before any cell defines it."""
    return name in _AMBIENT or not name.isidentifier() or bool(_HISTORY.fullmatch(name))


def merged(
    row: tuple[CellId, ...],
    dropped: Collection[CellId],
    added: Collection[CellId],
    key: Callable[[CellId], Any],
) -> tuple[CellId, ...]:
    """Return a row sorted by `key` without some cells and with others."""
    if dropped:
        row = tuple(filterfalse(dropped.__contains__, row))
    if len(added) > 4:
        return tuple(sorted((*row, *added), key=key))
    for id in added:
        at = bisect_left(row, key(id), key=key)
        just = (id,)
        row = row[:at] + just + row[at:]
    return row
