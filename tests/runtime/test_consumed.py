"""Objects that each use changes beyond recall: rebuilt by running their cells again."""

from __future__ import annotations

import contextlib
import io
import itertools
import logging
import queue
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.runtime.checkpoint import LARGE, Checkpoint
from reactive_kernel.runtime.consumed import is_consumed, sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reactive_kernel.testing import Notebook

    Follow = Callable[..., list[list[str]]]


class Connection:
    """Looks like the connection of a database driver, whichever."""

    def cursor(self) -> None:
        raise NotImplementedError

    def commit(self) -> None:
        raise NotImplementedError


class Countdown:
    """An iterator whose state can be seen."""

    def __init__(self) -> None:
        self.left = 3

    def __iter__(self) -> Countdown:
        return self

    def __next__(self) -> int:
        self.left -= 1
        return self.left


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: (n for n in [1]), id="generator"),
        pytest.param(lambda: iter([1]), id="iterator"),
        pytest.param(lambda: map(str, [1]), id="map"),
        pytest.param(lambda: itertools.count(), id="itertools"),
        pytest.param(lambda: socket_pair()[0], id="socket"),
        pytest.param(lambda: open(__file__), id="file"),  # noqa: PTH123, SIM115
        pytest.param(lambda: sqlite3.connect(":memory:"), id="connection"),
        pytest.param(lambda: sqlite3.connect(":memory:").cursor(), id="cursor"),
        pytest.param(Connection, id="connection of another driver"),
        pytest.param(lambda: threading.Thread(target=print), id="thread"),
        pytest.param(lambda: ThreadPoolExecutor(1), id="executor"),
        pytest.param(queue.Queue, id="queue"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_nobody_can_put_back_is_consumed_by_use(make: Callable[[], Any]) -> None:
    value = make()
    try:
        assert is_consumed(value)
        assert not is_consumed([value])
    finally:
        with contextlib.suppress(AttributeError):
            value.close()


def socket_pair() -> Any:
    import socket

    first, second = socket.socketpair()
    second.close()
    return first, second


def test_a_process_is_consumed_by_use() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        assert is_consumed(process)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([1], id="list"),
        pytest.param(range(3), id="range"),
        pytest.param({}.keys(), id="view"),
        pytest.param(threading.Lock(), id="lock, which is given back"),
        pytest.param(Countdown(), id="iterator made of its attributes"),
        pytest.param(io.StringIO("text"), id="text in memory"),
    ],
)
def test_other_objects_are_not(value: object) -> None:
    checkpoint = Checkpoint.take(value, LARGE)
    assert checkpoint is None or not checkpoint.consumed


def test_a_logger_is_not_consumed_for_the_file_of_its_handler(tmp_path: Path) -> None:
    logger = logging.Logger("app")
    handler = logging.FileHandler(tmp_path / "log.txt")
    logger.addHandler(handler)
    checkpoint = Checkpoint.take(logger, LARGE)
    handler.close()
    assert checkpoint is not None
    assert checkpoint.consumed == []


def test_what_an_iterator_takes_from_is_found() -> None:
    rows = [1, 2]
    first = iter(rows)
    second = map(str, first)
    third = (text for text in second)
    found = {id(part) for part in sources(third)}
    assert {id(second), id(first), id(rows)} <= found


def test_a_user_of_an_iterator_gets_what_a_fresh_run_gives(notebook: Notebook) -> None:
    notebook.open(
        "rows = (n for n in range(6))",
        "head = [next(rows) for _ in range(3)]",
        "rest = list(rows)\nprint(rest)",
    )
    assert notebook.run("c") == ["a", "b", "c"]
    assert notebook.printed["c"] == "[3, 4, 5]\n"
    assert notebook.edit("b", "head = [next(rows)]") == ["a", "b", "c"]
    assert notebook.printed["c"] == "[1, 2, 3, 4, 5]\n"


