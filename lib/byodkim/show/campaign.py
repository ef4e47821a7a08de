"""The record of a campaign: what every row came to, and who has to act."""

import shlex
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from byodkim.record.events import PlanTaken, RowEnded, RowPlanned, of_kind
from byodkim.record.record import Record
from byodkim.show import mail, sections
from byodkim.show.commands import passed_in, raw, record_name
from byodkim.show.first_screen import first_cause, outcome_name, status_of
from byodkim.show.section import Cell, Code, Facts, Part, Section, Strong, Table, table
from byodkim.words import Sentence, _

#: Who has to act, by the first part of the check that stops a row.
ACTORS: Final = {
    "DNS": _("DNS team: publish the key record (the DNS request lists the rows)"),
    "TIME": _("Operator of the campaign: wait, then plan again"),
    "SECRET": _("Whoever prepares keys: secret and key object"),
    "KEY": _("Whoever prepares keys: secret and key object"),
    "SES": _("Administrator of SES"),
    "PLAN": _("Operator of the campaign"),
    "ROLLBACK": _("Operator of the campaign: make a rollback possible first"),
}
#: How a row ends for which nobody has to do anything.
GOOD: Final = ("SWITCHED", "UNCHANGED")
#: Parameters that the next command needs as they were passed in.
PASSED: Final = (
    "table", "profile", "target", "waive", "secret_id", "key_bucket", "language",
)  # fmt: skip


def headline(record: Record) -> Section:
    """Return the first screen of a campaign's record."""
    title = _(
        "{outcome}: {headline}", outcome=outcome_name(record.outcome), headline=record.headline
    )
    body = (*map(Strong, map(str, mail.cautions(record))), Facts(facts(record)), *actors(record))
    return Section(title, body, status_of(record))


def facts(record: Record) -> list[tuple[Sentence, str | Code]]:
    """Return what the campaign means for mail, what ended it, and the next commands."""
    effect = str(_mail(record))
    rows: list[tuple[Sentence, str | Code]] = []
    rows += first_cause(record, effect) or [(_("Mail"), effect)]
    if record.plan:
        rows.append((_("Plan"), record.plan.digest))
    if record.request and record.request.action == "publish":
        rows.append((_("DNS request"), record.request.file))
    rows += [(label, Code(text)) for label, text in _commands(record)]
    return rows


def rows(record: Record, *, only_bad: bool = False) -> Table:
    """Return a row each: what was planned, or how it ended.

    Args:
        record: of the campaign.
        only_bad: leave out those for which nobody has to do anything.
    """
    titles = [
        _("line"), _("wave"), _("domain"), _("section"), _("Region"), _("in use"), _("selector"),
        _("state"), _("what was seen"), _("what to do"), _("Record"),
    ]  # fmt: skip
    planned = [
        each
        for each in of_kind(RowPlanned, record.events)
        if not only_bad or each.state == "stopped"
    ]
    ended = [
        each
        for each in of_kind(RowEnded, record.events)
        if not only_bad or each.outcome not in GOOD
    ]
    return table(titles, [*map(_planned, planned), *map(_ended, ended)])


def actors(record: Record) -> list[Part]:
    """Return the rows that a check stops, by who has to act; nothing where there are none."""
    groups: dict[tuple[str, str], list[int]] = {}
    for each in of_kind(RowPlanned, record.events):
        if each.finding is not None:
            actor = ACTORS.get(each.finding.check.partition("-")[0], ACTORS["PLAN"])
            groups.setdefault((str(actor), each.finding.check), []).append(each.line)
    titles = [_("who has to act"), _("check"), _("rows"), _("lines of the table")]
    by_actor = [
        (actor, name, len(lines), _in_short(lines)) for (actor, name), lines in groups.items()
    ]
    return [table(titles, by_actor)] if by_actor else []


