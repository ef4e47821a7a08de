"""Scenarios, and the life of embedded and standing sandboxes."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from byodkim.cli.sandbox import sandbox
from byodkim.errors import InputError
from byodkim.sandbox.world import (
    SCENARIOS,
    World,
    attach,
    control,
    reset_standing,
    standing,
    start,
    start_standing,
    stop_standing,
)
from tests.aws.keys import public
from tests.sandbox.tools import (
    CURRENT,
    NEW,
    dig,
    entries,
    eventually,
    identity,
    key_name,
    put,
    status,
    stored_pem,
    texts,
)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield tmp_path
    stop_standing()


def answers(world: World) -> bool:
    try:
        control(world, "world")
    except InputError:
        return False
    return True


def facts(world: World) -> dict[str, object]:
    """Return what tells the scenarios apart, each compared with the secret's record."""
    record = entries(world)[NEW]["dns_record"]["value"]
    served = [texts(address, key_name(world, NEW)) for address in world.nameservers]
    shown = identity(world)["DkimAttributes"]
    return {
        "published": [record in each for each in served],
        "other": any(each and record not in each for each in served),
        "placeholder": ["v=DKIM1; k=rsa; p=customerProvidedPublicKey"] in served,
        "key pair": record.endswith(public(stored_pem(world, NEW))),
        "ses": (shown["Tokens"], shown["Status"]),
    }


READY = {
    "published": [True, True, True],
    "other": False,
    "placeholder": False,
    "key pair": True,
    "ses": ([CURRENT], "SUCCESS"),
}
ABSENT: dict[str, object] = {"published": [False, False, False]}
DIFFERENT: dict[str, dict[str, object]] = {
    "ready": {},
    "dns-absent": ABSENT,
    "stale-name-server": {"published": [True, False, True]},
    "wrong-key": {**ABSENT, "other": True},
    "placeholder": {**ABSENT, "other": True, "placeholder": True},
    "other-key-in-s3": {"key pair": False},
    "pending": {**ABSENT, "ses": ([NEW], "PENDING")},
}


@pytest.mark.parametrize("scenario", DIFFERENT)
def test_what_a_scenario_changes(scenario):
    world = start(scenario)
    assert facts(world) == {**READY, **DIFFERENT[scenario]}
    control(world, "dns", name="later.example.jp", texts=["later"])
    is_stale = [not texts(address, "later.example.jp") for address in world.nameservers]
    assert is_stale == [False, scenario == "stale-name-server", False]
    world.stop()


def test_the_throttled_scenario():
    assert {*DIFFERENT, "throttled", "fleet"} == set(SCENARIOS)
    world = start("throttled")
    put(world)
    with pytest.raises(Exception, match="TooManyRequestsException"):
        identity(world)
    control(world, "ses", calls_per_second=0)
    assert status(world) == "PENDING"
    control(world, "ses", advance_h=7 / 3600)
    assert status(world) == "PENDING"
    control(world, "ses", advance_h=1 / 3600)
    assert status(world) == "SUCCESS"
    world.stop()


@pytest.mark.parametrize("begin", [start, attach, start_standing, reset_standing])
@pytest.mark.usefixtures("state")
def test_an_unknown_scenario_is_refused(begin):
    with pytest.raises(InputError) as refused:
        begin("stale-nameserver")
    assert "stale-name-server?" in str(refused.value)
    assert standing() is None


def test_sandboxes_started_at_once_do_not_meet():
    with ThreadPoolExecutor(2) as pool:
        worlds = list(pool.map(lambda _: start(), range(2)))
    put(worlds[0])
    assert [identity(world)["DkimAttributes"]["Tokens"] for world in worlds] == [
        [NEW],
        [CURRENT],
    ]
    records = {entries(world)[NEW]["dns_record"]["value"] for world in worlds}
    assert len(records) == 2
    for world in worlds:
        world.stop()


def test_an_embedded_sandbox_ends_with_its_parent():
    code = (
        "import msgspec; from byodkim.sandbox.world import start;"
        "print(msgspec.json.encode(start()).decode(), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        world = msgspec.json.decode(parent.stdout.readline(), type=World)
        assert answers(world)
        os.kill(parent.pid, signal.SIGKILL)
    eventually(lambda: not answers(world))


def test_stop_ends_an_embedded_sandbox():
    world = start()
    world.stop()
    assert not answers(world)
    world.stop()


@pytest.mark.usefixtures("state")
def test_a_standing_sandbox_outlives_stop():
    assert standing() is None
    assert not stop_standing()
    world = start_standing("dns-absent")
    assert attach("") == attach("dns-absent") == standing() == world
    world.stop()
    assert standing() == world
    with pytest.raises(InputError, match="running already"):
        start_standing()
    embedded = attach("ready")
    assert embedded.endpoint_url != world.endpoint_url
    embedded.stop()
    assert stop_standing()
    assert not answers(world)


@pytest.mark.usefixtures("state")
def test_a_reset_begins_anew_at_the_same_places():
    with pytest.raises(InputError, match="No sandbox is running"):
        reset_standing()
    before = start_standing("dns-absent")
    control(before, "ses", advance_h=5)
    moved = standing()
    assert moved == replace(before, clock_offset_s=5 * 3600)
    world = reset_standing()
    assert world.pid != before.pid
    assert world == replace(before, pid=world.pid, hosted_zone_id=world.hosted_zone_id)
    assert reset_standing("ready").scenario == "ready"


@pytest.mark.usefixtures("state")
def test_a_stale_state_file_is_no_sandbox():
    world = start_standing()
    os.kill(world.pid, signal.SIGKILL)
    eventually(lambda: standing() is None)
    assert start_standing().pid != world.pid


def test_the_settings_of_the_operators_aws_are_not_read(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    world = start()
    monkeypatch.undo()
    assert status(world) == "SUCCESS"
    world.stop()


def test_a_web_page_gets_no_answer(shared):
    for path in ("/sandbox/world", "/example-jp-dkim-keys"):
        request = urllib.request.Request(
            shared.endpoint_url + path, headers={"Origin": "https://example.com"}
        )
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(request)
        refused.value.close()


@pytest.mark.usefixtures("state")
def test_the_dns_team_publishes_and_removes():
    world, name = start_standing("dns-absent"), f"{NEW}._domainkey.example.jp"
    record = entries(world)[NEW]["dns_record"]["value"]
    for arguments, served, ttls in (
        (["publish", name, record, "--ttl", "77"], [record], {"77"}),
        (["publish", name, "v=DKIM1; p=AAAA"], ["v=DKIM1; p=AAAA"], {"300"}),
        (["remove", name], [], set()),
    ):
        CliRunner().invoke(sandbox, ["dns", *arguments], catch_exceptions=False)
        for address in world.nameservers:
            assert texts(address, name) == served
            assert set(re.findall(r"\s(\d+)\s+IN\s+TXT\s", dig(address, name))) == ttls
    with pytest.raises(InputError, match="is not in the zone"):
        CliRunner().invoke(sandbox, ["dns", "publish", "a.jp", "x"], catch_exceptions=False)
