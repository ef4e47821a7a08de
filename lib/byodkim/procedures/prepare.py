"""Prepare: make a key pair, store it, enter its selector into the secret, ask for its key record.

Each write is made only where what it makes is missing, so the same command completes what another
run began. Nothing that is there is ever overwritten.
"""

from __future__ import annotations

import time as clock
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from byodkim.checks import dns, identity, key, plan, prepare, secret, time
from byodkim.checks.check import Check, Finding, evaluate
from byodkim.checks.secret import entry_of
from byodkim.checks.world import KeyObject, Observation, Secret
from byodkim.custody.secret_version import version_for
from byodkim.custody.settings import DnsWriter, KeyPlace
from byodkim.dkim.record import BadKeyRecord, format_key_record, parse_key_record
from byodkim.engine.dns_writer import dns_writer
from byodkim.engine.observe import new_place, record_name, setting
from byodkim.engine.observe import observe as observe_world
from byodkim.engine.plan import Plan, digest_of, drift
from byodkim.engine.polling import wait_for_dns
from byodkim.engine.request import write_request
from byodkim.engine.run import Run, layout_of
from byodkim.engine.stages import close, evaluate_checks, note_plan, shown_plan, stop_run
from byodkim.engine.write_ahead import make_write
from byodkim.record.events import Checked, ReadBack, WriteAnswered, WriteIntended
from byodkim.words import _

#: What has to hold before anything is written.
CHECKS: Final[tuple[Check, ...]] = (
    identity.ses_account, time.time_clock, identity.ses_exists, plan.plan_selector,
    prepare.ses_unused, prepare.store_versioning, prepare.store_place, prepare.secret_fit,
    prepare.secret_pending, key.key_reused, prepare.dns_free, plan.plan_lock, plan.plan_approved,
)  # fmt: skip
#: What has to hold afterwards: rotate asks for the same.
PREPARED: Final[tuple[Check, ...]] = (
    key.key_object, key.key_form, key.key_strength, secret.secret_entry, secret.secret_stage,
    key.key_pair,
)  # fmt: skip
#: What is waited for where this run, and not the DNS team, publishes.
PUBLISHED: Final = (dns.dns_answers, dns.dns_published)

STORE: Final = "PutObject"
ENTER: Final = "PutSecretValue"
PROMOTE: Final = "UpdateSecretVersionStage"
PUBLISH: Final = {"route53": "ChangeResourceRecordSets", "rfc2136": "DnsUpdate"}
#: Seconds between two questions to Route 53.
POLL_S: Final = 2.0


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
    return note_plan(run, _plan(run, run.seen))


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
    if changed := drift(shown, _plan(run, seen)):
        headline = _("These facts changed after the plan was shown: {facts}. Nothing was written.",
                     facts=changed)  # fmt: skip
        close(run, "REFUSED", headline)
    check(run)
    missing, writer = _missing(run, seen), dns_writer(run)
    stored = _store(run) if STORE in missing else seen.requested.key
    if not isinstance(stored, KeyObject) or not isinstance(seen.secret, Secret):
        raise AssertionError("what cannot be read does not pass its check")
    if ENTER in missing:
        _enter(run, seen.secret, stored)
    if PROMOTE in missing:
        _promote(run, seen.secret, stored)
    if writer is not None and PUBLISH[writer.kind] in missing:
        _publish(run, writer, stored)


def verify(run: Run) -> None:
    """Read everything again after a write, and wait until every server has what this run published.

    Raises:
        RunEnded: the key pair is not at every place, or not every server publishes it in time.
    """
    if run.applies and _has_written(run):
        _observe(run, "after")
    findings = evaluate(PREPARED, run.seen) if _is_prepared(run) or _has_written(run) else []
    stopping = [finding for finding in findings if finding.stops]
    if run.applies and not stopping and findings and run.settings.number("wait_dns_minutes"):
        findings += _wait(run)
    if findings:
        run.findings = [*run.findings, *findings]
        run.write(Checked(findings=run.findings))
    stopping = [finding for finding in findings if finding.stops]
    if stopping and run.applies:
        headline = _("{selector} is not prepared: {check} did not pass. Give the same command "
                     "again: it makes what is missing.",
                     selector=run.selector, check=stopping[0].check)  # fmt: skip
        close(run, "FAILED", headline, stopping[0])


