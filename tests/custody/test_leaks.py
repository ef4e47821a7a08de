"""No byte of a private key leaves the process, whatever AWS quotes, and whoever looks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from byodkim.checks.world import KeyObject
from byodkim.custody.client import Custodian
from byodkim.custody.settings import (
    LEAKED,
    GetCaller,
    GetIdentity,
    GetKey,
    GetSecret,
    PutSigningKey,
    SignMessage,
)
from byodkim.errors import CustodyError
from tests.aws.fake_aws import IDENTITY, PUT, Answer, error, secret
from tests.aws.keys import bare, holds_fragment, pem
from tests.custody.conftest import GET_KEY

PART = bare(pem())[900:960]


def test_the_search_itself():
    assert holds_fragment(pem())
    assert holds_fragment(PART.encode())
    assert not holds_fragment(b"x" * 99)


def test_usual_work(start_child, tmp_path):
    """Everything is asked once; what was written, and what others see, is searched."""
    child = start_child("--writes", HOME=str(tmp_path), TMPDIR=str(tmp_path))
    sha256 = child.ask(GET_KEY)["sha256"]
    assert child.ask(GetCaller())["account"] == "123456789012"
    assert child.ask(GetSecret("dkim"))["type"] == "Secret"
    assert "DKIM-Signature" in child.ask(SignMessage("example.jp", "mail-2", sha256))["text"]
    assert child.ask(PutSigningKey("example.jp", "mail-2", sha256))["result"] == "accepted"
    process = Path(f"/proc/{child.process.pid}")
    seen = [(process / name).read_bytes() for name in ("environ", "cmdline")]
    seen += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not holds_fragment(child.end() + b"".join(seen))


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (Answer({"DkimStatus": "PENDING", "DkimTokens": [PART]}), True),
        (Answer({"DkimStatus": PART}), True),
        (Answer({"DkimStatus": {"quoted": PART}}), False),
        (Answer({"DkimStatus": "PENDING", "Quoted": bare(pem())}), False),
        (error("BadRequestException", 400, bare(pem())), False),
        (error(PART.replace("+", "-").replace("/", "_"), 400), True),
        (error(bare(pem()), 400), False),
        (Answer(pem(), 500), False),
        (Answer({"DkimStatus": "PENDING"}, headers={"x-amzn-RequestId": PART}), True),
        (Answer({"DkimStatus": "PENDING"}, headers={"x-amzn-RequestId": bare(pem())}), False),
    ],
)
def test_aws_quotes_the_key(aws, start_child, answer, ends):
    aws.answers[PUT] = [answer]
    child = start_child("--writes")
    sha256 = child.ask(GET_KEY)["sha256"]
    result = child.ask(PutSigningKey("example.jp", "mail-2", sha256))
    assert (result == {}) == ends
    assert not holds_fragment(child.end())
    assert child.process.returncode == (LEAKED if ends else 0)


def test_client_of_one_that_stopped(aws):
    dkim = {**IDENTITY["DkimAttributes"], "SigningHostedZone": PART}
    aws.answers["GetEmailIdentity"] = [Answer({**IDENTITY, "DkimAttributes": dkim})]
    with Custodian(aws.settings()) as custodian:
        assert isinstance(custodian.ask(GetKey(GET_KEY.place)).result(), KeyObject)
        with pytest.raises(CustodyError) as stopped:
            custodian.ask(GetIdentity("example.jp")).result()
    assert stopped.value.code == "LeakStopped"


@pytest.mark.parametrize("content", [pem().decode(), json.dumps({"x": bare(pem())}), PART * 3])
def test_secret(aws, start_child, content):
    one = {"selector": "mail-2", "dns_record": {"value": "v=DKIM1; p=x"}}
    child = start_child()
    for quoted in (content, json.dumps({**one, "selector": content}), json.dumps({content: 1})):
        aws.answers["GetSecretValue"] = [secret(quoted)]
        assert child.ask(GetSecret("dkim"))["type"] in ("Secret", "Unread")
    assert not holds_fragment(child.end())


LOOK = """
import subprocess, sys
from byodkim.custody.client import Custodian
from byodkim.custody.settings import AwsSettings, GetCaller

def denied(pid):
    try:
        open(f"/proc/{pid}/mem", "rb").close()
        open(f"/proc/{pid}/environ", "rb").close()
    except PermissionError:
        return True
    return False

usual = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1)
usual.stdout.readline()
settings = AwsSettings("ap-northeast-1", endpoint_url=sys.argv[1], sandbox=True)
with Custodian(settings) as custodian:
    custodian.ask(GetCaller()).result()
    attached = subprocess.run(["gdb", "-p", str(custodian.pid), "-batch"], capture_output=True)
    print(denied(usual.pid), denied(custodian.pid), b"not permitted" in attached.stderr)
usual.communicate(b"\\n")
"""


def test_memory(aws):
    """Another process of the same user opens no memory, and attaches no debugger."""
    drop = ["setpriv", "--bounding-set=-sys_ptrace"] if os.geteuid() == 0 else []
    command = [*drop, sys.executable, "-c", LOOK, aws.settings().endpoint_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]
