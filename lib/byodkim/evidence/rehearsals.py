"""The rehearsals of a change: runs on a twin of the identity, found in the archive and held against their seals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from byodkim.evidence import folders
from byodkim.evidence.journal import SUFFIX, Account, JournalError, begun, earlier, read, run_of
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

    One that found nothing to write, UNCHANGED, takes nothing away from the one before it: it counts where it is alone.

    The newest is the one that began last by this machine's clock: a twin's, by which its runs are named, may be far
    ahead. One of an older observation counts no more once there is one of a newer.

    Args:
        folder: of the archive.
        wanted: the change: domain, selector, procedure and, where it is known, account. A selector that a run chooses
            itself is "", in its rehearsal too.
        trusted: the keys whose seals count, by their ``keyid``.
    """
    found = begun(folder.resolve(), lambda begin: "twin" in begin and bool(_began(begin)) and _is_of(begin, wanted))
    unchanged = None
    for path, _ in sorted(found, key=lambda one: _began(one[1]), reverse=True):
        tried = _tried(path, trusted)
        if tried.defect or tried.outcome != Outcome.UNCHANGED:
            return tried
        unchanged = unchanged or tried
    return unchanged


def check_origin(folder: Path, tried: Tried | None) -> Tried | None:
    """Return a rehearsal with its defect, where its twin is not what is made of the archive's record of production."""
    if tried is None or tried.defect:
        return tried
    from byodkim.evidence import fleet_twin, twin  # what makes twins: no run needs it whose change was not rehearsed

    path = next(folders.files(folders.root(folder.resolve()), f"*{tried.origin}{SUFFIX}"), None)
    try:
        made = twin.fingerprint(fleet_twin.read(read(path), path.parent)) if path else ""
    except (OSError, JournalError, LookupError, TypeError, ValueError):
        made = ""
    return tried if made and made == tried.sha256 else replace(tried, defect="edited" if made else "missing")


def find_unfinished(folder: Path, world: World, wanted: Mapping[str, str], rehearsal: str) -> str:
    """Return the newest run of production that wrote of the same change, if a rehearsal let it and it came to no end.

    What it did itself is no change of production: the run that completes it needs no further rehearsal.
    """
    change = (wanted["procedure"], wanted["selector"])
    written = (
        one for one in earlier(folder, world.same_identity) if (one.procedure, one.selector) == change and _wrote(one)
    )
    found = next(written, None)
    return str(found.begin["run"]) if found and _open(found) and _allowed(found, rehearsal) else ""


def _wrote(record: Record) -> bool:
    return record.begin["mode"] == "apply" and any(event["event"] in _WRITES for event in record.events)


def _open(record: Record) -> bool:
    return record.outcome in (None, Outcome.FAILED)


def _allowed(record: Record, rehearsal: str) -> bool:
    passed = any(one.id == "PLAN-REHEARSED" and one.verdict is Verdict.PASS for one in record.findings)
    return passed and (record.begin.get("rehearsed") or {}).get("run") == rehearsal


def _began(begin: Mapping[str, Any]) -> tuple[str, str]:
    """Return of when a twin is, and when its run began by this machine's clock."""
    return str(begin["twin"]["at"]), str(begin["twin"]["began"])


def _is_of(begin: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    present = {"procedure": ROTATE, **begin, "account": begin["twin"]["account"]}
    return begin["mode"] == "apply" and all(
        present[name] == value for name, value in wanted.items() if value or name == "selector"
    )


def _tried(path: Path, trusted: Mapping[str, SealingKey]) -> Tried:
    run = run_of(path)
    try:
        record = read(path)
    except OSError:
        return Tried(run, "", "", "", None, defect="unread")
    except JournalError:
        return Tried(run, "", "", "", None, defect="altered")
    twin, closed = record.begin["twin"], record.closed
    shown = from_plain(Plan, twin["plan"]) if twin["plan"] else None
    same = twin.get("procedure", ROTATE) == record.procedure
    plan = shown if shown and same and is_of(shown, record.selector) else None
    tried = Tried(run, record.outcome or "", str(closed["at"]) if closed else "", twin["at"], plan, record.made)
    tried = replace(tried, origin=twin["run"], sha256=twin.get("sha256", ""))
    return replace(tried, defect=_defect(record, trusted)) if closed else tried


def _defect(account: Account, trusted: Mapping[str, SealingKey]) -> str:
    """Return why a run's seal does not hold; "" where it does."""
    try:
        check_seal(read_seal(seal_path(account.path)), account, trusted)
    except SealError as error:
        return _DEFECTS.get(error.code, "altered")
    except OSError:
        return "unread"
    return ""
