"""Render what was observed: SES's identity, the secret, the key objects, and the key records at every server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import UnsetType

from second_edition.display.blocks import NONE, Block, Column, Data, Heading, Kind, Paragraph, Table, facts, table
from second_edition.display.dns import caption, dns_besides, matrix
from second_edition.display.words import ENGLISH, Words
from second_edition.evidence.record import Record
from second_edition.plain import from_plain
from second_edition.rotation import proof as proofs
from second_edition.rotation.observation import KeyObject, Stored
from second_edition.rotation.reading import Reading

_STORED: Final = {
    **dict.fromkeys(("secret", "version", "created", "object", "object_version", "modified", "form"), Kind.TEXT),
    "created": Kind.MOMENT,
    "modified": Kind.MOMENT,
    "bits": Kind.COUNT,
    "sha256": Kind.TEXT,
}


def legend(record: Record, words: Words) -> list[Block]:
    """Return what the marks of the picture above mean, where there is one."""
    seen = record.before
    return [Paragraph(caption(seen, words.language))] if seen and seen.records else []


def current_state(record: Record, words: Words) -> list[Block]:
    """Render the identity and the key store as they stood when the run began, and what could not be read."""
    seen = record.before
    if seen is None:
        return []
    blocks: list[Block] = [Heading(words("SES identity"))]
    if seen.identity is not None:
        rows = [(words.record(f"field.{row.field}"), words.value(row.before or NONE)) for row in record.comparison]
        reading = from_plain(Reading, seen.reading) if seen.reading else None
        blocks += [facts(rows), *provenance(reading, words)]
    elif seen.identity_absent:
        blocks.append(Paragraph(words("SES knows no identity {domain} here.", domain=seen.domain)))
    stored = [entry for entry in (seen.next_key, seen.current_key) if entry is not None]
    blocks += [Heading(words("Secret and key object")), _stored(stored, words)]
    if seen.unread:
        names = ("what", "operation", "error", "message")
        unread = [(one.what, one.operation, one.code, one.message) for one in seen.unread]
        columns = [Column(name, Kind.TEXT, words.record(name)) for name in names]
        blocks += [Heading(words("Could not be read")), table("unread", columns, unread, frozenset(range(len(unread))))]
    return blocks


def provenance(parsed: Reading | UnsetType | None, words: Words) -> list[Block]:
    """Render one paragraph on a reading that was made for several runs; nothing where the run read by itself."""
    if not parsed:
        return []
    at = {"at": words.time(parsed.at), "by": parsed.by, "request_id": parsed.request_id}
    parts = [
        words.record("reading.batch", **at, count=parsed.others + 1),
        words.record("reading.carried", full_at=words.time(parsed.full_at)),
    ]
    if parsed.unknown:
        fields = ", ".join(words.record(f"field.{name}") for name in sorted(parsed.unknown))
        parts.append(words("Not known, since the selector or its status has changed since: {fields}.", fields=fields))
    return [Paragraph((" " if words.language == "en" else "").join(parts))]


def servers(record: Record, words: Words) -> list[Block]:
    """Return the key records at every authoritative server as they stood when the run began."""
    seen = record.before
    if seen is None:
        return []
    blocks: list[Block] = []
    for selector, answers in ((seen.selector, seen.records), (seen.back_selector, seen.current_records)):
        if answers:
            followed = seen.dns.followed if selector == seen.selector else ()
            blocks += [
                Heading(words.record("matrix", name=answers[0].name)),
                matrix(answers, _expected(seen.next_key, selector), words, followed),
            ]
    return [*blocks, *dns_besides(seen, words)]


def _expected(stored: Stored, selector: str) -> str | None:
    return (stored.key.sha256 or None) if stored.key and stored.selector == selector else None


def _stored(stored: Sequence[Stored], words: Words) -> Table:
    columns = ("", *(entry.selector for entry in stored))
    cells, english = ([_stored_cells(entry, each) for entry in stored] for each in (words, ENGLISH))
    rows = tuple(
        (words.record(f"stored.{name.replace('_', '-')}"), *(str(each[name] or NONE) for each in cells))
        for name in _STORED
    )
    values = tuple((entry.selector, *each.values()) for entry, each in zip(stored, english, strict=True))
    return Table(columns, rows, data=Data("keys", {"selector": Kind.TEXT, **_STORED}, values))


def noted(place: str, code: str, words: Words) -> str:
    """Return a place with what is wrong there, in words; ``code``: "" where nothing is."""
    return f"{place} ({words.phrase(proofs.defect(code))})" if code else place


def _stored_cells(entry: Stored, words: Words) -> dict[str, Any]:
    secret, key = entry.secret, entry.key or KeyObject("", "")
    return {
        "secret": noted(f"{secret.name} {secret.stage}".strip(), secret.defect, words) if secret else "",
        "version": secret.version_id if secret else "",
        "created": secret.created if secret else "",
        "object": noted(f"s3://{key.bucket}/{key.key}", key.defect, words) if key.bucket else "",
        "object_version": key.version_id,
        "modified": key.last_modified,
        "form": key.form,
        "bits": key.bits or None,
        "sha256": key.sha256,
    }
