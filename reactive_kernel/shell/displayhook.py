"""Results of reruns: under the count of their cell, and out of the history's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from IPython.core.displayhook import DisplayHook

__all__ = ["ReactiveDisplayHook", "Rerun"]


@dataclass(frozen=True, slots=True)
class Rerun:
    """The cell that is being rerun: the count it is shown under, and its text."""

    count: int
    source: str


class ReactiveDisplayHook(DisplayHook):
    """Display hook that knows when a cell is being rerun.

    A rerun has no history entry, so the count and the source from which IPython takes
    ``Out[n]`` and a trailing ``;`` are another cell's. `rerun` says whose they are.
    """

    rerun: Rerun | None = None
    shell: Any

    @property
    def prompt_count(self) -> int:
        """The count of the cell whose result is shown."""
        if self.rerun is not None:
            return self.rerun.count
        count: int = self.shell.execution_count - 1
        return count

    def quiet(self) -> bool:
        """Tell whether the cell's text ends in ``;``."""
        if self.rerun is None:
            return bool(super().quiet())
        return bool(self.semicolon_at_end_of_expression(self.rerun.source))

    def update_user_ns(self, result: Any) -> None:
        """Keep a result as ``Out[n]``; a rerun leaves ``_`` and its kin alone."""
        if self.rerun is None:
            super().update_user_ns(result)
            return
        outputs = self.shell.user_ns.get("_oh")
        keeps = self.cache_size and self.do_full_cache
        if keeps and outputs is not None and result is not outputs:
            outputs[self.rerun.count] = result
            self.shell.user_ns[f"_{self.rerun.count}"] = result
