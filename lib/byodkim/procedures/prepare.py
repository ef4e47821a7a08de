"""Prepare: make a key pair, store it, enter its selector into the secret, ask for its key record.

Each write is made only where what it makes is missing, so the same command completes what another
run began. Nothing that is there is ever overwritten.
"""

import time as clock
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from byodkim.checks import dns, identity, key, plan, prepare, secret, time
from byodkim.checks.check import Check, Finding, evaluate
from byodkim.checks.world import History, KeyObject, Observation, Secret
from byodkim.custody.settings import GetRecordChange, GetStore
from byodkim.dns.letter import letter, zone_text
from byodkim.engine.observe import Purpose, observe as observe_world, read_history
from byodkim.engine.plan import Plan
from byodkim.engine.polling import wait_for_dns
from byodkim.engine.request import requested, write_new, write_request
from byodkim.engine.run import Run
from byodkim.engine.stages import (
    close,
    evaluate_checks,
    has_written,
    note_plan,
    require_unchanged,
    shown_plan,
)
from byodkim.procedures.writes import (
    DNS_WRITES,
    ENTER,
    PROMOTE,
    STORE,
    dns_writer,
    enter,
    missing_writes,
    new_place,
    prepare_plan,
    promote,
    publish,
    store,
)
from byodkim.record.events import Checked, WriteAnswered
from byodkim.words import Language, _, speak

#: What has to hold before anything is written.
CHECKS: Final[tuple[Check, ...]] = (
    identity.ses_account, time.time_clock, identity.ses_exists,
    prepare.ses_unused, key.key_reused, prepare.store_versioning, prepare.store_place,
    prepare.secret_fit, prepare.secret_pending, prepare.dns_free, plan.plan_lock,
    plan.plan_approved,
)  # fmt: skip
#: What has to hold afterwards: rotate asks for the same.
PREPARED: Final[tuple[Check, ...]] = (
    key.key_object, key.key_form, key.key_strength, secret.secret_entry, secret.secret_stage,
    key.key_pair,
)  # fmt: skip
#: What is waited for where this run, and not the DNS team, publishes.
PUBLISHED: Final = (dns.dns_answers, dns.dns_published)

#: What names a selector after which it is no longer new.
USED: Final = ("rotate", "retire", "fleet")
#: Seconds between two questions to Route 53.
POLL_S: Final = 2.0


def name_selector(run: Run) -> None:
    """Give the run a selector.

    It is the one that the folder's newest run of prepare named, until a rotation asks for it:
    an unfinished run is completed, and a plan is applied. Else it has today's date, by the run's
    clock and time zone, and the first number from 1 that neither secret nor records name.
    """
    past = read_history(run)
    selector = _under_way(past) or _new(run, past)
    run.settings = replace(run.settings, values={**run.settings.values, "selector": selector})


def observe(run: Run) -> Observation:
    """Observe SES, key store, secret, and what every server answers for the new name."""
    return _observe(run, "plan")


def check(run: Run) -> list[Finding]:
    """Evaluate every check.

    Raises:
        RunEnded: a check stops the run. The record is closed as REFUSED; nothing was written.
    """
    if stopping := evaluate_checks(run, CHECKS):
        _refuse(run, stopping)
    return run.findings


def make_plan(run: Run) -> Plan:
    """Return the plan of what was observed, and note it in the journal."""
    return note_plan(run, prepare_plan(run, run.seen), run.seen.approvals)


def apply(run: Run) -> None:
    """Make what is missing, in this order: key object, pending secret version, current secret
    version, key record.

    Everything is observed and checked again before. The secret is made current only after the key
    object and the pending version were read back.

    Raises:
        RunEnded: the plan no longer fits, a check stops the run, or a write did not land.
    """
    shown = shown_plan(run)
    if not run.applies or not shown.writes:
        return
    seen = _observe(run, "write")
    require_unchanged(run, shown, prepare_plan(run, seen))
    check(run)
    missing, writer = missing_writes(run, seen), dns_writer(run)
    stored = store(run) if STORE in missing else seen.requested.key
    if not isinstance(stored, KeyObject) or not isinstance(seen.secret, Secret):
        raise AssertionError("what cannot be read does not pass its check")
    if ENTER in missing:
        enter(run, seen.secret, stored)
    if PROMOTE in missing:
        promote(run, seen.secret, stored)
    if writer is not None and DNS_WRITES[writer.kind] in missing:
        publish(run, writer, stored)


