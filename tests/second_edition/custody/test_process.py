"""The custodian's process: it ends with its parent, cannot be looked into, and says nothing but answers."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from second_edition.custody import client, identities, isolation, keys, private_key
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.custodian import LEAKED
from second_edition.custody.session import Session
from second_edition.errors import CustodyError
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import forms
from tests.second_edition.custody.loopback import serving

COMMAND = isolation.command("second_edition.custody.custodian")
LONGEST_S = 60.0
NOT_OPEN = {"operation": "open", "code": "NotOpen", "message": ""}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The child alone, without the class that speaks to it, where a variable names a folder of another's modules."""
    (tmp_path / "json.py").write_text("raise SystemExit")
    command, env = isolation.command("second_edition.custody.custodian"), {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    ) as child:  # fmt: skip
        yield child
        child.kill()


def said(process: subprocess.Popen[bytes], request: bytes) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def gone(pid: int) -> bool:
    """Return whether the process ends within the time that a fault leaves it."""
    try:
        psutil.Process(pid).wait(LONGEST_S)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_it_ends_when_its_input_ends_whatever_is_under_way(process: subprocess.Popen[bytes]) -> None:
    with serving(GET=[lambda _: time.sleep(1)]) as slow:
        said(process, forms.line(1, "open", settings=forms.settings(slow.url)))
        assert process.stdin is not None
        process.stdin.write(forms.line(2, "identity", name="example.jp"))
        process.stdin.flush()
        assert slow.came.wait(600)
        out, errors = process.communicate(timeout=LONGEST_S)
        assert (process.returncode, out, errors) == (0, b"", b"")


