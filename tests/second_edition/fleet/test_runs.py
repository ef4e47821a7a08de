"""Real runs of the notebook with a campaign's reader: what they ask SES, what their records say, who believes it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from second_edition.aws import identity
from second_edition.aws.session import WRITE
from second_edition.display.answers import answers
from second_edition.display.words import Words
from second_edition.engine.shared_reading import VARIABLE
from second_edition.plain import from_plain
from second_edition.rotation.reading import FRESH_S, Reading
from second_edition.sandbox.client import Sandbox
from tests.second_edition.events.noted import record_of
from tests.second_edition.evidence.raw import contradictions
from tests.second_edition.fleet.readers import BATCH, FULL, NEXT, PRIVATE, PUT, Readers
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN
from tests.second_edition.verification.judged import codes, faults, journal_of, judge, run
from tests.second_edition.verification.made import Events, events_of, reseal, write

APPLY = ("-r", "selector", NEXT, "-p", "mode", "apply")


@dataclass(frozen=True)
class Told:
    """Runs in one folder: exit codes, and the calls of SES that each made, or had made for it."""

    folder: Path
    codes: dict[str, int]
    calls: dict[str, dict[str, int]]
    seeded: str
    counts: dict[str, int]

    def events(self, name: str) -> Events:
        return events_of(journal_of(self.folder, name))

    def event(self, run: str, name: str) -> dict[str, Any]:
        return next(event for event in reversed(self.events(run)) if event["event"] == name)

    def read_in_full(self, run: str) -> int:
        """Return how often the run itself read the identity in full, by its journal."""
        calls = [call for event in self.events(run) for call in event.get("calls", ()) if call["status"] == 200]
        return [call["operation"] for call in calls].count(FULL)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """With a reader: switched, and again, and back. Then another change, refused since it was not approved."""
    folder = tmp_path_factory.mktemp("runs")
    returned: dict[str, int] = {}
    calls: dict[str, dict[str, int]] = {}
    with Sandbox.start() as sandbox, tempfile.TemporaryDirectory() as short, ExitStack() as stack:
        readers = Readers(sandbox, Path(short), stack)
        sandbox.set_knobs(check_interval=0.5)
        fulls = readers.fulls([DOMAIN])
        readers.limit(5)
        reader = readers.reader(fulls, every_s=2.0)
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setenv(VARIABLE, str(reader.folder))
        where = ("-p", "target", "sandbox", "-p", "endpoint_url", sandbox.facts.endpoint_url)

        def ran(name: str, *words: str) -> None:
            before = readers.calls()
            reader.expect([], ())
            reader.expect([DOMAIN], ())
            returned[name] = run(folder / f"{name}.ipynb", *where, *words)
            calls[name] = {kind: count - before[kind] for kind, count in readers.calls().items()}

        ran("switch", *APPLY)
        ran("again", *APPLY, "-p", "language", "ja")
        approve(folder)
        ran("plan", "-r", "selector", CURRENT)
        approve(folder, "plan.ipynb")
        (approval,) = (path.name for path in folder.glob("*.approval.tanaka.json"))
        identity.put_signing_attributes(readers.writer.get("sesv2", WRITE), DOMAIN, "stranger", PRIVATE)
        ran("drift", "-r", "selector", CURRENT, "-p", "mode", "apply", "-r", "approved", approval)
        yield Told(folder, returned, calls, fulls[DOMAIN][1], reader.counts)


def approve(folder: Path, *record: str) -> None:
    """Signs a plan; without one, makes the key and a profile that asks for it."""
    program = str(Path(sys.executable).with_name("byodkim-second-edition"))
    command = [program, "approve", *record, "--name", "tanaka", "--yes", "--key", "tanaka.pem"]
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=True)
    if not record:
        line = done.stdout.splitlines()[-1]
        (folder / "byodkim.toml").write_text(f"[default]\napprovals = 1\n{line}\n", "utf-8")


def test_a_switch_is_one_write_and_no_read_of_its_own(told: Told) -> None:
    closed = told.event("switch", "closed")
    assert (told.codes["switch"], closed["outcome"]) == (0, "SWITCHED")
    assert (told.calls["switch"][PUT], told.calls["switch"][FULL]) == (1, 0)
    made = [
        call["operation"] for event in told.events("switch") for call in event.get("calls", ()) if call["status"] == 200
    ]
    assert (made.count(PUT), made.count(FULL), made.count(BATCH)) == (1, 0, 0)


def test_the_record_says_by_which_call_and_what_is_carried_from_when(told: Told) -> None:
    before, after = observed(told.events("switch"))["reading"], told.event("switch", "read")["reading"]
    for one, wrote in ((before, ""), (after, NEXT)):
        reading = from_plain(Reading, one)
        assert (reading.by, reading.wrote, reading.full_at, reading.others) == (BATCH, wrote, told.seeded, 0)
    shown = text_of(told.folder / "switch.ipynb")
    for one in (before, after):
        assert f"request id {one['request_id']}" in shown
    assert "all else is as GetEmailIdentity showed it at" in shown
    assert "Not known, since the selector or its status has changed since: SES error type, SES last checked" in shown


def test_its_first_screen_says_how_old_that_answer_was_when_it_wrote(told: Told) -> None:
    said = " ".join(answer for _, answer in answers(record_of(*told.events("switch")), Words("en", UTC)))
    assert re.search(r"SES was read [\d.]+ s before the write, with other identities", said)


def test_a_run_soon_after_another_one_takes_nothing_older_than_that_one_s_end(told: Told) -> None:
    """It is otherwise than it was planned: the run reads it in full itself, and carries that.

    Once, but again where the reader's next answer is not there in time, as on a busy machine.
    """
    assert told.event("again", "closed")["outcome"] == "UNCHANGED"
    assert (told.calls["again"][PUT], told.calls["again"][FULL]) == (0, told.read_in_full("again"))
    observation, reading = told.event("again", "observed")["observation"], told.event("again", "read").get("reading")
    assert not observation["reading"]
    assert told.read_in_full("again") == (1 if reading else 2)
    if reading:
        assert (reading["by"], reading["full_at"]) == (BATCH, observation["at"])
        assert reading["at"] > told.event("switch", "closed")["at"]


def test_what_was_changed_behind_the_back_is_read_in_full_and_refused(told: Told) -> None:
    refused = told.event("drift", "closed")
    assert (told.codes["drift"], refused["outcome"]) == (1, "REFUSED")
    assert "PLAN-APPROVED" in refused["error"]["what"]
    (presented,) = told.event("drift", "approvals")["presented"]
    assert presented["approval"]["plan"]["relies_on"]["identity.selectors"] == NEXT  # it counts, for another plan
    observed = told.event("drift", "observed")["observation"]
    assert (observed["identity"]["selectors"], observed["reading"]) == (["stranger"], {})
    assert told.calls["drift"][PUT] == 0


def test_the_records_are_verified(told: Told) -> None:
    assert faults(judge(told.folder)) == {"drift": {"changed-between"}}  # which is what happened


def test_what_the_runs_did_not_ask_the_reader_did(told: Told) -> None:
    """Of full reads there are those of what was otherwise than when it was planned, and no others."""
    assert {name: calls[FULL] for name, calls in told.calls.items()} == {
        name: told.read_in_full(name) for name in told.calls
    }
    assert [name for name in told.calls if not told.read_in_full(name)] == ["switch"]
    assert told.counts["batch"] >= sum(calls[BATCH] for calls in told.calls.values()) > 0
    assert told.counts["refused"] == 0


def text_of(notebook: Path) -> str:
    """Return what a record shows, in plain text."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    bundles = [output["data"] for cell in cells for output in cell.get("outputs", ()) if "data" in output]
    return "\n".join("".join(bundle.get("text/plain", "")) for bundle in bundles)


