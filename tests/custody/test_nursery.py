"""Custodians that are forked: each alone, with every guarantee of one that was started. Linux only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from byodkim.custody import client, isolation, private_key
from byodkim.custody.client import Custodian
from byodkim.custody.forked import Forked, Nursery
from byodkim.custody.isolation import harmless
from byodkim.custody.nursery import CUSTODIAN
from byodkim.errors import CustodyError
from byodkim.sandbox.client import Sandbox
from tests.custody import forms
from tests.custody.loopback import serving
from tests.custody.test_process import LONGEST_S, gone

if sys.platform == "linux":

    @pytest.fixture
    def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("n")  # a short name: a socket's has 107 bytes

    @pytest.fixture
    def nursery(folder: Path) -> Iterator[Nursery]:
        nursery = Nursery(folder / "custodians")
        client.fork_from(nursery.path)
        yield nursery
        client.fork_from(None)
        nursery.close()

    @pytest.fixture
    def forked(nursery: Nursery) -> Iterator[Custodian]:  # noqa: ARG001
        custodian = Custodian()
        yield custodian
        custodian.close()

    def serves(custodian: Custodian) -> None:
        """Waits until it answers: by then it is what it is to be."""
        with pytest.raises(client.Refused, match="NotOpen"):
            custodian.ask("caller").result()

    def test_it_is_a_process_of_its_own_below_the_nursery(nursery: Nursery, forked: Custodian) -> None:
        serves(forked)
        process = psutil.Process(forked.pid)
        assert (process.ppid(), process.name()) == (nursery.process.pid, CUSTODIAN)
        assert process.cmdline()[1:] == isolation.command("byodkim.custody.nursery", *process.cmdline()[-2:])[1:]

    def test_it_does_what_one_that_was_started_does(forked: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
        key, path = private_key.load(forms.pem(forms.PKCS8)), "dkim-keys/example.jp/mail-20261124-1/private_key.pem"
        aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=path, Body=forms.pem(forms.PKCS8))
        forked.ask("open", settings=forms.settings(sandbox.facts.endpoint_url)).result()
        place = {"selector": "mail-20261124-1", "path": path, "bucket": sandbox.facts.key_bucket}
        found = forked.ask("key", **place, domain="example.jp").result()
        assert found["sha256"] == key.sha256
        put = {"name": "example.jp", "selector": "mail-20261124-1", "sha256": key.sha256}
        assert forked.ask("put", **put).result()["answer"]["status"] == 200
        assert [call["operation"] for call in forked.drain()][-1] == "PutEmailIdentityDkimSigningAttributes"

    def test_a_custodian_that_only_looks_is_refused_what_writes(nursery: Nursery) -> None:  # noqa: ARG001
        custodian = Custodian(read_only=True)
        with pytest.raises(client.Refused, match="ReadOnly"):
            custodian.ask("put", name="example.jp", selector="a", sha256="").result()
        custodian.close()
        assert gone(custodian.pid)

    def test_keys_made_by_two_are_two(nursery: Nursery, sandbox: Sandbox) -> None:  # noqa: ARG001
        """OpenSSL's random numbers, of which a forked process must not repeat its sibling's."""
        made = set()
        for _ in range(2):
            custodian = Custodian()
            custodian.ask("open", settings=forms.settings(sandbox.facts.endpoint_url)).result()
            made.add(custodian.ask("make", selector="mail-20270101-1").result()["sha256"])
            custodian.close()
        assert len(made) == 2

    def test_it_has_no_file_of_its_siblings_and_dumps_no_core(nursery: Nursery) -> None:
        custodians = [Custodian() for _ in range(3)]
        for custodian in custodians:
            serves(custodian)
        children = psutil.Process(nursery.process.pid).children()
        assert {child.pid for child in children} == {custodian.pid for custodian in custodians}
        for child in children:
            links = [str(link.readlink()) for link in Path(f"/proc/{child.pid}/fd").iterdir()]
            assert len({link for link in links if link.startswith("socket:")}) == 1
            assert not any("anon_inode" in link for link in links)  # no pidfd, no selector
            assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        for custodian in custodians:
            custodian.close()
        assert all(gone(custodian.pid) for custodian in custodians)

    def test_it_ends_when_its_input_ends_whatever_is_under_way(nursery: Nursery) -> None:  # noqa: ARG001
        custodian = Custodian()
        with serving(GET=[lambda _: time.sleep(1)]) as slow:
            custodian.ask("open", settings=forms.settings(slow.url)).result()
            under_way = custodian.ask("identity", name="example.jp")
            assert slow.came.wait(10)
            custodian.close()
            assert gone(custodian.pid)
            with pytest.raises(CustodyError, match="has ended before it answered"):
                under_way.result(LONGEST_S)

    def test_one_that_is_killed_before_it_has_read_what_it_was_asked_answers_nothing_and_keeps_nobody_waiting(
        forked: Custodian,
    ) -> None:
        serves(forked)
        psutil.Process(forked.pid).suspend()
        asked = [forked.ask("caller") for _ in range(3)]
        psutil.Process(forked.pid).kill()
        for one in asked:
            with pytest.raises(CustodyError, match="has ended before it answered"):
                one.result(LONGEST_S)

    ASKER = """
