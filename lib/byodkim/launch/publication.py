"""A publication's own run: its task from the record and the profile, its account, the custodian, and their end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from byodkim.custody.client import Custodian, Refused
from byodkim.errors import AccessError, ByodkimError, ParameterError
from byodkim.evidence import ends, journal
from byodkim.evidence.archived import Archived
from byodkim.evidence.folders import run_id
from byodkim.evidence.world import World
from byodkim.intent import code_version, profile
from byodkim.intent import intent as intents
from byodkim.intent import keeping as keepings
from byodkim.intent import publishing as ways
from byodkim.intent.intent import Intent
from byodkim.intent.publishing import Way
from byodkim.messages import Language, say
from byodkim.procedure import beginning, preceding, sign_in
from byodkim.procedure.gate import Gate
from byodkim.procedure.rotate import ROTATE
from byodkim.procedure.run import Run, RunRefused
from byodkim.rotation.publication import Outcome, Wanted
from byodkim.sandbox.client import Sandbox
from byodkim.settings import REACHED_BY, Parameters, Profile

# What a run was asked for and a publication goes by too. The rest is taken anew from the profile.
TAKEN_OVER: Final = ("domain", "secret_id", "key_bucket", *REACHED_BY, "nameservers")
GIVEN: Final = ("parameter", "cell")


def begin(archived: Archived, wanted: Wanted, language: Language, *, applies: bool) -> tuple[Run, Way]:
    """Begins: nothing of AWS or DNS has been read when this returns.

    Raises:
        ParameterError: the profile is wrong, or writes nothing where it is to be written.
        AccessError: the record is of a rehearsal whose sandbox is gone, or no session with AWS can be made.
        JournalError: the account cannot be written.
    """
    first = archived.events[0]
    section = profile.load(first["profile"], Path.cwd(), language)
    sandbox = _sandbox(archived, language)
    way = ways.of_sandbox(sandbox.facts) if sandbox else ways.of(section, language)
    if applies and not way.writes:
        raise _hands_off(way, language)
    intent = _intent(first, section, sandbox, language, applies)
    clock = sandbox.clock if sandbox else lambda: datetime.now(UTC)
    keeping = keepings.Keeping() if sandbox else keepings.of(section, language)
    identifier, folder = run_id(clock()), archived.path.parent
    world = World.of(first)
    earlier = preceding.unnamed(ends.find_ends(folder, world.same_identity, (journal.ACCOUNT,))) if world else []
    log = journal.Journal(archived.path.with_name(f"{archived.path.stem}.{identifier}{journal.ACCOUNT}"), clock)
    pool = ThreadPoolExecutor(2, "byodkim")
    # An account is no procedure's run: of what sets them apart, nothing is asked here.
    run = Run(
        intent, clock, Custodian(), pool, folder, world,
        id=identifier, procedure=ROTATE, journal=log, sandbox=sandbox,
    )  # fmt: skip
    run.gate, run.keeping = Gate(language), keeping
    log.write("publication", **_first(run, way, wanted, archived), beside=[one.plain() for one in earlier])
    return run, way


@contextmanager
def ending(run: Run) -> Iterator[None]:
    """Ends everything with the block; an account that is still open then says that it was interrupted."""
    try:
        yield
    finally:
        if run.journal.events[-1]["event"] != "closed":
            run.write("closed", outcome=Outcome.FAILED.value, error="interrupted")
        run.release()


def check_account(run: Run) -> None:
    """Opens the session and makes sure that it is the account's that the profile allows.

    Raises:
        AccessError: no session, or STS did not answer.
        RunRefused: another account, or none is allowed.
    """
    language, intent = run.intent.language, run.intent
    run.settings = {name: getattr(intent, name) for name in (*REACHED_BY, "sandbox")} | {"writes": intent.applies}
    try:
        run.custodian.ask("open", settings=run.settings).result()
        caller = run.custodian.ask("caller").result()
    except Refused as refused:
        raise sign_in.error(refused, intent.aws_profile, language, say("publication", "unwritten", language)) from None
    run.write("caller", caller=caller)
    if caller["account"] != intent.account:
        values = {"seen": caller["account"], "expected": intent.account or "-"}
        raise RunRefused(
            say("publication", "account-wrong", language, **values),
            say("publication", "unwritten", language),
            say("publication", "account-wrong.todo", language, file=profile.FILE),
        )


def close(run: Run, outcome: Outcome, error: ByodkimError | None) -> None:
    """Writes the account's last event."""
    told = {"what": error.what, "means": error.means, "todo": error.todo} if error else None
    run.write("closed", outcome=outcome.value, error=told)


def _sandbox(archived: Archived, language: Language) -> Sandbox | None:
    first = archived.events[0]
    if first["target"] == "aws":
        return None
    world = World.of(first)
    if world is None:  # a sandbox of the run's own
        raise AccessError(
            say("publication", "gone", language, path=archived.path),
            say("publication", "unwritten", language),
            say("publication", "gone.todo", language),
        )
    return Sandbox.connect(world.sandbox, language)


def _intent(
    first: Mapping[str, Any], section: Profile, sandbox: Sandbox | None, language: Language, applies: bool
) -> Intent:
    said = {name: value["value"] for name, value in first["parameters"].items() if value["source"] in GIVEN}
    taken = {name: said[name] for name in TAKEN_OVER if name in said}
    asked = msgspec.convert(
        {
            **taken,
            "selector": first["selector"],
            "profile": first["profile"],
            "domain": first["domain"],
            "mode": "apply" if applies else "plan",
            "target": first["target"],
            "language": language,
            **{name: first[name] for name in ("reason", "ticket", "requested_by")},
        },
        Parameters,
    )
    facts = asdict(sandbox.facts) if sandbox else None
    return intents.resolve(asked, section, facts, frozenset(taken), {})


def _first(run: Run, way: Way, wanted: Wanted, archived: Archived) -> dict[str, Any]:
    first, intent = archived.events[0], run.intent
    return {
        **beginning.common(run, intent),
        "of": {"run": first["run"], "record": archived.path.name, "head": archived.evidence.head},
        "domain": intent.domain,
        "name": wanted.name,
        "value": wanted.value,
        "ttl": wanted.ttl,
        "sha256": wanted.sha256,
        "way": way.plain(),
        "target": first["target"],
        "account": intent.account,
        "parameters": {name: asdict(intent.values[name]) for name in REACHED_BY},
        "code": asdict(code_version.find()),
        "previous": None,
    }


def _hands_off(way: Way, language: Language) -> ParameterError:
    return ParameterError(
        say("publication", "hands-off", language, publisher=way.publisher),
        say("publication", "unwritten", language),
        say("publication", "hands-off.todo", language, file=profile.FILE),
    )
