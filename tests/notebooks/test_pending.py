"""SES given a selector before DNS has it: the run sheet's own case, the run that completes it, and 72 hours without."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.each import each
from tests.notebooks import outside
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
REASON = "agreed with the DNS team, CHG-1042"
WAIVE = ("-p", "waive", f"DNS-PUBLISHED: {REASON}")
NO_WAIT = ("-p", "wait_minutes", "0")


@dataclass(frozen=True)
class Told:
    """Runs by name, the writes after each, and what the DNS team was to publish."""

    runs: dict[str, Ran]
    puts: dict[str, int]
    wanted: str = ""

    def __getitem__(self, name: str) -> Ran:
        return self.runs[name]


class Notes:
    """Runs and the writes after each, as a story goes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.runs: dict[str, Ran] = {}
        self.puts: dict[str, int] = {}

    def __call__(self, name: str, ran: Ran) -> None:
        self.runs[name], self.puts[name] = ran, len(self.stage.puts)

    def told(self) -> Told:
        secret = outside.cli(
            self.stage.runner, self.stage.sandbox.facts,
            "secretsmanager", "get-secret-value", "--secret-id", self.stage.sandbox.facts.secret_id,
        )  # fmt: skip
        return Told(self.runs, self.puts, json.loads(secret["SecretString"])["dns_record"]["value"])


def run_sheet(stage: Stage) -> Told:
    """Written before DNS is there; asked again; published; asked again; and once more."""
    note = Notes(stage)
    note("written", stage.apply(*WAIVE, *NO_WAIT))
    note("still pending", stage.apply(*WAIVE, *NO_WAIT))
    stage.sandbox.publish()
    note("completed", stage.apply())
    note("after", stage.apply())
    return note.told()


def given_up(stage: Stage) -> Told:
    """Written, and nobody publishes the record for 73 hours; then it is published."""
    note = Notes(stage)
    note("written", stage.apply(*WAIVE, *NO_WAIT, "-p", "language", "ja", env={"TZ": "Asia/Tokyo"}))
    stage.sandbox.advance(timedelta(hours=73))
    note("refused", stage.apply())
    stage.sandbox.publish()
    note("seen", stage.run())
    stage.sandbox.advance(timedelta(minutes=66))  # caches hold "no such record" no longer
    note("again", stage.apply())
    return note.told()


def gives_up_while_waiting(stage: Stage) -> Told:
    """Pending; a second run waits for it, and meanwhile the 72 hours are over."""
    note = Notes(stage)
    note("written", stage.apply(*WAIVE, *NO_WAIT))

    def later() -> None:
        journals = stage.folder / "outputs"
        while not any('"event":"read"' in path.read_text() for path in journals.glob("2.*.journal.jsonl")):
            time.sleep(0.02)
        stage.sandbox.advance(timedelta(hours=73))

    clock = threading.Thread(target=later)
    clock.start()
    note("waiting", stage.apply(*WAIVE, "-p", "wait_minutes", "1"))
    clock.join()
    return note.told()


def empty_tokens(stage: Stage) -> Told:
    """SES shows no selector, so neither it nor the rollback is known: refused, then waived with a reason."""
    note = Notes(stage)
    stage.sandbox.set_knobs(tokens="empty")
    note("refused", stage.apply())
    seen = "a message of today says s=mail-20260912-1"
    note("waived", stage.apply("-p", "waive", f"PLAN-CHANGE: {seen}; BACK-RECORD: {seen}; BACK-KEY: {seen}"))
    return note.told()


QUICK = {"story": ("run sheet",)}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {
        "run sheet": troupe.begin("run-sheet", run_sheet, "previous-failed"),
        "given up": troupe.begin("given-up", given_up, "previous-failed"),
        "while waiting": troupe.begin("while-waiting", gives_up_while_waiting, "dns-absent"),
        "empty": troupe.begin("empty", empty_tokens),
    }


