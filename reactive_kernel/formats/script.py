"""What a file gets in addition so that it works as a script.

Cells tagged ``reactivepy-generated``. They are made anew whenever the notebook is
written, and are no cells of the notebook:

- options for the command line, one for each name of the cells tagged ``parameters`` and
  for each widget with a value;
- a line on stderr about cells that only Jupyter can run;
- ``display``, where a cell uses it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reactive_kernel.formats.bodies import Body
    from reactive_kernel.formats.notebook import NotebookCell, Page
    from reactive_kernel.formats.program import Program

__all__ = ["Generated", "Option", "generated", "options_of"]

_WIDGETS: Final = {
    "int": "IntSlider BoundedIntText IntText IntProgress",
    "float": "FloatSlider BoundedFloatText FloatText FloatLogSlider FloatProgress",
    "str": "Text Textarea Password Combobox ColorPicker",
    "bool": "Checkbox ToggleButton Valid",
    "literal": "Dropdown Select RadioButtons ToggleButtons SelectionSlider",
}
_KIND_OF: Final = {
    name: kind for kind, names in _WIDGETS.items() for name in names.split()
}
_NOT_OPTIONS: Final = frozenset(("help", "h"))
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Option:
    """Something that the command line can override.

    Parameters
    ----------
    name
        The name that the cell binds.
    kind
        ``int``, ``float``, ``str``, ``bool``, or ``literal`` for what is written as in
        Python.
    default
        The default as the notebook has it.
    about
        The comment behind it.
    widget
        The name is that of a widget, whose value is overridden.
    """

    name: str
    kind: str
    default: str = ""
    about: str = ""
    widget: bool = False

    @property
    def override(self) -> str:
        """The statement that takes the option."""
        target = f"{self.name}.value" if self.widget else self.name
        return f'{target} = _options.get("{self.name}", {target})'

    @property
    def argument(self) -> str:
        """The statement that declares the option."""
        kind = {
            "bool": "action=argparse.BooleanOptionalAction",
            "literal": "type=ast.literal_eval",
        }.get(self.kind, f"type={self.kind}")
        default = f"by default {self.default}" if self.default else ""
        about = "; ".join(filter(None, (self.about, default))).replace("%", "%%")
        flags = dict.fromkeys((f"--{self.name.replace('_', '-')}", f"--{self.name}"))
        shown = ", ".join(map(repr_, flags))
        destination = f', dest="{self.name}"' if len(flags) > 1 else ""
        return (
            f"_parser.add_argument({shown}{destination}, {kind}, help={repr_(about)})"
        )


def repr_(text: str) -> str:
    """Return a text as Python with double quotes, as formatters want it."""
    import json

    return json.dumps(text, ensure_ascii=True)


def options_of(cell: NotebookCell) -> Iterator[Option]:
    """Yield what the command line can override in a cell."""
    if not ("parameters" in cell.tags or _may_have_widgets(cell.source)):
        return
    try:
        tree = ast.parse(cell.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    comments = _comments(cell.source) if "parameters" in cell.tags else {}
    for name, value, kind in _assignments(tree):
        found = _widget(name, value)
        if found is None and "parameters" in cell.tags:
            found = _parameter(name, value, kind)
        if found and name not in _NOT_OPTIONS:
            yield replace(found, about=comments.get(value.end_lineno or 0, ""))


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr, str | None]]:
    """Yield names, values and annotations of the assignments in a cell."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                yield name, value, None
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                annotation = node.annotation
                yield (
                    name,
                    value,
                    annotation.id if isinstance(annotation, ast.Name) else None,
                )
            case _:
                pass


def _may_have_widgets(source: str) -> bool:
    return any(name in source for name in _KIND_OF)


def _widget(name: str, value: ast.expr) -> Option | None:
    match value:
        case ast.Call(func=ast.Name(kind) | ast.Attribute(attr=kind)) if (
            kind in _KIND_OF
        ):
            keywords = {word.arg: ast.unparse(word.value) for word in value.keywords}
            return Option(name, _KIND_OF[kind], keywords.get("value", ""), widget=True)
        case _:
            return None