def hand_over(run: Run) -> Path | None:
    """Write the DNS request: a sheet, zone text, and a letter in both languages."""
    return write_request(run, run.findings)


def finish(run: Run) -> None:
    """Decide the outcome, and close the record."""
    selector, domain = run.selector, run.wanted.domain
    if run.applies and _has_written(run):
        close(run, "PREPARED", _("{selector} is prepared for {domain}",
                                 selector=selector, domain=domain))  # fmt: skip
    elif shown_plan(run).writes:
        close(run, "PLANNED", _("{selector} can be prepared for {domain}. Nothing was written.",
                                selector=selector, domain=domain))  # fmt: skip
    else:
        close(run, "UNCHANGED", _("{selector} was prepared for {domain} before",
                                  selector=selector, domain=domain))  # fmt: skip


def stop(run: Run, error: BaseException) -> None:
    """Close the record of a run that an error or an interrupt ended before its last step.

    Raises:
        RunEnded: always.
    """
    stop_run(
        run,
        error,
        _("The run ended before any write. Nothing was changed."),
        _("The run ended after a write. Give the same command again: it makes what is missing."),
    )


def _observe(run: Run, purpose: str) -> Observation:
    planner = partial(_plan, run)
    if purpose == "plan":
        return observe_world(run, "plan", planner, _with_store)
    return observe_world(run, "write" if purpose == "write" else "after", planner, _with_store)


def _with_store(run: Run, seen: Observation) -> Observation:
    """Return the observation with what the selector meets in the key store."""
    future = run.custodian.store(
        setting(run, "secret_id"), run.wanted.domain, run.selector, new_place(run)
    )
    return replace(seen, store=future.result())


def _missing(run: Run, seen: Observation) -> list[str]:
    """Return the writes that make what is missing."""
    missing = [STORE] if key.is_key_absent(seen) else []
    if seen.requested.entry is None:
        missing += [PROMOTE] if _is_pending(run, seen) else [ENTER, PROMOTE]
    writer = dns_writer(run)
    is_published = any(verdict.is_published for _s, verdict in dns.verdicts(seen.requested, ""))
    if writer is not None and not is_published:
        missing.append(PUBLISH[writer.kind])
    return missing


def _is_pending(run: Run, seen: Observation) -> bool:
    """Return whether AWSPENDING is the version that this run would make from the current one."""
    stored = seen.secret
    return (
        isinstance(stored, Secret)
        and prepare.is_pending_ours(seen)
        and stored.pending == version_for(stored.version, run.selector, seen.requested.key_sha256)
    )


def _plan(run: Run, seen: Observation) -> Plan:
    """Return the plan. The same world and the same waivers give the same digest."""
    stored, writer, place = seen.requested.key, dns_writer(run), new_place(run)
    missing, name = _missing(run, seen), record_name(run, run.selector)
    facts = {
        "procedure": "prepare",
        "account": getattr(seen.caller, "account", ""),
        "region": seen.wanted.region,
        "domain": seen.wanted.domain,
        "selector": run.selector,
        "selector in use": ",".join(getattr(seen.identity, "selectors", ())),
        "key": seen.requested.key_sha256 or "RSA, 2048 bits, to be made",
        "key object": getattr(stored, "place", f"s3://{place.bucket}/{place.key}"),
        "KMS key": run.settings.text("key_kms"),
        "secret": " ".join(getattr(seen.secret, name, "") for name in ("arn", "version")),
        "secret layout": getattr(seen.secret, "layout", ""),
        "key record": name,
        "TTL": run.settings.text("ttl"),
        "DNS writer": _place_of(writer),
        "writes": ", ".join(missing),
        "waived": "; ".join(f"{name}: {why}" for name, why in sorted(seen.wanted.waivers.items())),
    }
    sentences = {
        STORE: _("S3: store a new RSA key of 2048 bits at {place}", place=facts["key object"]),
        ENTER: _("Secrets Manager: enter {selector} as a pending version of the secret",
                 selector=run.selector),
        PROMOTE: _("Secrets Manager: make that version current, once key and entry are read back"),
        "ChangeResourceRecordSets": _("Route 53: publish {name}", name=name),
        "DnsUpdate": _("DNS: publish {name} by a dynamic update", name=name),
    }  # fmt: skip
    return Plan(facts, tuple(sentences[each] for each in missing), digest_of(facts))


def _place_of(writer: DnsWriter | None) -> str:
    if writer is None:
        return "request"
    return f"{writer.kind} {writer.hosted_zone_id or writer.server}"


