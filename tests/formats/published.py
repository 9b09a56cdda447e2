"""Notebooks that others have published or test with: ``python -m tests.formats.published``.

The command downloads the source distributions of jupytext, nbformat and nbconvert into
``$REACTIVE_NOTEBOOKS`` (or a folder of the user's cache). Where they are not, the tests
that want them are skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.corpus.notebooks import corpus

__all__ = ["FOLDER", "published"]

FOLDER = Path(
    os.environ.get(
        "REACTIVE_NOTEBOOKS", Path.home() / ".cache/reactive-kernel/notebooks"
    )
)
PACKAGES = ("jupytext", "nbformat", "nbconvert")


def published() -> list[Path]:
    """Return all notebooks that are there."""
    # Some names are there to be hard.
    found = sorted(path for path in FOLDER.rglob("*.ipynb") if path.is_file())
    return [*corpus(), *found]


def download() -> None:
    """Download the source distributions and unpack them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    options = ("--no-binary", ":all:", "--no-deps", "--no-build-isolation", "--dest")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", *options, str(FOLDER))
    for package in PACKAGES:
        subprocess.run([*pip, package], check=True)
    for archive in FOLDER.glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(FOLDER, filter="data")


if __name__ == "__main__":
    download()
    sys.stdout.write(f"{len(published())} notebooks, some of them in {FOLDER}\n")
