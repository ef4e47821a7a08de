"""prepare over a wire that breaks, and beside others at work: nothing is overwritten, what is unclear is read back."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pytest

from tests.second_edition.each import each
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fragments import Fragments
from tests.second_edition.notebooks.prepared import NOTEBOOK, WRITES, Stored, prepare, public, sha256_of, stored, writes
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.wire import Fault, Handler, Wire, applied_then, refuse, reset
from tests.second_edition.sandbox.generator import secret, store, write_secret

pytestmark = pytest.mark.prove  # tests/second_edition/engine/test_not_stored.py fails in this process, tests/second_edition/kills at every write

APPLY = ("-p", "mode", "apply")
SELECTOR = "mail-20261124-1"
GIVEN = (*APPLY, "-r", "selector", SELECTOR)
VERIFIED = "\n2 runs: 2 verified, 0 off"


@dataclass(frozen=True)
class Told:
    """A run over the faulty wire, what went over it, what stood then; and a run after it, over a sound one."""

    ran: Ran
    seen: list[str]
    stands: Stored
    again: Ran
    stands_then: Stored
    other: Any = None
    verified: str = ""


def pem() -> bytes:
    return subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout


def over(faults: dict[str, tuple[Fault, int]]) -> Callable[[Stage], Told]:
    """A story: an apply run over a wire with these faults, and another one without them."""

    def story(stage: Stage) -> Told:
        return through(stage, faults)

    return story


def through(stage: Stage, faults: dict[str, tuple[Fault, int]], other: Any = None) -> Told:
    (stage.folder / "byodkim.toml").write_text("[default]\nlate_write_seconds = 3\n")
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        ran = prepare(stage, *GIVEN, endpoint_url=wire.url)
        assert set(faults) <= set(wire.seen)
    stands = stored(stage, SELECTOR)
    again = prepare(stage, *GIVEN)
    verified = stage.byodkim("verify", "outputs").stdout
    return Told(ran, wire.seen, stands, again, stored(stage, SELECTOR), other, verified)


def first(act: Callable[[], None]) -> Fault:
    """Something happens just before the request goes on its way."""

    def fault(_: Handler) -> bool:
        act()
        return False

    return fault


def raced(stage: Stage) -> Told:
    """Another key object appears between the last look and the write."""
    key = pem()
    return through(stage, {"PutObject": (first(lambda: store(stage.sandbox, SELECTOR, key)), 1)}, public(key)[0])


def overtaken(stage: Stage) -> Told:
    """Somebody else changes the secret between the new version and its coming into force."""

    def change() -> None:
        write_secret(stage.sandbox, json.dumps({**secret(stage.sandbox), "note": "changed by somebody else"}))

    return through(stage, {"UpdateSecretVersionStage": (first(change), 1)})


def quoted(stage: Stage) -> Told:
    """S3 refuses the key, and quotes it: in the message, in the code, and in headers."""
    bodies: list[bytes] = []

    def quote(handler: Handler) -> bool:
        bodies.append(handler.body)
        said = re.sub(r"[<>&]", "", handler.body.decode("utf-8", "replace"))
        headers, body = handler.error("AccessDenied", said)
        handler.answer(403, {**headers, "x-amz-request-id": base64.b64encode(handler.body).decode()[:400]}, body)
        return True

    with Wire(stage.sandbox.facts.endpoint_url, {"PutObject": (quote, 0)}) as wire:
        ran = prepare(stage, *GIVEN, "--log-output", "--log-level", "DEBUG", endpoint_url=wire.url)
    (body,) = bodies
    found = re.search(rb"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----\n", body, re.DOTALL)
    assert found is not None
    known = Fragments(found[0])
    files = {name: (stage.folder / name).read_bytes() for name in stage.runner.listed()}
    files["said"] = ran.stdout.encode() + ran.stderr.encode()
    leaks = [name for name, data in files.items() if known.found_in(data)]
    stands = stored(stage, SELECTOR)
    return Told(ran, wire.seen, stands, ran, stands, (leaks, len(files)))


def on_aws(stage: Stage) -> Told:
    """A profile with a key in KMS, a pattern and a layout of its own."""
    aws = AwsStage(stage)
    arn = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    own = {"key_kms": arn, "selector_pattern": "s{number}-{date}", "key_layout": "own/{domain}/{selector}.pem"}
    aws.profile(section="default", **own)
    facts = stage.sandbox.facts
    words = ("-p", "endpoint_url", facts.endpoint_url, *APPLY)
    ran = stage.runner.papermill(*words, env=dict(AWS), notebook=NOTEBOOK)
    again = stage.runner.papermill(*words, env=dict(AWS), notebook=NOTEBOOK)
    selector = ran.event("named")["selector"]
    key = f"own/{facts.domain}/{selector}.pem"
    head = outside.cli(stage.runner, facts, "s3api", "head-object", "--bucket", facts.key_bucket, "--key", key)
    stands = stored(stage, selector)
    return Told(ran, writes(stage), stands, again, stands, (head, arn, key))


STORIES: dict[str, Callable[[Stage], Told]] = {
    "raced": raced,
    "overtaken": overtaken,
    "quoted": quoted,
    "on aws": on_aws,
    "key unclear": over({"PutObject": (applied_then(reset), 1)}),
    "entry unclear": over({"PutSecretValue": (applied_then(reset), 1)}),
    "promotion unclear": over({"UpdateSecretVersionStage": (applied_then(refuse(500, "InternalServiceError")), 1)}),
}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name, story, "unprepared") for name, story in STORIES.items()}


Futures = dict[str, Future[Told]]


@each("name", ["key unclear", "entry unclear", "promotion unclear"])
def test_a_write_without_an_answer_is_read_back_and_not_made_again(futures: Futures, name: str) -> None:
    told = futures[name].result()
    assert (told.ran.outcome, told.ran.returncode, told.again.outcome) == ("PREPARED", 0, "UNCHANGED")
    sent = [operation for operation in told.seen if operation in WRITES]
    assert sent == ["PutObject", "PutSecretValue", "UpdateSecretVersionStage", "UpdateSecretVersionStage"]
    unclear = [event for event in told.ran.events if event["event"] == "stored" and "error" in event]
    assert [event["error"]["unclear"] for event in unclear] == [True]
    assert told.stands == told.stands_then
    assert (told.stands.versions, sha256_of(told.stands.secret["dns_record"]["value"])) == (1, told.stands.sha256)
    assert VERIFIED in told.verified


def test_a_key_that_appears_meanwhile_is_not_overwritten_and_then_taken(futures: Futures) -> None:
    told = futures["raced"].result()
    assert (told.ran.outcome, told.ran.returncode, told.stands.versions) == ("FAILED", 1, 1)
    assert told.stands.sha256 == told.other
    assert "Another key was stored at" in told.ran.paragraph
    assert "nothing was replaced (PreconditionFailed)" in told.ran.paragraph
    assert told.seen.count("PutObject") == 1
    assert (told.again.outcome, told.stands_then.versions, told.stands_then.sha256) == ("PREPARED", 1, told.other)
    assert sha256_of(told.stands_then.secret["dns_record"]["value"]) == told.other
    assert VERIFIED in told.verified


def test_a_secret_that_changed_meanwhile_is_not_overwritten(futures: Futures) -> None:
    told = futures["overtaken"].result()
    assert (told.ran.outcome, told.ran.returncode) == ("FAILED", 1)
    assert told.stands.secret["note"] == "changed by somebody else"
    assert told.stands.secret["selector"] == "mail-20260912-1"
    # What waits was made from a version that is no longer in force: it is nobody's to put in force by itself.
    assert told.again.outcome == "REFUSED"
    assert "SECRET-PENDING failed" in told.again.paragraph
    assert "update-secret-version-stage" in told.again.paragraph
    assert told.stands_then.secret == told.stands.secret
    assert VERIFIED in told.verified


def test_an_endpoint_that_quotes_the_new_key_leaves_no_piece_of_it(futures: Futures) -> None:
    told = futures["quoted"].result()
    leaks, count = told.other
    assert (told.ran.outcome, told.ran.returncode, told.stands.versions) == ("FAILED", 1, 0)
    assert leaks == []
    assert count > 5


def test_a_profile_says_how_keys_are_named_where_they_lie_and_by_what_they_are_encrypted(futures: Futures) -> None:
    told = futures["on aws"].result()
    head, arn, key = told.other
    selector = told.ran.event("named")["selector"]
    assert (told.ran.outcome, told.ran.returncode) == ("PREPARED", 0)
    assert re.fullmatch(r"s1-\d{8}", selector)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", arn)
    assert (told.stands.secret["selector"], told.stands.secret["s3_key_path"]) == (selector, key)
    assert arn in told.ran.shown("steps.observe(run)")
    assert (told.again.outcome, told.again.event("named")["how"]) == ("UNCHANGED", "standing")
