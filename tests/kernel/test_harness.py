"""The harness itself: a screen that shows what JupyterLab shows, rules that bite."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.etiquette import Etiquette, Message
from tests.kernel.mirror import Mirror
from tests.kernel.screen import Screen

HEADER = {
    "msg_id": "m",
    "msg_type": "",
    "username": "",
    "session": "",
    "date": "",
    "version": "",
}
PARENT = {"msg_id": "r1", "msg_type": "execute_request"}


def message(kind: str, parent: dict[str, Any] | None = None, **content: Any) -> Message:
    return Message(
        "iopub", kind, content, PARENT if parent is None else parent, {}, HEADER
    )


def busy(parent: dict[str, Any] | None = None) -> Message:
    return message("status", parent, execution_state="busy")


def idle(parent: dict[str, Any] | None = None) -> Message:
    return message("status", parent, execution_state="idle")


ENTER = message("execute_input", code="1", execution_count=1)
TEXT = message("stream", name="stdout", text="x")
RERUN = {**PARENT, "cell_id": "a"}


def obey(*messages: Message) -> Etiquette:
    rules = Etiquette()
    for each in messages:
        rules.check(each)
    return rules


def test_a_run_and_a_rerun_are_two_acts() -> None:
    assert obey(busy(), ENTER, TEXT, idle(), busy(RERUN), ENTER, TEXT, idle()).quiet


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([busy(), busy()], id="busy twice"),
        pytest.param([idle()], id="idle alone"),
        pytest.param([busy(), TEXT], id="output before input"),
        pytest.param([busy(), ENTER, idle(), TEXT], id="output after idle"),
        pytest.param([ENTER], id="input outside"),
        pytest.param([busy(), ENTER, idle(), busy()], id="a rerun of no cell"),
        pytest.param([busy({"msg_id": "r", "d": {}})], id="a nested parent"),
        pytest.param([busy({"cell_id": "a"})], id="a parent without id"),
    ],
)
def test_bad_manners_are_caught(messages: list[Message]) -> None:
    with pytest.raises(AssertionError):
        obey(*messages)


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def test_text_of_one_stream_flows_together() -> None:
    screen = Screen()
    screen.execute("a", "r1")
    for kind, content in (stream("1\n"), stream("2\n"), stream("no", "stderr")):
        screen.feed(kind, content, "r1")
    assert [output["text"] for output in screen.areas["a"].outputs] == ["1\n2\n", "no"]


def test_a_waiting_clear_takes_effect_with_the_next_output() -> None:
    screen = Screen()
    screen.execute("a", "r1")
    screen.feed(*stream("old"), "r1")
    screen.feed("clear_output", {"wait": True}, "r1")
    assert screen.areas["a"].text == "old"
    screen.feed(*stream("new"), "r1")
    assert screen.areas["a"].text == "new"


def test_only_the_latest_request_of_a_cell_is_shown() -> None:
    screen = Screen()
    screen.execute("a", "r1")
    screen.execute("a", "r2")
    screen.feed(*stream("late"), "r1")
    assert screen.areas["a"].outputs == []


def test_a_display_is_updated_wherever_it_stands() -> None:
    screen = Screen()
    screen.execute("a", "r1")
    screen.execute("b", "r2")
    shown = {"data": {"text/plain": "-"}, "metadata": {}}
    known = {"transient": {"display_id": "d"}}
    screen.feed("display_data", {**shown, **known}, "r1")
    new = {"data": {"text/plain": "+"}, "metadata": {}}
    screen.feed("update_display_data", {**new, **known}, "r2")
    assert screen.areas["a"].text == "+"


def told(revision: int, *, full: bool = False, **fields: Any) -> dict[str, Any]:
    order: dict[str, Any] = {"order": []} if full else {}
    state = {"type": "state", "revision": revision, "full": full, "mode": "auto"}
    return {**state, "settled": True, "cells": {}, **order, **fields}


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([told(1)], id="a delta first"),
        pytest.param([told(1, full=True), told(3)], id="a missing revision"),
        pytest.param([told(1, full=True, order=["a"])], id="an unknown cell"),
        pytest.param([told(1, full=True, mode="fast")], id="an unknown mode"),
        pytest.param([told(1, full=True, cells={"a": {}})], id="an empty cell"),
    ],
)
def test_a_wrong_picture_of_the_notebook_is_caught(
    messages: list[dict[str, Any]],
) -> None:
    mirror = Mirror()
    *before, wrong = messages
    for each in before:
        mirror.fold(each)
    with pytest.raises(AssertionError):
        mirror.fold(wrong)
