"""Read everything that a decision rests on: AWS through the custodian, DNS directly, the folder's
signed runs.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Literal

from msgspec.structs import replace

from byodkim.checks.dns import verdicts
from byodkim.checks.secret import entry_of
from byodkim.checks.world import (
    Answer,
    Entry,
    History,
    Identity,
    KeyObject,
    Observation,
    Secret,
    Side,
    Sighting,
    Unread,
    Zone,
)
from byodkim.custody.settings import (
    GetCaller,
    GetIdentity,
    GetKey,
    KeyPlace,
    SignMessage,
)
from byodkim.dns.observe import ask_resolvers, observe_records
from byodkim.dns.zone import find_zone
from byodkim.engine.plan import Plan, rotate_plan
from byodkim.engine.run import Run
from byodkim.engine.wanted import Reach, approval_files
from byodkim.record.archive import history, read_seals
from byodkim.record.events import Observed
from byodkim.record.seal import Seal

Purpose = Literal["plan", "write", "after"]
NO_HISTORY: Final = History()


def observe(
    run: Run,
    purpose: Purpose,
    plan_of: Callable[[Observation], Plan] = rotate_plan,
    complete: Callable[[Run, Observation], Observation] | None = None,
) -> Observation:
    """Observe everything once and note it in the journal.

    Before a write, SES is read last: whatever takes long is read by then, so another hand's change
    is seen.

    Args:
        run: the run.
        purpose: of the observation.
        plan_of: the procedure's plan, to which approvals belong.
        complete: adds what only this procedure reads.

    Raises:
        CustodyError: the custodian died.
    """
    past = read_history(run)
    with ThreadPoolExecutor(3) as pool:
        custodian = run.custodian
        caller = custodian.ask(GetCaller())
        read_identity = GetIdentity(run.wanted.domain)
        identity = None if purpose == "write" else custodian.ask(read_identity)
        secret = run.ask_secret(run.wanted.domain)
        zone = pool.submit(zone_of, run)
        name, servers = record_name(run, run.selector), run.servers("resolvers")
        resolvers = pool.submit(ask_resolvers, name, servers)
        stored = secret.result()
        if identity:
            shown = identity.result()
            other = other_selector(shown, run.selector, past)
        else:
            other = run.campaign.previous if run.campaign else run.seen.current.selector
        sides = [_start_side(run, selector, stored, past) for selector in (run.selector, other)]
        zone_now = zone.result()
        answers = _records(run, zone_now, [run.selector, other])
        requested, current = (
            _finish_side(run, side, answers.get(side.selector, ()), future)
            for side, future in sides
        )
        caller_now, resolved = caller.result(), resolvers.result()
        if not identity:
            shown = custodian.ask(read_identity).result()
    if isinstance(zone_now, Zone):
        run.zone = zone_now
    seen = Observation(
        at=run.now(),
        wanted=run.wanted,
        caller=caller_now,
        identity=shown,
        secret=stored,
        requested=replace(requested, sightings=_sightings(past, run, run.selector)),
        current=replace(current, sightings=_sightings(past, None, other)),
        zone=zone_now,
        resolvers=resolved,
        history=past,
        lock=run.lock,
    )
    run.sightings.append(sighting(seen.requested, seen))
    if complete is not None:
        seen = complete(run, seen)
    run.observation = with_approvals(run, seen, plan_of(seen))
    run.write(Observed(purpose=purpose, observation=run.observation))
    return run.observation


def observe_dns(run: Run) -> Observation:
    """Observe the requested key record alone, once more, and keep the rest of the last
    observation.
    """
    seen = run.seen
    zone = run.zone or zone_of(run)
    answers = _records(run, zone, [run.selector]).get(run.selector, ())
    earlier = (*seen.requested.sightings, sighting(seen.requested, seen))
    side = replace(seen.requested, answers=answers, sightings=earlier)
    run.observation = replace(seen, at=run.now(), requested=side, zone=zone)
    run.sightings.append(sighting(side, run.observation))
    return run.observation


def read_history(run: Run) -> History:
    """Return what the folder's signed runs tell about this identity."""
    if not run.archive.is_dir():
        return NO_HISTORY
    return history(
        run.archive,
        account=run.wanted.account,
        region=run.wanted.region,
        domain=run.wanted.domain,
        target=run.target,
        trusted=run.trusted,
        own=run.name,
    )


def own_seals(run: Run) -> list[Seal]:
    """Return the folder's seals by trusted keys, of runs about the same target, oldest first."""
    trusted, target = run.trusted, run.target
    seals = read_seals(run.archive)
    return [seal for seal in seals if seal.key in trusted and seal.run.target == target]


def other_selector(identity: Identity | Unread, requested: str, past: History) -> str:
    """Return the selector in use; where SES has the requested one already, the one in use before.

    That one is looked up in signed runs first. A killed run's journal may name it too: then nothing
    proves it, and the rollback's checks decide.
    """
    if isinstance(identity, Identity) and identity.selector != requested:
        return identity.selector
    for run in reversed(past.runs):
        if run.previous not in ("", requested):
            return run.previous
    for open_run in reversed(past.unfinished):
        if open_run.before not in ("", requested):
            return open_run.before
    return ""


