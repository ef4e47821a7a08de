"""The page of a record, looked at in a real browser: what it tells, in which order, on which screens and on paper."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from second_edition.display.page import page
from second_edition.evidence.archived import open_record
from second_edition.messages import Language, say
from second_edition.rotation.findings import Verdict
from tests.second_edition.display.archive import Archive, events_of
from tests.second_edition.display.browser import Browser

ORDER = [
    *("proof", "checks", "comparison", "plan", "write", "verify", "servers", "dns-team", "timeline"),
    *("calls", "state", "who", "parameters", "notebook", "evidence"),
]
QUICK = {"name": ("switched", "japanese", "refused", "killed")}
ALL = ("switched", "japanese", "refused", "mismatch", "pending", "unbegun", "killed")
HEADER = "document.querySelector('header').innerText"
OPENED = "document.querySelectorAll('details').forEach(e => { e.open = true; })"
CONTRAST = """(() => {
  const part = c => { const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
  const clear = c => c === 'rgba(0, 0, 0, 0)';
  const ground = e => { while (e && clear(getComputedStyle(e).backgroundColor)) e = e.parentElement;
    return e ? getComputedStyle(e).backgroundColor : 'rgb(255, 255, 255)'; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let worst = 21;
  while (walk.nextNode()) {
    if (!walk.currentNode.data.trim()) continue;
    const e = walk.currentNode.parentElement;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    worst = Math.min(worst, (a + 0.05) / (b + 0.05));
  }
  return worst;
})()"""


ESCAPE = """new Promise(done => {
  const seen = new Set();
  document.addEventListener('securitypolicyviolation', event => {
    seen.add(event.effectiveDirective);
    if (seen.size === 4) done([...seen].sort());
  });
  for (const [tag, attribute] of [['img', 'src'], ['link', 'href'], ['script', 'src']]) {
    const element = document.createElement(tag);
    element.rel = 'stylesheet';
    element[attribute] = 'ADDRESS';
    document.head.append(element);
  }
  const form = document.createElement('form');
  form.action = 'ADDRESS';
  document.body.append(form);
  form.submit();
})"""


def heard(server: socket.socket) -> list[bytes]:
    """Return what a server was sent. A browser may open a connection ahead of a request that it then does not make."""
    server.settimeout(0.2)
    sent = []
    with contextlib.suppress(TimeoutError):
        while True:
            connection, _ = server.accept()
            with connection, contextlib.suppress(TimeoutError):
                connection.settimeout(0.2)
                sent.append(connection.recv(1 << 16))
    return [piece for piece in sent if piece]


def made(notebook: Path, folder: Path, language: Language | None = None) -> Path:
    path = folder / "page.html"
    path.write_text(page(open_record(notebook), language), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["switched", "japanese", "refused", "pending", "killed"])
def test_a_reviewer_is_told_everything_in_order(archive: Archive, browser: Browser, tmp_path: Path, name: str) -> None:
    browser.open(made(archive(name), tmp_path))
    assert browser.evaluate("[...document.querySelectorAll('main > section')].map(s => s.id)") == ORDER
    assert browser.evaluate("document.documentElement.lang") == ("ja" if name == "japanese" else "en")
    assert "example.jp mail-20261124-1 " in browser.evaluate("document.title")
    empty = "[...document.querySelectorAll('main > section')].filter(s => s.textContent.trim().split('\\n').length < 2)"
    assert browser.evaluate(f"{empty}.map(s => s.id)") == []


@pytest.mark.parametrize("name", ALL)
def test_headings_step_down_and_table_headers_have_a_scope(
    archive: Archive, browser: Browser, tmp_path: Path, name: str
) -> None:
    browser.open(made(archive(name), tmp_path))
    levels = browser.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
    assert browser.evaluate("document.querySelectorAll('table').length") > 0
    assert browser.evaluate("document.querySelectorAll('th:not([scope]), section:not(#notebook) th:empty').length") == 0


@pytest.mark.parametrize(
    ("name", "opens", "tells"),
    [
        ("switched", "✔ SWITCHED example.jp signs with mail-20261124-1", "Mail may have gone out unsigned for up to"),
        ("refused", "✘ REFUSED example.jp was not switched", "DNS-PUBLISHED"),
        ("pending", "… SWITCHED-PENDING example.jp is set to", "Reason: agreed with the DNS team"),
        ("unbegun", "✘ REFUSED The run did not begin", "The parameter mode must be one of: plan | apply"),
        ("killed", "✘ NOT FINISHED", "SES took the write"),
    ],
)
def test_the_first_screen_says_what_happened(
    archive: Archive, browser: Browser, tmp_path: Path, name: str, opens: str, tells: str
) -> None:
    browser.open(made(archive(name), tmp_path))
    told = re.sub(r"\s+", " ", browser.evaluate(HEADER))
    assert told.startswith(opens)
    assert tells in told
    assert browser.evaluate("document.querySelector('nav').getBoundingClientRect().top") < 900


def test_the_way_back_and_what_comes_next_stand_at_the_top_too(
    archive: Archive, browser: Browser, tmp_path: Path
) -> None:
    browser.open(made(archive("pending"), tmp_path))
    top = "[...document.querySelectorAll('header pre')].map(e => e.innerText)"
    back, complete = browser.evaluate(top)
    assert "-r selector mail-20260912-1" in back
    assert "-r selector mail-20261124-1" in complete
    assert "SES looks for the key record until" in browser.evaluate(HEADER)


def test_what_did_not_pass_comes_first_and_is_marked_by_more_than_colour(
    archive: Archive, browser: Browser, tmp_path: Path
) -> None:
    browser.open(made(archive("refused"), tmp_path))
    assert browser.evaluate("document.querySelectorAll('#checks details[open]').length") == 0
    browser.evaluate(OPENED)
    rows = browser.evaluate("[...document.querySelectorAll('#checks tbody tr')].map(r => r.innerText)")
    assert rows[0].startswith("▶ DNS-PUBLISHED\t✘ FAIL")
    assert not any(row.startswith("▶") for row in rows[1:])
    shown = {row.split("\t")[0].removeprefix("▶ "): row.split("\t")[1].split()[-1] for row in rows}
    made_checks = [event for event in events_of(archive("refused")) if event["event"] == "checked"]
    assert shown == {one["id"]: one["verdict"] for one in made_checks[-1]["findings"]}
    assert {shown[name] for name in ("DNS-RESOLVERS", "PLAN-APPROVED")} == {"SKIPPED"}
    counts = ", ".join(f"{list(shown.values()).count(verdict)} {verdict}" for verdict in Verdict)
    assert counts in browser.evaluate("document.querySelector('#checks').innerText")
    assert "▶" in browser.evaluate("document.querySelector('#servers').innerText")


def test_nothing_is_lost(archive: Archive, browser: Browser, tmp_path: Path) -> None:
    """Every hash, request id, ARN and waiver of the journal stands in the page, whole."""
    browser.open(made(archive("switched"), tmp_path))
    text = browser.evaluate("document.body.textContent")
    events = events_of(archive("switched"))
    ids = {call["request_id"] for event in events for call in event.get("calls", ())}
    told = json.dumps([{name: event[name] for name in event if name != "shown"} for event in events])
    hashes = set(re.findall(r'"(?:sha256|digest|key_sha256)": "([0-9a-f]{64})"', told))
    value = next(event for event in events if event["event"] == "handed")["value"]
    assert len(ids) >= 5
    assert len(hashes) > 2
    assert {token for token in ids | hashes | {value} if token not in text} == set()
    assert "arn:aws:sts::123456789012:" in text


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_narrow_screen_needs_no_scrolling_sideways(
    archive: Archive, browser: Browser, tmp_path: Path, name: str, language: Language
) -> None:
    browser.open(made(archive(name), tmp_path, language), width=360)
    browser.evaluate(OPENED)
    assert browser.evaluate("document.documentElement.scrollWidth") <= 360
    assert browser.evaluate(CONTRAST) >= 4.5


def test_a_page_in_the_other_language(archive: Archive, browser: Browser, tmp_path: Path) -> None:
    browser.open(made(archive("switched"), tmp_path, "ja"))
    assert browser.evaluate("document.documentElement.lang") == "ja"
    titles = browser.evaluate("[...document.querySelectorAll('main > section > h2')].map(h => h.innerText)")
    assert titles[1].startswith(say("page", "section.checks", "ja"))
    assert [title for title in titles if title.isascii()] == []
    font = "document.fonts.check('16px \"Noto Sans CJK JP\"'), getComputedStyle(document.body).fontFamily"
    assert "Hiragino Sans" in browser.evaluate(font)


def test_the_page_asks_for_nothing_and_may_not(archive: Archive, browser: Browser, tmp_path: Path) -> None:
    path = made(archive("switched"), tmp_path)
    browser.open(path)
    assert [one for one in browser.requested if not one.startswith("data:image/svg+xml;base64,")] == [path.as_uri()]
    links = browser.evaluate(
        "[...document.querySelectorAll('[src],[href]')].map(e => e.getAttribute('src') || e.getAttribute('href'))"
    )
    assert [link for link in links if not link.startswith(("#", "data:image/svg+xml;base64,"))] == []
    with socket.create_server(("127.0.0.1", 0)) as server:
        violated = browser.evaluate(ESCAPE.replace("ADDRESS", f"http://127.0.0.1:{server.getsockname()[1]}/"))
        assert heard(server) == []
    assert violated == ["form-action", "img-src", "script-src-elem", "style-src-elem"]


@pytest.mark.parametrize("name", ["switched", "japanese", "refused"])
def test_it_prints_on_a4_with_the_verdict_on_page_one(
    archive: Archive, browser: Browser, tmp_path: Path, name: str
) -> None:
    browser.open(made(archive(name), tmp_path))
    pdf = browser.pdf(tmp_path / "page.pdf")
    told = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    pages = told.split("\f")
    information = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size:.*\(A4\)", information)
    assert ("REFUSED" if name == "refused" else "SWITCHED") in pages[0].splitlines()[0]
    assert "arn:aws:sts::123456789012:" in pages[0]
    assert int(re.findall(r"Pages:\s+(\d+)", information)[0]) <= 3
    assert "STORE-SEVERAL" not in told  # folded: a reader opens it, and paper leaves it out
    assert ("折りたたまれた項目は印刷されません" if name == "japanese" else "Folded parts are not on paper") in told


@pytest.mark.parametrize("name", ["switched", "refused", "mismatch", "killed"])
def test_a_heading_says_what_its_step_came_to_and_nothing_more(
    archive: Archive, browser: Browser, tmp_path: Path, name: str
) -> None:
    browser.open(made(archive(name), tmp_path))
    found = "[...document.querySelectorAll('h2:has(.result)')].map(h => [h.closest('section').id, h.innerText])"
    told = dict(browser.evaluate(found))
    assert told["write"].split("\n")[-1].removeprefix("Update SES ") == {
        "switched": "✔ written", "refused": "– nothing written", "mismatch": "– nothing written", "killed": "✔ written",
    }[name]  # fmt: skip
    assert ("✔" in told["checks"]) is (name == "switched")
    assert ("✔" in told["proof"]) is (name == "switched" or (name == "killed" and "6 of 6" in told["proof"]))
    assert ("SUCCESS" in told["verify"]) is (name == "switched")


def test_a_dark_screen_is_dark_and_can_be_read(archive: Archive, browser: Browser, tmp_path: Path) -> None:
    path = made(archive("refused"), tmp_path)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser("Emulation.setEmulatedMedia", features=dark)
    try:
        browser.open(path)
        browser.evaluate(OPENED)
        red, *_ = map(int, re.findall(r"\d+", browser.evaluate("getComputedStyle(document.body).backgroundColor")))
        assert red < 64
        assert browser.evaluate(CONTRAST) >= 4.5
    finally:
        browser("Emulation.setEmulatedMedia", features=[])


@pytest.mark.parametrize("name", ["switched", "japanese"])
def test_the_selectors_life_and_its_servers_are_drawn_with_words(
    archive: Archive, browser: Browser, tmp_path: Path, name: str
) -> None:
    browser.open(made(archive(name), tmp_path))
    language: Language = "ja" if name == "japanese" else "en"
    drawn = browser.evaluate("[...document.querySelectorAll('svg')].map(e => [e.ariaLabel, e.textContent])")
    assert len(drawn) == 2
    assert all(label for label, _ in drawn)
    stages = [say("page", f"life.{stage}", language) for stage in ("prepared", "published", "switched", "verified")]
    assert all(stage in text for stage in stages for text in drawn[0])
    assert "127.0.0.1:" in drawn[1][1]
    assert browser.evaluate("document.querySelectorAll('header svg')[0].getBoundingClientRect().bottom") < 900
    assert browser.evaluate("document.querySelectorAll('img:not([alt]), img[alt=\"\"]').length") == 0


def test_a_plan_reads_like_a_difference(archive: Archive, browser: Browser, tmp_path: Path) -> None:
    browser.open(made(archive("switched"), tmp_path))
    rows = browser.evaluate("[...document.querySelectorAll('#plan tr.in, #plan tr.out')].map(r => r.innerText)")
    assert rows == ["− selector\tmail-20260912-1", "+ selector\tmail-20261124-1"]
    marked = browser.evaluate("[...document.querySelectorAll('#comparison > table tr.marked')].map(r => r.innerText)")
    assert [row.split("\t")[:3] for row in marked] == [["▶ selector", "mail-20260912-1", "mail-20261124-1"]]


def test_a_notebook_without_a_journal_shows_nothing_that_nobody_has_searched_for_keys(
    archive: Archive, tmp_path: Path
) -> None:
    notebook = json.loads(archive("unbegun").read_text("utf-8"))
    notebook["metadata"]["papermill"]["parameters"]["reason"] = "PRIVATE-PIECE"
    notebook["cells"][0]["source"] = 'reason = "PRIVATE-PIECE"'
    (tmp_path / "1.ipynb").write_text(json.dumps(notebook), "utf-8")
    html = page(open_record(tmp_path / "1.ipynb"))
    assert "nobody has searched them" in html
    assert "PRIVATE-PIECE" not in html
