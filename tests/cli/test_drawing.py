"""Pictures of graphs."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from reactive_kernel.cli.drawing import Edge, drawn

SVG = "{http://www.w3.org/2000/svg}"


def boxes(picture: str) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each cell."""
    found = []
    for rect in ElementTree.fromstring(picture).iter(f"{SVG}rect"):
        x, y, width, height = (
            float(rect.get(name, "")) for name in ("x", "y", "width", "height")
        )
        found.append((x, y, x + width, y + height))
    return found


def test_a_cell_stands_below_those_that_it_takes_from() -> None:
    edges = [Edge("a", "b", "x"), Edge("b", "c", "y"), Edge("a", "c", "z")]
    first, second, third = boxes(drawn({"a": "1", "b": "2", "c": "3"}, edges))
    assert first[3] < second[1]
    assert second[3] < third[1]


def test_texts_are_shown_as_they_are() -> None:
    label = "<script> & \"'"
    picture = drawn({"a": label, "b": "2"}, [Edge("a", "b", "x<y")])
    texts = [text.text for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    assert texts == [label, "2", "x<y"]


def test_an_edge_of_a_cycle_is_drawn_as_one() -> None:
    edges = [Edge("a", "b", "x"), Edge("b", "a", "y")]
    assert drawn({"a": "1", "b": "2"}, edges).count('class="back"') == 1


def test_an_empty_graph_is_an_empty_picture() -> None:
    assert boxes(drawn({}, [])) == []


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30, unique=True
    )
)
def test_cells_do_not_overlap_and_all_are_in_the_picture(
    pairs: list[tuple[int, int]],
) -> None:
    labels = {str(cell): "x" * (3 * cell % 20 + 1) for cell in range(12)}
    edges = [Edge(str(one), str(other), "name") for one, other in pairs if one != other]
    picture = drawn(labels, edges)
    root = ElementTree.fromstring(picture)
    found = boxes(picture)
    for one, other in combinations(found, 2):
        apart = one[2] <= other[0] or other[2] <= one[0]
        assert apart or one[3] <= other[1] or other[3] <= one[1]
    assert min(box[0] for box in found) >= 0
    assert max(box[2] for box in found) <= float(root.get("width", ""))
    assert max(box[3] for box in found) <= float(root.get("height", ""))
    lines = [path for path in root.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(lines) == len(edges)
