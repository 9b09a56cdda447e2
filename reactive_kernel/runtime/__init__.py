"""Live values: carrying out plans, and keeping the versions of every name.

`Session` is the engine of one notebook. It knows nothing of Jupyter: what executes a
cell is handed to it, so the kernel runs cells with IPython and a test with `exec`.
"""

from reactive_kernel.runtime.descriptions import Description, describe
from reactive_kernel.runtime.effects import EFFECTS
from reactive_kernel.runtime.feedback import Loop
from reactive_kernel.runtime.memory import BUDGET, Kept, Report
from reactive_kernel.runtime.news import Changes
from reactive_kernel.runtime.run import LastRun, Outcome
from reactive_kernel.runtime.session import Session
from reactive_kernel.runtime.sources import Reads, Source, Witness
from reactive_kernel.runtime.texts import Lost
from reactive_kernel.runtime.versions import Unique, token
from reactive_kernel.runtime.watch import SECONDS

__all__ = [
    "BUDGET",
    "EFFECTS",
    "SECONDS",
    "Changes",
    "Description",
    "Kept",
    "LastRun",
    "Loop",
    "Lost",
    "Outcome",
    "Reads",
    "Report",
    "Session",
    "Source",
    "Unique",
    "Witness",
    "describe",
    "token",
]
