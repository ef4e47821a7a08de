"""Prepare: a selector is named, its key pair made and stored, and the request to the DNS team written."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Final

from msgspec.structs import asdict, replace

from second_edition.custody.client import Refused
from second_edition.display.notebook import Shown
from second_edition.dkim.key_record import PublicKey, format_value
from second_edition.engine import closing, dns_request, lifecycle, observing
from second_edition.engine.observing import FirstReads
from second_edition.engine.run import Run
from second_edition.engine.stages import Procedure, Work
from second_edition.engine.write_ahead import Write
from second_edition.events import writes
from second_edition.evidence.journal import digest
from second_edition.procedures.prepare import preparation, store_writes
from second_edition.procedures.prepare.checks import AFTER, BEFORE, Preparing
from second_edition.procedures.prepare.preparation import SELECTOR_ABSENT, Preparation
from second_edition.procedures.prepare.store_writes import Pair
from second_edition.rotation import naming
from second_edition.rotation.facts import Staged, Store
from second_edition.rotation.naming import Named, Pattern
from second_edition.rotation.observation import UNFETCHED, Observation
from second_edition.rotation.plan import Plan


def gather(run: Run, reads: FirstReads) -> Preparation:
    """Return the world as it stands; the first call names the selector where none was given.

    ``reads``: what has been asked already.
    """
    if run.own is None:
        run.own = _name(run, reads)
        run.intent = replace(run.intent, selector=run.own.selector)
    seen = observing.gather(run, reads)
    return Preparation(seen, _store(run, seen, reads))


def _name(run: Run, reads: FirstReads) -> Named:
    intent = run.intent
    if intent.selector:
        return Named(intent.selector, "given")
    arguments = {"bucket": intent.key_bucket, "domain": intent.domain, "layout": intent.section.key_layout}
    listed = run.custodian.ask("listed", **arguments)
    stored = {entry["selector"] for version in _known(reads.secret, ()) for entry in version["entries"]}
    stored |= set(_known(listed, ()))
    current, past = (_known(reads.identity, None) or {}).get("selectors", ()), observing.look_back(run)
    return naming.name(
        Pattern(intent.section.selector_pattern),
        f"{run.clock().astimezone(intent.zone):%Y%m%d}",
        str(current[0]) if len(current) == 1 else "",
        set(filter(observing.is_selector, stored)),
        {*past.retired, *(used.selector for used in past.used)},
    )


def _known(answer: Future[Any], unknown: Any) -> Any:
    """Return an answer, ``unknown`` where there is none: what is made of the same read besides says so."""
    try:
        return answer.result()
    except Refused:
        return unknown


def _store(run: Run, seen: Observation, reads: FirstReads) -> Store:
    intent, key = run.intent, seen.next_key.key
    stands = key is not None and key.defect not in UNFETCHED
    place = intent.section.key_layout.format(domain=intent.domain, selector=intent.selector)
    store = Store(
        named=run.own,
        bucket=key.bucket if key and stands else intent.key_bucket,
        key=key.key if key and stands else place,
        kms_key=intent.section.key_kms,
        secret_id=intent.secret_id,
        staged=_staged(intent.selector, reads),
    )
    secret = seen.next_key.secret
    absent = bool(intent.selector) and secret is not None and secret.defect == SELECTOR_ABSENT
    return replace(store, unfit=_unfit(run, store)) if absent else store


def _unfit(run: Run, store: Store) -> str:
    """Return why no entry can be added to the secret; "" where one can, or where it cannot be read."""
    place = {"domain": run.intent.domain, "bucket": store.bucket, "path": store.key}
    asked = run.custodian.ask("enterable", secret_id=store.secret_id, selector=run.intent.selector, **place)
    return str(_known(asked, ""))


def _staged(selector: str, reads: FirstReads) -> Staged:
    found = {str(version["stage"]): version for version in _known(reads.secret, ())}
    ids = {stage: str(version["version_id"]) for stage, version in found.items()}
    named = [one for one in found.get("AWSPENDING", {}).get("entries", ()) if one["selector"] == selector]
    return Staged(
        current=ids.get("AWSCURRENT", ""),
        previous=ids.get("AWSPREVIOUS", ""),
        pending=ids.get("AWSPENDING", ""),
        pending_value=str(named[0]["dns_value"]) if len(named) == 1 else "",
        pending_path=str(named[0]["key_path"]) if len(named) == 1 else "",
    )


def _observation(run: Run, prepared: Preparation) -> tuple[Observation, dict[str, Any]]:
    if run.record.of(writes.Named) is None:
        run.write(writes.Named, **asdict(run.own))
    return prepared.seen, {"store": prepared.store}


def _writes(run: Run, prepared: Preparation, made: Plan) -> Iterator[Write]:
    key = prepared.seen.next_key.key
    pair = _pair(run, key.public_key, key.sha256, key.bucket, key.key) if key and key.sha256 else None
    for write in made.writes:
        pair = pair or _make(run, prepared)
        yield store_writes.storing(run, prepared, write, pair)


def _make(run: Run, prepared: Preparation) -> Pair:
    """Make a new key pair in the custodian. From now on everything that is written or shown is searched for it."""
    made = run.custodian.ask("make", selector=run.intent.selector).result()
    run.gate.rely_on(run.custodian)
    return _pair(run, made["public_key"], made["sha256"], prepared.store.bucket, prepared.store.key)


def _pair(run: Run, public_key: str, sha256: str, bucket: str, key: str) -> Pair:
    value = format_value(PublicKey.from_der(base64.b64decode(public_key)))
    return Pair(sha256, value, bucket, key, key if bucket == run.intent.key_bucket else f"s3://{bucket}/{key}")


def _hand_over(run: Run) -> Shown:
    """Return what the DNS team needs."""
    dns_request.hand_over(run, as_json=True)
    return lifecycle.shown(run)


PROCEDURE: Final = Procedure(
    name="prepare",
    steps=lifecycle.STEPS | {"prove": lifecycle.prove, "hand_over": _hand_over},
    gather=gather,
    outcome=closing.of_made,
    last_word=closing.unproved,
    work=Work(
        observation=_observation,
        case=lambda prepared, expected: Preparing(prepared.seen, expected, store=prepared.store),
        before=BEFORE,
        after=AFTER,
        plan=lambda _, prepared, findings: preparation.make(prepared, findings, digest),
        writes=_writes,
    ),
    scenario="unprepared",
)
