"""The record of publish: the exact records that would change, what was written, and what every server serves.

Retire shows the same of the records that it withdraws.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from second_edition.display import checks, summary, writes, zone
from second_edition.display.blocks import NONE, Block, Code, Heading, Paragraph, facts
from second_edition.display.sections import CLOSE, Row, said
from second_edition.display.words import Words
from second_edition.dkim import character_string
from second_edition.dkim.names import record_name
from second_edition.events import zone as events
from second_edition.evidence.record import Record
from second_edition.procedures.publish.outcome import begun, proved
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.publication import replaced

unfinished = summary.stopped


def state(record: Record, words: Words) -> list[Block]:
    """Render the record that asks for it, what it asks for, and what stands at the name."""
    of, read = record.begin.of, next(iter(record.all_of(events.ZoneRead)), None)
    asker = f"{of.record} ({of.run})" if of else NONE
    rows = [(words("requested by the record"), asker), (words("name"), _name(record))]
    if read is None:
        return [facts(rows)]
    standing = read.standing
    text = zone.zone_text(standing.name, standing.found) or f"; {words('no TXT record')}"
    stands = Paragraph(standing.other) if standing.other else Code(text)
    return [facts(rows), Heading(words("what stands there")), stands]


def plan(record: Record, words: Words) -> list[Block]:
    """Return what would be written, and nothing else; the digest; what it relies on."""
    made = record.made
    if made is None:
        return []
    return [*zone.planned(record, words), writes.digest(made.digest, words), *writes.relies(made.relies_on, words)]


def carried_out(record: Record, words: Words) -> list[Block]:
    """Return what was written and what came of it."""
    if record.begin.mode != "apply":
        return [Paragraph(words.record("apply.plan-only"))]
    return zone.written(record, words) or [Paragraph(words("Nothing was written."))]


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the run came to, after its outcome."""
    shown = record.of(events.ZoneProved)
    unserved = shown is not None and bool(shown.answers) and not shown.proved
    key = "unserved" if unserved else summary.came(outcome, begun(record))
    return _say(words, f"came.{key}", name=_name(record))


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means, where no error says it."""
    if outcome is Outcome.PLANNED and record.made:
        return [Paragraph(words.record("meaning.planned", digest=record.made.digest))]
    return []


def onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what comes next: to apply, to hand the request over, to rotate, or to run again."""
    read, blocks = record.of(events.ZoneRead), list[Block]()
    publisher = read.way.publisher if read else ""
    if outcome is Outcome.PLANNED and publisher == "request":
        request = shlex.join(["byodkim", "request", _asker(record)])
        blocks += [Paragraph(words("Other people publish it. Hand over what this makes:")), Code(request)]
    elif outcome is Outcome.PLANNED:
        blocks += [Paragraph(words("To carry it out:")), summary.again(record, "apply")]
    if outcome is Outcome.FAILED:
        blocks += [*summary.advised(record, outcome, words), summary.again(record)]
    if outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED):
        blocks.append(Paragraph(words("See whether it can be switched to:")))
        blocks.append(Code(summary.command(record, record.selector, "plan", "rotate")))
    return [Heading(words("Next")), *blocks] if blocks else []


def answers(record: Record, words: Words) -> Mapping[str, Sequence[str]]:
    """Return what changed, whether it was safe, whether it is finished, and the rollback."""
    wrote, answer = begun(record), record.of(events.ZoneAnswer)
    sure = (answer is not None and not answer.error) or record.of(events.ZoneResolved) is not None
    changed = _say(words, "changed.written" if sure else "changed.perhaps", name=_name(record))
    other = _replaced(record) if wrote else ""
    key = "safe.unwritten" if not wrote else "safe.unproved" if not proved(record) else "safe.proved"
    key = "safe.replaced" if other and proved(record) else key
    outcome = record.outcome.value if record.outcome else "none"
    return {
        "changed": [
            changed if wrote else words("nothing was written"),
            *([_say(words, "changed.replaced", value=other)] if other else []),
            words("SES was not touched"),
        ],
        "safe": [_say(words, key)],
        "finished": [_say(words, f"finished.{outcome}")],
        "back": [
            _say(words, "back.wrote" if wrote else "back.nothing"),
            *([_say(words, "back.replaced")] if other else []),
        ],
    }


def _replaced(record: Record) -> str:
    """Return the value of another's record that the change replaces; "" where it replaces none."""
    planned = record.of(events.ZonePlanned)
    value = replaced(planned.plan.change, planned.plan.wanted) if planned else None
    return character_string.escaped(value) if value is not None else ""


def _name(record: Record) -> str:
    return record_name(record.selector, record.begin.domain).lower()


def _asker(record: Record) -> str:
    return record.begin.value("of")


def _say(words: Words, key: str, **values: object) -> str:
    return said("publish", key, words, **values)


#: What its steps show, in the order of the page.
SECTIONS: Final = (
    Row("check", "checks", checks.checks),
    Row("verify", "served", zone.proof),
    Row("verify", "", checks.rechecked),
    Row("plan", "plan", plan),
    Row("apply", "publish", carried_out),
    Row("observe", "state", state, folded=True),
    *CLOSE,
)
