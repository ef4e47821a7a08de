"""The summary at the top of a record: the verdict in words, its meaning, the rollback, and what comes next and when."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from byodkim.display import failure, message
from byodkim.display.answers import answers, before, mail
from byodkim.display.blocks import Block, Code, Heading, Headline, Paragraph, facts
from byodkim.display.rehearsed import SIGNS_WITH, first, own_path, place, rehearsed, target_anew, to_publish
from byodkim.display.rotate import identity_block, waivers
from byodkim.display.sections import own
from byodkim.display.standing import assessed, at_work, departed, overlap, stands, verified_last, wrote
from byodkim.display.words import Words, duration, identity_name
from byodkim.display.writes import begun
from byodkim.errors import paragraph
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.ses_write import signed_at
from byodkim.messages import say
from byodkim.rotation.checks.activation import early
from byodkim.rotation.observation import SUCCESS
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import GIVEN_UP
from byodkim.rotation.timing import deadline, lagging
from byodkim.settings import CELLS

TONES = {
    Outcome.PLANNED: "wait",
    Outcome.REFUSED: "bad",
    Outcome.UNCHANGED: "good",
    Outcome.SWITCHED: "good",
    Outcome.SWITCHED_PENDING: "wait",
    Outcome.ROLLED_BACK: "bad",
    Outcome.PREPARED: "good",
    Outcome.PUBLISHED: "good",
    Outcome.RETIRED: "good",
    Outcome.STOPPED: "bad",
    Outcome.FAILED: "bad",
}
#: Parameters that every further command repeats: what the run is about, and how AWS and DNS are reached.
REPEATED: Final = (
    "profile", "domain", "region", "secret_id", "key_bucket", "aws_profile", "target", "endpoint_url", "nameservers",
    "language", "store_region", "store_profile", "of", "replace",
)  # fmt: skip
#: Those that a command for the same change repeats too: another one has waivers and reasons of its own.
OF_CHANGE: Final = ("waive", "wait_dns_minutes", "wait_minutes", "message", "reason", "ticket", "requested_by")
#: Those that papermill may read by their form: the rest stays text.
NOT_TEXT: Final = frozenset({"target", "endpoint_url", "language", "wait_dns_minutes", "wait_minutes"})


def not_begun(text: str) -> list[Block]:
    """Return what stands in the headline's place where a run could not even begin."""
    return [Headline(Outcome.REFUSED, text, "bad")]


def opening(record: Record, words: Words) -> list[Block]:
    """Return the first screen of a record."""
    return [*answered(record, words), facts(identity_block(record, words))]


#: In the order in which they stand.
CONTACTS: Final = ("operators", "dns", "approver", "escalation")


def answered(record: Record, words: Words) -> list[Block]:
    """Return the verdict, with the answers to what a reader asks first before the rollback."""
    said, onward = replace(facts(answers(record, words)), kind="answers"), _onward(record, words)
    folder = words("These commands are for the project's folder {folder}.", folder=record.below)
    where = [Paragraph(folder)] if record.below and any(isinstance(one, Code) for one in onward) else []
    return [*_headline(record, words), said, *onward, *where]


def verdict(record: Record, words: Words) -> list[Block]:
    """Render the outcome, meaning, waivers, the rollback and what comes next."""
    return [*_headline(record, words), *_onward(record, words)]


def _headline(record: Record, words: Words) -> list[Block]:
    outcome, display = record.outcome, own(record)
    if outcome is None:
        known = display.unfinished(record, words) if display else _known(record, words)
        headline = Headline(words.record("outcome.none"), words.record("unfinished"), "bad")
        return [headline, *place(record, words), *known]
    sentence = display.sentence(record, outcome, words) if display else _sentence(record, outcome, words)
    return [
        Headline(words.outcome(outcome.value), sentence, TONES[outcome]),
        *waivers(record, words),
        *rehearsed(record, words),
        *_meaning(record, outcome, words),
        *message.opened(record, words),
    ]


