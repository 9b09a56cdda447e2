"""Random sequences until one shows a difference, and that one as a test."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fresh.machine import Editing
from tests.fresh.play import Step, as_test
from tests.fresh.shrinking import failure_of, shrunk

__all__ = ["search"]


def search(
    machine: type[Editing], number: int, sequences: int, steps: int, patience: float
) -> str:
    """Run some sequences; return what is wrong and a test for it, if something is.

    Parameters
    ----------
    machine
        The user at work.
    number
        The seed: the same number gives the same sequences.
    sequences
        How many.
    steps
        How many steps each has at most.
    patience
        Seconds for making the sequence shorter that fails.
    """

    @seed(number)
    class Numbered(machine):  # type: ignore[misc, valid-type]  # a variable
        pass

    chosen = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        # Hypothesis shrinks without knowing what a step is, and takes much longer.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Numbered, settings=chosen)
    except Exception:
        if not machine.tally.failed:
            raise
        return _shortest(machine, patience)
    finally:
        machine.spare.close()
    return ""


def _shortest(machine: type[Editing], patience: float) -> str:
    """Return the failed sequence as a test, shrunk if it fails again, and the failure."""
    failed, machine.tally.failed = machine.tally.failed, ()
    if failure_of(failed, machine) is None:
        return f"a difference that did not come again\n{as_test(failed)}"

    def fails(steps: Sequence[Step]) -> bool:
        return failure_of(steps, machine) is not None

    best = shrunk(failed, fails, patience)
    return f"{failure_of(best, machine)}\n{as_test(best)}"
