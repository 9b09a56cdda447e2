"""``jupyter reactive run``: every cell once, each after those it depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from reactive_kernel.analysis import normalised
from reactive_kernel.cli.opened import FILE, Opened, opened
from reactive_kernel.cli.parameters import overrides
from reactive_kernel.formats import read, rewriter, run_order, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbformat import NotebookNode

__all__ = ["Settings", "execute", "run", "work_of"]

_INJECTED = "injected-parameters"


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be run.

    Parameters
    ----------
    order
        The cells to run, in order.
    injected
        Statements to run after a cell.
    digests
        For each code cell a value that is equal if it would run the same program on the
        same input.
    """

    order: tuple[str, ...]
    injected: Mapping[str, Sequence[str]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("file", type=FILE)
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the outputs go. By default the notebook itself, or beside a .py file the"
    " .ipynb of the same name.",
)
@click.option(
    "--cached", is_flag=True, help="Run only what changed since OUTPUT was written."
)
@click.option("--allow-errors", is_flag=True, help="Go on after a cell has failed.")
@click.option(
    "--kernel",
    default="reactive-python",
    show_default=True,
    help="The kernel to run it in.",
)
@click.option("--timeout", type=float, help="Seconds that a cell may take.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def run(
    file: Path,
    parameters: Sequence[str],
    *,
    output: Path | None,
    cached: bool,
    allow_errors: bool,
    kernel: str,
    timeout: float | None,
    quiet: bool,
) -> None:
    """Run a notebook: every cell once, each after the cells it depends on.

    Names in cells tagged `parameters`, and widgets, can be given other values:

    \b
    jupyter reactive run report.py --year=2025 -o report-2025.ipynb
    jupyter reactive run report.ipynb --cached

    Exit code 1: a cell failed. What ran before it is in OUTPUT all the same.
    """
    notebook = opened(file)
    target = output or file.with_suffix(".ipynb")
    previous = _previous(target, notebook, owned=output is not None or target == file)
    work = work_of(notebook, parameters, previous if cached else None)
    if cached and previous is not None:
        _take_outputs(notebook, previous, work)
    failed = execute(
        notebook, work, Settings(kernel, timeout, allow_errors, quiet, file.parent)
    )
    _sign(notebook, work, failed and failed[0])
    write(target, notebook.node)
    if failed:
        name, what = failed
        where = f"{file}: {notebook.label(name)}: {notebook.first_line(name)}"
        raise click.ClickException(f"{where}\n{what}\nwritten so far: {target}")
    click.echo(f"{len(work.order)} of {len(work.digests)} cells run: {target}")


def _sign(notebook: Opened, work: Work, failed: str | None) -> None:
    """Note with each cell what it ran; not with those that did not run or failed."""
    for name, digest in work.digests.items():
        cell = notebook.cells[name]
        cell["metadata"].pop("reactive_run", None)
        if name != failed and (cell["outputs"] or cell["execution_count"]):
            cell["metadata"]["reactive_run"] = digest


def _previous(target: Path, notebook: Opened, *, owned: bool) -> NotebookNode | None:
    """Return the notebook that will be replaced, which must be this one's."""
    if not target.exists():
        return None
    found = read(target)
    ids = {cell.get("id") for cell in found["cells"]}
    if not owned and ids.isdisjoint(notebook.cells):
        raise click.UsageError(
            f"{target} exists and is another notebook: choose a file with -o"
        )
    return found


def work_of(
    notebook: Opened, parameters: Sequence[str], previous: NotebookNode | None
) -> Work:
    """Decide which cells to run, and in which order."""
    order, problem = run_order(notebook.node)
    if problem:
        click.echo(f"{notebook.path}: in document order: {problem}", err=True)
    injected = overrides(notebook.node, parameters)
    live: list[str] = [
        name
        for name in order
        if not notebook.graph.document[name].settings.disabled
        and notebook.cells[name]["source"].strip()
    ]
    digests = _digests(notebook, live, injected)
    if previous is not None:
        live = _changed(notebook, live, digests, previous)
    return Work(tuple(live), injected, digests)


