"""The command line as a whole."""

from __future__ import annotations

import os
from typing import Any

import click

from reactive_kernel._version import __version__
from reactive_kernel.cli.check import check
from reactive_kernel.cli.convert import convert
from reactive_kernel.cli.deps import deps
from reactive_kernel.cli.diff import diff
from reactive_kernel.cli.graph import graph
from reactive_kernel.cli.run import run
from reactive_kernel.cli.slice import slice_command
from reactive_kernel.errors import ReactiveError

__all__ = ["reactive"]


class Commands(click.Group):
    """Tells errors of ours, and of the file system, in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ReactiveError as error:
            raise Failed(str(error)) from None
        except OSError as error:
            what = error.strerror or str(error)
            name = os.fspath(error.filename) if error.filename else ""
            raise Failed(f"{name}: {what.lower()}" if name else what) from None


class Failed(click.ClickException):
    """A command that could not be carried out."""

    exit_code = 2


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="reactive-kernel")
def reactive() -> None:
    """Notebooks as programs: convert, run and check them, and see what depends on what.

    FILE is a notebook, as .ipynb or as a .py file with cells that begin with `# %%`.

    \b
    jupyter reactive convert nb.ipynb nb.py     a file that plain Python runs
    jupyter reactive run nb.py --n=20           run it, with another n
    jupyter reactive check *.ipynb              for CI: exit code 1 if something is wrong
    """


for command in (convert, run, check, graph, deps, slice_command, diff):
    reactive.add_command(command)
