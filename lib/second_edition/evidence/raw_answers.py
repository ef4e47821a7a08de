"""A record's facts compared with its raw answers: those of AWS here, those of name servers in ``raw_dns``.

A journal says what was seen twice: as facts, from which its tables are made, and as it came. Where the two differ, one
of them is false. What came in a form that is not AWS's own may tell nothing that can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from xml.etree.ElementTree import ParseError, fromstring

from msgspec import UNSET, Struct, to_builtins

from second_edition.aws import raw as kept
from second_edition.aws.discreet import discreet
from second_edition.aws.identity import described, taken
from second_edition.dkim.published import Server
from second_edition.dns.server_names import parse_nameservers
from second_edition.errors import ByodkimError
from second_edition.events.parts import Call, Event, RawAnswer, Refusal
from second_edition.events.run import Begin, Caller, Observed, Read
from second_edition.events.writes import Answer, Intent, SesAccepted, Weighed
from second_edition.events.writes import Stored as StoreAnswer
from second_edition.events.zone import ZoneAnswer, ZoneProved
from second_edition.evidence import raw_dns
from second_edition.evidence.journal import APART
from second_edition.evidence.raw_secret import is_version
from second_edition.plain import from_plain
from second_edition.rotation.facts import Facts
from second_edition.rotation.observation import UNREADABLE_ANSWER, Identity, Observation, Stored
from second_edition.rotation.observation import Caller as Who
from second_edition.rotation.reading import BATCH_CALL, FRESH_S, FULL_CALL, Reading

GET: Final = FULL_CALL
CALLER: Final = "GetCallerIdentity"
WHOLE: Final = frozenset({GET, CALLER})  # whose good answers are kept, whatever they say
UNSEEN: Final = frozenset({"absent", "ambiguous", "two-buckets"})  # a key object that was not fetched
NOTHING: Final = RawAnswer()
#: What taking an answer apart raises that is not such as AWS's API has it.
MISREAD: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
Json = Mapping[str, Any]
#: What was compared, and whether it is the same; ``None`` where that cannot be told.
Compared = Iterator[tuple[str, bool | None]]


class Difference(Struct, frozen=True):
    """Hold what an event says that its raw answers do not; without ``differs``, it cannot be compared with them."""

    n: int
    what: str
    differs: bool


@dataclass
class Raw:
    """Hold the raw answers so far: the newest of each operation, every version of a secret, every object's headers.

    ``since``: the operations that were called after the last observation; ``unread``: after an event that tells of
    them. ``servers``: that the run was told to ask.
    """

    last: dict[str, RawAnswer] = field(default_factory=dict)
    since: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    secrets: dict[str, Json] = field(default_factory=dict)
    objects: set[tuple[str, str, int, datetime]] = field(default_factory=set)
    servers: tuple[Server, ...] = ()
    intended: str = ""  # the selector of a write that was begun
    answered: datetime | None = None  # when it was answered
    latest: datetime | None = None  # moment of the run so far
    set_back: bool = False  # the run's clock was
    _named: dict[str, RawAnswer] = field(default_factory=dict)

    def go_on(self, event: Event) -> None:
        """Take what an event says of the run, and of the write to SES."""
        latest = self.latest or event.at
        self.set_back, self.latest = self.set_back or event.at < latest, max(latest, event.at)
        if isinstance(event, Begin) and event.procedure != "publish":  # which asks none as it observes
            if (named := event.parameters.get("nameservers")) and named.value:
                self.servers = parse_nameservers(named.value)
        elif isinstance(event, Intent):
            self.intended = event.change.next_selector
        elif type(event) is Answer:  # a rollback's is another event
            self.answered = event.at
        elif isinstance(event, StoreAnswer):  # labels move with a write: where they stood before holds no more
            self.secrets = {version: {**fields, "VersionStages": ()} for version, fields in self.secrets.items()}

    def name(self, call: Call) -> None:
        """Remember a whole answer by its digest, by which the same answer is named when it comes again."""
        if call.raw and call.raw.same_as is UNSET:
            self._named[kept.digest(to_builtins(call.raw))] = call.raw

    def take(self, call: Call) -> None:
        """Take what a call left in."""
        raw = call.raw or NOTHING
        if raw.same_as:
            raw = self._named[raw.same_as]
        name = " ".join(filter(None, (call.operation, call.region or "")))
        self.last[name] = raw
        self.since.add(name)
        self.unread.add(name)
        if call.operation == kept.STORED and raw.fields:
            self.secrets[str(raw.fields.get("VersionId", ""))] = raw.fields
        headers = raw.headers or {}
        if {"content-length", "last-modified"} <= headers.keys():
            version, tag, size = (headers.get(one, "") for one in ("x-amz-version-id", "etag", "content-length"))
            self.objects.add((version, tag, int(size), parsedate_to_datetime(headers["last-modified"])))

    def of(self, operation: str) -> RawAnswer:
        """Return what is kept of the newest answer to an operation."""
        return self.last.get(operation, NOTHING)


def differences(events: Sequence[Event]) -> Iterator[Difference]:
    """Yield where the facts of a run are not what came raw, or cannot be compared with it.

    What SES and STS answered has to be there; where any other raw answer was left out, nothing contradicts.
    """
    raw = Raw()
    naming = {call.service for event in events for call in event.calls if call.request_id}
    for event in events:
        try:
            # Side by side, a call that began first may end last: what came again may stand before what it names.
            for call in event.calls:
                raw.name(call)
            for call in event.calls:
                raw.take(call)
            raw.go_on(event)
            found = [*_miscalled(event, naming), *_compared(event, raw)]
        except (ByodkimError, *MISREAD):
            found = [("malformed", False)]
        yield from (Difference(event.n, what, same is False) for what, same in found if not same)


def _miscalled(event: Event, naming: Collection[str]) -> Compared:
    """Yield what is off with the calls themselves: a status, an answer that was left out, or a request id.

    ``naming``: the services whose answers have request ids, as all of AWS do; an emulator may send none.
    """
    for call in event.calls:
        good, raw = 200 <= call.status < 300, call.raw or NOTHING
        lacks = call.operation in WHOLE and raw.body is raw.too_long is raw.same_as is UNSET
        lacks |= call.service in naming and not call.request_id
        if (call.raw and not good) or (good and lacks) or not _is_kept(call.operation, raw):
            yield call.operation, False
    if isinstance(event, Answer | StoreAnswer | ZoneAnswer) and (came := event.answer or event.error):
        yield "request id", _is_called(event.calls, came.request_id, getattr(came, "status", None))


def _is_kept(operation: str, raw: RawAnswer) -> bool:
    """Return whether a call's raw answer has nothing that no run keeps of it."""
    fields, entries = raw.fields or {}, (raw.fields or {}).get("entries", ())
    named = {kept.WRITE: kept.WRITE_FIELDS, kept.STORED: (*kept.STORED_FIELDS, *kept.READ_FIELDS)}.get(operation, ())
    return (
        (operation in kept.BODIES or raw.body is raw.too_long is UNSET)
        and (operation in kept.OBJECTS or raw.headers is UNSET)
        and set(raw.headers or ()) <= set(kept.HEADERS)
        and set(fields) <= set(named)
        and all(set(one) == set(kept.ENTRY_FIELDS) and set(one["dns_record"]) == {"value"} for one in entries)
    )


