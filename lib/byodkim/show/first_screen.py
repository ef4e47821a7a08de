"""The first screen of a record: outcome, cautions, answers, commands, progress, changes."""

from typing import Final

from byodkim.record.record import NOT_DONE, Record
from byodkim.show import mail
from byodkim.show.commands import apply_command, record_name, rollback_command
from byodkim.show.section import Code, Facts, Part, Section, Status, Strong, clock, moment
from byodkim.show.tables import changes, places, proved
from byodkim.words import Sentence, _, joined, listed, n_

#: Outcomes of a run that came to its end as it should.
GOOD: Final = ("PLANNED", "UNCHANGED", "SWITCHED", "PREPARED", "RETIRED")
OUTCOMES: Final = {
    "": _("NOT CLOSED"), "PLANNED": _("PLANNED"), "REFUSED": _("REFUSED"), "FAILED": _("FAILED"),
    "UNCHANGED": _("UNCHANGED"), "SWITCHED": _("SWITCHED"), "PREPARED": _("PREPARED"),
    "SWITCHED-PENDING": _("SWITCHED-PENDING"), "RETIRED": _("RETIRED"),
}  # fmt: skip
#: What a person does when nothing else is said.
AGAIN: Final = _("Run the same command again with a new output name: it reads SES first.")
Answer = tuple[Sentence, str]


def headline(record: Record) -> Section:
    """Return the first screen of a record."""
    outcome = outcome_name(record.outcome)
    title = _("{outcome}: {headline}", outcome=outcome, headline=record.headline)
    cause = first_cause(record, joined(*mail.meaning(record)))
    known = [(_("Who"), _who(record)), (_("When"), _when(record)), (_("Why"), _why(record))]
    rows: list[tuple[Sentence, str | Code]] = [*cause, *known]
    rows += [] if cause else answers(record)
    rows += commands(record)
    body: list[Part] = [Strong(str(each)) for each in mail.cautions(record)]
    body += [Facts(rows), progress(record), *changes(record)]
    return Section(title, body, status_of(record))


def placeholder() -> Section:
    """Return what stands in the first cell while the run goes on."""
    return Section(
        _("NOT CLOSED: this run is going on, or was ended before it closed its record."),
        (_("The record's first screen appears here when the run ends."),),
        "skipped",
    )


def outcome_name(code: str) -> str:
    """Return an outcome in the language of this process; "" is a record that was not closed."""
    return str(OUTCOMES.get(code, code))


def status_of(record: Record) -> Status:
    """Return the mark of a record: passed only for a run that came to its end as it should."""
    if record.outcome in GOOD:
        return "passed"
    return "refused" if record.outcome in NOT_DONE else "skipped"


def first_cause(record: Record, effect: str) -> list[Answer]:
    """Return why a run was stopped, what that means for mail, and what to do; empty for others.

    ``effect``: what the run means for mail.
    """
    if status_of(record) == "passed" or record.outcome == "SWITCHED-PENDING":
        return []
    rows, todo = [], None
    if record.stopping:
        first = record.stopping[0]
        todo = first.todo
        rows = [
            (_("Stopped by"), f"{first.check}, {first.verdict}"),
            (_("Expected"), str(first.claim)),
            (_("Seen"), str(first.saw)),
        ]
    elif record.interrupted:
        todo = record.interrupted.todo or AGAIN
        rows = [(_("Stopped by"), str(record.interrupted.what))]
    rows += [(_("Effect"), effect)] if rows else []
    return [*rows, (_("Do next"), str(todo))] if todo else rows


def answers(record: Record) -> list[Answer]:
    """Return whether the run was safe and is finished, and the rollback; not escaped yet."""
    rollback = rollback_command(record)
    return [
        (_("Safe?"), joined(*safe(record))),
        (_("Finished?"), joined(*finished(record))),
        (_("Rollback"), joined(rollback.note, rollback.todo)),
    ]


def commands(record: Record) -> list[tuple[Sentence, Code]]:
    """Return the commands that go on from here, or back."""
    printed = [
        (_("To apply"), apply_command(record)),
        (_("To roll back"), rollback_command(record).text),
    ]
    return [(label, Code(command)) for label, command in printed if command]


def safe(record: Record) -> list[Sentence]:
    """Return whether the run was safe: its checks, its proof, and what it means for mail."""
    is_checked = record.checked is not None and not record.stopping and not record.waived
    is_switched = record.outcome in ("SWITCHED", "UNCHANGED") and record.signs_as_requested
    is_made = all(write.state == "made" for write in record.writes)
    is_done = is_switched or (is_made and record.outcome in ("PREPARED", "RETIRED"))
    yes = [_("Yes.")] if is_checked and is_done else []
    proof = []
    if record.observation is not None and record.begun.procedure == "rotate":
        same, count = proved(record)
        proof = [_("The public key of {selector} is the same in {same} of {count} places.",
                   selector=record.begun.selector, same=same, count=count)]  # fmt: skip
    return [*yes, *_checks(record), *proof, *mail.meaning(record)]


