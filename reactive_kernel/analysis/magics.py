"""What IPython's syntax means for names.

IPython turns ``%time f(x)`` into ``get_ipython().run_line_magic('time', 'f(x)')``, which
hides ``f`` and ``x`` in a string. The walk looks into these calls:

- some magics run Python (``%%time``, ``%%capture``): their text is walked in place;
- the line of most others, and ``!command``, is expanded first: ``{n + 1}`` and
  ``$name`` read names. Bodies of script magics are not expanded, since there ``$name``
  is a variable of the shell;
- some bind names (``%%capture out``, ``%%bash --out lines``);
- a few dozen are known to leave the namespace alone; all others are opaque.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from string import Formatter
from typing import TYPE_CHECKING, NamedTuple

from reactive_kernel.analysis.cell import CellScope
from reactive_kernel.analysis.flow import handles
from reactive_kernel.analysis.mutation import words
from reactive_kernel.analysis.parsing import Rewrite, Unparsable, parse
from reactive_kernel.analysis.scopes import Effect, FunctionScope, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BrokenBodyError", "IPythonCell", "Magic", "magic_of", "runs_python"]

TIMED = frozenset({"timeit"})
"""Magics that run Python inside a function, so that it binds nothing."""

PYTHON = words("time timeit capture prun memit mprun lprun debug")
"""Cell magics whose body is Python of this notebook."""

PYTHON_LINE = words("time timeit prun memit mprun lprun")
"""Line magics whose line is Python."""

NOT_EXPANDED = words("time timeit prun debug")
"""Magics that get their line as it is."""

OPTIONS_WITH_VALUE = {
    "timeit": "nrpv",
    "prun": "DlsT",
    "memit": "rti",
    "mprun": "fT",
    "lprun": "fmTDsuz",
    "debug": "b",
}

INSPECTING = words("pinfo pinfo2 pdoc pdef psource pfile pycat page")

SCRIPTS = words("bash sh script perl ruby python python2 python3 pypy cmd powershell")
"""Cell magics that hand their body to another program."""

COMMANDS = words("sx system !")
"""Cell magics whose body is a shell command, which is expanded."""

HARMLESS = words(
    "who whos who_ls matplotlib config precision reactive pwd cd env set_env load_ext"
    " reload_ext unload_ext pip conda mamba micromamba uv lsmagic magic quickref history"
    " hist notebook logon logoff logstart logstate logstop xmode colors pprint"
    " doctest_mode alias unalias rehashx ls ll la cat mkdir rm cp mv rmdir man less more"
    " dhist dirs pushd popd bookmark gui killbgscripts tb code_wrap sx system"
    " connect_info qtconsole automagic autocall autoawait autoindent alias_magic pdb"
    " save pastebin psearch is_conda_environment subshell"
)
HARMLESS_CELL = words("writefile file html HTML javascript js markdown latex svg SVG")

SHELL_METHODS = words("system getoutput run_line_magic run_cell_magic magic")
OPAQUE_METHODS = words(
    "run_cell run_cell_async run_code ex ev push reset del_var safe_execfile"
)


class BrokenBodyError(Exception):
    """The Python inside a magic does not parse."""

    def __init__(self, found: Unparsable, line: int) -> None:
        super().__init__(found.message)
        self.found = found
        self.line = line


class Magic(NamedTuple):
    """A call into IPython: ``%name line``, or with a body ``%%name line``.

    Shell commands have the name ``!`` and the command as their line.
    """

    name: str
    line: str
    body: str | None = None

    def __str__(self) -> str:
        return f"%{self.name}" if self.body is None else f"%%{self.name}"


def magic_of(call: ast.Call) -> Magic | str | None:
    """Return the magic that a call runs, if it is one.

    A string stands for a call into IPython of which the text does not say what it
    does.

    Examples
    --------
    >>> call = ast.parse("get_ipython().run_line_magic('cd', '..')", mode="eval").body
    >>> magic_of(call)
    Magic(name='cd', line='..', body=None)
    """
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name("get_ipython")), attr=method):
            pass
        case _:
            return None
    if method in OPAQUE_METHODS:
        return f"get_ipython().{method}"
    if method not in SHELL_METHODS:
        return None
    texts = [
        argument.value
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if len(texts) != len(call.args) or not texts:
        return f"get_ipython().{method}"
    return magic_from(method, texts)


def magic_from(method: str, texts: list[str]) -> Magic:
    """Return the magic that a method of the shell runs with literal arguments."""
    if method in ("system", "getoutput"):
        return Magic("!", texts[0])
    if method == "magic":
        name, _, line = texts[0].lstrip("%").partition(" ")
        return Magic(name, line)
    line = texts[1] if len(texts) > 1 else ""
    body = texts[2] if len(texts) > 2 and method == "run_cell_magic" else None
    return Magic(texts[0], line, body)


def runs_python(magic: Magic) -> bool:
    """Return whether a magic runs Python of this notebook."""
    return magic.name in (PYTHON_LINE if magic.body is None else PYTHON)


class Magics(Scope):
    """A scope that looks into the calls that IPython's syntax becomes."""

    rewrite: Rewrite | None = None

    def function_scope(self, known: Iterable[str], effect: Effect) -> FunctionScope:
        """Return the scope of a function, which may hold magics too."""
        scope = super().function_scope(known, effect)
        if isinstance(scope, Magics):
            scope.rewrite = self.rewrite
        return scope

    def opaque_call(self, construct: str, node: ast.AST) -> None:
        """Note a construct whose effect shows only at run time."""
        raise NotImplementedError

    @handles("Call")
    def call(self, node: ast.Call, *, used: bool = False) -> None:
        """Walk a call, or what a magic hides."""
        magic = magic_of(node)
        if magic is None:
            super().call(node, used=used)
        elif isinstance(magic, str):
            super().call(node, used=used)
            self.opaque_call(magic, node)
        else:
            self.run_magic(magic, node)

    def run_magic(self, magic: Magic, node: ast.Call) -> None:
        """Walk what a magic does to names."""
        if magic.name not in NOT_EXPANDED:
            self.expand(magic.line, node)
        if runs_python(magic):
            self.run_python(magic, node)
        elif magic.body is not None:
            self.run_cell_magic(magic, node)
        elif magic.name in INSPECTING:
            self.inspect(magic.line, node)
        elif magic.name == "xdel":
            self.delete(magic.line.split()[-1] if magic.line.split() else "", node)
        elif magic.name != "!" and magic.name not in HARMLESS:
            self.opaque_call(str(magic), node)

    def run_cell_magic(self, magic: Magic, node: ast.Call) -> None:
        """Walk a cell magic whose body is not Python."""
        if magic.name in COMMANDS:
            self.expand(magic.body or "", node)
        elif magic.name in SCRIPTS:
            for name in output_names(magic.line):
                self.store(name, node)
        elif magic.name not in HARMLESS_CELL:
            self.opaque_call(str(magic), node)

    def inspect(self, line: str, node: ast.Call) -> None:
        """Walk ``name.attribute?``, which reads the name."""
        found = IDENTIFIER.match(line.strip())
        if found:
            self.load(found[0], node)

    def expand(self, text: str, node: ast.Call) -> None:
        """Read the names in ``{expression}`` and ``$name``."""
        for part in expansions(text):
            if isinstance(part, str):
                self.load(part, node)
            else:
                ast.increment_lineno(part, node.lineno - 1)
                self.walk(part)

    # Python in magics -------------------------------------------------------------

    def run_python(self, magic: Magic, node: ast.Call) -> None:
        """Walk the Python that a magic runs."""
        options, rest = split_options(
            magic.line, OPTIONS_WITH_VALUE.get(magic.name, "")
        )
        for flag, value in options:
            if flag == "f":
                self.expand(f"{{{value}}}", node)
        if magic.name == "capture":
            self.run_capture(magic, rest, node)
        elif magic.name in TIMED:
            self.run_apart([*self.parsed(rest, node, 0), *self.body(magic, node)], node)
        else:
            self.walk_all(self.parsed(rest, node, 0))
            self.walk_all(self.body(magic, node))
        if ("o", "") in options and magic.name in TIMED:
            self.store("_", node)

    def run_capture(self, magic: Magic, rest: str, node: ast.Call) -> None:
        """Walk ``%%capture name``, which binds the name after it has run its body."""
        self.walk_all(self.body(magic, node))
        name = rest.partition(" ")[0]
        if name.isidentifier():
            self.store(name, node)

    def body(self, magic: Magic, node: ast.Call) -> list[ast.stmt]:
        """Return the statements of a magic's body, placed below its first line."""
        return self.parsed(magic.body or "", node, 1)

    def parsed(self, text: str, node: ast.Call, below: int) -> list[ast.stmt]:
        """Return the statements of a text that starts `below` lines after a call."""
        if not text.strip():
            return []
        line = node.lineno - 1 + below
        parsed = parse(text, self.rewrite)
        if isinstance(parsed, Unparsable):
            raise BrokenBodyError(parsed, line)
        ast.increment_lineno(parsed.tree, line)
        return parsed.tree.body

    def run_apart(self, statements: list[ast.stmt], node: ast.AST) -> None:
        """Walk statements that run inside a function that is called at once."""
        effect = self.new_effect()
        scope = self.function_scope((), effect)
        scope.walk_all(statements)
        scope.close()
        self.act(effect, node)


