"""The scenario ``fleet``: many identities, some of them not ready, and what was written to each."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from msgspec.structs import replace

from byodkim.cli.sandbox import sandbox
from byodkim.sandbox.world import World, control, start, stop_standing, table
from tests.aws.keys import public
from tests.sandbox.tools import (
    CURRENT,
    NEW,
    PUT,
    client,
    identity,
    key_name,
    put,
    puts,
    texts,
)

SIZE, FAULTY = 7, 5
#: Most bytes of a secret (Secrets Manager, "Quotas").
MOST_BYTES = 65_536


@pytest.fixture(scope="module")
def fleet() -> Iterator[World]:
    world = start("fleet", identities=SIZE, faulty=FAULTY)
    yield world
    world.stop()


def at(world: World, number: int) -> World:
    """Return the world as one identity of the fleet sees it."""
    return replace(world, domain=world.domains[number])


def secret(world: World) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the secret's entries by domain and selector."""
    answer = client(world, "secretsmanager").get_secret_value(SecretId=world.secret_id)
    return {
        domain: {entry["selector"]: entry for entry in content["selectors"]}
        for domain, content in json.loads(answer["SecretString"]).items()
    }


def public_key(world: World, domain: str, selector: str) -> str:
    """Return what OpenSSL derives from a key object."""
    path = f"dkim-keys/{domain}/{selector}/private_key.pem"
    pem = client(world, "s3").get_object(Bucket=world.key_bucket, Key=path)["Body"].read()
    return public(pem)


def facts(world: World) -> dict[str, object]:
    """Return what is true of one identity."""
    entries = secret(world)[world.domain]
    served = [texts(address, key_name(world, NEW)) for address in world.nameservers]
    try:
        ses: Any = identity(world)["DkimAttributes"]
    except ClientError as error:
        ses = {"SigningAttributesOrigin": error.response["Error"]["Code"]}
    record = entries[NEW]["dns_record"]["value"] if NEW in entries else ""
    return {
        "entries": set(entries),
        "key pairs": all(
            entry["dns_record"]["value"].endswith(public_key(world, world.domain, name))
            for name, entry in entries.items()
        ),
        "records": {len(each) for each in served},
        "published": not record or {(record,)} == {tuple(each) for each in served},
        "ses": ses["SigningAttributesOrigin"],
    }


READY = {
    "entries": {CURRENT, NEW},
    "key pairs": True,
    "records": {1},
    "published": True,
    "ses": "EXTERNAL",
}


@pytest.mark.parametrize(
    ("number", "changed"),
    [
        (0, {}),
        (1, {}),
        (2, {"records": {0}, "published": False}),
        (3, {"published": False}),
        (4, {"entries": {CURRENT}}),
        (5, {"ses": "AWS_SES"}),
        (6, {"ses": "NotFoundException"}),
    ],
)
def test_the_last_identities_are_not_ready_each_in_its_way(fleet, number, changed):
    assert facts(at(fleet, number)) == {**READY, **changed}


def test_no_key_belongs_to_two_selectors(fleet):
    records = [
        entry["dns_record"]["value"]
        for entries in secret(fleet).values()
        for entry in entries.values()
    ]
    assert len(set(records)) == len(records) == 2 * SIZE - 1


def test_puts_are_counted_and_fail_for_each_identity(fleet):
    control(fleet, "forget")
    first, second = at(fleet, 0), at(fleet, 2)
    control(fleet, "fault", operation=PUT, identity=second.domain, code="InternalFailure", times=1)
    put(first, key="AAAA")
    with pytest.raises(ClientError, match="InternalFailure"):
        put(second, key="AAAA")
    put(second, key="AAAA")
    assert puts(fleet) == {first.domain: 1, second.domain: 2}
    statuses = [call["status"] for call in control(fleet, "calls") if call["operation"] == PUT]
    assert statuses == [200, 400, 200]


def test_the_key_objects_of_one_identity_fail(fleet):
    control(
        fleet, "fault", operation="*", identity=fleet.domains[0], code="AccessDenied", status=403
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        public_key(fleet, fleet.domains[0], NEW)
    assert public_key(fleet, fleet.domains[1], NEW)
    control(fleet, "fault", operation="*", identity=fleet.domains[0], times=0)
    assert public_key(fleet, fleet.domains[0], NEW)


def test_a_throttled_fleet_from_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runner = CliRunner()
    try:
        started = runner.invoke(sandbox, ["start", "fleet", "--throttled"], catch_exceptions=False)
        assert "fleet" in started.output
        shown = runner.invoke(sandbox, ["table"], catch_exceptions=False).output
        lines = shown.splitlines()
        assert lines[0] == "domain,selector,section,region"
        assert lines[1] == "d0001.example.jp,mail-20261124-1,,ap-northeast-1"
        assert len(lines) == 1 + 60
        runner.invoke(sandbox, ["reset"], catch_exceptions=False)
        assert runner.invoke(sandbox, ["table"], catch_exceptions=False).output == shown
    finally:
        stop_standing()


def test_60_identities_fit_the_secret_and_ses_has_its_pace():
    world = start("fleet", throttled=True)
    stored = client(world, "secretsmanager").get_secret_value(SecretId=world.secret_id)
    assert len(stored["SecretString"]) < MOST_BYTES
    assert len(table(world).splitlines()) == 1 + 60
    assert world.begun.is_throttled
    world.stop()