def _store(run: Run) -> KeyObject:
    """Make the key pair and store it, where nothing is."""
    made = run.custodian.make_key().result()
    if not isinstance(made, KeyObject):
        close(run, "FAILED", _("No key could be made ({code}).", code=made.code))
        raise AssertionError
    place = new_place(run)

    def shows() -> bool:
        found = run.custodian.key([place]).result()
        return isinstance(found, KeyObject) and found.sha256 == made.sha256

    send = partial(run.custodian.store_key, place, made.sha256, run.settings.text("key_kms"))
    intended = _intended(run, STORE, f"s3://{place.bucket}/{place.key}", made.sha256)
    _require(run, make_write(run, intended, send, shows))
    return replace(made, bucket=place.bucket, key=place.key)


def _enter(run: Run, stored: Secret, made: KeyObject) -> None:
    """Store the pending version of the secret."""
    domain, place = run.wanted.domain, KeyPlace(made.bucket, made.key)
    secret_id = setting(run, "secret_id")

    def shows() -> bool:
        found = run.custodian.store(secret_id, domain, run.selector, place).result()
        entry = getattr(found, "pending", None)
        return entry is not None and _sha256_of(entry.record) == made.sha256

    send = partial(
        run.custodian.enter_selector,
        secret_id, stored.version, domain, run.selector, place, made.sha256,
    )  # fmt: skip
    _require(run, make_write(run, _intended(run, ENTER, stored.arn, made.sha256), send, shows))


def _promote(run: Run, stored: Secret, made: KeyObject) -> None:
    """Make the pending version current, in the place of the version that was read."""
    secret_id = setting(run, "secret_id")

    def shows() -> bool:
        found = run.custodian.secret(secret_id, layout_of(run.settings)).result()
        entry = entry_of(found, run.wanted.domain, run.selector)
        return entry is not None and _sha256_of(entry.record) == made.sha256

    send = partial(
        run.custodian.promote_secret, secret_id, stored.version, run.selector, made.sha256
    )
    _require(run, make_write(run, _intended(run, PROMOTE, stored.arn, made.sha256), send, shows))


def _publish(run: Run, writer: DnsWriter, made: KeyObject) -> None:
    """Publish the key record, where nothing stands."""
    name, value = record_name(run, run.selector), format_key_record(made.public_key)

    def shows() -> bool:
        found = run.custodian.record(writer, name).result()
        return getattr(found, "values", ()) == (value,)

    send = partial(run.custodian.add_record, writer, name, value, run.settings.number("ttl"))
    intended = _intended(run, PUBLISH[writer.kind], name, made.sha256)
    _require(run, make_write(run, intended, send, shows))


def _intended(run: Run, operation: str, target: str, sha256: str) -> WriteIntended:
    before = run.seen.current.selector
    return WriteIntended(
        operation=operation, target=target, before=before, after=run.selector, key_sha256=sha256
    )


def _require(run: Run, answered: WriteAnswered) -> None:
    """Go on only where a write was read back.

    Raises:
        RunEnded: it was rejected, or does not show.
    """
    if answered.result == "accepted":
        return
    values = {"operation": answered.operation, "code": answered.code or "-"}
    headline = _("{operation} has no clear answer ({code}) and does not show yet. Give the same "
                 "command again: it makes what is missing.", **values)  # fmt: skip
    if answered.result == "rejected":
        headline = _("{operation} was rejected ({code}). Nothing was overwritten. Give the same "
                     "command again: it makes what is missing.", **values)  # fmt: skip
    close(run, "FAILED", headline)


def _wait(run: Run) -> list[Finding]:
    """Wait until every server publishes what a writer wrote, and return what they do then."""
    writer = dns_writer(run)
    if writer is None:
        return []
    until = run.now() + timedelta(minutes=run.settings.number("wait_dns_minutes"))
    answers = [each for each in run.journal.events if isinstance(each, WriteAnswered)]
    change = next((each.answer["Id"] for each in answers if "Id" in each.answer), "")
    while change and run.now() < until:
        if run.custodian.record_change(writer, change).result() == "INSYNC":
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


def _has_written(run: Run) -> bool:
    return any(isinstance(each, ReadBack) for each in run.journal.events)


def _sha256_of(record: str) -> str:
    try:
        return parse_key_record(record).sha256
    except BadKeyRecord:
        return ""
