"""A campaign's record: who is ready and who waits for whom, the waves, and what became of each that failed.

Ten thousand identities are counted, and stand one by one in the tables beside the record.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from second_edition.display import checks, failure, writes
from second_edition.display.blocks import NONE, Block, Code, Column, Heading, Kind, Paragraph, facts, table
from second_edition.display.rehearsed import own_path
from second_edition.display.sections import CLOSE, Row, said
from second_edition.display.summary import unlisted
from second_edition.display.words import Words
from second_edition.errors import paragraph
from second_edition.events.campaign import WRITTEN, Ended, Filed, Laid, ReadFor, Recalled, Started, Surveyed
from second_edition.evidence import decided, fleet_record
from second_edition.evidence.record import Record
from second_edition.procedures.fleet import campaign
from second_edition.rotation import waves
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.checks.case import SOURCES, remedy, unanswered
from second_edition.rotation.fleet import EARLIER, Group
from second_edition.rotation.observation import Unread
from second_edition.rotation.outcome import Outcome

#: Failures and checks that are told one by one, at most.
MOST: Final = 50


def observed(record: Record, words: Words) -> list[Block]:
    """Return where each identity stands, counted, and who has to act; or what of a plan is done by now."""
    if (recalled := record.of(Recalled)) is not None:
        values = {**recalled.counts, "of": recalled.of or NONE, "left": recalled.left}
        key = "recalled" if recalled.counts else "recalled.none"
        return [Paragraph(_say(key, words, **values)), *campaign.cautions(record, words)]
    surveyed = record.of(Surveyed)
    if surveyed is None:
        return campaign.under_way(record, words)
    counts = surveyed.counts
    columns = (
        Column("group", Kind.TEXT, words("identities"), lambda group: _say(f"group.{group}", words)),
        Column("count", Kind.COUNT, words("count")),
        Column("", Kind.TEXT, words("who has to act"), lambda group: _say(f"group.{group}.who", words)),
    )
    rows = [(group.value, counts.get(group.value, 0), group.value) for group in Group]
    marks = frozenset(place for place, group in enumerate(Group) if group in _BAD and counts.get(group.value))
    made = sum(surveyed.made.values())
    count_sentence = _say("surveyed", words, rows=surveyed.rows, calls=made, reads=surveyed.made.get(_READ, 0))
    groups = table("groups", columns, rows, marks)
    found = [*campaign.cautions(record, words), *_against(surveyed.whom, words)]
    return [Paragraph(count_sentence), groups, *found]


_READ: Final = "GetEmailIdentity"
_BAD: Final = (Group.WRONG, Group.UNREAD)


def _against(waiting: Sequence[tuple[str, str, int]], words: Words) -> list[Block]:
    if not waiting:
        return []
    columns = (
        Column("group", Kind.TEXT, words("identities"), lambda group: _say(f"group.{group}", words)),
        Column("check", Kind.TEXT, words("what stands against them"), lambda name: _claim(name, words)),
        Column("count", Kind.COUNT, words("count")),
    )
    return [Heading(words("What stands against those that are not ready")), table("against", columns, waiting)]


#: By the call of AWS, what it reads.
_READ_FOR: Final = {
    "GetCallerIdentity": "caller", "GetEmailIdentity": "identity", "GetSecretValue": "secret", "GetObject": "key",
}  # fmt: skip


def _claim(name: str, words: Words) -> str:
    """Return a check by its ID and its claim, and a call that brought no answer as that check says it."""
    if name in CHECKS.checks:
        return f"{name}: {words(CHECKS.checks[name].claim)}"
    operation, _, code = name.partition(" ")
    if operation in _READ_FOR:
        what = _READ_FOR[operation]
        seen, todo = unanswered(operation, code), remedy(Unread(what, operation, code, "")) or ""
        said = {"seen": words.phrase(seen), "todo": words.phrase(todo)}
        return words("{check}: {seen}. {todo}", check=SOURCES[what], **said)
    return _say(name.lower(), words) if name in ("TWICE", EARLIER) else name


def planned(record: Record, words: Words) -> list[Block]:
    """Return what would be switched, at what pace, and the one digest for all."""
    plan = fleet_record.plan_of(record)
    if plan is None:
        return [Paragraph(words("There is no plan."))]
    if not plan.count:
        return [Paragraph(_say("plan.nothing", words))]
    places = (
        Column("place", Kind.TEXT, words("account and Region")),
        Column("count", Kind.COUNT, words("count")),
    )
    pace = [(_say(f"pace.{name}", words), plan.settings[name]) for name in _PACE if name in plan.settings]
    return [
        Paragraph(_say("plan", words, count=plan.count)),
        writes.digest(plan.digest, words),
        facts([(words("tree hash of all plans"), plan.root), *pace]),
        table("places", places, list(plan.places.items())),
        Paragraph(_say("plan.tree", words)),
    ]


_PACE: Final = ("canary", "wave", "pause_minutes", "stop_after", "at_once")
_COUNTS: Final = ("count", "switched", "pending", "failed")


def carried_out(record: Record, words: Words) -> list[Block]:
    """Render the waves, and what became of those that are not switched."""
    if record.begin.mode != "apply":
        return [Paragraph(words("Plan only: no run was begun. Apply it with -p mode apply and -r approved."))]
    found = fleet_record.ended(record)
    kinds = {number: one.came for number, one in found.items()}
    rows = [
        (place, number, *_wave(wave, found, kinds))
        for place, lane in fleet_record.lanes(record)
        for number, wave in enumerate(lane)
    ]
    canary = words("canary")
    columns = (
        Column("place", Kind.TEXT, words("account and Region")),
        Column("wave", Kind.COUNT, words("wave"), lambda number: str(number + 1) if number else canary),
        *(Column(name, Kind.COUNT, _say(f"column.{name}", words)) for name in _COUNTS),
        Column("began_at", Kind.MOMENT, words("first ended"), words.second),
        Column("ended_at", Kind.MOMENT, words("last ended"), words.second),
    )
    made = table("waves", columns, rows, frozenset(place for place, row in enumerate(rows) if row[5]))
    counted = _counted(record, words) if record.of(Laid) else _say("unfinished.untouched", words)
    opened = [Paragraph(counted), *campaign.under_way(record, words)]
    return [*opened, made, *_read(record, words), *_failed(record, found, words)]


def _read(record: Record, words: Words) -> list[Block]:
    """Return what was read for the runs, by account and Region."""
    read = record.of(ReadFor)
    lanes = read.lanes if read else {}
    return [Paragraph(_say("read-for", words, place=place, **did)) for place, did in lanes.items()]


def _wave(wave: Sequence[int], found: Mapping[int, Ended], kinds: Mapping[int, waves.Came]) -> tuple[object, ...]:
    """Return how many identities a wave has, what became of them, the first and the last end."""
    counts = waves.counted(wave, kinds)
    times = sorted(datetime.fromisoformat(found[one].ended_at) for one in wave if one in found)
    first, last = (times[0], times[-1]) if times else (None, None)
    return (len(wave), *(counts[kind] for kind in waves.Came), first, last)


def _failed(record: Record, found: Mapping[int, Ended], words: Words) -> list[Block]:
    off = [one for one in found.values() if one.came is not waves.Came.SWITCHED]
    if not off:
        return []
    columns = (
        Column("domain", Kind.TEXT, _say("column.domain", words)),
        Column("outcome", Kind.TEXT, words("outcome"), words.outcome, nothing=words("no record")),
        Column("why", Kind.TEXT, _say("column.why", words)),
        Column("record", Kind.TEXT, words("record")),
    )
    rows = [
        (name, one.outcome, one.why, "" if one.aside else one.record)
        for name, one in zip(campaign.called(record, off), off, strict=True)
    ]
    made = table("failures", columns, rows)
    # The frame has all of them.
    first = replace(made, rows=made.rows[:MOST], marks=frozenset(range(len(made.rows[:MOST]))))
    more = [Paragraph(_say("more", words, count=len(off) - MOST))] if len(off) > MOST else []
    return [Heading(words("Not switched")), first, *more]


def _counted(record: Record, words: Words) -> str:
    total, found = fleet_record.reach(record)
    counts = fleet_record.counts(found)
    taken = sum(bool(one.by) for one in found.values())
    count_sentence = _say("counted", words, **counts, all=total, left=total - len(found))
    return paragraph(count_sentence, _say("counted.earlier", words, count=taken) if taken else "")


def handed(record: Record, words: Words) -> list[Block]:
    """Render the tables beside the record."""
    surveyed = record.of(Surveyed)
    rows = [("plan", surveyed.file, surveyed.sha256)] if surveyed else []
    rows += [(one.what, one.file, one.sha256) for one in record.all_of(Filed)]
    if not rows:
        return [Paragraph(words("No table was written."))]
    columns = (
        Column("what", Kind.TEXT, words("table"), lambda what: _say(f"file.{what}", words)),
        Column("file", Kind.TEXT, words("file")),
        Column("sha256", Kind.TEXT, "SHA-256"),
    )
    return [table("files", columns, rows)]


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the campaign came to, after its outcome."""
    surveyed = record.of(Surveyed)
    count, came = fleet_record.reach(record)
    counts, others = fleet_record.counts(came), _others(surveyed, words)
    if outcome is Outcome.FAILED and not decided.begun(record):
        return words("No run was begun")
    part = ".part" if outcome is Outcome.SWITCHED and _in_part(record) else ""
    rows = surveyed.rows if surveyed else 0
    return _say(f"came.{outcome.value}{part}", words, count=count, all=rows, others=others, **counts)


