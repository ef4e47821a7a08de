"""What a campaign's record says of each identity's mail: switched, not verified yet, unclear, and not written."""

from __future__ import annotations

import re
import shlex
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import asdict, replace

from second_edition.display.answers import answers as all_answers
from second_edition.display.blocks import Code, Paragraph
from second_edition.display.words import Words
from second_edition.events.campaign import Ended, EndedRun, Filed, Halted, Laid, Lane, Recalled, Resumed, Started, Surveyed
from second_edition.events.parts import Event
from second_edition.events.run import Checked
from second_edition.evidence.journal import digest
from second_edition.evidence.record import Record
from second_edition.messages import LANGUAGES, say
from second_edition.plain import plain
from second_edition.procedures.fleet import campaign, resumption, steps
from second_edition.procedures.fleet import record as fleet
from second_edition.procedures.fleet.campaign import Count
from second_edition.procedures.fleet.checks import UNASKED
from second_edition.procedures.fleet.execution import Execution
from second_edition.procedures.fleet.member_run import came_of
from second_edition.rotation.findings import Finding, Level, Phrase, Verdict
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.outcome import Outcome
from tests.second_edition.each import each
from tests.second_edition.events.noted import Line, noted, record_of
from tests.second_edition.evidence.pasts import Told, write
from tests.second_edition.rotation.fleet_rows import member
from tests.second_edition.rotation.world import CURRENT, NEXT

WORDS = Words("en", UTC)
LANES = (Lane(name="lane", waves=((0, 1, 2, 3), (4, 5, 6))),)
AT = "2026-11-24T06:00:00+00:00"
ONE = Ended(
    number=0, domain="d0.example.jp", selector="next", outcome="SWITCHED", record="0.ipynb", journal="0.journal.jsonl",
    run="run", head="00", ended_at=AT, why="", by="", again=False, touched=True, stopped_by="",
)  # fmt: skip
PENDING = replace(ONE, number=1, domain="d1.example.jp", outcome="SWITCHED-PENDING")
UNCLEAR = replace(ONE, number=2, domain="d2.example.jp", outcome="FAILED")
KILLED = replace(ONE, number=6, domain="d6.example.jp", outcome="")
REFUSED = replace(ONE, number=3, domain="d3.example.jp", outcome="REFUSED", touched=False)
NOTHING, EARLIER = "nothing: this run switched no identity", "by earlier runs of this campaign, and still so: "
ASIDE = replace(ONE, number=5, domain="d5.example.jp", outcome="REFUSED", stopped_by="PLAN-APPROVED")
DECLINED = replace(ONE, number=4, domain="d4.example.jp", outcome="FAILED", touched=False)


def record(*ended: Ended, resumed: bool = False, begun: tuple[str, ...] = ()) -> Record:
    """Return a campaign of seven that halted."""
    events: list[Line | Event] = [{"event": "begin", "procedure": "fleet", "mode": "apply"}]
    events += [noted(Laid, lanes=LANES)]
    events += [noted(Resumed)] if resumed else []
    events += [noted(Started, number=6, domain=name) for name in begun]
    events += [noted(Started, number=one.number, domain=one.domain) for one in ended]
    events += [noted(EndedRun, n=1, **asdict(one)) for one in ended]
    return record_of(*events)


def plan_of(count: int, *, lane: int, stop_after: str = "0") -> Line:
    """Return the plan of so many identities, of a lane that may have more."""
    pace = {"canary": "1", "wave": "3", "pause_minutes": "0", "stop_after": stop_after, "at_once": "0"}
    return {"event": "planned", "plan": plain(FleetPlan.over([bytes(32)] * count, pace, {"lane": lane}, digest))}


def test_those_that_need_a_new_plan_are_named_once() -> None:
    changed, rotated = (replace(REFUSED, stopped_by=one) for one in ("PLAN-APPROVED", "SECRET-STAGE"))
    rotated = replace(rotated, number=6, domain="d6.example.jp")
    assert campaign.to_be_planned(record(ONE, changed, rotated, ASIDE, DECLINED), "en") == [
        "These need a new plan and its approval all the same: d3.example.jp, d6.example.jp. The record of each says "
        "why.",
        "These were left as they are, and need a new plan and its approval: d5.example.jp. Find out first who set SES "
        "otherwise.",
        "Mended, a secret or key object has another version than the one that was planned.",
    ]
    assert campaign.to_be_planned(record(ONE, DECLINED), "en") == []


