"""Which names of the namespace belong to IPython and not to the notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["foreign_names", "is_history"]

_HISTORY = re.compile(r"_(i{0,3}|_|__|\d+|i\d+|[iod]h|exit_code)?\Z|In\Z|Out\Z")
_MODULE = frozenset(
    {
        "__builtin__",
        "__builtins__",
        "__doc__",
        "__loader__",
        "__name__",
        "__spec__",
        "__warningregistry__",
    }
)


class _Shell(Protocol):
    user_ns: dict[str, object]
    user_ns_hidden: dict[str, object]


def foreign_names(shell: _Shell) -> Callable[[str], bool]:
    """Return a test for names that no cell of the notebook owns.

    These are the history names (``_``, ``_3``, ``In``), the module's own attributes,
    and what IPython put into the namespace, as long as it is still what IPython put
    there: a notebook that binds ``exit`` owns it.
    """
    missing = object()

    def foreign(name: str) -> bool:
        hidden = shell.user_ns_hidden.get(name, missing)
        if hidden is not missing:
            return shell.user_ns.get(name, hidden) is hidden or is_history(name)
        return name in _MODULE or is_history(name)

    return foreign


def is_history(name: str) -> bool:
    """Tell whether a name is one by which IPython gives what ran before."""
    return bool(_HISTORY.match(name))
