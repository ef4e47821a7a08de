"""The real notebook by the real papermill, with the policy that ``byodkim policy`` prints, enforced by a gate.

What a run calls is allowed for that very resource, and what a policy allows is used by some run: no more than needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from second_edition.access.policy import COMMANDS
from tests.second_edition.access import lives
from tests.second_edition.access.estates import Builder
from tests.second_edition.access.evaluator import Request
from tests.second_edition.access.stories import Told, audited, kept_again, not_sealed, story
from tests.second_edition.dns.updated import Key, knot
from tests.second_edition.notebooks.stage import Troupe

PUT = "PutEmailIdentityDkimSigningAttributes"
IDENTITY = "arn:aws:ses:ap-northeast-1:123456789012:identity/example.jp"


STORIES = {
    "plan": story(mode="plan"),
    "apply": story(),
    "lock in S3": story(Builder.lock),
    "kept": story(Builder.kept, then=kept_again),
    "kept, copies not held": story(Builder.archive),
    "seal by an alias": story(lambda builder: builder.seal("byodkim-seal"), mode="plan"),
    "layouts": story(Builder.without_path),
    "encrypted": story(Builder.lock, Builder.kept, Builder.encrypt, then=audited),
    "mailbox": story(Builder.mailbox),
    "apart": story(Builder.lock, Builder.apart),
}
SCENARIOS = {"apart": "places"}
OTHERS = {
    "not sealed afterwards": story(Builder.kept, without="SealKeySigning", then=not_sealed),
    "a plan's policy does not write": story(allowed="plan"),
}
# Runs of several commands, one after the other, and in which world.
LIVES = {
    "through": (lives.through, "unprepared"),
    "key_kms": (lives.key_kms, "unprepared"),
    "key_kms by an alias": (lives.key_kms_by_an_alias, "unprepared"),
    "fleet": (lives.fleet, "unprepared"),
    "fleet with key_kms": (lives.fleet_key_kms, "unprepared"),
    "fleet by layouts": (lives.fleet_by_layouts, "ready"),
    "explored": (lives.explored_by_layouts, "ready"),
    "tsig": (lives.tsig, "dns-absent"),
    "retired for good": (lives.retired_for_good, "overlap"),
    "retired and hidden": (lives.retired_and_hidden, "overlap"),
    "retired by update": (lives.retired_by_update, "overlap"),
}


QUICK = {"name": ("encrypted", "retired by update")}


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lives.Primary]:
    """A real primary name server that takes updates signed with its key."""
    key = Key()
    with knot(tmp_path_factory.mktemp("knot"), key) as port:
        yield key, port


@pytest.fixture(scope="module")
def futures(troupe: Troupe, primary: lives.Primary) -> dict[str, Future[Told]]:
    told = {**STORIES, **OTHERS}
    begun: dict[str, Future[Told]] = {
        name: troupe.begin(name.replace(" ", "-"), one, SCENARIOS.get(name, "ready")) for name, one in told.items()
    }
    for name, (life, scenario) in LIVES.items():
        begun[name] = troupe.begin(name.replace(" ", "-"), life(primary), scenario)
    return begun


@pytest.mark.parametrize("name", STORIES)
def test_a_run_needs_no_more_than_its_policy_allows(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    wanted = "PLANNED" if name in ("plan", "seal by an alias") else "SWITCHED"
    assert (told.ran.outcome, told.ran.returncode, told.refused) == (wanted, 0, []), told.ran.stderr


@pytest.mark.parametrize("name", [*STORIES, *LIVES])
def test_every_call_went_through_the_gate_and_none_was_refused(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    journal = [call for event in told.events for call in event.get("calls", ())]
    assert journal or name == "explored"
    assert (told.forwarded, told.refused) == (len(told.calls), [])
    assert {f"{call['service']}:{call['operation']}" for call in journal} <= set(told.calls)


@pytest.mark.parametrize("name", STORIES)
def test_a_policy_names_the_profiles_resources_and_no_others(futures: dict[str, Future[Told]], name: str) -> None:
    for statement in futures[name].result().policy["Statement"]:
        assert all("*" not in action for action in statement["Action"])
        for resource in statement["Resource"]:
            alone = resource.endswith(":key/*") and "kms:RequestAlias" in statement["Condition"]["StringEquals"]
            assert alone or resource.count("*") == resource.endswith(("/example.jp/*", "/inbox/*"))


@pytest.mark.prove
def test_whatever_a_policy_allows_some_run_uses(futures: dict[str, Future[Told]]) -> None:
    used = {one for name in (*STORIES, *LIVES) for one in futures[name].result().used}
    needed = {(command, need.sid, need.action) for command, needs in COMMANDS.items() for need in needs if need.on}
    assert used == needed


@pytest.mark.prove
def test_a_record_that_was_not_sealed_is_not_sealed_later(futures: dict[str, Future[Told]]) -> None:
    told = futures["not sealed afterwards"].result()
    # For whose runs count before, at the trial before the write, and as it closed.
    assert [one.action for one in told.refused] == ["kms:Sign"] * 3
    assert not [used for used in told.used if used[0] == "archive"]


def test_a_plans_policy_does_not_write(futures: dict[str, Future[Told]]) -> None:
    told = futures["a plan's policy does not write"].result()
    assert told.refused == [Request(f"ses:{PUT}", IDENTITY)]
    assert (told.ran.outcome, told.ran.returncode, told.selector) == ("FAILED", 1, "mail-20260912-1")
    assert f"sesv2:{PUT}" not in told.calls


@pytest.mark.parametrize("name", [*STORIES, *LIVES])
def test_the_sandboxs_own_log_agrees_with_what_was_allowed(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    called = {PERMISSIONS.get(call, call) for call in told.calls} - {"sts:GetCallerIdentity"}
    allowed = {action for _, _, action in told.used}
    assert {call for call in called if OF_VERSIONS.get(call) not in allowed} <= allowed
    # The lock that was not there yet was told to be absent by who may list the bucket.
    absent = {"s3:ListBucket"} if name in ("lock in S3", "encrypted", "apart", *LIVES) else set()
    assert allowed - called <= IMPLIED | absent | {OF_VERSIONS[call] for call in called & OF_VERSIONS.keys()}


PERMISSIONS = {
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "sesv2:GetEmailIdentity": "ses:GetEmailIdentity",
    "sesv2:ListEmailIdentities": "ses:ListEmailIdentities",
    "sesv2:SendEmail": "ses:SendEmail",
    f"sesv2:{PUT}": f"ses:{PUT}",
}


OF_VERSIONS = {"s3:GetObject": "s3:GetObjectVersion", "s3:DeleteObject": "s3:DeleteObjectVersion"}


IMPLIED = {"kms:Decrypt", "kms:GenerateDataKey", "s3:PutObjectRetention", "s3:GetObjectRetention"}
