"""Frames are written as pandas writes them, by which they are known; and without loading it."""

from __future__ import annotations

import subprocess
import sys

import pandas
from hypothesis import given, settings
from hypothesis import strategies as st

from byodkim.display.blocks import Frame, visible
from byodkim.display.notebook import as_html, frame

TEXTS = st.text(max_size=8) | st.sampled_from(["<b>&amp;", " x ", "a\tb\nc", "\u202e", "1.0", "nan", "{x}", "日本語"])
FRAMES = st.integers(1, 3).flatmap(
    lambda width: st.tuples(
        st.lists(TEXTS, min_size=width, max_size=width),
        st.lists(st.lists(TEXTS, min_size=width, max_size=width), max_size=3),
    )
)


def by_pandas(table: Frame) -> str:
    """What pandas writes, set to the left in every cell."""
    seen = frame(Frame(tuple(map(visible, table.columns)), tuple(tuple(map(visible, row)) for row in table.rows)))
    with pandas.option_context("display.max_colwidth", None):
        told: str = seen.to_html(index=False, header=any(table.columns), escape=True, border=0, justify="left")
    return told.replace("<td>", '<td style="text-align:left">').replace("<th>", '<th style="text-align:left">')


@settings(max_examples=300, deadline=None)
@given(FRAMES)
def test_a_frame_is_written_as_pandas_writes_it(drawn: tuple[list[str], list[list[str]]]) -> None:
    table = Frame(tuple(drawn[0]), tuple(map(tuple, drawn[1])))
    assert as_html(table) == by_pandas(table)


def test_it_is_not_loaded_for_that() -> None:
    program = "import sys; from byodkim.display.notebook import Shown; from byodkim.display.blocks import Frame; "
    program += "Shown([Frame(('a',), (('b',),))]).bundle(); print('pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
