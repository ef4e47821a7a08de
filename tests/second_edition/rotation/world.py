"""A world in which every check passes, and changes of one thing at a time."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from second_edition.dkim.published import Answer, Server
from second_edition.rotation.checks import Applying, Case, Expected
from second_edition.rotation.observation import (
    Caller,
    Identity,
    KeyObject,
    Observation,
    Rehearsal,
    Rehearsed,
    SecretVersion,
    Stored,
    Unread,
    Used,
)
from second_edition.rotation.resolution import Resolution
from second_edition.rotation.rollback import mirrored
from tests.second_edition.dkim import keys

ACCOUNT, REGION, DOMAIN = "123456789012", "ap-northeast-1", "example.jp"
CURRENT, NEXT = "mail-20250917-1", "mail-20261124-1"
SERVERS = (Server("ns1.example.jp", "192.0.2.53"), Server("ns2.example.jp", "2001:db8::53"))
RUN = "20260912T020011Z-91c0"
PLACES = tuple(f"{server.name} {server}" for server in SERVERS)
EXPECTED = Expected(ACCOUNT, REGION)
NEXT_BITS, CURRENT_BITS, WEAK_BITS = 2048, 1536, 1024  # a key pair each

Change = Callable[[Observation], Observation]


@functools.cache
def sha256(bits: int) -> str:
    return hashlib.sha256(keys.spki(bits)).hexdigest()


@functools.cache
def dns_value(bits: int) -> str:
    return f"v=DKIM1; k=rsa; p={base64.b64encode(keys.spki(bits)).decode()}"


def strings(value: str) -> tuple[bytes, ...]:
    data = value.encode()
    return tuple(data[i : i + 255] for i in range(0, len(data), 255))


def answer(server: Server, selector: str, *values: str, **changes: Any) -> Answer:
    whole = Answer(
        server,
        f"{selector}._domainkey.{DOMAIN}",
        rcode="NOERROR" if values else "NXDOMAIN",
        authoritative=True,
        ttl=3600,
        serial=2026112401,
        records=tuple(strings(value) for value in values),
        latency_ms=9.5,
    )
    return replace(whole, **changes)


def key_object(selector: str, bits: int) -> KeyObject:
    return KeyObject(
        bucket="byodkim-keys",
        key=f"dkim-keys/{DOMAIN}/{selector}/private_key.pem",
        version_id="v3Kx",
        last_modified="2026-11-10T02:00:11+00:00",
        size=1704,
        form="PKCS#8 PEM",
        bits=bits,
        public_key=base64.b64encode(keys.spki(bits)).decode(),
        sha256=sha256(bits),
    )


@functools.cache
def good() -> Observation:
    return Observation(
        at="2026-11-24T04:08:57.000+00:00",
        domain=DOMAIN,
        selector=NEXT,
        caller=Caller(
            ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/mail-ops/sato", "AROA:sato", "aws", REGION, "https://e", 0.4
        ),
        identity=Identity(
            DOMAIN, "DOMAIN", (CURRENT,), "SUCCESS", signing_enabled=True, signing_origin="EXTERNAL",
            verified_for_sending=True, verification_status="SUCCESS",
        ),
        next_key=Stored(
            NEXT,
            SecretVersion(
                "byodkim/example.jp", "5e2b", "AWSCURRENT", "2026-11-10T02:00:11+00:00", (NEXT,), dns_value(NEXT_BITS),
                f"dkim-keys/{DOMAIN}/{NEXT}/private_key.pem",
            ),
            key_object(NEXT, NEXT_BITS),
        ),
        current_key=Stored(
            CURRENT,
            SecretVersion(
                "byodkim/example.jp", "5e2b", "AWSCURRENT", "2026-11-10T02:00:11+00:00", (NEXT,),
                defect="selector-absent",
            ),
            key_object(CURRENT, CURRENT_BITS),
        ),
        records=tuple(answer(server, NEXT, dns_value(NEXT_BITS)) for server in SERVERS),
        current_records=tuple(answer(server, CURRENT, dns_value(CURRENT_BITS)) for server in SERVERS),
        rehearsal=Rehearsal(
            "a signed message",
            (Rehearsed("secret", "", ""), *(Rehearsed(place, sha256(NEXT_BITS), "") for place in PLACES)),
        ),
        back_selector=CURRENT,
        back_rehearsal=Rehearsal(
            "a signed message", tuple(Rehearsed(place, sha256(CURRENT_BITS), "") for place in PLACES)
        ),
        dns=Resolution(siblings=tuple(answer(server, "5f3c") for server in SERVERS)),
    )  # fmt: skip


def found() -> Identity:
    """The identity of the good world."""
    identity = good().identity
    assert identity is not None
    return identity


def case(seen: Observation, expected: Expected = EXPECTED, applying: Applying | None = None) -> Case:
    return Case(seen, expected, applying)


def caller(**changes: Any) -> Change:
    return lambda seen: replace(seen, caller=replace(seen.caller, **changes))  # type: ignore[type-var]


def identity(**changes: Any) -> Change:
    return lambda seen: replace(seen, identity=replace(seen.identity, **changes))  # type: ignore[type-var]


def secret(**changes: Any) -> Change:
    def change(seen: Observation) -> Observation:
        assert seen.next_key.secret is not None
        return replace(seen, next_key=replace(seen.next_key, secret=replace(seen.next_key.secret, **changes)))

    return change


def key(**changes: Any) -> Change:
    def change(seen: Observation) -> Observation:
        assert seen.next_key.key is not None
        return replace(seen, next_key=replace(seen.next_key, key=replace(seen.next_key.key, **changes)))

    return change


def no_key(defect: str, **changes: Any) -> Change:
    """The next key object has a defect: nothing is known of a key inside."""
    return key(**{"form": "", "bits": 0, "public_key": "", "sha256": "", "defect": defect, **changes})


def stored_key(bits: int) -> Change:
    return key(bits=bits, public_key=base64.b64encode(keys.spki(bits)).decode(), sha256=sha256(bits))


def current_key(**changes: Any) -> Change:
    def change(seen: Observation) -> Observation:
        assert seen.current_key is not None
        assert seen.current_key.key is not None
        return replace(seen, current_key=replace(seen.current_key, key=replace(seen.current_key.key, **changes)))

    return change


def dns(**changes: Any) -> Change:
    """DNS besides the key records was seen otherwise."""
    return lambda seen: replace(seen, dns=replace(seen.dns, **changes))


def at_one_server(*values: str, **changes: Any) -> Change:
    """The second server answers otherwise."""
    return lambda seen: replace(seen, records=(seen.records[0], answer(SERVERS[1], NEXT, *values, **changes)))


def at_every_server(*values: str, **changes: Any) -> Change:
    return lambda seen: replace(seen, records=tuple(answer(one, NEXT, *values, **changes) for one in SERVERS))


def without_names(change: Change) -> Change:
    """After a change, servers given by address: no name is known."""
    return lambda seen: replace(
        change(seen),
        records=tuple(replace(one, server=replace(one.server, name="")) for one in change(seen).records),
    )


def current_at_one(*values: str, **changes: Any) -> Change:
    return lambda seen: replace(
        seen, current_records=(seen.current_records[0], answer(SERVERS[1], CURRENT, *values, **changes))
    )


def current_at_every(*values: str, **changes: Any) -> Change:
    return lambda seen: replace(
        seen, current_records=tuple(answer(one, CURRENT, *values, **changes) for one in SERVERS)
    )


def used(selector: str, sha256_: str) -> Change:
    """An earlier run knows of a pair of selector and key."""
    return lambda seen: replace(seen, used=(*seen.used, Used(selector, sha256_, RUN)))


def others_at_one(selector: str, *values: str) -> Change:
    """The secret names another selector, whose key record one server serves."""
    return lambda seen: replace(seen, other_records=(answer(SERVERS[0], selector, *values),))


def rehearsed(*defects: str) -> Change:
    """Return what the secret's record and those of the servers make of the signed message, in this order."""
    named = zip(("secret", *PLACES), defects, strict=False)
    results = tuple(Rehearsed(place, sha256(NEXT_BITS), defect) for place, defect in named)
    return lambda seen: replace(seen, rehearsal=Rehearsal("a signed message", results))


