"""What functions, classes and comprehensions take from the module.

A function reads its globals when it is called, so walking its body gives an `Effect`
that the cell applies when it loads the function, not where it defines it. Inside a
function the order of statements does not matter: a name is local if it is bound
anywhere in the body.

A class body runs at once, in a scope of its own that its methods do not see.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from reactive_kernel.analysis.defuse import Kind
from reactive_kernel.analysis.flow import Cargo, Flow, State, handles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ClassScope", "Effect", "FunctionScope", "Scope"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

OWN_NAMESPACE = frozenset({"locals", "vars"})
"""Functions that, called in a function, give only what is local to it."""

LAZY_ANNOTATIONS = sys.version_info >= (3, 14)


class Effect:
    """What calling a function does to the module's names.

    `specials` are the functions with effects that no name shows (``exec``, ``input``).
    """

    __slots__ = ("binds", "changes", "specials", "uses")

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.changes: set[str] = set()
        self.binds: set[str] = set()
        self.specials: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.uses or self.changes or self.binds)


class Scope(Flow):
    """A scope that can hold functions, classes and comprehensions."""

    future_annotations = False
    function_type: type[FunctionScope]

    def new_effect(self) -> Effect:
        """Return an empty effect for a function or class defined here."""
        return Effect()

    def act(self, _effect: Effect, _node: ast.AST, /) -> None:
        """Do at once what calling a function defined here does.

        Within a function this is no different from doing it later.
        """

    def function_scope(self, known: Iterable[str], effect: Effect, /) -> FunctionScope:
        """Return the scope of a function defined here that sees `known` names."""
        raise NotImplementedError

    def class_scope(self, node: ast.ClassDef, effect: Effect, /) -> ClassScope:
        """Return the scope of a class defined here."""
        raise NotImplementedError

    def hiding(self, names: set[str], nodes: Iterable[ast.AST | None]) -> None:
        """Walk nodes in which some names are not those of this scope."""
        sure = self.state.sure
        added = names - sure
        sure |= added
        self.walk_all(nodes)
        self.state.sure -= added

    # Functions --------------------------------------------------------------------

    @handles("FunctionDef", "AsyncFunctionDef")
    def function(self, node: FunctionNode) -> None:
        """Walk a function definition."""
        self.walk_all(node.decorator_list)
        self.make_function(node, self.new_effect())
        self.store(node.name, node, Kind.FUNCTION)

    @handles("Lambda")
    def make_lambda(self, node: ast.Lambda) -> None:
        """Walk a lambda."""
        self.make_function(node, self.new_effect())

    def make_function(self, node: FunctionNode | ast.Lambda, effect: Effect) -> None:
        """Evaluate a function's defaults and annotations; put its body in `effect`."""
        self.walk_all(node.args.defaults)
        self.walk_all(node.args.kw_defaults)
        known: set[str] = set()
        if not isinstance(node, ast.Lambda):
            known = self.type_parameters(node, effect)
            self.annotate(annotations_of(node), known, effect)
        self.function_scope(known, effect).run(node)

    def annotate(
        self, nodes: Sequence[ast.expr], known: set[str], effect: Effect
    ) -> None:
        """Evaluate annotations, now or later, as the running Python does."""
        if not nodes or self.future_annotations:
            return
        if LAZY_ANNOTATIONS:
            self.later(nodes, known, effect)
        elif known:
            self.hiding(known, nodes)
        else:
            self.walk_all(nodes)

    def later(self, nodes: Iterable[ast.AST], known: set[str], effect: Effect) -> None:
        """Walk expressions that are evaluated on demand, like a function's body."""
        scope = self.function_scope(known, effect)
        scope.walk_all(nodes)
        scope.close()

    def type_parameters(self, node: ast.AST, effect: Effect) -> set[str]:
        """Return the names of type parameters; their bounds are evaluated later."""
        parameters: list[ast.AST] = getattr(node, "type_params", [])
        if not parameters:
            return set()
        names = {name for node in parameters if (name := getattr(node, "name", None))}
        bounds = [part for node in parameters for part in ast.iter_child_nodes(node)]
        self.later(bounds, names, effect)
        return names

    @handles("TypeAlias")
    def type_alias(self, node: ast.AST) -> None:
        """Walk ``type X = value``: the value is evaluated on demand."""
        self.make_alias(node, self.new_effect())

    def make_alias(self, node: ast.AST, effect: Effect) -> None:
        """Bind a type alias; put its value in `effect`."""
        known = self.type_parameters(node, effect)
        self.later([node.value], known, effect)  # type: ignore[attr-defined]  # Python 3.12
        self.walk(node.name)  # type: ignore[attr-defined]  # Python 3.12

    # Classes ----------------------------------------------------------------------

    @handles("ClassDef")
    def class_definition(self, node: ast.ClassDef) -> None:
        """Walk a class definition."""
        self.walk_all(node.decorator_list)
        self.make_class(node, self.new_effect())
        self.store(node.name, node, Kind.CLASS)

    def make_class(self, node: ast.ClassDef, effect: Effect) -> None:
        """Evaluate bases and body of a class; put its methods in `effect`."""
        known = self.type_parameters(node, effect)
        parts = [*node.bases, *(keyword.value for keyword in node.keywords)]
        if known:
            self.hiding(known, parts)
        else:
            self.walk_all(parts)
        scope = self.class_scope(node, effect)
        scope.known |= known
        scope.state.sure |= scope.known
        scope.future_annotations = self.future_annotations
        scope.walk_all(node.body)

    # Comprehensions ---------------------------------------------------------------

    @handles("ListComp", "SetComp", "GeneratorExp", "DictComp")
    def comprehension(self, node: Comprehension) -> None:
        """Walk a comprehension; its first iterable belongs to this scope."""
        first = node.generators[0]
        self.walk(first.iter)
        self.inside(node)

    def inside(self, node: Comprehension) -> None:
        """Walk the parts of a comprehension that have a scope of their own."""
        before = self.state.fork()
        self.hiding(comprehension_targets(node), comprehension_parts(node))
        self.state = self.state.join(before)

    # Annotations of variables -----------------------------------------------------

    @handles("AnnAssign")
    def annotated(self, node: ast.AnnAssign) -> None:
        """Walk ``target: annotation = value``; without a value it binds nothing."""
        if node.value is not None:
            self.assign(node.value, (node.target,))
        elif not isinstance(node.target, ast.Name):
            self.walk_all(part for part in ast.iter_child_nodes(node.target))
        self.annotate_variable(node.annotation)

    def annotate_variable(self, node: ast.expr) -> None:
        """Evaluate the annotation of a variable."""
        self.annotate([node], set(), self.new_effect())