def verify(run: Run) -> None:
    """Read everything again after a write, and wait until every server has what this run published.

    Raises:
        RunEnded: the key pair is not at every place, or not every server publishes it in time.
    """
    if run.applies and has_written(run):
        _observe(run, "after")
    findings = evaluate(PREPARED, run.seen) if _is_prepared(run) or has_written(run) else []
    stopping = [finding for finding in findings if finding.stops]
    if run.applies and not stopping and findings and run.settings.number("wait_dns_minutes"):
        findings += _wait(run)
    if findings:
        run.findings = [*run.findings, *findings]
        run.write(Checked(findings=run.findings))
    stopping = [finding for finding in findings if finding.stops]
    if stopping and run.applies:
        headline = _("{selector} is not prepared: {check} did not pass. Run the same command "
                     "again: it makes what is missing.",
                     selector=run.selector, check=stopping[0].check)  # fmt: skip
        close(run, "FAILED", headline, stopping[0])


def hand_over(run: Run) -> Path | None:
    """Write the DNS request: a sheet, zone text, and a letter in both languages."""
    path, request = write_request(run, run.findings), requested(run)
    if path is not None and request is not None and not path.with_suffix(".txt").exists():
        record = request.name, request.value, request.ttl
        zone = zone_text(*record, run.zone.name if run.zone else "")
        write_new(path.with_suffix(".zone"), zone.encode())
        write_new(path.with_suffix(".txt"), _letter(run, record, zone).encode())
    return path


def finish(run: Run) -> None:
    """Decide the outcome, and close the record."""
    selector, domain = run.selector, run.wanted.domain
    if run.applies and shown_plan(run).writes:
        close(run, "PREPARED", _("{selector} is prepared for {domain}",
                                 selector=selector, domain=domain))  # fmt: skip
    elif shown_plan(run).writes:
        close(run, "PLANNED", _("{selector} can be prepared for {domain}. Nothing was written.",
                                selector=selector, domain=domain))  # fmt: skip
    else:
        close(run, "UNCHANGED", _("{selector} was prepared for {domain} before",
                                  selector=selector, domain=domain))  # fmt: skip


def _letter(run: Run, record: tuple[str, str, int], zone: str) -> str:
    """Return a letter to the DNS team in both languages, the run's own first."""
    own = run.settings.language
    other: Language = "en" if own == "ja" else "ja"
    texts = []
    for language in (own, other):
        speak(language)
        lines = letter(*record, run.settings.text("ticket"), run.settings.text("requested_by"))
        texts.append("\n".join(map(str, lines)))
    speak(own)
    return "\n\n".join((*texts, zone))


def _under_way(past: History) -> str:
    opened = [each.selector for each in past.unfinished if each.procedure == "prepare"]
    closed = [each.selector for each in past.runs if each.procedure == "prepare"]
    newest = next((each for each in (*reversed(opened), *reversed(closed)) if each), "")
    used = {each.selector for each in past.runs if each.procedure in USED}
    used |= {each.selector for each in past.unfinished if each.procedure in USED}
    used |= {each.previous for each in past.runs}
    return "" if newest in used else newest


def _new(run: Run, past: History) -> str:
    secret = run.ask_secret().result()
    taken = {entry.selector for entry in secret.entries} if isinstance(secret, Secret) else set()
    taken |= {each.selector for each in past.runs} | {each.selector for each in past.unfinished}
    taken |= {each.previous for each in past.runs}
    today = f"{run.now().astimezone(run.settings.zone):%Y%m%d}"
    pattern, number = run.settings.text("selector_pattern"), 1
    while (selector := pattern.format(date=today, number=number)) in taken:
        number += 1
    return selector


def _observe(run: Run, purpose: Purpose) -> Observation:
    return observe_world(run, purpose, partial(prepare_plan, run), _with_store)


def _with_store(run: Run, seen: Observation) -> Observation:
    """Return the observation with what the selector meets in the key store."""
    future = run.custodian.ask(
        GetStore(run.chosen("secret_id"), run.wanted.domain, run.selector, new_place(run))
    )
    return replace(seen, store=future.result())


def _wait(run: Run) -> list[Finding]:
    """Wait until every server publishes what a writer wrote, and return what they do then."""
    writer = dns_writer(run)
    if writer is None:
        return []
    until = run.now() + timedelta(minutes=run.settings.number("wait_dns_minutes"))
    answers = [each for each in run.journal.events if isinstance(each, WriteAnswered)]
    change = next((each.answer["Id"] for each in answers if "Id" in each.answer), "")
    while change and run.now() < until:
        if run.custodian.ask(GetRecordChange(writer, change)).result() == "INSYNC":
            break
        clock.sleep(POLL_S)
    wait_for_dns(run, PUBLISHED)
    return evaluate(PUBLISHED, run.seen)


def _refuse(run: Run, finding: Finding) -> None:
    headline = _("{selector} was not prepared for {domain}: {check} did not pass. Nothing was "
                 "written.", selector=run.selector, domain=run.wanted.domain,
                 check=finding.check)  # fmt: skip
    close(run, "REFUSED", headline, finding)


def _is_prepared(run: Run) -> bool:
    """Return whether key object and entry are there already."""
    return run.seen.requested.entry is not None and bool(run.seen.requested.key_sha256)
