"""What a run touches outside of the namespace, noticed while it runs.

Python raises audit events when files are opened, renamed or removed, when modules are
imported and when processes are started. With a hook each event costs some 150 ns, also
those that nobody wants, of which the call of `id` is the most frequent. A hook can never
be removed, so there is one for the whole process, which reports to the trace of the run
in progress.

What has no event is noticed where it is read: the environment and matplotlib's settings
through a subclass of their own class, and the working directory and whether a file is
there through `os.getcwd` and `os.stat`. What compiled code opens by itself raises no event.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shlex
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "WINDOWS",
    "Signature",
    "Trace",
    "begin",
    "end",
    "getcwd",
    "signature",
    "watch_settings",
]

Signature: TypeAlias = tuple[int, int, int]

getcwd: Final = os.getcwd
"""The system's own, which leaves no trace."""

_stat: Final = os.stat


WINDOWS: Final = frozenset({"backend", "backend_fallback", "interactive", "toolbar"})
"""Settings of matplotlib that no picture shows; it reads them after every cell."""


class Trace:
    """What one run has touched.

    Parameters
    ----------
    source
        The text that runs.

    Attributes
    ----------
    opened
        What happened to files: the absolute path, and ``r`` (read), ``w`` (written
        anew), ``a`` (changed), ``d`` (removed), ``s`` (its status was read) or ``l`` (a
        folder's names were read), in order.
    commands
        The processes that were started: their folder, and the words of their command.
    around
        For each file in the folders of these, its signature before.
    existed
        For each path that was opened to be written, whether it was there before.
    variables
        The environment variables that were read, unless the run had set them.
    replaced
        The environment variables that were set or deleted, with their values before.
    used_directory, used_matplotlib, imported, warned
        Whether the run depends on the working directory or on matplotlib's settings,
        loaded a module, or issued a warning.
    packages
        The packages that the values come from which the run used.
    busy
        An event is being noted.
    """

    __slots__ = (
        "around",
        "busy",
        "commands",
        "existed",
        "imported",
        "opened",
        "packages",
        "replaced",
        "source",
        "used_directory",
        "used_matplotlib",
        "variables",
        "warned",
    )

    def __init__(self, source: str = "") -> None:
        self.source = source
        self.busy = False
        self.opened: list[tuple[str, str]] = []
        self.commands: list[tuple[str, list[str]]] = []
        self.around: dict[str, Signature] = {}
        self.existed: dict[str, bool] = {}
        self.variables: set[str] = set()
        self.replaced: dict[str, str | None] = {}
        self.used_directory = False
        self.used_matplotlib = False
        self.imported = False
        self.warned = False
        self.packages: frozenset[str] = frozenset()

    def touch(self, path: object, how: str) -> None:
        """Note what happened to a file, unless it is none of the notebook's."""
        if isinstance(path, int) or path is None:
            return
        text = os.fsdecode(path)  # type: ignore[arg-type]  # what the system call took
        if not os.path.isabs(text):
            self.used_directory = True
            text = os.path.join(getcwd(), text)
        text = os.path.normpath(text)
        if self.is_ours(text):
            if how in "wa":
                self.existed.setdefault(text, os.path.lexists(text))
            self.opened.append((text, how))

    def reads_variable(self, key: str) -> None:
        """Note that an environment variable was read."""
        if key not in self.replaced:
            self.variables.add(key)

    def is_ours(self, path: str) -> bool:
        """Tell whether a path is not one of the system's or of Python's packages."""
        return not path.startswith(_NOT_OURS)


def signature(path: str) -> Signature:
    """Return a file's size, in bytes, time of change, in ns, and number.

    All are -1 if there is no such file. Equal signatures mean an unchanged file.
    """
    try:
        status = _stat(path)
    except OSError:
        return (-1, -1, -1)
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def _not_ours() -> tuple[str, ...]:
    """Return where the files of the system, of Python and of its packages are."""
    home = os.path.expanduser("~")
    found = {
        *(getattr(sys, name) for name in ("prefix", "base_prefix", "exec_prefix")),
        *(path for path in sys.path if path.endswith("-packages")),
        *(os.path.join(home, name) for name in _PRIVATE),
        *(value for key, value in os.environ.items() if _KEEPS_PRIVATE(key)),
        *_SYSTEM,
    }
    return tuple(os.path.join(path, "") for path in sorted(found))


_SYSTEM: Final = ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/bin", "/run")
_PRIVATE: Final = (".cache", ".config", ".ipython", ".jupyter", ".local")
_KEEPS_PRIVATE: Final = re.compile(
    r"(JUPYTER\w*|IPYTHON|MPLCONFIG|MATPLOTLIBDATA)(_?DIR|_PATH)$"
    r"|XDG_(CACHE|CONFIG|DATA|STATE)_HOME$"
).match
_NOT_OURS: Final = _not_ours()

_current: Trace | None = None


def begin(source: str = "", *, audited: bool = True) -> Trace:
    """Start to note what a text does when it runs, and return where it is noted.

    Parameters
    ----------
    source
        The text.
    audited
        Whether files, imports and processes are to be noted.
    """
    global _current
    _watch()
    if audited:
        _audit()
    _current = Trace(source)
    return _current


def end() -> None:
    """Note nothing more."""
    global _current
    _current = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    trace = _current
    if trace is None or trace.busy or (note := _EVENTS.get(event)) is None:
        return
    by = sys._getframe(1).f_code.co_filename
    if note is _imported or not _is_for_source(by):
        _report(trace, note, arguments)


