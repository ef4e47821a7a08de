"""An archive and its campaigns' folders: one of its folders is as good as another to find what lies in any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from byodkim.evidence import folders

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


def test_names_of_waves_sort_and_lie_where_they_are_looked_for() -> None:
    names = [folders.of_wave(number) for number in (1, 2, 10, 100)]
    assert names == sorted(names) == ["wave-001-canary", "wave-002", "wave-010", "wave-100"]
    assert folders.of_wave(2, "123456789012-eu-west-1") == "wave-002/123456789012-eu-west-1"
    assert all(folders.WAVE.fullmatch(name) for name in names)
    assert folders.CAMPAIGN.fullmatch(folders.of_campaign("20261124T040849Z"))
    own = folders.below(Path("/archive"), "20261124T040849Z-40657f3a")
    assert (own.name, folders.root(own / "wave-001-canary")) == ("20261124T040849Z-40657f3a-fleet", Path("/archive"))
    assert folders.below(own, "20261124T040849Z-40657f3a") == own
    assert folders.root(Path("/archive/plain")) == Path("/archive/plain")
