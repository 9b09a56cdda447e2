"""What the contents API of a real server answers for ``.py`` files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reactive_kernel.formats import reads, writes
from tests.formats.samples import kept, notebook_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.api import Api

CELLS = (
    "tax = 100 * rate",
    "rate = 0.2",
    {"cell_type": "markdown", "source": "# Title  \n\nß"},
    "%matplotlib inline\n!ls",
    "%%bash\nls",
    "x = = 1",
)


def notebook(*cells: Any, **metadata: Any) -> dict[str, Any]:
    """Return a notebook as a client has it."""
    spec = {
        "name": "reactive-python",
        "display_name": "Reactive Python",
        "language": "python",
    }
    return dict(notebook_of(*(cells or CELLS), **{"kernelspec": spec, **metadata}))


def ran(found: dict[str, Any], output: str) -> dict[str, Any]:
    """Return a notebook in which each code cell has been run."""
    shown = {"output_type": "stream", "name": "stdout", "text": output}
    for count, cell in enumerate(found["cells"], 1):
        if cell["cell_type"] == "code":
            cell |= {"outputs": [shown], "execution_count": count}
    return found


@pytest.fixture
def work(api: Api, request: pytest.FixtureRequest) -> Path:
    """Return an empty folder that the server serves."""
    folder = api.work / f"t{abs(hash(request.node.name))}"
    folder.mkdir()
    return folder


@pytest.fixture
def at(work: Path) -> str:
    """Return what the server calls that folder."""
    return work.name


def without_trust(found: dict[str, Any]) -> dict[str, Any]:
    for cell in found["cells"]:
        cell["metadata"].pop("trusted", None)
    return found


def test_a_notebook_is_saved_as_a_program_and_comes_back_the_same(
    api: Api, work: Path, at: str
) -> None:
    answer = api.save(f"{at}/nb.py", notebook())
    assert (answer.status, answer["type"]) == (201, "notebook")
    assert (work / "nb.py").read_text("utf-8") == writes(notebook())
    again = api.get(f"{at}/nb.py")
    assert (again["type"], again["format"]) == ("notebook", "json")
    assert kept(without_trust(again["content"])) == kept(notebook())


def test_saving_what_was_opened_changes_nothing(api: Api, work: Path, at: str) -> None:
    text = writes(notebook())
    (work / "nb.py").write_text(text, "utf-8")
    for _ in range(2):
        assert api.save(f"{at}/nb.py", api.get(f"{at}/nb.py")["content"]).status == 200
        assert (work / "nb.py").read_text("utf-8") == text


def test_a_listing_tells_notebooks_from_texts_by_their_content(
    api: Api, work: Path, at: str
) -> None:
    (work / "nb.py").write_text(writes(notebook()), "utf-8")
    (work / "tool.txt").write_text(writes(notebook()), "utf-8")
    kinds = {entry["name"]: entry["type"] for entry in api.get(at)["content"]}
    assert kinds == {"nb.py": "notebook", "tool.txt": "file"}


def test_a_python_file_stays_a_text(api: Api, work: Path, at: str) -> None:
    source = "import os\n\n# %% not ours\nprint(os)\n"
    (work / "tool.py").write_text(source)
    answer = api.get(f"{at}/tool.py", type="file")
    assert (answer["type"], answer["content"]) == ("file", source)
    assert api.save_text(f"{at}/tool.py", f"{source}x = 1\n").status == 200
    assert (work / "tool.py").read_text() == f"{source}x = 1\n"


def test_a_notebook_can_be_edited_as_a_text(api: Api, work: Path, at: str) -> None:
    text = writes(notebook("a = 1"))
    (work / "nb.py").write_text(text)
    answer = api.get(f"{at}/nb.py", type="file", format="text")
    assert (answer["type"], answer["content"]) == ("file", text)
    assert api.save_text(f"{at}/nb.py", text.replace("a = 1", "a = 2")).status == 200
    assert api.get(f"{at}/nb.py")["content"]["cells"][0]["source"] == "a = 2"


def test_cells_of_other_editors_open_as_a_notebook_if_one_asks_for_it(
    api: Api, work: Path, at: str
) -> None:
    (work / "vs.py").write_text("# %% first\nx = 1\n# %%\nx\n")
    answer = api.get(f"{at}/vs.py", type="notebook")
    assert [cell["source"] for cell in answer["content"]["cells"]] == ["x = 1", "x"]


def test_the_hash_is_that_of_the_file(api: Api, work: Path, at: str) -> None:
    """So clients see that a file was changed by somebody else, and ask."""
    (work / "nb.py").write_text(writes(notebook()), "utf-8")
    first = api.get(f"{at}/nb.py", hash=1)
    assert first["hash"]
    assert api.get(f"{at}/nb.py", hash=1, content=0)["hash"] == first["hash"]
    (work / "nb.py").write_text(writes(notebook("z = 1")), "utf-8")
    assert api.get(f"{at}/nb.py", hash=1, content=0)["hash"] != first["hash"]
    (work / "tool.py").write_text(writes(notebook()), "utf-8")
    as_text = api.get(f"{at}/tool.py", hash=1, type="file")
    assert as_text["hash"] == first["hash"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(
            lambda text: text.replace("rate = 0.2", "<<<<<<< a\n=======\n>>>>>>> b"),
            "conflict of a merge",
            id="merge",
        ),
        pytest.param(
            lambda text: text.replace('# %% id="c"', "# %% id=c:"), "line", id="marker"
        ),
        pytest.param(
            lambda text: text.replace('"version": 1', '"version": 9'),
            "version 9",
            id="version",
        ),
    ],
)
def test_a_broken_file_is_refused_in_words_and_left_alone(
    api: Api, work: Path, at: str, damage: Any, told: str
) -> None:
    text = damage(writes(notebook("rate = 0.2", "b = 1", "c = 1")))
    (work / "nb.py").write_text(text, "utf-8")
    answer = api.get(f"{at}/nb.py", type="notebook")
    assert answer.status == 400
    assert "nb.py, line " in answer["message"]
    assert told in answer["message"]
    assert (work / "nb.py").read_text("utf-8") == text
    assert api.get(f"{at}/nb.py", type="file")["content"] == text


def test_an_error_shows_percent_signs_as_they_are(
    api: Api, work: Path, at: str
) -> None:
    text = writes(notebook("a = 1")) + "\n# %% id={100% s}\n"
    (work / "nb.py").write_text(text)
    answer = api.get(f"{at}/nb.py", type="notebook")
    assert answer.status == 400
    assert "%%%" not in answer["message"]
    assert api.get(f"{at}/nb.py", type="file").status == 200


def test_what_is_no_notebook_is_not_written(api: Api, work: Path, at: str) -> None:
    (work / "nb.py").write_text(text := writes(notebook("a = 1")))
    broken = notebook("a = 1")
    broken["cells"][0]["cell_type"] = "spreadsheet"
    answer = api.save(f"{at}/nb.py", broken)
    assert answer.status == 400
    assert "spreadsheet" in answer["message"]
    assert (work / "nb.py").read_text() == text
    assert [file.name for file in work.iterdir()] == ["nb.py"]


def test_copies_and_checkpoints_are_of_the_file_itself(
    api: Api, work: Path, at: str
) -> None:
    text = writes(notebook("a = 1")).replace("a = 1", "a  =  1  # as I wrote it")
    (work / "nb.py").write_text(text)
    copied = api.post(at, {"copy_from": f"{at}/nb.py"})
    assert copied.status == 201
    assert (work / copied["name"]).read_text() == text
    checkpoint = api.post(f"{at}/nb.py/checkpoints", {})
    assert checkpoint.status == 201
    api.save(f"{at}/nb.py", notebook("b = 2"))
    assert api.post(f"{at}/nb.py/checkpoints/{checkpoint['id']}", {}).status == 204
    assert (work / "nb.py").read_text() == text


def test_a_notebook_may_be_renamed(api: Api, work: Path, at: str) -> None:
    api.save(f"{at}/nb.py", notebook("a = 1"))
    assert api.rename(f"{at}/nb.py", f"{at}/new.py").status == 200
    assert api.get(f"{at}/new.py")["type"] == "notebook"
    assert not (work / "nb.py").exists()


def test_ordinary_notebooks_and_folders_are_as_ever(
    api: Api, work: Path, at: str
) -> None:
    (work / "folder.py").mkdir()
    assert api.get(f"{at}/folder.py")["type"] == "directory"
    api.save(f"{at}/nb.ipynb", ran(notebook("a = 1"), "hello"))
    assert api.get(f"{at}/nb.ipynb")["content"]["cells"][0]["outputs"]
    assert api.get(f"{at}/none.py").status == 404


def test_outputs_are_kept_in_a_pair_if_the_notebook_asks_for_it(
    api: Api, work: Path, at: str
) -> None:
    own = notebook("a = 1", "b = 2", reactive={"paired": True})
    api.save(f"{at}/nb.py", ran(own, "hello"))
    assert "hello" not in (work / "nb.py").read_text()
    opened = api.get(f"{at}/nb.py")["content"]
    assert [cell["outputs"][0]["text"] for cell in opened["cells"]] == ["hello"] * 2
    assert [cell["execution_count"] for cell in opened["cells"]] == [1, 2]


def test_a_cell_that_was_changed_in_the_file_has_lost_its_outputs(
    api: Api, work: Path, at: str
) -> None:
    own = notebook("a = 1", "b = 2", reactive={"paired": True})
    api.save(f"{at}/nb.py", ran(own, "hello"))
    text = (work / "nb.py").read_text()
    (work / "nb.py").write_text(text.replace("b = 2", "b = 3"))
    opened = api.get(f"{at}/nb.py")["content"]
    assert [bool(cell["outputs"]) for cell in opened["cells"]] == [True, False]


def test_without_being_asked_no_other_file_is_written(
    api: Api, work: Path, at: str
) -> None:
    api.save(f"{at}/nb.py", ran(notebook("a = 1"), "hello"))
    assert [file.name for file in work.glob("*.*")] == ["nb.py"]
    assert api.get(f"{at}/nb.py")["content"]["cells"][0]["outputs"] == []


@pytest.mark.parametrize("edited", [False, True], ids=["foreign", "edited"])
def test_a_pair_that_holds_something_else_is_not_replaced(
    api: Api, work: Path, at: str, edited: bool
) -> None:
    own = notebook("a = 1", reactive={"paired": True})
    if edited:
        api.save(f"{at}/nb.py", ran(own, "hello"))
        pair = api.get(f"{at}/nb.ipynb")["content"]
        pair["cells"][0]["source"] = "mine = 1"
        api.save(f"{at}/nb.ipynb", pair)
    else:
        api.save(f"{at}/nb.ipynb", notebook("mine = 1"))
    before = (work / "nb.ipynb").read_bytes()
    answer = api.save(f"{at}/nb.py", ran(own, "other"))
    assert answer.status == 409
    assert "nb.ipynb: it holds cells" in answer["message"]
    assert (work / "nb.ipynb").read_bytes() == before


def test_the_notebook_that_a_file_was_made_from_becomes_its_pair(
    api: Api, work: Path, at: str
) -> None:
    api.save(f"{at}/nb.ipynb", ran(notebook("a = 1"), "old"))
    own = notebook("a = 1", reactive={"paired": True})
    assert api.save(f"{at}/nb.py", ran(own, "new")).status == 201
    assert "new" in (work / "nb.ipynb").read_text()


def test_a_file_in_another_encoding_is_read(api: Api, work: Path, at: str) -> None:
    text = writes(notebook("a = 'ß'"))
    data = f"# -*- coding: latin-1 -*-\n{text}".encode("latin-1")
    (work / "nb.py").write_bytes(data)
    opened = api.get(f"{at}/nb.py", type="notebook")["content"]
    assert opened["cells"][0]["source"] == "a = 'ß'"
    api.save(f"{at}/nb.py", opened)
    assert reads((work / "nb.py").read_text("utf-8")).cells[0].source == "a = 'ß'"
