"""What is wrong or remarkable about a cell, as data that every view can show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Diagnostic", "Fix", "Severity", "Span"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of a cell's source text.

    Lines count from 1, columns from 0 in characters (not bytes); the end column is
    exclusive. All four refer to the source as the user wrote it.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Severity(StrEnum):
    """How much a diagnostic matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit of the cell's text that settles a finding and changes no result."""

    title: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one cell: a code to filter by and a sentence that helps."""

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    fix: Fix | None = None
