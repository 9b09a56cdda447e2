"""Real kernels, started as any Jupyter client starts them."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from jupyter_client.manager import KernelManager

__all__ = ["KERNEL", "Kernel", "RunningKernel"]

KERNEL = os.environ.get("REACTIVE_TEST_KERNEL", "reactive-python")


PATIENT = "--ReactiveKernel.watch_seconds=1"
"""On a busy machine a millisecond can pass before the first object is looked at."""


class Kernel(Protocol):
    """What a client needs of a kernel, however it was started.

    Attributes
    ----------
    folder
        Its working directory.
    """

    folder: Path

    @property
    def connection(self) -> dict[str, Any]:
        """What a client needs to know to connect."""

    @property
    def alive(self) -> bool:
        """Whether the process is still running."""

    def interrupt(self) -> None:
        """Send the signal of the stop button."""

    def log(self) -> str:
        """Return what the process wrote to its own stdout and stderr so far."""


class RunningKernel:
    """A kernel process with a configuration, a history and a log of its own.

    Parameters
    ----------
    name
        Of its kernelspec.
    arguments
        More arguments of its command line.
    environment
        More variables of its environment.
    """

    def __init__(
        self, name: str = KERNEL, arguments: Sequence[str] = (), **environment: str
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self._log = (self.folder / "kernel.log").open("w+", encoding="utf-8")
        self.manager = KernelManager(
            kernel_name=name, connection_file=str(self.folder / "connection.json")
        )
        self.manager.start_kernel(
            extra_arguments=[*arguments, PATIENT],
            env=self._environment(environment),
            cwd=str(self.folder),
            stdout=self._log,
            stderr=self._log,
        )

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"MPLBACKEND", "COLUMNS", "PYTHONWARNINGS"}
        }
        own = {
            "IPYTHONDIR": str(self.folder / "ipython"),
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        return {**inherited, **own, **extra}

    @property
    def connection(self) -> dict[str, Any]:
        """What a client needs to know to connect."""
        file = Path(self.manager.connection_file)
        return dict(json.loads(file.read_text(encoding="utf-8")))

    @property
    def alive(self) -> bool:
        """Whether the process is still running."""
        return bool(self.manager.is_alive())

    @property
    def pid(self) -> int:
        """The process id."""
        pid = getattr(self.manager.provisioner, "pid", None)
        assert isinstance(pid, int)
        return pid

    def interrupt(self) -> None:
        """Send the signal of the stop button."""
        os.kill(self.pid, signal.SIGINT)

    def log(self) -> str:
        """Return what the process wrote to its own stdout and stderr so far."""
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the process and remove its folder."""
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self._log.close()
        self._folder.cleanup()
