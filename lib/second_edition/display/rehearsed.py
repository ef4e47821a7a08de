"""Render a world that is not AWS: a sandbox, or a twin with plan and waits compared."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

from msgspec import UNSET

from second_edition.display.blocks import Block, Code, Paragraph
from second_edition.display.words import Words, duration
from second_edition.dkim.published import Verdict
from second_edition.errors import paragraph
from second_edition.events.parts import Twin
from second_edition.events.writes import Handed, PollingEnded, Waited
from second_edition.evidence.record import FLEET, ROTATE, Record
from second_edition.messages import say
from second_edition.rotation.rehearsal import acts, differing, is_of, moved, servers_of

_WAITS: Final = {PollingEnded: "DNS", Waited: "SES"}

_UNSOUND: Final = {"edited": "by.edited", "missing": "by.missing"}

#: A sandbox in which a switch was made.
SWITCHED: Final = "sandbox:already-rotated"
#: What such a sandbox signs with, and a ready one: its own selectors, whatever the run was asked for.
SIGNS_WITH: Final = {SWITCHED: "mail-20261124-1", "sandbox": "mail-20260912-1"}


def target_anew(target: str) -> str:
    """Return the sandbox in which the way back of a run in one of its own can be gone."""
    return "sandbox" if target == SWITCHED else SWITCHED


def rehearsed(record: Record, words: Words) -> list[Block]:
    """Return the paragraphs that say where a run was rehearsed; none of a run against AWS."""
    twin = record.begin.twin
    if not twin:
        return [*place(record, words), *_named(record, words)]
    return [
        *place(record, words),
        *([Paragraph(_compared(record, twin, words))] if record.made else []),
        *_waits(record, words),
    ]


def place(record: Record, words: Words) -> list[Block]:
    """Return the paragraph that says that a run was a rehearsal, and where; none of a run against AWS."""
    if twin := record.begin.twin:
        values = {"account": twin.account or "-", "at": words.time(twin.at), "run": twin.run}
        return [Paragraph(_say("rehearsed", words, **values))]
    target = record.begin.target
    return [] if target == "aws" else [Paragraph(words.record("sandbox", target=target))]


def own_path(record: Record) -> str:
    """Return the record as commands name it."""
    own = record.begin.record
    return f"{record.folder}/{own}" if own else "RECORD.ipynb"


def to_publish(record: Record, words: Words) -> list[Block]:
    """Return how the key record that was asked for gets into DNS, by the profile's publisher; nothing where none was.

    A standing sandbox and a twin have a zone of their own, which ``byodkim publish`` writes.
    """
    handed = record.of(Handed)
    if not handed or not handed.files:
        return []
    publish = ["byodkim", "publish", own_path(record)]
    values = {"file": f"{record.folder}/{handed.files[0]}", "name": handed.name}
    if record.rehearsal:
        if record.begin.parameters["endpoint_url"].source == "sandbox":
            return [Paragraph(words.record("next.rehearsal", **values))]
        return [
            Paragraph(words.record("next.rehearsal-standing", **values)),
            Code(shlex.join([*publish, "-p", "mode", "apply"])),
        ]
    if not record.begin.publisher:
        if some := _served_by_some(record, handed.sha256):
            said = words(
                "{there} of {all} servers serve the key record. Write to the DNS team about the others:", **some
            )
            return [Paragraph(said), Code(shlex.join(["byodkim", "reply", own_path(record)]))]
        return [Paragraph(words("Hand {file} to the DNS team: a TXT record at {name}.", **values))]
    if any(one.id == "DNS-SINGLE" and one.objects for one in record.findings):
        return []  # publish touches none of several records
    return [Paragraph(words.record("next.publish", **values)), Code(shlex.join(publish))]


def _served_by_some(record: Record, sha256: str) -> dict[str, int]:
    """Return how many of how many servers serve the key; nothing where none does."""
    judged = record.seen.judged(record.seen.records, sha256) if record.seen else []
    there = sum(one.verdict is Verdict.THE_KEY for _, one in judged)
    return {"there": there, "all": len(judged)} if there else {}


def _named(record: Record, words: Words) -> list[Block]:
    """Return which run rehearsed the change, and whether production is still as its twin was."""
    tried = record.begin.rehearsed
    if not tried:
        return []
    if tried.defect:
        return [Paragraph(_say(_UNSOUND.get(tried.defect, "by.unsound"), words, run=tried.run))]
    values = {"run": tried.run, "outcome": tried.outcome or "-", "at": words.time(tried.observed_at)}
    said = words("Rehearsed by run {run}, which ended {outcome}, on a twin of what stood at {at}.", **values)
    if tried.plan is None or record.made is None or not record.made.writes:
        return [Paragraph(said)]
    made, planned = acts(tried.carried), acts(record.made)
    if made != planned:
        other = _say("by.other", words, made="; ".join(made) or "-", planned="; ".join(planned))
        return [Paragraph(paragraph(said, other))]
    if found := moved(tried, record.made):
        facts = (_say("moved", words, name=name, then=then or "-", now=now or "-") for name, then, now in found)
        return [Paragraph(paragraph(said, _say("by.moved", words, facts=paragraph(*facts))))]
    apart = _apart(differing(tried.plan, tried.carried), words) if tried.carried else ""
    otherwise = _say("by.apart", words, facts=apart) if apart else ""
    return [Paragraph(paragraph(said, _say("by.same", words), otherwise))]


def _compared(record: Record, twin: Twin, words: Words) -> str:
    if (record.procedure, twin.procedure) == (FLEET, ROTATE):  # its runs are compared, each in its own record
        return _say("plan.each", words)
    if twin.procedure != record.procedure:
        return _say("plan.other", words, procedure=twin.procedure, here=record.procedure)
    if twin.plan is None or record.made is None or not is_of(twin.plan, record.selector):
        return words("That run made no plan of this change.")
    answers = record.seen.records if record.seen else ()
    facts = _apart(differing(twin.plan, record.made, twin.servers, servers_of(answers)), words)
    return words("The plan differs from that run's. {facts}", facts=facts) if facts else _say("plan.same", words)


def _apart(facts: Iterable[tuple[str, str, str]], words: Words) -> str:
    """Return the facts in which a twin was otherwise than production; "" for none."""
    return paragraph(*(_say("fact", words, name=name, there=there, here=here) for name, there, here in facts))


def _waits(record: Record, words: Words) -> list[Block]:
    """Return how long each wait took: by the twin's clock and by this machine's."""
    return [
        Paragraph(
            _say("wait", words, what=_WAITS[type(one)], world=duration(one.seconds, words.language), wall=one.wall_s)
        )
        for one in record.events
        if isinstance(one, Waited | PollingEnded) and one.wall_s is not UNSET
    ]


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("twin", key, words.language, **values)
