"""Drive the engine without Jupyter: a notebook in a few lines, for tests.

>>> notebook = Notebook()
>>> notebook.open("rate = 0.2", "tax = 100 * rate", "note = 'hello'")
>>> notebook.edit("a", "rate = 0.3")
['a', 'b']
>>> notebook.namespace["tax"]
30.0
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import string
from typing import TYPE_CHECKING

from reactive_kernel.document import Cell, CellId, Settings
from reactive_kernel.errors import StopCell
from reactive_kernel.planning import Cause, Ending, Mode, Source, State, Step, Token
from reactive_kernel.runtime import BUDGET, EFFECTS, Outcome, Session
from reactive_kernel.settings import cell_settings
from reactive_kernel.shell.traits import Traits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["Notebook"]


class Notebook:
    """A notebook whose cells are executed by `exec`, in this process.

    Cells are named ``a``, ``b``, ``c`` and so on, in the order they are opened.

    Parameters
    ----------
    mode
        Whether dependents are rerun or marked.
    rewrite
        Turns IPython syntax into Python, before the analysis and before `exec`.
    effects
        The kinds of things outside of the namespace that are treated as names.
    memory_budget
        Bytes for old versions and checkpoints together.

    Attributes
    ----------
    namespace
        The cells' namespace.
    printed
        What each cell printed when it last ran.
    """

    def __init__(
        self,
        mode: Mode = Mode.AUTO,
        rewrite: Callable[[str], str] | None = None,
        effects: Collection[str] = EFFECTS,
        memory_budget: int = BUDGET,
    ) -> None:
        self.namespace: dict[str, object] = {
            "__builtins__": __builtins__,
            "__name__": "__main__",
        }
        self.printed: dict[str, str] = {}
        self.session = Session(
            self.namespace,
            foreign=lambda name: name.startswith("__"),
            mode=mode,
            rewrite=rewrite,
            effects=effects,
            witness=Traits(self.namespace, self._source_changed),
            memory_budget=memory_budget,
            watch_seconds=1.0,  # tests must not depend on how busy the machine is
        )
        self._ran: list[str] = []

    def open(self, *sources: str) -> None:
        """Take in some cells at the end and run them once, top to bottom."""
        start = len(self.session.document)
        names = string.ascii_letters
        for place, source in enumerate(sources, start):
            self.session.take(CellId(names[place]), source)
        for place in range(start, start + len(sources)):
            self.run(names[place])

    def show(self, **sources: str) -> None:
        """Let the notebook hold exactly these cells, in this order; run nothing."""
        cells = [Cell(CellId(id), source) for id, source in sources.items()]
        self.session.sync(cells)

    def run(self, id: str, source: str | None = None) -> list[str]:
        """Run a cell as its user would; return the cells that ran, in order."""
        cell_id = CellId(id)
        document = self.session.document
        if source is None:
            source = document[id].source
        settings = document[id].settings if id in document else Settings()
        self.session.take(cell_id, source, settings)
        self._ran = []
        asyncio.run(self._run(cell_id))
        return self._ran

    def request(self, id: str) -> None:
        """Run a cell and leave what depends on it on the agenda."""
        asyncio.run(self.session.run(Step(CellId(id), Cause.USER), self._execute))

    def edit(self, id: str, source: str) -> list[str]:
        """Change a cell's text and run it; return the cells that ran, in order."""
        return self.run(id, source)

    def type(self, id: str, source: str) -> None:
        """Change a cell's text without running it."""
        self.session.edit([(CellId(id), source, None)])

    def set(self, id: str, **settings: object) -> list[str]:
        """Give a cell these settings, and no others; return the cells that ran."""
        self.session.configure({CellId(id): cell_settings({"reactive": settings})})
        return self.settle()

    def insert(self, position: int, id: str, source: str) -> list[str]:
        """Put a new cell at a position and run it; return the cells that ran."""
        self.session.take(CellId(id), source, position=position)
        return self.run(id)

    def delete(self, *ids: str) -> list[str]:
        """Delete cells; return the cells that ran because of it."""
        self.session.delete(CellId(id) for id in ids)
        return self.settle()

    def reorder(self, ids: str) -> list[str]:
        """Bring the cells into a new order; return the cells that ran because of it."""
        self.session.reorder([CellId(id) for id in ids])
        return self.settle()

    def settle(self) -> list[str]:
        """Run what is on the agenda; return the cells that ran, in order."""
        self._ran = []
        asyncio.run(self._drain())
        return self._ran

    def do(self, code: str) -> list[str]:
        """Do something to the objects of the notebook, as a widget's client would.

        Returns
        -------
        list
            The cells that ran because of it, in order.
        """
        exec(code, {}, self.namespace)
        return self.settle()

    def _source_changed(self, source: Source, token: Token, by: CellId | None) -> None:
        self.session.source_changed(source, token, by)

    def state(self, id: str) -> State:
        """Return the state of a cell."""
        return self.session.state(CellId(id))

    async def _run(self, id: CellId) -> None:
        for step in self.session.needed([id]):
            if step.always or not self.session.is_fresh(step.cell):
                await self.session.run(step, self._execute)
        await self.session.run(Step(id, Cause.USER), self._execute)
        await self._drain()

    async def _drain(self) -> None:
        while (step := self.session.next_step()) is not None:
            await self.session.run(step, self._execute)

    async def _execute(self, cell: Cell) -> Outcome:
        self._ran.append(cell.id)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            outcome = self._exec(cell.source)
        self.printed[cell.id] = out.getvalue()
        return outcome

    def _exec(self, source: str) -> Outcome:
        try:
            exec(compile(source, "<cell>", "exec"), self.namespace)
        except StopCell:
            return Outcome(Ending.STOPPED)
        except KeyboardInterrupt:
            return Outcome(Ending.INTERRUPTED)
        except Exception as error:  # noqa: BLE001  # any error of user code is data here
            return Outcome(Ending.ERROR, f"{type(error).__name__}: {error}")
        return Outcome(Ending.OK)
