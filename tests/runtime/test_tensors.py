"""Models of torch: training is seen, and evaluating is no change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reactive_kernel.runtime.checkpoint import SMALL, Checkpoint

if TYPE_CHECKING:
    from reactive_kernel.testing import Notebook

torch = pytest.importorskip("torch")

CELLS = [
    "import torch",
    "torch.manual_seed(1)\nmodel = torch.nn.Linear(2, 1)\n"
    "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
    "xs = torch.ones(4, 2)",
    "loss = model(xs).pow(2).mean()\noptimizer.zero_grad()\nloss.backward()\n"
    "optimizer.step()",
    "with torch.no_grad():\n    print(round(model(xs).pow(2).mean().item(), 5))",
]


def test_evaluating_a_model_does_not_train_it_again(notebook: Notebook) -> None:
    notebook.open(*CELLS)
    shown = notebook.printed["e"]
    assert notebook.run("e") == ["e"]
    assert notebook.printed["e"] == shown


def test_training_runs_again_on_the_model_as_it_was_made(notebook: Notebook) -> None:
    notebook.open(*CELLS)
    shown = notebook.printed["e"]
    assert notebook.run("d") == ["b", "d", "e"]
    assert notebook.printed["e"] == shown


def test_a_change_of_a_tensor_is_seen() -> None:
    tensor = torch.zeros(3)
    before = Checkpoint.take(tensor, SMALL)
    assert before is not None
    assert before.changed() == set()
    tensor[0] = 1
    assert before.changed() == {id(tensor)}


def test_a_large_model_is_looked_at(notebook: Notebook) -> None:
    layers = torch.nn.Sequential(*(torch.nn.Linear(2, 2) for _ in range(300)))
    before = Checkpoint.take(layers, SMALL)
    assert before is not None
    with torch.no_grad():
        layers[299].bias += 1
    assert before.changed() == {id(layers[299].bias)}
