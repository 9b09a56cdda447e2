"""Notebooks as modules: what runs when a name is asked for, and what it is worth."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reactive_kernel import import_notebooks, load_notebook
from reactive_kernel.errors import FormatError, NotebookNameError
from reactive_kernel.formats import write
from reactive_kernel.loading.hook import NotebookFinder
from tests.formats.samples import notebook_of

Save = Callable[..., Path]


@pytest.fixture(params=[".py", ".ipynb"])
def suffix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def saved(tmp_path: Path, suffix: str) -> Save:
    def save(*cells: Any, name: str = "rates") -> Path:
        path = tmp_path / f"{name}{suffix}"
        write(path, notebook_of(*cells))
        return path

    return save


@pytest.fixture(autouse=True)
def own_modules() -> Iterator[None]:
    before, finders = set(sys.modules), list(sys.meta_path)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]
    sys.meta_path[:] = finders


def test_a_name_runs_what_it_needs_and_nothing_else(
    saved: Save, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = ("a = 1", "b = a + 1", "c = a + 2", "d = 1 / 0")
    module = load_notebook(saved(*(f"print('{c[0]}', end=''); {c}" for c in codes)))
    assert capsys.readouterr().out == ""
    assert module.b == 2
    assert capsys.readouterr().out == "ab"
    assert (module.c, module.b, module.a) == (3, 2, 1)
    assert capsys.readouterr().out == "c"


def test_cells_may_stand_in_any_order(saved: Save) -> None:
    assert load_notebook(saved("y = x + 1", "x = 1")).y == 2


def test_an_override_prunes_what_it_replaces(saved: Save) -> None:
    path = saved("data = 1 / 0", "n = data + 1", "total = n * 2")
    assert load_notebook(path, n=20).total == 40


def test_an_override_holds_against_a_cell_that_has_to_run(saved: Save) -> None:
    assert load_notebook(saved("n, m = 1, 2", "total = n + m"), n=10).total == 12


def test_an_override_sets_the_value_of_a_widget(saved: Save) -> None:
    path = saved("import ipywidgets as w\ns = w.IntSlider(value=1)", "x = s.value")
    assert load_notebook(path, s=7).x == 7


def test_an_override_that_no_cell_knows_is_an_error(saved: Save) -> None:
    with pytest.raises(
        NotebookNameError, match=r"`m` of .*: no cell defines or reads it"
    ):
        load_notebook(saved("n = 1"), m=1)


def test_each_name_has_the_value_that_the_notebook_leaves(saved: Save) -> None:
    path = saved("x = 1", "a = x", "x = 2", "b = x", "def f(): return x")
    for names in (("a", "b", "x"), ("b", "a", "x"), ("x", "b", "a")):
        module = load_notebook(path)
        found = {name: getattr(module, name) for name in names}
        assert found == {"a": 1, "b": 2, "x": 2}
        assert module.f() == 2


def test_a_function_finds_what_it_reads_when_it_is_called(saved: Save) -> None:
    module = load_notebook(
        saved("def f(): return g()", "def g(): return k", "k = 3", "z = 1 / 0")
    )
    assert module.f() == 3


def test_a_name_that_no_cell_defines_is_an_attribute_error(saved: Save) -> None:
    module = load_notebook(saved("x = 1"))
    assert not hasattr(module, "nobody")
    with pytest.raises(
        AttributeError, match=r"`nobody` of .*rates\..*: no cell defines it"
    ):
        _ = module.nobody


def test_what_only_jupyter_can_run_is_named(saved: Save) -> None:
    module = load_notebook(
        saved("files = !ls", "y = files", "%matplotlib inline\nz = 1")
    )
    with pytest.raises(
        NotebookNameError, match=r"`y` of .*: only Jupyter can run cell"
    ):
        _ = module.y
    assert module.z == 1


def test_a_file_that_is_no_notebook_is_told(tmp_path: Path) -> None:
    file = tmp_path / "nb.ipynb"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(FormatError, match="no JSON"):
        load_notebook(file)


def test_a_traceback_shows_the_line_of_the_cell(saved: Save, suffix: str) -> None:
    path = saved("x = 1", "def f():\n    # why\n    return 1 / 0  # here\n")
    with pytest.raises(ZeroDivisionError) as caught:
        load_notebook(path).f()
    (frame,) = traceback.extract_tb(caught.value.__traceback__)[-1:]
    assert frame.line == "return 1 / 0  # here"
    if suffix == ".py":
        lines = path.read_text("utf-8").split("\n")
        assert lines[(frame.lineno or 0) - 1] == "    return 1 / 0  # here"


def test_the_names_are_listed(saved: Save) -> None:
    module = load_notebook(saved("x = 1\n_y = 2", "def f(): pass"))
    assert {"x", "_y", "f"} <= set(dir(module))
    assert module.__all__ == ["f", "x"]


def test_a_name_set_from_outside_is_seen_by_functions(saved: Save) -> None:
    module = load_notebook(saved("def now(): return 3", "def f(): return now()"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "now", lambda: 5)
        assert module.f() == 5
    assert module.f() == 3
    with pytest.raises(AttributeError, match="no value from outside"):
        del module.now


def test_functions_and_objects_can_be_pickled(saved: Save) -> None:
    module = load_notebook(
        saved("class A:\n    pass", "def f(): return A()", name="pickled")
    )
    assert pickle.loads(pickle.dumps(module.f)) is module.f
    assert type(pickle.loads(pickle.dumps(module.f()))) is module.A


def test_a_notebook_never_takes_the_name_of_a_module(saved: Save) -> None:
    load_notebook(saved("x = 1", name="this"))
    assert "this" not in sys.modules


def test_import_finds_notebooks_once_asked(
    saved: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    saved("y = x", "x = 1", "def f(): return y", "z = 1 / 0", name="imported")
    monkeypatch.syspath_prepend(tmp_path)
    import_notebooks()
    import_notebooks()
    assert sum(isinstance(each, NotebookFinder) for each in sys.meta_path) == 1
    module = importlib.import_module("imported")
    assert module.f() == 1
    assert module.__file__ == str(tmp_path / f"imported{suffix}")
    saved("def f(): return 7", name="imported")
    assert importlib.reload(module) is module
    assert module.f() == 7
    assert not hasattr(module, "x")


def test_import_leaves_modules_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain_one.py").write_text("x = 1\n", encoding="utf-8")
    write(tmp_path / "plain_one.ipynb", notebook_of("x = 2"))
    monkeypatch.syspath_prepend(tmp_path)
    import_notebooks()
    assert importlib.import_module("plain_one").x == 1


def test_a_py_notebook_is_imported_without_us(tmp_path: Path) -> None:
    write(tmp_path / "nb.py", notebook_of("y = x", "x = 1"))
    code = "from nb import y; print(y)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "1\n"


def test_the_kernel_needs_nothing_of_the_extra() -> None:
    code = (
        "import sys\n"
        "for name in ('nbformat', 'nbconvert', 'nbclient', 'click', 'rich', 'yaml'):\n"
        "    sys.modules[name] = None\n"
        "import reactive_kernel.kernel.app, reactive_kernel.__main__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
