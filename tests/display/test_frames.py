"""A run has pandas write its frames; whoever looks through many records gets the same without loading it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byodkim.display.blocks import Frame
from byodkim.display.notebook import Shown, as_html, by_pandas

TEXTS = st.text(max_size=8) | st.sampled_from(["<b>&amp;", " x ", "a\tb\nc", "\u202e", "1.0", "nan", "{x}", "日本語"])
FRAMES = st.integers(1, 3).flatmap(
    lambda width: st.tuples(
        st.lists(TEXTS, min_size=width, max_size=width),
        st.lists(st.lists(TEXTS, min_size=width, max_size=width), max_size=3),
    )
)


@settings(max_examples=300, deadline=None)
@given(FRAMES)
def test_a_frame_is_written_as_pandas_writes_it(drawn: tuple[list[str], list[list[str]]]) -> None:
    table = Frame(tuple(drawn[0]), tuple(map(tuple, drawn[1])))
    assert as_html(table) == by_pandas(table)


def test_a_result_that_shows_itself_has_pandas_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pandas.DataFrame.to_html", lambda *_, **__: "<table>by pandas</table>")
    shown = Shown([Frame(("a",), (("b",),))])
    assert shown._repr_mimebundle_()["text/html"] == "<table>by pandas</table>"
    assert shown.bundle()["text/html"] != "<table>by pandas</table>"


def test_it_is_not_loaded_for_that() -> None:
    program = "import sys; from byodkim.display.notebook import Shown; from byodkim.display.blocks import Frame; "
    program += "Shown([Frame(('a',), (('b',),))]).bundle(); print('pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
