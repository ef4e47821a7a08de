"""The archive's site, looked at in a real browser: lists, filters, histories, differences, on screens and on paper."""

from __future__ import annotations

import copy
import json
import random
import re
import tarfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from second_edition.display.history import moved, words_for
from second_edition.display.lists import lists
from second_edition.display.site import Site, identity_html, run_page
from second_edition.evidence.archive import runs
from second_edition.launch.command_line import main
from second_edition.messages import Language
from tests.second_edition.display.archive import Archive, journal_of
from tests.second_edition.display.browser import Browser
from tests.second_edition.each import each
from tests.second_edition.evidence.pasts import SATO, Told, write, write_all
from tests.second_edition.golden.__main__ import ARCHIVE
from tests.second_edition.rotation.world import CURRENT, NEXT
from tests.second_edition.verification.made import write as rewritten

OTHER = "arn:aws:sts::123456789012:assumed-role/mail-ops/suzuki"
PAST = (
    Told(0, outcome="REFUSED", served=False, requested=True),
    Told(13, outcome="PLANNED", writes=False),
    Told(14, approved=("tanaka",)),
    Told(
        60,
        asked=CURRENT,
        before=NEXT,
        arn=OTHER,
        verified_s=None,
        outcome="SWITCHED-PENDING",
        waived=("DNS-PUBLISHED",),
    ),
    Told(63, asked=CURRENT, before=CURRENT, status="SUCCESS", outcome="UNCHANGED", writes=False),
    Told(90, before=CURRENT, domain="other.example.jp", language="ja"),
)
ROWS = "[...document.querySelectorAll('#list tbody tr')].filter(r => r.offsetParent !== null)"
REAL = ("switched", "japanese", "refused", "pending", "unbegun", "killed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a past that was made up, in English."""
    folder = tmp_path_factory.mktemp("past")
    write_all(folder, PAST)
    assert main(["site", str(folder), "--language", "en"]) == 0
    return folder / "site"


@pytest.fixture(scope="module")
def real(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Path]:
    """The sites of real runs."""
    folder = tmp_path_factory.mktemp("real")
    for name in REAL:
        archive.copy(name, folder)
    told: dict[Language, Path] = {"en": folder / "en", "ja": folder / "ja"}
    for language, path in told.items():
        assert main(["site", str(folder), "-o", str(path), "--language", language]) == 0
    return told


def pages(site: Path) -> list[Path]:
    return sorted(site.glob("*.html"))


def choose(browser: Browser, name: str, value: str) -> Any:
    """Return what a reader's choice in a filter leaves in the list: the cells of each row."""
    field = f"document.querySelector('#filters [name={name}]')"
    browser.evaluate(f"{field}.value = {json.dumps(value)}, {field}.dispatchEvent(new Event('change'))")
    return browser.evaluate(f"{ROWS}.map(r => [...r.children].map(c => c.innerText))")


def test_the_list_says_of_every_run_what_a_reviewer_asks(site: Path, browser: Browser) -> None:
    browser.open(site / "index.html")
    rows = browser.evaluate(f"{ROWS}.map(r => [...r.children].map(c => c.innerText))")
    assert len(rows) == len(PAST)
    assert rows[3] == [
        "2026-11-24 11:00", "example.jp", CURRENT, NEXT, "✔ SWITCHED", "mail-ops/sato", "tanaka", "-", "verified",
    ]  # fmt: skip
    assert rows[2][4:8] == ["… SWITCHED-PENDING", "mail-ops/suzuki", "-", "DNS-PUBLISHED"]
    assert browser.evaluate("document.querySelector('#list abbr').title") == SATO
    assert "when (JST)" in browser.evaluate("document.querySelector('#list thead').innerText")
    identities = browser.evaluate("[...document.querySelectorAll('#identities tbody tr')].map(r => r.innerText)")
    assert [row.split("\t")[:2] for row in identities] == [["example.jp", CURRENT], ["other.example.jp", NEXT]]


@each(
    ("name", "value", "left"),
    [
        ("identity", "other.example.jp", 1), ("outcome", "SWITCHED", 2), ("operator", OTHER, 1), ("year", "2026", 3),
        ("year", "2027", 3), ("waived", "yes", 1), ("waived", "no", 5), ("kind", "aws", 6),
    ],
)  # fmt: skip
def test_a_filter_leaves_what_was_chosen(site: Path, browser: Browser, name: str, value: str, left: int) -> None:
    browser.open(site / "index.html")
    assert len(choose(browser, name, value)) == left
    assert browser.evaluate("document.querySelector('#shown').innerText") == f"Shown: {left} of 6."
    assert len(choose(browser, name, "")) == 6


def test_everything_can_be_reached_and_chosen_by_keyboard(site: Path, browser: Browser) -> None:
    browser.open(site / "index.html")
    seen = []
    for _ in range(12):
        browser("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        browser("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.append(browser.evaluate("document.activeElement.name || document.activeElement.innerText"))
        assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if seen[-1] == "waived":
            browser(
                "Input.dispatchKeyEvent", type="keyDown", key="ArrowDown", code="ArrowDown", windowsVirtualKeyCode=40
            )
            browser("Input.dispatchKeyEvent", type="keyUp", key="ArrowDown", code="ArrowDown", windowsVirtualKeyCode=40)
            browser.settle()
    assert seen[:3] == ["example.jp", "other.example.jp", "search"]
    assert seen[3:9] == ["identity", "outcome", "operator", "year", "waived", "kind"]
    assert seen[9].startswith("2027-02-08")
    assert browser.evaluate("document.querySelector('#filters [name=waived]').value") != ""
    assert browser.evaluate(f"{ROWS}.length") < 6


def test_an_identitys_history_is_a_picture_and_the_same_in_tables(site: Path, browser: Browser) -> None:
    browser.open(site / "identity-example.jp.html")
    lives = browser.evaluate("[...document.querySelectorAll('svg.life')].map(e => e.getAttribute('aria-label'))")
    assert [life.split(":")[0] for life in lives] == [f"Life of {CURRENT}", f"Life of {NEXT}"]
    for stage in ("request made 2026-11-10", "seen published 2026-11-23", "switched 2026-11-24", "left 2027-01-09"):
        assert stage in lives[1]
    svg = browser.evaluate("document.querySelector('svg.lifeline').outerHTML")
    names = [text.text for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert names[-2:] == [CURRENT, NEXT]
    assert browser.evaluate("document.querySelector('svg').getAttribute('role')") == "img"
    assert "example.jp" in browser.evaluate("document.querySelector('svg').getAttribute('aria-label')")
    assert browser.evaluate("document.querySelectorAll('svg.lifeline title').length") == 5
    text = browser.evaluate("document.querySelector('#history-0').innerText")
    assert re.search(rf"{NEXT}\t2026-11-24 11:00:15 JST\t2027-01-09 11:00:15 JST\ta run's switch", text)
    assert re.search(rf"{Told(14).run}\t{CURRENT}\t{NEXT}\t.*\t38 s", text)
    assert re.search(rf"{Told(60).run}\t{NEXT}\t{CURRENT}\t.*\t3\.0 d", text)
    assert re.search(rf"{NEXT}\t2026-11-10 .*\t2026-11-10 .*\t2026-11-23 .*\t13\.0 d", text)
    assert re.search(rf"{NEXT}\t2026-11-01 09:00:00 JST\t\d+ d\t[0-9a-f]{{64}}", text)


def test_a_runs_page_is_its_record_with_its_neighbours_and_what_is_different(site: Path, browser: Browser) -> None:
    browser.open(site / f"run-{PAST[2].run}.html")
    links = browser.evaluate("[...document.querySelectorAll('nav.archive a')].map(a => a.getAttribute('href'))")
    assert links == [
        "index.html", "identity-example.jp.html", f"run-{PAST[1].run}.html", f"run-{PAST[3].run}.html",
    ]  # fmt: skip
    told = browser.evaluate("document.querySelector('#difference').innerText")
    assert "outcome\tPLANNED\tSWITCHED" in told
    browser.open(site / f"run-{PAST[0].run}.html")
    assert "This is the first run" in browser.evaluate("document.querySelector('#difference').innerText")


def test_a_rehearsal_is_never_taken_for_a_change(tmp_path: Path, browser: Browser) -> None:
    at = "http://127.0.0.1:4599"
    reset = [Told(day, target="sandbox", endpoint=at, sandbox=own) for day, own in ((1, "5f2a"), (2, "7f3a"))]
    write_all(tmp_path, [Told(0), *reset])
    assert main(["site", str(tmp_path), "--language", "en"]) == 0
    browser.open(tmp_path / "site/index.html")
    rows = browser.evaluate(f"{ROWS}.map(r => r.children[1].innerText)")
    rehearsals = [f"example.jp (rehearsal {at} {own})" for own in ("7f3a", "5f2a")]
    assert rows == [*rehearsals, "example.jp"]
    ((_, identity, *_),) = choose(browser, "kind", "aws")
    assert identity == "example.jp"
    listed = browser.evaluate(
        "[...document.querySelectorAll('#identities tbody tr')].map(r => r.innerText.split('\\t'))"
    )
    assert [(row[0], row[-1]) for row in listed] == [(name, "1") for name in ("example.jp", *rehearsals)]
    assert [row[4] for row in listed] == ["2026-11-10 11:00", "2026-11-12 11:00", "2026-11-11 11:00"]
    browser.open(tmp_path / "site/identity-example.jp.html")
    titles = browser.evaluate("[...document.querySelectorAll('h2')].map(h => h.innerText)")
    assert titles[:2] == ["In AWS: 123456789012 ap-northeast-1", f"Rehearsal in a sandbox: {at} 7f3a"]


@each("language", ["en", "ja"])
def test_every_link_leads_to_a_page_and_every_run_has_one(real: dict[Language, Path], language: Language) -> None:
    found = pages(real[language])
    assert len([path for path in found if path.name.startswith("run-")]) == len(REAL)
    for path in found:
        links = re.findall(r'href="([^"#]+)"', path.read_text("utf-8"))
        assert [link for link in links if not (path.parent / link).is_file()] == []
    assert "Traceback" not in "".join(path.read_text("utf-8") for path in found)


def test_pages_ask_for_nothing_and_run_no_script_but_their_own(site: Path, browser: Browser) -> None:
    for path in pages(site):
        browser.open(path)
        assert [one for one in browser.requested if not one.startswith("data:")] == [path.as_uri()]
        text = path.read_text("utf-8")
        assert "unsafe" not in text
        assert (" script-src 'sha256-" in text) is not path.name.startswith("run-")
        planted = (
            "new Promise(done => {"
            "document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));"
            "const s = document.createElement('script'); s.text = 'window.planted = 1'; document.body.append(s);})"
        )
        assert browser.evaluate(planted) in ("script-src-elem", "script-src")
        assert browser.evaluate("window.planted === undefined")


def test_a_damaged_run_is_marked_and_said_at_the_top(archive: Archive, browser: Browser, tmp_path: Path) -> None:
    journal = journal_of(archive.copy("switched", tmp_path))
    journal.write_text(journal.read_text().replace("SUCCESS", "FAILED", 1))
    write(tmp_path, Told(0))
    assert main(["site", str(tmp_path), "--language", "en"]) == 0
    browser.open(tmp_path / "site/index.html")
    assert "does not verify: 1" in browser.evaluate("document.querySelector('.caution').innerText")
    marked = browser.evaluate("[...document.querySelectorAll('#list tr.marked')].map(r => r.innerText)")
    assert len(marked) == 1
    assert marked[0].startswith("▶")
    assert marked[0].endswith("does not verify")
    browser.open(
        tmp_path / "site" / browser.evaluate("document.querySelector('#list tr.marked a').getAttribute('href')")
    )
    assert "CAUTION" in browser.evaluate("document.querySelector('header').innerText")


def test_what_a_journal_holds_cannot_become_markup_or_leave_the_folder(browser: Browser, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=alert(1)>\"'"
    (tmp_path / "runs").mkdir()
    for day in (0, 1):
        write(tmp_path / "runs", Told(day, domain=f"../{hostile}", arn=hostile, waived=("STORE-VERSION",)), name="x")
    assert main(["site", str(tmp_path / "runs"), "-o", str(tmp_path / "a/b")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "runs"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    for path in pages(tmp_path / "a/b"):
        browser.open(path)
        assert browser.evaluate("document.querySelectorAll('img[src=x]').length") == 0
        assert hostile in browser.evaluate("document.body.textContent")
    assert browser.evaluate("document.querySelector('title').text") != ""


ODD: tuple[Any, ...] = (None, "x", [], {}, 5, "2026-11-24T02:00:11")


INSTEAD: list[tuple[dict[str, Any] | None, str]] = [
    ({"signing_enabled": False}, "none (DKIM signing is off)"),
    ({"selectors": ("a", "b", "c"), "signing_origin": "AWS_SES"}, "none of yours (Easy DKIM)"),
    (None, "none (SES has no such identity)"),
]


@each(("shows", "said"), INSTEAD)
def test_a_selector_that_ses_does_not_sign_with_is_not_said_to_sign(
    shows: dict[str, Any] | None, said: str, tmp_path: Path
) -> None:
    (folder := tmp_path / said).mkdir()
    write_all(folder, [Told(0), Told(9, asked=CURRENT, before=NEXT, writes=False, outcome="REFUSED", shows=shows)])
    found = runs(folder)
    site = Site(found, words_for(found, "en"), datetime.now(UTC), "past")
    assert said in dict(lists(site))["index.html"]
    page = re.sub(r"<[^>]+>|\s+", " ", identity_html(site, "example.jp"))
    assert re.search(rf"{NEXT} .* some time after 2026-11-10 .* {re.escape(said)} .* still so when last seen", page)


def places(value: Any, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where in a run's events something stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    yield from ([before] if len(before) > 1 else [])
    for key, part in inner:
        yield from places(part, (*before, key))


@pytest.mark.parametrize("seed", range(4))
def test_events_of_any_kind_are_shown_or_said_to_be_foreign(tmp_path: Path, seed: int) -> None:
    """Well chained and sealed, but with something odd in one place: no run may keep the others from being shown."""
    write(tmp_path, PAST[0])
    journal = write(tmp_path, Told(14, approved=("tanaka",)))
    good = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    for place in random.Random(seed).sample(list(places(good)), 12):
        events = copy.deepcopy(good)
        where: Any = events
        for key in place[:-1]:
            where = where[key]
        where[place[-1]] = ODD[(seed + len(place)) % len(ODD)]
        rewritten(journal, events)
        found = runs(tmp_path)
        site = Site(found, words_for(found, "en"), datetime.now(UTC), "past")
        shown = [*(html for _, html in lists(site)), *(run_page(site, one) for one in found)]
        shown += [identity_html(site, domain) for domain in site.identities]
        assert len(found) == 2, place
        assert all(html.startswith("<!doctype html>") for html in shown)


def test_a_run_that_went_back_by_itself_led_to_what_ses_showed_last(tmp_path: Path) -> None:
    write_all(tmp_path, [Told(verified_s=None, rolled=True, outcome="ROLLED-BACK")])
    (one,) = runs(tmp_path)
    assert moved(one) == (NEXT, CURRENT)


def test_a_filter_names_campaigns_which_have_no_identity(tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, [one for one in file if one.name.startswith("archive/campaign")], filter="data")
    assert main(["site", str(tmp_path / "archive"), "-o", str(tmp_path / "site"), "--language", "en"]) == 0
    page = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert '<option value="fleet">Campaigns</option>' in page
    assert ">not known</option>" not in page
