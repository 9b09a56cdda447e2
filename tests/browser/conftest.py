"""JupyterLab in the distribution's Chromium: unmodified, or with the extension.

A module of tests says ``extended = True`` if it wants the extension.

The browser is the one that ``CHROMIUM`` names, or else `chromium` on the path. Without
one these tests are skipped, but never on a build server (``CI``). A failing test leaves
a screenshot, whose path is printed with the failure.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Error, ViewportSize, sync_playwright

from tests.browser.lab import SCRIPT, Lab
from tests.browser.server import LabServer

Notebook = Callable[..., Path]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT: ViewportSize = {"width": 1280, "height": 1000}
KERNELSPEC = {
    "name": "reactive-python",
    "display_name": "Reactive Python",
    "language": "python",
}
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for the fixtures that a test has failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is not None:
        return path
    missing = "no Chromium: sudo apt-get install chromium, or set CHROMIUM to one"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


# Playwright's event loop counts as running while it is up, and other tests need one of
# their own: hence a browser per module, not one for the whole run.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[LabServer]:
    extended = getattr(request.module, "extended", False)
    server = LabServer(tmp_path_factory.mktemp("jupyterlab"), extended=extended)
    yield server
    server.stop()


@pytest.fixture
def folder(server: LabServer, request: pytest.FixtureRequest) -> Path:
    """Return an empty folder that JupyterLab serves."""
    folder = server.work / re.sub(r"\W", "_", request.node.name)
    folder.mkdir()
    return folder


@pytest.fixture
def notebook(folder: Path) -> Notebook:
    """Write a notebook of code cells, given as ``id=source``, for some kernel."""

    def write(kernel: str = KERNELSPEC["name"], **sources: str) -> Path:
        cells = [new_code_cell(source, id=id) for id, source in sources.items()]
        file = folder / "notebook.ipynb"
        # Some cells note their runs in a file, which is to be no input of other cells.
        own = {"ignored_effects": ["files"]}
        spec = {**KERNELSPEC, "name": kernel}
        metadata = {"kernelspec": spec, "reactive": own}
        content = new_notebook(cells=cells, metadata=metadata)
        nbformat.write(content, file)
        return file

    return write


@pytest.fixture
def lab(
    browser: Browser,
    server: LabServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Lab]:
    """Return a new browser tab for a notebook."""
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(path=SCRIPT)
    page = context.new_page()
    lab = Lab(page, server)
    yield lab
    if request.node.stash.get(FAILED, False):
        keep_evidence(lab, tmp_path, request)
    shut_down_kernel(lab)
    context.close()


def keep_evidence(lab: Lab, folder: Path, request: pytest.FixtureRequest) -> None:
    """Keep a picture of the page, and say where; show the end of the server's log."""
    picture = folder / "failure.png"
    try:
        lab.page.screenshot(path=picture, timeout=10_000)
    except Error as error:
        picture.with_suffix(".txt").write_text(str(error))
    evidence = f"{picture}\n{lab.server.log()[-3000:]}"
    request.node.add_report_section("teardown", "JupyterLab", evidence)


def shut_down_kernel(lab: Lab) -> None:
    """End the notebook's kernel, so that the next test has the machine for itself."""
    try:
        lab.page.evaluate("() => lab.within(10, lab.session().shutdown())")
    except Error:
        return  # There was no notebook, or its kernel is gone.
