"""The manual is the specification: each section of docs/semantics is run.

A section (``## …``) may hold cells, as fences labelled ``python a``, which are opened and
run from top to bottom, and a table *do | runs | then* whose rows are carried out in turn:

=====================  ============================================================
do                     ``run a`` · ``edit a: x = 2`` · ``type a: x = 2`` ·
                       ``insert n after a: x = 2`` · ``delete a b`` · ``move a c b`` ·
                       ``disable a`` · ``enable a`` · ``mode lazy`` · ``run stale``
runs                   the cells that run because of it, in order; ``-`` for none
then                   ``b prints 5`` · ``b is stale`` · ``x is 5``, separated by ``;``
=====================  ============================================================

Line breaks in a text are written ``⏎``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reactive_kernel.document import CellId, Settings
from reactive_kernel.planning import Mode
from reactive_kernel.testing import Notebook

FOLDER = Path(__file__).parent.parent / "docs" / "semantics"
FENCE = re.compile(r"```python (\w+)\n(.*?)\n?```", re.S)
ROW = re.compile(r"^\| *(`.+?`) *\| *(.+?) *\| *(.*?) *\|$", re.M)


@dataclass(frozen=True)
class Section:
    """A notebook, and what is done with it."""

    title: str
    cells: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, str, str]] = field(default_factory=list)


def sections(text: str) -> list[Section]:
    """Return the sections of a page that hold something to run.

    Raises
    ------
    ValueError
        If a section has a table and no cells, or a table with a line that is no row.
    """
    found = []
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        cells = dict(FENCE.findall(body))
        prose = FENCE.sub("", body)
        rows = [(do.strip("`"), runs, then) for do, runs, then in ROW.findall(prose)]
        lines = [line for line in prose.split("\n") if line.startswith("|")]
        if len(lines) != (len(rows) + 2 if lines else 0) or (rows and not cells):
            raise ValueError(f"section {title!r} has a table that cannot be read")
        if cells:
            found.append(Section(title.strip(), cells, rows))
    return found


def carry_out(section: Section) -> None:
    """Run a section and check every row."""
    notebook = Notebook()
    notebook.show(**section.cells)
    for id in section.cells:
        if notebook.session.ran(CellId(id)):
            continue
        notebook.run(id)
    for do, runs, then in section.rows:
        ran = perform(notebook, do.replace("⏎", "\n"))
        expected = [] if runs == "-" else runs.split()
        assert ran == expected, f"{do}: ran {ran}"
        for claim in filter(None, map(str.strip, then.split(";"))):
            check(notebook, claim.replace("`", "").replace("⏎", "\n"), do)


def perform(notebook: Notebook, do: str) -> list[str]:
    """Do what a row says; return the cells that ran."""
    head, _, source = do.partition(": ")
    match head.split():
        case ["run", "stale"]:
            notebook.session.ask(None)
            return notebook.settle()
        case ["run", id]:
            return notebook.run(id)
        case ["edit", id]:
            return notebook.edit(id, source)
        case ["type", id]:
            notebook.type(id, source)
            return notebook.settle()
        case ["insert", id, "after", other]:
            place = notebook.session.document.position(other) + 1
            return notebook.insert(place, id, source)
        case ["delete", *ids]:
            return notebook.delete(*ids)
        case ["move", *ids]:
            notebook.session.reorder([CellId(id) for id in ids])
            return notebook.settle()
        case [("disable" | "enable") as verb, id]:
            cell = notebook.session.document[id]
            settings = Settings(disabled=verb == "disable")
            notebook.session.edit([(cell.id, cell.source, settings)])
            return notebook.settle()
        case ["mode", mode]:
            notebook.session.set_mode(Mode(mode))
            return notebook.settle()
        case _:
            raise ValueError(f"nobody knows how to do {do!r}")


def check(notebook: Notebook, claim: str, after: str) -> None:
    """Check what a row says is then the case."""
    match claim.split(" ", 2):
        case [id, "prints", text]:
            assert notebook.printed[id].rstrip("\n") == text, after
        case [id, "is", state] if id in notebook.session.document:
            found = type(notebook.state(id)).__name__.lower()
            assert found == {"error": "failed"}.get(state, state), after
        case [name, "is", "gone"]:
            assert name not in notebook.namespace, after
        case [name, "is", value]:
            assert repr(notebook.namespace[name]) == value, after
        case _:
            raise ValueError(f"nobody knows how to check {claim!r}")


ALL = [
    pytest.param(section, id=f"{page.stem}: {section.title}")
    for page in sorted(FOLDER.glob("*.md"))
    for section in sections(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("section", ALL)
def test_the_manual_says_what_happens(section: Section) -> None:
    carry_out(section)


def test_there_is_a_manual() -> None:
    assert len(ALL) > 20


PAGE = """
## A section

```python a
x = 1
```
```python b
print(x)
```

| do | runs | then |
|---|---|---|
| `edit a: x = {}` | a b | b prints 2 |
"""


def test_a_section_that_tells_the_truth_passes() -> None:
    carry_out(*sections(PAGE.format(2)))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(PAGE.format(3), id="another output"),
        pytest.param(PAGE.format(2).replace("a b |", "a |"), id="other runs"),
        pytest.param(PAGE.format(2).replace("prints 2", "is stale"), id="other state"),
        pytest.param(PAGE.format(2).replace("edit a", "adit a"), id="unknown verb"),
        pytest.param(PAGE.format(2) + "| no row\n", id="a line that is no row"),
        pytest.param(PAGE.format(2).replace("```python", "```"), id="no cells"),
    ],
)
def test_a_section_that_does_not_fails(page: str) -> None:
    def whole() -> None:
        for section in sections(page):
            carry_out(section)

    with pytest.raises((AssertionError, ValueError)):
        whole()
