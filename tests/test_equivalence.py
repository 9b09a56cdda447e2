"""Fresh-run equivalence: what is shown as fresh is what a fresh run shows.

Hypothesis makes notebooks and what a user does to them. After every step each fresh
cell's output and the namespace are compared with two fresh runs: one by a new engine, and
one by plain Python from top to bottom wherever that finds every name defined above.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reactive_kernel.document import Cell, CellId, Settings
from reactive_kernel.planning import Blocked, Fresh, Mode
from reactive_kernel.runtime import BUDGET
from reactive_kernel.testing import Notebook

NAMES = st.sampled_from("xyz")
FUNCTIONS = st.sampled_from("fg")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
NUMBERS = st.integers(0, 2)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Return one statement over few names, so that cells meet."""
    name, other, third = draw(NAMES), draw(NAMES), draw(NAMES)
    function, number = draw(FUNCTIONS), draw(NUMBERS)
    return draw(
        st.sampled_from(
            [
                f"{name} = {number}",
                f"{name} = {other} + {number}",
                f"{name} = ({other}, {third})[{number % 2}]",
                f"{name} += {number}",
                f"print({name})",
                f"print({name}, {other})",
                f"if {name}: {other} = {number}",
                f"if {name}:\n    {other} = {number}\nprint({other})",
                f"for {name} in range({number}): {other} = {name}",
                f"for {name} in range({number}): pass\nprint({name})",
                f"def {function}(): return {name} + {number}",
                f"def {function}(a={name}): return a * {other}",
                f"{name} = {function}()",
                f"print({function}())",
                f"{name} = [{function}, {number}]",
                f"print({name}[0]() if isinstance({name}, list) else {name})",
                f"class {function}:\n    k = {name}\n    def __new__(cls): return {other}",
                f"{name} = 1 // {other}",
                f"try:\n    {name} = 1 // {other}\nexcept ZeroDivisionError:\n    {third} = 7",
                f"del {name}",
                f"{name} = {other} = {number}",
                f"import math as {name}\nprint({name}.pi)",
                f"lambda: {name}",
                f"print([{name} for {name} in ({other},)])",
                f"print((lambda: {name})())",
                f"exec('{name} = [{number}]')",
                f"{name} = [{number}]",
                f"{name} = [{other}]",
                f"{name} = {{'k': {other}}}",
                f"{name} = {other}",
                f"if isinstance({name}, list): {name}.append({number})",
                f"if isinstance({name}, list): {name}.append({number}); 1 // {other}",
                f"if isinstance({name}, dict): {name}['k'] = {number}",
                f"if isinstance({name}, list) and isinstance({name}[0], list):"
                f" {name}[0].append({number})",
                f"def {function}():\n"
                f"    if isinstance({name}, list): {name}.append({number})",
                f"[v.append({number}) for v in ({name},) if isinstance(v, list)]",
                f"{name} = iter([{number}, 7, 8, 9])",
                f"print(next({name}, None) if hasattr({name}, '__next__') else 0)",
                f"print(list({name}) if hasattr({name}, '__next__') else 0)",
                f"if hasattr({name}, '__next__'): {other} = map(str, {name})",
                f"def {function}(): return [*{name}] if hasattr({name}, '__next__') else 0",
                f"def {function}(seen=[]):\n    seen.append({number})\n    return len(seen)",
                f"class {function}:\n    k = {number}\n    def __new__(cls): return cls.k",
                f"if isinstance({function}, type): {function}.k = {name}",
                f"{function}.k = {number}\nprint({function}.k)",
            ]
        )
    )


SETTINGS = [
    {},
    {"disabled": True},
    {"frozen": True},
    {"mode": "lazy"},
    {"mode": "auto"},
]
SOURCES = st.lists(statements(), min_size=1, max_size=2).map("\n".join)


