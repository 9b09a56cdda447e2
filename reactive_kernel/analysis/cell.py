"""The scope of a cell: which names of the module it takes, gives, and carries along.

A read counts as a use unless the cell has surely bound the name before. If the cell
*may* have bound it before (a loop that may run no time, one arm of an ``if``), the
read is a use only of names that the cell does not define after all: a cell that
defines a name reads its own, except where its own cannot be there yet.

Functions act when they are called. The cell cannot see calls, so loading a function
that it defined itself counts as calling it; and what a value was made from is
remembered with the name it is bound to, for the cells that load that name.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from reactive_kernel.analysis.defuse import MODULE, Deferred, Kind
from reactive_kernel.analysis.flow import Cargo, State, handles
from reactive_kernel.analysis.mutation import words
from reactive_kernel.analysis.scopes import (
    ClassScope,
    Effect,
    FunctionNode,
    FunctionScope,
    Scope,
    names_its_own_namespace,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CellScope", "is_history"]

LAZY_DECORATORS = words(
    "abstractmethod asynccontextmanager cache cached_property classmethod"
    " contextmanager coroutine dispatch final jit lru_cache memoize njit overload"
    " override property singledispatch staticmethod vectorize wraps"
)
"""Decorators known not to call what they decorate."""

Places = dict[str, ast.AST]


class CellScope(Scope):
    """What one cell does to the names of the module.

    `uses`, `changes` and so on map each name to the syntax node of its first mention.
    """

    function_type: type[FunctionScope] = FunctionScope

    def __init__(self) -> None:
        super().__init__(State(set(), set()))
        self.definitions: dict[str, tuple[Kind, ast.AST]] = {}
        self.uses: Places = {}
        self.perhaps: Places = {}  # Uses if the cell does not define the name.
        self.before: dict[str, frozenset[str]] = {}
        self.snapshot: frozenset[str] = frozenset()
        self.deleted_perhaps: Places = {}  # Its own, if it had bound them.
        self.changes: Places = {}
        self.deletes: Places = {}
        self.history: Places = {}
        self.opaque: Places = {}
        self.stars: dict[str, ast.AST] = {}
        self.packages: set[str] = set()
        self.imported: dict[str, str] = {}  # Full names of what imports have bound.
        self.patches: set[str] = set()
        self.unseen: set[str] = set()  # Names met only where nothing runs.
        self.effects: list[Effect] = []
        self.asks_input = False
        self.carried: dict[str, Cargo] = {}
        self.loaded: list[object] = []  # Exposed names and own effects, as loaded.
        self.incoming: Cargo = ()
        self.calls = 0
        self.acting: set[Effect] = set()

    # Reading ----------------------------------------------------------------------

    def load(self, name: str, node: ast.AST) -> None:
        """Read a name, and do what its value does when it is called."""
        if name in self.carried:
            self.load_carried(self.carried[name], node)
        state = self.state
        if name in state.sure:
            return
        if not state.live:
            self.unseen.add(name)
        elif is_history(name) and name not in state.maybe:
            self.history.setdefault(name, node)
        else:
            self.loaded.append(name)
            places = self.perhaps if name in state.maybe else self.uses
            if name not in places:
                places[name] = node
                self.note_bound(name)

    def note_bound(self, use: str) -> None:
        """Note which names are surely bound at the first load of a use."""
        sure = self.state.sure
        if sure and use not in self.before:
            if self.snapshot != sure:
                self.snapshot = frozenset(sure)
            self.before[use] = self.snapshot

    def load_carried(self, cargo: Cargo, node: ast.AST) -> None:
        """Load a value that functions of this cell, or exposed names, went into."""
        for item in cargo:
            if isinstance(item, Effect):
                self.act(item, node)
        self.loaded.extend(cargo)

    def act(self, effect: Effect, node: ast.AST, /) -> None:
        """Do now what calling a function of this cell does."""
        if effect in self.acting:
            return
        self.acting.add(effect)
        mark = len(self.loaded)
        for name in effect.uses:
            self.load(name, node)
        for name in effect.changes:
            self.change(name, node)
        for name in effect.binds:
            self.store_perhaps(name, node)
        for name in effect.specials:
            self.special_name(name, node)
        del self.loaded[mark:]
        self.acting.discard(effect)

    def mark(self) -> int:
        """Return the present, for a later `since`."""
        return len(self.loaded)

    def since(self, mark: int) -> Cargo:
        """Return the exposed names and the effects that were loaded since `mark`."""
        return frozenset(self.loaded[mark:])

    # Binding ----------------------------------------------------------------------

    def bind(self, target: ast.AST, cargo: Cargo) -> None:
        """Bind a target to a value made from `cargo`."""
        self.incoming = cargo
        self.walk(target)
        self.incoming = ()

    def store(self, name: str, node: ast.AST, kind: Kind = Kind.VARIABLE) -> None:
        """Bind a name."""
        state = self.state
        if not state.live:
            self.unseen.add(name)
            return
        state.sure.add(name)
        state.maybe.add(name)
        if kind is not Kind.IMPORT:
            self.imported.pop(name, None)
        if name not in self.definitions:
            self.definitions[name] = (kind, node)
        if self.depth:
            if self.incoming:
                self.carry(name, self.incoming)
        else:
            self.deletes.pop(name, None)
            self.carried.pop(name, None)
            if self.incoming:
                self.carried[name] = self.incoming

    def store_perhaps(self, name: str, node: ast.AST) -> None:
        """Bind a name, or not."""
        if self.state.live:
            self.state.maybe.add(name)
            self.definitions.setdefault(name, (Kind.VARIABLE, node))

    def store_briefly(self, name: str, _node: ast.AST) -> None:
        """Bind a name that does not outlive the statement."""
        self.unseen.add(name)
        if self.state.live:
            self.state.sure.add(name)
            self.state.maybe.add(name)

    def carry(self, name: str, cargo: Cargo) -> None:
        """Note that the value of a name may also hold what is in `cargo`."""
        self.carried[name] = frozenset(self.carried.get(name, ())).union(cargo)

    def delete(self, name: str, node: ast.AST) -> None:
        """Unbind a name: its own, or one of another cell."""
        state = self.state
        self.unseen.add(name)
        if not state.live:
            return
        if name not in state.maybe:
            self.uses.setdefault(name, node)
            self.deletes.setdefault(name, node)
        elif name not in state.sure:
            self.deleted_perhaps.setdefault(name, node)
        elif not self.depth:
            self.deletes.setdefault(name, node)
        state.sure.discard(name)
        if not self.depth:
            self.definitions.pop(name, None)
            self.carried.pop(name, None)

    def change(self, name: str, node: ast.AST, cargo: Cargo = ()) -> None:
        """Change an object in place; it then also holds what was put into it."""
        state = self.state
        if not state.live:
            return
        if name not in state.sure:
            self.changes.setdefault(name, node)
        elif name in self.imported:
            self.patches.add(self.imported[name])
        cargo = cargo or self.incoming
        if cargo:
            self.carry(name, cargo)

    # Functions and classes --------------------------------------------------------

    def new_effect(self) -> Effect:
        """Return an empty effect of a function defined in this cell."""
        effect = Effect()
        self.effects.append(effect)
        return effect

    def function_scope(self, known: Iterable[str], effect: Effect) -> FunctionScope:
        """Return the scope of a function of this cell."""
        return self.function_type(None, set(known), effect)

    def class_scope(self, node: ast.ClassDef, effect: Effect) -> ClassScope:
        """Return the scope of a class of this cell."""
        return ClassScope(self, node.name, effect)

    @handles("FunctionDef", "AsyncFunctionDef")
    def function(self, node: FunctionNode) -> None:
        """Walk a function definition; most decorators may call what they are given."""
        mark = self.mark()
        effect = self.new_effect()
        self.walk_all(node.decorator_list)
        self.make_function(node, effect)
        if not all(is_lazy(decorator) for decorator in node.decorator_list):
            known = node.name in effect.uses
            effect.uses.discard(node.name)
            self.act(effect, node)
            if known:
                effect.uses.add(node.name)
        self.store_made(node.name, node, Kind.FUNCTION, effect, mark)

    @handles("Lambda")
    def make_lambda(self, node: ast.Lambda) -> None:
        """Walk a lambda; inside a call it may be called at once."""
        effect = self.new_effect()
        self.make_function(node, effect)
        if self.calls:
            self.act(effect, node)
        if effect:
            self.loaded.append(effect)

    @handles("ClassDef")
    def class_definition(self, node: ast.ClassDef) -> None:
        """Walk a class definition."""
        mark = self.mark()
        effect = self.new_effect()
        self.walk_all(node.decorator_list)
        self.make_class(node, effect)
        self.store_made(node.name, node, Kind.CLASS, effect, mark)

    def store_made(
        self, name: str, node: ast.AST, kind: Kind, effect: Effect, mark: int
    ) -> None:
        """Bind a function or class, which carries what was loaded since `mark`."""
        cargo = {*self.since(mark)}
        if effect or effect.specials:
            cargo.add(effect)
        self.incoming = cargo
        self.store(name, node, kind)
        self.incoming = ()

    @handles("TypeAlias")
    def type_alias(self, node: ast.AST) -> None:
        """Walk ``type X = value``."""
        effect = self.new_effect()
        self.incoming = {effect}
        self.make_alias(node, effect)
        self.incoming = ()

    def walk_call(self, node: ast.Call) -> None:
        """Walk the parts of a call."""
        self.calls += 1
        super().walk_call(node)
        self.calls -= 1

    # Effects that no name shows ---------------------------------------------------

    def special(self, name: str, node: ast.Call) -> None:
        """Call a function with effects that no name shows."""
        if not names_its_own_namespace(node):
            self.special_name(name, node)

    def special_name(self, name: str, node: ast.AST) -> None:
        """Note what calling ``exec``, ``input`` and the like means."""
        if not self.state.live:
            return
        if name == "getpass":
            self.asks_input = True
        elif name in self.state.sure:
            return
        elif name == "input":
            self.asks_input = True
        else:
            self.opaque.setdefault(name, node)

    def import_star(self, module: str, node: ast.ImportFrom) -> None:
        """Walk ``from m import *``."""
        if self.state.live:
            self.stars.setdefault(module, node)

    @handles("Import")
    def import_modules(self, node: ast.Import) -> None:
        """Walk ``import a.b``, and note what the name stands for."""
        super().import_modules(node)
        for alias in node.names:
            package = alias.name.partition(".")[0]
            self.packages.add(MODULE + package)
            if alias.asname:
                self.imported[alias.asname] = alias.name
            else:
                self.imported[package] = package

    @handles("ImportFrom")
    def import_names(self, node: ast.ImportFrom) -> None:
        """Walk ``from m import a``; a future import changes what follows."""
        if node.module and not node.level:
            self.packages.add(MODULE + node.module.partition(".")[0])
            for alias in node.names:
                name = alias.asname or alias.name
                self.imported[name] = f"{node.module}.{alias.name}"
        if node.module == "__future__":
            self.future_annotations |= any(
                alias.name == "annotations" for alias in node.names
            )
        super().import_names(node)

    # Results ----------------------------------------------------------------------

    def exposed(self) -> Places:
        """Return the uses of the cell, in order of their first mention."""
        own = self.definitions
        late = {
            name: node
            for name, node in self.perhaps.items()
            if name not in own and not is_history(name)
        }
        return {**self.uses, **late} if late else self.uses

    def uncertain(self, exposed: Places) -> Places:
        """Return the reads of names that the cell may have bound before, or not."""
        reads = {**self.perhaps, **self.deleted_perhaps}
        return {name: node for name, node in reads.items() if name not in exposed}

    def bound_before(self, exposed: Places) -> dict[str, frozenset[str]]:
        """Return, for each use, which definitions are there at its first load."""
        own = self.definitions.keys()
        kept = {names: names.intersection(own) for names in set(self.before.values())}
        return {
            name: kept[names]
            for name, names in self.before.items()
            if name in exposed and kept[names]
        }

    def deferred(self, exposed: Places) -> dict[str, Deferred]:
        """Return what calling the value of each bound or changed name does."""
        modules = self.modules()
        found = {
            name: deferred_of(cargo, exposed, modules)
            for name, cargo in self.carried.items()
            if name in self.definitions or name in self.changes
        }
        return {name: value for name, value in found.items() if value}

    def modules(self) -> set[str]:
        """Return the names that the cell imports: calling their methods is no change."""
        return {
            name for name, (kind, _) in self.definitions.items() if kind is Kind.IMPORT
        }

    def names_seen(self) -> set[str]:
        """Return every name of the module that the cell mentions."""
        seen = self.unseen.union(
            self.definitions, self.uses, self.perhaps, self.deletes, self.history
        )
        return seen.union(*(effect.uses | effect.binds for effect in self.effects))


def deferred_of(cargo: Cargo, exposed: Places, modules: set[str]) -> Deferred:
    """Return the record of what a value carries along."""
    effects = [item for item in cargo if isinstance(item, Effect)]
    return Deferred(
        uses=frozenset(
            name for item in effects for name in item.uses if not is_history(name)
        ),
        mutates=frozenset(
            name for item in effects for name in item.changes if name not in modules
        ),
        binds=frozenset(name for item in effects for name in item.binds),
        carries=frozenset(
            item for item in cargo if isinstance(item, str) and item in exposed
        ),
    )


def is_lazy(decorator: ast.expr) -> bool:
    """Return whether a decorator is known not to call the function."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        return decorator.attr in LAZY_DECORATORS
    return isinstance(decorator, ast.Name) and decorator.id in LAZY_DECORATORS


def is_history(name: str) -> bool:
    """Return whether a name stands for an earlier input or output of the session.

    Examples
    --------
    >>> [
    ...     name
    ...     for name in ("_", "_12", "_i", "_i3", "Out", "_x", "out")
    ...     if is_history(name)
    ... ]
    ['_', '_12', '_i', '_i3', 'Out']
    """
    if name[0] != "_":
        return name in ("Out", "In")
    return (
        name in HISTORY
        or name[1:].isdigit()
        or (name[:2] == "_i" and name[2:].isdigit())
    )


HISTORY = words("_ __ ___ _i _ii _iii _oh _ih _dh")
