"""The site's lists: all runs and all identities, some hundreds a page, and a search over all of them in the first.

A page of the list is plain HTML that needs no script. The first one holds the values of every row besides, from which a
script shows those that are searched for: no page is asked for, so it works from a file share too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from second_edition.display import history
from second_edition.display.blocks import Block, Paragraph, Table, visible
from second_edition.display.history import minute, zone
from second_edition.display.html import LONG, SHORT, Links, Part, Section, part
from second_edition.display.site import INDEX, MOST_REHEARSALS, Site, identity_page
from second_edition.display.words import identity_name
from second_edition.evidence import past
from second_edition.evidence.archive import Listed
from second_edition.evidence.record import FLEET
from second_edition.rotation.observation import SUCCESS

IDENTITIES: Final = "identities.html"
#: Rows that a page of a list holds; the first page of the runs holds up to twice as many, less one.
ROWS: Final = 500
FILTERS: Final = ("identity", "outcome", "operator", "year", "waived", "kind")
#: Values that can be chosen from; where there are more, only the search finds them.
CHOICES: Final = 200


def lists(site: Site) -> Iterator[tuple[str, str]]:
    """Yield file name and HTML of each list, the index last: it leads to what is there."""
    parts = _parts(site.runs)
    names = [INDEX, *(f"list-{number:05}.html" for number in range(len(parts) - 1, 0, -1))]
    for place, (name, runs) in enumerate(zip(names[1:], parts[1:], strict=True), 1):
        pages = [(names[place - 1], site.words("Newer runs"))]
        pages += [(names[place + 1], site.words("Older runs"))] if place + 1 < len(names) else []
        title = f"{site.words('Runs')} {_span(site, runs)}"
        yield name, _page(site, title, Section("list", title, [_runs(site, runs)]), links=site.links(pages))
    if len(site.identities) > ROWS:
        yield from _identity_lists(site)
    others = [(name, _span(site, runs)) for name, runs in zip(names[1:], parts[1:], strict=True)]
    yield INDEX, _index(site, len(parts[0]), others)


def _parts(runs: Sequence[Listed]) -> list[Sequence[Listed]]:
    """Return the runs of each page, newest first.

    All but the first page are full, and counted from the oldest run on, so that a later run changes none of them.
    """
    full = max(len(runs) // ROWS - 1, 0)
    first = len(runs) - full * ROWS
    return [runs[:first], *(runs[start : start + ROWS] for start in range(first, len(runs), ROWS))]


def _span(site: Site, runs: Sequence[Listed]) -> str:
    times = [minute(one.at, site.words) for one in runs if one.at]
    return f"{times[-1]} – {times[0]}" if times else site.words("not known")


def _page(site: Site, title: str, *sections: Section, **values: Any) -> str:
    return site.document(title, site.say("title"), sections, **values)


def _index(site: Site, first: int, others: Sequence[tuple[str, str]]) -> str:
    unsound = sum(not one.standing.sound for one in site.runs)
    cautions = [("", site.say("unsound", count=unsound))] if unsound else []
    sections = []
    if site.runs:
        many = Links("", [(IDENTITIES, site.words("All identities: {count}", count=len(site.identities)))])
        identities = many if len(site.identities) > ROWS else _identities(site)
        searched = _searched(site, _runs(site, site.runs), first, [_data(one) for one in site.runs])
        sections = [
            Section("identities", site.words("Identities"), [identities]),
            Section("list", site.words("Runs"), [*_others(site, others), searched]),
        ]
    return _page(site, site.say("title"), *sections, links=(), cautions=cautions, opened=_summary(site))


def _others(site: Site, others: Sequence[tuple[str, str]]) -> list[Part]:
    return [Links(f"{site.words('Other lists')}: ", others)] if others else []


def _summary(site: Site) -> list[Block]:
    if not site.runs:
        return [Paragraph(site.words("There are no runs here yet."))]
    times = [minute(one.at, site.words) for one in site.runs if one.at] or ["-"]
    counts = {"runs": len(site.runs), "identities": len(site.identities)}
    made = site.say("made", at=site.words.time(site.on), folder=site.folder, zone=zone(site.words))
    return [Paragraph(site.say("summary", **counts, first=times[-1], last=times[0])), Paragraph(made)]


def _identity_lists(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the pages of identities, where they are too many for the index."""
    whole, title = _identities(site), site.words("Identities")
    starts = range(0, len(whole.rows), ROWS)
    pages = [_slice(whole, start, start + ROWS) for start in starts]
    names = [IDENTITIES, *(f"identities-{number}.html" for number, _ in zip(count(2), starts[1:], strict=False))]
    spans = [(name, f"{some.rows[0][0]} – {some.rows[-1][0]}") for name, some in zip(names, pages, strict=True)]
    for name, some in zip(names, pages, strict=True):
        listed = _searched(site, whole, ROWS, ()) if name == IDENTITIES else some
        others = _others(site, [one for one in spans if one[0] != name])
        yield name, _page(site, title, Section("list", title, [*others, listed]))


def _slice(table: Table, start: int, end: int) -> Table:
    """Render some rows of a table."""
    marks = frozenset(place - start for place in table.marks if start <= place < end)
    return replace(table, rows=table.rows[start:end], links=table.links[start:end], marks=marks)


def _runs(site: Site, runs: Sequence[Listed]) -> Table:
    return replace(history.listing(runs, site.words), links=tuple(map(site.page_of, runs)))


