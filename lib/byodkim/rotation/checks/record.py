"""Whether the record of what is about to be written can be kept."""

from __future__ import annotations

from collections.abc import Mapping

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Phrase, phrase, verbatim


@CHECKS("RECORD-SEALED", waivable=False)
def sealed(case: Case) -> Compared:
    """RECORD-SEALED: the run's record can be written and sealed.

    The sealing key is there, or was made just now, and signs; the record's folder takes files of the size of a record.
    Both are tried before the write: after it, what was done would stand in a record that proves nothing.
    """
    remedies = {"key": "RECORD-SEALED.key", "folder": "RECORD-SEALED.folder"}
    return _tried(case, remedies, phrase("record-sealable"))


@CHECKS("RECORD-COPIED")
def copied(case: Case) -> Compared:
    """RECORD-COPIED: timestamp authority, archive and file of heads take what is given, where the profile names them.

    The authority's answer verifies with ``timestamp_roots``. In the archive an upload is begun where the run's copies
    will lie, with their lock, and given up again: nothing is left there. A run of a campaign leaves all to that.
    """
    remedies = {one: f"RECORD-COPIED.{one}" for one in ("timestamp", "archive", "heads")}
    return _tried(case, remedies, phrase("record-copyable"))


def _tried(case: Case, remedies: Mapping[str, str], expected: Phrase) -> Compared:
    if case.applying is None:
        raise CheckSkipped(expected, phrase("plan-only"))
    found = case.applying.readiness
    tried = [one for one in remedies if one in found.tried]
    if not tried:  # what the profile names was tried
        raise CheckSkipped(expected, phrase("none-named") if found.tried else phrase("not-looked-at"))
    for one in tried:
        if one in found.faults:
            raise CheckFailed(expected, verbatim(found.faults[one]), remedies[one])
    for one in tried:
        if one in found.unknown:
            raise CheckUnknown(expected, verbatim(found.unknown[one]))
    return Compared(expected, expected)
