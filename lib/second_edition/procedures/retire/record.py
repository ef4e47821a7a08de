"""The record of retire: its sections, its summary, and the answers to a reader's first questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from second_edition.display import checks, observed, summary, writes, zone
from second_edition.display.blocks import NONE, Block, Column, Heading, Kind, Paragraph, facts, table
from second_edition.display.sections import CLOSE, Row, said
from second_edition.display.words import Words, identity_name
from second_edition.events.run import Observed
from second_edition.events.writes import Erased, Erasing, Gone, Requested
from second_edition.events.zone import ZoneAnswer, ZoneIntent, ZoneResolved
from second_edition.evidence import decided
from second_edition.evidence.record import Record
from second_edition.evidence.verification_zone import wrote
from second_edition.messages import say
from second_edition.procedures.retire.outcome import proved
from second_edition.procedures.retire.retirement import Advice, Operation, Retirement, advice
from second_edition.rotation.findings import Level, Verdict
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Write
from second_edition.rotation.proof import defect

unfinished = summary.stopped


def found_in(record: Record, *, last: bool = False) -> Retirement | None:
    """Return what the run saw first, or last."""
    observed = record.of(Observed) if last else next(iter(record.all_of(Observed)), None)
    seen = record.seen if last else record.before
    return Retirement(seen, observed.retirement) if observed and observed.retirement and seen else None


def state(record: Record, words: Words) -> list[Block]:
    """Render since when it is out of use, in every Region, its key object, reports; then all that rotate shows."""
    found = found_in(record)
    if found is None:
        return []
    facts_, left = found.facts, found.facts.left
    since = words.time(left.verified_at) if left.verified_at else NONE
    rows = [
        (words("selector to retire"), record.selector),
        (words("selector in use"), _in_use(found, words)),
        (words("last seen in use"), words.time(left.last_active) if left.last_active else NONE),
        (words("switch away verified"), since),
        (words("told by"), _say(f"told-by.{left.source}", words, run=left.run)),
        (words("safe from"), words.time(found.safe_at)),
        (words("key record"), _say(f"policy.by.{facts_.policy.by}", words)),
        (_say("policy.key", words), _say(f"policy.key.{facts_.policy.key}", words)),
        (words("SHA-256 by which its key is known"), " ".join(found.known) or NONE),
        (words("its private key"), f"s3://{facts_.bucket}/{facts_.key}" if facts_.key else NONE),
    ]
    besides = [*_regions(found, words), *_versions(found, words), *_reports(found, words)]
    return [facts(rows), *besides, *observed.current_state(record, words), *observed.servers(record, words)]


def _in_use(found: Retirement, words: Words) -> str:
    identity = found.seen.identity
    if identity is not None and identity.easy:
        return words("Easy DKIM: {selectors}", selectors=" ".join(identity.selectors))
    return found.seen.current_selector or NONE


def _regions(found: Retirement, words: Words) -> list[Block]:
    region = found.seen.caller.region if found.seen.caller else NONE
    seen = [(region, found.seen.identity, "")]
    seen += [(one.region, one.identity, one.unread) for one in found.facts.elsewhere]
    columns = (
        Column("region", Kind.TEXT, words("Region")),
        Column("selectors", Kind.TEXT),
        Column("unread", Kind.TEXT),
        Column("", Kind.TEXT, words.record("field.selectors")),
        Column("status", Kind.TEXT, words.record("field.status")),
        Column("signing_origin", Kind.TEXT, words.record("field.signing_origin")),
    )
    rows = []
    for name, one, unread in seen:
        selectors = " ".join(one.selectors) if one else ""
        shown = selectors if one else unread or words("no such identity")
        rows.append((name, selectors, unread, shown, one and one.status, one and one.signing_origin))
    marks = frozenset(number for number, row in enumerate(rows) if found.seen.selector in str(row[3]).split())
    return [Heading(words("In every Region")), table("regions", columns, rows, marks)]


def _versions(found: Retirement, words: Words) -> list[Block]:
    facts_ = found.facts
    if facts_.versions_unread:
        return [Heading(words("Versions of the key object")), Paragraph(facts_.versions_unread)]
    if not facts_.versions:
        return []
    going = set(found.erasing)
    yes = {True: words.record("yes"), False: words.record("no")}
    columns = (
        Column("version_id", Kind.TEXT, words("version")),
        Column("modified_at", Kind.MOMENT, words("written"), words.time),
        Column("sha256", Kind.TEXT),
        Column("defect", Kind.TEXT),
        Column("", Kind.TEXT, words("SHA-256 of its public key")),
        Column("latest", Kind.TRUTH, words("newest"), yes.__getitem__),
        Column("going", Kind.TRUTH, words("is to go"), yes.__getitem__),
    )
    rows = [
        (one.version_id, one.modified, one.sha256, one.defect, shown, one.latest, one in going)
        for one in facts_.versions
        for shown in [one.sha256 or words.phrase(defect(one.defect))]
    ]
    return [Heading(words("Versions of the key object")), table("key_versions", columns, rows)]


def _reports(found: Retirement, words: Words) -> list[Block]:
    reports = found.facts.reports
    if not reports.folder:
        return []
    values = {"folder": reports.folder, "count": reports.read, "unread": len(reports.unread)}
    blocks: list[Block] = [Heading(words("Aggregate reports")), Paragraph(_say("reports.read", words, **values))]
    if reports.counted:
        fresh = set(found.fresh)
        columns = (
            Column("day", Kind.MOMENT, words("until"), words.time),
            Column("reporter", Kind.TEXT, words("reporter")),
            Column("messages", Kind.COUNT, words("messages signed with it")),
        )
        rows = [(one.day, one.reporter, one.messages) for one in reports.counted]
        marks = frozenset(number for number, one in enumerate(reports.counted) if one in fresh)
        blocks.append(table("reports", columns, rows, marks))
    return blocks


def judged(record: Record, words: Words) -> str:
    """Return the verdict in a sentence: retire now, safe on a day, or keep, and why."""
    found = found_in(record, last=True)
    if found is None or not record.findings:
        return ""
    came, against = advice(record.findings)
    values = {
        "selector": record.selector,
        "domain": identity_name(record.begin.domain),
        "at": words.time(found.safe_at),
        "days": found.facts.policy.overlap_days,
        "seconds": found.cached_s,
        "since": words.time(found.facts.left.verified_at or found.seen.at),
        "id": against,
        "claim": next((words(one.claim) for one in record.findings if one.id == against), ""),
    }
    counted = found.facts.left.source in ("now", "seen")
    key = "later.unknown" if came is Advice.LATER and counted else came.value
    waived = [one.id for one in record.findings if one.verdict is Verdict.WAIVED]
    if came is Advice.NOW and waived:
        return _say("advice.waived", words, **values, ids=", ".join(waived))
    return _say(f"advice.{key}", words, **values)


def plan(record: Record, words: Words) -> list[Block]:
    """Render the verdict; what would be written, and nothing else; the digest; what it relies on."""
    made = record.made
    if made is None:
        return []
    key = f"plan.asked.{made.requested}" if made.requested else "plan.writes" if made.writes else "plan.nothing"
    blocks: list[Block] = [Paragraph(judged(record, words)), Paragraph(_say(key, words))]
    if made.writes:
        blocks.append(writes.planned(made.writes, _where, _what, words))
    change = zone.planned(record, words)
    return [*blocks, writes.digest(made.digest, words), *change, *writes.relies(made.relies_on, words)]


def _where(write: Write) -> str:
    return f"{write.target} {write.version}".strip()


def _what(write: Write, words: Words) -> str:
    return _say(f"write.{Operation(write.operation).name}", words)


def carried_out(record: Record, words: Words) -> list[Block]:
    """Return what was written, what came back, and what was then found there."""
    if record.begin.mode != "apply":
        return [Paragraph(words.record("apply.plan-only"))]
    made = record.made
    if made is not None and made.requested:
        return [Paragraph(_say("apply.asked", words))]
    change = [*zone.written(record, words), *zone.proof(record, words)]
    if not record.all_of(Erasing):
        planned_none = made is not None and not made.writes
        return change or [Paragraph(_say("plan.nothing", words) if planned_none else words("Nothing was written."))]
    return [*change, Heading(_say("erased", words)), writes.carried_out(record, Erasing, Erased, Gone, words)]


def proof(record: Record, words: Words) -> list[Block]:
    """Return what is left, by the checks on what was read back; where something is still to be done, nothing is."""
    key = "none" if not writes.read_back(record) else "holds" if proved(record) else "breaks"
    return [Paragraph(_say(f"proof.{key}", words))]


def dns_request(record: Record, words: Words) -> list[Block]:
    """Return what the DNS team is asked for; or that nothing is."""
    event = record.of(Requested)
    if event is None:
        return [Paragraph(words("Nothing is asked of the DNS team."))]
    rows = [
        (words("name"), event.name), (words("type"), "TXT"),
        *([(words("TTL"), str(event.ttl)), (words("value"), event.value)] if event.value else []),
        *((words("file"), file) for file in event.files),
    ]  # fmt: skip
    rehearsal = [Paragraph(words("Rehearsal: give these files to nobody."))] if record.rehearsal else []
    return [*rehearsal, Paragraph(_say(f"hand.{event.aim}", words)), facts(rows)]


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the run came to, after its outcome: the verdict, where nothing was written."""
    made, values = record.made, {"domain": identity_name(record.begin.domain), "selector": record.selector or NONE}
    if outcome is Outcome.PLANNED and made and made.requested:
        return _say("came.ASKED" if record.begin.mode == "apply" else "came.TO-ASK", words, **values)
    # Refused where every check let it go on: something else ended it.
    stopped = outcome is Outcome.REFUSED and advice(record.findings)[0] is not Advice.NOW
    if (outcome is Outcome.PLANNED or stopped) and (verdict := judged(record, words)):
        return verdict
    return _say(f"came.{summary.came(outcome, decided.begun(record))}", words, **values)


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means, where no error says it."""
    made = record.made
    if outcome is Outcome.PLANNED and made:
        asked = _say("meaning.asked", words, digest=made.digest) if made.requested else ""
        return [Paragraph(asked or words.record("meaning.planned", digest=made.digest))]
    before, found = found_in(record), found_in(record, last=True)
    if outcome in (Outcome.RETIRED, Outcome.UNCHANGED) and before and found:
        blocks = [Paragraph(_say(f"meaning.{found.facts.policy.key}", words))]
        if wrote(record) and before.ttl:
            blocks.append(Paragraph(_say("meaning.cached", words, seconds=before.ttl)))
        secret = found.seen.next_key.secret
        named = secret is not None and not secret.defect
        return [*blocks, *([Paragraph(_say("meaning.secret", words, secret=secret.name))] if secret and named else [])]
    return []


def onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what comes next: to apply, to ask the DNS team, to wait, or to run again."""
    made, request, blocks = record.made, record.of(Requested), list[Block]()
    if outcome is Outcome.PLANNED and request:
        key = "next.rehearsal" if record.rehearsal else "next.asked"
        blocks += [
            Paragraph(_say(key, words, file=f"{record.folder}/{request.files[0]}")),
            summary.again(record, "apply"),
        ]
    elif outcome is Outcome.PLANNED and made:
        blocks += [Paragraph(words("To carry it out:")), summary.again(record, "apply")]
    if outcome is Outcome.REFUSED and record.findings and advice(record.findings)[0] is Advice.LATER:
        found = found_in(record, last=True)
        at = words.time(found.safe_at) if found else NONE
        blocks += [Paragraph(_say("next.later", words, at=at)), summary.again(record, "plan")]
    if outcome is Outcome.FAILED:
        blocks += [Paragraph(say("steps", "again", words.language)), summary.again(record)]
    return [Heading(words("Next")), *blocks] if blocks else []


