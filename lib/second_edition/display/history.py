"""The archive: runs in a table, an identity's history, the difference of two runs. All as blocks of plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from math import ceil
from typing import Final

from msgspec.structs import replace

from second_edition.display.blocks import MARKS, NONE, Block, Column, Data, Heading, Kind, Paragraph, Table, table
from second_edition.display.summary import TONES
from second_edition.display.words import Words, duration, identity_name, reader
from second_edition.errors import paragraph
from second_edition.evidence import past, run_values
from second_edition.evidence.archive import Listed, began
from second_edition.evidence.past import Trace
from second_edition.evidence.record import FLEET, ROTATE
from second_edition.messages import LANGUAGES, Language, find, say
from second_edition.rotation.outcome import Outcome

_RUNS: Final = {
    **dict.fromkeys(("run", "at", "identity", "world", "rehearsal", "procedure", "mode"), Kind.TEXT),
    **dict.fromkeys(("from_selector", "to_selector", "outcome", "operator", "approvals"), Kind.TEXT),
    **dict.fromkeys(("waivers", "evidence", "sound"), Kind.TEXT),
    "at": Kind.MOMENT,
    "rehearsal": Kind.TRUTH,
    "sound": Kind.TRUTH,
}
_SPANS: Final = {
    **dict.fromkeys(("selector", "since", "until", "last_seen"), Kind.MOMENT),
    "selector": Kind.TEXT,
    "exact": Kind.TRUTH,
}

#: Runs that no history tells of which are named with what is off, at most; the list of runs marks all.
MOST_NAMED: Final = 5


def words_for(runs: Sequence[Listed], language: Language | None) -> Words:
    """Return the reader's language and time zone: those of the archive's newest run, or ``language`` if given."""
    own = next((reader(*one.reader) for one in runs if one.reader), Words(LANGUAGES[0], UTC))
    return replace(own, language=language) if language else own


def tone(outcome: str) -> str:
    """Return how a run ended, by its outcome: ``good``, ``wait`` or ``bad``; one that never closed is bad."""
    return TONES[Outcome(outcome)] if outcome in set(Outcome) else "bad"


def ended(outcome: str, words: Words) -> str:
    """Return an outcome with its mark."""
    known = outcome in set(Outcome)
    return f"{MARKS[tone(outcome)]} {words.outcome(outcome) if known else outcome or words.record('outcome.none')}"


def ended_of(one: Listed, words: Words) -> str:
    """Return an outcome, with the procedure whose it is where that is not rotate."""
    ending = ended(one.outcome, words)
    if one.procedure == ROTATE:
        return ending
    return words("{outcome} ({procedure})", outcome=ending, procedure=one.procedure)


def listing(runs: Sequence[Listed], words: Words) -> Table:
    """Render one row for each run, in the order given; those whose evidence does not hold are marked."""
    several = len({one.world for one in runs if one.target == "aws" and one.world}) > 1
    names = ("identity", "from", "to", "outcome", "operator", "approvals", "waivers", "evidence")
    runs_table = Table(
        (words("when ({zone})", zone=zone(words)), *(_site(name, words) for name in names)),
        tuple(
            (
                minute(one.at, words), named(one, words, several), *moved(one),
                ended_of(one, words), one.operator or NONE, ", ".join(one.approvals) or NONE,
                ", ".join(one.waivers) or NONE, _site(f"standing.{one.standing.key}", words),
            )
            for one in runs
        ),
        frozenset(number for number, one in enumerate(runs) if not one.standing.sound),
    )  # fmt: skip
    values = tuple(
        (
            one.run, one.at, one.domain, one.world, one.target != "aws", one.procedure, one.mode,
            one.current_selector, one.next_selector, one.outcome, one.operator, ", ".join(one.approvals),
            ", ".join(one.waivers), one.standing.key, one.standing.sound,
        )
        for one in runs
    )  # fmt: skip
    return replace(runs_table, data=Data("runs", _RUNS, values), kind="runs")


def moved(one: Listed) -> tuple[str, str]:
    """Return from which selector to which a run was to lead: retire leaves one for none, prepare makes one of none.

    One that went back by itself led to what SES showed last.
    """
    if one.outcome == "ROLLED-BACK" and one.trace and one.trace.sights:
        return one.next_selector or NONE, one.trace.sights[-1].selector or NONE
    if one.procedure == "retire":
        return one.next_selector or NONE, NONE
    return NONE if one.procedure == "prepare" else one.current_selector or NONE, one.next_selector or NONE


def standing(one: Listed, words: Words) -> str:
    """Return what is off with a run's evidence, in full; else what it is worth, in short."""
    return paragraph("; ".join(one.standing.found)) or _site(f"standing.{one.standing.key}", words)


