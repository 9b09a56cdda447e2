"""Cells of a notebook, run on demand in one namespace."""

from __future__ import annotations

import ast
import linecache
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import NotebookNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType

    from reactive_kernel.document import CellId
    from reactive_kernel.formats import OpenPage

__all__ = ["Cells"]

_FILE_NAME: Final = "{path}, cell {number}"


class Cells:
    """The code cells of a notebook, of which those run that are needed.

    Each cell runs once, after the cells that it depends on. It finds the versions of its
    names that the rule of binding gives it, whichever names were asked for before.

    Parameters
    ----------
    page
        The notebook.
    namespace
        Where the cells run.
    given
        Values of names. No cell runs for such a name, and none changes it.
    transform
        Changes the syntax tree of a cell before it is compiled.
    """

    def __init__(
        self,
        page: OpenPage,
        namespace: dict[str, Any],
        given: Mapping[str, Any] | None = None,
        transform: Callable[[ast.Module, bytes], None] | None = None,
    ) -> None:
        self.page = page
        self.namespace = namespace
        self._given = dict(given or {})
        self._transform = transform
        self._left: dict[CellId, dict[str, Any]] = {}
        self._running: list[CellId] = []
        namespace.update(self._given)

    def names(self) -> list[str]:
        """Return the names that the notebook defines."""
        graph = self.page.graph
        found = (name for cell in graph.document for name in graph.writes(cell.id))
        return sorted({*filter(str.isidentifier, found), *self._given})

    def give(self, name: str, value: object) -> None:
        """Give a name a value from outside, for good."""
        self._given[name] = self.namespace[name] = value

    def take_back(self, name: str) -> None:
        """Let a name have the notebook's own value again.

        Raises
        ------
        NotebookNameError
            If it was not given one from outside.
        """
        if name not in self._given:
            why = "it has no value from outside that could be deleted"
            raise NotebookNameError(name, str(self.page.path), why)
        del self._given[name]
        self.namespace.pop(name, None)
        self._show_last()

    def value(self, name: str) -> Any:
        """Return the value of a name, as the notebook leaves it.

        Raises
        ------
        NotebookNameError
            If no cell defines the name, or only Jupyter can run one that is needed.
        """
        if name in self._given:
            return self._given[name]
        writer = self.page.graph.last_writer(name)
        if writer is None:
            raise NotebookNameError(name, str(self.page.path), "no cell defines it")
        if writer not in self._left and writer not in self._running:
            self.run(writer, name)
        self._call_can_run(name, writer)
        try:
            return self.namespace[name]
        except KeyError:
            why = "the cells that define it did not bind it"
            raise NotebookNameError(name, str(self.page.path), why) from None

    def run(self, id: CellId, why: str = "") -> None:
        """Run a cell and those that it needs, unless they ran already."""
        needed = self._needed(id)
        for each in self.page.order:
            if each in needed and each not in self._left and each not in self._running:
                self._run_one(each, why or each)

    def _needed(self, id: CellId) -> set[CellId]:
        """Return a cell and all that it depends on but for given names."""
        found, queue = {id}, [id]
        while queue:
            inputs = self.page.graph.inputs(queue.pop())
            fresh = {
                writer
                for name, writer in inputs.items()
                if writer is not None and name not in self._given
            } - found
            found |= fresh
            queue += fresh
        return found

    def _run_one(self, id: CellId, why: str) -> None:
        page = self.page
        if id not in page.live:
            number = list(page.cells).index(id) + 1
            raise NotebookNameError(
                why,
                str(page.path),
                f"only Jupyter can run cell {number}, which it needs",
            )
        code = self._compiled(id)
        self._show(id)
        self._running.append(id)
        try:
            exec(code, self.namespace)
        finally:
            self._running.remove(id)
        self._left[id] = {
            name: self.namespace[name]
            for name in page.graph.writes(id)
            if name in self.namespace
        }
        self._show_last()

    def _show(self, id: CellId) -> None:
        """Put the versions in place that a cell reads."""
        for name, writer in self.page.graph.inputs(id).items():
            if writer in self._left and name in self._left[writer]:
                self.namespace[name] = self._left[writer][name]
        self.namespace.update(self._given)

    def _show_last(self) -> None:
        """Let each name have the last version that there is."""
        for id in self.page.order:
            self.namespace.update(self._left.get(id, {}))
        self.namespace.update(self._given)

    def _call_can_run(self, name: str, writer: CellId) -> None:
        """Run what calling the value of a name will read."""
        seen: set[str] = set()
        queue = list(self._deferred(name, writer))
        while queue:
            read = queue.pop()
            if read in seen or read in self._given:
                continue
            seen.add(read)
            at = self.page.graph.last_writer(read)
            if at is None or at in self._running:
                continue
            if at not in self._left:
                self.run(at, read)
            queue += self._deferred(read, at)

    def _deferred(self, name: str, writer: CellId) -> Iterator[str]:
        deferred = self.page.graph.defuse(writer).deferred.get(name)
        if deferred is not None:
            yield from deferred.uses | deferred.carries

    def _compiled(self, id: CellId) -> CodeType:
        """Return the code of a cell; its lines are those of the file where possible."""
        text, cell = self.page.live[id], self.page.cells[id]
        if cell.line is not None:
            name, above = str(self.page.path), cell.line
        else:
            number = list(self.page.cells).index(id) + 1
            name, above = _FILE_NAME.format(path=self.page.path, number=number), 0
            lines = [f"{line}\n" for line in text.split("\n")]
            linecache.cache[name] = (len(text), None, lines, name)
        tree = ast.parse(text, name)
        if above:
            ast.increment_lineno(tree, above)
        if self._transform is not None:
            self._transform(tree, text.encode())
        return compile(tree, name, "exec", dont_inherit=True)
