"""Tensors and models of torch, which count their own changes in place.

A tensor has a version that grows with each change, on whatever device it is. So a cell
that trains a model is seen to change it, and one that evaluates it is not, and the
training does not run again for it. What the tensors held before is not kept: it may be
large, and on a device.

Torch is known by the names of its classes, and never imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["is_model", "is_tensor", "parts_of_model", "state_of_tensor"]

_TENSORS: Final = frozenset(
    {"torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"}
)
_MODELS: Final = frozenset({"Module", "Optimizer"})


def is_tensor(kind: type) -> bool:
    """Tell whether a class is that of tensors."""
    return f"{kind.__module__}.{kind.__qualname__}" in _TENSORS


def is_model(kind: type) -> bool:
    """Tell whether a class is one of models or optimizers."""
    return any(
        base.__name__ in _MODELS and base.__module__.startswith("torch.")
        for base in kind.__mro__
    )


def state_of_tensor(tensor: Any) -> tuple[int, ...]:
    """Return what differs after any change of a tensor or of its gradient."""
    own = (tensor._version, tensor.data_ptr())
    # Only leaves have gradients; asking another tensor for its own is warned about.
    gradient = tensor.grad if tensor.is_leaf else None
    return own if gradient is None else (*own, gradient._version, gradient.data_ptr())


def parts_of_model(model: Any) -> Iterable[Any]:
    """Return the tensors and models that a model is made of; of an optimizer, all."""
    held: dict[str, Any] = vars(model)
    if "_parameters" not in held:
        return held.values()
    return [
        part
        for name in ("_parameters", "_buffers", "_modules")
        for part in held[name].values()
    ]
