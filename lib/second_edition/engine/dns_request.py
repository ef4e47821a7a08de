"""The request to the DNS team, written beside the record and read back before it counts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from second_edition.dkim.key_record import parse
from second_edition.dns.request_sheet import Request, marked, request_texts, write_exclusively
from second_edition.engine.run import Run
from second_edition.errors import ByodkimError
from second_edition.events.writes import Handed
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.record import ROTATE, Record
from second_edition.evidence.request import request_of
from second_edition.rotation.findings import Verdict
from second_edition.rotation.timing import sighting

PUBLISHED = "DNS-PUBLISHED"


def published(record: Record) -> bool:
    """Return whether every authoritative server that answered was seen to serve the next key record."""
    if record.procedure != ROTATE:
        return record.seen is not None and sighting(record.seen).everywhere
    return any(finding.id == PUBLISHED and finding.verdict is Verdict.PASS for finding in record.findings)


def hand_over(run: Run, *, as_json: bool = False) -> Handed | None:
    """Write the DNS request beside the record, where one is due, and say so in the journal. ``as_json``: as JSON too.

    None is due of a selector that was retired: its key record was withdrawn on purpose.

    Raises:
        AccessError: a file could not be written.
        LeakStopped: a file would hold a piece of a private key.
        ByodkimError: what was written does not read back as the key that was proved.
    """
    record = run.record
    request = request_of(record)
    if request is None or (record.seen is not None and record.seen.retired):
        return None
    files = {"files": []} if published(record) else _write(run, request, as_json=as_json)
    key = {"value": request.value, "sha256": request.public_key.sha256}
    return run.write(Handed, name=request.name, ttl=request.ttl, **key, **files)


def _write(run: Run, request: Request, *, as_json: bool) -> dict[str, list[str]]:
    texts = request_texts(request, run.record.begin.contacts, run.intent.language)
    row = list(csv.reader(io.StringIO(texts["dns-request.csv"].decode("utf-8-sig"))))[1]
    found = json.loads(texts["dns-request.json"])
    _prove(request, row[0], row[2], [row[2]])
    _prove(request, found["name"], found["value"], found["strings"])
    if not as_json:
        del texts["dns-request.json"]
    return write_beside(run, texts)


def write_beside(run: Run, texts: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Write files beside the record, by how their names end; return what the journal says of them.

    Raises:
        AccessError: a file could not be written.
        LeakStopped: a file would hold a piece of a private key.
    """
    language, stem = run.intent.language, run.journal.path.name.removesuffix(SUFFIX)
    if run.record.rehearsal:
        texts = {name: marked(name, data, language) for name, data in texts.items()}
    paths = [(Path(run.journal.path.parent, f"{stem}.{name}"), data) for name, data in texts.items()]
    run.gate.check("file", *(data.decode("utf-8-sig") for _, data in paths))
    for path, data in paths:
        write_exclusively(path, data, language)
    sums = [hashlib.sha256(data).hexdigest() for _, data in paths]
    return {"files": [path.name for path, _ in paths], "files_sha256": sums}


def _prove(request: Request, name: str, value: str, strings: Sequence[str]) -> None:
    """Check that what was written reads back as the key that was proved."""
    read = parse(tuple(string.encode() for string in strings)).public_key.sha256
    if (name, read, value) != (request.name, request.public_key.sha256, "".join(strings)):
        raise ByodkimError("The DNS request does not read back as the key that was proved. It was not handed over.")
