"""``byodkim site``: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from byodkim.launch.command_line import main
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
    assert done.stdout == "サイト: outputs/site/index.html（実行 2 件）。\n"  # as the newest run was told
    after = digests(tmp_path)
    assert {name: after[name] for name in before} == before
    made = {name.removeprefix("outputs/site/") for name in after.keys() - before.keys()}
    assert made == {
        "index.html", "identity-example.jp.html", f"run-{Told(0).run}.html", f"run-{Told(1).run}.html",
    }  # fmt: skip
    # Made again, with its own pages in the archive: the same runs.
    assert said("site", "outputs", "--language", "en", folder=tmp_path).stdout.endswith("(runs: 2).\n")


def test_an_archive_without_runs_has_a_site_that_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["site", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"Site: {tmp_path}/site/index.html (runs: 0).\n"
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
    assert "are not such as byodkim" in (tmp_path / f"site/run-{Told().run}.html").read_text("utf-8")
