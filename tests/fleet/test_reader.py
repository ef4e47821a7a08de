"""One reader for many runs: what it costs, when it is relied on, and what happens without it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byodkim.aws import identity
from byodkim.aws.session import WRITE
from byodkim.custody.client import Custodian
from byodkim.fleet.reader import Reader
from byodkim.rotation.reading import reading_from_plain
from tests.fleet.readers import BATCH, FULL, NEXT, PRIVATE, PUT, Readers, names, publish
from tests.sandbox.outside import put

ASKED: dict[str, Any] = {"age_s": 120.0, "wait_s": 20.0}


def test_sixty_runs_before_their_writes_cost_one_call(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=100)
    sixty = names(60)
    seeds = readers.seeds(sixty)
    readers.limit(10)
    before = readers.calls()
    reader = readers.reader()
    reader.seed(seeds)
    reader.ahead(sixty)
    runs = [readers.custodian(reader.address) for _ in range(3)]
    found = [run.ask("lately", name=name, **ASKED) for run, name in zip(runs * 20, sixty, strict=True)]
    for one, (full, at) in zip(found, seeds, strict=True):
        answer = one.result()
        assert (answer["identity"], answer["late"]) == (full, False)
        told = reading_from_plain(answer["reading"])
        assert (told.by, told.others, told.full_at) == (BATCH, 59, at)
    assert readers.calls() == {**before, BATCH: 1}
    (call,) = readers.sandbox.calls(BATCH)
    assert {one.result()["reading"]["request_id"] for one in found} == {call["request_id"]}
    counts = reader.counts()
    assert (counts.batch, counts.full, counts.answered, counts.refused) == (1, 0, 60, 0)


def test_the_polls_of_all_that_wait_are_one_call_in_a_while(readers: Readers) -> None:
    """20 writes; SES verifies; each is told so by a call that was made after its own write, and none is made for it."""
    readers.sandbox.set_knobs(identities=40, check_interval=0.3)
    twenty = names(20)
    seeds = readers.seeds(twenty)
    publish(readers.sandbox, twenty)
    readers.limit(10)
    before = readers.calls()
    reader = readers.reader(every_s=3.0)
    reader.seed(seeds)
    run = [readers.custodian(reader.address) for _ in range(3)]
    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        ended = list(pool.map(lambda pair: switched(readers, run[pair[0] % 3], pair[1]), enumerate(twenty)))
    assert readers.calls() == {**before, PUT: 20, BATCH: reader.counts().batch}
    assert reader.counts().batch <= 1 + (time.monotonic() - started) / 3.0
    for answer in ended:
        told = reading_from_plain(answer["reading"])
        assert (told.by, told.wrote, answer["identity"]["selectors"]) == (BATCH, NEXT, [NEXT])
        assert told.untold == {"last_checked", "last_success", "error_type"}
        assert answer["identity"]["verified_for_sending"] is True


def switched(readers: Readers, run: Custodian, domain: str) -> dict[str, Any]:
    """Gives SES the next selector, and asks until it is verified, as a run does."""
    identity.put_signing_attributes(readers.writer.get("sesv2", WRITE), domain, NEXT, PRIVATE)
    since = time.monotonic()
    while True:
        asked = {"age_s": time.monotonic() - since, "wait_s": 20.0, "wrote": NEXT, "patient": True, "alone": False}
        answer: dict[str, Any] = run.ask("lately", name=domain, **asked).result()
        since = time.monotonic()
        assert not answer["late"]
        if answer["identity"]["status"] == "SUCCESS" and answer["identity"]["selectors"] == [NEXT]:
            return answer


def test_a_change_behind_the_back_is_read_in_full(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=10)
    name, other = names(2)
    seeds = readers.seeds([name, other])
    reader = readers.reader()
    reader.seed(seeds)
    put(readers.ses, "stranger", PRIVATE, name)
    before = readers.calls()
    run = readers.custodian(reader.address)
    both = [run.ask("lately", name=one, **ASKED) for one in (name, other)]
    changed, same = (one.result() for one in both)
    assert readers.calls() == {**before, BATCH: 1, FULL: before[FULL] + 1}
    assert (changed["identity"]["selectors"], changed["reading"]["by"]) == (["stranger"], FULL)
    assert changed["identity"] == run.ask("identity", name=name).result()
    assert '"stranger"' in changed["reading"]["body"]
    assert (same["identity"], same["reading"]["by"]) == (seeds[1][0], BATCH)
    assert (reader.counts().batch, reader.counts().full) == (1, 1)
    # What it read in full is what it carries from now on.
    again = run.ask("lately", name=name, age_s=0.0, wait_s=20.0).result()
    assert (again["identity"], again["reading"]["by"]) == (changed["identity"], BATCH)


def test_another_one_s_write_is_never_taken_for_the_run_s_own(readers: Readers) -> None:
    """The run has given SES one selector, and somebody else another one since: that is read in full."""
    readers.sandbox.set_knobs(identities=10)
    (name,) = names(1)
    reader = readers.reader(every_s=0.5)
    reader.seed(readers.seeds([name]))
    run = readers.custodian(reader.address)
    put(readers.ses, "stranger", PRIVATE, name)
    answer = run.ask("lately", name=name, age_s=0.0, wait_s=20.0, wrote=NEXT, patient=True).result()
    assert (answer["identity"]["selectors"], answer["reading"]["by"]) == (["stranger"], FULL)


def test_a_status_that_falls_back_by_itself_is_read_in_full(readers: Readers) -> None:
    (name,) = (readers.sandbox.facts.domain,)
    reader = readers.reader()
    reader.seed(readers.seeds([name]))
    readers.sandbox.unpublish(readers.sandbox.facts.current_selector)
    readers.sandbox.advance(timedelta(minutes=10))
    offset = readers.sandbox.facts.clock_offset_s
    found = readers.custodian(reader.address, clock_offset_s=0.0).ask("lately", name=name, **ASKED).result()
    assert offset
    assert (found["identity"]["status"], found["reading"]["by"]) == ("TEMPORARY_FAILURE", FULL)


def test_killed_half_way_runs_read_by_themselves(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=10)
    name, other = names(2)
    seeds = readers.seeds([name, other])
    program = subprocess.Popen(
        [sys.executable, "-c", STANDING, readers.sandbox.facts.endpoint_url, str(readers.folder), json.dumps(seeds)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        run = readers.custodian(address)
        assert run.ask("lately", name=name, **ASKED).result()["reading"]["by"] == BATCH
        waiting = run.ask("lately", name=other, age_s=0.0, wait_s=60.0, patient=True, alone=False)
        time.sleep(0.5)
        before = readers.calls()
        program.send_signal(signal.SIGKILL)
        answer = waiting.result(timeout=10)  # at once, not when its time is over
        assert (answer["identity"], answer["reading"], answer["late"]) == (seeds[1][0], None, False)
        answer = run.ask("lately", name=name, **ASKED).result()
        assert (answer["identity"], answer["reading"]) == (seeds[0][0], None)
        assert readers.calls() == {**before, FULL: before[FULL] + 2}
    finally:
        program.kill()
        program.communicate()


STANDING = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from byodkim.aws import identity
from byodkim.aws.session import WRITE
from byodkim.custody.client import Custodian
from byodkim.fleet.reader import Reader
endpoint, folder, seeds = sys.argv[1:]
custodian = Custodian()
settings = {"region": "ap-northeast-1", "endpoint_url": endpoint, "sandbox": True, "requests_per_second": 0}
custodian.ask("open", settings=settings).result()
place = {"account": "123456789012", "region": "ap-northeast-1", "endpoint": endpoint}
reader = Reader(custodian, Path(folder), clock=lambda: datetime.now(UTC), **place)
reader.seed(json.loads(seeds))
print(reader.address, flush=True)
time.sleep(120)
"""


