"""Worlds in which a run stops before it writes: nothing reaches SES, and the record says why."""

import time

import pytest

from byodkim.sandbox.seed import make_key
from tests.aws.keys import openssl, pem
from tests.rotate.project import (
    Change,
    Project,
    alone,
    cases,
    dns,
    entry,
    fault,
    hours,
    identity,
    removed,
    secret,
    server,
    single_entry,
    stored,
)
from tests.sandbox.tools import CURRENT, NEW

ENCRYPTED = openssl("pkcs8", "-topk8", "-passout", "pass:x", data=pem())


def absent_at_one(project: Project) -> None:
    server("ns3", name=project.name_of(NEW), texts=[])(project)


def withdrawn_at_one(project: Project) -> None:
    server("ns2", name=project.name_of(CURRENT), texts=[])(project)


def same_key(project: Project) -> None:
    """Let both selectors have one key pair."""
    stored(project.pem(CURRENT))(project)
    record = project.record(CURRENT)
    entry(dns_record={"value": record})(project)
    dns(texts=[record])(project)


def pending_stage(project: Project) -> None:
    project.client("secretsmanager").put_secret_value(
        SecretId=project.world.secret_id, SecretString="{}", VersionStages=["AWSPENDING"]
    )


def deleted_secret(project: Project) -> None:
    project.client("secretsmanager").delete_secret(SecretId=project.world.secret_id)


def leaked_into_secret(project: Project) -> None:
    project.put_secret(project.secret() | {"backup": project.pem().decode()})


#: Changes of the world, by the check that must stop the run.
WORLDS: dict[str, dict[str, Change]] = {
    "DNS-PUBLISHED FAIL": {
        "absent": dns(texts=[]),
        "wrong key": dns(texts=[make_key().record]),
        "absent at one": absent_at_one,
    },
    "DNS-ANSWERS UNKNOWN": {
        "all silent": server("ns1", "ns2", "ns3", fault="silent"),
    },
    "DNS-DNSSEC FAIL": {
        "bogus DNSSEC": server("resolver", fault="bogus"),
    },
    "SECRET-ENTRY FAIL": {
        "no entry in the secret": single_entry(CURRENT),
        "secret is no JSON": secret("selector=x"),
        "secret with a private key": leaked_into_secret,
    },
    "SECRET-STAGE FAIL": {
        "secret in mid-rotation": pending_stage,
    },
    "KEY-OBJECT FAIL": {
        "no key object": removed(),
        "key elsewhere": entry(s3_key_path="dkim-keys/none.pem"),
    },
    "KEY-PAIR FAIL": {
        "key of another pair": stored(make_key().pem),
    },
    "KEY-FORM FAIL": {
        "encrypted key": stored(ENCRYPTED),
        "key of 3072 bits": stored(pem(3072)),
    },
    "KEY-REUSED FAIL": {
        "key of the selector in use": same_key,
    },
    "SES-ORIGIN FAIL": {
        "Easy DKIM": identity(origin="AWS_SES"),
    },
    "SES-SIGNING FAIL": {
        "signing off": identity(signing_enabled=False),
    },
    "ROLLBACK-CHECKS FAIL": {
        "old record withdrawn at one server": withdrawn_at_one,
        "old key object gone": removed(CURRENT),
        "another old key stored": stored(make_key().pem, CURRENT),
    },
}


@pytest.mark.parametrize(("change", "stopped_by"), cases(WORLDS))
def test_refused(project, change, stopped_by):
    change(project)
    before = project.identity()
    result = project.run()
    assert (result.outcome, result.code, result.stopped_by) == ("REFUSED", 1, stopped_by)
    assert project.puts == 0
    assert project.identity() == before
    project.require_record(result)


DENIED = {"code": "AccessDenied", "status": 403}


@pytest.mark.parametrize(
    ("change", "stopped_by", "remedy"),
    [
        (fault("GetEmailIdentity", **DENIED), "SES-EXISTS UNKNOWN", "ses:GetEmailIdentity"),
        (fault("GetSecretValue", **DENIED), "SECRET-ENTRY UNKNOWN", "GetSecretValue"),
        (fault("GetObject", **DENIED), "KEY-OBJECT UNKNOWN", "s3:GetObject"),
        (fault("GetObject", code="NoSuchBucket"), "KEY-OBJECT UNKNOWN", "key_bucket"),
        (fault("GetObject", code="PermanentRedirect"), "KEY-OBJECT UNKNOWN", "store_region"),
        (fault("GetObject", code="InvalidObjectState"), "KEY-OBJECT UNKNOWN", "restore it"),
        (fault("GetCallerIdentity", code="ExpiredToken"), "SES-ACCOUNT UNKNOWN", "Sign in again"),
        (deleted_secret, "SECRET-ENTRY UNKNOWN", "RestoreSecret"),
        (identity(delete=True), "SES-EXISTS FAIL", "domain and region"),
    ],
)
def test_remedy_by_cause(project, change, stopped_by, remedy):
    change(project)
    result = project.run()
    assert (result.outcome, result.stopped_by) == ("REFUSED", stopped_by)
    assert remedy in result.text
    assert project.puts == 0
    project.require_record(result)


