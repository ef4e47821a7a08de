"""Every section of a record can be told of every world, in both languages, and says what matters in it."""

from __future__ import annotations

import shlex
from datetime import UTC, timedelta, timezone
from typing import Any

import papermill.cli
import pytest
from msgspec.structs import asdict, replace

from second_edition.display import checks, identity, key_pair, observed, results, summary, switch
from second_edition.display.blocks import Block, Code, Headline, Paragraph, Table
from second_edition.display.comparison import comparison, run_sheet
from second_edition.display.dns import matrix
from second_edition.display.notebook import Shown
from second_edition.display.rehearsed import rehearsed, to_publish
from second_edition.display.timeline import timeline
from second_edition.display.words import Words
from second_edition.dkim.published import Verdict as Judged
from second_edition.evidence.journal import digest
from second_edition.evidence.record import Record
from second_edition.messages import LANGUAGES, Language
from second_edition.plain import plain
from second_edition.procedures.rotate import switched
from second_edition.procedures.rotate.switched import writing
from second_edition.rotation import plan as plans
from second_edition.rotation import proof
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.checks.published import WORDS
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.rehearsal import Tried
from tests.second_edition.each import each
from tests.second_edition.events.noted import Line, record_of
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import ROWS, Row
from tests.second_edition.rotation.world import CURRENT, NEXT

TOKYO = timezone(timedelta(hours=9), "JST")
PARAMETERS: dict[str, tuple[str, str]] = {
    "selector": (NEXT, "parameter"),
    "profile": ("prod", "parameter"),
    "region": ("ap-northeast-1", "profile"),
    "secret_id": ("it's; $(x) `y`", "cell"),
    "nameservers": ("192.0.2.53,[2001:db8::53]:5354", "parameter"),
    "endpoint_url": ("http://127.0.0.1:4599", "parameter"),
    "target": ("sandbox", "parameter"),
    "mode": ("plan", "default"),
}


def event(name: str, minute: int, **content: Any) -> Line:
    return {"n": minute, "event": name, "at": f"2026-11-24T04:{minute:02d}:03.250+00:00", **content}


def begin(**changes: Any) -> Line:
    whole = {
        "run": "20261124T040849Z-7f3a", "domain": "example.jp", "selector": NEXT, "mode": "apply", "target": "aws",
        "parameters": {name: {"value": value, "source": source} for name, (value, source) in PARAMETERS.items()},
        "ticket": "CHG-1042", "reason": "", "requested_by": "", "previous": None, "ttl": 3600, "overlap_days": 7,
        "code": {"version": "0.1.0", "commit": "3c9d21e", "dirty": True},
    }  # fmt: skip
    return event("begin", 8, **(whole | changes))


def written_before(at: str) -> dict[str, str]:
    """Return what a run says of the one before it, which wrote the selector."""
    before = {"run": "1", "outcome": "SWITCHED-PENDING", "head": "0" * 64}
    return {**before, "selector": NEXT, "left_selector": CURRENT, "written_at": at}


def events(row: Row | None = None, waivers: dict[str, str] | None = None) -> list[Line]:
    """A run up to its plan, in the good world or in a row's."""
    seen = row.change(world.good()) if row else world.good()
    findings = CHECKS.evaluate(world.case(seen, row.expected if row else world.EXPECTED), waivers or {})
    plan = plans.make(seen, findings, digest)
    return [
        begin(),
        event("caller", 8, caller=asdict(seen.caller) if seen.caller else None),
        event("observed", 8, observation=plain(seen), calls=[]),
        event("checked", 8, findings=plain(findings)),
        event("planned", 8, plan=plain(plan)),
    ]


def read(minute: int, status: str) -> Line:
    return event("read", minute, identity={**asdict(world.found()), "selectors": [NEXT], "status": status})


def written(*after: Line) -> list[Line]:
    (change,) = plans.make(world.good(), (), digest).writes
    answer = {"dkim_status": "NOT_STARTED", "dkim_tokens": [NEXT], "request_id": "6b2f", "status": 200}
    return [*events(), event("intent", 9, change=plain(change)), event("answer", 9, answer=answer), *after]


def closed(outcome: Outcome, error: Any = None) -> Line:
    return event("closed", 20, outcome=outcome.value, error=error)


def everything(record: Record, words: Words) -> list[Block]:
    tellers = (
        summary.opening, identity.who_and_where, observed.current_state, key_pair.proof, checks.checks, switch.plan,
        writing, switched.verification, comparison, switch.dns_request, timeline,
    )  # fmt: skip
    return [block for tell in tellers for block in tell(record, words)]


def text(blocks: list[Block]) -> str:
    return repr(Shown(blocks))


both = each("language", LANGUAGES)