@pytest.mark.parametrize(
    ("story", "name", "outcome", "code", "puts"),
    [
        ("run sheet", "written", "SWITCHED-PENDING", 0, 1),
        ("run sheet", "still pending", "SWITCHED-PENDING", 0, 1),
        ("run sheet", "completed", "SWITCHED", 0, 1),
        ("run sheet", "after", "UNCHANGED", 0, 1),
        ("given up", "written", "切替済み・検証待ち（SWITCHED-PENDING）", 0, 1),
        ("given up", "refused", "REFUSED", 1, 1),
        ("given up", "again", "SWITCHED", 0, 2),
        ("while waiting", "waiting", "FAILED", 1, 1),
        ("empty", "refused", "REFUSED", 1, 0),
        ("empty", "waived", "SWITCHED", 0, 1),
    ],
)
def test_outcome_exit_code_and_writes(
    futures: dict[str, Future[Told]], story: str, name: str, outcome: str, code: int, puts: int
) -> None:
    told = futures[story].result()
    assert (told[name].outcome, told[name].returncode, told.puts[name]) == (outcome, code, puts), told[name].stderr


def test_the_waiver_and_its_reason_stand_first(futures: dict[str, Future[Told]]) -> None:
    ran = futures["run sheet"].result()["written"]
    paragraphs = [line for line in ran.headline.splitlines() if line]
    assert paragraphs[0].startswith("SWITCHED-PENDING")
    assert paragraphs[1].startswith("WAIVED DNS-PUBLISHED")
    assert paragraphs[1].endswith(f"Reason: {REASON}")
    assert ran.verdicts["DNS-PUBLISHED"] == "WAIVED"
    assert ran.shown("steps.check(run)").startswith("WAIVED DNS-PUBLISHED")


