"""Define what an exploration says besides its results: where it is, how long it takes, a key record, a history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from byodkim.display import explained as display
from byodkim.display import history as histories
from byodkim.display.blocks import Block, Paragraph
from byodkim.display.words import Words, duration
from byodkim.dkim.secrecy import looks_private
from byodkim.dns import pasted
from byodkim.errors import ParameterError
from byodkim.intent import profile
from byodkim.messages import Language
from byodkim.procedure.exploring import Exploration
from byodkim.procedure.survey import Past, chosen_selector, key_store, past_of


def words(language: Language) -> Words:
    """Return how a reader is spoken to who looks at no clock."""
    return Words(language, UTC)


def whereabouts(exploration: Exploration) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the rows on what was opened, and sentences on what differs from the profile."""
    caller, intent = exploration.caller, exploration.intent
    folder = _near(exploration)
    rows = [
        ("profile", intent.asked.profile),
        ("target", intent.asked.target),
        ("about", intent.domain),
        ("archive", folder if exploration.folder.is_dir() else exploration.say("archive.none", folder=folder)),
    ]
    differs = []
    if caller is not None and intent.account not in ("", caller.account):
        differs.append(exploration.say("other-account", here=caller.account, meant=intent.account))
    if intent.expected_region not in ("", exploration.region):
        differs.append(exploration.say("other-region", here=exploration.region, meant=intent.expected_region))
    return [(exploration.say(key), value) for key, value in rows], differs


def _near(exploration: Exploration) -> str:
    """Return the archive's folder as one names it from here."""
    start, folder = profile.project(), exploration.folder
    return str(folder.relative_to(start) if folder.is_relative_to(start) else folder)


def how_long(exploration: Exploration, count: int, wanted: int) -> list[Block]:
    """Render how long it takes to read ``wanted`` of ``count`` identities, before it begins."""
    if not (wanted and (rate := exploration.intent.requests_per_second)):
        return [Paragraph(exploration.say("duration.none", all=count, read=wanted))]
    span = duration(wanted / rate, exploration.language)
    return [Paragraph(exploration.say("duration", all=count, read=wanted, span=span, rate=f"{rate:g}"))]


def chosen(exploration: Exploration, text: str) -> tuple[str, str]:
    """Return the key record to explain, and where it is from.

    Raises:
        ParameterError: none is given, and the secret names none, or several.
        AccessError: the secret cannot be read.
    """
    if given := text or exploration.intent.asked.record:
        return given, exploration.say("origin.given")
    selector = chosen_selector(exploration)
    entries = [entry for version in key_store(exploration).versions for entry in version["entries"]]
    value = next((str(entry["dns_value"]) for entry in entries if entry["selector"] == selector), "")
    return value, exploration.say("origin.secret", secret=exploration.intent.secret_id, selector=selector)


def explained(text: str, origin: str, reader: Words) -> list[Block]:
    """Render a key record tag by tag.

    Raises:
        ParameterError: nothing in ``text`` looks like a key record, it holds several, or a private key.
    """
    found = pasted.read(text)
    key = (
        "private" if looks_private(text) or any(one.private for one in found)
        else "no-record" if not found
        else "several-records" if len(found) > 1
        else ""
    )  # fmt: skip
    if key:
        raise ParameterError.said("explore", key, reader.language, "untouched", count=len(found))
    return display.explained(found[0], origin, reader)


def history(exploration: Exploration, domain: str) -> tuple[Past, Sequence[Block]]:
    """Return what the archive tells of an identity, and the same in tables."""
    past = past_of(exploration, domain)
    blocks: list[Block] = []
    if past.left_out:
        blocks.append(Paragraph(exploration.say("history.left-out", count=past.left_out)))
    traces = past.traces
    if not traces:
        values = {"folder": _near(exploration), "domain": domain or "-", "place": exploration.place}
        return past, [*blocks, Paragraph(exploration.say("history.none", **values))]
    on = max(exploration.clock(), *(one.ended for one in traces))
    return past, [*blocks, *histories.history(traces, on, exploration.words)]
