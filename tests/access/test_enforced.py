"""The real notebook by the real papermill, with the policy that ``byodkim policy`` prints, enforced by a gate.

What a run calls is allowed for that very resource, and what a policy allows is used by some run: no more than needed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from byodkim.access.needs import COMMANDS
from tests.access.estates import ARCHIVE, Builder
from tests.access.evaluator import Request
from tests.access.gate import Gate
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import AWS, Ran
from tests.notebooks.stage import Stage, Troupe

BYODKIM, CLI = (str(Path(sys.executable).with_name(name)) for name in ("byodkim", "aws"))
PUT = "PutEmailIdentityDkimSigningAttributes"
# Operations whose permission has another name, and permissions that no operation is named for.
PERMISSIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sesv2:GetEmailIdentity": "ses:GetEmailIdentity",
    f"sesv2:{PUT}": f"ses:{PUT}",
}
IMPLIED = {"kms:Decrypt", "kms:GenerateDataKey", "s3:PutObjectRetention", "s3:GetObjectRetention"}
IDENTITY = "arn:aws:ses:ap-northeast-1:123456789012:identity/example.jp"
Build = Callable[[Builder], object]


@dataclass(frozen=True)
class Told:
    """What came of a story: the run, the policy, what the gate allowed and refused, and what reached the sandbox."""

    ran: Ran
    policy: dict[str, Any]
    used: set[tuple[str, str, str]]
    refused: list[Request]
    forwarded: int
    calls: list[str]
    selector: str


def policy_of(stage: Stage, *words: str) -> dict[str, Any]:
    """What ``byodkim policy`` prints in the project's folder."""
    printed = command(stage, BYODKIM, "policy", *words)
    assert printed.returncode == 0, printed.stderr
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def command(stage: Stage, *words: str) -> subprocess.CompletedProcess[str]:
    env = stage.runner.environment(**AWS, AWS_DEFAULT_REGION=stage.sandbox.facts.region)
    return subprocess.run(words, cwd=stage.folder, env=env, capture_output=True, text=True, timeout=120)


def story(
    *builds: Build, mode: str = "apply", allowed: str = "", without: str = "", then: Callable[..., Any] | None = None
) -> Callable[[Stage], Told]:
    """A run in ``mode`` with the policy of ``allowed`` (the same mode), a statement of it taken away if so asked."""

    def tell(stage: Stage) -> Told:
        with ExitStack() as stack:
            builder = Builder(stage.sandbox.facts, stack)
            for build in builds:
                build(builder)
            aws = AwsStage(stage)
            aws.profile(section="default", **builder.profile)
            policy = policy_of(stage, "rotate", "--mode", allowed or mode, *builder.options)
            policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != without]
            estate, before = builder.estate(), len(stage.sandbox.calls())
            gate = stack.enter_context(Gate(stage.sandbox.facts.endpoint_url, policy, estate))
            ran = aws.run("-p", "mode", mode, endpoint_url=gate.url)
            if then:
                then(stage, builder, gate, ran)
            calls = [f"{call['service']}:{call['operation']}" for call in stage.sandbox.calls()[before:]]
            selector = stage.identity["selectors"][0]
            return Told(ran, policy, gate.used, gate.refused, gate.forwarded, calls, selector)

    return tell


