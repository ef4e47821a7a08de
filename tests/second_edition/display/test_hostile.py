"""What comes from outside is shown as it is and never becomes markup, whatever it holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from second_edition.display.foreign import markdown, shown
from second_edition.display.page import page
from second_edition.evidence.archived import open_record
from tests.second_edition.display.archive import Archive, events_of, rewrite
from tests.second_edition.display.browser import Browser
from tests.second_edition.each import each

LONE = "\ud800"  # half a pair: JSON can escape it, UTF-8 cannot hold it
HOSTILE = (
    "</style></pre></td><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<style>*{display:none}</style>]]>-->\" ' & &lt; \u202eevil\u2066\u200b\x1b[31m" + LONE
)
SHOWN = HOSTILE.replace("\u202e", "‹U+202E›").replace("\u2066", "‹U+2066›").replace("\u200b", "‹U+200B›")
SHOWN = SHOWN.replace("\x1b", "‹U+001B›").replace(LONE, "")
LEADING = (
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](//example.jp/c) [d](d.html) <javascript:alert(2)> "
    "![e](https://example.jp/e.png) [f](https://example.jp/f) [g](mailto:g@example.jp) [h](vbscript:x)\n\n"
    "<a href='https://example.jp/i' onclick='alert(3)'>i</a>\n\n"
    '[j]: https://example.jp/j "onmouseover=alert(4)"\n[j]\n'
)
DRAWN = (
    "<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title='owned'\" width='9' height='9'>"
    "<script>document.title='owned'</script><image href='https://example.jp/remote.png' width='9' height='9'/>"
    "<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' src='https://example.jp/'/></foreignObject></svg>"
)
# Whose text people, servers or files choose; the rest is from closed sets, or read back as numbers and times.
OPEN = frozenset(
    {"reason", "ticket", "requested_by", "arn", "endpoint", "value", "name", "files", "what", "means", "todo", "text"}
    | {"request_id", "service", "operation", "domain", "selector", "commit", "digest", "message"}
)


def poisoned(value: Any, name: str = "") -> Any:
    """The same with hostile text behind every text of an open set."""
    if isinstance(value, dict):
        return {key: poisoned(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, name) for inner in value]
    return f"{value}{HOSTILE.replace(LONE, '')}" if isinstance(value, str) and name in OPEN else value


@pytest.fixture
def hostile(archive: Archive, tmp_path: Path) -> Path:
    """A record, its chain sound, in which every text that people or servers choose is hostile."""
    notebook = archive.copy("pending", tmp_path)
    rewrite(notebook, poisoned(events_of(notebook)))
    content = json.loads(notebook.read_text())
    for cell in content["cells"]:
        cell["source"] = (
            "".join(cell["source"]) + f"\n\n# {HOSTILE}\n\n- **{HOSTILE}** `{HOSTILE}`\n\n{HOSTILE}\n\n{LEADING}"
        )
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output["data"]["text/html"] = (
                    "".join(output["data"]["text/html"]) + HOSTILE + "<iframe src=//example.jp>"
                )
    code = content["cells"][1]
    data = [
        {"text/html": f"<p>{HOSTILE}</p><table><tr><td>{HOSTILE}</table>"},
        {"text/html": "<b>", "text/plain": HOSTILE},
    ]
    data += [
        {"image/png": '"><script>document.title="owned"</script>', "text/plain": HOSTILE},
        {"image/svg+xml": HOSTILE},
        {"image/svg+xml": DRAWN},
    ]
    code["outputs"] += [{"output_type": "display_data", "metadata": {}, "data": one} for one in data]
    code["outputs"] += [{"output_type": "stream", "name": "stdout", "text": [HOSTILE, HOSTILE]}]
    code["outputs"] += [{"output_type": "error", "ename": HOSTILE, "evalue": HOSTILE, "traceback": [HOSTILE]}]
    notebook.write_text(json.dumps(content))
    return notebook


def test_hostile_text_stays_text(hostile: Path, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(open_record(hostile)), encoding="utf-8")
    browser.open(path)
    assert [one for one in browser.requested if not one.startswith("data:image/svg+xml;base64,")] == [path.as_uri()]
    assert browser.evaluate("document.title") != "owned"
    pictures = browser.evaluate("[...document.querySelectorAll('img')].map(e => e.getAttribute('src'))")
    assert all(re.fullmatch("data:image/svg\\+xml;base64,[A-Za-z0-9+/]+=*", picture) for picture in pictures)
    elements = set(browser.evaluate("[...document.querySelectorAll('*')].map(e => e.localName)"))
    assert elements.isdisjoint({"script", "iframe", "object", "link", "form", "foreignObject", "image", "use"})
    drawn = set(browser.evaluate("[...document.querySelectorAll('svg, svg *')].map(e => e.localName)"))
    assert drawn <= {"svg", "g", "line", "circle", "rect", "path", "text"}
    assert browser.evaluate("document.querySelectorAll('style').length") == 1
    attributes = set(
        browser.evaluate("[...document.body.querySelectorAll(':not(svg, svg *)')].flatMap(e => e.getAttributeNames())")
    )
    assert attributes <= {"id", "class", "href", "scope", "src", "alt", "data-label", "aria-label", "rel", "tabindex"}
    links = set(browser.evaluate("[...document.querySelectorAll('main a')].map(e => e.getAttribute('href'))")) - {None}
    assert links == {"https://example.jp/f", "mailto:g@example.jp", "https://example.jp/j"}
    text = browser.evaluate("document.body.textContent")
    assert text.count(SHOWN) > 40
    assert "‹U+D800›" in text
    for invisible in ("\u202e", "\u2066", "\u200b", "\x1b", "\ufffd"):
        assert invisible not in text
    assert browser.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
    inside = set(browser.evaluate("[...document.querySelectorAll('svg, svg *')].flatMap(e => e.getAttributeNames())"))
    assert not {name for name in inside if name.startswith("on") or "href" in name or name == "style"}
    sections = browser.evaluate("[...document.querySelectorAll('body > main > section')].length")
    assert sections == 15


def test_markdown_becomes_a_few_elements() -> None:
    told = markdown("# A\n\none\ntwo `a<b` **c**\n- x\n- y\n\n```sh\n<pre>\n## no\n```\n## B")
    assert told.split() == [
        *("<h3>A</h3>", "<p>one", "two", "<code>a&lt;b</code>", "<strong>c</strong></p>", "<ul>", "<li>x</li>"),
        *("<li>y</li>", "</ul>", "<pre><code>&lt;pre&gt;", "##", "no", "</code></pre>", "<h4>B</h4>"),
    ]


@each("text", ["[x](javascript:alert(1))", "<b onclick=x>", "![x](//example.jp/x.png)", "<svg/onload=x>"])
def test_markdown_gives_nothing_that_acts_or_loads(text: str) -> None:
    told = markdown(text)
    assert "<b" not in told
    assert "<img" not in told
    assert "<svg" not in told
    assert "href" not in told


@each(
    ("markup", "left"),
    [
        ("<table><tr><td>x", "<table><tbody><tr><td>x</td></tr></tbody></table>"),
        ('<table><tr><th scope="row" class="a">x', '<table><tbody><tr><th scope="col">x</th></tr></tbody></table>'),
        ("</table></p>", "<p></p>"),
        ("<tr><td>x</td></tr>", "x"),
        ("<td>", ""),
        ("<![CDATA[x", ""),
        ("<p>a&nbsp;b<script>alert(1)</script><style>*{}</style></p>", "<p>a&nbsp;b</p>"),
        ("<div onclick=x><h3>a<img src=x onerror=y></h3></div><iframe src=z>b</iframe>", "<h3>a</h3>b"),
        ('<p style="x" id="top"><a href="javascript:x">a</a></p>', "<p>a</p>"),
        ("<p>a&#x202e;b</p>", "<p>a‹U+202E›b</p>"),
    ],
)
def test_markup_is_read_as_a_browser_reads_it_and_leaves_a_few_elements(markup: str, left: str) -> None:
    assert shown(markup) == left
