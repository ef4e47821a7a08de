"""Which run rehearsed a change: on a twin of this identity, the newest, and sealed as it stands."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from second_edition.evidence import fleet_twin, rehearsals, seal, twin
from second_edition.evidence.journal import SUFFIX, Account, digest, read, run_of
from second_edition.evidence.sealing_key import read_public
from second_edition.plain import plain
from second_edition.rotation.plan import PUT, Plan, Write
from second_edition.rotation.rehearsal import Tried
from tests.second_edition.evidence import journals
from tests.second_edition.evidence.test_previous import HERE, begin, previous_run, world_of
from tests.second_edition.evidence.test_seal import PUBLIC, sign
from tests.second_edition.golden.__main__ import ARCHIVE, KEY

OWN = {PUBLIC.keyid: PUBLIC}
STANDING = "http://127.0.0.1:4599"
OLD, NEW = "mail-20260912-1", "mail-20261124-1"
PLAN = Plan.of([Write(PUT, "example.jp", OLD, NEW, "a4" * 32)], {"account": HERE.account}, digest)
OTHER = Plan.of([Write("DeleteObject", "s3://twin-keys/old.pem")], {}, digest)
PLACE = {"account": HERE.account, "region": HERE.region}
CHANGE = {"domain": "example.jp", "selector": NEW, "procedure": "rotate", **PLACE}


def rehearsal(folder: Path, run: str, at: str = "2026-11-27T00:00:00+00:00", **told: Any) -> Account:
    """The sealed run on a twin of what was observed at a time."""
    place = {name: told.pop(name, value) for name, value in PLACE.items()}
    told = {**begin(STANDING, "parameter"), "target": "twin", **told}
    twin = {"run": "r", "id": told.pop("id", "t"), **place, "at": at, "servers": [], "plan": plain(PLAN)}
    twin["procedure"] = told.pop("of", "rotate")
    twin["began"] = told.pop("began", "2026-11-28T06:00:00.000+00:00")
    planned = told.pop("planned", PLAN)
    selector = told.pop("selector", NEW)
    made = journals.run(folder, identifier=run, selector=selector, twin=twin, planned=planned, **told)
    seal.seal(made, sign)
    return made


@pytest.mark.parametrize("origin", ["**x", "*"])
def test_a_twin_that_names_no_run_was_made_of_none(tmp_path: Path, origin: str) -> None:
    rehearsal(tmp_path, "20261127T060000Z-0000")
    tried = Tried("r", "SWITCHED", "", "", PLAN, origin=origin)
    assert rehearsals.check_origin(tmp_path, tried, OWN) == replace(tried, defect="missing")


def test_the_run_that_a_twin_was_made_of_is_found_among_copies_that_are_not_what_they_were(tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, filter="data")
    paths = (tmp_path / "archive" / "rotate").glob(f"*{SUFFIX}")
    plan = next(path for path in paths if read(path).begin.mode == "plan")
    made = twin.fingerprint(fleet_twin.read(read(plan), plan.parent))
    tried = Tried("r", "SWITCHED", "", "", PLAN, origin=run_of(plan), sha256=made)
    for number in range(9):  # which of them a folder lists first is not known
        plan.with_name(f"{number}{plan.name}").write_text("copied halfway")
    key = read_public(KEY)
    assert rehearsals.check_origin(plan.parent, tried, {key.keyid: key}) == tried
    # Whoever may write to the folder shall not choose what a twin is made of.
    assert rehearsals.check_origin(plan.parent, tried, OWN) == replace(tried, defect="missing")
    seal.seal_path(plan).unlink()
    assert rehearsals.check_origin(plan.parent, tried, {key.keyid: key}) == replace(tried, defect="missing")


def newest(folder: Path, **more: str) -> Tried | None:
    return rehearsals.newest(folder, CHANGE | more, OWN)


def known(folder: Path, **more: str) -> Tried:
    found = newest(folder, **more)
    assert found is not None
    return found


def test_the_newest_is_of_the_newest_observation_however_far_its_twins_clock_was_moved(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261206T000000Z-0001", "2026-11-27T00:00:00+00:00")
    rehearsal(tmp_path, "20261128T000000Z-0002", "2026-11-28T00:00:00+00:00")
    found = known(tmp_path)
    assert (found.run, found.outcome, found.defect) == ("20261128T000000Z-0002", "SWITCHED", "")
    assert found.plan == PLAN


def test_a_run_in_the_twin_of_another_procedures_plan_has_no_plan_to_be_held_against(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261128T000000Z-0001", of="prepare")
    found = known(tmp_path)
    assert (found.run, found.plan, found.carried) == ("20261128T000000Z-0001", None, PLAN)


def test_what_a_rehearsal_wrote_is_its_own_plan_not_the_one_its_twin_was_made_of(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261128T000000Z-0001", planned=OTHER)
    found = known(tmp_path)
    assert (found.plan, found.carried) == (PLAN, OTHER)


def test_of_two_twins_of_one_observation_the_run_that_began_last_by_this_machine_counts(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261206T000000Z-0001", began="2026-11-28T06:00:00.000+00:00")
    rehearsal(tmp_path, "20261128T000000Z-0002", began="2026-11-28T06:05:00.000+00:00", outcome="REFUSED")
    found = known(tmp_path)
    assert (found.run, found.outcome) == ("20261128T000000Z-0002", "REFUSED")


def test_a_repeat_that_found_nothing_to_write_does_not_hide_what_was_rehearsed_before_it(tmp_path: Path) -> None:
    at = "2026-11-28T06:0{}:00.000+00:00"
    rehearsal(tmp_path, "20261128T000000Z-0002", began=at.format(2), outcome="UNCHANGED")
    assert known(tmp_path).outcome == "UNCHANGED"
    rehearsal(tmp_path, "20261128T000000Z-0001", began=at.format(1))
    found = known(tmp_path)
    assert (found.run, found.outcome) == ("20261128T000000Z-0001", "SWITCHED")
    made = rehearsal(tmp_path, "20261128T000000Z-0003", began=at.format(3), outcome="FAILED")
    made.path.write_text(made.path.read_text().replace("FAILED", "UNCHANGED"))  # a failure made out to be no run
    found = known(tmp_path)
    assert (found.run, found.defect) == ("20261128T000000Z-0003", "altered")


def test_a_run_that_chooses_its_selector_is_rehearsed_by_one_that_chose_its_own(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261128T000000Z-0001")
    assert newest(tmp_path, selector="") is None
    rehearsal(tmp_path, "20261128T000000Z-0002", selector="")
    assert known(tmp_path, selector="").run == "20261128T000000Z-0002"


@pytest.mark.parametrize(
    "told",
    [
        {"account": "210987654321"}, {"region": "us-east-1"}, {"domain": "other.example.jp"}, {"mode": "plan"},
        {"procedure": "retire"},
    ],
    ids=["account", "region", "domain", "mode", "procedure"],
)  # fmt: skip
def test_a_run_of_something_else_rehearses_nothing(tmp_path: Path, told: dict[str, Any]) -> None:
    rehearsal(tmp_path, "20261128T000000Z-0001", **told)
    assert newest(tmp_path) is None


def test_each_place_of_a_domain_has_the_newest_rehearsal_of_its_own(tmp_path: Path) -> None:
    places = ("us-east-1", HERE.region)
    for number, region in enumerate(places):
        rehearsal(tmp_path, f"20261128T000000Z-000{number}", f"2026-11-28T0{number}:00:00+00:00", region=region)
    changes = [("example.jp", NEW, HERE.account, region) for region in (*places, "eu-west-1")]
    found = [one.run if one else "" for one in rehearsals.of(tmp_path, changes, OWN)]
    assert found == ["20261128T000000Z-0000", "20261128T000000Z-0001", ""]


def test_a_run_of_production_or_of_another_selector_is_no_rehearsal(tmp_path: Path) -> None:
    journals.run(tmp_path, selector=NEW)
    rehearsal(tmp_path, "20261128T000000Z-0001")
    assert newest(tmp_path, selector="mail-20271124-1") is None
    assert known(tmp_path).run == "20261128T000000Z-0001"


def rewritten(made: Account) -> None:
    """Another outcome, each line chained anew: only the seal is as it was."""
    begin = {name: made.as_json[0][name] for name in ("run", "twin", "target", "parameters", "selector")}
    made.path.unlink()
    journals.run(made.path.parent, identifier=begin.pop("run"), outcome="SWITCHED", **begin)


def one_word(made: Account) -> None:
    made.path.write_text(made.path.read_text().replace("FAILED", "SWITCHED"))


def sealed_by_a_stranger(made: Account) -> None:
    path, stranger = seal.seal_path(made.path), Ed25519PrivateKey.generate()
    path.unlink()
    seal.seal(made, lambda text: sign(text, stranger))


def unreadable(made: Account) -> None:
    path = seal.seal_path(made.path)
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("attack", "defect"),
    [
        (one_word, "altered"),
        (rewritten, "altered"),
        (lambda made: seal.seal_path(made.path).unlink(), "unsealed"),
        (sealed_by_a_stranger, "unsealed"),
        (unreadable, "unread"),
    ],
    ids=["one-word", "rewritten", "no-seal", "a-stranger-s-seal", "unreadable"],
)
def test_a_record_that_does_not_hold_rehearses_nothing(tmp_path: Path, attack: Any, defect: str) -> None:
    made = rehearsal(tmp_path, "20261128T000000Z-0001", outcome="FAILED")
    attack(made)
    found = known(tmp_path)
    assert (found.run, found.defect) == ("20261128T000000Z-0001", defect)


def test_a_run_that_never_closed_is_taken_for_no_rehearsal(tmp_path: Path) -> None:
    made = rehearsal(tmp_path, "20261128T000000Z-0001")
    made.path.write_bytes(b"".join(made.path.read_bytes().splitlines(keepends=True)[:-1]))
    found = known(tmp_path)
    assert (found.outcome, found.defect) == ("", "altered")
    seal.seal_path(made.path).unlink()
    assert known(tmp_path).defect == "unsealed"


def test_a_twins_run_is_none_of_production(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261128T000000Z-0001")
    assert previous_run(tmp_path) is None
    assert not HERE.same_dns(world_of(STANDING, "parameter", target="twin"))


def test_a_twin_has_no_past_of_another_one_at_its_endpoint(tmp_path: Path) -> None:
    rehearsal(tmp_path, "20261128T000000Z-0001", id="first")
    for name, before in (("first", "20261128T000000Z-0001"), ("second", None), ("", None)):
        there = world_of(STANDING, "parameter", target="twin", twin={"id": name})
        assert previous_run(tmp_path, there) == before
