"""What IPython keeps of the cells that ran: their results and their last error.

Results are in ``Out``, ``_3``, ``_`` and its kin, and in a namespace of hidden names; an
error is in `sys`, in the traceback printers and in the last execution result, and with it
every frame that it went through. All of this would keep objects alive whose cell was
deleted or has long given another result.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Traces"]

_UNDERS = ("_", "__", "___")
_COMMON = frozenset(
    {int, float, complex, bool, str, bytes, type(None), ModuleType, BuiltinFunctionType}
)


class Traces:
    """Removes what IPython keeps of the runs of cells; runs go by execution count.

    Parameters
    ----------
    shell
        The shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._running: int | None = None
        self._failed: int | None = None

    @contextmanager
    def run(self, count: int, earlier: int | None) -> Iterator[None]:
        """Let what a run leaves take the place of what the cell's earlier run left.

        The earlier result can be used until this run is over, as in a plain kernel,
        unless both have the same count.
        """
        old = self._results.get(earlier)
        had_failed = earlier is not None and self._failed == earlier
        if had_failed:
            self._failed = None
        if earlier == count:
            self._drop_result(count)
        self._running = count
        try:
            yield
        finally:
            self._running = None
            if earlier is not None:
                if earlier != count:
                    self._drop_result(earlier)
                new = self._results.get(count, "") if earlier == count else ""
                self._replace_unders([old], new)
            if had_failed:
                self._drop_error() if self._failed is None else self._drop_frames()
            # It would keep alive all that scripts started by `%run` have left. Since
            # Python 3.4 their functions do without it.
            self._shell.clear_main_mod_cache()

    def failing(self) -> None:
        """Note that the run that is going on shows an error."""
        self._failed = self._running

    def delete(self, count: int | None, values: Collection[object]) -> None:
        """Remove what there is of a deleted cell.

        Parameters
        ----------
        count
            The count of its last run, if it ran.
        values
            The objects that it had bound and that no other cell has.
        """
        results = self._results
        gone = [*values, results.get(count)]
        ids = {id(value) for value in gone if not _is_common(value)}
        held = [n for n, value in results.items() if n == count or id(value) in ids]
        for other in held:
            self._drop_result(other)
        self._replace_unders(gone, "")
        for namespace in (self._shell.user_ns, self._shell.user_ns_hidden):
            namespace.pop(f"_i{count}", None)
        last = self._shell.last_execution_result
        if last is not None and id(last.result) in ids:
            last.result = None
        if count is not None and self._failed == count:
            self._drop_error()

    @property
    def _results(self) -> dict[int | None, object]:
        """What ``Out`` holds, by execution count."""
        results: dict[int | None, object] = self._shell.history_manager.output_hist
        return results

    def _drop_result(self, count: int | None) -> None:
        shell = self._shell
        self._results.pop(count, None)
        shell.history_manager.outputs.pop(count, None)
        for namespace in (shell.user_ns, shell.user_ns_hidden):
            namespace.pop(f"_{count}", None)

    def _replace_unders(self, gone: Collection[object], new: object) -> None:
        """Let ``_`` and its kin refer to something else than what is gone."""
        hook, shell = self._shell.displayhook, self._shell
        ids = {id(value) for value in gone if not _is_common(value)}
        for name in _UNDERS:
            if id(getattr(hook, name)) in ids:
                setattr(hook, name, new)
            for namespace in (shell.user_ns, shell.user_ns_hidden):
                if name in namespace and id(namespace[name]) in ids:
                    namespace[name] = new

    def _drop_frames(self) -> None:
        """Forget the frames of an error that another has followed."""
        printer = self._shell.InteractiveTB
        if isinstance(getattr(sys, "last_value", None), SyntaxError):
            # A syntax error is shown by a printer of its own.
            printer.tb = None
        printer.pdb = None

    def _drop_error(self) -> None:
        """Forget the last error, and with it the frames that it went through."""
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            vars(sys).pop(name, None)
        shell = self._shell
        shell.InteractiveTB.tb = shell.InteractiveTB.pdb = None
        shell.SyntaxTB.last_syntax_error = None
        last = shell.last_execution_result
        if last is not None:
            last.error_in_exec = last.error_before_exec = None
        self._failed = None


def _is_common(value: object) -> bool:
    """Tell whether one object may stand for many equal values all over the notebook."""
    return type(value) in _COMMON and sys.getsizeof(value) < 1000