def is_unknown(one: Listed) -> bool:
    """Return whether a run cannot be told, so that nobody knows which identity it is of."""
    return not one.domain and one.procedure == ROTATE


def left_out(runs: Sequence[Listed], words: Words) -> list[str]:
    """Return a sentence on the runs that no history tells of, with why; none where there are no such runs."""
    unsound = [one for one in runs if not one.standing.counts]
    told = [f"{one.run} ({standing(one, words)})" for one in unsound[:MOST_NAMED]]
    more = [words("{count} more", count=len(unsound) - len(told))] if len(unsound) > len(told) else []
    return [_site("left-out", words, names="; ".join([*told, *more]))] if unsound else []


def named(one: Listed, words: Words, several: bool = False) -> str:
    """Return the identity of a run, and its world: nobody may take a rehearsal for a change, or one for another.

    ``several``: there are more accounts or Regions than one, so they are named.
    """
    name = identity_name(one.domain) or campaign(one, words) or NONE
    if one.target not in ("aws", ""):  # "": the run did not come to say
        world = re.sub(r"\Asandbox (\w+Z-)?", "", one.world)  # of a run's own sandbox, without the time in the run's id
        of = words("{domain} (rehearsal {world})", domain=name, world=world)
        return of if world else words("{domain} (rehearsal)", domain=name)
    return f"{name} ({one.world})" if several and one.world else name


def campaign(one: Listed, words: Words) -> str:
    """Return the name of a campaign, by its table's file and the time of its plan; "" for another run."""
    if one.procedure != FLEET:
        return ""
    known = one.planned or one.run
    at = minute(began(known), words) if began(known) else known
    if one.table:
        key = "campaign" if one.planned else "campaign.unplanned"
    else:
        key = "campaign.none" if one.target == "aws" or not one.planned else "campaign.sandbox"
    return _site(key, words, table=one.table, at=at)


def signs_with(span: past.Span, words: Words) -> str:
    """Return the selector that an identity signs with, or what it does instead."""
    instead = {
        "off": words("none (DKIM signing is off)"),
        "easy": words("none of yours (Easy DKIM)"),
        "gone": words("none (SES has no such identity)"),
    }
    return instead.get(span.instead, span.selector)


def spans(traces: Sequence[Trace], words: Words) -> Table:
    """Render which selector an identity signed with, when, and how that is known."""
    found = past.spans(traces)
    columns = tuple(_site(name, words) for name in ("selector", "since", "until", "known-by"))
    rows = []
    for number, one in enumerate(found):
        key = "still" if number == len(found) - 1 else "gone"
        until = words.second(one.until) if one.until else _site(key, words, at=words.second(one.seen))
        known = _site("known.switch" if one.exact else "known.seen", words)
        rows.append((signs_with(one, words), words.second(one.since), until, known))
    values = tuple((signs_with(one, words), one.since, one.until, one.seen, one.exact) for one in found)
    return Table(columns, tuple(rows), data=Data("selectors", _SPANS, values))


def switches(traces: Sequence[Trace], words: Words) -> Table:
    """Render each write, and for how long mail may have gone out unsigned after it."""
    at_most = partial(duration, language=words.language, bound=ceil)
    columns = (
        Column("run", Kind.TEXT, _site("run", words)),
        Column("from_selector", Kind.TEXT, _site("from", words)),
        Column("to_selector", Kind.TEXT, _site("to", words)),
        Column("written_at", Kind.MOMENT, words("written"), words.second),
        Column("verified_at", Kind.MOMENT, words("SES verified it"), words.second, words("not seen")),
        Column("unsigned", Kind.SPAN, words("unsigned after it, at most"), at_most, words("not known")),
    )
    found = past.switches(traces)
    rows = [(one.run, one.left, one.taken, one.written_at, one.verified_at, one.unsigned) for one in found]
    return table("switches", columns, rows, frozenset(n for n, one in enumerate(found) if one.verified_at is None))


