from __future__ import annotations

import pytest

from reactive_kernel.analysis import analyse
from reactive_kernel.document import Cell, CellId, Document, Settings
from reactive_kernel.graph import DefUseGraph
from reactive_kernel.planning import Mode, rerun_by_cascades, resting


def graph(**sources: str) -> DefUseGraph:
    cells = tuple(Cell(CellId(id), source) for id, source in sources.items())
    return DefUseGraph.of(Document(cells), lambda cell: analyse(cell.source))


@pytest.mark.parametrize(
    ("settings", "mode", "rerun"),
    [
        pytest.param(Settings(), Mode.AUTO, True, id="auto"),
        pytest.param(Settings(), Mode.LAZY, False, id="lazy"),
        pytest.param(Settings(mode=Mode.LAZY), Mode.AUTO, False, id="a lazy cell"),
        pytest.param(Settings(mode=Mode.AUTO), Mode.LAZY, True, id="an auto cell"),
        pytest.param(Settings(frozen=True), Mode.AUTO, False, id="a frozen cell"),
        pytest.param(
            Settings(frozen=True, mode=Mode.AUTO),
            Mode.AUTO,
            False,
            id="frozen and auto",
        ),
    ],
)
def test_the_mode_of_a_cell_goes_before_that_of_the_notebook(
    settings: Settings, mode: Mode, rerun: bool
) -> None:
    assert rerun_by_cascades(settings, mode) is rerun


def test_all_that_is_downstream_rests_on_a_frozen_cell() -> None:
    notebook = graph(a="x = 1", b="y = x", c="z = y", d="w = 0", e="x, w")
    a, b, d = map(CellId, "abd")
    assert resting(notebook, [d, b]) == {"c": (b,), "e": (d,)}
    assert resting(notebook, [b, a]) == {"b": (a,), "c": (a, b), "e": (a,)}


def test_without_frozen_cells_nothing_rests_on_any() -> None:
    assert not resting(graph(a="x = 1", b="x"), [])
