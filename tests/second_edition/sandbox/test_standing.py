"""``byodkim sandbox`` as people use it: a standing world and the commands that change it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.second_edition.notebooks.runs import PAPERMILL, ROOT, execute
from tests.second_edition.sandbox.outside import NEXT, txt

SANDBOX = [sys.executable, "-m", "second_edition.launch.command_line", "sandbox"]


def free_ports() -> tuple[int, int]:
    """A port for AWS, and one for DNS whose neighbour is free too."""
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        while True:
            with socket.socket() as second, socket.socket() as third:
                second.bind(("127.0.0.1", 0))
                port: int = second.getsockname()[1]
                try:
                    third.bind(("127.0.0.1", port + 1))
                except OSError:
                    continue
            return first.getsockname()[1], port


class Standing:
    """A standing sandbox and its commands."""

    def __init__(self, port: int, dns_port: int, greeting: str) -> None:
        self.port, self.dns_port, self.greeting = port, dns_port, greeting

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [*SANDBOX, *words, "--port", str(self.port)]
        return subprocess.run(command, capture_output=True, text=True, timeout=600)

    def state(self, *words: str) -> dict[str, Any]:
        done = self.run(*words, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        state: dict[str, Any] = json.loads(done.stdout)
        return state

    def published(self) -> list[int]:
        name = f"{NEXT}._domainkey.example.jp"
        return [len(txt(("127.0.0.1", self.dns_port + number), name)) for number in range(2)]


@contextmanager
def started(scenario: str, *more: str) -> Iterator[Standing]:
    port, dns_port = free_ports()
    command = [*SANDBOX, "--port", str(port), "start", "--dns-port", str(dns_port), "--scenario", scenario, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        greeting = ""
        while "Ctrl-C" not in greeting and (line := process.stdout.readline()):
            greeting += line
        yield Standing(port, dns_port, greeting)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=600) == 0


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    with started("dns-absent") as found:
        yield found


def test_the_command_that_it_suggests_is_one_for_its_scenario(tmp_path: Path) -> None:
    (tmp_path / "notebooks").symlink_to(ROOT / "lib/second_edition/notebooks")
    (tmp_path / "outputs").mkdir()
    with started("unprepared") as unprepared:
        (command,) = re.findall(r"^  (papermill .*\n.*)$", unprepared.greeting, re.MULTILINE)
        done = execute([PAPERMILL, *shlex.split(command.replace("\\\n", " "))[1:]], tmp_path)
    assert done.stdout.startswith("PREPARED"), done.stderr


def test_it_says_how_to_use_it_ready_to_be_copied(standing: Standing) -> None:
    exports = dict(re.findall(r"^  export (\w+)=(\S+)$", standing.greeting, re.MULTILINE))
    assert exports == {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{standing.port}",
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
    }
    assert f"-p nameservers 127.0.0.1:{standing.dns_port},127.0.0.1:{standing.dns_port + 1}" in standing.greeting
    assert "dns-absent). The next key record is not published yet." in standing.greeting


@pytest.mark.prove
def test_its_own_lines_work_in_a_shell(standing: Standing) -> None:
    lines = [line for line in standing.greeting.splitlines() if re.match("  (export|aws|dig) ", line)]
    assert len(lines) == 6
    tools = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120
    script = "set -e\n" + "\n".join(lines)
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": tools, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["DkimAttributes"]["Status"] == "SUCCESS"


def test_commands_change_it(standing: Standing) -> None:
    state = standing.state("reset", "--scenario", "dns-absent")
    assert (state["facts"]["scenario"], standing.published()) == ("dns-absent", [0, 0])
    standing.state("publish", "--server", "ns2")
    assert standing.published() == [0, 1]
    standing.state("publish")
    assert standing.published() == [1, 1]
    taken_away = standing.run("unpublish", "--selector", NEXT, "--server", "ns1")
    assert taken_away.stdout.startswith(f"{NEXT}._domainkey.example.jp: ns2.example.jp\nThe sandbox at ")
    assert standing.published() == [0, 1]
    assert standing.run("knob", "tokens", "empty").stdout.startswith("tokens: empty\n")
    assert standing.state("state")["knobs"]["tokens"] == "empty"
    standing.state("unpublish", "--selector", "mail-20260912-1")
    assert standing.state("advance", "72h")["identities"]["example.jp"]["status"] == "FAILED"
    state = standing.state("reset")
    assert (state["facts"]["scenario"], state["facts"]["clock_offset_s"]) == ("dns-absent", 0)
    assert state["identities"]["example.jp"]["status"] == "SUCCESS"
    assert standing.state("state")["facts"]["endpoint_url"] == f"http://127.0.0.1:{standing.port}"


def test_the_key_record_of_another_identity_is_taken_away_and_published_again() -> None:
    with started("fleet") as fleet:
        name = f"{NEXT}._domainkey.d00001.example.jp"
        for command, serving in (("unpublish", "-"), ("publish", "ns1.example.jp, ns2.example.jp")):
            assert fleet.run(command, "--identity", "d00001.example.jp").stdout.startswith(f"{name}: {serving}\n")
            assert [bool(txt(("127.0.0.1", fleet.dns_port + n), name)) for n in range(2)] == [serving != "-"] * 2
            assert fleet.published() == [1, 1]
        for command in ("unpublish", "publish"):
            refused = fleet.run(command, "--identity", "nosuch.example.jp")
            assert (refused.returncode, refused.stderr) == (1, "The sandbox has no identity 'nosuch.example.jp'.\n")
        lacking = fleet.run("publish", "--identity", "d00001.example.jp", "--selector", "mail-9")
        assert lacking.stderr == "The sandbox has no key pair for 'mail-9._domainkey.d00001.example.jp'.\n"


def test_somebody_else_s_value_is_published_as_it_was_typed(standing: Standing) -> None:
    typed, name = "p=customerProvidedPublicKey", f"{NEXT}._domainkey.example.jp"
    servers = [("127.0.0.1", standing.dns_port + number) for number in range(2)]
    standing.state("publish", "--value", typed)
    assert [txt(server, name) for server in servers] == [[typed.encode()], [typed.encode()]]
    standing.state("publish", "--server", "ns1")
    (corrected,), lagging = (txt(server, name) for server in servers)
    assert (corrected.startswith(b"v=DKIM1; k=rsa; p=MII"), lagging) == (True, [typed.encode()])
    standing.state("publish", "--value", "v=DKIM1; p=", "--selector", "mail-3", "--server", "ns2")
    assert [txt(server, "mail-3._domainkey.example.jp") for server in servers] == [[], [b"v=DKIM1; p="]]


def test_a_taken_port_is_said_in_one_paragraph(standing: Standing) -> None:
    done = standing.run("start", "--dns-port", str(standing.dns_port))
    assert done.returncode == 1
    assert re.fullmatch(
        r"The DNS port \d+ on 127.0.0.1 cannot be used \(.*Another sandbox .*--dns-port, .*\n", done.stderr
    )
