"""A run in a twin: which run of production it is a copy of, and waits that pass by the twin's clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from second_edition.engine.run import Run
from second_edition.errors import SandboxError
from second_edition.evidence import rehearsals, sealing_key
from second_edition.evidence.record import ROTATE
from second_edition.evidence.sealing_key import SealingKey
from second_edition.intent.intent import Intent
from second_edition.messages import Language, say
from second_edition.plain import plain
from second_edition.sandbox.client import Sandbox

TWIN: Final = "twin"


def connect(endpoint_url: str, language: Language) -> Sandbox:
    """Connect to a standing twin.

    Raises:
        SandboxError: nothing answers there, or another world does.
    """
    todo = say("twin", "missing.todo", language)
    try:
        sandbox = Sandbox.connect(endpoint_url, language)
    except SandboxError as error:
        raise SandboxError(error.what, todo=todo) from error
    if "run" not in sandbox.facts.about:
        raise SandboxError(say("twin", "missing", language, endpoint_url=endpoint_url), todo=todo)
    return sandbox


def origin(sandbox: Sandbox | None, target: str, domain: str) -> dict[str, Any]:
    """Return what the first event says of the sandbox or twin; nothing of AWS."""
    if sandbox is None:
        return {}
    if target != TWIN:
        return {"sandbox": sandbox.facts.id}
    about: Mapping[str, Any] = sandbox.facts.about
    of_fleet = "plans" in about  # each plan is a rotation's
    plan = about["plans"].get(domain) if of_fleet else about["plan"]
    procedure = ROTATE if of_fleet else about["procedure"]
    copied = {name: about[name] for name in ("run", "account", "region", "at", "servers", "sha256")}
    if of_fleet and plan:  # its identities may be in several places
        copied |= {name: plan["relies_on"][name] for name in ("account", "region")}
    began = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {TWIN: {**copied, "id": sandbox.facts.id, "plan": plan, "procedure": procedure, "began": began}}


def tried(folder: Path, intent: Intent, procedure: str) -> dict[str, Any]:
    """Return what the first event of a run says of the change's newest rehearsal; nothing where there is none."""
    change = {name: str(getattr(intent, name)) for name in ("domain", "selector", "account", "region")}
    change, keys = change | {"procedure": procedure}, trusted(intent)
    found = rehearsals.check_origin(folder, rehearsals.newest(folder, change, keys), keys)
    return {"rehearsed": plain(found)} if found else {}


def trusted(intent: Intent) -> dict[str, SealingKey]:
    """Return the keys whose seals count: those of the profile, and this user's own, which seals rehearsals."""
    return sealing_key.trusted(intent.section.sealing_keys, intent.section.folder)


def skip(run: Run) -> Callable[[float], None] | None:
    """Return what moves the clocks of twin and custodian in place of a pause; ``None`` where the target is no twin."""
    sandbox = run.sandbox
    if sandbox is None or run.intent.asked.target != TWIN:
        return None

    def move(seconds: float) -> None:
        sandbox.advance(timedelta(seconds=seconds))
        run.settings["clock_offset_s"] = sandbox.facts.clock_offset_s
        run.custodian.ask("clock", offset_s=sandbox.facts.clock_offset_s).result()

    return move