def seconds(at: str, by: float) -> str:
    return (datetime.fromisoformat(at) + timedelta(seconds=by)).isoformat(timespec="milliseconds")


def observed(events: Events) -> dict[str, Any]:
    """The first observation's reading, with the identity that it comes to."""
    found: dict[str, Any] = next(event["observation"] for event in events if event["event"] == "observed")
    return found


def read(events: Events) -> dict[str, Any]:
    return next(event for event in reversed(events) if event["event"] == "read")


def older(events: Events) -> None:
    observed(events)["reading"]["at"] = seconds(observed(events)["at"], -FRESH_S - 1)


def to_come(events: Events) -> None:
    read(events)["reading"]["at"] = seconds(read(events)["at"], 1)


def before_the_write(events: Events) -> None:
    read(events)["reading"]["at"] = seconds(next(e["at"] for e in events if e["event"] == "answer"), -0.1)


def of_another_day(events: Events) -> None:
    observed(events)["reading"]["full_at"] = seconds(observed(events)["reading"]["at"], -25 * 3600)


def changed(where: Callable[[Events], dict[str, Any]], part: str, name: str, value: Any) -> Callable[[Events], None]:
    def change(events: Events) -> None:
        place = where(events)[part]
        place[name] = value if name != "full" else {**place[name], **value}

    return change


@pytest.mark.parametrize(
    "tamper",
    [
        older,
        to_come,
        before_the_write,
        of_another_day,
        changed(observed, "identity", "signing_origin", "AWS_SES"),
        changed(observed, "identity", "verified_for_sending", False),
        changed(observed, "reading", "told", {"selectors": [CURRENT], "status": "PENDING", "signing_enabled": True}),
        changed(observed, "reading", "full", {"verification_status": "FAILED"}),
        changed(observed, "reading", "wrote", NEXT),
        changed(observed, "reading", "at", "yesterday"),
        changed(read, "identity", "status", "PENDING"),
        changed(read, "reading", "told", {"selectors": ["stranger"], "status": "SUCCESS", "signing_enabled": True}),
        changed(read, "reading", "told", {}),
        changed(read, "reading", "wrote", ""),
        changed(read, "reading", "by", FULL),
        changed(read, "identity", "last_success", "2026-11-24T04:09:41+00:00"),
    ],
)
def test_a_tampered_provenance_is_shown(told: Told, tmp_path: Path, tamper: Callable[[Events], None]) -> None:
    """By who has the very key, and no notebook is left that could tell."""
    for path in told.folder.glob("switch.*.*"):
        shutil.copy(path, tmp_path)
    journal = journal_of(tmp_path, "switch")
    assert judge(journal)[0].sound
    events = events_of(journal)
    assert contradictions(events) == []
    tamper(events)
    write(journal, events)
    reseal(journal)
    (one,) = judge(journal)
    assert codes(one) & {"raw"}
    (text,) = (finding.text for finding in one.findings if finding.code == "raw")
    assert "reading" in text or "malformed" in text