def not_switched(record: Record) -> Section:
    """Return the rows that a plan stops, or an apply run did not switch."""
    title = _("Rows that need action")
    bad = rows(record, only_bad=True)
    if not bad.rows and (record.outcome or record.begun.mode == "plan"):
        return Section(title, (_("None."),), "passed")
    if not bad.rows:
        return sections.missing(title, _("None yet."))
    return Section(title, (bad,), "refused")


def all_rows(record: Record) -> Section:
    """Return every row."""
    return Section(_("All rows"), (rows(record),), folded=True)


def plan(record: Record) -> Section:
    """Return the plan with its digest, and which signed run made it."""
    section = sections.plan(record)
    sources = [
        _("The plan is that of {name}, head {head}.", name=taken.plan, head=taken.head)
        for taken in of_kind(PlanTaken, record.events)
    ]
    return replace(section, body=(*sources, *section.body))


def tables(record: Record) -> Section:
    """Return which table was written for whom."""
    title = _("Tables")
    if record.request is None:
        return sections.missing(title, _("This run wrote no CSV file."))
    what = _("Rollback table, for byodkim fleet: {file}", file=record.request.file)
    if record.request.action == "publish":
        what = _(
            "DNS request for all rows that lack their record: {file}", file=record.request.file
        )
    return Section(title, (what,))


#: What each step of the notebook shows.
SECTIONS: Final[dict[str, tuple[sections.Show, ...]]] = {
    "begin": (sections.target, sections.settings),
    "observe": (),
    "check": (not_switched,),
    "plan": (plan,),
    "apply": (not_switched, all_rows),
    "hand_over": (tables,),
    "close": (sections.timeline, sections.calls),
}
#: What a page shows below its first screen.
PAGE: Final[tuple[sections.Show, ...]] = (
    not_switched,
    all_rows,
    plan,
    tables,
    sections.timeline,
    sections.settings,
)


def _mail(record: Record) -> Sentence:
    wrote = [each for each in of_kind(RowEnded, record.events) if each.wrote]
    if not record.outcome and record.begun.mode == "apply":
        return _("Not known: the run was killed, and more rows may be written than are listed. "
                 "Mail of these may be unsigned.")  # fmt: skip
    if not wrote:
        return _("SES was not changed by this run.")
    unsure = [each.domain for each in wrote if each.outcome not in GOOD]
    if unsure:
        return _("SES was given new selectors. Mail of these may be unsigned: {domains}",
                 domains=unsure[:20])  # fmt: skip
    return _("SES signs with the new selector for every identity that this run switched.")


def _commands(record: Record) -> Iterator[tuple[Sentence, str]]:
    begun, name = record.begun, f"{record.begun.folder}/{record_name(record)}"
    passed = passed_in(record, PASSED)
    has_to_go_on = not record.outcome and begun.mode == "apply"
    if record.outcome == "PLANNED":
        yield _("To apply"), _fleet(passed | {"mode": "apply"})
    elif has_to_go_on or record.outcome in ("FAILED", "SWITCHED-PENDING"):
        yield _("To go on"), _fleet(passed | {"mode": "apply"})
    if record.request is not None and record.request.action == "rollback":
        yield _("To roll back, plan"), _fleet(passed | {"table": f"{name}.csv"})


def _fleet(parameters: dict[str, str]) -> str:
    return shlex.join(["byodkim", "fleet", *raw(parameters)])


def _planned(each: RowPlanned) -> tuple[Cell, ...]:
    finding, told = each.finding, each.facts
    saw = f"{finding.check}: {finding.saw}" if finding else ""
    return (
        each.line, each.wave or None, told["domain"], each.section, told["region"],
        told["selector in use"], told["selector"], each.state, saw,
        finding.todo if finding else None, None,
    )  # fmt: skip


def _ended(each: RowEnded) -> tuple[Cell, ...]:
    return (
        each.line, None, each.domain, each.section, each.region, each.previous, each.selector,
        each.outcome, each.headline, None, each.record,
    )  # fmt: skip


def _in_short(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:20])) + (" …" if len(lines) > 20 else "")
