"""What people get when they install the project."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections import Counter
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from email.message import Message

REPOSITORY = Path(__file__).parent.parent
SPEC = ".data/data/share/jupyter/kernels/reactive-python/"


def run(*command: str, cwd: Path = REPOSITORY) -> str:
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run("hatchling", "build", "--target", "sdist", "--directory", str(folder))
    [file] = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Built from the sdist, so that one is complete too."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("--no-build-isolation", "--no-deps", "--no-index")
    run("pip", "wheel", *build, "--wheel-dir", str(folder), str(sdist))
    [file] = folder.iterdir()
    return ZipFile(file)


@pytest.fixture(scope="module")
def names(wheel: ZipFile) -> list[str]:
    return wheel.namelist()


@pytest.fixture(scope="module")
def metadata(wheel: ZipFile, names: list[str]) -> Message:
    [name] = [name for name in names if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_every_module(names: list[str]) -> None:
    package = REPOSITORY / "reactive_kernel"
    modules = {
        file.relative_to(REPOSITORY).as_posix() for file in package.rglob("*.py")
    }
    assert modules <= set(names)
    assert "reactive_kernel/py.typed" in names


def test_the_wheel_installs_the_kernel_spec_where_jupyter_looks(
    wheel: ZipFile, names: list[str]
) -> None:
    spec = {name.partition(SPEC)[2]: wheel.read(name) for name in names if SPEC in name}
    assert set(spec) == {
        "kernel.json",
        "logo-32x32.png",
        "logo-64x64.png",
        "logo-svg.svg",
    }
    kernel = json.loads(spec["kernel.json"])
    assert kernel["argv"][0] == "python"
    assert kernel["display_name"] == "Reactive Python"
    assert kernel["language"] == "python"


def test_the_wheel_holds_nothing_but_the_package_and_its_kernel_spec(
    names: list[str],
) -> None:
    tops = {PurePosixPath(name).parts[0] for name in names}
    assert tops == {
        "reactive_kernel",
        "reactive_kernel-0.1.0.data",
        "reactive_kernel-0.1.0.dist-info",
    }
    assert all(SPEC in name for name in names if ".data/" in name)


def test_the_wheel_ships_nothing_twice_but_the_spec_that_install_copies(
    wheel: ZipFile, names: list[str]
) -> None:
    assert len(names) == len(set(names))
    files = [name for name in names if not name.endswith("__init__.py")]
    copies = Counter(wheel.read(name) for name in files)
    twice = {name for name in files if copies[wheel.read(name)] > 1}
    assert twice == {name for name in files if "/kernelspec/" in name or SPEC in name}


def test_the_metadata_names_licence_and_dependencies(metadata: Message) -> None:
    assert metadata["Name"] == "reactive-kernel"
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Requires-Python"] == ">=3.11"
    requirements = map(Requirement, metadata.get_all("Requires-Dist", []))
    required = {each.name for each in requirements if each.marker is None}
    assert required == {"asttokens", "ipykernel", "ipywidgets", "traitlets"}


def test_the_licence_comes_along(wheel: ZipFile, names: list[str]) -> None:
    [name] = [name for name in names if name.endswith("/licenses/LICENSE")]
    assert wheel.read(name) == (REPOSITORY / "LICENSE").read_bytes()


def test_the_sdist_holds_what_its_users_test_and_read(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "Makefile",
        "pyproject.toml",
        "examples/tour.ipynb",
        "examples/widgets.ipynb",
        "tests/test_packaging.py",
        "reactive_kernel/__main__.py",
    }
    assert not [name for name in names if "__pycache__" in name or ".venv" in name]
