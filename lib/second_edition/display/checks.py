"""The checks: what each came to, and which were waived."""

from __future__ import annotations

from collections import Counter
from typing import Final

from second_edition.display import writes
from second_edition.display.blocks import NONE, Block, Data, Kind, Paragraph, Table
from second_edition.display.words import ENGLISH, Words
from second_edition.evidence.record import FLEET, Record
from second_edition.rotation.findings import Finding, Verdict

DELEGATION: Final = "DNS-DELEGATION"
_CHECKS: Final = {
    **dict.fromkeys(("id", "verdict", "level", "claim", "expected", "observed", "remedy"), Kind.TEXT),
    "stops": Kind.TRUTH,
}


def checks(record: Record, words: Words) -> list[Block]:
    """Render the waivers, then the count, then every check."""
    findings = record.findings
    count = Counter(finding.verdict for finding in findings)
    counts = ", ".join(f"{count[verdict]} {verdict}" for verdict in Verdict)
    names = ("id", "verdict", "level", "claim", "expected", "observed", "remedy")
    marks = frozenset(number for number, finding in enumerate(findings) if finding.objects)
    rows = tuple(_finding(finding, words) for finding in findings)
    english = rows if words == ENGLISH else tuple(_finding(finding, ENGLISH) for finding in findings)
    values = tuple(
        (one.id, one.verdict, one.level, *row[3:], one.stops) for one, row in zip(findings, english, strict=True)
    )
    titles = tuple(words.record(f"checks.{name}") for name in names)
    return [
        *waivers(record, words), Paragraph(counts), Table(titles, rows, marks, Data("checks", _CHECKS, values)),
    ]  # fmt: skip


def rechecked(record: Record, words: Words) -> list[Block]:
    """Render the checks as they were made once more, on what was written; nothing where they were not."""
    return checks(record, words) if writes.read_back(record) else []


def waivers(record: Record, words: Words) -> list[Block]:
    """Render the checks that were waived, each with its reason as it was written, and name servers that were given."""
    waived = [finding for finding in record.findings if finding.verdict is Verdict.WAIVED]
    said = [words.record("waived", id=one.id, claim=words(one.claim), reason=one.reason) for one in waived]
    return [Paragraph(one) for one in (*said, named(record, words)) if one]


def named(record: Record, words: Words) -> str:
    """Return that the run was given its name servers; "" where they were found, and in a sandbox, which has its own."""
    skipped = record.procedure == FLEET or any(
        one.id == DELEGATION and one.verdict is Verdict.SKIPPED for one in record.findings
    )
    given = record.begin.parameters.get("nameservers")
    if not skipped or given is None or not given.value or given.source == "sandbox":
        return ""
    return words.record("named", servers=given.value)


def _finding(finding: Finding, words: Words) -> tuple[str, ...]:
    """Return what a check came to: what a failure of it does, the claim, what was expected and seen, what to do."""
    todo = words.phrase(finding.remedy) if finding.remedy else NONE
    seen = (words.phrase(finding.expected), words.phrase(finding.observed))
    level, claim = words.record(f"level.{finding.level}"), words(finding.claim)
    return finding.id, finding.verdict.value, level, claim, *seen, todo
