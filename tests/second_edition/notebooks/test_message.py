"""A switch proved by a message that the run sends: what SES does, whatever it says, is what the record says."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import Future

import pytest

from second_edition.evidence.past import switches, trace
from tests.second_edition.events.noted import record_of
from tests.second_edition.notebooks.proofs import CURRENT, NEXT, STORIES, Told
from tests.second_edition.notebooks.stage import Troupe

ALL = ["MESSAGE-ARRIVED", "MESSAGE-SIGNED", "MESSAGE-VERIFIES", "MESSAGE-FROM"]
SWITCHED = ["good", "slow", "none", "many", "mailbox"]
REFUTED = {
    "unsigned": ("MESSAGE-SIGNED", "without the domain's signature"),
    "current": ("MESSAGE-SIGNED", "still signs with the selector that was left"),
    "stranger": ("MESSAGE-VERIFIES", "another key than the published one"),
    "changed": ("MESSAGE-VERIFIES", "may have been changed on its way"),
}
OPEN = ["lost", "not sent", "inbox closed"]


QUICK = {"name": ("good", "unsigned")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(re.sub(r"\W+", "-", name), story) for name, story in STORIES.items()}


def verdicts(told: Told) -> dict[str, str]:
    """The verdict of each check after the switch."""
    return {finding["id"]: finding["verdict"] for finding in told.ran.event("weighed")["findings"]}


def test_a_message_proves_the_switch_and_others_agree(futures: dict[str, Future[Told]]) -> None:
    told = futures["good"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("SWITCHED", 0, 1), told.ran.stderr
    assert verdicts(told) == dict.fromkeys(ALL, "PASS")
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


def test_of_the_inbox_and_of_messages_nothing_else_is_written_down(futures: dict[str, Future[Told]]) -> None:
    for name in ("good", "unsigned"):
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


@pytest.mark.prove
def test_who_wants_none_sends_none(futures: dict[str, Future[Told]]) -> None:
    told = futures["none"].result()
    assert not told.ran.has("sent")
    assert "proving" not in told.ran.event("begin")
    assert "What a message shows" not in told.ran.everything


@pytest.mark.parametrize("name", REFUTED)
def test_a_message_that_speaks_against_ses_fails_the_run_with_the_way_back(
    futures: dict[str, Future[Told]], name: str
) -> None:
    told, (check, remedy) = futures[name].result(), REFUTED[name]
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("FAILED", 1, 1), told.ran.stderr
    assert verdicts(told)[check] == "FAIL"
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
    assert verdicts(told) == dict.fromkeys(ALL, "PASS")


@pytest.mark.parametrize("name", OPEN)
def test_a_message_that_never_comes_is_said_and_the_outcome_is_what_ses_says(
    futures: dict[str, Future[Told]], name: str
) -> None:
    told = futures[name].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("SWITCHED", 1, 1), told.ran.stderr
    assert verdicts(told) == dict.fromkeys(ALL, "UNKNOWN")
    assert told.ran.paragraph.startswith(f"SES says SUCCESS for {NEXT}, and no message proves it.")
    assert "no message proves it yet" in told.ran.headline
    expected = (
        "SendEmail failed (AccessDeniedException)"
        if name == "not sent"
        else "not in s3://byodkim-inbox/inbox/ within 1 s"
    )
    assert expected in told.ran.paragraph


@pytest.mark.prove
def test_a_look_that_is_refused_is_written_down_and_tried_again(futures: dict[str, Future[Told]]) -> None:
    events = futures["inbox closed"].result().ran.events
    refused = [event for event in events if event["event"] == "unread"]
    assert len(refused) > 1
    assert {(event["operation"], event["code"]) for event in refused} == {("ListObjectsV2", "AccessDenied")}


@pytest.mark.prove
def test_what_cannot_be_proved_is_known_before_the_write(futures: dict[str, Future[Told]]) -> None:
    told = futures["not sent before"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts) == ("REFUSED", 1, 0), told.ran.stderr
    assert "-p message none" in told.ran.paragraph
    assert "SendEmail: AccessDeniedException" in told.ran.paragraph


def kinds(told: Told) -> list[str]:
    """Return what the table of messages says of each."""
    shown = told.ran.shown("steps.verify(run)")
    words = ("with the next selector", "with the selector that was left", "unsigned", "not received")
    begins = re.compile(r"(▶ )?\d\d:\d\d:\d\d UTC  (before|after|the proof)")
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


def test_the_site_counts_no_time_without_a_signature_as_over(futures: dict[str, Future[Told]]) -> None:
    ran = futures["unsigned"].result().ran
    (switch,) = switches([trace(record_of(*ran.events))])
    assert switch.unsigned is None
    (switch,) = switches([trace(record_of(*futures["good"].result().ran.events))])
    assert switch.unsigned is not None
