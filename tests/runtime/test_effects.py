from __future__ import annotations

import decimal
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from reactive_kernel.document import CellId
from reactive_kernel.planning import Fresh, ReasonKind, Stale
from reactive_kernel.runtime import EFFECTS, Session
from reactive_kernel.runtime.effects import Effects
from reactive_kernel.testing import Notebook


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def notebook(home: Path) -> Notebook:
    return with_path(Notebook())


def with_path(notebook: Notebook) -> Notebook:
    notebook.namespace["Path"] = Path
    return notebook


def change_from_outside(path: str, text: str) -> None:
    before = Path(path).stat().st_mtime_ns if Path(path).exists() else 0
    Path(path).write_text(text)
    os.utime(path, ns=(time.time_ns(), before + 1_000_000))


WRITE = "_ = Path('data.txt').write_text(text)"
READ = "print(Path('data.txt').read_text())"


# Files


def test_a_cell_that_reads_a_file_follows_the_cell_that_writes_it(
    notebook: Notebook,
) -> None:
    notebook.open("text = 'one'", WRITE, READ, "print('no reader')")
    assert notebook.edit("a", "text = 'two'") == ["a", "b", "c"]
    assert notebook.printed["c"] == "two\n"


def test_a_file_written_again_with_the_same_content_reruns_nobody(
    notebook: Notebook,
) -> None:
    notebook.open("text = 'one'", WRITE, READ)
    assert notebook.edit("a", "text = 'on' + 'e'") == ["a"]
    assert notebook.run("b") == ["b"]
    assert notebook.edit("b", WRITE + "; done = True") == ["b"]
    assert isinstance(notebook.state("c"), Fresh)


def test_a_reader_between_two_writers_is_given_the_file_of_the_one_above(
    notebook: Notebook,
) -> None:
    notebook.open(
        "text = 'one'", WRITE, READ, "text = 'two'; " + WRITE.replace(";", "")
    )
    notebook.session.take(CellId("d"), "Path('data.txt').write_text('two')")
    notebook.run("d")
    assert notebook.run("c") == ["c"]
    assert notebook.printed["c"] == "one\n"
    assert Path("data.txt").read_text() == "two"


def test_a_large_file_is_made_again_by_the_cell_that_wrote_it(
    notebook: Notebook,
) -> None:
    notebook.open(
        "Path('big.txt').write_text('x' * 3_000_000)",
        "print(len(Path('big.txt').read_text()))",
        "Path('big.txt').write_text('y' * 4_000_000)",
    )
    assert notebook.run("b") == ["a", "b", "c"]
    assert notebook.printed["b"] == "3000000\n"
    assert Path("big.txt").stat().st_size == 4_000_000


def test_a_cell_that_appends_can_be_run_again(notebook: Notebook) -> None:
    notebook.open(
        "Path('log.txt').write_text('start ')", "with open('log.txt', 'a') as log: log.write('more ')",
        "print(Path('log.txt').read_text())",
    )  # fmt: skip
    for _ in range(3):
        notebook.run("b")
    assert Path("log.txt").read_text() == "start more "
    assert notebook.edit(
        "b", "with open('log.txt', 'a') as log: log.write('less ')"
    ) == ["b", "c"]
    assert notebook.printed["c"] == "start less \n"


def test_a_file_that_was_changed_by_somebody_else_makes_its_readers_stale(
    notebook: Notebook,
) -> None:
    Path("data.txt").write_text("one")
    notebook.open(READ, "x = 1", "print(x)")
    change_from_outside("data.txt", "two")
    notebook.session.look_outside()
    state = notebook.state("a")
    assert isinstance(state, Stale)
    assert state.reasons[0].kind is ReasonKind.OUTSIDE
    assert state.reasons[0].names == ("file data.txt",)
    assert notebook.run("c") == ["c", "a"]
    assert notebook.printed["a"] == "two\n"


def test_a_file_that_was_only_touched_makes_nobody_stale(notebook: Notebook) -> None:
    Path("data.txt").write_text("one")
    notebook.open(READ)
    change_from_outside("data.txt", "one")
    notebook.session.look_outside()
    assert isinstance(notebook.state("a"), Fresh)


def test_a_cell_that_missed_its_file_heals_when_the_file_appears(
    notebook: Notebook,
) -> None:
    notebook.open(READ, "x = 1")
    change_from_outside("data.txt", "there")
    notebook.run("b")
    assert notebook.printed["a"] == "there\n"


def test_a_file_of_the_notebook_that_somebody_changed_is_written_again(
    notebook: Notebook,
) -> None:
    notebook.open("text = 'one'", WRITE, READ, "x = 1")
    change_from_outside("data.txt", "vandal")
    assert notebook.run("d") == ["d", "b"]
    assert Path("data.txt").read_text() == "one"
    assert isinstance(notebook.state("c"), Fresh)


