"""Each statement of a command's policy taken away, one at a time: what cannot be done then is said, and not done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import pytest

from second_edition.access.policy import COMMANDS
from second_edition.evidence.journal import read
from second_edition.evidence.record import Record
from tests.second_edition.access.estates import Builder
from tests.second_edition.access.evaluator import Request
from tests.second_edition.access.gate import Gate
from tests.second_edition.access.lives import (
    Scene,
    carried_out,
    encrypted_apart,
    expiring,
    planned_for_all,
    primary_of_both,
    refused,
)
from tests.second_edition.access.stories import BYODKIM, Build, command, policy_of
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.project.tracked import ROOT

EVERYTHING: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
WRITES: Final = ("Put", "Update", "Delete", "Change", "Send")


@dataclass(frozen=True)
class Told:
    """Hold what a command came to whose policy lacked a statement.

    Attributes:
        refused: what the gate refused.
        outcome: the run's, or the first word of what a command says of itself.
        returncode: the exit code.
        said: all that was said.
        wrote: the operations that AWS answered meanwhile by which something is written, but for lock and archive.
    """

    refused: list[Request]
    outcome: str
    returncode: int
    said: str
    wrote: list[str]


@dataclass(frozen=True)
class Act:
    """A command, in a world and with a profile in which its policy has these statements.

    Attributes:
        command: its name.
        scenario: the world's.
        builds: what the profile has besides.
        without: the outcome where a statement lacks, by its Sid.
        before: what goes before it, with every permission.
    """

    command: str
    scenario: str
    builds: tuple[Build, ...]
    without: Mapping[str, str]
    before: tuple[Callable[[Scene], object], ...] = ()


# What keeps a record is tried before the first write.
KEPT: Final = ("SealKeySigning", "SealKey", "Archive", "ArchiveRetention", "ArchiveKeyViaS3")
STORE: Final = ("Secret", "Keys", "KeyBucket", "EncryptionKeyViaStore")
LOCKED: Final = ("Lock", "EncryptionKeyEncryptedLockViaS3")
WHOLE: Final = (Builder.lock, Builder.kept)


def outcomes(of: str, *sids: str) -> dict[str, str]:
    return dict.fromkeys(sids, of)


ACTS: Final = {
    "rotate": Act(
        "rotate", "ready", (*WHOLE, Builder.encrypt), outcomes("REFUSED", "Identity", *STORE, *LOCKED, *KEPT)
    ),
    "rotate, key_kms": Act("rotate", "ready", (encrypted_apart,), outcomes("REFUSED", "ObjectKeyViaS3")),
    "rotate, mailbox": Act(
        "rotate", "ready", (lambda builder: builder.mailbox(1),),
        {
            # An inbox that cannot be read is known before the write.
            **outcomes("REFUSED", "InboxBucketMailboxInInbox"),
            **outcomes("SWITCHED", "IdentityMailboxAddressed", "InboxMailbox"),
        },
    ),
    "prepare": Act(
        "prepare", "unprepared", (*WHOLE, Builder.encrypt),
        {
            **outcomes("REFUSED", "Identity", "Secret", "KeyBucket", "EncryptionKeyViaStore", "Lock"),
            # What was stored and cannot be read back is not entered.
            **outcomes("FAILED", "NewKeyIfAbsent", "Keys"),
            **outcomes("REFUSED", *KEPT),
        },
    ),
    "prepare, key_kms": Act("prepare", "unprepared", (Builder.key_kms,), outcomes("FAILED", "ObjectKeyViaS3")),
    "retire": Act(
        "retire", "overlap", (*WHOLE, Builder.retiring, Builder.encrypt, Builder.hosted_zone, Builder.regions),
        {
            **outcomes("REFUSED", "Identity", "IdentityElsewhereRegions", *STORE, *LOCKED, "HostedZoneRoute53"),
            **outcomes("REFUSED", "KeyBucketErasingOfKeys", "KeysErasing"),
            **outcomes("FAILED", "HostedZoneRoute53KeyRecords", "KeysDeleting"),
            # What is served proves the change, too.
            **outcomes("RETIRED", "ChangeRoute53"),
            **outcomes("REFUSED", *KEPT),
        },
    ),
    "retire, expire": Act(
        "retire", "overlap",
        (expiring, encrypted_apart, Builder.hosted_zone),
        {**outcomes("FAILED", "KeysExpiring"), **outcomes("REFUSED", "ObjectKeyViaS3")},
    ),
    "retire, rfc2136": Act("retire", "overlap", (primary_of_both,), outcomes("REFUSED", "TsigSecretRfc2136")),
    "publish": Act(
        "publish", "dns-absent", (*WHOLE, Builder.encrypt, Builder.hosted_zone),
        {
            **outcomes("", "HostedZoneRoute53", "HostedZoneRoute53KeyRecords", *KEPT),
            **outcomes("PUBLISHED", "ChangeRoute53"),
        },
        (refused,),
    ),
    "publish, rfc2136": Act(
        "publish", "dns-absent", (Builder.encrypt, primary_of_both),
        outcomes("", "TsigSecretRfc2136", "EncryptionKeyEncryptedTsigViaSecrets"),
        (refused,),
    ),
    "explore": Act(
        "explore", "ready", (Builder.without_path, Builder.encrypt),
        outcomes("AccessDenied", "Identities", "EveryIdentity", *STORE),
    ),
    "explore, key_kms": Act("explore", "ready", (encrypted_apart,), outcomes("AccessDenied", "ObjectKeyViaS3")),
    "fleet": Act(
        "fleet", "ready", (*WHOLE, Builder.encrypt, Builder.mailbox),
        {
            **outcomes("FAILED", "Identity", *STORE, *LOCKED, "InboxBucketMailboxInInbox"),
            # Identities are read one by one then; a message that cannot be sent or seen proves nothing.
            **outcomes("SWITCHED", "Identities", "IdentityMailboxAddressed", "InboxMailbox"),
            **outcomes("REFUSED", *KEPT),
        },
        (planned_for_all,),
    ),
    "fleet, key_kms": Act(
        "fleet", "ready", (encrypted_apart,), outcomes("FAILED", "ObjectKeyViaS3"), (planned_for_all,)
    ),
}  # fmt: skip
#: Without which a command does its work all the same.
DISPENSABLE: Final = frozenset({"ChangeRoute53", "Identities", "IdentityMailboxAddressed", "InboxMailbox"})
CASES: Final = [(name, sid) for name, act in ACTS.items() for sid in act.without]
QUICK: Final = {"name": ("rotate", "retire"), "sid": ("Keys",)}


def lacking(act: Act, sid: str) -> Callable[[Stage], Told]:
    """A story: the command in apply mode, without that statement."""

    def tell(stage: Stage) -> Told:
        with ExitStack() as stack:
            builder = Builder(stage.sandbox.facts, stack)
            for build in act.builds:
                build(builder)
            AwsStage(stage).profile(section="default", **{"ses_requests_per_second": 100.0, **builder.profile})
            gate = stack.enter_context(Gate(stage.sandbox.facts.endpoint_url, EVERYTHING, builder.estate()))
            scene = Scene(stage, builder, gate)
            for prelude in act.before:
                prelude(scene)
            policy = policy_of(stage, act.command, "--mode", "apply", *builder.options)
            assert sid in {one["Sid"] for one in policy["Statement"]}
            policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != sid]
            gate.policy, before, since = policy, len(stage.sandbox.calls()), len(gate.decisions)
            outcome, code, said = CARRIED_OUT[act.command](scene)
            calls = [call["operation"] for call in stage.sandbox.calls()[before:]]
            refusals = [one.request for one in gate.decisions[since:] if not one.allowed]
            return Told(refusals, outcome, code, said, [one for one in calls if one.startswith(WRITES)])

    return tell


def _played(procedure: str, **given: str) -> Callable[[Scene], tuple[str, int, str]]:
    def carry_out(scene: Scene) -> tuple[str, int, str]:
        facts = scene.stage.sandbox.facts
        asked = {"mode": "apply", "endpoint_url": scene.gate.url, **given}
        if procedure != "prepare":
            asked["selector"] = facts.current_selector if procedure == "retire" else facts.next_selector
        env = scene.stage.runner.environment(**AWS, PYTHONPATH=str(ROOT))
        words = [f"{name}={value}" for name, value in asked.items()]
        program = [sys.executable, "-m", "tests.second_edition.access.played", procedure, *words]
        folder = scene.stage.folder
        done = subprocess.run(program, cwd=folder, env=env, capture_output=True, text=True, timeout=600)
        (journal,) = folder.glob("outputs/*.journal.jsonl")
        outcome = Record(read(journal).events).outcome
        return outcome.value if outcome else "-", done.returncode, done.stdout + done.stderr

    return carry_out


def _published(scene: Scene) -> tuple[str, int, str]:
    done = command(scene.stage, BYODKIM, "publish", scene.record, "-p", "mode", "apply")
    word = "PUBLISHED" if "PUBLISHED" in done.stdout else ""
    return word, done.returncode, done.stdout + done.stderr


def _explored(scene: Scene) -> tuple[str, int, str]:
    ran = scene.run("explore")
    return "AccessDenied" if "AccessDenied" in ran.everything + ran.stderr else "", ran.returncode, ran.everything


def _campaigned(scene: Scene) -> tuple[str, int, str]:
    ran = carried_out(scene)
    return ran.outcome, ran.returncode, ran.stderr + ran.everything


CARRIED_OUT: Final[Mapping[str, Callable[[Scene], tuple[str, int, str]]]] = {
    "rotate": _played("rotate"),
    "prepare": _played("prepare"),
    "retire": _played("retire", waive="TIME-OVERLAP: the switch was on 2026-10-01, CHG-0977"),
    "publish": _published,
    "explore": _explored,
    "fleet": _campaigned,
}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[tuple[str, str], Future[Told]]:
    return {
        (name, sid): troupe.begin(f"{name.replace(', ', '-')}-{sid}", lacking(ACTS[name], sid), ACTS[name].scenario)
        for name, sid in CASES
    }


@pytest.mark.parametrize(("name", "sid"), CASES)
def test_without_a_statement_it_says_what_it_cannot_do(
    futures: dict[tuple[str, str], Future[Told]], name: str, sid: str
) -> None:
    told, expected = futures[name, sid].result(), ACTS[name].without[sid]
    assert told.refused, told.said
    assert told.outcome == expected, told.said
    if expected != "AccessDenied":  # which a session shows in its place, or ends with
        done = sid in DISPENSABLE and name != "rotate, mailbox"  # there the message alone was asked for
        assert told.returncode == (0 if done else 1), told.said


@pytest.mark.parametrize(
    ("name", "sid"),
    [
        (name, sid) for name, sid in CASES
        if ACTS[name].without[sid] in (("FAILED", "REFUSED") if ACTS[name].command == "fleet" else ("REFUSED", ""))
    ],
)  # fmt: skip
def test_what_is_refused_has_written_nothing(futures: dict[tuple[str, str], Future[Told]], name: str, sid: str) -> None:
    """But its lock, and what keeps its record."""
    assert set(futures[name, sid].result().wrote) <= {"PutObject", "PutObjectRetention"}


@pytest.mark.parametrize(
    ("sid", "wrote"),
    [
        ("HostedZoneRoute53KeyRecords", []),
        ("KeysDeleting", ["ChangeResourceRecordSets"]),
    ],
)
def test_retire_goes_no_further_than_it_may(
    futures: dict[tuple[str, str], Future[Told]], sid: str, wrote: list[str]
) -> None:
    found = futures["retire", sid].result().wrote
    assert [one for one in found if not one.startswith("PutObject")] == wrote


def test_every_statement_of_these_commands_is_taken_away_once() -> None:
    taken = {(act.command, sid) for act in ACTS.values() for sid in act.without}
    assert taken == {(act.command, need.sid) for act in ACTS.values() for need in COMMANDS[act.command] if need.on}
