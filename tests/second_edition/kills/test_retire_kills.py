"""A blow at every journal write of retire: record, then key, and the next run completes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from second_edition.events.writes import Erasing
from second_edition.events.zone import ZoneIntent
from second_edition.rotation.publication import REVOKED_VALUE
from second_edition.sandbox.client import Sandbox
from tests.second_edition.kills.killing import Blown, blown, newest, play, stories, unsettled
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.stage import Story
from tests.second_edition.sandbox.generator import key_path, key_versions

pytestmark = pytest.mark.prove

LEFT, ACTIVE = "mail-20260912-1", "mail-20261124-1"
ZONE, ERASING = 14, 19  # where writes to DNS and key store are written ahead
WRITES = 25  # of a run that retires and deletes the key: begin to closed
KINDS = (("kernel", "after"), ("kernel", "before"), ("disk", "torn"), ("kernel", "torn"))
BLOWS = [(*KINDS[number % 4], number) for number in range(WRITES)]
BLOWS += [("kernel", "after", ZONE), ("kernel", "after", ERASING), ("kernel", "before", ZONE + 1)]
BLOWS += [("kernel", "before", ERASING + 1)]  # written, and its answer is not
BLOWS += [("custodian", "after", number) for number in (ZONE, ERASING)]
BLOWS = list(dict.fromkeys(BLOWS))
ALL = ["ChangeResourceRecordSets", "DeleteObject"]


@dataclass(frozen=True)
class Struck(Blown):
    """And what stood after the blow, and after the run that followed: writes, records, versions of the key."""

    wrote: list[str]
    served: list[str]
    keys: int
    wrote_then: list[str]
    served_then: list[str]
    keys_then: int
    active: bool


def versions(sandbox: Sandbox, selector: str) -> int:
    return len(key_versions(sandbox, key_path(sandbox.facts, selector)))


def written(sandbox: Sandbox) -> list[str]:
    """The writes to AWS."""
    verbs = ("Put", "Delete", "Change", "Update")
    return [call["operation"] for call in sandbox.calls() if call["operation"].startswith(verbs)]


def strike(sandbox: Sandbox, folder: Path, blow: tuple[str, str, int]) -> Struck:
    sandbox.reset("overlap")
    folder.mkdir(parents=True)
    (folder / "byodkim.toml").write_text('[default]\nretire_key = "delete"\n')
    landed, outlived, first = blown(sandbox, folder, blow, LEFT, "retire")
    wrote, served, kept = written(sandbox), outside.txt(sandbox.facts, LEFT), versions(sandbox, LEFT)
    code = play(sandbox, folder, LEFT, "retire")
    return Struck(
        landed, outlived, first, newest(folder, first), code, wrote, served, kept, written(sandbox),
        outside.txt(sandbox.facts, LEFT), versions(sandbox, LEFT), versions(sandbox, ACTIVE) == 1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def struck(child: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, int], Story[Struck]]:
    return stories(strike, child, tmp_path_factory.mktemp("retire-kills"), BLOWS)


def faults(found: Struck) -> Iterator[str]:
    """Yield what is not as it must be."""
    yield from unsettled(found, "RETIRED", "UNCHANGED", wrote=bool(found.wrote))
    if not found.keys and found.served != [REVOKED_VALUE] * 2:
        yield f"the key went before its record: {found.served}"
    if (found.served_then, found.keys_then, found.active) != ([REVOKED_VALUE] * 2, 0, True):
        yield f"then {found.served_then}, {found.keys_then} keys, the active one there: {found.active}"
    if sorted(found.wrote_then) != ALL:
        yield f"writes: {found.wrote_then}"
    for operation, ahead in (("ChangeResourceRecordSets", ZoneIntent), *((name, Erasing) for name in ALL[1:])):
        if operation in found.wrote and not any(isinstance(one, ahead) for one in found.record.events):
            yield f"{operation} was not written ahead"


@pytest.mark.parametrize("blow", BLOWS, ids=lambda blow: " ".join(map(str, blow)))
def test_the_record_goes_first_and_the_next_run_completes_it(
    struck: dict[tuple[str, str, int], Story[Struck]], blow: tuple[str, str, int]
) -> None:
    assert list(faults(struck[blow].result())) == []
