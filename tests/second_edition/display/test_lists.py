"""Lists of an archive of many runs, in a real browser: pages that need no script, and a search over all of them."""

from __future__ import annotations

import dataclasses
import json
import re
import tarfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from second_edition.display.history import campaign, named, words_for
from second_edition.display.lists import CHOICES, ROWS, lists
from second_edition.display.site import Site
from second_edition.evidence.archive import Listed, Standing, runs
from tests.second_edition.display.browser import Browser
from tests.second_edition.display.test_site import OTHER
from tests.second_edition.display.test_site import ROWS as SHOWN
from tests.second_edition.evidence.pasts import START, Told, write_all
from tests.second_edition.golden.__main__ import ARCHIVE
from tests.second_edition.rotation.world import NEXT

COUNT = 1200
LIKE = (
    Told(0, outcome="REFUSED", served=False, requested=True),
    Told(14, approved=("tanaka",)),
    Told(15, arn=OTHER, verified_s=None, outcome="SWITCHED-PENDING", waived=("DNS-PUBLISHED",)),
)
CELLS = "[...document.querySelectorAll('#list tbody tr')].map(row => row.outerHTML)"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Runs of as many identities, newest first; three real journals tell what they tell."""
    folder = tmp_path_factory.mktemp("like")
    write_all(folder, LIKE)
    like = runs(folder)
    told = [_told(like[number % len(like)], number) for number in range(COUNT)]
    return Site(tuple(told[::-1]), words_for(told, "en"), datetime(2027, 3, 1, tzinfo=UTC), "many")


def _told(like: Listed, number: int) -> Listed:
    at = START + timedelta(hours=number)
    standing = Standing("off", False, ("x",)) if number == 7 else like.standing
    return replace(
        like, run=f"{at:%Y%m%dT%H%M%SZ}-{number:04x}", at=at.isoformat(), domain=f"d{number:04}.example.jp",
        next_selector=f"mail-20261124-{number}", standing=standing,
    )  # fmt: skip


@pytest.fixture(scope="module")
def written(many: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name, html in lists(many):
        (folder / name).write_text(html, "utf-8")
    return folder


def index_of(found: Sequence[Listed]) -> str:
    """Return the first list's page of these runs."""
    return dict(lists(Site(tuple(found), words_for(found, "en"), datetime(2027, 3, 1, tzinfo=UTC), "x")))["index.html"]


def hrefs(browser: Browser) -> list[str]:
    found: list[str] = browser.evaluate(
        "[...document.querySelectorAll('#list tbody a')].map(a => a.getAttribute('href'))"
    )
    return found


def search(browser: Browser, text: str) -> None:
    """Types into the search what replaces all that is there."""
    browser.evaluate("document.querySelector('[name=search]').focus(), document.activeElement.select()")
    browser("Input.insertText", text=text)
    browser.settle()


def at(browser: Browser, path: Path, place: str) -> None:
    """Opens a page anew: from itself, another place in it would be no load."""
    browser.open(path.with_name("list-00001.html"))
    browser.open(path, place=place)