def test_identities_of_several_accounts_and_regions_are_named_with_theirs() -> None:
    lanes = [Lane(name=f"123456789012 {region}", waves=((n,),)) for n, region in ((1, "eu-west-1"), (2, "us-east-1"))]
    begin, _, *ended = record(replace(PENDING, domain="example.jp"), replace(UNCLEAR, domain="example.jp")).events
    told = record_of(begin, noted(Laid, lanes=lanes), *ended)
    said = campaign.standing(told, "en")
    assert "go out unsigned (example.jp 123456789012 eu-west-1)" in said
    assert "what SES has (example.jp 123456789012 us-east-1)" in said
    assert "'example.jp 123456789012 eu-west-1'" in str(fleet.carried_out(told, WORDS))


def test_a_stopped_campaign_names_those_whose_mail_may_go_out_unsigned() -> None:
    told = campaign.standing(record(ONE, PENDING, UNCLEAR, REFUSED, DECLINED, ASIDE), "en")
    assert told == (
        "Switched, each with a record of its own: 1 of 7. "
        "Written, and SES has yet to verify: 1. Until then that mail may go out unsigned (d1.example.jp). "
        "May have been written; their runs did not end verified, or no trusted key signed them: 1. "
        "Each record says what SES has (d2.example.jp). "
        "Begun, and nothing was written: 2. The table of those not switched says why (d3.example.jp, d4.example.jp). "
        "Left as they are: 1. SES shows another selector than the campaign gave them, and their own records are gone "
        "(d5.example.jp). "
        "Not begun, and nothing was written: 1."
    )


def test_while_it_goes_on_its_cell_says_wave_rate_and_time_left() -> None:
    later = replace(PENDING, ended_at="2026-11-24T06:00:04+00:00")
    going = record(ONE, later, begun=("d6.example.jp",))
    line = "Wave 2/2: 2 of 7 ended (SWITCHED 1, SWITCHED-PENDING 1), 1 under way, 0.25 a second, about 20 s left"
    over = record_of(*going.events, noted(Halted, why="done"))
    for of, shown in ((going, True), (over, False)):
        assert (line in [getattr(block, "text", "") for block in fleet.carried_out(of, WORDS)]) is shown
    count = Count("en")
    for event in (*going.events[1:], noted(Halted, why="failures")):
        count.take(event)
    assert count.line() == line.removesuffix(", about 20 s left")
    assert "切替完了（SWITCHED） 1" in str(fleet.carried_out(going, Words("ja", UTC)))


def test_its_answers_and_its_counts_agree() -> None:
    answers = fleet.answers(record(ONE, PENDING, UNCLEAR, REFUSED), WORDS)
    changed, safe, back = (" ".join(answers[key]) for key in ("changed", "safe", "back"))
    assert changed.startswith("selectors of identities: 2 perhaps of 1")
    assert "unsigned (d1.example.jp)" in safe
    assert "(d2.example.jp)" in safe
    assert "(d2.example.jp)" in back
    joined = dict(all_answers(record(ONE, PENDING, UNCLEAR, REFUSED), WORDS))
    assert "its record says so. Switched, each with a record of its own: " in joined["was it safe"]
    assert not re.search("; [A-Z][a-z]", " ".join(joined.values()))


def test_what_an_earlier_run_wrote_and_ses_never_verified_is_told_and_can_be_taken_back() -> None:
    """SES gave up between two commands: nobody may read that nothing was written."""
    lost = replace(REFUSED, outcome="FAILED", earlier=True)
    for one in (lost, replace(lost, outcome="REFUSED", stopped_by="PLAN-APPROVED")):
        told = record(ONE, one)
        answers = {key: " ".join(said) for key, said in fleet.answers(told, WORDS).items()}
        assert "not seen verified: 1. That mail may go out unsigned" in answers["safe"]
        assert "(d3.example.jp)" in answers["safe"]
        assert "nothing was written: 1" not in answers["safe"]
        assert f"{EARLIER}1" in answers["changed"]
        assert answers["back"].startswith("with the table")
        assert "need a new plan and its approval all the same: d3.example.jp" in " ".join(
            campaign.to_be_planned(told, "en")
        )
        assert not campaign.not_again(told, "en")