def _others(surveyed: Surveyed | None, words: Words) -> str:
    """Return how many identities of a table are not ready, and what they wait for; "" where all are."""
    counts = surveyed.counts if surveyed else {}
    found = [(group, counts.get(group.value, 0)) for group in Group if group is not Group.READY]
    named = [f"{_say(f'group.{group.value}', words)}: {count}" for group, count in found if count]
    groups = ("、" if words.language == "ja" else ", ").join(named)
    return words(" ({groups})", groups=groups) if groups else ""


def _in_part(record: Record) -> bool:
    """Return whether this run was not for all of the plan."""
    plan = fleet_record.plan_of(record)
    return plan is not None and fleet_record.reach(record)[0] < plan.count


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means, where no error says it."""
    plan = fleet_record.plan_of(record)
    if outcome is Outcome.PLANNED and plan and plan.count:
        surveyed, count = record.of(Surveyed), plan.count
        others = surveyed.rows - count if surveyed else 0
        ready = _say("meaning.ready", words, count=count, all=count + others, digest=plan.digest)
        more = [Paragraph(_say("meaning.others", words, count=others))] if others else []
        return [Paragraph(ready), *more]
    if outcome is Outcome.PLANNED:
        return [Paragraph(_say("plan.nothing", words))]
    said = failure.recorded(record, words) is not None
    return [Paragraph(_counted(record, words))] if record.begin.mode == "apply" and not said else []


def unfinished(record: Record, words: Words) -> list[Block]:
    """Return what is known of a campaign that was stopped, and how to go on."""
    paragraph = Paragraph(_say("unfinished.begun" if decided.begun(record) else "unfinished.untouched", words))
    counts = [Paragraph(_counted(record, words))] if record.of(Laid) else []
    return [paragraph, *counts, Heading(words("Next")), Code(campaign.again(record))]


def onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what comes next, and the rollback for all."""
    blocks: list[Block] = []
    plan = fleet_record.plan_of(record)
    if outcome is Outcome.PLANNED and plan and plan.count:
        if needed := record.begin.approvals:
            blocks += [*unlisted(record, words), Paragraph(_say("next.approve", words, count=needed))]
            blocks += [Code(shlex.join(["byodkim", "approve", own_path(record)]))]
        alone = record.begin.parameters["endpoint_url"].source == "sandbox"
        apply = Code(campaign.command(record, "apply", record.begin.run))
        before = [*campaign.to_rehearse(record, words), *campaign.early(record, words)]
        carry = [*before, Paragraph(_say("next.apply", words)), apply]
        blocks += [Paragraph(_say("next.sandbox", words))] if alone else carry
    if outcome in (Outcome.STOPPED, Outcome.SWITCHED_PENDING, Outcome.FAILED):
        again = campaign.goes_on(record)
        blocks += [Paragraph(_say("next.again" if again else "next.plan", words))]
        blocks += [Code(campaign.again(record) if again else campaign.plan_again(record))]
    if outcome is Outcome.SWITCHED and _in_part(record):
        blocks += _next_part(record, words)
    blocks = [Heading(words("Next")), *blocks] if blocks else []
    return [*_way_back(record, words), *blocks]


