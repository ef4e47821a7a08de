"""Scenarios, and the life of embedded and standing sandboxes."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from byodkim.cli.sandbox import sandbox
from byodkim.errors import InputError
from byodkim.sandbox.world import (
    World,
    attach,
    control,
    reset_standing,
    standing,
    start,
    start_standing,
    stop_standing,
)
from tests.sandbox.tools import (
    NEW,
    client,
    dig,
    entries,
    eventually,
    identity,
    put,
    status,
    texts,
)

#: Most bytes of a secret (Secrets Manager, "Quotas").
MOST_BYTES = 65_536


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


def test_a_throttled_sandbox():
    world = start(throttled=True)
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


@pytest.mark.usefixtures("state")
def test_a_throttled_fleet_from_the_command_line():
    runner = CliRunner()
    started = runner.invoke(sandbox, ["start", "fleet", "--throttled"], catch_exceptions=False)
    assert "fleet" in started.output
    world = standing()
    assert world is not None
    assert world.begun.throttled
    stored = client(world, "secretsmanager").get_secret_value(SecretId=world.secret_id)
    assert len(stored["SecretString"]) < MOST_BYTES
    shown = runner.invoke(sandbox, ["table"], catch_exceptions=False).output
    lines = shown.splitlines()
    assert lines[0] == "domain,selector,section,region"
    assert lines[1] == "d0001.example.jp,mail-20261124-1,,ap-northeast-1"
    assert len(lines) == 1 + 60
    runner.invoke(sandbox, ["reset"], catch_exceptions=False)
    assert runner.invoke(sandbox, ["table"], catch_exceptions=False).output == shown
