"""Check whether the record of what is about to be written can be kept."""

from __future__ import annotations

from collections.abc import Mapping

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import (
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Phrase,
    Said,
    phrase,
)


@CHECKS("RECORD-SEALED", "Mend what is named, then run again.", waivable=False)
def sealed(case: Case) -> Compared:
    """RECORD-SEALED: The record of this run can be written and sealed.

    The sealing key is there, or was made just now, and signs; the record's folder takes files of the size of a record.
    Both are tried before the write: after it, what was done would stand in a record that proves nothing.
    """
    remedies = {
        "key": phrase(
            "Where the sealing key would lie in a git repository, set XDG_STATE_HOME to a folder outside of any; "
            "otherwise give access to the key and its folder, or for a key in KMS allow kms:Sign and "
            "kms:GetPublicKey on it. Then run again."
        ),
        "folder": phrase("Make room in the folder of the record, or give write access to it; then run again."),
    }
    return _tried(case, remedies, phrase("a record that is written and sealed"))


@CHECKS(
    "RECORD-COPIED",
    "Mend what is named, then run again; or waive it with the reason: the identity's next run makes up for it.",
)
def copied(case: Case) -> Compared:
    """RECORD-COPIED: The timestamp authority answers, and the archive takes the record's copies.

    The authority's answer verifies with ``timestamp_roots``. In the archive an upload is begun where the run's copies
    will lie, with their lock, and given up again: nothing is left there. A run of a campaign leaves all to that.
    """
    remedies = {
        "timestamp": phrase(
            "Check timestamp_url, timestamp_roots and the way there, then run again; or waive it with the "
            "reason: the identity's next run fetches the timestamp."
        ),
        "archive": phrase(
            "Check archive_s3 and the permissions on it (byodkim policy), then run again; or waive it with "
            "the reason: the identity's next run makes the copies."
        ),
        "heads": phrase(
            "Mount the disk of heads_file or give write access to it, then run again; or waive it with the "
            "reason: the run's head is published nowhere then."
        ),
    }
    return _tried(case, remedies, phrase("a timestamp for the record, and its copies"))


def _tried(case: Case, remedies: Mapping[str, Phrase], expected: Said) -> Compared:
    if case.applying is None:
        raise CheckSkipped(expected, phrase("plan only: not asked for yet"))
    found = case.applying.readiness
    tried = [one for one in remedies if one in found.tried]
    if not tried:  # what the profile names was tried
        raise CheckSkipped(expected, phrase("the profile names none") if found.tried else NOT_CHECKED)
    for one in tried:
        if one in found.faults:
            raise CheckFailed(expected, found.faults[one], remedies[one])
    for one in tried:
        if one in found.unknown:
            raise CheckUnknown(expected, found.unknown[one])
    return Compared(expected, expected)
