"""The archive as a static site: a page an identity, and each run's record with links around it; ``lists`` lead there.

Every page is one file that needs no other to be read, no network and no server; a script only filters and compares.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from byodkim.display import history, html, page
from byodkim.display.blocks import Paragraph
from byodkim.display.html import Section
from byodkim.display.words import Words
from byodkim.evidence.archive import Listed, record_of
from byodkim.evidence.archived import RecordError
from byodkim.evidence.past import Trace
from byodkim.messages import say

INDEX: Final = "index.html"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,120}")


@dataclass(frozen=True)
class Site:
    """Hold what a site shows: runs newest first, in whose words, as of when, from which folder."""

    runs: tuple[Listed, ...]
    words: Words
    on: datetime
    folder: str

    @cached_property
    def names(self) -> dict[int, str]:
        """Return the page of each run, by its place. A foreign journal may have made up the id in its name."""
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
        """Return the place of a run among all, by its object's identity."""
        return {id(one): number for number, one in enumerate(self.runs)}

    @cached_property
    def identities(self) -> dict[str, list[Listed]]:
        """Return the runs of each identity, newest first; identities in the order of their names."""
        found: dict[str, list[Listed]] = {}
        for one in self.runs:
            if one.domain:
                found.setdefault(one.domain, []).append(one)
        return dict(sorted(found.items()))

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
        return self.names[self.places[id(one)]]

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogue ``site``."""
        return say("site", key, self.words.language, **values)

    def links(self, pages: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """Return the way to the list of all runs, and to the ``pages`` beside it."""
        return [(INDEX, self.say("all-records")), *pages]

    def document(self, title: str, heading: str, sections: Sequence[Section], **values: Any) -> str:
        """Return a page of the site that is no record; ``values``: what it has besides, as ``Page`` names it."""
        values = {"links": self.links(), "navigation": self.say("navigation"), **values}
        return html.document(html.Page(title, sections, heading, **values), self.words.language, script=True)


def identity_page(domain: str) -> str:
    """Return the file name of an identity's page."""
    return f"identity-{_name(domain)}.html"


def run_page(site: Site, one: Listed) -> str:
    """Return a run's page: the record's own, with links to its neighbours and the difference from the run before it.

    A run that cannot be told has a page that says so: the list leads to it.
    """
    before, after = (found.get(id(one)) for found in site.neighbours)
    pages = [(identity_page(one.domain), site.say("history-of", domain=one.domain))] if one.domain else []
    pages += [(site.page_of(before), site.say("previous", domain=one.domain))] if before else []
    pages += [(site.page_of(after), site.say("later", domain=one.domain))] if after else []
    blocks = history.difference(before, one, site.words) if before else [Paragraph(site.say("difference.none"))]
    section = Section("difference", site.say("difference"), blocks)
    off = [(site.say("off"), " ".join(one.standing.found))] if one.standing.found else []
    own = (section,) if one.trace else ()
    around = page.Around(site.links(pages), site.say("navigation"), off, own, _earlier(site, one))
    try:
        return page.page(record_of(one), site.words.language, around)
    except RecordError as error:
        untold = Paragraph(site.say("untold", why=error.what))
    return site.document(one.run, one.run, (), links=around.links, cautions=off, opened=[untold])


def _earlier(site: Site, one: Listed) -> list[Trace]:
    """Return what the runs before it tell of its selector, in the same world."""
    runs = site.identities.get(one.domain, ())
    return [
        other.trace
        for other in runs
        if other.trace and other.world == one.world and other.next_selector == one.next_selector and other.at < one.at
    ]


def _name(text: str) -> str:
    """Return a part of a file name: the text itself where it is plain, else a hash that stands for it."""
    return text if NAME.fullmatch(text) else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
