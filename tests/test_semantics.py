"""The manual is the specification: each section of docs/semantics is run.

A heading begins a section. A section may hold a notebook and a table about it. The cells
are fences labelled with their ids (``python a``); they are run from top to bottom,
each once, and then each row is carried out in turn:

=====================  ============================================================
do                     ``run a`` · ``edit a: x = 2`` · ``type a: x = 2`` ·
                       ``insert n after a: x = 2`` · ``add n after a: x = 2``
                       (``insert`` runs the new cell, ``add`` does not; also
                       ``before a``) · ``delete a b`` · ``move a c b`` (all cells) ·
                       ``disable a`` · ``enable a`` · ``mode lazy`` · ``run stale`` ·
                       ``set a: {"frozen": true}`` (all of the cell's settings) ·
                       ``write data.txt: x`` (somebody else does) ·
                       ``let: n.value = 7`` (as the user of a widget does)
runs                   the cells that run because of it, in order; ``-`` for none
then                   ``b prints 5`` · ``b is stale`` · ``b rests on a`` ·
                       ``x is 5`` · ``x is gone``, separated by ``;``
=====================  ============================================================

Line breaks in a text are written ``⏎``, and ``|`` as ``\\|``. What is not understood is an
error: no cell and no row of the manual goes unread.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reactive_kernel.document import Cell, CellId, Settings
from reactive_kernel.planning import Mode
from reactive_kernel.testing import Notebook

FOLDER = Path(__file__).parent.parent / "docs" / "semantics"
PART = re.compile(
    r"""
      ^```(?P<label>.*)\n(?P<code>(?:(?!```).*\n)*)```$  # a fence
    | ^[#]+[ ](?P<title>.*)$
    | ^[ \t]*(?P<row>\|.*)$
    | ^[ \t]*(?P<stray>```.*)$
    """,
    re.MULTILINE | re.VERBOSE,
)
HEADER = re.compile(r"\| *do *\| *runs *\| *then *\|")
RULE = re.compile(r"\|( *-+ *\|){3}")
ROW = re.compile(r"\| *`(.+?)` *\| *(-|\w+(?: \w+)*) *\| *(.*?) *\|")
STATES = {"new", "fresh", "frozen", "stale", "error", "blocked", "disabled"}


# Reading a page


@dataclass(frozen=True, slots=True)
class Row:
    """What is done, the cells that run because of it, and what is then the case."""

    do: str
    runs: list[str]
    then: list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """A notebook, and what is done with it."""

    title: str
    cells: dict[str, str] = field(default_factory=dict)
    table: list[str] = field(default_factory=list)

    def add_cell(self, label: str, code: str) -> None:
        """Take in a fence, if it is a cell.

        Raises
        ------
        ValueError
            If it has no id of its own, or stands below the table.
        """
        language, *ids = label.split()
        if language != "python":
            return
        if len(ids) != 1 or ids[0] in self.cells or self.table:
            raise ValueError(f"{self.title}: what cell is {label!r}?")
        self.cells[ids[0]] = code.rstrip("\n")

    @property
    def is_run(self) -> bool:
        """Whether there is something to run in this section."""
        return bool(self.cells) or any(line.startswith("| do") for line in self.table)

    def rows(self) -> list[Row]:
        """Return the rows of the table.

        Raises
        ------
        ValueError
            If the table or the cells are missing, or a line cannot be read.
        """
        header, rule, *lines = self.table if len(self.table) > 2 else ("", "")
        if not (self.cells and HEADER.fullmatch(header) and RULE.fullmatch(rule)):
            raise ValueError(f"{self.title}: no cells, or no table of do, runs, then")
        return [read_row(line) for line in lines]


def sections(page: str) -> list[Section]:
    """Return the sections of a page that hold something to run.

    Raises
    ------
    ValueError
        If a fence does not end, or a cell has no place.
    """
    found = [Section("")]
    for part in PART.finditer(page):
        match part.lastgroup:
            case "title":
                found.append(Section(part["title"]))
            case "code":
                found[-1].add_cell(part["label"] or "text", part["code"])
            case "row":
                found[-1].table.append(part["row"].rstrip())
            case _:
                raise ValueError(f"{found[-1].title}: a fence that does not end")
    return [section for section in found if section.is_run]


def read_row(line: str) -> Row:
    """Return a line of a table in its parts."""
    found = ROW.fullmatch(line)
    if found is None:
        raise ValueError(f"no row: {line}")
    do, runs, then = (
        part.replace("\\|", "|").replace("⏎", "\n") for part in found.groups()
    )
    claims = [claim.strip(" `") for claim in then.split(";")] if then else []
    return Row(do, [] if runs == "-" else runs.split(), claims)


# Carrying it out


def carry_out(section: Section) -> None:
    """Run the cells of a section, and do and check every row."""
    rows = section.rows()
    notebook = Notebook()
    notebook.show(**section.cells)
    for id in section.cells:
        if not notebook.session.ran(CellId(id)):
            notebook.run(id)
    for row in rows:
        assert perform(notebook, row.do) == row.runs, row.do
        for claim in row.then:
            check(notebook, claim, row.do)


def perform(notebook: Notebook, do: str) -> list[str]:
    """Do what a row says; return the cells that ran.

    Raises
    ------
    ValueError
        If that is nothing known, or about a cell that is not there.
    """
    head, colon, source = do.partition(": ")
    session = notebook.session
    match (*head.split(), colon):
        case ["run", "stale", ""]:
            session.ask(None)
        case ["run", id, ""]:
            return notebook.run(known(notebook, id))
        case ["edit", id, ": "]:
            return notebook.edit(known(notebook, id), source)
        case ["type", id, ": "]:
            notebook.type(known(notebook, id), source)
        case ["insert", id, ("after" | "before") as side, other, ": "]:
            place = place_beside(notebook, other, side)
            return notebook.insert(place, unknown(notebook, id), source)
        case ["add", id, ("after" | "before") as side, other, ": "]:
            cell = Cell(CellId(unknown(notebook, id)), source)
            place = place_beside(notebook, other, side)
            session.sync(session.document.inserted(cell, place).cells)
        case ["delete", *ids, ""] if ids:
            return notebook.delete(*(known(notebook, id) for id in ids))
        case ["move", *ids, ""] if sorted(ids) == sorted(session.document.ids):
            session.reorder([CellId(id) for id in ids])
        case [("disable" | "enable") as verb, id, ""]:
            cell = session.document[known(notebook, id)]
            settings = Settings(disabled=verb == "disable")
            session.edit([(cell.id, cell.source, settings)])
        case ["write", name, ": "]:
            overwrite(Path(name), source)
            session.look_outside()
        case ["let", ": "]:
            return notebook.do(source)
        case ["set", id, ": "]:
            return notebook.set(known(notebook, id), **json.loads(source))
        case ["mode", mode, ""]:
            session.set_mode(Mode(mode))
        case _:
            raise ValueError(f"nobody knows how to do {do!r}")
    return notebook.settle()


def overwrite(path: Path, text: str) -> None:
    """Write a file, and let it look newer even if the clock is coarse."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def known(notebook: Notebook, id: str) -> str:
    """Return the id of a cell that must be there."""
    if id not in notebook.session.document:
        raise ValueError(f"there is no cell {id}")
    return id


