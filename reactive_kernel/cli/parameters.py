"""Options of a command line that override parameters and widgets of a notebook."""

from __future__ import annotations

import argparse
import ast
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reactive_kernel.formats import options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["overrides"]

_TYPES: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "str": str,
    "literal": ast.literal_eval,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise instead of leaving the process."""
        known = ", ".join(
            action.option_strings[0]
            for action in self._actions
            if action.option_strings
        )
        known = (
            known or "none: no cell is tagged `parameters`, and no widget has a name"
        )
        raise click.UsageError(f"{message}; options of this notebook: {known}")


def overrides(
    notebook: Mapping[str, Any], arguments: Sequence[str]
) -> dict[str, list[str]]:
    """Return the statements that the arguments ask for, by the cells to run them after.

    Raises
    ------
    click.UsageError
        If the notebook has no such parameter, or not of that type.
    """
    parser = _Parser(
        add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    known = {option.name: (cell, option) for cell, option in options(notebook)}
    for name, (_, option) in known.items():
        flags = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
        if option.kind == "bool":
            parser.add_argument(
                *flags, dest=name, action=argparse.BooleanOptionalAction
            )
        else:
            parser.add_argument(*flags, dest=name, type=_TYPES[option.kind])
    found: dict[str, list[str]] = {}
    for name, value in vars(parser.parse_args(list(arguments))).items():
        cell, option = known[name]
        target = f"{name}.value" if option.widget else name
        found.setdefault(cell, []).append(f"{target} = {value!r}")
    return found
