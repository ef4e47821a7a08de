"""Runs made of others by whoever can: with the operator's own key, or with another."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.events.run import Closed
from second_edition.evidence import journal, sealing_key
from second_edition.evidence.dsse import PAYLOAD, STATEMENT, Signature, pae
from second_edition.evidence.journal import FIRST, SUFFIX, canonical
from second_edition.evidence.seal import PAGE, PAGE_SUFFIX, Signer, envelope, seal, seal_path
from second_edition.evidence.sealing_key import public_half
from tests.second_edition.verification.judged import journal_of

Events = list[dict[str, Any]]


def signer(key: Ed25519PrivateKey | None = None) -> Signer:
    """Seals with a key; with the one of the tests' runs unless given."""
    mine = key or sealing_key.local(sealing_key.default_path(os.environ))
    der = public_half(mine).der
    return lambda text: Signature(mine.sign(pae(PAYLOAD, text.encode())), der)


def save(path: Path, notebook: Mapping[str, Any]) -> None:
    """Write a notebook as nbformat spells it."""
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def events_of(path: Path) -> Events:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path: Path, events: Events) -> str:
    """Writes events, correctly chained, in a journal's place; gives the head."""
    head, lines = FIRST, []
    for number, event in enumerate(events):
        lines.append(canonical({**event, "n": number, "previous_line": head}).encode() + b"\n")
        head = hashlib.sha256(lines[-1]).hexdigest()
    path.write_bytes(b"".join(lines))
    return head


def reseal(path: Path, key: Ed25519PrivateKey | None = None) -> None:
    """Seals a journal anew."""
    seal_path(path).unlink(missing_ok=True)
    seal(journal.read(path), signer(key))


def vouch(path: Path, page: Path, key: Ed25519PrivateKey | None = None, other: Mapping[str, str] = {}) -> Path:
    """Make the seal over a page of a journal's run, as its custodian does, but for ``other``; its place."""
    account = journal.read(path)
    named = {"run": account.begin.run, "head": account.head, "kind": PAGE, **other}
    stated = {
        "_type": STATEMENT,
        "subject": [{"name": page.name, "digest": {"sha256": hashlib.sha256(page.read_bytes()).hexdigest()}}],
        "predicateType": named.pop("kind"),
        "predicate": named,
    }
    place = path.with_name(path.name.removesuffix(SUFFIX) + PAGE_SUFFIX)
    place.write_bytes(envelope(stated, signer(key)))
    return place


Change = Callable[[Events], object]


def put(name: str, *path: Any) -> Change:
    """Write the last of ``path`` to the place in the newest event of that name that the rest leads to."""
    *names, key, value = path

    def change(events: Events) -> None:
        *_, found = (event for event in events if event["event"] == name)
        for one in names:
            found = found[one]
        found[key] = value

    return change


def without(*names: str) -> Change:
    """Leave events of these names out."""

    def change(events: Events) -> None:
        events[:] = [event for event in events if event["event"] not in names]

    return change


def forge(folder: Path, name: str, change: Change) -> None:
    """Change a run's events, and chain them correctly; its seal stays."""
    path = journal_of(folder, name)
    events = events_of(path)
    change(events)
    write(path, events)


def cut(folder: Path, name: str, events: int) -> None:
    """A run stopped after some events, as by a kill: no seal, no notebook."""
    path = journal_of(folder, name)
    write(path, events_of(path)[:events])
    seal_path(path).unlink()
    (folder / f"{name}.ipynb").unlink()


def stop(path: Path) -> Path:
    """A run without a notebook stopped before it looked at SES."""
    write(path, events_of(path)[:3])
    seal_path(path).unlink()
    return path


def gone(before: journal.Account) -> dict[str, bool]:
    """Return what a run says of one that never closed, and whose process it found gone."""
    return {} if before.of(Closed) else {"gone": True}


def shift(events: Events, by: timedelta) -> None:
    """Moves a run in time."""
    seen = [event["observation"] for event in events if event["event"] == "observed"]
    for one in (*events, *seen, *(call for event in events for call in event.get("calls", ()))):
        moved = datetime.fromisoformat(one["at"]) + by
        one["at"] = moved.astimezone(UTC).isoformat(timespec="milliseconds")


def follow(
    folder: Path, name: str, after: str, *, at: str = "", key: Ed25519PrivateKey | None = None, as_: str = "again"
) -> Path:
    """A run that does as another one did, after a third; without a notebook, sealed with the tests' key."""
    before, like = journal.read(journal_of(folder, after)), events_of(journal_of(folder, as_))
    first = before.begin
    stamp = at or "20300101T000000Z-0001"
    began = datetime.fromisoformat(stamp.partition("-")[0])
    shift(like, began - datetime.fromisoformat(like[0]["at"]))
    like[0] |= {
        "run": stamp,
        "previous": {**(like[0]["previous"] or {}), "run": first.run, "head": before.head, **gone(before)},
    }
    path = folder / f"{name}.{stamp}{SUFFIX}"
    write(path, like)
    reseal(path, key)
    return path
