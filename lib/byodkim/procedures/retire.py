"""Retire: withdraw a selector's key record after the overlap, then delete its private key if the
profile says so.

The record is removed, not replaced by an empty ``p=``: to receivers both mean that the key is gone
(RFC 6376 section 3.6.1), and a revoked record would have to be removed later all the same. A name
is never used again, since sealed runs remember it.

The notebook's cells call these functions one by one, in the order in which they stand here.
"""

from pathlib import Path
from typing import Final

from msgspec.structs import asdict, replace

from byodkim.checks import dns, identity, plan, retire, time
from byodkim.checks.check import Check, Finding
from byodkim.checks.retire import record_state, served_value
from byodkim.checks.retirement import Retirement, name_of, retirement_of
from byodkim.checks.secret import known_keys
from byodkim.checks.world import KeyObject, KeyVersions, Observation, Unread, Zone
from byodkim.custody.settings import GetKeyVersions, KeyPlace
from byodkim.dns.observe import observe_records
from byodkim.engine.elsewhere import read_elsewhere
from byodkim.engine.observe import key_place, observe as observe_world, observe_dns, record_name
from byodkim.engine.plan import Plan, plan_of
from byodkim.engine.polling import settle_late_write, wait_for_dns
from byodkim.engine.request import write_sheet
from byodkim.engine.run import Run
from byodkim.engine.stages import (
    close,
    evaluate_checks,
    has_written,
    note_plan,
    require_unchanged,
    shown_plan,
)
from byodkim.procedures.writes import delete, dns_writer, withdraw
from byodkim.record.events import Observed
from byodkim.words import Sentence, _

#: Every check of a retirement, in the order in which a reader wants to know.
CHECKS: Final[tuple[Check, ...]] = (
    identity.ses_account, time.time_clock, identity.ses_exists,
    retire.ses_left, retire.ses_elsewhere, retire.ses_settled, retire.time_overlap,
    dns.dns_answers, retire.dns_ours, retire.key_versions, plan.plan_lock, plan.plan_approved,
)  # fmt: skip
#: A label that nobody uses. A wildcard answers for it.
UNUSED: Final = "byodkim-unused-name"


def observe(run: Run) -> Observation:
    """Observe SES here and everywhere else, every authoritative server, the key object's versions
    and the signed runs of the folder.

    Where a killed rotation's write may still arrive, this waits for it.
    """
    seen = observe_world(run, "plan", retire_plan, _complete)
    return observe_world(run, "plan", retire_plan, _complete) if settle_late_write(run) else seen


def check(run: Run) -> list[Finding]:
    """Evaluate every check.

    Raises:
        RunEnded: a check stops the run. The record is closed as REFUSED; nothing was changed.
    """
    stopping = evaluate_checks(run, CHECKS)
    if stopping is not None:
        headline = _("{selector} was not retired: {check} did not pass. Nothing was changed.",
                     selector=run.selector, check=stopping.check)  # fmt: skip
        close(run, "REFUSED", headline, stopping)
    return run.findings


def make_plan(run: Run) -> Plan:
    """Return the plan of what was observed, and note it in the journal."""
    return note_plan(run, retire_plan(run.seen), run.seen.approvals)


def retire_plan(seen: Observation) -> Plan:
    """Return the plan. The same world and the same waivers give the same digest.

    The key is deleted once the record is gone. While the DNS team is asked for that, nothing is
    written.
    """
    retirement, stands = retirement_of(seen), record_state(seen) != "gone"
    asks = retirement.writer == "request"
    versions = versions_to_delete(seen)
    name = f"{seen.requested.selector}._domainkey.{seen.wanted.domain}"
    facts = {
        "elsewhere": "; ".join(map(name_of, retirement.elsewhere)),
        "record": served_value(seen) if stands else "",
        "writer": retirement.writer,
        "key versions to delete": " ".join(version.place for version in versions),
    }
    writes = [_("DNS: remove the TXT record of {name}", name=name)] if stands and not asks else []
    if not (stands and asks):
        writes += [_("S3: delete {place} for good", place=version.place) for version in versions]
    return plan_of("retire", seen, facts, writes)


