"""Take the pictures in docs/images/ from the real thing: ``python -m docs.screenshots``.

Needs Chromium on the path, or ``CHROMIUM``, and what the tests need.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, KERNELSPEC
from tests.browser.lab import SCRIPT, Lab
from tests.browser.server import LabServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

COFFEE = {
    "cup": "poured, room, loss = 88, 21, 0.045",
    "wait": "from math import exp, log\n\n"
    "wait = log((poured - room) / (60 - room)) / loss\n"
    "print(f'Drinkable after {wait:.0f} minutes')",
    "meeting": "print('Before the meeting.' if wait < 15 else 'Take it along.')",
    "figure": "import matplotlib.pyplot as plt\n\n"
    "fig, ax = plt.subplots(figsize=(6, 1.6))\n"
    "ax.plot([room + (poured - room) * exp(-loss * t) for t in range(60)])\n"
    "ax.axhline(60, color='gray', ls=':')\n"
    "plt.show()",
    "milk": "milk = 'two litres left'\nprint(milk)",
}

STATES = {
    "rate": "rate = 0.2",
    "prices": "import time\n\ntime.sleep(60 if rate > 0.2 else 0)\nprices = [10, 20, 30]",
    "total": "print(sum(prices) * (1 + rate))",
    "model": "weights = [0.3, 0.7]  # from a long training",
    "draft": "notes = 'to be written'",
    "report": "print(notes)",
    "share": "share = 1 / 2",
    "shown": "print(f'{share:.0%}')",
    "title": "title = 'Prices'",
    "head": "print(title)",
}


def main() -> None:
    """Take all pictures, each in the light and in the dark theme."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        server = LabServer(Path(folder), extended=True)
        try:
            edited(browser, server)
            states(browser, server)
        finally:
            server.stop()


def edited(browser: Browser, server: LabServer) -> None:
    """A cell was edited and not run: what depends on it is marked."""
    file = write(server, "coffee", COFFEE)
    lab = opened(browser, server, file, height=740)
    lab.type("cup", "poured, room, loss = 88, 5, 0.045  # by the window")
    lab.wait_for_mark("figure", "◌ stale")
    take(lab, "marks", scroll_to="cup")
    finish(lab)


def states(browser: Browser, server: LabServer) -> None:
    """One cell in each state that has a mark."""
    file = write(server, "states", STATES)
    lab = opened(browser, server, file, height=800)
    lab.write("share", "share = 1 / 0")
    lab.run("share")
    lab.set("model", frozen=True)
    lab.set("draft", disabled=True)
    lab.write("rate", "rate = 0.3")
    lab.start("rate")
    lab.wait_for_mark("prices", "● running")
    lab.write("title", "title = 'Shares'")
    lab.wait_for_mark("head", "◌ stale")
    lab.wait_for_mark("report", "■ blocked")
    lab.page.locator(".jp-Reactive-progress", has_text="In[2]").wait_for()
    take(lab, "states", scroll_to="rate")
    finish(lab)


def write(server: LabServer, name: str, sources: dict[str, str]) -> Path:
    """Write a notebook of code cells, given by their ids."""
    cells = [new_code_cell(source, id=id) for id, source in sources.items()]
    file = server.work / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}), file)
    return file


def opened(browser: Browser, server: LabServer, file: Path, *, height: int) -> Lab:
    """Open a notebook without the side bar, and run it."""
    context = browser.new_context(viewport={"width": 1020, "height": height})
    context.add_init_script(path=SCRIPT)
    lab = Lab(context.new_page(), server)
    lab.open(file)
    lab.command("application:toggle-left-area")
    lab.go_live()
    lab.run_all()
    lab.settle()
    return lab


def take(lab: Lab, name: str, *, scroll_to: str) -> None:
    """Take the notebook's picture in both themes."""
    for theme, title in THEMES.items():
        lab.command("apputils:change-theme", theme=title)
        lab.wait_for_theme(title)
        lab.scroll_to(scroll_to)
        lab.page.mouse.move(0, 0)
        panel = lab.page.locator(".jp-NotebookPanel")
        panel.screenshot(path=IMAGES / f"{name}-{theme}.png", animations="disabled")


def finish(lab: Lab) -> None:
    """End the kernel and close the tab."""
    lab.page.evaluate("() => lab.within(10, lab.session().shutdown())")
    lab.page.context.close()


if __name__ == "__main__":
    main()
