"""Observe for retire: all that rotate sees, the other Regions, the archive, the key's versions, reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from second_edition.aws.key_store import place_of
from second_edition.custody.client import Custodian, Refused
from second_edition.dkim.published import Answer
from second_edition.engine import archiving, observing, publishing, resolving
from second_edition.engine.observing import FirstReads
from second_edition.engine.run import Run
from second_edition.errors import AccessError, CustodyError, ParameterError
from second_edition.events.run import Observed
from second_edition.evidence import aggregate_reports, journal
from second_edition.evidence.past import traces
from second_edition.evidence.record import Record
from second_edition.evidence.world import World
from second_edition.intent import profile_file
from second_edition.intent.intent import Other
from second_edition.intent.profile import Way
from second_edition.plain import from_plain
from second_edition.procedures.retire.retirement import Retirement
from second_edition.rotation.facts import KEEP, Elsewhere, Facts, Left, ObjectVersion, Policy, Reports
from second_edition.rotation.observation import SUCCESS, Identity, Observation
from second_edition.rotation.record_set import Publication


@dataclass
class Course:
    """Hold what a run of retire knows besides what every run does. Nothing in it is evidence: the journal is."""

    way: Way
    zone: Publication | None = None


class _Sight(Struct, frozen=True):
    """Hold what SES showed ``run``, or was given by it, at a place; ``status`` is "" where nothing was said of that."""

    at: datetime
    selector: str
    status: str
    run: str
    place: World


def gather(run: Run, reads: FirstReads) -> Retirement:
    """Return the world as it stands. ``reads``: what has been asked already."""
    if run.own is None:
        run.own = Course(publishing.way_of(run))
    elsewhere = {other.name: run.pool.submit(_read_apart, run, other) for other in run.intent.others}
    seen = observing.gather(run, reads)
    how = run.intent.section
    policy = Policy(how.overlap_days, how.retire_by, how.retire_key, run.own.way.publisher)
    bucket, key = _place(run, seen)
    arriving = run.record.open_write
    read = tuple(_elsewhere(region, future) for region, future in elsewhere.items())
    facts = Facts(
        policy=policy,
        elsewhere=read,
        left=_left(run, seen, read),
        bucket=bucket,
        key=key,
        named_by=tuple(sorted(_named_by(run, seen, reads, bucket, key))) if key else (),
        **(_versions(run, bucket, key) if policy.key != KEEP and key else {}),
        reports=_reports(run),
        signing=_signing(run, seen),
        arriving=arriving["until"] if arriving.get("selector", "").lower() == seen.selector.lower() else "",
    )
    return Retirement(seen, facts)


def _read_apart(run: Run, other: Other) -> dict[str, Any] | None:
    """Read an identity that has the same key, by a custodian that is signed in there and can do nothing else.

    Raises:
        Refused: it could not be read, or the credentials are not that account's.
    """
    hands = Custodian(read_only=True)
    try:
        place = {"account": other.account, "region": other.region, "aws_profile": other.aws_profile}
        hands.ask("open", settings={**run.settings, **place}).result()
        caller = hands.ask("caller").result()
        if other.account and caller["account"] != other.account:  # a profile need not name its own
            raise Refused("GetCallerIdentity", "AnotherAccount", caller["account"])
        found: dict[str, Any] | None = hands.ask("identity", name=other.domain or run.intent.domain).result()
        return found
    finally:
        run.custodian.adopt(hands.drain(), other.name)
        hands.close()


def _elsewhere(region: str, future: Future[Any]) -> Elsewhere:
    try:
        found = future.result()
    except Refused as refused:
        return Elsewhere(region, unread=f"{refused.operation} {refused.code}")
    except CustodyError:
        return Elsewhere(region, unread="CustodianDied")
    return Elsewhere(region, from_plain(Identity, found) if found else None)


def _place(run: Run, seen: Observation) -> tuple[str, str]:
    """Return where the private key is or was: by the secret, where it was found, else where prepare puts it."""
    key = seen.next_key.key
    if key is None or key.defect in ("ambiguous", "two-buckets"):
        return "", ""
    if key.key:
        return key.bucket, key.key
    layout, intent = run.intent.section.key_layout, run.intent
    return intent.key_bucket, layout.format(domain=intent.domain, selector=intent.selector)


def _versions(run: Run, bucket: str, key: str) -> dict[str, Any]:
    try:
        found = run.custodian.ask("versions", bucket=bucket, key=key).result()
    except Refused as refused:
        return {"versions_unread": f"{refused.operation} {refused.code}"}
    return {"versions": tuple(ObjectVersion(**one) for one in found)}


def _signing(run: Run, seen: Observation) -> tuple[Answer, ...]:
    """Return what stands at the names of SES's own selectors, where the identity went over to Easy DKIM."""
    if seen.identity is None or not seen.identity.easy:
        return ()
    try:
        return resolving.look_at_others(run, seen.identity.selectors)
    except (AccessError, ParameterError):  # BACK-ACTIVE does not take that for anything that was seen
        return ()


