"""The proof that it is one key pair: the SHA-256 of its public key at every place."""

from __future__ import annotations

from collections.abc import Sequence

from second_edition.display.blocks import Block, Column, Kind, Paragraph, Table, table
from second_edition.display.words import Words
from second_edition.events.writes import Handed
from second_edition.evidence.record import Record
from second_edition.rotation import proof as proofs


def proof(record: Record, words: Words) -> list[Block]:
    """Render that it is one key: the SHA-256 of the SubjectPublicKeyInfo, link by link."""
    seen = record.seen
    if seen is None:
        return []
    links = proofs.links(seen)
    key = "holds" if proofs.holds(links) else "unpublished" if proofs.unpublished(links) else "breaks"
    key = key if any(link.sha256 for link in links) else "nothing"
    return [Paragraph(words.record(f"proof.{key}")), chain(links, record.of(Handed), words)]


def chain(links: Sequence[proofs.Link], handed: Handed | None, words: Words) -> Table:
    """Render the key pair's places and the request that was handed over; those with another key are marked."""
    reference = next((link.sha256 for link in links if link.sha256), "")
    columns = (
        Column("place", Kind.TEXT, words("link"), lambda place: words.record(f"place.{place}")),
        Column("where", Kind.TEXT, words("where")),
        Column("", Kind.TEXT, "SHA-256"),
        Column("sha256", Kind.TEXT),
        Column("note", Kind.TEXT),
        Column("same", Kind.TRUTH, words("match"), lambda same: "=" if same else "≠"),
    )
    rows = [
        (link.place, link.where, shown, link.sha256, link.note, bool(reference) and link.sha256 == reference)
        for link in links
        for shown in [link.sha256 or words.phrase(link.why)]
    ]
    if handed and handed.files:
        sha256 = handed.sha256
        rows.append(("request", handed.files[0], sha256, sha256, "", sha256 == reference))
    return table("proof", columns, rows, frozenset(number for number, row in enumerate(rows) if not row[-1]))
