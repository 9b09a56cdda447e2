"""What the engine costs by itself: analysis, registration, planning.

What happens in this process is measured in CPU time, which a busy machine does not
stretch.
"""

from __future__ import annotations

import asyncio
from itertools import count
from time import perf_counter, sleep, thread_time
from typing import TYPE_CHECKING

from benchmarks.corpus import real_cells
from benchmarks.measure import Kind, Row, Sample
from benchmarks.wire import REACTIVE, Kernel
from reactive_kernel.analysis import analyse
from reactive_kernel.document import Cell, CellId
from reactive_kernel.planning import Cause, Ending, Step
from reactive_kernel.runtime import Outcome, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Effort

__all__ = ["analysis", "editing", "registration"]

SMALL, LARGE = 1000, 5000


def analysis(effort: Effort) -> Iterator[Row]:
    """Analyse cells that were not seen before."""
    cells = real_cells(SMALL)

    def analyse_all() -> None:
        for cell in cells:
            analyse(cell)

    sample = _repeated(analyse_all, effort.times(10))
    yield Row(
        "analysis of an average cell (28 lines)",
        "µs",
        sample.scaled(1e6 / len(cells)),
        kind=Kind.VALUE,
        limit=250,
    )


def registration(effort: Effort) -> Iterator[Row]:
    """Take in notebooks that were not seen before, in three ways."""
    ways: dict[str, tuple[Callable[[list[Cell]], float], int]] = {
        "at once": (_at_once, 5),
        "one by one": (_one_by_one, 3),
        "over the comm": (_over_the_comm, 3),
    }
    for how, (register, times) in ways.items():
        samples: dict[int, Sample] = {}
        for size in (SMALL, LARGE):
            repeat = range(1 if effort.quick else times)
            samples[size] = Sample(tuple(register(_cells(size)) for _ in repeat))
            limit = 3 if size == LARGE else None
            what = f"{size:,} real cells registered {how}"
            yield Row(what, "s", samples[size], kind=Kind.VALUE, limit=limit)
        small, large = samples[SMALL], samples[LARGE]
        yield Row(f"5,000 to 1,000, {how}", "s", large, small, Kind.TIMES, 6)


def _cells(size: int) -> list[Cell]:
    sources = real_cells(size)
    return [Cell(CellId(f"cell-{n}"), source) for n, source in enumerate(sources)]


def _at_once(cells: list[Cell]) -> float:
    session = Session({})
    return _cpu_seconds(lambda: session.sync(cells))


def _one_by_one(cells: list[Cell]) -> float:
    session = Session({})

    def take_each() -> None:
        for cell in cells:
            session.take(cell.id, cell.source)

    return _cpu_seconds(take_each)


def _over_the_comm(cells: list[Cell]) -> float:
    with Kernel(REACTIVE) as kernel:
        kernel.open_comm()
        begin = perf_counter()
        kernel.tell("notebook", cells=_as_message(cells))
        kernel.until_told(cell.id for cell in cells)
        return perf_counter() - begin


def _as_message(cells: list[Cell]) -> list[dict[str, object]]:
    return [{"id": cell.id, "source": cell.source, "metadata": {}} for cell in cells]


def editing(effort: Effort) -> Iterator[Row]:
    """Edit one cell that nobody reads, in the middle of a large notebook."""
    size = effort.sizes(LARGE, SMALL)[0]
    cells = _cells(size)
    notebook = _Played(cells)
    leaf = notebook.leaf()
    version = count()

    def edited() -> str:
        return f"{leaf.source}\n{next(version)}"

    times = effort.times(50)
    where = f"editing one leaf of {size:,} cells"
    sample = _repeated(lambda: notebook.edit(leaf.id, edited()), times)
    yield _edit_row(f"{where}: taking in the text", sample)
    sample = _repeated(lambda: notebook.run(leaf.id, edited()), times)
    yield _edit_row(f"{where} and running it, without the run", sample)

    with Kernel(REACTIVE) as kernel:
        kernel.open_comm()
        kernel.tell("notebook", cells=_as_message(cells))
        kernel.until_told(cell.id for cell in cells)

        def over_the_comm() -> float:
            sleep(0.06)  # States come every 50 ms at most: measure work, not waiting.
            begin = perf_counter()
            kernel.tell("edit", cells=[{"id": leaf.id, "source": edited()}])
            kernel.until_told([leaf.id])
            return perf_counter() - begin

        sample = Sample(tuple(over_the_comm() for _ in range(times)))
    yield _edit_row(f"{where}: from message to new state", sample)


def _edit_row(what: str, sample: Sample) -> Row:
    return Row(what, "ms", sample.scaled(1000), kind=Kind.VALUE, limit=5)


class _Played:
    """A notebook that counts as run: its cells bind their names, but run no code."""

    def __init__(self, cells: list[Cell]) -> None:
        self.values: dict[str, object] = {}
        self.session = Session(self.values)
        self.session.sync(cells)
        for cell in cells:
            self._play(cell.id)

    def leaf(self) -> Cell:
        """Return a cell that nobody reads, near the middle."""
        cells = self.session.document.cells
        readers = self.session.graph.readers
        return next(cell for cell in cells[len(cells) // 2 :] if not readers(cell.id))

    def edit(self, id: CellId, source: str) -> None:
        """Change a cell's text."""
        self.session.edit([(id, source, None)])

    def run(self, id: CellId, source: str) -> None:
        """Change a cell's text and go through all that a run of it means."""
        self.session.take(id, source)
        self.session.needed([id])
        self._play(id)

    def _play(self, id: CellId) -> None:
        asyncio.run(self.session.run(Step(id, Cause.USER), self._bind))
        self.session.drop_agenda()
        self.session.next_step()
        self.session.drain()

    async def _bind(self, cell: Cell) -> Outcome:
        for name in self.session.graph.defuse(cell.id).definitions:
            self.values[name] = cell.id
        return Outcome(Ending.OK)


def _repeated(call: Callable[[], object], times: int) -> Sample:
    return Sample(tuple(_cpu_seconds(call) for _ in range(times)))


def _cpu_seconds(call: Callable[[], object]) -> float:
    begin = thread_time()
    call()
    return thread_time() - begin
