"""Render what rotate's record shows of the write to SES and of the wait for its verification."""

from __future__ import annotations

from second_edition.display.blocks import NONE, Block, Column, Heading, Kind, Paragraph, facts, table
from second_edition.display.observed import provenance
from second_edition.display.words import Words
from second_edition.events.run import Read
from second_edition.events.writes import Resolved
from second_edition.evidence.record import Record
from second_edition.evidence.ses_write import SesWrite
from second_edition.rotation.comparison import shown as shown_value


def writing(record: Record, words: Words) -> list[Block]:
    """Return what was written and what SES answered."""
    if record.begin.mode != "apply":
        return [Paragraph(words.record("apply.plan-only"))]
    blocks: list[Block] = []
    if record.switch is not None:
        blocks.append(facts(_written(record.switch, bool(record.of(Resolved)), words)))
    if record.rollback is not None:
        shown = record.rolled_back is not None
        blocks += [Heading(words("Rollback")), facts(_written(record.rollback, shown, words))]
    return blocks or [Paragraph(words("Nothing was written to SES."))]


def _written(write: SesWrite, applied: bool, words: Words) -> list[tuple[str, str]]:
    """Return one write: the call, when its intent was written down, the answer, or what was read back without one."""
    change = write.change
    rows = [
        (words("call"), change.operation),
        (words.record("field.selectors"), f"{change.current_selector or '-'} → {change.next_selector}"),
        (words("intent written down"), words.time(write.at)),
    ]
    if write.answered_at is None:
        return rows
    key = "apply.gave-up" if write.error is not None and write.error.unclear else "apply.answered"
    rows.append((words.record(key), words.time(write.answered_at)))
    if (came := write.answer) is not None:
        shown = f"{came.dkim_status} [{' '.join(came.dkim_tokens)}] HTTP {came.status}"
        return [*rows, (words("answer"), shown), (words("AWS request id"), came.request_id)]
    rows.append((words("answer"), write.error.code if write.error else "-"))
    return [*rows, (words("read back"), words.record("apply.applied" if applied else "apply.not-known"))]


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
