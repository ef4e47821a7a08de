"""The sections of a record: from a run's events to blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from msgspec import UnsetType
from msgspec.structs import replace

from byodkim.display import writes
from byodkim.display.blocks import NONE, Block, Column, Data, Heading, Kind, Paragraph, Table, facts, table
from byodkim.display.dns import dns_besides, matrix
from byodkim.display.words import ENGLISH, Words, identity_name
from byodkim.events.parts import Previous
from byodkim.events.run import Read
from byodkim.events.writes import Handed
from byodkim.evidence.record import ROTATE, Record
from byodkim.plain import from_plain
from byodkim.rotation import proof as proofs
from byodkim.rotation.comparison import shown as shown_value
from byodkim.rotation.findings import Finding, Verdict
from byodkim.rotation.observation import KeyObject, Stored
from byodkim.rotation.reading import Reading

_STORED: Final = {
    **dict.fromkeys(("secret", "version", "created", "object", "object_version", "modified", "form"), Kind.TEXT),
    "created": Kind.MOMENT,
    "modified": Kind.MOMENT,
    "bits": Kind.COUNT,
    "sha256": Kind.TEXT,
}
_CHECKS: Final = {
    **dict.fromkeys(("id", "verdict", "level", "claim", "expected", "observed", "remedy"), Kind.TEXT),
    "stops": Kind.TRUTH,
}
_PLAN: Final = dict.fromkeys(("operation", "identity", "current_selector", "next_selector", "key_sha256"), Kind.TEXT)
SOURCES = ("parameter", "cell", "record", "profile", "sandbox", "default")


def who_and_where(record: Record, words: Words) -> list[Block]:
    """Render run, operator, account, Region, code, and every parameter with its source."""
    # What was asked for this run comes first, what goes without saying last.
    given = sorted(record.begin.parameters.items(), key=lambda item: (SOURCES.index(item[1].source), item[0]))
    columns = (
        Column("name", Kind.TEXT, words("parameter")),
        Column("value", Kind.TEXT, words("value")),
        Column("source", Kind.TEXT, words("source"), lambda source: words.record(f"source.{source}")),
    )
    parameters = table("parameters", columns, [(name, value.value, value.source) for name, value in given])
    return [facts(identity_block(record, words)), Heading(words("Parameters")), parameters]


def _previous(earlier: Previous, words: Words) -> str:
    outcome = words.outcome(earlier.outcome) if earlier.outcome else words("never closed")
    return words("{run} ({outcome})", run=earlier.run, outcome=outcome)


def identity_block(record: Record, words: Words) -> list[tuple[str, str]]:
    """Return who, when, where, why, with which code: the rows that a change record opens with."""
    begin, caller = record.begin, record.caller
    code, earlier = begin.code, begin.previous
    commit = f", commit {code.commit}, {words.record('dirty' if code.dirty else 'clean')}" if code.commit else ""
    return [
        (words("run"), begin.run),
        *([(words("procedure"), record.procedure)] if record.procedure != ROTATE else []),
        (words("previous run"), _previous(earlier, words) if earlier else NONE),
        (words.record("started"), words.time(begin.at)),
        (words.record("ended"), words.time(record.closed.at) if record.closed else NONE),
        # A campaign has many.
        *([(words("SES identity"), identity_name(begin.domain))] if begin.domain else []),
        (words("mode"), words.record(f"mode.{begin.mode}")),
        (words("ticket"), begin.ticket or NONE),
        (words("reason"), begin.reason or NONE),
        (words("requested by"), begin.requested_by or NONE),
        (words("operator"), caller.arn or NONE),
        *_approved(record, words),
        (words("account"), caller.account or NONE),
        (words("Region"), caller.region or NONE),
        (words("SES endpoint"), caller.endpoint or NONE),
        (words("code"), f"byodkim {code.version}{commit}"),
        *([(words("folder for its commands"), begin.below)] if begin.below else []),
    ]


def _approved(record: Record, words: Words) -> list[tuple[str, str]]:
    """Return one row for each approval that counts, and the run's campaign; none where there is neither."""
    given = [one for each in record.approvals if (one := each.approval)]
    sentences = [
        words("{name} (plan {digest}…, {at})", name=one.approver, digest=one.plan.digest[:8], at=words.time(one.at))
        for one in given
    ]
    of = [one.member.campaign for one in record.approvals if one.member]
    return [
        *((words("approved"), by) for by in sentences),
        *((words("campaign"), run) for run in of),
    ]


