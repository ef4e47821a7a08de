"""A campaign as its caller sees it: the command, its record, and the records of its identities."""

from __future__ import annotations

import csv
import json
import os
import shlex
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from second_edition.sandbox.client import Sandbox
from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.stage import BYODKIM as BYODKIM
from tests.second_edition.notebooks.stage import Stage

PUT = "PutEmailIdentityDkimSigningAttributes"
AT_ONCE = ("-r", "pause_minutes", "0", "-r", "at_once", "3")
Event = dict[str, Any]


@dataclass
class Campaign:
    """One run of ``byodkim fleet``: its exit code, what it said, and its journal's events."""

    code: int
    said: str
    complained: str
    journal: Path
    events: list[Event] = field(repr=False)

    @property
    def run(self) -> str:
        """Its id."""
        return str(self.events[0]["run"])

    @property
    def outcome(self) -> str:
        """As it closed; "" where it did not."""
        return str(self.events[-1].get("outcome", ""))

    def event(self, name: str) -> Event:
        """The last event of that name."""
        return [event for event in self.events if event["event"] == name][-1]

    def all(self, name: str) -> list[Event]:
        """The events of that name."""
        return [event for event in self.events if event["event"] == name]

    @property
    def came(self) -> dict[str, str]:
        """Outcome by domain, of those that ended in this run of the campaign."""
        return {event["domain"]: event["outcome"] for event in self.all("ended")}

    @property
    def record(self) -> Path:
        """The executed notebook."""
        return self.journal.with_name(f"{self.journal.name.split('.')[0]}.ipynb")

    def table(self, ending: str) -> list[dict[str, str]]:
        """A table beside the record."""
        path = self.journal.with_name(self.journal.name.removesuffix(".journal.jsonl") + ending)
        with path.open(newline="") as file:
            return list(csv.DictReader(file))


def environment(stage: Stage) -> dict[str, str]:
    """Nothing but what the story has, and state of its own."""
    return stage.runner.environment(XDG_STATE_HOME=str(stage.folder / "state"))


def command(stage: Stage, *words: str) -> list[str]:
    """The command line."""
    url = () if "endpoint_url" in words else ("-r", "endpoint_url", stage.sandbox.facts.endpoint_url)
    where = ("-r", "target", "sandbox", *url)
    return [BYODKIM, "fleet", *where, *words]


def byodkim(stage: Stage, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command and waits for its end."""
    return stage.byodkim(*words, XDG_STATE_HOME=str(stage.folder / "state"))


def fleet(stage: Stage, *words: str) -> Campaign:
    """Runs a campaign and waits for its end."""
    return ended(stage, byodkim(stage, *command(stage, *words)[1:]))


def approved(plan: Campaign, *words: str) -> tuple[str, ...]:
    """Return the words by which a plan is carried out that was made with these."""
    return (*words, "-p", "mode", "apply", "-r", "approved", plan.run)


def printed(stage: Stage, campaign: Campaign) -> Campaign:
    """Runs the rollback of a campaign as it was printed."""
    (line,) = (one for one in campaign.said.splitlines() if one.startswith("Rollback: byodkim fleet "))
    return ended(stage, byodkim(stage, *shlex.split(line.removeprefix("Rollback: byodkim "))))


def alone(stage: Stage, *words: str) -> None:
    """Runs one identity, as the campaign's runs are run."""
    done = byodkim(stage, "rotate", *words)
    assert done.returncode == 0, done.stderr


def ended(stage: Stage, done: subprocess.CompletedProcess[str]) -> Campaign:
    """Return what a command that has ended left."""
    return told(stage, done.returncode, done.stdout, done.stderr)


def told(stage: Stage, code: int, said: str, complained: str) -> Campaign:
    """Return what the newest campaign left."""
    path = journals(stage)[-1]
    return Campaign(code, said, complained, path, lines(path))


def journals(stage: Stage) -> list[Path]:
    """Those of campaigns, oldest first."""
    found = [path for path in (stage.folder / "outputs").glob("*/*-fleet*.journal.jsonl") if lines(path)]
    return sorted(found, key=lambda path: str(lines(path)[0]["at"]))  # two may begin within the second of an id


def lines(path: Path) -> list[Event]:
    """The whole lines of a journal, read by json and nothing else."""
    return [json.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def begun(stage: Stage, *words: str) -> subprocess.Popen[str]:
    """Starts it."""
    return subprocess.Popen(
        command(stage, *words), cwd=stage.folder, env=environment(stage), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def until(stage: Stage, known: Iterable[Path], event: str, count: int) -> None:
    """Waits until a campaign that was not known has written so many events of a name."""
    eventually(
        lambda: any(
            sum(one["event"] == event for one in lines(path)) >= count for path in set(journals(stage)) - set(known)
        ),
        every_s=0.02,
    )


def kill(process: subprocess.Popen[str]) -> None:
    """Kills a campaign; the runs of its identities have sessions of their own."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def puts(sandbox: Sandbox) -> int:
    """Return how often SES was written to."""
    return len([call for call in sandbox.calls(PUT) if call["status"] == 200])


def selectors(sandbox: Sandbox) -> Counter[str]:
    """Return how many identities sign with which selector."""
    return Counter(one["selectors"][0] for one in sandbox.state()["identities"].values())


def written(stage: Stage) -> Counter[str]:
    """Return how many writes each identity's journals tell of: by their own intents, whichever run made them."""
    found: Counter[str] = Counter()
    for path in (stage.folder / "outputs").rglob("*.journal.jsonl"):
        events = lines(path)
        found.update(events[0]["domain"] for event in events if event["event"] == "intent")
    return found


def verify(stage: Stage) -> subprocess.CompletedProcess[str]:
    """``byodkim verify`` on all records."""
    return byodkim(stage, "verify", "outputs", "--json")


def ready(stage: Stage, *numbers: int, name: str = "some.csv", **more: str) -> str:
    """A table of some identities of the crowd; its path."""
    rows = [{"domain": f"d{number:05}.{stage.sandbox.facts.domain}", **more} for number in numbers]
    with (stage.folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return name


@dataclass
class Told:
    """A story's campaigns by name, and what else it saw."""

    runs: dict[str, Campaign] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)


def sound(told_of: Told) -> None:
    done = told_of.seen["verify"]
    off = [
        (run["domain"], run["outcome"], [one["text"] for one in run["findings"] if one["fault"]])
        for run in json.loads(done.stdout)["runs"]
        if run["verdict"] == "off"
    ]
    assert (done.returncode, off) == (0, []), off
