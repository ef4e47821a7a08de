"""A production in a sandbox of its own, a twin of one of its records, and runs in both."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3

from second_edition.evidence.archived import open_record
from second_edition.evidence.record import Record
from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks.runs import AWS, ENTRY, ROOT
from tests.second_edition.sandbox.test_standing import free_ports

BYODKIM = [sys.executable, "-m", "second_edition.launch.command_line"]
OLD, NEW = "mail-20260912-2", "mail-20261124-10"
MARK = "Zq7-production-only"


def recorded(notebook: Path) -> Record:
    """Return the record of a run."""
    record = open_record(notebook).record
    assert record is not None
    return record


def marked(number: int) -> str:
    return f"{MARK}-{number:03}"


def entry(selector: str, path: str, value: str, first: int) -> dict[str, Any]:
    """An entry of a secret with a note, a token and a password of its own."""
    return {
        "selector": selector,
        "dns_record": {"value": value, "note": marked(first)},
        "s3_key_path": path,
        "token": marked(first + 1),
        "login": {"user": marked(first + 2), "passwords": [marked(first + 3), {"old": marked(first + 4)}]},
    }


def estate(layout: str, secret: Any, value: str, ttl: int, **more: Any) -> dict[str, Any]:
    """A production of one identity, with key objects of one layout."""
    paths = {one: layout.format(selector=one) for one in (OLD, NEW)}
    versions = secret(paths, {one: value.format(key=f"{{key:{one}}}") for one in paths})
    names = [f"{one}._domainkey.example.jp" for one in paths]
    return {
        "domain": "example.jp",
        "current_selector": OLD,
        "next_selector": NEW,
        "secret_id": "prod/dkim",
        "key_bucket": "prod-keys",
        "keys": {OLD: 2048, NEW: 2048},
        "servers": [{"name": f"ns{number}.example.jp"} for number in (1, 2, 3)],
        "zones": [{"apex": "example.jp", "serials": [2026112701] * 3, "negative_ttl": 60}],
        "identities": [{"name": "example.jp", "selectors": [OLD], "key": OLD}],
        "secrets": [{"name": "prod/dkim", "versions": versions}],
        "objects": [{"bucket": "prod-keys", "path": path, "key": one} for one, path in paths.items()],
        "records": [
            {"name": name, "values": [value.format(key=f"{{key:{one}}}")], "servers": [0, 1, 2], "ttl": ttl}
            for name, one in zip(names, paths, strict=True)
        ],
        **more,
    }


def two_versions(paths: dict[str, str], values: dict[str, str]) -> list[Any]:
    return [entry(one, paths[one], values[one], 10 * number) for number, one in enumerate(paths)]


def generation(paths: dict[str, str], values: dict[str, str]) -> list[Any]:
    """Several selectors in one secret, nested, with the address form of paths and a note in the key record."""
    entries = [
        entry(one, f"s3://prod-keys/{paths[one]}", values[one].replace("p=", f"n={marked(90)}; p="), 10 * number)
        for number, one in enumerate(paths)
    ]
    return [{"owner": marked(50), "expires": "2027-11-24", "example.jp": {"live": entries, "api_key": marked(51)}}]


ESTATES = {
    "run-sheet": estate(
        "dkim-keys/example.jp/{selector}/private_key.pem", two_versions, "v=DKIM1; k=rsa; p={key}", 300
    ),
    "generation": estate("dkim-certificates/example.jp/{selector}/private_key.pem", generation, "k=rsa; p={key}", 3600),
    "dated": estate(
        "private_keys/example.jp/{selector}/private_key_20261120_101500.pem", two_versions, "k=rsa; p={key}", 3600,
        identities=[{"name": "example.jp", "selectors": [OLD], "key": OLD, "status": "FAILED", "verified": False}],
        objects=[
            {"bucket": "prod-keys", "key": one, "form": "PKCS#1 base64",
             "path": f"private_keys/example.jp/{one}/private_key_20261120_101500.pem"}
            for one in (OLD, NEW)
        ],
    ),
    "any-characters": estate("鍵/a+b%20c d?/{selector}.pem", generation, "k=rsa; p={key}", 3600),
}  # fmt: skip


class Rehearsal:
    """A production, its records, and a twin of one of them."""

    def __init__(self, folder: Path, stack: ExitStack, description: dict[str, Any]) -> None:
        self.folder, self._stack = folder, stack
        path = folder / "production.json"
        path.write_text(json.dumps(description))
        self.production = stack.enter_context(Sandbox.start(description=str(path)))
        path.unlink()
        self.environment = {**os.environ, **AWS, "HOME": str(folder), "BYODKIM_LANGUAGE": "en", "LANGUAGE": "en"}
        (folder / "outputs").mkdir()
        (folder / "notebooks").symlink_to(ROOT / "lib/second_edition/notebooks")

    def run(self, name: str, *words: str, selector: str = NEW, procedure: str = "rotate", code: int = 0) -> Record:
        notebook = ROOT / "lib/second_edition/notebooks" / f"{procedure}.ipynb"
        output = self.folder / "outputs" / f"{name}.ipynb"
        given = ("--notebook", str(notebook), "-r", "selector", selector, *words, "-o", str(output))
        self.byodkim(procedure, *given, code=code)
        return recorded(output)

    def byodkim(self, *words: str, code: int = 0) -> str:
        """What a command says, which must end with this exit code."""
        ran = subprocess.run(
            [*BYODKIM, *words], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def describe(self, name: str, code: int = 0) -> str:
        """Describe the twin of a record in ``world.json``."""
        return self.byodkim("twin", f"outputs/{name}.ipynb", "--description", "world.json", code=code)

    def in_production(self, name: str, *words: str, **more: Any) -> Record:
        target = ("-p", "target", "sandbox", "-p", "endpoint_url", self.production.facts.endpoint_url)
        return self.run(name, *target, *words, **more)

    def store_anew(self, secret: str) -> None:
        """Put the same value into a secret of production again: another version."""
        session = boto3.Session("sandbox", "sandbox", region_name=self.production.facts.region)
        client = session.client("secretsmanager", endpoint_url=self.production.facts.endpoint_url)
        self._stack.callback(client.close)
        value = client.get_secret_value(SecretId=secret)["SecretString"]
        client.put_secret_value(SecretId=secret, SecretString=value)

    def shell(self, line: str) -> str:
        """What a line prints that somebody copied."""
        path = os.pathsep.join([ENTRY, str(Path(sys.executable).parent), os.environ["PATH"]])
        ran = subprocess.run(
            line, shell=True, cwd=self.folder, env=self.environment | {"PATH": path}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def in_twin(self, name: str, *words: str, **more: Any) -> Record:
        return self.run(name, "-p", "target", "twin", "-p", "endpoint_url", self.twin_url, *words, **more)

    def begin_twin_again(self, name: str) -> None:
        self._end()
        self.begin_twin(name, self.ports)

    def in_edited_twin(self, name: str, *words: str) -> None:
        """Rehearse in a twin whose description has a record more than production."""
        path = self.folder / "world.json"
        self.describe("plan")
        world = json.loads(path.read_text())
        world["records"].append({"name": "more.example.jp", "values": ["x"], "servers": [0]})
        path.write_text(json.dumps(world))
        with Sandbox.start(description=str(path)) as edited:
            self.run(name, "-p", "target", "twin", "-p", "endpoint_url", edited.facts.endpoint_url, *words)

    def begin_twin(self, name: str, ports: tuple[int, int] | None = None) -> None:
        self.ports = port, dns_port = ports or free_ports()
        self.log = self.folder / "twin.log"
        command = [*BYODKIM, "twin", f"outputs/{name}.ipynb", "--port", str(port), "--dns-port", str(dns_port)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._stack.callback(self._end)
        assert self.process.stdout is not None
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("Ctrl-C"):
                break
        else:
            self.process.wait()
        self.twin_url = f"http://127.0.0.1:{port}"
        if not ports and self.process.poll() and "cannot be used" in self.log.read_text():
            self.begin_twin(name)  # another process was faster to take a port

    def _end(self) -> None:
        if self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=600)
        assert self.process.returncode == 0


def clients(endpoint_url: str) -> dict[str, Any]:
    session = boto3.Session("sandbox", "sandbox", region_name="ap-northeast-1")
    return {name: session.client(name, endpoint_url=endpoint_url) for name in ("s3", "secretsmanager", "sesv2")}


def held(endpoint_url: str) -> Iterator[str]:
    """Yield every text that a world holds: its secrets' versions and its objects."""
    aws = clients(endpoint_url)
    for one in aws["secretsmanager"].list_secrets()["SecretList"]:
        for version in aws["secretsmanager"].list_secret_version_ids(SecretId=one["Name"])["Versions"]:
            found = aws["secretsmanager"].get_secret_value(SecretId=one["Name"], VersionId=version["VersionId"])
            yield found["SecretString"]
    for bucket in aws["s3"].list_buckets()["Buckets"]:
        for one in aws["s3"].list_objects_v2(Bucket=bucket["Name"]).get("Contents", ()):
            yield aws["s3"].get_object(Bucket=bucket["Name"], Key=one["Key"])["Body"].read().decode("latin-1")


def windows(text: str) -> set[str]:
    """Return pieces of a key by which it is known, however its lines are cut."""
    bare = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    return {bare[at : at + 24] for at in range(40, len(bare) - 24, 24)}


def changed(record: Record) -> list[tuple[str, ...]]:
    """Return what a run did, but for keys, versions and times: its rows before and after, and its writes."""
    rows = [
        (row.field, str(row.before), str(row.after)) for row in record.comparison if not row.field.startswith("last_")
    ]
    made = record.made
    assert made is not None
    return [*rows, *((one.operation, one.target, one.current_selector, one.next_selector) for one in made.writes)]


def verdicts(record: Record) -> dict[str, str]:
    return {one.id: one.verdict.value for one in record.findings}
