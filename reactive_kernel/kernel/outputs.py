"""Did a rerun show anything? Then its output replaces the old one by itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reactive_kernel.kernel import compat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.session import Session

__all__ = ["OutputWatch", "Shown"]


@dataclass(slots=True)
class Shown:
    """What was published under one parent."""

    parent: str
    anything: bool = False


class OutputWatch:
    """Watches the outputs that a kernel publishes.

    Parameters
    ----------
    session
        The kernel's, through which every message goes, streams included.
    """

    def __init__(self, session: Session) -> None:
        self._now: Shown | None = None
        compat.watch_outputs(session, self._note)

    def _note(self, parent: str) -> None:
        if self._now is not None and self._now.parent == parent:
            self._now.anything = True

    @contextmanager
    def during(self, parent: str) -> Iterator[Shown]:
        """Watch for outputs under the request with msg_id `parent`."""
        self._now = shown = Shown(parent)
        try:
            yield shown
        finally:
            self._now = None
