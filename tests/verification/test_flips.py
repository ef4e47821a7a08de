"""Every flipped byte shows: at every offset of journal and seal, and of what is evidence in a notebook.

Some offsets by chance where there are many; ``make prove`` looks at more of them, ``make flips`` at all.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from byodkim.evidence.verification_case import Files, Verified
from tests.display.archive import Archive, journal_of
from tests.flips.changing import one as verified
from tests.flips.changing import unseen as not_seen
from tests.flips.meaning import evidence_of
from tests.verification.judged import own

pytestmark = pytest.mark.prove

CHANCE = random.Random(20261124)


def some(offsets: Sequence[int], count: int) -> list[int]:
    """That many of the offsets by chance."""
    return CHANCE.sample(offsets, min(count, len(offsets)))


def one(files: Files) -> Verified:
    return verified(files, own())


def unseen(path: Path, files: Files, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places (offset, bit) where a flip is not seen."""
    return not_seen(path, lambda: one(files).sound, places)


@pytest.mark.parametrize(("name", "count"), [("refused", 100_000), ("japanese", 1200)])
def test_at_every_offset_of_a_journal(archive: Archive, tmp_path: Path, name: str, count: int) -> None:
    journal = journal_of(archive.copy(name, tmp_path))
    files, data = Files(journal), journal.read_bytes()
    assert one(files).sound
    last = data.rindex(b"\n", 0, -1) + 1  # of the last line no other one knows
    offsets = [*some(range(last), count), *range(last, len(data))]
    assert unseen(journal, files, [(offset, CHANCE.randrange(8)) for offset in offsets]) == []
    assert journal.read_bytes() == data


@pytest.mark.parametrize("name", ["switched", "refused"])
def test_in_what_is_evidence_in_a_notebook(archive: Archive, tmp_path: Path, name: str) -> None:
    notebook = archive.copy(name, tmp_path)
    files, data = Files(journal_of(notebook), notebook), notebook.read_bytes()
    assert one(files).sound
    told, missed, seen = evidence_of(data), [], 0
    offsets = some(range(len(data)), 250)
    for offset in offsets:
        bit = CHANCE.randrange(8)
        if evidence_of(data[:offset] + bytes([data[offset] ^ (1 << bit)]) + data[offset + 1 :]) == told:
            continue
        seen += 1
        missed += unseen(notebook, files, [(offset, bit)])
    assert missed == []
    assert seen > len(offsets) / 3


@pytest.mark.prove
@pytest.mark.parametrize(
    ("name", "mark"), [("switched", b'"injected-parameters"'), ("refused", b"papermill-error-cell-tag")]
)
def test_at_every_offset_of_a_cell_that_papermill_put_in(
    archive: Archive, tmp_path: Path, name: str, mark: bytes
) -> None:
    """No template has these: they are held against the run's parameters, and papermill's own words."""
    notebook = archive.copy(name, tmp_path)
    files, data = Files(journal_of(notebook), notebook), notebook.read_bytes()
    place = data.index(mark)
    region = range(data.rindex(b"\n  {\n", 0, place), data.index(b"\n  }", place))
    told = evidence_of(data)
    places = [(offset, bit) for offset in region for bit in range(8)]
    weighed = [
        (offset, bit)
        for offset, bit in places
        if evidence_of(data[:offset] + bytes([data[offset] ^ (1 << bit)]) + data[offset + 1 :]) != told
    ]
    assert len(weighed) > len(places) / 4
    assert unseen(notebook, files, weighed) == []