def apply(run: Run) -> None:
    """Write the plan that was shown, if it still fits what is seen now: the record first, and once
    it is gone from every server, the key.

    Raises:
        RunEnded: the plan no longer fits, a check stops the run, or a write did not land.
    """
    shown = shown_plan(run)
    if not run.applies or not shown.writes:
        return
    seen = observe_world(run, "write", retire_plan, _complete)
    require_unchanged(run, shown, retire_plan(seen))
    check(run)
    writer = dns_writer(run)
    if writer is not None and record_state(run.seen) == "stands":
        withdraw(run, writer, served_value(run.seen))
        _wait_until_gone(run)
    for version in versions_to_delete(run.seen):
        delete(run, version)
    _observe_after(run)


def verify(run: Run) -> None:
    """Do nothing: what was written was read back."""


def hand_over(run: Run) -> Path | None:
    """Write the request to remove the record; ``None`` where no request is needed."""
    value = served_value(run.seen)
    if record_state(run.seen) != "stands" or not value or dns_writer(run) is not None:
        return None
    ttl = max(answer.ttl or 0 for answer in run.seen.requested.answers)
    return write_sheet(run, value, ttl, "remove")


def finish(run: Run) -> None:
    """Decide the outcome by what the servers and S3 showed last, and close the record.

    Raises:
        RunEnded: the outcome is FAILED.
    """
    close(run, *decide(run))


def decide(run: Run) -> tuple[str, Sentence]:
    """Return the outcome and its headline."""
    selector, domain, seen = run.selector, run.wanted.domain, run.seen
    left = versions_to_delete(seen)
    if record_state(seen) != "gone":
        if retirement_of(seen).writer == "request":
            return "PLANNED", _(
                "{selector} of {domain} can be retired: waiting for the DNS team to remove its "
                "record. Nothing was written.", selector=selector, domain=domain,
            )  # fmt: skip
        return "PLANNED", _("{selector} of {domain} can be retired. Nothing was written.",
                            selector=selector, domain=domain)  # fmt: skip
    earlier = seen.history.retired(selector)
    if earlier and not left and not has_written(run):
        return "UNCHANGED", _("{name} retired {selector} already",
                              name=earlier[-1], selector=selector)  # fmt: skip
    if not run.applies:
        return "PLANNED", _(
            "The record of {selector} is gone; an apply run completes its retirement. Nothing was "
            "written.", selector=selector,
        )  # fmt: skip
    if left:
        return "FAILED", _("S3 still has {places}. Run the same command again.",
                           places=[version.place for version in left])  # fmt: skip
    return "RETIRED", _("{selector} of {domain} is retired", selector=selector, domain=domain)


def versions_to_delete(seen: Observation) -> list[KeyObject]:
    """Return the key object's versions that hold this selector's key, where the profile deletes."""
    retirement = retirement_of(seen)
    return retirement.holding(known_keys(seen, seen.requested)) if retirement.deletes else []


def _complete(run: Run, seen: Observation) -> Observation:
    """Return the observation with what only a retirement reads."""
    settings, unused = run.settings, record_name(run, UNUSED)
    answers = observe_records(seen.zone, [unused])[unused] if isinstance(seen.zone, Zone) else ()
    return Retirement(
        **asdict(seen),
        elsewhere=read_elsewhere(run, seen),
        versions=_versions(run, seen),
        unused=answers,
        overlap_days=settings.number("overlap_days"),
        deletes=settings.text("retire_key") == "delete",
        writer=settings.text("dns_writer"),
    )


def _versions(run: Run, seen: Observation) -> KeyVersions | Unread:
    """Return the versions of the key object; none where the profile keeps the key."""
    if run.settings.text("retire_key") == "keep":
        return KeyVersions(())
    key, entry = seen.requested.key, seen.requested.entry
    if isinstance(key, KeyObject):
        place = KeyPlace(key.bucket, key.key)
    else:
        known = key_place(run, run.selector, entry, seen.history)
        if known is None:
            return Unread("NotRead", "key_bucket")
        place = KeyPlace(known.bucket, known.key)
    return run.custodian.ask(GetKeyVersions(place)).result()


def _wait_until_gone(run: Run) -> None:
    """Wait until the record is gone from every server.

    Raises:
        RunEnded: a server still serves it.
    """
    observe_dns(run)
    wait_for_dns(run, (retire.dns_withdrawn,))
    if record_state(run.seen) != "gone":
        close(
            run,
            "FAILED",
            _("The record was removed, and not every server has followed. Run the same command "
              "again later."),
        )  # fmt: skip


def _observe_after(run: Run) -> None:
    """Note what the servers and S3 show after the writes."""
    seen = observe_dns(run)
    run.observation = replace(retirement_of(seen), versions=_versions(run, seen))
    run.write(Observed(purpose="after", observation=run.observation))
