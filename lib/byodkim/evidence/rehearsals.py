"""The rehearsals of a change: runs on a twin of the identity, found in the archive and held against their seals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from byodkim.evidence import folders
from byodkim.evidence.journal import SUFFIX, Account, JournalError, earlier, first, read
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.seal import SealError, check_seal, read_seal, seal_path
from byodkim.evidence.sealing_key import SealingKey
from byodkim.evidence.world import World
from byodkim.plain import from_plain
from byodkim.rotation.findings import Verdict
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import Plan
from byodkim.rotation.rehearsal import Tried, is_of

#: Events that stand before a write.
_WRITES = frozenset({"intent", "storing", "erasing", "zone-intent"})
_DEFECTS = {"absent": "unsealed", "unknown-key": "unsealed", "unreadable": "unread"}


def newest(folder: Path, wanted: Mapping[str, str], trusted: Mapping[str, SealingKey]) -> Tried | None:
    """Return the newest apply run of the same change on a twin; ``None`` where the archive has none.

    The newest is the one that began last by this machine's clock: a twin's, by which its runs are named, may be far
    ahead. One of an older observation counts no more once there is one of a newer.

    Args:
        folder: of the archive.
        wanted: the change: domain, selector, procedure and, where it is known, account.
        trusted: the keys whose seals count, by their ``keyid``.
    """
    found: list[tuple[str, str, Path]] = []
    for path in folders.files(folders.root(folder.resolve()), f"*{SUFFIX}"):
        try:
            begin = first(path)
            if begin and "twin" in begin and _is_of(begin, wanted):
                found.append((str(begin["twin"]["at"]), str(begin["twin"]["began"]), path))
        except (OSError, ValueError, LookupError, TypeError):
            continue
    return _tried(max(found)[2], trusted) if found else None


def check_origin(folder: Path, tried: Tried | None) -> Tried | None:
    """Return a rehearsal with its defect, where its twin is not what is made of the archive's record of production."""
    if tried is None or tried.defect:
        return tried
    from byodkim.evidence import fleet_twin  # what makes twins: no run needs it whose change was not rehearsed

    path = next(folders.files(folders.root(folder.resolve()), f"*{tried.origin}{SUFFIX}"), None)
    try:
        made = fleet_twin.fingerprint(Record(read(path).events), path.parent) if path else ""
    except (OSError, JournalError, LookupError, TypeError, ValueError):
        made = ""
    return tried if made and made == tried.sha256 else replace(tried, defect="edited" if made else "missing")


def find_unfinished(folder: Path, world: World, wanted: Mapping[str, str], rehearsal: str) -> str:
    """Return the newest run of production that wrote of the same change, if a rehearsal let it and it came to no end.

    What it did itself is no change of production: the run that completes it needs no further rehearsal.
    """
    runs = (Record(account.events) for account in earlier(folder, world.same_identity))
    change = (wanted["procedure"], wanted["selector"])
    written = (one for one in runs if (one.procedure, one.selector) == change and _wrote(one))
    found = next(written, None)
    return str(found.begin["run"]) if found and _open(found) and _allowed(found, rehearsal) else ""


def _wrote(record: Record) -> bool:
    return record.begin["mode"] == "apply" and any(event["event"] in _WRITES for event in record.events)


def _open(record: Record) -> bool:
    return record.outcome in (None, Outcome.FAILED)


def _allowed(record: Record, rehearsal: str) -> bool:
    passed = any(one.id == "PLAN-REHEARSED" and one.verdict is Verdict.PASS for one in record.findings)
    return passed and (record.begin.get("rehearsed") or {}).get("run") == rehearsal


def _is_of(begin: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    present = {"procedure": ROTATE, **begin, "account": begin["twin"]["account"]}
    return begin["mode"] == "apply" and all(present[name] == value for name, value in wanted.items() if value)


def _tried(path: Path, trusted: Mapping[str, SealingKey]) -> Tried:
    run = path.name.removesuffix(SUFFIX).rpartition(".")[2]
    try:
        account = read(path)
    except OSError:
        return Tried(run, "", "", "", None, defect="unread")
    except JournalError:
        return Tried(run, "", "", "", None, defect="altered")
    record = Record(account.events)
    twin, closed = record.begin["twin"], record.closed
    shown = from_plain(Plan, twin["plan"]) if twin["plan"] else None
    plan = shown if shown and is_of(shown, record.selector) else None
    tried = Tried(run, record.outcome or "", str(closed["at"]) if closed else "", twin["at"], plan, record.made)
    tried = replace(tried, origin=twin["run"], sha256=twin.get("sha256", ""))
    return replace(tried, defect=_defect(account, trusted)) if closed else tried


def _defect(account: Account, trusted: Mapping[str, SealingKey]) -> str:
    """Return why a run's seal does not hold; "" where it does."""
    try:
        check_seal(read_seal(seal_path(account.path)), account, trusted)
    except SealError as error:
        return _DEFECTS.get(error.code, "altered")
    except OSError:
        return "unread"
    return ""
