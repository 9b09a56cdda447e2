from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactive_kernel.settings import Mode, Settings, cell_settings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
SWITCHES = ["disabled", "frozen", "pure"]


def settings(**reactive: object) -> Settings:
    return cell_settings({"reactive": reactive})


def test_all_settings_are_read() -> None:
    assert settings(
        disabled=True,
        mode="lazy",
        frozen=True,
        reads=["x"],
        writes=[],
        pure=True,
    ) == Settings(
        disabled=True,
        mode=Mode.LAZY,
        frozen=True,
        reads=frozenset({"x"}),
        writes=frozenset(),
        pure=True,
    )


def test_settings_are_written_as_they_were_read() -> None:
    given = {"mode": "auto", "frozen": True, "reads": ["a", "b"], "writes": []}
    assert settings(**given).as_json() == given


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param(None, id="no metadata"),
        pytest.param([], id="metadata that are no object"),
        pytest.param({}, id="nothing for us"),
        pytest.param({"reactive": True}, id="no object for us"),
        pytest.param({"reactive": {}}, id="no settings"),
        pytest.param({"reactive": {"froozen": True}}, id="unknown settings"),
        pytest.param({"reactive": {"frozen": None, "reads": None}}, id="null"),
    ],
)
def test_without_settings_all_is_as_usual(metadata: object) -> None:
    assert cell_settings(metadata) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "must_be"),
    [
        pytest.param("disabled", "yes", "true or false", id="a text for a switch"),
        pytest.param("frozen", 1, "true or false", id="a number for a switch"),
        pytest.param("mode", "quick", "auto or lazy", id="an unknown mode"),
        pytest.param("mode", ["auto"], "auto or lazy", id="a list for a mode"),
        pytest.param("reads", "x", "a list of names", id="a text for a list"),
        pytest.param("reads", ["x", 3], "a list of names", id="a number as a name"),
        pytest.param("writes", ["x.y"], "a list of names", id="no name"),
    ],
)
def test_a_wrong_value_is_left_out_with_a_reason(
    name: str, value: object, must_be: str
) -> None:
    found = settings(**{name: value, "pure": True})
    (reason,) = found.ignored
    assert f"`{name}` must be {must_be}" in reason
    assert found.as_json() == {"pure": True}


@given(JSON | st.dictionaries(st.sampled_from(["reactive"]), JSON))
def test_no_metadata_make_it_raise(metadata: object) -> None:
    cell_settings(metadata)


@given(st.dictionaries(st.sampled_from([*SWITCHES, "mode", "reads", "writes"]), JSON))
def test_what_is_not_taken_is_accounted_for(reactive: dict[str, object]) -> None:
    found = settings(**reactive)
    asked = {
        name
        for name, value in reactive.items()
        if value is not None and not (value is False and name in SWITCHES)
    }
    refused = {reason.split("`")[1] for reason in found.ignored}
    assert found.as_json().keys() | refused == asked
