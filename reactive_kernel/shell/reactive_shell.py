"""An IPython shell with an engine in it."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from traitlets import Instance, Type

from reactive_kernel.errors import StopCell
from reactive_kernel.shell.closing import Closing
from reactive_kernel.shell.displayhook import ReactiveDisplayHook, Rerun
from reactive_kernel.shell.magics import ReactiveMagics
from reactive_kernel.shell.names import is_history
from reactive_kernel.shell.rewrite import RememberingTransformer
from reactive_kernel.shell.traces import Traces
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
    traces
        Removes what IPython keeps of earlier runs.
    closing
        Closes figures and widgets of earlier runs.
    """

    reactive: Session
    callbacks: Callbacks
    displayhook: Any
    history_manager: Any
    displayhook_class = Type(ReactiveDisplayHook)
    input_transformer_manager = Instance(RememberingTransformer, ())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.traces = Traces(self)
        self.closing = Closing(self._bound)
        super().__init__(*args, **kwargs)

    def init_magics(self) -> None:
        """Register the magics, ``%reactive`` among them."""
        super().init_magics()
        self.register_magics(ReactiveMagics)

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: str | None = None, **found: Any
    ) -> bool:
        """Tell whether a cell awaits something at its top level.

        IPython compiles it to find out, twice a run, and shows the compiler's warnings
        as often. There is no need to where neither keyword occurs.
        """
        text = transformed_cell
        if text is not None and "await" not in text and "async" not in text:
            return False
        awaits: bool = super().should_run_async(
            raw_cell, transformed_cell=text, **found
        )
        return awaits

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
        self.traces.failing()
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

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Show the current syntax error."""
        self.traces.failing()
        super().showsyntaxerror(*args, **kwargs)

    def _hint(self, error: BaseException | None) -> str:
        name = error.name if isinstance(error, NameError) else None
        if name is not None and name in self.reactive.lost:
            return _tell(name, self.reactive.lost[name])
        return ""

    @contextmanager
    def running(self, count: int, earlier: int | None) -> Iterator[None]:
        """Let what runs inside be a run of a cell, in place of its earlier one.

        Parameters
        ----------
        count
            The execution count of this run.
        earlier
            That of the cell's earlier run, if there was one.
        """
        with self.closing.run(count, earlier), self.traces.run(count, earlier):
            yield

    def release(self, count: int | None, values: Iterable[object]) -> None:
        """Give up whatever refers to what a deleted cell left.

        Parameters
        ----------
        count
            The cell's execution count, if it ran.
        values
            The objects that it had bound.
        """
        still_bound = {*map(id, self._bound())}
        gone = [value for value in values if id(value) not in still_bound]
        self.traces.delete(count, gone)
        if count is not None:
            self.closing.delete(count)

    def _bound(self) -> list[object]:
        """Return what names refer to, but those of the history."""
        values = self.user_ns.copy()
        return [v for name, v in values.items() if not is_history(name)]

    def reset(self, new_session: bool = True, aggressive: bool = False) -> None:
        """Empty the namespace; every cell that ran is stale then."""
        super().reset(new_session, aggressive)
        # IPython forgets it, and then functions of cells look like those of a library.
        self.user_ns.setdefault("__name__", "__main__")
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
