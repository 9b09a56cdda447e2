"""Notebooks on disk, as ``.py`` or ``.ipynb``: read with clear errors, written whole.

A file is written beside the old one and then takes its place, so that after a crash at
any moment the old or the new one is there, never a part.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import tempfile
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from reactive_kernel.errors import FormatError
from reactive_kernel.formats.notebook import Keep, from_node, to_node
from reactive_kernel.formats.pyfile_reader import read_page
from reactive_kernel.formats.pyfile_writer import write_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

__all__ = ["read", "replace_file", "text_of", "write"]


def read(path: str | os.PathLike[str]) -> NotebookNode:
    """Return the notebook in a file.

    Raises
    ------
    FormatError
        If the file is no notebook; the error names it, the line, and what to do.
    OSError
        If there is no such file, or it may not be read.
    """
    file = Path(path)
    data = file.read_bytes()
    try:
        if file.suffix == ".ipynb":
            return _from_json(data)
        return to_node(read_page(text_of(data)))
    except FormatError as error:
        raise error.within(str(file)) from None


def write(
    path: str | os.PathLike[str],
    notebook: Mapping[str, Any],
    *,
    metadata: Keep = "clean",
) -> None:
    """Write a notebook to a file, whole or not at all.

    Parameters
    ----------
    path
        The file; it may exist. What its name ends with says how to write it.
    notebook
        The notebook. A ``.py`` file does not hold its outputs.
    metadata
        Which metadata a ``.py`` file holds; as for `writes`.
    """
    file = Path(path)
    if file.suffix == ".ipynb":
        text = nbformat.v4.writes(nbformat.from_dict(dict(notebook)))
        # A lone surrogate is written as JSON writes it.
        data = f"{text}\n".encode(errors="backslashreplace")
    else:
        data = write_page(from_node(notebook, metadata)).encode()
    replace_file(file, data)


def replace_file(path: Path, data: bytes) -> None:
    """Put a file with some content in the place of the one at a path, if any."""
    target = path.resolve()
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    if target.is_dir():
        raise IsADirectoryError(21, "this is a folder", str(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(2, "no such folder", str(path.parent))
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask() if mode is None else mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def text_of(data: bytes) -> str:
    """Return the text of a Python file, which may name its encoding.

    Raises
    ------
    FormatError
        If the bytes are not in that encoding, or are no text at all.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        encoding = "utf-8"
    try:
        return codecs.decode(data, encoding)
    except UnicodeDecodeError as error:
        raise FormatError(
            f"the file is not in {encoding}: byte {data[error.start]:#04x}",
            "save it in UTF-8, or name its encoding in the first line:"
            " # -*- coding: latin-1 -*-",
            line=data.count(b"\n", 0, error.start) + 1,
        ) from None


def _from_json(data: bytes) -> NotebookNode:
    try:
        found = json.loads(data)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"the notebook is no JSON: {error.msg}",
            "restore it from a copy, or correct the line",
            line=error.lineno,
        ) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise FormatError(
            f"the notebook is no JSON: {error}", "restore it from a copy"
        ) from None
    try:
        if found["nbformat"] != 4:
            return nbformat.reads(json.dumps(found), as_version=4)
        return nbformat.v4.reads(json.dumps(found))
    except Exception as error:  # noqa: BLE001  # old and broken notebooks fail in many ways
        raise FormatError(
            f"this is no notebook: {error!r:.100}", "open it in Jupyter to see more"
        ) from None
