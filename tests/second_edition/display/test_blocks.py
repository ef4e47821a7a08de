"""Blocks as HTML, Markdown and text: what comes from outside stays text, and nothing is cut."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from second_edition.display.blocks import Block, Code, Heading, Headline, Paragraph, Table, facts, visible
from second_edition.display.html import sentence
from second_edition.display.notebook import Shown, as_html, as_text
from second_edition.display.words import ENGLISH
from second_edition.errors import ByodkimError
from second_edition.rotation.findings import phrase
from tests.second_edition.each import each

HOSTILE = (
    "<script>alert(1)</script>", "</td></tr></table><img src=x onerror=alert(1)>", '"><b>x</b>', "' onload='x",
    "&lt;b&gt; &amp; &#60;", "a | b", "**bold** __bold__ *i* _i_", "`code` ``x``", "# heading", "x #", "- item",
    "+ item", "* item", "1. item", "2) item", "> quote", "---", "===", "***", "[x](javascript:alert(1))",
    "![x](https://example.jp/x.png)", "<https://example.jp>", "$x^2$ $$y$$", "~~gone~~", '\\| \\ \\\\',
    "    four spaces", "\ttab", "[^1] [x]: y", "| --- |", "| a | b |", ": definition", "line\nbreak",
    "line\r\nbreak", "line\rbreak", "two\n\n# paragraphs", "a  \nb", "{{x}} {% x %}", "\x1b[2J\x1b[31m",
    "\u202egpj.exe", "\u200bzero", "\ud800", "\x00", "\u2028# x", "：日本語、｜", "-", "", "see www.example.jp",
)  # fmt: skip


def test_data_within_a_sentence_is_set_apart_whole_and_a_digest_may_break() -> None:
    told = str(sentence(f"Signed with s=mail-20261124-1: {'0a' * 32}. SES is fine."))
    digest = f'<code class="long">{"0a" * 32}</code>'
    assert told == f"Signed with <code>s=mail-20261124-1</code>: {digest}. SES is fine."


def test_a_value_forges_no_line_of_a_terminal() -> None:
    value = "arn:sato\nRollback: x\r\nSWITCHED"
    shown = "arn:sato‹U+000A›Rollback: x‹U+000D›‹U+000A›SWITCHED"
    for block in (Headline("REFUSED", value, "bad"), Heading(value), Paragraph(value), facts([("Seen", value)])):
        assert as_text(block).splitlines() == [as_text(block)]
        assert shown in as_text(block)
    assert as_text(Code("a\nb")) == "a\nb"  # what is to be copied keeps its lines
    assert ENGLISH.phrase(phrase("{operator} since", operator=value)).startswith("arn:sato‹U+000A›")
    assert visible(str(ByodkimError(value, todo="Wait."))) == f"{shown} Wait."


class Reader(HTMLParser):
    """What a browser would make of it: tags in their order, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.cells and data.strip():
            self.cells[-1] += data

    @property
    def text(self) -> str:
        return "".join(self.texts)


def words(text: str) -> list[str]:
    """Return what is left of a text where white space does not count."""
    return visible(text).split()


def blocks(text: str) -> list[tuple[Block, list[str]]]:
    """Every block that can hold the text, with the tags that its HTML may have."""
    columns, rows = ("name", text or "x"), ((text, "b"), ("c", text))
    table = ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td", "tr", "td", "td"]
    return [
        (Headline(text, text, "bad"), ["h3", "p", "b"]),
        (Heading(text), ["h4"]),
        (Paragraph(text), ["p"]),
        (Code(text), ["pre"]),
        (Table(columns, rows), table),
        (Table(columns, rows, frozenset({0, 1})), table),
    ]


@each("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_text_in_html(text: str) -> None:
    for block, tags in blocks(text):
        read = Reader(as_html(block))
        assert read.tags == tags
        assert {name for name, _ in read.attributes} <= {"style", "border", "class"}
        for word in words(text):
            assert word in read.text


@each("text", HOSTILE, ids=ascii)
def test_plain_text_moves_no_cursor_and_can_be_stored(text: str) -> None:
    for block, _ in blocks(text):
        for shown in Shown([block]).bundle().values():
            assert not {char for char in shown if ord(char) < 32} - {"\n", "\t"}
            assert not {"\u202e", "\u200b", "\u2028", "\x7f"} & set(shown)
            shown.encode()


def test_what_cannot_be_seen_is_spelled_out() -> None:
    assert visible("a\x1b\u202e\u200b\ud800\r\nb\tc") == "a‹U+001B›‹U+202E›‹U+200B›‹U+D800›‹U+000D›\nb\tc"
    assert visible("printable 日本語 €") == "printable 日本語 €"


@each("named", [True, False])
def test_a_row_that_wants_attention_is_marked_in_every_form(named: bool) -> None:
    """By a character, which GitHub and a printer keep, and by its weight."""
    table = Table(("x", "y") if named else ("", ""), (("a", "b"), ("c", "d")), frozenset({1}))
    read = Reader(as_html(table))
    assert read.cells[-4:] == ["a", "b", "▶ c", "d"]
    assert ("class", "marked") in read.attributes
    assert as_html(table).count('<tr class="marked" style="font-weight:bold">') == 1
    assert as_text(table).splitlines()[-2:] == ["a  b", "▶ c  d"]


def test_a_result_shows_itself_in_every_form() -> None:
    shown = Shown([Headline("SWITCHED", "example.jp signs", "good"), Paragraph("so")])
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert repr(shown) == bundle["text/plain"] == "SWITCHED  example.jp signs\n\nso"
    for tone, mark in (("good", "✔"), ("wait", "…"), ("bad", "✘")):
        assert f"{mark} X" in as_html(Headline("X", "y", tone))


def test_a_word_that_no_column_is_wide_enough_for_is_broken_and_no_other() -> None:
    value, digest = f"v=DKIM1; k=rsa; p={'A' * 392}", "a" * 64
    broken = re.compile(r'<td style="text-align:left;word-break:break-all">([^<]*)</td>')
    assert broken.findall(as_html(facts([("value", value), ("SHA-256", digest)]))) == [value]


LONG = "".join(f"{n:064x}" for n in range(10))


def test_values_are_shown_as_they_are_written() -> None:
    for text in ("007", "1e5", "true", "None", "nan", "1.10", "  ", "2026112401"):
        assert Reader(as_html(Table(("x",), ((text,),)))).cells[1].strip() == text.strip()


@each("show", [as_html, as_text])
def test_nothing_is_cut(show: Any) -> None:
    wide = Table(
        tuple(f"column {n}" for n in range(40)), tuple(tuple(f"r{m}c{n}." for n in range(40)) for m in range(120))
    )
    shown = show(wide)
    assert all(f"r{m}c{n}." in shown for m in range(120) for n in range(40))
    assert LONG in show(Table(("a",), ((LONG,),)))
    assert "..." not in show(Table(("a",), ((LONG,),)))
    for block in (Paragraph(LONG), Heading(LONG), Code(LONG), facts([(LONG, LONG)])):
        assert LONG in show(block)
