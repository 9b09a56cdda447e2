"""Kinds of objects that give their state away, and can take it back.

>>> import random
>>> dice = random.Random(1)
>>> content_of, same, put_back = handler_of(type(dice))
>>> before, first = content_of(dice), dice.random()
>>> same(dice, before)
False
>>> put_back(dice, before)
>>> dice.random() == first
True
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Handler", "handler_of", "is_made_of_its_dict", "words"]

Handler: TypeAlias = "tuple[Callable[[Any], Any], Same, Callable[[Any, Any], None]]"
"""What gives the content of an object, compares it, and puts it back."""

Same: TypeAlias = "Callable[[Any, Any], bool]"

HEAP_TYPE = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: set for every class that a class statement has made."""


class _Simplest:
    pass


_NO_STATE_IN_C = _Simplest.__basicsize__
"""Bytes of an instance that has a ``__dict__`` and nothing else."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set; long tables read better that way."""
    return frozenset(text.split())


def is_made_of_its_dict(kind: type) -> bool:
    """Tell whether all state of a class's instances is in their ``__dict__``.

    An object with traits tells others of its changes, so its state is not only its own.
    """
    if kind.__dictoffset__ == 0 or kind.__basicsize__ > _NO_STATE_IN_C:
        return False
    return all(
        base is object
        or (
            base.__flags__ & HEAP_TYPE
            and not vars(base).get("__slots__")
            and base.__name__ != "HasTraits"
        )
        for base in kind.__mro__
    )


def handler_of(kind: type) -> Handler | None:
    """Return how to save and put back objects of a class, if that is known."""
    return _HANDLERS.get(f"{kind.__module__}.{kind.__qualname__}")


def _same_state(content_of: Callable[[Any], Any]) -> Same:
    return lambda value, content: bool(content_of(value) == content)


def _of_bit_generator(value: Any) -> dict[str, Any]:
    """Return the state of a generator of numpy, with arrays that can be compared."""
    state = dict(value.bit_generator.state)
    inner = state["state"]
    return {**state, "state": {key: _hashable(part) for key, part in inner.items()}}


def _hashable(part: Any) -> Any:
    return part if isinstance(part, int) else (part.dtype.str, part.tobytes())


def _put_bit_generator(value: Any, content: dict[str, Any]) -> None:
    numpy = sys.modules["numpy"]
    inner = {
        key: part
        if isinstance(part, int)
        else numpy.frombuffer(part[1], part[0]).copy()
        for key, part in content["state"].items()
    }
    value.bit_generator.state = {**content, "state": inner}


def _of_legacy(value: Any) -> tuple[Any, ...]:
    name, key, *rest = value.get_state()
    return (name, key.tobytes(), *rest)


def _put_legacy(value: Any, content: tuple[Any, ...]) -> None:
    name, key, *rest = content
    numpy = sys.modules["numpy"]
    value.set_state((name, numpy.frombuffer(key, numpy.uint32).copy(), *rest))


_PYTHON_DICE: Handler = (
    lambda value: value.getstate(),
    _same_state(lambda value: value.getstate()),
    lambda value, content: value.setstate(content),
)
_BUFFER: Handler = (
    lambda value: value.__getstate__(),
    _same_state(lambda value: value.__getstate__()),
    lambda value, content: value.__setstate__(content),
)
_HANDLERS: Final[dict[str, Handler]] = {
    "random.Random": _PYTHON_DICE,
    "numpy.random._generator.Generator": (
        _of_bit_generator,
        _same_state(_of_bit_generator),
        _put_bit_generator,
    ),
    "numpy.random.mtrand.RandomState": (
        _of_legacy,
        _same_state(_of_legacy),
        _put_legacy,
    ),
    "_io.StringIO": _BUFFER,
    "_io.BytesIO": _BUFFER,
}
"""By module and class; what is derived from one may hold more, so it is not among them."""
