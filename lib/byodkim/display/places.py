"""Several places told: what each step did in every account and Region, and what stands where when the run has ended."""

from __future__ import annotations

from collections.abc import Callable

from byodkim.display import telling
from byodkim.display.answers import wrote
from byodkim.display.blocks import Block, Heading, Paragraph, Table, facts
from byodkim.display.telling import NONE
from byodkim.display.verified import verified as verified_here
from byodkim.display.words import Words, aloud, duration
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.rotation.observation import SUCCESS
from byodkim.rotation.outcome import Outcome

Tell = Callable[[Record, Words], list[Block]]


def everywhere(tell: Tell) -> Tell:
    """``tell``, place by place where there are several."""

    def told(record: Record, words: Words) -> list[Block]:
        if not record.places:
            return tell(record, words)
        each = zip(record.places, record.told, strict=True)
        return [block for place, one in each for block in (Heading(place), *tell(one, words))]

    return told


current_state = everywhere(telling.current_state)
proof = everywhere(telling.proof)
checks = everywhere(telling.checks)
comparison = everywhere(telling.comparison)


def plan(record: Record, words: Words) -> list[Block]:
    """Return what would change in each place, in their order; the one digest; what all of it relies on."""
    made = record.plan
    if not record.places or made is None:
        return telling.plan(record, words)
    rows = []
    for place, one in zip(record.places, record.told, strict=True):
        changes = one.plan.changes if one.plan else ()
        told = [(change.current_selector or NONE, change.next_selector) for change in changes]
        rows += [(place, *change) for change in told or [(NONE, words("plan.nothing"))]]
    columns = tuple(_say(key, words) for key in ("place", "from", "to"))
    relies = tuple((name, value or NONE) for name, value in made.relies_on.items())
    named = facts([(words("plan.digest"), made.digest), (words("plan.words"), aloud(made.digest))])
    order = Paragraph(_say("plan", words))
    return [order, Table(columns, tuple(rows)), named, Heading(words("plan.relies")), facts(relies)]


def written(record: Record, words: Words) -> list[Block]:
    """Return what was written in the run's own place."""
    if not record.places:
        return telling.writing(record, words)
    told = [Heading(record.places[0]), *telling.writing(record.told[0], words)]
    return [*told, Paragraph(_say("follow", words))] if record.begin["mode"] == "apply" else told


def verified(record: Record, words: Words) -> list[Block]:
    """The verification as it stands; of the further places what was written too, as far as they were come to."""
    if not record.places:
        return verified_here(record, words)
    own, *others = zip(record.places, record.told, strict=True)
    blocks: list[Block] = [Heading(own[0]), *verified_here(own[1], words)]
    for place, one in others:
        blocks.append(Heading(place))
        if record.begin["mode"] == "apply" and not reached(one):
            blocks.append(Paragraph(_say("waits", words)))
            continue
        blocks += telling.writing(one, words) if one.intent is not None else []
        blocks += telling.verification(one, words)
    return blocks


def reached(one: Record) -> bool:
    """Return whether an apply run came to this place: wrote there, or looked whether it stands."""
    return one.intent is not None or one.last("read") is not None


def signed_in(record: Record, words: Words) -> list[Block]:
    """Return who acts in each place; nothing where there is one."""
    if not record.places:
        return []
    rows = []
    for place, one in zip(record.places, record.told, strict=True):
        called = (one.last("caller") or {}).get("caller") or {}
        rows.append((place, called.get("arn", NONE), one.begin["parameters"]["aws_profile"]["value"] or NONE))
    columns = (_say("place", words), words("operator"), "aws_profile")
    return [Table(columns, tuple(rows))]


def table(record: Record, words: Words) -> list[Block]:
    """The places: before, after, status, request id, outcome; nothing where there is one."""
    if not record.places:
        return []
    closed = record.closed
    rows, marks = [], set()
    for number, (place, one) in enumerate(zip(record.places, record.told, strict=True)):
        answer = (one.answer or {}).get("answer") or {}
        after = None if unclear(one) else one.after
        came = closed["places"][place] if closed else NONE
        if came not in (Outcome.SWITCHED, Outcome.UNCHANGED, Outcome.PLANNED):
            marks.add(number)
        shown = after.selector if after else ""
        rows.append((
            place, one.current_selector or NONE, shown or NONE, after.status if after else NONE,
            answer.get("request_id") or NONE, came,
        ))  # fmt: skip
    names = [_say("place", words), words("before"), words("after"), words("field.status"), words("apply.request-id")]
    return [Table((*names, _say("outcome", words)), tuple(rows), frozenset(marks))]


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the run came to: in all places at once where they are of one mind, else place by place."""
    values = {"domain": record.begin["domain"], "selector": record.begin["selector"], "count": len(record.places)}
    if outcome in (Outcome.FAILED, Outcome.SWITCHED_PENDING, Outcome.ROLLED_BACK):
        return standing(record, words)
    return say("places", f"outcome.{outcome}", words.language, **values)


def standing(record: Record, words: Words) -> str:
    """What stands in each place, one sentence each; and that key records must stay, where there is more than one."""
    each = zip(record.places, record.told, strict=True)
    told = [_stands(place, one, words) for place, one in each]
    both = len({_shown(one) for one in record.told} | {""}) > 2 or any(map(unclear, record.told))
    return ("" if words.language == "ja" else " ").join([*told, *([_say("both", words)] if both else [])])


def _stands(place: str, one: Record, words: Words) -> str:
    asked, shown = str(one.begin["selector"]), _shown(one)
    values = {"place": place, "current": one.current_selector or NONE, "next": asked, "selector": shown or NONE}
    after = one.after
    if after is None:
        return _say("stands.unseen", words, **values)
    values["status"] = after.status
    if unclear(one):
        return _say("stands.unclear", words, **values)
    if one.rolled_back is not None:
        return _say("stands.back", words, **values)
    if shown == asked and not after.signs:
        return _say("stands.not-signing", words, **values)
    if shown == asked:
        return _say("stands.verified" if after.status == SUCCESS else "stands.pending", words, **values)
    return _say("stands.untaken" if one.intent is not None else "stands.still", words, **values)


def _shown(one: Record) -> str:
    """The selector that a place signs with, as far as it is known."""
    shown = one.after.selector if one.after else ""
    return shown or (str(one.begin["selector"]) if wrote(one) else "")


def unclear(one: Record) -> bool:
    """Return whether a write was begun in this place, and neither its answer nor a reading tells what became of it."""
    if one.intent is None or wrote(one):
        return False
    return not any(event["event"] == "read" and event["n"] > one.intent["n"] for event in one.events)


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means for mail, where no error says it."""
    if outcome is Outcome.SWITCHED:
        spans = [(one.verified_at - one.written_at).total_seconds() for one in record.told
                 if one.verified_at and one.written_at]  # fmt: skip
        return [Paragraph(_say("meaning.switched", words, duration=duration(max([0.0, *spans]))))]
    if outcome is Outcome.SWITCHED_PENDING:
        return [Paragraph(_say("meaning.pending", words))]
    return []


def switched(record: Record) -> Record | None:
    """The place that was verified last of those that this run, or an earlier one, has switched."""
    found = [one for one in record.told if one.verified_at and one.current_selector != one.begin["selector"]]
    return max(found, key=lambda one: str(one.verified_at), default=None)


def pending(record: Record) -> Record | None:
    """The first place that was given the selector and has not verified it."""
    return next((one for one in record.told if one.outcome is Outcome.SWITCHED_PENDING), None)


def _say(key: str, words: Words, **values: object) -> str:
    return say("places", key, words.language, **values)
