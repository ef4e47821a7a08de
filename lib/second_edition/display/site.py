"""The archive as a static site: a page an identity, and each run's record with links around it; ``lists`` lead there.

Every page is one file that needs no other to be read, no network and no server; a script only filters and compares.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from msgspec.structs import replace

from second_edition.display import history, html, lifeline
from second_edition.display.blocks import Heading, Paragraph
from second_edition.display.html import Figure, Part, Section
from second_edition.display.page import Around
from second_edition.display.page import page as record_page
from second_edition.display.words import Words
from second_edition.evidence.archive import Listed, record_of
from second_edition.evidence.archived import RecordError
from second_edition.evidence.past import Trace
from second_edition.messages import say

INDEX: Final = "index.html"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,120}")

#: Sandboxes whose history is shown, the newest ones: a rehearsal that starts its own leaves one each.
MOST_REHEARSALS: Final = 3
#: Selectors whose life is drawn, the newest ones.
MOST_LIVES: Final = 6


@dataclass(frozen=True)
class Site:
    """Hold what a site shows: runs newest first, in whose words, as of when, from which folder."""

    runs: tuple[Listed, ...]
    words: Words
    on: datetime
    folder: str

    @cached_property
    def pages(self) -> dict[int, str]:
        """Return the page of each run, by its object's identity. The id in its name may be made up by a journal."""
        found: dict[int, str] = {}
        taken: set[str] = set()
        for number, one in enumerate(self.runs):
            name = f"run-{_name(one.run)}"
            while name in taken:
                name = f"{name}-{number}"
            taken.add(name)
            found[id(one)] = f"{name}.html"
        return found

    @cached_property
    def identities(self) -> dict[str, list[Listed]]:
        """Return the runs of each identity, newest first; identities in the order of their names."""
        found: dict[str, list[Listed]] = {}
        for one in self.runs:
            if one.domain:
                found.setdefault(one.domain, []).append(one)
        return dict(sorted(found.items()))

    @cached_property
    def unknown(self) -> list[Listed]:
        """Return the runs that may be any identity's: those that cannot be told."""
        return [one for one in self.runs if history.is_unknown(one)]

    @cached_property
    def neighbours(self) -> tuple[dict[int, Listed], dict[int, Listed]]:
        """Return the run before each run in the same world, and the one after it, by the run's object identity."""
        before, after = {}, {}
        for runs in self.identities.values():
            for own_runs in history.worlds(runs).values():
                for later, earlier in pairwise(own_runs):
                    before[id(later)], after[id(earlier)] = earlier, later
        return before, after

    def page_of(self, one: Listed) -> str:
        """Return the file name of a run's page."""
        return self.pages[id(one)]

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogue ``site``."""
        return say("site", key, self.words.language, **values)

    def links(self, pages: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """Return the way to the list of all runs, and to the ``pages`` beside it."""
        return [(INDEX, self.words("All records")), *pages]

    def document(self, title: str, heading: str, sections: Sequence[Section], **values: Any) -> str:
        """Return a page of the site that is no record; ``values``: what it has besides, as ``Page`` names it."""
        values = {"links": self.links(), "navigation": self.words("Archive"), **values}
        page = html.Page(title, sections, heading, first_line=html.SITE_LINE, **values)
        return html.document(page, self.words.language, script=True)


def identity_page(domain: str) -> str:
    """Return the file name of an identity's page."""
    return f"identity-{_name(domain)}.html"


def identity_html(site: Site, domain: str) -> str:
    """Return an identity's page."""
    runs = site.identities[domain]
    cautions = [("", one) for one in history.left_out([*runs, *site.unknown], site.words)]
    return site.document(domain, domain, list(_sections(site, runs)), cautions=cautions)


def _sections(site: Site, runs: Sequence[Listed]) -> Iterator[Section]:
    worlds = list(history.worlds(runs).items())
    rehearsals = sum(own_runs[0].target != "aws" for _, own_runs in worlds)
    shown = worlds[: len(worlds) - max(rehearsals - MOST_REHEARSALS, 0)]  # rehearsals come last
    for number, (world, own_runs) in enumerate(shown):
        title = history.title_of(world, own_runs, site.words)
        apart = [Paragraph(site.say("history.apart"))] if len(worlds) > 1 and not number else []
        parts = [*apart, *_history(site, own_runs)]
        if len(shown) < len(worlds) and number == len(shown) - 1:
            parts.append(Paragraph(site.say("history.more", count=rehearsals - MOST_REHEARSALS)))
        yield Section(f"history-{number}", title, parts)
    pages = tuple(site.page_of(one) for one in runs)
    yield Section("list", site.words("Runs"), [replace(history.listing(runs, site.words), links=pages)])


def _history(site: Site, runs: Sequence[Listed]) -> list[Part]:
    traces, words = [one.trace for one in runs if one.trace], site.words
    on = max(site.on, *(one.ended for one in traces))
    picture, _ = lifeline.picture_of(runs, words)
    title, spans, *tables = history.history(traces, on, words)
    drawn = [Figure(picture, site.say("history.legend"))] if picture else []
    return [title, *drawn, spans, *_lives(runs, traces, words), *tables]


def _lives(runs: Sequence[Listed], traces: Sequence[Trace], words: Words) -> list[Part]:
    """Render the life of each selector that a run was asked for, the newest first."""
    retired = {one.next_selector: one.trace.ended for one in runs if one.outcome == "RETIRED" and one.trace}
    selectors = list(dict.fromkeys(one.selector for one in traces if one.selector))[:MOST_LIVES]
    parts: list[Part] = []
    for selector in selectors:
        stages = lifeline.of_selector(selector, traces, retired.get(selector))
        parts += [Heading(selector), lifeline.figure(selector, stages, words)]
    return parts


def run_page(site: Site, one: Listed) -> str:
    """Return a run's page: the record's own, with links to its neighbours and the difference from the run before it.

    A run that cannot be told has a page that says so: the list leads to it.
    """
    before, after = (found.get(id(one)) for found in site.neighbours)
    pages = [(identity_page(one.domain), site.words("History of {domain}", domain=one.domain))] if one.domain else []
    pages += [(site.page_of(before), site.words("Previous run of {domain}", domain=one.domain))] if before else []
    pages += [(site.page_of(after), site.words("Next run of {domain}", domain=one.domain))] if after else []
    blocks = history.difference(before, one, site.words) if before else [Paragraph(site.say("difference.none"))]
    section = Section("difference", site.words("Difference from the previous run of this identity"), blocks)
    off = [(site.say("off"), history.standing(one, site.words))] if one.standing.found else []
    own = (section,) if one.trace else ()
    around = Around(
        site.links(pages), site.words("Archive"), off, own, [each.trace for each in earlier(site, one) if each.trace]
    )
    try:
        return record_page(record_of(one), site.words.language, around)
    except RecordError as error:
        untold = Paragraph(site.words("This run cannot be told as a page. {why}", why=error.what))
    return site.document(one.run, one.run, (), links=around.links, cautions=off, opened=[untold])


def earlier(site: Site, one: Listed) -> list[Listed]:
    """Return the runs before it about its selector, in the same world, whose records hold: its page tells of them."""
    runs = site.identities.get(one.domain, ())
    return [
        other
        for other in runs
        if other.trace and other.standing.counts and other.world == one.world
        and other.next_selector == one.next_selector and other.at < one.at
    ]  # fmt: skip


def _name(text: str) -> str:
    """Return a part of a file name: the text itself where it is plain, else a hash that stands for it."""
    return text if NAME.fullmatch(text) else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
