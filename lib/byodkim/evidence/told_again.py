"""The facts of a record told again from what came raw: messages of name servers, answers of AWS.

A journal says what was seen twice: as facts, from which its tables are made, and as it came. Where the two differ, one
of them is false.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from dns.exception import DNSException

from byodkim.aws.identity import described
from byodkim.dkim.published import Answer
from byodkim.dns.lookup import told_again

GET: Final = "GetEmailIdentity"
PUT: Final = "PutEmailIdentityDkimSigningAttributes"
Event = Mapping[str, Any]


def contradictions(events: Sequence[Event]) -> Iterator[tuple[int, str]]:
    """Where the facts of a run are not what came raw: number of the event, and what differs.

    An event without raw answers, as of an earlier version, contradicts nothing.
    """
    known: dict[str, Mapping[str, Any]] = {}
    last: dict[str, Mapping[str, Any]] = {}
    for event in events:
        for call in event.get("calls", ()):
            raw = call.get("raw") or {}
            raw = known.get(str(raw.get("same_as")), raw)
            known[call["request_id"]] = raw
            last[call["operation"]] = {"status": call["status"], **raw}
        for what in _differing(event, last):
            yield event["n"], what


def _differing(event: Event, last: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    seen = event.get("observation")
    identity = event.get("identity") if event["event"] == "read" else (seen or {}).get("identity")
    came = last.get(GET, {})
    if identity is not None and "body" in came and not _is_told(identity, came["body"]):
        yield "identity"
    answer, fields = event.get("answer"), last.get(PUT, {}).get("fields")
    if event["event"] == "answer" and answer and fields is not None and not _is_answer(answer, fields):
        yield "answer"
    for place, entry, recursion in _answers(seen or {}):
        if not _is_as_it_came(entry, recursion=recursion):
            yield place


def _is_told(identity: Mapping[str, Any], body: str) -> bool:
    try:
        again = asdict(described(str(identity["name"]), json.loads(body)))
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
    return bool(json.loads(json.dumps(again)) == identity)


def _is_answer(answer: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    told = (answer["dkim_status"], answer["dkim_tokens"])
    return bool(told == (fields.get("DkimStatus"), fields.get("DkimTokens", [])))


def _answers(seen: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every answer of a name server, where it stands, and whether it was a recursive one's."""
    for place in ("records", "current_records", "other_records"):
        for entry in seen.get(place, ()):
            yield place, entry, False
    for place in ("siblings", "followed", "encrypted", "resolved"):
        for entry in seen.get("dns", {}).get(place, ()):
            recursive = place in ("encrypted", "resolved") or entry["transport"] in ("https", "tls")
            yield place, entry, recursive


def _is_as_it_came(entry: Mapping[str, Any], *, recursion: bool) -> bool:
    try:
        answer = Answer.from_json(entry)
        return not answer.raw or told_again(answer, recursion=recursion) == answer
    except (DNSException, ValueError, LookupError, TypeError, AttributeError):
        return False
