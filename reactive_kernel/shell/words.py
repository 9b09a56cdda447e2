"""States and reasons in words that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactive_kernel.diagnostic import Diagnostic, Severity
from reactive_kernel.planning import (
    Blocked,
    Disabled,
    Failed,
    Fresh,
    Frozen,
    New,
    Queued,
    Reason,
    ReasonKind,
    Running,
    Stale,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reactive_kernel.document import CellId
    from reactive_kernel.runtime import Session

__all__ = [
    "human",
    "label",
    "labels",
    "notes",
    "remarks",
    "sentence",
    "settings",
    "whose",
]


def labels(session: Session) -> dict[CellId, str]:
    """Return what to call each cell: ``In[3]``, or its place if it was not run."""
    named: dict[CellId, str] = {}
    for place, cell in enumerate(session.document, start=1):
        last = session.last_runs.get(cell.id)
        shown = last is not None and last.count is not None
        named[cell.id] = f"In[{last.count}]" if last and shown else f"cell {place}"
    return named


def label(session: Session, id: CellId, names: Mapping[CellId, str]) -> str:
    """Return a cell's name and what it defines, fit for a mermaid node.

    A cell that defines nothing is known by its first line instead.
    """
    defined = ", ".join(sorted(session.graph.writes(id)))
    first = " ".join(session.document[id].source.strip().split("\n")[0].split())
    about = defined or first
    text = f"{names[id]}: {about[:40]}{'…' if len(about) > 40 else ''}"
    # Mermaid reads "#" as the start of an entity, and entities in quotes are safe.
    safe = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}
    return "".join(safe.get(char, char) for char in text)


def remarks(session: Session, id: CellId, names: Mapping[CellId, str]) -> list[str]:
    """Return what is to be said about a cell's state beyond its reasons."""
    resting = [names[frozen] for frozen in session.rests_on(id)]
    if not resting:
        return []
    are = "is" if len(resting) == 1 else "are"
    return [f"rests on {', '.join(resting)}, which {are} frozen"]


def settings(session: Session, id: CellId) -> str:
    """Return the settings of a cell in words; '' where all is as usual."""
    return ", ".join(
        name if value is True else _setting(name, value)
        for name, value in session.document[id].settings.as_json().items()
    )


def _setting(name: str, value: object) -> str:
    match value:
        case []:
            return f"{name} nothing"
        case [*listed]:
            return f"{name} {' '.join(map(str, listed))}"
        case _:
            return str(value)


def whose(
    versions: Collection[tuple[CellId, str]], names: Mapping[CellId, str]
) -> tuple[str, str]:
    """Return the cells that made some versions, and the names that these are of."""
    cells = dict.fromkeys(names.get(cell, "a deleted cell") for cell, _name in versions)
    listed = sorted({name for _cell, name in versions})
    return ", ".join(cells), ", ".join(listed)


def human(size: int) -> str:
    """Return a number of bytes in a unit that is easy to read.

    >>> human(999), human(1_500), human(32_000_000), human(2_340_000_000)
    ('999 B', '1.5 kB', '32 MB', '2.3 GB')
    """
    if size < 1000:
        return f"{size} B"
    scaled, units = float(size), iter(("kB", "MB", "GB", "TB"))
    unit = ""
    while scaled >= 999.5 and (following := next(units, None)):
        scaled, unit = scaled / 1000, following
    return f"{scaled:.0f} {unit}" if scaled >= 10 else f"{scaled:.1f} {unit}"


def sentence(state: State, names: Mapping[CellId, str]) -> tuple[str, str]:
    """Return a state's word, and its reasons in words ('' if there are none)."""
    match state:
        case New():
            return "new", "not run in this session"
        case Fresh():
            return "fresh", ""
        case Frozen(reasons=reasons):
            return "frozen", _because(reasons, names)
        case Stale(reasons=reasons):
            return "stale", _because(reasons, names)
        case Queued(reasons=reasons):
            return "queued", _because(reasons, names)
        case Running():
            return "running", ""
        case Failed(error=error):
            return "error", error
        case Blocked(reasons=reasons):
            return "blocked", _because(reasons, names)
        case Disabled():
            return "disabled", ""


def notes(session: Session, id: CellId) -> tuple[Diagnostic, ...]:
    """Return what is wrong or remarkable about a cell."""
    loop = session.loops.get(id)
    found = session.graph.findings(id)
    if loop is None:
        return found
    names = labels(session)
    cells = [names.get(cell, "a deleted cell") for cell in loop.cells]
    message = (
        f"{' -> '.join((*cells, cells[0]))}: each changes what the next one reads"
        f"{f' ({loop.source})' if loop.source else ''}, so they were run once, and no "
        "further: let one of them read something else"
    )
    return (*found, Diagnostic("feedback", Severity.WARNING, message))


def _because(reasons: tuple[Reason, ...], names: Mapping[CellId, str]) -> str:
    return "; ".join(_reason(reason, names) for reason in reasons)


def _reason(reason: Reason, names: Mapping[CellId, str]) -> str:
    listed = ", ".join(reason.names)
    cell = names.get(reason.cell, "a deleted cell") if reason.cell else ""
    match reason.kind:
        case ReasonKind.EDITED if cell:
            return f"{cell}, which defined {listed}, was edited"
        case ReasonKind.EDITED:
            return "edited since it ran"
        case ReasonKind.INPUT:
            return f"{listed} changed in {cell}"
        case ReasonKind.DELETED if not listed:
            return "its values were removed"
        case ReasonKind.DELETED:
            return f"{listed} is not defined any more"
        case ReasonKind.MOVED:
            return f"{listed} now comes from {cell}"
        case ReasonKind.TRAIT:
            return f"{listed} changed"
        case ReasonKind.MODULE:
            return f"module {listed} changed"
        case ReasonKind.OUTSIDE:
            return f"{listed} was changed by somebody else"
        case ReasonKind.UPSTREAM_ERROR:
            return f"{listed} is missing because {cell} failed"
        case ReasonKind.CYCLE:
            return f"cells depend on each other through {' -> '.join(reason.names)}"
        case ReasonKind.INTERRUPTED:
            return "interrupted"
