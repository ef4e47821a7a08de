"""An archive of runs to measure on: a few real ones, each told as if it had been of another identity and another day.

No two runs have in common what two runs of different identities have not: domain, keys and their digests, times,
latencies, addresses of servers, request ids, versions of secrets and objects, messages of name servers. So nothing is
found quickly only because it was seen before, but for words, which any two records have in common.
"""

from __future__ import annotations

import base64
import hashlib
import json
import multiprocessing
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

from second_edition.aws.raw import digest
from second_edition.evidence import verification_notebook
from second_edition.evidence.cells import BEGIN, ERROR, JOURNAL
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.notebook import step_of
from tests.second_edition.verification.judged import NEXT, run
from tests.second_edition.verification.made import events_of, reseal, write

KINDS: Sequence[tuple[str, Sequence[str]]] = (
    ("planned", ("-p", "target", "sandbox")),
    ("switched", ("-p", "target", "sandbox", "-p", "mode", "apply")),
    ("refused", ("-p", "target", "sandbox:dns-absent", "-p", "mode", "apply")),
)
APART = timedelta(minutes=737)
DOMAIN = "example.jp"
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
ISO = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00")
HTTP = re.compile(r"\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
EPOCH = re.compile(r"\b1[78]\d{8}\b")
MS = re.compile(r'("(?:latency_)?ms":)(\d+)')
PORT = re.compile(r"(127\.0\.0\.1:|\"port\":)(\d{5})\b")
KEY = re.compile(r"MIIBIjANBgkqhkiG9w0BAQEF[A-Za-z0-9+/]{300,}={0,2}")
WIRE = re.compile(r'(?<=")[A-Za-z0-9+/]{60,}={0,2}(?=")')
PLACE = slice(60, 68)  # of a key's base64: within its modulus, and within the first character-string


def make(made: Path) -> None:
    """Three real runs, one of each kind."""
    made.mkdir()
    for name, words in KINDS:
        run(made / f"{name}.ipynb", "-r", "selector", NEXT, *words)


def archive(made: Path, folder: Path, count: int) -> None:
    """``count`` runs, a third of each kind, sealed each; on all cores."""
    folder.mkdir()
    with multiprocessing.Pool() as pool:
        pool.map(partial(tell, made, folder), range(count), 50)


def tell(made: Path, folder: Path, number: int) -> None:
    """The run of that number."""
    name, _ = KINDS[number % len(KINDS)]
    (like,) = made.glob(f"{name}.*{SUFFIX}")
    was = like.name.removesuffix(SUFFIX).rpartition(".")[2]
    at = datetime.strptime(was[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + APART * number
    named, record = f"{at:%Y%m%dT%H%M%SZ}-{number:04x}", f"{name}{number:04}"

    def renamed(text: str) -> str:
        text = text.replace(f"{name}.{was}", f"{record}.{named}").replace(was, named)
        return other(text.replace(f"{name}.ipynb", f"{record}.ipynb"), number)

    path = folder / f"{record}.{named}{SUFFIX}"
    path.write_text(renamed(like.read_text("utf-8")), "utf-8")
    notebook, events = json.loads(renamed((made / f"{name}.ipynb").read_text("utf-8"))), events_of(path)
    _resame(events_of(like), events)
    write(path, redigested(events, notebook["cells"]))
    reseal(path)
    _copy(notebook["cells"], events_of(path))
    told = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / f"{record}.ipynb").write_text(told, "utf-8")


def other(text: str, number: int) -> str:
    """The text of a journal as if it were of another identity, on another day."""
    domain = f"ex{number:05x}.jp"
    for key in set(KEY.findall(text)):
        text = text.replace(_digest(key), _digest(_key(key, number)))
    keys = {key[PLACE]: _key(key, number)[PLACE] for key in KEY.findall(text)}
    swaps = {**{one.encode(): two.encode() for one, two in keys.items()}, b"\x07example": b"\x07" + domain[:7].encode()}
    text = WIRE.sub(lambda found: _wire(found[0], swaps), text)
    for one, two in {**keys, DOMAIN: domain}.items():
        text = text.replace(one, two)
    text = UUID.sub(lambda found: str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{found[0]}{number}")), text)
    text = ISO.sub(lambda found: _iso(found[0], number), text)
    text = HTTP.sub(lambda found: format_datetime(parsedate_to_datetime(found[0]) + APART * number, usegmt=True), text)
    text = EPOCH.sub(lambda found: str(int(found[0]) + int(APART.total_seconds()) * number), text)
    text = PORT.sub(lambda found: f"{found[1]}{10000 + (int(found[2]) * 31 + number * 17) % 50000}", text)
    return MS.sub(lambda found: f"{found[1]}{(int(found[2]) + number) % 97}", text)


def _iso(text: str, number: int) -> str:
    return (datetime.fromisoformat(text) + APART * number).isoformat(
        timespec="milliseconds" if "." in text else "seconds"
    )


def _key(key: str, number: int) -> str:
    changed = base64.b64encode(hashlib.sha256(f"{key}{number}".encode()).digest()).decode()[: PLACE.stop - PLACE.start]
    return key[: PLACE.start] + changed + key[PLACE.stop :]


def _digest(key: str) -> str:
    return hashlib.sha256(base64.b64decode(key)).hexdigest()


def _wire(text: str, swaps: Mapping[bytes, bytes]) -> str:
    """A message of a name server with the same changes, spelled in as many bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return text
    for one, two in swaps.items():
        data = data.replace(one, two)
    return base64.b64encode(data).decode()


def _resame(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> None:
    """An answer that came again is named by the digest of the changed one."""
    was, now = (
        [call.get("raw") or {} for event in events for call in event.get("calls", ())] for events in (before, after)
    )
    named = {digest(one): digest(two) for one, two in zip(was, now, strict=True)}
    for raw in now:
        if "same_as" in raw:
            raw["same_as"] = named[raw["same_as"]]


def redigested(events: list[dict[str, Any]], cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the events with the digests of what these cells show, as if their run had shown that last."""
    digests = dict[tuple[str, int | str], str]()
    for cell in cells:
        step = step_of("".join(cell["source"]))
        for number, output in enumerate(cell.get("outputs", [])):
            place = ERROR if output["output_type"] == "error" else number
            whole = {**output, "data": {k: v for k, v in output.get("data", {}).items() if k != JOURNAL}}
            told = whole if "data" in output else output
            digests[step, place] = verification_notebook._digest(told, apart=step == BEGIN)
    for event in events:
        for one in event.get("shown", ()):
            one["sha256"] = digests.get((one["step"], one["output"]), one["sha256"])
    return events


def _copy(cells: Sequence[Mapping[str, Any]], events: list[dict[str, Any]]) -> None:
    for cell in cells:
        for output in cell.get("outputs", []):
            if JOURNAL in output.get("data", {}):
                output["data"][JOURNAL] = events