def _parameter(name: str, value: ast.expr, annotation: str | None) -> Option | None:
    shown = ast.unparse(value)
    if annotation in ("int", "float", "str", "bool"):
        return Option(name, annotation, shown)
    try:
        default = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    kind = type(default).__name__
    if kind == "NoneType":
        return Option(name, "str", shown)
    return Option(
        name, kind if kind in ("int", "float", "str", "bool") else "literal", shown
    )


def _comments(source: str) -> dict[int, str]:
    """Return the comments of a cell by their lines."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    try:
        return {
            token.start[0]: token.string.lstrip("# ")
            for token in tokens
            if token.type == tokenize.COMMENT
        }
    except (tokenize.TokenError, SyntaxError):
        return {}


@dataclass(frozen=True, slots=True)
class Generated:
    """Texts of cells to put above and below cells of the notebook, by name."""

    above: Mapping[str, Sequence[str]] = field(default_factory=dict)
    below: Mapping[str, Sequence[str]] = field(default_factory=dict)


def generated(
    page: Page, names: Sequence[str], bodies: Mapping[str, Body], program: Program
) -> Generated:
    """Return the cells that a file gets in addition."""
    cells = dict(zip(names, page.cells, strict=True))
    live = [
        name
        for name in program.order
        if cells[name].kind == "code" and name not in program.inert
    ]
    options = {name: list(options_of(cells[name])) for name in live}
    below = {
        name: ["\n".join(option.override for option in each)]
        for name, each in options.items()
        if each
    }
    every = {option.name: option for each in options.values() for option in each}
    left_out = [cells[name].source for name in program.unexpected]
    top = _top(page, list(every.values()), left_out, program)
    if not top:
        return Generated()
    first, *_ = live or program.unexpected
    # Imports from __future__ have to stand above everything else.
    if "__future__" in (bodies[first].live or ""):
        return Generated({}, {**below, first: [top, *below.get(first, ())]})
    return Generated({first: [top]}, below)


def _top(
    page: Page, options: Sequence[Option], left_out: Sequence[str], program: Program
) -> str:
    """Return the cell that stands above all code."""
    parts = []
    if "display" in program.unbound:
        parts.append(_DISPLAY)
    body = [*_argument_lines(page, options), *_left_out_lines(left_out)]
    if body:
        lines = "\n".join(f"    {line}" if line else "" for line in body)
        empty = "_options = {}\n" if options else ""
        parts.append(
            f'{empty}if __name__ == "__main__" and "get_ipython" not in globals():\n{lines}'
        )
    return "\n".join(parts)


_DISPLAY: Final = """\
try:
    from IPython.display import display
except ImportError:
    display = print
"""


def _argument_lines(page: Page, options: Sequence[Option]) -> Iterator[str]:
    if not options:
        return
    literal = any(option.kind == "literal" for option in options)
    yield from ("import argparse", *(["import ast"] if literal else ()), "")
    yield "_parser = argparse.ArgumentParser("
    if title := _title(page):
        yield f"    description={repr_(title)},"
    yield "    argument_default=argparse.SUPPRESS,"
    yield "    allow_abbrev=False,"
    yield ")"
    yield from (option.argument for option in options)
    yield "_options = vars(_parser.parse_args())"


def _title(page: Page) -> str:
    """Return the first heading of a notebook."""
    for cell in page.cells:
        if cell.kind == "markdown":
            found = re.search(r"^#{1,3}[ \t]+(.+)$", cell.source, re.M)
            if found:
                return found[1].strip().replace("%", "%%")
    return ""


def _left_out_lines(left_out: Sequence[str]) -> Iterator[str]:
    if not left_out:
        return
    shown = [_first_line(source) for source in left_out[:_SHOWN]]
    more = len(left_out) - len(shown)
    text = "; ".join(shown) + (f"; and {more} more" if more else "")
    yield from ("import sys", "")
    yield f"print({repr_('Only Jupyter can run, so left out: ' + text)}, file=sys.stderr)"


def _first_line(source: str) -> str:
    line = next(filter(None, map(str.strip, source.split("\n"))), "")
    return line if len(line) <= 40 else f"{line[:37]}..."
