"""Large tables of which one version after another is made, most of it shared.

Copying a dict of all cells for each edit costs little; for each of thousands of cells
that a notebook is opened with it would cost the square. So a version is a dict that it
shares with earlier ones, and a small dict of what is different:

>>> old = Shared({"a": 1, "b": 2})
>>> new = old.version()
>>> new["c"] = 3
>>> del new["a"]
>>> dict(old), dict(new)
({'a': 1, 'b': 2}, {'b': 2, 'c': 3})
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Shared"]

K = TypeVar("K")
V = TypeVar("V")


class Shared(MutableMapping[K, V]):
    """A dict that shares what is equal with the version that it was made from.

    Parameters
    ----------
    common
        What it starts with; not to be changed any more. No value may be None.
    """

    __slots__ = ("_changes", "_common")

    def __init__(self, common: Mapping[K, V]) -> None:
        self._common = common
        self._changes: dict[K, V | None] = {}  # None: deleted

    def version(self) -> Shared[K, V]:
        """Return a new version; this one must not be changed any more."""
        if len(self._changes) ** 2 > 4 * len(self._common):
            return Shared(self._joined())
        new = Shared(self._common)
        new._changes = self._changes.copy()
        return new

    def _joined(self) -> dict[K, V]:
        """Return all of it as one dict."""
        joined = {**self._common, **self._changes}
        for key, value in self._changes.items():
            if value is None:
                del joined[key]
        return cast("dict[K, V]", joined)

    def __getitem__(self, key: K) -> V:
        changes = self._changes
        found = changes[key] if key in changes else self._common[key]
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: K, value: V) -> None:
        self._changes[key] = value

    def __delitem__(self, key: K) -> None:
        self[key]
        self._changes[key] = None

    def __contains__(self, key: object) -> bool:
        changes: Mapping[object, V | None] = cast(
            "dict[object, V | None]", self._changes
        )
        if key in changes:
            return changes[key] is not None
        return key in self._common

    def __iter__(self) -> Iterator[K]:
        return iter(self._joined())

    def __len__(self) -> int:
        return len(self._joined())