class ClassScope(Scope):
    """The body of a class."""

    def __init__(self, outer: Scope, name: str, effect: Effect) -> None:
        implicit = {"__module__", "__qualname__"}
        super().__init__(State(implicit, implicit.copy()))
        # A class does not see the names of a class around it.
        self.outer: Scope = outer.outer if isinstance(outer, ClassScope) else outer
        self.function_type = outer.function_type
        self.effect = effect
        self.private = name.lstrip("_")
        # Type parameters, also those of classes around it.
        self.known: set[str] = (
            set(outer.known) if isinstance(outer, ClassScope) else set()
        )
        self.globals: set[str] = set()
        self.methods: set[str] = set()
        self.parent: FunctionScope | None = (
            outer.parent
            if isinstance(outer, ClassScope)
            else (outer if isinstance(outer, FunctionScope) else None)
        )

    def mangled(self, name: str) -> str:
        """Return the name as the compiler spells it inside this class."""
        if name.startswith("__") and not name.endswith("__") and self.private:
            return f"_{self.private}{name}"
        return name

    def load(self, name: str, node: ast.AST) -> None:
        """Read a name of the class, or else of the scope around it."""
        if name not in self.state.sure and self.state.live:
            self.outer.load(self.mangled(name), node)

    def store(self, name: str, _node: ast.AST, kind: Kind = Kind.VARIABLE) -> None:
        """Bind an attribute of the class."""
        if name in self.globals:
            self.effect.binds.add(self.mangled(name))
            return
        if kind is Kind.FUNCTION:
            self.methods.add(name)
        self.state.sure.add(name)
        self.state.maybe.add(name)

    def store_briefly(self, name: str, node: ast.AST) -> None:
        """Bind an attribute of the class for a while."""
        self.store(name, node)

    def delete(self, name: str, _node: ast.AST) -> None:
        """Delete an attribute of the class."""
        self.state.sure.discard(name)

    def change(self, name: str, node: ast.AST, cargo: Cargo = ()) -> None:
        """Change an object in place, unless the class made it."""
        if name not in self.state.sure:
            self.outer.change(self.mangled(name), node, cargo)

    def special(self, name: str, node: ast.Call) -> None:
        """Call a function with effects that no name shows."""
        if name not in self.state.sure:
            self.outer.special(name, node)

    def walk_call(self, node: ast.Call) -> None:
        """Walk the parts of a call, which may be of a function of the class."""
        super().walk_call(node)
        func = node.func
        if isinstance(func, ast.Name) and func.id in self.methods:
            self.outer.act(self.effect, node)

    @handles("Global")
    def declare_global(self, node: ast.Global) -> None:
        """Let names mean those of the module."""
        self.globals.update(node.names)

    def function_scope(self, known: Iterable[str], _effect: Effect, /) -> FunctionScope:
        """Return the scope of a method; it does not see the names of the class."""
        known = {"__class__", *self.known, *known}
        return self.function_type(self.parent, known, self.effect, self)

    def class_scope(self, node: ast.ClassDef, _effect: Effect, /) -> ClassScope:
        """Return the scope of a class in the class."""
        return ClassScope(self, node.name, self.effect)

    def inside(self, node: Comprehension) -> None:
        """Walk the inside of a comprehension, which does not see the class either."""
        self.outer.inside(node)


