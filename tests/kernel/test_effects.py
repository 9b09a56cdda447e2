"""Files, settings and the like, as IPython's users change them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.kernel.wire import Wire

pytestmark = pytest.mark.kernel


@pytest.fixture
def here(alone: Wire, tmp_path: Path) -> Wire:
    alone.run("home", f"%cd -q {tmp_path}")
    alone.ran()
    return alone


def rerun(nb: Wire, cell: str, source: str) -> list[str]:
    """Run another text of a cell; return the cells that ran."""
    nb.ran()
    nb.run(cell, source)
    nb.settle()
    return nb.ran()


def test_files_written_by_magics_and_commands_reach_their_readers(here: Wire) -> None:
    here.run("w", "%%writefile data.txt\none")
    here.run("s", "!tr a-z A-Z < data.txt > loud.txt")
    here.run("r", "print(open('loud.txt').read())")
    assert here["r"] == "ONE"
    assert rerun(here, "w", "%%writefile data.txt\ntwo") == ["w", "s", "r"]
    assert here["r"] == "TWO"


def test_a_command_that_shows_a_file_reads_it(here: Wire) -> None:
    here.run("w", "open('data.txt', 'w').write('one');")
    here.run("r", "!cat data.txt")
    here.run("p", "lines = !cat data.txt\nprint(lines)")
    assert rerun(here, "w", "open('data.txt', 'w').write('two');") == ["w", "r", "p"]
    assert here["r"] == "two"
    assert here["p"] == "['two']"


def test_the_environment_and_the_directory_as_magics_change_them(
    here: Wire, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    here.run("e", "%env CITY=Rome")
    here.run("c", "import os\nprint(os.environ['CITY'])")
    here.run("x", "!echo $CITY")
    here.run("d", "%cd -q sub")
    here.run("p", "print(os.path.basename(os.getcwd()))")
    assert here["p"] == "sub"
    assert rerun(here, "e", "%env CITY=Oslo") == ["e", "c", "x"]
    assert (here["c"], here["x"]) == ("Oslo", "Oslo")
    assert rerun(here, "d", "pass") == ["d", "p"]
    assert here["p"] == tmp_path.name


def test_a_figure_follows_the_settings_of_the_cell_above(here: Wire) -> None:
    here.run("i", "import matplotlib.pyplot as plt")
    here.run("f", "plt.plot([1, 2]);")
    here.run("n", "print(plt.rcParams['figure.figsize'])")
    assert rerun(here, "f", "plt.plot([1, 3]);") == ["f"]
    here.run(
        "i", "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (3, 2)"
    )
    here.settle()
    assert here["n"] == "[3.0, 2.0]"
    small = here.outputs["f"][-1]["data"]["image/png"]
    rerun(
        here,
        "i",
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (6, 4)",
    )
    assert here["n"] == "[6.0, 4.0]"
    assert len(here.outputs["f"][-1]["data"]["image/png"]) > len(small)


def test_the_decimal_context_is_the_one_that_cells_compute_with(here: Wire) -> None:
    here.run("i", "from decimal import Decimal, getcontext")
    here.run("p", "getcontext().prec = 4")
    here.run("d", "print(Decimal(1) / 3)")
    assert here["d"] == "0.3333"
    assert rerun(here, "p", "getcontext().prec = 6") == ["p", "d"]
    assert here["d"] == "0.333333"


def test_warnings_are_shown_again_and_follow_their_filters(here: Wire) -> None:
    here.run("f", "import warnings\nwarnings.simplefilter('ignore')")
    here.run("w", "warnings.warn('careful')")
    assert here["w"] == ""
    assert rerun(here, "f", "import warnings\nwarnings.simplefilter('always')") == [
        "f",
        "w",
    ]
    assert "UserWarning: careful" in here["w"]


def test_a_file_changed_by_somebody_else_is_noticed_while_nothing_runs(
    here: Wire, tmp_path: Path
) -> None:
    data = tmp_path / "data.txt"
    data.write_text("one")
    here.run("r", "print(open('data.txt').read())")
    here.open_comm()
    here.settle()
    data.write_text("two")
    os.utime(data, ns=(time.time_ns(), time.time_ns() + 10**9))
    here.becomes("r", "stale")
    assert here.reasons("r") == [{"kind": "outside", "names": [f"file {data}"]}]
    here.run("w", "%reactive why r")
    assert f"file {data} was changed by somebody else" in here["w"]
    here.settle()
    assert here["r"] == "two"
