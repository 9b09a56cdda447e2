"""Widgets of other libraries as inputs; each message is what its front end sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.widgets import Front
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


@pytest.fixture
def front(nb: Wire) -> Front:
    return Front(nb)


def test_a_widget_of_anywidget(nb: Wire, front: Front) -> None:
    pytest.importorskip("anywidget")
    nb.run(
        "a",
        "import anywidget, traitlets\n"
        "class Counter(anywidget.AnyWidget):\n"
        "    _esm = 'export default {render() {}}'\n"
        "    count = traitlets.Int(0).tag(sync=True)\n"
        "    name = traitlets.Unicode('').tag(sync=True)\n"
        "counter = Counter()",
    )
    nb.run("b", "counter.count")
    nb.run("c", "counter")
    nb.run("d", "counter.name")
    nb.ran()
    front.move("Any", count=3)
    assert (nb["b"], nb.ran()) == ("3", ["b"])


@pytest.fixture
def figure(nb: Wire, front: Front) -> str:
    """A figure of plotly; returns the id of its comm."""
    pytest.importorskip("plotly")
    nb.run(
        "a",
        "import plotly.graph_objects as go\n"
        "fig = go.FigureWidget(go.Scatter(y=[1, 3, 2]))",
    )
    return str(front.opened()[-1].content["comm_id"])


def send(nb: Wire, front: Front, comm: str, **state: Any) -> None:
    request = front.update(comm, **state)
    nb.until(lambda: nb.idle_seen(request), "idle")
    nb.settle()


def test_a_zoom_in_a_figure_of_plotly(nb: Wire, front: Front, figure: str) -> None:
    nb.run("b", "print(fig.layout.xaxis.range)")
    nb.run("c", "print(fig.layout.title.text)")
    nb.run("d", "fig")
    nb.run("f", "print(fig.layout.dragmode)")
    nb.run("e", "print(fig.data[0].visible)")
    nb.ran()
    zoomed = {
        "relayout_data": {"xaxis.range[0]": 0.5, "xaxis.range[1]": 1.5},
        "source_view_id": "view",
    }
    send(nb, front, figure, _js2py_relayout=zoomed)
    assert (nb["b"], nb.ran()) == ("(0.5, 1.5)", ["b"])
    moved = {"relayout_data": {"dragmode": "pan"}, "source_view_id": "view"}
    send(nb, front, figure, _js2py_relayout=moved)
    assert (nb["f"], nb.ran()) == ("pan", ["f"])


def test_a_trace_that_is_hidden_in_a_figure_of_plotly(
    nb: Wire, front: Front, figure: str
) -> None:
    nb.run("b", "print(fig.layout.xaxis.range)")
    nb.run("c", "print(fig.data[0].visible)")
    nb.ran()
    hidden = {
        "style_data": {"visible": ["legendonly"]},
        "style_traces": [0],
        "source_view_id": "view",
    }
    send(nb, front, figure, _js2py_restyle=hidden)
    assert (nb["c"], nb.ran()) == ("legendonly", ["c"])


def test_a_cell_that_changes_a_figure_of_plotly_reruns_its_readers(
    nb: Wire, figure: str
) -> None:
    nb.run("b", "fig.layout.title.text = 'one'")
    nb.run("c", "print(fig.layout.title.text)")
    nb.ran()
    nb.run("b", "fig.layout.title.text = 'two'")
    nb.settle()
    assert (nb["c"], nb.ran()) == ("two", ["b", "c"])


def test_a_selection_in_a_chart_of_altair(nb: Wire, front: Front) -> None:
    pytest.importorskip("altair")
    nb.run(
        "a",
        "import altair as alt, pandas as pd\n"
        "brush = alt.selection_interval(name='brush')\n"
        "data = pd.DataFrame({'x': [1, 2, 3], 'y': [1, 3, 2]})\n"
        "chart = alt.JupyterChart(\n"
        "    alt.Chart(data).mark_point().encode(x='x', y='y').add_params(brush)\n)",
    )
    comm = str(front.opened()[-1].content["comm_id"])
    nb.run("b", "print(chart.selections.brush.value)")
    nb.run("c", "chart")
    nb.ran()
    selected = {"brush": {"value": {"x": [1, 2]}, "store": []}}
    send(nb, front, comm, _vl_selections=selected)
    assert (nb["b"], nb.ran()) == ("{'x': [1, 2]}", ["b"])


def test_a_selection_in_a_table_of_ipydatagrid(nb: Wire, front: Front) -> None:
    pytest.importorskip("ipydatagrid")
    nb.run(
        "a",
        "import pandas as pd\nfrom ipydatagrid import DataGrid\n"
        "grid = DataGrid(pd.DataFrame({'x': [1, 2, 3]}), selection_mode='row')",
    )
    nb.run("b", "print(grid.selections)")
    nb.run("c", "print(*grid.selected_cell_values)")
    nb.run("d", "grid")
    nb.ran()
    rows = [{"r1": 1, "r2": 1, "c1": 0, "c2": 0}]
    front.move("DataGrid", selections=rows)
    assert "'r1': 1" in nb["b"]
    assert nb["c"] == "2"
    assert nb.ran() == ["b", "c"]
