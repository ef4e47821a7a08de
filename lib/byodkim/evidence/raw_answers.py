"""A record's facts compared with its raw answers: messages of name servers, answers of AWS.

A journal says what was seen twice: as facts, from which its tables are made, and as it came. Where the two differ, one
of them is false.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from xml.etree.ElementTree import ParseError, fromstring

from dns.exception import DNSException

from byodkim.aws.discreet import discreet
from byodkim.aws.identity import described
from byodkim.aws.raw import digest
from byodkim.dkim.published import Answer as ServerAnswer
from byodkim.dkim.published import Server
from byodkim.dns.delegation import parse_raw as parse_raw_zone
from byodkim.dns.raw_answer import parse_raw
from byodkim.dns.server_names import parse_nameservers
from byodkim.errors import ByodkimError
from byodkim.events.parts import Call, Event
from byodkim.events.run import Begin, Caller, Observed, Read
from byodkim.events.writes import Answer, Intent, SesAccepted, Weighed
from byodkim.events.writes import Stored as StoreAnswer
from byodkim.events.zone import ZoneAnswer, ZoneProved
from byodkim.plain import from_plain
from byodkim.rotation.facts import Facts
from byodkim.rotation.observation import Caller as Who
from byodkim.rotation.observation import Identity, Observation, SecretVersion, Stored
from byodkim.rotation.reading import BATCH_CALL, FRESH_S, FULL_CALL, Reading
from byodkim.rotation.resolution import Delegation

GET: Final = FULL_CALL
PUT: Final = "PutEmailIdentityDkimSigningAttributes"
CALLER: Final = "GetCallerIdentity"
STORED: Final = "GetSecretValue"
WHOLE: Final = frozenset({GET, CALLER})  # whose good answers are kept, whatever they say
UNSEEN: Final = frozenset({"absent", "ambiguous", "two-buckets"})  # a key object that was not fetched
Json = Mapping[str, Any]


@dataclass
class Raw:
    """Hold the raw answers so far: the newest of each operation, every version of a secret, every object's headers.

    ``since``: the operations that were called after the last observation. ``servers``: that the run was told to ask.
    """

    last: dict[str, Json] = field(default_factory=dict)
    since: set[str] = field(default_factory=set)
    secrets: dict[str, Json] = field(default_factory=dict)
    objects: set[tuple[str, str, int, datetime]] = field(default_factory=set)
    servers: tuple[Server, ...] = ()
    intended: str = ""  # the selector of a write that was begun
    answered: datetime | None = None  # when it was answered
    _named: dict[str, Json] = field(default_factory=dict)

    def go_on(self, event: Event) -> None:
        """Take what an event says of the run, and of the write to SES."""
        if isinstance(event, Begin) and event.procedure != "publish":  # which asks none as it observes
            if (named := event.parameters.get("nameservers")) and named.value:
                self.servers = parse_nameservers(named.value)
        elif isinstance(event, Intent):
            self.intended = event.change.next_selector
        elif type(event) is Answer:  # a rollback's is another event
            self.answered = event.at

    def name(self, call: Call) -> None:
        """Remember a whole answer by its digest, by which the same answer is named when it comes again."""
        if call.raw and "same_as" not in call.raw:
            self._named[digest(call.raw)] = call.raw

    def take(self, call: Call) -> None:
        """Take what a call left in."""
        raw: Json = call.raw or {}
        if "same_as" in raw:
            raw = self._named[raw["same_as"]]
        name = " ".join(filter(None, (call.operation, call.region or "")))
        self.last[name] = raw
        self.since.add(name)
        if call.operation == STORED and "fields" in raw:
            self.secrets[str(raw["fields"].get("VersionId", ""))] = raw["fields"]
        headers = raw.get("headers", {})
        if {"content-length", "last-modified"} <= headers.keys():
            version, tag, size = (headers.get(one, "") for one in ("x-amz-version-id", "etag", "content-length"))
            self.objects.add((version, tag, int(size), parsedate_to_datetime(headers["last-modified"])))

    def body(self, operation: str) -> str | None:
        """Return the body of the newest answer to an operation."""
        return self.last.get(operation, {}).get("body")


def contradictions(events: Iterable[Event]) -> Iterator[tuple[int, str]]:
    """Yield where the facts of a run are not what came raw: number of the event, and what differs.

    What SES and STS answered has to be there; where any other raw answer was left out, nothing contradicts.
    """
    raw = Raw()
    for event in events:
        try:
            # Side by side, a call that began first may end last: what came again may stand before what it names.
            for call in event.calls:
                raw.name(call)
            for call in event.calls:
                raw.take(call)
            raw.go_on(event)
            found = [*_miscalled(event), *_differing(event, raw)]
        except (ByodkimError, ValueError, LookupError, TypeError, AttributeError):
            found = ["malformed"]
        for what in found:
            yield event.n, what


def _miscalled(event: Event) -> Iterator[str]:
    """Yield what is off with the calls themselves: a status, an answer that was left out, or a write's request id."""
    for call in event.calls:
        good = 200 <= call.status < 300
        if (call.raw and not good) or (good and call.operation in WHOLE and not call.raw):
            yield call.operation
    if isinstance(event, Answer | StoreAnswer | ZoneAnswer) and (came := event.answer or event.error):
        # The answer of a zone's keeper has no status.
        status = None if isinstance(event, ZoneAnswer) else getattr(came, "status", None)
        own = [one for one in event.calls if one.request_id == discreet(came.request_id)]
        if came.request_id and not any(status in (None, one.status) for one in own):
            yield "request id"


