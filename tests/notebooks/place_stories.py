"""Runs through two Regions of one account and one of another, as stories: what was run, written and said."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from byodkim.procedure.lock_file import LockFile
from byodkim.rotation.lock import Holder
from byodkim.sandbox.client import Sandbox
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage
from tests.notebooks.test_approved import approve, profile, run_id
from tests.notebooks.test_killed import journal_once, kernel_and_custodian
from tests.notebooks.wire import PUT, Fault, Wire, applied_then, refuse
from tests.sandbox.outside import put

BYODKIM = str(Path(sys.executable).with_name("byodkim"))
CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
OWN, SECOND, THIRD = "123456789012/ap-northeast-1", "123456789012/us-east-1", "111122223333/eu-west-1"
PLACES = (OWN, SECOND, THIRD)


@dataclass
class Told:
    """A story's runs by name; after each, the writes by place and what SES has in each; and what else was said."""

    runs: dict[str, Ran] = field(default_factory=dict)
    puts: dict[str, dict[str, int]] = field(default_factory=dict)
    selectors: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def add(self, stage: Stage, name: str, ran: Ran) -> Ran:
        self.runs[name], self.puts[name] = ran, writes(stage.sandbox)
        self.selectors[name] = selectors(stage.sandbox)
        return ran

    def outcomes(self, name: str) -> list[str]:
        """What a run came to in each place, by its journal."""
        return [str(self.runs[name].event("closed")["places"][place]) for place in PLACES]


def writes(sandbox: Sandbox) -> dict[str, int]:
    return dict(Counter(call["place"] for call in sandbox.calls(PUT)))


def selectors(sandbox: Sandbox) -> list[str]:
    found = sandbox.state()["places"]
    return [found[place][sandbox.facts.domain]["selectors"][0] for place in PLACES if found.get(place)]


def byodkim(stage: Stage, *words: str) -> str:
    env = stage.runner.environment()
    done = subprocess.run([BYODKIM, *words], cwd=stage.folder, env=env, capture_output=True, text=True, timeout=120)
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def ses_in(sandbox: Sandbox, region: str, key_id: str = "sandbox") -> Any:
    session = boto3.Session(key_id, "sandbox", region_name=region)
    return session.client("sesv2", endpoint_url=sandbox.facts.endpoint_url)


def through(stage: Stage) -> Told:
    """Planned, applied, applied again, and all the way back; then somebody else changes a further place."""
    told = Told()
    told.add(stage, "plan", stage.run())
    told.add(stage, "apply", stage.apply("-p", "ticket", "CHG-1042"))
    told.add(stage, "again", stage.apply())
    told.said["there"] = byodkim(stage, "verify", "outputs")
    told.add(stage, "back", stage.apply(selector=CURRENT))
    told.said["back"] = byodkim(stage, "verify", "outputs")
    told.said["site"] = byodkim(stage, "site", "outputs")
    told.said["pages"] = "".join(
        one.read_text("utf-8") for one in sorted((stage.folder / "outputs/site").glob("*.html"))
    )
    put(ses_in(stage.sandbox, "us-east-1"), "by-hand", "QUJDREVG")
    told.add(stage, "after", stage.run())
    told.said["by hand"] = byodkim(stage, "verify", "outputs")
    told.add(stage, "in the second", stage.run("-r", "region", "us-east-1", "-r", "places", "none"))
    return told


def japanese(stage: Stage) -> Told:
    told = Told()
    told.add(stage, "apply", stage.apply("-p", "language", "ja"))
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def chosen(stage: Stage) -> Told:
    """Some of the places, none of them, one that there is not; and the run that then does the rest."""
    told = Told()
    told.add(stage, "unknown", stage.apply("-r", "places", "us-west-2"))
    told.add(stage, "none", stage.apply("-r", "places", "none"))
    told.add(stage, "one", stage.apply("-r", "places", "us-east-1"))
    told.add(stage, "rest", stage.apply())
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def lacking(stage: Stage) -> Told:
    """The identity does not exist in the second place."""
    told = Told()
    ses_in(stage.sandbox, "us-east-1").delete_email_identity(EmailIdentity=stage.sandbox.facts.domain)
    told.add(stage, "refused", stage.apply())
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def pending(stage: Stage) -> Told:
    """SES does not find the key record in the second place; then it does."""
    told = Told()
    stage.sandbox.set_knobs(blind_in=SECOND)
    told.add(stage, "first", stage.apply("-p", "wait_minutes", "1"))
    stage.sandbox.set_knobs(blind_in="")
    told.add(stage, "second", stage.apply())
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def over(fault: Fault) -> Callable[[Stage], Told]:
    """The wire to the second place breaks at the write; then it does not."""

    def tell(stage: Stage) -> Told:
        told = Told()
        (stage.folder / "byodkim.toml").write_text("[default]\nlate_write_seconds = 3\n", "utf-8")
        with Wire(stage.sandbox.facts.endpoint_url, {f"{PUT} us-east-1": (fault, 1)}) as wire:
            # The proxy's address makes it another world, with a past of its own.
            first = stage.apply("-p", "endpoint_url", wire.url)
            told.add(stage, "first", first)
            told.add(stage, "second", stage.apply("-p", "endpoint_url", wire.url))
        told.said["verified"] = byodkim(stage, "verify", "outputs")
        return told

    return tell


