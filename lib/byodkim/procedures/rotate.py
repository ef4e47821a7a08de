"""Rotate: switch an identity to the requested selector, or say why not.

A rollback is the same with the old selector.

The notebook's cells call these functions one by one, in the order in which they stand here.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

from byodkim.checks import dns, identity, key, plan, rollback, secret, time
from byodkim.checks.check import Check, Finding
from byodkim.checks.world import Identity, Observation, Unread
from byodkim.engine.observe import observe as observe_world
from byodkim.engine.plan import Plan, rotate_plan
from byodkim.engine.polling import settle_late_write, wait_for_dns, wait_for_ses
from byodkim.engine.request import write_request
from byodkim.engine.run import Run
from byodkim.engine.stages import (
    close,
    evaluate_checks,
    has_written,
    note_plan,
    require_unchanged,
    shown_plan,
)
from byodkim.engine.write_ahead import Landing, set_signing_key
from byodkim.record.events import WriteAnswered
from byodkim.record.record import tell
from byodkim.words import Sentence, _

#: Every check of a rotation, in the order in which a reader wants to know: a finding may refer to
#: an earlier one.
CHECKS: Final[tuple[Check, ...]] = (
    identity.ses_account, time.time_clock, identity.ses_exists, identity.ses_origin,
    identity.ses_signing, identity.ses_history, plan.plan_change,
    secret.secret_entry, secret.secret_stage, key.key_object, key.key_form, key.key_strength,
    key.key_pair, key.key_reused, key.key_known, dns.dns_answers, dns.dns_published,
    dns.dns_delegation, dns.dns_dnssec, time.time_activate, key.key_signs,
    rollback.rollback_checks, plan.plan_lock, plan.plan_approved,
)  # fmt: skip


def observe(run: Run) -> Observation:
    """Observe SES, secret, key objects, every authoritative server and the signed runs of the
    folder.

    Where a killed run's write may still arrive, this waits for it. With ``wait_dns_minutes`` it
    waits for the record.
    """
    seen = observe_world(run, "plan")
    if run.lock.needed and not run.lock.held:
        return seen  # somebody else is at work: PLAN-LOCK refuses this run
    has_waited = settle_late_write(run)
    if run.settings.number("wait_dns_minutes") and not seen.is_switched:
        has_waited = wait_for_dns(run) or has_waited
    return observe_world(run, "plan") if has_waited else seen


def check(run: Run) -> list[Finding]:
    """Evaluate every check, and the rollback's own.

    Raises:
        RunEnded: a check stops the run. The record is closed as REFUSED; SES was not touched.
    """
    rollbacks = rollback.rollback_findings(run.seen)
    stopping = evaluate_checks(run, CHECKS, rollbacks)
    if stopping is not None:
        refuse(run, stopping)
    return run.findings


def make_plan(run: Run) -> Plan:
    """Return the plan of what was observed, and note it in the journal."""
    return note_plan(run, rotate_plan(run.seen), run.seen.approvals)


def apply(run: Run) -> None:
    """Write the plan that was shown, if it still fits what is seen now.

    Everything is observed and checked again, SES last. Then the intent goes to the disk, and one
    attempt to SES.

    Raises:
        RunEnded: the plan no longer fits, a check stops the run, or the write did not land.
    """
    shown = shown_plan(run)
    if not run.applies or not shown.writes:
        return
    before = observe_again(run, shown)
    landing = set_signing_key(run, before)
    if landing != "landed":
        close(run, "FAILED", _not_landed(run, landing))


def observe_again(run: Run, shown: Plan) -> Identity:
    """Return the identity directly before the write, after everything was observed and checked
    again.

    Raises:
        RunEnded: something is not as the plan has it, or a check stops the run.
    """
    seen = observe_world(run, "write")
    require_unchanged(run, shown, rotate_plan(seen))
    check(run)
    if isinstance(seen.identity, Unread):  # SES-EXISTS stopped the run
        raise AssertionError("an identity that cannot be read does not pass its check")
    return seen.identity


def verify(run: Run) -> Identity | None:
    """Wait until SES has verified the selector, for ``wait_minutes`` at most, and judge the message
    that was given.

    Returns:
        The identity as SES showed it last; ``None`` in a run that does not apply.
    """
    seen = run.seen
    pending = seen.is_switched and isinstance(seen.identity, Identity)
    last: Identity | None = None
    if run.applies and (has_written(run) or pending):
        minutes = run.settings.number("wait_minutes")
        last = wait_for_ses(run, run.now() + timedelta(minutes=minutes))
    if run.settings.text("message"):
        from byodkim.procedures.message import judge_file  # only where a message is given

        judged = judge_file(run, run.settings.folder / run.settings.text("message"))
        run.write(judged)
    return last


def hand_over(run: Run) -> Path | None:
    """Write the DNS request beside the record and return its file; ``None`` where there is nothing
    proved to ask for.
    """
    return write_request(run, run.findings)


def finish(run: Run) -> None:
    """Decide the outcome by what SES showed last, and close the record.

    Raises:
        RunEnded: the outcome is REFUSED or FAILED, the wait for SES is over, or the message proves
            nothing.
    """
    close(run, *decide(run))


def decide(run: Run) -> tuple[str, Sentence]:
    """Return the outcome and its headline, by the four rows of the run sheet.

    Selector, status, signing enabled and signing origin all have to be as required: a verified
    selector signs nothing while DKIM signing is disabled.
    """
    record, domain, selector = tell(run.journal.events), run.wanted.domain, run.selector
    after, message = record.last_identity, record.message
    if after is None:
        return "FAILED", _("SES could not be read for {domain} after the write. Run the same "
                           "command again.", domain=domain)  # fmt: skip
    if after.selector == selector and message and message.finding.verdict == "FAIL":
        return "FAILED", _("The message shows that mail is not signed as SES says: {saw}",
                           saw=message.finding.saw)  # fmt: skip
    if not run.applies:
        return _decide_plan(run, after)
    if after.selector != selector:
        return "FAILED", _(
            "SES shows {shown} for {domain}, not {selector}.",
            shown=after.selector or "-", domain=domain, selector=selector,
        )  # fmt: skip
    if not after.signs:
        return "FAILED", _(
            "SES has {selector} for {domain}, but signs nothing with it: DKIM signing is off.",
            selector=selector, domain=domain,
        )  # fmt: skip
    if after.status == "SUCCESS":
        if has_written(run) or _completes(run):
            return "SWITCHED", _("{domain} signs with {selector}", domain=domain, selector=selector)
        return "UNCHANGED", _already(domain, selector)
    if after.status in ("PENDING", "NOT_STARTED"):
        return "SWITCHED-PENDING", _(
            "SES has {selector} for {domain} and has not verified it yet",
            selector=selector, domain=domain,
        )  # fmt: skip
    return "FAILED", _(
        "SES has {selector} for {domain} with status {status}",
        selector=selector, domain=domain, status=after.status,
    )  # fmt: skip


def _already(domain: str, selector: str) -> Sentence:
    return _("{domain} already signs with {selector}", domain=domain, selector=selector)


def _not_landed(run: Run, landing: Landing) -> Sentence:
    """Return what is known of a write that SES did not accept and does not show."""
    events = run.journal.events
    answered = next(each for each in reversed(events) if isinstance(each, WriteAnswered))
    if answered.result == "rejected":
        return _("SES rejected the write ({code}). This run changed nothing.", code=answered.code)
    if landing == "not-landed":
        seconds = run.settings.number("late_write_seconds")
        return _(
            "The answer to the write was lost ({code}), and SES does not show it {seconds} s "
            "later. Run the same command again: it reads SES first.",
            code=answered.code, seconds=seconds,
        )  # fmt: skip
    return _(
        "It is not known yet whether SES took the write ({code}). "
        "Run the same command again: it reads SES first.",
        code=answered.code,
    )


def _decide_plan(run: Run, after: Identity) -> tuple[str, Sentence]:
    domain, selector = run.wanted.domain, run.selector
    if after.selector == selector and after.status == "SUCCESS" and after.signs:
        return "UNCHANGED", _already(domain, selector)
    if not shown_plan(run).writes:
        return "PLANNED", _(
            "SES has {selector} for {domain}; an apply run waits until it is verified",
            selector=selector, domain=domain,
        )  # fmt: skip
    return "PLANNED", _(
        "{domain} can be switched to {selector}. Nothing was written.",
        domain=domain, selector=selector,
    )  # fmt: skip


def refuse(run: Run, finding: Finding) -> None:
    """Close the record as REFUSED because of a finding.

    The DNS request is written first, where a key pair is proved.

    Raises:
        RunEnded: always.
    """
    write_request(run, run.findings)
    what = {"domain": run.wanted.domain, "selector": run.selector, "check": finding.check}
    headline = _(
        "{domain} was not switched to {selector}: {check} did not pass. SES was not changed.",
        **what,
    )
    if run.seen.is_switched:
        headline = _(
            "{check} did not pass. SES shows {selector} for {domain}, and was not changed.", **what
        )
    close(run, "REFUSED", headline, finding)


def _completes(run: Run) -> bool:
    """Return whether an earlier run gave SES the selector, and no signed run has seen it verified
    yet.
    """
    past = run.seen.history
    intents = [
        each.intended_at
        for each in past.unfinished
        if each.selector == run.selector and each.intended_at
    ]
    if intents:
        verified = [each.verified_at for each in past.runs if each.selector == run.selector]
        return not any(time and time > max(intents) for time in verified)
    write = past.last_write()
    if write is None or write.selector != run.selector:
        return False
    later = past.runs[past.runs.index(write) :]
    return not any(each.selector == run.selector and each.verified_at for each in later)
