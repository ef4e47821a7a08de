"""``byodkim request``: from a record alone, the request that the run wrote."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from second_edition.evidence.archived import Archived, Evidence, RecordError
from second_edition.evidence.journal import read
from second_edition.evidence.request import supported
from second_edition.evidence.sealing_key import default_path, local, own, public_path
from second_edition.launch.command_line import main
from tests.second_edition.display.archive import Archive, events_of, journal_of
from tests.second_edition.golden.__main__ import ARCHIVE

NOTICE = "REHEARSAL: do not publish. This comes from a rehearsal, with keys that are thrown away."
PREPARE = "byodkim prepare -r selector .* -r endpoint_url http://127.0.0.1:.* -p mode apply"
NAME = "mail-20261124-1._domainkey.example.jp"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def value_of(notebook: Path) -> str:
    return str(next(event for event in events_of(notebook) if event["event"] == "handed")["value"])


def test_the_request_is_the_one_that_the_run_wrote(
    archive: Archive, tmp_path: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = archive.copy("refused", tmp_path)
    (written,) = notebook.parent.glob("*.dns-request.csv")
    beside = notebook.with_name("refused.dns-request.csv")
    assert main(["request", str(notebook)]) == 0
    assert capsys.readouterr().out == f"DNS request: {beside} (TXT record at {NAME}).\n{NOTICE}\n"
    assert beside.read_bytes() == written.read_bytes()
    for ending, left in (("zone", 0), ("txt", 0), ("csv", 0), ("tsv", 2)):
        again = tmp_path / f"again.{ending}"
        assert main(["request", str(notebook), "-o", str(again)]) == left
        if left:
            assert not again.exists()
        else:
            assert again.read_bytes() == written.with_suffix(again.suffix).read_bytes()
    assert main(["request", str(notebook), "-o", str(tmp_path / "again.json")]) == 0
    assert json.loads((tmp_path / "again.json").read_text())["name"] == NAME
    assert main(["request", str(notebook), "-o", str(tmp_path / "again.yaml")]) == 0
    assert NAME.split(".example")[0] in (tmp_path / "again.yaml").read_text()
    # The run was told which servers to ask: their SOA names the zone.
    assert "did not see the zone" not in (tmp_path / "again.yaml").read_text()
    assert "where the console adds .example.jp by itself" in written.with_suffix(".txt").read_text()
    assert list(here.iterdir()) == []


def test_what_stands_beside_a_record_is_no_part_of_it(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    before = main(["verify", str(notebook.parent)])
    assert main(["request", str(notebook)]) == 0
    assert main(["verify", str(notebook.parent)]) == before


@pytest.mark.parametrize(("language", "columns"), [("en", ["Name", "Type", "Value"]), ("ja", ["名前", "タイプ", "値"])])
def test_the_columns_are_in_the_language_asked_for(
    archive: Archive, tmp_path: Path, language: str, columns: list[str]
) -> None:
    path = tmp_path / "sheet.csv"
    assert main(["request", str(archive("switched")), "--language", language, "-o", str(path)]) == 0
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert rows[0][0].startswith("REHEARSAL: do not publish")
    assert rows[1:] == [[*columns, "TTL"], [NAME, "TXT", value_of(archive("switched")), "3600"]]


def test_a_record_that_no_trusted_key_signed_is_taken_at_its_word_by_nobody(
    archive: Archive, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record, killed = str(archive("switched")), str(archive("killed"))
    (here / "sheet.csv").write_text("")
    commands = ["request"], ["lint", "sheet.csv", "--record"], ["reply"]
    listed = public_path(default_path(os.environ))
    for state, path, why in ((None, killed, "no signature"), ("other", record, "not among those that count here")):
        if state:
            monkeypatch.setenv("XDG_STATE_HOME", str(here / state))
        for command in commands:
            assert main([*command, path]) == 2
            (said,) = capsys.readouterr().err.splitlines()
            assert why in said
            assert "Nothing was written; mail is signed and verified as before." in said
    (here / "byodkim.toml").write_text(f'[other]\nsealing_keys = ["{listed.resolve()}"]\n')
    assert main(["request", record, "-o", "request.csv"]) == 0


def test_a_seal_that_claims_a_trusted_key_is_taken_at_its_word_by_nobody(
    archive: Archive, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever can write to the archive can name any key in a seal's file: only the key beside it has signed."""
    notebook = archive.copy("switched", here)
    (seal,) = notebook.parent.glob("switched.*.seal.json")
    theirs = json.loads(seal.read_text())["signatures"][0]["keyid"]
    monkeypatch.setenv("XDG_STATE_HOME", str(here / "other"))
    assert main(["request", str(notebook)]) == 2  # signed by somebody else
    capsys.readouterr()
    local(default_path(os.environ))
    mine = own()
    assert mine
    seal.write_text(seal.read_text().replace(theirs, mine.keyid))
    (here / "sheet.csv").write_text("")
    for command in (["request"], ["lint", "sheet.csv", "--record"], ["reply"]):
        assert main([*command, str(notebook)]) == 2
        assert "seal" in capsys.readouterr().err
    assert main(["verify", str(notebook)]) == 1
    assert main(["record", str(notebook)]) == 0
    assert "reports this run as OFF" in notebook.with_suffix(".html").read_text("utf-8")


@pytest.mark.parametrize("name", ["mismatch", "unbegun"])
def test_a_record_that_proves_no_key_pair_gives_no_request(
    archive: Archive, here: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = archive(name)
    assert main(["request", str(notebook)]) == 2
    told = capsys.readouterr().err
    assert "proves no key pair, so no DNS request can be made from it" in told
    assert len(told.splitlines()) == 1
    assert [*here.iterdir(), *notebook.parent.glob("*.dns-request.*")] == []


@pytest.mark.parametrize(
    ("story", "todo"),
    [
        ("campaign", "a record of fleet, .*Name a record of rotate or prepare"),
        ("prepare", f"Apply the plan, .*: {PREPARE}"),
    ],
)
def test_a_record_that_has_no_key_pair_of_its_own_leads_to_the_one_that_has(
    tmp_path: Path, story: str, todo: str
) -> None:
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, filter="data")
    journal = min((tmp_path / "archive" / story).glob("*.journal.jsonl"))
    account = read(journal)
    archived = Archived(journal, (), {}, account, Evidence("whole", {}, True, account.head))
    with pytest.raises(RecordError, match=todo):
        supported(archived, "en")


def test_a_record_whose_evidence_contradicts_itself_gives_no_request(
    archive: Archive, tmp_path: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = archive.copy("switched", tmp_path)
    journal = journal_of(notebook)
    journal.write_text(journal.read_text().replace("SUCCESS", "FAILED", 1))
    assert main(["request", str(notebook)]) == 2
    assert "does not hold, so nothing is made from it" in capsys.readouterr().err
    assert [*here.iterdir(), *notebook.parent.glob("switched.dns-request.*")] == []


def test_nothing_is_written_over(archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = archive.copy("switched", tmp_path)
    beside = notebook.with_name("switched.dns-request.csv")
    beside.write_text("mine")
    assert main(["request", str(notebook)]) == 2
    assert beside.read_text() == "mine"
    assert "dns-request.csv exists already" in capsys.readouterr().err
