from __future__ import annotations

from reactive_kernel.document import CellId
from reactive_kernel.planning import Fresh, Source, Stale
from reactive_kernel.runtime import Reads
from reactive_kernel.runtime.feedback import Chains
from reactive_kernel.runtime.sources import Sources
from reactive_kernel.testing import Notebook

A, B, C = map(CellId, "abc")
N = Source("n", "n.value")


def read(token: int, *, changed: bool = False) -> Reads:
    return Reads({N: token}, {N: token}, {N} if changed else set())


def test_a_change_concerns_the_cells_that_read_it() -> None:
    sources = Sources()
    sources.enter(A, read(1))
    assert sources.change(N, 2, None) == ({A}, set())
    assert sources.moved_on(A)


def test_a_change_that_nobody_read_is_not_kept() -> None:
    sources = Sources()
    assert sources.change(N, 2, None) == (set(), set())
    sources.enter(A, read(1))
    sources.strike(A)
    assert sources.tokens == {}


def test_a_cell_takes_its_own_change_as_seen() -> None:
    sources = Sources()
    sources.enter(A, read(1))
    sources.enter(B, read(1))
    assert sources.change(N, 2, by=A) == ({B}, {A})
    assert not sources.moved_on(A)


def test_a_cell_that_changes_what_it_reads_follows_the_user_only() -> None:
    sources = Sources()
    sources.enter(A, read(1, changed=True))
    assert sources.change(N, 2, by=B) == (set(), {A})
    assert sources.change(N, 3, by=None) == ({A}, set())


def test_a_cell_keeps_what_it_read_under_a_new_id() -> None:
    sources = Sources()
    sources.enter(A, read(1))
    sources.rename(A, B)
    assert sources.change(N, 2, None) == ({B}, set())


def test_a_chain_that_comes_back_is_a_loop() -> None:
    chains = Chains()
    for cell, after in (A, B), (B, C):
        chains.begin(cell)
        assert chains.lead_to(after) == ()
    chains.begin(C)
    assert chains.lead_to(A) == (A, B, C)


def test_a_change_from_outside_begins_a_new_chain() -> None:
    chains = Chains()
    chains.begin(A)
    chains.lead_to(B)
    chains.start_at(B)
    chains.begin(B)
    assert chains.lead_to(A) == ()


MADE = (
    "from traitlets import HasTraits, Int\nclass S(HasTraits):\n    n = Int()\ns = S()"
)


def test_a_value_that_is_set_back_makes_fresh_again(notebook: Notebook) -> None:
    notebook.open(MADE, "print(s.n)")
    notebook.session.set_mode(notebook.session.mode.__class__.LAZY)
    notebook.do("s.n = 5")
    assert isinstance(notebook.state("b"), Stale)
    notebook.do("s.n = 0")
    assert isinstance(notebook.state("b"), Fresh)


def test_a_cell_that_was_deleted_follows_nothing(notebook: Notebook) -> None:
    notebook.open(MADE, "print(s.n)")
    notebook.delete("b")
    assert notebook.do("s.n = 5") == []


def test_a_cell_follows_what_it_read_in_its_last_run_only(notebook: Notebook) -> None:
    notebook.open(MADE, "t = S()", "print(t.n or s.n)")
    assert notebook.do("t.n = 1") == ["c"]
    assert notebook.do("s.n = 5") == []


def test_an_object_that_is_made_anew_is_another_source(notebook: Notebook) -> None:
    notebook.open(MADE, "print(s.n)")
    notebook.do("old = s")
    assert notebook.run("a") == ["a", "b"]
    assert notebook.do("old.n = 5") == []
    assert notebook.do("s.n = 5") == ["b"]
    assert notebook.printed["b"] == "5\n"


def test_a_cell_above_the_one_that_sets_what_it_reads_comes_to_rest(
    notebook: Notebook,
) -> None:
    notebook.open(MADE, "print(t.n, s.n)", "t.n = s.n + 1")
    notebook.insert(1, "d", "t = S()")
    notebook.run("b")
    notebook.run("c")
    notebook.do("s.n = 5")
    assert notebook.printed["b"] == "6 5\n"
    assert isinstance(notebook.state("b"), Fresh)


def test_what_changes_after_the_last_cell_of_a_pass_is_not_forgotten(
    notebook: Notebook,
) -> None:
    notebook.open(MADE, "print(s.n)", "print(-s.n)")
    session = notebook.session
    exec("s.n = 1", {}, notebook.namespace)
    for value in (2, 3):  # one after each cell of the pass
        step = session.next_step()
        assert step is not None
        notebook.request(step.cell)
        exec(f"s.n = {value}", {}, notebook.namespace)
    notebook.settle()
    assert [notebook.printed[id] for id in "bc"] == ["3\n", "-3\n"]
    assert all(isinstance(notebook.state(id), Fresh) for id in "bc")
