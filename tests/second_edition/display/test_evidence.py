"""How the evidence stands: file and copy agree, differ, are altered, cut, or missing; each has its own words."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from second_edition.display.page import page
from second_edition.evidence.archived import RecordError, judged, open_record
from second_edition.evidence.seal import seal_path
from second_edition.launch.record import tell
from second_edition.messages import LANGUAGES, say
from tests.second_edition.display.archive import Archive, change, events_of, journal_of, rewrite

COPY = "application/vnd.byodkim.journal+json"
Tamper = Callable[[Path], object]


def drop_copy(notebook: Path) -> None:
    change(notebook, lambda data: data.pop(COPY))


def alter_copy(notebook: Path) -> None:
    change(notebook, lambda data: data[COPY][3].update(at="2026-11-24T00:00:00.000+00:00"))


def alter_file(notebook: Path) -> None:
    journal = journal_of(notebook)
    journal.write_text(journal.read_text().replace("SUCCESS", "FAILED", 1))


def cut_file(notebook: Path) -> None:
    drop_copy(notebook)
    journal = journal_of(notebook)
    journal.write_bytes(journal.read_bytes()[:-40])


def rewrite_file(notebook: Path) -> None:
    events = events_of(notebook)
    events[2]["at"] = "2026-11-24T00:00:00.000+00:00"
    rewrite(notebook, events, copy=False)


def remove_file(notebook: Path) -> None:
    journal_of(notebook).unlink()


def alter_both(notebook: Path) -> None:
    alter_copy(notebook)
    alter_file(notebook)


def alter_copy_alone(notebook: Path) -> None:
    alter_copy(notebook)
    remove_file(notebook)


def remove_both(notebook: Path) -> None:
    drop_copy(notebook)
    remove_file(notebook)


def clear_outputs(notebook: Path) -> None:
    content = json.loads(notebook.read_text())
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    notebook.write_text(json.dumps(content))
    remove_file(notebook)


def take_back(notebook: Path) -> None:
    """What a run leaves that finds a piece of a key in its own journal."""
    remove_both(notebook)
    content = json.loads(notebook.read_text())
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    text = "A piece of a private key stands in what was to be written."
    code[-1]["outputs"] = [{"output_type": "error", "ename": "LeakStopped", "evalue": text, "traceback": []}]
    notebook.write_text(json.dumps(content))


def text_of(markup: str) -> str:
    """The words of a piece of a page's body."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup.partition("<body>")[2] or markup)).strip()


@pytest.mark.parametrize(
    ("tamper", "key", "sound", "outcome"),
    [
        (lambda _: None, "whole", True, "✔ SWITCHED"),
        (drop_copy, "off", False, "✔ SWITCHED"),
        (cut_file, "off", False, "✘ NOT FINISHED"),
        (remove_file, "off", False, "✔ SWITCHED"),
        (alter_copy, "off", False, "✔ SWITCHED"),
        (rewrite_file, "off", False, "✔ SWITCHED"),
        (alter_file, "broken", False, "✔ SWITCHED"),
        (alter_both, "broken", False, "✘ NO EVIDENCE"),
        (alter_copy_alone, "lost", False, "✘ NO EVIDENCE"),
        (remove_both, "lost", False, "✘ NO EVIDENCE"),
        (clear_outputs, "lost", False, "✘ NO EVIDENCE"),
        (take_back, "taken-back", False, "✘ REFUSED The run stopped itself over a piece of a key"),
    ],
)
def test_the_evidence_is_looked_at(
    archive: Archive, tmp_path: Path, tamper: Tamper, key: str, sound: bool, outcome: str
) -> None:
    notebook = archive.copy("switched", tmp_path)
    tamper(notebook)
    archived = judged(open_record(notebook), "en")
    assert (archived.evidence.key, archived.evidence.sound) == (key, sound)
    told_page = page(archived)
    sentence = archived.evidence.explain("en")
    first, last = (text_of(part) for part in told_page.split('<section id="evidence">'))
    assert sentence in last
    # Where something is wrong, those are the first words of the page too.
    assert first.startswith(f"CAUTION {sentence}") is not sound
    assert outcome in first[:600]


def test_a_run_killed_as_it_began_is_told_from_its_journal(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("killed", tmp_path)
    content = json.loads(notebook.read_text())
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    notebook.write_text(json.dumps(content))
    archived = open_record(notebook)
    assert archived.evidence.key in ("whole", "torn")


def test_a_journal_elsewhere_is_not_followed(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("killed", tmp_path)
    journal = journal_of(notebook)
    moved = tmp_path / journal.name
    journal.rename(moved)
    notebook.write_text(notebook.read_text().replace(journal.name, f"../{journal.name}"))
    assert open_record(notebook).evidence.key == "lost"


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.ipynb"
    code = '{"cells": [{"cell_type": "code", "source": ["print(1)"], "outputs": []}]}'
    for content in ("", "{}", "[]", '{"cells": 1}', code):
        other.write_text(content)
        with pytest.raises(RecordError, match="is not the record of a byodkim run"):
            open_record(other)


def test_a_closed_run_without_its_signature_is_cautioned_of(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    seal = seal_path(journal_of(notebook))
    said = {language: say("page", "evidence.unsealed", language, file=seal.name) for language in LANGUAGES}
    assert said["en"].split(" (")[0] not in page(open_record(notebook))
    assert said["en"] not in tell(open_record(notebook), tmp_path / "sealed.html")
    seal.unlink()
    for language, caution in said.items():
        above = page(open_record(notebook), language).split('class="caution"', 1)[1].split("<h2", 1)[0]
        assert re.split(r"[ （]*[(（]", caution)[0] in above
        assert tell(open_record(notebook), tmp_path / f"{language}.html", language)[0] == caution


def test_the_head_is_that_of_the_file(archive: Archive) -> None:
    """By another program: SHA-256 of the journal's last line."""
    notebook = archive("switched")
    asked = f"tail -n 1 '{journal_of(notebook)}' | openssl dgst -sha256 -r"
    head = subprocess.run(asked, shell=True, capture_output=True, text=True, check=True).stdout.split()[0]
    archived = open_record(notebook)
    assert archived.evidence.head == head
    told = page(archived).partition('<section id="evidence">')[2]
    assert head in told
    assert f">{len(events_of(notebook))}<" in told


def test_an_earlier_run_of_the_same_name_is_not_taken_for_this_one(archive: Archive, tmp_path: Path) -> None:
    notebook, earlier = archive.copy("unbegun", tmp_path), journal_of(archive("switched"))
    (notebook.parent / earlier.name.replace("switched", "unbegun")).write_bytes(earlier.read_bytes())
    content = json.loads(notebook.read_text("utf-8"))
    content["metadata"]["papermill"]["start_time"] = datetime.now(UTC).isoformat()  # whichever was made first
    notebook.write_text(json.dumps(content), "utf-8")
    assert open_record(notebook).record is None
