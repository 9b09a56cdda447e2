"""What is known about one run: before it, about its end, and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

    from reactive_kernel.planning import Cause, Ending, Input, Step
    from reactive_kernel.runtime.effects.trace import Trace
    from reactive_kernel.runtime.patches import Snapshot
    from reactive_kernel.runtime.watch import Watch
    from reactive_kernel.settings import Settings

__all__ = ["Begun", "LastRun", "Outcome"]


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun.

    Parameters
    ----------
    step
        The cell, and why it runs.
    source
        The text that runs.
    settings
        The settings of the cell.
    inputs
        The version of each name that it reads.
    earlier
        What the cell itself had bound before, by name; no longer in the namespace.
    before
        The namespace as the run finds it.
    conditional
        The values of names that it may or may not read before it binds them.
    loaded
        The names that it reads by its text or by what it calls.
    watch
        Tells afterwards which objects were changed in place.
    modules
        What the modules and classes held that it may change.
    trace
        Notes what the run touches outside of the namespace.
    """

    step: Step
    source: str
    settings: Settings
    inputs: dict[str, Input]
    earlier: dict[str, object]
    before: dict[str, object]
    conditional: dict[str, object]
    loaded: Set[str]
    watch: Watch
    modules: tuple[Snapshot, ...]
    trace: Trace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of executing a cell's code.

    Parameters
    ----------
    ending
        How it ended.
    error
        The exception in one line, if it failed.
    count
        The execution count that the run was shown under, if any.
    """

    ending: Ending
    error: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class LastRun:
    """When and why a cell last ran; `seconds` is wall time."""

    count: int | None
    seconds: float
    cause: Cause