SCENARIOS = {
    "wrong-key": ("DNS-PUBLISHED FAIL", CURRENT, "another key"),
    "placeholder": ("DNS-PUBLISHED FAIL", CURRENT, "placeholder"),
    "other-key-in-s3": ("KEY-PAIR FAIL", CURRENT, "SHA-256"),
    "pending": ("DNS-PUBLISHED FAIL", NEW, "no TXT record"),
}


@pytest.mark.parametrize(
    ("project", "told"), SCENARIOS.items(), ids=SCENARIOS, indirect=["project"]
)
def test_scenario(project, told):
    stopped_by, selector, saw = told
    result = project.run(mode="plan")
    assert (result.stopped_by, project.selector) == (stopped_by, selector)
    assert saw in str(result.finding(stopped_by.split()[0]).saw)


@alone("stale-name-server")
def test_stale_name_server_is_named(project):
    result = project.run()
    assert result.stopped_by == "DNS-PUBLISHED FAIL"
    assert project.world.nameservers[1] in str(result.finding("DNS-PUBLISHED").saw)
    dns(texts=[project.record()])(project)
    assert project.run("later").stopped_by == "DNS-PUBLISHED FAIL"
    assert project.puts == 0


def test_silent_server_is_no_withdrawn_record(project):
    """D6: the DNS team would be sent the wrong way."""
    server("ns3", fault="silent")(project)
    result = project.run()
    assert result.finding("ROLLBACK-CHECKS").saw.values["check"] == "DNS-ANSWERS"


#: Errors after which a read is made again, with the check that needs it.
ERRORS = [
    ("GetEmailIdentity", "TooManyRequestsException", 429, "SES-EXISTS"),
    ("GetEmailIdentity", "InternalFailure", 500, "SES-EXISTS"),
    ("GetSecretValue", "ThrottlingException", 400, "SECRET-ENTRY"),
    ("GetSecretValue", "InternalServiceError", 500, "SECRET-ENTRY"),
    ("GetObject", "SlowDown", 503, "KEY-OBJECT"),
    ("GetObject", "InternalError", 500, "KEY-OBJECT"),
    ("GetCallerIdentity", "Throttling", 400, "SES-ACCOUNT"),
    ("GetCallerIdentity", "InternalFailure", 500, "SES-ACCOUNT"),
]
REPEATED = [
    *((operation, {"code": code, "status": status}) for operation, code, status, _ in ERRORS),
    *((operation, {"cut": "after"}) for operation in ("GetSecretValue", "GetObject")),
]


@pytest.mark.parametrize(("operation", "how"), REPEATED)
def test_a_read_is_repeated(project, operation, how):
    fault(operation, **how, times=1)(project)
    result = project.run()
    assert (result.outcome, project.puts) == ("SWITCHED", 1), result.text


@pytest.mark.prove
@pytest.mark.parametrize(("operation", "code", "status", "check"), ERRORS)
def test_a_read_that_never_succeeds(project, operation, code, status, check):
    """D9: throttling is said to be throttling. Reads end; the run is refused."""
    fault(operation, code=code, status=status)(project)
    began = time.monotonic()
    result = project.run()
    assert result.stopped_by == f"{check} UNKNOWN"
    assert time.monotonic() - began < 60
    is_broken = code.startswith("Internal")
    assert ("throttled" in str(result.finding(check).saw)) != is_broken
    assert project.puts == 0


def test_a_warning_does_not_stop(project):
    stored(pem(1024))(project)
    weak = project.run().finding("KEY-STRENGTH")
    assert not weak.is_met
    assert not weak.stops


def test_split_value_is_joined(project):
    """A value in many character-strings is one value (RFC 6376 section 3.6.2.2)."""
    right = project.record()
    pieces = [right[start : start + 60] for start in range(0, len(right), 60)]
    dns(texts=[pieces])(project)
    assert project.run().outcome == "SWITCHED"


def test_outage_is_named_first(project):
    """The record of the selector in use is another key: mail fails now, and the record says so."""
    dns(CURRENT, texts=[make_key().record])(project)
    result = project.papermill(mode="plan")
    assert "mail fails DKIM now" in result.text


@alone()
def test_clock_is_off(project):
    """AWS refuses signed requests from such a clock, and every time in the record is wrong."""
    result = project.run(before={"observe": hours(1)})
    assert result.stopped_by == "TIME-CLOCK FAIL"
    assert project.puts == 0
