"""The twin of a campaign's plan: what several identities share stands in it once, as moto takes it."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from msgspec.structs import replace

from second_edition.aws.key_store import parse_secret
from second_edition.engine.twin import TWIN, origin
from second_edition.errors import ByodkimError
from second_edition.events.campaign import Surveyed
from second_edition.evidence import fleet_record, fleet_twin
from second_edition.evidence.journal import Account, read
from second_edition.evidence.record import Record
from second_edition.launch.twin import described
from second_edition.rotation.fleet import Member
from second_edition.sandbox.client import Sandbox
from second_edition.ses_sandbox import description
from second_edition.ses_sandbox.described import Described
from second_edition.ses_sandbox.moto_aws import Moto
from tests.second_edition.golden.__main__ import ARCHIVE

Plan = tuple[Account, Sequence[Member]]


@pytest.fixture
def campaign(tmp_path: Path) -> Plan:
    """The golden campaign's plan: of three identities, each with a secret of its own."""
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, filter="data")
    path = tmp_path / "archive" / "campaign" / "20261128T023714Z-62c09ce8.journal.jsonl"
    record = read(path)
    surveyed = record.of(Surveyed)
    assert surveyed is not None
    return record, fleet_record.Planned(path.parent / surveyed.file, surveyed.sha256).members


def test_a_secret_that_several_domains_share_is_one_map_of_them(campaign: Plan) -> None:
    record, members = campaign
    sharing = [replace(one, parameters={**one.parameters, "secret_id": "byodkim/all"}) for one in members]
    made = fleet_twin.of(record, sharing).description
    (secret,) = made["secrets"]
    Described(description.of(msgspec.json.encode(made)), {}).store(Moto())
    of_each = {one.domain: one for one in members}
    before, after = (parse_secret(msgspec.json.encode(version)) for version in secret["versions"])
    assert (before[1], after[1]) == ("", "")
    assert {one.domain: one.selector for one in after[0]} == {name: one.selector for name, one in of_each.items()}
    current = {name: one.current_selector for name, one in of_each.items()}
    assert {one.domain: one.selector for one in before[0]} == current


def test_what_is_rehearsed_there_is_of_the_place_that_its_own_plan_names(campaign: Plan) -> None:
    record, (first, other, *_) = campaign
    assert other.plan is not None
    facts = {**other.plan.relies_on, "account": "210987654321", "region": "eu-west-1"}
    moved = replace(other, account=facts["account"], region=facts["region"], plan=replace(other.plan, relies_on=facts))
    about = {**fleet_twin.of(record, [first, moved]).description["about"], "sha256": ""}
    there = SimpleNamespace(facts=SimpleNamespace(about=about, id="t"))
    found = [origin(cast(Sandbox, there), TWIN, one.domain)[TWIN] for one in (first, moved)]
    places = [(one.account, one.region) for one in (first, moved)]
    assert [(one["account"], one["region"]) for one in found] == places


def test_a_domain_in_two_regions_has_no_twin_and_its_name_is_said(campaign: Plan) -> None:
    record, (first, *_) = campaign
    surveyed = record.of(Surveyed)
    assert surveyed is not None
    file = record.path.parent / surveyed.file
    row = next(line for line in file.read_text().splitlines() if first.domain in line)
    file.write_text(file.read_text() + row.replace(f'"{first.region}"', '"eu-west-1"') + "\n")
    other = replace(surveyed, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    twice = Record([other if isinstance(one, Surveyed) else one for one in record.events])
    with pytest.raises(ByodkimError, match=f"several accounts or Regions, and a twin has one of each: {first.domain}"):
        described(twice, record.path)
