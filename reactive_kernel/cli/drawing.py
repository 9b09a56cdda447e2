"""A graph of cells as a picture, drawn in layers.

Each cell stands below the cells that it takes from. An edge over several layers goes
through a place of its own in each; then each layer is ordered so that few edges cross,
and its places are moved towards what they are tied to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Edge", "drawn"]

Box = tuple[float, float, float, float]

_LETTER: Final = 7.3
_HEIGHT: Final = 34.0
_GAP: Final = 28.0
"""Between two neighbours in a layer."""
_RISE: Final = 84.0
"""Between two layers; there is room for the names on the edges."""
_BEND: Final = 14.0
"""The width of the place of an edge that passes a layer."""
_SWEEPS: Final = 12
_SMALL: Final = 6.7
"""The width of a letter on an edge."""
_ALONG: Final = (0.5, 0.35, 0.65, 0.22, 0.78, 0.12, 0.88)
"""Where names may stand on a line, the best place first."""
_LONGEST: Final = 28
"""Letters of the names on an edge."""
_STYLE: Final = """\
svg { background: #fff; font: 12px ui-monospace, Menlo, Consolas, monospace; }
rect { fill: #eef3fb; stroke: #5b7fb4; }
path { fill: none; stroke: #8a94a3; stroke-width: 1.3; }
path.back { stroke: #c0392b; stroke-dasharray: 5 3; }
marker path { fill: #8a94a3; stroke: none; }
text { fill: #1b2430; text-anchor: middle; dominant-baseline: central; }
text.names { fill: #47617f; font-size: 11px; paint-order: stroke; stroke: #fff; \
stroke-width: 4px; }
@media (prefers-color-scheme: dark) {
  svg { background: #14181d; }
  rect { fill: #1f2a38; stroke: #6f93c8; }
  text { fill: #e4e9f0; }
  text.names { fill: #a9c1e0; stroke: #14181d; }
}
"""


@dataclass(frozen=True, slots=True)
class Edge:
    """One cell takes names from another."""

    writer: str
    reader: str
    names: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line from one point to another that begins and ends vertically."""

    x: float
    y: float
    end_x: float
    end_y: float

    @property
    def step(self) -> str:
        """The curve from its beginning, as SVG writes it."""
        middle = (self.y + self.end_y) / 2
        return (
            f"C{self.x:.1f} {middle:.1f} {self.end_x:.1f} {middle:.1f}"
            f" {self.end_x:.1f} {self.end_y:.1f}"
        )

    def at(self, part: float) -> tuple[float, float]:
        """Return a point on the curve; `part` goes from 0 to 1."""
        rest = 1 - part
        across = part * part * (3 - 2 * part)
        down = part**3 + 1.5 * rest * part
        return (
            self.x + across * (self.end_x - self.x),
            self.y + down * (self.end_y - self.y),
        )


@dataclass(slots=True)
class Layout:
    """Where everything stands; a place is a cell, or where an edge passes a layer."""

    width: dict[str, float]
    layer: dict[str, int]
    ties: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    x: dict[str, float] = field(default_factory=dict)
    layers: list[list[str]] = field(default_factory=list)

    def y(self, place: str) -> float:
        """Return the middle of a place."""
        return self.layer[place] * (_HEIGHT + _RISE) + _HEIGHT / 2 + _GAP


def drawn(labels: Mapping[str, str], edges: Sequence[Edge]) -> str:
    """Return a picture of a graph as SVG.

    Parameters
    ----------
    labels
        What to write into each cell; writers stand before their readers, as far as that
        can be.
    edges
        Who takes what from whom.
    """
    place = {cell: number for number, cell in enumerate(labels)}
    down = [edge for edge in edges if place[edge.writer] < place[edge.reader]]
    layout = Layout(
        {cell: len(label) * _LETTER + 24 for cell, label in labels.items()},
        _layered(labels, down),
    )
    routes = {edge: _routed(layout, edge) for edge in down}
    _order(layout)
    _align(layout)
    back = [edge for edge in edges if edge not in routes]
    return _svg(layout, labels, routes, back)


def _layered(labels: Mapping[str, str], down: Sequence[Edge]) -> dict[str, int]:
    """Return for each cell how long the longest way to it is."""
    writers = defaultdict(list)
    for edge in down:
        writers[edge.reader].append(edge.writer)
    layer: dict[str, int] = {}
    for cell in labels:
        layer[cell] = max((layer[each] + 1 for each in writers[cell]), default=0)
    return layer


def _routed(layout: Layout, edge: Edge) -> list[str]:
    """Return the places that an edge goes through, new ones where it passes a layer."""
    route = [edge.writer]
    for layer in range(layout.layer[edge.writer] + 1, layout.layer[edge.reader]):
        place = f"{edge.writer} {edge.reader} {layer}"
        layout.layer[place], layout.width[place] = layer, _BEND
        route.append(place)
    route.append(edge.reader)
    for one, other in pairwise(route):
        layout.ties[one].append(other)
        layout.ties[other].append(one)
    return route


def _order(layout: Layout) -> None:
    """Order the places of each layer by the middle of what they are tied to."""
    layout.layers = [[] for _ in range(max(layout.layer.values(), default=-1) + 1)]
    for place, layer in layout.layer.items():
        layout.layers[layer].append(place)
    rank = {p: float(i) for layer in layout.layers for i, p in enumerate(layer)}
    for sweep in range(_SWEEPS):
        step = 1 if sweep % 2 else -1
        for places in layout.layers[::-step]:
            places.sort(key=lambda place: _middle(layout, place, rank, step))
            rank |= {place: float(number) for number, place in enumerate(places)}


def _middle(
    layout: Layout, place: str, at: Mapping[str, float], step: int = 0
) -> float:
    """Return where the ties of a place are: those on one side, or all."""
    side = layout.layer[place] + step
    ties = [at[p] for p in layout.ties[place] if not step or layout.layer[p] == side]
    return fmean(ties) if ties else at[place]


def _align(layout: Layout) -> None:
    """Move the places towards their ties, in order and without overlap."""
    for layer in layout.layers:
        left = 0.0
        for place in layer:
            layout.x[place] = left + layout.width[place] / 2
            left += layout.width[place] + _GAP
    for sweep in range(2 * _SWEEPS):
        for layer in layout.layers[:: 1 if sweep % 2 else -1]:
            _settle(layout, layer)
    shift = _GAP - min((layout.x[p] - layout.width[p] / 2 for p in layout.x), default=0)
    layout.x = {place: x + shift for place, x in layout.x.items()}


def _settle(layout: Layout, layer: Sequence[str]) -> None:
    """Move a layer: halfway between pushing to the right and pushing to the left."""
    wanted = [_middle(layout, place, layout.x) for place in layer]
    apart = [
        (layout.width[one] + layout.width[other]) / 2 + _GAP
        for one, other in pairwise(layer)
    ]
    right, left = wanted[:], wanted[:]
    for number, least in enumerate(apart):
        right[number + 1] = max(right[number + 1], right[number] + least)
    for number, least in reversed(list(enumerate(apart))):
        left[number] = min(left[number], left[number + 1] - least)
    for place, one, other in zip(layer, right, left, strict=True):
        layout.x[place] = (one + other) / 2


def _svg(
    layout: Layout,
    labels: Mapping[str, str],
    routes: Mapping[Edge, Sequence[str]],
    back: Sequence[Edge],
) -> str:
    lines = _lines(layout, routes)
    lines |= {edge: [_upwards(layout, edge)] for edge in back}
    right = max((layout.x[p] + layout.width[p] / 2 for p in layout.x), default=0)
    bottom = max(map(layout.y, layout.layer), default=0) + _HEIGHT / 2
    size = f'width="{right + _GAP:.0f}" height="{bottom + _GAP:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
        *(_path(edge, line, back=edge in back) for edge, line in lines.items()),
        *(_box(layout, cell, label) for cell, label in labels.items()),
        *_names(layout, labels, lines),
        "</svg>",
    ]
    return "\n".join(parts)


def _lines(
    layout: Layout, routes: Mapping[Edge, Sequence[str]]
) -> dict[Edge, list[Curve]]:
    """Return the curves of each edge, spread over the sides of the cells."""
    leaving, arriving = defaultdict(list), defaultdict(list)
    for edge, route in routes.items():
        leaving[edge.writer].append((layout.x[route[1]], edge))
        arriving[edge.reader].append((layout.x[route[-2]], edge))
    begin = {edge: x for cell in leaving for edge, x in _ports(layout, cell, leaving)}
    end = {edge: x for cell in arriving for edge, x in _ports(layout, cell, arriving)}
    half, found = _HEIGHT / 2, {}
    for edge, route in routes.items():
        points = [(layout.x[place], layout.y(place)) for place in route]
        points[0] = (begin[edge], points[0][1] + half)
        points[-1] = (end[edge], points[-1][1] - half)
        found[edge] = [Curve(*one, *other) for one, other in pairwise(points)]
    return found


def _ports(
    layout: Layout, cell: str, sides: Mapping[str, list[tuple[float, Edge]]]
) -> Iterator[tuple[Edge, float]]:
    """Yield where on the side of a cell its edges begin or end, from left to right."""
    edges = sorted(sides[cell], key=lambda each: each[0])
    step = min(26.0, 0.8 * layout.width[cell] / len(edges))
    for number, (_, edge) in enumerate(edges):
        yield edge, layout.x[cell] + step * (number - (len(edges) - 1) / 2)


def _upwards(layout: Layout, edge: Edge) -> Curve:
    """Return the curve of an edge of a cycle, against the direction of the others."""
    half = _HEIGHT / 2
    ends = (
        (layout.x[edge.writer], layout.y(edge.writer) - half),
        (layout.x[edge.reader], layout.y(edge.reader) + half),
    )
    return Curve(*ends[0], *ends[1])


def _path(edge: Edge, line: Sequence[Curve], *, back: bool) -> str:
    """Return an edge, which tells its names when one points at it."""
    steps = [f"M{line[0].x:.1f} {line[0].y:.1f}", *(curve.step for curve in line)]
    kind = ' class="back"' if back else ""
    title = f"<title>{escape(edge.names)}</title>"
    return f'<path{kind} marker-end="url(#head)" d="{" ".join(steps)}">{title}</path>'


def _box(layout: Layout, cell: str, label: str) -> str:
    x, y, width = layout.x[cell], layout.y(cell), layout.width[cell]
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - _HEIGHT / 2:.1f}" width="{width:.1f}"'
        f' height="{_HEIGHT:.0f}" rx="6"/><text x="{x:.1f}" y="{y:.1f}">'
        f"{escape(label)}</text>"
    )


def _names(
    layout: Layout, cells: Iterable[str], lines: Mapping[Edge, Sequence[Curve]]
) -> Iterator[str]:
    """Yield the names on the edges; where there is no room, pointing at one tells."""
    taken = [
        (layout.x[cell], layout.y(cell), layout.width[cell], _HEIGHT) for cell in cells
    ]
    for edge, line in lines.items():
        names = edge.names
        shown = names if len(names) <= _LONGEST else f"{names[: _LONGEST - 1]}…"
        width = len(shown) * _SMALL
        places = (curve.at(part) for part in _ALONG for curve in reversed(line))
        for x, y in places:
            if x > width / 2 and not any(_overlap((x, y, width, 15), t) for t in taken):
                taken.append((x, y, width, 15))
                yield f'<text class="names" x="{x:.1f}" y="{y:.1f}">{escape(shown)}</text>'
                break


def _overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes, given by middle and size, have a point in common."""
    return (
        abs(one[0] - other[0]) < (one[2] + other[2]) / 2
        and abs(one[1] - other[1]) < (one[3] + other[3]) / 2
    )
