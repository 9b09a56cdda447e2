"""``jupyter reactive deps``: what a notebook has to have installed."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions, version
from typing import TYPE_CHECKING

import click
import nbformat

from reactive_kernel.cli.opened import FILE, Opened, opened
from reactive_kernel.formats import rewriter, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["deps"]

_BLOCK = re.compile(r"^# /// script\n(?:^#(?: .*)?\n)*?^# ///$", re.M)
_KNOWN = {
    "PIL": "pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python", "sklearn": "scikit-learn",
    "skimage": "scikit-image", "yaml": "PyYAML", "dateutil": "python-dateutil",
}  # fmt: skip
"""Names of packages that differ from those of their modules, should they be missing."""


@click.command()
@click.argument("file", type=FILE)
@click.option("--pin", is_flag=True, help="With the versions that are installed here.")
@click.option("--write", "save", is_flag=True, help="Put the block into the notebook.")
def deps(file: Path, *, pin: bool, save: bool) -> None:
    """Print what the notebook imports, as a block that uv and pipx understand (PEP 723).

    \b
    jupyter reactive deps nb.py --pin --write
    uv run nb.py

    Modules of the standard library and files beside the notebook are left out.
    """
    notebook = opened(file)
    block = _block(list(_packages(notebook, pin=pin)))
    click.echo(block)
    if save:
        _put(notebook, block)
        write(file, notebook.node, metadata="all")


def _packages(notebook: Opened, *, pin: bool) -> Iterator[str]:
    installed = packages_distributions()
    found: dict[str, None] = {}
    for module in sorted(_modules(notebook), key=str.lower):
        names = installed.get(module)
        package = names[0] if names else _KNOWN.get(module, module)
        if not names:
            click.echo(
                f"{module} is not installed here: taken to be the package {package}",
                err=True,
            )
        found[f"{package}=={version(package)}" if pin and names else package] = None
    return iter(found)


def _modules(notebook: Opened) -> set[str]:
    """Return the top-level modules that live cells import and that are no own files."""
    found = set()
    for cell in notebook.graph.document:
        if not cell.settings.disabled:
            found |= _imported(cell.source)
    folder = notebook.path.resolve().parent
    own = {m for m in found if (folder / f"{m}.py").exists() or (folder / m).is_dir()}
    return found - own - sys.stdlib_module_names


def _imported(source: str) -> set[str]:
    try:
        tree = ast.parse(rewriter()(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found |= {name.name.partition(".")[0] for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
            case _:
                pass
    return found


def _block(packages: list[str]) -> str:
    python = ".".join(map(str, sys.version_info[:2]))
    lines = ["# /// script", f'# requires-python = ">={python}"', "# dependencies = ["]
    lines += [f'#   "{package}",' for package in packages]
    return "\n".join([*lines, "# ]", "# ///"])


def _put(notebook: Opened, block: str) -> None:
    """Put a block into its cell, or into a new one at the top."""
    for cell in notebook.node["cells"]:
        if cell["cell_type"] == "code" and _BLOCK.search(cell["source"]):
            cell["source"] = _BLOCK.sub(lambda _: block, cell["source"], count=1)
            return
    cell = nbformat.v4.new_code_cell(block)
    if notebook.node["nbformat_minor"] < 5:
        del cell["id"]
    notebook.node["cells"].insert(0, cell)
