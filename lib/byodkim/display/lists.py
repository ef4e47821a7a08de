"""The site's lists: all runs and all identities, some hundreds a page, and a search over all of them in the first.

A page of the list is plain HTML that needs no script. The first one holds the values of every row besides, from which a
script shows those that are searched for: no page is asked for, so it works from a file share too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Final

from byodkim.display import history
from byodkim.display.blocks import Paragraph, Table
from byodkim.display.history import minute, zone
from byodkim.display.markup import LONG, SHORT, Anchor, escaped, markup, table, visible
from byodkim.display.site import INDEX, Site, document, identity_page, links_to, way
from byodkim.evidence import past
from byodkim.evidence.archive import Listed

IDENTITIES: Final = "identities.html"
#: Rows that a page of a list holds; the first page of the runs holds up to twice as many, less one.
ROWS: Final = 500
FILTERS: Final = ("identity", "outcome", "operator", "year", "waived", "kind")
#: Values that can be chosen from; where there are more, only the search finds them.
CHOICES: Final = 200


def lists(site: Site) -> Iterator[tuple[str, str]]:
    """File names and HTML of the lists, the index last: it leads to what is there."""
    parts = _parts(site.runs)
    names = [INDEX, *(f"list-{number:05}.html" for number in range(len(parts) - 1, 0, -1))]
    for place, (name, runs) in enumerate(zip(names[1:], parts[1:], strict=True), 1):
        links = [(names[place - 1], site.say("newer"))]
        links += [(names[place + 1], site.say("older"))] if place + 1 < len(names) else []
        title = f"{site.say('runs')} {_span(site, runs)}"
        listed = _table(history.listing(runs, site.words), _anchors(site, runs))
        yield name, _page(site, title, way(site, links), _section("list", title, listed))
    many = len(site.identities) > ROWS
    if many:
        yield from _identity_lists(site)
    others = [(name, _span(site, runs)) for name, runs in zip(names[1:], parts[1:], strict=True)]
    yield INDEX, _index(site, len(parts[0]), others, many=many)


def _parts(runs: Sequence[Listed]) -> list[Sequence[Listed]]:
    """The runs of each page, newest first.

    All but the first page are full, and counted from the oldest run on, so that a later run changes none of them.
    """
    full = max(len(runs) // ROWS - 1, 0)
    first = len(runs) - full * ROWS
    return [runs[:first], *(runs[start : start + ROWS] for start in range(first, len(runs), ROWS))]


def _span(site: Site, runs: Sequence[Listed]) -> str:
    times = [minute(one.at, site.words) for one in runs if one.at]
    return f"{times[-1]} – {times[0]}" if times else site.say("unknown")


def _page(site: Site, title: str, top: str, inner: str) -> str:
    body = f"<header>\n{top}<h1>{escaped(site.say('title'))}</h1>\n</header>\n<main>\n{inner}\n</main>"
    return document(site, title, body)


def _index(site: Site, first: int, others: Sequence[tuple[str, str]], *, many: bool) -> str:
    body = [f"<header>\n<h1>{escaped(site.say('title'))}</h1>", *_summary(site), "</header>\n<main>"]
    if site.runs:
        if many:
            link = links_to([(IDENTITIES, site.say("identities.all", count=len(site.identities)))])
            told = f'<p class="years">{link}</p>'
        else:
            told = _table(*_identities(site))
        body += [_section("identities", site.say("identities"), told)]
        listed = history.listing(site.runs, site.words)
        values = [_data(one) for one in site.runs]
        searched = _searched(site, listed, _anchors(site, site.runs), first, values)
        body += [_section("list", site.say("runs"), _others(site, others) + searched)]
    return document(site, site.say("title"), "\n".join([*body, "</main>"]))


def _others(site: Site, others: Sequence[tuple[str, str]]) -> str:
    return f'<p class="years">{escaped(site.say("years"))}: {links_to(others)}</p>\n' if others else ""


def _summary(site: Site) -> Iterator[str]:
    if not site.runs:
        yield markup(Paragraph(site.say("none")))
        return
    times = [minute(one.at, site.words) for one in site.runs if one.at]
    told = site.say(
        "summary", runs=len(site.runs), identities=len(site.identities),
        first=times[-1] if times else "-", last=times[0] if times else "-",
    )  # fmt: skip
    made = site.say("made", at=site.words.time(site.on), folder=site.folder, zone=zone(site.words))
    yield markup(Paragraph(told))
    yield markup(Paragraph(made))
    if unsound := sum(not one.standing.sound for one in site.runs):
        yield f'<p class="caution">{escaped(site.say("unsound", count=unsound))}</p>'


def _identity_lists(site: Site) -> Iterator[tuple[str, str]]:
    """The pages of identities, where they are too many for the index."""
    frame, anchors = _identities(site)
    names = {start: f"identities-{number}.html" for start, number in zip(range(ROWS, len(anchors), ROWS), count(2))}
    names = {0: IDENTITIES, **names}
    spans = {
        name: f"{frame.rows[start][0]} – {frame.rows[start : start + ROWS][-1][0]}" for start, name in names.items()
    }
    title = site.say("identities")
    for start, name in names.items():
        others = _others(site, [(one, span) for one, span in spans.items() if one != name])
        if start:
            some = Table(frame.columns, frame.rows[start : start + ROWS])
            inner = _table(some, anchors[start : start + ROWS])
        else:
            inner = _searched(site, frame, anchors, ROWS, ())
        yield name, _page(site, title, way(site, []), _section("list", title, others + inner))


def _identities(site: Site) -> tuple[Table, list[Anchor]]:
    names = ("identity", "signs", "since", "key-age", "last-run", "outcome", "count-of-runs")
    rows, anchors = [], []
    for domain, runs in site.identities.items():
        rows.append((_named(site, domain, runs), *_standing(site, runs), str(len(runs))))
        anchors.append(Anchor(identity_page(domain)))
    return Table(tuple(map(site.say, names)), tuple(rows)), anchors


def _named(site: Site, domain: str, runs: Sequence[Listed]) -> str:
    return domain if any(one.target == "aws" for one in runs) else site.say("rehearsal", domain=domain)


def _standing(site: Site, runs: Sequence[Listed]) -> tuple[str, str, str, str, str]:
    """What an identity signs with, since when, how old that key is, and its last run: in the world that counts."""
    told = next(iter(history.worlds(runs).values()), [])
    traces = [one.trace for one in told if one.trace]
    spans, keys = past.spans(traces), past.keys(traces)
    last = (minute(runs[0].at, site.words), history.ended(runs[0].outcome, site.words))
    if not spans:
        return (site.say("unknown"), "-", "-", *last)
    key = keys.get(spans[-1].selector)
    age = history.age(key, max(site.on, spans[-1].seen), site.words) if key else "-"
    return (spans[-1].selector, minute(spans[-1].since.isoformat(), site.words), age, *last)


def _searched(
    site: Site, frame: Table, anchors: Sequence[Anchor], first: int, values: Sequence[Mapping[str, str]]
) -> str:
    """The ``first`` rows as a table, with a search and filters over all of them."""
    shown = Table(frame.columns, frame.rows[:first], frozenset(place for place in frame.marks if place < first))
    data = _values(frame, anchors, min(first, len(anchors)), values)
    return (
        f'{_form(site, values)}<script type="application/json" id="rows">{data}</script>\n'
        f'{_table(shown, anchors[:first])}\n<p><button type="button" id="more" hidden>{escaped(site.say("more"))}'
        "</button></p>"
    )


def _form(site: Site, values: Sequence[Mapping[str, str]]) -> str:
    names = FILTERS if values else ()
    chosen = [(name, sorted({one[name] for one in values})) for name in names]
    fields = "".join(_choice(site, name, offered) for name, offered in chosen if len(offered) <= CHOICES)
    told = {"text": site.say("shown", shown="{shown}", all="{all}")}
    told["part"] = site.say("shown.part", found="{found}", shown="{shown}", all="{all}")
    texts = "".join(f' data-{name}="{escaped(text)}"' for name, text in told.items())
    return (
        f'<form id="filters" hidden aria-label="{escaped(site.say("filter"))}">'
        f'<label>{escaped(site.say("search"))}<input type="search" name="search" autocomplete="off"></label>'
        f'{fields}<p id="shown" role="status"{texts}></p></form>\n'
    )


def _choice(site: Site, name: str, values: Sequence[str]) -> str:
    title = {"waived": "waivers"}.get(name, name)
    options = "".join(
        f'<option value="{escaped(value)}">{escaped(_shown(site, name, value))}</option>' for value in values
    )
    return (
        f'<label>{escaped(site.say(title))}<select name="{name}"><option value="">{escaped(site.say("all"))}</option>'
        f"{options}</select></label>"
    )


def _shown(site: Site, name: str, value: str) -> str:
    if name == "waived":
        return site.say(f"waived.{value}")
    if name == "kind":
        return site.say(f"kind.{value}")
    if name == "outcome":
        return history.ended("" if value == "-" else value, site.words)
    return site.say("unknown") if value == "-" else value


def _data(one: Listed) -> dict[str, str]:
    return {
        "identity": one.domain or "-",
        "outcome": one.outcome or "-",
        "operator": one.operator or "-",
        "year": one.year or "-",
        "waived": "yes" if one.waivers else "no",
        "kind": "sandbox" if one.target.startswith("sandbox") else "aws",
    }


def _values(frame: Table, anchors: Sequence[Anchor], first: int, values: Sequence[Mapping[str, str]]) -> str:
    """Every row as places in one list of texts, of which rows share most.

    A row is whether it is marked, where it leads, its cells, and its values for the filters.
    """
    texts: dict[str, int] = {}

    def place(text: str) -> int:
        return texts.setdefault(text, len(texts))

    rows = []
    for number, (row, anchor) in enumerate(zip(frame.rows, anchors, strict=True)):
        chosen = [visible(values[number][name]) for name in FILTERS] if values else []
        cells = [visible(cell) for cell in row]
        rows.append([int(number in frame.marks), *map(place, (anchor.href, *cells, *chosen))])
    data = {
        "first": first, "page": ROWS, "short": SHORT, "long": LONG, "columns": frame.columns,
        "filters": FILTERS if values else (), "texts": list(texts), "rows": rows,
    }  # fmt: skip
    return embedded(data)


def embedded(data: object) -> str:
    """Values as JSON for an element of the page, which nothing in them may end."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def _anchors(site: Site, runs: Sequence[Listed]) -> list[Anchor]:
    return [Anchor(site.page_of(one)) for one in runs]


def _table(frame: Table, anchors: Sequence[Anchor]) -> str:
    return table(frame, "", anchors)


def _section(anchor: str, title: str, told: str) -> str:
    return f'<section id="{anchor}">\n<h2>{escaped(title)}</h2>\n{told}\n</section>'