def test_of_those_that_may_have_been_written_one_without_an_end_is_run_again_where_the_same_command_goes_on() -> None:
    halted = noted(Halted, why="failures")
    for ended, said in (
        ((ONE, KILLED), ["It also runs d6.example.jp again, and looks first at what SES has."]),
        ((UNCLEAR, KILLED), [f"It does not try {UNCLEAR.domain} again: for those, do what their own records say."]),
    ):
        told = record_of(*record(*ended).events, plan_of(1, lane=7), halted)
        assert campaign.not_again(told, "en") == said
        assert not campaign.to_be_planned(told, "en")


def test_what_earlier_runs_of_the_campaign_changed_is_told_apart() -> None:
    earlier = replace(PENDING, by="20261124T050000Z-00")
    changed = list(fleet.answers(record(earlier), WORDS)["changed"])
    assert changed == [NOTHING, f"{EARLIER}1"]
    changed = list(fleet.answers(record(ONE, earlier), WORDS)["changed"])
    assert changed == ["selectors of identities: 1", f"{EARLIER}1"]
    finished, again = replace(ONE, outcome="UNCHANGED", touched=False, earlier=True), replace(PENDING, touched=False)
    taken = [event for event in record(ONE).events if not isinstance(event, Started)]  # begun by a run that was killed
    for told, count in ((record(finished, again), 2), (record_of(*taken), 1)):
        changed = list(fleet.answers(told, WORDS)["changed"])
        assert changed == [
            NOTHING,
            f"{EARLIER}{count}",
        ]


def test_a_refused_run_does_not_count_what_it_did_not_look_at() -> None:
    begin, *_ = record().events
    counts = {"switched": 5, "pending": 0, "failed": 0}
    refused = record_of(begin, noted(Recalled, of="run", counts=counts))
    assert fleet.carried_out(refused, WORDS)[0] == Paragraph("No run was begun.")
    told = fleet.answers(refused, WORDS)
    assert told["changed"] == [
        NOTHING,
        f"{EARLIER}5",
    ]
    assert "nothing to roll back" not in told["back"]


def test_those_that_cannot_go_back_are_named_beside_the_rollback() -> None:
    stays = replace(PENDING, stays=True)
    filed = noted(Filed, what="back", file="x.back.csv")
    some, all_of_them = (record_of(*record(*ended).events, filed) for ended in ((ONE, stays), (stays,)))
    told = [str(getattr(block, "text", "")) for block in fleet.onward(some, Outcome.SWITCHED, WORDS)]
    assert any("x.back.csv" in one for one in told)
    assert any(one.endswith("to go back to (d1.example.jp).") for one in told)
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
    command = campaign.command(record_of(begin), "apply", "20261124T060000Z-00")
    assert command == f"byodkim fleet -p mode apply -r approved 20261124T060000Z-00{option}"


def test_a_campaign_that_goes_on_waits_and_says_why_as_before_and_its_rollback_does_not() -> None:
    given = {"identities": "a.csv", "wait_minutes": "0", "reason": "it's time", "ticket": "1042", "wave": "3"}
    values = {name: {"value": text, "source": "parameter"} for name, text in given.items()}
    begin = {"event": "begin", "mode": "plan", "parameters": values, "folder": "", "run": "20261124T060000Z-00"}
    told = record_of(begin)
    words = shlex.split(campaign.command(told, "apply", ""))
    assert dict(zip(words[3::3], words[4::3], strict=True)) == {**given, "mode": "apply"}
    assert "wait_minutes" not in campaign.way_back(told, "a.back.csv")


def test_one_that_was_killed_perhaps_wrote_and_is_named() -> None:
    told = record(ONE, begun=("d6.example.jp",))
    assert "(d6.example.jp)" in campaign.standing(told, "en")
    assert any("perhaps of 1" in one for one in fleet.answers(told, WORDS)["changed"])


def test_what_was_found_with_its_selector_is_no_part_of_the_rollback_and_is_named() -> None:
    told = campaign.standing(record(replace(ONE, outcome="UNCHANGED", touched=False), PENDING), "en")
    assert f"no run of this campaign wrote it and its rollback leaves it out: 1 ({ONE.domain})." in told


