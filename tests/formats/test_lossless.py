"""Whatever a notebook holds, the file gives it back, but for outputs."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reactive_kernel.formats import reads, writes
from tests.formats.samples import kept, notebook_of

HAZARDS = [
    pytest.param("# %% not a marker\nx = 1", id="comment like a marker"),
    pytest.param("# \\%% escaped\n# \\\\%%\n# %%", id="escaped marker"),
    pytest.param("s = '''\n# %%\n'''", id="marker in a string"),
    pytest.param(
        "s = '''\n# %% id=\"b\"\n# end-a\n# end-a-2\n'''", id="end line in a string"
    ),
    pytest.param("s = '''\n%time x\n!ls\n# %time\n'''", id="magic in a string"),
    pytest.param("# In[5]:\n# <codecell>\n# +\n# -", id="markers of other formats"),
    pytest.param("%time f()\n# %time g()\n# # %time h()", id="commented magics"),
    pytest.param("x = %time f()\nfiles = !ls *.py\na, b = !date", id="assigned magics"),
    pytest.param("?print\nprint?\nprint??\n??print", id="help"),
    pytest.param("print?", id="help behind"),
    pytest.param("!ls \\\n  -l \\\n  -a\nx = 1", id="continued command"),
    pytest.param("!ls \\\n# %time\nx = 1", id="continued by a comment"),
    pytest.param("!!ls\n! ls\n!ls", id="all kinds of commands"),
    pytest.param("%%time\nx = 1\n%time y = 2", id="live cell magic"),
    pytest.param("\n\n%%capture out\nprint(1)", id="cell magic below empty lines"),
    pytest.param("%%bash\nls # %%\n# %% x", id="foreign cell magic"),
    pytest.param("%%html\n<b>x</b>", id="markup cell magic"),
    pytest.param("cd ..", id="automagic"),
    pytest.param("ls", id="automagic that is a name"),
    pytest.param("/f x\n,f a b\n;f a b", id="autocall"),
    pytest.param("if x:\n    %time f()", id="magic as the only body"),
    pytest.param("if x:\n\t%time f()\n\ty = 1", id="indented magic"),
    pytest.param(
        "for x in y:\n    !echo {x}\n    # !echo\n    z = x", id="magic in a loop"
    ),
    pytest.param("x = = 2", id="syntax error"),
    pytest.param("s = '''", id="unclosed string"),
    pytest.param("f(", id="unclosed bracket"),
    pytest.param("x = 1 \\", id="backslash at the end"),
    pytest.param("await f()", id="await"),
    pytest.param("async for x in y: pass", id="async for"),
    pytest.param("return 1", id="return"),
    pytest.param("yield 1", id="yield"),
    pytest.param("from __future__ import annotations", id="future"),
    pytest.param("x\n", id="newline at the end"),
    pytest.param("x\n\n\n", id="newlines at the end"),
    pytest.param("\n\nx", id="newlines at the beginning"),
    pytest.param("", id="empty"),
    pytest.param("\n", id="newline"),
    pytest.param("\n\n\n", id="newlines"),
    pytest.param("  ", id="spaces"),
    pytest.param(" \n \n", id="spaces and newlines"),
    pytest.param("x = 1  \n\t\ny  ", id="spaces at ends"),
    pytest.param("  x = 1\n  y = 2", id="indented"),
    pytest.param("  x = 1\ny = 2", id="indented in part"),
    pytest.param("\n    if x:\n        y\n\n    z", id="indented with an empty line"),
    pytest.param(
        "x = '\u2028\u2029'\ny\x0b = 1\x0c\n\x1c\x1d\x1e\x85z", id="odd line ends"
    ),
    pytest.param("x = 1\r\ny = 2\r\n", id="Windows"),
    pytest.param("x = 1\r\ny = 2\n", id="Windows in part"),
    pytest.param("x = 1\ry = 2", id="old Mac"),
    pytest.param("x = '\0'", id="NUL"),
    pytest.param("x = '\ud800'", id="lone surrogate"),
    pytest.param("x = '\U0001f600 é \ufeff'", id="beyond ASCII"),
    pytest.param("\ufeffx = 1", id="byte order mark"),
    pytest.param("# ---\n# jupyter:\n#   kernelspec: {}\n# ---", id="like a header"),
    pytest.param(
        "#!/usr/bin/env python\n# -*- coding: latin-1 -*-", id="shebang and coding"
    ),
    pytest.param("# /// script\n# dependencies = []\n# ///", id="PEP 723"),
    pytest.param("<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other", id="conflict"),
    pytest.param(
        "s = '''\n<<<<<<< HEAD\n=======\n>>>>>>> b\n'''", id="conflict in a string"
    ),
    pytest.param("#%%\n# %%x\n#  %% y\n # %% z", id="almost markers"),
    pytest.param(">>> x = 1\n>>> x", id="prompts"),
    pytest.param("# x = !ls\n# a = %time\n## %time\n#%time", id="comments like magics"),
    pytest.param("'''\n# !x\n'''; y = '# %time'", id="string like a commented magic"),
    pytest.param('"""docstring"""', id="docstring"),
    pytest.param(
        "x = 10 \\\n  % 3\ny = (7\n  % 2)", id="remainder at the line's start"
    ),
    pytest.param("if x:\n    %time f()\n# %%x = 1 \\\n  % 3\ny = 1", id="odd indents"),
    pytest.param("x = '" + "a" * 100_000 + "'", id="long line"),
    pytest.param("(" * 500 + ")" * 500, id="deep"),
]


def of_kind(kind: str, source: str) -> dict[str, Any]:
    return {"cell_type": kind, "source": source}


@pytest.mark.parametrize("source", HAZARDS)
@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_a_hazard_is_written_without_loss(kind: str, source: str) -> None:
    before = notebook_of("x = 1", of_kind(kind, source), of_kind(kind, source), "y = 2")
    text = writes(before)
    assert kept(reads(text)) == kept(before)
    assert writes(reads(text)) == text
    text.encode()
    warnings.simplefilter("ignore", SyntaxWarning)
    ast.parse(text)


METADATA = [
    pytest.param({"tags": ["a", "b"]}, id="tags"),
    pytest.param(
        dict.fromkeys(("id", "after", "active", "nl", "until", "text"), "x"),
        id="reserved",
    ),
    pytest.param(
        {"meta": {"id": 1}, "attachments": 1, "eol": "crlf", "indent": 3},
        id="more reserved",
    ),
    pytest.param({"": 1, " ": 2, "a b": 3, "é": 4, "a=b": 5, "[x]": 6}, id="odd keys"),
    pytest.param({"title": "A simple title"}, id="simple title"),
    pytest.param({"title": "[markdown]"}, id="title like a kind"),
    pytest.param({"title": "x [raw]"}, id="title ending like a kind"),
    pytest.param({"title": 'a="b"'}, id="title like a field"),
    pytest.param({"title": " spaces  "}, id="title with spaces"),
    pytest.param({"title": "two\nlines"}, id="title in two lines"),
    pytest.param({"title": ""}, id="empty title"),
    pytest.param({"title": 3}, id="title that is a number"),
    pytest.param({"title": "{x}", "a": None}, id="title in braces"),
    pytest.param(
        {"a": 1.0, "b": 1, "c": True, "d": [], "e": {}, "f": "\u2028\x85"}, id="values"
    ),
    pytest.param({"tags": ["reactivepy-generated"]}, id="our own tag"),
    pytest.param({"reactive": {"disabled": True}}, id="disabled"),
    pytest.param({"tags": ["active-ipynb"]}, id="inactive"),
    pytest.param(
        {"slideshow": {"slide_type": "slide"}, "vscode": {"languageId": "python"}},
        id="usual",
    ),
    pytest.param({"a.b": 1, "a-b": 2, "_c": 3, "d1": 4}, id="keys with dots"),
]


@pytest.mark.parametrize("metadata", METADATA)
@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_metadata_of_a_cell_are_written_without_loss(
    kind: str, metadata: Mapping[str, Any]
) -> None:
    cell = {**of_kind(kind, "x = 1"), "metadata": metadata}
    before = notebook_of(cell, "x")
    assert kept(reads(writes(before))) == kept(before)


HEADERS = [
    pytest.param({}, id="empty"),
    pytest.param(
        {"kernelspec": {"name": "python3", "display_name": "P"}}, id="kernelspec"
    ),
    pytest.param({"jupytext": {}}, id="empty jupytext"),
    pytest.param({"jupytext": {"formats": "ipynb,py"}}, id="jupytext"),
    pytest.param(
        {"jupytext": {"text_representation": {"format_name": "light"}}}, id="light"
    ),
    pytest.param({"jupytext": {"executable": "/usr/bin/env python"}}, id="shebang"),
    pytest.param({"jupytext": {"encoding": "# -*- coding: utf-8 -*-"}}, id="coding"),
    pytest.param(
        {"jupytext": {"encoding": "# -*- coding: latin-1 -*-"}}, id="other coding"
    ),
    pytest.param(
        {"jupytext": {"executable": "a\nb", "encoding": "utf-8"}}, id="odd jupytext"
    ),
    pytest.param({"jupytext": 3}, id="jupytext is a number"),
    pytest.param({"reactivepy": {"version": 7}}, id="our own key"),
    pytest.param(
        {"": 1, "a b": 2, "x: y": 3, "# ---": 4, "é": "\u2028"}, id="odd keys"
    ),
    pytest.param(
        {"language_info": {"name": "R"}, "kernelspec": {"name": "ir", "language": "R"}},
        id="R",
    ),
    pytest.param({"title": "\n# ---\n", "authors": [{"name": "é\0"}]}, id="texts"),
]


@pytest.mark.parametrize("metadata", HEADERS)
def test_metadata_of_a_notebook_are_written_without_loss(
    metadata: dict[str, Any],
) -> None:
    before = notebook_of("x = 1", of_kind("raw", "---\ntitle: x\n---"))
    before["metadata"] = metadata
    text = writes(before)
    assert kept(reads(text)) == kept(before)
    assert writes(reads(text)) == text


@pytest.mark.parametrize(
    "attachments", [{"a.png": {"image/png": "iVBORw0KGgo="}}, {}], ids=["some", "none"]
)
def test_attachments_are_kept(attachments: dict[str, Any]) -> None:
    cell = of_kind("markdown", "![](attachment:a.png)")
    before = notebook_of({**cell, "attachments": attachments})
    assert kept(reads(writes(before))) == kept(before)


def test_a_notebook_without_ids_stays_one() -> None:
    before = notebook_of("y = x", of_kind("markdown", "# x"), "x = 1", "print(y)")
    before["nbformat_minor"] = 4
    for cell in before["cells"]:
        del cell["id"]
    assert kept(reads(writes(before))) == kept(before)


def test_a_notebook_without_cells_is_kept() -> None:
    before = notebook_of()
    assert kept(reads(writes(before))) == kept(before)


@pytest.mark.parametrize("id", ["", "a", None], ids=["empty", "taken", "missing"])
def test_an_id_that_is_missing_or_taken_is_made_up_the_same_each_time(
    id: str | None,
) -> None:
    before = notebook_of("x = 1", "y = 1", "x = 1")
    before["cells"][2]["id"] = id
    text = writes(before)
    ids = [cell["id"] for cell in reads(text)["cells"]]
    assert ids[:2] == ["a", "b"]
    assert len(set(ids)) == 3
    assert writes(before) == text


@pytest.mark.parametrize("id", ["a\nb", "a b", "\ud800", "é", "-" * 300, '"', "# %%"])
def test_an_odd_id_is_kept(id: str) -> None:
    before = notebook_of("y = x", "s = '''\n# %%\n'''", "x = 1")
    before["cells"][1]["id"] = id
    text = writes(before)
    assert kept(reads(text)) == kept(before)
    text.encode()


def test_what_a_run_changes_is_kept_on_request_only() -> None:
    volatile = {"collapsed": True, "scrolled": False, "ExecuteTime": {"t": 1}}
    cell = {
        "source": "x",
        "metadata": {
            **volatile,
            "jupyter": {"outputs_hidden": True, "source_hidden": True},
        },
    }
    before = notebook_of(cell, widgets={"state": {}})
    assert kept(reads(writes(before, metadata="all"))) == kept(before)
    clean = reads(writes(before))
    assert clean["cells"][0]["metadata"] == {"jupyter": {"source_hidden": True}}
    assert clean["metadata"] == {}


def test_the_same_notebook_always_gives_the_same_text() -> None:
    before = notebook_of("y = x", "x = 1", "%%bash\nls")
    assert len({writes(before) for _ in range(3)}) == 1


# Whatever hypothesis makes up --------------------------------------------------------

PIECES: list[str] = [
    *(str(each.values[0]) for each in HAZARDS[:-2]),
    "# %%", "%%time", "%", "!", "?", "#", "\\%%", "'''", '"""', "(", ")", ":", "\\",
    "end-a", "x", "=", "1", "if x:", "def", "await", "\\n",
    "\n", "\n", "\n", " ", "  ", "\t", "# ", "# %% id=\"a\" until=\"b\"", "# end-a", "# ---",
]  # fmt: skip
SAMPLES = st.sampled_from(PIECES)
TEXTS = st.one_of(
    st.lists(SAMPLES, max_size=6).map("".join),
    st.lists(SAMPLES, max_size=6).map("\n".join),
    st.text(max_size=30),
    SAMPLES,
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = st.one_of(
    st.sampled_from(
        ["id", "after", "active", "nl", "until", "text", "meta", "tags", "title", "eol"]
    ),
    st.text(max_size=8),
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=3)
IDS = st.one_of(st.sampled_from("abcd"), st.text(max_size=5), st.none())
CELLS = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "code", "markdown", "raw"]),
        "source": TEXTS,
        "metadata": OBJECTS,
        "id": IDS,
    }
)
NAMES = st.sampled_from("abcdef")
STATEMENTS = st.builds("{} = {} + {}".format, NAMES, NAMES, NAMES) | st.builds(
    "{} = 1".format, NAMES
)
PROGRAMS = st.lists(
    st.one_of(
        STATEMENTS,
        STATEMENTS,
        st.builds("def {}(): return {}".format, NAMES, NAMES),
        st.just("# note"),
    ),
    max_size=10,
)


