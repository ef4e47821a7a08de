"""The checks of retire on what was read back: ``AFTER``. ``ALL`` holds these and those of ``retire``."""

from __future__ import annotations

from typing import Final

from byodkim.rotation.checks.case import CHECKS
from byodkim.rotation.checks.published import among
from byodkim.rotation.checks.retire import BEFORE, Retiring, judged_servers, known_entries, named
from byodkim.rotation.facts import KEEP
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Registry, phrase
from byodkim.rotation.secret_entry import PENDING

AFTER, ALL = Registry(), Registry()
WITHDRAWN: Final = {"revoke": phrase("revoked or none at every server"), "remove": phrase("none at every server")}
ERASED: Final = {
    "keep": phrase("the key is kept"),
    "delete": phrase("no version holds the key"),
    "expire": phrase("a delete marker before the key"),
}

AFTER.share(BEFORE, "SES-UNUSED", "BACK-ACTIVE")


@AFTER("DNS-WITHDRAWN", "Run the same command again when every server has taken the zone up.", waivable=False)
def withdrawn(case: Retiring) -> Compared:
    """DNS-WITHDRAWN: Every authoritative server serves the key record as it is to be: revoked or none.

    All of them were asked again; where it was to be removed, none may serve anything.
    """
    expected, judged = WITHDRAWN[case.facts.policy.by], judged_servers(case)
    if not judged or any(one.unknown for _, one in judged):
        raise CheckUnknown(expected, case.unread("dns"))
    if not case.found.withdrawn:
        raise CheckFailed(expected, among([pair for pair in judged if not case.found.suffices(pair[1])], judged))
    return Compared(expected, phrase("{total} of {total} answer", total=len(judged)))


@AFTER(
    "STORE-ERASED", "Run the same command again: it looks at the versions, and removes what is left.", waivable=False
)
def erased(case: Retiring) -> Compared:
    """STORE-ERASED: Nothing is left in the key store of the private key that was to go.

    The versions of the key object were listed again, and looked into. Where keys are kept, nothing is asked.
    """
    expected, policy = ERASED[case.facts.policy.key], case.facts.policy
    if policy.key == KEEP:
        raise CheckSkipped(expected, phrase("the key is kept"))
    if case.facts.versions_unread:
        raise CheckUnknown(expected, case.facts.versions_unread)
    if not case.found.erased:
        raise CheckFailed(expected, " ".join(one.version_id for one in case.found.erasing))
    return Compared(expected, phrase("other versions left: {count}", count=len(case.facts.versions)))


@AFTER(
    "SECRET-CLEARED", "Run the same command again: it looks at the versions, and does what is missing.", waivable=False
)
def cleared(case: Retiring) -> Compared:
    """SECRET-CLEARED: No version of the secret that has a label names the selector, where its entry was to go.

    The versions were read again; nothing of what retire began is pending. Where the entry is kept, nothing is asked.
    """
    expected, secret, selector = phrase("named in no version"), case.facts.secret, case.seen.selector
    if case.facts.policy.secret == KEEP:
        raise CheckSkipped(expected, phrase("the entry is kept"))
    known_entries(expected, case)
    if (stages := secret.naming(selector)) or secret.writes(selector):
        raise CheckFailed(expected, named(stages or (PENDING,)))
    return Compared(expected, named(()))


ALL.share(BEFORE, *BEFORE.checks)
ALL.share(AFTER, *AFTER.checks)
OWN = tuple(name for name in ALL.checks if name not in CHECKS.checks)