@each(("before", "stays"), [(CURRENT, False), (NEXT, True), ("", True)])
def test_there_is_no_way_back_to_the_selector_that_was_written_again(before: str, stays: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), Told(), name="0")
        whose = replace(member(0), selector=NEXT, current_selector=before)
        assert came_of(0, whose, Path(folder, "0.ipynb"), Path(folder), AT).stays is stays


def test_a_run_that_left_no_journal_wrote_nothing(tmp_path: Path) -> None:
    ended = came_of(0, member(0), tmp_path / "0.ipynb", tmp_path, AT)
    told = campaign.standing(record(ended), "en")
    assert "Begun, and nothing was written: 1. The table of those not switched says why (d00000.example.jp)." in told
    assert ended.record == ""  # the table names none


@each("before", [KILLED, PENDING])
def test_a_run_that_did_not_come_to_see_ses_leaves_what_was_known_and_is_made_again(
    before: Ended, tmp_path: Path
) -> None:
    planned, noted_down = SimpleNamespace(ready=[member(0)]), list[dict[str, Any]]()
    run = SimpleNamespace(folder=tmp_path, clock=lambda: datetime.fromisoformat(AT))
    run.write = lambda _, **told: noted_down.append(told)
    own = SimpleNamespace(planned=planned, touched={0: before}, runs=["earlier"], ended={})
    execution = object.__new__(Execution)
    vars(execution).update(_run=run, _campaign=own, _since={})
    found = execution._end(0, tmp_path / "0.ipynb", 1, "no room")
    assert noted_down == [{"code": 1, **asdict(found)}]
    assert found == replace(before, by="earlier", why="no room")
    assert not resumption._lasts(found)


@each("language", LANGUAGES)
def test_what_a_run_that_goes_on_refused_it_began(language: Any) -> None:
    """The table on the same page counts it so, and its own record stands beside the campaign's."""
    done = [replace(ONE, number=number, domain=f"d{number}.example.jp") for number in (0, 1, 2, 4, 5, 6)]
    told = campaign.standing(record(*done, REFUSED, resumed=True), language)
    assert "d3.example.jp" in told
    assert say("fleet", "stand.left.earlier", language, left=1) not in told
    assert {"en": "not switched says why", "ja": "理由は「切り替わっていない ID」"}[language] in told


@each(
    ("stop_after", "ended", "again"),
    [
        ("0", (ONE, DECLINED), True),
        ("0", (ONE, UNCLEAR), False),
        ("0", (ONE, KILLED), True),
        ("1", (ONE, UNCLEAR, DECLINED), True),
        ("0", (ONE, replace(REFUSED, stopped_by="KEY-PAIR")), False),
    ],
)
def test_the_same_command_is_named_only_where_it_would_not_stop_at_once(
    stop_after: str, ended: tuple[Ended, ...], again: bool
) -> None:
    told = record(*ended).events
    halted = (plan_of(1, lane=7, stop_after=stop_after), noted(Halted, why="failures"))
    assert campaign.goes_on(record_of(*told, *halted)) is again


def test_a_run_for_some_waves_is_not_said_to_have_been_for_all_of_the_plan() -> None:
    pace = {"canary": "4", "wave": "3", "pause_minutes": "0", "stop_after": "0", "at_once": "0"}
    plan = {"event": "planned", "plan": plain(FleetPlan.over([bytes(32)] * 7, pace, {"lane": 7}, digest))}
    begin = {"event": "begin", "mode": "apply", "parameters": {"last_wave": {"value": "1", "source": "parameter"}}}
    laid = noted(Laid, lanes=(Lane(name="lane", waves=LANES[0].waves[:1]),))
    came = [replace(one, number=number) for number, one in enumerate([ONE, ONE, ONE, DECLINED])]
    ended = (noted(EndedRun, **asdict(one)) for one in came)
    told = record_of(begin, plan, laid, *ended, noted(Halted, why="failures"))
    error = steps.PROCEDURE.error(cast("Any", SimpleNamespace(record=told, intent=SimpleNamespace(language="en"))))
    assert error is not None
    assert error.what == "This run was for 4 of the plan's 7 identities. Every one of them was run, and 1 failed."


