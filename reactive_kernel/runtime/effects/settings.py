"""Settings of the process and of libraries, which every cell shares.

A cell changed a setting if its state is another one after the run. Who reads it cannot
be seen in general; `Setting.is_read` says what counts. A setting of a library that is
not loaded has no state, and loading the library is no change.
"""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.runtime.effects.trace import WINDOWS, Trace, getcwd

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SETTINGS", "Setting"]


def _never(_trace: Trace) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Parameters
    ----------
    effect
        The kind of effect that it belongs to, under which it can be switched off.
    name
        Its name in the graph.
    get
        Returns its state, comparable and never changed afterwards; None: there is none.
    put
        Brings a state back.
    is_read
        Tells whether a run reads the setting, by what it touched.
    is_changed
        Tells whether a changed state counts as the cell's doing.
    """

    effect: str
    name: str
    get: Callable[[], object]
    put: Callable[[Any], None]
    is_read: Callable[[Trace], bool] = _never
    is_changed: Callable[[Trace], bool] = lambda _trace: True


def _uses(*packages: str) -> Callable[[Trace], bool]:
    """Return whether a run used a value of one of some packages."""
    wanted = frozenset(packages)
    return lambda trace: not wanted.isdisjoint(trace.packages)


def _directory() -> str | None:
    try:
        return getcwd()
    except FileNotFoundError:
        return None


def _put_directory(state: str) -> None:
    if os.path.isdir(state):
        os.chdir(state)


def _put_search_path(state: tuple[str, ...]) -> None:
    sys.path[:] = state


def _matplotlib() -> dict[str, object] | None:
    matplotlib = sys.modules.get("matplotlib")
    params = getattr(matplotlib, "rcParams", None)
    if params is None:
        return None
    # `dict.items` gives what is there; matplotlib's own would look for a backend.
    state = dict(dict.items(params))
    for key in WINDOWS:
        state.pop(key, None)
    return state


def _put_matplotlib(state: dict[str, object]) -> None:
    dict.update(sys.modules["matplotlib"].rcParams, state)


def _pandas() -> dict[str, dict[str, object]] | None:
    config = sys.modules.get("pandas._config.config")
    tree = getattr(config, "_global_config", None)
    if tree is None:
        return None
    registered = getattr(config, "_registered_options", ())
    return {prefix: part.copy() for prefix, part in _parts(len(registered))}


@functools.lru_cache(maxsize=1)
def _parts(_registered: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables that pandas keeps its options in, each with its prefix."""
    found = [("", sys.modules["pandas._config.config"]._global_config)]
    for prefix, part in found:
        inner = ((key, value) for key, value in part.items() if isinstance(value, dict))
        found.extend((f"{prefix}{key}.", value) for key, value in inner if value)
    return found


def _put_pandas(state: dict[str, dict[str, object]]) -> None:
    now = _pandas() or {}
    for prefix, part in state.items():
        for key, value in part.items():
            if now[prefix].get(key) != value:
                sys.modules["pandas"].set_option(prefix + key, value)


def _numpy() -> dict[str, object] | None:
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "get_printoptions"):
        return None
    return {**numpy.get_printoptions(), "errors": numpy.geterr()}


def _put_numpy(state: dict[str, Any]) -> None:
    options = {key: value for key, value in state.items() if key != "errors"}
    # Whether a sign is padded is told by `legacy`, which numpy wants as it gave it.
    sys.modules["numpy"].set_printoptions(**options)
    sys.modules["numpy"].seterr(**state["errors"])


def _warnings() -> tuple[object, ...]:
    return tuple(sys.modules["warnings"].filters)


def _put_warnings(state: tuple[object, ...]) -> None:
    warnings = sys.modules["warnings"]
    warnings.filters[:] = state
    # To enter and to leave it tells the interpreter that the filters are others now.
    with warnings.catch_warnings():
        pass


def _locale() -> str | None:
    locale = sys.modules.get("locale")
    return None if locale is None else locale.setlocale(locale.LC_ALL)


def _put_locale(state: str) -> None:
    locale = sys.modules["locale"]
    locale.setlocale(locale.LC_ALL, state)


_CONTEXT: Final = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _decimal() -> tuple[object, ...] | None:
    decimal = sys.modules.get("decimal")
    if decimal is None:
        return None
    context = decimal.getcontext()
    traps = frozenset(signal for signal, on in context.traps.items() if on)
    return (*(getattr(context, name) for name in _CONTEXT), traps)


def _put_decimal(state: tuple[Any, ...]) -> None:
    context = sys.modules["decimal"].getcontext()
    for name, value in zip(_CONTEXT, state, strict=False):
        setattr(context, name, value)
    for signal in context.traps:
        context.traps[signal] = signal in state[-1]


SETTINGS: Final = (
    Setting(
        "directory",
        "working directory",
        _directory,
        _put_directory,
        is_read=lambda trace: trace.used_directory,
    ),
    Setting(
        "path",
        "module search path",
        lambda: tuple(sys.path),
        _put_search_path,
        is_read=lambda trace: trace.imported or "sys" in trace.packages,
    ),
    Setting(
        "matplotlib",
        "matplotlib settings",
        _matplotlib,
        _put_matplotlib,
        is_read=lambda trace: trace.used_matplotlib,
    ),
    Setting("pandas", "pandas options", _pandas, _put_pandas, is_read=_uses("pandas")),
    Setting(
        "numpy",
        "numpy options",
        _numpy,
        _put_numpy,
        is_read=_uses("numpy", "pandas"),
    ),
    Setting(
        "warnings",
        "warning filters",
        _warnings,
        _put_warnings,
        is_read=lambda trace: trace.warned,
        # Many libraries add filters when they are loaded; that is not the cell's doing.
        is_changed=lambda trace: not trace.imported or "warnings" in trace.packages,
    ),
    Setting(
        "locale",
        "locale settings",
        _locale,
        _put_locale,
        is_read=_uses("locale", "datetime", "time", "calendar", "pandas"),
    ),
    Setting(
        "decimal", "decimal context", _decimal, _put_decimal, is_read=_uses("decimal")
    ),
)
