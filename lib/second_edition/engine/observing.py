"""Observe SES, Secrets Manager, S3 and DNS side by side. What cannot be read is not taken for absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from msgspec.structs import replace

from second_edition.custody.client import Refused
from second_edition.dkim.names import check_selector
from second_edition.dkim.published import Answer
from second_edition.engine import leftovers, resolving, shared_reading, twin
from second_edition.engine.run import Observer
from second_edition.errors import AccessError, ParameterError
from second_edition.evidence import history, received
from second_edition.evidence.sealing_key import SealingKey
from second_edition.intent import profile
from second_edition.plain import from_plain
from second_edition.rotation.checks.case import DAMAGED
from second_edition.rotation.checks.key import ARCHIVE
from second_edition.rotation.observation import (
    Caller,
    Identity,
    KeyObject,
    Observation,
    Rehearsal,
    SecretVersion,
    Stored,
    Unread,
    Used,
)
from second_edition.rotation.resolution import Resolution

T = TypeVar("T")
Versions = Sequence[Mapping[str, Any]]
MOST_OTHERS = 9  # selectors beside the next and the current one whose key records are looked at


class FirstReads(NamedTuple):
    """Hold what needs no other answer, asked of the custodian."""

    at: str
    secret: Future[Any]
    identity: Future[Any]
    caller: Future[Any]


def ask(run: Observer, identity: Future[Any] | None = None) -> FirstReads:
    """Ask what can be asked at once. ``identity``: the answer about it, where it is known."""
    intent, ask_custodian = run.intent, run.custodian.ask
    at = run.clock().isoformat(timespec="milliseconds")
    secret = ask_custodian("secret", secret_id=intent.secret_id, domain=intent.domain)
    caller = ask_custodian("caller")
    return FirstReads(at, secret, identity or shared_reading.ask(run, caller), caller)


def gather(run: Observer, reads: FirstReads) -> Observation:
    """Return the world as it stands. Independent reads go side by side; a read waits only for what it needs.

    ``reads``: what has been asked already.
    """
    intent = run.intent
    unread: list[Unread] = []
    lookup = run.pool.submit(resolving.look, run, intent.selector)
    versions: Versions | None = _result(reads.secret, "secret", unread)
    next_key = _ask_key(run, intent.selector, versions)
    seen, absent, reading = _identity(reads.identity, unread)
    back = (run.left if seen.selector == intent.selector else seen.selector) if seen else ""
    back_records = run.pool.submit(resolving.look_followed, run, back) if back else None
    back_key = _ask_key(run, back, versions) if back else None
    others = _others(versions or (), {intent.selector, back})
    other_records = run.pool.submit(resolving.look_at_others, run, others) if others else None
    past = _past(run, unread)
    found_caller = _result(reads.caller, "caller", unread)
    found_key = _result(next_key, "key", unread)
    records, dns = _dns_result(lookup, unread) or ((), Resolution())
    stored = _stored(intent, intent.selector, versions, found_key)
    back_served, followed = (_dns_result(back_records, unread) if back_records else None) or ((), ())
    back_stored = _stored(intent, back, versions, _result(back_key, "current-key", unread)) if back else None
    rehearsed = _rehearse(run, stored, records, "signature", unread)
    back_rehearsed = _rehearse(run, back_stored, back_served, "current-signature", unread) if back_stored else None
    dns = replace(dns, followed=(*dns.followed, *followed))
    found = Observation(
        at=reads.at,
        domain=intent.domain,
        selector=intent.selector,
        caller=Caller(**found_caller) if found_caller else None,
        identity=seen,
        next_key=stored,
        current_key=back_stored,
        records=records,
        current_records=back_served,
        other_records=(_dns_result(other_records, unread) or ()) if other_records else (),
        used=past.used,
        given=_given(past, seen, stored),
        rehearsal=rehearsed,
        leftovers=_leftovers(run, unread),
        unread=tuple(unread),
        identity_absent=absent,
        dns=resolving.besides(run, records, back_served, dns, found_key["sha256"] if found_key else ""),
        reading=reading,
        back_selector=back,
        back_rehearsal=back_rehearsed,
        retired=past.retired.get(intent.selector.lower(), ""),
        unsigned=past.unsigned.get(intent.selector.lower(), ""),
    )
    known = resolving.history(run, past.sightings(stored, found.asked(records), run.clock()))
    back_known = past.sightings(back_stored, found.asked(back_served), run.clock()) if back_stored else ()
    return replace(found, dns=replace(found.dns, history=known), back_history=back_known)


def look_at_caller(run: Observer) -> Observation:
    """Return who acts, and when the selector was retired; nothing of SES, the key store and DNS."""
    unread: list[Unread] = []
    at, found = run.clock().isoformat(timespec="milliseconds"), _result(run.custodian.ask("caller"), "caller", unread)
    caller, stored = Caller(**found) if found else None, Stored(run.intent.selector)
    past, name = _past(run, unread), stored.selector.lower()
    return Observation(
        at, run.intent.domain, stored.selector, caller, None, stored, None, (), (),
        unread=tuple(unread), retired=past.retired.get(name, ""), unsigned=past.unsigned.get(name, ""),
    )  # fmt: skip


def _given(past: history.History, identity: Identity | None, stored: Stored) -> Used | None:
    """Return what SES was given last: what nobody signed counts where it is just what SES shows and S3 holds."""
    claim, key = past.claimed, stored.key
    fits = claim and identity and key and (claim.selector, claim.sha256) == (identity.selector, key.sha256)
    return claim if fits else past.given


def _identity(future: Future[Any], unread: list[Unread]) -> tuple[Identity | None, bool, Mapping[str, Any]]:
    """Return the identity, whether SES knows none of that name, and the call that read it for several runs at once."""
    before, found = len(unread), _result(future, "identity", unread)
    if found is None:
        return None, len(unread) == before, {}
    return from_plain(Identity, found.get("identity", found)), False, found.get("reading", {})


def _ask_key(run: Observer, selector: str, versions: Versions | None) -> Future[Any] | None:
    """Ask for a selector's key where the secret says it lies; without an entry, where it lay when it worked."""
    entries, _ = _entries(versions or (), selector)
    if versions is None or len(entries) > 1:
        return None
    path, named = (entries[0]["key_path"], entries[0]["bucket"]) if entries else (_worked_from(run, selector), "")
    arguments = {"selector": selector, "path": path, "bucket": run.intent.key_bucket, "domain": run.intent.domain}
    return run.custodian.ask("key", **arguments, layout=run.intent.section.key_layout, named=named)


