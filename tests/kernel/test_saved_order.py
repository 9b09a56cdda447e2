from __future__ import annotations

import json
from pathlib import Path

import pytest

from reactive_kernel.document import CellId, Settings
from reactive_kernel.kernel.saved_order import SavedOrder, merged


def saved(path: Path, *ids: str) -> None:
    cells = [{"cell_type": "code", "id": id, "source": ""} for id in ids]
    markdown = {"cell_type": "markdown", "id": "text", "source": ""}
    path.write_text(json.dumps({"cells": [markdown, *cells]}))


def test_the_code_cells_of_the_saved_notebook_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    saved(path, "b", "a")
    order = SavedOrder({"JPY_SESSION_NAME": str(path)})
    assert order.read()
    assert order.ids == ("b", "a")


def test_the_notebook_is_read_again_only_after_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    saved(path, "a")
    order = SavedOrder({"JPY_SESSION_NAME": str(path)})
    assert order.read()
    assert not order.read()
    saved(path, "a", "new")
    assert order.read()
    assert order.ids == ("a", "new")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="half-written"),
        pytest.param("[" * 100_000, id="nested too deeply"),
        pytest.param('{"cells": 3}', id="other types"),
    ],
)
def test_whatever_is_no_notebook_tells_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    order = SavedOrder({"JPY_SESSION_NAME": str(path)})
    order.read()
    assert order.ids == ()


@pytest.mark.parametrize("name", ["", "console-1", "missing.ipynb"])
def test_without_a_notebook_there_is_no_order(name: str) -> None:
    assert not SavedOrder({"JPY_SESSION_NAME": name}).read()


@pytest.mark.parametrize(
    ("known", "order", "expected"),
    [
        pytest.param("abc", "cba", "cba", id="moved"),
        pytest.param("ab", "azb", "ab", id="cells that were never run"),
        pytest.param(
            "axb", "ba", "bax", id="an unsaved cell stays behind its neighbour"
        ),
        pytest.param("xa", "a", "xa", id="an unsaved cell at the top"),
        pytest.param("abc", "", "abc", id="nothing saved"),
    ],
)
def test_known_cells_come_into_the_saved_order(
    known: str, order: str, expected: str
) -> None:
    assert merged([*map(CellId, known)], [*map(CellId, order)]) == list(expected)


def test_settings_are_read_with_the_order(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    frozen = {"reactive": {"frozen": True}}
    cells = [
        {"cell_type": "code", "id": "a", "source": "", "metadata": frozen},
        {"cell_type": "code", "id": "b", "source": "", "metadata": 3},
        {"cell_type": "code", "id": "c", "source": ""},
    ]
    lazy = {"reactive": {"mode": "lazy"}}
    path.write_text(json.dumps({"cells": cells, "metadata": lazy}))
    saved_notebook = SavedOrder({"JPY_SESSION_NAME": str(path)})
    assert saved_notebook.read()
    assert saved_notebook.settings == {
        "a": Settings(frozen=True),
        "b": Settings(),
        "c": Settings(),
    }
    assert saved_notebook.metadata == lazy