def _is_called(calls: Sequence[Call], request_id: str, status: int | None) -> bool:
    """Return whether one of the calls is the write that is told of; without a request id, whether SES took none.

    ``status``: of the answer; ``None`` or 0 for that of a zone's keeper, which has none.
    """
    if request_id or status:
        return any(one.request_id == discreet(request_id) and (status or one.status) == one.status for one in calls)
    return not any(one.operation == kept.WRITE and 200 <= one.status < 300 for one in calls)


def _compared(event: Event, raw: Raw) -> Compared:
    match event:
        case Read():
            yield from _read(event, raw)
        case Observed():
            yield from _observed(event.observation, event.at, raw)
            if event.retirement:
                yield from _retired(event.retirement, raw)
            raw.since.clear()
        case Caller():
            yield "caller", _is_caller(event.caller, raw)
        case ZoneProved():
            yield "answers", all(map(raw_dns.is_as_it_came, event.answers))
        case Answer():
            yield "answer", _is_answer(event.answer or event.error or None, raw)
        case Weighed():
            for one in event.records:
                yield "records", raw_dns.is_as_it_came(one, recursion=raw_dns.is_encrypted(one))


def _read(event: Read, raw: Raw) -> Compared:
    """Yield the identity as it was read after the write, by a call of its own or by one for several runs."""
    if not event.reading:
        yield "identity", GET in raw.unread and _is_seen(event.identity, raw)
        raw.unread.discard(GET)
    else:
        since = raw.answered or _before(event.at)
        yield "reading", _is_shared(event.identity, event.reading, raw.intended, (since, event.at), raw)


def _observed(seen: Observation, until: datetime, raw: Raw) -> Compared:
    if seen.identity is not None and seen.reading:
        within, reading = (_before(datetime.fromisoformat(seen.at)), until), from_plain(Reading, seen.reading)
        yield "reading", _is_shared(seen.identity, reading, "", within, raw)
    else:
        yield "identity", _is_seen(seen.identity, raw)
    yield "caller", _is_caller(seen.caller, raw)
    for place, stored in (("next_key", seen.next_key), ("current_key", seen.current_key)):
        for what in _stored(stored, raw, seen.domain) if stored else ():
            yield f"{place}: {what}", False
    for place in raw_dns.differing(seen, raw.servers):
        yield place, False


