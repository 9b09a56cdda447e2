"""What only a run shows about cells: asked of the kernel after each of them has run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from jupyter_core.utils import run_sync

from reactive_kernel.cli.run import Settings, execute, work_of
from reactive_kernel.diagnostic import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbclient import NotebookClient
    from nbformat import NotebookNode

    from reactive_kernel.cli.opened import Opened

__all__ = ["observed"]

_PATIENCE: Final = 30.0
"""Seconds in which the kernel has to answer."""


def observed(
    notebook: Opened, timeout: float | None
) -> dict[str, tuple[Diagnostic, ...]]:
    """Run a notebook, and return what is wrong or remarkable about its cells.

    The notebook's file stays as it is. Cells that fail are among the findings.
    """
    found: dict[str, tuple[Diagnostic, ...]] = {}

    def ask(client: NotebookClient) -> None:
        for name, cell in _cells(client).items():
            found[name] = tuple(map(_diagnostic, cell["diagnostics"]))

    settings = Settings(
        "reactive-python", timeout, True, False, notebook.path.parent, ask
    )
    work = work_of(notebook, (), None)
    stopped = execute(notebook, work, settings)
    for name in work.order:
        errors = list(_errors(notebook.cells[name]))
        found[name] = (*errors, *found.get(name, ()))
    if stopped is not None:
        name, what = stopped
        found[name] = (_failure(what), *found[name])
    return found


def _cells(client: NotebookClient) -> Mapping[str, Any]:
    """Return all that the kernel knows about the cells, by their ids."""
    kc: Any = client.kc
    comm = uuid4().hex
    data = {"protocol": 1, "client": "jupyter reactive check"}
    content = {"comm_id": comm, "target_name": "reactive_kernel", "data": data}
    kc.shell_channel.send(kc.session.msg("comm_open", content))
    while True:
        message = run_sync(kc.iopub_channel.get_msg)(timeout=_PATIENCE)
        if message["content"].get("comm_id") == comm:
            state = message["content"]["data"]
            if state.get("type") == "state":
                cells: Mapping[str, Any] = state["cells"]
                return cells


def _diagnostic(found: Mapping[str, Any]) -> Diagnostic:
    span = found["range"]
    return Diagnostic(
        found["code"],
        Severity(found["severity"]),
        found["message"],
        Span(*span) if span else None,
    )


def _errors(cell: NotebookNode) -> Iterator[Diagnostic]:
    for output in cell.get("outputs", ()):
        if output["output_type"] == "error":
            yield _failure(f"{output['ename']}: {output['evalue']}")


def _failure(what: str) -> Diagnostic:
    return Diagnostic("failed", Severity.ERROR, f"the cell fails: {what}")
