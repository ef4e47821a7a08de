"""Runs that send a message, over sandboxes and wires that treat it in many ways."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dkim

from second_edition.launch.command_line import main
from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks import letters, outside
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage
from tests.second_edition.notebooks.wire import Fault, Wire, refuse

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
SEND = ("-p", "message", "send")
SHORT = "[default]\nproof_wait_seconds = 1\n"
SENDING = "/v2/email/outbound-emails"
STRANGERS = b"From: Hanako <hanako@example.com>\r\nTo: taro@example.jp\r\nSubject: private\r\n\r\nNot for you.\r\n"


@dataclass(frozen=True)
class Told:
    """A run; the proof message as it lies in the inbox, what others make of it; the writes and SES's status by then."""

    ran: Ran
    puts: int
    message: bytes = b""
    dkimpy: tuple[bool, ...] = ()
    perl: tuple[tuple[str, ...], ...] = ()


def told(stage: Stage, ran: Ran) -> Told:
    """Return what there is to know of a run that has ended. Its record is told again from its journal."""
    facts, puts = stage.sandbox.facts, len(stage.puts)
    key = stage.runner.home / ".local/state/byodkim/sealing-key.pub.pem"
    assert main(["verify", "--key", str(key), str(ran.path)]) == 0
    places = [event["place"] for event in ran.events if event["event"] == "received" and event["place"]]
    if not places:
        return Told(ran, puts)
    message = letters.held(facts, places[-1])
    dkimpy = tuple(sound(facts, message, place) for place in range(len(outside.signatures(message))))
    perl = tuple(letters.perl(facts, message, stage.folder / "proof.eml"))
    return Told(ran, puts, message, dkimpy, perl)


def sound(facts: Facts, message: bytes, place: int) -> bool:
    """Return whether dkimpy verifies a signature, by the tests' own look at DNS."""
    try:
        return outside.verifies(facts, message, place)
    except dkim.DKIMException:
        return False


def rehearsed(*words: str, profile: str = SHORT, **knobs: object) -> Callable[[Stage], Told]:
    """An apply run in the sandbox that sends a message, with knobs set."""

    def story(stage: Stage) -> Told:
        (stage.folder / "byodkim.toml").write_text(profile)
        stage.sandbox.set_knobs(**knobs)
        letters.drop(stage.sandbox.facts, "before", STRANGERS)
        return told(stage, stage.apply(*SEND, *words))

    return story


def on_aws(
    *, faults: dict[str, tuple[Fault, int]] | None = None, after_put: dict[str, Fault] | None = None, **profile: object
) -> Callable[[Stage], Told]:  # fmt: skip
    """An apply run whose profile names a mailbox, over a wire."""

    def story(stage: Stage) -> Told:
        inbox = f"s3://{stage.sandbox.facts.inbox_bucket}/inbox/"
        mailbox: dict[str, object] = {"proof_from": "proof@example.jp", "proof_to": "inbox@example.jp", "inbox": inbox}
        aws = AwsStage(stage)
        settings: dict[str, Any] = {**mailbox, "proof_wait_seconds": 1, **profile}
        aws.profile(section="default", **settings)
        with Wire(stage.sandbox.facts.endpoint_url, faults or {}) as wire:
            wire.after_put = after_put or {}
            return told(stage, aws.apply(endpoint_url=wire.url))

    return story


def slow(stage: Stage) -> Told:
    """SES signs with what it shows from when the first message has been sent."""

    def follow() -> None:
        while not stage.sandbox.calls("SendEmail"):
            time.sleep(0.05)
        stage.sandbox.set_knobs(signing_when_verified="next")

    follower = threading.Thread(target=follow)
    follower.start()
    ran = rehearsed(profile="[default]\nproof_wait_seconds = 48\n", signing_when_verified="current")(stage)
    follower.join()
    return ran


MANY = "[default]\nproof_wait_seconds = 5\nproof_messages = 6\n"
STORIES: dict[str, Callable[[Stage], Told]] = {
    "good": rehearsed(),
    "unsigned": rehearsed(signing_when_verified="unsigned"),
    "current": rehearsed(signing_when_verified="current"),
    "stranger": rehearsed(signing_when_verified="stranger"),
    "changed": rehearsed(delivery="changed"),
    "lost": rehearsed(delivery="lost"),
    "none": rehearsed("-p", "message", "none"),
    "slow": slow,
    "many": rehearsed(profile=MANY, check_interval=1.5),
    "mailbox": on_aws(),
    "not sent": on_aws(faults={SENDING: (refuse(403, "AccessDeniedException"), 0)}),
    "inbox closed": on_aws(after_put={"/byodkim-inbox": refuse(403, "AccessDenied")}),
    "not sent before": on_aws(faults={SENDING: (refuse(403, "AccessDeniedException"), 0)}, proof_messages=3),
}  # fmt: skip
