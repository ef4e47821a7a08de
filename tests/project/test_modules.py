"""A module is a chapter: it says what it does, and can be read at once."""

import ast

import pytest

from tests.project.tracked import modules

MOST_LINES, MOST_COLUMNS = 350, 100


@pytest.mark.parametrize("path", modules().values(), ids=modules().keys())
def test_a_module_is_short_and_says_what_it_does(path):
    text = path.read_text("utf-8")
    lines = text.splitlines()
    assert ast.get_docstring(ast.parse(text))
    assert len(lines) <= MOST_LINES
    assert [f"line {n}" for n, line in enumerate(lines, 1) if len(line) > MOST_COLUMNS] == []