@each("row", ROWS, ids=[f"{row.check}-{row.name}" for row in ROWS])
def test_every_world_can_be_told(row: Row) -> None:
    for waivers, language in zip(({}, {row.check: "agreed"}), LANGUAGES, strict=True):
        record = record_of(*events(row, waivers), closed(Outcome.REFUSED, {"what": "w", "means": "", "todo": "t"}))
        words = Words(language, TOKYO)
        blocks = everything(record, words)
        (finding,) = (one for one in record.findings if one.id == row.check)
        rows = [line for block in checks.checks(record, words) if isinstance(block, Table) for line in block.rows]
        (line,) = (one for one in rows if one[0] == row.check)
        assert line[1] == finding.verdict
        assert (line[6] == "-") is not finding.objects
        assert ("agreed" in text(blocks)) is (finding.verdict is Verdict.WAIVED)


@each("row", [row for row in ROWS if row.check.startswith(("SECRET", "STORE", "KEY"))], ids=lambda row: row.name)
def test_what_is_wrong_with_secret_and_key_object_stands_in_tables_in_words(row: Row) -> None:
    record, words = record_of(*events(row)), Words("ja", TOKYO)
    stored = record.seen.next_key if record.seen else None
    codes = {found.defect for found in (stored.secret, stored.key) if found} if stored else set()
    tables = [
        one
        for one in (*observed.current_state(record, words), *key_pair.proof(record, words))
        if isinstance(one, Table)
    ]
    last = {cell.split(" ")[-1] for table in tables for line in table.rows for cell in line}
    assert not last & (codes - {""})


@both
def test_every_count_of_events_can_be_told(language: Language) -> None:
    whole = [
        *written(read(9, "PENDING"), event("waited", 12, seconds=1, ran_out=True)),
        closed(Outcome.SWITCHED_PENDING),
    ]
    words = Words(language, UTC)
    for count in range(1, len(whole) + 1):
        assert text(everything(record_of(*(whole[:count])), words))
    stopped = record_of(*(whole[:-1]))
    at = words.time(stopped.switch.at) if stopped.switch else ""
    told = words.record("unfinished.written", selector=stopped.begin.selector, at=at)
    assert told in text(summary.opening(stopped, words))
    sent = next(place for place, one in enumerate(whole) if one["event"] == "intent") + 1
    assert words.record("unfinished.begun") in text(summary.opening(record_of(*(whole[:sent])), words))
    assert words("The journal holds no intent to write: SES was not touched.") in text(
        summary.opening(record_of(*(whole[:4])), words)
    )


@both
def test_a_switch_says_when_it_was_verified_in_both_zones_and_until_when_to_keep_the_record(language: Language) -> None:
    record = record_of(*written(read(9, "PENDING"), read(11, "SUCCESS")), closed(Outcome.SWITCHED))
    blocks = summary.verdict(record, Words(language, TOKYO))
    shown = text(blocks)
    assert isinstance(blocks[0], Headline)
    assert (blocks[0].outcome, blocks[0].tone) == ("SWITCHED" if language == "en" else "切替完了（SWITCHED）", "good")
    assert "2026-11-24 13:11:03 JST (2026-11-24 04:11:03 UTC)" in shown
    assert "2026-12-01" in shown
    assert ("2 min" if language == "en" else "2 分") in shown
    assert CURRENT in shown


@both
def test_a_pending_switch_says_when_ses_gives_up(language: Language) -> None:
    record = record_of(*written(read(9, "PENDING")), closed(Outcome.SWITCHED_PENDING))
    assert "2026-11-27 13:09:03 JST (2026-11-27 04:09:03 UTC)" in text(summary.verdict(record, Words(language, TOKYO)))


def commands(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Code)]


def test_the_way_back_is_a_command_that_papermill_reads_with_every_value_intact() -> None:
    record = record_of(*written(read(11, "SUCCESS")), closed(Outcome.SWITCHED))
    back, *_ = commands(summary.verdict(record, Words("en", UTC)))
    program, *arguments = shlex.split(back)
    context = papermill.cli.papermill.make_context("papermill", arguments)
    given = {**dict(context.params["parameters"]), **dict(context.params["parameters_raw"])}
    assert program == "papermill"
    assert context.params["notebook_path"] == "notebooks/rotate.ipynb"
    expected = {name: value for name, (value, source) in PARAMETERS.items() if source in ("parameter", "cell")}
    assert given == {**expected, "selector": CURRENT, "mode": "apply"}


