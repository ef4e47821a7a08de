"""From one record alone: who, when, why, what changed, was it safe, is it finished, and the rollback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from second_edition.display import switch
from second_edition.display.answers import answers
from second_edition.display.page import page
from second_edition.display.words import Words
from second_edition.events.run import Observed
from second_edition.evidence.archived import open_record
from second_edition.evidence.journal import read
from second_edition.evidence.record import Record
from second_edition.messages import LANGUAGES, Language
from second_edition.procedures.rotate.switched import writing
from second_edition.rotation.outcome import Outcome
from tests.second_edition.display.archive import Archive, events_of
from tests.second_edition.display.browser import Browser
from tests.second_edition.each import each
from tests.second_edition.events.noted import Line, as_read, record_of
from tests.second_edition.evidence.pasts import SATO, Told, write
from tests.second_edition.rotation.world import CURRENT, NEXT

QUESTIONS: Mapping[Language, list[str]] = {
    "en": [*("who", "when", "why", "what changed"), *("was it safe", "is it finished", "rollback")],
    "ja": ["実施者", "実施日時", "目的", "変更内容", "安全性", "完了状況", "切り戻し"],
}
FIRST = "[...document.querySelectorAll('header table.facts tr')].map(r => [...r.children].map(c => c.innerText))"


QUICK = {"language": ("ja",)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["switched", "pending", "refused", "killed"])
def test_the_first_screen_of_a_real_record_answers(
    archive: Archive, browser: Browser, tmp_path: Path, name: str, language: Language
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(open_record(archive(name)), language), encoding="utf-8")
    browser.open(path)
    rows = browser.evaluate(FIRST)
    assert [row[0] for row in rows] == QUESTIONS[language]
    told = [row[1] for row in rows]
    begun = events_of(archive(name))[0]["at"]
    assert "arn:aws:sts::123456789012:user/moto" in told[0]
    assert begun[:10] in told[1]
    if name == "switched":
        assert "yearly rotation" in told[2]
        assert "CHG-1042" in told[2]
        assert "name servers that were given" not in told[4]  # a sandbox names its own
    assert all(told)
    bottom = browser.evaluate("document.querySelector('header table.facts').getBoundingClientRect().bottom")
    assert bottom < 900


@each(("name", "language"), [("switched", "en"), ("refused", "en"), ("japanese", "ja")])
def test_the_notebook_itself_answers(archive: Archive, name: str, language: Language) -> None:
    text = archive(name).read_text("utf-8")
    assert [
        question for question in QUESTIONS[language] if f'<td style=\\"text-align:left\\">{question}</td>' not in text
    ] == []


def told(folder: Path, run: Told, language: Language = "en") -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    record = Record(read(write(folder, run)).events)
    names = ("who", "when", "why", "changed", "safe", "finished", "back")
    return dict(zip(names, (text for _, text in answers(record, Words(language, UTC))), strict=True))


def test_who_is_everybody_who_had_a_part_in_it(tmp_path: Path) -> None:
    found = told(tmp_path, Told(approved=("tanaka", "suzuki")))
    assert found["who"] == f"{SATO}; requested by mail-team; approved by tanaka, suzuki"
    assert found["why"] == "yearly rotation; ticket CHG-1042"


def test_only_what_changed_is_said_to_have(tmp_path: Path) -> None:
    found = told(tmp_path, Told())
    assert found["changed"] == f"selector {CURRENT} → {NEXT}; all else of the identity as before"
    pending = told(tmp_path, Told(1, verified_s=None, outcome="SWITCHED-PENDING"))
    assert "DKIM status SUCCESS → PENDING" in pending["changed"]


def test_a_run_that_went_back_is_told_there_and_back(tmp_path: Path) -> None:
    found = told(tmp_path, Told(verified_s=None, rolled=True, outcome="FAILED"))
    assert found["changed"] == f"selector {CURRENT} → {NEXT} → {CURRENT}; all else of the identity as before"
    assert "mail unsigned for 50 s at most" in found["safe"]


@pytest.mark.parametrize(
    ("answered", "changed", "safe"),
    [
        ("shown", f"an earlier run's switch was undone: selector {NEXT} → {CURRENT}", "mail unsigned for 24.0 h"),
        ("unclear", f"perhaps the selector, {NEXT} → {CURRENT}", "mail may be going out unsigned"),
        ("refused", "nothing: this run wrote nothing to SES", "this run wrote nothing to SES, which shows"),
    ],
)
def test_a_run_that_only_goes_back_says_what_it_wrote(tmp_path: Path, answered: str, changed: str, safe: str) -> None:
    record = record_of(*only_back(tmp_path, answered))
    found = dict(answers(record, Words("en", UTC)))
    assert found["what changed"].startswith(changed)
    assert safe in found["was it safe"]


def only_back(folder: Path, answered: str) -> list[Line]:
    """Return a run that took up an earlier switch and went back; its write's answer ``shown``, unclear or refused."""
    run = Told(verified_s=None, rolled=True, outcome="FAILED")
    events = [one for one in read(write(folder, run)).as_json if one["event"] not in ("intent", "answer")]
    written = (run.at - timedelta(days=1) + timedelta(minutes=1)).isoformat()
    events[0] = {**events[0], "previous": {"selector": NEXT, "written_at": written, "left_selector": CURRENT}}
    if answered == "shown":
        return events
    error = {"code": "AccessDeniedException", "status": 0, "request_id": "", "unclear": answered == "unclear"}
    return [_unanswered(one, error) for one in events]


