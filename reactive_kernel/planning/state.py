"""What a cell is right now: one class per state, each carrying its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reactive_kernel.document import CellId

__all__ = [
    "Blocked",
    "Disabled",
    "Failed",
    "Fresh",
    "Frozen",
    "New",
    "Queued",
    "Reason",
    "ReasonKind",
    "Running",
    "Stale",
    "State",
]


class ReasonKind(StrEnum):
    """Why a cell is not fresh; the values are those of the protocol."""

    EDITED = "edited"
    INPUT = "input"
    DELETED = "deleted"
    MOVED = "moved"
    TRAIT = "trait"
    MODULE = "module"
    OUTSIDE = "outside"
    """A file was changed by somebody else."""
    UPSTREAM_ERROR = "upstream-error"
    CYCLE = "cycle"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with the cell it comes from and the names it is about."""

    kind: ReasonKind
    cell: CellId | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class New:
    """Not run in this kernel session."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What the cell shows follows from its source and its inputs."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Keeps what its last run left; the reasons are why it would be stale else."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """What the cell shows no longer follows from its source and its inputs."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """Stale, and about to be rerun."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """Its code is being executed."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Its last run raised, and nothing that it reads has changed since."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Cannot be run: an input failed, is missing or is in a cycle."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Disabled:
    """Switched off by its author: neither runs nor defines anything."""


State = New | Fresh | Frozen | Stale | Queued | Running | Failed | Blocked | Disabled
