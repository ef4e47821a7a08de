"""Render where the identities of a campaign stand when it ends: what mail is signed with, and what is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from byodkim.display.blocks import Block, Paragraph
from byodkim.display.words import Words
from byodkim.evidence import fleet_record
from byodkim.evidence.record import Record
from byodkim.messages import Language, say
from byodkim.rotation import waves

#: Identities that a sentence names, at most.
_NAMED: Final = 12


def standing(record: Record, language: Language) -> str:
    """Return where all that the campaign was for stand: switched, not verified yet, unclear, refused, and not begun."""
    count, came = fleet_record.reach(record)
    groups = {
        "pending": [one.domain for one in came.values() if one.came is waves.Came.PENDING],
        "unclear": unclear(record),
        "refused": [one.domain for one in came.values() if one.came is waves.Came.FAILED and not one.unclear],
    }
    switched = sum(one.came is waves.Came.SWITCHED for one in came.values())
    sentences = [say("fleet", "stand.switched", language, switched=switched, all=count)]
    for key, found in groups.items():
        if found:
            sentences += [say("fleet", f"stand.{key}", language, count=len(found), names=names(found, language))]
    if left := count - switched - sum(map(len, groups.values())):
        key = "stand.left.earlier" if record.last("resumed") else "stand.left"
        sentences += [say("fleet", key, language, left=left)]
    return ("" if language == "ja" else " ").join(sentences)


def goes_on(record: Record) -> bool:
    """Return whether the same command has something to do and what fails again, or is not tried, does not stop it."""
    if (record.last("halted") or {}).get("why") not in ("failures", "done"):
        return True
    (count, ended), plan = fleet_record.reach(record), fleet_record.plan_of(record)
    failed = [one for one in ended.values() if one.came is waves.Came.FAILED]
    for_good = [one for one in failed if one.unclear or one.to_be_planned]
    stays = len(for_good) <= int(plan.settings["stop_after"] if plan else 0)
    return stays and (len(failed) > len(for_good) or count > len(ended))


def not_again(record: Record, language: Language) -> list[str]:
    """Return that the same command does not try those again whose runs may have written, where there are any."""
    found = [one.domain for one in fleet_record.reach(record)[1].values() if one.unclear and one.outcome]
    return [say("fleet", "again.not", language, names=names(found, language))] if found else []


def unclear(record: Record) -> list[str]:
    """Return the identities whose write began and did not end verified, and those whose run has no known end."""
    ended = [one.domain for one in fleet_record.reach(record)[1].values() if one.unclear]
    return [*ended, *(str(one["domain"]) for one in fleet_record.begun(record).values())]


def names(found: Sequence[str], language: Language) -> str:
    """Return the first of these names, and how many more there are."""
    first = ", ".join(found[:_NAMED])
    more = len(found) - _NAMED
    return say("fleet", "names.more", language, names=first, count=more) if more > 0 else first


def following(record: Record) -> int:
    """Return the wave after the last one that this run was for, where its lanes have one; else 0."""
    last = int(record.begin["parameters"].get("last_wave", {}).get("value") or 0)
    plan = fleet_record.plan_of(record)
    if plan is None or not last:
        return 0
    size, canary = int(plan.settings["wave"]), plan.settings["canary"]
    counts = [plan.places[name] for name, _ in fleet_record.lanes(record)]
    most = max(len(waves.cut(range(count), waves.canary_of(canary, count), size)) for count in counts)
    return last + 1 if last < most else 0


def cautions(record: Record, words: Words) -> list[Block]:
    """Return what an approver has to know besides: which checks are waived for whom, and who is not ready yet."""
    surveyed, sentences = record.last("surveyed") or {}, list[str]()
    if surveyed.get("early"):
        values = {"early": surveyed["early"], "until": words.time(surveyed["until"])}
        sentences.append(say("fleet", "early", words.language, **values))
    return [Paragraph(one) for one in (*sentences, *waived(record, words))]


def safe(record: Record, words: Words) -> list[str]:
    """Return how far the campaign was safe: each by its own run, what was waived, and where all stand."""
    stand = [standing(record, words.language)] if record.last("laid") else []
    return [say("fleet", "safe", words.language), *waived(record, words), *stand]


def waived(record: Record, words: Words) -> list[str]:
    """Return the waivers of the table's rows, each with for how many it is."""
    found = (record.last("surveyed") or record.last("recalled") or {}).get("waived", ())
    return [
        say("fleet", "waived" if text else "waived.rest", words.language, text=text, count=count, domain=domain)
        for text, count, domain in found
    ]
