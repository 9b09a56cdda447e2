"""``%reactive``: the engine at the user's fingertips, in every client."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from reactive_kernel.planning import Mode
from reactive_kernel.shell.variables import variables
from reactive_kernel.shell.words import (
    human,
    label,
    labels,
    notes,
    remarks,
    sentence,
    settings,
    whose,
)

if TYPE_CHECKING:
    from reactive_kernel.document import CellId
    from reactive_kernel.runtime import Session

__all__ = ["ReactiveMagics"]

_USAGE = """\
%reactive status            a table of all cells: state, what each defines and uses
%reactive graph             a picture of which cell depends on which
%reactive variables         the names, types and values that cells have left
%reactive mode [auto|lazy]  rerun dependents by themselves, or mark them only
%reactive run               rerun everything that is stale
%reactive memory            what is kept so that cells need not run again, and its size
%reactive why CELL          why a cell is in the state it is in, and what it depends on
                            (CELL: the number in In[...], or a cell id)"""


@magics_class
class ReactiveMagics(Magics):
    """The ``%reactive`` line magic."""

    @property
    def _session(self) -> Session:
        session: Session = self.shell.reactive  # type: ignore[union-attr]  # set
        return session

    @line_magic
    def reactive(self, line: str) -> None:
        """Look at and steer the reactive notebook: ``%reactive`` lists what it can."""
        verb, *rest = line.split() or ["help"]
        match verb, rest:
            case "status", []:
                self._status()
            case "memory", []:
                self._memory()
            case "variables", []:
                self._variables()
            case "graph", []:
                self._graph()
            case "mode", []:
                print(f"The mode is {self._session.mode}.")
            case "mode", [mode] if mode in list(Mode):
                self._session.set_mode(Mode(mode))
                print(_MODES[Mode(mode)])
            case "run", []:
                self._run()
            case "why", [which]:
                print(self._why(which))
            case "help", []:
                print(_USAGE)
            case _:
                raise UsageError(
                    f"%reactive does not know {line!r}. It knows:\n{_USAGE}"
                )

    def _status(self) -> None:
        session, names = self._session, labels(self._session)
        cells = [cell.id for cell in session.document if cell.id != session.running]
        rows = [_row(session, id, names) for id in cells]
        head: tuple[str, ...] = ("cell", "state", "why", "defines", "uses", "settings")
        if not any(row[-1] for row in rows):
            head, rows = head[:-1], [row[:-1] for row in rows]
        caption = "; ".join((f"{len(rows)} cells, mode {session.mode}", *session.notes))
        _show_table(head, rows, caption)

    def _memory(self) -> None:
        session, names = self._session, labels(self._session)
        report = session.memory()
        rows = [
            (
                *whose(kept.versions, names),
                str(kept.kind),
                human(kept.bytes) if kept.bytes else "shared",
            )
            for kept in sorted(report.kept, key=lambda kept: -kept.bytes)
        ]
        total = ("all", "", f"of {human(report.budget)}", human(report.total))
        given_up = f"{report.evicted} given up so far"
        if report.evicted:
            given_up += f" ({human(report.evicted_bytes)})"
        caption = f"{len(rows)} kept, {given_up}"
        _show_table(("cell", "name", "kept", "size"), [*rows, total], caption)

    def _variables(self) -> None:
        names, found = labels(self._session), variables(self._session)
        rows: list[tuple[str, ...]] = [
            (
                each.name,
                each.about.type if each.about else "",
                each.about.value if each.about else "",
                human(each.about.size) if each.about and each.about.size else "",
                names.get(each.cell, "a deleted cell"),
            )
            for each in found.shown
        ]
        more = f", {found.omitted} more" if found.omitted else ""
        head = ("name", "type", "value", "size", "cell")
        _show_table(head, rows, f"{len(rows)} variables{more}")

    def _graph(self) -> None:
        mermaid, text = _pictures(self._session)
        display({"text/vnd.mermaid": mermaid, "text/plain": text}, raw=True)

    def _run(self) -> None:
        session = self._session
        session.ask(None)
        stale = [cell.id for cell in session.document if session.is_planned(cell.id)]
        names = labels(session)
        if stale:
            print("Rerunning " + ", ".join(names[id] for id in stale) + ".")
        else:
            print("Nothing is stale.")

    def _why(self, which: str) -> str:
        session, names = self._session, labels(self._session)
        id = self._find(which, names)
        word, why = sentence(session.state(id), names)
        lines = [f"{names[id]} is {word}" + (f": {why}." if why else ".")]
        lines += [f"  {remark}" for remark in remarks(session, id, names)]
        if chosen := settings(session, id):
            lines.append(f"  settings: {chosen}")
        for name, writer in sorted(session.graph.inputs(id).items()):
            lines.append(f"  uses {name} from {_source(name, writer, names)}")
        for reader, read in session.graph.readers(id).items():
            lines.append(f"  gives {', '.join(sorted(read))} to {names[reader]}")
        lines += [f"  reads {trait}" for trait in session.reads(id)]
        lines += [f"  note: {note.message}" for note in notes(session, id)]
        return "\n".join(lines)

    def _find(self, which: str, names: dict[CellId, str]) -> CellId:
        wanted = {which, f"In[{which}]"}
        for id, name in names.items():
            if id in wanted or name in wanted:
                return id
        raise UsageError(f"%reactive why: there is no cell {which!r}")


def _row(session: Session, id: CellId, names: dict[CellId, str]) -> tuple[str, ...]:
    """Return what the table of `status` says about one cell."""
    word, why = sentence(session.state(id), names)
    return (
        names[id],
        word,
        "; ".join(filter(None, (why, *remarks(session, id, names)))),
        ", ".join(sorted(session.graph.writes(id))),
        ", ".join(sorted(session.graph.inputs(id))),
        settings(session, id),
    )


_MODES = {
    Mode.AUTO: "Dependents are rerun by themselves (auto).",
    Mode.LAZY: "Dependents are marked stale and wait for `%reactive run` (lazy).",
}


def _source(name: str, writer: CellId | None, names: dict[CellId, str]) -> str:
    if writer is not None:
        return names[writer]
    outside = "outside the notebook"
    return "nothing: no cell defines it" if name.isidentifier() else outside


def _show_table(
    head: tuple[str, ...], rows: list[tuple[str, ...]], caption: str
) -> None:
    display(
        {
            "text/plain": _text_table(head, rows, caption),
            "text/html": _html_table(head, rows, caption),
        },
        raw=True,
    )


def _text_table(
    head: tuple[str, ...], rows: list[tuple[str, ...]], caption: str
) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (head, *rows)
    ]
    return "\n".join([caption, *(line.rstrip() for line in lines)])


def _html_table(
    head: tuple[str, ...], rows: list[tuple[str, ...]], caption: str
) -> str:
    def row(tag: str, cells: tuple[str, ...]) -> str:
        style = ' style="text-align:left"'
        return "".join(f"<{tag}{style}>{escape(cell)}</{tag}>" for cell in cells)

    body = "".join(f"<tr>{row('td', cells)}</tr>" for cells in rows)
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{row('th', head)}</tr></thead><tbody>{body}</tbody></table>"
    )


def _pictures(session: Session) -> tuple[str, str]:
    """Return the graph as a mermaid diagram and as plain text."""
    names, graph = labels(session), session.graph
    node = {cell.id: f"c{index}" for index, cell in enumerate(session.document)}
    mermaid, text = ["flowchart TD"], []
    for id in node:
        if not (graph.writes(id) or graph.inputs(id)):
            continue
        mermaid.append(f'  {node[id]}["{label(session, id, names)}"]')
        text.append(names[id])
        for reader, read in graph.readers(id).items():
            listed = ", ".join(sorted(read))
            mermaid.append(f'  {node[id]} -->|"{listed}"| {node[reader]}')
            text.append(f"  --{listed}--> {names[reader]}")
    return "\n".join(mermaid), "\n".join(text)
