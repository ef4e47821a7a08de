"""SES given a selector before DNS has it: the run sheet's own case, the run that completes it, and 72 hours without."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.second_edition.each import each
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.sandbox.generator import secret

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


def run_sheet(stage: Stage) -> Told:
    """Written before DNS is there; asked again; published; asked again; and once more."""
    runs, puts = {}, {}
    for name, words in (
        ("written", (*WAIVE, *NO_WAIT)), ("still pending", (*WAIVE, *NO_WAIT)), ("completed", ()), ("after", ()),
    ):  # fmt: skip
        if name == "completed":
            stage.sandbox.publish()
        runs[name] = stage.apply(*words)
        puts[name] = len(stage.puts)
    return Told(runs, puts, secret(stage.sandbox)["dns_record"]["value"])


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Told:
    return troupe.begin("run-sheet", run_sheet, "previous-failed").result()


def test_outcome_exit_code_and_writes(told: Told) -> None:
    came = {name: (ran.outcome, ran.returncode, told.puts[name]) for name, ran in told.runs.items()}
    assert came == {
        "written": ("SWITCHED-PENDING", 0, 1),
        "still pending": ("SWITCHED-PENDING", 0, 1),
        "completed": ("SWITCHED", 0, 1),
        "after": ("UNCHANGED", 0, 1),
    }


def test_the_waiver_and_its_reason_stand_first(told: Told) -> None:
    ran = told["written"]
    paragraphs = [line for line in ran.headline.splitlines() if line]
    assert paragraphs[0].startswith("SWITCHED-PENDING")
    assert paragraphs[1].startswith("WAIVED DNS-PUBLISHED")
    assert paragraphs[1].endswith(f"Reason: {REASON}")
    assert ran.verdicts["DNS-PUBLISHED"] == "WAIVED"
    assert ran.shown("steps.check(run)").startswith("WAIVED DNS-PUBLISHED")


@each("name", ["written", "still pending"])
def test_the_deadline_is_72_hours_after_the_intent_to_the_second(told: Told, name: str) -> None:
    intent = datetime.fromisoformat(told["written"].event("intent")["at"])
    end = f"{intent + timedelta(hours=72):%Y-%m-%d %H:%M:%S} UTC"
    assert f"SES looks for the key record until {end}: it must be published by then." in told[name].headline


def test_the_dns_request_holds_the_secrets_own_value(told: Told) -> None:
    ran = told["written"]
    (sheet,) = (ran.folder / name for name in ran.files if name.endswith(".csv"))
    assert sheet.read_bytes().startswith(b'\xef\xbb\xbf"REHEARSAL: do not publish')
    names, row = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"))))[1:]
    assert names == ["Name", "Type", "Value", "TTL"]
    assert row == [f"{NEXT}._domainkey.example.jp", "TXT", told.wanted, "3600"]
    assert "customerProvidedPublicKey" not in sheet.read_text("utf-8-sig")
    assert f"Rehearsal: give outputs/{sheet.name} to nobody" in ran.headline


def test_the_run_that_completes_it_names_the_run_that_wrote(told: Told) -> None:
    completed, written = told["completed"], told["written"].event("intent")["at"]
    assert "An earlier run wrote it" in completed.headline
    assert completed.event("begin")["previous"]["written_at"] == written
    assert not completed.has("intent")
    assert "Nothing was written to SES." in completed.shown("steps.apply(run)")


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
        "writes nothing twice and completes the record; or go back, if the record says how."
    )
    assert ran.event("waited")["ran_out"] is True
    assert ran.event("closed")["error"]["type"] == "WaitRanOut"
    assert ran.has("handed")
    assert "SWITCHED-PENDING" in ran.shown("steps.close(run)")
