"""What a campaign's record says of each identity's mail: switched, not verified yet, unclear, and not written."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import UTC
from string import Formatter
from typing import Any

from byodkim.display import fleet, fleet_command, fleet_standing
from byodkim.display.blocks import Paragraph
from byodkim.display.words import Words
from byodkim.evidence.fleet_record import Ended
from byodkim.evidence.journal import digest
from byodkim.evidence.record import Record
from byodkim.messages import LANGUAGES, say, sentence
from byodkim.messages.fleet import TEXTS
from byodkim.plain import plain
from byodkim.rotation.fleet_plan import FleetPlan
from byodkim.rotation.outcome import Outcome
from tests.each import each

WORDS = Words("en", UTC)
AT = "2026-11-24T06:00:00+00:00"
ONE = Ended(0, "d0.example.jp", "next", "SWITCHED", "0.ipynb", "0.journal.jsonl", "run", "00", AT)
PENDING = replace(ONE, number=1, domain="d1.example.jp", outcome="SWITCHED-PENDING")
UNCLEAR = replace(ONE, number=2, domain="d2.example.jp", outcome="FAILED")
REFUSED = replace(ONE, number=3, domain="d3.example.jp", outcome="REFUSED", touched=False)
DECLINED = replace(ONE, number=4, domain="d4.example.jp", outcome="FAILED", touched=False)


def record(*ended: Ended, resumed: bool = False, begun: tuple[str, ...] = ()) -> Record:
    """Return a campaign of seven that halted."""
    events: list[dict[str, Any]] = [{"event": "begin", "mode": "apply", "parameters": {}}]
    events += [{"event": "laid", "lanes": [{"name": "lane", "waves": [[0, 1, 2, 3], [4, 5, 6]]}]}]
    events += [{"event": "resumed", "of": ["run"], "ended": [], "left": []}] if resumed else []
    events += [{"event": "started", "number": 6, "domain": name} for name in begun]
    events += [{"event": "started", "number": one.number, "domain": one.domain} for one in ended]
    events += [{"event": "ended", "code": 0, **asdict(one)} for one in ended]
    return Record(tuple(events))


def test_a_stopped_campaign_names_those_whose_mail_may_go_out_unsigned() -> None:
    told = fleet_standing.standing(record(ONE, PENDING, UNCLEAR, REFUSED, DECLINED), "en")
    assert told == (
        "Switched, each with a record of its own: 1 of 7. "
        "Written, and SES has yet to verify: 1. Until then that mail may go out unsigned (d1.example.jp). "
        "The run of 1 may have written, and did not end verified: its record says what SES has (d2.example.jp). "
        "Begun, and nothing was written: 2. Each record says why (d3.example.jp, d4.example.jp). "
        "Not begun, and nothing was written: 2."
    )


def test_while_it_goes_on_its_cell_says_wave_rate_and_time_left() -> None:
    later = replace(PENDING, ended_at="2026-11-24T06:00:04+00:00")
    going = record(ONE, later, begun=("d6.example.jp",))
    line = "Wave 1/2: 2 of 7 ended (SWITCHED 1, SWITCHED-PENDING 1), 1 under way, 0.25 a second, about 20 s left"
    assert line in [block.text for block in fleet.carried_out(going, WORDS) if isinstance(block, Paragraph)]
    over = Record((*going.events, {"event": "halted", "why": "done"}))
    assert line not in [block.text for block in fleet.carried_out(over, WORDS) if isinstance(block, Paragraph)]


def test_its_answers_and_its_counts_agree() -> None:
    answers = fleet.answers(record(ONE, PENDING, UNCLEAR, REFUSED), WORDS)
    changed, safe, back = (" ".join(answers[key]) for key in ("changed", "safe", "back"))
    assert changed.startswith("the selector of 2 identities perhaps of 1")
    assert "unsigned (d1.example.jp)" in safe
    assert "(d2.example.jp)" in safe
    assert "(d2.example.jp)" in back


def test_those_that_cannot_go_back_are_named_beside_the_rollback() -> None:
    stays = replace(PENDING, stays=True)
    filed = {"event": "filed", "what": "back", "file": "x.back.csv"}
    some, all_of_them = (Record((*record(*ended).events, filed)) for ended in ((ONE, stays), (stays,)))
    told = [str(getattr(block, "text", "")) for block in fleet.onward(some, Outcome.SWITCHED, WORDS)]
    assert any("x.back.csv" in one for one in told)
    assert any(one.endswith("there is nothing to go back to (d1.example.jp).") for one in told)
    assert "(d1.example.jp)" in " ".join(fleet.answers(some, WORDS)["back"])
    told = [str(getattr(block, "text", "")) for block in fleet.onward(all_of_them, Outcome.SWITCHED, WORDS)]
    assert not any("x.back.csv" in one for one in told)


@each(
    ("folder", "option"),
    [
        ("elsewhere", " -o elsewhere/fleet-after-20261124T060000Z-00.ipynb"),
        ("outputs/20261124T060000Z-fleet", ""),
        ("", ""),
    ],
)
def test_a_plan_elsewhere_is_carried_out_beside_itself(folder: str, option: str) -> None:
    begin = {"event": "begin", "mode": "plan", "parameters": {}, "folder": folder, "run": "20261124T060000Z-00"}
    command = fleet_command.command(Record((begin,)), "apply", "20261124T060000Z-00")
    assert command == f"byodkim fleet -p mode apply -r approved 20261124T060000Z-00{option}"


def test_one_that_was_killed_perhaps_wrote_and_is_named() -> None:
    told = record(ONE, begun=("d6.example.jp",))
    assert "(d6.example.jp)" in fleet_standing.standing(told, "en")
    assert any("perhaps of 1" in one for one in fleet.answers(told, WORDS)["changed"])


def test_a_run_that_goes_on_claims_nothing_of_what_earlier_runs_did() -> None:
    told = fleet_standing.standing(record(ONE, resumed=True), "en")
    assert "nothing was written" not in told
    assert "Not begun by this run: 6." in told


@each("language", LANGUAGES)
def test_what_a_run_that_goes_on_refused_it_began(language: Any) -> None:
    """The table on the same page counts it so, and its own record stands beside the campaign's."""
    done = [replace(ONE, number=number, domain=f"d{number}.example.jp") for number in (0, 1, 2, 4, 5, 6)]
    told = fleet_standing.standing(record(*done, REFUSED, resumed=True), language)
    assert "(d3.example.jp)" in told
    assert say("fleet", "stand.left.earlier", language, left=1) not in told
    assert {"en": "Its record says why", "ja": "理由は記録を"}[language] in told


