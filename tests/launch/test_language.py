"""Commands on records speak the reader's language: the one given, else the profile's, else the records'."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from byodkim.display import publication
from byodkim.display.blocks import Headline
from byodkim.display.words import Words
from byodkim.launch.command_line import main
from byodkim.messages import LANGUAGES, say
from byodkim.rotation.publication import Outcome
from tests.each import each
from tests.project.tracked import ROOT


def japanese(text: str) -> bool:
    return any("\u3040" <= letter <= "\u30ff" for letter in text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs/example", tmp_path / "outputs")
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


def test_verify_follows_the_records_where_no_profile_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (journal,) = (project / "outputs").glob("*.journal.jsonl")
    journal.write_text(journal.read_text("utf-8").replace('"language":"en"', '"language":"ja"', 1), "utf-8")
    main(["verify", "outputs"])
    assert japanese(capsys.readouterr().out)


def test_reply_follows_the_profile(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "byodkim.toml").write_text('[default]\nlanguage = "ja"\n')
    main(["reply"])
    assert japanese(capsys.readouterr().err)


@each("language", LANGUAGES)
def test_a_publication_that_is_refused_heads_as_a_run_does(language: str) -> None:
    words = Words(language, None)  # type: ignore[arg-type]
    headline, *_ = publication.opening(Outcome.REFUSED, "name", "", words)
    assert isinstance(headline, Headline)
    assert headline.outcome == say("record", "label.REFUSED", words.language)
