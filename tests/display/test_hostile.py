"""What comes from outside is shown as it is and never becomes markup, whatever it holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from byodkim.display.blocks import visible
from byodkim.display.markdown import markdown
from byodkim.display.page import page
from byodkim.display.reread import blocks
from byodkim.evidence.archived import open_record
from tests.display.archive import Archive, events_of, rewrite
from tests.display.browser import Browser

LONE = "\ud800"  # half a pair: JSON can escape it, UTF-8 cannot hold it
HOSTILE = (
    "</style></pre></td><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<style>*{display:none}</style>]]>-->\" ' & &lt; \u202eevil\u2066\u200b\x1b[31m" + LONE
)
SHOWN = HOSTILE.replace("\u202e", "‹U+202E›").replace("\u2066", "‹U+2066›").replace("\u200b", "‹U+200B›")
SHOWN = SHOWN.replace("\x1b", "‹U+001B›").replace(LONE, "")
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
        cell["source"] = "".join(cell["source"]) + f"\n\n# {HOSTILE}\n\n- **{HOSTILE}** `{HOSTILE}`\n\n{HOSTILE}"
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
    assert [one for one in browser.requested if not one.startswith("data:image/png;base64,")] == [path.as_uri()]
    assert browser.evaluate("document.title") != "owned"
    pictures = browser.evaluate("[...document.querySelectorAll('img')].map(e => e.getAttribute('src'))")
    assert all(re.fullmatch("data:image/png;base64,[A-Za-z0-9+/]+=*", picture) for picture in pictures)
    elements = set(browser.evaluate("[...document.querySelectorAll('*')].map(e => e.localName)"))
    assert elements.isdisjoint({"script", "iframe", "svg", "object", "link", "form"})
    assert browser.evaluate("document.querySelectorAll('style').length") == 1
    attributes = set(browser.evaluate("[...document.body.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"))
    assert attributes <= {"id", "class", "href", "scope", "src", "alt", "data-label", "aria-label"}
    text = browser.evaluate("document.body.textContent")
    assert text.count(SHOWN) > 40
    assert "‹U+D800›" in text
    for invisible in ("\u202e", "\u2066", "\u200b", "\x1b", "\ufffd"):
        assert invisible not in text
    assert browser.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
    sections = browser.evaluate("[...document.querySelectorAll('body > main > section')].length")
    assert sections == 14


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a‹U+202E›b"),
        ("a\nb\tc", "a\nb\tc"),
        ("\x00\x7f\u2028", "‹U+0000›‹U+007F›‹U+2028›"),
        ("日本語é", "日本語é"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_markdown_knows_its_few_forms() -> None:
    told = markdown("# A\n\none\ntwo `a<b` **c**\n- x\n- y\n\n```sh\n<pre>\n## no\n```\n## B", 3)
    assert told.splitlines() == [
        "<h3>A</h3>",
        "<p>one two <code>a&lt;b</code> <b>c</b></p>",
        "<ul><li>x</li><li>y</li></ul>",
        "<pre>&lt;pre&gt;",
        "## no</pre>",
        "<h4>B</h4>",
    ]


@pytest.mark.parametrize(
    "broken", ["<table><tr><td>x", "</table></p>", "<table></table>", "<tr><td>x</td></tr>", "<td>", "<![CDATA[x"]
)
def test_broken_markup_gives_no_error(broken: str) -> None:
    assert blocks(broken) == []