import os, sys, time
from pathlib import Path
from byodkim.custody.forked import Forked
forked = Forked(Path(sys.argv[1]), read_only=False)
held = os.fork()  # which holds the custodian's input open
if held:
    print(forked.pid, held, flush=True)
time.sleep(60)
"""

    def test_it_dies_with_who_asked_for_it_though_its_input_is_held_open(nursery: Nursery) -> None:
        command = [sys.executable, "-c", ASKER, str(nursery.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as asker:
            assert asker.stdout is not None
            pid, holder = map(int, asker.stdout.readline().split())
            asker.kill()
            assert gone(pid)
            assert psutil.pid_exists(holder)
            os.kill(holder, signal.SIGKILL)

    def test_it_dies_with_the_nursery_and_the_next_is_started(nursery: Nursery, forked: Custodian) -> None:
        nursery.process.kill()
        assert gone(forked.pid)
        with pytest.raises(CustodyError, match="has ended before it answered"):
            forked.ask("caller").result(LONGEST_S)
        started = Custodian()
        serves(started)
        assert psutil.Process(started.pid).cmdline()[1:] == isolation.command("byodkim.custody.custodian")[1:]
        started.close()

    def test_the_nursery_ends_with_its_keeper(folder: Path) -> None:
        program = (
            "import sys, time; from pathlib import Path; from byodkim.custody.forked import Forked, Nursery; "
            "nursery = Nursery(Path(sys.argv[1])); forked = Forked(nursery.path, read_only=False); "
            "print(nursery.process.pid, forked.pid, flush=True); time.sleep(60)"
        )
        command = [sys.executable, "-c", program, str(folder / "custodians")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as keeper:
            assert keeper.stdout is not None
            pids = list(map(int, keeper.stdout.readline().split()))
            keeper.kill()
            assert all(gone(pid) for pid in pids)

    def test_no_variable_decides_which_code_gets_to_hold_a_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "sitecustomize.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
        (folder / "json.py").write_text("raise SystemExit('not the library')")
        monkeypatch.setenv("PYTHONPATH", str(folder))
        monkeypatch.chdir(folder)
        nursery = Nursery(folder / "custodians")
        environment = Path(f"/proc/{nursery.process.pid}/environ").read_bytes()
        forked = Forked(nursery.path, read_only=False)
        forked.stdin.close()
        forked.wait(LONGEST_S)
        forked.stdout.close()
        nursery.close()
        assert b"PYTHONPATH" not in environment
        assert not (folder / "ran").exists()
        assert harmless({"PYTHONPATH": "a", "LD_PRELOAD": "b", "AWS_PROFILE": "c"}) == {"AWS_PROFILE": "c"}

    def test_what_is_not_a_request_is_no_custodian(nursery: Nursery) -> None:
        for text in (b"\n", b"{}\n", b'{"read_only": false}\n', b""):
            with socket.socket(socket.AF_UNIX) as other:
                other.connect(str(nursery.path))
                told, given, _, _ = socket.recv_fds(other, 64, 1)
                other.sendall(text)
                other.shutdown(socket.SHUT_WR)
                os.close(given[0])
                assert other.recv(64) == b""
                assert gone(int(told))
        assert nursery.process.poll() is None

    def test_another_answer_than_the_custodian_s_is_never_on_its_output(nursery: Nursery) -> None:
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(nursery.path))
            told, given, _, _ = socket.recv_fds(other, 64, 1)
            other.sendall(b'{"read_only": false, "folder": "/", "environment": {}}\n' + forms.line(7, "caller"))
            assert b'"NotOpen"' in other.recv(4096)
            os.close(given[0])
        assert gone(int(told))