class Editing(RuleBasedStateMachine):
    """A user at work on a notebook of a few cells."""

    memory_budget = BUDGET

    def __init__(self) -> None:
        super().__init__()
        self.notebook = Notebook(memory_budget=self.memory_budget)
        self.counter = 0

    @property
    def ids(self) -> list[CellId]:
        return [cell.id for cell in self.notebook.session.document]

    def some(self, data: st.DataObject) -> CellId:
        return data.draw(st.sampled_from(self.ids))

    @precondition(lambda self: len(self.ids) < 6)
    @rule(source=SOURCES, data=st.data())
    def insert_and_run(self, source: str, data: st.DataObject) -> None:
        self.counter += 1
        place = data.draw(st.integers(0, len(self.ids)))
        self.notebook.insert(place, f"c{self.counter}", source)

    @precondition(lambda self: self.ids)
    @rule(source=SOURCES, data=st.data())
    def edit_and_run(self, source: str, data: st.DataObject) -> None:
        self.notebook.edit(self.some(data), source)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def run_again(self, data: st.DataObject) -> None:
        self.notebook.run(self.some(data))

    @precondition(lambda self: self.ids)
    @rule(source=SOURCES, data=st.data())
    def type(self, source: str, data: st.DataObject) -> None:
        self.notebook.type(self.some(data), source)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.notebook.delete(self.some(data))

    @precondition(lambda self: len(self.ids) > 1)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        order = data.draw(st.permutations(self.ids))
        self.notebook.session.reorder(order)
        self.notebook.settle()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), settings=st.sampled_from(SETTINGS))
    def set(self, data: st.DataObject, settings: dict[str, object]) -> None:
        self.notebook.set(self.some(data), **settings)

    @rule(mode=st.sampled_from(Mode))
    def choose_mode(self, mode: Mode) -> None:
        self.notebook.session.set_mode(mode)

    @rule()
    def run_stale(self) -> None:
        self.notebook.session.ask(None)
        self.notebook.settle()

    def printed(self, id: CellId) -> str:
        return ADDRESS.sub("", self.notebook.printed[id])

    @invariant()
    def fresh_cells_show_what_a_fresh_run_shows(self) -> None:
        cells = tuple(self.notebook.session.document)
        fresh = [
            id
            for id in self.ids
            if isinstance(self.notebook.state(id), Fresh)
            and not self.notebook.session.rests_on(id)
        ]
        again = by_a_new_engine(cells)
        if any(again.session.graph.cycle(id) for id in self.ids):
            # Whether a branch that would close a cycle is taken may depend on what ran.
            return
        for id in fresh:
            assert isinstance(again.state(id), Fresh), (id, again.state(id))
            assert self.printed(id) == ADDRESS.sub("", again.printed[id]), id
        plain = from_top_to_bottom(cells)
        if plain is not None:
            for id in fresh:
                assert self.printed(id) == ADDRESS.sub("", plain[id]), id

    @invariant()
    def the_namespace_is_that_of_a_fresh_run(self) -> None:
        if all(isinstance(self.notebook.state(id), Fresh) for id in self.ids):
            again = by_a_new_engine(tuple(self.notebook.session.document))
            if any(again.session.graph.cycle(id) for id in self.ids):
                return
            assert shown(self.notebook.namespace) == shown(again.namespace)


class EditingWithoutMemory(Editing):
    """The same, where nothing may be kept that can be made again by running."""

    memory_budget = 0


def by_a_new_engine(cells: tuple[Cell, ...]) -> Notebook:
    """Run a notebook once, from top to bottom, in a new session.

    All of it: what would be left out by lazy and frozen cells is run, too.
    """
    notebook = Notebook()
    notebook.session.sync(
        [
            replace(cell, settings=Settings(disabled=cell.settings.disabled))
            for cell in cells
        ]
    )
    for cell in cells:
        if not cell.settings.disabled:
            notebook.run(cell.id)
            run_without_leftovers(notebook, cell.id)
    return notebook


def run_without_leftovers(notebook: Notebook, id: CellId) -> None:
    """Run a cell without the names that failed cells left, if it may bind them itself.

    Whether a loop came to bind a name shows in its value; where that is the very value
    that a failed cell had left, nobody can tell. Who ran before that cell failed knows.
    """
    state, reads = notebook.state(id), notebook.session.graph.defuse(id)
    names = (
        {n for r in state.reasons for n in r.names}
        if isinstance(state, Blocked)
        else ()
    )
    if names and names <= reads.conditional.keys() & reads.definitions.keys():
        for name in names:
            notebook.namespace.pop(name, None)
        notebook.run(id)


def from_top_to_bottom(cells: tuple[Cell, ...]) -> dict[str, str] | None:
    """Run a notebook with plain Python; None if a name is used above its definition."""
    namespace: dict[str, object] = {}
    printed: dict[str, str] = {}
    for cell in cells:
        if cell.settings.disabled:
            continue
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(cell.source, namespace)
        except (NameError, UnboundLocalError):
            return None
        except Exception:
            # What a failed cell has bound is no version, so nothing that is fresh
            # depends on it; but from here on plain Python may differ elsewhere.
            return None
        printed[cell.id] = out.getvalue()
    return printed


def shown(namespace: dict[str, object]) -> dict[str, str]:
    """Return a namespace in a form that two runs can be compared in."""
    return {
        name: "code" if callable(value) or "0x" in repr(value) else repr(value)
        for name, value in namespace.items()
        if not name.startswith("__")
    }


TestEditing = Editing.TestCase
TestEditingWithoutMemory = EditingWithoutMemory.TestCase
SEQUENCES = os.environ.get("REACTIVE_SEQUENCES")
pytestmark = pytest.mark.timeout(0 if SEQUENCES else 300)
TestEditing.settings = TestEditingWithoutMemory.settings = settings(
    max_examples=int(SEQUENCES or 300),
    # To explain a failure each line that runs is traced, from the first sequence on.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    derandomize=not SEQUENCES,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
