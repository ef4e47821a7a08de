"""The facts in a journal are those of the raw answers beside them; one that is altered contradicts them."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from second_edition.engine.run import RunRefused
from second_edition.errors import ByodkimError
from second_edition.events.parts import RawAnswer
from second_edition.plain import from_plain
from second_edition.rotation.observation import UNREADABLE_ANSWER
from tests.second_edition.engine.played import Stage
from tests.second_edition.evidence.raw import contradictions, incomparable
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.wire import PUT, Fault, Handler, Wire
from tests.second_edition.verification.judged import codes, judge

Events = list[dict[str, Any]]


def told(stage: Stage, scenario: str, **given: Any) -> Events:
    """The events of a run in a scenario, however it ended."""
    stage.sandbox.reset(scenario)
    stage.sandbox.set_knobs(check_interval=0.2)
    run = stage.begin(**given)
    with contextlib.suppress(ByodkimError):
        stage.play(run)
    return run.journal.as_json


def last(events: Events, name: str) -> dict[str, Any]:
    return [event for event in events if event["event"] == name][-1]


def set_in(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Alters what stands at a path: the last entry is the other value."""
    *names, name, value = path

    def alter(event: dict[str, Any]) -> None:
        for part in names:
            event = event[part]
        assert event[name] != value
        event[name] = value

    return alter


def silent(event: dict[str, Any]) -> None:
    """The first server is said not to have answered; its answer stays."""
    answer = event["observation"]["records"][0]
    unsaid = {"rcode": "", "authoritative": False, "records": [], "ttl": None, "serial": None}
    answer.update(unsaid, failure="timeout", negative_ttl=None, refresh=None)


def without_server(*places: str) -> Callable[[dict[str, Any]], None]:
    """Leaves out what the last server answered."""

    def alter(event: dict[str, Any]) -> None:
        seen = event["observation"]
        for place in places:
            (seen["dns"] if place == "siblings" else seen)[place].pop()

    return alter


def swapped_keys(event: dict[str, Any]) -> None:
    one, other = (event["observation"][name]["key"] for name in ("next_key", "current_key"))
    one["version_id"], other["version_id"] = other["version_id"], one["version_id"]


def another_account(event: dict[str, Any]) -> None:
    """As botocore reads it, STS names another account."""
    (call,) = [one for one in event["calls"] if one["operation"] == "GetCallerIdentity"]
    told = "<Account>123456789012</Account>"
    assert told in call["raw"]["body"]
    call["raw"]["body"] = call["raw"]["body"].replace(told, f"<Account a=''>999999999999</Account><!--{told}-->")


def read_for_many(event: dict[str, Any]) -> None:
    """A full read for several runs, whose answer is not there."""
    full = {"full": event["identity"], "full_at": event["at"], "told": {}, "wrote": "", "body": ""}
    event["reading"] = {"at": event["at"], "by": "GetEmailIdentity", "request_id": "x", "others": 0, **full}


