"""How the layer comes into a server, and what it leaves behind in a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from reactive_kernel.formats import writes
from reactive_kernel.server.contents import layered
from tests.browser.extension import SERVER_CONFIG
from tests.formats.samples import notebook_of
from tests.server.api import Api
from tests.server.conftest import WITHOUT_JUPYTEXT

# The system kills a process in the middle of writing a file that is too long.
SAVING = """
import resource, signal, sys
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from reactive_kernel.formats import reads
from reactive_kernel.server.contents import layered

manager = layered(LargeFileManager)(root_dir=sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
content = reads(f"x = '{'b' * 1_000_000}'")
manager.save({"type": "notebook", "content": content}, "nb.py")
"""


def test_the_configuration_that_is_installed_switches_it_on() -> None:
    config = json.loads(SERVER_CONFIG.read_text())
    assert config["ServerApp"]["jpserver_extensions"] == {
        "reactive_kernel.server": True
    }


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    server = Api(tmp_path, WITHOUT_JUPYTEXT, "--PyNotebooks.enabled=False")
    try:
        (server.work / "nb.py").write_text(writes(notebook_of("a = 1")))
        assert server.get("nb.py")["type"] == "file"
    finally:
        server.stop()


def test_a_class_has_one_layer_however_often_it_is_asked_for() -> None:
    once = layered(AsyncLargeFileManager)
    assert layered(once) is once
    assert issubclass(once, AsyncLargeFileManager)


def test_a_file_in_a_folder_that_may_not_be_written_to_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "nb.py"
    file.write_text(writes(notebook_of("a = 1")))
    number = file.stat().st_ino
    may = os.access
    monkeypatch.setattr(
        "os.access", lambda path, mode: not Path(path).is_dir() and may(path, mode)
    )
    manager = layered(FileContentsManager)(root_dir=str(tmp_path))
    manager.save({"type": "notebook", "content": notebook_of("a = 2")}, "nb.py")
    assert file.read_text() == writes(notebook_of("a = 2"))
    assert file.stat().st_ino == number


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of resources")
def test_a_kill_in_the_middle_of_saving_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "nb.py"
    file.write_text(text := writes(notebook_of("x = 'a'")))
    ran = subprocess.run([sys.executable, "-c", SAVING, tmp_path])
    assert ran.returncode == -signal.SIGXFSZ
    assert file.read_text() == text


def test_a_listing_does_not_read_a_file_again(tmp_path: Path) -> None:
    manager = layered(FileContentsManager)(root_dir=str(tmp_path))
    file = tmp_path / "nb.py"
    file.write_text(writes(notebook_of("a = 1")))
    [before] = manager.get("")["content"]
    seen = file.stat()
    file.write_text("#" * seen.st_size)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    [after] = manager.get("")["content"]
    assert (before["type"], after["type"]) == ("notebook", "notebook")
    os.utime(file)
    [touched] = manager.get("")["content"]
    assert touched["type"] == "file"