class FunctionScope(Scope):
    """The body of a function or lambda.

    Parameters
    ----------
    parent
        The function around it, or None.
    bound
        Names that it sees and that are not the module's.
    effect
        Where to put what it takes from the module.
    owner
        The class around it, whose name goes into names like ``__x``.
    """

    def __init__(
        self,
        parent: FunctionScope | None,
        bound: set[str],
        effect: Effect,
        owner: ClassScope | None = None,
    ) -> None:
        self.function_type = type(self)
        self.parent = parent
        self.effect = effect
        self.owner = owner
        self.reads: set[str] = set()
        self.bound = bound
        self.changed: set[str] = set()
        self.specials: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()

    def run(self, node: FunctionNode | ast.Lambda) -> None:
        """Walk the body of a function."""
        arguments = node.args
        bound = self.bound
        for group in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs):
            for argument in group:
                bound.add(argument.arg)
        if arguments.vararg is not None:
            bound.add(arguments.vararg.arg)
        if arguments.kwarg is not None:
            bound.add(arguments.kwarg.arg)
        if isinstance(node, ast.Lambda):
            self.walk(node.body)
        else:
            self.walk_all(node.body)
        self.close()

    def close(self) -> None:
        """Hand on what the function takes from outside."""
        if self.owner is not None:
            self.mangle(self.owner)
        effect, local = self.effect, self.bound
        if self.globals:
            effect.uses |= self.reads & self.globals
            effect.changes |= self.changed & self.globals
            effect.binds |= local & self.globals
            self.reads -= self.globals
            self.changed -= self.globals
            local -= self.globals
        local -= self.nonlocals
        outer = self.parent
        if outer is None:
            effect.uses |= self.reads - local
            effect.changes |= self.changed - local
            effect.specials |= self.specials - local
        else:
            outer.reads |= self.reads - local
            outer.changed |= self.changed - local
            outer.specials |= self.specials - local

    def mangle(self, owner: ClassScope) -> None:
        """Spell names like ``__x`` as the compiler does inside a class."""
        for names in (self.reads, self.bound, self.changed, self.globals):
            private = {name for name in names if name[:2] == "__"}
            if private:
                names -= private
                names |= {owner.mangled(name) for name in private}

    def load(self, name: str, _node: ast.AST) -> None:
        """Read a name."""
        self.reads.add(name)

    def store(self, name: str, _node: ast.AST, _kind: Kind = Kind.VARIABLE) -> None:
        """Bind a name."""
        self.bound.add(name)

    def store_briefly(self, name: str, _node: ast.AST) -> None:
        """Bind a name for a while."""
        self.bound.add(name)

    def delete(self, name: str, _node: ast.AST) -> None:
        """Unbind a name."""
        self.bound.add(name)

    def change(self, name: str, _node: ast.AST, _cargo: Cargo = ()) -> None:
        """Change the object of a name in place."""
        self.changed.add(name)

    def special(self, name: str, node: ast.Call) -> None:
        """Call a function with effects that no name shows."""
        if name not in OWN_NAMESPACE and not names_its_own_namespace(node):
            self.specials.add(name)

    @handles("Name")
    def name(self, node: ast.Name) -> None:
        """Read, bind or unbind a name."""
        if node.ctx.__class__ is ast.Load:
            self.reads.add(node.id)
        else:
            self.bound.add(node.id)

    @handles("Global")
    def declare_global(self, node: ast.Global) -> None:
        """Let names mean those of the module."""
        self.globals.update(node.names)

    @handles("Nonlocal")
    def declare_nonlocal(self, node: ast.Nonlocal) -> None:
        """Let names mean those of a function around this one."""
        self.nonlocals.update(node.names)

    def function_scope(self, known: Iterable[str], _effect: Effect, /) -> FunctionScope:
        """Return the scope of a function in this one."""
        return type(self)(self, set(known), self.effect, self.owner)

    def class_scope(self, node: ast.ClassDef, _effect: Effect, /) -> ClassScope:
        """Return the scope of a class in this function."""
        return ClassScope(self, node.name, self.effect)

    def hiding(self, names: set[str], nodes: Iterable[ast.AST | None]) -> None:
        """Walk nodes in which some names are not those of this scope."""
        saved = self.reads, self.changed
        self.reads, self.changed = set(), set()
        self.walk_all(nodes)
        saved[0].update(self.reads - names)
        saved[1].update(self.changed - names)
        self.reads, self.changed = saved

    def inside(self, node: Comprehension) -> None:
        """Walk the parts of a comprehension that have a scope of their own."""
        bound = self.bound
        targets = comprehension_targets(node)
        self.bound = set()
        self.hiding(targets, comprehension_parts(node))
        bound |= self.bound - targets
        self.bound = bound

    def annotate_variable(self, node: ast.expr) -> None:
        """Skip the annotation of a local variable: it is never evaluated."""

    def bind(self, target: ast.AST, _cargo: Cargo) -> None:
        """Walk what is bound to a value."""
        self.handlers[target.__class__](self, target)

    # The order of evaluation does not matter here, so neither do branches.

    @handles("Return")
    def leave(self, node: ast.Raise | ast.Return) -> None:
        """Walk ``return value``."""
        if isinstance(node, ast.Return) and node.value is not None:
            self.walk_used(node.value)

    @handles("Raise", "Break", "Continue", "If", "IfExp", "While", "For", "AsyncFor")
    def in_any_order(self, node: ast.AST) -> None:
        """Walk a statement that matters only for the order of evaluation."""
        self.walk_children(node)

    @handles("With", "AsyncWith", "Try", "TryStar", "Match", "BoolOp", "Compare")
    def also_in_any_order(self, node: ast.AST) -> None:
        """Walk a statement that matters only for the order of evaluation."""
        self.walk_children(node)

    @handles("ExceptHandler")
    def except_clause(self, node: ast.ExceptHandler) -> None:
        """Walk ``except E as e``."""
        if node.name is not None:
            self.bound.add(node.name)
        self.walk_children(node)


