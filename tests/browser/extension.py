"""The JupyterLab extension of this working copy, built when its sources are newer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["NAME", "SERVER_CONFIG", "built", "install"]

NAME = "reactive-kernel"
REPOSITORY = Path(__file__).parents[2]
SOURCES = REPOSITORY / "labextension"
BUNDLE = REPOSITORY / "reactive_kernel" / "labextension"
SERVER_CONFIG = REPOSITORY / "reactive_kernel" / "server" / "jupyter_server_config.json"
INPUTS = ["package.json", "tsconfig.json", "src", "style", "schema"]


def built() -> Path:
    """Return the folder of the bundle, after building it if a source is newer."""
    if newest(BUNDLE / "package.json") < max(newest(SOURCES / name) for name in INPUTS):
        if not (SOURCES / "node_modules").exists():
            jlpm("install", "--immutable")
        jlpm("build")
    return BUNDLE


def install(folder: Path) -> Path:
    """Make the bundle known in a folder for ``JUPYTER_PATH``, and return that."""
    place = folder / "labextensions" / NAME
    place.parent.mkdir(parents=True)
    place.symlink_to(built(), target_is_directory=True)
    return folder


def newest(path: Path) -> float:
    """Return when a file or anything in a folder was changed last; 0 if never."""
    files = path.rglob("*") if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)


def jlpm(*arguments: str) -> None:
    """Run the package manager that comes with JupyterLab's builder."""
    programs = str(Path(sys.executable).parent)
    result = subprocess.run(
        [f"{programs}/jlpm", *arguments],
        cwd=SOURCES,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    if result.returncode != 0:
        raise RuntimeError(f"jlpm {' '.join(arguments)}:\n{result.stdout}")