def as_json_has_it(text: str) -> bool:
    """Return whether JSON can hold a text; two lone surrogates become one character."""
    import json

    return bool(json.loads(json.dumps(text)) == text)


@settings(deadline=None, max_examples=400)
@given(cells=st.lists(CELLS, max_size=5), metadata=OBJECTS)
def test_any_notebook_is_read_as_it_was_written(
    cells: list[dict[str, Any]], metadata: dict[str, Any]
) -> None:
    if not as_json_has_it(repr(cells)) or not all(
        as_json_has_it(c["source"]) for c in cells
    ):
        return
    before = notebook_of(*cells)
    before["metadata"] = metadata
    once = reads(writes(before, metadata="all"))
    for one, other in zip(before["cells"], once["cells"], strict=True):
        if one["id"] and [c["id"] for c in before["cells"]].count(one["id"]) == 1:
            assert one["id"] == other["id"]
        one["id"] = other["id"]
    assert kept(once) == kept(before)
    text = writes(once, metadata="all")
    assert kept(reads(text)) == kept(before)
    text.encode()


@settings(deadline=None, max_examples=300)
@given(sources=PROGRAMS, data=st.data())
def test_any_order_of_cells_is_restored(
    sources: list[str], data: st.DataObject
) -> None:
    kinds = ["markdown" if source == "# note" else "code" for source in sources]
    cells = [of_kind(kind, source) for kind, source in zip(kinds, sources, strict=True)]
    before = notebook_of(*data.draw(st.permutations(cells)))
    text = writes(before)
    assert kept(reads(text)) == kept(before)
    assert writes(reads(text)) == text
