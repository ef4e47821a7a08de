"""Define what may be asked of the custodian: each operation by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from second_edition.custody import identities, keys, mailbox, record, secret_versions, zone
from second_edition.custody.session import Session

Operation = Callable[..., Any]

#: What a custodian that only looks may be asked, all its life: ``--read-only`` when it is started.
READS: Final[Mapping[str, Operation]] = {
    "open": identities.open,
    "clock": identities.clock,
    "caller": identities.caller,
    "identity": identities.identity,
    "page": identities.page,
    "batch": identities.batch,
    "hundred": identities.hundred,
    "secret": secret_versions.secret,
    "dated": keys.dated,
    "key": keys.key,
    "sign": keys.sign,
    "forget": Session.forget,
    "search": Session.search,
    "heads": record.heads,
}
_BEYOND: Final[Mapping[str, Operation]] = {
    "put": identities.put,
    "listed": keys.listed,
    "make": keys.make,
    "store": keys.store,
    "versions": keys.versions,
    "erase": keys.erase,
    "enterable": secret_versions.enterable,
    "enter": secret_versions.enter,
    "promote": secret_versions.promote,
    "release": secret_versions.release,
    "zone_read": zone.zone_read,
    "zone_write": zone.zone_write,
    "zone_settled": zone.zone_settled,
    "post": mailbox.post,
    "inbox": mailbox.inbox,
    "arrived": mailbox.arrived,
    "locked": record.locked,
    "lock": record.lock,
    "seal": record.seal,
    "keep": record.keep,
    "keepable": record.keepable,
}
OPERATIONS: Final = {**READS, **_BEYOND}
#: What changes mail, DNS or the key store: only for a run that was opened to apply.
WRITES: Final = frozenset({"put", "make", "store", "erase", "enter", "promote", "release", "zone_write", "post"})
