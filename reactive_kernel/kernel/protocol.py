"""Messages between the kernel and its clients, protocol 1: the only place with JSON.

What comes from a client is parsed once, here, into one of the message types; what goes
to a client is built here. Unknown message types and fields are ignored; anything
malformed raises `MessageError` and changes nothing. docs/protocol.md is the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.document import Cell, CellId, Settings
from reactive_kernel.errors import MessageError
from reactive_kernel.planning import (
    Blocked,
    Disabled,
    Failed,
    Fresh,
    Frozen,
    Mode,
    New,
    Queued,
    Reason,
    Running,
    Stale,
    State,
)
from reactive_kernel.settings import cell_settings
from reactive_kernel.shell import notes

if TYPE_CHECKING:
    from reactive_kernel.diagnostic import Diagnostic, Span
    from reactive_kernel.graph import Found, Mention, Renaming
    from reactive_kernel.runtime import Changes, Session
    from reactive_kernel.shell import Listing, Variable

__all__ = [
    "PROTOCOL",
    "TARGET",
    "ClientMessage",
    "Configure",
    "Edit",
    "Find",
    "Notebook",
    "Opening",
    "Order",
    "Question",
    "Rename",
    "Run",
    "RunRequest",
    "Snapshot",
    "Variables",
    "error_message",
    "found_answer",
    "is_question",
    "parse",
    "parse_open",
    "parse_request",
    "refusal",
    "renaming_answer",
    "state_message",
    "variables_answer",
]

PROTOCOL: Final = 1
TARGET: Final = "reactive_kernel"


@dataclass(frozen=True, slots=True)
class Notebook:
    """The whole ordered list of code cells; what is missing was deleted.

    `metadata` is that of the notebook; None where the message has none.
    """

    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """New sources of some cells; settings are None where the message has none."""

    cells: tuple[tuple[CellId, str, Settings | None], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A new document order; cells that are not named are deleted."""

    ids: tuple[CellId, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Run these cells (None: everything stale), with what they need."""

    cells: tuple[CellId, ...] | None


@dataclass(frozen=True, slots=True)
class Configure:
    """Choose the mode for this kernel session."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Answer with a full state."""


@dataclass(frozen=True, slots=True)
class Variables:
    """Answer with all variables; like each question, under its number."""

    request: int


@dataclass(frozen=True, slots=True)
class Find:
    """Answer with all mentions of a name, and what the one at a place means."""

    request: int
    name: str
    at: tuple[CellId, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Answer with the edits that rename a name; nothing is changed."""

    request: int
    name: str
    to: str


Question = Variables | Find | Rename
ClientMessage = Notebook | Edit | Order | Run | Configure | Snapshot | Question


def parse(data: object) -> ClientMessage | None:
    """Return what a client says.

    Parameters
    ----------
    data
        The data of a comm message.

    Returns
    -------
    ClientMessage or None
        None if the type is not one that this kernel knows.

    Raises
    ------
    MessageError
        If the message is malformed; the text says where.
    """
    message = _mapping(data, "a message")
    kind = message.get("type")
    if not isinstance(kind, str):
        raise MessageError("a message needs a `type`, which is a string")
    parser = _PARSERS.get(kind)
    return None if parser is None else parser(message)


def _notebook(message: Mapping[str, Any]) -> Notebook:
    cells = tuple(
        Cell(id, source, settings or Settings())
        for id, source, settings in _cells(message)
    )
    _distinct([cell.id for cell in cells], "cells")
    metadata = message.get("metadata")
    if metadata is not None:
        metadata = _mapping(metadata, "the `metadata` of a notebook")
    return Notebook(cells, metadata)


def _edit(message: Mapping[str, Any]) -> Edit:
    cells = tuple(_cells(message))
    _distinct([id for id, _source, _settings in cells], "cells")
    return Edit(cells)


def _order(message: Mapping[str, Any]) -> Order:
    ids = tuple(_id(item, "ids") for item in _list(message, "ids"))
    _distinct(ids, "ids")
    return Order(ids)


def _run(message: Mapping[str, Any]) -> Run:
    if "cells" in message and message["cells"] is None:
        return Run(None)
    return Run(tuple(_id(item, "cells") for item in _list(message, "cells")))


def _configure(message: Mapping[str, Any]) -> Configure:
    mode = message.get("mode")
    if mode not in list(Mode):
        raise MessageError(f"`mode` must be one of {', '.join(Mode)}")
    return Configure(Mode(mode))


def _snapshot(_message: Mapping[str, Any]) -> Snapshot:
    return Snapshot()


def _variables(message: Mapping[str, Any]) -> Variables:
    return Variables(_count(message.get("request"), "request"))


def _find(message: Mapping[str, Any]) -> Find:
    request, name = _count(message.get("request"), "request"), _text(message, "name")
    place = message.get("at")
    if place is None:
        return Find(request, name)
    at = _mapping(place, "`at`")
    line, column = _count(at.get("line"), "line"), _count(at.get("column"), "column")
    return Find(request, name, (_id(at.get("cell"), "at"), line, column))


def _rename(message: Mapping[str, Any]) -> Rename:
    return Rename(
        _count(message.get("request"), "request"),
        _text(message, "name"),
        _text(message, "to"),
    )


_PARSERS: Final[Mapping[str, Callable[[Mapping[str, Any]], ClientMessage]]] = {
    "notebook": _notebook,
    "edit": _edit,
    "order": _order,
    "run": _run,
    "configure": _configure,
    "snapshot": _snapshot,
    "variables": _variables,
    "find": _find,
    "rename": _rename,
}
_QUESTIONS: Final = frozenset({"snapshot", "variables", "find", "rename"})


def is_question(content: Mapping[str, Any]) -> bool:
    """Tell whether a comm message only asks: no cell can run because of it."""
    data = content.get("data")
    kind = data.get("type") if isinstance(data, Mapping) else None
    return isinstance(kind, str) and kind in _QUESTIONS


def _cells(
    message: Mapping[str, Any],
) -> Iterable[tuple[CellId, str, Settings | None]]:
    for item in _list(message, "cells"):
        cell = _mapping(item, "an item of `cells`")
        source = cell.get("source")
        if not isinstance(source, str):
            raise MessageError("the `source` of a cell must be a string")
        metadata = cell.get("metadata")
        if metadata is not None:
            metadata = _mapping(metadata, "the `metadata` of a cell")
        settings = None if metadata is None else cell_settings(metadata)
        yield _id(cell.get("id"), "cells"), source, settings


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MessageError(f"{what} must be an object, not {type(value).__name__}")
    return value


def _list(message: Mapping[str, Any], field: str) -> list[Any]:
    value = message.get(field)
    if not isinstance(value, list):
        raise MessageError(f"`{field}` must be a list")
    return value


def _id(value: object, field: str) -> CellId:
    if not isinstance(value, str) or not value:
        raise MessageError(f"a cell id in `{field}` must be a string, and not empty")
    return CellId(value)


def _text(message: Mapping[str, Any], field: str) -> str:
    value = message.get(field)
    if not isinstance(value, str):
        raise MessageError(f"`{field}` must be a string")
    return value


def _count(value: object, field: str) -> int:
    if type(value) is not int or value < 0:
        raise MessageError(f"`{field}` must be a whole number")
    return value


def _distinct(ids: Iterable[CellId], field: str) -> None:
    seen: set[CellId] = set()
    for id in ids:
        if id in seen:
            raise MessageError(f"`{field}` has the cell id {id[:80]!r} twice")
        seen.add(id)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a client says of itself: a name of its own, and one for its notebook.

    `notebook` is empty where the client gives none.
    """

    client: str
    notebook: str


def parse_open(data: object) -> Opening:
    """Return what a client says when it opens the comm.

    Raises
    ------
    MessageError
        If it speaks another protocol.
    """
    message = _mapping(data, "the data of comm_open")
    if message.get("protocol") != PROTOCOL:
        raise MessageError(
            f"this kernel speaks protocol {PROTOCOL}, not {message.get('protocol')!r}"
        )
    client, notebook = message.get("client"), message.get("notebook")
    return Opening(
        client if isinstance(client, str) else "unnamed",
        notebook if isinstance(notebook, str) else "",
    )


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the metadata of an execute_request says about its cell.

    `cell` is None for clients without cell ids.
    """

    cell: CellId | None
    deleted: tuple[CellId, ...]
    settings: Settings


def parse_request(metadata: object) -> RunRequest:
    """Return what the metadata of an execute_request says; never raises.

    A run must not fail on strange metadata: what cannot be understood is left out.
    """
    if not isinstance(metadata, Mapping):
        return RunRequest(None, (), Settings())
    cell = metadata.get("cellId")
    deleted = metadata.get("deletedCells")
    return RunRequest(
        CellId(cell) if isinstance(cell, str) and cell else None,
        tuple(CellId(id) for id in deleted if isinstance(id, str))
        if isinstance(deleted, list)
        else (),
        cell_settings(metadata),
    )


def parse_update(content: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the comm and the traits that an update of a widget is about."""
    data = content.get("data")
    state = data.get("state") if isinstance(data, Mapping) else None
    names = list(state) if isinstance(state, Mapping) else []
    return str(content.get("comm_id")), names


def error_message(text: str) -> dict[str, object]:
    """Return the answer to a malformed message."""
    return {"type": "error", "message": text}


def refusal(question: Question, error: str) -> dict[str, object]:
    """Return the answer to a question that cannot be answered, which says why."""
    kind = type(question).__name__.lower()
    return {"type": kind, "request": question.request, "error": error}


def variables_answer(request: int, found: Listing) -> dict[str, object]:
    """Return the answer to a question for all variables."""
    return {
        "type": "variables",
        "request": request,
        "variables": [_variable(each) for each in found.shown],
        "omitted": found.omitted,
    }


def _variable(variable: Variable) -> dict[str, object]:
    about = variable.about
    return {
        "name": variable.name,
        "cell": variable.cell,
        "type": about and about.type,
        "value": about and about.value,
        "size": about and about.size,
    }


def found_answer(question: Find, found: Found) -> dict[str, object]:
    """Return the answer to a question for the mentions of a name."""
    return {
        "type": "find",
        "request": question.request,
        "name": question.name,
        "definition": found.definition and _mention(found.definition),
        "mentions": [_mention(each) for each in found.mentions],
    }


def _mention(mention: Mention) -> dict[str, object]:
    return {
        "cell": mention.cell,
        "range": _range(mention.span),
        "defines": mention.defines,
    }


def renaming_answer(question: Rename, renaming: Renaming) -> dict[str, object]:
    """Return the answer to a question for the edits that rename a name."""
    return {
        "type": "rename",
        "request": question.request,
        "edits": [
            {"cell": edit.cell, "range": _range(edit.span), "text": edit.text}
            for edit in renaming.edits
        ],
        "left": list(renaming.left),
    }


def state_message(
    session: Session, revision: int, changes: Changes | None
) -> dict[str, object]:
    """Return a `state` message: a delta with `changes`, a full one without."""
    document = session.document
    message: dict[str, object] = {
        "type": "state",
        "revision": revision,
        "full": changes is None,
        "mode": str(session.mode),
        "settled": session.settled,
        "removed": [] if changes is None else list(changes.removed),
    }
    if changes is None or changes.order:
        message["order"] = [cell.id for cell in document]
    ids = document.ids if changes is None else changes.cells
    message["cells"] = {id: _cell(session, id) for id in ids}
    return message


def _cell(session: Session, id: CellId) -> dict[str, object]:
    graph = session.graph
    record, inputs = graph.defuse(id), graph.inputs(id)
    last = session.last_runs.get(id)
    word, reasons = _state(session.state(id))
    return {
        "state": word,
        "reasons": [_reason(reason) for reason in reasons],
        "defines": sorted(record.definitions),
        "uses": dict(sorted(inputs.items())),
        "mutates": sorted(graph.mutates(id)),
        "deferred": sorted(inputs.keys() - record.uses.keys()),
        "traits": session.reads(id),
        "rests_on": list(session.rests_on(id)),
        "settings": session.document[id].settings.as_json(),
        "diagnostics": [_diagnostic(finding) for finding in notes(session, id)],
        "last_run": last
        and {"count": last.count, "seconds": last.seconds, "cause": str(last.cause)},
    }


def _state(state: State) -> tuple[str, tuple[Reason, ...]]:
    match state:
        case New():
            return "new", ()
        case Fresh():
            return "fresh", ()
        case Frozen(reasons=reasons):
            return "frozen", reasons
        case Stale(reasons=reasons):
            return "stale", reasons
        case Queued(reasons=reasons):
            return "queued", reasons
        case Running():
            return "running", ()
        case Failed():
            return "error", ()
        case Blocked(reasons=reasons):
            return "blocked", reasons
        case Disabled():
            return "disabled", ()


def _reason(reason: Reason) -> dict[str, object]:
    data: dict[str, object] = {"kind": str(reason.kind)}
    if reason.cell is not None:
        data["cell"] = reason.cell
    if reason.names:
        data["names"] = list(reason.names)
    return data


def _diagnostic(finding: Diagnostic) -> dict[str, object]:
    span, fix = finding.span, finding.fix
    data: dict[str, object] = {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "range": span and _range(span),
    }
    if fix is not None:
        data["fix"] = {"title": fix.title, "range": _range(fix.span), "text": fix.text}
    return data


def _range(span: Span) -> list[int]:
    return [span.line, span.column, span.end_line, span.end_column]
