"""Draw the kernel's logos: three cells of a notebook, two of which follow the first.

Run ``python docs/logo.py`` to write `reactive_kernel/kernelspec/logo-*`.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.patches import FancyBboxPatch

FOLDER = Path(__file__).parent.parent / "reactive_kernel" / "kernelspec"
GROUND, CHANGED, FOLLOWS = "#2b3a67", "#ffc857", "#ffffff"

# In units of a 64 by 64 square, as in SVG: y grows downwards.
CORNER = 13
LEFT, WIDTH, HEIGHT = 24, 29, 11
TOPS = (11, 26.5, 42)
RAIL, STROKE = 13, 4
MIDDLES = tuple(top + HEIGHT / 2 for top in TOPS)
COLOURS = (CHANGED, FOLLOWS, FOLLOWS)


def svg() -> str:
    """Return the drawing as an SVG document."""
    first, second, third = MIDDLES
    edges = f"M{LEFT} {first}H{RAIL}V{third}H{LEFT}M{RAIL} {second}H{LEFT}"
    cells = "".join(
        f'  <rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="3" '
        f'fill="{colour}"/>\n'
        for top, colour in zip(TOPS, COLOURS, strict=True)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" '
        'viewBox="0 0 64 64" role="img">\n'
        "  <title>Reactive Python</title>\n"
        f'  <rect width="64" height="64" rx="{CORNER}" fill="{GROUND}"/>\n'
        f'  <path d="{edges}" fill="none" stroke="{CHANGED}" stroke-width="{STROKE}"/>\n'
        f"{cells}</svg>\n"
    )


def draw(size: int, file: Path) -> None:
    """Write the drawing as a PNG of `size` by `size` pixels."""
    figure = pyplot.figure(figsize=(1, 1), dpi=size)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 64), ylim=(64, 0))
    axes.axis("off")
    box(axes, (0, 0, 64, 64), CORNER, GROUND)
    first, second, third = MIDDLES
    line = {"color": CHANGED, "lw": STROKE / 64 * 72, "zorder": 3}
    axes.plot([LEFT, RAIL, RAIL, LEFT], [first, first, third, third], **line)
    axes.plot([RAIL, LEFT], [second, second], **line)
    for top, colour in zip(TOPS, COLOURS, strict=True):
        box(axes, (LEFT, top, WIDTH, HEIGHT), 3, colour)
    figure.savefig(file, dpi=size, transparent=True, metadata={"Software": None})
    pyplot.close(figure)


def box(axes: pyplot.Axes, place: tuple[float, ...], corner: int, colour: str) -> None:
    """Add a filled rectangle (left, top, width, height) with rounded corners."""
    left, top, width, height = place
    style = f"round,pad=0,rounding_size={corner}"
    patch = FancyBboxPatch(
        (left, top), width, height, style, color=colour, lw=0, zorder=3
    )
    axes.add_patch(patch)


if __name__ == "__main__":
    (FOLDER / "logo-svg.svg").write_text(svg(), encoding="utf-8")
    for size in (32, 64):
        draw(size, FOLDER / f"logo-{size}x{size}.png")
