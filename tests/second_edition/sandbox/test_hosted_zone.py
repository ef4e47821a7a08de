"""The hosted zone as boto3 and the AWS CLI see it, and its name servers as dig does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, dig, servers, txt

OWNER = f"{NEXT}._domainkey.{DOMAIN}"


def record_set(value: str = '"one"', *, name: str = OWNER, kind: str = "TXT", ttl: int = 300) -> dict[str, Any]:
    return {"Name": f"{name}.", "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value}]}


def change(aws: dict[str, Any], sandbox: Sandbox, *changes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": found} for action, found in changes]}
    zone = sandbox.facts.hosted_zone_id
    answer = aws["route53"].change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    return dict(answer["ChangeInfo"])


def listed(aws: dict[str, Any], sandbox: Sandbox) -> dict[tuple[str, str], list[str]]:
    answer = aws["route53"].list_resource_record_sets(HostedZoneId=sandbox.facts.hosted_zone_id)
    return {
        (one["Name"], one["Type"]): [record["Value"] for record in one["ResourceRecords"]]
        for one in answer["ResourceRecordSets"]
        if one["Type"] not in ("NS", "SOA")
    }


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + 600
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture
def world(child: Sandbox) -> Sandbox:
    """The next key record is not published."""
    child.reset("dns-absent")
    return child


def test_what_is_written_is_served_by_every_name_server(world: Sandbox, aws: dict[str, Any]) -> None:
    made = change(aws, world, ("CREATE", record_set('"one" "two; \\"three\\""')))
    assert made["Status"] == "PENDING"
    assert aws["route53"].get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    for server in servers(world.facts):
        assert dig(server, "+short", "TXT", OWNER).strip() == '"one" "two; \\"three\\""'
        assert dig(server, "+noall", "+answer", "TXT", OWNER).split()[1] == "300"
    change(aws, world, ("DELETE", record_set('"one" "two; \\"three\\""')))
    assert [txt(server, OWNER) for server in servers(world.facts)] == [[], []]


def test_what_the_name_servers_hold_is_listed(world: Sandbox, aws: dict[str, Any]) -> None:
    owner = f"{CURRENT}._domainkey.{DOMAIN}."
    assert list(listed(aws, world)) == [(owner, "TXT")]
    (value,) = txt(servers(world.facts)[0], owner)
    (spelled,) = listed(aws, world)[owner, "TXT"]
    assert spelled.replace('" "', "").strip('"') == value.decode()
    world.publish()
    assert (f"{OWNER}.", "TXT") in listed(aws, world)
    world.set_record(OWNER, "TXT", [])
    world.set_record(f"alias.{DOMAIN}", "CNAME", ["elsewhere.example.net."])
    assert sorted(kind for _, kind in listed(aws, world)) == ["CNAME", "TXT"]


def test_a_batch_is_carried_out_whole_or_not_at_all(world: Sandbox, aws: dict[str, Any]) -> None:
    before, other = listed(aws, world), f"other.{DOMAIN}"
    with pytest.raises(ClientError, match="InvalidChangeBatch"):
        change(aws, world, ("CREATE", record_set(name=other)), ("DELETE", record_set()))
    assert listed(aws, world) == before
    assert txt(servers(world.facts)[0], other) == []


@pytest.mark.parametrize(
    ("action", "found", "message"),
    [
        ("CREATE", record_set(), "it already exists"),
        ("DELETE", record_set('"two"'), "do not match the current values"),
        ("DELETE", record_set(ttl=301), "do not match the current values"),
        ("DELETE", record_set('"on" "e"'), "do not match the current values"),
        ("DELETE", record_set(name=f"other.{DOMAIN}"), "it was not found"),
        ("CREATE", record_set("x.example.net.", kind="CNAME"), "not permitted beside a CNAME"),
        ("CREATE", record_set(name="mail.example.net"), "is not permitted in zone"),
        ("UPSERT", record_set('"' + "x" * 256 + '"'), "CharacterStringTooLong"),
    ],
)
def test_what_route_53_refuses_is_refused(
    world: Sandbox, aws: dict[str, Any], action: str, found: dict[str, Any], message: str
) -> None:
    change(aws, world, ("CREATE", record_set()))
    before = listed(aws, world)
    with pytest.raises(ClientError) as caught:
        change(aws, world, (action, found))
    assert caught.value.response["Error"]["Code"] == "InvalidChangeBatch"
    assert message in caught.value.response["Error"]["Message"]
    assert listed(aws, world) == before


def test_a_change_takes_as_long_as_the_knob_says(world: Sandbox, aws: dict[str, Any]) -> None:
    world.set_knobs(route53_seconds=600)
    made = change(aws, world, ("UPSERT", record_set()))
    assert aws["route53"].get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "PENDING"
    assert txt(servers(world.facts)[0], OWNER) == []
    world.set_knobs(route53_seconds=0.3)
    other = f"other.{DOMAIN}"
    made = change(aws, world, ("UPSERT", record_set(name=other)))
    until(lambda: aws["route53"].get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "INSYNC")
    until(lambda: txt(servers(world.facts)[0], other) == [b"one"])
    assert txt(servers(world.facts)[0], OWNER) == []


def test_a_world_that_begins_anew_hears_nothing_of_old_changes(world: Sandbox, aws: dict[str, Any]) -> None:
    world.set_knobs(route53_seconds=0.3)
    change(aws, world, ("UPSERT", record_set()))
    zone = world.facts.hosted_zone_id
    world.reset("dns-absent")
    assert world.facts.hosted_zone_id != zone
    world.set_knobs(route53_seconds=0.3)
    later = f"later.{DOMAIN}"
    change(aws, world, ("UPSERT", record_set(name=later)))
    until(lambda: txt(servers(world.facts)[0], later) == [b"one"])  # by then the old one was due too
    assert txt(servers(world.facts)[0], OWNER) == []
