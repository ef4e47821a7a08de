"""Runs of journal format 1, made once and never again: this version reads, verifies and shows them all."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from second_edition.events import EVENTS, FORMAT, decode
from second_edition.evidence import journal
from second_edition.evidence.fleet_record import FOLDER
from second_edition.evidence.journal import SUFFIX
from tests.second_edition.each import each
from tests.second_edition.golden.__main__ import ARCHIVE, EXPECTED, KEY, outcomes
from tests.second_edition.verification.judged import Done, codes, judge, verify
from tests.second_edition.verification.made import Change, Events, events_of, put, reseal, without, write


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    with tarfile.open(ARCHIVE) as file:
        file.extractall(folder, filter="data")
    return folder / "archive"


def expected() -> dict[str, list[str]]:
    told: dict[str, list[str]] = json.loads(EXPECTED.read_text("utf-8"))
    return told


def verified(path: Path) -> Done:
    return verify(path if path.is_dir() else path.parent, str(path), "--key", str(KEY), "--json")


def test_every_run_verifies_offline_by_the_key_beside_it(archive: Path) -> None:
    for story, endings in expected().items():
        assert outcomes(archive / story) == endings
        done = verified(archive / story)
        runs = json.loads(done.stdout)["runs"]
        assert (story, done.returncode, len(runs)) == (story, 0, len(endings)), done.stdout
        stopped = [ending for ending in endings if " " not in ending]
        assert sorted(one["verdict"] for one in runs) == sorted(
            ["stopped"] * len(stopped) + ["verified"] * (len(endings) - len(stopped))
        )


def test_another_outcome_than_its_events_come_to_is_off_even_with_the_key(archive: Path, tmp_path: Path) -> None:
    """Of every procedure; where an error ended a run, its events do not say what it came to."""
    tried = set[tuple[str, str]]()
    others = {"PLANNED", "UNCHANGED", "PREPARED", "RETIRED", "SWITCHED", "STOPPED", "FAILED"}
    for story in ("prepare", "rotate", "campaign"):
        for own in (archive / story).glob("*.journal.jsonl"):
            account = journal.read(own)
            *before, closed = account.as_json
            path = tmp_path / own.name
            if account.outcome in (None, "FAILED", "REFUSED"):
                continue
            for other in others - {closed["outcome"]}:
                write(path, [*before, {**closed, "outcome": other}])
                reseal(path)
                (one,) = judge(path)
                assert {"outcome", "outcome-other"} & codes(one), (own.name, closed["outcome"], other)
                tried.add((str(closed["outcome"]), other))
    assert {("PREPARED", "UNCHANGED"), ("RETIRED", "UNCHANGED"), ("SWITCHED", "STOPPED")} <= tried


def told_of_campaign(folder: Path) -> tuple[int, list[str]]:
    """The exit code, and what is said of the campaign that the runs of its identities name."""
    done = verified(folder)
    found = [one for run in json.loads(done.stdout)["runs"] for one in run["findings"]]
    return done.returncode, [one["code"] for one in found if one["code"].startswith("campaign-")]


def test_runs_of_identities_miss_the_campaign_that_began_them(archive: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(archive / "stopped", tmp_path / "stopped"))
    (wave,) = folder.glob("*/wave-*")
    of_identities = len(list(wave.glob("*.journal.jsonl")))
    assert told_of_campaign(folder) == (0, [])
    assert told_of_campaign(wave) == (3, ["campaign-unknown"] * of_identities)
    assert told_of_campaign(next(wave.glob("*.journal.jsonl"))) == (0, ["campaign-elsewhere"])
    for path in filter(Path.is_file, wave.parent.iterdir()):
        path.unlink()
    assert told_of_campaign(folder) == (1, ["campaign-missing"] * of_identities)


def the_same_run_twice(events: Events) -> None:
    first, second = (event for event in events if event["event"] == "ended")
    second |= {name: first[name] for name in ("run", "head", "outcome", "domain", "record", "journal")}


@each(
    ("change", "code"),
    [
        (put("begin", "reason", "another"), ""),
        (the_same_run_twice, "fleet-altered"),
        (put("ended", "head", "0" * 64), "fleet-altered"),
        (put("ended", "outcome", "UNCHANGED"), "fleet-altered"),
        (put("ended", "domain", "d00001.example.jp"), "fleet-altered"),
        (put("ended", "run", "20261128T023731Z-00000000"), "fleet-missing"),
        (put("started", "record", "another.ipynb"), "campaign-unbegun"),
        (without("started"), "campaign-unbegun"),
        (put("started", "place_sha256", "0" * 64), "fleet-file"),
        (put("recalled", "began", "2026-11-28T02:27:21.759+00:00"), ""),  # ten minutes before the run: clocks differ
        (put("recalled", "began", "2026-11-28T02:27:21.758+00:00"), "fleet-began"),
    ],
)
def test_a_campaign_and_its_identities_are_held_against_each_other(
    archive: Path, tmp_path: Path, change: Change, code: str
) -> None:
    folder = Path(shutil.copytree(archive / "campaign", tmp_path / "campaign"))
    (path,) = folder.glob("20261128T023721Z-*.journal.jsonl")
    told = events_of(path)
    if not code:
        shutil.rmtree(path.with_name(path.name.replace(SUFFIX, FOLDER)))  # of what its runs were given, whole
    change(told)
    write(path, told)
    found = [one for run in judge(folder) for one in run.findings if one.code.startswith(("fleet-", "campaign-"))]
    shutil.rmtree(folder)
    assert {one.code for one in found} == {code} - {""}
    assert not any("..." in one.text for one in found)  # all that differ are named


def events(archive: Path) -> list[dict[str, Any]]:
    paths = [path for path in archive.rglob("*.journal.jsonl") if path.stat().st_size]
    return [event for path in paths for event in journal.read(path).as_json]


def test_every_line_is_an_event_of_the_schema(archive: Path) -> None:
    found = events(archive)
    for event in found:
        decode(json.dumps(event).encode(), EVENTS[event["event"]])
    assert {event.get("format", FORMAT) for event in found} == {FORMAT}
    assert len({event["event"] for event in found} & EVENTS.keys()) > 36


def test_it_can_be_read_without_this_program(archive: Path) -> None:
    """Show what the checks claim, expect, see and advise are English sentences, not keys."""
    findings = [one for event in events(archive) for one in event.get("findings", ())]
    for one in findings:
        assert one["claim"].count(" ") >= 2
        for part in (one["expected"], one["observed"]):
            assert isinstance(part, str) or part["text"]
        assert (one["remedy"] or {"text": "."})["text"].endswith(".")
    assert any("Publish" in str(one) or "DNS team" in str(one["remedy"]) for one in findings if one["remedy"])
    assert len(findings) > 300


def test_a_changed_sentence_of_it_does_not(archive: Path, tmp_path: Path) -> None:
    (path,) = (archive / "failed").rglob("*.journal.jsonl")
    text = path.read_text("utf-8").replace("one selector in use", "two selectors in use")
    for other in filter(Path.is_file, path.parent.iterdir()):
        (tmp_path / other.name).write_bytes(other.read_bytes())
    (tmp_path / path.name).write_text(text, "utf-8")
    assert verified(tmp_path).returncode == 1


def test_a_key_is_erased_as_planned_and_no_other(archive: Path, tmp_path: Path) -> None:
    (own,) = (archive / "rotate").glob("6.*.journal.jsonl")
    path, write_of = (
        tmp_path / own.name,
        {"operation": "DeleteObject", "target": "s3://byodkim-keys/a", "version": "v1"},
    )
    for planned, version, found in ((True, "v1", False), (True, "v2", True), (False, "v1", True)):
        told = events_of(own)
        at = next(number for number, one in enumerate(told) if one["event"] == "zone-proved")
        told.insert(
            at,
            {"event": "erasing", "at": told[at]["at"], "write": {**write_of, "version": version}, "sha256": "0" * 64},
        )
        if planned:
            for one in told:
                if one["event"] == "planned":
                    one["plan"]["writes"] = [*one["plan"]["writes"], {**one["plan"]["writes"][0], **write_of}]
        write(path, told)
        reseal(path)
        (verdict,) = judge(path)
        assert ("unplanned" in codes(verdict)) is found, (planned, version)
        if found:
            assert f"in event {at}" in " ".join(one.text for one in verdict.findings if one.code == "unplanned")


@each("change", [put("zone-intent", "digest", "0" * 64), put("zone-proved", "good", 9), without("zone-planned")])
def test_a_write_to_dns_is_the_plan_s_and_its_proof_the_answers(archive: Path, tmp_path: Path, change: Change) -> None:
    (own,) = (archive / "rotate").glob("6.*.journal.jsonl")
    told = events_of(own)
    path = tmp_path / own.name
    write(path, told)
    reseal(path)
    assert "unplanned" not in codes(judge(path)[0])
    change(told)
    write(path, told)
    reseal(path)
    assert "unplanned" in codes(judge(path)[0])
