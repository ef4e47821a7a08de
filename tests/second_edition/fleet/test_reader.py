"""One reader for many runs: what it costs, when it is relied on, and what happens without it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from second_edition.engine import shared_reading
from second_edition.engine.shared_reading import LOCK, VARIABLE
from second_edition.events.run import Read
from second_edition.plain import from_plain
from second_edition.rotation.observation import Identity
from second_edition.rotation.reading import Reading
from tests.second_edition.fleet.readers import BATCH, FULL, PRIVATE, Readers, names, unwaited
from tests.second_edition.sandbox.outside import put


def test_sixty_runs_before_their_writes_cost_one_call(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=100)
    sixty = names(60)
    fulls = readers.fulls(sixty)
    readers.limit(10)
    before = readers.calls()
    reader = readers.reader(fulls)
    reader.expect(sixty[:1], sixty[1:])
    run = readers.custodian()
    found = [readers.ask(run, name) for name in sixty]
    for name, one in zip(sixty, found, strict=True):
        answer = one.result()
        assert from_plain(Identity, answer["identity"]) == from_plain(Identity, fulls[name][0])
        told = from_plain(Reading, answer["reading"])
        assert (told.by, told.others, told.full_at) == (BATCH, 59, fulls[name][1])
    assert readers.calls() == {**before, BATCH: 1}
    (call,) = readers.sandbox.calls(BATCH)
    assert {one.result()["reading"]["request_id"] for one in found} == {call["request_id"]}
    assert reader.counts == {"batch": 1, "refused": 0}


def test_a_change_behind_the_back_is_read_in_full_by_who_is_concerned(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=10)
    name, other = names(2)
    fulls = readers.fulls([name, other])
    put(readers.ses, "stranger", PRIVATE, name)
    before = readers.calls()
    readers.reader(fulls).expect([name, other], ())
    run = readers.custodian()
    changed, same = (readers.ask(run, one).result() for one in (name, other))
    assert readers.calls()[FULL] == before[FULL] + 1
    assert (changed["selectors"], changed.get("reading")) == (["stranger"], None)
    assert same["reading"]["by"] == BATCH
    assert from_plain(Identity, same["identity"]) == from_plain(Identity, fulls[other][0])


@pytest.mark.prove
def test_killed_half_way_runs_read_by_themselves_at_once(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=10)
    name, other = names(2)
    fulls = readers.fulls([name, other])
    program = subprocess.Popen(
        [sys.executable, "-c", STANDING, readers.sandbox.facts.endpoint_url,
         str(readers.folder / ".running" / "readings"), name, json.dumps(fulls)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "stands\n"
        run = readers.custodian()
        assert readers.ask(run, name).result()["reading"]["by"] == BATCH
        waiting = readers.ask(run, other, fresh_s=0.001)  # of which nothing new comes
        assert not waiting.done()
        before = readers.calls()
        program.send_signal(signal.SIGKILL)
        assert waiting.result(timeout=600) == fulls[other][0]
        assert readers.calls()[FULL] == before[FULL] + 1
        # Another campaign's reader takes the place of what is left.
        reader = readers.reader(fulls)
        reader.expect([other], ())
        assert readers.ask(run, other).result()["reading"]["by"] == BATCH
        reader.close()
        assert not any(readers.folder.rglob("*"))
    finally:
        program.kill()
        program.communicate()


STANDING = """
import json, sys, time
from pathlib import Path
from second_edition.custody.client import Custodian
from second_edition.procedures.fleet.reader import Reader
endpoint, folder, name, fulls = sys.argv[1:]
custodian = Custodian()
settings = {"region": "ap-northeast-1", "endpoint_url": endpoint, "sandbox": True, "requests_per_second": 0}
custodian.ask("open", settings=settings).result()
reader = Reader(custodian, Path(folder), ["123456789012", "ap-northeast-1", endpoint], json.loads(fulls))
reader.expect([name], [])
print("stands", flush=True)
time.sleep(120)
"""


@pytest.mark.parametrize(
    "otherwise", [{"account": "111122223333"}, {"region": "eu-central-1"}, {"endpoint": "http://127.0.0.1:9"}]
)
def test_a_reader_of_another_place_is_not_relied_on(readers: Readers, otherwise: dict[str, Any]) -> None:
    """By who is signed in, whatever a profile says."""
    name = readers.sandbox.facts.domain
    fulls = readers.fulls([name])
    full, at = fulls[name]
    readers.reader({name: ({**full, "signing_origin": "AWS_SES"}, at)}, **otherwise).expect([name], ())
    answer = readers.ask(readers.custodian(), name).result()
    assert (answer["signing_origin"], answer.get("reading")) == ("EXTERNAL", None)


def test_of_whom_a_living_reader_knows_nothing_new_the_last_word_is_a_reading_of_its_own(readers: Readers) -> None:
    """The reader is another campaign's, or its process was stopped; SES has verified since what was read before."""
    name = readers.sandbox.facts.domain
    readers.reader(readers.fulls([name])).expect([], ())
    run = readers.look(readers.custodian(), name)
    written, run.since, run.caller, run.seen = list[Any](), time.monotonic(), None, None
    run.record, run.write = SimpleNamespace(switch=None), lambda kind, **more: written.append((kind, more))
    seen, shared = shared_reading.read(run, 0.2)
    assert (seen.name, seen.status, shared) == (name, "SUCCESS", False)
    assert written == [(Read, {"identity": seen})]