def finished(record: Record) -> list[Sentence]:
    """Return whether anything is left to do, and what."""
    is_removal = record.request is not None and record.request.action == "remove"
    match record.outcome:
        case "PLANNED" if is_removal:
            return [
                _("No. When the DNS team has removed the key record, run the same command again.")
            ]
        case "PLANNED" if record.begun.settings.get("approvals", "0") != "0":
            return [_("No. This was a plan. Somebody else approves it: `byodkim approve {file}`",
                      file=f"{record.begun.folder}/{record_name(record)}.ipynb")]  # fmt: skip
        case "PLANNED":
            return [_("No. This was a plan.")]
        case "SWITCHED-PENDING":
            return [_("No. SES looks for the key record for up to 72 hours."), AGAIN]
        case "PREPARED" | "UNCHANGED" if record.begun.procedure == "prepare":
            return [_("No. When every server publishes the key record, run `byodkim rotate`.")]
        case "" | "REFUSED" | "FAILED":
            todo = record.interrupted.todo if record.interrupted else None
            remedies = [todo, *(each.todo for each in record.stopping), AGAIN]
            return [_("No."), next(each for each in remedies if each)]
    done = _("The change is finished.")
    if record.retire_on is None:
        return [done]
    return [done, _("Keep the key record of {selector} published until {day}. After that you can "
                    "retire it (`byodkim retire`).",
                    selector=record.previous, day=record.retire_on.isoformat())]  # fmt: skip


def progress(record: Record) -> str:
    """Return how far the change is, in one line. A filled dot was seen by this run."""
    last = record.last_identity
    if record.begun.procedure == "retire":
        passed = [finding.check for finding in record.findings if finding.verdict == "PASS"]
        steps = [
            (_("no longer in SES"), "SES-LEFT" in passed),
            (_("overlap over"), "TIME-OVERLAP" in passed),
            (_("retired"), record.outcome == "RETIRED"),
        ]
    else:
        seen = list(places(record, record.observation.requested)) if record.observation else []
        is_proved = bool(seen) and all(each.same or each.waits for each in seen)
        steps = [
            (_("key pair proved"), is_proved),
            (_("published"), is_proved and not any(each.waits for each in seen)),
            (_("set in SES"), last is not None and last.selector == record.begun.selector),
            (_("verified by SES"), record.signs_as_requested),
        ]
    if record.retire_on:
        retire = _("retire {selector} from {day}",
                   selector=record.previous, day=record.retire_on.isoformat())  # fmt: skip
        steps.append((retire, False))
    return " ── ".join(f"{'●' if is_seen else '○'} {step}" for step, is_seen in steps)


def _who(record: Record) -> str:
    """Return who signed the requests, who asked for the change and who approved it."""
    begun = record.begun
    parts = [record.caller.arn if record.caller else str(_("AWS did not say who signed in"))]
    parts.append(str(_("operator {name}", name=begun.operator)))
    if begun.requested_by:
        parts.append(str(_("requested by {name}", name=begun.requested_by)))
    for approval in record.plan.approvals if record.plan else ():
        approved = _("approved by {name} (plan {digest}) at {time}", name=approval.approver,
                     digest=approval.digest[:16],
                     time=moment(approval.at, record.zone))  # fmt: skip
        parts.append(str(approved))
    return listed(parts)


def _when(record: Record) -> str:
    """Return when the run began, and when its journal ends."""
    began, ended = moment(record.began_at, record.zone), clock(record.ended_at, record.zone)
    if record.closed:
        return str(_("{began} to {ended}", began=began, ended=ended))
    return str(_("began {began}, last line at {ended}", began=began, ended=ended))


def _why(record: Record) -> str:
    """Return ticket and reason."""
    given = [text for text in (record.begun.ticket, record.begun.reason) if text]
    return listed(given) or str(_("No reason was given."))


def _checks(record: Record) -> list[Sentence]:
    if record.checked is None:
        return [_("No check was evaluated.")]
    stopping = [each.check for each in record.stopping]
    waived = [each.check for each in record.waived]
    warnings = [each.check for each in record.findings if each.level == "warns" and not each.is_met]
    passed = [each for each in record.findings if each.level == "blocks" and each.verdict == "PASS"]
    said = [_("Stopped by {checks}.", checks=stopping)] if stopping else []
    said += [_("Waived: {checks}.", checks=waived)] if waived else []
    if not said:
        said = [n_("The {count} blocking check that applies passed.",
                   "All {count} blocking checks that apply passed.", len(passed))]  # fmt: skip
    return [*said, *([_("Warnings: {checks}.", checks=warnings)] if warnings else [])]