def legend(record: Record, words: Words) -> list[Block]:
    """Return what the marks of the picture above mean, where there is one."""
    return [Paragraph(words.record("dns.picture"))] if record.before and record.before.records else []


def current_state(record: Record, words: Words) -> list[Block]:
    """Render the identity and the key store as they stood when the run began, and what could not be read."""
    seen = record.before
    if seen is None:
        return []
    blocks: list[Block] = [Heading(words("SES identity"))]
    if seen.identity is not None:
        rows = [(words.record(f"field.{row.field}"), row.before or NONE) for row in record.comparison]
        reading = from_plain(Reading, seen.reading) if seen.reading else None
        blocks += [facts(rows), *provenance(reading, words)]
    elif seen.identity_absent:
        blocks.append(Paragraph(words("SES knows no identity {domain} here.", domain=seen.domain)))
    stored = [entry for entry in (seen.next_key, seen.current_key) if entry is not None]
    blocks += [Heading(words("Secret and key object")), _stored(stored, words)]
    if seen.unread:
        names = ("what", "operation", "error", "message")
        unread = [(one.what, one.operation, one.code, one.message) for one in seen.unread]
        columns = [Column(name, Kind.TEXT, words.record(name)) for name in names]
        blocks += [Heading(words("Could not be read")), table("unread", columns, unread, frozenset(range(len(unread))))]
    return blocks


def provenance(parsed: Reading | UnsetType | None, words: Words) -> list[Block]:
    """Render one paragraph on a reading that was made for several runs; nothing where the run read by itself."""
    if not parsed:
        return []
    at = {"at": words.time(parsed.at), "by": parsed.by, "request_id": parsed.request_id}
    parts = [
        words.record("reading.batch", **at, count=parsed.others + 1),
        words.record("reading.carried", full_at=words.time(parsed.full_at)),
    ]
    if parsed.unknown:
        fields = ", ".join(words.record(f"field.{name}") for name in sorted(parsed.unknown))
        parts.append(words("Not known, since the selector or its status has changed since: {fields}.", fields=fields))
    return [Paragraph((" " if words.language == "en" else "").join(parts))]


def servers(record: Record, words: Words) -> list[Block]:
    """Return the key records at every authoritative server as they stood when the run began."""
    seen = record.before
    if seen is None:
        return []
    blocks: list[Block] = []
    for selector, answers in ((seen.selector, seen.records), (seen.back_selector, seen.current_records)):
        if answers:
            followed = seen.dns.followed if selector == seen.selector else ()
            blocks += [
                Heading(words.record("matrix", name=answers[0].name)),
                matrix(answers, _expected(seen.next_key, selector), words, followed),
            ]
    return [*blocks, *dns_besides(seen, words)]


def _expected(stored: Stored, selector: str) -> str | None:
    return (stored.key.sha256 or None) if stored.key and stored.selector == selector else None


def _stored(stored: Sequence[Stored], words: Words) -> Table:
    columns = ("", *(entry.selector for entry in stored))
    cells, english = ([_stored_cells(entry, each) for entry in stored] for each in (words, ENGLISH))
    rows = tuple(
        (words.record(f"stored.{name.replace('_', '-')}"), *(str(each[name] or NONE) for each in cells))
        for name in _STORED
    )
    values = tuple((entry.selector, *each.values()) for entry, each in zip(stored, english, strict=True))
    return Table(columns, rows, data=Data("keys", {"selector": Kind.TEXT, **_STORED}, values))


def noted(place: str, code: str, words: Words) -> str:
    """Return a place with what is wrong there, in words; ``code``: "" where nothing is."""
    return f"{place} ({words.phrase(proofs.defect(code))})" if code else place