@each("name", sorted(name for name in TEXTS if re.search(r"\{(count|all|failed)\}", sentence("fleet", name, "en"))))
def test_one_is_counted_as_one(name: str) -> None:
    """No verb or noun in the plural stands with a 1."""
    values = {value: 1 for _, value, _, _ in Formatter().parse(sentence("fleet", name, "en")) if value}
    plural = re.search(
        r"\b1 (of them )?(identities|need|are|were|have|bear)\b|\bAll 1\b", say("fleet", name, "en", **values)
    )
    assert not plural


@each("language", LANGUAGES)
def test_many_are_counted_and_some_named(language: Any) -> None:
    many = [replace(PENDING, number=number, domain=f"d{number}.example.jp") for number in range(7)]
    lanes = [{"name": "lane", "waves": [list(range(20))]}]
    more = [replace(PENDING, number=number, domain=f"d{number}.example.jp") for number in range(7, 20)]
    events = [*record(*many, *more).events, {"event": "laid", "lanes": lanes}]
    told = fleet_standing.standing(Record(tuple(events)), language)
    assert "d11.example.jp" in told
    assert "d12.example.jp" not in told
    assert "8" in told


@each(
    ("stop_after", "ended", "again"),
    [
        ("0", (ONE, DECLINED), True),
        ("0", (ONE, UNCLEAR), False),
        ("1", (ONE, UNCLEAR, DECLINED), True),
        ("0", (ONE, replace(REFUSED, stopped_by="KEY-PAIR")), False),
    ],
)
def test_the_same_command_is_named_only_where_it_would_not_stop_at_once(
    stop_after: str, ended: tuple[Ended, ...], again: bool
) -> None:
    pace = {"canary": "1", "wave": "3", "pause_minutes": "0", "stop_after": stop_after, "at_once": "0"}
    plan = plain(FleetPlan.over([bytes(32)], pace, {"lane": 7}, digest))
    told = record(*ended).events
    halted = [{"event": "planned", "plan": plan}, {"event": "halted", "why": "failures"}]
    assert fleet_standing.goes_on(Record((*told, *halted))) is again


@each(("last", "following"), [("1", 2), ("2", 3), ("3", 0), ("0", 0)])
def test_after_a_wave_comes_the_next_one_of_its_lane(last: str, following: int) -> None:
    pace = {"canary": "1", "wave": "3", "pause_minutes": "0", "stop_after": "0", "at_once": "0"}
    plan = {"event": "planned", "plan": plain(FleetPlan.over([bytes(32)], pace, {"lane": 7}, digest))}
    begin, *rest = record(ONE).events
    begin = {**begin, "parameters": {"last_wave": {"value": last, "source": "parameter"}}}
    assert fleet_standing.following(Record((begin, *rest, plan))) == following


WAIVED = ("TIME-ACTIVATE: the zone was small", 2, "d4.example.jp")


def planned(**surveyed: Any) -> Record:
    """Return a plan run of a campaign."""
    values = {"counts": {"ready": 3}, "whom": [], "made": {}, "rows": 3, **surveyed}
    events = [{"event": "begin", "mode": "plan", "parameters": {}}, {"event": "surveyed", **values}]
    return Record(tuple(events))


def test_an_approver_is_shown_what_rows_waive() -> None:
    told = str(fleet.observed(planned(waived=[WAIVED]), WORDS))
    assert "Waived for 2 (d4.example.jp first): TIME-ACTIVATE: the zone was small" in told


def test_the_page_of_the_apply_opens_with_what_rows_waive() -> None:
    recalled = {"event": "recalled", "of": "run", "counts": {"switched": 0, "pending": 0, "failed": 0}, "left": 0}
    begin, *rest = record(ONE).events
    told = Record((begin, {**recalled, "waived": [WAIVED]}, *rest))
    for said in (str(fleet.observed(told, WORDS)), " ".join(fleet.answers(told, WORDS)["safe"])):
        assert "the zone was small" in said


def test_a_plan_says_which_are_not_ready_yet_and_until_when() -> None:
    told = planned(early=2, until="2026-11-24T08:28:36+00:00")
    assert "2 of those that are ready are not yet to be written" in str(fleet.observed(told, WORDS))
    said = fleet.sentence(told, Outcome.PLANNED, WORDS)
    assert "2 of them not yet, the last not before 2026-11-24 08:28:36 UTC" in said