def answers(record: Record, words: Words) -> Mapping[str, Sequence[str]]:
    """Return what changed, whether it was safe, whether it is finished, and the rollback."""
    changed, wrote = list(_changed(record, words)), decided.begun(record)
    key = "safe.unwritten" if not wrote else "safe.proved" if proved(record) else "safe.unproved"
    waived = [one.id for one in record.findings if one.verdict is Verdict.WAIVED and one.level is Level.BLOCKS]
    without = []
    if key == "safe.proved" and waived:
        without = [words("not by all checks: {ids} waived before the write (reasons above)", ids=", ".join(waived))]
        key = "safe.read-back"
    warned = [one.id for one in record.findings if one.level is Level.WARNS and one.objects]
    finished, made = record.outcome.value if record.outcome else "none", record.made
    if record.outcome is Outcome.PLANNED and made and made.requested:
        finished = "ASKED"
    found = found_in(record)
    kept = "keep" if found is None else found.facts.policy.key
    return {
        "changed": [*(changed or [words("nothing was written")]), _say("changed.ses", words)],
        "safe": [*without, _say(key, words), *([words("warnings: {ids}", ids=", ".join(warned))] if warned else [])],
        "finished": [_say(f"finished.{finished}", words)],
        "back": [_say(f"back.{kept}" if wrote else "back.nothing", words)],
    }


