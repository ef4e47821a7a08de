"""A switch proved by a message that was received already: given as a file, verified with what the servers serve."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import pytest

from second_edition.launch.command_line import main
from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks import letters
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

pytestmark = pytest.mark.prove  # tests/second_edition/notebooks/test_message.py has messages that are sent

PLAIN = True

CURRENT, NEXT, DOMAIN = "mail-20260912-1", "mail-20261124-1", "example.jp"
OURS = (DOMAIN, NEXT)
FILE = "received.eml"


@dataclass(frozen=True)
class Told:
    """A run with a message; what Perl makes of that; whether the record is told again from its journal."""

    ran: Ran
    perl: list[tuple[str, ...]]
    verified: bool
    calls: int


def given(
    make: Callable[[Facts], bytes], *, scenario: str = "already-rotated", apply: bool = False
) -> tuple[str, Callable[[Stage], Told]]:
    """A run that is given a message, in a world."""

    def story(stage: Stage) -> Told:
        facts = stage.sandbox.facts
        message = make(facts)
        (stage.folder / FILE).write_bytes(message)
        before = len(stage.sandbox.calls())
        ran = (stage.apply if apply else stage.run)("-p", "message", FILE)
        calls = len(stage.sandbox.calls()) - before
        key = stage.runner.home / ".local/state/byodkim/sealing-key.pub.pem"
        verified = main(["verify", "--key", str(key), str(ran.path)]) == 0
        try:
            perl = letters.perl(facts, message, stage.folder / "judged.eml")
        except OSError:
            perl = []
        return Told(ran, perl, verified, calls)

    return scenario, story


def after_a_switch(stage: Stage) -> Told:
    """The run that switches, and another one that is given a message of the selector that was left."""
    stage.apply()
    return given(lambda facts: letters.letter(facts, (DOMAIN, CURRENT), ("amazonses.com", CURRENT)))[1](stage)


# How a message may be wrong is told by rotation/message_rows.py.
STORIES = {
    "good": given(lambda facts: letters.letter(facts, OURS, ("amazonses.com", CURRENT))),
    "after a switch": ("ready", after_a_switch),
    "too early": given(lambda facts: letters.letter(facts, OURS), scenario="ready", apply=True),
    "no message": given(lambda _: b"<html>\n<body>not a message</body>\n"),
}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name.replace(" ", "-"), story, scenario) for name, (scenario, story) in STORIES.items()}


def verdicts(told: Told) -> dict[str, str]:
    return {one["id"]: one["verdict"] for one in told.ran.event("weighed")["findings"]}


def test_a_received_message_proves_what_stands(futures: dict[str, Future[Told]]) -> None:
    told = futures["good"].result()
    assert (told.ran.outcome, told.ran.returncode) == ("UNCHANGED", 0), told.ran.stderr
    assert set(verdicts(told).values()) == {"PASS"}
    assert (DOMAIN, NEXT, "pass") in told.perl
    assert "A real message proves it" in told.ran.headline
    assert told.verified


def test_the_run_after_the_switch_knows_what_to_go_back_to(futures: dict[str, Future[Told]]) -> None:
    told = futures["after a switch"].result()
    assert (told.ran.outcome, told.ran.returncode, told.verified) == ("FAILED", 1, True)
    assert [one for one, verdict in verdicts(told).items() if verdict == "FAIL"] == ["MESSAGE-SIGNED"]
    assert f"Roll back to {CURRENT} with the command under Rollback" in told.ran.paragraph
    assert f"-r selector {CURRENT}" in told.ran.headline
    assert f"to {CURRENT}, with the command below" in told.ran.headline


def test_a_message_from_before_the_switch_proves_nothing(futures: dict[str, Future[Told]]) -> None:
    told = futures["too early"].result()
    assert (told.ran.outcome, told.ran.returncode) == ("REFUSED", 1)
    assert f"SES does not sign with {NEXT} yet. SES was not touched." in told.ran.paragraph
    assert not told.ran.has("intent")
    assert told.verified


def test_what_is_no_message_is_refused_before_anything_is_touched(futures: dict[str, Future[Told]]) -> None:
    told = futures["no message"].result()
    assert told.ran.returncode == 1
    assert told.ran.said() == [told.ran.paragraph]
    assert "does not open with a header that has From" in told.ran.paragraph
    assert "Nothing was read or written" in told.ran.paragraph
    assert told.calls == 0
    assert not any(name.endswith(".journal.jsonl") for name in told.ran.files)
