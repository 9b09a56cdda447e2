"""Kernels of other manners: a quiet fallback and one notice, never a broken page."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.server import LabServer

if TYPE_CHECKING:
    from tests.browser.lab import Lab

pytestmark = pytest.mark.browser
extended = True

Notebook = Callable[..., Path]
SCRIPT = Path(__file__).with_name("bad_kernel.py")
KINDS = ["OtherProtocol", "Malformed", "Lapse", "Hostile", "Dies"]


def install(server: LabServer, kind: str) -> None:
    """Make a kernel known to the server."""
    folder = server.folder / "data" / "kernels" / kind.lower()
    folder.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, str(SCRIPT), "-f", "{connection_file}", kind],
        "display_name": kind,
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join(sys.path)},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("jupyterlab"), extended=True)
    for kind in KINDS:
        install(server, kind)
    yield server
    server.stop()


@pytest.fixture
def errors(lab: Lab) -> list[str]:
    """Return the errors that nobody caught on the page."""
    errors: list[str] = []
    lab.page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


@pytest.fixture
def opened(
    lab: Lab, notebook: Notebook, errors: list[str]
) -> Iterator[Callable[[str], Lab]]:
    """Open a notebook with a kernel; in the end no error was left uncaught."""

    def open_with(kind: str) -> Lab:
        lab.open(notebook(kernel=kind.lower(), a="x = 1", b="print('x is', x)"))
        return lab

    yield open_with
    assert errors == []


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        pytest.param("OtherProtocol", "speaks protocol 2", id="another protocol"),
        pytest.param("Malformed", "must be an object", id="malformed states"),
    ],
)
def test_who_cannot_be_understood_is_left_alone_with_one_notice(
    lab: Lab, opened: Callable[[str], Lab], kind: str, reason: str
) -> None:
    said: list[str] = []
    lab.page.on("console", lambda message: said.append(message.text))
    opened(kind)
    notice = lab.page.locator(".Toastify__toast", has_text="Reactive Python")
    notice.get_by_text("do not understand each other").wait_for()
    assert [text for text in said if reason in text]
    lab.run_all()
    lab.write("a", "x = 2")
    lab.run("a")
    lab.wait_for("b", "x is 2")
    assert notice.count() == 1
    assert not lab.is_live


def test_a_lapse_is_made_good_by_asking_again(opened: Callable[[str], Lab]) -> None:
    lab = opened("Lapse")
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("b", "fresh")
    lab.write("a", "x = 2")
    lab.wait_for_state("b", "stale")
    lab.run("a")
    lab.wait_for("b", "x is 2")
    lab.wait_for_state("b", "fresh")
    assert lab.page.locator(".Toastify__toast").count() == 0


def test_names_are_never_taken_for_markup_and_unknown_cells_passed_over(
    opened: Callable[[str], Lab],
) -> None:
    lab = opened("Hostile")
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("b", "fresh")
    assert set(lab.states()) == {"a", "b"}
    assert not lab.page.evaluate("() => 'hacked' in window")


def test_a_kernel_that_dies_in_the_middle_comes_back(
    opened: Callable[[str], Lab],
) -> None:
    lab = opened("Dies")
    lab.go_live()
    lab.run_all()
    lab.wait_for_state("b", "fresh")
    lab.write("a", "x = 13")
    lab.dismiss()
    lab.write("a", "x = 3")
    lab.wait_for_state("b", "new")
    lab.run_all()
    lab.wait_for("b", "x is 3")
