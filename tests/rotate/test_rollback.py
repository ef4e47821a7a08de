"""The way back: switch, then roll back by exactly the command that the record prints."""

import shlex

import pytest

from byodkim.sandbox.seed import make_key
from tests.rotate.project import (
    BIN,
    NOTEBOOK,
    Project,
    Result,
    alone,
    both,
    dns,
    fault,
    hours,
    identity,
    removed,
    secret,
    single_entry,
    stored,
)
from tests.sandbox.tools import CURRENT, NEW, for_ses, put


def printed(text: str, label: str = "To roll back") -> list[str]:
    """Return the words of a command that the last lines print."""
    line = next(each for each in text.splitlines() if each.startswith(label))
    return shlex.split(line.removeprefix(label))


def follow(project: Project, words: list[str]) -> Result:
    """Run a printed papermill command as it is, in the project's folder."""
    assert words[0] == "papermill"
    notebooks = project.folder / "notebooks"
    if not notebooks.exists():
        notebooks.symlink_to(NOTEBOOK.parent)
    name = words[2].removeprefix("outputs/").removesuffix(".ipynb")
    return project.end(name, project.popen(BIN / "papermill", *words[1:]))


@pytest.mark.parametrize(
    "change",
    [single_entry(), pytest.param(dns(), marks=pytest.mark.prove)],
    ids=["single entry", "both selectors in the secret"],
)
def test_printed_commands_work(project, change):
    """D1: plan, apply and roll back, each by the command that the one before printed."""
    change(project)
    plan = project.papermill("CHG-1-plan", mode="plan", ticket="CHG-1", reason="it's due; really")
    plan.require("PLANNED")
    switched = follow(project, printed(plan.text, "To apply"))
    assert (switched.code, switched.outcome, project.selector) == (0, "SWITCHED", NEW)
    back = follow(project, printed(switched.text))
    assert (back.code, back.outcome, project.selector) == (0, "SWITCHED", CURRENT), back.text
    assert project.puts == 2
    project.require_record(back)


SWITCHED_WITH = {
    "a pending status": dns(),
    "the new record gone": dns(texts=[]),
    "the new key object gone": removed(),
    "another old key stored": stored(make_key().pem, CURRENT),
    "the secret about another selector": secret(
        {"selector": "mail-2027-1", "dns_record": {"value": make_key().record}}
    ),
    "the secret not readable": fault("GetSecretValue", code="AccessDenied", status=403),
    "the secret deleted": lambda each: each.client("secretsmanager").delete_secret(
        SecretId=each.world.secret_id, ForceDeleteWithoutRecovery=True
    ),
}


@pytest.mark.parametrize("change", SWITCHED_WITH.values(), ids=SWITCHED_WITH)
def test_rollback_when_the_switch_went_wrong(project, change):
    """Nothing about the new selector can stop the way back."""
    single_entry()(project)
    assert project.run("there", wait_minutes="0").outcome == "SWITCHED-PENDING"
    change(project)
    back = project.run("back", selector=CURRENT)
    assert (back.outcome, project.selector, project.puts) == ("SWITCHED", CURRENT, 2), back.text
    project.require_record(back)


@pytest.mark.parametrize(
    ("change", "stopped_by"),
    [
        (removed(CURRENT), "KEY-OBJECT FAIL"),
        (dns(CURRENT, texts=[make_key().record]), "DNS-PUBLISHED FAIL"),
        (dns(CURRENT, texts=[]), "DNS-PUBLISHED FAIL"),
    ],
)
def test_rollback_to_what_is_gone_is_refused(project, change, stopped_by):
    single_entry()(project)
    project.run("there")
    change(project)
    back = project.run("back", selector=CURRENT)
    assert (back.outcome, back.stopped_by) == ("REFUSED", stopped_by), back.finding(
        stopped_by.split()[0]
    ).saw
    assert (project.selector, project.puts) == (NEW, 1)


def test_a_selector_that_no_signed_run_saw_is_no_rollback(project):
    single_entry()(project)
    (project.state / "byodkim" / "sealing-key.pem").unlink(missing_ok=True)
    project.run("there")
    (project.state / "byodkim" / "sealing-key.pem").unlink()
    back = project.run("back", selector=CURRENT)
    assert back.stopped_by == "SECRET-ENTRY FAIL"


@pytest.mark.parametrize(
    "change",
    [
        dns(CURRENT, texts=[]),
        dns(CURRENT, texts=["v=DKIM1; k=rsa; p="]),
        dns(CURRENT, texts=[make_key().record]),
        both(dns(CURRENT, texts=[]), identity(status="FAILED")),
    ],
    ids=["withdrawn", "revoked", "another key", "SES gave up"],
)
def test_the_cure_is_allowed(project, change):
    """Where receivers cannot verify today's signature, there is nothing to go back to."""
    change(project)
    result = project.run()
    assert (result.outcome, project.selector) == ("SWITCHED", NEW), result.text
    assert result.finding("ROLLBACK-CHECKS").verdict in ("FAIL", "SKIPPED")
    assert "To roll back" not in result.text


def test_no_way_back_is_not_promised(project):
    """A waived rollback check: the record says why, and prints no command."""
    removed(CURRENT)(project)
    result = project.papermill(waive="ROLLBACK-CHECKS: the old key is lost")
    result.require("SWITCHED")
    assert "To roll back" not in result.text
    assert "would be refused: KEY-OBJECT" in result.text


def test_wrong_key_by_another_hand_is_written_again(project):
    """D3: SES is PENDING with a key that no run of this folder set."""
    put(project.world, NEW, for_ses(make_key().pem))
    plan = project.run("plan", mode="plan")
    assert plan.finding("KEY-KNOWN").verdict == "FAIL"
    result = project.run("apply")
    assert (result.outcome, project.puts) == ("SWITCHED", 2), result.text
    assert project.identity()["Status"] == "SUCCESS"


@alone("pending")
def test_own_pending_key_is_not_written_again(project):
    """SES has the new selector by another hand; the first run sets its key, the second waits."""
    dns(texts=[project.record()])(project)
    identity(selector=CURRENT)(project)
    identity(status="SUCCESS")(project)
    assert project.run("first", wait_minutes="0").outcome == "SWITCHED-PENDING"
    assert project.run("second").outcome == "SWITCHED"
    assert project.puts == 1


@alone("dns-absent")
def test_time_activate(project):
    """A run saw no record; once it is there, caches may deny it for as long as the SOA says. A
    changed TTL does not start that wait again.
    """
    assert project.run("early", mode="plan").stopped_by == "DNS-PUBLISHED FAIL"
    dns(texts=[project.record()])(project)
    soon = project.run("soon")
    assert (soon.stopped_by, project.puts) == ("TIME-ACTIVATE FAIL", 0)
    hours(0.2)(project)
    dns(texts=[project.record()], ttl=60)(project)
    later = project.run("later")
    assert (later.outcome, project.puts) == ("SWITCHED", 1), later.text