def dropped(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Takes away what stands at a path."""
    *names, name = path

    def alter(event: dict[str, Any]) -> None:
        for part in names:
            event = event[part]
        del event[name]

    return alter


def refused_by_ses(code: str, **said: Any) -> Callable[[dict[str, Any]], None]:
    """The answer to the write is said to have been none, or one that could not be read."""

    def alter(event: dict[str, Any]) -> None:
        answer = event.pop("answer")
        event["error"] = {"code": code, "status": 0, "request_id": "", "unclear": True}
        event["error"] |= {name: answer[name] for name in said}

    return alter


def unnamed(event: dict[str, Any]) -> None:
    for one in (event["answer"], *event["calls"]):
        one["request_id"] = ""


def contradicted(event: dict[str, Any]) -> None:
    """A server is said to have answered another time, otherwise: as it did to a name that nobody made."""
    seen = event["observation"]
    seen["records"].append({**seen["dns"]["siblings"][0], "name": seen["records"][0]["name"]})


def kept_besides(part: str) -> Callable[[dict[str, Any]], None]:
    """Says more in what is kept of an answer than is ever kept."""

    def alter(event: dict[str, Any]) -> None:
        next(call for call in event["calls"] if part in call.get("raw", ()))["raw"][part]["note"] = "all is well"

    return alter


ALTERED: dict[str, tuple[str, str, Callable[[dict[str, Any]], None]]] = {
    "status": ("read", "identity", set_in("identity", "status", "FAILED")),
    "origin": ("observed", "identity", set_in("observation", "identity", "signing_origin", "AWS_SES")),
    "account": ("caller", "caller", set_in("caller", "account", "000000000000")),
    "secret": ("observed", "next_key: secret", set_in("observation", "next_key", "secret", "dns_value", "v=DKIM1; p=")),
    "version": ("observed", "next_key: secret", set_in("observation", "next_key", "secret", "version_id", "v")),
    "size": ("observed", "next_key: key", set_in("observation", "next_key", "key", "size", 1)),
    "no version": ("observed", "malformed", set_in("observation", "next_key", "secret", "created", "yesterday")),
    "answer": ("answer", "answer", set_in("answer", "dkim_tokens", ["another"])),
    "record": ("observed", "records", set_in("observation", "records", 0, "records", [["v=DKIM1; p="]])),
    "rcode": ("observed", "records", set_in("observation", "records", 1, "rcode", "NXDOMAIN")),
    "ttl": ("observed", "current_records", set_in("observation", "current_records", 0, "ttl", 1)),
    "serial": ("observed", "current_records", set_in("observation", "current_records", 1, "serial", 1)),
    "sibling": ("observed", "siblings", set_in("observation", "dns", "siblings", 0, "rcode", "NOERROR")),
    "raw": ("observed", "records", set_in("observation", "records", 0, "raw", ["AAAA", ""])),
    "silent, with an answer": ("observed", "records", silent),
    "no identity": ("observed", "identity", set_in("observation", "identity", None)),
    "no caller": ("observed", "caller", set_in("observation", "caller", None)),
    "account with an attribute": ("observed", "caller", another_account),
    "read for many": ("read", "reading", read_for_many),
    "keys swapped": ("observed", "next_key: key, current_key: key", swapped_keys),
    "request id": ("answer", "request id", set_in("answer", "request_id", "x")),
    "no request id": ("answer", "request id", set_in("answer", "request_id", "")),
    "no request id in call and answer": ("answer", "PutEmailIdentityDkimSigningAttributes", unnamed),
    "no answer to the write": ("answer", "request id", refused_by_ses("CustodianDied")),
    "unreadable, unlike the answer": ("answer", "answer", refused_by_ses(UNREADABLE_ANSWER, status=0, request_id="")),
    "read without a call": ("read", "identity", dropped("calls", 0)),
    "two answers of a server": ("observed", "records", contradicted),
    "another header": ("observed", "HeadObject", kept_besides("headers")),
    "status of a call": ("read", "GetEmailIdentity", set_in("calls", 0, "status", 404)),
    "answer left out": ("read", "GetEmailIdentity, identity", dropped("calls", 0, "raw")),
    "server left out": ("observed", "records", without_server("records")),
    "server left out everywhere": (
        "observed",
        "records, siblings, current_records",
        without_server("records", "siblings", "current_records"),
    ),
}


def test_a_call_keeps_nothing_else_of_an_answer() -> None:
    with pytest.raises(ValueError, match="note"):
        from_plain(RawAnswer, {"body": "", "note": "all is well"})


def test_what_came_raw_tells_every_fact_again(stage: Stage) -> None:
    events = told(stage, "ready", mode="apply")
    assert contradictions(events) == []
    kinds = {tuple(call.get("raw", ())) for event in events for call in event.get("calls", ())}
    assert {("body",), ("fields",), ("headers",), ("same_as",)} <= kinds
    assert len(json.dumps(events)) < 200_000
    for name, (event, place, alter) in ALTERED.items():
        altered = copy.deepcopy(events)
        alter(last(altered, event))
        number = last(events, event)["n"]
        assert contradictions(altered) == [(number, one) for one in place.split(", ")], name


@pytest.mark.parametrize("scenario", ["dns-absent", "easy-dkim"])
def test_what_went_wrong_is_told_again_too(stage: Stage, scenario: str) -> None:
    events = told(stage, scenario)
    assert last(events, "closed")["outcome"] == "REFUSED"
    assert contradictions(events) == []


def named(request_id: str) -> Fault:
    """An answer under another request id."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        own = request_id.format(number=len(handler.server.seen))
        changed = {name: own if name.lower() in REQUEST_IDS else value for name, value in headers.items()}
        handler.answer(status, changed, re.sub(rb"(?<=<RequestId>)[^<]*", own.encode(), body))
        return True

    return fault


REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id")
READS = ("GetEmailIdentity", "GetCallerIdentity", "GetSecretValue", "ListObjectsV2", "GetObject", "HeadObject")


@pytest.mark.parametrize(("sent", "kept"), [("aB3dE5gH7jK9mN1pQ3sTu{number:04}Z", "…"), ("", "")])
def test_request_ids_that_are_masked_or_missing_name_no_other_answer(stage: Stage, sent: str, kept: str) -> None:
    """They are 24 characters mixed as those of a key are, which no record shows; or an SES emulator sends none.

    The reads of before the write come again after it, and others came between. What the run left verifies.
    """
    operations = READS if sent else ("GetEmailIdentity", "PutEmailIdentityDkimSigningAttributes")
    faults: dict[str, tuple[Fault, int]] = dict.fromkeys(operations, (named(sent), 0))
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        events = told(stage, "ready", mode="apply", endpoint_url=wire.url)
    calls = [call for event in events for call in event.get("calls", ()) if call["operation"] in operations]
    assert {call["request_id"] for call in calls} == {kept}
    assert not sent or any("same_as" in call.get("raw", {}) for call in calls)
    assert last(events, "closed")["outcome"] == "SWITCHED"
    assert contradictions(events) == []
    (one,) = judge(stage.runs[-1].journal.path)
    assert (one.verdict, codes(one)) == ("verified", {"no-notebook"})


def without(*names: str) -> Fault:
    """The answer comes without some of its fields."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        left = {name: value for name, value in json.loads(body).items() if name not in names}
        handler.answer(status, headers, json.dumps(left).encode())
        return True

    return fault


QUICK = {
    "name": ("comments", "cut off", "times"), "scenario": ("dns-absent",), "sent": ("",),
}  # fmt: skip


def test_a_secret_s_answer_that_verify_could_not_read_is_refused_by_the_run(stage: Stage) -> None:
    with Wire(stage.sandbox.facts.endpoint_url, {"GetSecretValue": (without("VersionId"), 0)}) as wire:
        events = told(stage, "ready", mode="apply", endpoint_url=wire.url)
    assert last(events, "closed")["outcome"] == "REFUSED"
    text = json.dumps(events)
    assert "AWS answered {operation} in a form that this version cannot read" in text
    assert "secretsmanager:GetSecretValue on the secret" not in text
    assert contradictions(events) == []
    (one,) = judge(stage.runs[-1].journal.path)
    assert (one.verdict, codes(one)) == ("verified", {"no-notebook"})


def with_nulls(handler: Handler) -> bool:
    """SES says null of what it could leave out."""
    status, headers, body = handler.forward()
    nulls = dict.fromkeys(("Tags", "VerificationInfo", "Policies"))
    text = json.dumps({**json.loads(body), **nulls}).encode()
    handler.answer(status, headers, text)
    return True


def test_fields_of_an_identity_that_are_null_are_read_as_absent_by_the_run_and_by_verify(stage: Stage) -> None:
    with Wire(stage.sandbox.facts.endpoint_url, {"GetEmailIdentity": (with_nulls, 0)}) as wire:
        events = told(stage, "ready", mode="apply", endpoint_url=wire.url)
    assert last(events, "closed")["outcome"] == "SWITCHED"
    assert contradictions(events) == []


def reworded(change: Callable[[str], str]) -> Fault:
    """The answer comes in other words."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        handler.answer(status, headers, change(body.decode()).encode())
        return True

    return fault


def commented(body: str) -> str:
    """STS's answer with a comment and a CDATA section, which say nothing else."""
    return body.replace("<Account>1", "<!-- who --><Account><!-- 9 -->1").replace("<Arn>arn", "<Arn><![CDATA[arn]]>")


def in_words(body: str) -> str:
    """SES's times in ISO 8601, which botocore reads and SES's API does not have."""
    return re.sub(r'"LastCheckedTimestamp": [0-9.]+', '"LastCheckedTimestamp": "2026-11-24T04:09:41Z"', body)


ODD: dict[str, tuple[str, Callable[[str], str], str]] = {
    "comments": ("GetCallerIdentity", commented, "verified"),
    "long": ("GetCallerIdentity", lambda body: body + " " * 40_000, "cannot-tell"),
    "times": ("GetEmailIdentity", in_words, "cannot-tell"),
    "cut off": (PUT, lambda body: body[:20], "verified"),
}


@pytest.mark.parametrize("name", ODD)
def test_answers_in_another_form_contradict_nothing(stage: Stage, name: str) -> None:
    """Where verify cannot read what botocore read, it says so."""
    operation, change, verdict = ODD[name]
    with Wire(stage.sandbox.facts.endpoint_url, {operation: (reworded(change), 0)}) as wire:
        events = told(stage, "ready", mode="apply", endpoint_url=wire.url)
    assert last(events, "closed")["outcome"] == "SWITCHED"
    assert contradictions(events) == []
    assert bool(incomparable(events)) is (verdict == "cannot-tell")
    (one,) = judge(stage.runs[-1].journal.path)
    noted = {"answer-unread"} if operation == PUT else set()
    assert (one.verdict, codes(one) - {"raw-unreadable"}) == (verdict, {"no-notebook", *noted})
    said = [found.text for found in one.findings if found.code == "answer-unread"]
    assert [str(last(events, "answer")["n"]) in text for text in said] == [True] * len(noted)


def test_a_rollback_by_the_version_before_a_damaged_secret_contradicts_nothing(stage: Stage) -> None:
    stage.play(stage.begin(mode="apply"))
    with closing(outside.client(stage.sandbox.facts, "secretsmanager")) as secrets:
        secrets.put_secret_value(SecretId=stage.sandbox.facts.secret_id, SecretString="-")
    back = stage.begin(mode="apply", selector=stage.sandbox.facts.current_selector)
    with contextlib.suppress(RunRefused):
        stage.play(back)
    assert contradictions(back.journal.events) == []
    (key,) = [one.current_key for one in [back.record.before] if one and one.current_key]
    assert key.secret
    assert (key.secret.stage, key.secret.defect != "", key.secret.key_path != "") == ("AWSCURRENT", True, True)
