"""A JupyterLab server of our own: nothing of the user's configuration, nothing left."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from reactive_kernel.kernel.install import install
from tests.browser import extension

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LabServer"]

PATIENCE = 60.0
MODULES = {
    "lab": ("jupyterlab", "LabApp"),
    "notebook": ("notebook", "JupyterNotebookApp"),
}
# The question whether to fetch news would cover the notebook.
ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"


class LabServer:
    """A JupyterLab that serves one folder on the loopback interface.

    Parameters
    ----------
    folder
        Where the server keeps its configuration and its log; notebooks lie in
        ``folder / "work"``.
    extended
        With the extension of this working copy; else an unmodified JupyterLab, also
        where the extension is installed.
    app
        ``lab``, or ``notebook`` for Jupyter Notebook 7.
    python
        The interpreter whose JupyterLab is started. Kernels are started with this one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        extended: bool = False,
        app: str = "lab",
        python: str = sys.executable,
    ) -> None:
        self.folder = folder
        self.extended = extended
        self.app = app
        self.python = python
        self.work = folder / "work"
        self.work.mkdir()
        self.token = secrets.token_hex(16)
        self._configure()
        self._log = (folder / "server.log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            self._command(),
            cwd=self.work,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.url = self._wait_until_up()

    def _configure(self) -> None:
        page_config = self.folder / "config" / "labconfig" / "page_config.json"
        page_config.parent.mkdir(parents=True)
        disabled = {ANNOUNCEMENTS: True, extension.NAME: not self.extended}
        content = json.dumps({"disabledExtensions": disabled})
        page_config.write_text(content, encoding="utf-8")
        if self.extended:
            self._serve_py_notebooks()

    def _serve_py_notebooks(self) -> None:
        """Configure the server as an installation does."""
        place = self.folder / "config" / "jupyter_server_config.d"
        place.mkdir()
        shutil.copy(extension.SERVER_CONFIG, place / "reactive_kernel.json")

    def _program(self) -> tuple[str, tuple[str, ...]]:
        """Return the module to start, and options of its own."""
        module, name = MODULES[self.app]
        return module, (f"--{name}.expose_app_in_browser=True",)

    def _command(self) -> list[str]:
        module, options = self._program()
        return [
            self.python,
            "-m",
            module,
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={free_port()}",
            f"--ServerApp.root_dir={self.work}",
            f"--IdentityProvider.token={self.token}",
            *options,
        ]

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        environment = {
            **os.environ,
            **{name: str(self.folder / place) for name, place in own.items()},
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        if self.extended:
            install(prefix=str(self.folder))
            share = extension.install(self.folder / "share" / "jupyter")
            environment["JUPYTER_PATH"] = str(share)
        return environment

    def _wait_until_up(self) -> str:
        """Return the URL once the server answers there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            for info in (self.folder / "runtime").glob("jpserver-*.json"):
                url = str(read(info).get("url", ""))
                if url and answers(f"{url}api/status?token={self.token}"):
                    return url
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log()}")

    def address(self, path: str) -> str:
        """Return the URL under which a notebook of the server's folder is opened."""
        page = "lab/tree" if self.app == "lab" else "notebooks"
        return f"{self.url}{page}/{path}?token={self.token}&reset"

    def log(self) -> str:
        """Return what the server and its kernels wrote so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8")

    def stop(self) -> None:
        """End the server and, with it, its kernels."""
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def free_port() -> int:
    """Return a port that was free just now; the server takes the next if it is lost."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read(file: Path) -> dict[str, Any]:
    """Read a JSON file that another process may be writing."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        return {}


def answers(url: str) -> bool:
    """Return whether a GET of the URL succeeds."""
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
