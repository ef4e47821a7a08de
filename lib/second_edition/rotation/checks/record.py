"""Check whether the record of what is about to be written can be kept."""

from __future__ import annotations

from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import (
    AS_EXPECTED,
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Said,
    advice,
    phrase,
)


@CHECKS("RECORD-SEALED", phrase("a record that is written and sealed"), waivable=False)
def sealed(case: Case) -> Said:
    """RECORD-SEALED: The record of this run can be written and sealed.

    The sealing key is there, or was made just now, and signs; the record's folder takes files of the size of a record.
    Both are tried before the write: after it, what was done would stand in a record that proves nothing.

    Remedy: Mend what is named, then run again.
    """
    return _tried(case, "RECORD-SEALED.key", "RECORD-SEALED.folder")


@CHECKS("RECORD-COPIED", phrase("a timestamp for the record, and its copies"))
def copied(case: Case) -> Said:
    """RECORD-COPIED: The timestamp authority answers, and the archive takes the record's copies.

    The authority's answer verifies with ``timestamp_roots``. In the archive an upload is begun where the run's copies
    will lie, with their lock, and given up again: nothing is left there. A run of a campaign leaves all to that.

    Remedy: Mend what is named, then run again; or waive it with the reason: the identity's next run makes up for it.
    """
    return _tried(case, "RECORD-COPIED.timestamp", "RECORD-COPIED.archive", "RECORD-COPIED.heads")


def _tried(case: Case, *remedies: str) -> Said:
    if case.applying is None:
        raise CheckSkipped(phrase("plan only: not asked for yet"))
    found = case.applying.readiness
    parts = {key.partition(".")[2]: key for key in remedies}
    tried = [part for part in parts if part in found.tried]
    if not tried:  # what the profile names was tried
        raise CheckSkipped(phrase("the profile names none") if found.tried else NOT_CHECKED)
    for part in tried:
        if part in found.faults:
            raise CheckFailed(found.faults[part], advice(parts[part]))
    for part in tried:
        if part in found.unknown:
            raise CheckUnknown(found.unknown[part])
    return AS_EXPECTED