def _named_by(run: Run, seen: Observation, reads: FirstReads, bucket: str, key: str) -> set[str]:
    """Return the other selectors whose key lies at that place."""
    try:
        stored: list[Mapping[str, Any]] = reads.secret.result()
    except Refused:  # the key of the selector in use is not known then either, which BACK-ACTIVE says
        stored = []
    found = {
        str(entry["selector"]) if entry in version["entries"] else f"{entry['selector']} ({entry['domain']})"
        for version in stored
        for entry in (*version["entries"], *version["others"])
        if (place := place_of(entry["key_path"], entry["bucket"] or run.intent.key_bucket))
        and (place.bucket, place.key) == (bucket, key)
    }
    current = seen.current_key.key if seen.current_key else None
    if current is not None and (current.bucket, current.key) == (bucket, key):
        found.add(seen.current_selector)
    return found - {seen.selector}


def _left(run: Run, seen: Observation, elsewhere: Sequence[Elsewhere]) -> Left:
    """Return since when the selector is out of use everywhere: by the identity that left it last."""
    places = [(run.world, seen.identity), *((_at(run.world, one.region), one.identity) for one in elsewhere)]
    sights = sorted(_sights(run, [place for place, _ in places if place]), key=lambda one: one.at)
    found = []
    for place, identity in places:
        known = [one for one in sights if place and place.same_identity(one.place)]
        found.append(_left_at(run, known, seen.selector, _signs_with(identity)))
    last = max(found, key=lambda one: (not one.verified_at, datetime.fromisoformat(one.verified_at or seen.at)))
    active = [one.last_active for one in found if one.last_active]
    return replace(last, last_active=max(active, default="", key=datetime.fromisoformat))


def _at(world: World | None, name: str) -> World | None:
    """Return the world of an identity by the name that a run in ``world`` gives it: account/Region/domain.

    Account and domain are left out where they are the run's.
    """
    if world is None:
        return None
    account, _, rest = name.partition("/") if name[:1].isdigit() else (world.account, "", name)
    region, _, domain = rest.partition("/")
    return replace(world, account=account, region=region, domain=domain or world.domain)


def _left_at(run: Run, sights: Sequence[_Sight], selector: str, in_use: str) -> Left:
    """Return since when one identity is without the selector: by the archive, or by the scenario of a rehearsal."""
    active = [one for one in sights if one.selector == selector]
    last = active[-1].at if active else None
    after = [one for one in sights if last is None or one.at > last]
    if last is None:  # only since when the one in use is: what was before it may have been anything
        others = [number for number, one in enumerate(after) if one.selector != in_use]
        after = after[others[-1] + 1 :] if others else after
    first = next((one for one in after if one.status == SUCCESS), None)
    last_seen = last.isoformat(timespec="milliseconds") if last else ""
    scenario = run.sandbox.facts.switched_at if run.sandbox else ""
    since = datetime.fromisoformat(scenario) if scenario else None
    if since is not None and (last is None or last < since) and (first is None or since < first.at):
        return Left(last_seen, scenario, "", "sandbox")
    if first is None:
        return Left(last_seen)
    return Left(last_seen, first.at.isoformat(timespec="milliseconds"), first.run, "archive" if last else "seen")


def _sights(run: Run, places: Sequence[World]) -> Iterator[_Sight]:
    """Yield what the runs before this one saw of the identities at these places, and what they gave SES.

    That a selector was verified counts only where a trusted key signed the run: who may write to the folder shall not
    make the overlap shorter.
    """
    keeper = archiving.keeper(run, run.custodian)
    for account, traced in traces(journal.earlier(run.folder, lambda one: any(at.same_identity(one) for at in places))):
        place = World.of(account.begin)
        if traced.run == run.id or place is None:
            continue
        counts = keeper.vouches(account)
        for sight in (one for one in traced.sights if one.selector):
            yield _Sight(sight.at, sight.selector, sight.status if counts else "", traced.run, place)
        for write in traced.writes:
            yield _Sight(write.at, write.left, "", traced.run, place)
        yield from _observed(account, place, counts=counts)


def _observed(record: Record, place: World, *, counts: bool) -> Iterator[_Sight]:
    """Yield when a run saw it sign by Easy DKIM, which is none of its sights; and other places that it read."""
    for event in record.all_of(Observed):
        at, found, run = record.by_aws(event.at), event.observation.identity, record.begin.run
        if found and found.easy and counts:
            yield _Sight(at, _signs_with(found), found.status, run, place)
        for one in event.retirement.elsewhere if event.retirement else ():
            if not one.unread and (other := _at(place, one.region)) and (selector := _signs_with(one.identity)):
                status = one.identity.status if one.identity else SUCCESS
                yield _Sight(at, selector, status if counts else "", run, other)


def _signs_with(identity: Identity | None) -> str:
    """Return the one selector that SES shows, or the origin of keys that are SES's own, or "-" for no such identity.

    It is "" where it is not known.
    """
    if identity is None:
        return "-"
    return identity.signing_origin if identity.easy else identity.selector


def _reports(run: Run) -> Reports:
    named = run.intent.section.dmarc_reports
    if not named:
        return Reports()
    section = profile_file.find(Path.cwd())
    folder = (section.parent if section else Path.cwd()) / named
    return aggregate_reports.read(folder, named, run.intent.domain, run.intent.selector)
