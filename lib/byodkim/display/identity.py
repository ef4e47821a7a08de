"""An identity's page: its history in each world as a picture and tables, its runs, and any two of them compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from byodkim.display import history
from byodkim.display.blocks import Heading, Table
from byodkim.display.history import ended, minute
from byodkim.display.lifeline import picture_of
from byodkim.display.markup import Anchor, escaped, markup, table
from byodkim.evidence import traits
from byodkim.evidence.archive import Listed

if TYPE_CHECKING:
    from byodkim.display.site import Site

#: Sandboxes whose history is shown, the newest ones: a rehearsal that starts its own leaves one each.
MOST_REHEARSALS: Final = 3
#: Runs among which two can be chosen, the newest ones; review.ipynb compares any two.
MOST_COMPARED: Final = 400


def identity_body(site: Site, runs: Sequence[Listed]) -> str:
    """The page's content below its title."""
    listed = table(history.listing(runs, site.words), "", [Anchor(site.page_of(one)) for one in runs])
    parts = [*_worlds(site, runs), _section("list", site.say("runs"), listed)]
    compared = [one for one in runs if one.traits][:MOST_COMPARED]
    if len(compared) > 1:
        parts.append(_section("difference", site.say("difference.two"), _compare(site, compared)))
    return "\n".join(["<main>", *parts, "</main>"])


def _worlds(site: Site, runs: Sequence[Listed]) -> Iterator[str]:
    rehearsals = 0
    for number, (world, told) in enumerate(history.worlds(runs).items()):
        rehearsal = told[0].target != "aws"
        rehearsals += rehearsal
        if rehearsals > MOST_REHEARSALS:
            continue
        title = site.say("history.rehearsal" if rehearsal else "history.world", world=world.removeprefix("sandbox "))
        yield _section(f"history-{number}", title, _history(site, told))
    if rehearsals > MOST_REHEARSALS:
        yield f"<p>{escaped(site.say('history.more', count=rehearsals - MOST_REHEARSALS))}</p>"


def _history(site: Site, told: Sequence[Listed]) -> str:
    traces, words = [one.trace for one in told if one.trace], site.words
    on = max(site.on, *(one.ended for one in traces))
    picture, _ = picture_of(told, words)
    blocks = "\n".join(markup(block) for block in history.history(traces, on, words))
    if not picture:
        return blocks
    legend = escaped(site.say("history.legend"))
    # The title of the tables stands above the picture: it is the first of their blocks.
    title, rest = blocks.split("\n", 1)
    figure = f'<figure tabindex="0">{picture}<figcaption>{legend}</figcaption></figure>'
    return f"{title}\n{figure}\n{rest}"


def _compare(site: Site, runs: Sequence[Listed]) -> str:
    """Two choices and a table that a script fills from the values beside it."""
    labels = [f"{minute(one.at, site.words)} {ended(one.outcome, site.words)} {one.run}" for one in runs]
    chosen = ((site.say("difference.first"), 1), (site.say("difference.second"), 0))
    fields = "".join(f"<label>{escaped(title)}{_select(labels, place)}</label>" for title, place in chosen)
    counted = escaped(site.say("difference.counted", differ="{differ}", alike="{alike}"))
    empty = Table((site.say("difference.value"), "1", "2"), ())
    return (
        f"<noscript><p>{escaped(site.say('difference.script'))}</p></noscript>\n"
        f'<script type="application/json" id="traits">{_values(site, runs)}</script>\n'
        f'<div id="compare" hidden><form>{fields}<p id="counted" role="status" data-text="{counted}"></p></form>\n'
        f"{table(empty, 'compared')}</div>"
    )


def _select(labels: Sequence[str], place: int) -> str:
    options = "".join(
        f"<option{' selected' if number == place else ''}>{escaped(label)}</option>"
        for number, label in enumerate(labels)
    )
    return f"<select>{options}</select>"


def _values(site: Site, runs: Sequence[Listed]) -> str:
    """Every run's values as places in one list of texts: most runs share most of them."""
    parts = {part: place for place, part in enumerate(traits.PARTS)}
    names = sorted(
        dict.fromkeys(name for one in runs for name in one.traits), key=lambda name: parts[name.partition(".")[0]]
    )
    texts: dict[str, int] = {"": 0}
    told = [
        {"id": one.run, "values": [texts.setdefault(one.traits.get(name, ""), len(texts)) for name in names]}
        for one in runs
    ]
    data = {"names": [history.trait(name, site.words) for name in names], "texts": list(texts), "runs": told}
    # Nothing in it may end the element that holds it.
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def _section(anchor: str, title: str, told: str) -> str:
    return f'<section id="{anchor}">\n{markup(Heading(title), 2)}\n{told}\n</section>'
