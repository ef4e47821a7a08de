"""Each knob does what it says."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import pytest

from second_edition.errors import SandboxError
from second_edition.sandbox.client import Sandbox
from second_edition.ses_sandbox.knobs import Knobs
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, dkim, put, stored_key


def test_tokens_can_be_empty_in_what_get_shows(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    sandbox.set_knobs(tokens="empty")
    assert dkim(ses)["Tokens"] == []
    assert put(ses, NEXT, stored_key(aws, sandbox.facts, NEXT))["DkimTokens"] == [NEXT]
    assert dkim(ses)["Tokens"] == []
    sandbox.set_knobs(tokens="selector")
    assert dkim(ses)["Tokens"] == [NEXT]


def test_dkim_need_not_be_the_only_verification(sandbox: Sandbox, ses: Any) -> None:
    sandbox.reset("previous-failed")
    answer = ses.get_email_identity(EmailIdentity=DOMAIN)
    assert (answer["VerificationStatus"], answer["VerifiedForSendingStatus"]) == ("FAILED", False)
    sandbox.set_knobs(only_verification=False)
    answer = ses.get_email_identity(EmailIdentity=DOMAIN)
    assert (answer["VerificationStatus"], answer["VerifiedForSendingStatus"]) == ("SUCCESS", True)
    assert answer["DkimAttributes"]["Status"] == "FAILED"


def test_calls_beyond_the_limit_are_too_many_and_change_nothing(
    sandbox: Sandbox, aws: dict[str, Any], ses: Any
) -> None:
    key = stored_key(aws, sandbox.facts, NEXT)
    sandbox.set_knobs(requests_per_second=1)
    for _ in range(50):  # until two fall into the same second
        try:
            dkim(ses)
            put(ses, NEXT, key)
        except ses.exceptions.TooManyRequestsException as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429  # noqa: PT017
            break
    else:
        pytest.fail("no call was too many")
    sandbox.set_knobs(requests_per_second=0)
    put_calls = sandbox.calls("PutEmailIdentityDkimSigningAttributes")
    taken = any(call["status"] == 200 for call in put_calls)
    assert dkim(ses)["Tokens"] == ([NEXT] if taken else [CURRENT])


def test_an_aws_answer_takes_its_time_and_looks_at_dns_are_in_it(sandbox: Sandbox, ses: Any) -> None:
    sandbox.set_knobs(aws_latency_ms=60)
    started = time.monotonic()
    dkim(ses)
    assert time.monotonic() - started >= 0.06


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("tokens", "none"),
        ("signing_while_pending", ""),
        ("signing_when_verified", "nobody"),
        ("delivery", "late"),
        ("garbage_keys", True),
        ("only_verification", "yes"),
        ("check_interval", "soon"),
        ("check_interval", -1),
        ("aws_latency_ms", "inf"),
        ("dns_latency_ms", "nan"),
        ("requests_per_second", 1.5),
        ("requests_per_second", True),
        ("requests_per_second", None),
    ],
)
def test_what_a_knob_does_not_take_is_refused(sandbox: Sandbox, name: str, value: object) -> None:
    with pytest.raises(SandboxError, match=name):
        sandbox.set_knobs(**{name: value})
    assert sandbox.state()["knobs"] == asdict(Knobs())
