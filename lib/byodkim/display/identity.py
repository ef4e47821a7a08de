"""An identity's page: its history in each world as a picture and tables, its runs, and any two of them compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from byodkim.display import history, life
from byodkim.display.blocks import Heading, Paragraph, Table
from byodkim.display.history import ended, minute
from byodkim.display.html import Figure, Part, Section, part
from byodkim.display.lifeline import picture_of
from byodkim.display.site import Site
from byodkim.display.words import Words
from byodkim.evidence import run_values
from byodkim.evidence.archive import Listed
from byodkim.evidence.past import Trace

#: Sandboxes whose history is shown, the newest ones: a rehearsal that starts its own leaves one each.
MOST_REHEARSALS: Final = 3
#: Selectors whose life is drawn, the newest ones.
MOST_LIVES: Final = 6
#: Runs among which two can be chosen, the newest ones; review.ipynb compares any two.
MOST_COMPARED: Final = 400


def identity_html(site: Site, domain: str) -> str:
    """Return an identity's page."""
    return site.document(domain, domain, list(_sections(site, site.identities[domain])))


def _sections(site: Site, runs: Sequence[Listed]) -> Iterator[Section]:
    worlds = list(history.worlds(runs).items())
    rehearsals = sum(own_runs[0].target != "aws" for _, own_runs in worlds)
    shown = worlds[: len(worlds) - max(rehearsals - MOST_REHEARSALS, 0)]  # rehearsals come last
    for number, (world, own_runs) in enumerate(shown):
        rehearsal = own_runs[0].target != "aws"
        title = site.say("history.rehearsal" if rehearsal else "history.world", world=world.removeprefix("sandbox "))
        apart = [Paragraph(site.say("history.apart"))] if len(worlds) > 1 and not number else []
        parts = [*apart, *_history(site, own_runs)]
        if len(shown) < len(worlds) and number == len(shown) - 1:
            parts.append(Paragraph(site.say("history.more", count=rehearsals - MOST_REHEARSALS)))
        yield Section(f"history-{number}", title, parts)
    pages = tuple(site.page_of(one) for one in runs)
    yield Section("list", site.say("runs"), [replace(history.listing(runs, site.words), links=pages)])
    compared = [one for one in runs if one.traits][:MOST_COMPARED]
    if len(compared) > 1:
        yield Section("difference", site.say("difference.two"), [_compare(site, compared)])


def _history(site: Site, runs: Sequence[Listed]) -> list[Part]:
    traces, words = [one.trace for one in runs if one.trace], site.words
    on = max(site.on, *(one.ended for one in traces))
    picture, _ = picture_of(runs, words)
    title, spans, *tables = history.history(traces, on, words)
    drawn = [Figure(picture, site.say("history.legend"))] if picture else []
    return [title, *drawn, spans, *_lives(runs, traces, words), *tables]


def _lives(runs: Sequence[Listed], traces: Sequence[Trace], words: Words) -> list[Part]:
    """Render the life of each selector that a run was asked for, the newest first."""
    retired = {one.next_selector: one.trace.ended for one in runs if one.outcome == "RETIRED" and one.trace}
    selectors = list(dict.fromkeys(one.selector for one in traces if one.selector))[:MOST_LIVES]
    parts: list[Part] = []
    for selector in selectors:
        stages = life.of_selector(selector, traces, retired.get(selector))
        parts += [Heading(selector), life.figure(selector, stages, words)]
    return parts


def _compare(site: Site, runs: Sequence[Listed]) -> Part:
    """Render two choices and a table that a script fills from the values beside it."""
    labels = [f"{minute(one.at, site.words)} {ended(one.outcome, site.words)} {one.run}" for one in runs]
    table = Table((site.say("difference.value"), "1", "2"), (), kind="compared")
    return part("compare.html", say=site.say, labels=labels, values=_values(site, runs), table=table)


def _values(site: Site, runs: Sequence[Listed]) -> dict[str, Any]:
    """Return every run's values as indexes into one list of texts: most runs share most of them."""
    parts = {part: place for place, part in enumerate(run_values.PARTS)}
    names = sorted(
        dict.fromkeys(name for one in runs for name in one.traits), key=lambda name: parts[name.partition(".")[0]]
    )
    texts: dict[str, int] = {"": 0}
    rows = [
        {"id": one.run, "values": [texts.setdefault(one.traits.get(name, ""), len(texts)) for name in names]}
        for one in runs
    ]
    return {"names": [history.trait(name, site.words) for name in names], "texts": list(texts), "runs": rows}