@each(
    ("change", "key"),
    [
        (world.same, "passes"),
        (world.current_at_one(), "refused"),
        (world.identity(signing_enabled=False), "refused"),
        (world.identity(status="FAILED"), "never-worked"),
    ],
)
def test_a_rollback_is_offered_as_far_as_its_checks_were_made(change: Any, key: str) -> None:
    made = events(Row("TIME-CLOCK", "", change, Verdict.PASS))
    run = [*made, *written()[5:], read(11, "SUCCESS"), closed(Outcome.SWITCHED)]
    words = Words("en", UTC)
    shown = text(summary.verdict(record_of(*run), words))
    at = words.clock("2026-11-24T04:08:57.000+00:00")
    for state in ("passes", "refused", "never-worked", "unevaluated"):
        told = words.record(f"way-back.{state}", selector=CURRENT, at=at, status="FAILED")
        assert (told in shown) == (state == key)
    back = [line for line in commands(summary.verdict(record_of(*run), words)) if f"-r selector {CURRENT}" in line]
    assert [line.endswith("mode plan") for line in back] == ([] if key == "never-worked" else [False])


GIVEN = {
    "wait_minutes": "0", "wait_dns_minutes": "5", "message": "none", "reason": 'the DNS team\'s "go"; $(x)',
    "ticket": "1042", "requested_by": "mail-team",
}  # fmt: skip
WAIVED = {"DNS-PUBLISHED": "it's agreed", "TIME-ACTIVATE": "nobody asks"}
BOTH_WAIVED = "DNS-PUBLISHED: it's agreed; TIME-ACTIVATE: nobody asks"


def given_to(line: str) -> dict[str, Any]:
    """What papermill gives a notebook by a command: ``-p`` reads numbers, ``-r`` does not."""
    context = papermill.cli.papermill.make_context("papermill", shlex.split(line)[1:])
    texts = dict(context.params["parameters_raw"])
    return texts | {name: int(text) if text.isdecimal() else text for name, text in context.params["parameters"]}


def test_the_command_that_carries_out_a_plan_repeats_what_the_plan_was_given() -> None:
    values = {name: {"value": text, "source": "parameter"} for name, text in {**GIVEN, "approved": "1"}.items()}
    begun, *rest = events()
    given = {**begun, "mode": "plan", "waivers": WAIVED, "parameters": {**begun["parameters"], **values}}
    planned = record_of(given, *rest, closed(Outcome.PLANNED))
    (line,) = commands(summary.verdict(planned, Words("en", UTC)))
    assert "approved" not in given_to(line)  # by whom this plan is approved comes after it
    numbers = {"wait_minutes": 0, "wait_dns_minutes": 5}
    assert {**GIVEN, **numbers, "waive": BOTH_WAIVED, "mode": "apply"}.items() <= given_to(line).items()


def test_the_rollback_has_waivers_and_waits_of_its_own() -> None:
    values = {name: {"value": text, "source": "parameter"} for name, text in GIVEN.items()}
    begun, *rest = written(read(11, "SUCCESS"), closed(Outcome.SWITCHED))
    run = record_of({**begun, "waivers": WAIVED, "parameters": {**begun["parameters"], **values}}, *rest)
    back = next(line for line in commands(summary.verdict(run, Words("en", UTC))) if f"-r selector {CURRENT}" in line)
    assert not {"waive", *GIVEN} & given_to(back).keys()


def test_a_rollback_that_no_check_was_made_of_is_only_planned() -> None:
    earlier = written_before("2026-11-24T03:00:00.000+00:00")
    stands = next(row for row in ROWS if (row.check, row.name) == ("BACK-KEY", "stands"))
    begun, *rest = (event for event in events(stands) if event["event"] in ("begin", "observed"))
    blocks = summary.verdict(record_of({**begun, "previous": earlier}, *rest), Words("en", UTC))
    assert f"This run did not evaluate a rollback to {CURRENT}." in text(blocks)
    back = [line for line in commands(blocks) if f"-r selector {CURRENT}" in line]
    assert [line.endswith("mode plan") for line in back] == [True]


@both
def test_a_key_record_that_is_only_awaited_breaks_no_chain(language: Language) -> None:
    rows = {one.name: one for one in ROWS if one.check == "DNS-PUBLISHED"}
    record, words = record_of(*events(rows["nowhere"])), Words(language, TOKYO)
    assert words.record("proof.breaks") in text(key_pair.proof(record_of(*events(rows["another-key"])), words))
    told = text(key_pair.proof(record, words))
    assert words.record("proof.unpublished") in told
    assert words.record("proof.breaks") not in told
    assert words.phrase(WORDS[Judged.ABSENT]) in told