NO_BACK: dict[str, Any] = {"current_key": None, "current_records": (), "back_selector": "", "back_rehearsal": None}


def left(status: str = "PENDING") -> Change:
    """SES has the selector asked for, and an archived run saw the other one work."""
    return lambda seen: replace(
        identity(selectors=(NEXT,), status=status)(seen), used=(Used(CURRENT, sha256(CURRENT_BITS), RUN, worked=True),)
    )


def never_used(seen: Observation) -> Observation:
    """No archived run saw a selector work."""
    return replace(seen, used=())


def returning(*changes: Change) -> Change:
    """A rollback: what the good world's rollback would see, once ``changes`` have befallen the good world."""
    return lambda seen: mirrored(both(*changes)(seen))


def unread(
    what: str, operation: str = "GetSomething", code: str = "AccessDenied", message: str = "not allowed"
) -> Change:
    """AWS or DNS did not let it be read."""
    failure = Unread(what, operation, code, message)

    def change(seen: Observation) -> Observation:
        all_: dict[str, dict[str, Any]] = {
            "caller": {"caller": None},
            "identity": {"identity": None, "current_key": None, "current_records": (), "back_selector": ""},
            "secret": {"next_key": Stored(NEXT), "current_key": None},
            "key": {"next_key": replace(seen.next_key, key=None)},
            "current-key": {"current_key": Stored(CURRENT)},
            "dns": {"records": (), "current_records": (), "other_records": (), "dns": Resolution()},
            "archive": {},
            "files": {},
            "signature": {"rehearsal": None},
        }
        return replace(seen, **all_[what], unread=(*seen.unread, failure))

    return change


def absent_identity(seen: Observation) -> Observation:
    return replace(seen, identity=None, identity_absent=True, **NO_BACK)


def given(used: Used | None) -> Change:
    """Return what SES was given last, as far as earlier runs know."""
    return lambda seen: replace(seen, given=used)


def stands(status: str = "SUCCESS") -> Change:
    """SES has the selector asked for already."""
    return lambda seen: replace(identity(selectors=(NEXT,), status=status)(seen), **NO_BACK)


def dual_stack(seen: Observation) -> Observation:
    """Both addresses are the first server's."""
    first, second = seen.records
    server = Server(first.server.name, second.server.address, second.server.port)
    return replace(seen, records=(first, replace(second, server=server)))


def both(*changes: Change) -> Change:
    def change(seen: Observation) -> Observation:
        for one in changes:
            seen = one(seen)
        return seen

    return change


def same(seen: Observation) -> Observation:
    return seen
