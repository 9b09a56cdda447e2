"""Traits as inputs: a widget is moved, and exactly the cells that read it follow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.widgets import Front
from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

WIDGETS = "import ipywidgets as w"


@pytest.fixture
def front(nb: Wire) -> Front:
    return Front(nb)


@pytest.mark.parametrize(
    ("made", "read", "model", "state", "shown"),
    [
        pytest.param("s = w.IntSlider()", "s.value", "IntSlider", {"value": 7}, "7"),
        pytest.param(
            "s = w.IntSlider()\ndef now(some):\n    return some.value * 2",
            "now(s)",
            "IntSlider",
            {"value": 7},
            "14",
            id="through a function",
        ),
        pytest.param(
            "all = {'s': [w.IntSlider()]}",
            "[x.value for x in all['s']]",
            "IntSlider",
            {"value": 7},
            "[7]",
            id="in containers",
        ),
        pytest.param(
            "from types import SimpleNamespace\nui = SimpleNamespace(s=w.IntSlider())",
            "ui.s.value",
            "IntSlider",
            {"value": 7},
            "7",
            id="in an attribute",
        ),
        pytest.param(
            "s = w.IntSlider()",
            "getattr(s, 'value')",
            "IntSlider",
            {"value": 7},
            "7",
            id="getattr",
        ),
        pytest.param(
            "s = w.IntSlider()",
            "import operator\nlist(map(operator.attrgetter('value'), [s]))",
            "IntSlider",
            {"value": 7},
            "[7]",
            id="attrgetter",
        ),
        pytest.param(
            "box = w.VBox([w.IntSlider(), w.Text()])",
            "box.children[0].value",
            "IntSlider",
            {"value": 7},
            "7",
            id="children",
        ),
        pytest.param(
            "class Form(w.VBox):\n"
            "    def __init__(self):\n"
            "        self.n = w.IntSlider()\n"
            "        super().__init__([self.n])\n"
            "    @property\n"
            "    def square(self):\n"
            "        return self.n.value ** 2\n"
            "form = Form()",
            "form.square",
            "IntSlider",
            {"value": 7},
            "49",
            id="a property of a class of the notebook",
        ),
        pytest.param(
            "d = w.Dropdown(options=['a', 'b'])",
            "d.value, d.label, d.index",
            "Dropdown",
            {"index": 1},
            "('b', 'b', 1)",
            id="Dropdown",
        ),
        pytest.param(
            "m = w.SelectMultiple(options=['a', 'b', 'c'])",
            "m.value",
            "SelectMultiple",
            {"index": [0, 2]},
            "('a', 'c')",
            id="SelectMultiple",
        ),
        pytest.param("t = w.Text()", "t.value", "Text", {"value": "hi"}, "'hi'"),
        pytest.param("p = w.Play()", "p.value", "Play", {"value": 3}, "3"),
        pytest.param(
            "d = w.DatePicker()",
            "d.value",
            "DatePicker",
            {"value": {"year": 2024, "month": 1, "date": 29}},
            "datetime.date(2024, 2, 29)",
        ),
        pytest.param(
            "f = w.FileUpload()",
            "f.value[0].name if f.value else ''",
            "FileUpload",
            {
                "value": [
                    {
                        "name": "a.csv",
                        "type": "text/csv",
                        "size": 0,
                        "content": "",
                        "last_modified": 0,
                    }
                ]
            },
            "'a.csv'",
        ),
        pytest.param(
            "t = w.Tab([w.Text(), w.Text()])",
            "t.selected_index",
            "Tab",
            {"selected_index": 1},
            "1",
        ),
    ],
)
def test_a_cell_follows_the_trait_that_it_reads(
    nb: Wire,
    front: Front,
    made: str,
    read: str,
    model: str,
    state: dict[str, Any],
    shown: str,
) -> None:
    nb.run("a", f"{WIDGETS}\n{made}")
    nb.run("b", read)
    nb.run("c", "print('nothing of it')")
    nb.ran()
    front.move(model, **state)
    assert nb["b"] == shown
    assert nb.ran() == ["b"]


def test_a_module_that_is_given_the_widget_reads_for_the_cell(
    nb: Wire, front: Front
) -> None:
    nb.run(
        "a",
        f"{WIDGETS}\nfrom pathlib import Path\nimport sys\n"
        "size = Path('readings.py').write_text('def now(s):\\n    return s.value')\n"
        "sys.path.insert(0, '')\ns = w.IntSlider()",
    )
    nb.run("b", "import readings\nreadings.now(s)")
    nb.ran()
    front.move("IntSlider", value=7)
    assert (nb["b"], nb.ran()) == ("7", ["b"])


def test_an_object_with_traits_of_the_notebooks_own_is_a_source(nb: Wire) -> None:
    nb.run("a", "from traitlets import HasTraits, Int")
    nb.run(
        "b",
        "class State(HasTraits):\n    n = Int()\n    m = Int()\n"
        "    def both(self):\n        return self.n + self.m\nstate = State()",
    )
    nb.run("c", "state.both()")
    nb.run("d", "state.n")
    nb.ran()
    nb.run("e", "state.m = 5")
    nb.settle()
    assert nb.ran() == ["e", "c"]
    assert nb["c"] == "5"


def test_a_button_counts_its_clicks_for_others(nb: Wire, front: Front) -> None:
    nb.run(
        "a",
        f"{WIDGETS}\nfrom reactive_kernel import clicks\n"
        "go = w.Button()\npressed = clicks(go)\ngo",
    )
    nb.run("b", "pressed.count")
    nb.ran()
    for _ in range(2):
        front.click()
        nb.settle()
    assert nb["b"] == "2"
    assert nb.ran() == ["b", "b"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("s", id="display it"),
        pytest.param("print(s)", id="print it"),
        pytest.param("s.max", id="another trait"),
        pytest.param("from IPython.display import display\ndisplay(s)", id="display()"),
        pytest.param("w.VBox([s])", id="put it in a box"),
        pytest.param("w.dlink((s, 'value'), (w.IntSlider(), 'value'))", id="dlink"),
        pytest.param("w.jslink((s, 'value'), (w.IntText(), 'value'))", id="jslink"),
        pytest.param("s.observe(lambda change: s.value, 'value')", id="observe"),
        pytest.param("s.get_state()['max']", id="its whole state"),
    ],
)
def test_no_cell_follows_a_trait_that_it_does_not_read(
    nb: Wire, front: Front, source: str
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run("b", source)
    nb.ran()
    front.set("IntSlider", place=0, value=7)
    nb.settle()
    assert nb.ran() == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("i = w.interactive(print, x=s)", id="interactive"),
        pytest.param("i = w.interactive_output(show, {'x': s})", id="its output"),
        pytest.param("i = w.interact(show, x=s)", id="interact"),
    ],
)
def test_interact_keeps_its_own_loop(nb: Wire, front: Front, source: str) -> None:
    nb.etiquette.late_output = True  # it clears its output where it likes
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run("x", "heard = []\ndef show(x):\n    heard.append(x)")
    nb.run("b", source.replace("print", "show"))
    nb.ran()
    front.set("IntSlider", place=0, value=7)
    nb.settle()
    assert nb.ran() == []
    assert nb.value("heard")[-3:] in ("[7]", " 7]")


def test_a_cell_does_not_follow_a_widget_that_it_made_itself(
    nb: Wire, front: Front
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()\nprint(s.value)\ns")
    nb.ran()
    front.move("IntSlider", value=7)
    assert nb.ran() == []


def test_a_cell_does_not_follow_what_it_sets_itself(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run("b", "s.value = 3\nprint(s.value)")
    nb.ran()
    front.move("IntSlider", value=7)
    assert nb.ran() == []
    nb.run("b", "s.value = 3\nprint(s.value)")
    front.move("IntSlider", value=7)
    assert nb.ran() == ["b"]


def test_setting_a_trait_makes_no_cell_run_that_made_the_widget(nb: Wire) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()\nt = w.Label()")
    nb.run("b", "t.value = str(s.value)")
    nb.run("c", "t.value")
    nb.ran()
    front = Front(nb)
    for value in (7, 8):
        front.move("IntSlider", value=value)
        assert nb["c"] == f"'{value}'"
        assert nb.ran() == ["b", "c"]
    nb.run("b", "t.value = str(s.value + 1)")
    nb.settle()
    assert nb["c"] == "'9'"
    assert nb.ran() == ["b", "c"]


def test_a_linked_widget_tells_its_readers(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()\nt = w.IntText()")
    nb.run("b", "link = w.link((s, 'value'), (t, 'value'))")
    nb.run("c", "t.value")
    nb.ran()
    front.move("IntSlider", value=7)
    assert (nb["c"], nb.ran()) == ("7", ["c"])


def test_a_callback_that_sets_another_widget_reruns_its_readers(
    nb: Wire, front: Front
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()\nt = w.Text()\nu = w.Text('u')")
    nb.run(
        "b",
        "def copy(change):\n    t.value = u.value + str(change.new)\n"
        "s.observe(copy, 'value')",
    )
    nb.run("c", "t.value")
    nb.ran()
    front.move("IntSlider", value=7)
    assert (nb["c"], nb.ran()) == ("'u7'", ["c"])


def test_a_cell_that_is_rerun_does_not_register_its_callback_twice(
    nb: Wire, front: Front
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()\ngo = w.Button()\nheard = []")
    nb.run("x", "tag = 1")
    nb.run(
        "b",
        "tag\ns.observe(lambda change: heard.append(change.new), 'value')\n"
        "go.on_click(lambda button: heard.append('click'))",
    )
    for tag in range(3):
        nb.run("x", f"tag = {tag}")
        nb.settle()
    front.move("IntSlider", value=7)
    front.click()
    nb.settle()
    assert nb.value("heard") == "[7, 'click']"


def test_what_an_output_widget_captures_in_a_rerun_replaces_the_old(nb: Wire) -> None:
    nb.run("a", f"{WIDGETS}\nfrom IPython.display import display\ns = w.IntSlider()")
    nb.run("b", "out = w.Output()\nwith out:\n    print('n is', s.value)\ndisplay(out)")
    front = Front(nb)
    front.move("IntSlider", value=7)
    assert nb.ran() == ["a", "b", "b"]
    hooks = [
        message
        for message in nb.messages
        if message.kind == "comm_msg"
        and message.content["data"].get("state", {}).get("msg_id")
    ]
    request = hooks[-1].content["data"]["state"]["msg_id"]
    assert request == nb.about("b")[-1].request


def test_a_callback_that_raises_shows_it_under_the_cell_that_registered_it(
    nb: Wire, front: Front
) -> None:
    nb.etiquette.late_output = True
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()\ngo = w.Button()")
    nb.run(
        "b", "def fail(change):\n    return [][change.new]\ns.observe(fail, 'value')"
    )
    nb.run("c", "@go.on_click\ndef stop(button):\n    raise KeyError(button.disabled)")
    nb.run("d", "s.value")
    front.move("IntSlider", value=7)
    assert nb["b"] == "IndexError: list index out of range"
    assert (nb["c"], nb["d"]) == ("", "7")
    front.click()
    nb.settle()
    assert nb["c"] == "KeyError: False"


def test_a_cell_that_raises_in_a_callback_of_another_fails_itself(nb: Wire) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run(
        "b", "def fail(change):\n    return [][change.new]\ns.observe(fail, 'value')"
    )
    nb.run("c", "s.value = 7")
    assert nb["b"] == ""
    assert nb["c"] == "IndexError: list index out of range"


def test_two_cells_that_set_what_the_other_reads_stop_after_one_pass(
    nb: Wire, front: Front
) -> None:
    nb.open_comm()
    nb.run("a", f"{WIDGETS}\ns, t = w.IntSlider(max=999), w.IntText()")
    nb.run("b", "t.value = s.value + 1")
    nb.settle()
    nb.run("c", "s.value = t.value + 1")
    nb.settle()
    nb.ran()
    front.move("IntSlider", value=7)
    assert nb.ran() == ["b", "c"]
    assert nb.value("s.value, t.value") == "(9, 8)"
    assert nb.state("b") == "stale"
    for id in "bc":
        [note] = nb.mirror.cells[id]["diagnostics"]
        assert note["code"] == "feedback"
        assert re.match(
            r"In\[\d+\] -> In\[\d+\] -> In\[\d+\]: each changes what the next one reads "
            r"\(s.value\)",
            note["message"],
        )
    front.move("IntSlider", value=1)
    assert nb.ran() == ["b", "c"]
    nb.run("c", "t.value")
    nb.settle()
    assert nb.mirror.cells["b"]["diagnostics"] == []


def test_cells_that_loop_through_a_name_and_a_trait_stop_too(
    nb: Wire, front: Front
) -> None:
    nb.open_comm()
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(max=999)")
    nb.run("b", "y = s.value + 1")
    nb.run("c", "s.value = y + 1")
    nb.settle()
    nb.ran()
    front.move("IntSlider", value=7)
    assert nb.ran() == ["b", "c"]
    assert [note["code"] for note in nb.mirror.cells["c"]["diagnostics"]] == [
        "feedback"
    ]


def test_cells_that_add_to_the_same_box_leave_each_other_alone(nb: Wire) -> None:
    nb.run("a", f"{WIDGETS}\nbox = w.VBox()\nn = w.IntSlider()")
    nb.run("b", "box.children += (w.Label('b'),)")
    nb.run("c", "box.children += (w.Label('c'),)")
    nb.settle()
    nb.run("d", "len(box.children)")
    nb.run("c", "box.children += (w.Label('c'),)")
    nb.settle()
    assert nb["d"] == "3"
    assert nb.ran() == ["a", "b", "c", "d", "c", "d"]


def test_a_cell_that_clamps_a_slider_follows_the_user(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run("b", "if s.value > 10:\n    s.value = 10")
    nb.run("c", "s.value")
    nb.ran()
    for value, shown in (20, "10"), (30, "10"), (5, "5"):
        front.move("IntSlider", value=value)
        assert nb["c"] == shown
        assert nb.ran() in (["b", "c"], ["b"])


def test_a_failed_cell_follows_the_trait_that_it_read(nb: Wire, front: Front) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run("b", "1 // s.value")
    assert "ZeroDivisionError" in nb["b"]
    nb.settle()
    front.move("IntSlider", value=1)
    assert nb["b"] == "1"


def test_in_lazy_mode_a_move_marks_and_moving_back_makes_fresh(
    nb: Wire, front: Front
) -> None:
    nb.open_comm()
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    nb.run("b", "print(s.value)")
    nb.send("configure", mode="lazy")
    nb.settle()
    nb.ran()
    front.move("IntSlider", value=7)
    nb.becomes("b", "stale")
    assert nb.reasons("b") == [{"kind": "trait", "names": ["s.value"]}]
    assert nb.mirror.cells["b"]["traits"] == ["s.value"]
    front.move("IntSlider", value=3)
    nb.becomes("b", "fresh")
    assert nb.ran() == []


def test_a_rerun_because_of_a_trait_says_so(nb: Wire, front: Front) -> None:
    nb.open_comm()
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    nb.run("b", "x = s.value")
    nb.run("c", "print(x)")
    front.move("IntSlider", value=7)
    assert nb["c"] == "7"
    for id in "bc":
        assert nb.mirror.cells[id]["last_run"]["cause"] == "trait"


def test_a_value_that_comes_out_the_same_reruns_nobody_below(
    nb: Wire, front: Front
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider(3)")
    nb.run("b", "even = s.value % 2 == 0")
    nb.run("c", "print(even)")
    nb.ran()
    front.move("IntSlider", value=7)
    assert nb.ran() == ["b"]


def test_reads_of_a_thread_that_the_cell_starts_are_its_own(
    nb: Wire, front: Front
) -> None:
    nb.run("a", f"{WIDGETS}\ns = w.IntSlider()")
    nb.run(
        "b",
        "from threading import Thread\nfound = []\n"
        "thread = Thread(target=lambda: found.append(s.value))\n"
        "thread.start()\nthread.join()\nfound",
    )
    nb.ran()
    front.move("IntSlider", value=7)
    assert (nb["b"], nb.ran()) == ("[7]", ["b"])


def test_a_task_of_one_cell_drives_another(nb: Wire) -> None:
    nb.run("a", "from traitlets import HasTraits, Int\nimport asyncio")
    nb.run("b", "class Clock(HasTraits):\n    n = Int()\nclock = Clock()")
    nb.run(
        "c",
        "async def tick():\n    for _ in range(3):\n        await asyncio.sleep(0.1)\n"
        "        clock.n += 1\n"
        "task = asyncio.ensure_future(tick())\nprint(clock.n)",
    )
    nb.run("d", "clock.n")
    nb.until(lambda: nb["d"] == "3", "the third tick")
    assert nb.ran() == ["a", "b", "c", "d", "d", "d", "d"]
    assert nb["c"] == "0"


def test_a_client_that_names_no_cells_is_left_alone(nb: Wire, front: Front) -> None:
    nb.run(None, f"{WIDGETS}\ns = w.IntSlider()")
    nb.run(None, "print(s.value)")
    before = len(nb.started)
    front.set("IntSlider", value=7)
    nb.settle()
    assert len(nb.started) == before


PLAIN_READS = "from traitlets import TraitType\nTraitType.__get__.__module__"


def test_traitlets_stay_as_they_are_until_a_cell_has_an_object_with_traits(
    alone: Wire,
) -> None:
    alone.run("a", PLAIN_READS)
    assert alone["a"] == "'traitlets.traitlets'"
    alone.run("b", f"{WIDGETS}\ns = w.IntSlider()")
    alone.run("a", PLAIN_READS)
    assert alone["a"] != "'traitlets.traitlets'"


def test_an_object_that_was_unpickled_is_an_input_too(
    nb: Wire, front: Front, tmp_path: Path
) -> None:
    (tmp_path / "state.py").write_text(
        "from traitlets import HasTraits, Int\nclass State(HasTraits):\n    n = Int()\n"
    )
    data = b"\x80\x04cstate\nState\n)\x81."
    nb.run("a", f"import sys\nsys.path.insert(0, {str(tmp_path)!r})")
    nb.run("b", f"import pickle\nstate = pickle.loads({data!r})")
    nb.run("c", "state.n")
    nb.ran()
    nb.run("d", "def grow():\n    state.n += 1\ngrow()")
    nb.settle()
    assert (nb["c"], nb.ran()) == ("1", ["d", "c"])
