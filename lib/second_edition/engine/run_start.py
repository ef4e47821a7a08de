"""The start of a run: parameters checked, the world reached, the journal opened with who, where and what."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, to_builtins
from msgspec.structs import asdict

from second_edition.contributions import about
from second_edition.custody.client import Custodian, Refused
from second_edition.display.placeholder import placeholder
from second_edition.dkim.secrecy import may_be_key
from second_edition.engine import archiving, observing, shared_reading, sign_in, twin
from second_edition.engine.gate import Gate
from second_edition.engine.previous_runs import previous
from second_edition.engine.run import Clock, Run
from second_edition.engine.stages import Procedure
from second_edition.errors import AccessError
from second_edition.events import FORMAT
from second_edition.events.parts import NO_RUN, Previous
from second_edition.events.run import Begin
from second_edition.evidence import journal, sealing_key
from second_edition.evidence.cells import HEADLINE, code_digest, digest_of_bundle, digest_of_file, entry, sources_of
from second_edition.evidence.folders import below_project, near, run_id
from second_edition.evidence.record import ROTATE, left_before
from second_edition.evidence.seal import is_sealed_by, seal_path
from second_edition.evidence.sealing_key import SealingKey
from second_edition.evidence.world import World
from second_edition.intent import caller, code_version, parameters, profile, profile_file, templates
from second_edition.intent import intent as intents
from second_edition.intent.caller import StartedBy
from second_edition.messages import Language, say
from second_edition.plain import plain
from second_edition.sandbox.client import Sandbox
from second_edition.settings import REACHED_BY, Parameters, Profile

THREADS = 8
#: What the first event says of the profile.
OF_PROFILE: Final = ("approvals_valid_days", "ttl", "rollback_after_hours", "late_write_seconds", "overlap_days")
#: With which a sandbox signs before and after a switch, where it is told of no others.
CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"


class Started(Struct, frozen=True):
    """Hold what began the run: injected names, who runs the kernel, and the cells executed so far."""

    injected: Collection[str]
    by: StartedBy
    executed: Sequence[str] = ()


def begin(given: Mapping[str, Any], started: Started, custodian: Custodian, procedure: Procedure) -> Run:
    """Start a run. The reads of the first observation are under way when this returns.

    Raises:
        ParameterError: a parameter or the profile is wrong; nothing was touched.
        SandboxError: the sandbox could not be started or reached.
        JournalError: the journal could not be written; nothing was touched.
        AccessError: a plan's record could not be signed; nothing was touched.
        RecordError: there is no DNS request to publish; nothing was touched.
    """
    _refuse_output(given, started, procedure.name)
    accepted = intents.accept(given, Path.cwd(), procedure.name)
    requested, section, language, proving = accepted.asked, accepted.section, accepted.language, accepted.proving
    procedure.accept(requested, language)
    _refuse(requested, started, language, procedure.name)
    keeping = profile.keeping_of(section, language) if requested.target == "aws" else profile.Keeping()
    if requested.mode == "plan" and not keeping.seal_key:  # whether an apply run can be signed is one of its checks
        _refuse_unsigned(language)
    pool = ThreadPoolExecutor(THREADS, "byodkim")
    version = pool.submit(code_version.find)
    sandbox = sandbox_of(requested, language, procedure.scenario, of_left=procedure.of_left)
    try:
        facts = asdict(sandbox.facts) if sandbox else None
        taken = accepted.of.taken if accepted.of else ()
        intent = intents.resolve(requested, section, facts, started.injected, accepted.waivers, procedure.name, taken)
        if proving is not None and sandbox:
            proving = proving.in_sandbox(intent.domain, sandbox.facts.inbox_bucket)
        clock = clock_of(sandbox)
        folder = _folder(started.by, section)
        identifier = run_id(clock())
        stem = f"{started.by.record.stem}." if started.by.record else ""
        where: dict[str, Any] = {"domain": intent.domain, "account": intent.account, "target": requested.target}
        where["parameters"] = {name: asdict(value) for name, value in intent.values.items()}
        where |= twin.origin(sandbox, requested.target, intent.domain)
        own = sandbox.facts.id if sandbox else ""
        world = World.where(intent.domain, requested.target, intent.account, own, intent.values)
        if accepted.of:
            accepted.of.check_world(world, language)
        before = previous(folder, world, intent.selector, partial(_vouches, keeping, twin.trusted(intent)))
        log = journal.Journal(folder / f"{stem}{identifier}{journal.SUFFIX}", clock, language)
    except BaseException:
        pool.shutdown(wait=False)
        if sandbox:
            sandbox.close()
        raise
    run = Run(
        intent, clock, custodian, pool, folder, world, left_before(before or NO_RUN, intent.selector),
        id=identifier, procedure=procedure, journal=log, sandbox=sandbox,
        gate=Gate(language), keeping=keeping, proving=proving, of=accepted.of,
    )  # fmt: skip
    if section.lock_dir:
        run.lock_folder = section.folder / section.lock_dir
    _look(run)
    tried = {} if twin.TWIN in where or procedure.of_many else twin.tried(folder, intent, procedure.name)
    log.write(Begin, **where, **_first(run, intent, started.by, before), **tried, code=asdict(version.result()))
    return run


def _vouches(keeping: profile.Keeping, trusted: Mapping[str, SealingKey], account: journal.Account) -> bool:
    """Return whether a trusted key signed a run. Which key in KMS seals is not known yet: any then counts."""
    if is_sealed_by(trusted, account):
        return True
    return bool(keeping.seal_key and account.closed and seal_path(account.path).exists())


def _look(run: Run) -> None:
    """Ask for everything that can be asked for already; the answers are awaited where they are needed."""
    if run.procedure.name == ROTATE:
        run.fresh_s = shared_reading.fresh_s(run.folder, run.world, run.clock())
        run.fresh_from = time.monotonic() - run.fresh_s
    run.settings = settings_of(run.intent, run.sandbox)
    run.opened = run.custodian.ask("open", settings=run.settings)
    run.gate.rely_on(run.custodian)
    if not about(run.procedure.name).of_identity:
        run.caller = run.custodian.ask("caller")
        return
    run.first_reads = reads = observing.ask(run)
    reads.identity.add_done_callback(lambda _: setattr(run, "answered", time.monotonic()))
    run.caller = reads.caller
    run.archive = run.pool.submit(observing.look_back, run, partial(archiving.key_in_kms, run))
    run.observing = run.pool.submit(run.procedure.gather, run, reads)


def settings_of(intent: intents.Intent, sandbox: Sandbox | None) -> dict[str, Any]:
    """Return the settings by which a custodian reaches AWS, or the sandbox in its place."""
    names = (*REACHED_BY, "sandbox", "requests_per_second", "account")
    offset = sandbox.facts.clock_offset_s if sandbox else 0.0
    return {**{name: getattr(intent, name) for name in names}, "clock_offset_s": offset, "writes": intent.applies}


def reach(run: Run) -> None:
    """Wait until the session with AWS stands.

    Raises:
        AccessError: there is no AWS profile of that name, or the Region is none.
    """
    try:
        if run.opened is not None:
            run.opened.result()
    except Refused as refused:
        raise _no_session(run, refused) from None


def caller_of(run: Run) -> dict[str, Any] | None:
    """Return who acts, as STS says; ``None`` where it could not be asked (SES-ACCOUNT then says so).

    Raises:
        AccessError: nobody is signed in, or the sign-in has expired.
    """
    try:
        return dict(run.caller.result()) if run.caller else None
    except Refused as refused:
        if sign_in.missing(refused):
            raise _no_session(run, refused) from None
        return None


def _no_session(run: Run, refused: Refused) -> AccessError:
    intent = run.intent
    return sign_in.error(refused, intent.aws_profile, intent.language, say("steps", "untouched", intent.language))


def _refuse_output(given: Mapping[str, Any], started: Started, procedure: str) -> None:
    """Refuse an executed notebook before its parameters are looked at: papermill has taken out those of its own run."""
    if caller.is_output(started.by.template):
        path = started.by.template.name if started.by.template else ""
        raise parameters.error("rerun", profile_file.spoken(given.get("language")), path=path, procedure=procedure)


def _refuse(requested: Parameters, started: Started, language: Language, procedure: str) -> None:
    """Refuse what a run must not begin with."""
    if started.by.record and may_be_key(started.by.record.stem):
        raise parameters.error("private-key-name", language)
    if started.by.kind == "other" and started.injected:
        raise parameters.error("output-unknown", language)
    if requested.mode == "apply" and started.executed:
        if "mode" not in started.injected and (started.injected or started.by.kind != "jupyter"):
            # A template that was saved with another mode would write on a command that is meant to look.
            name = started.by.template.name if started.by.template else f"{procedure}.ipynb"
            raise parameters.error("mode-saved", language, name=name)
        template, values = started.by.template, {"procedure": procedure}
        if template is None and started.by.kind == "papermill":
            raise parameters.error("template-unknown", language, **values)
        if template is not None and (number := templates.altered(procedure, template)) is not None:
            raise parameters.error("template-altered", language, name=template.name, number=number, **values)
        if (number := templates.foreign(procedure, started.executed)) is not None:
            raise parameters.error("foreign-cell", language, number=number, **values)
        own = [cell for cell in started.executed if not cell.startswith(caller.INJECTED)]
        if (number := templates.misplaced(procedure, own)) is not None:
            raise parameters.error("misplaced-cell", language, number=number, **values)


def _refuse_unsigned(language: Language) -> None:
    path = sealing_key.default_path(os.environ)
    if reason := sealing_key.out_of_reach(path):
        what = say("seal", "key.unreadable", language, where=path, reason=reason)
        raise AccessError(what, say("parameters", "untouched", language), say("seal", "key.unreadable.todo", language))


def sandbox_of(
    requested: Parameters, language: Language, usual: str = "ready", *, of_left: bool = False
) -> Sandbox | None:
    """Return the sandbox that is asked for, its own or a standing one; ``None`` where the target is AWS.

    Raises:
        ParameterError: there is no such scenario, or the standing sandbox is another.
        SandboxError: it cannot be started or reached.
    """
    if requested.target == "aws":
        return None
    scenario = requested.target.partition(":")[2] or usual
    if requested.endpoint_url:
        intents.check_loopback(requested.endpoint_url, language)
        if requested.target == twin.TWIN:
            return twin.connect(requested.endpoint_url, language)
        standing = Sandbox.connect(requested.endpoint_url, language)
        if ":" in requested.target and standing.facts.scenario != scenario:
            intents.check_scenario(scenario, language)
            raise parameters.error("standing-scenario", language, value=scenario, standing=standing.facts.scenario)
        return standing
    intents.check_scenario(scenario, language)
    if of_left:  # one that it is to sign with cannot be the one that was left, too: that is then refused
        left = "" if requested.selector == NEXT else requested.selector
        return Sandbox.start(scenario, domain=requested.domain, current_selector=left, language=language)
    following = "" if requested.selector == CURRENT else requested.selector
    return Sandbox.start(scenario, domain=requested.domain, selector=following, language=language)


def _folder(by: StartedBy, section: Profile) -> Path:
    """Return where the journal goes: beside the record where that is known, else the profile's archive folder."""
    if by.kind == "papermill" and by.record is not None:
        return by.record.parent
    return profile.archive_of(section)


