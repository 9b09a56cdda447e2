"""Settings of cells and notebooks, as clients tell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets import Enum, HasTraits, Set

from reactive_kernel.kernel.notebook_settings import NotebookSettings
from tests.kernel.kernels import RunningKernel
from tests.kernel.wire import Wire, cell

SOURCES = {"a": "x = 1", "b": "y = x * 10", "c": "print(y)"}


class Saved:
    """A notebook file that a kernel was started for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._saves = 0

    def save(self, notebook: dict[str, Any] | None = None, **cells: Any) -> None:
        """Write the notebook with `reactive` metadata, by cell and of the whole."""
        self._saves += 1
        content = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": id,
                    "source": source,
                    "metadata": {"reactive": cells[id]} if id in cells else {},
                }
                for id, source in SOURCES.items()
            ],
            "metadata": {"reactive": notebook or {}, "saves": "s" * self._saves},
        }
        self.path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path / "notebook.ipynb")


@pytest.fixture
def lab(saved: Saved) -> Iterator[Wire]:
    """Return an unmodified JupyterLab with a notebook that was saved."""
    saved.save()
    kernel = RunningKernel(JPY_SESSION_NAME=str(saved.path))
    wire = Wire(kernel)
    run_all(wire)
    yield wire
    wire.close()
    kernel.stop()


def run_all(nb: Wire) -> None:
    for id, source in SOURCES.items():
        nb.run(id, source)
    nb.settle()
    nb.ran()


# With the request


@pytest.mark.kernel
def test_settings_come_with_the_request(nb: Wire) -> None:
    run_all(nb)
    nb.run("b", SOURCES["b"], metadata={"reactive": {"frozen": True}})
    nb.run("a", "x = 2")
    nb.settle()
    assert nb.ran() == ["b", "a"]
    assert nb["c"] == "10"
    nb.run("b", SOURCES["b"])
    nb.settle()
    assert nb.ran() == ["b", "c"]
    assert nb["c"] == "20"


@pytest.mark.kernel
def test_a_request_for_a_frozen_cell_runs_it(nb: Wire) -> None:
    frozen = {"reactive": {"frozen": True}}
    nb.run("a", "x = 1")
    nb.run("b", "y = x", metadata=frozen)
    nb.run("c", "print(y)")
    nb.run("a", "x = 2")
    nb.run("b", "y = x", metadata=frozen)
    nb.settle()
    assert nb["c"] == "2"


@pytest.mark.kernel
@pytest.mark.parametrize(
    "reactive",
    [
        pytest.param(3, id="no object"),
        pytest.param({"mode": 3, "frozen": "yes", "reads": {}}, id="other types"),
        pytest.param({"writes": [["x"]], "pure": []}, id="lists of lists"),
    ],
)
def test_a_run_does_not_fail_on_strange_settings(nb: Wire, reactive: object) -> None:
    assert nb.run("a", "x = 1", metadata={"reactive": reactive})["status"] == "ok"
    assert nb.value("x") == "1"


# From the saved notebook


@pytest.mark.kernel
def test_settings_of_other_cells_come_from_the_saved_notebook(
    lab: Wire, saved: Saved
) -> None:
    saved.save(b={"frozen": True}, c={"mode": "lazy"})
    lab.run("a", "x = 2")
    lab.settle()
    assert lab.ran() == ["a"]
    saved.save(c={"mode": "lazy"})
    lab.run("a", "x = 3")
    lab.settle()
    assert lab.ran() == ["a", "b"]
    saved.save()
    lab.run("a", "x = 4")
    lab.settle()
    assert lab["c"] == "40"


@pytest.mark.kernel
def test_the_request_goes_before_the_saved_notebook(lab: Wire, saved: Saved) -> None:
    saved.save(b={"disabled": True})
    lab.run("b", "y = x + 1")
    lab.settle()
    assert lab["c"] == "2"


@pytest.mark.kernel
def test_settings_of_the_notebook_come_from_the_saved_notebook(
    lab: Wire, saved: Saved
) -> None:
    saved.save({"mode": "lazy"})
    lab.run("a", "x = 2")
    lab.settle()
    assert lab.ran() == ["a"]
    lab.run("m", "%reactive mode auto")
    saved.save({"mode": "lazy"}, b={"mode": "lazy"})
    lab.run("a", "x = 3")
    lab.run("m", "%reactive mode")
    assert "auto" in lab["m"]
    saved.save()
    lab.run("a", "x = 4")
    lab.settle()
    assert lab["c"] == "40"


@pytest.mark.kernel
def test_the_notebook_switches_effects_off(lab: Wire, saved: Saved) -> None:
    draw = "import random\nn = random.random()"
    lab.run("d", draw)
    first = lab.value("n")
    lab.run("d", draw)
    assert lab.value("n") == first
    saved.save({"ignored_effects": ["random"]})
    lab.run("d", draw)
    assert lab.value("n") != first


@pytest.mark.kernel
def test_a_wrong_setting_of_the_notebook_is_named(lab: Wire, saved: Saved) -> None:
    saved.save({"mode": "quick"})
    lab.run("a", "x = 2")
    lab.settle()
    assert lab["c"] == "20"
    lab.run("s", "%reactive status")
    assert "`mode` in the notebook's metadata cannot be 'quick'" in lab["s"]


# Through the comm


@pytest.fixture
def told(nb: Wire) -> Wire:
    nb.open_comm()
    tell(nb)
    run_all(nb)
    return nb


