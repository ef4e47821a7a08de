"""The summary at the top of a record: the verdict in words, its meaning, the rollback, and what comes next and when."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Final

from byodkim.display import failure, message
from byodkim.display.answers import (
    answers,
    assessed,
    at_work,
    before,
    departed,
    mail,
    overlap,
    signed_at,
    stands,
    wrote,
)
from byodkim.display.blocks import Block, Code, Heading, Headline, Paragraph, facts
from byodkim.display.procedures import own
from byodkim.display.rehearsed import first, rehearsed
from byodkim.display.rotate import identity_block, waivers
from byodkim.display.words import Words, aloud, duration
from byodkim.errors import paragraph
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.rotation.checks.activation import early
from byodkim.rotation.observation import SUCCESS
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import GIVEN_UP
from byodkim.rotation.timing import deadline, lagging

TONES = {
    Outcome.PLANNED: "wait",
    Outcome.REFUSED: "bad",
    Outcome.UNCHANGED: "good",
    Outcome.SWITCHED: "good",
    Outcome.SWITCHED_PENDING: "wait",
    Outcome.ROLLED_BACK: "bad",
    Outcome.PREPARED: "good",
    Outcome.RETIRED: "good",
    Outcome.STOPPED: "bad",
    Outcome.FAILED: "bad",
}
# Parameters that a command to go back repeats; the rest belongs to the one run.
REPEATED = (
    "profile",
    "domain",
    "region",
    "secret_id",
    "key_bucket",
    "aws_profile",
    "target",
    "endpoint_url",
    "nameservers",
    "language",
    "store_region",
    "store_profile",
)
NOT_TEXT = frozenset({"target", "endpoint_url", "language"})


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
    return [*_headline(record, words), replace(facts(answers(record, words)), kind="answers"), *_onward(record, words)]


def verdict(record: Record, words: Words) -> list[Block]:
    """Render the outcome, meaning, waivers, the rollback and what comes next."""
    return [*_headline(record, words), *_onward(record, words)]


def _headline(record: Record, words: Words) -> list[Block]:
    outcome, display = record.outcome, own(record)
    if outcome is None:
        known = display.unfinished(record, words) if display else _known(record, words)
        return [Headline(words("outcome.none"), words("unfinished"), "bad"), *known]
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
        "domain": record.begin["domain"],
        "selector": record.begin["selector"],
        "current": (record.rolled_back or {}).get("next_selector") or record.current_selector or "-",
    }
    if against := message.headline(record, words):
        return against
    if outcome is Outcome.REFUSED and stands(record):
        values["status"] = record.after.status if record.after else "-"
        return _not_signing(record, words) + _say("outcome.REFUSED-stands", words, **values)
    until = _not_before(record, words) if outcome is Outcome.PLANNED and record.plan and record.plan.writes else ""
    if until:
        return _not_signing(record, words) + _say("outcome.PLANNED-early", words, **values, until=until)
    if outcome is Outcome.FAILED:
        return _not_signing(record, words) + words(_failed(record), **values)
    return _not_signing(record, words) + words(f"outcome.{outcome}", **values)


def _failed(record: Record) -> str:
    """Return the key of the sentence: whether SES was touched, and whether the run was interrupted."""
    interrupted = record.closed is not None and (record.closed["error"] or {}).get("type") == "KeyboardInterrupt"
    if record.intent is None and not stands(record):
        return "outcome.FAILED-untouched-interrupted" if interrupted else "outcome.FAILED-untouched"
    return "outcome.FAILED-interrupted" if interrupted else "outcome.FAILED"


def _not_signing(record: Record, words: Words) -> str:
    """Return what the headline says first where SES does not sign with your key, or did not; "" where it does."""
    after, before = record.after, record.before.identity if record.before else None
    domain = record.begin["domain"]
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
    onward = display.onward(record, outcome, words) if display else _own_onward(record, outcome, words)
    return [*onward, *(_contacts(record, words) if Heading(words("next")) in onward else [])]


def _own_onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    return [*_way_back(record, words), *_next(record, outcome, words)]


def _contacts(record: Record, words: Words) -> list[Block]:
    """Return whom to turn to, where the profile says so."""
    known = record.begin.get("contacts", {})
    sentences = [f"{words(f'contact.{who}')}: {known[who]}" for who in CONTACTS if who in known]
    return [Paragraph(words("contacts", told="; ".join(sentences)))] if sentences else []


def _known(record: Record, words: Words) -> list[Block]:
    taken = record.written_at if record.answer is not None and "error" not in record.answer else None
    key = "unfinished.written" if taken else "unfinished.begun" if record.intent is not None else "unfinished.untouched"
    told = words(key, selector=record.begin["selector"], at=words.time(taken) if taken else "")
    again: list[Block] = [Heading(words("next")), Code(command(record, record.begin["selector"], record.begin["mode"]))]
    return [Paragraph(told), *_way_back(record, words), *again]


def _meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    if (error := failure.recorded(record, words)) is not None:
        said = [Paragraph(paragraph(*error))]
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
            signed = words.time(signed_at(record, verified))
            return [Paragraph(_say("meaning.unverified-before", words, **values, signed=signed, before=found))]
        return [Paragraph(words("meaning.switched" if record.intent else "meaning.completed", **values))]
    if outcome is Outcome.SWITCHED_PENDING:
        status = record.after.status if record.after else "-"
        return [Paragraph(words("meaning.stale" if status == GIVEN_UP else "meaning.pending", status=status))]
    if outcome is Outcome.PLANNED and record.plan and not record.plan.writes:
        return [Paragraph(words("meaning.planned-nothing", status=record.after.status if record.after else "-"))]
    if outcome is Outcome.PLANNED and record.plan:
        values = {"digest": record.plan.digest, "words": aloud(record.plan.digest)}
        if until := _not_before(record, words):
            return [Paragraph(_say("meaning.planned-early", words, **values, until=until))]
        return [Paragraph(words("meaning.planned", **values))]
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
        return [Heading(words("way-back")), Paragraph(words("way-back.unknown"))]
    found, seen = assessed(record)
    at = words.clock(seen) if seen else "-"
    assessment = Paragraph(words(f"way-back.{found.state}", selector=back, at=at))
    if found.state == "never-worked":
        return [Heading(words("way-back")), assessment]
    if found.state == "unevaluated":
        return [Heading(words("way-back")), assessment, Code(command(record, back, "plan"))]
    first = [
        Paragraph(words("way-back.first", id=one.id, claim=words.sentence(one.claim), todo=words.phrase(remedy)))
        for one in record.findings
        if (remedy := found.remedies.get(one.id)) is not None
    ]
    if record.after is not None and not record.after.signs:  # whatever is run now is refused
        return [Heading(words("way-back")), assessment, *first, Paragraph(words("way-back.plan", selector=back))]
    then = [assessment, *first, Paragraph(words("way-back.then"))] if first else []
    needed = record.begin.get("approvals", 0)
    approval = [Paragraph(words("way-back.approval", count=needed))] if needed else []
    # Without its approvals the write would be refused: its plan comes first, and its record names the command.
    line = Code(command(record, back, "plan" if needed else "apply"))
    return [
        Heading(words("way-back")),
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
    return [Paragraph(words("way-back.lagging", selector=back, requested=record.begin["selector"]))]


def command(record: Record, selector: str, mode: str = "apply", procedure: str = "") -> str:
    """Return the papermill command of a run about ``selector``, with this run's own parameters where they were given.

    ``procedure``: another one than this run's.
    """
    given = {
        name: value for name, value in record.begin["parameters"].items() if value["source"] in ("parameter", "cell")
    }
    words = [
        "papermill",
        f"notebooks/{procedure or record.procedure}.ipynb",
        # A name that no other record proposes: papermill overwrites a notebook that is there without a word.
        f"{record.folder}/{record.begin['domain']}-{selector or record.procedure}-after-{record.begin['run']}.ipynb",
        *(("-r", "selector", selector) if selector else ()),
    ]
    for name in REPEATED:
        if name in given:
            words += ["-p" if name in NOT_TEXT else "-r", name, given[name]["value"]]
    return shlex.join([*words, "-p", "mode", mode])


def _next(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    blocks: list[Block] = []
    handed = record.last("handed")
    if until := overlap(record):
        blocks.append(Paragraph(words("next.overlap", selector=record.left, until=words.date(until))))
    if outcome is Outcome.SWITCHED_PENDING:
        blocks += _pending(record, words)
    if outcome is Outcome.ROLLED_BACK and record.after and record.after.status != SUCCESS:
        values = {"selector": record.after.selector or "-", "status": record.after.status}
        blocks.append(Paragraph(words("next.rolled-back", **values)))
    if outcome is Outcome.PLANNED:
        blocks += [*first(record, words), *_apply(record, words)]
    error = failure.recorded(record, words)
    if error and outcome in (Outcome.REFUSED, Outcome.FAILED):
        blocks.append(Paragraph(error[2]))
    if handed and handed["files"] and not (record.seen and lagging(record.seen)):
        key = "next.rehearsal" if record.rehearsal else "next.request"
        blocks.append(Paragraph(words(key, file=handed["files"][0], name=handed["name"])))
    return [Heading(words("next")), *blocks] if blocks else []


def _apply(record: Record, words: Words) -> list[Block]:
    """Return how a plan is carried out: approved first, where the profile asks for that."""
    needed = record.begin.get("approvals", 0) if record.plan and record.plan.writes else 0
    apply, until = command(record, record.begin["selector"]), _not_before(record, words)
    carry = Paragraph(_say("next.apply-from", words, until=until) if until else words("next.apply"))
    if not needed:
        return [carry, Code(apply)]
    own = record.begin["record"]
    approve = shlex.join(["byodkim", "approve", f"{record.folder}/{own}" if own else "RECORD.ipynb"])
    approved = shlex.join(["-r", "approved", record.begin["run"]])
    return [
        Paragraph(words("next.approve", count=needed)),
        Code(approve),
        carry,
        Code(f"{apply} {approved}"),
    ]


def _pending(record: Record, words: Words) -> list[Block]:
    written = record.written_at
    by = words.time(deadline(written)) if written else words("next.deadline-unknown")
    return [Paragraph(words("next.deadline", at=by)), Code(command(record, record.begin["selector"]))]


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("answers", key, words.language, **values)
