"""Looking around for prepare: which selector is next, what stands of it in the key store, and all that rotate sees."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from byodkim.custody.client import Refused
from byodkim.dkim.names import check_selector
from byodkim.errors import ParameterError
from byodkim.procedure import observing
from byodkim.procedure.observing import Asked
from byodkim.procedure.run import Run
from byodkim.rotation import naming
from byodkim.rotation.naming import Named, Pattern
from byodkim.rotation.observation import UNFETCHED, Observation
from byodkim.rotation.plan import Plan
from byodkim.rotation.preparation import SELECTOR_ABSENT, Preparation, Staged, Store


@dataclass
class Course:
    """What a run of prepare knows besides what every run does. Nothing in it is evidence: the journal is."""

    named: Named
    prepared: Preparation | None = None
    plan: Plan | None = None


def gather(run: Run, asked: Asked | None = None) -> Preparation:
    """The world as it stands; the first time, the selector is named by it where none was given.

    ``asked``: what has been asked already.
    """
    asked = asked or observing.ask(run)
    if run.own is None:
        run.own = Course(_name(run, asked))
        run.intent = replace(run.intent, selector=run.own.named.selector)
    seen = observing.gather(run, asked)
    return Preparation(seen, _store(run, seen, asked))


def _name(run: Run, asked: Asked) -> Named:
    intent = run.intent
    if intent.selector:
        return Named(intent.selector, "given")
    arguments = {"bucket": intent.key_bucket, "domain": intent.domain, "layout": intent.storing.layout}
    listed = run.custodian.ask("listed", **arguments)
    stored = {entry["selector"] for version in _versions(asked) for entry in version["entries"]}
    with contextlib.suppress(Refused):  # what the key object itself comes to says so
        stored |= set(listed.result())
    return naming.name(
        Pattern(intent.storing.pattern),
        f"{run.clock().astimezone(intent.zone):%Y%m%d}",
        _current(asked),
        set(filter(_is_selector, stored)),
        {used.selector for used in observing.look_back(run).used},
    )


def _current(asked: Asked) -> str:
    """The selector that SES signs with, "" where it is not known."""
    with contextlib.suppress(Refused):
        selectors = list((asked.identity.result() or {}).get("selectors", ()))
        return str(selectors[0]) if len(selectors) == 1 else ""
    return ""


def _is_selector(text: str) -> bool:
    try:
        return bool(check_selector(text))
    except ParameterError:
        return False


def _versions(asked: Asked) -> Iterator[Mapping[str, Any]]:
    with contextlib.suppress(Refused):
        yield from asked.secret.result()


def _store(run: Run, seen: Observation, asked: Asked) -> Store:
    intent, key = run.intent, seen.next_key.key
    stands = key is not None and key.defect not in UNFETCHED
    place = intent.storing.layout.format(domain=intent.domain, selector=intent.selector)
    store = Store(
        named=run.own.named,
        bucket=key.bucket if key and stands else intent.key_bucket,
        key=key.key if key and stands else place,
        kms_key=intent.storing.kms_key,
        secret_id=intent.secret_id,
        staged=_staged(intent.selector, asked),
    )
    secret = seen.next_key.secret
    absent = bool(intent.selector) and secret is not None and secret.defect == SELECTOR_ABSENT
    return replace(store, unfit=_unfit(run, store)) if absent else store


def _unfit(run: Run, store: Store) -> str:
    """Return why no entry can be added to the secret; "" where one can, or where it cannot be read."""
    place = {"domain": run.intent.domain, "bucket": store.bucket, "path": store.key}
    asked = run.custodian.ask("enterable", secret_id=store.secret_id, selector=run.intent.selector, **place)
    with contextlib.suppress(Refused):  # what was read of it before says so
        return str(asked.result())
    return ""


def _staged(selector: str, asked: Asked) -> Staged:
    found = {str(version["stage"]): version for version in _versions(asked)}
    ids = {stage: str(version["version_id"]) for stage, version in found.items()}
    named = [one for one in found.get("AWSPENDING", {}).get("entries", ()) if one["selector"] == selector]
    return Staged(
        current=ids.get("AWSCURRENT", ""),
        previous=ids.get("AWSPREVIOUS", ""),
        pending=ids.get("AWSPENDING", ""),
        pending_value=str(named[0]["dns_value"]) if len(named) == 1 else "",
        pending_path=str(named[0]["key_path"]) if len(named) == 1 else "",
    )
