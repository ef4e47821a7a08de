"""Which code the process loads, what it cannot do, and when it ends."""

import os
import select
import signal
import subprocess
import sys
import threading

import pytest

from byodkim.checks.world import Caller
from byodkim.custody import start
from byodkim.custody.client import Custodian
from byodkim.custody.settings import (
    GetCaller,
    GetIdentity,
    GetKey,
    KeyPlace,
    PutSigningKey,
    SignMessage,
)
from byodkim.errors import CustodyError
from tests.aws.fake_aws import PUT
from tests.custody.conftest import GET_KEY

NOTE = "import pathlib; pathlib.Path({!r}).write_text('loaded')"
LIBRARY = '#include <stdio.h>\n__attribute__((constructor)) void f() {{ fopen("{}", "w"); }}'


def test_python_of_the_caller(start_child, tmp_path):
    mark = tmp_path / "mark"
    own = tmp_path / "own"
    own.mkdir()
    for name in ("sitecustomize.py", "usercustomize.py", "botocore.py", "msgspec.py", "json.py"):
        for folder in (own, tmp_path):  # the second one is the working folder
            (folder / name).write_text(NOTE.format(str(mark)))
    child = start_child(PYTHONPATH=str(own), PYTHONSTARTUP=str(own / "json.py"))
    assert child.ask(GetCaller())["account"]
    usual = {**os.environ, "PYTHONPATH": str(own)}
    subprocess.run(start.command(), input=b"", env=usual, capture_output=True)  # not filtered
    assert not mark.exists()
    subprocess.run([sys.executable, "-c", ""], env=usual, check=True)
    assert mark.exists()


def test_library_of_the_caller(start_child, tmp_path):
    mark, library = tmp_path / "mark", tmp_path / "own.so"
    source = LIBRARY.format(mark).encode()
    compiler = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
    subprocess.run(compiler, input=source, check=True)
    child = start_child(LD_PRELOAD=str(library), GCONV_PATH=str(tmp_path))
    assert child.ask(GetCaller())["account"]
    assert not mark.exists()
    subprocess.run([sys.executable, "-c", ""], env={"LD_PRELOAD": str(library)}, check=True)
    assert mark.exists()


def test_the_run_loads_no_aws():
    code = "import sys, byodkim.custody.client; print([m for m in sys.modules if 'boto' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_write_without_leave(aws, start_child):
    child = start_child()
    sha256 = child.ask(GET_KEY)["sha256"]
    assert child.ask(PutSigningKey("example.jp", "mail-2", sha256))["type"] == "Unread"
    with Custodian(aws.settings()) as custodian:
        answer = custodian.ask(PutSigningKey("example.jp", "mail-2", sha256)).result()
    assert (answer.result, answer.code) == ("rejected", "ReadOnlyCustodian")
    assert aws.count(PUT) == 0


@pytest.mark.parametrize(
    ("domain", "selector"),
    [("example.jp\r\nBcc: a", "mail-2"), ("example.jp\n", "mail-2"), ("example.jp", "a; b=c")],
)
def test_no_signature_over_other_headers(start_child, domain, selector):
    child = start_child()
    sha256 = child.ask(GET_KEY)["sha256"]
    assert child.ask(SignMessage(domain, selector, sha256))["type"] == "Unread"


def ended(pid: int) -> bool:
    """Wait until a process has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 20)[0])
    finally:
        os.close(descriptor)


PARENT = """
import os, sys
from byodkim.custody.client import Custodian
from byodkim.custody.settings import AwsSettings, GetCaller
custodian = Custodian(AwsSettings("ap-northeast-1", endpoint_url=sys.argv[1], sandbox=True))
custodian.ask(GetCaller()).result()
if os.fork() == 0:  # somebody who keeps the pipe open
    os.close(1)
    os.read(0, 1)
    os._exit(0)
print(custodian.pid, flush=True)
custodian.ask(GetCaller()).result(); input()
"""


def test_parent_is_killed(aws):
    command = [sys.executable, "-c", PARENT, aws.settings().endpoint_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        assert ended(pid)


def test_thread_that_started_it_ends(aws):
    custodians: list[Custodian] = []

    def begin():
        custodians.append(Custodian(aws.settings()))
        custodians[0].ask(GetCaller()).result()

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    with custodians[0] as custodian:
        assert isinstance(custodian.ask(GetCaller()).result(), Caller)


def test_interrupt(aws):
    with Custodian(aws.settings()) as custodian:
        custodian.ask(GetCaller()).result()
        os.kill(custodian.pid, signal.SIGINT)
        assert isinstance(custodian.ask(GetCaller()).result(), Caller)
        assert os.getsid(custodian.pid) == custodian.pid


def test_it_dies(aws):
    aws.answers["GetCallerIdentity"][0].delay_s = 0.5
    with Custodian(aws.settings()) as custodian:
        custodian.ask(GetKey(KeyPlace("keys", "dkim/key.pem"))).result()
        waiting = [custodian.ask(GetCaller()), custodian.ask(GetCaller())]
        os.kill(custodian.pid, signal.SIGKILL)
        for future in waiting:
            with pytest.raises(CustodyError) as died:
                future.result()
            assert died.value.code == "CustodianDied"
        with pytest.raises(CustodyError):
            custodian.ask(GetIdentity("example.jp")).result()
        assert [call["operation"] for call in custodian.drain_calls()] == ["GetObject"]


def test_close_while_something_is_under_way(aws):
    aws.answers["GetCallerIdentity"][0].delay_s = 3.0
    custodian = Custodian(aws.settings())
    waiting = custodian.ask(GetCaller())
    custodian.close()
    custodian.close()
    assert ended(custodian.pid)
    with pytest.raises(CustodyError):
        waiting.result()
