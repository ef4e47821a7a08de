"""A record's facts compared with its raw answers: messages of name servers, answers of AWS.

A journal says what was seen twice: as facts, from which its tables are made, and as it came. Where the two differ, one
of them is false.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from dns.exception import DNSException

from byodkim.aws.identity import described
from byodkim.aws.raw import digest
from byodkim.dkim.published import Answer
from byodkim.dns.delegation import parse_raw as parse_raw_zone
from byodkim.dns.raw_answer import parse_raw
from byodkim.plain import from_plain, plain
from byodkim.rotation.reading import FRESH_S, Reading
from byodkim.rotation.resolution import Delegation

GET: Final = "GetEmailIdentity"
PUT: Final = "PutEmailIdentityDkimSigningAttributes"
CALLER: Final = "GetCallerIdentity"
STORED: Final = "GetSecretValue"
UNSEEN: Final = frozenset({"absent", "ambiguous", "two-buckets"})  # a key object that was not fetched
Json = Mapping[str, Any]


@dataclass
class Raw:
    """Hold the raw answers so far: the newest of each operation, every version of a secret, every object's headers."""

    last: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    objects: set[tuple[str, int, datetime]] = field(default_factory=set)
    intended: str = ""  # the selector of a write that was begun
    answered: str = ""  # when it was answered
    _named: dict[str, Json] = field(default_factory=dict)

    def go_on(self, event: Json) -> None:
        """Take what an event says of the write to SES."""
        if event["event"] == "intent":
            self.intended = str(event["change"]["next_selector"])
        elif event["event"] == "answer":
            self.answered = str(event["at"])

    def name(self, call: Json) -> None:
        """Remember a whole answer by its digest, by which the same answer is named when it comes again."""
        raw = call.get("raw") or {}
        if raw and "same_as" not in raw:
            self._named[digest(raw)] = raw

    def take(self, call: Json) -> None:
        """Take what a call left in."""
        raw: Json = call.get("raw") or {}
        if "same_as" in raw:
            raw = self._named[raw["same_as"]]
        self.last[" ".join(filter(None, (call["operation"], call.get("region"))))] = raw
        if call["operation"] == STORED and "fields" in raw:
            self.secrets[str(raw["fields"].get("VersionId", ""))] = raw["fields"]
        headers = raw.get("headers", {})
        if {"content-length", "last-modified"} <= headers.keys():
            version, size = headers.get("x-amz-version-id", ""), int(headers["content-length"])
            self.objects.add((version, size, parsedate_to_datetime(headers["last-modified"])))


def contradictions(events: Sequence[Json]) -> Iterator[tuple[int, str]]:
    """Yield where the facts of a run are not what came raw: number of the event, and what differs.

    An event without raw answers, as of an earlier version, contradicts nothing.
    """
    raw = Raw()
    for event in events:
        try:
            # Side by side, a call that began first may end last: what came again may stand before what it names.
            for call in event.get("calls", ()):
                raw.name(call)
            for call in event.get("calls", ()):
                raw.take(call)
            raw.go_on(event)
            found = list(_differing(event, raw))
        except (ValueError, LookupError, TypeError, AttributeError):
            found = ["malformed"]
        for what in found:
            yield event["n"], what


def _differing(event: Json, raw: Raw) -> Iterator[str]:
    seen: Json = event.get("observation") or {}
    shown = event if event["event"] == "read" else seen
    identity, reading = shown.get("identity"), shown.get("reading")
    if identity is not None and reading and not _is_shared(event, identity, from_plain(Reading, reading), raw):
        yield "reading"
    elif (
        identity is not None
        and not reading
        and "body" in raw.last.get(GET, {})
        and not _is_identity(identity, raw.last[GET]["body"])
    ):
        yield "identity"
    yield from _elsewhere(event.get("retirement") or {}, raw)
    domain = str(seen.get("domain", ""))
    yield from _labelled(event.get("retirement") or {}, raw, domain)
    caller = event.get("caller") if event["event"] == "caller" else seen.get("caller")
    if caller and "body" in raw.last.get(CALLER, {}) and not _is_caller(caller, raw.last[CALLER]["body"]):
        yield "caller"
    if event["event"] == "zone-proved" and not all(_is_as_it_came(one, recursion=False) for one in event["answers"]):
        yield "answers"
    answer, fields = event.get("answer"), raw.last.get(PUT, {}).get("fields")
    if event["event"] == "answer" and answer and fields is not None and not _is_answer(answer, fields):
        yield "answer"
    for place in ("next_key", "current_key"):
        yield from (f"{place}: {what}" for what in _stored(seen.get(place) or {}, raw, domain))
    delegation = seen.get("dns", {}).get("delegation")
    if delegation and not _is_delegated(from_plain(Delegation, delegation)):
        yield "delegation"
    easy = (("signing", entry, False) for entry in (event.get("retirement") or {}).get("signing", ()))
    for place, entry, recursion in (*_answers(event if event["event"] == "weighed" else seen), *easy):
        if not _is_as_it_came(entry, recursion=recursion):
            yield place


