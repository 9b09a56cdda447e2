"""What every message of a well-behaved kernel must obey, checked on each one received.

For each request, and again for each rerun of a cell, iopub carries one *act*: ``busy``,
then (for code) ``execute_input`` before any output, then ``idle``, and nothing after.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Etiquette", "Message"]

HEADER = frozenset({"msg_id", "msg_type", "username", "session", "date", "version"})
OUTPUT = frozenset(
    {"stream", "display_data", "execute_result", "error", "clear_output"}
    | {"update_display_data"}
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came over the wire."""

    channel: str
    kind: str
    content: dict[str, Any]
    parent: dict[str, Any]
    metadata: dict[str, Any]
    header: dict[str, Any]

    @property
    def request(self) -> str:
        """The id of the message that caused this one ('' if none did)."""
        return str(self.parent.get("msg_id", ""))


@dataclass(slots=True)
class Act:
    """One stretch from busy to idle under one parent header."""

    number: int
    code: bool
    entered: bool = False


@dataclass(slots=True)
class Etiquette:
    """The rules; each check raises AssertionError with the offending message."""

    late_output: bool = False
    """Allow output after idle: the test runs threads or background tasks."""

    _acts: dict[str, Act] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)

    @property
    def quiet(self) -> bool:
        """Whether every busy has had its idle."""
        return not self._acts

    def busy(self, request: str) -> bool:
        """Whether the kernel is at work for a request right now."""
        return request in self._acts

    def check(self, message: Message) -> None:
        """Check a message against what came before it."""
        missing = HEADER - message.header.keys()
        assert not missing, f"header without {missing}: {message}"
        if message.channel == "iopub" and message.parent:
            self._check_parent(message)
            self._check_act(message)

    def _check_parent(self, message: Message) -> None:
        assert message.parent.get("msg_id"), f"parent without msg_id: {message}"
        for value in message.parent.values():
            assert not isinstance(value, dict | list), f"parent not flat: {message}"
        hash(frozenset(message.parent.items()))

    def _check_act(self, message: Message) -> None:
        match message.kind:
            case "status" if message.content["execution_state"] == "busy":
                self._enter(message)
            case "status" if message.content["execution_state"] == "idle":
                act = self._acts.pop(message.request, None)
                assert act, f"idle without busy: {message}"
            case "execute_input":
                self._act_of(message).entered = True
            case kind if kind in OUTPUT and not self.late_output:
                self._check_output(message)

    def _enter(self, message: Message) -> None:
        request = message.request
        assert request not in self._acts, f"busy twice: {message}"
        self._count[request] += 1
        code = message.parent.get("msg_type") == "execute_request"
        self._acts[request] = Act(self._count[request], code)
        if self._count[request] > 1:
            assert message.parent.get("cell_id"), f"rerun of no cell: {message}"

    def _act_of(self, message: Message) -> Act:
        act = self._acts.get(message.request)
        assert act, f"{message.kind} outside busy and idle: {message}"
        return act

    def _check_output(self, message: Message) -> None:
        act = self._act_of(message)
        silent = message.kind != "clear_output" and not act.code
        assert act.entered or silent, f"output before execute_input: {message}"
