from __future__ import annotations

from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from reactive_kernel.analysis import analyse
from reactive_kernel.shell import foreign_names, rewriter


@pytest.mark.parametrize(
    "name",
    [
        "_",
        "__",
        "___",
        "_3",
        "_i",
        "_ii",
        "_i12",
        "_oh",
        "In",
        "Out",
        "__name__",
        "__warningregistry__",
    ],
)
def test_history_and_module_names_are_ipythons(name: str) -> None:
    shell = SimpleNamespace(user_ns={}, user_ns_hidden={})
    assert foreign_names(shell)(name)


@pytest.mark.parametrize("name", ["x", "_private", "_x1", "Input", "i1"])
def test_names_of_the_notebook_are_its_own(name: str) -> None:
    shell = SimpleNamespace(user_ns={name: 1}, user_ns_hidden={})
    assert not foreign_names(shell)(name)


def test_a_name_of_ipython_is_the_notebooks_once_it_binds_it() -> None:
    shell = SimpleNamespace(user_ns={"exit": exit}, user_ns_hidden={"exit": exit})
    foreign = foreign_names(shell)
    assert foreign("exit")
    shell.user_ns["exit"] = 5
    assert not foreign("exit")


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    return InteractiveShell()


def test_automagic_lines_are_analysed_as_magics(shell: InteractiveShell) -> None:
    assert analyse("cd some where", rewriter(shell)).broken is False


def test_a_line_that_is_python_is_no_automagic(shell: InteractiveShell) -> None:
    assert analyse("time = 3", rewriter(shell)).definitions.keys() == {"time"}


def test_a_megabyte_is_not_searched_for_magics(shell: InteractiveShell) -> None:
    text = "(" * 1_000_001
    assert rewriter(shell)(text) is text
