"""The chain: each sealed run names the run that was sealed before it, and the head of that run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from byodkim.record.seal import Seal
from byodkim.words import Sentence, _


def in_order(seals: Iterable[Seal]) -> list[Seal]:
    """Return seals in the order of the chain, oldest first.

    Where the chain is broken or forked, the part whose first run was closed later comes later.
    Runs in a circle are left out.
    """
    by_time = sorted(seals, key=_closed_at)
    names = {seal.name for seal in by_time}
    followers: dict[str, list[Seal]] = {}
    for seal in by_time:
        before = seal.previous_record if seal.previous_record in names else ""
        followers.setdefault(before, []).append(seal)
    ordered: list[Seal] = []
    waiting = list(reversed(followers.get("", [])))
    while waiting:
        seal = waiting.pop()
        ordered.append(seal)
        waiting += reversed(followers.get(seal.name, []))
    return ordered


def chain_problems(chain: Sequence[Seal]) -> list[Sentence]:
    """Return where the chain is not one line: from one first run, each names the one before it."""
    by_name = {seal.name: seal for seal in chain}
    followers: dict[str, list[str]] = {}
    problems = []
    for seal in chain:
        followers.setdefault(seal.previous_record, []).append(seal.name)
        before = by_name.get(seal.previous_record)
        if seal.previous_record and before is None:
            problems.append(
                _("{name} follows {previous}, which is missing or has no valid seal.",
                  name=seal.name, previous=seal.previous_record)
            )  # fmt: skip
        elif before is not None and before.head != seal.previous_head:
            problems.append(
                _("{name} follows another version of {previous} than the one that is here.",
                  name=seal.name, previous=before.name)
            )  # fmt: skip
    for previous, names in followers.items():
        if len(names) > 1 and previous:
            problems.append(_("{names} all follow {previous}.", names=names, previous=previous))
        elif len(names) > 1:
            problems.append(_("{names} all say that they are the first run.", names=names))
    if len(in_order(chain)) < len(chain):
        problems.append(_("Some runs follow each other in a circle."))
    return problems


def _closed_at(seal: Seal) -> tuple[float, str]:
    return seal.run.closed_at.timestamp(), seal.name