def record_name(reach: Reach, selector: str) -> str:
    """Return the name of a selector's key record (RFC 6376 section 3.6.2.1)."""
    return f"{selector}._domainkey.{reach.wanted.domain}"


def sighting(side: Side, seen: Observation) -> Sighting:
    """Return in short how the servers stood to a side's key record.

    While some servers lag, only the TTL of what has to go from caches counts.
    """
    results = [verdict for _server, verdict in verdicts(side, "")]
    published = [verdict.sha256 if verdict.is_published else "" for verdict in results]
    keys = set(published)
    ttls = [
        answer.ttl
        for answer, sha256 in zip(side.answers, published, strict=True)
        if answer.ttl is not None and (len(keys) == 1 or sha256 != side.key_sha256)
    ]
    negative = [each.negative_ttl for each in side.answers if each.negative_ttl is not None]
    return Sighting(
        at=seen.at,
        key_sha256=keys.pop() if len(keys) == 1 else "",
        ttl=max(ttls, default=0),
        negative_ttl=max(negative, default=0),
    )


def condensed(sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Return when each state was seen last before the key, and first with the key, oldest first.

    That is all that ``TIME-ACTIVATE`` asks.
    """
    kept: list[Sighting] = []
    for each in sightings:
        if kept and kept[-1].key_sha256 == each.key_sha256:
            if not each.key_sha256:
                kept[-1] = each
        else:
            kept.append(each)
    return tuple(kept)


def with_approvals(run: Run, seen: Observation, plan: Plan) -> Observation:
    """Return the observation with the plan's digest, whether it writes, and its valid approvals.

    A campaign's plan is approved as a whole.
    """
    if run.campaign is not None:
        return replace(seen, plan_digest=run.campaign.digest, approvals=run.campaign.approvals)
    seen = replace(seen, plan_digest=plan.digest, plan_writes=bool(plan.writes))
    if not (approvers := run.settings.table("approvers")):
        return seen
    from byodkim.record.approval import find_approvals  # only where approvers are listed

    files = approval_files(run.settings, None) or run.archive
    approvals = find_approvals(files, plan.digest, approvers, exclude=run.key.public)
    return replace(seen, approvals=approvals)


def _start_side(
    run: Run, selector: str, secret: Secret | Unread, past: History
) -> tuple[Side, Future[KeyObject | Unread] | None]:
    """Return a side with its entry, and its key on the way."""
    if not selector:
        return Side(""), None
    entry = entry_of(secret, run.wanted.domain, selector)
    place = key_place(run, selector, entry, past)
    return Side(selector, entry), run.custodian.ask(GetKey(place)) if place else None


def _finish_side(
    run: Run,
    side: Side,
    answers: tuple[Answer, ...],
    future: Future[KeyObject | Unread] | None,
) -> Side:
    """Return a side with its key, a message that this key signed, and what the servers answer."""
    key = future.result() if future else None
    message = ""
    if isinstance(key, KeyObject) and key.sha256:
        signed = run.custodian.ask(
            SignMessage(run.wanted.domain, side.selector, key.sha256)
        ).result()
        message = signed if isinstance(signed, str) else ""
    return replace(side, key=key, answers=answers, signed_message=message)


def key_place(
    reach: Reach, selector: str, entry: Entry | None, past: History = NO_HISTORY
) -> KeyPlace | None:
    """Return where a private key is: where the secret says, where a signed run saw it, or by the
    layout; ``None`` where no bucket is known.
    """
    domain, bucket, path = reach.wanted.domain, reach.chosen("key_bucket"), ""
    if entry is not None:
        domain, bucket, path = entry.domain or domain, entry.bucket or bucket, entry.path
    for run in () if path else reversed(past.runs):
        places = {run.selector: run.key_place, run.previous: run.previous_key_place}
        if place := places.get(selector):
            return KeyPlace.at(place)
    path = path or reach.settings.text("key_layout").format(domain=domain, selector=selector)
    return KeyPlace(bucket, path) if bucket else None


def _records(
    run: Run, zone: Zone | Unread, selectors: Sequence[str]
) -> dict[str, tuple[Answer, ...]]:
    """Return the servers' answers for each selector's key record."""
    if isinstance(zone, Unread):
        return {}
    names = {selector: record_name(run, selector) for selector in selectors if selector}
    answers = observe_records(zone, list(dict.fromkeys(names.values())))
    return {selector: answers[name] for selector, name in names.items()}


def zone_of(reach: Reach) -> Zone | Unread:
    """Return who serves the key records."""
    given, resolvers = reach.servers("nameservers"), reach.servers("resolvers")
    return find_zone(reach.wanted.domain, nameservers=given, resolvers=resolvers)


def _sightings(past: History, run: Run | None, selector: str) -> tuple[Sighting, ...]:
    """Return every earlier look at a selector's key record, oldest first."""
    earlier = [seen for each in past.runs for seen in each.sightings.get(selector, ())]
    own = run.sightings if run is not None else []
    return tuple(sorted([*earlier, *own], key=lambda each: each.at))