def _first(run: Run, intent: intents.Intent, by: StartedBy, before: Previous | None) -> dict[str, Any]:
    # Not the run's own intent: what looks around by now may have found the selector that was left open.
    offset = datetime.now(UTC).astimezone(intent.zone)
    shift = offset.utcoffset()
    return {
        "format": FORMAT,
        "run": run.id,
        "selector": intent.selector,
        "mode": "apply" if intent.applies else "plan",
        "language": intent.language,
        "zone": {"name": offset.tzname() or "", "offset_s": int(shift.total_seconds()) if shift else 0},
        "keeping": run.keeping.plain(),
        **{name: getattr(intent.asked, name) for name in ("profile", "reason", "ticket", "requested_by")},
        "waivers": dict(intent.waivers),
        **{name: getattr(intent, name) for name in ("approvals", "wait_minutes", "wait_dns_minutes")},
        **{name: getattr(intent.section, name) for name in OF_PROFILE},
        "started_by": by.kind,
        "record": by.record.name if by.record else "",
        "folder": near(run.folder.absolute()) if by.kind == "papermill" else "",
        **({"below": str(below)} if by.kind == "papermill" and (below := below_project()).parts else {}),
        "template": by.template.name if by.template else "",
        "template_sha256": digest_of_file(by.template) if by.kind == "papermill" else "",
        "template_code_sha256": code_digest(sources_of(by.template)) if by.template else "",
        **({"elsewhere": [one.name for one in intent.others]} if intent.others else {}),
        **({"publisher": way} if (way := intent.section.publisher) != "request" else {}),
        **({"approvers": listed} if (listed := len(intent.section.approvers)) < intent.approvals else {}),
        **({"contacts": dict(intent.section.contacts)} if intent.section.contacts else {}),
        **({"rehearsal": "required"} if run.procedure.of_many and intent.section.rehearsal != "none" else {}),
        **({"proving": run.proving.plain()} if run.proving else {}),
        **({"of": plain(run.of.of)} if run.of else {}),
        "python": platform.python_version(),
        "previous": to_builtins(before),
        **({"procedure": run.procedure.name} if run.procedure.name != ROTATE else {}),
        "shown": [entry(HEADLINE, 0, digest_of_bundle(placeholder()))],
    }


def clock_of(sandbox: Sandbox | None) -> Clock:
    """Return the clock of a sandbox; this machine's in AWS."""
    return sandbox.clock if sandbox else lambda: datetime.now(UTC)
