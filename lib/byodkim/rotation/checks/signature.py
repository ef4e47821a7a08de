"""The next key at work: a signed message, before any mail depends on it."""

from __future__ import annotations

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckUnknown, Compared, phrase


@CHECKS(
    "KEY-SIGNS",
    "Mail signed with this key would fail wherever that record is read. Mend the record that is named, and run again.",
)
def signs(case: Case) -> Compared:
    """KEY-SIGNS: A message signed with the next key verifies with every key record there is.

    The custodian signs a message of its own making, and dkimpy, which receivers use too, verifies it with nothing but
    the TXT bytes that each place gave. Where no server serves one yet, which DNS-PUBLISHED says, the secret's is what
    it verifies with.
    """
    expected = phrase("a signed message verifies everywhere")
    case.loaded_key(expected)
    rehearsal = case.seen.rehearsal
    if rehearsal is None or not rehearsal.results:
        raise CheckUnknown(expected, case.unread("signature"))
    failed = [one for one in rehearsal.results if one.defect]
    total = len(rehearsal.results)
    if failed:
        first = {"where": failed[0].where, "defect": failed[0].defect}
        raise CheckFailed(
            expected,
            phrase(
                "does not verify with {count} of {total} records; {where}: {defect}",
                count=len(failed),
                total=total,
                **first,
            ),
        )
    return Compared(expected, phrase("verifies with every record ({total})", total=total))
