"""Files as names: who reads and writes which, and what they held.

The token of a file is a digest of its content, or its size and time where it is large.
A small file is kept as a cell left it, so that it can be put back when a cell between
two writers runs again; a large one is made again by the cell that wrote it. Nothing is
ever put back that no cell has written, and nothing is ever removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reactive_kernel.planning import ABSENT
from reactive_kernel.runtime.effects.trace import Trace, getcwd, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reactive_kernel.planning import Token
    from reactive_kernel.runtime.effects.trace import Signature

__all__ = ["Content", "FileUse", "Files"]

DIGESTED: Final = 16 * 2**20
"""Files up to this size, in bytes, are told apart by their content."""
KEPT: Final = 2**20
"""Files up to this size, in bytes, are kept as a cell left them."""
_MANY: Final = 1000
"""So many files of one run are followed, in the order in which it opens them."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held; `data` is None if it was not kept."""

    token: Token
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class FileUse:
    """Which files and folders a run read, wrote anew and changed, by name."""

    reads: frozenset[str] = frozenset()
    anew: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


def is_file(name: str) -> bool:
    """Tell whether a name stands for what is in a file."""
    return name.startswith("file ")


def is_folder(name: str) -> bool:
    """Tell whether a name stands for what files there are in a folder."""
    return name.startswith("folder ")


class Files:
    """The files that cells have touched."""

    def __init__(self) -> None:
        self._home = os.path.join(getcwd(), "")
        self._paths: dict[str, str] = {}
        self._seen: dict[str, tuple[Signature, Token]] = {}

    def name(self, path: str, kind: str = "file") -> str:
        """Return the name of a file; what is below the first folder is shown so."""
        name = f"{kind} {path.removeprefix(self._home)}"
        self._paths[name] = path
        return name

    def token(self, name: str) -> Token:
        """Return the token of what a file or folder holds now."""
        path = self._paths[name]
        now = signature(path)
        known = self._seen.get(name)
        if known is not None and known[0] == now:
            return known[1]
        token = _digest(path, now)
        self._seen[name] = (now, token)
        return token

    def known(self, name: str) -> Token:
        """Return the token that a file had when it was last looked at."""
        return self._seen[name][1] if name in self._seen else ABSENT

    def content(self, name: str) -> Content:
        """Return what a file holds now, with the data if there is little."""
        token = self.token(name)
        size = self._seen[name][0][0]
        data = None
        if is_file(name) and 0 <= size <= KEPT:
            with contextlib.suppress(OSError), open(self._paths[name], "rb") as file:
                data = file.read()
        return Content(token, data)

    def put(self, name: str, content: Content) -> None:
        """Write what a file held, if it was kept and is not there."""
        if content.data is not None and content.token != self.token(name):
            with contextlib.suppress(OSError), open(self._paths[name], "wb") as file:
                file.write(content.data)
            self.token(name)

    def overtaken(self) -> dict[str, Token]:
        """Return the files that hold something else than when last looked at."""
        before = {name: token for name, (_signature, token) in self._seen.items()}
        return {
            name: now
            for name, token in before.items()
            if (now := self.token(name)) != token
        }

    def used(self, trace: Trace) -> FileUse:
        """Return what a run did to files."""
        reads: set[str] = set()
        wrote: dict[str, str] = {}
        folders: set[str] = set()
        for path, how in [*trace.opened, *_by_commands(trace)][:_MANY]:
            if how == "l":
                reads.add(self.name(path, "folder"))
                continue
            name = self.name(path)
            if how in "rsa" and name not in wrote:
                reads.add(name)
            if how not in "rs":
                wrote[name] = "w" if "w" in (how, wrote.get(name)) else how
                if trace.existed.get(path, True) != os.path.lexists(path):
                    folders.add(self.name(os.path.dirname(path), "folder"))
        written = {name for name in wrote if self._is_lasting(name, trace)}
        return FileUse(
            frozenset(n for n in reads if not os.path.isdir(self._paths[n]))
            | set(filter(is_folder, reads)),
            frozenset(n for n in written if wrote[n] != "a" and n not in reads),
            frozenset(n for n in written if wrote[n] == "a" or n in reads) | folders,
        )

    def _is_lasting(self, name: str, trace: Trace) -> bool:
        """Tell whether a written path is a file, and there before or after the run."""
        path = self._paths[name]
        if os.path.isdir(path):
            return False
        return os.path.lexists(path) or trace.existed.get(path, True)


def _digest(path: str, now: Signature) -> Token:
    if now[0] < 0:
        return ABSENT
    try:
        if os.path.isdir(path):
            return ("folder", hash(tuple(sorted(os.listdir(path)))))
        if now[0] > DIGESTED:
            return ("file", *now)
        with open(path, "rb") as file:
            return ("file", hashlib.file_digest(file, "sha1").hexdigest())
    except OSError:
        return ("unreadable", *now)


def _by_commands(trace: Trace) -> Iterator[tuple[str, str]]:
    """Yield what the processes that a run started seem to have done.

    A file that they were told about and that is as it was counts as read; one in the
    working directory that is new or different counts as written.
    """
    for path, before in trace.around.items():
        now = signature(path)
        if now != before:
            trace.existed.setdefault(path, before[0] >= 0)
            yield path, "a"
    for folder, words in trace.commands:
        for word in words:
            path = os.path.normpath(os.path.join(folder, word))
            if os.path.isfile(path) and trace.is_ours(path):
                yield path, "r"
    for folder in {folder for folder, _words in trace.commands}:
        for path in _files_in(folder):
            if path not in trace.around:
                trace.existed.setdefault(path, False)
                yield path, "w"


def _files_in(folder: str) -> list[str]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return [entry.path for entry in entries if entry.is_file()]
    return []