def _unanswered(event: Line, error: dict[str, object]) -> Line:
    """Return an event of the run as it is where the write of the rollback ends with ``error``."""
    if event["event"] == "rolled":
        return {**{name: value for name, value in event.items() if name != "answer"}, "error": error}
    if event["event"] == "read":
        return {**event, "identity": {**event["identity"], "selectors": [NEXT], "status": "PENDING"}}
    return event


def test_a_stopped_run_is_said_to_be_unfinished(tmp_path: Path) -> None:
    found = told(tmp_path, Told(outcome="", verified_s=None))
    assert found["when"] == "began 2026-11-10 02:00:11 UTC, last event 2026-11-10 02:00:17 UTC, never closed"
    assert found["finished"].startswith("no: it was stopped")


def test_what_was_waived_is_no_proof(tmp_path: Path) -> None:
    found = told(tmp_path, Told(waived=("SES-SIGNING",)))
    assert found["safe"].startswith("not by all checks: SES-SIGNING waived")
    assert "once SES-SIGNING is settled" in found["back"]


#: Outcomes of prepare, publish, retire and fleet, which answer by their own sentences.
OTHERS = {Outcome.PREPARED, Outcome.PUBLISHED, Outcome.RETIRED, Outcome.STOPPED}


@each("outcome", [one for one in (*Outcome, "") if one not in OTHERS])
def test_every_outcome_has_all_answers(tmp_path: Path, outcome: str) -> None:
    run = Told(outcome=str(outcome), writes=outcome not in ("PLANNED", "REFUSED", "UNCHANGED"))
    for language in LANGUAGES:
        assert all(told(tmp_path / f"{outcome}-{language}", run, language).values())


@pytest.mark.parametrize(("minutes", "still"), [(10, True), (0.5, False)])
def test_a_run_beside_a_write_that_may_still_land_is_not_finished(tmp_path: Path, minutes: float, still: bool) -> None:
    run = Told(asked=CURRENT, writes=False, outcome="UNCHANGED")
    until = (run.at + timedelta(minutes=minutes)).isoformat(timespec="seconds")
    record = Record(read(write(tmp_path, run)).events)
    begin = {**as_read(record.begin), "previous": {"open_until": until, "open_selector": NEXT}}
    found = dict(answers(record_of(begin, *record.events[1:]), Words("en", UTC)))
    assert found["is it finished"].startswith("no: until 2026-11-10 02:10:11 UTC" if still else "yes:")
    assert (f"can still reach SES and set {NEXT}" in found["was it safe"]) is still


