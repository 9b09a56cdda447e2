"""Malformed and hostile messages: a clear answer, nothing lost, the kernel lives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kernel.wire import Wire, cell

pytestmark = pytest.mark.kernel


@pytest.fixture
def nb(nb: Wire) -> Wire:
    nb.open_comm()
    nb.open(a="x = 1", b="print(x)")
    nb.run("a", "x = 1")
    nb.run("b", "print(x)")
    nb.settle()
    nb.ran()
    return nb


def still_works(nb: Wire) -> None:
    """Check that the notebook of the fixture reacts as ever."""
    nb.settle()
    nb.ran()
    nb.run("a", "x = 7")
    nb.settle()
    assert nb["b"] == "7"
    assert nb.ran() == ["a", "b"]


DEEP: Any = []
for _ in range(400):
    DEEP = [DEEP]

MALFORMED = {
    "no type": {},
    "a type that is no text": {"type": 3},
    "a type that is a list": {"type": ["edit"]},
    "notebook without cells": {"type": "notebook"},
    "notebook of null": {"type": "notebook", "cells": None},
    "notebook of a number": {"type": "notebook", "cells": 3},
    "notebook of an object": {"type": "notebook", "cells": {"a": "x"}},
    "a cell that is text": {"type": "notebook", "cells": ["a"]},
    "a cell without id": {"type": "notebook", "cells": [{"source": "x"}]},
    "a cell with an empty id": {"type": "notebook", "cells": [cell("", "x = 1")]},
    "a cell whose id is a number": {
        "type": "notebook",
        "cells": [{"id": 1, "source": "x", "metadata": {}}],
    },
    "a cell without source": {"type": "notebook", "cells": [{"id": "a"}]},
    "a source that is a list": {
        "type": "notebook",
        "cells": [{"id": "a", "source": ["x"], "metadata": {}}],
    },
    "the same id twice": {
        "type": "notebook",
        "cells": [cell("a", "x = 1"), cell("a", "x = 2")],
    },
    "metadata that is a list": {
        "type": "notebook",
        "cells": [{"id": "a", "source": "", "metadata": []}],
    },
    "edit of nothing": {"type": "edit"},
    "an edit good at first and then bad": {
        "type": "edit",
        "cells": [{"id": "a", "source": "x = 99"}, {"id": "b"}],
    },
    "order without ids": {"type": "order"},
    "an order of numbers": {"type": "order", "ids": [1, 2]},
    "an order with an id twice": {"type": "order", "ids": ["a", "a", "b"]},
    "run without cells": {"type": "run"},
    "run of a text": {"type": "run", "cells": "a"},
    "run of numbers": {"type": "run", "cells": [0]},
    "configure without mode": {"type": "configure"},
    "an unknown mode": {"type": "configure", "mode": "fast"},
    "a mode that is a list": {"type": "configure", "mode": ["lazy"]},
    "not an object but text": "edit",
    "not an object but a list": [1, 2],
    "not an object but null": None,
    "not an object but a number": 0,
}


@pytest.mark.parametrize(
    "data", [pytest.param(data, id=name) for name, data in MALFORMED.items()]
)
def test_a_malformed_message_is_answered_and_changes_nothing(
    nb: Wire, data: object
) -> None:
    before, order, mode = dict(nb.mirror.cells), nb.mirror.order, nb.mirror.mode
    nb.send_raw(data)
    nb.until(lambda: nb.comm_errors, "an error message")
    assert len(nb.comm_errors) == 1
    assert 0 < len(nb.comm_errors[0]) < 1000
    nb.snapshot()
    assert nb.mirror.cells == before
    assert (nb.mirror.order, nb.mirror.mode) == (order, mode)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"type": "edit", "cells": [cell("zz", "1")]}, id="edit"),
        pytest.param({"type": "order", "ids": ["a", "b", "zz"]}, id="order"),
        pytest.param({"type": "run", "cells": ["zz"]}, id="run"),
    ],
)
def test_an_id_the_notebook_does_not_hold_hurts_nothing(
    nb: Wire, data: dict[str, Any]
) -> None:
    nb.send_raw(data)
    nb.snapshot()
    assert nb.states()["a"] == nb.states()["b"] == "fresh"
    still_works(nb)


def test_unknown_types_and_fields_are_ignored(nb: Wire) -> None:
    nb.send("of-the-future", cells=[1, 2])
    nb.send("snapshot", colour="blue")
    nb.send("edit", cells=[{"id": "a", "source": "x = 1", "shape": {}}], size=3)
    nb.settle()
    assert nb.comm_errors == []
    assert nb.states() == {"a": "fresh", "b": "fresh"}
    still_works(nb)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"reactive": DEEP}, id="deep"),
        pytest.param({"reactive": "on"}, id="a text"),
        pytest.param({"reactive": {"disabled": "yes"}}, id="no boolean"),
        pytest.param({"jupyter": {"source_hidden": True}, "tags": []}, id="another's"),
    ],
)
def test_settings_that_make_no_sense_are_ignored(
    nb: Wire, settings: dict[str, Any]
) -> None:
    nb.send("edit", cells=[{"id": "a", "source": "x = 1", "metadata": settings}])
    nb.settle()
    assert nb.comm_errors == []
    assert nb.states() == {"a": "fresh", "b": "fresh"}


def test_nothing_in_a_message_is_evaluated(nb: Wire) -> None:
    evil = "__import__('os')._exit(1)"
    nb.send("edit", cells=[{"id": "a", "source": evil, "metadata": {evil: evil}}])
    nb.send(evil)
    nb.send("run", cells=[evil])
    nb.settle()
    assert nb.ran() == []
    assert nb.kernel.alive


@pytest.mark.parametrize(
    "id",
    [
        pytest.param('it\'s "quoted" `id`', id="quotes"),
        pytest.param("日本語 🐍 ‮ id", id="unicode"),
        pytest.param("nul\0byte", id="NUL"),
        pytest.param("line\nbreak\ttab", id="control characters"),
        pytest.param("../../etc/passwd", id="a path"),
        pytest.param("vscode-notebook-cell:/home/me/n.ipynb#W0sZmlsZQ%3D%3D", id="URI"),
        pytest.param("i" * 10_000, id="10 kB"),
        pytest.param("__proto__", id="proto"),
        pytest.param("%s %(x)s {0} {x}", id="format characters"),
        pytest.param("0", id="a digit"),
    ],
)
def test_odd_ids_are_only_ids(nb: Wire, id: str) -> None:
    nb.run("a", "x = 1")
    nb.run(id, "print('odd', x)")
    nb.ran()
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["a", "b", id]
    assert nb[id] == "odd 2"
    assert nb.states()[id] == "fresh"
    nb.send("order", ids=["a", "b"])
    nb.settle()
    assert id not in nb.states()


def test_a_lone_surrogate_in_an_id_or_a_source_hurts_nothing(nb: Wire) -> None:
    # As a browser's JSON writes it; jupyter_client's own would refuse to send it.
    nb.session.pack = lambda data: json.dumps(data, default=str).encode("ascii")
    nb.send("edit", cells=[{"id": "a\ud800", "source": "x = '\ud800'"}])
    nb.send("edit", cells=[{"id": "a", "source": "x = '\ud800'"}])
    nb.snapshot()
    still_works(nb)


def test_a_cell_of_five_megabytes_is_a_cell(nb: Wire) -> None:
    huge = "big = '" + "y" * 5_000_000 + "'"
    nb.edit("a", f"x = 1\n{huge}")
    nb.becomes("a", "stale")
    nb.run("a", f"x = 2\n{huge}")
    nb.settle()
    assert nb["b"] == "2"
    assert nb.value("len(big)") == "5000000"


def test_a_cell_of_nothing_but_parentheses_hurts_nothing(nb: Wire) -> None:
    nb.edit("a", "(" * 200_000)
    nb.snapshot()
    assert nb.state("a") in {"stale", "error"}
    still_works(nb)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("(" * 1000 + "1" + ")" * 1000, id="parentheses"),
        pytest.param("-" * 5000 + "1", id="minus signs"),
        pytest.param("1" + " + 1" * 5000, id="sums"),
        pytest.param("x" + ".a" * 5000, id="attributes"),
        pytest.param("[" * 150 + "]" * 150, id="lists"),
        pytest.param("\0", id="NUL"),
        pytest.param("\ufeffx = 1", id="a byte order mark"),
        pytest.param("x = 1\r\ny = x\r", id="other line ends"),
        pytest.param("\x0c\n  \t\n", id="white space"),
        pytest.param("if 1:\n\tx = 1\n        y = 2", id="tabs and blanks"),
        pytest.param("# coding: no-such-codec\nx = 1", id="an unknown encoding"),
        pytest.param("%%nosuchmagic\nbody", id="an unknown magic"),
        pytest.param("%", id="a lone percent sign"),
        pytest.param("%%", id="two lone percent signs"),
        pytest.param("!", id="a lone exclamation mark"),
        pytest.param("?", id="a lone question mark"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_text_can_be_a_cell(nb: Wire, source: str) -> None:
    nb.send(
        "notebook", cells=[cell("a", "x = 1"), cell("b", "print(x)"), cell("c", source)]
    )
    nb.settle()
    assert nb.comm_errors == []
    assert "c" in nb.states()
    nb.run("c", source)
    nb.run("c", "None")
    still_works(nb)


def test_a_deep_message_hurts_nothing(nb: Wire) -> None:
    nb.edit("a", "x = 1")
    nb.send("notebook", cells=DEEP)
    nb.until(lambda: nb.comm_errors, "an error message")
    nb.send("of-the-future", deep=DEEP)
    still_works(nb)


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"cellId": 3}, id="an id that is a number"),
        pytest.param({"cellId": None}, id="an id that is null"),
        pytest.param({"cellId": ["a"]}, id="an id that is a list"),
        pytest.param({"cellId": ""}, id="an empty id"),
        pytest.param({"cellId": "c", "deletedCells": 3}, id="deletions: a number"),
        pytest.param({"cellId": "c", "deletedCells": [{}, 1]}, id="deletions: odd"),
        pytest.param({"cellId": "c", "deletedCells": "ab"}, id="deletions: a text"),
        pytest.param({"cellId": "c", "deletedCells": ["zz"]}, id="deletions: unknown"),
        pytest.param({"cellId": "c", "reactive": 1}, id="settings: a number"),
        pytest.param({"cellId": "c", "reactive": {"disabled": 3}}, id="settings: odd"),
        pytest.param({"cellId": "c", "reactive": DEEP}, id="settings: deep"),
    ],
)
def test_a_run_with_odd_metadata_still_runs(nb: Wire, metadata: dict[str, Any]) -> None:
    request = nb.request(
        "execute_request",
        {"code": "found = 5", "silent": False, "store_history": True},
        metadata=metadata,
    )
    assert nb.wait(request)["status"] == "ok"
    assert nb.value("found") == "5"
    nb.ran()
    still_works(nb)


def test_a_run_that_deletes_itself_still_runs(nb: Wire) -> None:
    nb.run("c", "found = 5", deleted=["c"])
    assert nb.value("found") == "5"


def test_a_comm_of_another_protocol_is_told_so(nb: Wire) -> None:
    request = nb.request(
        "comm_open",
        {"comm_id": "z", "target_name": "reactive_kernel", "data": {"protocol": 99}},
    )
    nb.until(lambda: nb.idle_seen(request))
    (answer,) = (
        message.content["data"]
        for message in nb.messages
        if message.kind == "comm_msg" and message.content["comm_id"] == "z"
    )
    assert answer["type"] == "error"
    assert "protocol 1" in answer["message"]
    still_works(nb)


def test_json_too_deep_to_read_is_dropped(alone: Wire) -> None:
    alone.open_comm()
    alone.run("a", "x = 1")
    pack = alone.session.pack
    bottomless = b'{"comm_id": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    alone.session.pack = lambda data: bottomless if "comm_id" in data else pack(data)
    alone.send("snapshot")
    alone.session.pack = pack
    alone.snapshot()
    assert alone.states() == {"a": "fresh"}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
        pytest.param({}, id="nothing"),
        pytest.param({"protocol": "one"}, id="a text"),
        pytest.param({"protocol": 1, "client": {"deep": DEEP}}, id="a deep client"),
    ],
)
def test_a_comm_opened_with_odd_data_hurts_nothing(nb: Wire, data: object) -> None:
    content = {"comm_id": "odd", "target_name": "reactive_kernel", "data": data}
    request = nb.request("comm_open", content)
    nb.until(lambda: nb.idle_seen(request))
    nb.request("comm_close", {"comm_id": "odd", "data": {}})
    still_works(nb)


def test_a_message_for_a_comm_that_was_closed_hurts_nothing(nb: Wire) -> None:
    gone = nb.comm
    assert gone
    nb.close_comm()
    nb.request("comm_msg", {"comm_id": gone[0], "data": {"type": "snapshot"}})
    nb.open_comm()
    still_works(nb)
