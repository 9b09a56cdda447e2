"""Notebooks as modules: `load_notebook`, an import hook, a pytest plugin.

A module that is a notebook runs nothing when it is loaded. When a name is asked for, the
cells that it needs run, and no others:

    rates = load_notebook("rates.py", rate=0.3)
    rates.tax

Nothing but plain Python is needed for that, no kernel and no IPython.
"""

from __future__ import annotations

from reactive_kernel.loading.hook import import_notebooks
from reactive_kernel.loading.module import NotebookModule, load_notebook

__all__ = ["NotebookModule", "import_notebooks", "load_notebook"]
