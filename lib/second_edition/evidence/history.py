"""An identity's keys and key records in earlier runs, and the key that SES was given last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from second_edition.dkim.published import Answer, Server
from second_edition.events.writes import Requested
from second_edition.events.zone import ZoneIntent, ZoneProved, ZoneRead
from second_edition.evidence import folders
from second_edition.evidence.by_message import refuted
from second_edition.evidence.journal import SUFFIX, UNFIT, Account, first, oldest_first, read
from second_edition.evidence.record import ROTATE, Record
from second_edition.evidence.seal import is_sealed_by
from second_edition.evidence.sealing_key import SealingKey
from second_edition.evidence.ses_write import sights
from second_edition.evidence.verification_zone import wrote
from second_edition.evidence.world import World
from second_edition.rotation.observation import SUCCESS, Observation, Stored, Used
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import GIVEN_UP
from second_edition.rotation.record_set import RecordSet
from second_edition.rotation.resolution import Sighting
from second_edition.rotation.rollback import mirrored, working
from second_edition.rotation.timing import MAX_CLOCK_SKEW, condensed, remembered

#: When each selector was retired, and the newest run that saw it work since and that no trusted key signed.
_Retired = dict[str, tuple[datetime, str]]


class Waiting(Struct, frozen=True):
    """What SES showed to runs that a trusted key signed: the selector that it has, and the one that it had before.

    ``since``: when it was first seen to have it, by AWS's clock; ``verified``: whether it was seen to be verified.
    """

    left: str
    selector: str
    since: datetime
    verified: bool = False


class History(Struct, frozen=True):
    """The pairs of selector and key that were in use, each with the earliest run that knows of it.

    Attributes:
        used: the pairs.
        damaged: the journals of this identity that do not hold together or cannot be read: what they knew is lost.
        looks: what each run of rotate observed last of a selector's key record, or one of publish saw served
            everywhere or read in the zone, by selector, and whether a trusted key signed the run. That prepare and
            publish saw none does not count: they look at a name that was just made up, which nobody can have asked for
            before.
        retired: when a run ended (ISO 8601) that retired a selector or withdrew its key record, or may have (the answer
            is not known), or saw that others had, by selector in lower case as DNS compares it, where no run that a
            trusted key signed saw it work since.
        doubted: those of them of which only runs tell that nobody signed.
        unsigned: the newest run that saw a retired selector work since, and that no trusted key signed, by selector.
        given: what SES was given last for this very identity, unless a message contradicts it; ``worked`` where a run
            has seen SES verify the selector since. Only runs that a trusted key signed count.
        claimed: what runs since then say that they gave it, which nobody signed.
        waiting: what SES showed of this very identity last.
    """

    used: tuple[Used, ...] = ()
    damaged: tuple[str, ...] = ()
    looks: Mapping[str, tuple[tuple[Observation, bool], ...]] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)
    unsigned: Mapping[str, str] = field(default_factory=dict)
    given: Used | None = None
    claimed: Used | None = None
    waiting: Waiting | None = None
    doubted: frozenset[str] = frozenset()

    def sightings(self, stored: Stored, asked: Set[str], now: datetime | None = None) -> tuple[Sighting, ...]:
        """Return how the selector's key record stood, judged by the key that is stored now: as far as it counts.

        Each run tells what it saw itself; one with another key, or with none that it could read, what it saw last. Of
        one that no trusted key signed only that the record stood otherwise counts: who may write to the folder shall
        not make the time shorter. So it is with a run that did not ask all servers that are asked now. Nor shall they
        make it endless: what it says that it saw later than ``now`` does not count. Where a signed run saw the pair at
        work, only what was seen since a signed run saw it everywhere counts, and no TTL that it tells.

        Args:
            stored: what is stored for the selector.
            asked: the addresses whose answers count now (``Observation.asked``).
            now: by the clock of who looks; ``None``: whatever the time.
        """
        latest, pair = now + MAX_CLOCK_SKEW if now else None, (stored.selector, _sha256(stored))
        works = any(one.worked and not one.unsigned and (one.selector, one.sha256) == pair for one in self.used)
        found: list[Sighting] = []
        doubted: list[Sighting] = []
        for seen, signed in self.looks.get(stored.selector, ()):
            counts = signed and asked <= seen.asked(seen.records)
            before = seen.dns.history if _sha256(seen.next_key) == _sha256(stored) else ()
            told = (*before, *remembered(replace(seen, next_key=stored)))
            if not signed and latest:
                told = tuple(one for one in told if datetime.fromisoformat(one.at) <= latest)
            (found if signed else doubted).extend(one for one in told if counts or not one.everywhere)
        if works:
            since = max((one.at for one in found if one.everywhere), default="")
            doubted = [replace(one, ttl=0, negative_ttl=0) for one in doubted if one.at > since]
        return condensed([*(replace(one, unsigned=True) for one in doubted), *found])


def _sha256(stored: Stored) -> str:
    return stored.key.sha256 if stored.key else ""


def look(
    folder: Path, world: World, *others: Path, archive: Path | None = None, trusted: Mapping[str, SealingKey] = {}
) -> History:
    """Read every journal of the same domain, oldest first: Regions and accounts share its DNS.

    Args:
        folder: of records, as ``others``: journals are read there and at the places of its campaigns.
        world: that is looked for.
        others: more such folders.
        archive: the profile's, which is read with every folder below it.
        trusted: the keys by their ``keyid`` whose runs may undo a retirement, and tell since when a key record stands:
            who may write to a folder shall not.
    """
    found: dict[tuple[str, str], Used] = {}
    looks: dict[str, tuple[tuple[Observation, bool], ...]] = {}
    retired: _Retired = {}
    vouched = set[str]()  # selectors of which a run that counts tells that they were retired
    leaving = set[str]()  # selectors in use before, and those whose withdrawal was begun or requested
    damaged, known = [], _Slot()
    tops = {folders.root(one.resolve()) for one in (folder, *others)}
    paths = {path for one in tops for path in folders.files(one, f"*{SUFFIX}")}
    if archive is not None:
        paths |= {*folders.everywhere(archive.resolve(), f"*{SUFFIX}")}
    for path in oldest_first(paths):
        try:
            begin = first(path)
            if begin is not None and world.same_dns(World.of(begin)):
                record = read(path)
                counts = is_sealed_by(trusted, record)
                for selector, seen in _looks(record):
                    looks[selector] = (*looks.get(selector, ()), (seen, counts))
                if record.procedure == "retire":
                    vouched |= _note_retirement(record, leaving, retired, signed=counts)
                for used in _pairs(record):
                    leaving.add(used.selector.lower())
                    pair = used.selector, used.sha256
                    found[pair] = _told(used, found.get(pair), record, signed=counts)
                    if used.worked:
                        _undo_retirement(record, used.selector.lower(), retired, signed=counts)
                if world.same_identity(World.of(begin)):
                    known = _slot(record, known, signed=counts)
        except UNFIT:
            damaged.append(path.name.encode("utf-8", "backslashreplace").decode())  # it may be no text
    told = {name: at.isoformat(timespec="milliseconds") for name, (at, _) in retired.items()}
    since = {name: run for name, (_, run) in retired.items() if run}
    return History(tuple(found.values()), tuple(damaged), looks, told, since, *known, frozenset(told) - vouched)


def _told(used: Used, known: Used | None, record: Record, *, signed: bool) -> Used:
    """Return a pair as it is known with what one more run tells; who saw it work last knows where its key lay.

    That it worked counts from runs that a trusted key signed, and of the selector that a run left which nobody signed,
    as one that was killed: else no record would know the way back.
    """
    left = bool(record.writes) and used.selector == record.current_selector
    told = used if signed or left else replace(used, worked=False, place="")
    before = known or replace(told, worked=False, unsigned=True)
    counts = signed and (told.worked or not before.worked)
    unsigned = not counts and (before.unsigned or (told.worked and not before.worked))
    return replace(before, worked=before.worked or told.worked, place=told.place or before.place, unsigned=unsigned)


def _undo_retirement(record: Account, selector: str, retired: _Retired, *, signed: bool) -> None:
    """Forget a retirement where a signed run that began after it saw the selector work; note one that is not signed.

    The time is the run's own, which is signed; its file's name is not.
    """
    began = record.by_aws(record.begin.at)
    at, _ = retired.get(selector, (began, ""))
    if began > at:
        retired[selector] = at, record.begin.run
        if signed:
            del retired[selector]


def _note_retirement(record: Record, leaving: set[str], retired: _Retired, *, signed: bool) -> set[str]:
    """Note what a run of retire withdrew, or may have; or found withdrawn, of what was in use or to be withdrawn.

    Return its selector where that is so, and the run is ``signed``.
    """
    selector, ended = record.selector.lower(), record.by_aws(record.ended)
    withdrew = wrote(record) or record.outcome is Outcome.RETIRED
    found = record.outcome is Outcome.UNCHANGED and selector in leaving
    if withdrew:
        retired[selector] = max(ended, retired.get(selector, (ended, ""))[0]), ""
    elif found:
        retired.setdefault(selector, (ended, ""))
    if record.of(ZoneIntent) is not None or record.of(Requested) is not None:
        leaving.add(selector)
    return {selector} if signed and (withdrew or found) else set()


def _looks(record: Record) -> Iterator[tuple[str, Observation]]:
    """Yield each selector with what a run saw of its record.

    That is what rotate observed last, what publish saw served, and what publish read in the zone before.
    """
    if record.seen is None:
        return
    if record.procedure == ROTATE:
        seen = _own(record, record.seen)
        yield record.begin.selector, seen
        if seen.back_selector:
            yield seen.back_selector, mirrored(seen)
    if record.procedure == "publish":
        proved = record.of(ZoneProved)
        looks = [(proved.at, proved.answers)] if proved is not None and proved.proved else []
        for read in record.all_of(ZoneRead):
            if (found := read.standing.found) is not None:
                looks.append((read.at, (_answer(read.standing.name, found),)))
        for at, answers in looks:
            told = record.by_aws(at).isoformat(timespec="milliseconds")
            yield record.begin.selector, replace(record.seen, at=told, records=answers)


def _answer(name: str, found: RecordSet) -> Answer:
    """Return what was read in the zone as the answer of no server. No cache holds "none" because of it."""
    return Answer(Server("", ""), name, "NOERROR", True, found.ttl, records=found.records, negative_ttl=0)


def _own(record: Record, seen: Observation) -> Observation:
    """Return an observation by AWS's clock, with what the run itself saw before it: earlier runs tell theirs."""

    def told(at: str) -> str:
        return record.by_aws(datetime.fromisoformat(at)).isoformat(timespec="milliseconds")

    def own(several: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        began = record.begin.at.isoformat(timespec="milliseconds")
        mine = (one for one in several if began <= one.at <= seen.at and not one.unsigned)
        return tuple(replace(one, at=told(one.at)) for one in mine)

    dns = replace(seen.dns, history=own(seen.dns.history))
    return replace(seen, at=told(seen.at), dns=dns, back_history=own(seen.back_history))


def _pairs(record: Record) -> Iterator[Used]:
    """Yield what SES was given in the run, and what it was seen to sign with, verified, before."""
    run = record.begin.run
    if record.before is not None:
        yield from working(record.before, run)
    for write in record.writes:
        if write.rollback:
            continue
        used = Used(write.selector, write.change.key_sha256, run)
        yield _seen_to_work(record, used)


def _seen_to_work(record: Record, used: Used) -> Used:
    """Return the pair that SES was given; as one that works where the run saw it served before, and verified after."""
    seen = record.seen
    if seen is None or record.outcome is not Outcome.SWITCHED or record.verified_at is None or refuted(record):
        return used
    served = {judged.sha256 for _, judged in seen.judged(seen.records, None)}
    if used.selector != record.selector or used.sha256 not in served:
        return used
    key = seen.next_key.key
    place = f"s3://{key.bucket}/{key.key}" if key and key.sha256 == used.sha256 else ""
    return replace(used, worked=True, place=place)


class _Slot(NamedTuple):
    """What is known of SES's one slot: ``given``, ``claimed`` and ``waiting`` of ``History``."""

    given: Used | None = None
    claimed: Used | None = None
    waiting: Waiting | None = None


def _slot(record: Record, before: _Slot, *, signed: bool) -> _Slot:
    """Return what is known of SES's slot with one more run."""
    claimed = _given(record, before.claimed, signed=signed)
    if not signed:
        return before._replace(claimed=claimed)
    given = _given(record, before.given, signed=True)
    return _Slot(given, None if claimed == given else claimed, _waiting(record, before.waiting))


def _waiting(record: Record, before: Waiting | None) -> Waiting | None:
    """Return what SES showed last, to this run or those before it."""
    found = before
    for one in sights(record.events):
        selector, verified = one.identity.selector, one.identity.status == SUCCESS
        if found is None or selector not in ("", found.selector):
            found = Waiting(found.selector if found else "", selector, record.by_aws(one.at))
        if verified and selector == found.selector:
            found = replace(found, verified=True)
    return found


def _given(record: Record, before: Used | None, *, signed: bool) -> Used | None:
    """Return what SES was given last, by this run or those before it.

    A write without a clear answer counts where SES itself shows that it landed: by another selector, or by a status
    that is FAILED no more.
    """
    given, since = before, 0
    for write in record.writes:
        if write.accepted or (write.unclear and (not write.change.resubmit or _had_given_up(record))):
            given = Used(write.selector, write.change.key_sha256, record.begin.run, unsigned=not signed)
            since = write.n
    shown = {(one.identity.selector, one.identity.status) for one in sights(record.events) if one.n >= since}
    if given and (given.selector, SUCCESS) in shown:
        given = replace(given, worked=True)
    if given is not None and given.selector == record.selector and refuted(record):
        return None
    return given


def _had_given_up(record: Record) -> bool:
    seen = record.seen.identity if record.seen else None
    return seen is not None and seen.status == GIVEN_UP
