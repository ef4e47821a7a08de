"""Publish by a profile of AWS: where key records go, and what is refused before anything is written."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.dns.updated import NAME, Key, knot, whole
from tests.second_edition.launch.test_publish import APPLY, CHANGES, Desk, copied, made
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.profiles import write_profile
from tests.second_edition.sandbox.outside import dig, servers, txt

QUICK = {"values": ({"publisher": "route53"}, {"update_server": "ns1.example.jp"})}


def profile(desk: Desk, **values: Any) -> None:
    write_profile(desk.folder, desk.sandbox.facts, **values)


@pytest.fixture(scope="module")
def first_of_aws(child: Sandbox, tmp_path_factory: pytest.TempPathFactory, state: Path) -> Desk:
    """The record of a run that believes to act on AWS."""
    child.reset("dns-absent")
    folder = tmp_path_factory.mktemp("aws")
    profile(Desk(folder, child, state))
    return made(folder, child, state)


@pytest.fixture
def aws_desk(first_of_aws: Desk, tmp_path: Path) -> Desk:
    first_of_aws.sandbox.reset("dns-absent")
    return copied(first_of_aws, tmp_path)


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Key]]:
    key = Key()
    with knot(tmp_path_factory.mktemp("knot"), key) as port:
        yield port, key


def store(desk: Desk, key: Key) -> None:
    client = outside.client(desk.sandbox.facts, "secretsmanager")
    client.create_secret(Name="byodkim/tsig", SecretString=json.dumps(key.document))
    client.close()


def test_by_the_profile_it_goes_to_the_zones_primary(aws_desk: Desk, primary: tuple[int, Key]) -> None:
    port, key = primary
    store(aws_desk, key)
    at = f"127.0.0.1:{port}"
    profile(aws_desk, nameservers=at, publisher="rfc2136", update_server=at, tsig_secret_id="byodkim/tsig")
    before = whole(port)
    planned = aws_desk.publish()
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert f"dynamic update (RFC 2136) at {at}" in next(aws_desk.archive.glob("*.html")).read_text()
    assert whole(port) == before
    done = aws_desk.publish(*APPLY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert dig(("127.0.0.1", port), "+short", "TXT", NAME).replace('" "', "").strip() == f'"{aws_desk.value}"'
    after = whole(port)
    del after[f"{NAME}.", "TXT"]
    assert after == before
    texts = [path.read_bytes() for path in aws_desk.folder.rglob("*") if path.is_file()]
    texts += [text.encode() for text in (planned.stdout, planned.stderr, done.stdout, done.stderr)]
    for canary in (key.base64, key.secret.hex(), key.base64[3:23], base64.urlsafe_b64encode(key.secret).decode()):
        assert [text for text in texts if canary.encode() in text] == []


def test_by_the_profile_it_goes_to_the_hosted_zone(aws_desk: Desk) -> None:
    profile(aws_desk, publisher="route53", hosted_zone_id=aws_desk.sandbox.facts.hosted_zone_id)
    done = aws_desk.publish(*APPLY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert txt(servers(aws_desk.sandbox.facts)[0], NAME) == [aws_desk.value.encode()]


def test_where_others_publish_the_plan_is_shown_and_how_the_request_is_made(aws_desk: Desk) -> None:
    profile(aws_desk, publisher="request")
    shown = aws_desk.publish()
    assert shown.returncode == 0
    assert f"byodkim request {aws_desk.record}\n" in shown.stdout
    assert aws_desk.sandbox.calls(CHANGES) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"publisher": "route53"}, "has the publisher route53, and no hosted_zone_id"),
        ({"publisher": "rfc2136", "update_server": "192.0.2.53"}, "no tsig_secret_id"),
        ({"publisher": "rfc2136", "tsig_secret_id": "x"}, "no update_server"),
        ({"publisher": "nsupdate"}, "The key publisher in [default]"),
        ({"hosted_zone_id": "/hostedzone/Z1"}, "The key hosted_zone_id in [default]"),
        (
            {"update_server": "ns1.example.jp"},
            "Nothing was read or written; SES signs as before. Give the primary server's IP address",
        ),
        ({"update_server": "192.0.2.1,192.0.2.2"}, "names more than one server"),
    ],
)
def test_a_profile_that_is_wrong_is_one_paragraph(aws_desk: Desk, values: dict[str, object], words: str) -> None:
    profile(aws_desk, **values)
    done = aws_desk.publish(*APPLY)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert aws_desk.journals() == []
