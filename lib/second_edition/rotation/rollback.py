"""A rollback, evaluated before it is needed: what it would see, and which selectors were seen to work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from second_edition.rotation.observation import SUCCESS, Observation, Used

#: Checks that look at nothing of a selector: a rollback would find what this run finds.
SHARED: Final = (
    "SES-ACCOUNT", "SES-REGION", "TIME-CLOCK", "SES-EXISTS", "SES-ORIGIN", "SES-SIGNING", "PLAN-CHANGE",
    "SECRET-SHAPE", "DNS-PATH", "DNS-DELEGATION", "DNS-DNSSEC",
)  # fmt: skip
#: What could not be read of one selector could not be read of the other, once they have changed places.
_MIRRORED: Final = {"key": "current-key", "current-key": "key", "signature": "", "current-signature": "signature"}


def working(seen: Observation, run: str) -> Iterator[Used]:
    """Yield the selector that SES was seen to sign with, verified, once for each key that DNS served for it.

    Args:
        seen: what a run observed.
        run: its id.
    """
    identity = seen.identity
    if identity is None or not identity.selector or identity.status != SUCCESS:
        return
    own = identity.selector == seen.selector
    key = seen.next_key.key if own else seen.current_key.key if seen.current_key else None
    for _, judged in seen.judged(seen.records if own else seen.current_records, None):
        if sha256 := judged.sha256:
            place = f"s3://{key.bucket}/{key.key}" if key and key.sha256 == sha256 else ""
            yield Used(identity.selector, sha256, run, worked=True, place=place)


def has_worked(seen: Observation, *, signed: bool = False) -> bool:
    """Return whether the selector to go back to was seen to work, by this run or by one in the archive.

    ``signed``: only the word of runs that a trusted key signed counts.
    """
    found = (*(used for used in seen.used if not (signed and used.unsigned)), *working(seen, ""))
    return any(used.worked and used.selector == seen.back_selector for used in found)


def mirrored(seen: Observation) -> Observation:
    """Return what a rollback to ``back_selector`` would see once SES has the selector asked for, as it stands now.

    The selectors change places. SES has not verified the one it was given, which is when a rollback is wanted.
    """
    identity = seen.identity
    return replace(
        seen,
        selector=seen.back_selector,
        back_selector=seen.selector,
        identity=replace(identity, selectors=(seen.selector,), status="PENDING") if identity else None,
        next_key=seen.current_key or replace(seen.next_key, selector=seen.back_selector, secret=None, key=None),
        current_key=seen.next_key,
        records=seen.current_records,
        current_records=seen.records,
        rehearsal=seen.back_rehearsal,
        used=(*seen.used, *working(seen, "")),
        dns=replace(seen.dns, resolved=(), history=seen.back_history),
        retired="",
        unread=tuple(replace(one, what=_MIRRORED.get(one.what, one.what)) for one in seen.unread),
    )
