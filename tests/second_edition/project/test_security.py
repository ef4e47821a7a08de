"""The security page names tests that are there, and says the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / f"docs/{language}/security.md" for language in ("en", "ja")]


def rows(page: Path) -> list[list[str]]:
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_each_claim_names_tests_that_attack_it() -> None:
    for claim in rows(PAGES[0]):
        named = re.findall(r"`([a-z_/]+\.py)`", claim[3])
        assert named, claim[0]
        texts = {path: (ROOT / "tests" / path).read_text() for path in named}
        assert [path for path, text in texts.items() if not re.search(r"(?m)^ *def test_", text)] == []


def test_both_languages_name_the_same_tests() -> None:
    english, japanese = map(rows, PAGES)
    assert [row[3] for row in english] == [row[3] for row in japanese]
    assert len(english) > 10
