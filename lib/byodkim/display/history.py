"""The archive told: runs in a table, an identity's history, the difference of two runs. All as blocks of plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from byodkim.display.blocks import Block, Heading, Paragraph, Table
from byodkim.display.notebook import MARKS
from byodkim.display.opening import TONES
from byodkim.display.words import Words, of
from byodkim.evidence import past, traits
from byodkim.evidence.archive import Listed
from byodkim.evidence.past import Trace
from byodkim.evidence.record import ROTATE
from byodkim.messages import LANGUAGES, Language, say
from byodkim.rotation.outcome import Outcome

NONE = "-"


def words_for(runs: Sequence[Listed], language: Language | None) -> Words:
    """How the reader of an archive is spoken to: as its newest run was told, in ``language`` if that is given."""
    own = next((of(one.reader) for one in runs if one.reader), Words(LANGUAGES[0], UTC))
    return replace(own, language=language) if language else own


def tone(outcome: str) -> str:
    """Return how a run ended, by its outcome: ``good``, ``wait`` or ``bad``; one that never closed is bad."""
    return TONES[Outcome(outcome)] if outcome in set(Outcome) else "bad"


def ended(outcome: str, words: Words) -> str:
    """An outcome with its mark."""
    return f"{MARKS[tone(outcome)]} {outcome or words('outcome.none')}"


def _ended(one: Listed, words: Words) -> str:
    """An outcome, with the procedure whose it is where that is not rotate."""
    told = ended(one.outcome, words)
    return told if one.procedure == ROTATE else f"{told} ({one.procedure})"


def listing(runs: Sequence[Listed], words: Words) -> Table:
    """One row a run, in the order given; those whose evidence does not hold are marked."""
    columns = (
        _site("when", words, zone=zone(words)),
        *(_site(name, words) for name in ("identity", "from", "to", "outcome", "operator", "approvals", "waivers")),
        _site("evidence", words),
    )
    rows = tuple(
        (
            minute(one.at, words), named(one, words), one.current_selector or NONE, one.next_selector or NONE,
            _ended(one, words), one.operator or NONE, ", ".join(one.approvals) or NONE,
            ", ".join(one.waivers) or NONE, _site(f"standing.{one.standing.key}", words),
        )
        for one in runs
    )  # fmt: skip
    return Table(columns, rows, frozenset(number for number, one in enumerate(runs) if not one.standing.sound))


def standing(one: Listed, words: Words) -> str:
    """Return what is off with a run's evidence, in full; else what it is worth, in short."""
    return " ".join(one.standing.found) or _site(f"standing.{one.standing.key}", words)


def named(one: Listed, words: Words) -> str:
    """The identity of a run, and in how many more places; nobody may take a rehearsal for a change."""
    name = one.domain or NONE
    told = _site("rehearsal", words, domain=name) if one.target.startswith("sandbox") else name
    return _site("more-places", words, name=told, count=len(one.elsewhere)) if one.elsewhere else told


def spans(traces: Sequence[Trace], words: Words) -> Table:
    """Which selector an identity signed with, when, and how that is known."""
    found = past.spans(traces)
    columns = tuple(_site(name, words) for name in ("selector", "since", "until", "known-by"))
    rows = []
    for number, one in enumerate(found):
        key = "still" if number == len(found) - 1 else "gone"
        until = _second(one.until, words) if one.until else _site(key, words, at=_second(one.seen, words))
        known = _site("known.switch" if one.exact else "known.seen", words)
        rows.append((one.selector, _second(one.since, words), until, known))
    return Table(columns, tuple(rows))


def switches(traces: Sequence[Trace], words: Words) -> Table:
    """Each write, and for how long mail may have gone out unsigned after it."""
    columns = tuple(_site(name, words) for name in ("run", "from", "to", "written", "verified", "unsigned"))
    found = past.switches(traces)
    rows = tuple(
        (
            one.run, one.left or NONE, one.taken, _second(one.written_at, words),
            _second(one.verified_at, words) if one.verified_at else _site("not-seen", words),
            duration(one.unsigned, words),
        )
        for one in found
    )  # fmt: skip
    return Table(columns, rows, frozenset(number for number, one in enumerate(found) if one.verified_at is None))


