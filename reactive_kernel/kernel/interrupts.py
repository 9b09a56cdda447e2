"""Interrupts: raised in user code, remembered everywhere else.

ipykernel lets a KeyboardInterrupt fly wherever the main thread happens to be. In the
middle of our bookkeeping that would leave the graph untrue, so SIGINT is raised only
while user code runs, and never in a frame of this package; a signal that comes between
two cells is remembered, and ends the cascade.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType, TracebackType

__all__ = ["Interrupts"]

_OURS = str(Path(__file__).parent.parent)


class Interrupts:
    """The kernel's SIGINT handler.

    Attributes
    ----------
    pending
        A signal came while no user code ran.
    user_code
        A context manager: signals are raised in what runs inside, the pending one
        first.
    """

    def __init__(self) -> None:
        self.pending = False
        self.user_code = _UserCode(self)
        self._raises = False

    def install(self) -> None:
        """Become the process's SIGINT handler; only the main thread can."""
        signal.signal(signal.SIGINT, self.handle)

    def handle(self, _signal: int, frame: FrameType | None) -> None:
        """Interrupt user code, or remember the signal."""
        if self._raises and not _is_ours(frame):
            raise KeyboardInterrupt
        self.pending = True

    def enter(self) -> None:
        """Raise signals from now on."""
        self._raises = True

    def leave(self) -> None:
        """Remember signals from now on."""
        self._raises = False

    def take(self) -> bool:
        """Tell whether a signal is pending, and forget it."""
        pending, self.pending = self.pending, False
        return pending


class _UserCode:
    # No generator: in a frame of contextlib a signal would be raised before the flag
    # is taken back.
    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        if self._interrupts.take():
            raise KeyboardInterrupt
        self._interrupts.enter()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._interrupts.leave()


def _is_ours(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith(_OURS)