def _differing(event: Event, raw: Raw) -> Iterator[str]:
    match event:
        case Read():
            yield from _read(event, raw)
        case Observed():
            yield from _observed(event.observation, event.at, raw)
            if event.retirement:
                yield from _retired(event.retirement, event.observation.domain, raw)
            raw.since.clear()
        case Caller() if not _is_caller(event.caller, raw):
            yield "caller"
        case ZoneProved() if not all(map(_is_as_it_came, event.answers)):
            yield "answers"
        case Answer(answer=SesAccepted() as answer) if not _is_answer(answer, raw):
            yield "answer"
        case Weighed():
            yield from ("records" for one in event.records if not _is_as_it_came(one, recursion=_is_encrypted(one)))


def _read(event: Read, raw: Raw) -> Iterator[str]:
    """Yield what differs of the identity as it was read after the write, by this run or for several."""
    if not event.reading:
        if not _is_seen(event.identity, raw):
            yield "identity"
        return
    since = raw.answered or _before(event.at)
    if not _is_shared(event.identity, event.reading, raw.intended, (since, event.at)):
        yield "reading"


def _observed(seen: Observation, until: datetime, raw: Raw) -> Iterator[str]:
    if seen.identity is not None and seen.reading:
        at = datetime.fromisoformat(seen.at)
        if not _is_shared(seen.identity, from_plain(Reading, seen.reading), "", (_before(at), until)):
            yield "reading"
    elif not _is_seen(seen.identity, raw):
        yield "identity"
    if not _is_caller(seen.caller, raw):
        yield "caller"
    for place, stored in (("next_key", seen.next_key), ("current_key", seen.current_key)):
        yield from (f"{place}: {what}" for what in (_stored(stored, raw, seen.domain) if stored else ()))
    if seen.dns.delegation and not _is_delegated(seen.dns.delegation):
        yield "delegation"
    yield from _left_out(seen, raw.servers)
    for place, answer, recursion in _answers(seen):
        if not _is_as_it_came(answer, recursion=recursion):
            yield place


def _left_out(seen: Observation, given: Collection[Server]) -> Iterator[str]:
    """Yield the questions to which an authoritative server's answer is left out, or another one's was added."""
    dns, asked = seen.dns, set(given or (seen.dns.delegation.servers if seen.dns.delegation else ()))
    places = {"records": seen.records, "siblings": [one for one in dns.siblings if not _is_encrypted(one)]}
    if given and seen.back_selector:  # the zone may be cut between two selectors
        places["current_records"] = seen.current_records
    for place, answers in (*places.items(), *([("other_records", seen.other_records)] if seen.other_records else [])):
        by_name = {one.name: {other.server for other in answers if other.name == one.name} for one in answers}
        if asked and (not by_name or any(servers != asked for servers in by_name.values())):
            yield place


def _retired(facts: Facts, domain: str, raw: Raw) -> Iterator[str]:
    """Yield what differs of the identity's other Regions, the secret's versions, and the selectors of Easy DKIM."""
    for one in facts.elsewhere:
        name = f"{GET} {one.region}"
        if name in raw.last and not _is_seen(one.identity, raw, name):
            yield f"identity in {one.region}"
    for version in facts.secret.versions:
        fields = raw.secrets.get(version.version_id)
        if fields is None:
            continue
        named = [entry["selector"] for entry in _of(domain, fields)]
        if list(version.selectors) != named or version.stage not in fields["VersionStages"]:
            yield f"secret version {version.version_id}"
    if not all(map(_is_as_it_came, facts.signing)):
        yield "signing"


def _is_seen(identity: Identity | None, raw: Raw, name: str = GET) -> bool:
    """Return whether an identity is what SES answered last; ``None``: whether it gave no answer that can be read."""
    body = raw.body(name)
    if identity is not None:
        return body is not None and _is_identity(identity, body)
    try:
        return name not in raw.since or body is None or not _identity("", body)
    except (ValueError, LookupError, TypeError, AttributeError):
        return True


def _is_identity(identity: Identity, body: str) -> bool:
    return _identity(identity.name, body) == identity


def _identity(name: str, body: str) -> Identity:
    return described(name, json.loads(body, object_pairs_hook=_present))


def _present(pairs: list[tuple[str, Any]]) -> Json:
    """Return the fields of an answer that say something: botocore passes over those that are null."""
    return {name: value for name, value in dict(pairs).items() if value is not None}


def _before(moment: datetime) -> datetime:
    """Return since when a reading for several runs may be taken before a write: a moment is told in milliseconds."""
    return moment - timedelta(seconds=FRESH_S, milliseconds=1)