def keys(traces: Sequence[Trace], on: datetime, words: Words) -> Table:
    """Render each selector's key, when its object was made, and its age on a day."""
    columns = (
        Column("selector", Kind.TEXT, _site("selector", words)),
        Column("made_at", Kind.MOMENT, words("key object made"), words.second),
        Column("age_days", Kind.COUNT, words("age"), lambda days: words("{days} d", days=days)),
        Column("sha256", Kind.TEXT, words("SHA-256 of the public key")),
    )
    rows = [(key.selector, key.made, _days(key, on), key.sha256) for key in past.keys(traces).values()]
    return table("keys", columns, rows)


def publications(traces: Sequence[Trace], words: Words) -> Table:
    """Return how long each key record took from the request until it was seen at every authoritative server."""
    span, unseen = partial(duration, language=words.language), words("not seen")
    columns = (
        Column("selector", Kind.TEXT, _site("selector", words)),
        Column("requested_at", Kind.MOMENT, words("requested"), words.second),
        Column("lacked_at", Kind.MOMENT, words("last seen missing"), words.second),
        Column("served_at", Kind.MOMENT, words("first seen at every server"), words.second, unseen),
        Column("took", Kind.SPAN, words("request to first seen"), span, unseen),
    )
    found = past.publications(traces)
    rows = [(one.selector, one.requested_at, one.lacked_at, one.served_at, one.took) for one in found]
    return table("publications", columns, rows)


def history(traces: Sequence[Trace], on: datetime, words: Words) -> list[Block]:
    """Render an identity's history in one world, as tables, each under its heading."""
    sections = (
        (words("Selectors over time"), spans(traces, words), "history.none"),
        (words("Switches, and how long mail may have gone out unsigned"), switches(traces, words), "switches.none"),
        (words("Age of keys on {date}", date=words.date(on)), keys(traces, on, words), "keys.none"),
        (words("How long DNS took"), publications(traces, words), "dns.none"),
    )
    blocks: list[Block] = []
    for title, shown, empty in sections:
        blocks += [Heading(title), shown if shown.rows else Paragraph(_site(empty, words))]
    return blocks


def difference(one: Listed, other: Listed, words: Words) -> list[Block]:
    """Return what differs between two runs, and how much does not."""
    found = run_values.differences(one.traits, other.traits)
    counted = _site("difference.counted", words, differ=len(found), alike=run_values.alike(one.traits, other.traits))
    columns = (
        Column("value", Kind.TEXT, _site("difference.value", words), partial(trait, words=words)),
        Column("earlier", Kind.TEXT, one.run),
        Column("later", Kind.TEXT, other.run),
    )
    rows = [(each.name, each.one, each.other) for each in found]
    return [Paragraph(counted), *([table("differences", columns, rows)] if rows else [])]


def trait(name: str, words: Words) -> str:
    """Return a comparable value's name as a person reads it."""
    part, _, rest = name.partition(".")
    if part in ("before", "after"):
        return _site(f"part.{part}", words, name=words.record(f"field.{rest}"))
    if part in ("parameter", "check", "server"):
        return _site(f"part.{part}", words, name=rest)
    return find("site", f"trait.{rest}", words.language) or words(rest.replace("_", " "))


def age(key: past.Key, on: datetime, words: Words) -> str:
    """Return the age of a key, in whole days."""
    days = _days(key, on)
    return NONE if days is None else words("{days} d", days=days)


def _days(key: past.Key, on: datetime) -> int | None:
    return max((on - datetime.fromisoformat(key.made)).days, 0) if key.made else None


def minute(at: str, words: Words) -> str:
    """Return a moment in the reader's zone, to the minute: for lists, whose head names the zone."""
    return f"{datetime.fromisoformat(at).astimezone(words.zone):%Y-%m-%d %H:%M}" if at else NONE


def zone(words: Words) -> str:
    """Return the name of the reader's time zone."""
    return words.zone.tzname(None) or "UTC"


def _site(key: str, words: Words, **values: object) -> str:
    return say("site", key, words.language, **values)


def title_of(world: str, runs: Sequence[Listed], words: Words) -> str:
    """Return what stands over the history of one world, whose runs these are."""
    key = "history.world" if runs[0].target == "aws" else "history.rehearsal"
    return _site(key, words, world=world.removeprefix("sandbox ") or words("not known"))


def worlds(runs: Sequence[Listed]) -> Mapping[str, list[Listed]]:
    """Return the runs with events, by their world: AWS first, then sandboxes; within it the newest run first."""
    found: dict[str, list[Listed]] = {}
    for run in sorted(runs, key=lambda one: one.target != "aws"):
        if run.trace is not None:
            found.setdefault(run.world, []).append(run)
    return found
