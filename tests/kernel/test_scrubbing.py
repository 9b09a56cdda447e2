"""What a cell left behind is gone when its definition is: names, results, memory."""

from __future__ import annotations

import pytest

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel

TRACK = """\
import gc
import weakref

made = []


class Big:
    def __init__(self):
        made.append(weakref.ref(self))


def alive():
    gc.collect()
    return [place for place, ref in enumerate(made) if ref() is not None]
"""

FAILING = "def f():\n    inside = track.Big()\n    1 / 0\nf()"


@pytest.fixture
def notebook(nb: Wire) -> Wire:
    """Return a notebook with a module `track` that knows which `Big` are alive."""
    (nb.kernel.folder / "track.py").write_text(TRACK, encoding="utf-8")
    (nb.kernel.folder / "script.py").write_text(
        "import track\nbig = track.Big()\ndef look():\n    return big\n",
        encoding="utf-8",
    )
    nb.run("t", "import track\ntrack.made.clear()")
    return nb


def alive(nb: Wire) -> list[int]:
    """Return which objects are alive, by the order in which they were made."""
    nb.settle()
    return [int(n) for n in nb.value("track.alive()").strip("[]").split(", ") if n]


BIND = [
    pytest.param("big = track.Big()", id="assignment"),
    pytest.param("big = track.Big()\nbig", id="shown as a result"),
    pytest.param("globals()['big'] = track.Big()", id="globals()"),
    pytest.param("exec('big = track.Big()')", id="exec"),
    pytest.param("%run script.py", id="%run"),
    pytest.param("get_ipython().user_ns['big'] = track.Big()", id="user_ns"),
    pytest.param("for big in [track.Big()]: pass", id="loop variable"),
    pytest.param("big = {'k': [track.Big()]}\nbig", id="inside a result"),
    pytest.param(
        "def big():\n    return big.of\nbig.of = track.Big()\nbig", id="function"
    ),
    pytest.param(
        "big = track.Big()\nbig\nraise ValueError(big)", id="in the error of the cell"
    ),
]


@pytest.mark.parametrize("source", BIND)
def test_deleting_the_cell_frees_what_it_bound(notebook: Wire, source: str) -> None:
    notebook.run("a", source)
    assert alive(notebook) == [0]
    notebook.run("b", "1", deleted=["a"])
    assert alive(notebook) == []
    assert notebook.value("big").startswith("NameError")


@pytest.mark.parametrize("source", BIND)
def test_editing_a_definition_away_frees_what_it_bound(
    notebook: Wire, source: str
) -> None:
    notebook.run("a", source)
    notebook.run("a", "other = 1")
    assert alive(notebook) == []
    assert notebook.value("big").startswith("NameError")


@pytest.mark.parametrize("source", BIND)
def test_running_a_cell_again_frees_what_it_had_bound(
    notebook: Wire, source: str
) -> None:
    notebook.run("a", source)
    for _ in range(4):
        notebook.run("a", source)
    assert alive(notebook) == [4]


@pytest.mark.parametrize("source", BIND)
def test_a_rerun_frees_what_the_run_before_had_bound(
    notebook: Wire, source: str
) -> None:
    notebook.run("n", "n = 1")
    notebook.run("a", f"n\n{source}")
    notebook.run("n", "n = 2")
    notebook.settle()
    assert notebook.ran()[-1] == "a"
    assert alive(notebook) == [1]


@pytest.mark.parametrize("source", BIND)
def test_a_definition_that_takes_over_and_is_read_frees_the_one_before(
    notebook: Wire, source: str
) -> None:
    notebook.run("a", source)
    notebook.run("b", "big = 1")
    notebook.run("b", "big = 2", deleted=["a"])
    assert alive(notebook) == []
    assert notebook.value("big") == "2"


def test_deleting_by_the_comm_frees_with_the_next_run(notebook: Wire) -> None:
    notebook.open_comm()
    notebook.open(a="")
    notebook.run(
        "a",
        "import weakref, track\nbig = track.Big()\n"
        "from pathlib import Path\n"
        "weakref.finalize(big, Path('freed').touch)\nbig",
    )
    freed = notebook.kernel.folder / "freed"
    assert not freed.exists()
    notebook.open()
    notebook.settle()
    assert notebook.value("big").startswith("NameError")
    notebook.run("b", "1")
    notebook.settle()
    assert freed.exists()
    freed.unlink()


