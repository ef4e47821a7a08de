"""The archive as a static site: a list of all runs, a page an identity, and each run's record with links around it.

Every page is one file that needs no other to be read, no network and no server; a script only filters and compares.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from itertools import pairwise
from typing import Final

import byodkim
from byodkim.display import history, page, shell
from byodkim.display.blocks import Frame, Paragraph
from byodkim.display.history import minute, zone
from byodkim.display.identity import identity_body
from byodkim.display.markup import Anchor, escaped, markup, sentence, table
from byodkim.display.words import Words
from byodkim.evidence import past
from byodkim.evidence.archive import Listed, record_of
from byodkim.evidence.archived import RecordError
from byodkim.messages import say

INDEX: Final = "index.html"
STYLES: Final = ("page.css", "site.css")
#: Runs that one list holds; an archive of more has a list a year.
MOST: Final = 2000
FILTERS: Final = ("identity", "outcome", "operator", "year", "waived", "kind")
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,120}")


@dataclass(frozen=True)
class Site:
    """What a site shows: runs newest first, in whose words, as of when, from which folder."""

    runs: tuple[Listed, ...]
    words: Words
    on: datetime
    folder: str

    @cached_property
    def names(self) -> dict[int, str]:
        """The page of each run, by its place: named for its id, which a journal from elsewhere may have made up."""
        found: dict[int, str] = {}
        taken: set[str] = set()
        for number, one in enumerate(self.runs):
            name = f"run-{_name(one.run)}"
            name = name if name not in taken else f"{name}-{number}"
            taken.add(name)
            found[number] = f"{name}.html"
        return found

    @cached_property
    def places(self) -> dict[int, int]:
        """The place of a run among all, by its object's identity."""
        return {id(one): number for number, one in enumerate(self.runs)}

    @cached_property
    def identities(self) -> dict[str, list[Listed]]:
        """The runs of each identity, newest first; identities in the order of their names."""
        found: dict[str, list[Listed]] = {}
        for one in self.runs:
            if one.domain:
                found.setdefault(one.domain, []).append(one)
        return dict(sorted(found.items()))

    @cached_property
    def neighbours(self) -> tuple[dict[int, Listed], dict[int, Listed]]:
        """The run before each run in the same world, and the one after it, by the run's object identity."""
        before, after = {}, {}
        for runs in self.identities.values():
            for told in history.worlds(runs, further=False).values():
                for later, earlier in pairwise(told):
                    before[id(later)], after[id(earlier)] = earlier, later
        return before, after

    def page_of(self, one: Listed) -> str:
        """The file name of a run's page."""
        return self.names[self.places[id(one)]]

    def say(self, key: str, **values: object) -> str:
        """A sentence of the catalogue ``site``."""
        return say("site", key, self.words.language, **values)


def identity_page(domain: str) -> str:
    """The file name of an identity's page."""
    return f"identity-{_name(domain)}.html"


def lists(site: Site) -> Iterator[tuple[str, str]]:
    """File names and HTML of the lists of runs: one, or one or more a year; the newest is the index."""
    parts = list(_parts(site))
    names = [(INDEX if not number else name, title) for number, (name, title, _) in enumerate(parts)]
    for number, (_, _, runs) in enumerate(parts):
        others = [one for place, one in enumerate(names) if place != number]
        yield names[number][0], _list(site, runs, others)


def _parts(site: Site) -> Iterator[tuple[str, str, Sequence[Listed]]]:
    """File name, title and runs of each list, newest first; one at least."""
    if len(site.runs) <= MOST:
        yield INDEX, "", site.runs
        return
    for year in sorted({one.year for one in site.runs}, reverse=True):
        chosen = [one for one in site.runs if one.year == year]
        for part, start in enumerate(range(0, len(chosen), MOST), 1):
            more = part > 1
            name = f"year-{_name(year)}-{part}.html" if more else f"year-{_name(year)}.html"
            title = f"{year or site.say('unknown')} ({part})" if more else year or site.say("unknown")
            yield name, title, chosen[start : start + MOST]


def identities(site: Site) -> Iterator[tuple[str, str]]:
    """File names and HTML of the identities' pages."""
    for domain, runs in site.identities.items():
        body = f"<header>\n{_way(site, [])}<h1>{escaped(domain)}</h1>\n</header>\n" + identity_body(site, runs)
        yield identity_page(domain), _document(site, domain, body)