def _sentence(record: Record, outcome: Outcome, words: Words) -> str:
    values = {
        "domain": identity_name(record.begin.domain),
        "selector": record.begin.selector,
        "current": (record.rolled_back.next_selector if record.rolled_back else record.current_selector) or "-",
    }
    if against := message.headline(record, words):
        return against
    if outcome is Outcome.REFUSED and stands(record):
        values["status"] = record.after.status if record.after else "-"
        return _not_signing(record, words) + _say("outcome.REFUSED-stands", words, **values)
    touched = record.last_write is not None or stands(record) is not None
    if record.gone_at and not touched:
        return words("SES has no identity {domain} any more; this run wrote nothing to it", **values)
    return _not_signing(record, words) + words.record(f"outcome.{came(outcome, touched)}", **values)


def came(outcome: Outcome, touched: bool) -> Outcome:
    """Return the outcome whose sentence stands in the headline: a run that failed untouched did as one refused did."""
    return Outcome.REFUSED if outcome is Outcome.FAILED and not touched else outcome


def _not_signing(record: Record, words: Words) -> str:
    """Return what the headline says first where SES does not sign with your key, or did not; "" where it does."""
    after, before = record.after, record.before.identity if record.before else None
    domain = identity_name(record.begin.domain)
    if record.gone_at:
        return words("SES has no identity {domain} any more. ", domain=domain)
    if after is not None and not after.signs:
        key = "headline.origin-other" if after.signing_enabled else "headline.signing-off"
        return _say(key, words, domain=domain, origin=after.signing_origin or "-")
    if before is not None and before.signing_enabled is not True:
        return _say("headline.signing-was-off", words, domain=domain)
    return ""


def _onward(record: Record, words: Words) -> list[Block]:
    outcome, display = record.outcome, own(record)
    if outcome is None:
        return []
    if display:
        todo = _todo(record, outcome, words)
        onward = display.onward(record, outcome, words) or [*([Heading(words("Next"))] if todo else []), *todo]
    else:
        onward = [*_way_back(record, words), *_next(record, outcome, words)]
    return [*onward, *(_contacts(record, words) if Heading(words("Next")) in onward else [])]


def _contacts(record: Record, words: Words) -> list[Block]:
    """Return whom to turn to, where the profile says so."""
    known = record.begin.contacts
    sentences = [f"{words.record(f'contact.{who}')}: {known[who]}" for who in CONTACTS if who in known]
    return [Paragraph(words("Contacts: {told}.", told="; ".join(sentences)))] if sentences else []


def _known(record: Record, words: Words) -> list[Block]:
    write, selector = record.last_write, record.begin.selector
    if write is None:
        told = words("The journal holds no intent to write: SES was not touched.")
    else:
        key = f"unfinished.{'rollback-' if write.rollback else ''}{'written' if write.accepted else 'begun'}"
        told = words.record(key, selector=write.selector, left=write.change.current_selector, at=words.time(write.at))
    # A rollback is completed by the command that rolls back: the run's own would switch again.
    back = write is not None and write.rollback
    again = Code(command(record, write.selector if write and back else selector, record.begin.mode))
    return [Paragraph(told), *([] if back else _way_back(record, words)), Heading(words("Next")), again]


def _meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    if (error := failure.recorded(record, words)) is not None:
        said = [Paragraph(failure.quoted(paragraph(*error), record, words))]
        refused = outcome is Outcome.REFUSED and not own(record)
        after = record.after if refused else None
        means = mail(after, words, "meaning.stands") if after and after.signs else ""
        return [*said, *([Paragraph(means)] if means else [])]
    if display := own(record):
        return display.meaning(record, outcome, words)
    written, verified = record.written_at, record.verified_at
    if outcome is Outcome.SWITCHED and written and verified:
        seconds = max((verified - written).total_seconds(), 0)
        values = {"at": words.time(verified), "duration": duration(seconds, words.language)}
        if found := before(record, words):
            signed = words.time(signed_at(record.reads, verified))
            return [Paragraph(_say("meaning.unverified-before", words, **values, signed=signed, before=found))]
        return [Paragraph(words.record("meaning.switched" if record.switch else "meaning.completed", **values))]
    if outcome is Outcome.SWITCHED_PENDING:
        status = record.after.status if record.after else "-"
        return [Paragraph(words.record("meaning.stale" if status == GIVEN_UP else "meaning.pending", status=status))]
    if outcome is Outcome.PLANNED and record.plan and not record.plan.writes:
        return [Paragraph(words.record("meaning.planned-nothing", status=record.after.status if record.after else "-"))]
    if outcome is Outcome.PLANNED and record.plan:
        digest = record.plan.digest
        if until := _not_before(record, words):
            return [Paragraph(_say("meaning.planned-early", words, digest=digest, until=until))]
        return [Paragraph(words.record("meaning.planned", digest=digest))]
    return []


