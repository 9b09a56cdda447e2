"""A fresh run of a notebook by plain IPython: what every other run is measured by.

>>> fresh = run_plain(
...     {"a": "x = [1]", "b": "x.append(2)\\nprint('hi')\\nx", "c": "1 / 0"}
... )
>>> fresh["b"]
'hi\\n[1, 2]'
>>> fresh["c"]
'ZeroDivisionError: division by zero'
>>> fresh.namespace["x"]
'["list", "int 1", "int 2"]'
"""

from __future__ import annotations

import io
import os
import random
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from tests.fresh.server import ask
from tests.fresh.values import described
from tests.kernel.screen import Area, Output

__all__ = ["Files", "PlainRun", "held", "put", "run_plain", "seed"]

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class PlainRun:
    """What a fresh run shows under each cell, and leaves in the namespace and folder."""

    outputs: dict[str, list[Output]] = field(default_factory=dict)
    namespace: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def __getitem__(self, cell: str) -> str:
        """Return the readable text under a cell."""
        return Area("", self.outputs[cell]).text


def run_plain(cells: Mapping[str, str], files: Files | None = None) -> PlainRun:
    """Run cells once, in order, in a fresh process and an empty folder.

    Parameters
    ----------
    cells
        Sources by id. A cell that fails does not keep the next ones from running.
    files
        What the folder holds at first, by relative path.
    """
    function, prepared = f"{__name__}:run_here", f"{__name__}:prepare"
    given = dict(cells), dict(files or {})
    with ask(function, *given, prepared=prepared) as connection:
        try:
            return PlainRun(*connection.recv())
        except EOFError as error:
            raise RuntimeError("a plain run ended early; see stderr") from error


def put(files: Files, folder: Path) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def held(folder: Path) -> dict[str, bytes]:
    """Return the files in a folder, by relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def seed() -> None:
    """Let the numbers that unseeded generators draw be the same in all fresh runs."""
    random.seed(2**31 + 1)
    np.random.seed(2**31 + 1)


def prepare() -> None:
    """Make the shell of this process, which its forks inherit: nothing has run in it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        PlainShell.instance()


def run_here(connection: Connection, cells: dict[str, str], files: Files) -> None:
    """Run cells in this process, which ends afterwards, and send what came of it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        work = Path(folder) / "work"
        work.mkdir()
        put(files, work)
        os.chdir(work)
        # As in a kernel, modules beside the notebook can be imported.
        sys.path.insert(0, "")
        shell = PlainShell.instance()
        seed()
        outputs = {id: shell.output_of(source) for id, source in cells.items()}
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        namespace = described(shell.user_ns, shell.user_ns_hidden)
        connection.send((outputs, namespace, held(work)))
        os.chdir("/")


class Stream(io.TextIOBase):
    """One of the two streams of a shell."""

    def __init__(self, shell: PlainShell, name: str) -> None:
        self._shell = shell
        self._name = name

    def write(self, text: str) -> int:
        if text:
            self._shell.area.add(
                {"output_type": "stream", "name": self._name, "text": text}
            )
        return len(text)

    def writable(self) -> bool:
        return True


class Publisher(DisplayPublisher):
    """Keeps what is displayed."""

    shell: PlainShell

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *_args: Any,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_kwargs: Any,
    ) -> None:
        id = (transient or {}).get("display_id")
        shown = {"data": data, "metadata": metadata or {}}
        if update:
            self.shell.displays.get(id or "", {}).update(shown)
            return
        output: Output = {"output_type": "display_data", **shown}
        self.shell.area.add(output)
        if id is not None:
            self.shell.displays[id] = output

    def clear_output(self, wait: bool = False) -> None:
        self.shell.area.clear(wait=wait)


class Hook(DisplayHook):
    """Keeps results."""

    shell: PlainShell

    def write_output_prompt(self) -> None:
        """Show no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.area.add(
            {
                "output_type": "execute_result",
                "data": format_dict,
                "metadata": md_dict or {},
            }
        )

    def finish_displayhook(self) -> None:
        """End with no empty line."""
        self._is_active = False


class PlainShell(InteractiveShell):
    """IPython, with all that it shows kept in a list."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.area = Area("")
        self.displays: dict[str, Output] = {}
        assert self.display_formatter
        self.display_formatter.active_types = self.display_formatter.format_types

    def init_history(self) -> None:
        """Keep no history file, and no thread that writes it."""
        self.config.HistoryManager.enabled = False
        super().init_history()

    def enable_gui(self, gui: str | None = None) -> None:
        """Let ``%matplotlib inline`` be: no window is opened."""

    def output_of(self, source: str) -> list[Output]:
        """Run a cell and return its outputs as a notebook file would hold them."""
        self.area = Area("")
        sys.stdout, sys.stderr = Stream(self, "stdout"), Stream(self, "stderr")
        self.run_cell(source, store_history=True)
        return self.area.outputs

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.area.add(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": str(evalue),
                "traceback": [],
            }
        )
