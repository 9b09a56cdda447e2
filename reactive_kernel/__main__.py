"""Run the kernel, or tell another Jupyter about it.

::

    python -m reactive_kernel -f FILE                  run the kernel (Jupyter does this)
    python -m reactive_kernel install --user           show it to all your Jupyters
    python -m reactive_kernel --version
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["main"]

HELP = """\
usage: python -m reactive_kernel -f FILE       run the kernel (Jupyter does this)
       python -m reactive_kernel install ...   show the kernel to another Jupyter
       python -m reactive_kernel --version
       python -m reactive_kernel --help

Reactive Python is a Jupyter kernel: choose "Reactive Python" in JupyterLab, and
when you run a cell, the cells that depend on it follow.

`pip install` already shows it to the Jupyter of the same environment. For the others,
see `python -m reactive_kernel install --help`.
"""


def main(arguments: list[str]) -> int:
    """Do what the command line asks and return the exit code."""
    match arguments:
        case [] | ["-h" | "--help", *_]:
            sys.stdout.write(HELP)
            return 0
        case ["--version", *_]:
            sys.stdout.write(f"{_versions()}\n")
            return 0
        case ["install", *options]:
            from reactive_kernel.kernel.install import main as install

            return install(options)
        case [word, *_] if not word.startswith("-"):
            sys.stderr.write(f"reactive_kernel: unknown command {word!r}\n\n{HELP}")
            return 2
        case _:
            _run_kernel()
            return 0


def _versions() -> str:
    """Return our version and those that a bug report needs."""
    from importlib.metadata import version
    from platform import python_version

    return (
        f"reactive-kernel {version('reactive-kernel')} "
        f"(ipykernel {version('ipykernel')}, Python {python_version()})"
    )


def _run_kernel() -> None:
    """Run the kernel on `sys.argv` until a client shuts it down."""
    # `python -m` puts the notebook's folder first on the path; a `random.py` there
    # must not replace the standard library's while the kernel itself is imported.
    # IPython puts the folder back before any cell runs.
    if sys.path and Path(sys.path[0]).resolve() == Path.cwd():
        del sys.path[0]

    from reactive_kernel.kernel.app import main as run

    run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
