"""The documentation is held against the repository: links, tests, commands, words."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import json
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reactive_kernel.cli.main import reactive
from reactive_kernel.testing import Notebook

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reactive_kernel"
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
ANCHOR = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
CORE = ["document", "diagnostic", "settings", "errors"]
CORE += ["analysis", "graph", "planning", "runtime"]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def defined_in(file: Path) -> set[str]:
    """Return the functions of a test file, and the names bound at its top level."""
    tree = ast.parse(text_of(file))
    functions = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    targets = [t for n in tree.body if isinstance(n, ast.Assign) for t in n.targets]
    return functions | {t.id for t in targets if isinstance(t, ast.Name)}


# Links and names


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(FENCE.sub("", text_of(page)))
    assert [target for target in links if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_into_a_page_lead_to_a_heading(page: Path) -> None:
    for target, anchor in ANCHOR.findall(FENCE.sub("", text_of(page))):
        linked = page.parent / target if target else page
        headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text_of(linked)), re.M)
        assert anchor in {slug(heading) for heading in headings}, (target, anchor)


def slug(heading: str) -> str:
    """Return the anchor that is made of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_tests_that_a_page_names_exist(page: Path) -> None:
    for path, name in TEST.findall(text_of(page)):
        file = ROOT / path
        assert file.is_file(), path
        assert not name or name in defined_in(file), f"{path} has no {name}"


def test_every_invariant_names_the_test_that_holds_it() -> None:
    page = text_of(DOCS / "architecture.md")
    invariants = [p for p in page.split("\n\n") if p.startswith("**Invariant:**")]
    assert len(invariants) > 10
    for invariant in invariants:
        assert any(name for _path, name in TEST.findall(invariant)), invariant


def test_every_decision_is_in_the_index() -> None:
    folder = DOCS / "decisions"
    pages = [page.name for page in sorted(folder.glob("[0-9]*.md"))]
    assert LINK.findall(text_of(folder / "README.md")) == pages


def test_every_page_is_in_the_index() -> None:
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}
    folders = {
        f"{page.parent.name}/README.md" for page in DOCS.glob("*/README.md")
    }  # fmt: skip
    assert pages | folders <= set(LINK.findall(text_of(DOCS / "README.md")))


def test_every_module_has_its_line_in_the_architecture() -> None:
    page = text_of(DOCS / "architecture.md")
    modules = [
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if not file.name.startswith("_")
    ]
    assert [name for name in modules if f"| `{name}` |" not in page] == []


def test_the_architecture_has_no_line_of_a_module_that_is_gone() -> None:
    listed = re.findall(
        r"^\| `([\w/]+\.py)` \|", text_of(DOCS / "architecture.md"), re.M
    )
    assert [name for name in listed if not (PACKAGE / name).is_file()] == []


def test_nothing_below_the_shell_imports_anything_but_python_and_asttokens() -> None:
    allowed = {*sys.stdlib_module_names, "asttokens", "reactive_kernel"}
    for name in CORE:
        files = [PACKAGE / f"{name}.py", *(PACKAGE / name).rglob("*.py")]
        for file in filter(Path.is_file, files):
            assert imported_by(file) <= allowed, file


def imported_by(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text_of(file))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_what_describes_the_notebook_is_never_changed_in_place() -> None:
    layers = ["document", "diagnostic", "settings", "analysis", "graph", "planning"]
    modules = [importlib.import_module(f"reactive_kernel.{name}") for name in layers]
    public = [getattr(module, name) for module in modules for name in module.__all__]
    values: list[Any] = [value for value in public if dataclasses.is_dataclass(value)]
    assert len(values) > 20
    assert [v.__name__ for v in values if not v.__dataclass_params__.frozen] == []


def test_the_fields_of_the_protocol_are_known_to_one_module_only() -> None:
    sample = json.loads(text_of(ROOT / "tests" / "contract" / "state_delta.json"))
    fields = {*sample, *next(iter(sample["cells"].values())), "deletedCells"}
    # The words of other things, too: columns of `%reactive status`, a saved notebook.
    own = fields - {"type", "state", "cells", "defines", "uses", "mode", "settings"}
    assert len(own) > 10
    # No client speaks to these.
    apart = {PACKAGE / "formats", PACKAGE / "cli"}
    files = [
        file
        for file in PACKAGE.rglob("*.py")
        if own & strings_in(file) and not apart & {*file.parents}
    ]
    assert files == [PACKAGE / "kernel" / "protocol.py"]


def strings_in(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(text_of(file)))
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def test_the_path_of_a_keystroke_leads_through_names_that_are_there() -> None:
    page = text_of(DOCS / "architecture.md")
    path = page.partition("## The path of one keystroke")[2].partition("\n## ")[0]
    named = {
        part for code in re.findall(r"`([\w.]+)`", path) for part in code.split(".")
    }
    source = "\n".join(text_of(file) for file in PACKAGE.rglob("*.py"))
    assert len(named) > 20
    assert named <= {*re.findall(r"\w+", source)}


def test_the_messages_in_the_protocol_are_the_samples() -> None:
    page = text_of(DOCS / "protocol.md")
    files = sorted((ROOT / "tests" / "contract").glob("*.json"))
    samples = {file.stem: json.loads(text_of(file)) for file in files}
    shown = [
        json.loads(b) for b in re.findall(r"^```json\n(.*?)^```", page, re.M | re.S)
    ]
    assert [message for message in shown if message not in samples.values()] == []
    assert {k for k, sample in samples.items() if sample not in shown} == {"state_full"}


# Words

