"""Fresh real kernels, forked from a process that has imported them.

What runs in the fork is the kernel's own `main` on a connection file, as if Jupyter had
started it; `Wire` is its client.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file

from reactive_kernel.kernel.app import main
from tests.fresh.plain import Files, put
from tests.fresh.server import ask
from tests.fresh.values import described
from tests.kernel.kernels import PATIENT
from tests.kernel.wire import Wire

__all__ = ["FreshKernel", "fresh_notebook", "namespace", "open_notebook"]


class FreshKernel:
    """A kernel process with a folder, a history and a log of its own.

    Parameters
    ----------
    files
        What its working directory holds at first, by relative path.
    """

    def __init__(self, files: Files | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name) / "work"
        self.folder.mkdir()
        put(files or {}, self.folder)
        file, info = write_connection_file(
            str(self.folder.parent / "connection.json"),
            key=os.urandom(16).hex().encode(),
            # Kernels that start at the same time would choose the same free TCP ports.
            transport="ipc",
            ip=str(self.folder.parent / "socket"),
        )
        self._connection = info
        self._process = ask(f"{__name__}:run_here", str(self.folder), file)
        self.pid: int = self._process.recv()

    @property
    def connection(self) -> dict[str, Any]:
        """What a client needs to know to connect."""
        return {**self._connection}

    @property
    def alive(self) -> bool:
        """Whether the process is still running."""
        return not self._process.poll()

    def interrupt(self) -> None:
        """Send the signal of the stop button."""
        os.kill(self.pid, signal.SIGINT)

    def log(self) -> str:
        """Return what the process wrote to its own stdout and stderr so far."""
        return (self.folder.parent / "kernel.log").read_text("utf-8", "replace")

    def stop(self) -> None:
        """End the process and remove its folder."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            self._process.poll(10)
        self._process.close()
        self._folder.cleanup()


def run_here(connection: Connection, folder: str, connection_file: str) -> None:
    """Be a kernel in this process, until it is killed."""
    above = Path(folder).parent
    os.environ["IPYTHONDIR"] = str(above / "ipython")
    os.environ["TMPDIR"] = tempfile.tempdir = str(above)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    del os.environ["MPLBACKEND"]
    os.chdir(folder)
    log = os.open(above / "kernel.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = ["reactive_kernel", "-f", connection_file, MEMORY, PATIENT]
    connection.send(os.getpid())
    main()


SEED = "__import__('sys').modules['tests.fresh.plain'].seed()"
MEMORY = "--HistoryManager.hist_file=:memory:"


@contextmanager
def fresh_notebook(files: Files | None = None) -> Iterator[Wire]:
    """Open a notebook in a fresh kernel, with the comm."""
    with open_notebook(FreshKernel(files)) as wire:
        yield wire


@contextmanager
def open_notebook(kernel: FreshKernel) -> Iterator[Wire]:
    """Open a notebook in a kernel that nobody has used, with the comm; end it after."""
    try:
        wire = Wire(kernel)
        try:
            wire.run(None, SEED, silent=True)
            wire.open_comm()
            yield wire
        finally:
            wire.close()
        assert "Traceback" not in kernel.log(), kernel.log()
    finally:
        kernel.stop()


def namespace(wire: Wire) -> dict[str, str]:
    """Return what the kernel's namespace holds, in the form of `values.described`."""
    return dict(json.loads(ast.literal_eval(wire.value(ASKED))))


def told() -> str:
    """Return the namespace of the shell in this process, as JSON."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    return json.dumps(described(shell.user_ns, shell.user_ns_hidden))


ASKED = f"__import__('sys').modules[{__name__!r}].told()"
