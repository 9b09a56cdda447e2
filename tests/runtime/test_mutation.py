from __future__ import annotations

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.planning import Blocked, Failed, Fresh
from reactive_kernel.testing import Notebook


def test_a_cell_that_changes_its_input_can_be_run_any_number_of_times(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [1]", "xs.append(2)", "print(xs)")
    for _ in range(3):
        notebook.run("b")
        assert notebook.namespace["xs"] == [1, 2]
        assert notebook.printed["c"] == "[1, 2]\n"


def test_editing_the_change_does_not_run_the_cell_that_made_the_object(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [1]", "xs.append(2)", "print(xs)")
    assert notebook.edit("b", "xs.append(5)") == ["b", "c"]
    assert notebook.printed["c"] == "[1, 5]\n"


def test_a_reader_between_definition_and_change_sees_the_object_unchanged(
    notebook: Notebook,
) -> None:
    notebook.open("k = 1", "xs = [1]", "print(xs, k)", "xs.append(2)", "print(xs)")
    assert notebook.edit("a", "k = 2") == ["a", "c"]
    assert notebook.printed["c"] == "[1] 2\n"
    assert notebook.namespace["xs"] == [1, 2]


def test_a_chain_of_changes_is_replayed_from_the_edited_one(
    notebook: Notebook,
) -> None:
    notebook.open(
        "xs = []", "xs.append(1)", "xs.append(2)", "xs.append(3)", "print(xs)"
    )
    assert notebook.edit("c", "xs.append(20)") == ["c", "d", "e"]
    assert notebook.printed["e"] == "[1, 20, 3]\n"
    assert notebook.run("b") == ["b", "c", "d", "e"]
    assert notebook.namespace["xs"] == [1, 20, 3]


@pytest.mark.parametrize(
    ("make", "change"),
    [
        pytest.param("v = [[1], [2]]", "v[0].append(9)", id="list in a list"),
        pytest.param("v = {'a': {'b': [1]}}", "v['a']['b'].append(9)", id="depth 3"),
        pytest.param("v = {1, 2}", "v.add(9)", id="set"),
        pytest.param(
            "from collections import deque; v = deque([1])", "v.append(9)", id="deque"
        ),
        pytest.param("v = bytearray(b'a')", "v.append(9)", id="bytearray"),
        pytest.param(
            "from collections import Counter; v = Counter('aab')",
            "v.update('c')",
            id="Counter",
        ),
        pytest.param(
            "from collections import defaultdict; v = defaultdict(list)",
            "v['a'].append(9)",
            id="defaultdict",
        ),
        pytest.param("v = (1, [2])", "v[1].append(9)", id="list in a tuple"),
        pytest.param("v = [1, 2, 3]", "del v[0]", id="del of an item"),
        pytest.param("v = [3, 1, 2]", "v.sort()", id="sort"),
        pytest.param("v = [1, 2]", "v += [9]", id="augmented assignment"),
        pytest.param("v = {'n': 1}", "v['n'] += 9", id="augmented item"),
        pytest.param(
            "import numpy; v = numpy.zeros(3)", "v[0] = 9", id="array element"
        ),
        pytest.param("import numpy; v = numpy.zeros(3)", "v += 1", id="array in place"),
        pytest.param(
            "import pandas; v = pandas.DataFrame({'a': [1, 2]})",
            "v['b'] = v['a'] + len(v.columns)",
            id="new column",
        ),
        pytest.param(
            "import pandas; v = pandas.DataFrame({'a': [1, 2]})",
            "v.loc[0, 'a'] += 9",
            id="one value of a frame",
        ),
        pytest.param(
            "import pandas; v = pandas.Series([1, 2])", "v[0] += 9", id="series"
        ),
    ],
)
def test_whatever_was_changed_is_brought_back_before_the_change_runs_again(
    notebook: Notebook, make: str, change: str
) -> None:
    notebook.open(make, change, "print(v)")
    once = notebook.printed["c"]
    notebook.run("b")
    assert "a" not in notebook.run("b")
    assert notebook.printed["c"] == once


def test_a_plain_object_is_brought_back_with_all_that_is_in_it(
    notebook: Notebook,
) -> None:
    notebook.open(
        "class Account:\n    def __init__(self): self.log = []; self.balance = 0",
        "account = Account()",
        "account.balance += 10\naccount.log.append('in')",
        "print(account.balance, account.log)",
    )
    notebook.run("c")
    notebook.run("c")
    assert notebook.printed["d"] == "10 ['in']\n"


def test_a_change_hidden_in_a_function_is_found_when_it_happens(
    notebook: Notebook,
) -> None:
    notebook.open("def grow(l): l.append(0)", "xs = [1]", "grow(xs)", "print(xs)")
    assert notebook.printed["d"] == "[1, 0]\n"
    notebook.run("c")
    assert notebook.printed["d"] == "[1, 0]\n"
    assert notebook.edit("b", "xs = [5]") == ["b", "c", "d"]
    assert notebook.printed["d"] == "[5, 0]\n"


def test_two_names_of_one_object_stay_one_object(notebook: Notebook) -> None:
    notebook.open("a_ = [1]", "b_ = a_", "a_.append(2)", "print(b_, b_ is a_)")
    assert isinstance(notebook.state("c"), Fresh)
    for _ in range(2):
        notebook.run("c")
        assert notebook.printed["d"] == "[1, 2] True\n"
    assert notebook.edit("a", "a_ = [7]") == ["a", "b", "c", "d"]
    assert notebook.printed["d"] == "[7, 2] True\n"


def test_a_container_follows_a_change_of_what_it_holds(notebook: Notebook) -> None:
    notebook.open(
        "rows = [1]", "table = {'rows': rows}", "rows.append(2)", "print(table)"
    )
    assert notebook.printed["d"] == "{'rows': [1, 2]}\n"
    notebook.run("c")
    assert notebook.printed["d"] == "{'rows': [1, 2]}\n"
    assert notebook.run("d") == ["d"]


def test_a_part_of_a_container_follows_a_change_of_the_whole(
    notebook: Notebook,
) -> None:
    notebook.open("t = {'r': [1]}", "r = t['r']", "t['r'].append(2)", "print(r)")
    notebook.run("c")
    assert notebook.printed["d"] == "[1, 2]\n"


def test_an_array_view_follows_its_base(notebook: Notebook) -> None:
    notebook.open(
        "import numpy", "base = numpy.zeros(3)", "view = base[1:]", "base[1] += 5",
        "print(view)",
    )  # fmt: skip
    notebook.run("d")
    assert notebook.printed["e"] == "[5. 0.]\n"


def test_a_change_that_fails_half_way_leaves_nothing_behind(
    notebook: Notebook,
) -> None:
    notebook.open("k = 1", "xs = [1]", "xs.append(2)\n1 / k", "print(xs)")
    notebook.edit("a", "k = 0")
    assert isinstance(notebook.state("c"), Failed)
    assert isinstance(notebook.state("d"), Blocked)
    assert notebook.namespace["xs"] == [1]
    notebook.edit("a", "k = 1")
    assert notebook.printed["d"] == "[1, 2]\n"


def test_deleting_the_change_gives_its_readers_the_object_unchanged(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [1]", "xs.append(2)", "print(xs)")
    assert notebook.delete("b") == ["c"]
    assert notebook.printed["c"] == "[1]\n"
    assert notebook.namespace["xs"] == [1]


def test_an_object_that_cannot_be_brought_back_is_made_again(
    notebook: Notebook,
) -> None:
    notebook.open("it = iter([1, 2, 3])", "first = next(it)", "print(first)")
    assert notebook.run("b")[:2] == ["a", "b"]
    assert notebook.printed["c"] == "1\n"


def test_a_declared_change_that_does_not_happen_changes_nothing(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [1]", "go = False", "if go: xs.append(2)", "print(xs)")
    assert notebook.run("c") == ["c"]
    assert notebook.edit("b", "go = True") == ["b", "c", "d"]
    assert notebook.edit("b", "go = False") == ["b", "c", "d"]
    assert notebook.printed["d"] == "[1]\n"


def test_a_change_that_meets_a_number_leaves_other_equal_numbers_alone(
    notebook: Notebook,
) -> None:
    notebook.open("x = 0", "z = 0", "if isinstance(z, list): z.append(0)")
    assert notebook.session.graph.inputs(CellId("c")) == {"z": "b"}
    notebook.delete("c")
    assert notebook.namespace["z"] == 0


def test_reading_changes_nothing(notebook: Notebook) -> None:
    notebook.open("xs = [3, 1]", "ys = sorted(xs)", "print(xs, ys)")
    assert (
        notebook.session.graph.mutates(notebook.session.document.cells[1].id) == set()
    )
    assert all(isinstance(notebook.state(id), Fresh) for id in "abc")


def test_other_names_follow_when_the_text_of_the_change_is_edited(
    notebook: Notebook,
) -> None:
    notebook.open("xs = [0]; ys = xs", "xs.append(1)", "print(ys)")
    assert notebook.edit("b", "xs.append(5)") == ["b", "c"]
    assert notebook.printed["c"] == "[0, 5]\n"


def test_a_declared_change_between_the_samples_of_a_large_array_is_taken_for_one(
    notebook: Notebook,
) -> None:
    notebook.open(
        "import numpy", "v = numpy.zeros(5_000_000)", "v[1] += 1", "print(v[1])"
    )
    for _ in range(2):
        assert notebook.run("c")[0] == "b"
        assert notebook.printed["d"] == "1.0\n"


def test_a_declared_change_where_nobody_can_look_is_taken_for_one(
    notebook: Notebook,
) -> None:
    notebook.open(
        "class P:\n    __slots__ = ('x',)",
        "p = P(); p.x = 0; points = {'p': p}",
        "points['p'].x += 1",
        "print(points['p'].x)",
    )
    notebook.run("c")
    assert notebook.printed["d"] == "1\n"


@pytest.mark.parametrize(
    ("make", "change", "look"),
    [
        ("class v: k = 1", "v.k = 2", "print(v.k)"),
        ("def v(): pass", "v.k = 2", "print(v.k)"),
    ],
    ids=["class", "function"],
)
def test_hanging_something_on_a_class_or_function_is_a_change_of_it(
    notebook: Notebook, make: str, change: str, look: str
) -> None:
    notebook.open(make, change, look)
    assert notebook.edit("b", change.replace("2", "3")) == ["b", "c"]
    assert notebook.printed["c"] == "3\n"


def test_a_generator_object_is_no_plain_object(notebook: Notebook) -> None:
    notebook.open("import random", "r = random.Random(1)", "x = r.random()", "print(x)")
    first = notebook.printed["d"]
    notebook.run("c")
    assert isinstance(notebook.state("c"), Fresh)
    assert first


def test_a_change_in_executed_text_is_seen(notebook: Notebook) -> None:
    notebook.open("xs = [1]", "exec('xs.append(2)')", "print(xs)")
    notebook.run("b")
    assert notebook.printed["c"] == "[1, 2]\n"


@pytest.mark.parametrize("make", ["other = xs", "other = {'xs': xs}", "other = [[xs]]"])
def test_what_a_cell_below_makes_of_a_changed_object_is_no_cycle(
    make: str, notebook: Notebook
) -> None:
    notebook.open("xs = [1]", "xs.append(2)", make, "print(other)")
    assert notebook.run("b") == ["b", "c", "d"]
    assert notebook.edit("b", "xs.append(3)") == ["b", "c", "d"]
    assert "3" in notebook.printed["d"]


@pytest.mark.parametrize(
    ("make", "draw"),
    [
        pytest.param(
            "import random; dice = random.Random(1)",
            "dice.random()",
            id="random.Random",
        ),
        pytest.param(
            "import numpy; dice = numpy.random.default_rng(1)",
            "dice.random()",
            id="numpy generator",
        ),
        pytest.param(
            "import numpy; dice = numpy.random.RandomState(1)",
            "dice.rand()",
            id="RandomState",
        ),
        pytest.param(
            "import io; dice = io.StringIO('abc')", "dice.read(1)", id="StringIO"
        ),
    ],
)
def test_a_generator_that_is_an_object_gives_the_same_again(
    make: str, draw: str, notebook: Notebook
) -> None:
    notebook.open(make, f"print({draw})", f"print({draw})")
    first, second = notebook.printed["b"], notebook.printed["c"]
    assert notebook.run("b") == ["b", "c"]
    assert (notebook.printed["b"], notebook.printed["c"]) == (first, second)
    assert notebook.edit("b", "pass") == ["b", "c"]
    assert notebook.printed["c"] == first


@pytest.mark.parametrize("rows", [1, 5], ids=["few artists", "many artists"])
def test_a_figure_shows_what_is_drawn_into_its_axes_by_another_cell(
    notebook: Notebook, rows: int
) -> None:
    pytest.importorskip("matplotlib")
    notebook.open(
        "from matplotlib.figure import Figure",
        f"fig = Figure(); ax, *_ = fig.subplots({rows}, 2).flat; ax.plot([1, 2])",
        "ax.set_title('one')",
        "print(fig.axes[0].get_title(), len(fig.axes[0].lines))",
    )
    assert notebook.edit("c", "ax.set_xlabel('x')") == ["b", "c", "d"]
    assert notebook.printed["d"] == " 1\n"
    assert notebook.run("c") == ["b", "c", "d"]


def test_readers_of_what_a_failed_cell_changed_are_blocked(notebook: Notebook) -> None:
    notebook.open("def grow(some): some.append(2)", "fail = False", "xs = [1]")
    notebook.open("grow(xs)\nif fail: 1 / 0", "print(xs)")
    notebook.edit("b", "fail = True")
    assert isinstance(notebook.state("e"), Blocked)
    notebook.edit("d", "grow(xs); 1 / 0")
    assert isinstance(notebook.state("e"), Blocked)
    assert notebook.edit("d", "grow(xs)") == ["d", "e"]
    assert notebook.printed["e"] == "[1, 2]\n"


def test_objects_that_one_cell_changes_are_put_back_each_for_itself(
    notebook: Notebook,
) -> None:
    notebook.open("d = []", "p = []", "p.append(1)", "d.append(0)\np.append(2)", "")
    assert notebook.reorder("abdce") == ["d", "c"]
    assert (notebook.namespace["d"], notebook.namespace["p"]) == ([0], [2, 1])