def unknown(notebook: Notebook, id: str) -> str:
    """Return the id of a cell that must not be there yet."""
    if id in notebook.session.document:
        raise ValueError(f"there is a cell {id} already")
    return id


def place_beside(notebook: Notebook, id: str, side: str) -> int:
    """Return the position right after or before a cell."""
    position = notebook.session.document.position(known(notebook, id))
    return position + 1 if side == "after" else position


def check(notebook: Notebook, claim: str, do: str) -> None:
    """Check what a row says is then the case."""
    match claim.split(" ", 2):
        case [id, "prints", text]:
            assert notebook.printed.get(id, "").rstrip("\n") == text, do
        case [id, "is", state] if id in notebook.session.document and state in STATES:
            found = type(notebook.state(id)).__name__.lower()
            assert found.replace("failed", "error") == state, do
        case [id, "rests", frozen] if id in notebook.session.document:
            found = " ".join(notebook.session.rests_on(CellId(id))) or "nothing"
            assert f"on {found}" == frozen, do
        case [name, "is", "gone"]:
            assert name not in notebook.namespace, do
        case [name, "is", value] if name not in notebook.session.document:
            assert name in notebook.namespace, do
            assert repr(notebook.namespace[name]) == value, do
        case _:
            raise ValueError(f"nobody knows how to check {claim!r}")


# The manual

PAGES = {page.stem: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}


@pytest.mark.parametrize(
    "section",
    [
        pytest.param(section, id=f"{name}: {section.title}")
        for name, page in sorted(PAGES.items())
        for section in sections(page)
    ],
)
def test_the_manual_says_what_happens(
    section: Section, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("RP_CITY", "RP_OTHER"):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)  # and absent again afterwards
    carry_out(section)


@pytest.mark.parametrize(
    "name",
    [
        *("binding", "functions", "versions", "changes"),
        *("effects", "running", "settings", "widgets"),
    ],
)
def test_a_page_of_rules_has_sections_that_run(name: str) -> None:
    assert len(sections(PAGES[name])) > 5


def test_the_index_leads_to_every_page() -> None:
    linked = set(re.findall(r"\((\w+)\.md\)", PAGES["README"]))
    assert linked == PAGES.keys() - {"README"}


