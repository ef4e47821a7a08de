"""Look around, for explore.ipynb: identities, one selector, the secret. Nothing is written.

Every function starts a custodian that cannot write, and ends it. It returns a DataFrame with typed
columns; a value that is not known is missing.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

import pandas as pd
from tqdm import tqdm

from byodkim.checks import causes
from byodkim.checks.secret import entry_of
from byodkim.checks.world import Caller, Entry, Identity, KeyObject, Secret, Unread
from byodkim.custody.settings import (
    GetCaller,
    GetDkimStates,
    GetIdentity,
    GetKey,
    GetKeyDate,
    ListIdentities,
)
from byodkim.dkim.record import BadKeyRecord, KeyRecord, parse_key_record
from byodkim.dkim.verdict import judge
from byodkim.dns.observe import observe_records
from byodkim.engine.look import Look, looking
from byodkim.engine.observe import key_place, record_name, zone_of
from byodkim.engine.wanted import clock
from byodkim.errors import ByodkimError, InputError
from byodkim.show.frames import CATEGORY, COUNT, TEXT, TIME, TRUTH, frame_of
from byodkim.words import Sentence, _

#: Identities in a call of SES's first API. Source: SES API v1, GetIdentityDkimAttributes.
BATCH: Final = 100
#: When SES made a key of Easy DKIM. It has no date of a key that it was given.
GENERATED: Final = "DkimAttributes.LastKeyGenerationTimestamp"

T = TypeVar("T")

_IDENTITIES: Final = {
    "account": CATEGORY, "region": CATEGORY, "identity": TEXT, "kind": CATEGORY, "selector": TEXT,
    "status": CATEGORY, "signing_enabled": TRUTH, "origin": CATEGORY, "read_by": CATEGORY,
    "key_since": TIME, "key_age_days": COUNT, "key_date_from": CATEGORY,
}  # fmt: skip
_SELECTOR: Final = {
    "place": TEXT, "says": TEXT, "sha256": TEXT, "same": TRUTH, "rcode": CATEGORY, "ttl": COUNT,
    "negative_ttl": COUNT, "serial": COUNT, "ms": COUNT, "since": TIME,
}  # fmt: skip
_SECRET: Final = {
    "layout": CATEGORY, "domain": TEXT, "selector": TEXT, "sha256": TEXT, "bits": COUNT,
    "key_object": TEXT, "version": TEXT, "pending": TEXT, "record": TEXT,
}  # fmt: skip


def identities(
    profile: str = "default", *, region: str = "", target: str = "aws", details: bool = False
) -> pd.DataFrame:
    """Return every identity of the account in a Region, at SES's pace, with a progress bar.

    Columns: account, region, identity, kind, selector (missing unless SES shows exactly one),
    status, signing_enabled, origin, read_by (the operation), key_since, key_age_days,
    key_date_from. The date is that of the key object in S3, for selectors that the secret names;
    with ``details``, SES's own for Easy DKIM. Where a place could not be read, key_date_from says
    why. Nothing else tells a key's age.

    Args:
        profile: section of byodkim.toml.
        region: AWS Region; the profile's by default.
        target: ``aws`` or ``sandbox``.
        details: read each identity by itself, one a second. Without it, 100 are read in one call
            that shows no origin; the number of tokens implies it: one for BYODKIM, three for
            Easy DKIM.

    Raises:
        InputError: the profile or a parameter is wrong.
        ByodkimError: SES does not answer.
    """
    with looking(profile, target, region=region) as look:
        caller = look.custodian.ask(GetCaller())
        with tqdm(total=0, desc=look.wanted.region, file=sys.stdout) as bar:
            kinds = _listed(look, bar)
            read = _one_by_one if details else _in_batches
            shown = list(read(look, list(kinds), bar))
        dates = _key_dates(look, shown)
        account, now = caller.result(), clock(look.sandbox)
        place = (account.account if isinstance(account, Caller) else "", look.wanted.region)
        operation = "GetEmailIdentity" if details else "GetIdentityDkimAttributes"
        rows = [
            (*place, each.domain, kinds[each.domain], each.selector, each.status,
             each.signing_enabled, each.origin or None, operation,
             *_age(each, dates.get((each.domain, each.selector)), now))
            for each in shown
        ]  # fmt: skip
    return frame_of(_IDENTITIES, rows, look.settings.zone)


def selector(
    domain: str = "",
    selector: str = "",
    profile: str = "default",
    *,
    region: str = "",
    target: str = "aws",
) -> pd.DataFrame:
    """Return where a selector's key is: in S3, in the secret, at every authoritative server.

    Columns: place, says, sha256 (of the public key), same (it is the key whose private half is in
    S3; missing where that is not known), rcode, ttl and negative_ttl (seconds), serial, ms, since.

    Args:
        domain: the signing domain; the profile's by default.
        selector: its name; the one that SES signs with by default.
        profile: section of byodkim.toml.
        region: AWS Region; the profile's by default.
        target: ``aws`` or ``sandbox``.

    Raises:
        InputError: the profile or a parameter is wrong, or SES shows no selector.
    """
    with looking(profile, target, region=region, domain=domain) as look:
        look.require("domain")
        stored = look.secret()
        name = selector or _selector_in_use(look)
        entry = entry_of(stored, look.wanted.domain, name)
        key: KeyObject | Unread = Unread("NotRead")
        if place := key_place(look, name, entry):
            key = look.custodian.ask(GetKey(place)).result()
        sha256 = key.sha256 if isinstance(key, KeyObject) else ""
        rows = [_key_row(key), _entry_row(stored, entry, sha256), *_server_rows(look, name, sha256)]
    return frame_of(_SELECTOR, rows, look.settings.zone)


def secret(
    secret_id: str = "", profile: str = "default", *, region: str = "", target: str = "aws"
) -> pd.DataFrame:
    """Return what the secret says, an entry a row, without anything private.

    Columns: layout, domain, selector, sha256 and bits of the public key (missing where the record
    is invalid), key_object, version and pending (VersionIds of AWSCURRENT and AWSPENDING), record.

    Args:
        secret_id: name or ARN; the profile's by default.
        profile: section of byodkim.toml.
        region: AWS Region; the profile's by default.
        target: ``aws`` or ``sandbox``.

    Raises:
        InputError: the profile or a parameter is wrong.
        ByodkimError: the secret cannot be read, has an unknown layout, or holds a private key.
    """
    with looking(profile, target, region=region, secret_id=secret_id) as look:
        look.require("secret_id")
        shown = _known(look.secret(), "secretsmanager:GetSecretValue")
        if shown.holds_private_key:
            raise ByodkimError(
                _("The secret holds a private key: every reader of the secret can sign mail."),
                todo=_("Remove it from the secret, and replace the key pair."),
            )
        rows = []
        for entry in shown.entries:
            record, place = _parsed(entry), key_place(look, entry.selector, entry)
            public = (record.sha256, record.bits) if record else (None, None)
            address = f"s3://{place.bucket}/{place.key}" if place else None
            rows.append((shown.layout, entry.domain, entry.selector, *public, address,
                         shown.version, shown.pending, entry.record))  # fmt: skip
    return frame_of(_SECRET, rows)


def _listed(look: Look, bar: Any) -> dict[str, str]:
    """Return the kind of each identity of the Region by its name."""
    kinds: dict[str, str] = {}
    token = ""
    while True:
        answer = look.custodian.ask(ListIdentities(token)).result()
        page = _known(answer, "ses:ListEmailIdentities")
        kinds |= dict(page.identities)
        bar.reset(len(kinds))
        token = page.token
        if not token:
            return kinds


def _in_batches(look: Look, names: Sequence[str], bar: Any) -> Iterator[Identity]:
    """Yield what SES's first API shows of identities."""
    for start_at in range(0, len(names), BATCH):
        batch = names[start_at : start_at + BATCH]
        answer = look.custodian.ask(GetDkimStates(batch)).result()
        states = _known(answer, "ses:GetIdentityDkimAttributes")
        bar.update(len(batch))
        yield from states.identities


