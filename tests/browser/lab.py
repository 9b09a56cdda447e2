"""JupyterLab in verbs: what a person does with a notebook, and what then stands there.

::

    lab.open(notebook)
    lab.write("a", "x = 2")
    lab.run("a")  # Shift-Enter
    lab.wait_for("b", "x is 2")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.server import LabServer

__all__ = ["SCRIPT", "Lab"]

SCRIPT = Path(__file__).with_name("lab.js")
SECOND = 1000.0
PATIENCE = 40 * SECOND


class Lab:
    """One browser tab with one open notebook.

    Cells are named by their ids. Whatever waits, waits for the page to show something
    and fails after `PATIENCE`.
    """

    def __init__(self, page: Page, server: LabServer) -> None:
        self.page = page
        self.server = server
        page.set_default_timeout(PATIENCE)

    def open(self, notebook: Path, *, wait_until_idle: bool = True) -> None:
        """Open a notebook of the server's folder and wait until its kernel is idle."""
        path = notebook.relative_to(self.server.work).as_posix()
        self.page.goto(self.server.address(path))
        is_open = "isOpen" if wait_until_idle else "isShown"
        self._wait(f"path => lab.{is_open}(path)", path)

    def open_py(self, notebook: Path) -> None:
        """Open a ``.py`` notebook as `open` does."""
        path = notebook.relative_to(self.server.work).as_posix()
        self.page.goto(f"{self.server.url}lab?token={self.server.token}&reset")
        self._wait("() => Boolean(window.jupyterapp?.shell)")
        self._do(
            "path => jupyterapp.restored.then(() => void jupyterapp.commands.execute("
            "'docmanager:open', {path, factory: 'Notebook'}))",
            path,
        )
        self._wait("path => lab.isOpen(path)", path)

    @property
    def kernel(self) -> str:
        """The display name of the kernel, as the notebook's toolbar shows it."""
        return self.page.locator(".jp-Toolbar-kernelName").inner_text().strip()

    def write(self, cell: str, source: str) -> None:
        """Replace a cell's source without running it."""
        self._do("change => lab.setSource(change)", {"id": cell, "source": source})

    def type(self, cell: str, source: str) -> None:
        """Replace a cell's source by hand: click into its editor and type."""
        editor = self.page.locator(".jp-Cell").nth(self._do("lab.index", cell))
        editor.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def cell(self, cell: str) -> Locator:
        """Return a cell on the page, to click at what it shows."""
        return self.page.locator(".jp-Cell").nth(self._do("lab.index", cell))

    def set(self, cell: str, **settings: object) -> None:
        """Give a cell these settings in its metadata, as the property inspector does."""
        self._do("lab.setSettings", {"id": cell, "settings": settings})

    def start(self, cell: str) -> None:
        """Press Shift-Enter in a cell, and wait for nothing."""
        self._do("lab.focus", cell)
        self.page.keyboard.press("Shift+Enter")

    def run(self, cell: str) -> None:
        """Press Shift-Enter in a cell and wait until the kernel has answered."""
        self._do("lab.expectReplies", [cell])
        self.start(cell)
        self._wait("() => lab.haveReplies()")

    def run_all(self) -> None:
        """Choose *Run All Cells* and wait until each has its number."""
        self._do("lab.expectReplies", list(self.counts()))
        self._do("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
        self._wait("() => lab.haveReplies()")

    def delete(self, cell: str) -> None:
        """Delete a cell with the keyboard: D, D."""
        self._do("lab.focus", cell)
        self.page.keyboard.press("d")
        self.page.keyboard.press("d")
        self._wait("cell => !lab.cell(cell)", cell)

    def undo(self) -> None:
        """Undo what was done to the cells last: Z."""
        before = len(self._do("() => lab.ids()"))
        self.page.keyboard.press("z")
        self._wait("before => lab.ids().length !== before", before)

    def move_by_cut_and_paste(self, cell: str, after: str) -> None:
        """Move a cell with the keyboard: X, then V elsewhere."""
        self._do("lab.focus", cell)
        self.page.keyboard.press("x")
        self._wait("cell => !lab.cell(cell)", cell)
        self._do("lab.focus", after)
        self.page.keyboard.press("v")
        self._wait("cell => lab.cell(cell)", cell)

    def command(self, command: str, **arguments: object) -> None:
        """Execute a command of JupyterLab, and wait for it."""
        self._do("lab.execute", {"command": command, "args": arguments})

    def ids(self) -> list[str]:
        """Return the ids of all cells in document order."""
        return list(self._do("() => lab.ids()"))

    def split(self, cell: str, line: int) -> None:
        """Split a cell before a line (from 0)."""
        self._do("lab.split", {"id": cell, "line": line})

    def merge(self, cell: str, other: str) -> None:
        """Merge the cells from one to another."""
        self._do("lab.select", {"id": cell, "other": other})
        self.command("notebook:merge-cells")

    def move_down(self, cell: str) -> None:
        """Move a cell below the next one."""
        self._do("lab.focus", cell)
        self.command("notebook:move-cell-down")

    def copy_and_paste(self, cell: str) -> None:
        """Put a copy of a cell below it."""
        self._do("lab.focus", cell)
        self.command("notebook:copy-cell")
        self.command("notebook:paste-cell-below")

    def open_beside(self, notebook: Path, *, same_kernel: bool = False) -> None:
        """Open another notebook in the same page, and bring it to the front."""
        path = notebook.relative_to(self.server.work).as_posix()
        kernel = self._do("() => ({ id: lab.kernel().id })") if same_kernel else None
        options = {} if kernel is None else {"kernel": kernel}
        self.command("docmanager:open", path=path, **options)
        self.show(notebook)

    def show(self, notebook: Path) -> None:
        """Bring an open notebook to the front."""
        path = notebook.relative_to(self.server.work).as_posix()
        self._do("lab.show", path)
        self._wait("path => lab.isOpen(path)", path)

    def close(self) -> None:
        """Close the notebook in front, and leave its kernel running."""
        self._do("() => lab.panel().dispose()")

    def configure(self, **settings: object) -> None:
        """Give the notebook these settings in its metadata."""
        self._do("lab.setOwnSettings", settings)

    def interrupt(self) -> None:
        """Press the stop button of the notebook's toolbar."""
        self.page.locator('[data-command="notebook:interrupt-kernel"]').click()

    def restart(self) -> None:
        """Restart the kernel and wait until it answers."""
        self._do("lab.restart")

    def change_kernel(self, name: str) -> None:
        """Give the notebook another kernel, and wait until that answers."""
        self._do("name => lab.changeKernel(name)", name)

    def dismiss(self) -> None:
        """Wait for a dialog, and press its last button."""
        self.page.locator(".jp-Dialog button").last.click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def reconnect(self) -> None:
        """Lose the connection to the kernel and get it back."""
        self._do("() => lab.within(30, lab.kernel().reconnect())")

    def save(self) -> None:
        """Press Ctrl-S and wait until the file is written."""
        self.page.keyboard.press("Control+s")
        self._wait("() => lab.isSaved()")

    def settle(self) -> None:
        """Wait until the kernel is done with everything that was asked so far."""
        self._do("lab.answered")
        self._wait("() => lab.isIdle()")

    def wait_for(self, cell: str, text: str) -> None:
        """Wait until the outputs of a cell contain some text."""
        self._wait("what => lab.shows(what)", {"id": cell, "text": text})

    def outputs(self, cell: str) -> list[dict[str, Any]]:
        """Return the outputs of a cell as nbformat has them."""
        return list(self._do("lab.outputs", cell))

    def text(self, cell: str) -> str:
        """Return the outputs of a cell as text (HTML if there is some)."""
        return str(self._do("lab.text", cell))

    def png(self, cell: str) -> str:
        """Return the one figure under a cell, in base64."""
        [figure] = [
            output["data"]["image/png"]
            for output in self.outputs(cell)
            if "image/png" in output.get("data", {})
        ]
        return str(figure)

    def counts(self) -> dict[str, int | None]:
        """Return the number in front of each code cell, in document order."""
        return dict(self._do("() => lab.counts()"))

    def wait_for_prompt(self, cell: str, prompt: str) -> None:
        """Wait until a prompt such as ``[*]:`` stands in front of a cell."""
        what = {"id": cell, "prompt": prompt}
        self._wait("what => lab.prompt(what.id) === what.prompt", what)

    def record_timing(self) -> None:
        """Let JupyterLab note in the metadata of a cell when it ran."""
        self._do("lab.recordTiming")

    def timing(self, cell: str) -> dict[str, str]:
        """Return what JupyterLab noted of a cell's last run."""
        return dict(self._do("lab.timing", cell))

    # With the extension

    def go_live(self) -> None:
        """Wait until the kernel has told the extension everything."""
        self._wait("() => lab.isLive()")

    def states(self) -> dict[str, str]:
        """Return the state of each cell as the extension knows it."""
        return dict(self._do("() => lab.states()"))

    @property
    def is_shared(self) -> bool:
        """Whether the notebook is one document for all who have it open."""
        return bool(self._do("() => lab.panel().content.model.collaborative"))

    @property
    def is_live(self) -> bool:
        """Whether the extension is told what the kernel knows."""
        return bool(self._do("() => lab.isLive()"))

    @property
    def is_followed(self) -> bool:
        """Whether the extension takes the notebook's kernel for ours."""
        return bool(self._do("() => Boolean(lab.reactive())"))

    @property
    def mode(self) -> str:
        """The mode as the extension knows it."""
        return str(self._do("() => lab.reactive().model.mode"))

    def wait_for_mode(self, mode: str) -> None:
        """Wait until the extension knows of a mode."""
        self._wait("mode => lab.reactive()?.model.mode === mode", mode)

    def get_in_step(self) -> None:
        """Wait until the kernel knows the cells of the notebook, in order."""
        self._wait("() => lab.inStep()")

    def delay(self, cell: str, source: str, other: str, state: str) -> float:
        """Edit a cell; return the milliseconds until another is in a state."""
        what = {"id": cell, "source": source, "other": other, "state": state}
        return float(self._do("lab.delay", what))

    def wait_for_state(self, cell: str, state: str) -> None:
        """Wait until the extension knows that a cell is in a state."""
        self._wait("what => lab.isIn(what)", {"id": cell, "state": state})

    def wait_for_mark(self, cell: str, mark: str) -> None:
        """Wait until a shape and a word, such as ``◌ stale``, stand before a cell."""
        self._wait("what => lab.isMarked(what)", {"id": cell, "mark": mark})

    def marks(self) -> dict[str, str]:
        """Return what stands before each cell; '' for nothing."""
        return {cell: str(self._do("lab.mark", cell)) for cell in self.ids()}

    def words(self, cell: str) -> str:
        """Return what a screen reader says of a cell's state."""
        return str(self._do("lab.words", cell))

    def line(self, cell: str) -> str:
        """Return width, style and colour of the line beside a cell."""
        return str(self._do("lab.line", cell))

    def wait_for_theme(self, theme: str) -> None:
        """Wait until a theme is shown."""
        self._wait("theme => lab.isThemed(theme)", theme)

    def contrast(self, cell: str) -> tuple[float, float]:
        """Return the contrast of the word and of the line in front of a cell."""
        word, line = self._do("lab.contrast", cell)
        return float(word), float(line)

    def violations(self, selector: str) -> list[str]:
        """Return what axe-core, which must be loaded, finds wrong with elements."""
        return list(self._do("lab.violations", selector))

    def mark_delay(self, cell: str, source: str, other: str, mark: str) -> float:
        """Edit a cell; return the milliseconds until another carries a mark."""
        what = {"id": cell, "source": source, "other": other, "mark": mark}
        return float(self._do("lab.markDelay", what))

    def use_windowing(self, mode: str) -> None:
        """Choose how JupyterLab treats cells that are not on the screen."""
        self._do("lab.useWindowing", mode)

    def scroll_to(self, cell: str) -> None:
        """Bring a cell into view."""
        self._do("lab.scrollTo", cell)

    def wait_for_words(self, cell: str, words: str) -> None:
        """Wait until a screen reader says this of a cell's state."""
        self._wait("what => lab.hasWords(what)", {"id": cell, "words": words})

    def focus(self, cell: str) -> None:
        """Make a cell the active one, in command mode."""
        self._do("lab.focus", cell)

    @property
    def active(self) -> str:
        """The active cell."""
        return str(self._do("() => lab.active()"))

    def settings(self, cell: str) -> dict[str, Any] | None:
        """Return the settings of a cell in its metadata; None without any."""
        found = self._do("lab.settings", cell)
        return None if found is None else dict(found)

    def wait_for_summary(self, text: str) -> None:
        """Wait until a screen reader is told this of the whole notebook."""
        self._wait("text => lab.summary() === text", text)

    def _do(self, script: str, argument: object = None) -> Any:
        if script.startswith("lab."):
            script = f"argument => {script}(argument)"
        return self.page.evaluate(script, argument)

    def _wait(self, predicate: str, argument: object = None) -> None:
        # The predicate must not be async: a promise is true at once.
        self.page.wait_for_function(predicate, arg=argument, timeout=PATIENCE)
