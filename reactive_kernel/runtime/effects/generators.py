"""The global random generators, which every cell shares.

A cell that draws numbers reads the generator's state as the cells above left it, and
leaves a new one. So a cell in the middle that is run again draws what a fresh run would
draw, and whoever seeds a generator above makes the cells that draw from it follow.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.runtime.effects.settings import Setting

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["GENERATORS"]


def _python_state() -> Hashable:
    random = sys.modules.get("random")
    return None if random is None else random.getstate()


def _put_python_state(state: Any) -> None:
    sys.modules["random"].setstate(state)


def _numpy_state() -> Hashable:
    module = sys.modules.get("numpy.random")
    if module is None or not hasattr(module, "get_state"):
        return None
    name, key, position, has_gauss, gauss = module.get_state()
    return (name, key.tobytes(), int(position), int(has_gauss), float(gauss))


def _put_numpy_state(state: Any) -> None:
    numpy = sys.modules["numpy"]
    name, key, *rest = state
    keys = numpy.frombuffer(key, dtype=numpy.uint32).copy()
    numpy.random.set_state((name, keys, *rest))


GENERATORS: Final = (
    Setting("random", "random generator", _python_state, _put_python_state),
    Setting("random", "numpy random generator", _numpy_state, _put_numpy_state),
)
"""A cell reads a generator only if it draws from it, which changes it."""
