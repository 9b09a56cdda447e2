"""The variables of a notebook with what a person wants to know of each, at bounded cost.

Nothing here runs code of the values (`runtime.describe`), so looking at them changes
nothing, reads no trait, and may happen in another thread while a cell runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from reactive_kernel.runtime import Description, describe

if TYPE_CHECKING:
    from reactive_kernel.document import CellId
    from reactive_kernel.runtime import Session

__all__ = ["Listing", "Variable", "variables"]

MOST: Final = 5000
"""So many names are told at most."""

SECONDS: Final = 0.25
"""Time for all descriptions; what comes later is told without one."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A name, the cell whose version is in place, and what its value is."""

    name: str
    cell: CellId
    about: Description | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Names in alphabetical order, and how many more there are."""

    shown: tuple[Variable, ...]
    omitted: int = 0


def variables(session: Session, seconds: float = SECONDS, most: int = MOST) -> Listing:
    """Return the names that cells have bound, with their values as they are now."""
    held = session.variables()
    held.sort(key=lambda row: (row[0].lower(), row[0]))
    deadline = perf_counter() + seconds
    shown = tuple(
        Variable(name, cell, describe(value) if perf_counter() < deadline else None)
        for name, cell, value in held[:most]
        # What is no identifier stands for something outside the namespace.
        if name.isidentifier()
    )
    return Listing(shown, max(len(held) - most, 0))