def test_closed_it_answers_nobody_and_nobody_waits(readers: Readers) -> None:
    name = readers.sandbox.facts.domain
    reader = readers.reader()
    run = readers.custodian(reader.address)
    waiting = run.ask("lately", name=name, age_s=0.0, wait_s=60.0, patient=True, alone=False)
    time.sleep(0.3)
    reader.close()
    reader.close()
    answer = waiting.result(timeout=10)
    assert (answer["identity"]["name"], answer["reading"]) == (name, None)
    assert list(readers.folder.iterdir()) == []


@pytest.mark.parametrize(
    "otherwise", [{"account": "111122223333"}, {"region": "eu-central-1"}, {"endpoint": "http://127.0.0.1:9"}]
)
def test_a_reader_of_another_place_is_not_relied_on(readers: Readers, otherwise: dict[str, Any]) -> None:
    name = readers.sandbox.facts.domain
    reader = readers.reader(**otherwise)
    (seed,) = readers.seeds([name])
    reader.seed([({**seed[0], "signing_origin": "AWS_SES"}, seed[1])])
    answer = readers.custodian(reader.address).ask("lately", name=name, **ASKED).result()
    assert (answer["identity"]["signing_origin"], answer["reading"]) == ("EXTERNAL", None)


def test_who_is_signed_in_counts_and_not_what_the_profile_says(readers: Readers) -> None:
    """A reader of the account that the profile names, and credentials of another one."""
    name = readers.sandbox.facts.domain
    reader = readers.reader(account="111122223333")
    reader.seed(readers.seeds([name]))
    answer = readers.custodian(reader.address, account="111122223333").ask("lately", name=name, **ASKED).result()
    assert (answer["identity"]["name"], answer["reading"]) == (name, None)


def test_what_is_too_old_is_asked_anew(readers: Readers) -> None:
    name = readers.sandbox.facts.domain
    reader = readers.reader()
    reader.seed(readers.seeds([name]))
    run = readers.custodian(reader.address)
    first, second = (run.ask("lately", name=name, **ASKED).result()["reading"] for _ in range(2))
    assert (first, reader.counts().batch) == (second, 1)
    time.sleep(1.0)
    third = run.ask("lately", name=name, age_s=0.9, wait_s=20.0).result()["reading"]
    assert (third["request_id"] != first["request_id"], reader.counts().batch) == (True, 2)


