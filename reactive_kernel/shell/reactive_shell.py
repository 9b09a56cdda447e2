"""An IPython shell with an engine in it."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from traitlets import Type

from reactive_kernel.errors import StopCell
from reactive_kernel.shell.displayhook import ReactiveDisplayHook, Rerun
from reactive_kernel.shell.magics import ReactiveMagics
from reactive_kernel.shell.traits import is_outside_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reactive_kernel.document import CellId
    from reactive_kernel.runtime import Lost, Session
    from reactive_kernel.shell.callbacks import Callbacks

__all__ = ["ReactiveShell"]


class ReactiveShell(InteractiveShell):
    """Mixed into a shell class: reruns, hints in tracebacks, `stop`, ``%reset``.

    Attributes
    ----------
    reactive
        The engine; set by whoever makes the shell, before the first cell runs.
    callbacks
        What cells have registered to be called; set likewise.
    """

    reactive: Session
    callbacks: Callbacks
    displayhook: Any
    history_manager: Any
    displayhook_class = Type(ReactiveDisplayHook)

    def init_magics(self) -> None:
        """Register the magics, ``%reactive`` among them."""
        super().init_magics()
        self.register_magics(ReactiveMagics)

    @contextmanager
    def rerunning(self, count: int, source: str) -> Iterator[None]:
        """Let what runs inside be a rerun of the cell that was shown as ``In[count]``.

        The history, ``_`` and the execution count stay as they are; tracebacks,
        results and ``Out[count]`` go by the cell's own count.
        """
        recorded = self.history_manager.outputs
        counted = self.execution_count
        self.displayhook.rerun = Rerun(count, source)
        self.execution_count = count
        scratch: defaultdict[int, list[Any]] = defaultdict(list)
        self.history_manager.outputs = scratch
        self.user_ns.get("_oh", {}).pop(count, None)
        try:
            yield
        finally:
            self.displayhook.rerun = None
            self.execution_count = counted
            self.history_manager.outputs = recorded
            recorded[count] = [output for part in scratch.values() for output in part]

    @property
    def is_rerunning(self) -> bool:
        """True while a cell runs that its user did not ask to run just now."""
        return self.displayhook.rerun is not None

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **kwargs: Any) -> None:
        """Show the current exception, with what the engine knows about its cause."""
        try:
            _etype, error, _tb = self._get_exc_info(exc_tuple)
        except ValueError:
            error = None
        if isinstance(error, StopCell):
            if error.output is not None:
                display(error.output)
            return
        if (hint := self._hint(error)) and hint not in getattr(error, "__notes__", ()):
            error.add_note(hint)
        culprit = (
            self.callbacks.cell_of(error) if error and is_outside_cells() else None
        )
        with self.output_under(culprit) if culprit else nullcontext():
            super().showtraceback(exc_tuple, *args, **kwargs)

    def output_under(self, cell: CellId) -> AbstractContextManager[None]:  # noqa: ARG002  # for those who know where
        """Show what is output inside under a cell which does not run just now."""
        return nullcontext()

    def _hint(self, error: BaseException | None) -> str:
        name = error.name if isinstance(error, NameError) else None
        if name is not None and name in self.reactive.lost:
            return _tell(name, self.reactive.lost[name])
        return ""

    def release(self, count: int | None, values: Iterable[object]) -> None:
        """Give up what the history refers to of a cell that was deleted.

        Parameters
        ----------
        count
            The cell's execution count, if it ran.
        values
            The objects that it had bound.
        """
        gone = {id(value) for value in values}
        outputs = self.user_ns.get("_oh", {})
        if count is not None and count in outputs:
            gone.add(id(outputs.pop(count)))
        for name in ("_", "__", "___"):
            if id(getattr(self.displayhook, name)) in gone:
                setattr(self.displayhook, name, "")
        for name, value in tuple(self.user_ns_hidden.items()):
            if id(value) in gone:
                left = {name: ""} if name in ("_", "__", "___") else {}
                for namespace in (self.user_ns, self.user_ns_hidden):
                    namespace.pop(name, None)
                    namespace.update(left)
        last = self.last_execution_result
        if last is not None and id(last.result) in gone:
            last.result = None

    def reset(self, new_session: bool = True, aggressive: bool = False) -> None:
        """Empty the namespace; every cell that ran is stale then."""
        super().reset(new_session, aggressive)
        if hasattr(self, "reactive"):
            self.reactive.forget_values()


def _tell(name: str, lost: Lost) -> str:
    how = {
        "deleted": "a cell that was deleted",
        "failed": "a cell that failed when it last ran",
        "edited": "a cell that does not define it any more",
    }[lost.change]
    return (
        f"`{name}` was defined by {how}: {lost.line}"
        if lost.line
        else (f"`{name}` was defined by {how}.")
    )