WAIVED = ("TIME-ACTIVATE: the zone was small", 2, "d4.example.jp")


def planned(**surveyed: Any) -> Record:
    """Return a plan run of a campaign."""
    values = {"counts": {"ready": 3}, "rows": 3, **surveyed}
    return record_of({"event": "begin", "mode": "plan", "parameters": {}}, noted(Surveyed, **values))


def test_an_approver_is_shown_what_rows_waive() -> None:
    told = str(fleet.observed(planned(waived=[WAIVED]), WORDS))
    assert "Waived for 2 (d4.example.jp first): TIME-ACTIVATE: the zone was small" in told


def test_a_secret_that_cannot_be_read_is_told_with_what_to_do() -> None:
    told = str(fleet.observed(planned(whom=[("unread", "GetSecretValue AccessDeniedException", 1)]), WORDS))
    assert "SECRET-SHAPE: could not be read: AWS denied GetSecretValue (AccessDeniedException). Give the role" in told


def test_the_page_of_the_apply_opens_with_what_rows_waive() -> None:
    counts = {"switched": 0, "pending": 0, "failed": 0}
    begin, *rest = record(ONE).events
    told = record_of(begin, noted(Recalled, of="run", counts=counts, waived=(WAIVED,)), *rest)
    for said in (str(fleet.observed(told, WORDS)), " ".join(fleet.answers(told, WORDS)["safe"])):
        assert "the zone was small" in said


@each(("count", "others"), [(5, "Identities not in the plan: 2."), (6, "Identities not in the plan: 1."), (7, "")])
def test_a_plan_claims_checks_only_for_the_identities_that_it_is_for(count: int, others: str) -> None:
    plan = plan_of(count, lane=count)
    found, *rest = fleet.meaning(record_of(*planned(rows=7).events, plan), Outcome.PLANNED, WORDS)
    assert isinstance(found, Paragraph)
    assert found.text.startswith(f"Identities in this plan: {count} of 7. Every check that blocks")
    assert [str(getattr(one, "text", "")).startswith(others) for one in rest] == [True] * bool(others)


def test_a_plan_names_the_twin_where_a_canary_has_yet_to_be_rehearsed_whichever_section_asks_for_it() -> None:
    yet = "rehearsed: 0 of 1. d0.example.jp: no rehearsal in the archive"
    for observed, said in ((Phrase(yet), [f"FLEET-REHEARSED: {yet}"]), (UNASKED, [])):
        found = Finding("FLEET-REHEARSED", "", Level.BLOCKS, Verdict.SKIPPED, "", observed)
        told = campaign.to_rehearse(record_of(*planned().events, noted(Checked, findings=[found])), WORDS)
        assert [one.text for one in told[:1] if isinstance(one, Paragraph)] == said


def test_the_approval_of_a_plan_is_named_for_a_folder_with_a_space() -> None:
    plan = plan_of(1, lane=1)
    where = {"endpoint_url": {"value": "", "source": "default"}}
    own = {"approvals": 1, "approvers": 0, "record": "plan.ipynb", "folder": "my records"}
    begin = {"event": "begin", "mode": "plan", **own}
    told = record_of({**begin, "run": "r", "parameters": where}, *planned(rows=1).events[1:], plan)
    blocks = fleet.onward(told, Outcome.PLANNED, WORDS)
    assert Code("byodkim approve 'my records/plan.ipynb'") in blocks
    assert "approvals that it needs: 1; approvers listed: 0." in str(blocks)


def test_a_plan_says_which_are_not_ready_yet_and_until_when() -> None:
    told = planned(early=2, until="2026-11-24T08:28:36+00:00")
    assert "2 of those that are ready are not yet to be written" in str(fleet.observed(told, WORDS))
    assert "the last of them until 2026-11-24 08:28:36 UTC" in str(fleet.observed(told, WORDS))
    plan = plan_of(3, lane=3)
    where = {"endpoint_url": {"value": "", "source": "default"}}
    begin = {"event": "begin", "mode": "plan", "run": "r", "parameters": where}
    *_, early, carry, _ = fleet.onward(record_of(begin, *told.events[1:], plan), Outcome.PLANNED, WORDS)
    assert "the last of them until 2026-11-24 08:28:36 UTC" in str(early)
    assert "Carry it out in waves" in str(carry)
