"""What the author of a notebook decided: settings of single cells, in their metadata.

They stand in the notebook file under ``metadata.reactive`` of a cell, and are written by
hand or by other programs. So nothing in them is an error: what cannot be understood is
left at its default, and the settings say so.

>>> cell_settings({"reactive": {"frozen": True, "reads": ["x"]}})
Settings(frozen=True, reads=['x'])
>>> cell_settings({"reactive": {"mode": "quick"}}).ignored
("`mode` must be auto or lazy, so 'quick' is ignored",)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from reprlib import repr as short
from typing import Any, Final

__all__ = ["Mode", "Settings", "cell_settings", "reactive_part"]


class Mode(StrEnum):
    """What happens to the cells that depend on a change."""

    AUTO = "auto"
    """They are rerun."""
    LAZY = "lazy"
    """They are marked stale."""


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """What the notebook's author decided about one cell (`metadata.reactive`).

    Parameters
    ----------
    disabled
        The cell neither runs nor defines anything.
    mode
        Whether a cascade reruns the cell or marks it; None: as in the whole notebook.
    frozen
        The cell keeps the values of its last run; only its user runs it again.
    reads
        The names that the cell takes from other cells, whatever its text says.
    writes
        The names that it defines or changes, whatever its text says.
    pure
        It changes no object in place.
    ignored
        What could not be understood, in sentences.
    """

    disabled: bool = False
    mode: Mode | None = None
    frozen: bool = False
    reads: frozenset[str] | None = None
    writes: frozenset[str] | None = None
    pure: bool = False
    ignored: tuple[str, ...] = ()

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.as_json().items())
        return f"Settings({given})"

    def writes_as(self, other: Settings) -> bool:
        """Tell whether both say the same about what the cell writes."""
        return (self.writes, self.pure) == (other.writes, other.pure)

    def as_json(self) -> dict[str, object]:
        """Return what differs from the defaults, as it stands in the metadata."""
        values: dict[str, object] = {
            "disabled": self.disabled,
            "mode": self.mode and str(self.mode),
            "frozen": self.frozen,
            "reads": None if self.reads is None else sorted(self.reads),
            "writes": None if self.writes is None else sorted(self.writes),
            "pure": self.pure,
        }
        return {name: value for name, value in values.items() if value or value == []}


def reactive_part(metadata: object) -> Mapping[str, Any]:
    """Return what metadata, of a cell or a notebook, says to a reactive kernel."""
    part = metadata.get("reactive") if isinstance(metadata, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def cell_settings(metadata: object) -> Settings:
    """Return the settings in a cell's metadata; never raises.

    Unknown settings are passed over: they may be those of another program.
    """
    values: dict[str, Any] = {}
    ignored: list[str] = []
    for name, value in reactive_part(metadata).items():
        if name not in _SETTINGS or value is None:
            continue
        understood, must_be = _SETTINGS[name]
        found = understood(value)
        if found is None:
            ignored.append(f"`{name}` must be {must_be}, so {short(value)} is ignored")
        else:
            values[name] = found
    return Settings(**values, ignored=tuple(ignored))


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _mode(value: object) -> Mode | None:
    return Mode(value) if isinstance(value, str) and value in list(Mode) else None


def _names(value: object) -> frozenset[str] | None:
    if not isinstance(value, list):
        return None
    names = [name for name in value if isinstance(name, str) and name.isidentifier()]
    return frozenset(names) if len(names) == len(value) else None


_SWITCH: Final = (_switch, "true or false")
_NAMES: Final = (_names, "a list of names")
_SETTINGS: Final[Mapping[str, tuple[Callable[[object], Any], str]]] = {
    "disabled": _SWITCH,
    "mode": (_mode, "auto or lazy"),
    "frozen": _SWITCH,
    "reads": _NAMES,
    "writes": _NAMES,
    "pure": _SWITCH,
}
