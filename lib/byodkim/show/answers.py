"""The answers on a record's first screen: who, when, why, safe, finished, rollback."""

from __future__ import annotations

from byodkim.record.record import Record
from byodkim.show import mail
from byodkim.show.commands import rollback_command
from byodkim.show.proof import proved_places
from byodkim.show.text import clock, moment
from byodkim.words import Sentence, _, joined, n_


def known_answers(record: Record) -> list[tuple[Sentence, str]]:
    """Return who, when and why, as text that is not escaped yet."""
    return [(_("Who"), who(record)), (_("When"), when(record)), (_("Why"), why(record))]


def answers(record: Record) -> list[tuple[Sentence, str]]:
    """Return whether the run was safe and is finished, and the rollback; not escaped yet."""
    rollback = rollback_command(record)
    return [
        (_("Safe?"), joined(*safe(record))),
        (_("Finished?"), joined(*finished(record))),
        (_("Rollback"), joined(rollback.note, rollback.todo)),
    ]


def who(record: Record) -> str:
    """Return who signed the requests, who asked for the change and who approved it."""
    begun = record.begun
    parts = [record.caller.arn if record.caller else str(_("AWS did not say who signed in"))]
    parts.append(str(_("operator {name}", name=begun.operator)))
    if begun.requested_by:
        parts.append(str(_("requested by {name}", name=begun.requested_by)))
    for approval in record.approvals:
        at = moment(approval.at, record.zone)
        approved = _("approved by {name} (plan {digest}) at {time}",
                     name=approval.approver, digest=approval.digest[:16], time=at)  # fmt: skip
        parts.append(str(approved))
    return ", ".join(parts)


def when(record: Record) -> str:
    """Return when the run began, and when its journal ends."""
    began, ended = moment(record.began_at, record.zone), clock(record.ended_at, record.zone)
    if record.closed:
        return str(_("{began} to {ended}", began=began, ended=ended))
    return str(_("began {began}, last line at {ended}", began=began, ended=ended))


def why(record: Record) -> str:
    """Return ticket and reason."""
    given = [text for text in (record.begun.ticket, record.begun.reason) if text]
    return ", ".join(given) or str(_("No reason was given."))


def safe(record: Record) -> list[Sentence]:
    """Return whether the run was safe: its checks, its proof, and what it means for mail."""
    is_checked = record.checked is not None and not record.stopping and not record.waived
    is_switched = record.outcome in ("SWITCHED", "UNCHANGED") and record.signs_as_requested
    is_made = all(write.state == "made" for write in record.writes)
    is_done = is_switched or (is_made and record.outcome in ("PREPARED", "RETIRED"))
    is_safe = is_checked and is_done
    yes = [_("Yes.")] if is_safe else []
    return [*yes, *_checks(record), *_proof(record), *mail.meaning(record)]


def finished(record: Record) -> list[Sentence]:
    """Return whether anything is left to do, and what."""
    again = _("Run the same command again with a new output name: it reads SES first.")
    todo = record.interrupted.todo if record.interrupted else None
    match record.outcome:
        case "":
            return [_("No."), again]
        case "PLANNED" if record.request and record.request.action == "remove":
            return [_("No. When the DNS team has removed the record, run the same command again.")]
        case "PLANNED":
            return [_("No. This was a plan.")]
        case "REFUSED":
            first = next((each.todo for each in record.stopping if each.todo), todo)
            return [_("No."), first or again]
        case "FAILED":
            return [_("No."), todo or again]
        case "PREPARED":
            return [_("No. When every server publishes the key record, run rotate.ipynb.")]
        case "UNCHANGED" if record.begun.procedure == "prepare":
            return [_("No. When every server publishes the key record, run rotate.ipynb.")]
        case "SWITCHED-PENDING":
            return [_("No. SES looks for the key record for up to 72 hours."), again]
    return [_("Yes."), *_keep(record)]


def _keep(record: Record) -> list[Sentence]:
    if record.retire_on is None or record.observation is None:
        return []
    if record.observation.is_rollback:
        return [_("Keep {selector} published until {day}: mail that it signed is still on its way.",
                  selector=record.previous, day=record.retire_on.isoformat())]  # fmt: skip
    return [_("Keep {selector} published until {day}, then run retire.ipynb.",
              selector=record.previous, day=record.retire_on.isoformat())]  # fmt: skip


def _checks(record: Record) -> list[Sentence]:
    if record.checked is None:
        return [_("No check was evaluated.")]
    blocking = [each for each in record.findings if each.level == "blocks"]
    passed = sum(each.verdict == "PASS" for each in blocking)
    warnings = [each.check for each in record.findings if each.level == "warns" and not each.is_met]
    stopping = [each.check for each in record.stopping]
    waived = [each.check for each in record.waived]
    sentences = []
    if stopping:
        sentences.append(_("Stopped by {checks}.", checks=stopping))
    if waived:
        sentences.append(_("Waived: {checks}.", checks=waived))
    if not stopping and not waived:
        sentences.append(n_("The {count} blocking check that applies passed.",
                            "All {count} blocking checks that apply passed.", passed))  # fmt: skip
    if warnings:
        sentences.append(_("Warnings: {checks}.", checks=warnings))
    return sentences


def _proof(record: Record) -> list[Sentence]:
    if record.observation is None or record.begun.procedure != "rotate":
        return []
    same, count = proved_places(record.observation)
    return [_("The key pair of {selector} was seen in {same} of {count} places.",
              selector=record.begun.selector, same=same, count=count)]  # fmt: skip