def test_what_is_too_old_is_not_taken(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    name = readers.sandbox.facts.domain
    readers.reader(readers.fulls([name])).expect([name], ())
    run = readers.custodian()
    first, second = (readers.ask(run, name).result()["reading"] for _ in range(2))
    assert first == second
    unwaited(monkeypatch)
    before = readers.calls()
    assert readers.ask(run, name, fresh_s=0.001).result()["name"] == name
    assert readers.calls() == {**before, FULL: before[FULL] + 1}


def test_an_answer_of_another_clock_s_time_is_not_relied_on(readers: Readers) -> None:
    """The reader's clock is an hour ahead of the run's: its answers are not of any time that the run knows."""
    name = readers.sandbox.facts.domain
    readers.reader(readers.fulls([name]), custodian=readers.custodian(clock_offset_s=3600.0)).expect([name], ())
    answer = readers.ask(readers.custodian(), name).result()
    assert (answer["name"], answer.get("reading")) == (name, None)


@pytest.mark.prove
def test_what_is_no_answer_is_as_if_there_were_none(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else lies there, or a reader of another version's."""
    unwaited(monkeypatch)
    name = readers.sandbox.facts.domain
    reader, run = readers.reader({}), readers.custodian()
    later = json.dumps({"moment": 1e12, "place": [], "reading": None}).encode()
    for said in (b"", b'{"moment": "1"}', later, b"[" * 50_000):
        (reader.folder / name).write_bytes(said)
        assert readers.ask(run, name).result()["name"] == name, said[:20]


def test_nobody_else_can_enter_its_folder(readers: Readers) -> None:
    reader = readers.reader({})
    assert reader.folder.stat().st_mode & 0o777 == 0o700
    assert (reader.folder / LOCK).stat().st_mode & 0o777 == 0o600


def test_what_others_could_have_put_there_is_not_relied_on(readers: Readers) -> None:
    """The environment names another folder: one that others may write to, of another user, or a link to it."""
    name = readers.sandbox.facts.domain
    fulls = readers.fulls([name])
    full, at = fulls[name]
    reader = readers.reader({name: ({**full, "signing_enabled": False}, at)})
    reader.expect([name], ())
    run = readers.custodian()
    link = readers.folder / "link"
    link.symlink_to(reader.folder)
    for folder, mode, owner in ((reader.folder, 0o770, 0), (reader.folder, 0o700, 1000), (link, 0o700, 0)):
        os.environ[VARIABLE] = str(folder)
        reader.folder.chmod(mode)
        os.chown(reader.folder, owner, -1)
        answer = readers.ask(run, name).result()
        assert (answer["signing_enabled"], answer.get("reading")) == (True, None)
        reader.folder.chmod(0o700)
        os.chown(reader.folder, 0, -1)


def test_closed_nobody_waits_for_it_and_nothing_is_left(readers: Readers) -> None:
    name = readers.sandbox.facts.domain
    fulls = readers.fulls([name])
    reader = readers.reader(fulls)
    waiting = readers.ask(readers.custodian(), name)  # of whom the reader was told nothing
    assert not waiting.done()
    reader.close()
    reader.close()
    answer = waiting.result(timeout=600)
    assert (answer["name"], answer.get("reading")) == (name, None)
    assert not any(readers.folder.rglob("*"))
