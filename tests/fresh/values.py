"""A namespace and outputs in a form that can be compared across processes.

Two namespaces have equal descriptions if their names hold equal values of the same types
that share the same objects: ``a = [1]; b = a`` differs from ``a = [1]; b = [1]``.
"""

from __future__ import annotations

import functools
import json
import re
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["described", "shown"]

ATOMS = (int, float, complex, str, bytes, bool, type(None), type(...), range, slice)
VARIES = re.compile(
    r"0x[0-9a-fA-F]{6,}|<ipython-input-[^>]*>|(\S*/ipykernel_\d+/)?\b\d+\.py\b"
)


def shown(outputs: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return outputs without execution counts, tracebacks, addresses, file names."""
    return [_shown(output) for output in outputs]


def _shown(output: Mapping[str, Any]) -> list[Any]:
    match output["output_type"]:
        case "stream":
            return [output["name"], _lasting(output["text"])]
        case "error":
            return ["error", output["ename"], _lasting(output["evalue"])]
        case kind:
            data = output["data"]
            texts = {mime: _lasting(str(data[mime])) for mime in data}
            return [kind, dict(sorted(texts.items()))]


def _lasting(text: str) -> str:
    return VARIES.sub("…", text)


def described(
    namespace: Mapping[str, object], foreign: Iterable[str] = ()
) -> dict[str, str]:
    """Return a description of each name that is the notebook's own.

    Parameters
    ----------
    namespace
        The shell's `user_ns`.
    foreign
        Names that IPython put there. Names that begin with `_` are left out, too.
    """
    description = Description()
    return {
        name: json.dumps(description.of(namespace[name]), ensure_ascii=False)
        for name in sorted(namespace)
        if not name.startswith("_") and name not in {*foreign, "In", "Out"}
    }


class Description:
    """Descriptions of objects, in which one that comes again is a number."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._alive: list[object] = []

    def of(self, value: object) -> Any:
        """Return what JSON can hold of a value."""
        if isinstance(value, ATOMS):
            return f"{type(value).__name__} {value!r}"
        if isinstance(value, types.ModuleType):
            return f"module {value.__name__}"
        if isinstance(value, tuple | frozenset):
            return [type(value).__qualname__, *self._items(value)]
        if (number := self._seen.get(id(value))) is not None:
            return f"the same as {number}"
        self._seen[id(value)] = len(self._seen)
        self._alive.append(value)
        return [type(value).__qualname__, *self._parts(value)]

    def _items(self, values: Iterable[object]) -> list[Any]:
        items = [self.of(value) for value in values]
        return sorted(items, key=str) if isinstance(values, set | frozenset) else items

    def _parts(self, value: object) -> list[Any]:
        if type(value).__module__.startswith("matplotlib."):
            # It knows its neighbours by their addresses; its picture is compared.
            return []
        match value:
            case dict():
                pairs = [[self.of(key), self.of(held)] for key, held in value.items()]
                return [*pairs, *self._attributes(value)]
            case np.ndarray():
                return [str(value.dtype), str(value.shape), self._items(value.flat)]
            case pd.DataFrame() | pd.Series() | pd.Index():
                return _table(value)
            case types.FunctionType():
                return self._function(value)
            case type():
                return [value.__qualname__, *self._class(value)]
            case types.MethodType():
                return [self.of(value.__func__), self.of(value.__self__)]
            case functools.partial():
                return [self.of(part) for part in value.__reduce__()[2]]
            case property():
                return [self.of(part) for part in (value.fget, value.fset)]
            case staticmethod() | classmethod():
                return [self.of(value.__func__)]
            case types.CellType():
                return self._items(_content(value))
            case _ if isinstance(value, Iterable) and _is_container(value):
                return [*self._items(value), *self._attributes(value)]
            case _:
                return self._attributes(value)

    def _attributes(self, value: object) -> list[Any]:
        slots = getattr(type(value), "__slots__", ())
        named = (slots,) if isinstance(slots, str) else tuple(slots)
        held = {name: getattr(value, name) for name in named if hasattr(value, name)}
        held |= getattr(value, "__dict__", {})
        return [[name, self.of(held[name])] for name in sorted(held)]

    def _function(self, function: types.FunctionType) -> list[Any]:
        return [
            function.__qualname__,
            _code(function.__code__),
            self.of(function.__defaults__),
            self.of(function.__kwdefaults__),
            self._items(function.__closure__ or ()),
            self._attributes(function),
        ]

    def _class(self, cls: type) -> list[Any]:
        if cls.__module__ != "__main__":
            return [cls.__module__]
        kept = {
            name: held
            for name, held in vars(cls).items()
            if not (name.startswith("__") and name.endswith("__")) or callable(held)
        }
        bases = [base.__qualname__ for base in cls.__bases__]
        return [bases, *([name, self.of(kept[name])] for name in sorted(kept))]


def _table(table: pd.DataFrame | pd.Series | pd.Index) -> list[Any]:
    kinds = table.dtypes.to_list() if isinstance(table, pd.DataFrame) else [table.dtype]
    index = [] if isinstance(table, pd.Index) else [repr(table.index.to_list())]
    names = [str(getattr(table, "name", ""))]
    if isinstance(table, pd.DataFrame):
        names = [str(name) for name in table.columns]
    return [*map(str, kinds), *index, *names, repr(table.to_numpy().tolist())]


def _code(code: types.CodeType) -> list[Any]:
    constants = [
        _code(constant) if isinstance(constant, types.CodeType) else repr(constant)
        for constant in code.co_consts
    ]
    return [code.co_code.hex(), list(code.co_names), list(code.co_varnames), constants]


def _content(cell: types.CellType) -> list[object]:
    try:
        return [cell.cell_contents]
    except ValueError:
        return []


def _is_container(value: object) -> bool:
    """Tell whether iterating over a value leaves it as it is."""
    look: Callable[[str], bool] = functools.partial(hasattr, value)
    return look("__len__") and not look("__next__")