class IPythonFunction(Magics, FunctionScope):
    """The body of a function that may hold IPython syntax."""

    def opaque_call(self, construct: str, _node: ast.AST) -> None:
        """Note a construct whose effect shows only at run time."""
        self.specials.add(construct)


class IPythonCell(Magics, CellScope):
    """The scope of a cell that may hold IPython syntax."""

    function_type: type[FunctionScope] = IPythonFunction

    def __init__(self, rewrite: Rewrite | None) -> None:
        super().__init__()
        self.rewrite = rewrite

    def opaque_call(self, construct: str, node: ast.AST) -> None:
        """Note a construct whose effect shows only at run time."""
        self.special_name(construct, node)


IDENTIFIER = re.compile(r"[^\W\d]\w*")
DOLLAR = re.compile(r"\$(\$?[\w.]+)")


def expansions(text: str) -> list[str | ast.expr]:
    """Return the names and expressions that IPython puts the values of into a text.

    IPython leaves a text alone if any part of it cannot be expanded.

    Examples
    --------
    >>> [
    ...     part if isinstance(part, str) else ast.unparse(part)
    ...     for part in expansions("cp {n + 1}.txt $folder '$HOME' $$x")
    ... ]
    ['n + 1', 'folder']
    >>> expansions("awk '{print $1}' $folder")
    []
    """
    if "{" not in text and "$" not in text:
        return []
    try:
        return list(expanded_parts(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def expanded_parts(text: str) -> Iterator[str | ast.expr]:
    """Yield the parts of a text that IPython expands; raise if there is a wrong one."""
    dollars: list[str] = []
    for literal, field, spec, _ in Formatter().parse(text):
        dollars += dollar_names(literal)
        if field is not None:
            code = f"{field}:{spec}" if spec else field
            yield ast.parse(code.strip(), mode="eval").body
    yield from dollars


def dollar_names(text: str) -> list[str]:
    """Return the names in ``$name`` and ``$name.attribute``, unless in single quotes."""
    return [
        found[1].partition(".")[0]
        for found in DOLLAR.finditer(text)
        if IDENTIFIER.match(found[1]) and text.count("'", found.end()) % 2 == 0
    ]


def split_options(line: str, with_value: str) -> tuple[list[tuple[str, str]], str]:
    """Return the options at the start of a magic's line, and the rest.

    Examples
    --------
    >>> split_options("-n 10 -o -f g f(x) - 1", "nf")
    ([('n', '10'), ('o', ''), ('f', 'g')], 'f(x) - 1')
    """
    options: list[tuple[str, str]] = []
    rest = line.lstrip()
    while rest.startswith("-") and rest[1:2].strip():
        option, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        flag, value = option[1:2], option[2:]
        if flag == "-":
            continue
        if flag in with_value and not value:
            value, _, rest = rest.partition(" ")
            rest = rest.lstrip()
        options.append((flag, value))
    return options, rest


def output_names(line: str) -> list[str]:
    """Return the names that ``--out``, ``--err`` and ``--proc`` bind.

    Examples
    --------
    >>> output_names("--bg --out lines --err=errors")
    ['lines', 'errors']
    """
    parts = line.replace("=", " ").split()
    return [
        name
        for option, name in pairwise(parts)
        if option in ("--out", "--err", "--proc") and name.isidentifier()
    ]