#: What tells two entries apart from one that gives two values.
_OF_ENTRY: Final = (("key_path", "bucket"), ("dns_value",))


def _stored(intent: Any, selector: str, versions: Versions | None, key: Mapping[str, Any] | None) -> Stored:
    described = KeyObject(**{**key, "candidates": tuple(key["candidates"])}) if key else None
    if not versions:
        return Stored(selector, None, described)
    entries, version = _entries(versions, selector)
    pending = next((entry["version_id"] for entry in versions if entry["stage"] == "AWSPENDING"), "")
    places, values = ({tuple(one[name] for name in names) for one in entries} for names in _OF_ENTRY)
    twice = "two-values" if len(places) == 1 < len(values) else "selector-twice"
    # A private key in any version is a leak; a damaged current version is never passed over for the one before it.
    leaks = (one for one in versions if one["defect"] == "private-key-inside")
    version = next(leaks, versions[0] if versions[0]["defect"] else version)
    elsewhere = {
        one["domain"]
        for each in versions
        for one in each["others"]
        if not entries and one["selector"] == selector and each["stage"] != "AWSPENDING"
    }
    secret = SecretVersion(
        name=intent.secret_id,
        version_id=version["version_id"],
        stage=version["stage"],
        created=version["created"],
        selectors=tuple(entry["selector"] for entry in version["entries"]),
        # After a rotation AWSPENDING may stay on the version that is current: that is none of its own.
        pending_version_id=pending if pending != versions[0]["version_id"] else "",
        defect=version["defect"] or {0: "selector-absent", 1: ""}.get(len(entries), twice),
        elsewhere=", ".join(sorted(elsewhere)),
        **({name: entries[0][name] for name in ("dns_value", "key_path", "bucket")} if len(entries) == 1 else {}),
    )
    return Stored(selector, secret, described)


