"""One walk over a syntax tree in the order in which Python evaluates it.

The walk carries a `State`: the names that are surely bound, and those that may be,
at the point it has reached. A branch starts from a copy; where branches meet, a name
is surely bound if every branch that gets there binds it. After ``raise``, ``return``,
``break`` and ``continue`` the state is dead, which is neutral when branches meet::

    if ready:  # {}            x is bound in both branches that reach the end,
        x = 1  # {x}           for the third one leaves
    elif late:
        raise Late  # dead
    else:
        x = 2  # {x}
    print(x)  # {x}           so this reads no x from outside

`Flow` knows the language; what reading and binding a name *means* is left to the
scopes built on it (`scopes`, `cell`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from reactive_kernel.analysis.defuse import Kind
from reactive_kernel.analysis.mutation import SPECIAL, changed_by_call, stored_into

__all__ = ["Cargo", "Flow", "Handler", "State", "handles"]

Handler = Callable[[Any, Any], None]
H = TypeVar("H", bound=Handler)
Cargo = Collection[object]


class State:
    """Which names are bound at one point of the walk."""

    __slots__ = ("live", "maybe", "sure")

    def __init__(self, sure: set[str], maybe: set[str], live: bool = True) -> None:
        self.sure = sure
        self.maybe = maybe
        self.live = live

    def fork(self) -> State:
        """Return a copy that a branch may change."""
        return State(self.sure.copy(), self.maybe.copy(), self.live)

    def join(self, other: State) -> State:
        """Return the state where two branches meet; uses up both."""
        self.maybe |= other.maybe
        if not other.live:
            return self
        if self.live:
            self.sure &= other.sure
        else:
            self.sure, self.live = other.sure, True
        return self


def handles(*types: str) -> Callable[[H], H]:
    """Mark a method as the handler of syntax nodes, given by their class names.

    By name, because some classes exist only in newer Pythons.
    """

    def mark(method: H) -> H:
        method.handled_types = types  # type: ignore[attr-defined]  # read back below
        return method

    return mark


def own_handlers(cls: type) -> dict[type, Handler]:
    """Return the handlers that a class itself declares, by node class."""
    return {
        getattr(ast, name): method
        for method in vars(cls).values()
        for name in getattr(method, "handled_types", ())
        if hasattr(ast, name)
    }


NODE_TYPES = tuple(
    value
    for value in vars(ast).values()
    if isinstance(value, type) and issubclass(value, ast.AST)
)


class Flow:
    """A walk in evaluation order over one scope that runs top to bottom.

    Subclasses say what it means to `load`, `store`, `delete` or `change` a name.
    `handlers` maps each node class to a method; looking methods up there instead of
    by name makes the walk about twice as fast as `ast.NodeVisitor`.
    """

    handlers: ClassVar[dict[type, Handler]] = {}

    def __init_subclass__(cls) -> None:
        cls.handlers = {
            **dict.fromkeys(NODE_TYPES, Flow.walk_children),
            **{
                node: method
                for base in reversed(cls.__mro__)
                for node, method in own_handlers(base).items()
            },
        }

    def __init__(self, state: State) -> None:
        self.state = state
        self.depth = 0  # How many branches or loops enclose the current point.
        self.exits: list[list[State]] = []  # States at the breaks of each open loop.

    # What a scope has to say ------------------------------------------------------

    def load(self, name: str, node: ast.AST, /) -> None:
        """Read a name."""
        raise NotImplementedError

    def store(self, name: str, node: ast.AST, kind: Kind = Kind.VARIABLE, /) -> None:
        """Bind a name."""
        raise NotImplementedError

    def store_briefly(self, name: str, node: ast.AST, /) -> None:
        """Bind a name that the statement itself removes again (``except E as e``)."""
        raise NotImplementedError

    def delete(self, name: str, node: ast.AST, /) -> None:
        """Unbind a name."""
        raise NotImplementedError

    def change(self, name: str, node: ast.AST, cargo: Cargo = ()) -> None:
        """Change the object of a name in place, putting `cargo` into it."""
        raise NotImplementedError

    def special(self, name: str, node: ast.Call, /) -> None:
        """Call a function with effects that no name shows (`mutation.SPECIAL`)."""
        raise NotImplementedError

    def mark(self) -> int:
        """Return the present, for a later `since`."""
        return 0

    def since(self, mark: int, /) -> Cargo:  # noqa: ARG002 - a hook
        """Return what was loaded since `mark`, and may be carried along by a value."""
        return ()

    def evaluate(self, value: ast.AST) -> Cargo:
        """Walk an expression; return what its value may carry along."""
        mark = self.mark()
        self.walk_used(value)
        return self.since(mark)

    def bind(self, target: ast.AST, cargo: Cargo, /) -> None:  # noqa: ARG002 - a hook
        """Walk what is bound to a value, or to a part of it."""
        self.walk(target)

    def assign(self, value: ast.AST, targets: Iterable[ast.AST]) -> None:
        """Evaluate a value, then bind its targets, left to right."""
        cargo = self.evaluate(value)
        for target in targets:
            self.bind(target, cargo)

    # Getting around ---------------------------------------------------------------

    def walk(self, node: ast.AST) -> None:
        """Walk one node."""
        self.handlers[node.__class__](self, node)

    def walk_used(self, node: ast.AST) -> None:
        """Walk an expression whose value is put to use."""
        if node.__class__ is ast.Call:
            self.call(node, used=True)
        else:
            self.handlers[node.__class__](self, node)

    def walk_all(self, nodes: Iterable[ast.AST | None]) -> None:
        """Walk nodes in order; None stands for a part that is left out."""
        handlers = self.handlers
        for node in nodes:
            if node is not None:
                handlers[node.__class__](self, node)

    def walk_children(self, node: ast.AST) -> None:
        """Walk the parts of a node in the order of its fields."""
        handlers = self.handlers
        for field in node._fields:
            value = getattr(node, field, None)
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        handlers[item.__class__](self, item)
            elif isinstance(value, ast.AST):
                handlers[value.__class__](self, value)

    def branch(self, nodes: Iterable[ast.AST], state: State) -> State:
        """Walk nodes from `state`; return the state after them."""
        self.state = state
        self.depth += 1
        self.walk_all(nodes)
        self.depth -= 1
        return self.state

    # Expressions ------------------------------------------------------------------

    @handles("Constant", "Pass", "Global", "Nonlocal", "Load", "Store", "Del")
    def nothing(self, node: ast.AST) -> None:
        """Skip a node that touches no name."""

    @handles("Name")
    def name(self, node: ast.Name) -> None:
        """Read, bind or unbind a name."""
        context = node.ctx.__class__
        if context is ast.Load:
            self.load(node.id, node)
        elif context is ast.Store:
            self.store(node.id, node)
        else:
            self.delete(node.id, node)

    @handles("Attribute")
    def attribute(self, node: ast.Attribute) -> None:
        """Read, set or delete an attribute; the last two change the root's object."""
        value = node.value
        while value.__class__ is ast.Attribute:
            value = value.value
        if value.__class__ is ast.Name:
            self.load(value.id, value)
        else:
            self.walk_used(value)
        if node.ctx.__class__ is not ast.Load:
            self.change_root(node)

    @handles("Subscript")
    def subscript(self, node: ast.Subscript) -> None:
        """Read, set or delete an item; the last two change the root's object."""
        self.walk_used(node.value)
        self.walk(node.slice)
        if node.ctx.__class__ is not ast.Load:
            self.change_root(node)

    def change_root(self, node: ast.expr) -> None:
        """Change the object of the name that a chain of attributes starts from."""
        root = stored_into(node)
        if root is not None:
            self.change(root, node)

    @handles("Call")
    def call(self, node: ast.Call, *, used: bool = False) -> None:
        """Walk a call, and note what it changes in place."""
        mark = self.mark()
        self.walk_call(node)
        changed = changed_by_call(node, used=used)
        if changed is not None:
            self.change(changed, node, self.since(mark))
        func = node.func
        if isinstance(func, ast.Name):
            if func.id in SPECIAL:
                self.special(func.id, node)
        elif isinstance(func, ast.Attribute) and func.attr == "getpass":
            self.special(func.attr, node)

    def walk_call(self, node: ast.Call) -> None:
        """Walk the parts of a call."""
        handlers = self.handlers
        handlers[node.func.__class__](self, node.func)
        for argument in node.args:
            handlers[argument.__class__](self, argument)
        for keyword in node.keywords:
            handlers[keyword.value.__class__](self, keyword.value)

    @handles("BinOp")
    def operation(self, node: ast.BinOp) -> None:
        """Walk ``a + b + c + ...`` without recursion: such chains get long."""
        rights = [node.right]
        left = node.left
        while left.__class__ is ast.BinOp:
            rights.append(left.right)
            left = left.left
        self.walk(left)
        self.walk_all(reversed(rights))

    @handles("BoolOp")
    def shortcut(self, node: ast.BoolOp) -> None:
        """Walk ``a and b``: only the first operand is surely evaluated."""
        self.walk(node.values[0])
        self.walk_perhaps(node.values[1:])

    @handles("Compare")
    def comparison(self, node: ast.Compare) -> None:
        """Walk ``a < b < c``: only the first two operands are surely evaluated."""
        self.walk(node.left)
        self.walk(node.comparators[0])
        if len(node.comparators) > 1:
            self.walk_perhaps(node.comparators[1:])

    def walk_perhaps(self, nodes: Sequence[ast.AST]) -> None:
        """Walk nodes that may be skipped."""
        before = self.state.fork()
        self.state = self.branch(nodes, self.state).join(before)

    @handles("IfExp")
    def conditional(self, node: ast.IfExp) -> None:
        """Walk ``a if test else b``."""
        self.walk(node.test)
        before = self.state.fork()
        then = self.branch((node.body,), self.state)
        self.state = then.join(self.branch((node.orelse,), before))

    @handles("NamedExpr")
    def walrus(self, node: ast.NamedExpr) -> None:
        """Walk ``(name := value)``."""
        self.assign(node.value, (node.target,))

    @handles("Dict")
    def mapping(self, node: ast.Dict) -> None:
        """Walk ``{key: value}``."""
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.walk(key)
            self.walk(value)

    # Simple statements ------------------------------------------------------------

    @handles("Assign")
    def assignment(self, node: ast.Assign) -> None:
        """Walk ``a = b = value``: the value first."""
        self.assign(node.value, node.targets)

    @handles("AugAssign")
    def augmented(self, node: ast.AugAssign) -> None:
        """Walk ``target += value``: the target is read, then bound."""
        target = node.target
        mark = self.mark()
        if isinstance(target, ast.Name):
            self.load(target.id, target)
        self.walk_used(node.value)
        self.bind(target, self.since(mark))

    @handles("Delete")
    def deletion(self, node: ast.Delete) -> None:
        """Walk ``del a, b[k]``."""
        self.walk_all(node.targets)

    @handles("Raise", "Return")
    def leave(self, node: ast.Raise | ast.Return) -> None:
        """Walk a statement after which the rest of the block is not reached."""
        self.walk_children(node)
        self.state.live = False

    @handles("Break")
    def leave_loop(self, _node: ast.Break) -> None:
        """Walk ``break``: what holds here also holds after the loop."""
        if self.exits and self.state.live:
            self.exits[-1].append(self.state.fork())
        self.state.live = False

    @handles("Continue")
    def next_round(self, _node: ast.Continue) -> None:
        """Walk ``continue``."""
        self.state.live = False

    @handles("Import")
    def import_modules(self, node: ast.Import) -> None:
        """Walk ``import a.b``, which binds ``a``, and ``import a.b as c``."""
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.store(name, alias, Kind.IMPORT)

    @handles("ImportFrom")
    def import_names(self, node: ast.ImportFrom) -> None:
        """Walk ``from m import a, b as c``."""
        for alias in node.names:
            if alias.name == "*":
                self.import_star("." * node.level + (node.module or ""), node)
            else:
                self.store(alias.asname or alias.name, alias, Kind.IMPORT)

    def import_star(self, module: str, node: ast.ImportFrom) -> None:
        """Walk ``from m import *``; legal only in a cell's own scope."""

    # Compound statements ----------------------------------------------------------

    @handles("If")
    def branches(self, node: ast.If) -> None:
        """Walk ``if``; a long ``elif`` chain without recursion."""
        ends: list[State] = []
        orelse: list[ast.stmt] = [node]
        while len(orelse) == 1 and isinstance(orelse[0], ast.If):
            node = orelse[0]
            self.walk(node.test)
            ends.append(self.arm(node.body, runs=truth(node.test) is not False))
            orelse = node.orelse
        end = self.arm(orelse, runs=truth(node.test) is not True)
        for other in ends:
            end = end.join(other)
        self.state = end

    def arm(self, body: Sequence[ast.AST], *, runs: bool) -> State:
        """Walk one arm of a branch from a copy of the state; return its end."""
        before = self.state
        start = before.fork()
        start.live = before.live and runs
        if self.exits:
            # In a loop, what another arm binds may be there from an earlier round.
            start.maybe = before.maybe
        end = self.branch(body, start)
        self.state = before
        return end

    @handles("For", "AsyncFor")
    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        """Walk ``for``: its body may run no time at all."""
        self.depth += 1
        self.exits.append([])
        cargo = self.evaluate(node.iter)
        before = self.state.fork()
        self.bind(node.target, cargo)
        end = self.branch(node.body, self.state)
        self.after_loop(node.orelse, rejoined(before, end))
        self.depth -= 1

    @handles("While")
    def while_loop(self, node: ast.While) -> None:
        """Walk ``while``: its test runs once or more, its body perhaps never."""
        self.exits.append([])
        self.walk(node.test)
        before = self.state.fork()
        self.state.live &= truth(node.test) is not False
        after = rejoined(before, self.branch(node.body, self.state))
        after.live &= truth(node.test) is not True
        self.after_loop(node.orelse, after)

    def after_loop(self, orelse: list[ast.stmt], state: State) -> None:
        """Walk the ``else`` of a loop, then meet the states of its breaks."""
        exits = self.exits.pop()
        end = self.branch(orelse, state)
        for other in exits:
            end = end.join(other)
        self.state = end

    @handles("With", "AsyncWith")
    def with_block(self, node: ast.With | ast.AsyncWith) -> None:
        """Walk ``with``; the context may swallow an exception of its body."""
        for item in node.items:
            targets = () if item.optional_vars is None else (item.optional_vars,)
            self.assign(item.context_expr, targets)
        before = self.state.fork()
        self.walk_all(node.body)
        if not self.state.live and isinstance(node.body[-1], ast.Raise):
            self.state = self.state.join(before)

    @handles("Try", "TryStar")
    def attempt(self, node: ast.Try) -> None:
        """Walk ``try``: a handler may start anywhere in the body."""
        before = self.state.fork()
        after_body = self.branch(node.body, self.state)
        interrupted = State(
            before.sure & after_body.sure, after_body.maybe.copy(), before.live
        )
        end = self.branch(node.orelse, after_body)
        for handler in node.handlers:
            self.state = interrupted.fork()
            end = end.join(self.handler(handler))
        self.state = end
        if node.finalbody:
            self.finish(node.finalbody, interrupted)

    def handler(self, node: ast.ExceptHandler) -> State:
        """Walk ``except E as e``, which removes ``e`` at its end."""
        if node.type is not None:
            self.walk(node.type)
        if node.name is not None:
            self.store_briefly(node.name, node)
        end = self.branch(node.body, self.state)
        if node.name is not None:
            end.sure.discard(node.name)
        return end

    def finish(self, body: list[ast.stmt], interrupted: State) -> None:
        """Walk ``finally``, which may run after any part of the body."""
        normal = self.state
        start = State(
            interrupted.sure & normal.sure,
            interrupted.maybe | normal.maybe,
            interrupted.live,
        )
        held = start.sure.copy()
        end = self.branch(body, start)
        normal.sure |= end.sure
        normal.sure -= held - end.sure
        normal.maybe |= end.maybe
        normal.live &= end.live
        self.state = normal

    # Matching ---------------------------------------------------------------------

    @handles("Match")
    def match(self, node: ast.Match) -> None:
        """Walk ``match``: a failed pattern may have bound some of its names."""
        cargo = self.evaluate(node.subject)
        ends: list[State] = []
        for case in node.cases:
            before = self.state.fork()
            self.bind(case.pattern, cargo)
            if case.guard is not None:
                self.walk(case.guard)
            matched = self.state
            before.maybe |= matched.maybe
            ends.append(self.branch(case.body, matched))
            before.live &= not (case.guard is None and catches_all(case.pattern))
            self.state = before
        for end in ends:
            self.state = self.state.join(end)

    @handles("MatchAs", "MatchStar")
    def capture(self, node: ast.MatchAs | ast.MatchStar) -> None:
        """Walk a pattern that binds a name to what it matched."""
        if isinstance(node, ast.MatchAs) and node.pattern is not None:
            self.walk(node.pattern)
        if node.name is not None:
            self.store(node.name, node)

    @handles("MatchMapping")
    def capture_mapping(self, node: ast.MatchMapping) -> None:
        """Walk ``{key: pattern, **rest}``."""
        self.walk_all(node.keys)
        self.walk_all(node.patterns)
        if node.rest is not None:
            self.store(node.rest, node)


def rejoined(before: State, end: State) -> State:
    """Return the state after a loop whose body, if it runs at all, ends in `end`."""
    before.sure &= end.sure
    before.maybe |= end.maybe
    return before


def truth(test: ast.expr) -> bool | None:
    """Return the value of a condition that is known without running it, else None."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            known = truth(operand)
            return None if known is None else not known
        case _:
            return None


def catches_all(pattern: ast.pattern) -> bool:
    """Return whether a pattern matches every subject."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return catches_all(inner)
        case ast.MatchOr(patterns=patterns):
            return any(catches_all(inner) for inner in patterns)
        case _:
            return False
