"""Who, when, where and why: the rows that a change record opens with, and every parameter with its source."""

from __future__ import annotations

from second_edition.display.blocks import NONE, Block, Column, Heading, Kind, facts, table
from second_edition.display.words import Words, identity_name
from second_edition.events.parts import Previous
from second_edition.evidence.record import ROTATE, Record

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
