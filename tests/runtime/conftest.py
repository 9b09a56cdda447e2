from __future__ import annotations

import pytest

from reactive_kernel.testing import Notebook


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()
