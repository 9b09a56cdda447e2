"""Fresh-run equivalence over the wire: random notebooks and edits, a few of them.

`python -m tests.fresh` runs many more. What they have found is in test_found.py.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.fresh.machine import Editing
from tests.fresh.searching import search

# On CI always the same ones: see the conftest.
NUMBER = 0 if os.environ.get("CI") else random.randrange(1_000_000)


@pytest.mark.kernel
@pytest.mark.slow
def test_what_is_called_fresh_is_what_a_fresh_run_shows() -> None:
    found = search(Editing, NUMBER, sequences=25, steps=12, patience=120)
    assert not found, f"seed {NUMBER}: {found}"
    assert Editing.tally.compared > 100