def test_a_cell_that_makes_its_file_only_once_leaves_what_somebody_changed(
    notebook: Notebook,
) -> None:
    notebook.open(
        "import os", "if not os.path.exists('cache.txt'): Path('cache.txt').write_text('1')",
        "print(Path('cache.txt').read_text())", "x = 1",
    )  # fmt: skip
    assert notebook.run("b") == ["b"]
    change_from_outside("cache.txt", "2")
    notebook.run("d")
    assert notebook.printed["c"] == "2\n"


def test_a_cell_above_the_first_writer_reads_what_was_there(notebook: Notebook) -> None:
    Path("n.txt").write_text("1")
    notebook.open(
        "n = int(Path('n.txt').read_text())", "Path('n.txt').write_text(str(n + 1))"
    )
    assert isinstance(notebook.state("a"), Fresh)
    assert notebook.run("a") == ["a", "b"]
    assert Path("n.txt").read_text() == "3"


def test_a_folder_that_is_listed_is_read(notebook: Notebook) -> None:
    notebook.open(
        "import os; os.mkdir('out')", "name = 'one'", "Path(f'out/{name}').write_text('')",
        "print(sorted(os.listdir('out')))",
    )  # fmt: skip
    assert notebook.edit("b", "name = 'two'") == ["b", "c", "d"]
    assert notebook.printed["d"] == "['one', 'two']\n"


def test_loading_a_module_reads_and_leaves_no_files(
    notebook: Notebook, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(home / "cache"))
    monkeypatch.syspath_prepend(str(home))
    Path("own_module_of_tests.py").write_text("x = 1")
    notebook.open("import own_module_of_tests", "y = 1")
    assert list(home.rglob("*.pyc"))
    graph = notebook.session.graph
    used = {*graph.writes(CellId("a")), *graph.inputs(CellId("a"))}
    assert not [name for name in used if name.startswith(("file ", "folder "))]


def test_a_file_written_once_more_does_not_rerun_who_made_another(
    notebook: Notebook,
) -> None:
    notebook.open(
        "_ = Path('left').write_text('')", "n = 1", "_ = Path('right').write_text(f'{n}')",
        "print(Path('right').read_text())",
    )  # fmt: skip
    assert notebook.edit("b", "n = 2") == ["b", "c", "d"]


def test_what_a_process_writes_is_found(notebook: Notebook) -> None:
    notebook.open(
        "import subprocess; text = 'one'",
        "_ = subprocess.run(f'echo {text} > out.txt', shell=True)",
        "print(Path('out.txt').read_text())",
        "_ = subprocess.run(['cat', 'out.txt'], capture_output=True); print(_.stdout)",
    )
    assert notebook.edit("a", "import subprocess; text = 'two'") == list("abcd")
    assert notebook.printed["c"] == "two\n\n"
    assert notebook.printed["d"] == "b'two\\n'\n"


def test_renamed_and_removed_files_are_followed(notebook: Notebook) -> None:
    notebook.open(
        "import os; text = 'one'", WRITE, "os.replace('data.txt', 'moved.txt')",
        "print(Path('moved.txt').read_text())", "print(os.path.exists('data.txt'))",
    )  # fmt: skip
    assert notebook.edit("a", "import os; text = 'two'")[:4] == list("abcd")
    assert notebook.printed["d"] == "two\n"


def test_a_file_half_written_by_a_failed_cell_is_no_version(notebook: Notebook) -> None:
    notebook.open("text = 'one'", WRITE, "k = 1", READ)
    notebook.edit("b", WRITE + "\n1 / 0")
    notebook.edit("b", WRITE)
    assert notebook.printed["d"] == "one\n"
    assert isinstance(notebook.state("d"), Fresh)


def test_deleting_the_cell_that_wrote_a_file_leaves_the_file_and_its_readers(
    notebook: Notebook,
) -> None:
    notebook.open("text = 'one'", WRITE, READ)
    assert notebook.delete("b") == []
    assert Path("data.txt").exists()
    assert isinstance(notebook.state("c"), Fresh)


def test_data_frames_are_followed_through_files(notebook: Notebook) -> None:
    pytest.importorskip("pandas")
    notebook.open(
        "import pandas as pd; k = 1",
        "pd.DataFrame({'x': [k, 2]}).to_csv('t.csv', index=False)",
        "print(pd.read_csv('t.csv').x.sum())",
    )
    assert notebook.edit("a", "import pandas as pd; k = 5") == ["a", "b", "c"]
    assert notebook.printed["c"] == "7\n"


def test_pythons_own_files_are_none_of_the_notebooks(notebook: Notebook) -> None:
    notebook.open(
        "import tabnanny, json.tool; print(len(Path(json.__file__).read_text()) > 9)"
    )
    assert not [
        n for n in notebook.session.graph.defuse(CellId("a")).uses if "file" in n
    ]


