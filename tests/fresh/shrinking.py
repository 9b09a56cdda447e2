"""A sequence that shows a difference, made as short as it gets.

Hypothesis shrinks the choices that a sequence came from, blindly; here the steps
themselves are left out, one stretch after the other, and then lines of the cells. A
sequence of 30 steps takes a minute or so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.fresh.machine import Editing
from tests.fresh.play import Step

__all__ = ["failure_of", "shrunk"]


def failure_of(steps: Sequence[Step], machine: type[Editing]) -> str | None:
    """Return what is wrong after some steps; None if nothing is, or they can't be done."""
    try:
        with machine.opened() as play:
            for step in steps:
                step.do(play)
    except AssertionError as error:
        return str(error)
    except (LookupError, ValueError):
        return None
    return None


def shrunk(
    steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], seconds: float
) -> list[Step]:
    """Return a part of the steps that fails, too.

    Parameters
    ----------
    steps
        Steps that fail.
    fails
        Tells whether some steps do.
    seconds
        When to be content with what there is.
    """
    end = time.monotonic() + seconds

    def still(candidate: Sequence[Step]) -> bool:
        return time.monotonic() < end and fails(candidate)

    best, before = list(steps), None
    while best != before:
        before = best
        best = _fewer_steps(best, still)
        best = _shorter_cells(best, still)
    return best


def _fewer_steps(
    steps: list[Step], fails: Callable[[Sequence[Step]], bool]
) -> list[Step]:
    size = len(steps) // 2
    while size:
        place = 0
        while place < len(steps):
            candidate = steps[:place] + steps[place + size :]
            if fails(candidate):
                steps = candidate
            else:
                place += size
        size //= 2
    return steps


def _shorter_cells(
    steps: list[Step], fails: Callable[[Sequence[Step]], bool]
) -> list[Step]:
    for place in range(len(steps)):
        for shorter in _shorter(steps[place]):
            candidate = [*steps[:place], shorter, *steps[place + 1 :]]
            if fails(candidate):
                steps = candidate
                break
    return steps


def _shorter(step: Step) -> list[Step]:
    """Return a step with one line or one statement fewer in its cell."""
    if step.source is None:
        return []
    found = []
    for separator in ("\n", "; "):
        parts = step.source.split(separator)
        found += [
            replace(step, source=separator.join(parts[:n] + parts[n + 1 :]))
            for n in range(len(parts))
            if len(parts) > 1
        ]
    return found
