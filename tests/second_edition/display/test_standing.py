"""What a record says of mail follows from what SES showed before the write, after it, and where there was none."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from msgspec.structs import asdict, replace

from second_edition.display import summary
from second_edition.display.answers import answers
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.evidence.record import Record
from second_edition.launch.approve import PlannedRun, applied
from second_edition.rotation import timing
from second_edition.rotation.checks import Expected
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.resolution import Sighting
from tests.second_edition.display.test_rotate import begin, closed, event, events, read, written, written_before
from tests.second_edition.each import each
from tests.second_edition.events.noted import Line, record_of
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import GIVEN, Row
from tests.second_edition.rotation.world import CURRENT, NEXT, Change

REFUSED = {"type": "RunRefused", "what": "DNS-PUBLISHED failed.", "means": "SES was not touched.", "todo": "Wait."}
GONE = "SES has given up on it, so mail goes out without this signature, and sending may stop"
EARLIER = written_before("2026-11-24T03:11:03.250+00:00")
QUESTIONS = ("who", "when", "why", "changed", "safe", "finished", "back")


def ran(change: Change, *after: Line, **begun: Any) -> Record:
    """A run in a world, up to its plan and then as ``after`` has it."""
    planned = events(Row("PLAN-CHANGE", "", change, Verdict.PASS, Expected(world.ACCOUNT, world.REGION, applies=False)))
    return record_of(begin(**begun), *planned[1:], *after)


def text(record: Record) -> str:
    return str(Shown(tuple(summary.verdict(record, Words("en", UTC)))).bundle()["text/plain"])


def answered(record: Record) -> dict[str, str]:
    return dict(zip(QUESTIONS, (told for _, told in answers(record, Words("en", UTC))), strict=True))


def switched(change: Change, *reads: Line, **begun: Any) -> Record:
    return ran(change, *written()[5:], *(reads or (read(11, "SUCCESS"),)), closed(Outcome.SWITCHED), **begun)


@each("status", ["PENDING", "FAILED", "TEMPORARY_FAILURE"])
def test_mail_may_have_been_unsigned_before_a_write_over_a_selector_that_was_not_verified(status: str) -> None:
    record = switched(world.identity(status=status))
    told, safe = text(record), answered(record)["safe"]
    before = f"before this run SES did not show the selector in use, {CURRENT}, as verified (status {status})"
    for said in (told, safe):
        assert before in said
        assert "since when is not known from this record" in said
        assert "mail is signed since 2026-11-24 04:11:03 UTC" in said
        assert "for up to" not in said
        assert "at most" not in said


def test_a_key_that_an_earlier_run_wrote_wrong_is_unsigned_since_that_write() -> None:
    earlier = written_before("2026-11-23T03:00:00.000+00:00")
    record = switched(world.left("PENDING"), previous=earlier)
    assert "since the write of an earlier run at 2026-11-23 03:00:00 UTC, if not longer" in answered(record)["safe"]
    assert "since the write of an earlier run at 2026-11-23 03:00:00 UTC" in text(record)


def test_what_an_earlier_run_wrote_is_told_since_that_write_only() -> None:
    earlier = written_before("2026-11-24T03:10:55.250+00:00")
    found = ran(world.stands("SUCCESS"), read(11, "SUCCESS"), closed(Outcome.SWITCHED), previous=earlier)
    said = "60 min after that write. Mail may have gone out unsigned for up to 61 min since that write."
    assert said in text(found)
    assert "mail unsigned for 61 min at most since the write of an earlier run" in answered(found)["safe"]


WAITED = event("waited", 12, seconds=600.0, ran_out=False)  # three minutes by the clock
SET_BACK = {
    "before the write": ((read(11, "PENDING"), read(5, "SUCCESS")), 11),
    "a little": ((read(14, "PENDING"), read(13, "SUCCESS")), 14),
    "between two readings": ((read(11, "SUCCESS"), WAITED), 11),
}


@each("name", SET_BACK)
def test_where_the_clock_was_set_back_it_is_not_known_for_how_long_mail_was_unsigned(name: str) -> None:
    reads, counted = SET_BACK[name]
    record = switched(world.identity(status="SUCCESS"), *reads)
    steady = switched(world.identity(status="SUCCESS"), read(counted, "SUCCESS"))
    for back, said in ((True, text(record)), (True, answered(record)["safe"]), (False, text(steady))):
        assert ("set back meanwhile" in said) is back
        assert ("for up to" in said) is not back
        assert "at most" not in said
    assert record.overlap_until == steady.overlap_until
    later = written_before("2026-11-24T04:30:03.250+00:00")  # by the clock of a run before
    found = ran(world.stands("SUCCESS"), read(11, "SUCCESS"), closed(Outcome.SWITCHED), previous=later)
    assert "for how long mail was unsigned is not known" in answered(found)["safe"]


def test_where_signing_was_off_mail_is_signed_since_it_was_seen_on() -> None:
    off = read(10, "SUCCESS")
    record = switched(
        world.identity(signing_enabled=False),
        {**off, "identity": {**off["identity"], "signing_enabled": False}},
        read(12, "SUCCESS"),
    )
    for said in (text(record), answered(record)["safe"]):
        assert "before this run DKIM signing was off, so mail went out without this signature" in said
        assert "mail is signed since 2026-11-24 04:12:03 UTC" in said


@each(
    ("status", "mail"),
    [
        ("PENDING", "mail may be going out unsigned until SES has verified it"),
        ("TEMPORARY_FAILURE", "SES cannot tell at present whether its key record is there"),
        ("FAILED", GONE),
    ],
)
@each(("change", "selector"), [(world.stands, NEXT), (None, CURRENT)], ids=["has-it", "has-not"])
def test_a_refusal_is_not_safe_where_ses_has_not_verified_what_it_has(
    change: Any, selector: str, status: str, mail: str
) -> None:
    record = ran(change(status) if change else world.identity(status=status), closed(Outcome.REFUSED, REFUSED))
    found, told = answered(record), text(record)
    assert found["safe"].startswith(f"this run wrote nothing to SES, which shows {selector} as {status}: {mail}")
    assert f"SES shows {selector} as {status}: {mail}" in told
    if selector == NEXT:
        assert (
            f"SES has {NEXT} for example.jp already (status {status}); this run was refused and wrote nothing" in told
        )
        assert found["finished"].startswith(f"no: this run was refused and wrote nothing; SES has {NEXT} already")
    assert ("was not switched" in told + found["finished"]) == (selector == CURRENT)
    assert ("until SES has verified it" in told + str(found)) == (status == "PENDING")


def test_a_refusal_in_a_sound_world_says_that_ses_was_not_touched() -> None:
    record = ran(world.same, closed(Outcome.REFUSED, REFUSED))
    assert answered(record)["safe"] == "yes: SES was not touched"
    verified = ran(world.stands(), closed(Outcome.REFUSED, REFUSED))
    assert "already (status SUCCESS)" in text(verified)
    assert answered(verified)["safe"] == "yes: SES was not touched"


@each("status", ["SUCCESS", "TEMPORARY_FAILURE"])
def test_a_plan_says_that_no_server_has_the_key_record_in_use(status: str) -> None:
    record = ran(world.both(world.identity(status=status), world.current_at_every()), closed(Outcome.PLANNED))
    assert f"PLANNED  No server has the key record of {CURRENT}, which SES has for example.jp: mail" in text(record)
    assert f"shows {CURRENT} as {status}: no server has its key record, so mail fails" in answered(record)["safe"]


def test_ses_that_gave_up_after_the_write_is_not_waited_for() -> None:
    record = ran(world.same, *written()[5:], read(10, "PENDING"), read(15, "FAILED"), closed(Outcome.FAILED, REFUSED))
    assert GONE in answered(record)["safe"]
    assert "until SES has verified it" not in answered(record)["safe"]
    ended = ran(world.same, *written()[5:], read(10, "PENDING"), read(15, "FAILED"), closed(Outcome.FAILED))
    assert "See that the key record is published, then run the same command again" in text(ended).partition("Next")[2]


def test_a_plan_of_what_ses_has_already_does_not_say_that_it_would_switch() -> None:
    known = world.both(world.stands("PENDING"), world.given(GIVEN))
    told = text(ran(known, closed(Outcome.PLANNED), mode="plan", previous=EARLIER))
    assert "would be switched" not in told
    assert f"example.jp is set to {NEXT}; SES has not verified it yet" in told
    assert "There is nothing to write: SES has the selector already (status PENDING)" in told


@each(
    ("change", "kept"),
    [
        (world.same, True),
        (world.identity(status="FAILED"), False),
        (world.current_at_one(rcode="NXDOMAIN"), True),
        (world.current_at_every(rcode="NXDOMAIN"), False),  # there is no record to keep
        (world.current_at_every(rcode="", failure="timeout"), True),  # nor is it known that there is none
    ],
)
def test_only_a_selector_that_worked_has_mail_on_its_way(change: Change, *, kept: bool) -> None:
    record = switched(change)
    assert (f"Keep the key record of {CURRENT} published until" in text(record)) is kept
    assert (f"{CURRENT} stays published until" in answered(record)["finished"]) is kept


def test_a_plan_says_from_when_on_it_can_be_carried_out() -> None:
    def lacked(seen: Any) -> Any:
        history = (Sighting("2026-11-24T03:50:00.000+00:00", everywhere=False, ttl=None, negative_ttl=900),)
        return replace(seen, dns=replace(seen.dns, history=history))

    seen = lacked(world.good())
    earliest = timing.activation(seen.dns.history, timing.sighting(seen))
    assert earliest is not None
    at = Words("en", UTC).time(earliest.at)
    record = ran(lacked, closed(Outcome.PLANNED), mode="plan", record="r.ipynb")
    assert record.plan is not None
    approved = applied(PlannedRun(record, record.plan, Words("en", UTC), ""), Path("approval.json"))
    assert approved.startswith(f"Not before {at}: until then TIME-ACTIVATE refuses it.\nIt is applied with:")
    told = text(record)
    assert f"but TIME-ACTIVATE stands against carrying it out before {at}" in told
    assert f"To carry it out, not before {at} (TIME-ACTIVATE):" in told
    free = text(ran(world.same, closed(Outcome.PLANNED), mode="plan", record="r.ipynb"))
    assert "TIME-ACTIVATE" not in free
    assert "Every check that blocks has passed or was waived. Plan digest" in free


def test_a_write_that_may_still_land_is_told_as_not_known_yet_in_every_answer() -> None:
    unclear = {"error": {"code": "ReadTimeoutError", "status": 0, "request_id": "", "unclear": True}}
    still = {**read(10, "SUCCESS"), "identity": asdict(world.found())}
    record = ran(world.same, written()[5], event("answer", 9, **unclear), still, closed(Outcome.FAILED, REFUSED))
    found = answered(record)
    at = "2026-11-24 04:24:03 UTC"
    held = f"not known yet: SES still has {CURRENT}"
    assert found["changed"] == f"{held}, and until {at} the write can reach it and set {NEXT}"
    assert found["safe"] == f"{held} (status SUCCESS), and until {at} the write can reach it and set {NEXT}"
    assert found["finished"].startswith("no: run the same command again")
    assert found["back"].startswith("not known yet whether there is anything to roll back")
    assert at in found["back"]
    landed = answered(ran(world.same, written()[5], event("answer", 9, **unclear), closed(Outcome.FAILED, REFUSED)))
    assert landed["changed"].startswith("perhaps the selector")
    assert "until SES has verified it" in landed["safe"]
    assert landed["back"].startswith(f"to {CURRENT}, with the command below")