def test_an_answer_of_another_clock_s_time_is_not_relied_on(readers: Readers) -> None:
    """The reader's machine clock is an hour ahead of the run's: its answers are not of any time that the run knows."""
    name = readers.sandbox.facts.domain
    reader = readers.reader(readers.custodian(clock_offset_s=3600.0))
    reader.seed(readers.seeds([name]))
    answer = readers.custodian(reader.address).ask("lately", name=name, **ASKED).result()
    assert (answer["identity"]["name"], answer["reading"]) == (name, None)


@pytest.mark.parametrize("ago", [timedelta(days=1, minutes=1), timedelta(hours=-1)])
def test_a_full_read_of_another_day_is_not_carried(readers: Readers, ago: timedelta) -> None:
    name = readers.sandbox.facts.domain
    reader = readers.reader()
    ((full, _),) = readers.seeds([name])
    reader.seed([(full, (datetime.now(UTC) - ago).isoformat())])
    answer = readers.custodian(reader.address).ask("lately", name=name, **ASKED).result()
    assert answer["reading"]["by"] == FULL


def test_an_identity_that_is_gone_is_gone(readers: Readers) -> None:
    readers.sandbox.set_knobs(identities=10)
    (name,) = names(1)
    reader = readers.reader()
    reader.seed(readers.seeds([name]))
    readers.ses.delete_email_identity(EmailIdentity=name)
    answer = readers.custodian(reader.address).ask("lately", name=name, **ASKED).result()
    assert answer == {"identity": None, "reading": None, "late": False}


def test_who_has_waited_long_enough_is_told_so_or_reads_by_itself(readers: Readers) -> None:
    name = readers.sandbox.facts.domain
    reader = readers.reader(every_s=60.0)
    reader.seed(readers.seeds([name]))
    run = readers.custodian(reader.address)
    asked: dict[str, Any] = {"name": name, "age_s": 0.0, "wait_s": 0.5, "patient": True}
    assert run.ask("lately", **asked, alone=False).result() == {"identity": None, "reading": None, "late": True}
    assert run.ask("lately", **asked, alone=True).result()["identity"]["name"] == name
    assert reader.counts().batch == 0


def test_ses_that_refuses_is_asked_again_and_the_refusals_are_counted(readers: Readers) -> None:
    """Somebody else uses the limit up for a while."""
    name = readers.sandbox.facts.domain
    reader = readers.reader()
    reader.seed(readers.seeds([name]))
    readers.limit(1)
    over = time.monotonic() + 2.5
    run = readers.custodian(reader.address)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: run.ask("lately", name=name, **{**ASKED, "wait_s": 60.0}).result())
        while time.monotonic() < over:
            with suppress(ClientError):
                readers.ses.list_email_identities()
            time.sleep(0.02)
        assert asked.result()["reading"]["by"] == BATCH
    refused = [call for call in readers.sandbox.calls(BATCH) if call["status"] != 200]
    assert refused
    assert reader.counts().refused >= 1


@pytest.mark.parametrize("said", [b"", b"{}\n", b"[]\n", b"x\n", b"{" + b"x" * 5000, b'{"name": "a"}\n'])
def test_what_is_no_question_gets_no_answer_and_disturbs_nobody(readers: Readers, said: bytes) -> None:
    reader = readers.reader()
    reader.seed(readers.seeds([readers.sandbox.facts.domain]))
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(reader.address)
        line.sendall(said)
        line.shutdown(socket.SHUT_WR)
        line.settimeout(10)
        assert line.recv(100) == b""
    run = readers.custodian(reader.address)
    assert run.ask("lately", name=readers.sandbox.facts.domain, **ASKED).result()["reading"]["by"] == BATCH


@pytest.mark.parametrize("said", [b"", b"\n", b"[1]\n", b"{}\n", b'{"account": 1}\n', b"x" * 200_000])
def test_what_is_no_answer_is_as_if_there_were_no_reader(readers: Readers, said: bytes) -> None:
    """Something else listens there, or a reader of another version."""
    address, name = readers.folder / "other", readers.sandbox.facts.domain
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(address))
        door.listen()

        def answer() -> None:
            line, _ = door.accept()
            with line, suppress(OSError):
                line.recv(4096)
                line.sendall(said)

        with ThreadPoolExecutor(1) as pool:
            pool.submit(answer)
            found = readers.custodian(str(address)).ask("lately", name=name, **ASKED).result()
    assert (found["identity"]["name"], found["reading"]) == (name, None)


def test_nobody_else_can_reach_it_and_a_long_path_is_no_obstacle(readers: Readers) -> None:
    reader = readers.reader()
    folder = Path(reader.address).parent
    assert (folder.parent, folder.stat().st_mode & 0o777) == (readers.folder, 0o700)
    deep = readers.folder / ("x" * 90)
    other = Reader(readers.custodian(), deep, account="a", region="r", endpoint="e", clock=lambda: datetime.now(UTC))
    with other:
        assert Path(other.address).exists()
        assert len(other.address) < 104
        assert Path(other.address).parent.stat().st_mode & 0o777 == 0o700
    assert not Path(other.address).parent.exists()