def test_in_lazy_mode_a_result_of_a_deleted_definition_is_freed(notebook: Wire) -> None:
    notebook.run("m", "%reactive mode lazy")
    notebook.run("a", "big = track.Big()")
    notebook.run("b", "big")
    notebook.run("c", "[big]")
    notebook.run("d", "1", deleted=["a", "c"])
    assert alive(notebook) == []
    notebook.run("m", "%reactive mode auto")


def test_what_another_cell_still_has_stays(notebook: Wire) -> None:
    notebook.run("a", "import track as tr\nbig = tr.Big()")
    notebook.run("b", "import track as again\nagain")
    count = notebook.run("c", "get = len\n0")["execution_count"]
    notebook.run("d", "zero = 0\nlength = len")
    notebook.run("e", "None", deleted=["a", "d"])
    assert alive(notebook) == []
    assert notebook.value("(again.__name__, get('abc'))") == "('track', 3)"
    assert notebook.value(f"(Out[{count}], _)") == "(0, 0)"


def test_what_ipython_gives_stays_when_a_cell_that_had_it_goes(notebook: Wire) -> None:
    notebook.run("a", "shell, leave, history = get_ipython, exit, Out")
    notebook.run("b", "1", deleted=["a"])
    notebook.settle()
    assert notebook.value("(get_ipython().__class__.__name__, exit is not None)") == (
        "('ReactiveZMQShell', True)"
    )
    assert notebook.value("Out is _oh") == "True"


@pytest.mark.parametrize(
    "away",
    [
        pytest.param(lambda nb: nb.run("a", "f = None"), id="mended"),
        pytest.param(lambda nb: nb.run("b", "1", deleted=["a"]), id="deleted"),
        pytest.param(lambda nb: nb.run("a", "1 / 0"), id="another error"),
        pytest.param(lambda nb: nb.run("a", "1 +"), id="syntax error"),
        pytest.param(lambda nb: nb.run("n", "n = 2"), id="mended by a rerun"),
    ],
)
def test_the_frames_of_an_error_are_freed_with_it(notebook: Wire, away: object) -> None:
    assert callable(away)
    notebook.run("n", "n = 0")
    notebook.run("a", f"n\n{FAILING.replace('1 / 0', '1 / n')}")
    assert alive(notebook) == [0]
    away(notebook)
    assert 0 not in alive(notebook)


def test_the_frames_of_an_error_stay_while_it_is_there(notebook: Wire) -> None:
    notebook.run("a", FAILING)
    notebook.run("b", "other = 1")
    assert alive(notebook) == [0]
    notebook.run("c", "import sys\ntype(sys.last_value).__name__")
    assert notebook["c"] == "'ZeroDivisionError'"


def test_checkpoints_and_old_versions_go_with_their_cells(notebook: Wire) -> None:
    notebook.run("a", "xs = [track.Big()]")
    notebook.run("r", "print(len(xs))")
    notebook.run("b", "xs.append(track.Big())")
    notebook.run("c", "xs = [*xs, track.Big()]")
    assert alive(notebook) == [0, 1, 2]
    notebook.run("d", "1", deleted=["c"])
    assert alive(notebook) == [0, 1]
    notebook.run("d", "1", deleted=["b"])
    assert alive(notebook) == [0]
    notebook.run("d", "1", deleted=["a"])
    assert alive(notebook) == []


def test_del_in_the_cell_itself_frees(notebook: Wire) -> None:
    notebook.run("a", "big = track.Big()\nkeep = 1\ndel big")
    assert alive(notebook) == []
    assert notebook.value("big").startswith("NameError")


def test_del_in_another_cell_takes_the_name_away_until_that_cell_goes(
    notebook: Wire,
) -> None:
    notebook.run("a", "big = track.Big()")
    notebook.run("b", "del big")
    assert notebook.value("big").startswith("NameError")
    notebook.run("c", "1", deleted=["b"])
    notebook.settle()
    assert not notebook.value("big").startswith("NameError")
    notebook.run("c", "1", deleted=["a"])
    assert alive(notebook) == []


