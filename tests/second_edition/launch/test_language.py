"""Commands on records speak the reader's language: the one given, else the profile's, else the records'."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

import pytest

from second_edition.launch.command_line import main
from tests.second_edition.each import each
from tests.second_edition.messages.latin import english_in
from tests.second_edition.project.tracked import ROOT

#: Commands with a wrong input. ``damaged.ipynb``: a record whose journal was altered.
WRONG = (
    "fleet -p identities table.csv",
    "fleet -p identities nowhere.csv",
    "fleet -p target sandbox -p selektor x",
    "fleet -f nowhere.yaml",
    "approve nowhere.ipynb",
    "approve table.csv",
    "approve notebooks/rotate.ipynb",
    "approve damaged.ipynb",
    "approve --name Me!",
    "approve outputs/example.ipynb",
    "twin nowhere.ipynb",
    "twin outputs/example.ipynb",
    "record nowhere.ipynb",
    "record notebooks/rotate.ipynb",
    "record outputs/example.ipynb -o table.csv --language ja",
    "request nowhere.ipynb",
    "request damaged.ipynb",
    "message nowhere.ipynb received.eml",
    "message damaged.ipynb received.eml",
    "site nowhere",
    "lint nowhere.csv",
    "lint table.csv --record nowhere.ipynb",
    "lint table.csv --record outputs/example.ipynb --domain example.jp",
    "reply nowhere.ipynb",
    "reply --domain example.jp",
    "publish nowhere.ipynb",
    "archive nowhere.ipynb",
    "archive outputs/example.ipynb damaged.ipynb",
    "inventory --csv table.csv",
    "verify nowhere",
    "policy rotate --profile nobody",
    "init table.csv",
    "rotate -r selector a_b",
    "rotate -r selector mail-1 --notebook nowhere.ipynb -p target sandbox",
    "lint",
    "request outputs/example.ipynb --colour",
)


def japanese(text: str) -> bool:
    return any("\u3040" <= letter <= "\u30ff" for letter in text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs/second_edition/example", tmp_path / "outputs")
    return tmp_path


@each(
    ("profile", "given", "meant"),
    [("", [], False), ('language = "ja"', [], True), ('language = "ja"', ["--language", "en"], False)],
)
def test_verify_and_site_follow_the_profile(
    profile: str, given: list[str], meant: bool, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "byodkim.toml").write_text(f"[default]\n{profile}\n")
    for command in ("verify", "site"):
        main([command, "outputs", *given])
        assert japanese(capsys.readouterr().out) is meant, command


@each(("profile", "environment"), [('language = "ja"', ""), ("", "ja")], ids=["profile", "environment"])
def test_what_a_command_says_of_a_wrong_input_is_in_the_language_of_the_place(
    profile: str, environment: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "byodkim.toml").write_text(f"[default]\n{profile}\n")
    (project / "table.csv").write_text("domain,colour\nexample.jp,red\n")
    shutil.copytree(ROOT / "lib/second_edition/notebooks", project / "notebooks", dirs_exist_ok=True)
    shutil.copy(project / "outputs/example.ipynb", project / "damaged.ipynb")
    (journal,) = (project / "outputs").glob("*.journal.jsonl")
    altered = journal.read_bytes().replace(b"SUCCESS", b"FAILED", 1)
    (project / journal.name).write_bytes(altered)
    english = []
    for line in WRONG:
        monkeypatch.setenv("LANGUAGE", environment)
        with contextlib.suppress(SystemExit):
            assert main(line.split()) in (1, 2), line
        said = capsys.readouterr().err.strip().rpartition("\n")[2]
        left = english_in(said) - set(re.findall(r"\w+", line))  # what was typed may be quoted
        english += [(line, said, left)] if left or not japanese(said) else []
    assert english == []


def test_verify_follows_the_records_where_no_profile_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (journal,) = (project / "outputs").glob("*.journal.jsonl")
    journal.write_text(journal.read_text("utf-8").replace('"language":"en"', '"language":"ja"', 1), "utf-8")
    main(["verify", "outputs"])
    assert japanese(capsys.readouterr().out)