def annotations_of(node: FunctionNode) -> list[ast.expr]:
    """Return the annotations of a function's parameters and result."""
    arguments = node.args
    parameters = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    found = [item.annotation for item in parameters if item is not None]
    return [item for item in (*found, node.returns) if item is not None]


def comprehension_targets(node: Comprehension) -> set[str]:
    """Return the names that a comprehension binds for itself."""
    names: set[str] = set()
    for generator in node.generators:
        target = generator.target
        if isinstance(target, ast.Name):
            names.add(target.id)
        else:
            names |= {
                part.id
                for part in ast.walk(target)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names


def comprehension_parts(node: Comprehension) -> list[ast.AST]:
    """Return what a comprehension evaluates in its own scope, in order."""
    parts: list[ast.AST] = []
    for index, generator in enumerate(node.generators):
        if index:
            parts.append(generator.iter)
        if not isinstance(generator.target, ast.Name):
            parts.extend(
                part
                for part in ast.walk(generator.target)
                if isinstance(part, ast.Attribute | ast.Subscript)
            )
        parts += generator.ifs
    if isinstance(node, ast.DictComp):
        return [*parts, node.key, node.value]
    return [*parts, node.elt]


def names_its_own_namespace(node: ast.Call) -> bool:
    """Return whether a call like ``exec(code, ns)`` leaves the module alone."""
    func = node.func
    name = func.id if isinstance(func, ast.Name) else None
    return (name in ("exec", "eval") and len(node.args) > 1) or (
        name == "vars" and bool(node.args)
    )
