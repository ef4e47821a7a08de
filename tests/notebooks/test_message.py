"""A switch proved by a message that the run sends: what SES does, whatever it says, is what the record says."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import dkim
import pytest

from byodkim.display.failure import recorded
from byodkim.display.words import Words
from byodkim.evidence.past import switches, trace
from byodkim.evidence.record import Record
from byodkim.launch.command_line import main
from byodkim.messages import LANGUAGES
from byodkim.sandbox.client import Facts
from tests.each import each
from tests.notebooks import letters, outside
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.wire import PUT, Fault, Handler, Wire, refuse

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
SEND = ("-p", "message", "send")
SHORT = "[default]\nproof_wait_seconds = 1\n"
SENDING = "/v2/email/outbound-emails"
ALL = ["MESSAGE-ARRIVED", "MESSAGE-SIGNED", "MESSAGE-VERIFIES", "MESSAGE-FROM"]
STRANGERS = b"From: Hanako <hanako@example.com>\r\nTo: taro@example.jp\r\nSubject: private\r\n\r\nNot for you.\r\n"


@dataclass(frozen=True)
class Told:
    """A run; the proof message as it lies in the inbox, what others make of it; the writes and SES's status by then."""

    ran: Ran
    puts: int
    message: bytes = b""
    dkimpy: tuple[bool, ...] = ()
    perl: tuple[tuple[str, ...], ...] = ()
    verified: bool = True

    @property
    def found(self) -> dict[str, str]:
        """The verdict of each check after the switch."""
        findings = self.ran.event("weighed")["findings"]
        return {finding["id"]: finding["verdict"] for finding in findings}


def told(stage: Stage, ran: Ran) -> Told:
    """What there is to know of a run that has ended."""
    facts, puts = stage.sandbox.facts, len(stage.puts)
    key = stage.runner.home / ".local/state/byodkim/sealing-key.pub.pem"
    verified = main(["verify", "--key", str(key), str(ran.path)]) == 0
    places = [event["place"] for event in ran.events if event["event"] == "received" and event["place"]]
    if not places:
        return Told(ran, puts, verified=verified)
    message = letters.held(facts, places[-1])
    dkimpy = tuple(sound(facts, message, place) for place in range(len(outside.signatures(message))))
    perl = tuple(letters.perl(facts, message, stage.folder / "proof.eml"))
    return Told(ran, puts, message, dkimpy, perl, verified)


def sound(facts: Facts, message: bytes, place: int) -> bool:
    """Whether dkimpy verifies a signature, by the tests' own look at DNS."""
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
    *words: str, faults: dict[str, tuple[Fault, int]] | None = None, knobs: dict[str, object] | None = None,
    after_put: dict[str, Fault] | None = None, **profile: object,
) -> Callable[[Stage], Told]:  # fmt: skip
    """An apply run whose profile names a mailbox, over a wire."""

    def story(stage: Stage) -> Told:
        stage.sandbox.set_knobs(**(knobs or {}))
        inbox = f"s3://{stage.sandbox.facts.inbox_bucket}/inbox/"
        mailbox: dict[str, object] = {"proof_from": "proof@example.jp", "proof_to": "inbox@example.jp", "inbox": inbox}
        aws = AwsStage(stage)
        settings: dict[str, Any] = {**mailbox, "proof_wait_seconds": 1, **profile}
        aws.profile(section="default", **settings)
        with Wire(stage.sandbox.facts.endpoint_url, faults or {}) as wire:
            wire.after_put = after_put or {}
            return told(stage, aws.apply(*words, endpoint_url=wire.url))

    return story


def put_with(change: Callable[[Stage], str]) -> Callable[[Stage], Told]:
    """The key is another one when it comes to SES, and SES signs while it looks for the record."""

    def story(stage: Stage) -> Told:
        text = change(stage)

        def swap(handler: Handler) -> bool:
            body = json.loads(handler.body)
            body["SigningAttributes"]["DomainSigningPrivateKey"] = text
            handler.body = json.dumps(body).encode()
            handler.headers.replace_header("Content-Length", str(len(handler.body)))
            return False

        knobs: dict[str, object] = {"signing_while_pending": "next"}
        return on_aws("-p", "wait_minutes", "0", faults={PUT: (swap, 0)}, knobs=knobs)(stage)

    return story


def another_key(stage: Stage) -> str:
    """The base64 of a sound key that is not the one asked for."""
    lines = letters.pkcs1(stage.sandbox.facts, CURRENT).decode().splitlines()
    return "".join(line for line in lines if not line.startswith("-"))


