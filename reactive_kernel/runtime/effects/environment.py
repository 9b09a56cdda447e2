"""Environment variables as names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reactive_kernel.runtime.effects.trace import Trace

__all__ = ["PREFIX", "changes", "put"]

PREFIX: Final = "environment variable "


def changes(trace: Trace) -> dict[str, tuple[str | None, str | None]]:
    """Return each variable that a run set or deleted: its value before and after."""
    return {
        PREFIX + key: (before, os.environ.get(key))
        for key, before in trace.replaced.items()
    }


def put(name: str, value: str | None) -> None:
    """Set a variable, or delete it (None)."""
    key = name.removeprefix(PREFIX)
    if os.environ.get(key) == value:
        return
    if value is None:
        del os.environ[key]
    else:
        os.environ[key] = value
