"""The sandbox as a child process, its control API, and the world inside this process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.outside import put, servers, txt

EMBEDDED = [sys.executable, "-m", "second_edition.ses_sandbox", "--embedded"]


def is_closed(endpoint_url: str) -> bool:
    host, _, port = endpoint_url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def test_a_child_serves_other_names_and_ends_when_it_is_closed() -> None:
    with Sandbox.start("dns-absent", domain="mail.example.jp", selector="next-1", current_selector="now-1") as own:
        facts = own.facts
        assert (facts.domain, facts.next_selector, facts.current_selector) == ("mail.example.jp", "next-1", "now-1")
        assert (facts.scenario, facts.secret_id) == ("dns-absent", "byodkim/mail.example.jp")
        assert len(txt(servers(facts)[0], "now-1._domainkey.mail.example.jp")) == 1
        assert not is_closed(facts.endpoint_url)
    assert is_closed(facts.endpoint_url)
    own.close()


def test_a_child_dies_with_its_parent_however_that_ends() -> None:
    script = (
        "import sys, time\nfrom second_edition.sandbox.client import Sandbox\n"
        "sandbox = Sandbox.start()\nprint(sandbox.facts.endpoint_url, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        endpoint_url = parent.stdout.readline().strip()
        assert not is_closed(endpoint_url)
        parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=600)
        # The child holds the other end of the same pipe: it reads to its end when the child is gone.
        assert parent.stdout.read() == ""
    for _ in range(200):
        if is_closed(endpoint_url):
            return
        time.sleep(0.05)
    pytest.fail("the sandbox outlived its parent")


def test_an_interrupt_of_the_cell_does_not_end_it() -> None:
    with subprocess.Popen(EMBEDDED, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as own:
        assert own.stdout is not None
        assert own.stdin is not None
        endpoint_url = json.loads(own.stdout.readline())["endpoint_url"]
        os.kill(own.pid, signal.SIGINT)
        assert Sandbox.connect(endpoint_url).state()["facts"]["endpoint_url"] == endpoint_url
        own.stdin.close()
        assert own.wait(timeout=600) == 0


def test_nothing_but_loopback_is_bound(sandbox: Sandbox) -> None:
    addresses = [sandbox.facts.endpoint_url, *sandbox.facts.nameservers.split(",")]
    assert {address.removeprefix("http://").rpartition(":")[0] for address in addresses} == {"127.0.0.1"}
    other = [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    port = int(sandbox.facts.endpoint_url.rpartition(":")[2])
    for address in {str(one) for one in other if not str(one).startswith("127.")}:
        with socket.socket() as probe:
            assert probe.connect_ex((address, port)) != 0


def test_calls_are_logged_without_what_was_sent(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    aws["sts"].get_caller_identity()
    aws["route53"].list_hosted_zones()
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key="a", Body=b"QUJDREVG")
    put(ses, "sel", "QUJDREVG")
    answer = ses.get_email_identity(EmailIdentity="example.jp")
    calls = sandbox.calls()
    assert [(call["service"], call["operation"], call["status"]) for call in calls] == [
        ("sts", "GetCallerIdentity", 200),
        ("route53", "ListHostedZones", 200),
        ("s3", "PutObject", 200),
        ("sesv2", "PutEmailIdentityDkimSigningAttributes", 200),
        ("sesv2", "GetEmailIdentity", 200),
    ]
    assert calls[-1]["request_id"] == answer["ResponseMetadata"]["RequestId"]
    assert all(datetime.fromisoformat(call["at"]).tzinfo is not None for call in calls)
    assert "QUJDREVG" not in json.dumps(calls) + json.dumps(sandbox.state())
    assert len(sandbox.calls("GetCallerIdentity")) == 1


@pytest.fixture
def raw(sandbox: Sandbox) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(sandbox.facts.endpoint_url.removeprefix("http://"), timeout=600)
    yield connection
    connection.close()


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/_sandbox/reset", JSON, 200),
        ("/_sandbox/reset", JSON | {"Host": "localhost:4599"}, 200),
        ("/_sandbox/reset", JSON | {"Host": "[::1]:4599"}, 200),
        ("/_sandbox/reset", JSON | {"Origin": "http://127.0.0.1"}, 403),
        ("/_sandbox/reset", JSON | {"Origin": "null"}, 403),
        ("/_sandbox/reset", JSON | {"Host": "rebound.example.com"}, 403),
        ("/_sandbox/reset", JSON | {"Host": "127.0.0.1.example.com:80"}, 403),
        ("/_sandbox/reset", {"Content-Type": "text/plain"}, 415),
        ("/_sandbox/absent", JSON, 400),
        ("/v2/email/list-identities", JSON | {"Origin": "http://127.0.0.1"}, 403),
    ],
)
def test_no_web_page_can_drive_it(
    raw: http.client.HTTPConnection, path: str, headers: dict[str, str], status: int
) -> None:
    raw.request("POST", path, b"{}", headers)
    response = raw.getresponse()
    response.read()
    assert response.status == status
