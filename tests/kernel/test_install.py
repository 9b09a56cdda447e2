"""`python -m reactive_kernel`: installing kernel specs, and starting from them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from pathlib import Path


def reactive_kernel(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reactive_kernel", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


def installed(prefix: Path, name: str = "reactive-python") -> dict[str, Any]:
    folder = prefix / "share" / "jupyter" / "kernels" / name
    spec: dict[str, Any] = json.loads((folder / "kernel.json").read_text())
    return spec


def test_installing_for_another_environment_names_this_interpreter(
    tmp_path: Path,
) -> None:
    result = reactive_kernel("install", "--prefix", str(tmp_path), cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    spec = installed(tmp_path)
    assert spec["argv"] == [
        sys.executable,
        "-m",
        "reactive_kernel",
        "-f",
        "{connection_file}",
    ]
    assert spec["display_name"] == "Reactive Python"
    logos = tmp_path.glob("share/jupyter/kernels/reactive-python/logo-*")
    assert len(list(logos)) == 3


def test_installing_twice_keeps_the_later_names(tmp_path: Path) -> None:
    options = ("--prefix", str(tmp_path), "--name", "mine")
    reactive_kernel("install", *options, cwd=tmp_path)
    result = reactive_kernel(
        "install", *options, "--display-name", "Mine", cwd=tmp_path
    )
    assert result.returncode == 0
    assert installed(tmp_path, "mine")["display_name"] == "Mine"


def test_installing_for_the_user_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    result = reactive_kernel("install", cwd=tmp_path)
    assert result.returncode == 0
    assert (tmp_path / "data" / "kernels" / "reactive-python" / "kernel.json").is_file()


def test_a_prefix_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = reactive_kernel("install", "--prefix", str(file), cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Cannot install the kernel 'reactive-python': ")
    assert str(file) in line


def test_a_name_that_jupyter_refuses_is_one_clear_sentence(tmp_path: Path) -> None:
    result = reactive_kernel(
        "install", "--prefix", str(tmp_path), "--name", "a b", cwd=tmp_path
    )
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    assert "Invalid kernel name 'a b'" in line


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(
            ["--version"], 0, "reactive-kernel 0.1.0 (ipykernel", id="version"
        ),
        pytest.param(["--help"], 0, 'choose "Reactive Python"', id="help"),
        pytest.param([], 0, "usage: python -m reactive_kernel", id="nothing"),
        pytest.param(["instal"], 2, "unknown command 'instal'", id="misspelt"),
    ],
)
def test_the_command_line_explains_itself(
    arguments: list[str], code: int, words: str, tmp_path: Path
) -> None:
    result = reactive_kernel(*arguments, cwd=tmp_path)
    assert result.returncode == code
    assert words in result.stdout + result.stderr


@pytest.mark.kernel
def test_a_kernel_starts_from_the_installed_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    reactive_kernel(
        "install", "--prefix", str(tmp_path), "--name", "other-place", cwd=tmp_path
    )
    assert result_of("1 + 1", kernel="other-place", cwd=tmp_path) == "2"


@pytest.mark.kernel
def test_a_file_beside_the_notebook_does_not_replace_the_standard_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    (tmp_path / "uuid.py").write_text("raise SystemExit('wrong uuid')")
    (tmp_path / "neighbour.py").write_text("answer = 42")
    code = "import neighbour; neighbour.answer"
    assert result_of(code, kernel="reactive-python", cwd=tmp_path) == "42"


def test_jupyter_finds_the_kernel_of_its_own_environment() -> None:
    spec = KernelSpecManager().get_kernel_spec("reactive-python")
    assert spec.argv[1:3] == ["-m", "reactive_kernel"]
    assert spec.display_name == "Reactive Python"


def result_of(code: str, *, kernel: str, cwd: Path) -> str:
    """Run one cell in a new kernel and return its result as text."""
    results: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "execute_result":
            results.append(message["content"]["data"]["text/plain"])

    manager, client = start_new_kernel(
        kernel_name=kernel, startup_timeout=60, cwd=str(cwd)
    )
    try:
        client.execute_interactive(code, timeout=60, output_hook=keep)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    [result] = results
    return result
