"""The tour, as a newcomer takes it in an unmodified JupyterLab."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

if TYPE_CHECKING:
    from tests.browser.lab import Lab

TOUR = Path(__file__).parents[2] / "examples" / "tour.ipynb"

pytestmark = pytest.mark.browser


@pytest.fixture
def tour(lab: Lab, folder: Path) -> Path:
    """The tour, opened and run from top to bottom."""
    file = Path(shutil.copy(TOUR, folder))
    lab.open(file)
    lab.run_all()
    lab.settle()
    return file


def test_the_tour_chooses_the_kernel_and_runs_each_cell_once(
    lab: Lab, tour: Path
) -> None:
    assert lab.kernel == "Reactive Python"
    counts = list(lab.counts().values())
    assert counts == list(range(1, len(counts) + 1))
    for cell in lab.counts():
        kinds = {output["output_type"] for output in lab.outputs(cell)}
        assert "error" not in kinds, lab.text(cell)


def test_the_tour_shows_text_a_table_and_a_figure(lab: Lab, tour: Path) -> None:
    assert "after 12.0 minutes" in lab.text("waiting")
    assert "<td>88.0 °C</td>" in lab.text("table")
    assert len(lab.png("figure")) > 10_000
    assert "55.9 °C if the milk goes in at once" in lab.text("milk")


def test_the_kernel_draws_how_the_cells_hang_together(lab: Lab, tour: Path) -> None:
    [output] = lab.outputs("graph")
    assert set(output["data"]) >= {"text/vnd.mermaid", "text/plain"}
    lab.page.locator(".jp-RenderedMermaid img, .jp-RenderedMermaid svg").wait_for()


def test_a_changed_number_reaches_text_table_and_figure_in_place(
    lab: Lab, tour: Path
) -> None:
    before = {cell: lab.outputs(cell) for cell in lab.counts()}
    figure = lab.png("figure")

    lab.type("coffee", "poured = 88\nroom = 5\nloss = 0.045")
    lab.run("coffee")
    lab.wait_for("waiting", "after 9.1 minutes")
    lab.wait_for("table", "<td>57.9 °C</td>")
    lab.wait_for("milk", "50.1 °C if the milk goes in at once")
    lab.settle()

    assert lab.png("figure") != figure
    for cell in ("model", "meeting", "status", "mode"):
        assert lab.outputs(cell) == before[cell], cell
    assert [
        cell for cell, outputs in before.items() if lab.outputs(cell) != outputs
    ] == [
        "waiting",
        "table",
        "figure",
        "milk",
    ]


def test_a_change_that_is_taken_back_gives_the_same_figure_again(
    lab: Lab, tour: Path
) -> None:
    figure = lab.png("figure")
    lab.write("coffee", "poured = 88\nroom = 5\nloss = 0.045")
    lab.run("coffee")
    lab.wait_for("waiting", "after 9.1 minutes")
    lab.write("coffee", "poured = 88\nroom = 21\nloss = 0.045")
    lab.run("coffee")
    lab.wait_for("waiting", "after 12.0 minutes")
    lab.settle()
    assert lab.png("figure") == figure


def test_an_error_holds_back_what_needs_it_and_heals(lab: Lab, tour: Path) -> None:
    meeting = lab.text("meeting")

    lab.write("coffee", "poured = 88\nroom = 21\nloss = 0")
    lab.run("coffee")
    lab.wait_for("waiting", "ZeroDivisionError")
    lab.wait_for("table", "<td>40 min</td><td>88.0 °C</td>")
    lab.settle()
    assert lab.text("meeting") == meeting

    lab.write("coffee", "poured = 88\nroom = 21\nloss = 0.045")
    lab.run("coffee")
    lab.wait_for("waiting", "after 12.0 minutes")
    lab.settle()
    assert "Error" not in lab.text("waiting")
    assert "before the meeting" in lab.text("meeting")


def test_callers_follow_the_function_they_call_and_no_other(
    lab: Lab, tour: Path
) -> None:
    waiting, figure = lab.text("waiting"), lab.png("figure")
    source = next(
        cell.source
        for cell in nbformat.read(tour, as_version=4).cells
        if cell.id == "model"
    )
    law = "room + (poured - room) * exp(-loss * minutes)"
    lab.write("model", source.replace(law, f"({law}) * 9 / 5 + 32"))
    lab.run("model")
    lab.wait_for("table", "<td>190.4 °C</td>")
    lab.settle()
    assert lab.png("figure") != figure
    assert lab.text("waiting") == waiting


def test_a_comment_changes_nothing_elsewhere(lab: Lab, tour: Path) -> None:
    before = {cell: lab.outputs(cell) for cell in lab.counts()}
    lab.write("coffee", "poured = 88  # hot!\nroom = 21\nloss = 0.045")
    lab.run("coffee")
    lab.settle()
    assert {cell: lab.outputs(cell) for cell in before} == before


def test_a_cell_that_changes_a_name_again_can_be_run_twice(
    lab: Lab, tour: Path
) -> None:
    milk, table = lab.text("milk"), lab.outputs("table")
    lab.run("milk")
    lab.run("milk")
    lab.settle()
    assert lab.text("milk") == milk
    assert lab.outputs("table") == table


def test_the_saved_file_holds_the_new_outputs(lab: Lab, tour: Path) -> None:
    lab.write("coffee", "poured = 88\nroom = 5\nloss = 0.045")
    lab.run("coffee")
    lab.wait_for("milk", "50.1 °C if the milk goes in at once")
    lab.settle()
    lab.save()

    saved = {cell.id: cell for cell in nbformat.read(tour, as_version=4).cells}
    assert saved["coffee"].source == "poured = 88\nroom = 5\nloss = 0.045"
    assert "after 9.1 minutes" in saved["waiting"].outputs[0].text
    assert "<td>57.9 °C</td>" in saved["table"].outputs[0].data["text/html"]
    figures = [output.data["image/png"] for output in saved["figure"].outputs]
    assert [figure.strip() for figure in figures] == [lab.png("figure").strip()]


def test_in_lazy_mode_cells_wait_until_they_are_asked_for(lab: Lab, tour: Path) -> None:
    lab.write("mode", "%reactive mode lazy")
    lab.run("mode")
    before = {cell: lab.outputs(cell) for cell in ("waiting", "table", "figure")}
    lab.write("coffee", "poured = 88\nroom = 5\nloss = 0.045")
    lab.run("coffee")
    lab.settle()
    assert {cell: lab.outputs(cell) for cell in before} == before

    lab.write("mode", "%reactive run")
    lab.run("mode")
    lab.wait_for("waiting", "after 9.1 minutes")
    lab.wait_for("table", "<td>57.9 °C</td>")