def _stored_cells(entry: Stored, words: Words) -> dict[str, Any]:
    secret, key = entry.secret, entry.key or KeyObject("", "")
    return {
        "secret": noted(f"{secret.name} {secret.stage}".strip(), secret.defect, words) if secret else "",
        "version": secret.version_id if secret else "",
        "created": secret.created if secret else "",
        "object": noted(f"s3://{key.bucket}/{key.key}", key.defect, words) if key.bucket else "",
        "object_version": key.version_id,
        "modified": key.last_modified,
        "form": key.form,
        "bits": key.bits or None,
        "sha256": key.sha256,
    }


def proof(record: Record, words: Words) -> list[Block]:
    """Render that it is one key: the SHA-256 of the SubjectPublicKeyInfo, link by link."""
    seen = record.seen
    if seen is None:
        return []
    links = proofs.links(seen)
    key = "holds" if proofs.holds(links) else "unpublished" if proofs.unpublished(links) else "breaks"
    key = key if any(link.sha256 for link in links) else "nothing"
    return [Paragraph(words.record(f"proof.{key}")), chain(links, record.of(Handed), words)]


def chain(links: Sequence[proofs.Link], handed: Handed | None, words: Words) -> Table:
    """Render the key pair's places and the request that was handed over; those with another key are marked."""
    reference = next((link.sha256 for link in links if link.sha256), "")
    columns = (
        Column("place", Kind.TEXT, words("link"), lambda place: words.record(f"place.{place}")),
        Column("where", Kind.TEXT, words("where")),
        Column("", Kind.TEXT, "SHA-256"),
        Column("sha256", Kind.TEXT),
        Column("note", Kind.TEXT),
        Column("same", Kind.TRUTH, words("match"), lambda same: "=" if same else "≠"),
    )
    rows = [
        (link.place, link.where, shown, link.sha256, link.note, link.sha256 == reference)
        for link in links
        for shown in [link.sha256 or words.phrase(link.why)]
    ]
    if handed and handed.files:
        sha256 = handed.sha256
        rows.append(("request", handed.files[0], sha256, sha256, "", sha256 == reference))
    return table("proof", columns, rows, frozenset(number for number, row in enumerate(rows) if not row[-1]))


def checks(record: Record, words: Words) -> list[Block]:
    """Render the waivers, then the count, then every check."""
    findings = record.findings
    count = Counter(finding.verdict for finding in findings)
    counts = ", ".join(f"{count[verdict]} {verdict}" for verdict in Verdict)
    names = ("id", "verdict", "level", "claim", "expected", "observed", "remedy")
    marks = frozenset(number for number, finding in enumerate(findings) if finding.objects)
    rows = tuple(_finding(finding, words) for finding in findings)
    english = rows if words == ENGLISH else tuple(_finding(finding, ENGLISH) for finding in findings)
    values = tuple(
        (one.id, one.verdict, one.level, *row[3:], one.stops) for one, row in zip(findings, english, strict=True)
    )
    titles = tuple(words.record(f"checks.{name}") for name in names)
    return [
        *waivers(record, words), Paragraph(counts), Table(titles, rows, marks, Data("checks", _CHECKS, values)),
    ]  # fmt: skip


def rechecked(record: Record, words: Words) -> list[Block]:
    """Render the checks as they were made once more, on what was written; nothing where they were not."""
    return checks(record, words) if writes.read_back(record) else []


def waivers(record: Record, words: Words) -> list[Block]:
    """Render the checks that were waived, each with its reason as it was written."""
    waived = [finding for finding in record.findings if finding.verdict is Verdict.WAIVED]
    return [Paragraph(words.record("waived", id=one.id, claim=words(one.claim), reason=one.reason)) for one in waived]


