"""A message verified after its run has closed: told as the run would have told it, and kept beside the record.

What is kept is an in-toto Statement in a DSSE envelope, as a seal is: ``<name>.<run id>.message.<digest>.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from byodkim.dkim.published import Answer
from byodkim.evidence import seal
from byodkim.evidence.by_message import proved
from byodkim.evidence.journal import SUFFIX
from byodkim.evidence.received import judge_message
from byodkim.evidence.record import Event, Record
from byodkim.plain import plain
from byodkim.rotation.checks.message import AFTER, MessageCase
from byodkim.rotation.findings import Finding
from byodkim.rotation.message import Received

PREDICATE: Final = "urn:byodkim:message:1"
OWN: Final = frozenset({"sent", "received", "weighed"})


def weigh(record: Record, message: Received) -> tuple[Finding, ...]:
    """The checks after the switch, made on a message as the record's run would make them."""
    domain, selector = str(record.begin["domain"]), str(record.begin["selector"])
    since = record.written_at or record.perhaps_written_at
    rehearsed = record.begin["target"] != "aws"
    return AFTER.evaluate(MessageCase(domain, selector, record.left, message, since=since, rehearsed=rehearsed), {})


def later(
    record: Record, file: str, data: bytes, records: Mapping[str, Sequence[Answer]], at: datetime
) -> Record:  # fmt: skip
    """The record as it would be had the run been given this message: its own messages are left out.

    Args:
        record: of a run.
        file: name of the message's file.
        data: the message.
        records: what each authoritative server answered, by selector.
        at: when that was.
    """
    message, stamp = judge_message(data, str(record.begin["domain"]), records), at.astimezone(UTC).isoformat()
    answers = [plain(answer) for answers in records.values() for answer in answers]
    told: tuple[Event, ...] = (
        {"event": "received", "at": stamp, "token": "", "file": file, "place": "", "message": plain(message)},
        {
            "event": "weighed", "at": stamp, "waited_s": 0, "records": answers,
            "findings": [plain(finding) for finding in weigh(record, message)],
        },
    )  # fmt: skip
    return Record((*(event for event in record.events if event["event"] not in OWN), *told))


def statement(told: Record, journal: str, head: str) -> dict[str, Any]:
    """Return what is kept of a message that was verified later.

    Args:
        told: what ``later`` gave.
        journal: name of the run's journal.
        head: SHA-256 of its last line, in hex.
    """
    received, weighed = told.last("received"), told.last("weighed")
    assert received is not None  # noqa: S101 - later() put both there
    assert weighed is not None  # noqa: S101
    return {
        "_type": seal.STATEMENT,
        "subject": [{"name": journal, "digest": {"sha256": head}}],
        "predicateType": PREDICATE,
        "predicate": {
            "run": told.begin["run"], "at": weighed["at"], "file": received["file"], "message": received["message"],
            "records": weighed["records"], "findings": weighed["findings"], "verdict": str(proved(told)),
        },
    }  # fmt: skip


def path_of(journal: Path, sha256: str) -> Path:
    """Return where the statement on a message is kept, by the SHA-256 of the message in hex."""
    return journal.with_name(f"{journal.name.removesuffix(SUFFIX)}.message.{sha256[:16]}.json")