def _not_before(record: Record, words: Words) -> str:
    """Return the earliest time at which the plan can be carried out, where TIME-ACTIVATE warns of it; else ""."""
    until = early(record.findings)
    return words.time(until) if until else ""


def _way_back(record: Record, words: Words) -> list[Block]:
    # What a message speaks against has to be gone back from, whoever wrote it.
    if at_work(record) or (not departed(record) and not message.headline(record, words)):
        return []
    back = record.left
    if not back:
        return [Heading(words("Rollback")), Paragraph(words.record("way-back.unknown"))]
    found, seen = assessed(record)
    at = words.clock(seen) if seen else "-"
    anew = words(
        "This run's sandbox ended with it. The command goes back in a new one, which signs with {selector}.",
        selector=SIGNS_WITH[target_anew(_given(record, "target"))],
    )
    judged = words.record(f"way-back.{found.state}", selector=back, at=at)
    assessment = Paragraph(paragraph(judged, anew if ended(record) and found.state == "passes" else ""))
    if found.state == "never-worked":
        known = verified_last(record)
        last = [Paragraph(words.record("way-back.verified-last", selector=known))] if known else []
        return [Heading(words("Rollback")), assessment, *last]
    if found.state == "unevaluated":
        return [Heading(words("Rollback")), assessment, Code(command(record, back, "plan"))]
    first = [
        Paragraph(words("{id}, {claim}: {todo}", id=one.id, claim=words(one.claim), todo=words.phrase(remedy)))
        for one in record.findings
        if (remedy := found.remedies.get(one.id)) is not None
    ]
    if record.after is not None and not record.after.signs:  # whatever is run now is refused
        return [Heading(words("Rollback")), assessment, *first, Paragraph(words.record("way-back.plan", selector=back))]
    then = [assessment, *first, Paragraph(words("Then run:"))] if first else []
    needed = record.begin.approvals
    approval = [Paragraph(words.record("way-back.approval", count=needed))] if needed else []
    # Without its approvals the write would be refused: its plan comes first, and its record names the command.
    line = Code(command(record, back, "plan" if needed else "apply"))
    return [
        Heading(words("Rollback")),
        *then,
        line,
        *([] if first else [assessment]),
        *_lagging(record, words),
        *approval,
    ]


def _lagging(record: Record, words: Words) -> list[Block]:
    """Return what a rollback does where SES took the write, and has shown only the selector from before it since."""
    back, after = record.left, record.after
    if not wrote(record) or after is None or list(after.selectors) != [back]:
        return []
    return [Paragraph(words.record("way-back.lagging", selector=back, requested=record.begin.selector))]