def _entries(versions: Versions, selector: str) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    """Return the entries of ``selector``, and the version they stand in: AWSCURRENT, else AWSPREVIOUS (the rollback).

    A version that spells it in other letters is not passed over for the one before it.
    """
    for version in versions:
        alike = [entry for entry in version["entries"] if entry["selector"].lower() == selector.lower()]
        if alike and version["stage"] != "AWSPENDING":
            return [entry for entry in alike if entry["selector"] == selector], version
    return [], versions[0] if versions else {}


def _others(versions: Versions, excluded: set[str]) -> list[str]:
    """Return the other selectors that the secret names, now or before; a generation may have several."""
    named = {entry["selector"] for one in versions if one["stage"] != "AWSPENDING" for entry in one["entries"]}
    names = {one.lower() for one in excluded}  # DNS knows no letter case: that is no other record
    return sorted(one for one in named if is_selector(one) and one.lower() not in names)[:MOST_OTHERS]


def is_selector(selector: str) -> bool:
    """Return whether a text is a selector."""
    try:
        return bool(check_selector(selector))
    except ParameterError:
        return False


def look_back(run: Observer, sealing: Callable[[], Mapping[str, SealingKey]] = dict) -> history.History:
    """Return what earlier runs in the same world tell of the identity's keys. A sandbox of the run's own has no past.

    The profile's archive is read too, and the folder of the record whose request is published: a record that is written
    elsewhere does not make what happened undone. ``sealing`` returns the key that seals now, where it is in KMS.
    """
    if run.world is None:
        return history.History()
    trusted, of = {**twin.trusted(run.intent), **sealing()}, run.intent.asked.of
    beside = [Path(of).resolve().parent] if of else []
    return history.look(run.folder, run.world, *beside, archive=profile.archive_of(run.intent.section), trusted=trusted)


def _rehearse(
    run: Observer, stored: Stored, answers: Sequence[Answer], what: str, unread: list[Unread]
) -> Rehearsal | None:
    """Sign a message with the key, and verify it with nothing but what each place gave."""
    if stored.key is None or not stored.key.sha256:
        return None
    signed = run.custodian.ask("sign", domain=run.intent.domain, selector=stored.selector)
    message = _result(signed, what, unread)
    value = stored.secret.dns_value if stored.secret and not stored.secret.defect else ""
    return received.judge_all(message, value, answers) if message else None


def _past(run: Observer, unread: list[Unread]) -> history.History:
    """Return what earlier runs tell, and add to ``unread`` which of them cannot be read."""
    if run.archive is None:
        run.archive = run.pool.submit(look_back, run)
    past = run.archive.result()
    if past.damaged:
        unread.append(Unread(ARCHIVE, "journal", DAMAGED, ", ".join(past.damaged)))
    return past


def _worked_from(run: Observer, selector: str) -> str:
    """Return where the key of ``selector`` lay when an archived run saw it work; "" where none did."""
    worked = (one.place for one in _past(run, []).used if one.worked and one.selector == selector)
    return next(filter(None, worked), "")


def _leftovers(run: Observer, unread: list[Unread]) -> tuple[str, ...]:
    left, unlisted = leftovers.look(run.folder)
    if unlisted:
        unread.append(Unread("files", "scandir", " ".join(unlisted), ""))
    return left


def _dns_result(future: Future[T], unread: list[Unread]) -> T | None:
    try:
        return future.result()
    except (AccessError, ParameterError) as error:
        unread.append(Unread("dns", "NS", type(error).__name__, error.what))
        return None


def _result(future: Future[Any] | None, what: str, unread: list[Unread]) -> Any:
    if future is None:
        return None
    try:
        return future.result()
    except Refused as refused:
        unread.append(Unread(what, refused.operation, refused.code, refused.message))
        return None