# What a page may not say

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
| `edit a: x = 2` | a b | b prints 2; x is 2; a is fresh |
"""


def carry_out_page(page: str) -> None:
    for section in sections(page):
        carry_out(section)


def test_a_section_that_tells_the_truth_passes() -> None:
    carry_out_page(PAGE)


def test_cells_and_rows_are_read_as_written() -> None:
    (section,) = sections(PAGE.replace("x = 2`", r"x = 1 \| 2⏎y = 3`"))
    assert section.title == "A section"
    assert section.cells == {"a": "x = 1", "b": "print(x)"}
    assert section.rows() == [
        Row(
            "edit a: x = 1 | 2\ny = 3",
            ["a", "b"],
            ["b prints 2", "x is 2", "a is fresh"],
        )
    ]


def test_a_hash_in_a_cell_is_no_heading() -> None:
    (section,) = sections(PAGE.replace("x = 1", "# one\nx = 1"))
    assert section.cells["a"] == "# one\nx = 1"


def test_each_heading_begins_a_notebook() -> None:
    first, second = sections(PAGE + PAGE.replace("## A", "### Another"))
    assert first.cells == second.cells


def test_prose_other_fences_and_other_tables_are_left_alone() -> None:
    page = "# Title\n\n```text\nx\n```\n\n| page | |\n|---|---|\n| a | b |\n"
    assert sections(page) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("prints 2", "prints 3", id="another output"),
        pytest.param("| a b |", "| a |", id="fewer runs"),
        pytest.param("| a b |", "| b a |", id="another order"),
        pytest.param("| a b |", "| - |", id="no runs"),
        pytest.param("a is fresh", "a is stale", id="another state"),
        pytest.param("x is 2", "x is 3", id="another value"),
        pytest.param("x is 2", "x is gone", id="a name that is there"),
        pytest.param("x is 2", "b rests on a", id="no frozen cell above"),
        pytest.param("x is 2", "y is 2", id="a name that is not there"),
    ],
)
def test_a_table_that_is_wrong_fails(old: str, new: str) -> None:
    assert old in PAGE
    with pytest.raises(AssertionError):
        carry_out_page(PAGE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("edit a", "adit a", id="an unknown verb"),
        pytest.param("edit a: x = 2", "edit a", id="an edit without text"),
        pytest.param("edit a: x = 2", "run z", id="run an unknown cell"),
        pytest.param("edit a: x = 2", "type z: x = 2", id="type in an unknown cell"),
        pytest.param("edit a: x = 2", "delete z", id="delete an unknown cell"),
        pytest.param("edit a: x = 2", "delete", id="delete nothing"),
        pytest.param("edit a: x = 2", "move b", id="move some cells only"),
        pytest.param("edit a: x = 2", "disable z", id="disable an unknown cell"),
        pytest.param("edit a: x = 2", "insert b after a: x", id="insert a known cell"),
        pytest.param("edit a: x = 2", "add n after z: x", id="beside an unknown cell"),
        pytest.param("edit a: x = 2", "mode quick", id="an unknown mode"),
        pytest.param("edit a: x = 2", "set z: {}", id="settings of an unknown cell"),
        pytest.param("edit a: x = 2", "set a: frozen", id="settings that are no JSON"),
        pytest.param("a is fresh", "a is frehs", id="an unknown state"),
        pytest.param("x is 2", "x equals 2", id="an unknown claim"),
        pytest.param("x is 2", "", id="an empty claim"),
        pytest.param("| a b |", "| |", id="runs left empty"),
        pytest.param("| a b |", "| a, b |", id="runs with commas"),
        pytest.param("`edit a: x = 2`", "edit a: x = 2", id="a row without code"),
        pytest.param("| do | runs | then |", "| do | then | runs |", id="other header"),
        pytest.param("|---|---|---|\n", "", id="no line under the header"),
        pytest.param("fresh |\n", "fresh |\n| and so on\n", id="a line that is no row"),
        pytest.param(PAGE[PAGE.index("| do") :], "", id="no table"),
        pytest.param("| `edit a", "no rows: `", id="a table without rows"),
        pytest.param("```python b", "```python", id="a cell without id"),
        pytest.param("```python b", "```python a", id="two cells of one id"),
        pytest.param("print(x)\n```", "print(x)\n", id="a fence that does not end"),
        pytest.param("```python", "```text", id="no cells"),
        pytest.param("fresh |\n", "fresh |\n```python c\n```\n", id="a late cell"),
    ],
)
def test_a_page_that_cannot_be_read_fails(old: str, new: str) -> None:
    assert old in PAGE
    with pytest.raises(ValueError, match=r"\w"):
        carry_out_page(PAGE.replace(old, new))