def mended(stage: Stage) -> Told:
    """SES does not sign with what it shows; then it does, and the same command is run again."""
    first = rehearsed(signing_when_verified="unsigned")(stage)
    assert first.ran.outcome == "FAILED"
    stage.sandbox.set_knobs(signing_when_verified="next")
    return told(stage, stage.apply(*SEND))


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


PENDING: dict[str, object] = {"check_interval": 1.5}
MANY = "[default]\nproof_wait_seconds = 5\nproof_messages = 6\n"
STORIES: dict[str, Callable[[Stage], Told]] = {
    "good": rehearsed(),
    "unsigned": rehearsed(signing_when_verified="unsigned"),
    "in Japanese": rehearsed("-p", "language", "ja", signing_when_verified="unsigned"),
    "current": rehearsed(signing_when_verified="current"),
    "stranger": rehearsed(signing_when_verified="stranger"),
    "changed": rehearsed(delivery="changed"),
    "lost": rehearsed(delivery="lost"),
    "lost in Japanese": rehearsed("-p", "language", "ja", delivery="lost"),
    "none": rehearsed("-p", "message", "none"),
    "mended": mended,
    "slow": slow,
    "many": rehearsed(profile=MANY, **PENDING),
    "many while current": rehearsed(profile=MANY, signing_while_pending="current", **PENDING),
    "mailbox": on_aws(),
    "mailbox, none": on_aws("-p", "message", "none"),
    "mailbox, from below": on_aws(proof_from="proof@mail.example.jp"),
    "not sent": on_aws(faults={SENDING: (refuse(403, "AccessDeniedException"), 0)}),
    "inbox closed": on_aws(after_put={"/byodkim-inbox": refuse(403, "AccessDenied")}),
    "not sent before": on_aws(faults={SENDING: (refuse(403, "AccessDeniedException"), 0)}, proof_messages=3),
    "no inbox": on_aws(inbox="s3://nobodys-inbox/mail/"),
    "garbage": put_with(lambda _: "TUlJ" * 400),
    "another key": put_with(another_key),
}  # fmt: skip
SWITCHED = ["good", "slow", "none", "many", "many while current", "mailbox", "mailbox, none", "mailbox, from below"]
REFUTED = {
    "unsigned": ("MESSAGE-SIGNED", "without the domain's signature"),
    "current": ("MESSAGE-SIGNED", "still signs with the selector that was left"),
    "stranger": ("MESSAGE-VERIFIES", "another key than the published one"),
    "changed": ("MESSAGE-VERIFIES", "may have been changed on its way"),
    "another key": ("MESSAGE-VERIFIES", "another key than the published one"),
}
OPEN = ["lost", "not sent", "inbox closed"]
REFUSED = ["not sent before", "no inbox"]


QUICK = {"name": ("good", "unsigned")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(re.sub(r"\W+", "-", name), story) for name, story in STORIES.items()}


