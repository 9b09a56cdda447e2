"""The record of what one cell takes from other cells and gives to them.

All names are names of the notebook's one namespace (module level). A record is a
value: analysing the same text twice gives equal records, and none is ever changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from reactive_kernel.diagnostic import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MODULE", "DefUse", "Deferred", "Definition", "Kind", "Observation", "Side"]

MODULE = "module "
"""How the name begins that stands for an imported package, which all cells share."""


class Kind(StrEnum):
    """How a name was bound."""

    VARIABLE = "variable"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"


class Side(Enum):
    """What a cell may do to names."""

    READS = auto()
    BINDS = auto()
    MUTATES = auto()


@dataclass(frozen=True, slots=True)
class Definition:
    """One name that a cell binds, and where it does so first."""

    name: str
    kind: Kind
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """What happens to the namespace when the value of a bound name is *called*.

    A function reads its globals when it is called, so they belong to the caller
    (docs/semantics, "Deferred uses").

    Parameters
    ----------
    uses
        Names that the body looks up when it is called.
    mutates
        Names whose objects the body changes in place.
    binds
        Names that the body assigns or deletes through ``global``.
    carries
        Names loaded when the value was made, whose own deferred uses travel with it:
        ``g = partial(f, 1)`` carries ``f``. They are bound where the value was made,
        not where it is called.
    """

    uses: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    carries: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.uses or self.mutates or self.binds or self.carries)


@dataclass(frozen=True, slots=True)
class DefUse:
    """The definitions and uses of one cell.

    Parameters
    ----------
    definitions
        Names that the cell binds, or may bind, and that outlive it.
    uses
        Names that the cell takes from outside when it runs (exposed uses), each with
        the place of its first use. A name that the cell surely binds before it reads
        it is no use; nor is a name it may bind before, if it binds it at all.
    conditional
        Names that the cell may or may not have bound itself by the time it reads them
        (a loop variable after its loop, one branch of an ``if``) and that it does
        define, or deletes again: no uses, but a run may show that they came from
        outside.
    before
        For each use, the names that the cell itself has surely bound by the time of its
        first load; a use not listed has none. ``x = 1; f()`` gives ``f: {x}``, so a
        function ``f`` of another cell that reads ``x`` finds the cell's own ``x``,
        while in ``x = f()`` it finds the one from above.
    mutates
        Names whose object, made elsewhere, the cell changes in place. Also in `uses`.
    told
        Names whose objects tell of their changes themselves: none of `mutates`,
        neither of this cell nor through a function that it calls.
    deletes
        Names that the cell deletes: those of other cells, which are also in `uses`, and
        those that it had surely bound itself; they are gone for the cells below.
    deferred
        For each bound name that has any: what happens when its value is called.
    imports
        For each package that the cell imports, the name that stands for it.
    patches
        What the cell imports and changes in place itself, by its full name.
    star_imports
        Modules that the cell imports ``*`` from: their names appear only at run time.
    opaque
        Constructs whose effect on the namespace shows only at run time: ``%run``,
        ``exec``, ``globals()``, magics we do not know. In order of appearance.
    asks_input
        The cell calls ``input()`` or ``getpass()``.
    diagnostics
        Findings that need no other cell to be seen.
    broken
        The source does not parse; everything but `diagnostics` is empty.
    closed
        What is known to the end, because the cell's author has said so: neither a run
        nor a call of another cell's function adds to it.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    uses: Mapping[str, Span | None] = field(default_factory=dict)
    conditional: Mapping[str, Span | None] = field(default_factory=dict)
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    mutates: Mapping[str, Span | None] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    deletes: Mapping[str, Span | None] = field(default_factory=dict)
    deferred: Mapping[str, Deferred] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    star_imports: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    asks_input: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: bool = False
    closed: frozenset[Side] = frozenset()

    def observed(self, seen: Observation) -> DefUse:
        """Return the record with what a run of this very text has shown."""
        static = {
            name: value
            for name, value in self.definitions.items()
            if name not in seen.unbound
        }
        found = {
            name: Definition(name, Kind.VARIABLE)
            for name in sorted(seen.bound - static.keys())
        }
        from_outside = {
            name: span
            for name, span in self.conditional.items()
            if name in seen.from_outside
        }
        deferred = {
            name: value
            for name, value in self.deferred.items()
            if name not in seen.plain
        }
        read = dict.fromkeys(sorted(seen.mutated | seen.shared | seen.read))
        return replace(
            self,
            definitions={**static, **found},
            uses={**read, **self.uses, **from_outside},
            mutates={
                name: span
                for name, span in (
                    *dict.fromkeys(sorted(seen.mutated)).items(),
                    *self.mutates.items(),
                )
                if name not in seen.told
            },
            told=seen.told,
            deferred=deferred,
            asks_input=self.asks_input or seen.asks_input,
            diagnostics=(*self.diagnostics, *self._shown_by(seen)),
        )

    def _shown_by(self, seen: Observation) -> Iterator[Diagnostic]:
        """Yield what the user should know of changes that a run has shown."""
        for name in sorted(seen.mutated - seen.consumed):
            # What is no identifier stands for something outside the namespace.
            if name.isidentifier():
                message = (
                    f"this cell changes `{name}` in place, which showed only when it"
                    f" ran; it counts as a writer of `{name}` from now on: change a copy"
                    " if the cells below should not see it"
                )
                span = self.uses.get(name)
                yield Diagnostic("undeclared-change", Severity.INFO, message, span)
        for name in sorted(seen.consumed):
            message = (
                f"`{name}` is consumed by use and cannot be brought back: to run this"
                " cell again, the cells that make and use it run again, too; keep what"
                " you take from it in a list, or use it in the cell that makes it, to"
                " spare that"
            )
            yield Diagnostic(
                "consumed-by-use", Severity.INFO, message, self.uses.get(name)
            )


@dataclass(frozen=True, slots=True)
class Observation:
    """What a run of a cell showed that its text alone does not.

    Parameters
    ----------
    bound
        Names that the run bound although the text does not say so.
    unbound
        Names that the text may bind and the run did not.
    from_outside
        Conditional names that the run did not bind before it could read them.
    plain
        Names that were bound to plain data, which carries no deferred uses.
    mutated
        Names whose objects the run changed in place although the text does not say so.
    consumed
        Names whose objects the run used, and which nobody can bring back.
    shared
        Names that the run did not load: they share what it changed, or an iterator
        that it used reads their objects.
    read
        Names that the run read although the text does not say so: files and settings.
    told
        Names that the text changes in place whose objects tell of it themselves.
    asks_input
        The run asked for input.
    """

    bound: frozenset[str] = frozenset()
    unbound: frozenset[str] = frozenset()
    from_outside: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    mutated: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    asks_input: bool = False


def broken(message: str, span: Span | None) -> DefUse:
    """Return the record of a cell that does not parse."""
    finding = Diagnostic("syntax-error", Severity.ERROR, message, span)
    return DefUse(diagnostics=(finding,), broken=True)
