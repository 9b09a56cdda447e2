from __future__ import annotations

import pytest

from reactive_kernel.analysis import DefUse, Observation, analyse, overruled
from reactive_kernel.document import Settings

GENERATOR = "random generator"


def record(
    source: str,
    *,
    seen: Observation | None = None,
    reads: str | None = None,
    writes: str | None = None,
) -> DefUse:
    """Return a record as overruled; names are given as words."""
    found = analyse(source)
    if seen is not None:
        found = found.observed(seen)
    return overruled(found, Settings(reads=names(reads), writes=names(writes)))


def names(words: str | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words.split())


def test_without_settings_the_record_stays_as_it_is() -> None:
    found = analyse("y = x\nxs.append(y)")
    assert overruled(found, Settings()) is found


def test_reads_are_exactly_those_that_are_named() -> None:
    found = record("print(x, limit)", reads="x other")
    assert found.uses.keys() == {"x", "other"}
    assert found.uses["x"] is not None


def test_what_the_text_reads_besides_may_still_come_from_outside() -> None:
    assert record("print(x, limit)", reads="x").conditional.keys() >= {"limit"}


def test_what_is_changed_in_place_is_read() -> None:
    found = record("xs.append(x)", reads="")
    assert found.uses.keys() == found.mutates.keys() == {"xs"}


def test_writes_are_exactly_those_that_are_named() -> None:
    found = record("a = 1\nb = 2\nxs.append(a)\ndel gone", writes="b")
    assert found.definitions.keys() == {"b"}
    assert not found.mutates
    assert not found.deletes


def test_a_name_that_is_not_in_the_text_is_defined() -> None:
    found = record("setup(globals())", writes="table")
    assert found.definitions.keys() == {"table"}
    assert not found.mutates


def test_a_name_that_is_used_and_not_bound_is_changed_in_place() -> None:
    found = record("fill(table)", writes="table")
    assert found.mutates.keys() == {"table"}
    assert not found.definitions


def test_a_name_that_is_used_and_bound_is_defined() -> None:
    found = record("table = clean(table)", writes="table")
    assert found.definitions.keys() == {"table"}
    assert not found.mutates


def test_functions_that_are_not_written_carry_nothing_on() -> None:
    found = record("def f(): return rate\ndef g(): return rate", writes="g")
    assert found.deferred.keys() == {"g"}


def test_who_says_what_is_written_need_not_be_warned_of_more() -> None:
    assert [note.code for note in analyse("exec(code)").diagnostics] == ["opaque"]
    assert not record("exec(code)", writes="x").diagnostics


def test_a_pure_cell_changes_nothing_and_still_reads() -> None:
    found = overruled(analyse("xs.append(x)"), Settings(pure=True))
    assert not found.mutates
    assert found.uses.keys() == {"xs", "x"}


def test_in_a_pure_cell_what_it_writes_is_defined() -> None:
    found = overruled(
        analyse("fill(table)"), Settings(pure=True, writes=frozenset({"table"}))
    )
    assert found.definitions.keys() == {"table"}
    assert not found.mutates


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(writes=frozenset()), id="writes"),
        pytest.param(Settings(pure=True), id="pure"),
    ],
)
def test_a_change_that_a_run_has_shown_is_overruled(settings: Settings) -> None:
    found = analyse("grow(xs)").observed(Observation(mutated=frozenset({"xs"})))
    assert not overruled(found, settings).mutates


def test_a_name_that_a_run_has_bound_is_overruled() -> None:
    seen = Observation(bound=frozenset({"found"}))
    assert record("exec(code)", seen=seen, writes="x").definitions.keys() == {"x"}


def test_what_is_outside_the_namespace_is_not_overruled() -> None:
    seen = Observation(mutated=frozenset({GENERATOR}))
    found = record("draw()", seen=seen, reads="draw", writes="")
    assert found.mutates.keys() == {GENERATOR}
    assert found.uses.keys() == {"draw", GENERATOR}


def test_a_cell_that_does_not_parse_has_no_names_to_overrule() -> None:
    assert record("x = (", writes="x").broken