def press(browser: Browser, key: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        more = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
        browser("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)
    browser.settle()


def test_every_run_and_every_identity_is_in_one_page_that_needs_no_script(
    many: Site, written: Path, browser: Browser
) -> None:
    pages: dict[str, list[str]] = {}
    for path in sorted(written.iterdir()):
        browser.open(path, scripts=False)
        pages[path.name] = hrefs(browser)
        assert (
            browser.evaluate("[...document.querySelectorAll('form, button')].filter(e => e.offsetParent).length") == 0
        )
        links = re.findall(r'href="((?:index|list|identities)[^"]*)"', path.read_text("utf-8"))
        assert links
        assert [link for link in links if not (written / link).is_file()] == []
    sizes = {name: len(found) for name, found in pages.items()}
    assert sizes == {
        "index.html": COUNT - ROWS, "list-00001.html": ROWS,
        "identities.html": ROWS, "identities-2.html": ROWS, "identities-3.html": COUNT - 2 * ROWS,
    }  # fmt: skip
    assert pages["index.html"] + pages["list-00001.html"] == [many.page_of(one) for one in many.runs]
    told = [link for name in ("identities.html", "identities-2.html", "identities-3.html") for link in pages[name]]
    assert told == [f"identity-{domain}.html" for domain in sorted(many.identities)]


def test_a_search_finds_a_run_of_any_page(many: Site, written: Path, browser: Browser) -> None:
    browser.open(written / "index.html")
    assert hrefs(browser) == [many.page_of(one) for one in many.runs[: COUNT - ROWS]]
    assert browser.evaluate("document.querySelector('#shown').innerText") == (
        f"Found: {COUNT} of {COUNT}; the first {COUNT - ROWS} are shown."
    )
    search(browser, "D0003.EXAMPLE MAIL-20261124-3")
    assert hrefs(browser) == [many.page_of(many.runs[-4])]
    assert browser.evaluate("document.querySelector('#shown').innerText") == f"Shown: 1 of {COUNT}."
    assert browser.evaluate("location.hash") == "#search=D0003.EXAMPLE+MAIL-20261124-3"
    browser.requested.clear()
    press(browser, "Enter", 13)
    assert browser.requested == []
    assert hrefs(browser) == [many.page_of(many.runs[-4])]
    at(browser, written / "identities.html", "#search=d1199")
    assert hrefs(browser) == ["identity-d1199.example.jp.html"]


def test_more_than_a_page_is_shown_by_keyboard(many: Site, written: Path, browser: Browser) -> None:
    at(browser, written / "index.html", "#kind=aws")
    expected = [many.page_of(one) for one in many.runs]
    assert hrefs(browser) == expected[: COUNT - ROWS]
    browser.evaluate("document.querySelector('#more').focus()")
    press(browser, "Enter", 13)
    assert hrefs(browser) == expected
    assert browser.evaluate("document.activeElement.getAttribute('href')") == expected[COUNT - ROWS]
    assert browser.evaluate("document.querySelector('#more').offsetParent") is None
    assert browser.evaluate("document.querySelector('#shown').innerText") == f"Shown: {COUNT} of {COUNT}."


def test_a_filter_is_over_all_and_offers_no_endless_choice(written: Path, browser: Browser) -> None:
    browser.open(written / "index.html")
    offered: Mapping[str, int] = browser.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#filters select')].map(s => [s.name, s.options.length]))"
    )
    assert set(offered) == {"outcome", "operator", "year", "waived", "kind"}
    assert max(offered.values()) <= CHOICES
    field = "document.querySelector('#filters [name=outcome]')"
    browser.evaluate(f"{field}.value = 'SWITCHED-PENDING', {field}.dispatchEvent(new Event('change'))")
    rows: list[list[Any]] = browser.evaluate(f"{SHOWN}.map(r => [...r.children].map(c => c.innerText))")
    assert len(rows) == COUNT // 3
    assert {row[4] for row in rows} == {"… SWITCHED-PENDING"}
    search(browser, "d0000")
    assert browser.evaluate(f"{SHOWN}.length") <= 1


def test_lists_fit_a_narrow_screen(written: Path, browser: Browser) -> None:
    for path in written.iterdir():
        browser.open(path, width=360)
        assert browser.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_values_cannot_end_the_element_that_holds_them(many: Site, browser: Browser, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=alert(1)>\"'\u202e"
    odd = dataclasses.replace(many, runs=(replace(many.runs[0], domain=hostile, operator=hostile), *many.runs[1:]))
    (tmp_path / "index.html").write_text(dict(lists(odd))["index.html"], "utf-8")
    browser.open(tmp_path / "index.html")
    before = browser.evaluate(CELLS)
    search(browser, "img")
    assert browser.evaluate(CELLS) == before[:1]
    assert "\u202e" not in json.dumps(before, ensure_ascii=False)
    assert browser.evaluate("document.querySelectorAll('img[src=x]').length") == 0


def test_an_identity_that_ses_has_yet_to_verify_is_not_said_to_sign(tmp_path: Path) -> None:
    write_all(tmp_path, (Told(14, verified_s=None, outcome="SWITCHED-PENDING"),))
    index = index_of([replace(one, procedure="retire") for one in runs(tmp_path)])
    assert "which SES showed last as PENDING" in index
    assert "SWITCHED-PENDING (retire)" in index


def test_an_identity_that_ses_has_verified_signs(tmp_path: Path) -> None:
    write_all(tmp_path, (Told(14),))
    assert "which SES showed last" not in index_of(runs(tmp_path))


def test_an_identity_whose_message_is_not_signed_is_not_said_to_sign(tmp_path: Path) -> None:
    """The run FAILED: SES says that it signs, and a real message shows otherwise."""
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, [one for one in file if one.name.startswith("archive/failed")], filter="data")
    index = index_of(runs(tmp_path))
    (row,) = re.findall(r"<tr.*?</tr>", index.partition('id="list"')[0].partition("<tbody>")[2], re.DOTALL)
    cells = [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row)]
    assert cells[1:3] == ["mail-20261124-1, which is not proved to sign", "-"]


def test_a_campaign_is_named_by_its_table_and_the_time_of_its_plan() -> None:
    run = Listed("r", Standing("chain", True), procedure="fleet", target="aws", planned="20261124T041253Z-464ef536")
    words = words_for([], "en")
    assert named(replace(run, table="table.csv"), words) == "campaign table.csv, planned 2026-11-24 04:12"
    assert (
        campaign(replace(run, target="sandbox"), words)
        == "campaign of the sandbox's own identities, planned 2026-11-24 04:12"
    )
    refused = replace(run, target="aws", planned="", run="20261124T041200Z-7f3a")
    assert named(replace(refused, table="t.csv"), words) == "campaign t.csv, 2026-11-24 04:12, without a plan"
    assert named(refused, words) == "campaign without a table, 2026-11-24 04:12"
    assert named(replace(run, table="t.csv", planned="x"), words) == "campaign t.csv, planned x"


def test_an_identity_has_a_row_for_each_account_and_region(tmp_path: Path) -> None:
    write_all(tmp_path, (Told(0), Told(14)))
    one, other = runs(tmp_path)
    places = ("123456789012 ap-northeast-1", "123456789012 us-east-1")
    apart = tuple(replace(run, world=place) for run, place in zip((one, other), places, strict=True))
    rows = re.findall(r"<a href=\"identity-[^>]*>([^<]*)</a>", index_of(apart))
    assert rows == [f"example.jp ({place})" for place in places]


def test_an_identity_signs_since_ses_has_verified_it(tmp_path: Path) -> None:
    pending, verified = (
        Told(0, verified_s=None, outcome="SWITCHED-PENDING"),
        Told(3, before=NEXT, status="SUCCESS", outcome="UNCHANGED", writes=False),
    )
    write_all(tmp_path, (pending, verified))
    found = index_of(runs(tmp_path))
    (row,) = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*identity-example(?:(?!</tr>).)*</tr>", found, re.DOTALL)
    assert (f"{verified.at:%Y-%m-%d}" in row, f"{pending.at:%Y-%m-%d}" in row) == (True, False)
