"""The world in which prepare makes a key pair, and one row a check of its own and change of that world."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from second_edition.procedures.prepare.checks import Preparing
from second_edition.procedures.prepare.preparation import Preparation
from second_edition.rotation.checks import Applying
from second_edition.rotation.facts import Staged, Store
from second_edition.rotation.findings import Verdict
from second_edition.rotation.naming import Named
from second_edition.rotation.observation import KeyObject, Observation
from second_edition.rotation.plan import Plan
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import half_silent, retired
from tests.second_edition.rotation.world import CURRENT, NEXT, Change, at_every_server, at_one_server, both, unread

PASS, FAIL, UNKNOWN, SKIPPED = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIPPED
KEY, OTHER = world.dns_value(world.NEXT_BITS), world.dns_value(world.WEAK_BITS)
SHA256 = world.sha256(world.NEXT_BITS)
FOREIGN = "left by prepare, made from another version"
STORE = Store(
    Named(NEXT, "new", "mail-{date}-{number}", (CURRENT,)),
    "byodkim-keys",
    f"dkim-keys/{world.DOMAIN}/{NEXT}/private_key.pem",
    "",
    "byodkim/example.jp",
    Staged("5e2b", "4d1a", "", "", ""),
)
Shelve = Callable[[Store], Store]


@functools.cache
def fresh() -> Observation:
    """Nothing stands of the selector anywhere."""
    return both(no_entry, absent, at_every_server())(world.good())


def no_entry(seen: Observation) -> Observation:
    """The secret does not name the selector."""
    return world.secret(selectors=(CURRENT,), defect="selector-absent", dns_value="", key_path="")(seen)


def absent(seen: Observation) -> Observation:
    """No key object is there."""
    return replace(
        seen, next_key=replace(seen.next_key, key=KeyObject("byodkim-keys", "", defect="absent")), rehearsal=None
    )


def stored(seen: Observation) -> Observation:
    """The key object is there, the secret does not name the selector."""
    return both(no_entry, at_every_server())(
        replace(world.good(), used=seen.used, unread=seen.unread, retired=seen.retired)
    )


def entered(seen: Observation) -> Observation:
    """The key pair stands, in S3 and in the secret."""
    return at_every_server()(replace(world.good(), used=seen.used, unread=seen.unread, retired=seen.retired))


def named(**changes: Any) -> Shelve:
    return lambda store: replace(store, named=replace(store.named, **changes))


def staged(**changes: Any) -> Shelve:
    return lambda store: replace(store, staged=replace(store.staged, **changes))


def same_store(store: Store) -> Store:
    return store


OURS = Preparation(stored(world.good()), STORE).version(SHA256, "5e2b")


@dataclass(frozen=True)
class PrepareRow:
    """The world of prepare after one change, and what a check comes to there."""

    check: str
    name: str
    verdict: Verdict
    change: Change = world.same
    shelve: Shelve = same_store


def case(change: Change = world.same, shelve: Shelve = same_store) -> Preparing:
    """The world of prepare after a change."""
    applying = Applying(Plan((), {}, ""))
    return Preparing(change(fresh()), world.EXPECTED, applying, store=shelve(STORE))


OLDER = at_one_server(serial=2026112400)
ROWS = (
    PrepareRow("PLAN-SELECTOR", "given", PASS, shelve=named(how="given")),
    PrepareRow("PLAN-SELECTOR", "stands in the store", PASS, stored, named(how="standing")),
    PrepareRow("PLAN-SELECTOR", "in use", FAIL, world.identity(selectors=(NEXT,))),
    PrepareRow("PLAN-SELECTOR", "identity unread", UNKNOWN, unread("identity")),
    PrepareRow(
        "PLAN-SELECTOR", "SES does not say", UNKNOWN, world.identity(selectors=()), named(selector="", how="unknown")
    ),
    PrepareRow("SECRET-PENDING", "another's version", FAIL, shelve=staged(pending="9f")),
    PrepareRow("SECRET-PENDING", "a label left on the current one", PASS, shelve=staged(pending="5e2b")),
    PrepareRow("SECRET-PENDING", "left by prepare", PASS, stored, staged(pending=OURS)),
    PrepareRow("SECRET-PENDING", FOREIGN, FAIL, stored, staged(pending=OURS, current="77")),
    PrepareRow("SECRET-PENDING", "unread", UNKNOWN, unread("secret")),
    PrepareRow("SECRET-ENTRY", "of the key in S3", PASS, entered),
    PrepareRow("SECRET-ENTRY", "of another key", FAIL, both(entered, world.secret(dns_value=OTHER))),
    PrepareRow(
        "SECRET-ENTRY", "in other letters", FAIL, world.secret(selectors=(NEXT.upper(),), defect="selector-absent")
    ),
    PrepareRow("SECRET-ENTRY", "its key is gone", FAIL, both(entered, world.no_key("absent"))),
    PrepareRow(
        "SECRET-ENTRY", "fields are not known", FAIL, shelve=lambda store: replace(store, unfit="field serial, key_arn")
    ),
    PrepareRow("SECRET-ENTRY", "no room for an entry", FAIL, shelve=lambda store: replace(store, unfit="shape")),
    PrepareRow("SECRET-ENTRY", "key unread", UNKNOWN, both(entered, unread("key"))),
    PrepareRow("STORE-PLACE", "one key", PASS, stored),
    PrepareRow("STORE-PLACE", "two keys", FAIL, both(stored, world.no_key("ambiguous", candidates=("a", "b")))),
    PrepareRow(
        "STORE-PLACE", "two buckets", FAIL, both(stored, world.no_key("two-buckets", candidates=("s3://a", "s3://b")))
    ),
    PrepareRow("STORE-PLACE", "unread", UNKNOWN, both(stored, unread("key"))),
    PrepareRow("KEY-STORED", "a sound key", PASS, stored),
    PrepareRow("KEY-STORED", "encrypted", FAIL, both(stored, world.no_key("encrypted"))),
    PrepareRow("KEY-STORED", "too long for SES", FAIL, both(stored, world.key(bits=4096))),
    PrepareRow("KEY-STORED", "too short", FAIL, both(stored, world.key(bits=1023))),
    PrepareRow("KEY-STORED", "as short as SES takes", PASS, both(stored, world.key(bits=1024))),
    PrepareRow("KEY-STORED", "unread", UNKNOWN, both(stored, unread("key"))),
    PrepareRow("KEY-UNUSED", "selector used with another key", FAIL, world.used(NEXT, "aa")),
    PrepareRow("KEY-UNUSED", "key of another selector", FAIL, both(stored, world.used("old", SHA256))),
    PrepareRow("KEY-UNUSED", "used with this key", PASS, both(stored, world.used(NEXT, SHA256))),
    PrepareRow("KEY-UNUSED", "archive damaged", UNKNOWN, unread("archive")),
    PrepareRow("KEY-RETIRED", "retired", FAIL, retired),
    PrepareRow("DNS-UNUSED", "this key", PASS, both(stored, at_every_server(KEY))),
    PrepareRow("DNS-UNUSED", "another key at one server", FAIL, at_one_server(OTHER)),
    PrepareRow("DNS-UNUSED", "something else", FAIL, at_every_server("hello")),
    PrepareRow("DNS-UNUSED", "a CNAME whose target is not known", FAIL, half_silent),
    PrepareRow("DNS-UNUSED", "an older copy of the zone without it", PASS, both(stored, at_every_server(KEY), OLDER)),
    PrepareRow("DNS-UNUSED", "one server silent", UNKNOWN, at_one_server(rcode="", failure="timeout")),
    PrepareRow("DNS-UNUSED", "not looked at", UNKNOWN, unread("dns")),
)
