"""What is seen at a glance is what the analysis and the graph find at length."""

from __future__ import annotations

import symtable
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.corpus import real_cells
from reactive_kernel.formats import program
from reactive_kernel.formats.bodies import written
from reactive_kernel.formats.notebook import from_node
from reactive_kernel.formats.outline import outlined
from tests.formats.samples import notebook_of

OWN = {
    "__doc__",
    "__name__",
    "__module__",
    "__qualname__",
    "__annotations__",
    "__firstlineno__",
}
OWN |= {"__static_attributes__", "__classdict__", "__conditional_annotations__"}
OWN |= {"__type_params__", ".type_params", ".generic_base", "__annotate__"}


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from tables(inner)


@pytest.mark.filterwarnings("ignore")
def test_an_outline_has_the_names_of_pythons_own_symbol_table() -> None:
    """So it notices when the code of another Python looks different."""
    for source in real_cells(300):
        found = outlined(source)
        if found is None:
            continue
        top = symtable.symtable(source, "<cell>", "exec")
        bound = {
            each.get_name()
            for each in top.get_symbols()
            if each.is_assigned() or each.is_imported()
        }
        assert found.bound - OWN == {name for name in bound if name in found.bound}
        assert bound - OWN <= found.bound
        used = {
            each.get_name()
            for table in tables(top)
            for each in table.get_symbols()
            if each.is_referenced() and (table is top or each.is_global())
        }
        claimed = found.now.union(*found.later.values())
        # Annotations of local variables are names of the table and are never read.
        assert claimed - OWN <= used | bound
        assert found.by_calls <= used | bound | claimed


NAMES = st.sampled_from("abcd")
CELLS = st.one_of(
    st.builds("{} = 1".format, NAMES),
    st.builds("{} = {}".format, NAMES, NAMES),
    st.builds("{0} = 1; print({0})".format, NAMES),
    st.builds("print({})".format, NAMES),
    st.builds("{}.x = 1".format, NAMES),
    st.builds("del {}".format, NAMES),
    st.builds("def {}(): return {}".format, NAMES, NAMES),
    st.builds("def {}():\n    global {}\n    {} = 1".format, NAMES, NAMES, NAMES),
    st.builds("class {}({}): y = {}".format, NAMES, NAMES, NAMES),
    st.builds("class {}:\n    def m(self): return {}".format, NAMES, NAMES),
    st.builds("{}()".format, NAMES),
    st.builds("{} = lambda: {}".format, NAMES, NAMES),
    st.builds("@{}\ndef {}(): return {}".format, NAMES, NAMES, NAMES),
    st.builds("{} = [{} for {} in {}]".format, NAMES, NAMES, NAMES, NAMES),
    st.builds("if {}:\n    {} = 1".format, NAMES, NAMES),
    st.builds("%time\n{} = {}".format, NAMES, NAMES),
    st.builds("%time {} = {}()".format, NAMES, NAMES),
    st.builds("%time {}({})".format, NAMES, NAMES),
    st.builds("%time {}.append({})".format, NAMES, NAMES),
    st.builds("%timeit {}()".format, NAMES),
    st.builds("{0} = {1}\n%time {0}()".format, NAMES, NAMES),
    st.builds("def {}(): {}.append(1)".format, NAMES, NAMES),
    st.builds("def {0}(): return {1}\n{2} = {0}()".format, NAMES, NAMES, NAMES),
)


@settings(deadline=None, max_examples=400)
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_where_outlines_give_the_order_the_graph_gives_the_same(
    sources: list[str],
) -> None:
    page = from_node(notebook_of(*sources))
    names = program.names_of(page)
    with warnings.catch_warnings(action="ignore"):
        bodies = {
            name: written(cell.source, name)
            for name, cell in zip(names, page.cells, strict=True)
        }
        plain = program._plain_program(list(bodies.values()), names)
        if plain is not None:
            ordered = program._ordered_program(page, names, bodies)
            assert (plain.order, plain.inert) == (ordered.order, ordered.inert)
            assert "display" not in ordered.unbound


def test_an_ordinary_notebook_needs_no_graph() -> None:
    sources = [
        "import math",
        "def area(r):\n    return math.pi * scaled(r)",
        "def scaled(r):\n    return r * factor",
        "factor = 2",
        "for r in range(3):\n    print(area(r))",
        "for r in range(5):\n    print(r)",
    ]
    bodies = [written(source, "a") for source in sources]
    assert program._plain_program(bodies, "abcdef") is not None
    assert program._plain_program(bodies[:2] + bodies[4:], "abef") is not None
    assert program._plain_program([*bodies[:3], bodies[4], bodies[3]], "abced") is None


@pytest.mark.parametrize(
    ("define", "magic"),
    [
        pytest.param("log = []", "%time log.append(1)", id="itself"),
        pytest.param("log = []", "%timeit -n1 log.append(1)", id="timeit"),
        pytest.param("log = []\ndef f(): log.append(1)", "%time f()", id="by a call"),
    ],
)
def test_what_only_a_magic_changes_is_not_read_by_a_script(
    define: str, magic: str
) -> None:
    page = from_node(notebook_of(define, magic, "print(log)"))
    names = program.names_of(page)
    bodies = {
        name: written(cell.source, name)
        for name, cell in zip(names, page.cells, strict=True)
    }
    assert program.program_of(page, names, bodies).inert == {names[2]}
