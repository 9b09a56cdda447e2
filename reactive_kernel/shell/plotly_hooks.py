"""Figures of plotly: what is read and changed in them is no trait.

A `FigureWidget` has traits, but they only carry messages. What a notebook reads is
``fig.layout.xaxis.range`` or ``fig.data[0].visible``, items of objects that plotly keeps
inside. Here these count as traits of the figure: ``layout.xaxis`` and ``data[0]``, so a
zoom concerns the cells that read something of the axis.
"""

from __future__ import annotations

import re
import sys
from sys import _getframe
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits

from reactive_kernel.shell import trait_hooks

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["wrap_plotly"]

_wrapped: list[type] = []


def wrap_plotly() -> None:
    """Tell of reads and changes inside figures, if plotly's widgets are there."""
    module = sys.modules.get("plotly.basewidget")
    if module is None or _wrapped:
        return
    figure, part = module.BaseFigureWidget, module.BasePlotlyType
    _wrapped.append(figure)
    _wrap_reads(part)
    _wrap_changes(figure)


def _wrap_reads(part: Any) -> None:
    plain = part.__getitem__

    def telling_getitem(self: Any, item: Any) -> Any:
        value = plain(self, item)
        if not _holds(value, part):
            figure, name = _place(self, item, part)
            if isinstance(figure, HasTraits):
                for listener in trait_hooks.listeners():
                    listener.read(figure, name, value, _getframe(1))
        return value

    part.__getitem__ = telling_getitem


def _wrap_changes(figure: Any) -> None:
    layout = figure._dispatch_layout_change_callbacks
    traces = figure._dispatch_trace_change_callbacks

    def telling_layout(self: Any, data: Any) -> None:
        _tell(self, {f"layout.{_first(key)}" for key in data})
        layout(self, data)

    def telling_traces(self: Any, data: Any, indexes: Any) -> None:
        _tell(self, [f"data[{index}]" for index in indexes])
        traces(self, data, indexes)

    figure._dispatch_layout_change_callbacks = telling_layout
    figure._dispatch_trace_change_callbacks = telling_traces


def _tell(figure: Any, names: Iterable[str]) -> None:
    for listener in trait_hooks.listeners():
        for name in names:
            listener.changed(figure, name, object())


def _holds(value: Any, part: Any) -> bool:
    """Tell whether an item only leads further into the figure."""
    return isinstance(value, part) or (
        isinstance(value, tuple) and bool(value) and isinstance(value[0], part)
    )


def _place(node: Any, item: object, part: Any) -> tuple[object, str]:
    """Return the figure that an item is in, and the part of it that counts."""
    path: list[Any] = []
    while isinstance(node, part):
        path.append(node)
        node = node.parent
    top = path[-1]
    if top.plotly_name != "layout":
        return node, f"data[{getattr(top, '_trace_ind', None)}]"
    name = path[-2].plotly_name if len(path) > 1 else _first(item)
    # An element of `shapes` is a "shape".
    return node, f"layout.{f'{name}s' if f'{name}s' in top else name}"


def _first(path: object) -> str:
    """Return the first step of a path into a figure."""
    return re.split(r"[.[]", str(path[0] if isinstance(path, tuple) else path))[0]
