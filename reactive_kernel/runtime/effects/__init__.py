"""What cells share outside of the namespace: files, generators, settings.

A fresh run of a notebook depends on more than names: on the files that its cells read
and write, on the global random generators, on the working directory, the environment
and the settings of libraries. Each of these is a *name* here, written with a space so
that no program can bind it (``file data.csv``, ``random generator``, ``environment
variable HOME``), and is bound by the one rule of binding, like any other.

`trace` and `environment` notice what a run touches; `settings` and `files` know the
state of each thing, and can put a state back; `Effects` keeps the versions.
"""

from __future__ import annotations

from reactive_kernel.runtime.effects.effects import EFFECTS, Effects, Touched, package
from reactive_kernel.runtime.effects.files import is_file

__all__ = ["EFFECTS", "Effects", "Touched", "is_file", "package"]
