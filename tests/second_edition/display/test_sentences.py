"""What a page says of runs that did not go as planned is so in their world: real journals, of the golden archive."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest

from second_edition.display import comparison, lifeline, results, summary, switch, words
from second_edition.display.blocks import Headline, Paragraph
from second_edition.display.words import ENGLISH
from second_edition.events.writes import Rollback
from second_edition.evidence.journal import read
from second_edition.evidence.record import Record
from second_edition.messages import say
from second_edition.procedures.prepare import record as prepare
from second_edition.procedures.retire import record as retire
from second_edition.procedures.rotate import switched
from tests.second_edition.events.noted import Line, record_of
from tests.second_edition.golden.__main__ import ARCHIVE

INTERRUPTED = {"type": "KeyboardInterrupt", "what": "Interrupted.", "means": "-", "todo": "-"}


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("xn--wgv71a119e.jp", "xn--wgv71a119e.jp (日本語.jp)"),
        ("mail.xn--wgv71a119e.jp", "mail.xn--wgv71a119e.jp (mail.日本語.jp)"),
        *[(same, same) for same in ("example.jp", "", "xn--.jp", "xn--99999999999.jp", "日本語.jp", "xn--" + "a" * 80)],
    ],
)
def test_an_internationalized_identity_is_named_as_people_write_it_too(domain: str, name: str) -> None:
    assert words.identity_name(domain) == name


def test_a_bound_is_rounded_to_its_side() -> None:
    for seconds, said in (
        (126, ("2 min", "3 min", "2 min")),
        (120, ("2 min", "2 min", "2 min")),
        (8784, ("2.4 h", "2.5 h", "2.4 h")),
        (11880, ("3.3 h", "3.3 h", "3.3 h")),
        (176400, ("2.0 d", "2.1 d", "2.0 d")),
        (1.1, ("1.1 s", "1.1 s", "1.1 s")),
    ):
        assert tuple(words.duration(seconds, "en", bound) for bound in (round, ceil, floor)) == said


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    with tarfile.open(ARCHIVE) as file:
        file.extractall(folder, filter="data")
    return folder / "archive"


def events_of(golden: Path, name: str) -> list[Line]:
    story, number = name.split("/")
    return list(read(next((golden / story).glob(f"{number}.*.journal.jsonl"))).as_json)


def told_in(golden: Path, name: str) -> Record:
    return record_of(*events_of(golden, name))


def ended(events: list[Line], before: str, error: Mapping[str, Any] | None, outcome: str = "FAILED") -> Record:
    """The run, had it ended at its first event of that name."""
    place = next(number for number, event in enumerate(events) if event["event"] == before)
    closed = {
        "event": "closed",
        "n": place,
        "at": events[place]["at"],
        "outcome": outcome,
        "error": error,
        "calls": [],
    }
    return record_of(*events[:place], closed)


def headline(record: Record) -> str:
    (first, *_) = summary.verdict(record, ENGLISH)
    assert isinstance(first, Headline)
    return first.sentence


def paragraphs(blocks: list[Any]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


PREPARED, RETIRED = "mail-20261128-1", "mail-20260912-1"
ENDS = {
    "prepare untouched": ("prepare/3", "storing", f"{PREPARED} was not prepared for example.jp; nothing was written"),
    "prepare begun": ("prepare/3", "closed", f"The preparation of {PREPARED} for example.jp is not complete"),
    "retire untouched": ("rotate/6", "zone-intent", f"{RETIRED} of example.jp was not retired; nothing was written"),
    "retire begun": ("rotate/6", "zone-proved", f"The retirement of {RETIRED} of example.jp is not complete"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_failed_run_says_whether_it_wrote_and_whether_it_was_interrupted(golden: Path, name: str) -> None:
    run, before, said = ENDS[name]
    record = ended(events_of(golden, run), before, INTERRUPTED)
    assert headline(record) == said
    assert "Interrupted. - -" in paragraphs(summary.verdict(record, ENGLISH))
    if "was not" in said:  # so, too, where something else refused it after its checks
        assert headline(ended(events_of(golden, run), before, INTERRUPTED, "REFUSED")) == said


def test_a_prepare_run_that_did_not_come_to_name_its_selector_has_a_headline_too(golden: Path) -> None:
    record = ended(events_of(golden, "prepare/3"), "named", INTERRUPTED)
    assert headline(record) == "the next selector was not prepared for example.jp; nothing was written"


def test_what_was_planned_and_not_written_is_not_said_to_need_no_write(golden: Path) -> None:
    shown = {"prepare/3": ("storing", prepare.stored), "rotate/6": ("zone-intent", retire.carried_out)}
    for run, (before, show) in shown.items():
        assert paragraphs(show(ended(events_of(golden, run), before, INTERRUPTED), ENGLISH)) == ["Nothing was written."]


def test_a_run_that_rolled_back_an_earlier_switch_knows_when_that_was(golden: Path) -> None:
    switched, back = told_in(golden, "refused/2"), told_in(golden, "refused/3")
    assert back.rolled_back is not None
    assert switched.written_at is not None
    at = ENGLISH.time(switched.written_at)
    said = f"There is nothing to write: SES has mail-20261124-1, which an earlier run wrote at {at}, by its own record."
    assert paragraphs(switch.plan(back, ENGLISH)) == [said]
    stages = {one.name: one.at for one in lifeline.of_run(back)}
    rollback = back.of(Rollback)
    assert rollback is not None
    assert (stages["switched"], stages["verified"]) == (switched.written_at, None)
    assert stages["left"] is not None
    assert stages["left"].isoformat(timespec="milliseconds") == rollback.at.isoformat(timespec="milliseconds")
    assert "retire-old" not in stages


def test_what_ses_has_after_a_write_is_not_claimed_where_it_was_not_read(golden: Path) -> None:
    killed, whole = told_in(golden, "rotate/2"), told_in(golden, "rotate/3")
    unread = "SES was not read after the write was begun: both sides are what stood before it."
    assert results.result("comparison", killed, ENGLISH) == ("wait", "… SES was not read after the write")
    assert paragraphs(comparison.comparison(killed, ENGLISH)) == [unread]
    assert paragraphs(comparison.comparison(whole, ENGLISH)) == []
    assert paragraphs(switched.verification(killed, ENGLISH))[0].startswith("SES was not asked in this step.")
    assert paragraphs(switched.verification(whole, ENGLISH))[0].startswith("SES has found the key record")


def test_a_request_to_withdraw_a_record_is_not_said_to_have_reached_anybody() -> None:
    """A run writes the request beside its record; in a rehearsal nobody gets it."""
    keys = ("came.TO-ASK", "came.ASKED", "plan.asked.revoke", "plan.asked.remove", "apply.asked", "hand.revoke")
    values = {"selector": RETIRED, "domain": "example.jp"}
    sentences = [
        say("retire", key, "en", **values) for key in (*keys, "hand.remove", "event.requested", "finished.ASKED")
    ]
    assert [one for one in sentences if "asked" in one or "DNS team" in one or "Handed" in one] == []
