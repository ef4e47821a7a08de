"""``byodkim record``: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import second_edition
from second_edition.evidence.archived import RecordError, sound_record
from second_edition.launch.command_line import main
from tests.second_edition.display.archive import Archive, change, events_of, journal_of, rewrite
from tests.second_edition.verification.forged import bundle, in_notebook


def said(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """The installed command, in a process of its own."""
    command = [str(Path(sys.executable).with_name("byodkim-second-edition")), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


QUICK = {"name": ("japanese", "unbegun", "killed")}


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("switched", "SWITCHED  example.jp signs with mail-20261124-1"),
        ("japanese", "切替完了（SWITCHED）  example.jp は mail-20261124-1 で署名しています"),
        ("refused", "REFUSED  example.jp was not switched to mail-20261124-1; SES was not touched"),
        ("pending", "SWITCHED-PENDING  example.jp is set to mail-20261124-1; SES has not verified it yet"),
        ("unbegun", "REFUSED  The run did not begin; SES was not touched"),
        ("killed", "NOT FINISHED  This run has not ended."),
    ],
)
def test_any_run_gives_a_page_and_its_outcome_first(archive: Archive, tmp_path: Path, name: str, first: str) -> None:
    notebook = archive.copy(name, tmp_path)
    done = said("record", notebook.name, folder=notebook.parent)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].startswith(first)
    assert lines[-1].endswith(f": {name}.html")
    html = notebook.with_suffix(".html").read_text()
    assert html.startswith("<!doctype html>")
    assert html.endswith("</html>\n")


def test_the_way_back_and_what_comes_next_are_said(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    lines = said("record", notebook, "-o", tmp_path / "p.html", folder=tmp_path).stdout.splitlines()
    assert lines[1].startswith("Rehearsal in a sandbox ")
    assert lines[2].startswith("Rollback: papermill notebooks/rotate.ipynb ")
    assert "-r selector mail-20260912-1 " in lines[2]
    assert lines[3].startswith("Next: Keep the key record of mail-20260912-1 published until ")
    assert lines[4:] == ["Record: p.html"]  # as seen from here
    assert "in a new one, which signs with mail-20261124-1." in (tmp_path / "p.html").read_text()


def test_the_record_of_a_link_is_that_of_what_it_leads_to(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    direct = said("record", notebook, folder=tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/latest.ipynb").symlink_to(notebook)
    page = notebook.with_suffix(".html")
    whole = page.read_bytes()
    by_link = said("record", "latest.ipynb", folder=tmp_path / "elsewhere")
    *known, record = direct.stdout.splitlines()
    assert record == f"Record: {page.relative_to(tmp_path)}"
    assert (by_link.returncode, by_link.stdout.splitlines()) == (0, [*known, f"Record: {page}"])
    assert page.read_bytes() == whole
    assert not list((tmp_path / "elsewhere").glob("*.html"))


def test_what_is_off_with_the_evidence_stands_first_on_the_terminal_too(archive: Archive, tmp_path: Path) -> None:
    """A line too many in the journal; a value of the copy in another spelling; another reason; other words in a cell.

    Nobody approves such a record, or asks the DNS team by it.
    """
    for name in ("lengthened", "spelled", "another's", "shown"):
        notebook = archive.copy("switched", tmp_path / name)
        if name == "spelled":
            change(notebook, _true_as_one)
        elif name == "another's":  # chained anew, and beside its old signature
            events = events_of(notebook)
            events[0]["reason"] = "asked for by the boss"
            rewrite(notebook, events)
            with pytest.raises(RecordError, match="is not the one that the seal"):
                sound_record(notebook, "en")
        elif name == "shown":
            in_notebook(lambda cells: bundle(cells, "plan").update({"text/plain": ["nothing is written"]}))(notebook)
            with pytest.raises(RecordError, match="reports this run as OFF"):
                sound_record(notebook, "en")
        else:
            journal_of(notebook).write_bytes(journal_of(notebook).read_bytes() + b"\n")
        first, second, *_ = said(
            "record", notebook.name, "--language", "en", folder=notebook.parent
        ).stdout.splitlines()
        assert first.startswith("CAUTION: "), name
        assert second.startswith("SWITCHED"), name


def _true_as_one(data: dict[str, Any]) -> None:
    events = data["application/vnd.byodkim.journal+json"]
    data["application/vnd.byodkim.journal+json"] = json.loads(json.dumps(events).replace("true", "1"))


def test_a_page_made_earlier_is_replaced_whole(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    page = notebook.with_suffix(".html")
    assert main(["record", str(notebook)]) == 0
    first = page.stat().st_ino, page.read_bytes()
    assert main(["record", str(notebook)]) == 0
    assert page.stat().st_ino != first[0]  # another file in its place, so that nobody ever reads half a page
    assert page.read_bytes() == first[1]
    assert sorted(path.suffix for path in notebook.parent.iterdir() if path.name.startswith(".")) == []


def test_another_file_is_never_replaced(archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = archive.copy("switched", tmp_path)
    other = tmp_path / "mine.html"
    other.write_text("<!doctype html><p>mine")
    assert main(["record", str(notebook), "-o", str(other)]) == 2
    assert main(["record", str(notebook), "-o", str(notebook)]) == 2
    assert other.read_text() == "<!doctype html><p>mine"
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[0].endswith(
        "exists and is not a page of this kind, so it was left as it is. Name another file with -o."
    )
    assert json.loads(notebook.read_text())["nbformat"] == 4


def test_events_of_another_kind_are_one_error(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = archive.copy("switched", tmp_path)
    events = events_of(notebook)
    del events[0]["parameters"]
    rewrite(notebook, events)
    assert main(["record", str(notebook)]) == 2
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        f"The events of {notebook} are not such as byodkim {second_edition.__version__} writes. "
        "Use the version that the record names, or compare the record with an archived copy."
    ]


def test_a_terminal_is_not_steered_by_a_record(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = archive.copy("refused", tmp_path)
    events = events_of(notebook)
    events[0]["domain"] = "example.jp\x1b]0;owned\x07\u202e"
    rewrite(notebook, events)
    assert main(["record", str(notebook)]) == 0
    told = capsys.readouterr().out
    assert "example.jp‹U+001B›]0;owned‹U+0007›‹U+202E› was not switched" in told


def test_a_run_that_never_began_is_told_in_the_profile_s_language(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("unbegun", tmp_path)
    (notebook.parent / "byodkim.toml").write_text('[default]\nlanguage = "ja"\n')
    done = said("record", notebook.name, folder=notebook.parent)
    assert done.stdout.startswith("拒否（REFUSED）  実行は開始されませんでした")
    assert '<html lang="ja">' in notebook.with_suffix(".html").read_text()


def test_lists_without_end_beside_a_run_that_never_began_are_no_journal(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("unbegun", tmp_path)
    beside = notebook.with_name(f"{notebook.stem}.20260101T000000Z-aaaaaaaa.journal.jsonl")
    beside.write_text("[" * 1000 + "]" * 1000 + "\n")
    assert main(["record", str(notebook)]) == 0


def test_a_page_that_has_a_signature_is_left_as_it_is(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    assert main(["record", str(notebook)]) == 0
    own = notebook.with_suffix(".html")
    seal = own.with_name(f"{own.stem}.{events_of(notebook)[0]['run']}.page.seal.json")
    seal.write_text("{}")
    before = own.read_bytes()
    assert main(["record", str(notebook), "--language", "ja"]) == 0
    assert (own.read_bytes(), seal.read_text()) == (before, "{}")
    assert '<html lang="ja">' in own.with_suffix(".ja.html").read_text()
    done = said("record", notebook, "--language", "ja", "-o", own, folder=tmp_path)
    assert done.returncode != 0
    assert f"{own} には署名があるため、変更していません" in done.stderr
    assert own.read_bytes() == before
