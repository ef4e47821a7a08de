"""Notebook output, page and index: escaped, complete, from nowhere else, printable."""

import re
import shutil
import subprocess
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from byodkim.record.record import tell
from byodkim.record.verify import RunReport
from byodkim.show import tables
from byodkim.show.first_screen import headline, placeholder
from byodkim.show.index import Row, index_page
from byodkim.show.notebook import bundle
from byodkim.show.page import page
from byodkim.show.section import visible
from byodkim.show.sections import SECTIONS
from tests.show.worlds import HOSTILE, NEW, OLD, START, WORLDS

ALLOWED = {
    "a",
    "b",
    "code",
    "details",
    "h4",
    "p",
    "pre",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
}


def cells(soup):
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]


def is_inert(soup):
    """Return whether nothing in the document can act or load anything."""
    attributes = {name for tag in soup.find_all(True) for name in tag.attrs}
    acting = {name for name in attributes if name.startswith("on")} | attributes & {"src", "srcset"}
    return not acting and not soup.find_all(
        ["script", "link", "img", "iframe", "object", "form", "base"]
    )


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("step", SECTIONS)
def test_every_step_shows_itself_in_every_world(step, world):
    for show in SECTIONS[step]:
        shown = bundle(show(tell(WORLDS[world])))
        soup = BeautifulSoup(shown["text/html"], "html.parser")
        assert {tag.name for tag in soup.find_all(True)} <= ALLOWED
        assert {name for tag in soup.find_all(True) for name in tag.attrs} <= {"style"}
        assert shown["text/plain"].replace("\n", "").isprintable()
        assert soup.get_text().isprintable()


@pytest.mark.parametrize(("world", "mark"), [("switched", "✔"), ("refused", "✘"), ("killed", "–")])
def test_the_first_screen_begins_with_a_mark(world, mark):
    shown = bundle(headline(tell(WORLDS[world])))
    assert shown["text/plain"].startswith(mark)
    assert bundle(placeholder())["text/plain"].startswith("–")


def test_notebook_tables_are_complete():
    record = tell(WORLDS["switched"])
    soup = BeautifulSoup(bundle(headline(record))["text/html"], "html.parser")
    changed, same = (cells(table) for table in soup.find_all("table")[-2:])
    assert ["selector", OLD, NEW, NEW, "◀"] in changed
    assert "-" * 300 in same[-1]
    assert len(changed) + len(same) == 2 + len(tables.identity_fields(record))


def test_columns_of_plain_text_stand_below_each_other():
    lines = bundle(headline(tell(WORLDS["switched"])))["text/plain"].splitlines()
    head = next(line for line in lines if line.startswith("field"))
    row = next(line for line in lines if line.startswith("selector"))
    assert head.index("after") == row.index(NEW)


@pytest.mark.parametrize("world", WORLDS)
def test_a_page_is_inert_and_shows_hostile_text_as_text(world):
    source = page(tell(WORLDS[world]))
    soup = BeautifulSoup(source, "html.parser")
    assert is_inert(soup)
    assert not re.search(r"https?://|url\(|@import", source)
    assert "script-src" not in source
    assert "default-src 'none'" in soup.select("meta[http-equiv]")[0]["content"]
    assert soup.select("html")[0]["lang"] == "en"
    assert all(row.find(scope="col") for row in soup.select("table.data thead"))
    assert visible(HOSTILE) in soup.get_text()
    assert source.replace("\n", "").isprintable()


def test_a_page_shows_what_was_asked_first():
    soup = BeautifulSoup(page(tell(WORLDS["switched"])), "html.parser")
    assert soup.select("h1 b")[0].get_text() == "SWITCHED"
    facts, changes = soup.find_all("table")[:2]
    assert "2026-12-24" in facts.get_text()
    assert "8.0 s. SES showed the selector verified at 13:09:17 JST (04:09:17 UTC)" in (
        facts.get_text()
    )
    assert cells(changes)[1] == ["selector", OLD, NEW, NEW, "◀"]
    assert changes.find_all("tr")[1]["class"] == ["marked"]
    assert {tag.get_text(strip=True).split()[-1] for tag in soup.select("summary")} >= {
        "calls",
        "settings",
    }


def test_a_refused_page_opens_with_cause_and_effect():
    soup = BeautifulSoup(page(tell(WORLDS["refused"])), "html.parser")
    assert soup.select("h1 b")[0].get_text() == "REFUSED"
    questions = [row[0] for row in cells(soup.find("table"))]
    assert questions[:5] == ["Stopped by", "Expected", "Seen", "Effect", "Do next"]
    marked = [row for row in soup.select("tr.marked") if "✘" in row.get_text()]
    assert len(marked) == 2 * 4  # four servers, in the proof and in the matrix


def test_a_page_holds_every_check_call_and_setting():
    record = tell(WORLDS["switched"])
    text = [cell for row in cells(BeautifulSoup(page(record), "html.parser")) for cell in row]
    assert all(text.count(finding.check) >= 1 for finding in record.findings)
    assert text.count("GetEmailIdentity") == len(record.calls)
    assert all(name in text for name in record.begun.settings)


def rows():
    events = WORLDS["sandbox"]
    hostile = [replace(events[0], operator=HOSTILE), *events[1:]]
    later = [replace(event, at=START + timedelta(hours=1)) for event in hostile]
    return [
        Row(RunReport("CHG-1042", "VERIFIED"), tell(WORLDS["switched"]), "CHG-1042.html"),
        Row(RunReport("forged", "WRONG"), tell(later), 'javascript:alert(1)"'),
        Row(RunReport("killed", "UNSIGNED"), tell(WORLDS["killed"])),
    ]


def test_the_index_lists_the_newest_first():
    source = index_page(rows(), ZoneInfo("Asia/Tokyo"))
    soup = BeautifulSoup(source, "html.parser")
    assert is_inert(soup)
    assert [row[0] for row in cells(soup)] == ["record", "forged", "CHG-1042", "killed"]
    assert [link["href"] for link in soup.find_all("a")] == [
        "javascript%3Aalert%281%29%22",
        "CHG-1042.html",
    ]
    assert "sandbox" in cells(soup)[1][2]
    assert [row["class"] for row in soup.select("tr.marked")] == [["marked"]]
    assert visible(HOSTILE) in soup.get_text()


def test_a_usual_page_prints_on_three_sheets(tmp_path):
    source = tmp_path / "record.html"
    source.write_text(page(tell(WORLDS["switched"])), "utf-8")
    chromium = shutil.which("chromium") or "chromium-browser"
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync "
        f"--user-data-dir={tmp_path / 'user'} --print-to-pdf={tmp_path / 'record.pdf'}"
    ).split()
    subprocess.run(
        [chromium, *options, source.as_uri()], check=True, capture_output=True, timeout=60
    )
    shown = subprocess.run(
        ["pdfinfo", tmp_path / "record.pdf"], check=True, capture_output=True, text=True
    ).stdout
    assert int(re.findall(r"Pages:\s+(\d+)", shown)[0]) <= 3
    assert "A4" in shown
