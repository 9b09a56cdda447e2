"""The engine inside an IPython shell, with or without a Jupyter kernel around it.

`ReactiveShell` is mixed into a shell class; `ReactiveDisplayHook` into its display hook;
`ReactiveMagics` is the ``%reactive`` command. None of them knows messages or sockets.
"""

from reactive_kernel.shell.displayhook import ReactiveDisplayHook
from reactive_kernel.shell.magics import ReactiveMagics
from reactive_kernel.shell.names import foreign_names
from reactive_kernel.shell.reactive_shell import ReactiveShell
from reactive_kernel.shell.rewrite import rewriter
from reactive_kernel.shell.traits import Traits, outside_cells
from reactive_kernel.shell.variables import Listing, Variable, variables
from reactive_kernel.shell.words import labels, notes

__all__ = [
    "Listing",
    "ReactiveDisplayHook",
    "ReactiveMagics",
    "ReactiveShell",
    "Traits",
    "Variable",
    "foreign_names",
    "labels",
    "notes",
    "outside_cells",
    "rewriter",
    "variables",
]