def killed(place: str, event: str, blind: str = "", hours: int = 0) -> Callable[[Stage], Told]:
    """SIGKILL to the kernel once that event of that place ("": the run's own) is written; then the same command."""

    def tell(stage: Stage) -> Told:
        told, sandbox = Told(), stage.sandbox
        if hours:
            (stage.folder / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\n", "utf-8")
        sandbox.set_knobs(blind_in=blind, aws_latency_ms=150)
        words = ("-p", "target", "sandbox", "-p", "endpoint_url", sandbox.facts.endpoint_url, "-p", "mode", "apply")
        command = stage.runner.command(*words, "-r", "selector", NEXT, name="outputs/killed.ipynb")
        with subprocess.Popen(
            command, cwd=stage.folder, env=stage.runner.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as papermill:  # fmt: skip

            def come(lines: list[str]) -> bool:
                found = [json.loads(line) for line in lines if line.endswith("\n")]
                return any(one["event"] == event and one.get("at_place", "") == place for one in found)

            journal_once(stage.folder / "outputs", come)
            kernel, _ = kernel_and_custodian(papermill.pid)
            kernel.send_signal(signal.SIGKILL)
            papermill.wait(30)
        sandbox.set_knobs(aws_latency_ms=0)
        told.puts["killed"] = writes(sandbox)
        if hours:
            sandbox.advance(timedelta(hours=hours))
        told.add(stage, "next", stage.apply())
        told.said["verified"] = byodkim(stage, "verify", "outputs")
        told.said["record"] = byodkim(stage, "record", "outputs/killed.ipynb")
        told.said["page"] = (stage.folder / "outputs/killed.html").read_text("utf-8")
        return told

    return tell


def locked(stage: Stage) -> Told:
    """Somebody else is at work in the second place; then they are not."""
    told = Told()
    port = stage.sandbox.facts.endpoint_url.rpartition(":")[2]
    path = stage.folder / "outputs/.locks" / f"{stage.sandbox.facts.domain}.{SECOND.replace('/', '.')}.{port}.json"
    held = LockFile(path)
    held.take(lambda token: Holder("another-run", "arn:aws:sts::123456789012:user/sato", "h", "m", 1, "now", token))
    told.add(stage, "refused", stage.apply())
    held.release()
    told.add(stage, "free", stage.apply())
    return told


def approved(stage: Stage) -> Told:
    """The plan for all places is approved; another one, which leaves the further ones out, is not it."""
    told = Told()
    profile(stage, 1, "tanaka")
    alone = told.add(stage, "alone", stage.run("-r", "places", "none"))
    whole = told.add(stage, "whole", stage.run())
    for ran in (alone, whole):
        done = approve(stage, ran, "tanaka", "--yes")
        told.said[run_id(ran)] = f"{done.returncode}\n{done.stdout}"
    told.add(stage, "none", stage.apply())
    told.add(stage, "other", stage.apply("-r", "approved", run_id(alone)))
    told.add(stage, "apply", stage.apply("-r", "approved", run_id(whole)))
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def by_profile(stage: Stage) -> Told:
    """The profile's places, on what the run takes for AWS: another account is signed in to by a profile of its own."""
    told, aws = Told(), AwsStage(stage)
    (stage.folder / "aws.ini").write_text(
        "[profile wrong]\naws_access_key_id = sandbox\naws_secret_access_key = s\n"
        "[profile mail-eu]\naws_access_key_id = sandbox-111122223333\naws_secret_access_key = s\n"
    )
    env = {"AWS_CONFIG_FILE": str(stage.folder / "aws.ini")}
    for name in ("wrong", "mail-eu"):
        aws.profile(section="default")
        with (stage.folder / "byodkim.toml").open("a") as file:
            other = f'{{region = "eu-west-1", account = "111122223333", aws_profile = "{name}"}}'
            file.write(f'places = [{{region = "us-east-1"}}, {other}]\n')
        told.add(stage, name, aws.apply(env=env))
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def retired(stage: Stage) -> Told:
    """The selector that was left is to be retired: first while one account still signs with it, then it is free."""
    told, facts = Told(), stage.sandbox.facts
    stage.apply()
    ses = ses_in(stage.sandbox, "eu-west-1", "sandbox-111122223333")
    put(ses, CURRENT, "QUJDREVG")
    target = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-r", "selector", CURRENT)
    for name in ("used", "free"):
        told.add(stage, name, stage.runner.papermill(*target, notebook="notebooks/retire.ipynb"))
        put(ses, NEXT, "QUJDREVG")
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


STORIES: dict[str, Callable[[Stage], Told]] = {
    "pending": pending,
    "through": through,
    "japanese": japanese,
    "chosen": chosen,
    "lacking": lacking,
    "refused": over(refuse(400, "BadRequestException")),
    "unclear": over(refuse(500, "InternalFailure")),
    "applied": over(applied_then(refuse(500, "InternalFailure"))),
    "between": killed("", "waited"),
    "in the second": killed(SECOND, "answer", blind=SECOND, hours=25),
    "locked": locked,
    "approved": approved,
    "profile": by_profile,
    "retired": retired,
}
