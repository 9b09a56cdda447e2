"""What holds for every text, and what a run of a generated cell must confirm."""

from __future__ import annotations

import re
from contextlib import suppress
from textwrap import indent
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from reactive_kernel.analysis import analyse, locate, normalised

transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]  # IPython

NAMES = ("aa", "bb", "cc", "dd")

PIECES = [
    *("x", "y", " ", "\n", "    ", "\t", "=", "(", ")", "[", "]", "{", "}", ":", ","),
    *("def f", "class A", "lambda", "for", "in", "if", "else", "try", "except", "*"),
    *("%", "%%", "!", "?", "$", "%%time\n", "%timeit ", "%%capture ", "f'{", "'", '"'),
    *("import", "from", "del", "global", "nonlocal", "return", "yield", "await"),
    *("match x:\n case", "_", "é", "\\", "\r", "\0", "\ud800", "#", ";", "@", "1"),
    *("__x", "async", "with", "as", ":=", "...", ".", "get_ipython()", "type"),
]

names = st.sampled_from(NAMES)
values = st.one_of(
    st.just("1"),
    names,
    st.tuples(names, names).map(" + ".join),
    names.map(lambda name: f"[{name} for {name} in range(2)][0]"),
    st.tuples(names, names).map(lambda pair: f"({pair[0]} := {pair[1]})"),
)


def block(statements: list[str]) -> str:
    return indent("\n".join(statements), "    ")


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blocks = st.lists(inner, min_size=1, max_size=3).map(block)
    return st.one_of(
        st.tuples(values, blocks, blocks).map(
            lambda p: f"if {p[0]} > 1:\n{p[1]}\nelse:\n{p[2]}"
        ),
        st.tuples(values, blocks).map(lambda p: f"if {p[0]} > 1:\n{p[1]}"),
        st.tuples(names, st.sampled_from("012"), blocks).map(
            lambda p: f"for {p[0]} in range({p[1]}):\n{p[2]}"
        ),
        st.tuples(blocks, names, blocks, blocks).map(
            lambda p: (
                f"try:\n{p[0]}\nexcept ValueError as {p[1]}:\n{p[2]}\nfinally:\n{p[3]}"
            )
        ),
        st.tuples(blocks, names).map(lambda p: f"class {p[1]}(int):\n{p[0]}"),
    )


statements = st.recursive(
    st.one_of(
        st.tuples(names, values).map(" = ".join),
        st.tuples(names, values).map(" += ".join),
        names.map("del {}".format),
        st.just("raise ValueError"),
        values,
    ),
    compound,
    max_leaves=8,
)
programs = st.lists(statements, min_size=1, max_size=6).map("\n".join)


class Watched(dict[str, Any]):
    """A namespace that notes which names are read while they are from outside."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(NAMES, 1))
        self.outside = set(NAMES)
        self.taken: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name in self.outside:
            self.taken.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.outside.discard(name)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if name in self.outside:
            self.taken.add(name)
        self.outside.discard(name)
        super().__delitem__(name)


@given(programs)
@settings(max_examples=200, deadline=None)
def test_a_run_takes_and_leaves_only_what_the_record_says(program: str) -> None:
    record = analyse(program)
    namespace = Watched()
    finished = False
    with suppress(NameError, TypeError, ValueError):
        exec(program, {}, namespace)
        finished = True
    bound = {name for name in NAMES if name in namespace} - namespace.outside
    assert namespace.taken <= record.uses.keys() | record.conditional.keys()
    # A name that the cell would have deleted at its end may be left by an error.
    assert not finished or bound <= record.definitions.keys()


@given(programs)
@settings(max_examples=60, deadline=None)
def test_renaming_everything_renames_the_record(program: str) -> None:
    def renamed(text: str) -> str:
        return re.sub(r"\b(aa|bb|cc|dd)\b", r"new_\1", text)

    before, after = analyse(program), analyse(renamed(program))
    assert [renamed(name) for name in before.uses] == list(after.uses)
    assert [renamed(name) for name in before.definitions] == list(after.definitions)
    assert {renamed(name) for name in before.deferred} == after.deferred.keys()


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_analysis_raise(text: str) -> None:
    record = analyse(text, transform)
    assert record == analyse(text, transform)
    assert normalised(text, transform) == normalised(text + "", transform)
    assert not (record.broken and record.uses)
    for name in record.uses:
        locate(text, name, transform)


@given(programs)
@settings(max_examples=60, deadline=None)
def test_every_place_holds_the_name_it_is_said_to(program: str) -> None:
    lines = program.split("\n")
    record = analyse(program)
    for name, span in record.uses.items():
        assert span is not None
        assert lines[span.line - 1][span.column : span.end_column] == name
        assert span in locate(program, name)


@given(programs)
@settings(max_examples=60, deadline=None)
def test_comments_change_neither_record_nor_program(program: str) -> None:
    commented = "\n".join(f"{line}  # note" for line in program.split("\n"))
    assert analyse(commented) == analyse(program)
    assert normalised(commented) == normalised(program)
