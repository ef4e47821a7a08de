"""The archive lists every run below a folder, tells the damaged from the sound, and passes over what is no run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from second_edition.evidence import run_values
from second_edition.evidence.archive import ArchiveError, Listed, record_of, runs
from second_edition.evidence.journal import SUFFIX
from tests.second_edition.evidence.pasts import SATO, Told, write, write_all
from tests.second_edition.rotation.world import CURRENT, NEXT

REFUSED = Told(0, outcome="REFUSED", served=False, requested=True)
PLANNED = Told(13, outcome="PLANNED", writes=False)
SWITCHED = Told(14, approved=("tanaka", "suzuki"), waived=("STORE-VERSION",))


def only(folder: Path) -> Listed:
    (found,) = runs(folder)
    return found


def test_folders_in_it_are_looked_through_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("2026", "2027/q1", ".ipynb_checkpoints"):
        (tmp_path / name).mkdir(parents=True)
    write(tmp_path / "2026", REFUSED)
    write(tmp_path / "2027/q1", SWITCHED)
    write(tmp_path / ".ipynb_checkpoints", PLANNED)
    (tmp_path / "2026" / f"._x.{PLANNED.run}{SUFFIX}").write_bytes(b"Mac OS X")
    assert {one.run for one in runs(tmp_path)} == {REFUSED.run, SWITCHED.run}


def test_a_run_that_lies_in_two_folders_is_one_and_a_forged_twin_another(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, SWITCHED if name != "c" else Told(14, arn="arn:aws:sts::123456789012:user/else"))
    assert [one.operator for one in runs(tmp_path)] == [SATO, "arn:aws:sts::123456789012:user/else"]


@pytest.mark.parametrize("place", [0.01, 0.3, 0.6, 0.99])
def test_a_flipped_byte_is_seen_wherever_it_is(tmp_path: Path, place: float) -> None:
    path = write(tmp_path, SWITCHED)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 1
    path.write_bytes(data)
    damaged = only(tmp_path)
    assert (damaged.standing.key, damaged.standing.sound) == ("broken", False)
    # Its name still says which run it was, and when.
    assert (damaged.run, damaged.at, damaged.outcome) == (SWITCHED.run, "2026-11-24T02:00:11+00:00", "")
    assert record_of(damaged).record is None
    assert not record_of(damaged).evidence.sound


def test_a_line_that_was_cut_off_is_told_and_so_is_a_run_that_never_closed(tmp_path: Path) -> None:
    path = write(tmp_path, Told(outcome=""))
    assert (only(tmp_path).outcome, only(tmp_path).standing.key) == ("", "chain")
    path.write_bytes(path.read_bytes()[:-9])
    assert (only(tmp_path).standing.key, only(tmp_path).standing.sound) == ("torn", False)
    path.write_bytes(b'{"at":"20')
    assert (only(tmp_path).standing.key, only(tmp_path).run) == ("unbegun", Told().run)


def test_what_is_no_run_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.ipynb").write_text(json.dumps({"cells": [], "metadata": {}}))
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "list.jsonl").write_text("{}\n")
    assert runs(tmp_path) == ()
    with pytest.raises(ArchiveError, match="no folder of records"):
        runs(tmp_path / "absent")


def test_only_what_differs_is_a_difference(tmp_path: Path) -> None:
    write_all(tmp_path, [Told(0), Told(30, asked=CURRENT, before=NEXT, waived=("STORE-VERSION",))])
    later, earlier = runs(tmp_path)
    found = {each.name: (each.one, each.other) for each in run_values.differences(earlier.traits, later.traits)}
    assert found["run.selector"] == (NEXT, CURRENT)
    assert found["check.STORE-VERSION"] == ("PASS", "WAIVED agreed")
    assert found["before.selectors"] == (CURRENT, NEXT)
    assert "run.arn" not in found
    assert run_values.alike(earlier.traits, later.traits) + len(found) == len({**earlier.traits, **later.traits})
    order = [run_values.PARTS.index(name.partition(".")[0]) for name in found]
    assert order == sorted(order)
    assert run_values.differences(later.traits, later.traits) == ()