def test_a_message_proves_the_switch_and_others_agree(futures: dict[str, Future[Told]]) -> None:
    told = futures["good"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("SWITCHED", 0, 1), told.ran.stderr
    assert told.found == dict.fromkeys(ALL, "PASS")
    assert told.dkimpy == (True, True)
    assert told.perl[0] == ("example.jp", NEXT, "pass")
    assert told.ran.event("received")["message"]["sha256"] == hashlib.sha256(told.message).hexdigest()
    assert "A real message proves it" in told.ran.headline


def test_the_message_is_one_more_place_of_the_key(futures: dict[str, Future[Told]]) -> None:
    told = futures["good"].result()
    key = told.ran.event("observed")["observation"]["next_key"]["key"]["sha256"]
    shown = told.ran.shown("steps.verify(run)")
    assert f"message that was sent  s={NEXT}, d=example.jp  {key}  =" in shown
    assert "amazonses.com" in shown
    assert "SES's own signature, on all its mail" in shown


@pytest.mark.parametrize("name", STORIES)
def test_the_record_is_told_again_from_its_journal(futures: dict[str, Future[Told]], name: str) -> None:
    assert futures[name].result().verified


def test_of_the_inbox_and_of_messages_nothing_else_is_written_down(futures: dict[str, Future[Told]]) -> None:
    for name in ("good", "many", "unsigned"):
        ran = futures[name].result().ran
        journal = ran.journal_path.read_text("utf-8") + ran.path.read_text("utf-8")
        assert "hanako" not in journal
        assert "inbox/before" not in journal
        assert "sent to prove by which" not in journal
        addresses = set(re.findall(r"[\w.-]+@[\w-]+\.[\w.-]+", journal))
        # The rehearsal's is that of a message which is never sent.
        assert addresses == {f"byodkim-{name}@example.jp" for name in ("proof", "inbox", "rehearsal")}


@pytest.mark.parametrize("name", SWITCHED)
def test_what_is_proved_or_not_asked_for_is_a_switch_as_ever(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("SWITCHED", 0, 1), told.ran.stderr


@pytest.mark.parametrize("name", ["none", "mailbox, none"])
def test_who_wants_none_sends_none(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    assert not told.ran.has("sent")
    assert "proving" not in told.ran.event("begin")
    assert "Proof by a message" not in told.ran.everything


@pytest.mark.parametrize("name", REFUTED)
def test_a_message_that_speaks_against_ses_fails_the_run_with_the_way_back(
    futures: dict[str, Future[Told]], name: str
) -> None:
    told, (check, remedy) = futures[name].result(), REFUTED[name]
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("FAILED", 1, 1), told.ran.stderr
    assert told.found[check] == "FAIL"
    assert told.ran.paragraph.startswith("SES says ")
    assert f"{check} failed: " in told.ran.paragraph
    assert remedy in told.ran.paragraph
    assert f"Roll back to {CURRENT}" in told.ran.paragraph
    assert f"-r selector {CURRENT}" in told.ran.headline
    assert "yes: SES has verified" not in told.ran.headline
    assert "mail unsigned for" not in told.ran.headline
    assert told.ran.has("closed")


@pytest.mark.parametrize("name", ["unsigned", "current", "good", "stranger", "changed", "lost"])
def test_a_message_is_held_against_ses_only_when_two_more_are_alike(
    futures: dict[str, Future[Told]], name: str
) -> None:
    sent = [one for one in futures[name].result().ran.events if one["event"] == "sent"]
    assert len(sent) == (3 if name in ("unsigned", "current") else 1)


@pytest.mark.prove
def test_ses_may_be_slower_than_what_it_says(futures: dict[str, Future[Told]]) -> None:
    told = futures["slow"].result()
    found = kinds(told)
    assert found[0] == "with the selector that was left"
    assert found[-1] == "with the next selector"
    assert told.found == dict.fromkeys(ALL, "PASS")
    assert "Signed with the next selector from " in told.ran.headline


@pytest.mark.prove
def test_the_same_command_again_proves_it_once_it_is_so(futures: dict[str, Future[Told]]) -> None:
    told = futures["mended"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("SWITCHED", 0, 1), told.ran.stderr
    assert told.found == dict.fromkeys(ALL, "PASS")
    assert "An earlier run wrote it" in told.ran.headline


def test_the_site_counts_no_time_without_a_signature_as_over(futures: dict[str, Future[Told]]) -> None:
    ran = futures["unsigned"].result().ran
    (switch,) = switches([trace(Record(ran.events))])
    assert switch.unsigned is None
    (switch,) = switches([trace(Record(futures["good"].result().ran.events))])
    assert switch.unsigned is not None


@pytest.mark.prove
def test_others_do_not_verify_it_either(futures: dict[str, Future[Told]]) -> None:
    assert futures["unsigned"].result().dkimpy == (True,)  # amazonses.com's
    assert futures["current"].result().perl[0] == ("example.jp", CURRENT, "pass")
    for name in ("stranger", "changed", "another key"):
        told = futures[name].result()
        assert told.dkimpy[0] is False
        assert told.perl[0] == ("example.jp", NEXT, "fail")


@pytest.mark.prove
def test_it_says_so_in_japanese_too(futures: dict[str, Future[Told]]) -> None:
    told = futures["in Japanese"].result()
    assert told.ran.outcome == "失敗（FAILED）"
    assert "実際のメッセージは正しく署名されていません" in told.ran.headline
    assert f"「切り戻し」のコマンドで {CURRENT} に戻してください" in told.ran.paragraph
    assert "メッセージによる確認" in told.ran.shown("steps.verify(run)")
    lost = futures["lost in Japanese"].result()
    assert "1 秒以内に s3://byodkim-inbox/inbox/ に届いていません" in lost.ran.paragraph


@pytest.mark.prove
@each(("name", "other"), [("unsigned", "in Japanese"), ("lost", "lost in Japanese")])
def test_a_page_in_another_language_says_it_as_a_run_in_that_language_does(
    futures: dict[str, Future[Told]], name: str, other: str
) -> None:
    english, japanese = (Record(futures[one].result().ran.events) for one in (name, other))
    for record, language, same in ((english, LANGUAGES[1], japanese), (japanese, LANGUAGES[0], english)):
        said = same.closed["error"] if same.closed else {}
        assert recorded(record, Words(language, UTC)) == (said["what"], said["means"], said["todo"])


@pytest.mark.parametrize("name", OPEN)
def test_a_message_that_never_comes_is_said_and_the_outcome_is_what_ses_says(
    futures: dict[str, Future[Told]], name: str
) -> None:
    told = futures[name].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("SWITCHED", 1, 1), told.ran.stderr
    assert told.found == dict.fromkeys(ALL, "UNKNOWN")
    assert told.ran.paragraph.startswith(f"SES says SUCCESS for {NEXT}, and no message proves it.")
    assert "no message proves it yet" in told.ran.headline
    expected = (
        "SendEmail AccessDeniedException" if name == "not sent" else "not in s3://byodkim-inbox/inbox/ within 1 s"
    )
    assert expected in told.ran.paragraph


@pytest.mark.prove
def test_a_look_that_is_refused_is_written_down_and_tried_again(futures: dict[str, Future[Told]]) -> None:
    events = futures["inbox closed"].result().ran.events
    refused = [event for event in events if event["event"] == "unread"]
    assert len(refused) > 1
    assert {(event["operation"], event["code"]) for event in refused} == {("ListObjectsV2", "AccessDenied")}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_proved_is_known_before_the_write(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("REFUSED", 1, 0), told.ran.stderr
    assert "-p message none" in told.ran.paragraph
    expected = "ListObjectsV2: NoSuchBucket" if name == "no inbox" else "SendEmail: AccessDeniedException"
    assert expected in told.ran.paragraph


@pytest.mark.prove
def test_a_key_that_ses_never_verifies_leaves_mail_unsigned_and_the_run_pending(
    futures: dict[str, Future[Told]],
) -> None:
    told = futures["garbage"].result()
    assert (told.ran.outcome, told.puts) == ("SWITCHED-PENDING", 1), told.ran.stderr
    assert told.found["MESSAGE-SIGNED"] == "FAIL"
    assert "this is how mail goes out" in told.ran.headline


def kinds(told: Told) -> list[str]:
    """What the table of messages says of each."""
    shown = told.ran.shown("steps.verify(run)")
    words = ("with the next selector", "with the selector that was left", "unsigned", "not received")
    begins = re.compile(r"(▶ )?\d\d:\d\d:\d\d\.\d+ UTC  (before|after|the proof)")
    rows = [line for line in shown.splitlines() if begins.match(line)]
    return [next(word for word in words if f"  {word}  " in row) for row in rows]


@pytest.mark.prove
def test_several_messages_measure_the_time_without_a_signature(futures: dict[str, Future[Told]]) -> None:
    told = futures["many"].result()
    found = kinds(told)
    assert 3 <= len(found) <= 6
    assert (found[0], found[-1]) == ("with the selector that was left", "with the next selector")
    assert set(found[1:-1]) <= {"unsigned", "with the next selector"}
    assert found[1] == "unsigned"
    measured = re.search(r"mail was unsigned for at least ([\d.]+) s and at most ([\d.]+) s", told.ran.headline)
    assert measured
    assert float(measured[1]) <= float(measured[2])
    assert "Mail may have gone out unsigned for up to" in told.ran.headline


@pytest.mark.prove
def test_where_ses_goes_on_with_the_current_key_none_is_unsigned(futures: dict[str, Future[Told]]) -> None:
    told = futures["many while current"].result()
    found = kinds(told)
    assert "unsigned" not in found
    assert found[:2] == ["with the selector that was left"] * 2
    assert "none was unsigned." in told.ran.headline


def test_the_page_of_the_record_tells_it(futures: dict[str, Future[Told]], tmp_path: Path) -> None:
    told = futures["unsigned"].result()
    page = tmp_path / "page.html"
    assert main(["record", str(told.ran.path), "-o", str(page)]) == 0
    assert main(["site", str(told.ran.folder / "outputs"), "-o", str(tmp_path / "site")]) == 0
    run = told.ran.event("begin")["run"]
    (of_run,) = (one for one in (tmp_path / "site").rglob("*.html") if run in one.name)
    assert "MESSAGE-SIGNED" in of_run.read_text("utf-8")
    text = page.read_text("utf-8")
    assert "MESSAGE-SIGNED" in text
    assert "a real message of <code>example.jp</code> is not signed as it should be" in text