def keys(traces: Sequence[Trace], on: datetime, words: Words) -> Table:
    """Each selector's key, when its object was made, and its age on a day."""
    columns = tuple(_site(name, words) for name in ("selector", "key-made", "age"))
    rows = tuple(
        (key.selector, _second(key.made, words) if key.made else NONE, age(key, on, words), key.sha256)
        for key in past.keys(traces).values()
    )
    return Table((*columns, words("stored.sha256")), rows)


def publications(traces: Sequence[Trace], words: Words) -> Table:
    """Return how long each key record took from the request until it was seen at every authoritative server."""
    columns = tuple(_site(name, words) for name in ("selector", "requested", "lacked", "served", "took"))
    rows = tuple(
        (
            one.selector, _second(one.requested_at, words), _second(one.lacked_at, words) if one.lacked_at else NONE,
            _second(one.served_at, words) if one.served_at else _site("not-seen", words), duration(one.took, words),
        )
        for one in past.publications(traces)
    )  # fmt: skip
    return Table(columns, rows)


def history(traces: Sequence[Trace], on: datetime, words: Words) -> list[Block]:
    """An identity's history in one world, as tables, each under its heading."""
    told = (
        (_site("history", words), spans(traces, words), "history.none"),
        (_site("switches", words), switches(traces, words), "switches.none"),
        (_site("keys", words, date=words.date(on)), keys(traces, on, words), "keys.none"),
        (_site("dns", words), publications(traces, words), "dns.none"),
    )
    blocks: list[Block] = []
    for title, table, empty in told:
        blocks += [Heading(title), table if table.rows else Paragraph(_site(empty, words))]
    return blocks


def difference(one: Listed, other: Listed, words: Words) -> list[Block]:
    """Return what differs between two runs, and how much does not."""
    found = traits.differences(one.traits, other.traits)
    counted = _site("difference.counted", words, differ=len(found), alike=traits.alike(one.traits, other.traits))
    columns = (_site("difference.value", words), one.run, other.run)
    rows = tuple((trait(each.name, words), each.one or NONE, each.other or NONE) for each in found)
    return [Paragraph(counted), *([Table(columns, rows)] if rows else [])]


def trait(name: str, words: Words) -> str:
    """A comparable value's name as a person reads it."""
    part, _, rest = name.partition(".")
    if part in ("before", "after"):
        return _site(f"part.{part}", words, name=words(f"field.{rest}"))
    if part in ("parameter", "check", "server"):
        return _site(f"part.{part}", words, name=rest)
    return _site(f"trait.{rest}", words)


def age(key: past.Key, on: datetime, words: Words) -> str:
    """The age of a key, in whole days."""
    return _site("days", words, days=max((on - datetime.fromisoformat(key.made)).days, 0)) if key.made else NONE


def minute(at: str, words: Words) -> str:
    """A moment in the reader's zone, to the minute: for lists, whose head names the zone."""
    return f"{datetime.fromisoformat(at).astimezone(words.zone):%Y-%m-%d %H:%M}" if at else NONE


def _second(at: str | datetime, words: Words) -> str:
    """A moment in the reader's zone, to the second."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(words.zone):%Y-%m-%d %H:%M:%S} {zone(words)}"


def zone(words: Words) -> str:
    """The name of the reader's time zone."""
    return words.zone.tzname(None) or "UTC"


def duration(span: timedelta | None, words: Words) -> str:
    """A duration as a person says it; "not seen" where its end is not known."""
    if span is None:
        return _site("not-seen", words)
    seconds = span.total_seconds()
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} d"


def _site(key: str, words: Words, **values: object) -> str:
    return say("site", key, words.language, **values)


def worlds(runs: Sequence[Listed], *, further: bool = True) -> Mapping[str, list[Listed]]:
    """Runs that tell anything, by the world they tell of: AWS first, then sandboxes; within it the newest run first.

    ``further``: a run of several places stands in the world of each, as it went there; else in its own alone.
    """
    found: dict[str, list[Listed]] = {}
    for run in sorted(runs, key=lambda one: one.target != "aws"):
        for one in (run, *(run.elsewhere if further else ())):
            if one.trace is not None:
                found.setdefault(one.world, []).append(one)
    return found
