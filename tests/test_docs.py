from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def commands() -> list[str]:
    found = []
    for name in ("README.md", "CONTRIBUTING.md"):
        for block in re.findall(
            r"```console\n(.*?)```", (ROOT / name).read_text(), re.S
        ):
            found += [line.removeprefix("$ ").strip() for line in block.splitlines()]
    return [command for command in found if command]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [
        target
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_tests_that_a_page_names_exist(page: Path) -> None:
    for path, name in TEST.findall(page.read_text(encoding="utf-8")):
        file = ROOT / path
        assert file.is_file(), path
        tree = ast.parse(file.read_text(encoding="utf-8"))
        defined = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        assert not name or name in defined, name


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = LINK.findall((folder / "README.md").read_text())
    pages = [page.name for page in sorted(folder.glob("0*.md"))]
    assert listed == pages


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_exists(command: str) -> None:
    match command.split():
        case ["make", target]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)
        case ["python", "-m", "reactive_kernel", verb, *_]:
            assert (
                f'case ["{verb}"' in (ROOT / "reactive_kernel/__main__.py").read_text()
            )
        case ["pip", "install", *_] | ["bash", ".ci/run"]:
            pass
        case _:
            pytest.fail(f"nothing is known about {command!r}")


def test_the_readme_shows_its_commands() -> None:
    assert {"make lab", "make test", "pip install ."} <= set(commands())