@each("name", ["written", "still pending"])
def test_the_deadline_is_72_hours_after_the_intent_to_the_second(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures["run sheet"].result()
    intent = datetime.fromisoformat(told["written"].event("intent")["at"])
    assert f"SES stops looking at {intent + timedelta(hours=72):%Y-%m-%d %H:%M:%S} UTC." in told[name].headline


@pytest.mark.prove
def test_in_japanese_the_deadline_is_in_local_time_with_utc_beside_it(futures: dict[str, Future[Told]]) -> None:
    ran = futures["given up"].result()["written"]
    by = datetime.fromisoformat(ran.event("intent")["at"]) + timedelta(hours=72)
    local = by + timedelta(hours=9)
    said = f"SES の確認は {local:%Y-%m-%d %H:%M:%S} JST ({by:%Y-%m-%d %H:%M:%S} UTC) で打ち切られます。"
    assert said in ran.headline


def test_the_dns_request_holds_the_secrets_own_value(futures: dict[str, Future[Told]]) -> None:
    told = futures["run sheet"].result()
    ran = told["written"]
    (sheet,) = (ran.folder / name for name in ran.files if name.endswith(".csv"))
    assert sheet.read_bytes().startswith(b'\xef\xbb\xbf"REHEARSAL: do not publish')
    names, row = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"))))[1:]
    assert names == ["Name", "Type", "Value"]
    assert row == [f"{NEXT}._domainkey.example.jp", "TXT", told.wanted]
    assert "customerProvidedPublicKey" not in sheet.read_text("utf-8-sig")
    assert f"Rehearsal: give {sheet.name} to nobody" in ran.headline


def test_the_zone_text_reads_back_as_the_same_value(futures: dict[str, Future[Told]]) -> None:
    told = futures["run sheet"].result()
    (zone,) = (told["written"].folder / name for name in told["written"].files if name.endswith(".zone"))
    strings = [line.strip().strip('"') for line in zone.read_text().splitlines()[2:-1]]
    assert "".join(strings) == told.wanted
    assert all(len(string) <= 255 for string in strings)


@pytest.mark.prove
def test_the_japanese_sheet_has_japanese_columns(futures: dict[str, Future[Told]]) -> None:
    told = futures["given up"].result()
    (sheet,) = (told["written"].folder / name for name in told["written"].files if name.endswith(".csv"))
    assert list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"))))[1] == ["名前", "タイプ", "値"]
    assert told["written"].headline.startswith("切替済み・検証待ち（SWITCHED-PENDING）  example.jp に")


def test_the_files_are_where_the_record_is_and_written_once(futures: dict[str, Future[Told]]) -> None:
    ran = futures["run sheet"].result()["written"]
    folders = {Path(name).parent.name for name in ran.files}
    assert folders == {"outputs", ".locks"}
    assert sorted(ran.event("handed")["files"]) == sorted(
        Path(name).name for name in ran.files if "dns-request" in name
    )


def test_the_run_that_completes_it_names_the_run_that_wrote(futures: dict[str, Future[Told]]) -> None:
    told = futures["run sheet"].result()
    completed, written = told["completed"], told["written"].event("intent")["at"]
    assert "An earlier run wrote it" in completed.headline
    assert completed.event("begin")["previous"]["written_at"] == written
    assert not completed.has("intent")
    assert "Nothing was written to SES." in completed.shown("steps.apply(run)")


@pytest.mark.prove
def test_after_72_hours_the_record_says_that_it_is_written_again(futures: dict[str, Future[Told]]) -> None:
    told = futures["given up"].result()
    assert told["refused"].event("observed")["observation"]["identity"]["status"] == "FAILED"
    assert told["refused"].failed() == {"DNS-PUBLISHED"}
    assert told["again"].event("intent")["change"]["resubmit"] is True
    assert "SES gave up on it" in told["again"].shown("steps.plan(run)")


@pytest.mark.prove
def test_times_in_a_record_follow_the_sandboxs_clock(futures: dict[str, Future[Told]]) -> None:
    ran = futures["given up"].result()["again"]
    times = [datetime.fromisoformat(event["at"]) for event in ran.events]
    calls = [datetime.fromisoformat(call["at"]) for event in ran.events for call in event.get("calls", ())]
    assert times == sorted(times)
    assert all(times[0] - timedelta(seconds=5) < at < times[-1] for at in calls)
    assert ran.verdicts["TIME-CLOCK"] == "PASS"


@pytest.mark.prove
def test_when_ses_gives_up_during_the_wait_the_record_says_so(futures: dict[str, Future[Told]]) -> None:
    ran = futures["while waiting"].result()["waiting"]
    assert ran.event("read")["identity"]["status"] == "FAILED"
    assert (ran.said(), [name for name, _ in ran.ending()]) == ([ran.paragraph], ["Rollback", "Next"])
    assert "given up on mail-20261124-1" in ran.paragraph
    assert "is looking for the key record" not in ran.everything


@pytest.mark.prove
def test_an_empty_list_of_selectors_is_unknown_and_no_mismatch(futures: dict[str, Future[Told]]) -> None:
    told = futures["empty"].result()
    refused, waived = told["refused"], told["waived"]
    assert refused.verdicts["PLAN-CHANGE"] == "UNKNOWN"
    assert refused.paragraph.startswith("PLAN-CHANGE failed: The selector in use is known.")
    assert "Seen: []" in refused.paragraph
    assert waived.verdicts["PLAN-CHANGE"] == "WAIVED"
    assert waived.event("answer")["answer"]["dkim_tokens"] == [NEXT]


@pytest.mark.prove
def test_a_wait_that_ran_out_says_what_it_means_for_mail(troupe: Troupe) -> None:
    def wait(stage: Stage) -> tuple[Ran, int]:
        waived = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team")
        return stage.apply(*waived, "-p", "wait_minutes", "1"), len(stage.puts)

    ran, puts = troupe.begin("one-minute", wait, "dns-absent").result()
    assert (ran.outcome, ran.returncode, puts) == ("SWITCHED-PENDING", 1, 1)
    assert ran.paragraph == (
        "SES has not verified mail-20261124-1 within 1 min; its status is PENDING. Until it does, mail "
        "of this domain may go out unsigned. See that the key record is published, then run the same command again: it "
        "writes nothing twice and completes the record; or go back as the record says."
    )
    assert ran.event("waited")["ran_out"] is True
    assert ran.event("closed")["error"]["type"] == "WaitRanOut"
    assert ran.has("handed")
    assert "SWITCHED-PENDING" in ran.shown("steps.close(run)")
