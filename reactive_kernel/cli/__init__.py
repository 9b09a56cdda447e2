"""The command line: ``jupyter reactive``.

Each command is a module of its own; `main` puts them together. What a command says
about a notebook goes to stdout, so that it can be piped; progress and errors go to
stderr. Exit codes: 0, all is well; 1, the notebook has a problem; 2, the command could
not be carried out.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run ``jupyter reactive``."""
    try:
        import click  # noqa: F401
        import nbformat  # noqa: F401
        import rich  # noqa: F401
    except ImportError as error:
        sys.stderr.write(
            f"jupyter reactive needs {error.name}: pip install 'reactive-kernel[cli]'\n"
        )
        sys.exit(2)
    from reactive_kernel.cli.main import reactive

    reactive(prog_name="jupyter reactive")