def test_it_ends_when_its_parent_is_killed() -> None:
    program = (
        "import time; from second_edition.custody.client import Custodian; "
        "custodian = Custodian(); print(custodian.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.send_signal(signal.SIGKILL)
        assert gone(pid)


def test_what_was_asked_of_a_custodian_that_died_fails_and_closing_it_does_not(request: pytest.FixtureRequest) -> None:
    with serving(GET=[lambda _: time.sleep(1)]) as slow:
        custodian = Custodian()
        request.addfinalizer(custodian.close)
        custodian.ask("open", settings=forms.settings(slow.url)).result()
        under_way = custodian.ask("identity", name="example.jp")
        assert slow.came.wait(600)
        os.kill(custodian.pid, signal.SIGKILL)
        with pytest.raises(CustodyError, match="it may have been applied or not"):  # SES, DNS or a key store
            under_way.result(LONGEST_S)
        with pytest.raises(CustodyError, match="has ended before it answered"):
            custodian.ask("identity", name="example.jp").result(LONGEST_S)
        custodian.close()
        custodian.close()
        assert gone(custodian.pid)
        assert not custodian.leaked


def test_one_that_was_started_ahead_and_died_is_reaped_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_ahead", [])
    client.start_ahead()
    (dead,) = client._ahead
    pid = dead.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(CustodyError):
        dead.ask("caller").result(LONGEST_S)
    while dead.alive:  # the thread that listens has yet to see its end
        time.sleep(0.01)
    client.start_ahead()
    with pytest.raises(ProcessLookupError):  # a child that nobody waited for would still have its number
        os.kill(pid, 0)
    (ahead,) = client._ahead
    fresh = client.take()
    assert (fresh, fresh.alive) == (ahead, True)
    fresh.close()
    another = client.take()  # where none was started ahead
    assert another.alive
    another.close()


def test_an_interrupt_is_the_parent_s_to_handle(process: subprocess.Popen[bytes]) -> None:
    assert said(process, forms.line(1, "caller"))["error"] == NOT_OPEN
    process.send_signal(signal.SIGINT)
    assert said(process, forms.line(2, "caller"))["error"] == NOT_OPEN


def test_the_other_side_refuses_an_unknown_operation_too(process: subprocess.Popen[bytes]) -> None:
    for number, op in enumerate(("leaks", "_fetch", "__init__", "clients", "opened")):
        reply = said(process, forms.line(number, op))
        assert reply["id"] == number
        assert (reply["error"]["operation"], reply["error"]["code"]) == (op, "UnknownOperation")


def test_only_answers_are_written_and_no_part_of_the_key(
    process: subprocess.Popen[bytes], sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    key, path = private_key.load(forms.pem(forms.PKCS8)), "dkim-keys/example.jp/mail-20261124-1/private_key.pem"
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=path, Body=forms.pem(forms.PKCS8))
    place = {"selector": "mail-20261124-1", "path": path, "bucket": sandbox.facts.key_bucket, "domain": "example.jp"}
    said(process, forms.line(1, "open", settings=forms.settings(sandbox.facts.endpoint_url)))
    fetched = said(process, forms.line(2, "key", **place))
    put = {"name": "example.jp", "selector": "mail-20261124-1", "sha256": fetched["value"]["sha256"]}
    answered = said(process, forms.line(3, "put", **put))
    told = said(process, forms.line(4, "put", **put, private_key=1))
    assert [fetched["id"], answered["id"], told["id"]] == [2, 3, 4]
    assert answered["value"]["answer"]["status"] == 200
    assert not any(key.windows.found_in(json.dumps(reply)) for reply in (fetched, answered, told))
    assert psutil.Process(process.pid).cmdline() == COMMAND
    assert process.communicate(timeout=LONGEST_S) == (b"", b"")


def test_an_answer_that_holds_part_of_the_key_is_stopped(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    text = forms.bare(forms.PKCS8).decode()
    # Within one of the two primes: what lies across the border of two numbers is no piece of either.
    primes = (*range(760, 890), *range(935, 1065))
    fragment = next(text[n : n + 20] for n in primes if text[n : n + 20].isalnum())
    path = f"backup/{fragment}.pem"  # a name that somebody made of the key's own text
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=path, Body=forms.pem(forms.PKCS8))
    asked = custodian.ask("key", selector="mail-20261124-1", path=path, bucket=sandbox.facts.key_bucket, domain="x")
    with pytest.raises(Refused) as caught:
        asked.result()
    assert caught.value.code == "LeakStopped"
    assert fragment not in str(caught.value)
    assert custodian.leaked


def test_the_gate_stands_when_the_key_is_forgotten(sandbox: Sandbox, aws: dict[str, Any]) -> None:
    session, text = Session(), forms.bare(forms.PKCS8).decode()
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key="key.pem", Body=forms.pem(forms.PKCS8))
    identities.open(session, forms.settings(sandbox.facts.endpoint_url))
    assert session.search([text]) is None
    keys.key(session, "mail-20261124-1", "key.pem", sandbox.facts.key_bucket, "example.jp")
    session.forget()
    assert session.search(["nothing", text[900:916]]) == 1


def test_the_first_hit_ends_the_custodian(
    process: subprocess.Popen[bytes], sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key="key.pem", Body=forms.pem(forms.PKCS8))
    said(process, forms.line(1, "open", settings=forms.settings(sandbox.facts.endpoint_url)))
    place = {"selector": "s", "path": "key.pem", "bucket": sandbox.facts.key_bucket, "domain": "example.jp"}
    public = said(process, forms.line(2, "key", **place))["value"]["public_key"]
    assert said(process, forms.line(3, "search", texts=[public, "nothing"]))["value"] is None
    text = forms.bare(forms.PKCS8).decode()
    assert said(process, forms.line(4, "search", texts=[public, text[900:916], text]))["value"] == 1
    assert process.wait(LONGEST_S) == LEAKED


