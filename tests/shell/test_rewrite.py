"""A text comes out as IPython would rewrite it, but is not searched again and again."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from reactive_kernel.shell.rewrite import RememberingTransformer, is_tidy_python

PIECES = [
    "x = 1", "x", "'''", '"', "(", ")", "[", "]", "\n", "\n\n", " ", "    ", "\t", "\r\n",
    "\f", "...", ">>> ", "In [1]: ", "[ins] In [2]: ", "   ...: ", "# what?", "?", "%ls",
    "!ls", "x = !ls", "%%time", "\\", ";", ",", "/", "await y", "if x:", "f'{x}'", "\u2028",
]  # fmt: skip


def outcome(transformer: TransformerManager, text: str) -> object:
    try:
        return transformer.transform_cell(text)
    except SyntaxError as error:
        return type(error)


@pytest.mark.filterwarnings("ignore:`make_tokens_by_line`")
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_any_text_comes_out_as_ipython_rewrites_it(text: str) -> None:
    expected = outcome(TransformerManager(), text)
    assert outcome(RememberingTransformer(), text) == expected


def statements(source: str) -> list[str]:
    found = [ast.get_source_segment(source, node) for node in ast.parse(source).body]
    return [text for text in found if text]


def test_what_is_taken_for_tidy_python_ipython_leaves_as_it_is() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    modules = [path.read_text("utf-8") for path in sorted(library.glob("*.py"))[:8]]
    texts = [text for module in modules for text in statements(module)]
    tidy = [text for text in texts if is_tidy_python(text)]
    assert len(tidy) > len(texts) / 2
    plain = TransformerManager()
    assert [text for text in tidy if outcome(plain, text) != f"{text}\n"] == []


@pytest.mark.parametrize("text", ["%matplotlib inline\n", "x = 1\n"])
def test_a_text_is_rewritten_once(text: str) -> None:
    transformer = RememberingTransformer()
    first = transformer.transform_cell(text)
    assert transformer.transform_cell("".join(list(text))) is first


def test_what_others_do_to_a_text_is_done_each_time() -> None:
    transformer = RememberingTransformer()
    seen: list[str] = []

    def note(lines: list[str]) -> list[str]:
        seen.extend(lines)
        return lines

    transformer.cleanup_transforms.append(note)
    for _ in range(2):
        transformer.transform_cell("x\n")
    assert seen == ["x\n", "x\n"]