def _next_part(record: Record, words: Words) -> list[Block]:
    """Return the command for the wave after those that this run was for."""
    command = campaign.command(record, "apply", campaign.approved_by(record))
    last = int(record.begin.value("last_wave") or 0)
    return [Paragraph(words("The next wave:")), Code(f"{command} -p last_wave {last + 1}")]


def _way_back(record: Record, words: Words) -> list[Block]:
    back = next((one for one in record.all_of(Filed) if one.what == "back"), None)
    written = [one for one in fleet_record.ended(record).values() if one.written]
    if back is None or not written:
        return []
    command = Code(campaign.way_back(record, f"{record.folder}/{back.file}"))
    going: list[Block] = [] if all(one.stays for one in written) else [command, Paragraph(_say("back", words))]
    return [Heading(words("Rollback")), *going, *(Paragraph(one) for one in _staying(record, words))]


def _staying(record: Record, words: Words) -> list[str]:
    """Return which identities the table of the rollback leaves out, and why; nothing where it has all."""
    stays = (one for one in fleet_record.ended(record).values() if one.written and one.stays)
    names = campaign.called(record, stays)
    return [_say("back.stays", words, names=campaign.names(names, words.language))] if names else []


def answers(record: Record, words: Words) -> Mapping[str, Sequence[str]]:
    """Return what changed, whether it was safe, whether it is finished, and the rollback."""
    found = fleet_record.ended(record)
    written = [one for one in found.values() if one.written]
    recalled, began = record.of(Recalled), {one.number for one in record.all_of(Started)}
    own = sum(not one.by and one.number in began and one.touched and one.outcome in WRITTEN for one in written)
    earlier = len(written) - own
    if recalled and not record.of(Laid):
        earlier = recalled.counts.get("switched", 0)
    unclear = campaign.unclear(record)
    plans = record.begin.mode == "plan"
    finished = record.outcome.value if record.outcome else "none.plan" if plans else "none"
    finished += ".part" if record.outcome is Outcome.SWITCHED and _in_part(record) else ""
    changed = [words("selectors of identities: {count}", count=own)] if own else []
    changed += [_say("changed.perhaps", words, count=len(unclear))] if unclear else []
    changed = changed or [words("nothing: this run switched no identity")]
    changed += [words("by earlier runs of this campaign, and still so: {count}", count=earlier)] if earlier else []
    back = [] if all(one.stays for one in written) else [_say("back.table" if record.closed else "back.open", words)]
    back += _staying(record, words)
    back += [_say("back.unclear", words, names=campaign.names(unclear, words.language))] if unclear else []
    return {
        "changed": changed,
        "safe": campaign.safe(record, words) if decided.begun(record) else [words("yes: SES was not touched")],
        "finished": [_say(f"finished.{finished}", words)],
        "back": back or [_say("back.earlier" if earlier else "back.nothing", words)],
    }


def _say(key: str, words: Words, /, **values: object) -> str:
    return said("fleet", key, words, **values)


#: What its steps show, in the order of the page.
SECTIONS: Final = (
    Row("check", "checks", checks.checks),
    Row("apply", "waves", carried_out),
    Row("observe", "state", observed),
    Row("plan", "plan", planned),
    Row("hand_over", "files", handed),
    *CLOSE,
)
