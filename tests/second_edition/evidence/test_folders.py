"""An archive and its campaigns' folders: one of its folders is as good as another to find what lies in any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from second_edition.evidence import folders

CAMPAIGN = "20261124T040849Z-fleet"
PLACES = (
    "", CAMPAIGN, f"{CAMPAIGN}/wave-001-canary", f"{CAMPAIGN}/wave-002",
    f"{CAMPAIGN}-2/wave-1000/123456789012-eu-west-1", "wave-001-canary", "wave-012/123456789012-eu-west-1",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_from_each_place_all_are_found(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, one in enumerate(PLACES):
        (tmp_path / one).mkdir(parents=True, exist_ok=True)
        (tmp_path / one / f"{number}.journal.jsonl").touch()
    for elsewhere in ("other", f"{CAMPAIGN}/.running", "notes/wave-001-canary"):
        (tmp_path / elsewhere).mkdir(parents=True)
        (tmp_path / elsewhere / "9.journal.jsonl").touch()
    assert folders.root(tmp_path / place) == tmp_path
    found = [path.name[0] for path in folders.files(tmp_path / place, "*.journal.jsonl")]
    assert sorted(found) == [str(number) for number in range(len(PLACES))]
    monkeypatch.chdir(tmp_path / place)
    assert folders.root(Path()) == tmp_path