def _identities(site: Site) -> Table:
    names = ("identity", "signs", "since", "key-age", "last-run", "outcome", "count-of-runs")
    worlds = list(_worlds(site))
    rows = [(name, *_standing(site, runs), str(len(runs))) for _, name, runs in worlds]
    return Table(tuple(map(site.say, names)), tuple(rows), links=tuple(identity_page(domain) for domain, *_ in worlds))


def _worlds(site: Site) -> Iterator[tuple[str, str, list[Listed]]]:
    """Yield each identity, its name, and its runs: of AWS first, then its rehearsals, where it has any.

    It has a row for each account and Region that it is known in; runs that do not know theirs have one besides. Of its
    rehearsals, the newest sandboxes have one each.
    """
    for domain, runs in site.identities.items():
        rehearsals = [one for one in runs if one.target not in ("aws", "")]  # "": no target given
        real = [one for one in runs if one not in rehearsals]
        name = identity_name(domain)
        places = {one.world for one in real if one.world}
        for place in sorted({one.world for one in real}) if len(places) > 1 else ():
            own = [one for one in real if one.world == place]
            yield domain, f"{name} ({place or site.words('not known')})", own
        if real and len(places) <= 1:
            yield domain, name, real
        worlds = list(history.worlds(rehearsals).values()) or [rehearsals] * bool(rehearsals)
        for own in worlds[:MOST_REHEARSALS]:
            yield domain, history.named(own[0], site.words), own


def _standing(site: Site, runs: Sequence[Listed]) -> tuple[str, str, str, str, str]:
    """Return what an identity signs with in the world that counts, since when, its key's age, and its last run."""
    own_runs = next(iter(history.worlds(runs).values()), [])
    traces = [one.trace for one in own_runs if one.trace]
    spans, keys = past.spans(traces), past.keys(traces)
    newest = next((one for one in runs if one.standing.counts), None)
    last = (minute(newest.at, site.words), history.ended_of(newest, site.words)) if newest else ("-", "-")
    if not spans:
        return (site.words("not known"), "-", "-", *last)
    if spans[-1].instead:
        return (history.signs_with(spans[-1], site.words), minute(spans[-1].since.isoformat(), site.words), "-", *last)
    key = keys.get(spans[-1].selector)
    age = history.age(key, max(site.on, spans[-1].seen), site.words) if key else "-"
    sights = sorted((one for trace in traces for one in trace.sights), key=lambda one: one.at)
    shown, signs, began = sights[-1] if sights else None, spans[-1].selector, spans[-1].since
    # SES may have failed to verify it at first: mail is signed with it since SES has.
    verified = (one.at for one in sights if (one.selector, one.status) == (signs, SUCCESS) and one.at >= began)
    since = minute(next(verified, began).isoformat(), site.words)
    if shown is not None and shown.selector == signs and not shown.status:  # a real message is not signed with it
        return (site.words("{selector}, which is not proved to sign", selector=signs), "-", age, *last)
    if shown is not None and shown.selector == signs and shown.status != SUCCESS:
        signs = site.words("{selector}, which SES showed last as {status}", selector=signs, status=shown.status)
    return (signs, since, age, *last)


def _searched(site: Site, table: Table, first: int, values: Sequence[Mapping[str, str]]) -> Part:
    """Render the ``first`` rows as a table, with a search and filters over all of them."""
    names = FILTERS if values else ()
    offered = [(name, sorted({one[name] for one in values})) for name in names]
    choices = [
        (name, site.say({"waived": "waivers"}.get(name, name)), [(one, _shown(site, name, one)) for one in found])
        for name, found in offered
        if len(found) <= CHOICES
    ]
    shown, found = _slice(table, 0, first), _values(table, min(first, len(table.rows)), values)
    return part("search.html", say=site.say, choices=choices, values=found, table=shown)


def _shown(site: Site, name: str, value: str) -> str:
    words = {"waived": f"waived.{value}", "kind": f"kind.{value}"}
    if name in words:
        return site.say(words[name])
    if name == "outcome":
        return history.ended("" if value == "-" else value, site.words)
    if (name, value) == ("identity", FLEET):
        return site.words("Campaigns")
    return site.words("not known") if value == "-" else value


def _data(one: Listed) -> dict[str, str]:
    return {
        "identity": one.domain or (FLEET if one.procedure == FLEET else "-"),
        "outcome": one.outcome or "-",
        "operator": one.operator or "-",
        "year": one.year or "-",
        "waived": "yes" if one.waivers else "no",
        "kind": "aws" if one.target == "aws" else "sandbox",
    }


def _values(table: Table, first: int, values: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return every row as indexes into one list of texts, most of which rows share.

    A row is whether it is marked, where it leads, its cells, and its values for the filters.
    """
    texts: dict[str, int] = {}
    rows = []
    for number, (row, link) in enumerate(zip(table.rows, table.links, strict=True)):
        chosen = [values[number][name] for name in FILTERS] if values else []
        cells = (link, *map(visible, row), *map(visible, chosen))
        rows.append([int(number in table.marks), *(texts.setdefault(text, len(texts)) for text in cells)])
    return {
        "first": first, "page": ROWS, "short": SHORT, "long": LONG, "columns": table.columns,
        "filters": FILTERS if values else (), "texts": list(texts), "rows": rows,
    }  # fmt: skip
