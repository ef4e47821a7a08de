"""``byodkim site``: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from byodkim.display.history import words_for
from byodkim.display.site import Site
from byodkim.evidence.archive import runs
from byodkim.launch.command_line import main
from byodkim.launch.site import write_pages
from tests.evidence.pasts import Told, write, write_all
from tests.launch.test_record import said


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_site_lies_in_the_archive_which_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "outputs").mkdir()
    write_all(tmp_path / "outputs", [Told(0), Told(1, asked=Told().before, before=Told().asked, language="ja")])
    before = digests(tmp_path)
    done = said("site", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout == "サイト: outputs/site/index.html（実行 2 件。作成した頁 3、そのまま残した頁 0）。\n"
    )  # as the newest run was told
    after = digests(tmp_path)
    assert {name: after[name] for name in before} == before
    made = {name.removeprefix("outputs/site/") for name in after.keys() - before.keys()}
    assert made == {
        "index.html", "identity-example.jp.html", f"run-{Told(0).run}.html", f"run-{Told(1).run}.html",
    }  # fmt: skip
    # Made again, with its own pages in the archive: the same runs.
    assert said("site", "outputs", "--language", "en", folder=tmp_path).stdout.endswith(
        "(runs: 2; pages made: 3, left as they stood: 0).\n"
    )


def test_an_archive_without_runs_has_a_site_that_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["site", str(tmp_path)]) == 0
    assert (
        capsys.readouterr().out
        == f"Site: {tmp_path}/site/index.html (runs: 0; pages made: 0, left as they stood: 0).\n"
    )
    assert "There are no runs here yet." in (tmp_path / "site/index.html").read_text("utf-8")


def test_a_folder_that_is_not_there_is_said_in_one_paragraph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["site", str(tmp_path / "absent")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"{tmp_path}/absent is no folder of records. Name the folder that holds the runs' journals.\n"
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, Told())
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("mine")
    assert main(["site", str(tmp_path)]) == 2
    assert "is not a record page" in capsys.readouterr().err
    assert (tmp_path / "site/index.html").read_text() == "mine"
    (tmp_path / "file").write_text("")
    assert main(["site", str(tmp_path), "-o", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_run_of_another_version_has_a_page_that_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, Told())
    path.write_text(path.read_text().splitlines()[0].replace('"mode":"apply",', "") + "\n")
    assert main(["site", str(tmp_path), "--language", "en"]) == 0
    assert "is no event that byodkim writes" in (tmp_path / f"site/run-{Told().run}.html").read_text("utf-8")


def made(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, int]:
    """Pages made and pages left by one call of the command."""
    assert main(["site", str(folder), "--language", "en", *more]) == 0
    found = re.search(r"(\d+)\D+(\d+)\D*$", capsys.readouterr().out)
    assert found is not None
    return int(found[1]), int(found[2])


def test_a_page_is_made_again_where_what_it_tells_has_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    past = [Told(0), Told(1, asked=Told().before, before=Told().asked), Told(2, domain="other.example.jp")]
    write_all(tmp_path, past)
    assert made(tmp_path, capsys) == (5, 0)
    before = digests(tmp_path / "site")
    assert made(tmp_path, capsys) == (0, 5)
    assert {name for name, digest in digests(tmp_path / "site").items() if before[name] != digest} <= {"index.html"}
    # A later run: its page, that of the run before it, and its identity's.
    write(tmp_path, Told(3), previous=tmp_path / f"record.{past[1].run}.journal.jsonl")
    assert made(tmp_path, capsys) == (3, 3)
    # Evidence that does not hold any more, in a file that keeps its size and its times.
    journal = tmp_path / f"record.{past[2].run}.journal.jsonl"
    times = journal.stat()
    journal.write_text(journal.read_text("utf-8").replace("SUCCESS", "FAILED_", 1), "utf-8")
    os.utime(journal, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert made(tmp_path, capsys)[0] >= 1
    assert "does not verify" in (tmp_path / f"site/run-{past[2].run}.html").read_text("utf-8")
    # A page that is not what was made.
    page = tmp_path / f"site/run-{past[0].run}.html"
    whole = page.read_bytes()
    for altered in (whole.replace(b"SWITCHED", b"REFUSED_", 1), whole[:-9], whole + b" "):
        page.write_bytes(altered)
        assert made(tmp_path, capsys)[0] == 1
        assert page.read_bytes() == whole
    everything = sum(made(tmp_path, capsys))
    assert made(tmp_path, capsys, "--anew") == (everything, 0)
    monkeypatch.setattr("byodkim.launch.site._code", lambda: "another version")
    assert made(tmp_path, capsys) == (everything, 0)
    assert made(tmp_path, capsys, "--language", "ja")[0] == everything


def test_an_identity_s_page_is_made_again_as_its_keys_grow_older(tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive", tmp_path / "site"
    archive.mkdir()
    folder.mkdir()
    write_all(archive, [Told(0), Told(1, domain="other.example.jp")])
    found = runs(archive)
    site = Site(found, words_for(found, "en"), datetime(2027, 3, 1, 12, tzinfo=UTC), "archive")
    assert write_pages(site, folder) == (4, 0)
    assert write_pages(replace(site, on=site.on + timedelta(minutes=5)), folder) == (0, 4)
    assert write_pages(replace(site, on=site.on + timedelta(days=1)), folder) == (2, 2)
