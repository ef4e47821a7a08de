"""``byodkim message``: a message held against a record after the run, with what the name servers serve then."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from byodkim.sandbox.client import Facts
from tests.each import each
from tests.notebooks import letters
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe

pytestmark = pytest.mark.prove

CURRENT, NEXT, DOMAIN = "mail-20260912-1", "mail-20261124-1", "example.jp"
OURS = (DOMAIN, NEXT)
Make = Callable[[Facts], bytes]


@dataclass(frozen=True)
class Told:
    """A run that switched; each command after it by its name; SES's calls that those made."""

    ran: Ran
    said: dict[str, subprocess.CompletedProcess[str]]
    calls: int
    folder: Path


MESSAGES: dict[str, Make] = {
    "good": lambda facts: letters.letter(facts, OURS),
    "unsigned": letters.letter,
    "left": lambda facts: letters.letter(facts, (DOMAIN, CURRENT), ("amazonses.com", CURRENT)),  # kept
    "tampered": lambda facts: letters.letter(facts, OURS).replace(b"One line.", b"0ne line."),
    "none": lambda _: b"nothing",
}


def story(stage: Stage) -> Told:
    """A switch; messages; what is kept, changed, and verified; servers that are gone."""
    ran, record = stage.apply(), "outputs/1.ipynb"
    for name, make in MESSAGES.items():
        (stage.folder / f"{name}.eml").write_bytes(make(stage.sandbox.facts))
    before = len(stage.sandbox.calls())
    said = {name: stage.byodkim("message", record, f"{name}.eml") for name in MESSAGES if name != "left"}
    said["kept"] = stage.byodkim("message", record, "good.eml", "--keep")
    said["kept, left"] = stage.byodkim("message", record, "left.eml", "--keep")
    calls = len(stage.sandbox.calls()) - before
    key = ("--key", str(stage.runner.home / ".local/state/byodkim/sealing-key.pub.pem"))
    said["verify"] = stage.byodkim("verify", *key, "outputs")
    there = stage.runner.listed()
    rehearsal = ("rotate", "-p", "selector", NEXT, "-p", "target", "sandbox")
    said["rotate"] = stage.byodkim(*rehearsal, "-p", "message", "none.eml")
    assert stage.runner.listed() == there
    shutil.copytree(stage.folder / "outputs", stage.folder / "changed")
    (path,) = (one for one in (stage.folder / "changed").glob("*.message.*.json") if "proved" in payload(one))
    envelope = json.loads(path.read_text())
    text = payload(path).replace('"verdict":"proved"', '"verdict":"failed"')
    envelope["payload"] = base64.b64encode(text.encode()).decode()
    path.write_text(json.dumps(envelope, indent=1) + "\n")
    said["verify changed"] = stage.byodkim("verify", *key, "changed")
    assert (stage.apply(selector=CURRENT).outcome, stage.run().outcome) == ("SWITCHED", "PLANNED")
    (stage.folder / "later.eml").write_bytes(letters.letter(stage.sandbox.facts, (DOMAIN, CURRENT)))
    said["of a later switch"] = stage.byodkim("message", record, "later.eml", "--keep")
    said["of a plan"] = stage.byodkim("message", "outputs/3.ipynb", "later.eml", "--keep")
    stage.sandbox.unpublish(NEXT, server="ns2")
    said["gone at one"] = stage.byodkim("message", record, "good.eml")
    return Told(ran, said, calls, stage.folder)


def payload(path: Path) -> str:
    return base64.b64decode(json.loads(path.read_text())["payload"]).decode()


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Told:
    return troupe.begin("switched", story).result()


def test_a_message_proves_it_after_the_run(told: Told) -> None:
    said = told.said["good"]
    assert (said.returncode, said.stderr) == (0, "")
    assert f"A real message proves it: signed with s={NEXT} for d=example.jp" in said.stdout
    assert f"message that was sent  s={NEXT}, d=example.jp" in said.stdout
    assert told.calls == 0


@each(
    ("name", "check"),
    [("unsigned", "MESSAGE-SIGNED"), ("tampered", "MESSAGE-VERIFIES"),
     ("gone at one", "MESSAGE-VERIFIES")],
)  # fmt: skip
def test_what_speaks_against_it_is_exit_code_1(told: Told, name: str, check: str) -> None:
    said = told.said[name]
    assert (said.returncode, said.stderr) == (1, "")
    assert f"A real message speaks against it: for s={NEXT} and d=example.jp, {check} failed" in said.stdout
    assert f"{check}  FAIL" in said.stdout


@each("name", ["none", "rotate"])
def test_what_is_no_message_is_one_paragraph(told: Told, name: str) -> None:
    said = told.said[name]
    assert (said.returncode, said.stdout) == (2, "")
    assert "is no message as it was received" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


@each(
    ("name", "what"),
    [("of a plan", "outputs/3.ipynb is no record of a switch"),
     ("of a later switch", "Name that run's record, outputs/2.ipynb.")],
)  # fmt: skip
def test_a_message_that_says_nothing_of_the_run_is_not_held_against_it(told: Told, name: str, what: str) -> None:
    said = told.said[name]
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (2, "", 1)
    assert what in said.stderr


def test_what_is_kept_is_signed_and_verified_with_the_run(told: Told) -> None:
    assert told.said["kept"].returncode == 0
    assert "Kept, and signed: outputs/1." in told.said["kept"].stdout
    verified = told.said["verify"]
    assert verified.returncode == 0
    assert "VERIFIED" in verified.stdout
    assert "a message verified later" in verified.stdout
    assert ": proved (" in verified.stdout
    assert ": failed (" in verified.stdout
    statement = next(path for path in (told.folder / "outputs").glob("*.message.*.json") if "proved" in payload(path))
    assert "hanako" not in payload(statement)
    assert "One line" not in payload(statement)


def test_what_was_changed_afterwards_shows(told: Told) -> None:
    changed = told.said["verify changed"]
    assert changed.returncode == 1
    assert "on a message is none by a key that is trusted" in changed.stdout