def kept_again(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """``byodkim archive`` with a policy of its own: it finds some copies there and makes the others."""
    for listed in stage.folder.glob("outputs/*.archived.jsonl"):
        listed.unlink()
    gate.who, gate.policy = "archive", policy_of(stage, "archive", *builder.options)
    kept = command(stage, BYODKIM, "archive", str(ran.path))
    assert kept.returncode == 0, kept.stdout + kept.stderr


def made_up(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """The next run finds that an earlier one's copies were never written down."""
    listed = ran.journal_path.with_name(ran.journal_path.name.replace(".journal.jsonl", ".archived.jsonl"))
    listed.unlink()
    gate.policy = policy_of(stage, "rotate", *builder.options)
    facts = stage.sandbox.facts
    at = ("-p", "endpoint_url", gate.url, "-r", "selector", facts.next_selector)
    again = stage.runner.papermill(*at, env=AWS)
    assert (again.outcome, again.returncode) == ("UNCHANGED", 0), again.stderr
    assert listed.exists()


def audited(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """Somebody else fetches the whole record with the AWS CLI, and verifies it."""
    paged = command(stage, BYODKIM, "record", str(ran.path))
    assert paged.returncode == 0, paged.stderr
    made_up(stage, builder, gate, ran)
    kept_again(stage, builder, gate, ran)
    gate.who, gate.policy = "audit", policy_of(stage, "audit", *builder.options)
    prefix, at = f"dkim/example.jp/{ran.event('begin')['run']}", ("--endpoint-url", gate.url)
    folder = stage.folder / "fetched"
    source = f"s3://{ARCHIVE}/{prefix}"
    fetched = command(stage, CLI, *at, "s3", "cp", "--recursive", source, str(folder))
    assert fetched.returncode == 0, fetched.stderr
    assert {ran.path.name, ran.path.with_suffix(".html").name} <= {path.name for path in folder.iterdir()}
    asked_for = ("--bucket", ARCHIVE, "--key", f"{prefix}/{ran.journal_path.name}", "--checksum-mode", "ENABLED")
    held = command(stage, CLI, *at, "s3api", "head-object", *asked_for)
    assert {"ChecksumSHA256", "ObjectLockRetainUntilDate"} <= json.loads(held.stdout).keys(), held.stderr
    asked_for = ("--key-id", builder.profile["seal_key"], "--query", "PublicKey", "--output", "text")
    public = command(stage, CLI, *at, "kms", "get-public-key", *asked_for)
    verified = command(stage, BYODKIM, "verify", "--key", f"p256:{public.stdout.strip()}", str(folder))
    assert (verified.returncode, verified.stdout.split()[:1]) == (0, ["VERIFIED"]), verified.stdout + verified.stderr


def kept(builder: Builder) -> None:
    builder.seal()
    builder.archive(30)


STORIES = {
    "plan": story(mode="plan"),
    "apply": story(),
    "lock in S3": story(Builder.lock),
    "kept": story(kept, then=kept_again),
    "kept, copies not held": story(Builder.archive),
    "seal by an alias": story(lambda builder: builder.seal("byodkim-seal"), mode="plan"),
    "layouts": story(Builder.without_path),
    "encrypted": story(Builder.lock, kept, Builder.encrypt, then=audited),
}
OTHERS = {
    "sealed afterwards": story(kept, without="SealKeySigning", then=kept_again),
    "a plan's policy does not write": story(allowed="plan"),
    "a plan's policy does not lock": story(Builder.lock, allowed="plan"),
}
# Every statement that the fullest policy has; what a run comes to without it is shown below.
LACKING = (
    "Identity",
    "Secret",
    "Keys",
    "KeyBucket",
    "Lock",
    "EncryptionKeyViaStore",
    "EncryptionKeyEncryptedLockViaS3",
)
LACKING_AT_THE_END = ("SealKey", "SealKeySigning", "Archive", "ArchiveRetention", "ArchiveKeyViaS3")


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    lacking = {
        f"without {sid}": story(Builder.lock, kept, Builder.encrypt, without=sid)
        for sid in (*LACKING, *LACKING_AT_THE_END)
    }
    told = {**STORIES, **OTHERS, **lacking}
    return {name: troupe.begin(name.replace(" ", "-"), one) for name, one in told.items()}


@pytest.mark.parametrize("name", STORIES)
def test_a_run_needs_no_more_than_its_policy_allows(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    wanted = "PLANNED" if name in ("plan", "seal by an alias") else "SWITCHED"
    assert (told.ran.outcome, told.ran.returncode, told.refused) == (wanted, 0, []), told.ran.stderr


@pytest.mark.parametrize("name", STORIES)
def test_every_call_went_through_the_gate(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    journal = [call for event in told.ran.events for call in event.get("calls", ())]
    assert journal
    assert told.forwarded == len(told.calls)
    assert {f"{call['service']}:{call['operation']}" for call in journal} <= set(told.calls)


@pytest.mark.parametrize("name", STORIES)
def test_the_sandboxs_own_log_agrees_with_what_was_allowed(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    called = {PERMISSIONS.get(call, call) for call in told.calls} - {"sts:GetCallerIdentity"}
    allowed = {action for _, _, action in told.used}
    assert called <= allowed
    # The lock that was not there yet was told to be absent by who may list the bucket.
    assert allowed - called <= IMPLIED | ({"s3:ListBucket"} if name in ("lock in S3", "encrypted") else set())


@pytest.mark.parametrize("name", STORIES)
def test_a_policy_names_the_profiles_resources_and_no_others(futures: dict[str, Future[Told]], name: str) -> None:
    for statement in futures[name].result().policy["Statement"]:
        assert all("*" not in action for action in statement["Action"])
        for resource in statement["Resource"]:
            alone = resource.endswith(":key/*") and "kms:RequestAlias" in statement["Condition"]["StringEquals"]
            assert alone or resource.count("*") == resource.endswith("/example.jp/*")


def test_whatever_a_policy_allows_some_run_uses(futures: dict[str, Future[Told]]) -> None:
    used = {one for name in (*STORIES, "sealed afterwards") for one in futures[name].result().used}
    needed = {(command, need.sid, need.action) for command, needs in COMMANDS.items() for need in needs if need.on}
    assert used == needed


def test_a_plan_uses_all_that_its_policy_allows_but_the_list(futures: dict[str, Future[Told]]) -> None:
    told = futures["plan"].result()
    allowed = {("rotate", one["Sid"], action) for one in told.policy["Statement"] for action in one["Action"]}
    assert allowed - told.used == {("rotate", "KeyBucket", "s3:ListBucket")}
    assert ("rotate", "KeyBucket", "s3:ListBucket") in futures["layouts"].result().used


def test_a_record_is_sealed_afterwards_by_who_may(futures: dict[str, Future[Told]]) -> None:
    told = futures["sealed afterwards"].result()
    assert [one.action for one in told.refused] == ["kms:Sign"]
    assert ("archive", "SealKeySigning", "kms:Sign") in told.used


def test_a_plans_policy_does_not_write(futures: dict[str, Future[Told]]) -> None:
    told = futures["a plan's policy does not write"].result()
    assert told.refused == [Request(f"ses:{PUT}", IDENTITY)]
    assert (told.ran.outcome, told.ran.returncode, told.selector) == ("FAILED", 1, "mail-20260912-1")
    assert f"sesv2:{PUT}" not in told.calls


def test_a_plans_policy_does_not_lock(futures: dict[str, Future[Told]]) -> None:
    told = futures["a plan's policy does not lock"].result()
    assert {one.action for one in told.refused} == {"s3:GetObject"}
    assert "PLAN-LOCK" in told.ran.paragraph
    assert (told.ran.outcome, told.selector) == ("REFUSED", "mail-20260912-1")
    assert not {"s3:PutObject", f"sesv2:{PUT}"} & set(told.calls)


@pytest.mark.parametrize("sid", LACKING)
def test_without_a_statement_no_run_switches(futures: dict[str, Future[Told]], sid: str) -> None:
    told = futures[f"without {sid}"].result()
    assert told.refused
    assert (told.ran.outcome, told.selector, f"sesv2:{PUT}" in told.calls) == ("REFUSED", "mail-20260912-1", False)


@pytest.mark.parametrize("sid", LACKING_AT_THE_END)
def test_without_what_keeps_records_a_run_says_so_at_its_end(futures: dict[str, Future[Told]], sid: str) -> None:
    told = futures[f"without {sid}"].result()
    assert told.refused
    assert (told.ran.outcome, told.ran.returncode, told.selector) == ("SWITCHED", 1, "mail-20261124-1")


def test_every_statement_of_the_fullest_policy_was_taken_away_once(futures: dict[str, Future[Told]]) -> None:
    told = futures["encrypted"].result()
    assert {one["Sid"] for one in told.policy["Statement"]} == {*LACKING, *LACKING_AT_THE_END}
