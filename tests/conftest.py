from __future__ import annotations

import os

from hypothesis import settings

# A change must not fail because chance has found what was wrong before it: on CI the
# examples are the same each time. By hand, and with REACTIVE_SEQUENCES, they are new.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