USES = [
    pytest.param(
        ["rows = iter(range(6))",
         "def take(some, n):\n    return [row for _, row in zip(range(n), some)]",
         "print(take(rows, 2))",
         "print(list(rows))"],
        [("run", "d"), ("run", "c"), ("edit", "c", "print(take(rows, 3))"),
         ("delete", "c")],
        id="hidden in a function",
    ),
    pytest.param(
        ["import csv, io\nfile = io.TextIOWrapper(io.BytesIO(b'a,b\\n1,2\\n3,4\\n'))",
         "reader = csv.reader(file)", "print(next(reader))", "print(list(reader))"],
        [("run", "d"), ("run", "c"), ("edit", "c", "pass")],
        id="reader of a file",
    ),
    pytest.param(
        ["rows = iter(range(6))", "texts = map(str, rows)", "print(next(texts))",
         "print(next(rows))", "print(list(texts))"],
        [("run", "c"), ("run", "d"), ("run", "e"), ("edit", "d", "print(1)")],
        id="iterator over an iterator",
    ),
    pytest.param(
        ["rows = [1, 2]", "it = iter(rows)", "rows.append(3)", "print(list(it))"],
        [("run", "d"), ("edit", "c", "rows.append(4)"), ("run", "c"), ("delete", "c")],
        id="iterator over a list that is changed",
    ),
    pytest.param(
        ["import sqlite3\ndb = sqlite3.connect(':memory:')",
         "db.execute('create table t (x)')", "db.execute('insert into t values (1)')",
         "print(db.execute('select x from t').fetchall())"],
        [("run", "c"), ("run", "d"), ("run", "b"),
         ("edit", "c", "db.execute('insert into t values (5)')")],
        id="database",
    ),
    pytest.param(
        ["import sqlite3\nclass Store:\n    def __init__(self):\n"
         "        self.db = sqlite3.connect(':memory:')\n"
         "        self.db.execute('create table t (x)')\n"
         "    def add(self, x):\n"
         "        self.db.execute('insert into t values (?)', (x,))\n"
         "    def all(self):\n"
         "        return self.db.execute('select x from t').fetchall()",
         "store = Store()", "store.add(1)", "print(store.all())"],
        [("run", "c"), ("run", "d"), ("edit", "c", "store.add(7)")],
        id="object that holds a connection",
    ),
    pytest.param(
        ["import threading\nout = []\n"
         "threads = [threading.Thread(target=out.append, args=(n,)) for n in [1, 2]]",
         "for thread in threads: thread.start()",
         "for thread in threads: thread.join()", "print(sorted(out))"],
        [("run", "b"), ("run", "c"), ("run", "d")],
        id="threads",
    ),
    pytest.param(
        ["import subprocess\n"
         "process = subprocess.Popen(['echo', 'hi'], stdout=subprocess.PIPE)",
         "print(process.communicate()[0])", "print(process.returncode)"],
        [("run", "b"), ("run", "c")],
        id="process",
    ),
    pytest.param(
        ["from concurrent.futures import ThreadPoolExecutor\n"
         "pool = ThreadPoolExecutor(1)", "print(list(pool.map(abs, [-1])))",
         "pool.shutdown()"],
        [("run", "b"), ("run", "c"), ("run", "b")],
        id="executor",
    ),
    pytest.param(
        ["async def f(): return 5\ndef run(coroutine):\n    try:\n"
         "        coroutine.send(None)\n    except StopIteration as end:\n"
         "        return end.value", "task = f()", "print(run(task))"],
        [("edit", "c", "print(run(task) + 1)"), ("run", "c")],
        id="coroutine",
    ),
    pytest.param(
        ["its = {'a': iter([1, 2, 3])}", "print(next(its['a']))",
         "print(list(its['a']))"],
        [("run", "c"), ("run", "b"), ("edit", "b", "pass")],
        id="in a container",
    ),
    pytest.param(
        ["it = iter([1, 2, 3])", "print(next(it))", "print(list(it))"],
        [("run", "b"), ("edit", "b", "print(next(it) / 0)"),
         ("edit", "b", "print(next(it) + 1)")],
        id="after a failure",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "steps"), USES)
def test_each_use_is_made_again_in_order(
    cells: list[str], steps: list[tuple[str, ...]], follow: Follow
) -> None:
    follow(cells, *steps)


def test_the_checkpoints_of_other_objects_are_still_used(notebook: Notebook) -> None:
    """Rebuilding an iterator does not rerun the cell that made a list."""
    notebook.open("xs = [1]", "it = iter([5, 6])", "xs.append(next(it))", "print(xs)")
    assert notebook.run("c") == ["b", "c", "d"]
    assert notebook.printed["d"] == "[1, 5]\n"


def test_an_object_that_was_used_is_in_none_of_its_earlier_states(
    notebook: Notebook,
) -> None:
    """A checkpoint of a list beside an iterator does not bring the iterator back."""
    notebook.open(
        "both = {'rows': [1], 'it': iter([1, 2])}",
        "both['rows'].append(2)",
        "print(next(both['it']))",
    )
    assert notebook.run("b") == ["a", "b", "c"]
    assert notebook.printed["c"] == "1\n"


def test_a_use_is_pointed_out_and_says_what_to_do(notebook: Notebook) -> None:
    notebook.open("rows = iter([1, 2])", "print(list(rows))")
    (finding,) = notebook.session.graph.findings(CellId("b"))
    assert finding.code == "consumed-by-use"
    assert finding.message.startswith("`rows` is consumed by use")
    assert finding.span is not None


def test_a_change_that_the_text_does_not_show_is_pointed_out(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [1]", "def grow(v): v.append(2)", "grow(xs)", "xs.append(3)")
    (finding,) = notebook.session.graph.findings(CellId("c"))
    assert finding.code == "undeclared-change"
    assert "changes `xs` in place" in finding.message
    assert notebook.session.graph.findings(CellId("d")) == ()
    notebook.edit("c", "print(xs)")
    assert notebook.session.graph.findings(CellId("c")) == ()


def test_what_a_called_function_declares_is_not_pointed_out(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [1]", "def grow(): xs.append(2)", "grow()")
    for _ in range(2):
        assert notebook.session.graph.findings(CellId("c")) == ()
        notebook.run("c")