def command(record: Record, selector: str, mode: str = "apply", procedure: str = "") -> str:
    """Return the papermill command of a run about ``selector``, with this run's own parameters where they were given.

    The same change is made with the same waivers, and says the same of why. ``procedure``: another one than this run's.
    """
    procedure = procedure or record.procedure
    words = [
        "papermill",
        str(Path(*[".."] * len(Path(record.below).parts), "notebooks", f"{procedure}.ipynb")),
        # A name that no other record proposes: papermill overwrites a notebook that is there without a word.
        f"{record.folder}/{record.begin.domain}-{selector or record.procedure}-after-{record.begin.run}.ipynb",
        *(("-r", "selector", selector) if selector and "selector" in CELLS[procedure] else ()),
    ]
    same = procedure == record.procedure and selector in (record.begin.selector, record.selector)
    approves = same and mode == record.begin.mode == "apply" and not record.placed
    for name in (*REPEATED, *(OF_CHANGE if same else ()), *(("approved",) if approves else ())):
        if name in CELLS[procedure] and (value := _given(record, name)):
            if name == "target" and not same and ended(record):
                value = target_anew(value)
            words += ["-p" if name in NOT_TEXT else "-r", name, value]
    return shlex.join([*words, "-p", "mode", mode])


def again(record: Record, mode: str = "") -> Code:
    """Return the command by which the same is done again, in ``mode`` or in that of the run."""
    return Code(command(record, record.selector, mode or record.begin.mode))


def stopped(record: Record, words: Words) -> list[Block]:
    """Return what is known of a run that was stopped, and how to go on."""
    key = f"written.{record.procedure}" if begun(record) else f"untouched.{record.procedure}"
    todo = say("steps", "again", words.language)
    return [Paragraph(say("steps", key, words.language)), Heading(words("Next")), Paragraph(todo), again(record)]


def ended(record: Record) -> bool:
    """Return whether the run had a sandbox of its own: no later command can reach it."""
    return record.procedure == ROTATE and record.begin.parameters["endpoint_url"].source == "sandbox"


def _given(record: Record, name: str) -> str:
    """Return a parameter as the run was given it; "" where it was not."""
    if name == "waive":
        return "; ".join(f"{check}: {reason}" for check, reason in record.begin.waivers.items())
    found = record.begin.parameters.get(name)
    return found.value if found and found.source in ("parameter", "cell", "record") else ""


def _next(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    blocks: list[Block] = []
    if until := overlap(record):
        blocks.append(Paragraph(words.record("next.overlap", selector=record.left, until=words.time(until))))
        if places := ", ".join(record.begin.elsewhere):
            blocks.append(Paragraph(words.record("next.overlap-elsewhere", selector=record.left, places=places)))
    if outcome is Outcome.SWITCHED_PENDING:
        blocks += _pending(record, words)
    if outcome is Outcome.ROLLED_BACK and record.after and record.after.status != SUCCESS:
        values = {"selector": record.after.selector or "-", "status": record.after.status}
        blocks.append(Paragraph(words.record("next.rolled-back", **values)))
    if outcome is Outcome.PLANNED:
        blocks += [*first(record, words), *_apply(record, words)]
    blocks += _todo(record, outcome, words)
    if not (record.seen and lagging(record.seen)):
        blocks += to_publish(record, words)
    return [Heading(words("Next")), *blocks] if blocks else []


def _todo(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what the error that ended a run advises."""
    error = failure.recorded(record, words) if outcome in (Outcome.REFUSED, Outcome.FAILED) else None
    return [Paragraph(failure.quoted(error[2], record, words))] if error else []


def _apply(record: Record, words: Words) -> list[Block]:
    """Return how a plan is carried out: approved first, where the profile asks for that."""
    needed = record.begin.approvals if record.plan and record.plan.writes else 0
    apply, until = command(record, record.begin.selector), _not_before(record, words)
    carry = Paragraph(_say("next.apply-from", words, until=until) if until else words("To carry it out:"))
    if not needed:
        return [carry, Code(apply)]
    approve = shlex.join(["byodkim", "approve", own_path(record)])
    approved = shlex.join(["-r", "approved", record.begin.run])
    return [
        Paragraph(words("It needs approvals: {count}. Each approver runs this, with their own key:", count=needed)),
        Code(approve),
        carry,
        Code(f"{apply} {approved}"),
    ]


def _pending(record: Record, words: Words) -> list[Block]:
    written = record.written_at
    by = words.time(deadline(written)) if written else words("72 hours after the write")
    return [Paragraph(words.record("next.deadline", at=by)), Code(command(record, record.begin.selector))]


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("answers", key, words.language, **values)
