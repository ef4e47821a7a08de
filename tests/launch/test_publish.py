"""``byodkim publish`` as its user types it: a real record, a standing sandbox, and a real Knot DNS with TSIG."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byodkim.evidence import journal
from byodkim.evidence.seal import check_seal, read_seal
from byodkim.sandbox.client import Sandbox
from tests.dns.updated import NAME
from tests.notebooks.runs import AWS, ENGINE, PAPERMILL, ROOT
from tests.sandbox.outside import servers, txt

BYODKIM = str(Path(sys.executable).with_name("byodkim"))
SELECTOR = "mail-20261124-1"
SHOWN = "What would change in DNS, and nothing else"


class Desk:
    """An operator's folder with one record, and the command in it."""

    def __init__(self, folder: Path, sandbox: Sandbox, state: Path) -> None:
        self.folder, self.sandbox, self.state = folder, sandbox, state
        self.record = folder / "day-01.ipynb"

    @property
    def environment(self) -> dict[str, str]:
        found = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(self.folder), "TZ": "UTC"}
        return found | {"XDG_STATE_HOME": str(self.state), "LANG": "C.UTF-8", **AWS}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*words], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def publish(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(BYODKIM, "publish", str(self.record), *words)

    def accounts(self) -> list[Path]:
        return sorted(self.folder.glob("*.publication.jsonl"))

    def events(self) -> list[dict[str, object]]:
        """The events of the newest account, its chain checked."""
        return list(journal.read(self.accounts()[-1]).events)

    @property
    def value(self) -> str:
        (sheet,) = self.folder.glob("*.dns-request.zone")
        return "".join(line.strip().strip('"') for line in sheet.read_text().splitlines() if line.startswith("    "))


def made(folder: Path, sandbox: Sandbox, state: Path, *words: str) -> Desk:
    desk = Desk(folder, sandbox, state)
    asked = [PAPERMILL, *ENGINE, str(ROOT / "notebooks/rotate.ipynb"), desk.record.name, "-r", "selector", SELECTOR]
    ran = desk.run(*asked, "-p", "endpoint_url", sandbox.facts.endpoint_url, "--no-progress-bar", *words)
    assert "DNS-PUBLISHED failed" in ran.stderr
    return desk


@pytest.fixture(scope="module")
def first(child: Sandbox, tmp_path_factory: pytest.TempPathFactory, state: Path) -> Desk:
    """A rehearsal's record, refused as the key record is not published."""
    child.reset("dns-absent")
    return made(tmp_path_factory.mktemp("desk"), child, state, "-p", "target", "sandbox")


def copied(first: Desk, folder: Path) -> Desk:
    shutil.copytree(first.folder, folder / "desk")
    return Desk(folder / "desk", first.sandbox, first.state)


@pytest.fixture
def desk(first: Desk, tmp_path: Path) -> Desk:
    first.sandbox.reset("dns-absent")
    return copied(first, tmp_path)


def test_the_plan_is_shown_and_nothing_is_written(desk: Desk) -> None:
    before = desk.sandbox.state()["name_servers"]
    done = desk.publish()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(SHOWN)
    assert f"{NAME}. 3600 IN TXT (" in done.stdout
    assert desk.value[:255] in done.stdout
    assert f"PLANNED  {NAME}: nothing was written" in done.stdout
    assert desk.sandbox.state()["name_servers"] == before
    assert desk.sandbox.calls("ChangeResourceRecordSets") == []
    assert desk.events()[-1]["outcome"] == "PLANNED"


def test_it_is_written_proved_and_an_account_of_it_is_left(desk: Desk) -> None:
    done = desk.publish("--apply")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"PUBLISHED  {NAME} was written; every authoritative server serves it" in done.stdout
    assert "Rehearsal in a sandbox" in done.stdout
    for server in servers(desk.sandbox.facts):
        assert txt(server, NAME) == [desk.value.encode()]
    (path,) = desk.accounts()
    assert str(path) in done.stdout
    account = journal.read(path)
    names = [event["event"] for event in account.events]
    assert names[0] == "publication"
    assert names[-1] == "closed"
    assert names.index("zone-planned") < names.index("zone-intent") < names.index("zone-answer")
    (record,) = desk.folder.glob("*.journal.jsonl")
    lines = record.read_bytes().splitlines(keepends=True)
    assert account.events[0]["of"]["head"] == hashlib.sha256(lines[-1]).hexdigest()
    seal = read_seal(path.with_name(f"{path.name}.seal.json"))
    check_seal(seal, account, {seal.keyid: seal.public_key})
    assert (seal.outcome, seal.head) == ("PUBLISHED", account.head)


def verified(desk: Desk, *paths: Path) -> dict[str, tuple[str, list[str]]]:
    """Return what ``byodkim verify`` says of each run and account: the verdict, and what is off, by file."""
    done = desk.run(BYODKIM, "verify", *map(str, paths or (desk.folder,)), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["sound"] else 1)
    return {
        Path(one["journal"]).name: (one["verdict"], [found["code"] for found in one["findings"] if found["fault"]])
        for one in told["runs"]
    }


@pytest.fixture
def published(desk: Desk) -> Desk:
    assert desk.publish("--apply").returncode == 0
    return desk


def test_the_account_is_verified_with_the_record_that_asked_for_it(published: Desk) -> None:
    (record,), (account,) = published.folder.glob("*.journal.jsonl"), published.accounts()
    assert verified(published) == {record.name: ("verified", []), account.name: ("verified", [])}
    assert verified(published, account) == {account.name: ("verified", [])}
    done = published.run(BYODKIM, "verify", str(published.folder))
    assert "VERIFIED" in done.stdout
    assert "example.jp  PUBLISHED" in done.stdout
    assert re.search(r"^(\d+) ran in a sandbox or on a twin", done.stdout, re.MULTILINE)
    assert done.stdout.count("--head") == 1  # of the identity's newest run


def rewritten(account: Path, alter: Callable[[dict[str, Any]], None]) -> None:
    """An account altered by somebody who can chain it anew, and has no key to seal it with."""
    head, lines = journal.FIRST, []
    for line in account.read_text().splitlines():
        event = json.loads(line)
        alter(event)
        event["previous_line"] = head
        text = journal.canonical(event) + "\n"
        head = hashlib.sha256(text.encode()).hexdigest()
        lines.append(text)
    account.write_text("".join(lines))


def forged(event: dict[str, Any]) -> None:
    for answer in event.get("answers", ()):
        answer["ttl"] = 60


def test_an_account_that_was_tampered_with_is_off(published: Desk) -> None:
    (record,), (account,) = published.folder.glob("*.journal.jsonl"), published.accounts()
    seal = account.with_name(f"{account.name}.seal.json")
    good, sealed, asked = account.read_bytes(), seal.read_bytes(), record.read_bytes()

    account.write_bytes(good.replace(b"PUBLISHED", b"PUBLISHEE", 1))
    assert verified(published)[account.name][0] == "off"
    account.write_bytes(good)
    rewritten(account, forged)
    assert verified(published)[account.name] == ("off", ["seal-other-journal", "raw"])
    account.write_bytes(good)
    seal.unlink()
    assert verified(published)[account.name] == ("off", ["unsealed"])
    seal.write_bytes(sealed)
    account.unlink()
    assert "off" in [verdict for verdict, _ in verified(published).values()]
    account.write_bytes(good)
    record.unlink()
    assert ("off", ["previous-missing"]) in verified(published).values()
    record.write_bytes(asked)
    assert {verdict for verdict, _ in verified(published).values()} == {"verified"}


def test_a_seal_that_is_missing_is_not_made_later(published: Desk) -> None:
    (account,) = published.accounts()
    account.with_name(f"{account.name}.seal.json").unlink()
    assert verified(published, account) == {account.name: ("off", ["unsealed"])}
    assert published.run(BYODKIM, "archive", str(account)).returncode == 1
    assert verified(published, account) == {account.name: ("off", ["unsealed"])}


def test_a_publication_that_was_stopped_is_noted_and_made_up_for(published: Desk) -> None:
    (account,) = published.accounts()
    account.with_name(f"{account.name}.seal.json").unlink()
    lines = account.read_bytes().splitlines(keepends=True)
    stop = next(number for number, line in enumerate(lines) if b'"event":"zone-answer"' in line)
    account.write_bytes(b"".join(lines[:stop]))
    assert verified(published)[account.name] == ("off", ["account-open"])
    assert "was stopped before it ended" in published.run(BYODKIM, "verify", str(account)).stdout
    again = published.publish("--apply")
    assert again.returncode == 0
    assert "STANDS" in again.stdout
    assert verified(published)[account.name] == ("stopped", [])


def test_an_account_that_was_removed_or_cut_back_shows(published: Desk) -> None:
    """By the head that was written down while it was the newest; then by the identity's next run."""
    (account,) = published.accounts()
    seal = account.with_name(f"{account.name}.seal.json")
    good, sealed = account.read_bytes(), seal.read_bytes()
    head = next(
        line.split()[1]
        for line in published.run(BYODKIM, "verify", str(published.folder)).stdout.splitlines()
        if "--head" in line
    )
    account.unlink()
    seal.unlink()
    assert published.run(BYODKIM, "verify", str(published.folder)).returncode == 0
    assert published.run(BYODKIM, "verify", str(published.folder), "--head", head).returncode == 1
    account.write_bytes(good)
    seal.write_bytes(sealed)
    asked = ["-r", "selector", SELECTOR, "-p", "endpoint_url", published.sandbox.facts.endpoint_url]
    template = str(ROOT / "notebooks/rotate.ipynb")
    assert published.run(PAPERMILL, template, "then.ipynb", *asked, "-p", "target", "sandbox").returncode == 0
    (then,) = published.folder.glob("then.*.journal.jsonl")
    assert {verdict for verdict, _ in verified(published).values()} == {"verified"}
    account.unlink()
    seal.unlink()
    assert verified(published)[then.name] == ("off", ["previous-missing"])
    for kept in (1, good.count(b"\n") - 1):
        account.write_bytes(b"".join(good.splitlines(keepends=True)[:kept]))
        told = verified(published)
        assert told[account.name] == ("off", ["account-open"])
        assert told[then.name] == ("off", ["previous-altered"])


def test_what_stands_already_is_proved_and_not_written_again(desk: Desk) -> None:
    desk.sandbox.publish()
    for words in ((), ("--apply",)):
        done = desk.publish(*words)
        assert done.returncode == 0
        assert f"STANDS  {NAME} stood as wanted already" in done.stdout
    assert desk.sandbox.calls("ChangeResourceRecordSets") == []


def test_where_a_server_does_not_serve_it_the_exit_code_says_so(desk: Desk) -> None:
    desk.sandbox.set_knobs(route53_seconds=60.0)
    desk.sandbox.publish(server="ns1")
    done = desk.publish("--apply", "--wait-minutes", "0")
    assert done.returncode == 1
    assert f"UNPROVED  {NAME} stands in the zone; not every authoritative server was seen to serve it" in done.stdout
    assert desk.events()[-1]["outcome"] == "UNPROVED"
    desk.sandbox.set_knobs(route53_seconds=0.0)


def test_a_refusal_is_one_paragraph_and_an_account(desk: Desk) -> None:
    desk.sandbox.set_record(NAME, "TXT", ["v=spf1 -all"])
    done = desk.publish("--apply")
    assert done.returncode == 1
    assert f"REFUSED  {NAME}: nothing was written" in done.stdout
    assert "Another TXT record stands at" in done.stdout
    assert desk.sandbox.calls("ChangeResourceRecordSets") == []
    assert desk.events()[-1]["outcome"] == "REFUSED"
    assert desk.publish("--apply", "--replace", "v=spf1 -all").returncode == 0
    assert txt(servers(desk.sandbox.facts)[1], NAME) == [desk.value.encode()]


def test_killed_at_its_write_the_same_command_completes_it(desk: Desk) -> None:
    desk.sandbox.set_knobs(aws_latency_ms=700.0)
    with subprocess.Popen(
        [BYODKIM, "publish", str(desk.record), "--apply"], cwd=desk.folder, env=desk.environment, stdout=subprocess.PIPE
    ) as child:
        while not any(b'"event":"zone-intent"' in path.read_bytes() for path in desk.accounts()):
            assert child.poll() is None
            time.sleep(0.01)
        child.kill()
    desk.sandbox.set_knobs(aws_latency_ms=0.0)
    (account,) = desk.accounts()
    assert journal.read(account).events[-1]["event"] == "zone-intent"
    assert txt(servers(desk.sandbox.facts)[0], NAME) in ([], [desk.value.encode()])
    done = desk.publish("--apply")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "STANDS" in done.stdout or "PUBLISHED" in done.stdout
    for server in servers(desk.sandbox.facts):
        assert txt(server, NAME) == [desk.value.encode()]


def test_a_record_that_was_altered_publishes_nothing(desk: Desk) -> None:
    (record,) = desk.folder.glob("*.journal.jsonl")
    record.write_text(record.read_text().replace("example.jp", "example.com", 1))
    done = desk.publish("--apply")
    assert done.returncode == 2
    assert "contradicts itself" in done.stderr
    assert desk.sandbox.calls("ChangeResourceRecordSets") == []
    assert desk.accounts() == []


def test_the_record_of_a_rehearsal_whose_sandbox_is_gone_is_told_as_that(first: Desk, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    desk = Desk(own, first.sandbox, first.state)
    asked = [PAPERMILL, *ENGINE, str(ROOT / "notebooks/rotate.ipynb"), desk.record.name, "-r", "selector", SELECTOR]
    desk.run(*asked, "-p", "target", "sandbox:dns-absent", "--no-progress-bar")
    done = desk.publish()
    assert done.returncode == 2
    assert "the record of a rehearsal whose sandbox is gone" in done.stderr
    assert desk.accounts() == []


@pytest.mark.parametrize("words", [("--wait-minutes", "-1"), ("--wait-minutes", "x"), ("--nonsense",)])
def test_a_wrong_option_is_refused_before_anything_is_touched(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.publish(*words)
    assert done.returncode == 2
    assert desk.accounts() == []