# Settings


def test_cells_below_follow_the_environment_variable_that_they_read(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITY", "Rome")
    notebook.open(
        "import os", "print(os.environ['CITY'])", "os.environ['CITY'] = 'Oslo'",
        "print(os.environ['CITY'])", "print(os.environ.get('OTHER'))",
    )  # fmt: skip
    assert notebook.edit("c", "os.environ['CITY'] = 'Bern'") == ["c", "d"]
    assert notebook.printed["d"] == "Bern\n"
    assert notebook.run("b") == ["b"]
    assert notebook.printed["b"] == "Rome\n"
    assert os.environ["CITY"] == "Bern"
    assert notebook.delete("c") == ["d"]
    assert notebook.printed["d"] == "Rome\n"


def test_a_variable_that_grows_can_be_set_again(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGS", "a")
    notebook.open(
        "import os", "os.environ['TAGS'] += ':b'", "print(os.environ['TAGS'])"
    )
    notebook.run("b")
    notebook.run("b")
    assert os.environ["TAGS"] == "a:b"


def test_a_variable_that_a_cell_sets_twice_gets_its_first_value_back(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITY", "Rome")
    notebook.open(
        "import os", "os.environ['CITY'] = 'Oslo'; os.environ['CITY'] = 'Bern'"
    )
    notebook.delete("b")
    assert os.environ["CITY"] == "Rome"


def test_the_working_directory_is_one_for_each_place(
    notebook: Notebook, home: Path
) -> None:
    (home / "one").mkdir()
    (home / "two").mkdir()
    (home / "two" / "data.txt").write_text("second")
    (home / "one" / "data.txt").write_text("first")
    notebook.open("import os", "print(os.getcwd())", "os.chdir('one')", READ)
    assert notebook.run("b") == ["b"]
    assert notebook.printed["b"] == f"{home}\n"
    assert notebook.edit("c", "os.chdir('two')") == ["c", "d"]
    assert notebook.printed["d"] == "second\n"
    assert Path.cwd() == home / "two"


def test_a_cell_that_could_not_import_follows_the_search_path(
    notebook: Notebook, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (home / "lib").mkdir()
    (home / "lib" / "only_here.py").write_text("x = 5")
    notebook.open("import sys", "folder = 'nowhere'", "sys.path.append(folder)")
    notebook.open("import only_here; print(only_here.x)")
    notebook.edit("b", f"folder = {str(home / 'lib')!r}")
    assert notebook.printed["d"] == "5\n"
    assert "nowhere" not in sys.path


def test_plots_follow_the_settings_of_matplotlib(notebook: Notebook) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    size = matplotlib.rcParams["font.size"]
    notebook.open(
        "import matplotlib.pyplot as plt", "plt.rcParams['font.size'] = 20",
        "print(plt.figure().text(0, 0, 'x').get_fontsize())", "x = plt.isinteractive()",
    )  # fmt: skip
    assert notebook.edit("b", "plt.rcParams['font.size'] = 7") == ["b", "c"]
    assert notebook.printed["c"] == "7.0\n"
    assert notebook.delete("b") == ["c"]
    assert notebook.printed["c"] == f"{size}\n"
    matplotlib.pyplot.close("all")


def test_frames_follow_the_options_of_pandas(notebook: Notebook) -> None:
    pandas = pytest.importorskip("pandas")
    notebook.open(
        "import pandas as pd", "df = pd.DataFrame({'x': range(100)})",
        "pd.set_option('display.max_rows', 4)", "print(df)", "x = 1",
    )  # fmt: skip
    assert notebook.edit("c", "pd.set_option('display.max_rows', 6)") == ["c", "d"]
    assert notebook.printed["d"].count("\n") == 10
    notebook.delete("c")
    assert pandas.get_option("display.max_rows") == 60


def test_arrays_follow_the_options_of_numpy(notebook: Notebook) -> None:
    numpy = pytest.importorskip("numpy")
    notebook.open(
        "import numpy as np", "a = np.array([1 / 3])", "np.set_printoptions(precision=2)",
        "print(a)",
    )  # fmt: skip
    assert notebook.edit("c", "np.set_printoptions(precision=4)") == ["c", "d"]
    assert notebook.printed["d"] == "[0.3333]\n"
    notebook.delete("c")
    assert numpy.get_printoptions()["precision"] == 8


def test_cells_that_warn_follow_the_filters(notebook: Notebook) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        notebook.open("import warnings", "warnings.simplefilter('ignore')")
        notebook.open("warnings.warn('careful')", "x = 1")
        assert not seen
        assert notebook.edit("b", "warnings.simplefilter('always')") == ["b", "c"]
        assert [str(warning.message) for warning in seen] == ["careful"]


def test_filters_that_a_library_sets_when_it_is_loaded_are_not_the_cells_doing(
    notebook: Notebook, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(home))
    text = "import warnings\nwarnings.filterwarnings('ignore', 'never said')"
    (home / "sets_filters.py").write_text(text)
    with warnings.catch_warnings():
        notebook.open(
            "import sets_filters", "import warnings; warnings.warn('careful')"
        )
        assert notebook.session.graph.writers("warning filters") == ()


def test_decimals_follow_their_context(notebook: Notebook) -> None:
    with decimal.localcontext():
        notebook.open(
            "from decimal import Decimal, getcontext", "getcontext().prec = 4",
            "print(Decimal(1) / 3)",
        )  # fmt: skip
        assert notebook.edit("b", "getcontext().prec = 6") == ["b", "c"]
        assert notebook.printed["c"] == "0.333333\n"


def test_a_setting_of_a_failed_cell_is_undone(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITY", "Rome")
    notebook.open("import os", "os.environ['CITY'] = 'Oslo'; 1 / 0")
    assert os.environ["CITY"] == "Rome"


@pytest.mark.parametrize("effect", sorted(EFFECTS))
def test_each_kind_of_effect_can_be_left_alone(effect: str) -> None:
    effects = Effects(EFFECTS - {effect})
    assert effect not in {s.effect for s in effects.settings.values()}
    Session({}, effects=EFFECTS - {effect})


def test_files_can_be_left_alone(home: Path) -> None:
    notebook = with_path(Notebook(effects=EFFECTS - {"files"}))
    notebook.open("text = 'one'", WRITE, READ)
    assert notebook.edit("a", "text = 'two'") == ["a", "b"]


def test_without_kinds_that_need_it_there_is_no_audit_hook(home: Path) -> None:
    program = """
import sys
from reactive_kernel.runtime.effects import EFFECTS, Effects
added = []
sys.addaudithook(lambda event, _args: added.append(event) if "hook" in event else None)
kinds = {"files", "directory", "environment", "path", "warnings"}
Effects(EFFECTS - kinds).begin("a", lambda name: None)
assert not added
Effects().begin("a", lambda name: None)
assert added == ["sys.addaudithook"]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("verb", ["delete", "disable"])
def test_a_file_whose_cell_is_gone_was_there_for_cells_above(
    notebook: Notebook, verb: str
) -> None:
    notebook.open(
        "import pathlib",
        "print(pathlib.Path('u.txt').exists())",
        "pathlib.Path('u.txt').write_text('1')",
    )
    assert notebook.printed["b"] == "False\n"
    ran = notebook.delete("c") if verb == "delete" else notebook.set("c", disabled=True)
    assert (ran, notebook.printed["b"]) == (["b"], "True\n")


@pytest.mark.parametrize("above", [True, False])
def test_a_file_of_a_failed_run_whose_text_is_undone_is_found_by_its_readers(
    notebook: Notebook, above: bool
) -> None:
    look = "print(Path('u.txt').exists())"
    notebook.open(*([look, "n = 1"] if above else ["n = 1", look]))
    writer, reader = ("b", "a") if above else ("a", "b")
    notebook.edit(writer, "Path('u.txt').write_text('1'); missing")
    notebook.type(writer, "n = 1")
    assert isinstance(notebook.state(reader), Stale)
    notebook.run(reader)
    assert notebook.printed[reader] == "True\n"


def test_a_file_of_a_failed_run_whose_cell_is_deleted_is_found_by_its_readers(
    notebook: Notebook,
) -> None:
    Path("v.txt").write_text("1")
    notebook.open("print(Path('v.txt').read_text())", "n = 1", "")
    notebook.edit("b", "Path('v.txt').write_text('2'); missing")
    assert notebook.delete("b") == ["a"]
    assert notebook.printed["a"] == "2\n"


def test_a_file_that_a_cell_does_not_write_any_more_is_found_by_cells_above(
    notebook: Notebook,
) -> None:
    look = "print(Path('v.txt').exists() and Path('v.txt').read_text())"
    write = "Path('v.txt').write_text('1')"
    notebook.open(look, write, "print(Path('v.txt').read_text())")
    notebook.type("b", "n = 1")
    notebook.run("a")
    assert notebook.printed["a"] == "1\n"
    notebook.type("b", write)
    assert isinstance(notebook.state("b"), Fresh)
    assert notebook.edit("b", "Path('v.txt').write_text('2')") == ["b", "c"]


def test_a_cell_that_wrote_a_file_is_fresh_when_it_is_enabled_again(
    notebook: Notebook,
) -> None:
    notebook.open("n = 1", "Path('v.txt').write_text('1')", READ.replace("data", "v"))
    assert notebook.set("b", disabled=True) == []
    assert notebook.set("b", disabled=False) == []
    assert isinstance(notebook.state("b"), Fresh)