def _finding(finding: Finding, words: Words) -> tuple[str, ...]:
    """Return what a check came to: what a failure of it does, the claim, what was expected and seen, what to do."""
    todo = words.phrase(finding.remedy) if finding.remedy else NONE
    seen = (words.phrase(finding.expected), words.phrase(finding.observed))
    level, claim = words.record(f"level.{finding.level}"), words(finding.claim)
    return finding.id, finding.verdict.value, level, claim, *seen, todo


def plan(record: Record, words: Words) -> list[Block]:
    """Return what would change, and nothing else, as a difference; the digest."""
    made = record.plan
    if made is None:
        return []
    blocks: list[Block] = []
    for change in made.writes:
        key = made.again if change.resubmit else "plan.change"
        blocks.append(
            Paragraph(
                words.record(
                    key, identity=change.target, current=change.current_selector or NONE, next=change.next_selector
                )
            )
        )
        rows = (
            (words("call"), change.operation),
            (words("SES identity"), change.target),
            (f"− {words.record('field.selectors')}", change.current_selector or NONE),
            (f"+ {words.record('field.selectors')}", change.next_selector),
            (words("SHA-256 of its public key"), change.key_sha256),
        )
        call = (change.operation, change.target, change.current_selector, change.next_selector, change.key_sha256)
        blocks.append(replace(facts(rows), data=Data("plan", _PLAN, (call,)), kind="diff"))
    if not made.writes:
        blocks.append(Paragraph(_nothing(record, words)))
    return [*blocks, writes.digest(made.digest, words)]


def _nothing(record: Record, words: Words) -> str:
    """Return why a plan has no write."""
    requested, seen = record.begin.selector, record.seen
    if seen is None or seen.identity is None or seen.identity.selector != requested:
        return words("No write is planned: the identity or the next key could not be read.")
    if at := record.written_before:
        return words.record("plan.written", selector=requested, at=words.time(at))
    return words("There is nothing to write: SES has {selector} already.", selector=requested)


def relied_on(record: Record, words: Words) -> list[Block]:
    """Return what the plan relies on."""
    return writes.relies(record.plan.relies_on, words) if record.plan else []


def verification(record: Record, words: Words) -> list[Block]:
    """Return what SES showed after the write, reading by reading where it changed."""
    after = record.after
    if after is None:
        return []
    rows, shown = [], None
    for one in record.reads:
        identity = one.identity
        state = (" ".join(identity.selectors), identity.status, identity.error_type)
        if state != shown or one is record.reads[-1]:
            rows.append((one.at, *state, identity.verified_for_sending))
        shown = state
    columns = (
        Column("at", Kind.MOMENT, words("time"), words.clock),
        *(Column(name, Kind.TEXT, words.record(f"field.{name}")) for name in ("selectors", "status", "error_type")),
        Column("verified_for_sending", Kind.TRUTH, words.record("field.verified_for_sending"), shown_value),
    )
    known = after.status == "SUCCESS" or record.given_up
    key = "verify.before" if not rows else f"verify.{after.status}" if known else "verify.waiting"
    sentence = Paragraph(words.record(key, status=after.status, selector=after.selector or NONE))
    if at := record.gone_at:
        sentence = Paragraph(words("SES has no such identity any more (seen at {at}).", at=words.time(at)))
    if not rows:
        return [sentence]
    read = record.of(Read)
    return [sentence, table("readings", columns, rows), *provenance(read.reading if read else None, words)]


def dns_request(record: Record, words: Words) -> list[Block]:
    """Return what the DNS team needs: the record, and the files that ask for it."""
    handed = record.of(Handed)
    if handed is None:
        return [Paragraph(words.record("hand.none"))]
    served = {one.ttl for one in record.seen.records if one.ttl is not None} if record.seen else set[int]()
    ttl = ", ".join(map(str, sorted(served))) if served and not handed.files else str(handed.ttl)
    rows = [(words("name"), handed.name), (words("type"), "TXT"), (words("TTL"), ttl)]
    rows += [(words("value"), handed.value)]
    rows += [(words("file"), file) for file in handed.files]
    files = "hand.rehearsal" if record.rehearsal else "hand.request"
    return [Paragraph(words.record(files if handed.files else "hand.published")), facts(rows)]
