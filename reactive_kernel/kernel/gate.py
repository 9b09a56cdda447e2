"""Where the clients' messages queue up for the main shell, and how many there are."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Gate"]


class Gate:
    """Counts the messages between their arrival and the beginning of their handling.

    Parameters
    ----------
    lock
        Held while a message is handled; first come, first served.

    Attributes
    ----------
    arrived
        How many run requests have been taken up so far.
    comms
        Held by the comm message whose turn it is; first come, first served.
    """

    def __init__(self, lock: asyncio.Lock) -> None:
        self.lock = lock
        self.arrived = 0
        self.comms = asyncio.Lock()
        self._beside = 0
        self._outside: set[int] = set()

    @property
    def waiting(self) -> bool:
        """True while a message waits for its turn."""
        return bool(self._outside)

    @property
    def is_busy(self) -> bool:
        """True while a message is handled or waits."""
        return self.lock.locked() or self.waiting or self.is_beside

    @property
    def is_beside(self) -> bool:
        """True while a comm message waits that is handled beside another message."""
        return self._beside > 0

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Count a comm message as one that is handled beside another message."""
        self._beside += 1
        try:
            yield
        finally:
            self._beside -= 1

    @contextmanager
    def arrival(self, message: object) -> Iterator[None]:
        """Count a message as waiting, until `enter` is called with it."""
        self._outside.add(id(message))
        try:
            yield
        finally:
            self._outside.discard(id(message))

    def enter(self, message: object) -> None:
        """Count a message as being handled."""
        self._outside.discard(id(message))