def _one_by_one(look: Look, names: Sequence[str], bar: Any) -> Iterator[Identity]:
    """Yield identities in full. One that was deleted meanwhile is left out."""
    for name in names:
        identity = look.custodian.ask(GetIdentity(name)).result()
        bar.update()
        is_gone = isinstance(identity, Unread) and identity.code == "NotFoundException"
        if not is_gone:
            yield _known(identity, "ses:GetEmailIdentity")


def _key_dates(look: Look, shown: Sequence[Identity]) -> dict[tuple[str, str], KeyObject | Unread]:
    """Return the key objects that the secret names, for identities that sign with them."""
    if not look.chosen("secret_id"):
        return {}
    stored, pairs = look.secret(), [(each.domain, each.selector) for each in shown if each.selector]
    if isinstance(stored, Unread):
        return dict.fromkeys(pairs, stored)
    named = {(each.domain or look.wanted.domain, each.selector): each for each in stored.entries}
    futures = {}
    for pair in pairs:
        if pair in named and (place := key_place(look, pair[1], named[pair])):
            futures[pair] = look.custodian.ask(GetKeyDate(place))
    return {pair: future.result() for pair, future in futures.items()}


def _age(
    identity: Identity, key: KeyObject | Unread | None, now: datetime
) -> tuple[datetime | None, int | None, str]:
    """Return since when a key is there, its age in days, and who says so."""
    since, source = None, ""
    if isinstance(key, Unread):
        source = str(_("not read ({code})", code=key.code))
    elif key is not None:
        since, source = key.modified, "S3"
    elif generated := identity.fields.get(GENERATED):
        since, source = datetime.fromisoformat(generated), "SES"
    return since, (now - since).days if since else None, source


