"""Show the kernel to a Jupyter that lives in another environment.

`pip install` puts a kernel spec beside the packages of its own environment, where
`"python"` means that environment's Python. A Jupyter elsewhere needs a spec of its own
that names this interpreter by its full path.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.kernelspec import KernelSpecManager

__all__ = ["install", "main"]

NAME = "reactive-python"


def install(
    name: str = NAME, display_name: str | None = None, prefix: str | None = None
) -> Path:
    """Install a kernel spec that starts this Python, and return its folder.

    Parameters
    ----------
    name
        What Jupyter's commands and notebooks call the kernel.
    display_name
        What people see in menus; None keeps "Reactive Python".
    prefix
        Install under ``PREFIX/share/jupyter``; None installs for the current user.

    Raises
    ------
    ValueError
        If `name` is no valid kernel name.
    OSError
        If the folder cannot be written.
    """
    with TemporaryDirectory() as temporary:
        # A folder of its own: the temporary one is private, and copying keeps modes.
        folder = Path(temporary) / "spec"
        folder.mkdir()
        _write_spec(folder, display_name)
        place = KernelSpecManager().install_kernel_spec(
            str(folder), name, user=prefix is None, prefix=prefix
        )
    return Path(place)


def _write_spec(folder: Path, display_name: str | None) -> None:
    """Copy the packaged kernel spec, with this interpreter in it."""
    for resource in (files("reactive_kernel") / "kernelspec").iterdir():
        (folder / resource.name).write_bytes(resource.read_bytes())
    file = folder / "kernel.json"
    spec = json.loads(file.read_text(encoding="utf-8"))
    spec["argv"][0] = sys.executable
    if display_name is not None:
        spec["display_name"] = display_name
    file.write_text(json.dumps(spec, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run ``python -m reactive_kernel install`` and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        place = install(options.name, options.display_name, options.prefix)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"Cannot install the kernel {options.name!r}: {error}\n")
        return 1
    sys.stdout.write(f"Installed the kernel {options.name!r} in {place}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reactive_kernel install",
        description="Show this environment's kernel to a Jupyter elsewhere.",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--user",
        dest="prefix",
        action="store_const",
        const=None,
        help="for all Jupyters of the current user (the default)",
    )
    where.add_argument(
        "--sys-prefix",
        dest="prefix",
        action="store_const",
        const=sys.prefix,
        help="for the Jupyter of this environment",
    )
    where.add_argument(
        "--prefix", metavar="P", help="for the Jupyter of the environment in folder P"
    )
    parser.add_argument(
        "--name",
        metavar="N",
        default=NAME,
        help="what commands and notebooks call the kernel (default: %(default)s)",
    )
    parser.add_argument(
        "--display-name",
        metavar="S",
        help='what menus show (default: "Reactive Python")',
    )
    return parser
