"""A layer over any contents manager: it serves ``.py`` notebooks as notebooks.

The manager below reads and writes files; the layer turns texts into notebooks and back
in between. So it works with files on disk as with any other store. Which ``.py`` files
are notebooks their content says: those with the header of our format. Others are texts,
unless a client asks for a notebook.

Managers are either synchronous or asynchronous. The layer is written once, as
coroutines, which never wait if the manager below does not.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from jupyter_server.services.contents.fileio import FileManagerMixin

from reactive_kernel.formats import replace_file
from reactive_kernel.server.serving import (
    Below,
    Model,
    as_files,
    got,
    is_at_work,
    saved,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

__all__ = ["layered"]

T = TypeVar("T")

_BOTH: Final = (".py", ".ipynb")


@lru_cache
def layered(below: Any) -> Any:
    """Return a class of contents managers that serves ``.py`` notebooks, too.

    Parameters
    ----------
    below
        The class that reads and writes files; synchronous or not.
    """
    if issubclass(below, (_Layer, _AsyncLayer)):
        return below
    waits = inspect.iscoroutinefunction(getattr(below, "get", None))
    layer = _AsyncLayer if waits else _Layer
    files = (_WholeFiles,) if issubclass(below, FileManagerMixin) else ()
    name = f"PyNotebooksOver{below.__name__}"
    return type(name, (layer, *files, below), {"__doc__": below.__doc__})


class _AsyncLayer:
    """The layer over a manager with coroutines."""

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        **more: Any,
    ) -> Model:
        """Return the model of a file or folder; of a notebook if the file is one."""
        asked = {"content": content, "type": type, "format": format, **more}
        return await got(_below(self, super()), path, asked)

    async def save(self, model: Model, path: str = "") -> Model:
        """Save a file or folder, and a notebook as its name says."""
        return await saved(_below(self, super()), path, model)

    async def copy(self, from_path: str, to_path: str | None = None) -> Model:
        """Copy a file as it is."""
        below: Any = super()
        with as_files():
            model: Model = await below.copy(from_path, to_path)
        return model

    async def create_checkpoint(self, path: str) -> Model:
        """Keep a copy of a file as it is."""
        below: Any = super()
        with as_files():
            model: Model = await below.create_checkpoint(path)
        return model

    async def restore_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Put the copy in the place of the file."""
        below: Any = super()
        with as_files():
            await below.restore_checkpoint(checkpoint_id, path)


class _Layer:
    """The layer over a manager with functions."""

    def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        **more: Any,
    ) -> Model:
        """Return the model of a file or folder; of a notebook if the file is one."""
        asked = {"content": content, "type": type, "format": format, **more}
        return _at_once(got(_below(self, super()), path, asked))

    def save(self, model: Model, path: str = "") -> Model:
        """Save a file or folder, and a notebook as its name says."""
        return _at_once(saved(_below(self, super()), path, model))

    def copy(self, from_path: str, to_path: str | None = None) -> Model:
        """Copy a file as it is."""
        below: Any = super()
        with as_files():
            model: Model = below.copy(from_path, to_path)
        return model

    def create_checkpoint(self, path: str) -> Model:
        """Keep a copy of a file as it is."""
        below: Any = super()
        with as_files():
            model: Model = below.create_checkpoint(path)
        return model

    def restore_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Put the copy in the place of the file."""
        below: Any = super()
        with as_files():
            below.restore_checkpoint(checkpoint_id, path)


class _WholeFiles:
    """Writes notebooks whole or not at all, for managers of files on disk."""

    @contextlib.contextmanager
    def atomic_writing(self, os_path: str, *args: Any, **options: Any) -> Iterator[Any]:
        """Give a file to write to, which then takes the place of the one at a path."""
        manager: Any = self
        below = super().atomic_writing(os_path, *args, **options)  # type: ignore[misc]
        path = Path(os_path)
        ours = is_at_work() and path.suffix in _BOTH and manager.use_atomic_writing
        # A file in a folder that may not be written to can only be written in place.
        if not ours or not os.access(path.resolve().parent, os.W_OK):
            with below as file:
                yield file
            return
        text = options.get("text", args[0] if args else True)
        buffer: Any = io.StringIO(newline="\n") if text else io.BytesIO()
        with manager.perm_to_403(os_path):
            yield buffer
            data = buffer.getvalue()
            replace_file(path, data.encode() if text else data)


def _below(manager: Any, below: Any) -> Below:
    return Below(manager, below.get, below.save)


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise RuntimeError("a synchronous contents manager has waited")