def _selector_in_use(look: Look) -> str:
    identity = look.custodian.ask(GetIdentity(look.wanted.domain)).result()
    if isinstance(identity, Identity) and identity.selector:
        return identity.selector
    raise InputError(
        _("SES shows no selector of {domain}.", domain=look.wanted.domain),
        todo=_("Pass domain and selector."),
    )


def _key_row(key: KeyObject | Unread) -> tuple[Any, ...]:
    if isinstance(key, Unread):
        return "S3", causes.unread(key), None, None, *[None] * 5, None
    says = f"{key.form}, {key.bits} bits" if key.sha256 else key.defect
    return key.place, says, key.sha256, True if key.sha256 else None, *[None] * 5, key.modified


def _entry_row(stored: Secret | Unread, entry: Entry | None, sha256: str) -> tuple[Any, ...]:
    says: Sentence | str
    record = _parsed(entry)
    if isinstance(stored, Unread):
        says = causes.unread(stored)
    elif entry is None:
        says = _("The secret does not name the selector.")
    elif record is None:
        says = _("The key record in the secret is invalid.")
    else:
        says = _("{bits} bits", bits=record.bits)
    stored_sha256 = record.sha256 if record else None
    same = stored_sha256 == sha256 if sha256 and entry else None
    return "Secrets Manager", says, stored_sha256, same, *[None] * 6


def _server_rows(look: Look, name: str, sha256: str) -> Iterator[tuple[Any, ...]]:
    zone = zone_of(look)
    if isinstance(zone, Unread):
        says = _("The name servers could not be found ({code}).", code=zone.code)
        yield "DNS", says, *[None] * 8
        return
    at = record_name(look, name)
    for answer in observe_records(zone, [at])[at]:
        verdict = judge(answer, sha256)
        same = verdict.is_published if sha256 and not verdict.is_unknown else None
        yield (
            str(answer.server), verdict.what, verdict.sha256, same, answer.rcode, answer.ttl,
            answer.negative_ttl, answer.serial, answer.ms, None,
        )  # fmt: skip


def _parsed(entry: Entry | None) -> KeyRecord | None:
    """Return an entry's key record; ``None`` where there is no valid one."""
    with suppress(BadKeyRecord):
        return parse_key_record(entry.record) if entry else None
    return None


def _known(answer: T | Unread, action: str) -> T:
    """Return what was read.

    Raises:
        ByodkimError: it could not be read. ``action``: the IAM action that it needs.
    """
    if isinstance(answer, Unread):
        raise ByodkimError(causes.unread(answer), todo=causes.todo(answer, action))
    return answer
