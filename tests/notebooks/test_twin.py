"""A twin of production: rehearsed in, beside the same change in production; and without anything secret of it.

Production is a standing sandbox. Its secrets hold a marked word in every field that nobody may see.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from byodkim.evidence.archived import open_record
from byodkim.evidence.record import Record
from byodkim.sandbox.client import Sandbox
from tests.notebooks.runs import AWS, ROOT
from tests.sandbox.test_standing import free_ports

BYODKIM = [sys.executable, "-m", "byodkim.launch.command_line"]
OLD, NEW = "mail-20260912-2", "mail-20261124-10"
MARK = "Zq7-production-only"


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
        (folder / "notebooks").symlink_to(ROOT / "notebooks")

    def run(self, name: str, *words: str, selector: str = NEW, procedure: str = "rotate", code: int = 0) -> Record:
        notebook = ROOT / "notebooks" / f"{procedure}.ipynb"
        command = [*BYODKIM, procedure, "--notebook", str(notebook), "-r", "selector", selector, *words]
        output = self.folder / "outputs" / f"{name}.ipynb"
        ran = subprocess.run(
            [*command, "-o", str(output)], cwd=self.folder, env=self.environment, capture_output=True, text=True,
            timeout=180, check=False,
        )  # fmt: skip
        assert ran.returncode == code, ran.stdout + ran.stderr
        return Record(open_record(output).events)

    def in_production(self, name: str, *words: str, **more: Any) -> Record:
        target = ("-p", "target", "sandbox", "-p", "endpoint_url", self.production.facts.endpoint_url)
        return self.run(name, *target, *words, **more)

    def kill_in_production(self, name: str, event: str, *words: str, selector: str, procedure: str) -> None:
        """Begin a run, and end all its processes once its journal has an event."""
        command = [*BYODKIM, procedure, "--notebook", str(ROOT / "notebooks" / f"{procedure}.ipynb"), *words]
        url = self.production.facts.endpoint_url
        where = ["-r", "selector", selector, "-p", "target", "sandbox", "-p", "endpoint_url", url]
        run = subprocess.Popen(
            [*command, *where, "-o", f"outputs/{name}.ipynb"], cwd=self.folder, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while run.poll() is None:
            texts = [path.read_text() for path in (self.folder / "outputs").glob(f"{name}.*.journal.jsonl")]
            if any(f'"event":"{event}"' in text for text in texts):
                break
        assert run.poll() is None
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()

    def in_twin(self, name: str, *words: str, **more: Any) -> Record:
        return self.run(name, "-p", "target", "twin", "-p", "endpoint_url", self.twin_url, *words, **more)

    def begin_twin_again(self, name: str) -> None:
        self._end()
        self.begin_twin(name, self.ports)

    def in_edited_twin(self, name: str, *words: str) -> None:
        """Rehearse in a twin whose description has a record more than production."""
        path = self.folder / "world.json"
        command = [*BYODKIM, "twin", "outputs/plan.ipynb", "--description", str(path)]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, capture_output=True)
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
        self.twin_url = f"http://127.0.0.1:{port}"

    def _end(self) -> None:
        if self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda description: Rehearsal(tmp_path, stack, description)


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


@pytest.mark.parametrize(
    "name",
    ["run-sheet", pytest.param("generation", marks=pytest.mark.prove), pytest.param("dated", marks=pytest.mark.prove)],
)
def test_what_was_rehearsed_on_a_twin_is_what_production_then_does(rehearse: Any, name: str) -> None:
    made = rehearse(ESTATES[name])
    planned = made.in_production("plan")
    made.begin_twin("plan")
    tried = made.in_twin("tried", "-p", "mode", "apply")
    done = made.in_production("done", "-p", "mode", "apply")
    assert (tried.outcome, done.outcome) == ("SWITCHED", "SWITCHED")
    assert changed(tried) == changed(done)
    assert verdicts(tried) == verdicts(done)
    assert planned.made is not None
    twin = tried.begin["twin"]
    assert (twin["run"], twin["plan"]["digest"]) == (planned.begin["run"], planned.made.digest)
    waited = tried.last("waited")
    assert waited is not None
    assert waited["seconds"] > 250 > 60 > waited["wall_s"]
    page = (made.folder / "outputs" / "tried.html").read_text("utf-8")
    assert "Rehearsed on a twin of 123456789012, observed at" in page
    assert f"(run {planned.begin['run']})" in page
    assert "The plan is that run&#39;s, with the twin&#39;s own keys." in page
    back = made.in_twin("back", "-p", "mode", "apply", selector=OLD) if name != "dated" else tried
    assert back.outcome == "SWITCHED"
    verified = subprocess.run(
        [*BYODKIM, "verify", "outputs"], cwd=made.folder, env=made.environment, capture_output=True, check=False
    )
    assert verified.returncode == 0, verified.stdout


def test_a_lag_and_a_fault_of_production_are_the_twins_too(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.production.unpublish(NEW, server="ns2")
    made.production.set_record("unrelated.example.jp", "TXT", ["x"], server="ns1")
    made.in_production("plan", code=1)
    made.begin_twin("plan")
    tried = made.in_twin("tried", code=1)
    assert tried.seen is not None
    assert [len(one.records) for one in tried.seen.records] == [1, 0, 1]
    planned = Record(open_record(made.folder / "outputs/plan.ipynb").events)
    assert planned.seen is not None
    assert [one.serial for one in tried.seen.records] == [one.serial for one in planned.seen.records]
    assert verdicts(tried) == verdicts(planned)


@pytest.mark.parametrize("name", ["generation"])
def test_nothing_secret_of_production_reaches_its_twin(rehearse: Any, name: str) -> None:
    made = rehearse(ESTATES[name])
    production = list(held(made.production.facts.endpoint_url))
    secret = {text for text in production if MARK in text}
    keys = set().union(*(windows(text) for text in production if "PRIVATE KEY" in text))
    assert secret
    assert len(keys) > 100
    made.in_production("plan")
    made.begin_twin("plan")
    subprocess.run(
        [*BYODKIM, "twin", "outputs/plan.ipynb", "--description", "world.json"],
        cwd=made.folder, env=made.environment, check=True, capture_output=True,
    )  # fmt: skip
    twin = Sandbox.connect(made.twin_url)
    made.in_twin("tried", "-p", "mode", "apply")
    process = psutil.Process(made.process.pid)
    texts = [
        *held(made.twin_url),
        json.dumps(twin.state()),
        json.dumps(twin.calls()),
        (made.folder / "world.json").read_text(),
        "".join(made.said),
        made.log.read_text(),
        " ".join([*process.cmdline(), *map(str, process.environ().items())]),
        *(path.read_text("latin-1") for path in (made.folder / "outputs").glob("tried*")),
    ]
    for text in texts:
        assert MARK not in text
        bare = "".join(text.split())
        assert not [key for key in keys if key in bare]
    described = json.loads((made.folder / "world.json").read_text())
    shape = described["secrets"][0]["versions"][0]
    assert set(shape) == {"owner", "expires", "example.jp"}
    (first, _) = shape["example.jp"]["live"]
    assert first["login"] == {"user": "{new}", "passwords": ["{new}", {"old": "{new}"}]}
    (text,) = (one for one in held(made.twin_url) if "api_key" in one)
    assert len(json.loads(text)["owner"]) == 16


def test_a_profile_can_require_the_rehearsal_that_the_record_then_names(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    (made.folder / "byodkim.toml").write_text('[default]\nrehearsal = "required"\n')
    made.in_production("plan")
    page = (made.folder / "outputs" / "plan.html").read_text("utf-8")
    assert 0 < page.index("byodkim twin outputs/plan.ipynb") < page.index("To carry it out")
    refused = made.in_production("refused", "-p", "mode", "apply", code=1)
    assert verdicts(refused)["PLAN-REHEARSED"] == "FAIL"
    made.begin_twin("plan")
    made.in_edited_twin("edited", "-p", "mode", "apply")
    refused = made.in_production("refused-edited", "-p", "mode", "apply", code=1)
    (said,) = (one.observed for one in refused.findings if one.id == "PLAN-REHEARSED")
    assert "is not what byodkim twin makes of its plan run" in str(said)
    for path in (made.folder / "outputs").glob("edited.*.journal.jsonl"):
        path.unlink()
    tried = made.in_twin("tried", "-p", "mode", "apply")
    done = made.in_production("done", "-p", "mode", "apply")
    assert (done.outcome, verdicts(done)["PLAN-REHEARSED"]) == ("SWITCHED", "PASS")
    page = (made.folder / "outputs" / "done.html").read_text("utf-8")
    assert f"Rehearsed by run {tried.begin['run']}, which ended SWITCHED" in page
    assert "It made the same writes, and its twin&#39;s plan relies on the same facts" in page
    assert made.in_production("back", "-p", "mode", "apply", selector=OLD).outcome == "SWITCHED"


def test_a_campaign_can_require_the_rehearsal_of_its_canary(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    (made.folder / "byodkim.toml").write_text('[default]\nrehearsal = "canary"\n')
    (made.folder / "table.csv").write_text(f"domain,selector,secret_id\nexample.jp,{NEW},prod/dkim\n")
    table = ("-r", "identities", "table.csv", "-p", "pause_minutes", "0")
    planned = made.in_production("campaign", *table, procedure="fleet")
    apply = (*table, "-p", "mode", "apply", "-r", "approved", str(planned.begin["run"]))
    refused = made.in_production("refused", *apply, procedure="fleet", code=1)
    assert verdicts(refused)["FLEET-REHEARSED"] == "FAIL"
    made.in_production("plan")
    made.begin_twin("plan")
    made.in_twin("tried", "-p", "mode", "apply")
    done = made.in_production("done", *apply, procedure="fleet")
    assert (done.outcome, verdicts(done)["FLEET-REHEARSED"]) == ("SWITCHED", "PASS")


def test_a_campaign_is_rehearsed_on_the_twin_of_its_plan(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    (made.folder / "byodkim.toml").write_text('[default]\nrehearsal = "canary"\n')
    (made.folder / "table.csv").write_text(f"domain,selector,secret_id\nexample.jp,{NEW},prod/dkim\n")
    table = ("-r", "identities", "table.csv", "-p", "pause_minutes", "0")
    planned = made.in_production("campaign", *table, procedure="fleet")
    made.begin_twin("campaign")
    there = made.in_twin("there", *table, procedure="fleet")
    tried = made.in_twin(
        "tried", *table, "-p", "mode", "apply", "-r", "approved", there.begin["run"], procedure="fleet"
    )
    assert tried.outcome == "SWITCHED"
    apply = ("-p", "mode", "apply", "-r", "approved", planned.begin["run"])
    done = made.in_production("done", *table, *apply, procedure="fleet")
    assert (done.outcome, verdicts(done)["FLEET-REHEARSED"]) == ("SWITCHED", "PASS")


def test_a_twin_has_no_twin_and_is_rehearsed_in_whatever_stood_there_before(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.in_production("plan")
    made.begin_twin("plan")
    assert made.in_twin("tried", "-p", "mode", "apply").outcome == "SWITCHED"
    twin_of_twin = subprocess.run(
        [*BYODKIM, "twin", "outputs/tried.ipynb", "--description", "world.json"],
        cwd=made.folder, env=made.environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert twin_of_twin.returncode != 0
    assert "is of a rehearsal" in twin_of_twin.stderr
    made.begin_twin_again("plan")
    assert made.in_twin("again", "-p", "mode", "apply").outcome == "SWITCHED"


@pytest.mark.prove
def test_every_procedure_is_rehearsed_in_one_twin(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.production.reset("unprepared")
    selectors = {"old": made.production.facts.current_selector, "new": made.production.facts.next_selector}
    made.in_production("plan", procedure="prepare", selector=selectors["new"])
    made.begin_twin("plan")
    twin = Sandbox.connect(made.twin_url)
    apply = ("-p", "mode", "apply")
    assert made.in_twin("made", *apply, procedure="prepare", selector=selectors["new"]).outcome == "PREPARED"
    command = [*BYODKIM, "publish", "outputs/made.ipynb", "--apply"]
    subprocess.run(command, cwd=made.folder, env=made.environment, check=True, capture_output=True)
    twin.advance(timedelta(hours=2))
    for name, which in (("there", "new"), ("back", "old"), ("again", "new")):
        assert made.in_twin(name, *apply, selector=selectors[which]).outcome == "SWITCHED"
    twin.advance(timedelta(days=8))
    assert made.in_twin("gone", *apply, procedure="retire", selector=selectors["old"]).outcome == "RETIRED"


def test_a_rehearsal_or_a_run_that_wrote_has_no_twin(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.run("own", "-p", "target", "sandbox", selector="mail-20261124-1")
    made.in_production("plan")
    made.in_production("done", "-p", "mode", "apply")
    why = {"own": "of a rehearsal", "done": "of no plan run", "plan": "A twin of"}
    for name, said in why.items():
        ran = subprocess.run(
            [*BYODKIM, "twin", f"outputs/{name}.ipynb", "--description", "world.json"],
            cwd=made.folder, env=made.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said in ran.stdout + ran.stderr
        assert (ran.returncode == 0) == (name == "plan")


def test_where_no_twin_stands_it_is_said_how_to_start_one(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.twin_url = f"http://127.0.0.1:{free_ports()[0]}"
    with pytest.raises(AssertionError, match=r"byodkim twin RECORD\.ipynb"):
        made.in_twin("tried")


def test_another_sandbox_is_no_twin(rehearse: Any, sandbox: Sandbox) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.twin_url = sandbox.facts.endpoint_url
    with pytest.raises(AssertionError, match="is no twin"):
        made.in_twin("tried")


def test_a_retirement_is_what_was_rehearsed_and_goes_on_after_a_kill(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    profile = '[default]\nrehearsal = "required"\n'
    removing = f'{profile}retire_by = "remove"\nretire_key = "delete"\nretire_secret = "remove"\n'
    (made.folder / "byodkim.toml").write_text(removing)
    made.production.reset("overlap")
    made.production.publish()
    retire: dict[str, Any] = {"procedure": "retire", "selector": made.production.facts.current_selector}
    made.in_production("plan", **retire)
    made.begin_twin("plan")
    (made.folder / "byodkim.toml").write_text(profile)
    assert made.in_twin("tried", "-p", "mode", "apply", **retire).outcome == "RETIRED"
    (made.folder / "byodkim.toml").write_text(removing)
    refused = made.in_production("refused", "-p", "mode", "apply", code=1, **retire)
    assert (refused.outcome, verdicts(refused)["PLAN-REHEARSED"]) == ("REFUSED", "FAIL")
    Sandbox.connect(made.twin_url).reset()
    made.in_twin("removed", "-p", "mode", "apply", **retire)
    made.production.set_knobs(route53_seconds=4)
    made.kill_in_production("killed", "zone-answer", "-p", "mode", "apply", **retire)
    done = made.in_production("done", "-p", "mode", "apply", **retire)
    assert (done.outcome, verdicts(done)["PLAN-REHEARSED"]) == ("RETIRED", "PASS")
    assert done.made is not None
    assert [one.operation for one in done.made.writes][:1] != ["remove"]
    assert "began the change and came to no end" in (made.folder / "outputs" / "done.html").read_text("utf-8")