def test_a_cell_that_is_deleted_while_it_runs_leaves_nothing(notebook: Wire) -> None:
    notebook.open_comm(subshell=True)
    notebook.open(t="import track", a="")
    request = notebook.submit(
        "a", "big = track.Big()\nprint('on')\nimport time; time.sleep(0.5)\nbig"
    )
    notebook.until(lambda: notebook["a"] == "on")
    notebook.open(t="import track")
    notebook.wait(request)
    notebook.run("t", "import track")
    assert alive(notebook) == []
    assert notebook.value("any(type(v).__name__ == 'Big' for v in Out.values())") == (
        "False"
    )


def test_a_star_import_that_is_gone_takes_its_names_away(notebook: Wire) -> None:
    notebook.run("a", "from track import *")
    assert notebook.value("Big.__name__") == "'Big'"
    notebook.run("b", "print(Big.__name__)")
    notebook.run("a", "from string import *")
    notebook.settle()
    assert notebook.value("Big").startswith("NameError")
    assert notebook.value("digits") == "'0123456789'"
    assert notebook["b"].startswith("NameError")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("from module_a import *", "from module_b import *", id="star"),
        pytest.param(
            "globals()['thing'] = 'a'", "globals()['thing'] = 'b'", id="globals()"
        ),
        pytest.param("exec(\"thing = 'a'\")", "exec(\"thing = 'b'\")", id="exec"),
        pytest.param("%run module_a.py", "%run module_b.py", id="%run"),
        pytest.param("thing = 'a'", "thing = 0; del thing", id="del"),
    ],
)
def test_readers_follow_a_redefinition_that_shows_only_at_run_time(
    notebook: Wire, first: str, second: str
) -> None:
    for which in "ab":
        file = notebook.kernel.folder / f"module_{which}.py"
        file.write_text(f"thing = '{which}'\n", encoding="utf-8")
    notebook.run("a", first)
    notebook.run("b", "print(thing)")
    assert notebook["b"] == "a"
    notebook.run("a", second)
    notebook.settle()
    expected = "NameError: name 'thing' is not defined" if "del" in second else "b"
    assert notebook["b"].startswith(expected)


def test_each_cell_has_one_result(notebook: Wire) -> None:
    counts = [notebook.run("a", "'it'")["execution_count"] for _ in range(3)]
    assert notebook.value(f"sorted(set(Out) & {set(counts)})") == f"[{counts[-1]}]"
    assert notebook.value(f"'_{counts[0]}' in globals()") == "False"


def test_a_cell_may_use_its_own_result_when_it_runs_again(notebook: Wire) -> None:
    count = notebook.run("a", "[1]")["execution_count"]
    notebook.run("a", f"_{count} + _ + Out[{count}]")
    assert notebook["a"] == "[1, 1, 1]"


def test_the_last_result_follows_a_rerun(notebook: Wire) -> None:
    notebook.run("n", "n = 1")
    notebook.run("a", "[n]")
    notebook.run("n", "n = 2")
    notebook.settle()
    assert notebook.value("_") == "[2]"


def test_who_dir_and_completion_show_what_exists(notebook: Wire) -> None:
    notebook.run("a", "gone_one = 1\ngone_two = 2")
    notebook.run("b", "gone_three = 3\nhere = 4")
    notebook.run("b", "here = 4", deleted=["a"])
    notebook.settle()
    for source in ("%who", "%whos", "%who_ls", "dir()", "sorted(globals())"):
        notebook.run("w", source)
        assert "gone" not in notebook["w"], source
        assert "here" in notebook["w"], source
    for code in ("gone", "go", "print(gone"):
        found = notebook.ask(
            "complete_request", {"code": code, "cursor_pos": len(code)}
        )
        assert not [match for match in found["matches"] if "gone" in match], code


def test_the_input_of_a_deleted_cell_is_no_name_any_more(notebook: Wire) -> None:
    count = notebook.run("a", "'text'")["execution_count"]
    assert notebook.value(f"_i{count}") == "\"'text'\""
    notebook.run("b", "1", deleted=["a"])
    notebook.settle()
    assert notebook.value(f"_i{count}").startswith("NameError")