def _retired(facts: Facts, raw: Raw) -> Compared:
    """Yield the identity's other Regions, and the selectors of Easy DKIM."""
    for one in facts.elsewhere:
        name = f"{GET} {one.region}"
        if name in raw.last:
            yield f"identity in {one.region}", _is_seen(one.identity, raw, name)
    yield "signing", all(map(raw_dns.is_as_it_came, facts.signing))


def _is_seen(identity: Identity | None, raw: Raw, name: str = GET) -> bool | None:
    """Return whether an identity is what SES answered last; ``None``: whether it gave no answer that can be read."""
    answer = raw.of(name)
    if identity is None and (name not in raw.since or answer.body is answer.too_long is UNSET):
        return True
    if answer.too_long is not UNSET:
        return None
    own = identity.name if identity else ""
    try:
        found = None if answer.body is UNSET else described(own, json.loads(answer.body, object_pairs_hook=_present))
    except MISREAD:
        return True if identity is None else None
    return found == identity


def _present(pairs: list[tuple[str, Any]]) -> Json:
    """Return the fields of an answer that say something: botocore passes over those that are null."""
    return {name: value for name, value in dict(pairs).items() if value is not None}


def _before(moment: datetime) -> datetime:
    """Return since when a reading for several runs may be taken before a write: a moment is told in milliseconds."""
    return moment - timedelta(seconds=FRESH_S, milliseconds=1)


def _is_shared(identity: Identity, reading: Reading, wrote: str, within: tuple[datetime, datetime], raw: Raw) -> bool:
    """Return whether an identity is what a shared reading comes to, and that one was made ``within`` that time.

    What a run takes for its own before its write is at most ``FRESH_S`` old; after it, newer than SES's answer to it.
    By a clock that was set back meanwhile, it may seem otherwise.
    """
    if reading.by != BATCH_CALL or reading.identity != identity:
        return False
    (since, until), off = within, APART if raw.set_back else timedelta()
    return reading.wrote == wrote and since - off <= datetime.fromisoformat(reading.at) <= until + off


def _is_caller(caller: Who | None, raw: Raw) -> bool | None:
    """Return whether that is who STS named; for ``None``, whether STS named nobody."""
    answer = raw.of(CALLER)
    if answer.too_long is not UNSET and (caller is not None or CALLER in raw.since):
        return None
    told = _caller(answer.body or "")
    if caller is None:
        return CALLER not in raw.since or not told or not all(told)
    if told is None:
        return None if answer.body else False
    return told == [[caller.account], [caller.arn], [caller.user_id]]


def _caller(body: str) -> list[list[str]] | None:
    """Return account, ARN and user id in STS's answer, each as often as it is there; ``None``: it is not STS's.

    Parsed as botocore does, so that comments and CDATA sections say to both what they say.
    """
    try:
        root = None if "<!DOCTYPE" in body else fromstring(body)  # noqa: S314 - no document type, and short
    except ParseError:
        root = None
    if root is None:
        return None
    own = [one for result in root if _tag(result.tag) == "GetCallerIdentityResult" for one in result]
    return [[one.text or "" for one in own if _tag(one.tag) == name] for name in ("Account", "Arn", "UserId")]


def _tag(name: str) -> str:
    return name.rpartition("}")[2]


def _is_answer(came: SesAccepted | Refusal | None, raw: Raw) -> bool:
    """Return whether that is what SES answered to the write, or whether nobody can read what it answered.

    A refusal has no raw answer: its status is the call's (``_is_called``).
    """
    fields = raw.of(kept.WRITE).fields
    try:
        told = None if fields is UNSET else taken(fields)
    except MISREAD:
        told = None
    if isinstance(came, SesAccepted):
        stated = {"dkim_status": came.dkim_status, "dkim_tokens": list(came.dkim_tokens)}
        return told == stated
    if came is None or not 200 <= came.status < 300:
        return True
    return told is None and came.code == UNREADABLE_ANSWER


def _stored(stored: Stored, raw: Raw, domain: str) -> Iterator[str]:
    """Yield what differs of a selector's entry in the secret, and of its key object."""
    secret, key = stored.secret, stored.key
    if secret and raw.secrets:
        fields = raw.secrets.get(secret.version_id)
        if fields is None or not is_version(stored.selector, secret, fields, raw.secrets.values(), domain):
            yield "secret"
    if key and raw.objects and key.defect not in UNSEEN:
        at = datetime.fromisoformat(key.last_modified) if key.last_modified else None
        if (key.version_id, key.etag, key.size, at) not in raw.objects:
            yield "key"
