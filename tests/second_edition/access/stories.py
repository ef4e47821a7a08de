"""Stories of runs whose role has the policy that ``byodkim policy`` prints, enforced by a gate."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.second_edition.access.estates import ARCHIVE, Builder
from tests.second_edition.access.evaluator import Request
from tests.second_edition.access.gate import Gate
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage

BYODKIM, CLI = (str(Path(sys.executable).with_name(name)) for name in ("byodkim-second-edition", "aws"))
Build = Callable[[Builder], object]


@dataclass(frozen=True)
class Told:
    """What came of a story: the last run and policy, what the gate allowed and refused, what reached the sandbox."""

    ran: Ran
    policy: dict[str, Any]
    used: set[tuple[str, str, str]]
    refused: list[Request]
    forwarded: int
    calls: list[str]
    selector: str
    events: list[dict[str, Any]]


def policy_of(stage: Stage, *words: str) -> dict[str, Any]:
    """Return what ``byodkim policy`` prints in the project's folder."""
    printed = command(stage, BYODKIM, "policy", *words)
    assert printed.returncode == 0, printed.stderr
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def events_of(stage: Stage) -> list[dict[str, Any]]:
    """The events of all journals of a story."""
    paths = stage.folder.glob("outputs/*.journal.jsonl")
    return [json.loads(line) for path in sorted(paths) for line in path.read_text("utf-8").splitlines()]


def command(stage: Stage, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = stage.runner.environment(**AWS, AWS_DEFAULT_REGION=stage.sandbox.facts.region, **more)
    return subprocess.run(words, cwd=stage.folder, env=env, capture_output=True, text=True, timeout=600)


def story(
    *builds: Build, mode: str = "apply", allowed: str = "", without: str = "", then: Callable[..., Any] | None = None
) -> Callable[[Stage], Told]:
    """A run in ``mode`` with the policy of ``allowed`` (the same mode), a statement of it taken away if so asked."""

    def tell(stage: Stage) -> Told:
        with ExitStack() as stack:
            builder = Builder(stage.sandbox.facts, stack)
            for build in builds:
                build(builder)
            aws = AwsStage(stage)
            aws.profile(section="default", **builder.profile)
            if builder.home:
                file, own = stage.folder / "byodkim.toml", (stage.folder / "byodkim.toml").read_text("utf-8")
                aws.profile(section="home", **builder.home)
                file.write_text(own + file.read_text("utf-8"), "utf-8")
            policy = policy_of(stage, "rotate", "--mode", allowed or mode, *builder.options)
            if builder.home:
                home = policy_of(stage, "rotate", "--mode", allowed or mode, "--profile", "home")
                policy["Statement"] += home["Statement"]
            policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != without]
            estate, before = builder.estate(), len(stage.sandbox.calls())
            gate = stack.enter_context(Gate(stage.sandbox.facts.endpoint_url, policy, estate))
            ran = aws.run("-p", "mode", mode, endpoint_url=gate.url, env=builder.env)
            if then:
                then(stage, builder, gate, ran)
            calls = [f"{call['service']}:{call['operation']}" for call in stage.sandbox.calls()[before:]]
            selector = stage.identity["selectors"][0]
            return Told(ran, policy, gate.used, gate.refused, gate.forwarded, calls, selector, events_of(stage))

    return tell


def kept_again(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """``byodkim archive`` with a policy of its own: it finds some copies there and makes the others."""
    for listed in stage.folder.glob("outputs/*.archived.jsonl"):
        listed.unlink()
    gate.who, gate.policy = "archive", policy_of(stage, "archive", *builder.options)
    kept = command(stage, BYODKIM, "archive", str(ran.path))
    assert kept.returncode == 0, kept.stdout + kept.stderr


def not_sealed(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """``byodkim archive`` on a record without a seal: it makes none, and says so."""
    gate.who, gate.policy = "archive", policy_of(stage, "archive", *builder.options)
    kept = command(stage, BYODKIM, "archive", str(ran.path))
    assert (kept.returncode, "no electronic signature" in kept.stdout) == (1, True), kept.stdout + kept.stderr


def made_up(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """The next run finds that an earlier one's copies were never written down."""
    listed = ran.journal_path.with_name(ran.journal_path.name.replace(".journal.jsonl", ".archived.jsonl"))
    listed.unlink()
    gate.policy = policy_of(stage, "rotate", *builder.options)
    facts = stage.sandbox.facts
    at = ("-p", "endpoint_url", gate.url, "-r", "selector", facts.next_selector)
    again = stage.runner.papermill(*at, env=AWS)
    assert (again.outcome, again.returncode) == ("UNCHANGED", 0), again.stderr
    assert listed.exists()


def audited(stage: Stage, builder: Builder, gate: Gate, ran: Ran) -> None:
    """Somebody else fetches the whole record with the AWS CLI, and verifies it."""
    paged = command(stage, BYODKIM, "record", str(ran.path))
    assert paged.returncode == 0, paged.stderr
    made_up(stage, builder, gate, ran)
    kept_again(stage, builder, gate, ran)
    gate.who, gate.policy = "audit", policy_of(stage, "audit", *builder.options)
    prefix, at = f"dkim/example.jp/{ran.event('begin')['run']}", ("--endpoint-url", gate.url)
    folder = stage.folder / "fetched"
    source = f"s3://{ARCHIVE}/{prefix}"
    fetched = command(stage, CLI, *at, "s3", "cp", "--recursive", source, str(folder))
    assert fetched.returncode == 0, fetched.stderr
    assert ran.path.name in {path.name for path in folder.iterdir()}  # its page is none that a run signed
    asked_for = ("--bucket", ARCHIVE, "--key", f"{prefix}/{ran.journal_path.name}", "--checksum-mode", "ENABLED")
    held = command(stage, CLI, *at, "s3api", "head-object", *asked_for)
    assert {"ChecksumSHA256", "ObjectLockRetainUntilDate"} <= json.loads(held.stdout).keys(), held.stderr
    asked_for = ("--key-id", builder.profile["seal_key"], "--query", "PublicKey", "--output", "text")
    public = command(stage, CLI, *at, "kms", "get-public-key", *asked_for)
    verified = command(stage, BYODKIM, "verify", "--key", f"p256:{public.stdout.strip()}", str(folder))
    assert (verified.returncode, verified.stdout.split()[:1]) == (0, ["VERIFIED"]), verified.stdout + verified.stderr
    key, asked_too = f"p256:{public.stdout.strip()}", ("--heads", f"s3://{ARCHIVE}/dkim")
    words = (BYODKIM, "verify", "--key", key, *asked_too, "outputs")
    compared = command(stage, *words, AWS_ENDPOINT_URL=gate.url)
    assert (compared.returncode, "(heads: 2; locked: 2, " in compared.stdout) == (0, True), compared.stdout
