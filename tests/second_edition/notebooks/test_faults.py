"""Faults on the wire to AWS: the write is sent once, what is unclear is read back, what can't be read is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import pytest

from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.wire import PUT, Fault, Wire, applied_then, delivering, held, refuse, reset, silent
from tests.second_edition.sandbox.generator import secret, write_secret

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
DENIED = refuse(403, "AccessDeniedException")
THROTTLED, EXPIRED = refuse(429, "TooManyRequestsException"), refuse(403, "ExpiredTokenException")


@dataclass(frozen=True)
class Told:
    """A run over the faulty wire, what went over it, what SES has then; and a run after it, over a sound one."""

    ran: Ran
    seen: list[str]
    puts: int
    selector: str
    again: Ran | None = None
    puts_then: int = 0


def over(
    faults: dict[str, tuple[Fault, int]], *, again: bool = False, after_put: dict[str, Fault] | None = None
) -> Callable[[Stage], Told]:
    """A story: an apply run over a wire with these faults, and another one without them if ``again``."""

    def story(stage: Stage) -> Told:
        aws = AwsStage(stage)
        with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
            wire.after_put = after_put or {}
            ran = aws.apply(endpoint_url=wire.url)
        puts, selector = len(stage.puts), stage.identity["selectors"][0]
        second = aws.apply() if again else None
        assert {*faults, *(after_put or {})} <= set(wire.seen)
        return Told(ran, wire.seen, puts, selector, second, len(stage.puts))

    return story


def without_a_path(stage: Stage) -> Told:
    """The secret names no path, and the bucket may not be listed."""
    document = secret(stage.sandbox)
    del document["s3_key_path"]
    write_secret(stage.sandbox, json.dumps(document))
    return over({"ListObjectsV2": (DENIED, 0)})(stage)


WRITES: dict[str, tuple[Callable[[Stage], Told], str, int, str]] = {
    "reset, and applied when SES was read once": (
        over({PUT: (held, 1), "GetEmailIdentity": (delivering, 0)}), "SWITCHED", 1, NEXT,
    ),
    "500 after it was applied": (
        over({PUT: (applied_then(refuse(500, "InternalFailure")), 1)}), "SWITCHED", 1, NEXT,
    ),
    "reset after it was applied": (over({PUT: (applied_then(reset), 1)}), "SWITCHED", 1, NEXT),
    "time-out after it was applied": (over({PUT: (applied_then(silent), 1)}), "SWITCHED", 1, NEXT),
    "reset before it was applied": (over({PUT: (reset, 1)}, again=True), "FAILED", 0, CURRENT),
    "throttled": (over({PUT: (THROTTLED, 0)}), "FAILED", 0, CURRENT),
    "throttled twice": (over({PUT: (THROTTLED, 2)}), "SWITCHED", 1, NEXT),
    "credentials ran out": (over({PUT: (EXPIRED, 1)}), "FAILED", 0, CURRENT),
    "refused, then nothing can be read": (
        over({PUT: (DENIED, 1)}, after_put={"GetEmailIdentity": DENIED}), "FAILED", 0, CURRENT,
    ),
    "credentials ran out after it": (over({}, after_put={"GetEmailIdentity": EXPIRED}, again=True), "FAILED", 1, NEXT),
    "applied, then nothing can be read": (
        over({PUT: (applied_then(reset), 1)}, after_put={"GetEmailIdentity": DENIED}, again=True), "FAILED", 1, NEXT,
    ),
}  # fmt: skip
READS: dict[str, tuple[Callable[[Stage], Told], str]] = {
    "GetCallerIdentity": (over({"GetCallerIdentity": (DENIED, 0)}), "SES-ACCOUNT"),
    "GetEmailIdentity": (over({"GetEmailIdentity": (DENIED, 0)}), "SES-EXISTS"),
    "GetSecretValue": (over({"GetSecretValue": (DENIED, 0)}), "SECRET-SHAPE"),
    "GetObject": (over({"GetObject": (refuse(403, "AccessDenied"), 0)}), "STORE-OBJECT"),
    "ListObjectsV2": (without_a_path, "STORE-OBJECT"),
}
AWS_SDK_ATTEMPTS = 4  # which botocore makes by itself at one read


QUICK = {"name": ("reset after it was applied", "GetSecretValue")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    stories = {
        **{name: story for name, (story, *_) in WRITES.items()},
        **{name: story for name, (story, _) in READS.items()},
        "throttled for good": over({"GetEmailIdentity": (THROTTLED, 0)}),
    }
    return {name: troupe.begin(name, story) for name, story in stories.items()}


@pytest.mark.parametrize("name", WRITES)
def test_the_write_is_sent_once_and_the_outcome_is_what_ses_has(futures: dict[str, Future[Told]], name: str) -> None:
    told, (_, outcome, puts, selector) = futures[name].result(), WRITES[name]
    assert told.seen.count(PUT) == {"throttled": 5, "throttled twice": 3}.get(name, 1)
    assert (told.ran.outcome, told.puts, told.selector) == (outcome, puts, selector), told.ran.stderr
    assert told.ran.returncode == (0 if outcome == "SWITCHED" else 1)


@pytest.mark.parametrize(
    "name", ["500 after it was applied", "reset after it was applied", "time-out after it was applied"]
)
def test_an_unclear_answer_is_resolved_by_reading_back(futures: dict[str, Future[Told]], name: str) -> None:
    ran = futures[name].result().ran
    names = [event["event"] for event in ran.events]
    assert names.index("intent") < names.index("answer") < names.index("read") < names.index("resolved")
    assert ran.event("answer")["error"]["unclear"] is True
    assert "it was applied" in ran.shown("steps.apply(run)")
    assert ran.event("read")["identity"]["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("reset before it was applied", "ConnectionClosedError"),
        ("throttled", "TooManyRequestsException"),
        ("credentials ran out", "ExpiredTokenException"),
    ],
)
def test_a_write_that_was_not_applied_says_what_ses_still_has(
    futures: dict[str, Future[Told]], name: str, code: str
) -> None:
    ran = futures[name].result().ran
    assert ran.paragraph.startswith(
        f"SES has not taken the write within 3 s: it had no clear answer ({code}), and read back, SES still "
        f"has {CURRENT}. That is not final: until 20"
        if name.startswith("reset")
        else f"SES did not take the write ({code}): read back, it still has {CURRENT}. Mail is signed as"
    )
    assert ran.paragraph in ran.headline
    assert ("See that the credentials have not expired" in ran.paragraph) == (name == "credentials ran out")
    if name.startswith("reset"):
        assert f"the request can still reach SES and set {NEXT}, so keep the key records" in ran.paragraph
        assert ran.headline.count("not known yet") == 3
        for word in ("as before", "until SES has verified it", "effect is not known", "nothing to roll back"):
            assert word not in ran.headline


@pytest.mark.prove
def test_a_refusal_is_clear_where_ses_cannot_be_read_back_too(futures: dict[str, Future[Told]]) -> None:
    ran = futures["refused, then nothing can be read"].result().ran
    assert ran.paragraph.startswith(
        "The write to SES was refused (AccessDeniedException), and SES could not be read back. "
        f"A refused write changes nothing: mail is signed as before, with {CURRENT}."
    )
    assert "Have ses:PutEmailIdentityDkimSigningAttributes allowed on this identity" in ran.paragraph


def test_the_same_command_again_writes_what_was_not_written(futures: dict[str, Future[Told]]) -> None:
    told = futures["reset before it was applied"].result()
    assert told.again is not None
    assert (told.again.outcome, told.puts_then) == ("SWITCHED", 1)


@pytest.mark.prove
def test_what_cannot_be_told_is_said_and_the_next_run_tells_it(futures: dict[str, Future[Told]]) -> None:
    told = futures["applied, then nothing can be read"].result()
    assert f"SES has either {CURRENT} or {NEXT}; keep the key records of both published." in told.ran.paragraph
    after = told.seen[told.seen.index(PUT) + 1 :]
    assert (set(after), len(after) >= 3) == ({"GetEmailIdentity"}, True)
    assert told.again is not None
    assert told.again.returncode == 0
    assert told.again.outcome in ("SWITCHED", "UNCHANGED")
    assert told.puts_then == 1


@pytest.mark.prove
def test_credentials_that_expire_after_the_write_leave_it_to_the_next_run(futures: dict[str, Future[Told]]) -> None:
    told = futures["credentials ran out after it"].result()
    assert "error" not in told.ran.event("answer")
    assert told.ran.paragraph.startswith("SES could not be read (ExpiredTokenException); it was tried for ")
    assert f"SES took the write and has {NEXT}" in told.ran.paragraph
    assert f"-r selector {CURRENT} " in told.ran.headline
    assert told.again is not None
    assert (told.again.returncode, told.again.outcome, told.puts_then) == (0, "SWITCHED", 1)
    assert told.again.event("begin")["previous"]["written_at"] == told.ran.event("intent")["at"]


@pytest.mark.prove
def test_27_a_read_that_is_throttled_for_good_is_given_up_and_refused(futures: dict[str, Future[Told]]) -> None:
    told = futures["throttled for good"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts, told.selector) == ("REFUSED", 1, 0, CURRENT)
    assert told.ran.paragraph.startswith("SES-EXISTS could not be checked: ")
    assert "could not be read: AWS slows down GetEmailIdentity (TooManyRequestsException)" in told.ran.paragraph
    assert (
        "AWS did not answer GetEmailIdentity as it should (TooManyRequestsException): wait a minute"
        in told.ran.paragraph
    )
    assert "Check domain" not in told.ran.paragraph
    assert told.seen.count("GetEmailIdentity") > 2 * AWS_SDK_ATTEMPTS
    assert PUT not in told.seen


@pytest.mark.parametrize("name", READS)
def test_a_read_that_is_denied_is_refused_by_name(futures: dict[str, Future[Told]], name: str) -> None:
    told, (_, check) = futures[name].result(), READS[name]
    assert (told.ran.outcome, told.ran.returncode, told.puts, told.selector) == ("REFUSED", 1, 0, CURRENT)
    assert told.ran.paragraph.startswith(f"{check} could not be checked: ")
    assert f"Seen: could not be read: AWS denied {name} (AccessDenied" in told.ran.paragraph
    assert told.ran.verdicts[check] == "UNKNOWN"
    shown = told.ran.shown("steps.observe(run)")
    assert ("Could not be read" in shown, "not now" in shown) == (True, True)  # in a table of its own
    assert PUT not in told.seen
