"""Settings of the whole notebook: its metadata may set some traits of the kernel.

``{"reactive": {"mode": "lazy"}}`` in the metadata of a notebook goes before the kernel's
configuration, for this notebook. What the user says later (``%reactive mode auto``) goes
before both, until the metadata says something else.
"""

from __future__ import annotations

from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits, TraitError

from reactive_kernel.settings import reactive_part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NotebookSettings"]


class NotebookSettings:
    """Keeps traits as the notebook's metadata has them.

    Parameters
    ----------
    owner
        The object with the traits; their present values are the defaults.
    switches
        For each trait that a notebook may set: what is called after it was.
    """

    def __init__(
        self, owner: HasTraits, switches: Mapping[str, Callable[[], None]]
    ) -> None:
        self._owner = owner
        self._switches = switches
        self._defaults = {name: getattr(owner, name) for name in switches}
        self._given: dict[str, Any] = {}
        self._ignored: dict[str, str] = {}

    @property
    def ignored(self) -> tuple[str, ...]:
        """What could not be understood, in sentences."""
        return tuple(self._ignored.values())

    def take(self, metadata: object) -> bool:
        """Take in the notebook's metadata; tell whether it has set anything anew."""
        given = {
            name: value
            for name, value in reactive_part(metadata).items()
            if name in self._switches and value is not None
        }
        before, self._given = self._given, given
        changed = [n for n in self._switches if before.get(n) != given.get(n)]
        for name in changed:
            self._set(name)
            self._switches[name]()
        return bool(changed)

    def _set(self, name: str) -> None:
        default = self._defaults[name]
        value = self._given.get(name, default)
        self._ignored.pop(name, None)
        try:
            setattr(self._owner, name, value)
        except TraitError:
            setattr(self._owner, name, default)
            self._ignored[name] = (
                f"`{name}` in the notebook's metadata cannot be {short(value)}, so it is "
                f"{short(default)}"
            )