@each(("days", "status", "known"), [(2, "PENDING", True), (4, "PENDING", False), (4, "FAILED", True)])
def test_a_write_is_not_what_ses_waits_for_once_its_time_is_over(
    tmp_path: Path, days: int, status: str, known: bool
) -> None:
    """Somebody gave SES the same selector again, of whom no signed run tells: no deadline counts from the first."""
    run = Told(writes=False, outcome="UNCHANGED")
    events = read(write(tmp_path / f"{days}-{status}", run)).as_json
    written = (run.at - timedelta(days=days)).isoformat()
    events[0] = {**events[0], "previous": {"selector": NEXT, "written_at": written, "left_selector": CURRENT}}
    for event in events:
        if event["event"] == "observed":
            event["observation"]["identity"] |= {"selectors": [NEXT], "status": status}
    assert (record_of(*events).written_before is not None) is known


def declined(folder: Path) -> Record:
    """Return a run whose write SES refused clearly, after an earlier one of the same selector that was never seen."""
    run = Told(unclear=True, outcome="FAILED")
    events = read(write(folder, run)).as_json
    previous = {"selector": NEXT, "written_at": "2026-11-09T02:00:00+00:00", "left_selector": CURRENT}
    events[0] = {**events[0], "previous": previous}
    place = next(at for at, event in enumerate(events) if event["event"] == "answer")
    error = {"code": "BadRequestException", "status": 400, "request_id": "", "unclear": False}
    found = next(event for event in events if event["event"] == "observed")["observation"]["identity"]
    seen = {"event": "read", "n": 90, "at": events[place]["at"], "identity": found}
    events[place : place + 1] = [{**events[place], "error": error}, seen]
    return record_of(*(event for event in events if event["event"] != "handed"))


def test_a_write_that_ses_refused_leaves_mail_signed_and_nothing_to_go_back_from(tmp_path: Path) -> None:
    record = declined(tmp_path)
    found = dict(answers(record, Words("en", UTC)))
    assert found["what changed"].startswith("nothing")
    assert found["was it safe"] == "yes: SES was not touched"
    assert found["rollback"] == "nothing to roll back"
    assert "not proved" not in str(switch.dns_request(record, Words("en", UTC)))


def test_what_stands_is_told_with_the_ttl_that_servers_gave(tmp_path: Path) -> None:
    record = declined(tmp_path)
    handed = {"event": "handed", "name": "x", "value": "v=DKIM1; p=", "ttl": 86400, "files": []}
    assert "('TTL', '3600')" in str(switch.dns_request(record_of(*record.events, handed), Words("en", UTC)))
    asked = switch.dns_request(record_of(*record.events, {**handed, "files": ["a.csv"]}), Words("en", UTC))
    assert "('TTL', '86400')" in str(asked)


def test_nothing_is_said_of_a_server_that_did_not_answer(tmp_path: Path) -> None:
    events = list(declined(tmp_path).events)
    handed = {"event": "handed", "name": "x", "value": "v=DKIM1; p=", "ttl": 86400, "files": []}
    assert "The DNS team has nothing to do" in str(switch.dns_request(record_of(*events, handed), Words("en", UTC)))
    place, found = next((n, one) for n, one in enumerate(events) if isinstance(one, Observed))
    records = (replace(found.observation.records[0], rcode="", failure="timeout"), *found.observation.records[1:])
    events[place] = replace(found, observation=replace(found.observation, records=records))
    told = str(switch.dns_request(record_of(*events, handed), Words("en", UTC)))
    assert "Every authoritative server that answered" in told
    assert "nothing to do" not in told


@pytest.mark.parametrize("clear", [False, True])
def test_a_write_without_a_clear_answer_was_not_answered(tmp_path: Path, clear: bool) -> None:
    run = Told(unclear=True, outcome="FAILED")
    record = declined(tmp_path) if clear else Record(read(write(tmp_path, run)).events)
    assert ("no clear answer by" in str(writing(record, Words("en", UTC)))) is not clear
