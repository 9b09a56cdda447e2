"""Outputs in an ``.ipynb`` beside the ``.py``, for notebooks that ask for it.

Metadata ``{"reactive": {"paired": true}}`` asks for it. The ``.py`` alone says what the
cells are; the ``.ipynb`` gives those cells their outputs whose text it has run. It notes
which cells it was written with: if somebody edits it, it is left alone.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["for_pair", "is_paired", "pair_of", "refuse_to_lose", "with_outputs"]

_SEAL: Final = "pair"
_OF_A_RUN: Final = ("outputs", "execution_count")
_LOOKS: Final = ("collapsed", "scrolled", "trusted")


def pair_of(path: str) -> str:
    """Return the path of the ``.ipynb`` that belongs to a ``.py``."""
    return f"{path.removesuffix('.py')}.ipynb"


def is_paired(notebook: Mapping[str, Any]) -> bool:
    """Return whether a notebook asks for its outputs to be kept."""
    own = notebook.get("metadata", {}).get("reactive")
    return isinstance(own, dict) and own.get("paired") is True


def with_outputs(
    notebook: Mapping[str, Any], pair: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a notebook with the outputs of those cells that the pair has run.

    A cell whose text has changed since has none: they would show something else.
    """
    known = {
        (cell.get("id"), cell["source"]): cell
        for cell in pair["cells"]
        if cell["cell_type"] == "code"
    }
    cells = []
    for cell in notebook["cells"]:
        ran = known.get((cell.get("id"), cell["source"]))
        if cell["cell_type"] == "code" and ran:
            kept = {key: ran[key] for key in _OF_A_RUN}
            looks = {k: v for k, v in ran["metadata"].items() if k in _LOOKS}
            cell = {**cell, **kept, "metadata": {**cell["metadata"], **looks}}
        cells.append(cell)
    widgets = {k: v for k, v in pair["metadata"].items() if k == "widgets"}
    return {
        **notebook,
        "cells": cells,
        "metadata": {**notebook["metadata"], **widgets},
    }


def for_pair(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the ``.ipynb`` of a notebook holds: all, and a note of its cells."""
    metadata = notebook["metadata"]
    own = {**metadata.get("reactive", {}), _SEAL: _seal(notebook["cells"])}
    return {**notebook, "metadata": {**metadata, "reactive": own}}


def refuse_to_lose(pair: Mapping[str, Any], notebook: Mapping[str, Any]) -> None:
    """Raise if an ``.ipynb`` holds cells that would be lost with it.

    Raises
    ------
    FormatError
        If it is not as this notebook has left it, and holds text that the notebook
        does not have.
    """
    own = pair.get("metadata", {}).get("reactive")
    if isinstance(own, dict) and own.get(_SEAL) == _seal(pair["cells"]):
        return
    if _sources(pair["cells"]) <= _sources(notebook["cells"]):
        return
    raise FormatError(
        "it holds cells that the .py notebook does not have",
        "rename it, or take `paired` out of the notebook's metadata",
    )


def _sources(cells: Iterable[Mapping[str, Any]]) -> set[str]:
    return {_text(cell) for cell in cells} - {""}


def _seal(cells: Iterable[Mapping[str, Any]]) -> str:
    """Return a short text that is equal for equal cells."""
    texts = json.dumps([(cell["cell_type"], _text(cell)) for cell in cells])
    return hashlib.blake2b(texts.encode(), digest_size=12).hexdigest()


def _text(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return (source if isinstance(source, str) else "".join(source)).strip()
