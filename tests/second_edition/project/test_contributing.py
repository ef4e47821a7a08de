"""What CONTRIBUTING.md sends its readers to is there, and its Japanese twin says the same."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TEXT, JAPANESE = ((ROOT / f"CONTRIBUTING{ending}").read_text("utf-8") for ending in (".md", ".ja.md"))
ROWS = re.findall(r"(?m)^\| (\d+)\. .+$", TEXT)


def test_eleven_questions_are_answered_by_paths_that_exist() -> None:
    assert [str(number) for number in range(1, 12)] == ROWS
    named = re.findall(r"`((?:lib|tests)/[\w./]+)`", TEXT)
    assert len(named) >= 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_target_that_is_named_is_a_target_of_make() -> None:
    targets = set(re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text("utf-8")))
    named = {word for words in re.findall(r"`make ([a-z ]+)", TEXT) for word in words.split()}
    assert named
    assert named <= targets


def test_the_japanese_twins_name_the_same_paths_commands_and_pages() -> None:
    def named(text: str) -> list[set[str]]:
        lines = [line for line in text.splitlines() if line.startswith(("|", "-", "#", "`"))]
        return [set(re.findall(r"`([^`]+)`", line.replace("docs/ja", "docs/en"))) for line in lines]

    assert named(JAPANESE) == named(TEXT)
    links = re.compile(r"\]\(docs/(?:en|ja)/([\w.]+)")
    english, japanese = ((ROOT / f"SECURITY{ending}").read_text("utf-8") for ending in (".md", ".ja.md"))
    assert set(links.findall(JAPANESE)) == set(links.findall(TEXT))
    assert sorted(links.findall(japanese)) == sorted(links.findall(english))
    assert "](CONTRIBUTING.ja.md)" in (ROOT / "README.ja.md").read_text("utf-8")
    assert "](SECURITY.ja.md)" in (ROOT / "README.ja.md").read_text("utf-8")
