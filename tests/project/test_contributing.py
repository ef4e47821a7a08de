"""What CONTRIBUTING.md sends its readers to is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = re.findall(r"(?m)^\| (\d+)\. .+$", TEXT)


def test_ten_questions_are_answered_by_paths_that_exist() -> None:
    assert [str(number) for number in range(1, 11)] == ROWS
    named = re.findall(r"`((?:lib|tests)/[\w./]+)`", TEXT)
    assert len(named) >= 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_target_that_is_named_is_a_target_of_make() -> None:
    targets = set(re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text("utf-8")))
    named = {word for words in re.findall(r"`make ([a-z ]+)", TEXT) for word in words.split()}
    assert named
    assert named <= targets
