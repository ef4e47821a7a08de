"""A reader's first questions on a record and their answers, from its events, one row for each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from second_edition.display.sections import own
from second_edition.display.words import Words
from second_edition.evidence.record import Record
from second_edition.messages import say

#: SES's own diary: it goes on whatever is written.
DIARY = frozenset({"last_checked", "last_success", "last_key_generation"})


def answers(record: Record, words: Words) -> list[tuple[str, str]]:
    """Return who, when, why, what changed, was it safe, is it finished, and the rollback: question and answer."""
    general = (("who", _who), ("when", _when), ("why", _why))
    found = {**{key: list(tell(record, words)) for key, tell in general}, **own(record).answers(record, words)}
    return [(_say(key, words), _joined(key, list(parts), words)) for key, parts in found.items()]


def _who(record: Record, words: Words) -> Iterator[str]:
    yield record.caller.arn or words("not known: AWS was not asked, or did not say")
    if record.begin.requested_by:
        yield words("requested by {name}", name=record.begin.requested_by)
    if names := [one.approval.approver for one in record.approvals if one.approval]:
        yield words("approved by {names}", names=", ".join(names))


def _when(record: Record, words: Words) -> Iterator[str]:
    began = words.time(record.begin.at)
    if record.closed is None:
        yield _say("when.open", words, began=began, last=words.time(record.ended))
    else:
        yield words("{began} to {ended}", began=began, ended=words.time(record.closed.at))


def _why(record: Record, words: Words) -> Iterator[str]:
    yield record.begin.reason or words("no reason was given")
    if record.begin.ticket:
        yield words("ticket {ticket}", ticket=record.begin.ticket)


def _joined(key: str, parts: list[str], words: Words) -> str:
    """Join sentences; they are kept apart by more than the members of a list are."""
    if words.language == "en":
        text = parts[0] if parts else ""
        for part in parts[1:]:
            text = f"{text.removesuffix('.')}{'.' if re.match('[A-Z][a-z]', part) else ';'} {part}"
        return text
    apart = key in ("safe", "finished") or any(part.endswith("。") for part in parts)
    return ("。" if apart else "、").join(part.rstrip("。") for part in parts)


def _say(key: str, words: Words, **values: object) -> str:
    return say("answers", key, words.language, **values)
