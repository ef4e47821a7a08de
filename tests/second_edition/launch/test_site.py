"""``byodkim site``: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from second_edition import review
from second_edition.display.history import words_for
from second_edition.display.site import Site, earlier, identity_page
from second_edition.evidence.archive import Listed, Standing, runs
from second_edition.evidence.seal import seal_path
from second_edition.launch.command_line import main
from second_edition.launch.site import write_pages
from tests.second_edition.evidence.pasts import Told, write, write_all
from tests.second_edition.launch.test_record import said


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
    assert done.stdout == "サイト: outputs/site/index.html（実行 2 件、4 ページ）。\n"  # as the newest run was told
    after = digests(tmp_path)
    assert {name: after[name] for name in before} == before
    made = {name.removeprefix("outputs/site/") for name in after.keys() - before.keys()}
    assert made == {
        "index.html", "identity-example.jp.html", f"run-{Told(0).run}.html", f"run-{Told(1).run}.html",
    }  # fmt: skip
    # Made again, with its own pages in the archive: the same runs.
    assert said("site", "outputs", "--language", "en", folder=tmp_path).stdout.endswith("(runs: 2, pages: 4).\n")


def test_the_site_and_the_review_find_the_records_from_a_folder_below_the_project_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("outputs", "notebooks", "sub"):
        (tmp_path / name).mkdir()
    (tmp_path / "notebooks/rotate.ipynb").touch()
    (tmp_path / "byodkim.toml").touch()
    write(tmp_path / "outputs", Told())
    monkeypatch.chdir(tmp_path / "sub")
    assert main(["site", "--language", "en"]) == 0
    assert capsys.readouterr().out == "Site: ../outputs/site/index.html (runs: 1, pages: 3).\n"
    assert [one.run for one in review.begin(archive="outputs").runs] == [Told().run]


def test_another_file_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, Told())
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("mine")
    assert main(["site", str(tmp_path)]) == 2
    assert "is not a page of this kind" in capsys.readouterr().err
    assert (tmp_path / "site/index.html").read_text() == "mine"
    (tmp_path / "file").write_text("")
    assert main(["site", str(tmp_path), "-o", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_run_of_another_version_has_a_page_that_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, Told())
    line = path.read_text().splitlines()[0]
    no_time = re.sub(r'"at":"[^"]*"', '"at":"0001-01-01T00:00:00+14:00"', line)  # it has no date in UTC
    for other in (line.replace('"mode":"apply",', ""), no_time):
        path.write_text(f"{other}\n")
        assert main(["site", str(tmp_path), "--language", "en"]) == 0
        assert "are not such as byodkim" in (tmp_path / f"site/run-{Told().run}.html").read_text("utf-8")


def test_every_page_is_made_again_and_one_that_has_no_run_any_more_is_removed(tmp_path: Path) -> None:
    past = [Told(0), Told(1, asked=Told().before, before=Told().asked), Told(2, domain="other.example.jp")]
    write_all(tmp_path, past)
    assert main(["site", str(tmp_path)]) == 0
    site = tmp_path / "site"
    first = digests(site)
    whole = {path.name: path.read_bytes() for path in site.iterdir()}
    for name, data in whole.items():
        (site / name).write_bytes(data.replace(b"SWITCHED", b"REFUSED_"))
    (site / "notes.html").write_text("<!doctype html><!-- byodkim record -->\nmine")
    (site / "list-00009.html").write_bytes(whole["index.html"])
    # Evidence that does not hold any more, in a file that keeps its size and its times; and a run that is gone.
    journal = tmp_path / f"record.{past[1].run}.journal.jsonl"
    times = journal.stat()
    journal.write_text(journal.read_text("utf-8").replace("SUCCESS", "FAILED_", 1), "utf-8")
    os.utime(journal, ns=(times.st_atime_ns, times.st_mtime_ns))
    for path in tmp_path.glob(f"*{past[2].run}*"):
        path.unlink()
    assert main(["site", str(tmp_path)]) == 0
    gone = {f"run-{past[2].run}.html", "identity-other.example.jp.html"}
    assert digests(site).keys() == {*first.keys() - gone, "notes.html"}
    assert not [path.name for path in site.iterdir() if b"REFUSED_" in path.read_bytes()]
    assert "does not verify" in (site / f"run-{past[1].run}.html").read_text("utf-8")
    assert (site / "notes.html").read_text().endswith("mine")


def test_what_a_site_did_not_make_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, Told())
    assert main(["site", str(tmp_path)]) == 0
    site = tmp_path / "site"
    (site / "kept.html").write_bytes((site / "index.html").read_bytes())
    (site / "run-link.html").symlink_to("index.html")
    assert main(["site", str(tmp_path)]) == 0
    assert {"kept.html", "run-link.html"} <= {path.name for path in site.iterdir()}
    (site / "index.html").unlink()
    os.mkfifo(site / "index.html")
    capsys.readouterr()
    assert main(["site", str(tmp_path)]) == 2  # and waits for nobody
    assert "is not a page of this kind" in capsys.readouterr().err


def test_one_site_is_written_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who read the archive earlier would remove the pages of later runs."""
    write(tmp_path, Told())
    (tmp_path / "site").mkdir()
    other = os.open(tmp_path / "site", os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert main(["site", str(tmp_path), "--language", "en"]) == 2
    said = capsys.readouterr().err
    assert f"Another byodkim site is writing to {tmp_path / 'site'}. Run it again when that one has ended." in said
    assert list((tmp_path / "site").iterdir()) == []
    os.close(other)
    assert main(["site", str(tmp_path)]) == 0


def test_each_run_has_a_page_of_its_own_whatever_its_name() -> None:
    listed = [Listed(name, Standing("foreign", False)) for name in ("R", "R-2", "R", "R-2")]
    site = Site(tuple(listed), words_for([], "en"), datetime(2027, 3, 1, tzinfo=UTC), "archive")
    assert len({site.page_of(one) for one in listed}) == 4


def test_what_an_unsealed_run_says_is_no_identity_s_past(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who has no key puts a newer run into the archive: it is listed, and believed in nothing."""
    write_all(tmp_path, [Told(0), Told(14, asked="evil-2027", before=Told().asked)])
    (forged,) = tmp_path.glob(f"*{Told(14).run}*.journal.jsonl")
    forged.write_text(forged.read_text("utf-8").replace("evil-2027", "evil-2028"), "utf-8")
    assert main(["site", str(tmp_path), "--language", "en"]) == 0
    told = f"Runs whose evidence does not verify: 1. The reasons: byodkim verify {tmp_path}\n"
    assert capsys.readouterr().out.endswith(told)
    identities = (tmp_path / "site/index.html").read_text("utf-8").partition('id="list"')[0]
    assert "evil-202" not in identities
    assert Told().asked in identities
    history = (tmp_path / "site/identity-example.jp.html").read_text("utf-8").partition('id="list"')[0]
    assert "evil-202" not in history
    assert f"leaves out runs whose evidence does not verify: <code>{Told(14).run}</code> (" in history


def test_a_run_that_found_ses_changed_counts_and_one_that_somebody_altered_does_not(tmp_path: Path) -> None:
    """A person goes back in the console: what the next run saw is what the identity signs with."""
    switched, saw = Told(0), Told(14, outcome="PLANNED", writes=False)
    write_all(tmp_path, [switched, saw, Told(15, domain="other.example.jp")])
    (foreign,) = tmp_path.glob(f"*{Told(15).run}*.journal.jsonl")
    seal_path(foreign).unlink()

    def pages() -> tuple[str, str, str]:
        assert main(["site", str(tmp_path), "--language", "en"]) == 0
        rows = re.findall(r"<tr.*?</tr>", (tmp_path / "site/index.html").read_text("utf-8"), re.DOTALL)
        own, other = (re.sub(r"<[^>]+>|\s+", " ", row) for row in rows[1:3])
        return own, other, (tmp_path / "site/identity-example.jp.html").read_text("utf-8")

    own, other, history = pages()
    assert re.search(rf"{saw.before} .* 2026-11-24 11:00 .*PLANNED", own)
    assert "SWITCHED" not in other
    assert 'stroke-dasharray="2 5"' in history
    assert "leaves out" not in history
    (journal,) = tmp_path.glob(f"*{saw.run}*.journal.jsonl")
    seal_path(journal).unlink()
    own, _, history = pages()
    assert re.search(rf"{switched.asked} .* 2026-11-10 11:00 .*SWITCHED", own)
    assert 'stroke-dasharray="2 5"' not in history
    assert f"<code>{saw.run}</code> (" in history


def test_a_record_s_page_is_never_taken_for_a_site_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, Told())
    record = tmp_path / f"run-{Told().run}.html"
    record.write_text("<!doctype html><!-- byodkim record -->\nsigned")
    assert main(["site", str(tmp_path), "-o", str(tmp_path)]) == 2
    assert "is not a page of this kind" in capsys.readouterr().err
    assert record.read_text().endswith("signed")


def test_a_run_s_page_tells_of_earlier_runs_whose_evidence_holds_and_of_no_others(tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive", tmp_path / "site"
    archive.mkdir()
    folder.mkdir()
    write_all(
        archive, [Told(0, outcome="PLANNED", writes=False), Told(14), Told(20, outcome="UNCHANGED", writes=False)]
    )
    *later, first = runs(archive)
    site = Site((*later, first), words_for([first], "en"), datetime(2027, 3, 1, 12, tzinfo=UTC), "archive")
    doubted = replace(site, runs=(*later, structs.replace(first, standing=Standing("off", False, ("torn", "added")))))
    assert [one.run for one in earlier(site, later[0])] == [later[1].run, first.run]
    assert [one.run for one in earlier(doubted, doubted.runs[0])] == [later[1].run]
    write_pages(site, folder)
    told = (folder / site.page_of(later[0])).read_text("utf-8")
    write_pages(doubted, folder)
    assert (folder / site.page_of(later[0])).read_text("utf-8") != told
    for page in (site.page_of(first), identity_page(first.domain)):
        assert "torn; added" in (folder / page).read_text("utf-8")
