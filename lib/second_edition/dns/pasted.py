"""A pasted key record: a bare value, a line of a zone file, dig's answer, a row of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from second_edition.dkim.defect import Finding
from second_edition.dkim.key_record import PublicKey
from second_edition.dns.reading.rows import Row
from second_edition.dns.request_lint import lint
from second_edition.dns.value_repair import FLAGS, Mended, mend

_OF_SHEETS: Final = ("no-name", "encoding")
LONGEST: Final = 16 * 1024  # characters that are looked at


@dataclass(frozen=True)
class Pasted:
    """One key record.

    Attributes:
        name: where it stands, as it was written; "" where only the value was given, or a private key.
        value: the character-strings joined, as far as they could be; "" where it holds a private key.
        findings: what is wrong with all that was pasted, as ``byodkim lint`` says it.
        public_key: its key, if a sound one came out of it; with findings, after what could be mended was.
        private: it holds a private key, of which nothing may be shown.
    """

    name: str
    value: str = field(repr=False)
    findings: tuple[Finding, ...]
    public_key: PublicKey | None
    private: bool = False


def read(text: str) -> tuple[Pasted, ...]:
    """Return the key records in a text; none where nothing in it looks like one.

    Args:
        text: of any form that ``byodkim lint`` reads, or a bare value.
    """
    text = text[:LONGEST]
    report = lint(text.encode("utf-8", "replace"))
    found = [(one.row.name, one.mended) for one in report.records]
    if not found and "=" in text:
        found = [("", mend(Row(1, "", "", text, "", "text")))]
    return tuple(_pasted(name, mended, report.findings) for name, mended in found)


def _pasted(name: str, mended: Mended, whole: tuple[Finding, ...]) -> Pasted:
    left_out = ("no-row", *FLAGS.values(), *(() if name else _OF_SHEETS))  # each flag is told with its tag
    found = dict.fromkeys(finding for finding in (*whole, *mended.findings) if finding.defect not in left_out)
    private = any(finding.defect == "private-key" for finding in found)
    if private:
        return Pasted("", "", tuple(found), None, private)
    return Pasted(name, mended.value, tuple(found), mended.public_key)
