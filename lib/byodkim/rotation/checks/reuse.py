"""The key and the selector are fresh: neither was used before with something else."""

from __future__ import annotations

from collections.abc import Iterator

from byodkim.dkim.published import judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckUnknown, Compared, phrase
from byodkim.rotation.observation import Used

ARCHIVE = "archive"


@CHECKS("KEY-REUSED", "Make a new key pair for the next selector: another name for the same key is no rotation.")
def reused(case: Case) -> Compared:
    """KEY-REUSED: The next key is no other selector's.

    Neither an earlier run nor a live key record of the identity has it. The archive's journals of the same world tell
    the keys of earlier runs, DNS those of the selectors that the secret names besides; keys are compared by the SHA-256
    of their SubjectPublicKeyInfo.
    """
    expected = phrase("a key of no other selector")
    key = case.loaded_key(expected)
    others = list(_others(case))
    for used in others:
        if used.sha256 == key.sha256 and used.selector.lower() == case.seen.selector.lower():
            spelled = phrase(
                "the same selector and key, spelled {selector} ({run})", selector=used.selector, run=used.run
            )
            raise CheckFailed(
                expected,
                spelled,
                phrase(
                    "Ask for the selector in that spelling, and have the secret spell it so: another spelling is no "
                    "rotation."
                ),
            )
        if used.sha256 == key.sha256:
            raise CheckFailed(expected, phrase("the key of {selector} ({run})", selector=used.selector, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    return Compared(expected, phrase("other keys compared with: {count}", count=len({used.sha256 for used in others})))


@CHECKS(
    "KEY-SELECTOR",
    "Choose a selector that was never used: receivers may still have the earlier key record in their "
    "caches, and mail signed with it is still on its way.",
)
def selector(case: Case) -> Compared:
    """KEY-SELECTOR: The selector was never used with another key.

    Receivers may still have that one in their caches. The archive's journals of the same world tell which key each
    selector was used with.
    """
    requested = case.seen.selector
    expected = phrase("{selector} with this key only", selector=requested)
    key = case.loaded_key(expected)
    before = [
        used for used in case.seen.used if used.selector.lower() == requested.lower()
    ]  # caches know no letter case
    for used in before:
        if used.sha256 != key.sha256:
            raise CheckFailed(
                expected, phrase("used with SHA-256 {sha256} (run {run})", sha256=used.sha256, run=used.run)
            )
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    if before:
        return Compared(expected, phrase("{selector} was used with this key", selector=requested))
    return Compared(expected, phrase("no earlier run used {selector}", selector=requested))


def _others(case: Case) -> Iterator[Used]:
    """Yield the keys of other selectors: of earlier runs, of the key store, and of the live key records."""
    seen = case.seen
    yield from (used for used in seen.used if used.selector != seen.selector)
    if seen.current_key and seen.current_key.key and seen.current_key.key.sha256:
        yield Used(seen.back_selector, seen.current_key.key.sha256, "S3")
    for answer in (*seen.current_records, *seen.other_records):
        if sha256 := judge(answer).sha256:
            yield Used(answer.name.partition(".")[0], sha256, f"DNS {answer.server}")