def _changed(record: Record, words: Words) -> Sequence[str]:
    sentences = []
    if wrote(record) and (intent := record.of(ZoneIntent)) is not None:
        answer, change = record.of(ZoneAnswer), intent.change
        sure = (answer is not None and not answer.error) or record.of(ZoneResolved) is not None
        aim = "revoke" if change.after else "remove"
        sentences.append(_say(f"changed.{aim}" if sure else "changed.perhaps", words, target=change.name))
    done = [event.applied for event in record.all_of(Gone)]
    for number, event in enumerate(record.all_of(Erasing)):
        write, sure = event.write, number < len(done) and done[number]
        key = f"changed.{Operation(write.operation).name}" if sure else "changed.perhaps"
        sentences.append(_say(key, words, target=_where(write)))
    return sentences


def _say(key: str, words: Words, /, **values: object) -> str:
    return said("retire", key, words, **values)


#: What its steps show, in the order of the page.
SECTIONS: Final = (
    Row("check", "checks", checks.checks),
    Row("verify", "left", proof),
    Row("verify", "", checks.rechecked),
    Row("observe", "state", state, folded=True),
    Row("plan", "plan", plan),
    Row("apply", "withdraw", carried_out),
    Row("hand_over", "dns-team", dns_request),
    *CLOSE,
)
