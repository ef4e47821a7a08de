"""Waiting for DNS and for SES, with a visible line; and proof by a received message."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest

from byodkim.record.events import IdentitySeen, MessageJudged, Waiting
from byodkim.sandbox.seed import make_key
from tests.rotate.project import Project, alone, dns, server, ses
from tests.sandbox.tools import NEW, eventually


@alone("dns-absent")
def test_wait_for_dns(project):
    """The record appears while the run waits, and caches forget what was there before."""
    project.change("dns", servers=["ns1", "ns2", "ns3"], minimum=2, soa_ttl=2)
    process = project.start("run", wait_dns_minutes="2")
    journal = project.outputs / "run.journal.jsonl"
    eventually(lambda: journal.exists() and '"waiting"' in journal.read_text(), 30)
    dns(texts=[project.record()])(project)
    result = project.end("run", process)
    assert (result.code, result.outcome, project.puts) == (0, "SWITCHED", 1), result.text
    assert "waiting for DNS" in result.text
    project.require_record(result)


@pytest.mark.prove
@alone("dns-absent")
def test_wait_for_dns_ends(project):
    result = project.run(wait_dns_minutes="1")
    assert (result.outcome, result.stopped_by) == ("REFUSED", "DNS-PUBLISHED FAIL")
    assert project.puts == 0


def test_ses_takes_its_time(project):
    """Each state is noted once, and the terminal shows a line for each look."""
    ses(verify_after_s=4)(project)
    result = project.papermill()
    result.require("SWITCHED")
    seen = [each.identity.status for each in result.events if isinstance(each, IdentitySeen)]
    assert seen == ["PENDING", "SUCCESS"]
    assert result.count(Waiting) == 1
    assert result.text.count("waiting for SES: PENDING") > 1


@pytest.mark.prove
def test_wait_for_ses_expires(project):
    """A wait that ends in vain asks for a person: exit code 1."""
    ses(verify_after_s=90)(project)
    result = project.run(wait_minutes="1")
    assert (result.outcome, result.code, project.puts) == ("SWITCHED-PENDING", 1, 1)
    project.require_record(result)


def mail(project: Project) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"info@{project.domain}", "reader@example.com"
    message["Subject"], message["Date"] = "News", "Thu, 03 Dec 2026 09:00:00 +0900"
    message.set_content("Hello")
    return message.as_bytes()


def signed(project: Project) -> bytes:
    """Return a message as SES signs it."""
    raw = mail(project)
    field: bytes = dkim.sign(
        raw,
        NEW.encode(),
        project.domain.encode(),
        project.pem(),
        include_headers=[b"from", b"to", b"subject", b"date"],
    )
    return field + raw


#: What a message proves: how it is made, the verdict, and the outcome of the run with it.
MESSAGES: dict[str, tuple[Callable[[Project], bytes], str, str]] = {
    "proved": (signed, "PASS", "SWITCHED"),
    "changed": (lambda each: signed(each).replace(b"Hello", b"Hullo"), "FAIL", "FAILED"),
    "not signed": (mail, "FAIL", "FAILED"),
    "no message": (lambda _each: b"\xff\xfe\x00", "UNKNOWN", "SWITCHED"),
}


@pytest.mark.parametrize(("make", "verdict", "outcome"), MESSAGES.values(), ids=MESSAGES)
def test_message(project, make, verdict, outcome):
    Path("received.eml").write_bytes(make(project))
    result = project.run(message="received.eml")
    (judged,) = [each.finding for each in result.events if isinstance(each, MessageJudged)]
    assert (judged.verdict, result.outcome) == (verdict, outcome), judged.saw
    assert result.code == (0 if verdict == "PASS" else 1)
    assert (project.puts, project.selector) == (1, NEW)
    project.require_record(result)


def test_message_after_the_switch(project):
    """A message comes later than the switch: an UNCHANGED run judges it, in either mode."""
    project.run("first")
    Path("received.eml").write_bytes(signed(project))
    for mode in ("plan", "apply"):
        result = project.run(mode, mode=mode, message="received.eml")
        assert (result.outcome, result.count(MessageJudged)) == ("UNCHANGED", 1)
    assert project.puts == 1


def test_message_with_a_server_that_serves_another_record(project):
    project.run("first")
    Path("received.eml").write_bytes(signed(project))
    server("ns2", name=project.name_of(NEW), texts=[make_key().record])(project)
    result = project.run("second", message="received.eml")
    assert result.outcome in ("FAILED", "REFUSED")
    assert result.code == 1


def test_message_that_is_not_there(project):
    """It is missed before the write, not after it."""
    result = project.run(message="none.eml")
    assert (result.code != 0, project.puts) == (True, 0), result.text