def tell(nb: Wire, metadata: dict[str, Any] | None = None, **settings: Any) -> None:
    cells = [cell(id, text, **settings.get(id, {})) for id, text in SOURCES.items()]
    nb.send("notebook", cells=cells, metadata=metadata or {})
    nb.settle()


@pytest.mark.kernel
def test_settings_told_by_the_comm_count_at_once(told: Wire) -> None:
    tell(told, b={"frozen": True})
    assert told.states() == {"a": "fresh", "b": "frozen", "c": "fresh"}
    assert told.mirror.cells["b"]["settings"] == {"frozen": True}
    assert told.mirror.cells["c"]["rests_on"] == ["b"]
    told.run("a", "x = 2")
    told.settle()
    assert [reason["kind"] for reason in told.reasons("b")] == ["input"]
    assert told["c"] == "10"
    told.send("run", cells=["b"])
    told.settle()
    assert told["c"] == "20"
    assert told.state("b") == "frozen"
    assert told.reasons("b") == []


@pytest.mark.kernel
def test_a_cell_that_thaws_is_rerun_with_what_depends_on_it(told: Wire) -> None:
    tell(told, b={"frozen": True})
    told.run("a", "x = 1  # one")
    told.run("a", "x = 2")
    told.settle()
    told.ran()
    told.send(
        "edit",
        cells=[{"id": "b", "source": SOURCES["b"], "metadata": {"reactive": {}}}],
    )
    told.settle()
    assert told.mirror.cells["c"]["rests_on"] == []


@pytest.mark.kernel
def test_reads_and_writes_are_told_as_overruled(told: Wire) -> None:
    tell(told, b={"reads": [], "writes": ["y", "more"]})
    assert told.mirror.cells["b"]["uses"] == {}
    assert told.mirror.cells["b"]["defines"] == ["more", "y"]


@pytest.mark.kernel
def test_a_setting_that_is_not_understood_is_a_diagnostic(told: Wire) -> None:
    tell(told, b={"mode": "quick"})
    (found,) = told.mirror.cells["b"]["diagnostics"]
    assert (found["code"], found["severity"]) == ("setting", "warning")
    assert "auto or lazy" in found["message"]


@pytest.mark.kernel
def test_the_mode_of_the_notebook_comes_with_its_metadata(told: Wire) -> None:
    tell(told, {"reactive": {"mode": "lazy"}}, c={"mode": "auto"})
    assert told.mirror.mode == "lazy"
    told.run("a", "x = 2")
    told.settle()
    assert told.states() == {"a": "fresh", "b": "stale", "c": "stale"}
    told.send("configure", mode="auto")
    tell(told, {"reactive": {"mode": "lazy"}})
    assert told.mirror.mode == "auto"
    tell(told)
    assert told.mirror.mode == "auto"


# In words


@pytest.mark.kernel
def test_status_and_why_show_settings(told: Wire) -> None:
    told.run("s", "%reactive status")
    assert "settings" not in told["s"]
    tell(told, b={"frozen": True, "reads": ["x"]}, c={"mode": "lazy", "writes": []})
    told.run("s", "%reactive status")
    for words in (
        "settings",
        "frozen, reads x",
        "lazy, writes nothing",
        "rests on In[",
    ):
        assert words in told["s"]
    told.run("w", "%reactive why c")
    assert "which is frozen" in told["w"]
    assert "settings: lazy, writes nothing" in told["w"]
    told.run("a", "x = 2")
    told.run("w", "%reactive why b")
    assert "is frozen: x changed in In[" in told["w"]


# Traits that a notebook may set


class Owner(HasTraits):
    mode = Enum(["auto", "lazy"], default_value="auto")
    effects = Set(Enum(["files", "random"]))


def switching(owner: Owner) -> tuple[NotebookSettings, list[str]]:
    """Return settings of some traits, and the list of those that were set."""
    calls: list[str] = []
    names = ("mode", "effects")
    switches = {name: lambda name=name: calls.append(name) for name in names}
    return NotebookSettings(owner, switches), calls


def test_only_what_changed_in_the_metadata_is_set() -> None:
    settings, calls = switching(owner := Owner())
    assert settings.take({"reactive": {"effects": ["files"]}})
    assert calls == ["effects"]
    assert owner.effects == {"files"}
    assert not settings.take({"reactive": {"effects": ["files"], "of-others": 1}})
    assert settings.take({"reactive": {"effects": ["files"], "mode": "lazy"}})
    assert calls == ["effects", "mode"]


@pytest.mark.parametrize("metadata", [{}, None, 3, {"reactive": 3}])
def test_without_metadata_the_configuration_counts(metadata: object) -> None:
    settings, _calls = switching(owner := Owner(mode="lazy"))
    settings.take({"reactive": {"mode": "auto"}})
    assert owner.mode == "auto"
    settings.take(metadata)
    assert owner.mode == "lazy"


@pytest.mark.parametrize("value", ["quick", 3, ["auto"], {}])
def test_a_value_that_a_trait_refuses_is_left_out(value: object) -> None:
    settings, _calls = switching(owner := Owner(mode="lazy"))
    settings.take({"reactive": {"mode": value, "effects": ["random"]}})
    assert (owner.mode, owner.effects) == ("lazy", {"random"})
    (reason,) = settings.ignored
    assert "so it is 'lazy'" in reason
    settings.take({})
    assert settings.ignored == ()