SAY_INSTEAD = {
    r"dirty|outdated|out of date|invalidat\w*": "stale",
    r"re-run\w*|re-?execut\w*|recomput\w*|re-?evaluat\w*": "rerun",
    r"ancestors?|parent cells?|predecessors?": "upstream",
    r"descendants?|child(ren)? cells?|successors?": "downstream",
    r"producers?|consumers?": "writer, reader",
    r"code blocks?": "cell",
    r"dependency tracking|propagat\w*|trigger\w*": "what happens, in a sentence",
    r"seamless\w*|effortless\w*|blazing\w*|powerful|magical\w*|simply|easily": "nothing",
}


def words_to_avoid(page: str) -> list[str]:
    """Return the words of a page's prose for which the style guide has another."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page))
    return [
        f"{found[0]!r}: say {better}"
        for words, better in SAY_INSTEAD.items()
        for found in re.finditer(rf"\b(?:{words})\b", prose, re.I)
    ]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_page_says_the_same_word_for_the_same_thing(page: Path) -> None:
    assert words_to_avoid(text_of(page)) == []


def test_a_word_to_avoid_is_found_in_prose_and_nowhere_else() -> None:
    page = "A Dirty cell.\n\n```text\na dirty cell\n```\n\nSay `re-run` or rerun."
    assert words_to_avoid(page) == ["'Dirty': say stale"]


# Commands


def commands() -> list[str]:
    """Return the commands in the console blocks of the pages a newcomer reads."""
    found: dict[str, None] = {}
    for name in ("README.md", "CONTRIBUTING.md"):
        for block in re.findall(
            r"^```console\n(.*?)^```", text_of(ROOT / name), re.M | re.S
        ):
            lines = [line.removeprefix("$ ").strip() for line in block.splitlines()]
            found |= dict.fromkeys(re.sub(r"\s+#.*", "", line) for line in lines)
    return [command for command in found if command]


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_first_pages_exists(command: str) -> None:
    match command.split():
        case ["make", target]:
            assert re.search(rf"^{target}:", text_of(ROOT / "Makefile"), re.M)
        case ["python", "-m", "reactive_kernel", verb, *options]:
            assert_options_exist(verb, options)
        case [".venv/bin/pytest", *arguments]:
            paths = [part for part in arguments if "/" in part]
            assert all((ROOT / path).exists() for path in paths)
        case [".venv/bin/python", "-m", package]:
            assert (ROOT / package.replace(".", "/") / "__main__.py").is_file()
        case ["bash", script]:
            assert (ROOT / script).is_file()
        case ["jupyter", "nbconvert", "--to", exporter, notebook]:
            assert f'\n{exporter} = "' in text_of(ROOT / "pyproject.toml")
            assert (ROOT / notebook).is_file()
        case ["jupyter", "reactive", verb, notebook]:
            assert verb in reactive.commands
            assert (ROOT / notebook).is_file()
        case ["pip", "install", "." | "'.[cli]'"]:
            assert (ROOT / "pyproject.toml").is_file()
        case _:
            pytest.fail(f"nothing is known about {command!r}")


def assert_options_exist(verb: str, options: list[str]) -> None:
    help = subprocess.run(
        [sys.executable, "-m", "reactive_kernel", verb, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    for option in options:
        assert not option.startswith("-") or option in help, option


def test_the_first_pages_show_their_commands_as_commands() -> None:
    assert {"make lab", "make test", "make lint", "pip install ."} <= set(commands())


# The guarantees


class Example(NamedTuple):
    """Numbered cells, what is done to them, and what is said to follow."""

    heading: str
    cells: list[str]
    cell: int
    text: str | None
    ran: list[int]
    shown: str


DEED = re.compile(
    r"^# (?:run|change) \[(\d)\](?: to `(.+)`)? → ((?:\[\d\] )+)runs?; \[\d\] shows (.*)$"
)


def examples() -> list[Any]:
    found = []
    for section in re.split(r"^## ", text_of(DOCS / "guarantees.md"), flags=re.M)[1:]:
        heading = section.partition("\n")[0]
        for block in re.findall(r"^```python\n(.*?)^```", section, re.M | re.S):
            example = read_example(heading, block)
            name = f"{heading}: {example.cells[example.cell].splitlines()[0]}"
            found.append(pytest.param(example, id=name))
    return found


def read_example(heading: str, block: str) -> Example:
    *lines, last = block.splitlines()
    deed = DEED.match(last)
    assert deed is not None, last
    cells = re.split(r"^# \[\d\]\n", "\n".join(lines) + "\n", flags=re.M)[1:]
    cell, text, ran, shown = deed.groups()
    return Example(
        heading,
        cells,
        int(cell) - 1,
        text,
        [int(n) for n in re.findall(r"\d", ran)],
        shown,
    )


@pytest.fixture
def own_process_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RP_RATE", raising=False)


def shown_by_a_fresh_run(cells: list[str]) -> str:
    """Return what the last cell shows when each cell runs once, definitions first."""
    notebook = Notebook()
    notebook.open(*cells)
    return notebook.printed[string.ascii_letters[len(cells) - 1]].strip()


@pytest.mark.usefixtures("own_process_state")
@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_guarantees_does_what_the_page_says(example: Example) -> None:
    notebook = Notebook()
    notebook.open(*example.cells)
    ran = notebook.run(string.ascii_letters[example.cell], example.text)
    shown = notebook.printed[string.ascii_letters[len(example.cells) - 1]].strip()
    assert [string.ascii_letters.index(id) + 1 for id in ran] == example.ran
    assert shown == example.shown
    cells = list(example.cells)
    cells[example.cell] = example.text or cells[example.cell]
    seen = example.heading not in ("Not seen", "Known faults")
    assert (shown == shown_by_a_fresh_run(cells)) is seen
