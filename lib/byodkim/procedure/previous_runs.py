"""The runs of the identity before this one: the newest of any procedure, and what the newest of rotate left open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from byodkim.evidence import journal
from byodkim.evidence.ends import End, find_ends
from byodkim.evidence.journal import Account
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.world import World
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.timing import LATE_WRITE


def previous(folder: Path, world: World | None, selector: str) -> dict[str, Any] | None:
    """Return what the first event of a run about ``selector`` says of the runs before it; ``None``: there are none.

    ``run``, ``outcome`` and ``head`` are those of the newest run, to which this one is chained. The rest is rotate's:
    which selector its newest run was asked for, which one that left ("" where that was retired since), and since when a
    write of it waits to be seen verified. A run about another selector that gave SES nothing is passed over. Where the
    newest run is passed over or of another procedure, ``rotated`` is the outcome of rotate's.
    """
    found = journal.earlier(folder, world.same_identity) if world else iter(())
    newest = next(found, None)
    if newest is None:
        return None
    retired: set[str] = set()
    rotated: Account | None = None
    for account in chain((newest,), found):
        if account.procedure == ROTATE and (account.events[0]["selector"] == selector or _gave(account)):
            rotated = account
            break
        retired |= _retired(account)
    summary = {"run": str(newest.events[0]["run"]), "outcome": newest.outcome or "", "head": newest.head}
    summary |= _standing(find_ends(folder, world.same_identity) if world else [], summary["run"])
    if rotated is None:
        return {**summary, "selector": "", "left_selector": "", "written_at": "", "rotated": ""}
    left = _left_open(rotated)
    if left["left_selector"] in retired:  # there is no going back to it
        left["left_selector"] = ""
    left |= _unanswered(rotated)
    return {**summary, **left, **({} if rotated is newest else {"rotated": rotated.outcome or ""})}


def _standing(ends: Sequence[End], newest: str) -> dict[str, Any]:
    """Return what is said of the runs before this one besides the newest: what no run has named as it stands.

    One that never closed is named until a run that closed has found its process gone, which accounts for it.
    """
    beside = [end.plain() for end in unnamed(ends) if end.run != newest]
    left = [end.gone for end in ends if end.run == newest and not end.closed]
    return {**({"gone": left[0]} if left else {}), **({"beside": beside} if beside else {})}


def unnamed(ends: Sequence[End]) -> list[End]:
    """Return those that no other one has named as they stand."""
    named = [one for end in ends if end.closed for one in end.named]  # what never closes vouches for nothing
    seen, gone = {(one.run, one.head) for one in named}, {(one.run, one.head) for one in named if one.gone}
    return [end for end in ends if (end.run, end.head) not in (seen if end.closed else gone)]


def _left_open(record: Record) -> dict[str, str]:
    # A write waits for its verification until an apply run has seen it, or somebody else's took its place.
    seen = record.begin["mode"] == "apply" and record.outcome in (Outcome.SWITCHED, Outcome.UNCHANGED)
    written = None if seen or record.overruled else record.written_at or record.perhaps_written_at
    return {
        "selector": record.begin["selector"],
        "left_selector": _left(record),
        "written_at": written.isoformat(timespec="milliseconds") if written else "",
    }


def _unanswered(record: Record) -> dict[str, str]:
    """Return until when a write without a clear answer, of that run or one before it, may land, and what it sets."""
    write, earlier = record.last_write, record.begin["previous"] or {}
    if write is None or not write.unclear:
        return {name: earlier[name] for name in ("open_until", "open_selector") if earlier.get(name)}
    until = (write.at + LATE_WRITE).isoformat(timespec="seconds")
    return {"open_until": until, "open_selector": write.selector}


def _left(record: Record) -> str:
    """Return the selector that the run, or one before it, left for the selector asked for."""
    left, earlier, requested = record.current_selector, record.begin["previous"], record.begin["selector"]
    if earlier and earlier["selector"] == requested and (left == requested or not (left or record.switch)):
        return str(earlier["left_selector"])
    return left


def _retired(record: Record) -> set[str]:
    """Return the selector that a run of retire saw out of use; none where it did not, or in another procedure."""
    done = record.procedure == "retire" and record.outcome in (Outcome.RETIRED, Outcome.UNCHANGED)
    return {str(record.begin["selector"])} if done else set()


def _gave(record: Record) -> bool:
    """Return whether a run of rotate gave SES a selector, or may have."""
    write = record.last_write
    return write is not None and (write.accepted or write.unclear)