def _report(
    trace: Trace, note: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    """Note something that the user's code is about to do."""
    trace.busy = True  # what is done in here raises events, too
    # An exception would forbid what the user's code is about to do.
    with contextlib.suppress(OSError, TypeError, ValueError):
        note(trace, *arguments)
    trace.busy = False


def _opened(trace: Trace, path: object, _mode: object, flags: int) -> None:
    if flags & os.O_ACCMODE == os.O_RDONLY:
        how = "r"
    else:
        how = "w" if flags & (os.O_TRUNC | os.O_EXCL) else "a"
    trace.touch(path, how)


def _is_for_source(filename: str) -> bool:
    """Tell whether a file opens others to load modules or to show lines of source."""
    return filename.startswith("<frozen importlib") or filename.endswith(_SHOWS_SOURCE)


_SHOWS_SOURCE: Final = ("tokenize.py", "linecache.py", "inspect.py")


def _moved(trace: Trace, source: object, target: object, *_rest: object) -> None:
    _copied(trace, source, target)
    trace.touch(source, "d")


def _copied(trace: Trace, source: object, target: object, *_rest: object) -> None:
    trace.touch(source, "r")
    trace.touch(target, "w")


def _noting(how: str) -> Callable[..., None]:
    return lambda trace, path, *_rest: trace.touch(path, how)


_status_read: Final = _noting("s")


def _imported(trace: Trace, *_rest: object) -> None:
    trace.imported = True


def _started(trace: Trace, *arguments: object) -> None:
    """Note a process; what it reads and writes is found out when it is over."""
    trace.used_directory = True
    trace.variables.update(os.environ.keys() - trace.replaced.keys())
    said: list[str] = []
    for argument in arguments:
        parts = argument if isinstance(argument, list | tuple) else [argument]
        for part in parts:
            if isinstance(part, str | bytes):
                said += _words(os.fsdecode(part))
    # What is fed to a shell, as the body of `%%bash` is, stands in the cell.
    said += _words(trace.source)
    folder = getcwd()
    trace.commands.append((folder, said))
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, 1000):
            if entry.is_file():
                trace.around.setdefault(entry.path, signature(entry.path))


def _forked(trace: Trace, *_nothing: object) -> None:
    """Note a process of which no arguments are told.

    IPython runs ``!command`` with ptyprocess, whose function for it has them at hand.
    """
    _started(trace, sys._getframe(3).f_locals.get("argv", ()))


def _words(command: str) -> list[str]:
    """Return the words of a command line, as a shell would part them."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


_EVENTS: Final[dict[str, Callable[..., None]]] = {
    "open": _opened,
    "os.rename": _moved,
    "os.remove": _noting("d"),
    "os.rmdir": _noting("d"),
    "os.truncate": _noting("a"),
    "os.mkdir": _noting("w"),
    "os.link": _copied,
    "os.symlink": _copied,
    "os.listdir": _noting("l"),
    "os.scandir": _noting("l"),
    "shutil.copyfile": _copied,
    "sqlite3.connect": _noting("a"),
    "import": _imported,
    "subprocess.Popen": _started,
    "os.system": _started,
    "os.posix_spawn": _started,
    "os.fork": _forked,
    "os.forkpty": _forked,
}


@functools.cache
def _audit() -> None:
    """Put the hook in place, once for the process."""
    sys.addaudithook(_hook)


@functools.cache
def _watch() -> None:
    """Put in place what notices reads that raise no event, once for the process."""
    _watch_environment()
    os.getcwd = _getcwd
    os.stat = _watched_stat
    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if _stat in able:
            able.add(_watched_stat)


@functools.wraps(getcwd)
def _getcwd() -> str:
    if _current is not None:
        _current.used_directory = True
    return getcwd()


@functools.wraps(_stat)
def _watched_stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
    trace = _current
    if trace is not None and not trace.busy:
        by = sys._getframe(1).f_code.co_filename
        if not _is_for_source(by):
            _report(trace, _status_read, (path,))
    return _stat(path, *args, **kwargs)


def _watch_environment() -> None:
    plain: Any = type(os.environ)

    class Environment(plain):  # type: ignore[misc]  # the class is known at run time
        def __getitem__(self, key: str) -> str:
            if _current is not None and type(key) is str:
                _current.reads_variable(key)
            return str(super().__getitem__(key))

        def __setitem__(self, key: str, value: str) -> None:
            self._note(key)
            super().__setitem__(key, value)

        def __delitem__(self, key: str) -> None:
            self._note(key)
            super().__delitem__(key)

        def _note(self, key: str) -> None:
            if _current is None or type(key) is not str or key in _current.replaced:
                return
            _current.replaced[key] = None
            with contextlib.suppress(KeyError):
                _current.replaced[key] = plain.__getitem__(self, key)

    os.environ.__class__ = _named_like(plain, Environment)


def watch_settings() -> None:
    """Notice from now on when matplotlib's settings are read, once it is loaded."""
    params = getattr(sys.modules.get("matplotlib"), "rcParams", None)
    if params is None or type(params).__getitem__ is _read_parameter:
        return
    plain: Any = type(params)
    body = {"__getitem__": _read_parameter}
    params.__class__ = _named_like(plain, type(plain.__name__, (plain,), body))


def _read_parameter(self: Any, key: str) -> object:
    if _current is not None and key not in WINDOWS:
        _current.used_matplotlib = True
    return super(type(self), self).__getitem__(key)


def _named_like(plain: type, watched: type) -> type:
    watched.__name__, watched.__qualname__ = plain.__name__, plain.__qualname__
    watched.__module__ = plain.__module__
    return watched
