"""A pasted key record: a bare value, a line of a zone file, dig's answer, a row of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byodkim.dkim.key_record import PublicKey
from byodkim.dns.reading.rows import Row
from byodkim.dns.request_lint import lint
from byodkim.dns.value_repair import FLAGS, Finding, mend

_OF_SHEETS: Final = ("no-name", "no-row", "encoding")
LONGEST: Final = 16 * 1024  # characters that are looked at


@dataclass(frozen=True)
class Pasted:
    """One key record.

    Attributes:
        name: where it stands, as it was written; "" where only the value was given.
        value: the character-strings joined, as far as they could be; "" where it holds a private key.
        findings: what is wrong, as ``byodkim lint`` says it.
        public_key: its key, if a sound one came out of it; with findings, after what could be mended was.
    """

    name: str
    value: str = field(repr=False)
    findings: tuple[Finding, ...]
    public_key: PublicKey | None

    @property
    def private(self) -> bool:
        """Return whether it holds a private key, of which nothing may be shown."""
        return any(finding.defect == "private-key" for finding in self.findings)


def read(text: str) -> tuple[Pasted, ...]:
    """Return the key records in a text; none where nothing in it looks like one.

    Args:
        text: of any form that ``byodkim lint`` reads, or a bare value.
    """
    text = text[:LONGEST]
    report = lint(text.encode("utf-8", "replace"))
    asking = tuple(row for row in report.sheet.rows if row.idle != "deletes")
    rows = asking or ((Row(1, "", "", text, "", "text"),) if "=" in text else ())
    # A message says its record twice, in words and as zone text.
    by_value = {mend(row).value: row for row in reversed(rows)}
    return tuple(_pasted(row, report.findings, alone=len(by_value) == 1) for row in reversed(by_value.values()))


def _pasted(row: Row, whole: tuple[Finding, ...], *, alone: bool) -> Pasted:
    mended = mend(row)
    named = [finding for finding in whole if alone and (row.name or finding.defect not in _OF_SHEETS)]
    left_out = ("no-row", *FLAGS.values())  # each flag is told with its tag
    findings = tuple(dict.fromkeys(finding for finding in (*named, *mended.findings) if finding.defect not in left_out))
    found = Pasted(row.name, mended.value, findings, mended.public_key)
    return Pasted(row.name, "", findings, None) if found.private else found
