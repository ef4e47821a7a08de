"""Lines of a journal dropped, doubled, swapped, cut off: as they are and chained again; a run sealed again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.second_edition.verification.judged import codes, faults, journal_of, judge, seal_of
from tests.second_edition.verification.made import events_of, forge, put, reseal, write

Lines = list[bytes]


def dropped(lines: Lines, place: int) -> Lines:
    return lines[:place] + lines[place + 1 :]


def doubled(lines: Lines, place: int) -> Lines:
    return lines[: place + 1] + lines[place:]


def swapped(lines: Lines, place: int) -> Lines:
    other = (place + 1) % len(lines)
    changed = list(lines)
    changed[place], changed[other] = lines[other], lines[place]
    return changed


def cut(lines: Lines, place: int) -> Lines:
    return lines[:place]


@pytest.mark.parametrize("act", [dropped, doubled, swapped, cut])
@pytest.mark.parametrize("chained", [False, True], ids=["as-they-are", "chained-again"])
def test_at_every_line(chain: Path, act: Callable[[Lines, int], Lines], chained: bool) -> None:
    path = journal_of(chain, "apply")
    lines, missed = path.read_bytes().splitlines(keepends=True), []
    (chain / "apply.ipynb").unlink()  # without it too: it holds a copy
    for place in range(len(lines)):
        path.write_bytes(b"".join(act(lines, place)))
        if chained and path.stat().st_size:
            write(path, events_of(path))
        (one,) = judge(path)
        if one.verdict == "verified":
            missed.append(place)
    assert missed == []


def test_an_insider_who_seals_an_earlier_run_anew_is_told_by_the_next(chain: Path) -> None:
    """With the very key: its notebook aside, only the run after it knows what it was."""
    forge(chain, "plan", put("begin", "reason", "another"))
    reseal(journal_of(chain, "plan"))
    (chain / "plan.ipynb").unlink()
    assert faults(judge(chain)) == {"apply": {"previous-altered"}}


@pytest.mark.parametrize("kept", [0, 1, 500])
def test_a_journal_cut_within_its_first_line_is_no_run_that_never_began(chain: Path, kept: int) -> None:
    journal = journal_of(chain, "back")
    journal.write_bytes(journal.read_bytes()[:kept])
    assert {code for one in judge(chain) if one.files.journal == journal for code in codes(one)} == {"emptied"}
    seal_of(chain, "back").unlink()
    assert not judge(journal)[0].sound  # its notebook names it
    (chain / "back.ipynb").unlink()
    assert judge(journal)[0].sound  # nothing tells that it ever was more


def test_a_name_changed_by_its_owner_is_no_fault(chain: Path) -> None:
    for path in (journal_of(chain, "plan"), seal_of(chain, "plan")):
        path.rename(path.with_name(f"CHG-1.{path.name.partition('.')[2]}"))
    (chain / "plan.ipynb").unlink()
    assert faults(judge(chain)) == {}
    assert any("renamed" in codes(one) for one in judge(chain))
