"""What people get when they install the project."""

from __future__ import annotations

import json
import os
import shutil
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

from reactive_kernel import __version__
from tests.browser import extension

if TYPE_CHECKING:
    from email.message import Message

REPOSITORY = Path(__file__).parent.parent
SPEC = ".data/data/share/jupyter/kernels/reactive-python/"
EXTENSION = ".data/data/share/jupyter/labextensions/reactive-kernel/"
LARGEST_EXTENSION = 150_000
SERVER = ".data/data/etc/jupyter/jupyter_server_config.d/reactive_kernel.json"


def run(*command: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def wheel_of(source: Path, folder: Path, **environment: str) -> ZipFile:
    """Build a wheel with what is installed here, and nothing from outside."""
    build = ("--no-build-isolation", "--no-deps", "--no-index")
    command = ("pip", "wheel", *build, "--wheel-dir", str(folder), str(source))
    run(*command, **environment)
    [file] = folder.iterdir()
    return ZipFile(file)


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    extension.built()
    folder = tmp_path_factory.mktemp("sdist")
    run("hatchling", "build", "--target", "sdist", "--directory", str(folder))
    [file] = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Built from the sdist, so that one is complete too; without Node.js."""
    return wheel_of(sdist, tmp_path_factory.mktemp("wheel"), PATH="/nowhere")


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


def test_the_wheel_installs_the_extension_where_jupyterlab_looks(
    wheel: ZipFile, names: list[str]
) -> None:
    files = {
        name.partition(EXTENSION)[2]: wheel.read(name)
        for name in names
        if EXTENSION in name
    }
    assert {"package.json", "install.json", "static/style.js"} <= set(files)
    package = json.loads(files["package.json"])
    assert package["name"] == "reactive-kernel"
    assert package["jupyterlab"]["_build"]["load"] in files
    assert json.loads(files["install.json"])["packageManager"] == "python"
    assert sum(map(len, files.values())) < LARGEST_EXTENSION


def test_package_and_extension_have_the_same_version() -> None:
    package = json.loads((extension.SOURCES / "package.json").read_text("utf-8"))
    assert package["version"] == __version__


def test_the_kernel_can_be_built_without_its_extension(
    sdist: Path, tmp_path: Path
) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    shutil.rmtree(source / "reactive_kernel" / "labextension")
    wheel = wheel_of(
        source, tmp_path / "wheel", PATH="/nowhere", SKIP_JUPYTER_BUILDER="1"
    )
    names = wheel.namelist()
    assert [name for name in names if name.endswith("/kernel.json")]
    assert not [name for name in names if "labextension" in name]


def test_the_lock_file_names_no_host() -> None:
    assert "://" not in (extension.SOURCES / "yarn.lock").read_text("utf-8")


def test_the_wheel_switches_the_part_of_the_server_on(
    wheel: ZipFile, names: list[str]
) -> None:
    [name] = [name for name in names if name.endswith(SERVER)]
    config = json.loads(wheel.read(name))
    assert config["ServerApp"]["jpserver_extensions"]["reactive_kernel.server"] is True


def test_the_wheel_holds_nothing_but_the_package_and_what_jupyter_needs(
    names: list[str],
) -> None:
    tops = {PurePosixPath(name).parts[0] for name in names}
    assert tops == {
        "reactive_kernel",
        "reactive_kernel-0.1.0.data",
        "reactive_kernel-0.1.0.dist-info",
    }
    data = [name for name in names if ".data/" in name]
    assert all(
        SPEC in name or EXTENSION in name or name.endswith(SERVER) for name in data
    )


def test_the_wheel_ships_nothing_twice_but_what_is_copied_from_the_package(
    wheel: ZipFile, names: list[str]
) -> None:
    assert len(names) == len(set(names))
    files = [name for name in names if not name.endswith("__init__.py")]
    copies = Counter(wheel.read(name) for name in files)
    twice = {name for name in files if copies[wheel.read(name)] > 1}
    server = "/jupyter_server_config.json", SERVER
    assert twice == {
        name
        for name in files
        if "/kernelspec/" in name or SPEC in name or name.endswith(server)
    }


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
        "reactive_kernel/labextension/package.json",
        "labextension/src/index.ts",
        "labextension/yarn.lock",
        "hatch_build.py",
    }
    unwanted = {"__pycache__", ".venv", "node_modules", ".yarn", "lib"}
    assert not [name for name in names if unwanted & set(PurePosixPath(name).parts)]


def test_a_site_of_jupyterlite_takes_the_extension_up(tmp_path: Path) -> None:
    options = [
        f"--LiteBuildConfig.federated_extensions={extension.built()}",
        "--LiteBuildConfig.ignore_sys_prefix=True",
    ]
    subprocess.run(
        [sys.executable, "-m", "jupyterlite_core.app", "build", *options],
        cwd=tmp_path,  # it leaves a database where it is started
        capture_output=True,
        timeout=120,
        check=True,
    )
    site = tmp_path / "_output"
    package = json.loads(
        (site / "extensions" / "reactive-kernel" / "package.json").read_text("utf-8")
    )
    config = json.loads((site / "jupyter-lite.json").read_text("utf-8"))
    [entry] = config["jupyter-config-data"]["federated_extensions"]
    assert entry["name"] == "reactive-kernel"
    assert entry["load"] == package["jupyterlab"]["_build"]["load"]
