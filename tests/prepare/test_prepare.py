"""Whole preparations: what is made is one pair everywhere, and rotate takes it."""

import csv
import io
import json
import threading

import pytest
from msgspec.structs import replace

from byodkim.record.events import Planned, WriteIntended
from tests.prepare.named import Named, named
from tests.prepare.preparing import SELECTOR, Preparing
from tests.rotate.project import dns, fault, server
from tests.rotate.test_people import acting, approve, form_team
from tests.sandbox.tools import CURRENT, eventually, texts, verifies


def test_plan_writes_nothing(project):
    result = project.prepare(mode="plan")
    result.require("PLANNED")
    planned = next(each for each in result.events if isinstance(each, Planned))
    assert planned.facts["writes"] == "PutObject, PutSecretValue, UpdateSecretVersionStage"
    assert (project.writes(), project.versions(SELECTOR), project.entries) == ([], [], [])
    project.require_record(result)


def test_request(project):
    """The DNS team gets the true value; after it publishes that, rotate's plan says ready."""
    before = project.secret()["selectors"]
    result = project.prepare(reason="yearly", ticket="CHG-1")
    result.require("PREPARED")
    value = project.require_pair()
    assert project.secret()["selectors"][:-1] == before
    assert project.writes() == ["PutObject", "PutSecretValue", "UpdateSecretVersionStage"]
    intents = [each for each in result.events if isinstance(each, WriteIntended)]
    assert [each.operation for each in intents] == project.writes()
    assert {(each.before, each.after) for each in intents} == {(CURRENT, SELECTOR)}
    sheet = (project.outputs / "run.csv").read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet)))
    assert rows[1] == [project.name_of(SELECTOR), "TXT", value, "3600"]
    letter = (project.outputs / "run.txt").read_text()
    assert letter.count(value) == 2
    assert "CHG-1" in letter
    assert (project.outputs / "run.zone").read_text() in letter
    project.require_record(result)
    project.require_no_private_key()

    project.prepare("again").require("UNCHANGED")
    assert len(project.writes()) == 3
    project.change("dns", name=project.name_of(SELECTOR), texts=[value])
    # Where the slow server was seen, caches may hold its answer for the TTL.
    ready = project.run("ready", selector=SELECTOR, mode="plan")
    assert ready.stopped_by in ("", "TIME-ACTIVATE FAIL"), ready.text


def test_route53(project):
    """A slow server is waited for; then every one serves the record."""
    project.profile('dns_writer = "route53"\nttl = 300\n')
    project.change("dns", servers=["ns2"], frozen=True)
    name = project.name_of(SELECTOR)

    def thaw():
        eventually(lambda: texts(project.world.nameservers[0], name) != [], 30)
        value = texts(project.world.nameservers[0], name)
        project.change("dns", servers=["ns2"], frozen=False, name=name, texts=value)

    slow = threading.Thread(target=thaw)
    slow.start()
    fault("GetChange", code="Throttling", times=2)(project)
    result = project.prepare(wait_dns_minutes="1")
    slow.join()
    result.require("PREPARED")
    value = project.require_pair()
    for address in project.world.nameservers:
        assert texts(address, name) == [value]
        assert verifies(address, SELECTOR, project.domain, project.pem(SELECTOR))
    project.require_record(result)


@pytest.mark.prove
def test_route53_that_some_server_never_gets(project):
    """The wait ends, and a person is asked. The same command goes on where this one ended."""
    project.profile('dns_writer = "route53"\nttl = 300\n')
    server("ns2", frozen=True)(project)
    result = project.prepare("first", wait_dns_minutes="1")
    result.require("FAILED")
    assert "DNS-PUBLISHED" in result.text
    value = project.require_pair()
    server("ns2", frozen=False, name=project.name_of(SELECTOR), texts=[value])(project)
    writes = project.writes()
    project.prepare("second", wait_dns_minutes="1").require("UNCHANGED")
    assert project.writes() == writes


def test_permissions(project):
    project.profile('dns_writer = "route53"\n')
    project.require_policy("prepare", selector=SELECTOR, wait_dns_minutes="1")


def updated_by(project: Preparing, server: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the zone be at a real server that takes updates."""
    tsig, address = f"tsig/{project.domain}", server.address
    secrets = project.client("secretsmanager")
    secrets.create_secret(Name=tsig, SecretString=json.dumps(server.tsig))
    project.world = replace(project.world, nameservers=(address,), resolvers=(address,))
    updates = f'dns_writer = "rfc2136"\nupdate_server = "{address}"\ntsig_secret_id = "{tsig}"\n'
    project.be_aws(monkeypatch, f"{updates}late_write_seconds = 1\nttl = 300\n")


def test_dynamic_update(project, tmp_path, monkeypatch):
    with named(tmp_path / "named") as primary:
        updated_by(project, primary, monkeypatch)
        result = project.prepare(wait_dns_minutes="1")
        result.require("PREPARED")
        value = project.require_pair()
        assert texts(primary.address, project.name_of(SELECTOR)) == [value]
        assert verifies(primary.address, SELECTOR, project.domain, project.pem(SELECTOR))
        project.require_no_private_key()
        assert primary.secret not in (project.outputs / "run.journal.jsonl").read_text()


def test_names(project):
    """The number is the first that neither secret nor records name; a plan's name is kept."""
    first = project.prepare("first", mode="plan", selector="")
    day = f"{first.events[0].at:%Y%m%d}"
    assert first.headline.values["selector"] == f"mail-{day}-1"
    content = project.secret()
    taken = [dict(content["selectors"][0], selector=f"mail-{day}-{n}") for n in (1, 2, 3)]
    project.put_secret({"selectors": content["selectors"] + taken[1:]})
    done = project.prepare("second", selector="")
    assert (done.outcome, done.headline.values["selector"]) == ("PREPARED", f"mail-{day}-1")
    project.profile('selector_pattern = "post-{date}-{number}"\n')
    for path in project.outputs.iterdir():
        path.unlink()
    third = project.prepare("third", mode="plan", selector="")
    assert third.headline.values["selector"] == f"post-{day}-1"


def test_new_name_after_a_rotation(project):
    first = project.prepare("first", mode="plan", selector="", target="sandbox")
    name = str(first.headline.values["selector"])
    project.run("rotated", selector=name, mode="plan")
    second = project.prepare("second", mode="plan", selector="")
    assert second.headline.values["selector"] == name[:-1] + "2"


def test_approved_by_a_second_person(project):
    """The name of the plan's selector is kept, and so the approval fits the apply run."""
    form_team(project, "sato", "tanaka")
    with acting(project, "sato"):
        project.prepare("plan", mode="plan", selector="").require("PLANNED")
        assert project.prepare("early", selector="").stopped_by == "PLAN-APPROVED FAIL"
    assert project.writes() == []
    assert approve(project, "tanaka", "plan")[0] == 0
    with acting(project, "sato"):
        project.prepare("apply", selector="").require("PREPARED")


def test_taken_by_others_meanwhile(project):
    """A record that appears after the plan stops the run before it writes."""
    result = project.prepare(before={"apply": dns(SELECTOR, texts=["v=spf1 -all"])})
    assert result.stopped_by == "DNS-FREE FAIL", result.text
    assert project.writes() == []
