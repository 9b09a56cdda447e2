"""Small notebooks, and when two are the same but for outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["kept", "notebook_of"]


def notebook_of(*cells: Any, **metadata: Any) -> NotebookNode:
    """Return a notebook whose cells are called a, b, c …; a text is a code cell."""
    made = []
    for id, cell in zip(ascii_lowercase, cells, strict=False):
        content = {"source": cell} if isinstance(cell, str) else cell
        made.append({"cell_type": "code", "id": id, "metadata": {}, **content})
    for cell in made:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}
    )


def kept(notebook: Mapping[str, Any]) -> str:
    """Return all of a notebook that a file has to keep, as a text to compare."""
    cells = [
        {
            key: value
            for key, value in cell.items()
            if key not in ("outputs", "execution_count")
        }
        for cell in notebook["cells"]
    ]
    return json.dumps({**notebook, "cells": cells}, sort_keys=True, indent=1)
