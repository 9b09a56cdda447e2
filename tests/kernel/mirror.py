"""The kernel's state as a client sees it: `state` messages folded into one picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Mirror"]

STATES = frozenset(
    {"new", "fresh", "frozen", "stale", "queued", "running"}
    | {"error", "blocked", "disabled"}
)
REASONS = frozenset(
    {"edited", "input", "deleted", "moved", "trait", "module", "upstream-error"}
    | {"cycle", "interrupted", "outside"}
)
CAUSES = frozenset({"user", "cascade", "trait", "needed"})
CELL = frozenset(
    {"state", "reasons", "defines", "uses", "mutates", "deferred", "traits"}
    | {"rests_on", "settings", "diagnostics", "last_run"}
)


@dataclass(slots=True)
class Mirror:
    """What one comm was told; checks each message against protocol.md as it folds."""

    revision: int | None = None
    mode: str = ""
    settled: bool = False
    order: list[str] = field(default_factory=list)
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    fulls: int = 0
    """How many full states have come."""
    settlements: int = 0
    """How many deltas said that nothing is queued or running."""
    history: list[dict[str, Any]] = field(default_factory=list)

    def fold(self, data: dict[str, Any]) -> None:
        """Take in one `state` message."""
        assert data["type"] == "state", data
        check_state(data)
        self._count_up(data)
        self.history.append(data)
        if data["full"]:
            self.fulls += 1
            self.cells.clear()
        for id in data.get("removed", ()):
            self.cells.pop(id, None)
        self.cells.update(data["cells"])
        if "order" in data:
            self.order = list(data["order"])
        self.settlements += data["settled"] and not data["full"]
        self.settled = data["settled"]
        self.mode = data["mode"]
        assert set(self.order) == self.cells.keys(), "order and cells disagree"

    def _count_up(self, data: dict[str, Any]) -> None:
        revision = data["revision"]
        assert data["full"] or self.revision is not None, "a delta came first"
        if self.revision is not None and not data["full"]:
            assert revision == self.revision + 1, f"{self.revision} then {revision}"
        self.revision = revision


def check_state(data: dict[str, Any]) -> None:
    """Check the form of a `state` message."""
    assert isinstance(data["revision"], int)
    assert isinstance(data["full"], bool)
    assert isinstance(data["settled"], bool)
    assert data["mode"] in {"auto", "lazy"}, data["mode"]
    assert not data["full"] or "order" in data, "a full state has an order"
    for cell in data["cells"].values():
        check_cell(cell)


def check_cell(cell: dict[str, Any]) -> None:
    """Check the form of one cell in a `state` message."""
    assert cell.keys() >= CELL, f"missing {CELL - cell.keys()}"
    assert cell["state"] in STATES, cell["state"]
    assert all(reason["kind"] in REASONS for reason in cell["reasons"]), cell["reasons"]
    for names in ("defines", "mutates", "deferred", "traits", "rests_on"):
        assert all(isinstance(name, str) for name in cell[names]), cell[names]
    for writer in cell["uses"].values():
        assert writer is None or isinstance(writer, str), writer
    for diagnostic in cell["diagnostics"]:
        assert diagnostic.keys() >= {"code", "severity", "message", "range"}
    if (run := cell["last_run"]) is not None:
        assert run.keys() >= {"count", "seconds", "cause"}, run
        assert run["cause"] in CAUSES, run