def _is_shared(identity: Identity, reading: Reading, wrote: str, within: tuple[datetime, datetime]) -> bool:
    """Return whether an identity is what a shared reading comes to, and that one was made ``within`` that time.

    What a run takes for its own before its write is at most ``FRESH_S`` old; after it, newer than SES's answer to it.
    """
    if reading.by != BATCH_CALL or reading.identity != identity:
        return False
    since, until = within
    return reading.wrote == wrote and since <= datetime.fromisoformat(reading.at) <= until


def _is_caller(caller: Who | None, raw: Raw) -> bool:
    """Return whether that is who STS named; for ``None``, whether STS named nobody."""
    told = _caller(raw.body(CALLER) or "")
    if caller is None:
        return CALLER not in raw.since or not all(told)
    return told == [[caller.account], [caller.arn], [caller.user_id]]


def _caller(body: str) -> list[list[str]]:
    """Return account, ARN and user id in STS's answer, each as often as it is there; comments make it none."""
    try:
        elements = [] if "<!" in body else list(fromstring(body).iter())  # noqa: S314 - no document type, and short
    except ParseError:
        elements = []
    names = ("Account", "Arn", "UserId")
    return [[one.text or "" for one in elements if one.tag.rpartition("}")[2] == name] for name in names]


def _is_answer(answer: SesAccepted, raw: Raw) -> bool:
    fields = raw.last.get(PUT, {}).get("fields")
    stated = (answer.dkim_status, list(answer.dkim_tokens))
    return fields is None or stated == (fields.get("DkimStatus"), fields.get("DkimTokens") or [])


def _of(domain: str, fields: Json) -> list[Json]:
    """Return what a version of the secret says of a domain's selectors."""
    return [entry for entry in fields["entries"] if entry["domain"] in ("", domain)]


def _stored(stored: Stored, raw: Raw, domain: str) -> Iterator[str]:
    """Yield what differs of a selector's entry in the secret, and of its key object."""
    secret, key = stored.secret, stored.key
    if secret and raw.secrets:
        fields = raw.secrets.get(secret.version_id)
        if fields is None or not _is_secret(stored.selector, secret, fields, _of(domain, fields)):
            yield "secret"
    if key and raw.objects and key.defect not in UNSEEN:
        at = datetime.fromisoformat(key.last_modified) if key.last_modified else None
        if (key.version_id, key.etag, key.size, at) not in raw.objects:
            yield "key"


def _is_secret(selector: str, secret: SecretVersion, fields: Json, entries: Sequence[Json]) -> bool:
    if secret.stage not in fields["VersionStages"]:
        return False
    created = datetime.fromtimestamp(int(fields["CreatedDate"]), UTC)
    named = [one for one in entries if one["selector"] == selector]
    own = [(one["dns_record"]["value"], one["s3_key_path"], one["s3_bucket"]) for one in named]
    stated = own[0] if len(own) == 1 else ("", "", "")
    return (
        datetime.fromisoformat(secret.created) == created
        and list(secret.selectors) == [one["selector"] for one in entries]
        and (secret.dns_value, secret.key_path, secret.bucket) == stated
    )


def _answers(seen: Observation) -> Iterator[tuple[str, ServerAnswer, bool]]:
    """Yield every answer of a name server, where it stands, and whether it is a recursive one's."""
    dns = seen.dns
    asked = {
        "records": seen.records, "current_records": seen.current_records, "other_records": seen.other_records,
        "siblings": dns.siblings, "followed": dns.followed,
    }  # fmt: skip
    recursive = {"encrypted": dns.encrypted, "resolved": dns.resolved, "unvalidated": dns.unvalidated}
    for place, answers in asked.items():
        yield from ((place, one, _is_encrypted(one)) for one in answers)
    for place, answers in recursive.items():
        yield from ((place, one, True) for one in answers)


def _is_encrypted(answer: ServerAnswer) -> bool:
    """Return whether a resolver gave the answer, over HTTPS or TLS."""
    return answer.transport in ("https", "tls")


def _is_delegated(delegation: Delegation) -> bool:
    """Return whether each server's list is as it came, and all hosts there have been looked up and asked."""
    # Hosts that only a server beyond those of the zone above names are not looked up.
    first = (one for one in delegation.children if one.server.name in delegation.parent)
    told = {*delegation.parent, *(name for one in first for name in one.names)}
    asked = {(one.server.name, one.server.address) for one in delegation.children}
    known = {(one.name, one.address) for one in delegation.servers}
    whole = told <= {name for name, _ in known} and {one for one in known if one[1]} <= asked
    if delegation.found_by == "walk" and not whole:
        return False
    try:
        return all(parse_raw_zone(one, delegation.zone) == one for one in delegation.children if one.raw)
    except DNSException:
        return False


def _is_as_it_came(answer: ServerAnswer, *, recursion: bool = False) -> bool:
    if answer.failure and any(answer.raw[:1]):  # there is an answer, or there is none
        return False
    try:
        return not answer.raw or parse_raw(answer, recursion=recursion) == answer
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
