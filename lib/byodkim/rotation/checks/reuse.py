"""The key and the selector are fresh: neither was used before with something else."""

from __future__ import annotations

from collections.abc import Iterator

from byodkim.dkim.published import judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckUnknown, Compared, phrase
from byodkim.rotation.observation import Used

ARCHIVE = "archive"


@CHECKS("KEY-REUSED")
def reused(case: Case) -> Compared:
    """KEY-REUSED: the next key is no other selector's: of no earlier run, and of no live key record of the identity.

    The archive's journals of the same world tell the keys of earlier runs, DNS those of the selectors that the secret
    names besides; keys are compared by the SHA-256 of their SubjectPublicKeyInfo.
    """
    expected = phrase("fresh-key")
    key = case.loaded_key(expected)
    others = list(_others(case))
    for used in others:
        if used.sha256 == key.sha256 and used.selector.lower() == case.seen.selector.lower():
            spelled = phrase("key-spelled", selector=used.selector, run=used.run)
            raise CheckFailed(expected, spelled, "KEY-REUSED.spelled")
        if used.sha256 == key.sha256:
            raise CheckFailed(expected, phrase("key-of", selector=used.selector, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    return Compared(expected, phrase("compared-with", count=len({used.sha256 for used in others})))


@CHECKS("KEY-SELECTOR")
def selector(case: Case) -> Compared:
    """KEY-SELECTOR: the selector was never used with another key, which receivers may still have in their caches.

    The archive's journals of the same world tell which key each selector was used with.
    """
    asked = case.seen.selector
    expected = phrase("own-key-only", selector=asked)
    key = case.loaded_key(expected)
    before = [used for used in case.seen.used if used.selector.lower() == asked.lower()]  # caches know no letter case
    for used in before:
        if used.sha256 != key.sha256:
            raise CheckFailed(expected, phrase("used-with", sha256=used.sha256, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    if before:
        return Compared(expected, phrase("same-key-before", selector=asked))
    return Compared(expected, phrase("never-used", selector=asked))


def _others(case: Case) -> Iterator[Used]:
    """Keys of other selectors: of earlier runs, of the key store, and of the key records that are live now."""
    seen = case.seen
    yield from (used for used in seen.used if used.selector != seen.selector)
    if seen.current_key and seen.current_key.key and seen.current_key.key.sha256:
        yield Used(seen.back_selector, seen.current_key.key.sha256, "S3")
    for answer in (*seen.current_records, *seen.other_records):
        if sha256 := judge(answer).sha256:
            yield Used(answer.name.partition(".")[0], sha256, f"DNS {answer.server}")
