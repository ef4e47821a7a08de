"""The README's commands, run in order in a fresh clone of HEAD with an empty home; what it shows is what comes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from byodkim.messages import Language
from tests.project.checkout import clone, environment
from tests.project.readme import LANGUAGES, blocks, only, table, text_of
from tests.sandbox.test_standing import free_ports

# The sandbox's own ports may be taken on this machine.
PORTS = {"4599": 0, "5354": 1}
END = "-- end of block {} --"
# Calls whose permission has another name.
PERMISSIONS = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket"}
REASONS = {"en": "yearly rotation", "ja": "年次更新"}


@dataclass(frozen=True)
class Walk:
    """What was left by all commands of the README: the clone, and what each block wrote."""

    folder: Path
    said: list[str]
    greeting: str
    opened: dict[Language, str]

    def notebook(self, name: str) -> dict[str, Any]:
        """An executed notebook."""
        found: dict[str, Any] = json.loads((self.folder / "outputs" / f"{name}.ipynb").read_text("utf-8"))
        return found

    def headline(self, name: str) -> str:
        """What stands at the top of a record, as plain text."""
        return headline(self.notebook(name))

    def events(self, name: str = "*") -> list[dict[str, Any]]:
        """The events of the journals beside records of this name."""
        paths = sorted((self.folder / "outputs").glob(f"{name}.*.journal.jsonl"))
        return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]

    def accounts(self) -> list[dict[str, Any]]:
        """The events of all runs, and of all publications."""
        paths = sorted((self.folder / "outputs").glob("*.publication.jsonl"))
        return [*self.events(), *(json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines())]


def headline(notebook: dict[str, Any]) -> str:
    """What stands at the top of a record, as plain text."""
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    (output,) = (output for output in first["outputs"] if "data" in output)
    return "".join(output["data"]["text/plain"])


def script(text: str) -> str:
    """The blocks to run, each with the exit code that it must have, as one shell session."""
    lines = ["set -e"]
    for number, block in enumerate(block for block in blocks(text) if block.marks[1:2] == ("run",)):
        if block.kind == "run":
            lines.append(block.text)
        else:
            code = block.kind.removeprefix("run exit-")
            lines.append(f"code=0\n{block.text.rstrip()} || code=$?\ntest $code = {code}")
        lines.append(f"echo '{END.format(number)}'")
    return "\n".join(lines)


def on_ports(text: str, ports: tuple[int, int]) -> str:
    """A text with the sandbox's usual ports replaced, and every sandbox command told about them."""
    for usual, place in PORTS.items():
        text = re.sub(rf"\b{usual}\b", str(ports[place]), text)
    return text.replace("byodkim sandbox", f"byodkim sandbox --port {ports[0]} --dns-port {ports[1]}")