def run_page(site: Site, one: Listed) -> str:
    """A run's page: the record's own, with links to its neighbours and the difference from the run before it.

    A run that cannot be told has a page that says so: the list leads to it.
    """
    before, after = (found.get(id(one)) for found in site.neighbours)
    links = [(identity_page(one.domain), site.say("history-of", domain=one.domain))] if one.domain else []
    links += [(site.page_of(before), site.say("previous", domain=one.domain))] if before else []
    links += [(site.page_of(after), site.say("later", domain=one.domain))] if after else []
    told = history.difference(before, one, site.words) if before else [Paragraph(site.say("difference.none"))]
    section = ("difference", site.say("difference"), "\n".join(markup(block) for block in told))
    around = page.Around(_way(site, links) + _off(site, one), (section,) if one.trace else ())
    try:
        return page.page(record_of(one), site.words.language, around)
    except RecordError as error:
        why = error.what
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        values = {"path": one.run, "version": byodkim.__version__, "type": type(error).__name__}
        why = say("launch", "untold", site.words.language, **values)
    untold = markup(Paragraph(site.say("untold", why=why)))
    return _document(site, one.run, f"<header>\n{around.top}<h1>{escaped(one.run)}</h1>\n{untold}\n</header>")


def _off(site: Site, one: Listed) -> str:
    """What a verification found to be off, above all else of the record."""
    if not one.standing.found:
        return ""
    found = " ".join(one.standing.found)
    return f'<p class="caution"><strong>{escaped(site.say("off"))}</strong> {sentence(found)}</p>\n'


def _list(site: Site, runs: Sequence[Listed], years: Sequence[tuple[str, str]]) -> str:
    others = f'<p class="years">{escaped(site.say("years"))}: {_links(years)}</p>\n' if years else ""
    body = [f"<header>\n<h1>{escaped(site.say('title'))}</h1>", *_summary(site), "</header>\n<main>"]
    if runs:
        body += [_section("identities", site.say("identities"), _identities(site))]
        body += [_section("list", site.say("runs"), others + _filters(site, runs) + _listed(site, runs))]
    return _document(site, site.say("title"), "\n".join([*body, "</main>"]))


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


def _identities(site: Site) -> str:
    names = ("identity", "signs", "since", "key-age", "last-run", "outcome", "count-of-runs")
    rows, anchors = [], []
    for domain, runs in site.identities.items():
        rows.append((_named(site, domain, runs), *_standing(site, runs), str(len(runs))))
        anchors.append(Anchor(identity_page(domain)))
    return table(Frame(tuple(map(site.say, names)), tuple(rows)), "", anchors)


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


def _filters(site: Site, runs: Sequence[Listed]) -> str:
    chosen = [(name, sorted({_data(one)[name] for one in runs})) for name in FILTERS]
    fields = "".join(_choice(site, name, values) for name, values in chosen)
    counted = escaped(site.say("shown", shown="{shown}", all="{all}"))
    return (
        f'<form id="filters" hidden aria-label="{escaped(site.say("filter"))}">{fields}'
        f'<p id="shown" role="status" data-text="{counted}"></p></form>\n'
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


def _listed(site: Site, runs: Sequence[Listed]) -> str:
    anchors = [Anchor(site.page_of(one), _data(one)) for one in runs]
    return table(history.listing(runs, site.words), "", anchors)


def _section(anchor: str, title: str, told: str) -> str:
    return f'<section id="{anchor}">\n<h2>{escaped(title)}</h2>\n{told}\n</section>'


def _way(site: Site, links: Sequence[tuple[str, str]]) -> str:
    shown = _links([(INDEX, site.say("all-records")), *links])
    return f'<nav class="archive" aria-label="{escaped(site.say("navigation"))}">{shown}</nav>\n'


def _links(links: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<a href="{escaped(file)}">{escaped(text)}</a>' for file, text in links)


def _document(site: Site, title: str, body: str) -> str:
    script = files("byodkim.display").joinpath("site.js").read_text(encoding="utf-8")
    return shell.document(title, site.words.language, body, STYLES, script)


def _name(text: str) -> str:
    """A part of a file name: the text itself where it is plain, else a hash that stands for it."""
    return text if NAME.fullmatch(text) else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
