"""What happens when a client asks for a ``.py`` file, or saves a notebook as one."""

from __future__ import annotations

import base64
import contextlib
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from reactive_kernel.errors import FormatError
from reactive_kernel.formats import is_ours, reads, text_of, writes
from reactive_kernel.server import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Below", "Model", "as_files", "got", "is_at_work", "saved"]

Model = dict[str, Any]
"""What contents managers take and give: a file or folder, with its content or not."""

MIME_TYPE: Final = "text/x-reactivepy"
"""Tells clients which notebooks are in our files, and not in those of jupytext."""

_at_work: Final[ContextVar[bool]] = ContextVar("at_work", default=False)
_REMEMBERED: Final = 10_000


class ContentError(HTTPError):
    """An error whose text a client shows as it is."""

    def __init__(self, status: int, text: str) -> None:
        self._text = text
        super().__init__(status)

    @property
    def log_message(self) -> str:
        """The text; tornado's own would double each ``%``."""
        return self._text

    @log_message.setter
    def log_message(self, _: str | None) -> None:
        """Older versions of tornado set it."""


@dataclass(frozen=True, slots=True)
class Below:
    """The contents manager under the layer.

    Parameters
    ----------
    manager
        The object as a whole, layer included.
    read, write
        Its methods ``get`` and ``save`` without the layer.
    """

    manager: Any
    read: Callable[..., Any]
    write: Callable[..., Any]

    async def get(self, path: str, asked: Mapping[str, Any]) -> Model:
        """Return the model that the manager itself gives."""
        found: Model = await ensure_async(self.read(path, **asked))
        return found

    async def save(self, path: str, model: Model) -> Model:
        """Let the manager itself save a model, to which ``.py`` files are files."""
        with as_files():
            found: Model = await ensure_async(self.write(model, path))
        return found

    async def exists(self, path: str) -> bool:
        """Return whether there is a file at a path."""
        return bool(await ensure_async(self.manager.file_exists(path)))


@dataclass(slots=True)
class Kinds:
    """Which files are notebooks, so that a listing does not read each of them again."""

    known: OrderedDict[tuple[object, ...], bool] = field(default_factory=OrderedDict)

    async def is_notebook(self, below: Below, path: str) -> bool:
        """Return whether a file has the header of our format."""
        model = await below.get(path, {"content": False, "type": "file"})
        key = (path, model["last_modified"], model.get("size"))
        if key not in self.known:
            _, data = await _content(below, path, {})
            self.known[key] = _has_header(data)
            if len(self.known) > _REMEMBERED:
                self.known.popitem(last=False)
        return self.known[key]


_kinds: Final = Kinds()


@contextlib.contextmanager
def as_files() -> Iterator[None]:
    """Leave ``.py`` notebooks to the manager below, to which they are files."""
    token = _at_work.set(True)
    try:
        yield
    finally:
        _at_work.reset(token)


def is_at_work() -> bool:
    """Return whether ``.py`` notebooks are files at the moment."""
    return _at_work.get()


async def got(below: Below, path: str, asked: Mapping[str, Any]) -> Model:
    """Return the model of a file or folder, as ``ContentsManager.get`` does."""
    path = path.strip("/")
    python = asked["type"] in (None, "notebook") and path.endswith(".py")
    if not python or not await below.exists(path):
        return await below.get(path, asked)
    if is_at_work():
        return await below.get(path, {**asked, "type": "file"})
    if not await _is_asked_for(below, path, asked["type"]):
        return await below.get(path, asked)
    about = {k: v for k, v in asked.items() if k not in ("type", "format")}
    if not asked["content"]:
        model = await below.get(path, {**about, "type": "file"})
    else:
        model, data = await _content(below, path, about)
        model["content"] = await _notebook(below, path, data)
        model["format"] = "json"
        below.manager.validate_notebook_model(model)
    return model | {"type": "notebook", "mimetype": MIME_TYPE}


async def _is_asked_for(below: Below, path: str, type: str | None) -> bool:
    """Return whether a ``.py`` file is a notebook that the layer has to read."""
    if await _kinds.is_notebook(below, path):
        return True
    # Another layer, such as jupytext's, may read it as a notebook.
    return type == "notebook" and not await _is_read_below(below, path)


async def _is_read_below(below: Below, path: str) -> bool:
    model = await below.get(path, {"content": False})
    return bool(model["type"] == "notebook")


async def _content(
    below: Below, path: str, about: Mapping[str, Any]
) -> tuple[Model, bytes]:
    """Return the model of a file, and its bytes."""
    asked = {**about, "content": True, "type": "file", "format": "base64"}
    model = await below.get(path, asked)
    return model, base64.b64decode(model["content"])


def _has_header(data: bytes) -> bool:
    try:
        return is_ours(text_of(data))
    except FormatError:
        return False


async def _notebook(below: Below, path: str, data: bytes) -> Model:
    """Return the notebook in a file, with its outputs if they are kept."""
    try:
        found: Model = reads(text_of(data))
    except FormatError as error:
        raise ContentError(400, str(error.within(path))) from None
    if pairs.is_paired(found):
        with contextlib.suppress(HTTPError):
            pair = await _pair(below, path)
            found = pairs.with_outputs(found, pair) if pair else found
    for cell in found["cells"]:
        if cell["cell_type"] == "code" and not cell["outputs"]:
            cell["metadata"]["trusted"] = True  # There is nothing to trust.
    return found


async def _pair(below: Below, path: str) -> Model | None:
    """Return the notebook that keeps the outputs, if there is one."""
    pair = pairs.pair_of(path)
    if not await below.exists(pair):
        return None
    model = await below.get(pair, {"content": True, "type": "notebook"})
    found: Model = model["content"]
    return found


async def saved(below: Below, path: str, model: Model) -> Model:
    """Save a model, as ``ContentsManager.save`` does; a notebook as its name says."""
    path = path.strip("/")
    if is_at_work() or not await _is_to_be_written(below, path, model):
        found: Model = await ensure_async(below.write(model, path))
        return found
    notebook = model["content"]
    try:
        text = writes(notebook)
    except FormatError as error:
        raise ContentError(400, str(error.within(path))) from None
    paired = pairs.is_paired(notebook)
    if paired:
        await _refuse_to_lose(below, path, notebook)
    file = {**model, "type": "file", "format": "text", "content": text}
    result = await below.save(path, file)
    if paired:
        outputs = {"type": "notebook", "format": "json"}
        await below.save(
            pairs.pair_of(path), {**outputs, "content": pairs.for_pair(notebook)}
        )
    return {**result, "type": "notebook", "mimetype": MIME_TYPE}


async def _is_to_be_written(below: Below, path: str, model: Model) -> bool:
    """Return whether a model is a notebook that the layer has to write."""
    content = model.get("content")
    if model.get("type") != "notebook" or not path.endswith(".py") or not content:
        return False
    if not await below.exists(path):
        own = content["metadata"].get("jupytext", {})
        return not {"text_representation", "formats"} & own.keys()
    if await _kinds.is_notebook(below, path):
        return True
    return not await _is_read_below(below, path)


async def _refuse_to_lose(below: Below, path: str, notebook: Model) -> None:
    """Raise if saving outputs would take the place of something else."""
    try:
        pair = await _pair(below, path)
        if pair:
            pairs.refuse_to_lose(pair, notebook)
    except FormatError as error:
        raise ContentError(409, str(error.within(pairs.pair_of(path)))) from None
