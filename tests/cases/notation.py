"""Cases: a notebook, one edit, and the cells that have to run, written as a diff.

The pages beside this module hold one case a heading. A cell begins with its number in
brackets. Lines with ``-`` stand only in the notebook before the edit, lines with ``+``
only in the one after it, so a cell that is inserted, deleted or moved shows as one.
``runs`` marks the cells that have to run, ``blocked`` those that can't any more. A line
``Gap: …`` above the diff says why the kernel does not get this case right.

>>> (case,) = parse('''# Topic
... ## A price changes
... ```diff
...  # [1] runs
... -price = 3
... +price = 4
...  # [2] runs
...  print(price)
...  # [3]
...  print("hello")
... ```
... ''')
>>> case.name, case.before["1"], case.after["1"], case.edited
('A price changes', 'price = 3', 'price = 4', ('1',))
>>> sorted(case.runs), case.below
(['1', '2'], 3)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["TOPICS", "Case", "Cells", "parse", "read"]

Cells = dict[str, str]
"""Sources by cell id, in document order."""

TOPICS = (
    "assignment", "redefinition", "aliasing", "lists", "dicts", "objects", "loops",
    "functions", "classes", "closures", "imports", "deletes", "numpy", "pandas",
    "matplotlib", "files", "settings", "random", "magics", "cells",
)  # fmt: skip
"""The pages, in the order of the table."""

HEADER = re.compile(r"# \[(\d+)\](?: (runs|blocked))?")
CASE = re.compile(
    r"^## ([^\n]+)\n\s*(?:Gap: ([^\n]+)\.\n\s*)?```diff\n(.*?)^```$", re.M | re.S
)


@dataclass(frozen=True, slots=True)
class Case:
    """One edit of a small notebook.

    Attributes
    ----------
    before, after
        The notebook before and after the edit.
    runs
        The cells that read something that the edit really changes, and the edited one.
    blocked
        The cells that cannot run after the edit, since a cell that they need fails.
    gap
        Why the kernel does not get this right; empty if it does.
    """

    topic: str
    name: str
    before: Cells
    after: Cells
    runs: frozenset[str]
    blocked: frozenset[str] = frozenset()
    gap: str = ""

    @property
    def edited(self) -> tuple[str, ...]:
        """The cells with a new text, among them those that are inserted."""
        return tuple(
            id for id, source in self.after.items() if self.before.get(id) != source
        )

    @property
    def deleted(self) -> tuple[str, ...]:
        """The cells that are gone."""
        return tuple(id for id in self.before if id not in self.after)

    @property
    def moved(self) -> bool:
        """Whether cells stand in another order."""
        left = [id for id in self.before if id in self.after]
        return left != [id for id in self.after if id in self.before]

    @property
    def below(self) -> int:
        """How many cells run if the user runs the place of the edit and all below."""
        places = zip([*self.before, None], [*self.after, None], strict=False)
        if self.moved or self.deleted:
            first = next(i for i, (old, new) in enumerate(places) if old != new)
        else:
            first = list(self.after).index(self.edited[0])
        return len(self.after) - first


@dataclass(slots=True)
class _Draft:
    """A notebook of which the lines are still being read."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    id: str = ""

    def begin(self, id: str) -> None:
        self.cells[id] = []
        self.id = id

    def done(self) -> Cells:
        return {id: "\n".join(lines).strip("\n") for id, lines in self.cells.items()}


def read() -> list[Case]:
    """Return all cases, topic by topic."""
    folder = Path(__file__).parent
    return [
        case
        for topic in TOPICS
        for case in parse((folder / f"{topic}.md").read_text("utf-8"))
    ]


def parse(page: str) -> Iterator[Case]:
    """Return the cases of one page."""
    topic = page.partition("\n")[0].removeprefix("# ")
    return (_case(topic, *found.groups()) for found in CASE.finditer(page))


def _case(topic: str, name: str, gap: str | None, diff: str) -> Case:
    before, after = _Draft(), _Draft()
    marks: dict[str, str | None] = {}
    for line in diff.splitlines():
        sign, text = line[:1] or " ", line[1:]
        drafts = {" ": (before, after), "-": (before,), "+": (after,)}[sign]
        if header := HEADER.fullmatch(text):
            id, mark = header.groups()
            for draft in drafts:
                draft.begin(id)
            if after in drafts:
                marks[id] = mark
        else:
            for draft in drafts:
                draft.cells[draft.id].append(text)
    return Case(
        topic,
        name,
        before.done(),
        after.done(),
        frozenset(id for id, mark in marks.items() if mark == "runs"),
        frozenset(id for id, mark in marks.items() if mark == "blocked"),
        gap or "",
    )