def test_no_file_with_key_material_is_archived(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any], tmp_path: Path
) -> None:
    own, bucket = tmp_path / "run.ipynb", sandbox.facts.key_bucket
    own.write_bytes(forms.pem(forms.PKCS8))
    with pytest.raises(Refused, match=r"^PutObject: LeakStopped\.$"):  # no key in hand: it looks like a whole one
        custodian.ask("keep", bucket=bucket, key="archive/1", path=str(own), retain_until="").result()
    own.write_text(f'{{"cell": "{forms.bare(forms.PKCS8).decode()[900:916]}"}}')
    with forms.opened(sandbox.facts.endpoint_url) as fresh:
        aws["s3"].put_object(Bucket=bucket, Key="key.pem", Body=forms.pem(forms.PKCS8))
        fresh.ask("key", selector="s", path="key.pem", bucket=bucket, domain="example.jp").result()
        with pytest.raises(Refused, match=r"^keep: LeakStopped"):
            fresh.ask("keep", bucket=bucket, key="archive/2", path=str(own), retain_until="").result()
    own.write_bytes(bytes(range(256)))
    custodian.ask("keep", bucket=bucket, key="other/3", path=str(own), retain_until="").result()
    with aws["s3"].get_object(Bucket=bucket, Key="other/3")["Body"] as body:
        assert body.read() == bytes(range(256))
    assert "Contents" not in aws["s3"].list_objects_v2(Bucket=bucket, Prefix="archive/")


def test_that_an_archive_can_be_kept_is_tried_without_keeping_anything(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    asked = {"bucket": sandbox.facts.key_bucket, "key": "other/4", "retain_until": "2036-01-01T00:00:00+00:00"}
    assert custodian.ask("keepable", **asked).result() is None
    assert [call["operation"] for call in custodian.drain()] == ["CreateMultipartUpload", "AbortMultipartUpload"]
    assert "Uploads" not in aws["s3"].list_multipart_uploads(Bucket=asked["bucket"])


def test_who_leaves_it_running_ends_all_the_same() -> None:
    program = "from second_edition.custody.client import Custodian; Custodian()"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=LONGEST_S)


def test_no_core_is_dumped(process: subprocess.Popen[bytes]) -> None:
    assert said(process, forms.line(1, "caller"))
    child = psutil.Process(process.pid)
    if hasattr(child, "rlimit"):  # psutil can't tell it of another process on macOS
        assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    program = "from second_edition.custody.custodian import harden; harden(); import resource; print(*resource.getrlimit(4))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "0"]


if sys.platform == "linux":  # what follows asks the kernel of Linux; elsewhere the end of the input does it alone
    ASK = (
        "from second_edition.custody.custodian import harden; harden(); import ctypes; libc = ctypes.CDLL(None); "
        "signal = ctypes.c_int(); libc.prctl(2, ctypes.byref(signal)); print(libc.prctl(3, 0, 0, 0, 0), signal.value)"
    )

    def test_no_variable_of_whoever_starts_it_reaches_the_program_that_loads_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LD_DEBUG", "statistics")  # by which the loader writes a file for each process
        monkeypatch.setenv("LD_DEBUG_OUTPUT", str(tmp_path / "loaded"))
        other = subprocess.Popen([sys.executable, "-c", ""])
        assert other.wait(LONGEST_S) == 0
        with contextlib.closing(Custodian()) as custodian, pytest.raises(Refused):
            custodian.ask("caller").result()
        assert (tmp_path / f"loaded.{other.pid}").exists()
        assert not (tmp_path / f"loaded.{custodian.pid}").exists()

    def test_it_can_be_neither_dumped_nor_traced_and_dies_with_its_parent() -> None:
        assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 1  # a process is dumpable until it says otherwise
        done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["0", str(int(signal.SIGKILL))]

    def test_it_dies_with_its_parent_though_its_input_is_held_open(tmp_path: Path) -> None:
        holder = tmp_path / "pipe"
        os.mkfifo(holder)
        program = (
            "import subprocess, sys, time; "
            f"child = subprocess.Popen({COMMAND!r}, stdin=open({str(holder)!r}), stdout=subprocess.PIPE); "
            "print(child.pid, child.stdout.readline() and '', flush=True); time.sleep(60)"
        )
        parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        with parent, holder.open("wb", buffering=0) as writer:
            writer.write(forms.line(1, "caller"))
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            parent.kill()
            assert gone(pid)