def _digests(
    notebook: Opened, order: Sequence[str], injected: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    own = {
        name: normalised(notebook.cells[name]["source"], rewriter())
        + "\n".join(injected.get(name, ())).encode()
        for name in order
    }
    found = {}
    for name in order:
        id = notebook.graph.document[name].id
        needed = notebook.graph.upstream([id]) | {id}
        parts = [own[each] for each in order if each in needed]
        found[name] = hashlib.blake2b(b"\0".join(parts), digest_size=8).hexdigest()
    return found


def _changed(
    notebook: Opened,
    order: Sequence[str],
    digests: Mapping[str, str],
    previous: NotebookNode,
) -> list[str]:
    """Return the cells that changed since a run, and those that they need."""
    known = {
        cell.get("id"): cell["metadata"].get("reactive_run")
        for cell in previous["cells"]
    }
    changed = [
        notebook.graph.document[name].id
        for name in order
        if known.get(name) != digests[name]
    ]
    needed = notebook.graph.upstream(changed) | set(changed)
    return [name for name in order if name in needed]


def _take_outputs(notebook: Opened, previous: NotebookNode, work: Work) -> None:
    """Let the cells that are not run keep the outputs of the last run."""
    old = {cell.get("id"): cell for cell in previous["cells"]}
    for name in work.digests.keys() - set(work.order):
        for key in ("outputs", "execution_count"):
            notebook.cells[name][key] = old[name][key]


class _Client(NotebookClient):
    """Tells the kernel which cell it runs, as JupyterLab does."""

    def execute_cell(self, cell: NotebookNode, *args: Any, **options: Any) -> Any:
        """Run a cell under its id."""
        kc = self.kc
        assert kc is not None

        def execute(code: str, **content: Any) -> str:
            content = {"code": code, "silent": False, "allow_stdin": False, **content}
            metadata = {"cellId": cell["id"]} if "id" in cell else {}
            message = kc.session.msg("execute_request", content, metadata=metadata)
            kc.shell_channel.send(message)
            return str(message["header"]["msg_id"])

        kc.execute = execute  # type: ignore[assignment, method-assign]  # takes no metadata
        return super().execute_cell(cell, *args, **options)


@dataclass(frozen=True, slots=True)
class Settings:
    """How cells are run.

    Parameters
    ----------
    kernel
        The name of the kernel.
    timeout
        Seconds that a cell may take; None for no limit.
    allow_errors
        Go on after a cell has failed.
    quiet
        Show no progress.
    folder
        Where the kernel works.
    then
        Called when all cells have run, while the kernel still lives.
    """

    kernel: str
    timeout: float | None
    allow_errors: bool
    quiet: bool
    folder: Path
    then: Callable[[NotebookClient], None] | None = None


def execute(notebook: Opened, work: Work, settings: Settings) -> tuple[str, str] | None:
    """Run cells in a new kernel; return the one that failed, and how."""
    _clear(notebook, work)
    if not work.order:
        return None
    client = _Client(
        notebook.node,
        timeout=settings.timeout,
        kernel_name=settings.kernel,
        allow_errors=settings.allow_errors,
        resources={"metadata": {"path": str(settings.folder)}},
    )
    with _progress(quiet=settings.quiet) as progress, client.setup_kernel():
        task = progress.add_task("", total=len(work.order))
        for count, name in enumerate(work.order, 1):
            progress.update(task, description=notebook.first_line(name, 30))
            try:
                _run_cell(client, notebook, name, work.injected.get(name, ()), count)
            except CellExecutionError as error:
                return name, f"{error.ename}: {error.evalue}"
            except CellTimeoutError:
                return name, f"it took more than {settings.timeout} s"
            except DeadKernelError:
                return name, "the kernel died"
            progress.advance(task)
        if settings.then is not None:
            settings.then(client)
    return None


def _clear(notebook: Opened, work: Work) -> None:
    """Take away what an earlier run has left."""
    cells = notebook.node["cells"]
    cells[:] = [c for c in cells if _INJECTED not in c["metadata"].get("tags", ())]
    for name in work.order:
        notebook.cells[name]["outputs"] = []
        notebook.cells[name]["execution_count"] = None


def _run_cell(
    client: _Client,
    notebook: Opened,
    name: str,
    statements: Sequence[str],
    count: int,
) -> None:
    """Run a cell, and behind it what overrides its names."""
    cell, cells = notebook.cells[name], notebook.node["cells"]
    client.execute_cell(cell, cells.index(cell), execution_count=count)
    if statements:
        extra = nbformat.v4.new_code_cell(
            "\n".join(statements), metadata={"tags": [_INJECTED]}
        )
        if notebook.node["nbformat_minor"] < 5:
            del extra["id"]
        place = cells.index(cell) + 1
        cells.insert(place, extra)
        client.execute_cell(extra, place)


def _progress(*, quiet: bool) -> Progress:
    columns: list[Any] = [
        TextColumn("{task.description:30}", markup=False),
        BarColumn(),
    ]
    return Progress(
        *columns,
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet or not Console(stderr=True).is_terminal,
    )