def terminal(folder: Path, commands: str, env: dict[str, str]) -> subprocess.Popen[str]:
    """A shell of its own, so that what it has started can be ended with it."""
    return subprocess.Popen(
        ["/bin/sh", "-c", commands],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Ends a terminal and what runs in it; the rest of what it wrote."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    return process.communicate(timeout=10)[0]


def greeted(process: subprocess.Popen[str]) -> str:
    """What the standing sandbox says when it is ready."""
    assert process.stdout is not None
    greeting = ""
    while "Ctrl-C" not in greeting and (line := process.stdout.readline()):
        greeting += line
    return greeting


def finished(process: subprocess.Popen[str]) -> str:
    """All that a terminal has written when its commands have ended, each with the exit code that was told."""
    try:
        said = process.communicate(timeout=240)[0]
    except subprocess.TimeoutExpired:
        said = ended(process, signal.SIGKILL)
    assert process.returncode == 0, said[-4000:]
    return said


def opening(folder: Path, env: dict[str, str], language: Language) -> str:
    """How a record opens: one run in a folder of its own, where there is no profile and no earlier run."""
    here = folder.parent / language
    here.mkdir()
    given = {
        "target": "sandbox", "mode": "apply", "reason": REASONS[language],
        "ticket": "CHG-1042", "requested_by": "mail-team",
    }  # fmt: skip
    given |= {} if language == "en" else {"language": language}
    words = [word for name, value in given.items() for word in ("-p", name, value)]
    program, notebook = folder / ".venv/bin/papermill", folder / "notebooks/rotate.ipynb"
    command = [str(program), str(notebook), "record.ipynb", "-r", "selector", "mail-20261124-1", *words]
    subprocess.run(command, cwd=here, env=env | {"TZ": "UTC"}, check=True, capture_output=True, timeout=120)
    return headline(json.loads((here / "record.ipynb").read_text("utf-8")))


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    base = tmp_path_factory.mktemp("readme")
    folder, env, ports = clone(base), environment(base / "home"), free_ports()
    text = text_of(folder, "en")
    first = terminal(folder, on_ports(only(text, "terminal-1").text, ports), env)
    try:
        greeting = greeted(first)
        with ThreadPoolExecutor(1) as beside:
            openings = {language: beside.submit(opening, folder, env, language) for language in LANGUAGES}
            said = finished(terminal(folder, on_ports(script(text), ports), env))
        opened = {language: future.result() for language, future in openings.items()}
    finally:
        ended(first, signal.SIGTERM)
    return Walk(folder, re.split(r"-- end of block \d+ --\n", said), greeting, opened)


def test_the_demo_says_what_happened_and_where_the_record_is(walk: Walk) -> None:
    demo = walk.said[0]
    assert "SWITCHED  example.jp signs with mail-20261124-1" in demo
    named = re.search(r"(?m)^Record: (outputs/demo-\w+\.html)$", demo)
    assert named is not None
    assert (walk.folder / named[1]).read_text("utf-8").startswith("<!doctype html>")


def test_the_sandbox_stands_in_the_world_that_was_asked_for(walk: Walk) -> None:
    assert walk.greeting.startswith("The sandbox stands: dns-absent.")


@pytest.mark.parametrize(
    ("name", "outcome", "selector"),
    [
        ("day-01", "REFUSED", "mail-20261124-1"),
        ("day-14-plan", "PLANNED", "mail-20261124-1"),
        ("day-14", "SWITCHED", "mail-20261124-1"),
        ("day-14-back", "SWITCHED", "mail-20260912-1"),
        ("pending", "SWITCHED-PENDING", "mail-20261124-1"),
        ("completed", "SWITCHED", "mail-20261124-1"),
        ("request", "REFUSED", "mail-20261124-1"),
    ],
)
def test_the_rehearsal_comes_out_as_told(walk: Walk, name: str, outcome: str, selector: str) -> None:
    first = walk.headline(name).splitlines()[0]
    assert first.startswith(f"{outcome}  ")
    assert selector in first


def test_thirteen_days_lie_between_the_request_and_the_switch(walk: Walk) -> None:
    (asked, *_), (switched, *_) = walk.events("day-01"), walk.events("day-14")
    assert (asked["at"] < switched["at"], walk.events("day-14-plan")[0]["previous"]["run"]) == (True, asked["run"])


def test_the_record_is_a_page(walk: Walk) -> None:
    assert "SWITCHED" in (walk.folder / "outputs/day-14.html").read_text("utf-8")


def test_only_the_runs_that_were_to_write_have_written(walk: Walk) -> None:
    wrote = {
        event["record"]: any(
            call["operation"].startswith("Put") for one in walk.events(name) for call in one.get("calls", ())
        )
        for name in ("day-01", "day-14-plan", "day-14", "day-14-back", "pending", "completed")
        for event in walk.events(name)[:1]
    }
    assert [name for name, did in wrote.items() if did] == ["day-14.ipynb", "day-14-back.ipynb", "pending.ipynb"]


def test_other_eyes_see_what_the_readme_shows(walk: Walk) -> None:
    text = text_of(walk.folder, "en")
    looked = next(said for said in walk.said if '"SigningAttributesOrigin"' in said)
    assert set(only(text, "shown").text.splitlines()) <= set(looked.splitlines())
    # dig's answer, its strings joined, is the value that was asked of the DNS team.
    answered = "".join(re.findall(r'"([^"]*)"', looked.splitlines()[-1]))
    assert answered == walk.events("day-01")[-2]["value"]


def test_publishing_comes_out_as_told(walk: Walk) -> None:
    outcomes = [event["outcome"] for event in walk.accounts() if event["event"] == "closed"]
    assert [outcome for outcome in outcomes if outcome in ("PUBLISHED", "STANDS")] == ["PUBLISHED"]
    assert (walk.folder / "outputs/request.yaml").read_text("utf-8").count("type: TXT") == 1


def test_the_files_for_the_dns_team_are_those_three(walk: Walk) -> None:
    (listed,) = (said for said in walk.said if said.startswith("outputs/day-01."))
    assert sorted(Path(name).suffix for name in listed.split()) == [".csv", ".txt", ".zone"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_run_calls_is_what_it_is_permitted(walk: Walk, language: Language) -> None:
    rows = table(text_of(walk.folder, language), {"en": "action", "ja": "アクション"}[language])
    actions = {action.partition(":")[2] for row in rows for action in re.split("[,、] ?", row[0])}
    called = {call["operation"] for event in walk.accounts() for call in event.get("calls", ())}
    needed = {PERMISSIONS.get(operation, operation) for operation in called}
    assert {"GetEmailIdentity", "PutEmailIdentityDkimSigningAttributes", "GetObject"} <= needed
    assert {"ChangeResourceRecordSets", "GetChange"} <= needed
    # What these worlds do not call for: a layout to look for, a lock or copies in S3, keys to decrypt and to seal with,
    # a key pair to make, a message to send; and what exploring calls, which keeps no account.
    others = {"ListBucket", "PutObject", "PutObjectRetention", "GetObjectRetention", "SendEmail", "ListEmailIdentities"}
    others |= {"PutSecretValue", "UpdateSecretVersionStage"}
    others |= {"ListBucketVersions", "GetObjectVersion", "DeleteObjectVersion", "DeleteObject"}  # a key that is to go
    assert actions - needed <= others | {"Decrypt", "GenerateDataKey", "Sign", "GetPublicKey"}
    assert needed <= actions


def test_everything_is_left_in_outputs(walk: Walk) -> None:
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=walk.folder, capture_output=True, text=True, check=True
    ).stdout
    assert changed == ""


def varying(text: str) -> str:
    """A text with every number and hash in it replaced, and empty lines left out: what is the same in each run."""
    lines = [line for line in text.splitlines() if line.strip()]
    return re.sub(r"\b[0-9a-f]*\d[0-9a-f]*(\.\d+)?|\d+", "#", re.sub(r"\d+(\.\d+)?", "0", "\n".join(lines)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_that_is_shown_is_how_a_record_opens(walk: Walk, language: Language) -> None:
    assert varying(only(text_of(walk.folder, language), "record").text) == varying(walk.opened[language])