def test_where_no_key_was_read_no_place_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret_id that is mistyped, before the record is published."""
    record, words = record_of(*events()), Words("en", UTC)
    seen = record.seen
    assert seen is not None
    unread = [replace(link, sha256="") for link in proof.links(seen)]
    assert {row[-1] for row in key_pair.chain(unread, None, words).rows} == {"≠"}
    monkeypatch.setattr(proof, "links", lambda _: unread)
    assert words.record("proof.nothing") in text(key_pair.proof(record, words))
    assert results.result("proof", record, words) == ("wait", "… no key was read")


def test_a_refused_run_names_no_way_back_and_says_what_to_do() -> None:
    error = {"type": "RunRefused", "what": "DNS-PUBLISHED failed.", "means": "SES was not touched.", "todo": "Wait."}
    blocks = summary.verdict(record_of(*events(), closed(Outcome.REFUSED, error)), Words("en", UTC))
    assert isinstance(blocks[0], Headline)
    assert (blocks[0].outcome, blocks[0].tone) == ("REFUSED", "bad")
    assert "The run was given the name servers 192.0.2.53,[2001:db8::53]:5354. Nobody" in str(blocks[1])
    assert blocks[2] == Paragraph("DNS-PUBLISHED failed. SES was not touched. Wait.")
    assert commands(blocks) == []


def test_the_matrix_has_a_row_for_each_address_and_marks_what_is_not_the_key() -> None:
    seen = world.at_one_server()(world.good())
    shown = matrix(seen.records, world.sha256(world.NEXT_BITS), Words("en", UTC))
    assert [row[1] for row in shown.rows] == ["192.0.2.53:53", "[2001:db8::53]:53"]
    assert (shown.rows[0][3], shown.rows[0][-1], shown.rows[1][-1]) == ("255+155", "the key", "no key record")
    assert shown.marks == {1}


def test_the_run_sheet_s_four_rows_stand_in_both_languages() -> None:
    record = record_of(*written(read(9, "PENDING")))
    table = run_sheet(record.comparison)
    assert [row[0].partition(" / ")[0] for row in table.rows] == ["セレクタ", "DKIM Status", "署名有効化", "属性起源"]
    assert [row[1:] for row in table.rows] == [
        (CURRENT, NEXT), ("SUCCESS", "PENDING"), ("true", "true"), ("EXTERNAL", "EXTERNAL"),
    ]  # fmt: skip


@each(
    ("lacks", "said", "commands"),
    [
        (world.at_one_server(), "1 of 2 servers serve the key record.", ["byodkim reply out/CHG-1.ipynb"]),
        (world.at_every_server(), "Hand out/CHG-1.dns-request.csv to the DNS team", []),
    ],
)
def test_the_dns_team_is_asked_once_and_told_of_the_servers_that_lack_the_record(
    lacks: world.Change, said: str, commands: list[str]
) -> None:
    handed = event("handed", 9, files=["CHG-1.dns-request.csv"], sha256=world.sha256(world.NEXT_BITS))
    seen = plain(lacks(world.good()))
    first = begin(folder="out", record="CHG-1.ipynb", parameters={})
    told = to_publish(record_of(first, event("observed", 9, observation=seen), handed), Words("en", UTC))
    assert isinstance(told[0], Paragraph)
    assert told[0].text.startswith(said)
    assert [one.text for one in told if isinstance(one, Code)] == commands


def test_publish_is_not_named_where_several_records_stand() -> None:
    handed = event("handed", 9, files=["CHG-1.dns-request.csv"])
    first = begin(folder="out", record="CHG-1.ipynb", parameters={}, publisher="rfc2136")
    found = {"id": "DNS-SINGLE", "claim": "", "level": "blocks", "verdict": "FAIL", "expected": "", "observed": ""}
    single = event("checked", 9, findings=[found])
    records = [record_of(first, handed), record_of(first, single, handed)]
    assert [bool(to_publish(one, Words("en", UTC))) for one in records] == [True, False]


def test_a_plan_says_where_production_has_moved_since_its_rehearsal_and_what_the_twin_showed_otherwise() -> None:
    told = events()
    planned = record_of(*told).made
    assert planned is not None
    status = {"identity.status": "TEMPORARY_FAILURE"}
    for there, here, said in (
        (planned, planned, "its twin's plan relies on the same facts."),
        (planned, replace(planned, relies_on=planned.relies_on | status),
         "relies on the same facts. Its twin showed otherwise. identity.status: SUCCESS in production, "
         "TEMPORARY_FAILURE on the twin."),
        (replace(planned, relies_on=planned.relies_on | {"gone": "1"}), planned,
         "Production has changed since. gone: 1 then, - now."),
    ):  # fmt: skip
        tried = Tried("r", "SWITCHED", "", "2026-11-24T00:00:00+00:00", there, here)
        record = record_of(begin(rehearsed=plain(tried)), *told[1:])
        (shown,) = (block.text for block in rehearsed(record, Words("en", UTC)) if isinstance(block, Paragraph))
        assert shown.endswith(said), (shown, said)
