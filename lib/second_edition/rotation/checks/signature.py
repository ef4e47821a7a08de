"""The next key at work: a signed message, before any mail depends on it."""

from __future__ import annotations

from typing import Final

from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.published import reason
from second_edition.rotation.findings import CheckFailed, CheckUnknown, Said, phrase

SECRET: Final = "secret"  # noqa: S105 - where a record stands that the signature is verified with


@CHECKS("KEY-SIGNS", phrase("a signed message verifies with every key record that was read"))
def signs(case: Case) -> Said:
    """KEY-SIGNS: A message signed with the next key verifies with every key record that was read.

    The custodian signs a message of its own making, and dkimpy, which receivers use too, verifies it with nothing but
    the TXT bytes that each place gave. Where no server serves one yet, which DNS-PUBLISHED says, the secret's is what
    it verifies with.

    Remedy: Mail signed with this key would fail wherever that record is read. Mend the record that is named, and run
    again.
    """
    case.loaded_key()
    if case.missized:
        raise CheckUnknown
    rehearsal = case.seen.rehearsal
    if rehearsal is None or not rehearsal.results:
        raise CheckUnknown(case.unread("signature"))
    failed = [one for one in rehearsal.results if one.defect]
    total = len(rehearsal.results)
    if failed:
        where = phrase("the secret") if failed[0].where == SECRET else failed[0].where
        first = {"where": where, "defect": reason(failed[0].defect)}
        raise CheckFailed(
            phrase(
                "does not verify with {count} of {total} records; {where}: {defect}",
                count=len(failed),
                total=total,
                **first,
            )
        )
    served = sum(one.where != SECRET for one in rehearsal.results)
    return phrase(
        "verifies with every record (at servers: {served}; in the secret: {stored})",
        served=served,
        stored=total - served,
    )
