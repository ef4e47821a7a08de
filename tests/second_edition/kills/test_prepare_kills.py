"""A blow at every journal write of prepare: never a second key pair, and the next run completes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from second_edition.events.writes import Storing
from second_edition.sandbox.client import Sandbox
from tests.second_edition.kills.killing import Blown, blown, newest, play, stories, unsettled
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.prepared import public, sha256_of
from tests.second_edition.notebooks.stage import Story
from tests.second_edition.sandbox.generator import key_versions, labels, secret

pytestmark = pytest.mark.prove

WRITES = 26  # of a run that prepares: begin to closed; the first write to AWS is written ahead at 10
KINDS = (("kernel", "after"), ("kernel", "before"), ("disk", "torn"), ("kernel", "torn"), ("custodian", "after"))
BLOWS = [(*KINDS[number % 4], number) for number in range(WRITES)]
BLOWS += [("kernel", "after", 10), ("kernel", "after", 13), ("kernel", "before", 12), ("kernel", "before", 15)]
BLOWS += [("custodian", "after", number) for number in (10, 13, 16, 19)]
BLOWS = list(dict.fromkeys(BLOWS))


@dataclass(frozen=True)
class Struck(Blown):
    """And what stood after the blow, and after the run that followed: key objects, and the secret by its stages."""

    wrote: int
    keys: list[str]
    keys_then: list[str]
    entries_then: list[dict[str, Any]]
    labels_then: list[str]
    pairs_then: bool


def strike(sandbox: Sandbox, folder: Path, blow: tuple[str, str, int]) -> Struck:
    sandbox.reset("unprepared")
    landed, outlived, first = blown(sandbox, folder, blow, "", "prepare")
    wrote, keys = len([call for call in sandbox.calls() if call["operation"][:3] in ("Put", "Upd")]), objects(sandbox)
    code = play(sandbox, folder, "", "prepare")
    facts, current = sandbox.facts, secret(sandbox)
    entries = [current, *current.get("previous", [])]
    new = [one for one in entries if one["selector"] != facts.current_selector]
    pairs = all(
        public(outside.pem(facts, one["selector"]))[0] == sha256_of(one["dns_record"]["value"]) for one in entries
    )
    return Struck(
        landed, outlived, first, newest(folder, first), code, wrote, keys, objects(sandbox), new,
        sorted(labels(sandbox)), pairs,
    )  # fmt: skip


def objects(sandbox: Sandbox) -> list[str]:
    """Every version of every key object but that of the selector in use."""
    return [one for one in key_versions(sandbox) if sandbox.facts.current_selector not in one]


@pytest.fixture(scope="module")
def struck(child: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, int], Story[Struck]]:
    return stories(strike, child, tmp_path_factory.mktemp("prepare-kills"), BLOWS)


def faults(found: Struck) -> Iterator[str]:
    """Yield what is not as it must be."""
    yield from unsettled(found, "PREPARED", "UNCHANGED", wrote=bool(found.wrote))
    if len(found.keys) > 1 or not set(found.keys) <= set(found.keys_then) or len(found.keys_then) != 1:
        yield f"key objects: {found.keys}, then {found.keys_then}"
    if not found.pairs_then or len(found.entries_then) != 1:
        yield f"the secret's entries: {[one['selector'] for one in found.entries_then]}, pairs: {found.pairs_then}"
    if found.labels_then != ["AWSCURRENT", "AWSPREVIOUS"]:
        yield f"labels: {found.labels_then}"
    if found.wrote and found.record.of(Storing) is None:
        yield "a write that was not written ahead"


@pytest.mark.parametrize("blow", BLOWS, ids=lambda blow: " ".join(map(str, blow)))
def test_there_is_one_key_pair_and_the_next_run_completes_it(
    struck: dict[tuple[str, str, int], Story[Struck]], blow: tuple[str, str, int]
) -> None:
    assert list(faults(struck[blow].result())) == []