def _elsewhere(retirement: Json, raw: Raw) -> Iterator[str]:
    """Yield the identity's other Regions, each with an answer of its own."""
    for one in retirement.get("elsewhere", ()):
        body = raw.last.get(f"{GET} {one['region']}", {}).get("body")
        if one["identity"] and body is not None and not _is_identity(one["identity"], body):
            yield f"identity in {one['region']}"


def _labelled(retirement: Json, raw: Raw, domain: str) -> Iterator[str]:
    """Yield the secret's versions, by what each of them names and which label it has."""
    for one in (retirement.get("secret") or {}).get("versions", ()):
        fields = raw.secrets.get(one["version_id"])
        if fields is None:
            continue
        named = [entry["selector"] for entry in _of(domain, fields)]
        if one["selectors"] != named or one["stage"] not in fields["VersionStages"]:
            yield f"secret version {one['version_id']}"


def _is_identity(identity: Json, body: str) -> bool:
    again = described(str(identity["name"]), json.loads(body))
    return bool(vars(again) | {"selectors": list(again.selectors)} == identity)


def _is_shared(event: Json, identity: Json, reading: Reading, raw: Raw) -> bool:
    """Return whether an identity is what a shared reading comes to, and that one was made when it says.

    What a run takes for its own before its write is at most ``FRESH_S`` old; after it, newer than SES's answer to it.
    """
    found, at = reading.identity, datetime.fromisoformat(reading.at)
    if found is None or vars(found) | {"selectors": list(found.selectors)} != identity:
        return False
    if reading.body and not _is_identity(identity, reading.body):
        return False
    after = event["event"] == "read"
    since = datetime.fromisoformat((after and raw.answered) or (event if after else event["observation"])["at"])
    if not (after and raw.answered):
        # A moment is told by its milliseconds.
        since -= timedelta(seconds=FRESH_S, milliseconds=1)
    wrote = raw.intended if after else ""
    return reading.wrote == wrote and since <= at <= datetime.fromisoformat(event["at"])


def _is_caller(caller: Json, body: str) -> bool:
    names = {"account": "Account", "arn": "Arn", "user_id": "UserId"}
    return all(re.findall(rf"<{name}>([^<]*)</{name}>", body) == [caller[fact]] for fact, name in names.items())


def _is_answer(answer: Json, fields: Json) -> bool:
    stated = (answer["dkim_status"], answer["dkim_tokens"])
    return bool(stated == (fields.get("DkimStatus"), fields.get("DkimTokens", [])))


def _of(domain: str, fields: Json) -> list[Json]:
    """Return what a version of the secret says of a domain's selectors."""
    return [entry for entry in fields["entries"] if entry["domain"] in ("", domain)]


def _stored(stored: Json, raw: Raw, domain: str) -> Iterator[str]:
    """Yield what differs of a selector's entry in the secret, and of its key object."""
    secret, key = stored.get("secret"), stored.get("key")
    if secret and raw.secrets:
        fields = raw.secrets.get(secret["version_id"])
        if fields is None or not _is_secret(stored["selector"], secret, fields, _of(domain, fields)):
            yield "secret"
    if key and raw.objects and key["defect"] not in UNSEEN:
        at = datetime.fromisoformat(key["last_modified"]) if key["last_modified"] else None
        if (key["version_id"], key["size"], at) not in raw.objects:
            yield "key"


def _is_secret(selector: str, secret: Json, fields: Json, entries: Sequence[Json]) -> bool:
    if secret["stage"] not in fields["VersionStages"]:
        return False
    created = datetime.fromtimestamp(int(fields["CreatedDate"]), UTC)
    named = [one for one in entries if one["selector"] == selector]
    own = [(one["dns_record"]["value"], one["s3_key_path"], one["s3_bucket"]) for one in named]
    stated = own[0] if len(own) == 1 else ("", "", "")
    return bool(
        datetime.fromisoformat(secret["created"]) == created
        and secret["selectors"] == [one["selector"] for one in entries]
        and (secret["dns_value"], secret["key_path"], secret["bucket"]) == stated
    )


def _answers(seen: Json) -> Iterator[tuple[str, Json, bool]]:
    """Yield every answer of a name server, where it stands, and whether it is a recursive one's."""
    for place in ("records", "current_records", "other_records"):
        for entry in seen.get(place, ()):
            yield place, entry, entry["transport"] in ("https", "tls")
    for place in ("siblings", "followed", "encrypted", "resolved", "unvalidated"):
        for entry in seen.get("dns", {}).get(place, ()):
            recursive = place in ("encrypted", "resolved", "unvalidated") or entry["transport"] in ("https", "tls")
            yield place, entry, recursive


def _is_delegated(delegation: Delegation) -> bool:
    try:
        return all(parse_raw_zone(one, delegation.zone) == one for one in delegation.children if one.raw)
    except DNSException:
        return False


def _is_as_it_came(entry: Json, *, recursion: bool) -> bool:
    try:
        answer = from_plain(Answer, entry)
        return plain(answer) == entry and (not answer.raw or parse_raw(answer, recursion=recursion) == answer)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
