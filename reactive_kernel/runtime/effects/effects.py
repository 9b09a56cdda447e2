"""The versions of everything outside of the namespace that cells share.

>>> import random
>>> effects = Effects()
>>> trace = effects.begin("a", lambda name: None)
>>> first = random.random()
>>> sorted(effects.end("a", trace).changed)
['random generator']
>>> trace = effects.begin("a", lambda name: None)  # run it again
>>> first == random.random()
True
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.planning import ABSENT
from reactive_kernel.runtime.effects import trace as tracing
from reactive_kernel.runtime.effects.environment import PREFIX, changes, put
from reactive_kernel.runtime.effects.files import Content, Files, FileUse, is_folder
from reactive_kernel.runtime.effects.generators import GENERATORS
from reactive_kernel.runtime.effects.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.planning import Token
    from reactive_kernel.runtime.effects.trace import Trace

__all__ = ["EFFECTS", "Effects", "Touched", "package"]

_ALL: Final = {setting.name: setting for setting in (*GENERATORS, *SETTINGS)}

EFFECTS: Final = frozenset(
    {"files", "environment", *(setting.effect for setting in _ALL.values())}
)
"""The kinds of effects that can be followed."""

_AUDITED: Final = frozenset({"files", "directory", "environment", "path", "warnings"})
"""Kinds that cannot do without audit events."""

KEPT: Final = 64 * 2**20
"""So many bytes of files are kept in all; the oldest are given up first."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What a run did outside of the namespace.

    Parameters
    ----------
    reads
        Names that it read and had not set itself.
    anew
        Names that it set without any need of an earlier state.
    changed
        Names that it read and changed.
    tokens
        For each name that it set or changed, the token of the version that it left.
    """

    reads: frozenset[str] = frozenset()
    anew: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    tokens: Mapping[str, Token] = field(default_factory=dict)


class Effects:
    """The states that cells left things in.

    Parameters
    ----------
    followed
        The kinds of effects to look after.

    Attributes
    ----------
    settings
        The settings that are followed, by name.
    outside
        For each file that cells read and none of them has written: the token of what
        it held when it was last looked at.
    """

    def __init__(self, followed: Collection[str] = EFFECTS) -> None:
        self._left: dict[CellId, dict[str, Any]] = {}
        self._start: dict[str, Any] = {}
        self._before: dict[str, object] = {}
        # As the run before left it: nothing else happens between two runs of a cascade.
        self._latest: dict[str, object] = {}
        self._holder: dict[str, CellId] = {}
        self.outside: dict[str, Token] = {}
        self._files = Files()
        self.follow(followed)

    def follow(self, followed: Collection[str]) -> None:
        """Look after these kinds of effects from now on.

        What cells have left of other kinds stays as it is, and is forgotten.
        """
        self.settings = {n: s for n, s in _ALL.items() if s.effect in followed}
        self._follows_files = "files" in followed
        self._follows_environment = "environment" in followed
        self._is_audited = not _AUDITED.isdisjoint(followed)
        if not self._follows_files:
            self._files = Files()
        for table in (self._start, *self._left.values()):
            for name in [name for name in table if not self._knows(name)]:
                del table[name]
        self._holder = {n: cell for n, cell in self._holder.items() if self._knows(n)}

    def _knows(self, name: str) -> bool:
        """Tell whether a name is of a kind that is looked after."""
        if name in _ALL:
            return name in self.settings
        if name.startswith(PREFIX):
            return self._follows_environment
        return self._follows_files

    def _states(self) -> dict[str, object]:
        """Return the state of each setting that has one."""
        found = {name: setting.get() for name, setting in self.settings.items()}
        return {name: state for name, state in found.items() if state is not None}

    # A run

    def begin(
        self, cell: CellId, above: Callable[[str], CellId | None], source: str = ""
    ) -> Trace:
        """Put everything into the state that a cell shall find, and watch it.

        Parameters
        ----------
        cell
            The cell; what it left before is forgotten.
        above
            For a name, the cell above that last left a version of it.
        source
            The text that is about to run.
        """
        self.forget(cell)
        self._show((name, above(name)) for name in self._start)
        if "matplotlib settings" in self.settings:
            tracing.watch_settings()
        self._before = (
            self._latest if self._latest and not self._start else self._states()
        )
        return tracing.begin(source, audited=self._is_audited)

    def _show(self, wanted: Iterable[tuple[str, CellId | None]]) -> None:
        """Put a cell's version of each name in place (None: the state at the start)."""
        for name, writer in wanted:
            state = self._start[name] if writer is None else self._left[writer][name]
            if name in self.settings:
                setting = self.settings[name]
                if setting.get() != state:
                    setting.put(state)
            elif name.startswith(PREFIX):
                put(name, state)
            elif state is not None:
                self._files.put(name, state)
                self._hold(name, writer, state.token)

    def _hold(self, name: str, writer: CellId | None, token: Token) -> None:
        if writer is not None and self._files.known(name) == token:
            self._holder[name] = writer

    def end(self, cell: CellId, trace: Trace) -> Touched:
        """Write down what a successful run did.

        Parameters
        ----------
        cell
            The cell.
        trace
            What `begin` returned.
        """
        tracing.end()
        before, now = self._before, self._states()
        self._latest = now
        changed = {
            name: state
            for name, state in now.items()
            if name in before
            and before[name] != state
            and self.settings[name].is_changed(trace)
        }
        for name, state in changed.items():
            self._leave(cell, name, before[name], state)
        tokens: dict[str, Token] = {
            name: _state_token(state) for name, state in changed.items()
        }
        variables = self._end_variables(cell, trace)
        used = self._end_files(cell, trace)
        tokens |= {name: _state_token(value) for name, value in variables.items()}
        tokens |= {name: self._files.known(name) for name in used.anew | used.changed}
        reads = self._read(trace) | used.reads
        anew = used.anew | (variables.keys() - reads)
        altered = used.changed | changed.keys() | (variables.keys() & reads)
        return Touched(reads, anew, altered, tokens)

    def _leave(self, cell: CellId, name: str, before: object, state: object) -> None:
        self._start.setdefault(name, before)
        self._left.setdefault(cell, {})[name] = state

    def _read(self, trace: Trace) -> frozenset[str]:
        """Return the settings and variables that a run read and had not set itself."""
        found = {name for name, s in self.settings.items() if s.is_read(trace)}
        if self._follows_environment:
            found |= {PREFIX + key for key in trace.variables}
        return frozenset(found)

    def _end_variables(self, cell: CellId, trace: Trace) -> dict[str, str | None]:
        if not self._follows_environment:
            return {}
        found = changes(trace)
        for name, (before, now) in found.items():
            self._leave(cell, name, before, now)
        return {name: now for name, (_before, now) in found.items()}

    def _end_files(self, cell: CellId, trace: Trace) -> FileUse:
        """Write down the files that a run left, and those it read from outside."""
        if not self._follows_files:
            return FileUse()
        used = self._files.used(trace)
        for name in used.anew | used.changed:
            self._leave(cell, name, None, self._files.content(name))
            self._holder[name] = cell
        for name in used.reads - used.anew - used.changed:
            token = self._files.token(name)
            if name not in self._holder:
                self.outside[name] = token
        if used.anew or used.changed:
            self._keep_within_budget()
        return used

    def _keep_within_budget(self) -> None:
        """Give up the data of the files that were left first."""
        kept = [
            (left, name, len(state.data))
            for left in self._left.values()
            for name, state in left.items()
            if isinstance(state, Content) and state.data is not None
        ]
        excess = sum(size for _left, _name, size in kept) - KEPT
        for left, name, size in kept:
            if excess <= 0:
                return
            left[name] = replace(left[name], data=None)
            excess -= size

    def fail(self, cell: CellId, trace: Trace) -> Touched:
        """Undo what an unfinished run changed; return what it did, without versions.

        Files stay as it left them; they are no version.
        """
        touched = self.end(cell, trace)
        self._latest = {}
        for name, state in self._left.pop(cell, {}).items():
            if isinstance(state, Content):
                self.outside[name] = self._files.known(name)
            else:
                before = self._before.get(name, trace.replaced.get(_variable(name)))
                self._restore(name, before)
            self._holder.pop(name, None)
        return Touched(touched.reads | touched.changed, touched.anew, touched.changed)

    def _restore(self, name: str, state: Any) -> None:
        if name in self.settings:
            self.settings[name].put(state)
        else:
            put(name, state)

    # Between runs

    def settle(self, last: Callable[[str], CellId | None]) -> None:
        """Put everything into the state that the last cell left.

        Parameters
        ----------
        last
            For a name, the cell that leaves its last version.
        """
        self._latest = {}
        self._show((name, last(name)) for name in self._start)
        held = {name for left in self._left.values() for name in left}
        self._start = {n: state for n, state in self._start.items() if n in held}

    def left(self, cell: CellId, name: str) -> bool:
        """Tell whether a cell left a version of a name when it last ran."""
        return name in self._left.get(cell, ())

    def has(self, cell: CellId, name: str) -> bool:
        """Tell whether a cell's version of a name is in place or can be put there."""
        state = self._left.get(cell, {}).get(name)
        if not isinstance(state, Content) or is_folder(name):
            # Nobody can bring back which files there were, nor would a rerun.
            return True
        return state.data is not None or self._files.known(name) == state.token

    def look(self) -> tuple[set[str], dict[CellId, set[str]]]:
        """Find out which files were changed by somebody else since they were used.

        Returns
        -------
        set
            The files that no cell had written.
        dict
            For each cell that had written some: these.
        """
        overtaken: dict[CellId, set[str]] = {}
        found = self._files.overtaken()
        for name, token in found.items():
            self.outside[name] = token
            holder = self._holder.pop(name, None)
            if holder is not None:
                overtaken.setdefault(holder, set()).add(name)
        return set(found), overtaken

    @property
    def unsettled(self) -> list[str]:
        """The files that cells have left versions of."""
        states = (pair for left in self._left.values() for pair in left.items())
        return list({name for name, state in states if isinstance(state, Content)})

    def put_away(self, cell: CellId, only: Container[str] | None = None) -> None:
        """Let the files that a cell left, or only some of them, be nobody's."""
        for name in self._left.get(cell, ()):
            if self._holder.get(name) == cell and (only is None or name in only):
                del self._holder[name]
                self.outside[name] = self._files.known(name)

    def bring_back(self, cell: CellId) -> None:
        """Let the files that a cell left be its own again, if they are as it left them."""
        for name, state in self._left.get(cell, {}).items():
            if isinstance(state, Content):
                self._hold(name, cell, state.token)

    def forget(self, cell: CellId) -> None:
        """Drop what a cell left; its files stay, and are nobody's now."""
        self.put_away(cell)
        self._left.pop(cell, None)

    def rename(self, old: CellId, new: CellId) -> None:
        """Enter what a cell left under another id."""
        if old not in self._left:
            return
        self._left[new] = left = self._left.pop(old)
        for name in left:
            if self._holder.get(name) == old:
                self._holder[name] = new


_NAMED: Final = frozenset({type, FunctionType, BuiltinFunctionType})


def package(value: Any) -> str:
    """Return the package that a module, class, function or instance comes from."""
    # The object itself is not asked anything: it might run code of its own.
    kind: Any = type(value)
    if kind is ModuleType:
        module = vars(value).get("__name__")
    else:
        module = (value if kind in _NAMED else kind).__module__
    return str(module).partition(".")[0]


def _variable(name: str) -> str:
    return name.removeprefix(PREFIX)


def _state_token(state: object) -> Token:
    """Return a token of a state; equal states have equal ones."""
    if state is None:
        return ABSENT
    try:
        return ("state", hash(state))
    except TypeError:
        return ("state", repr(state))
