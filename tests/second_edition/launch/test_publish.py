"""Publish as its user starts it: a real record, a standing sandbox, and the command or plain papermill."""

from __future__ import annotations

import copy
import hashlib
import re
import shlex
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from second_edition.display.words import Words
from second_edition.events.parts import Asker
from second_edition.events.run import Begin
from second_edition.events.zone import ZoneIntent
from second_edition.evidence import journal
from second_edition.evidence.journal import Account
from second_edition.procedures.publish import record as display
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dns.updated import NAME
from tests.second_edition.evidence.journals import OF_JOURNAL, Log
from tests.second_edition.notebooks.outside import client
from tests.second_edition.notebooks.runs import AWS, ENGINE, ENTRY, PAPERMILL, ROOT
from tests.second_edition.sandbox.outside import servers, txt
from tests.second_edition.verification.judged import judge
from tests.second_edition.verification.made import events_of, put, reseal, without
from tests.second_edition.verification.made import write as rewritten

BYODKIM = str(Path(sys.executable).with_name("byodkim-second-edition"))
SELECTOR = "mail-20261124-1"
NOTEBOOKS = ROOT / "lib/second_edition/notebooks"
APPLY = ("-p", "mode", "apply")
CHANGES = "ChangeResourceRecordSets"


class Desk:
    """An operator's folder with one record in its archive, and the command in it."""

    def __init__(self, folder: Path, sandbox: Sandbox, state: Path) -> None:
        self.folder, self.sandbox, self.state = folder, sandbox, state
        self.archive = folder / "outputs"
        self.record = self.archive / "day-01.ipynb"

    @property
    def environment(self) -> dict[str, str]:
        found = {"PATH": f"{ENTRY}:{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": ENTRY, "HOME": str(self.folder), "TZ": "UTC"}
        return found | {"XDG_STATE_HOME": str(self.state), "LANG": "C.UTF-8", **AWS}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*words], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )

    def command(self, *words: str) -> list[str]:
        template = str(NOTEBOOKS / "publish.ipynb")
        return [BYODKIM, "publish", str(self.record), "--notebook", template, *words]

    def publish(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(*self.command(*words))

    def rotate(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        at = ("-r", "selector", SELECTOR, "-p", "endpoint_url", self.sandbox.facts.endpoint_url)
        template = str(NOTEBOOKS / "rotate.ipynb")
        return self.run(PAPERMILL, *ENGINE, template, f"outputs/{name}", *at, "--no-progress-bar", *words)

    def journals(self) -> list[Path]:
        """Those of publish, oldest first."""
        found = sorted(self.archive.glob("*.journal.jsonl"), key=journal.run_of)
        return [path for path in found if journal.read(path).procedure == "publish"]

    def account(self) -> Account:
        """The newest run of publish, its chain checked."""
        return journal.read(self.journals()[-1])

    def verified(self) -> dict[str, tuple[str, list[str]]]:
        """What verification says of each run: the verdict and what is off, by journal."""
        return {
            one.path.name: (one.verdict, [found.code for found in one.findings if found.fault])
            for one in judge(self.archive)
        }

    @property
    def value(self) -> str:
        (sheet,) = self.archive.glob("*.dns-request.zone")
        return "".join(line.strip().strip('"') for line in sheet.read_text().splitlines() if line.startswith("    "))

    def served(self) -> list[list[bytes]]:
        return [txt(server, NAME) for server in servers(self.sandbox.facts)]


def made(folder: Path, sandbox: Sandbox, state: Path, *words: str) -> Desk:
    desk = Desk(folder, sandbox, state)
    desk.archive.mkdir()
    assert "DNS-PUBLISHED failed" in desk.rotate("day-01.ipynb", *words).stderr
    return desk


def copied(first: Desk, folder: Path) -> Desk:
    shutil.copytree(first.folder, folder / "desk")
    return Desk(folder / "desk", first.sandbox, first.state)


@pytest.fixture(scope="module")
def first(child: Sandbox, tmp_path_factory: pytest.TempPathFactory, state: Path) -> Desk:
    """A rehearsal's record, refused as the key record is not published: its world ends with the next reset."""
    child.reset("dns-absent")
    return made(tmp_path_factory.mktemp("desk"), child, state, "-p", "target", "sandbox")


@pytest.fixture(scope="module")
def first_published(first: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = copied(first, tmp_path_factory.mktemp("published"))
    done = desk.publish(*APPLY)
    assert (done.returncode, done.stderr) == (0, ""), done
    return desk


@pytest.fixture
def published(first_published: Desk, tmp_path: Path) -> Desk:
    return copied(first_published, tmp_path)


@pytest.fixture
def desk(child: Sandbox, tmp_path: Path, state: Path) -> Desk:
    child.reset("dns-absent")
    return made(tmp_path, child, state, "-p", "target", "sandbox")


def test_a_record_from_which_nothing_can_be_published_is_refused_before_anything_is_read(
    first: Desk, tmp_path: Path
) -> None:
    desk = copied(first, tmp_path)
    journals = set(desk.archive.glob("*.journal.jsonl"))
    alone = Desk(tmp_path / "alone", desk.sandbox, desk.state)
    alone.archive.mkdir(parents=True)
    alone.rotate("day-01.ipynb", "-p", "endpoint_url", "", "-p", "target", "sandbox:dns-absent")
    asker = next(desk.archive.glob("day-01.*.journal.jsonl"))
    asker.write_text(asker.read_text().replace("example.jp", "example.com", 1))
    for command, words in (
        (desk.command(*APPLY), "does not hold"),
        (alone.command(), "the record of a rehearsal whose sandbox is gone"),
        ([BYODKIM, "publish", "--notebook", str(NOTEBOOKS / "publish.ipynb")], "No record was given"),
    ):
        done = desk.run(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert set(desk.archive.glob("*.journal.jsonl")) == journals


def test_its_record_lies_beside_that_which_asks_for_it(first: Desk, tmp_path: Path) -> None:
    desk = copied(first, tmp_path)
    desk.archive = desk.archive.rename(desk.folder / "elsewhere")
    desk.record = desk.archive / desk.record.name
    assert desk.publish().returncode == 0
    assert len(desk.journals()) == 1
    assert not (desk.folder / "outputs").exists()


def test_an_archive_that_was_tampered_with_is_off(published: Desk) -> None:
    (path,), asker = published.journals(), next(published.archive.glob("day-01.*.journal.jsonl"))
    notebook = published.archive / f"{journal.stem_of(path)}.ipynb"
    assert {verdict for verdict, _ in published.verified().values()} == {"verified"}
    for file, change, code in (
        (notebook, lambda data: data.replace(b"PUBLISHED", b"UNCHANGED"), "outputs"),
        (path, lambda data: data.replace(b"PUBLISHED", b"PUBLISHEE", 1), ""),
        (asker, lambda data: data.replace(b"REFUSED", b"PLANNED", 1), "previous-altered"),
    ):
        good = file.read_bytes()
        file.write_bytes(change(good))
        verdict, codes = published.verified()[path.name]
        assert verdict == "off"
        assert code in codes or not code, codes
        file.write_bytes(good)


def test_who_has_the_key_cannot_tell_of_another_write_or_proof(published: Desk) -> None:
    (path,) = published.journals()
    for other in published.archive.glob(f"{journal.stem_of(path)}*"):
        if other != path:
            other.unlink()  # the journal alone, so that nothing else speaks
    good = events_of(path)
    reseal(path)
    assert published.verified()[path.name] == ("verified", [])
    for change, code in (
        (put("zone-intent", "change", "name", "x._domainkey.example.jp"), "unplanned"),
        (put("zone-proved", "answers", []), "unplanned"), (put("zone-proved", "proved", False), "unplanned"),
        (put("zone-proved", "sha256", "0" * 64), "unplanned"), (without("zone-proved"), "outcome-other"),
        (without("zone-intent", "zone-answer", "zone-settled"), "outcome-other"),
        (put("closed", "outcome", "UNCHANGED"), "outcome"), (put("closed", "outcome", "PLANNED"), "outcome"),
        (put("closed", "outcome", "REFUSED"), "outcome"), (put("begin", "mode", "plan"), "outcome"),
    ):  # fmt: skip
        events = copy.deepcopy(good)
        change(events)
        rewritten(path, events)
        reseal(path)
        verdict, codes = published.verified()[path.name]
        assert (verdict, code in codes) == ("off", True), (code, codes)


def test_the_chain_goes_through_publish_from_one_rotation_to_the_next(published: Desk) -> None:
    """A change of SES between the two is seen, though the run in between looked at DNS alone."""
    (path,) = published.journals()
    reply = ("byodkim", "reply", str(published.record))
    assert "SES is set to sign" not in published.run(*reply).stdout
    early = ("-p", "waive", "TIME-ACTIVATE: a rehearsal")
    assert published.rotate("day-02.ipynb", "-p", "target", "sandbox", *APPLY, *early).returncode == 0
    assert "SES is set to sign" in published.run(*reply).stdout  # by a later run
    then = next(published.archive.glob("day-02.*.journal.jsonl"))
    assert journal.read(then).previous.run == journal.run_of(path)
    assert published.publish().returncode == 0
    again = published.journals()[-1]
    assert journal.read(again).previous.run == journal.run_of(then)
    assert {verdict for verdict, _ in published.verified().values()} == {"verified"}

    ses = client(published.sandbox.facts, "sesv2")
    ses.put_email_identity_dkim_attributes(EmailIdentity=published.sandbox.facts.domain, SigningEnabled=False)
    ses.close()
    published.rotate("day-03.ipynb", "-p", "target", "sandbox")
    changed = next(published.archive.glob("day-03.*.journal.jsonl"))
    assert "changed-between" in published.verified()[changed.name][1]


@pytest.mark.prove
def test_the_commands_that_the_terminal_prints_work_below_the_project(
    child: Sandbox, tmp_path: Path, state: Path
) -> None:
    child.reset("unprepared")
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    (tmp_path / "byodkim.toml").write_text("[default]\n")
    (tmp_path / "below").mkdir()
    desk = Desk(tmp_path / "below", child, state)
    at = ("-p", "target", "sandbox", "-p", "endpoint_url", child.facts.endpoint_url)
    prepared = desk.run(BYODKIM, "prepare", "-r", "selector", SELECTOR, *at, *APPLY)
    assert str(tmp_path) not in prepared.stdout
    publish, rotate = re.findall(r"Next: ((?:byodkim|papermill) .*)", prepared.stdout)
    for command, outcome in ((publish, "PUBLISHED"), (rotate, "PLANNED")):
        done = desk.run(*shlex.split(command))
        assert done.stdout.startswith(outcome), done
    record = desk.folder / shlex.split(publish)[2]
    assert record.parent.resolve() == tmp_path / "outputs"
    above = Desk(tmp_path, child, state).run(BYODKIM, "record", str(record))
    assert above.stdout.count("These commands are for the folder below of the project.") == 1
    page = record.with_suffix(".html").read_text()
    assert re.search("papermill .*>These commands are for the folder below of the project.<.*>below<", page, re.DOTALL)


def test_plain_papermill_writes_ahead_proves_and_names_the_record_that_asked(desk: Desk) -> None:
    template, asked = str(NOTEBOOKS / "publish.ipynb"), "outputs/day-01.ipynb"
    done = desk.run(PAPERMILL, template, "outputs/published.ipynb", "-p", "of", asked, *APPLY, "-p", "ticket", "CHG-1")
    assert done.returncode == 0, done.stderr
    assert desk.served() == [[desk.value.encode()]] * 2
    account = desk.account()
    names = [event["event"] for event in account.as_json]
    assert names.index("planned") < names.index("zone-intent") < names.index("zone-answer") < names.index("closed")
    begin, asker = account.begin, next(desk.archive.glob("day-01.*.journal.jsonl"))
    head = hashlib.sha256(asker.read_bytes().splitlines(keepends=True)[-1]).hexdigest()
    run = journal.run_of(asker)
    assert begin.of == Asker(run=run, record="day-01.ipynb", head=head)
    assert (account.previous.run, begin.ticket, account.outcome) == (run, "CHG-1", "PUBLISHED")
    assert {verdict for verdict, _ in desk.verified().values()} == {"verified"}


def test_killed_at_its_write_the_same_command_completes_it(desk: Desk) -> None:
    desk.sandbox.set_knobs(aws_latency_ms=700.0)
    with subprocess.Popen(
        desk.command(*APPLY), cwd=desk.folder, env=desk.environment, stdout=subprocess.DEVNULL
    ) as child:
        while not any(b'"event":"zone-intent"' in path.read_bytes() for path in desk.archive.glob("*.journal.jsonl")):
            assert child.poll() is None
            time.sleep(0.01)
        child.kill()
    desk.sandbox.set_knobs(aws_latency_ms=0.0)
    (stopped,) = desk.journals()
    assert journal.read(stopped).as_json[-1]["event"] == "zone-intent"
    done = desk.publish(*APPLY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert desk.account().outcome in ("UNCHANGED", "PUBLISHED")
    assert desk.served() == [[desk.value.encode()]] * 2
    assert desk.verified()[stopped.name] == ("stopped", [])


@pytest.mark.prove
def test_another_record_is_refused_and_replaced_where_its_value_is_named(desk: Desk) -> None:
    desk.sandbox.set_record(NAME, "TXT", ["v=spf1 -all"])
    done = desk.publish(*APPLY)
    assert done.returncode == 1
    assert f"REFUSED  {NAME} was not published; nothing was written" in done.stdout
    assert desk.sandbox.calls(CHANGES) == []
    assert desk.publish(*APPLY, "-r", "replace", "v=spf1 -all").returncode == 0
    assert desk.served() == [[desk.value.encode()]] * 2
    told = display.answers(desk.account(), Words("en", UTC))
    assert "replaced, as the parameter replace says: v=spf1 -all" in " ".join(told["changed"])
    assert "no other record was touched" not in " ".join(told["safe"])
    assert "put it back" in " ".join(told["back"])


@pytest.mark.prove
def test_a_record_from_before_a_reset_is_refused_and_the_command_named_makes_one_that_counts(desk: Desk) -> None:
    desk.sandbox.reset("dns-absent")
    done = desk.publish(*APPLY)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1), done
    assert "day-01.ipynb is the record of a rehearsal in another sandbox" in done.stderr
    for command in ("request", "reply"):
        assert desk.run("byodkim", command, str(desk.record)).stderr == done.stderr, command
    assert desk.journals() == []
    again = shlex.split(done.stderr.rpartition(": ")[2])
    template = ("--notebook", str(NOTEBOOKS / "rotate.ipynb"), "-o", "outputs/anew.ipynb")
    assert "DNS-PUBLISHED failed" in desk.run(*again, *template).stderr
    anew = Desk(desk.folder, desk.sandbox, desk.state)
    anew.record = desk.archive / "anew.ipynb"
    assert anew.publish(*APPLY).returncode == 0


def test_a_record_that_somebody_else_signed_publishes_nothing(desk: Desk, tmp_path: Path) -> None:
    """Whoever can put files into the archive would choose the key that mail of the domain is verified by."""
    other = Desk(desk.folder, desk.sandbox, tmp_path / "other")
    done = other.publish(*APPLY)
    assert (done.returncode, done.stdout) == (2, "")
    assert "which is not among those that count here. Nothing was written; mail is signed" in done.stderr
    assert desk.sandbox.calls(CHANGES) == []
    assert re.search(r"the key [0-9a-f]{64}", done.stderr)
    assert "whoever made that run gets the line for it by byodkim archive RECORD" in done.stderr
    listed = {who: who.run("byodkim", "archive", str(desk.record)).stdout for who in (desk, other)}
    (line,) = set(re.findall(r"ed25519:[\w+/=]+", listed[desk]))
    assert f"Where you know from elsewhere whose key that is, list it under sealing_keys: {line}" in listed[other]
    (desk.folder / "byodkim.toml").write_text(f'[default]\nsealing_keys = ["{line}"]\n')
    assert other.publish(*APPLY).returncode == 0
    assert desk.served() == [[desk.value.encode()]] * 2


def test_what_a_killed_run_below_the_archive_or_beside_the_record_withdrew_is_not_published_again(desk: Desk) -> None:
    asker = next(desk.archive.glob("day-01.*.journal.jsonl"))
    begin = {name: value for name, value in events_of(asker)[0].items() if name not in OF_JOURNAL}
    below, beside = desk.archive / "CHG-1050", desk.folder / "CHG-1050"
    below.mkdir()
    own = f"{begin['run'][:-1]}x"
    retire = Log(below / f"retire.{own}.journal.jsonl", lambda: datetime.now(UTC))
    retire.write(Begin, **{**begin, "run": own, "procedure": "retire"})
    retire.write(ZoneIntent)
    retire.close()

    def refused(record: Path) -> None:
        desk.record = record
        done = desk.publish(*APPLY)
        assert (done.returncode, "KEY-RETIRED failed" in done.stderr) == (1, True), done
        for command in ("request", "reply"):
            assert "CAUTION" in desk.run("byodkim", command, str(record), "-o", f"{record.stem}-{command}.txt").stderr

    refused(desk.record)
    below.rename(beside)
    for file in desk.archive.glob("day-01.*"):
        file.rename(beside / file.name)
    for file in desk.folder.glob("day-01.re*"):
        file.unlink()
    refused(beside / "day-01.ipynb")
    assert desk.sandbox.calls(CHANGES) == []
