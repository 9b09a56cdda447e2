"""One sample of each message: the kernel's side of what both sides agree on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reactive_kernel.diagnostic import Span
from reactive_kernel.document import CellId, Settings
from reactive_kernel.errors import MessageError
from reactive_kernel.graph import Edit, Found, Mention, Renaming
from reactive_kernel.kernel import protocol
from reactive_kernel.runtime import Description
from reactive_kernel.shell import Listing, Variable
from tests.kernel.mirror import Mirror

HERE = Path(__file__).parent
QUESTIONS = ["variables", "find", "rename"]
FROM_CLIENT = [
    *("notebook", "edit", "order", "run", "run_stale", "configure", "snapshot"),
    *QUESTIONS,
]
FROM_KERNEL = ["state_full", "state_delta", "error"]
ANSWERS = ["variables_answer", "find_answer", "rename_answer", "rename_refused"]


def sample(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return data


def test_every_sample_is_tested() -> None:
    files = {path.stem for path in HERE.glob("*.json")}
    assert files == {"comm_open", *FROM_CLIENT, *FROM_KERNEL, *ANSWERS}


@pytest.mark.parametrize("name", FROM_CLIENT)
def test_the_kernel_understands_each_message_of_a_client(name: str) -> None:
    data = sample(name)
    said = protocol.parse(data)
    assert type(said).__name__.lower() == data["type"]


def test_the_kernel_understands_a_client_that_opens_the_comm() -> None:
    opening = protocol.Opening("jupyterlab", "work/prices.ipynb")
    assert protocol.parse_open(sample("comm_open")) == opening


@pytest.mark.parametrize("data", [{}, {"client": 3, "notebook": ["odd"]}])
def test_a_client_may_have_no_name(data: dict[str, Any]) -> None:
    opening = protocol.parse_open({"protocol": 1, **data})
    assert opening == protocol.Opening("unnamed", "")


def test_what_a_notebook_message_says_is_understood() -> None:
    said = protocol.parse(sample("notebook"))
    assert isinstance(said, protocol.Notebook)
    assert [cell.id for cell in said.cells] == [
        cell["id"] for cell in sample("notebook")["cells"]
    ]
    assert said.metadata == {"reactive": {"mode": "auto"}}
    assert [cell.settings for cell in said.cells] == [
        Settings(),
        Settings(frozen=True),
        Settings(),
        Settings(disabled=True),
    ]


def test_a_notebook_message_may_come_without_metadata() -> None:
    data = sample("notebook")
    del data["metadata"]
    said = protocol.parse(data)
    assert isinstance(said, protocol.Notebook)
    assert said.metadata is None


@pytest.mark.parametrize("name", FROM_CLIENT)
def test_unknown_fields_are_ignored(name: str) -> None:
    data = sample(name)
    assert protocol.parse({**data, "of-the-future": [1]}) == protocol.parse(data)


@pytest.mark.parametrize("name", FROM_KERNEL)
def test_a_message_of_the_kernel_is_no_message_of_a_client(name: str) -> None:
    assert protocol.parse(sample(name)) is None


MAY_BE_MISSING = {"metadata", "at"}
WRONG = [3, {"odd": 1}, ["odd", 3], True]


def spoiled(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the message with each of its fields missing or of a wrong type."""
    for field in data.keys() - {"type", *MAY_BE_MISSING}:
        yield f"no {field}", {k: v for k, v in data.items() if k != field}
        for value in WRONG:
            if type(value) is not type(data[field]) or isinstance(value, list):
                yield f"{field} = {value}", {**data, field: value}
    for field in data.keys() & MAY_BE_MISSING:
        for value in ["odd", 3, ["odd"], True]:
            yield f"{field} = {value}", {**data, field: value}
    yield "no type", {k: v for k, v in data.items() if k != "type"}
    for value in [*WRONG, None]:
        yield f"type = {value}", {**data, "type": value}
    for field in data.get("at", ()):
        yield f"at without {field}", {**data, "at": {**data["at"], field: None}}
    yield from spoiled_cells(data)


def spoiled_cells(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the message with each field of its first cell missing or wrong."""
    if not (data.get("cells") and isinstance(data["cells"][0], dict)):
        return
    for field in ("id", "source"):
        for value in [*WRONG, None]:
            wrong = copy.deepcopy(data)
            wrong["cells"][0][field] = value
            yield f"cell with {field} = {value}", wrong
        wrong = copy.deepcopy(data)
        del wrong["cells"][0][field]
        yield f"cell without {field}", wrong
    yield "a cell twice", {**data, "cells": [*data["cells"], data["cells"][0]]}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(wrong, id=f"{name}: {what}")
        for name in FROM_CLIENT
        for what, wrong in spoiled(sample(name))
    ],
)
def test_a_spoiled_message_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(MessageError, match=r"\w"):
        protocol.parse(data)


@pytest.mark.parametrize("data", [None, 3, "edit", [], [1], True])
def test_what_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(MessageError, match="object"):
        protocol.parse(data)


@pytest.mark.parametrize(
    "data", [{}, {"protocol": 2}, {"protocol": "1"}, {"protocol": None}, [], None]
)
def test_a_client_of_another_protocol_is_refused(data: object) -> None:
    with pytest.raises(MessageError, match=r"\w"):
        protocol.parse_open(data)


def test_an_error_is_written_as_in_its_sample() -> None:
    data = sample("error")
    assert protocol.error_message(data["message"]) == data


def span(line: int, column: int, end: int) -> Span:
    return Span(line, column, line, end)


RATE, TAXES, PLOT = (CellId(id) for id in ("8f0c1a6e", "c97e03fa", "d5508e11"))


def test_variables_are_told_as_in_the_sample() -> None:
    listed = (
        Variable("pd", RATE, Description("module", "pandas 2.2.3", 72)),
        Variable(
            "prices", CellId("b41d22c7"), Description("Series", "3 of int64", 156)
        ),
        Variable("rate", RATE, Description("float", "0.2", 24)),
        Variable("taxes", TAXES, None),
    )
    told = protocol.variables_answer(4, Listing(listed))
    assert told == sample("variables_answer")


def test_mentions_are_told_as_in_the_sample() -> None:
    definition = Mention(RATE, span(2, 0, 4), defines=True)
    found = Found((definition, Mention(TAXES, span(1, 17, 21))), definition)
    question = protocol.parse(sample("find"))
    assert question == protocol.Find(5, "rate", (TAXES, 1, 17))
    assert protocol.found_answer(question, found) == sample("find_answer")


def test_a_renaming_and_its_refusal_are_told_as_in_the_samples() -> None:
    edits = (
        Edit(RATE, span(2, 0, 4), "tax_rate"),
        Edit(TAXES, span(1, 17, 21), "tax_rate"),
    )
    question = protocol.parse(sample("rename"))
    assert question == protocol.Rename(6, "rate", "tax_rate")
    told = protocol.renaming_answer(question, Renaming(edits, (PLOT,)))
    assert told == sample("rename_answer")
    refused = sample("rename_refused")
    assert protocol.refusal(question, refused["error"]) == refused


def test_the_states_are_what_a_client_can_fold() -> None:
    mirror = Mirror()
    mirror.fold(sample("state_full"))
    mirror.fold(sample("state_delta"))
    assert mirror.order == list(mirror.cells)
    assert not mirror.settled
