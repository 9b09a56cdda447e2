"""States, freshness and plans: what should happen, decided without doing any of it.

`judge` says what state a cell is in by the evidence of its last run; `needed` and
`cascade` say which cells run and in what order. All three are pure functions, so every
decision of the kernel can be tested, printed and explained without running a cell.
"""

from reactive_kernel.planning.freshness import (
    ABSENT,
    OUTSIDE,
    Ending,
    Evidence,
    Input,
    Source,
    Token,
    Tokens,
    bindings,
    judge,
)
from reactive_kernel.planning.modes import rerun_by_cascades, resting
from reactive_kernel.planning.plan import (
    Cause,
    Plan,
    Step,
    cascade,
    needed,
    still_due,
)
from reactive_kernel.planning.state import (
    Blocked,
    Disabled,
    Failed,
    Fresh,
    Frozen,
    New,
    Queued,
    Reason,
    ReasonKind,
    Running,
    Stale,
    State,
)
from reactive_kernel.settings import Mode

__all__ = [
    "ABSENT",
    "OUTSIDE",
    "Blocked",
    "Cause",
    "Disabled",
    "Ending",
    "Evidence",
    "Failed",
    "Fresh",
    "Frozen",
    "Input",
    "Mode",
    "New",
    "Plan",
    "Queued",
    "Reason",
    "ReasonKind",
    "Running",
    "Source",
    "Stale",
    "State",
    "Step",
    "Token",
    "Tokens",
    "bindings",
    "cascade",
    "judge",
    "needed",
    "rerun_by_cascades",
    "resting",
    "still_due",
]
