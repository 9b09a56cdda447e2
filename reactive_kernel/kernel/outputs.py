"""Did a rerun show anything? Then its output replaces the old one by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reactive_kernel.kernel import compat

if TYPE_CHECKING:
    from jupyter_client.session import Session

__all__ = ["OutputWatch", "Shown"]


@dataclass(slots=True)
class Shown:
    """What was published under one parent."""

    anything: bool = False


class OutputWatch:
    """Watches the outputs that a kernel publishes.

    Parameters
    ----------
    session
        The kernel's, through which every message goes, streams included.
    """

    def __init__(self, session: Session) -> None:
        self._watched: dict[str, Shown] = {}
        compat.watch_outputs(session, self._note)

    def _note(self, parent: str) -> None:
        if parent in self._watched:
            self._watched[parent].anything = True

    def watches(self, parent: str) -> bool:
        """Tell whether outputs under the request with msg_id `parent` are watched."""
        return parent in self._watched

    def start(self, parent: str) -> None:
        """Watch for outputs under the request with msg_id `parent` from now on."""
        self._watched[parent] = Shown()

    def stop(self, parent: str) -> bool:
        """Watch no longer; tell whether there was an output."""
        return self._watched.pop(parent).anything
