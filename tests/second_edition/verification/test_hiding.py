"""An archive's owner hides a run, with the sealing key in hand: what a witness has elsewhere names it each time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from second_edition.evidence.heads import Head, compare, missing, parse
from second_edition.evidence.seal import seal_path
from second_edition.evidence.verification_case import Speaker
from tests.second_edition.each import each
from tests.second_edition.evidence import pasts
from tests.second_edition.verification.judged import codes, copied, files_of, given, journal_of, judge
from tests.second_edition.verification.made import cut, events_of, reseal, write


def removed(chain: Path) -> None:
    for path in files_of(chain, "back"):
        path.unlink()


def in_hidden_folder(chain: Path) -> None:
    (chain / ".old").mkdir()
    for path in files_of(chain, "back"):
        path.rename(chain / ".old" / path.name)


def put_aside(chain: Path) -> None:
    for path in files_of(chain, "back"):
        path.rename(path.with_name(path.name + ".bak"))


def behind_links(chain: Path) -> None:
    elsewhere = chain.parent / "elsewhere"
    elsewhere.mkdir()
    for path in files_of(chain, "back"):
        path.symlink_to(shutil.move(path, elsewhere / path.name))


def emptied(chain: Path) -> None:
    """As a run that was stopped before it did anything."""
    journal = journal_of(chain, "back")
    removed(chain)
    journal.touch()


def as_if_killed(chain: Path) -> None:
    """Before it wrote."""
    names = [event["event"] for event in events_of(journal_of(chain, "back"))]
    cut(chain, "back", events=names.index("intent"))


def as_if_refused(chain: Path) -> None:
    path = journal_of(chain, "back")
    events = events_of(path)
    events[-1]["outcome"] = "REFUSED"
    write(path, events)
    reseal(path)


def chained_past(chain: Path) -> None:
    """The run in the middle is gone, and the later one follows the first."""
    plan, later = events_of(journal_of(chain, "plan")), journal_of(chain, "back")
    for name in ("apply", "again"):
        for path in files_of(chain, name):
            path.unlink()
    events = events_of(later)
    events[0]["previous"] |= {"run": plan[0]["run"], "head": write(journal_of(chain, "plan"), plan)}
    write(later, events)
    reseal(later)


def under_another_id(chain: Path) -> None:
    """The same run, said to be a later one, and made by the same key."""
    path = journal_of(chain, "back")
    events = events_of(path)
    run = events[0]["run"]
    events[0]["run"] = other = "20991231T000000Z-00000000"
    write(path, events)
    seal_path(path).unlink()
    renamed = path.rename(path.with_name(path.name.replace(run, other)))
    reseal(renamed)


#: What hides a run, and which line tells of it.
WAYS: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "removed": (removed, "missing"),
    "in a hidden folder": (in_hidden_folder, "missing"),
    "under other names": (put_aside, "missing"),
    "behind links": (behind_links, "missing"),
    "in the middle, the later one chained past it": (chained_past, "missing"),
    "under another id": (under_another_id, "missing"),
    "emptied": (emptied, "head-other"),
    "as if it had been killed": (as_if_killed, "head-other"),
    "as if it had been refused": (as_if_refused, "head-other"),
}


def test_every_way_to_hide_a_run_shows_at_the_witness(untouched: Path, tmp_path: Path) -> None:
    heads = {one.run: one.head for one in judge(untouched)}
    missed = []
    for number, (name, (hide, told)) in enumerate(WAYS.items()):
        chain = copied(untouched, tmp_path / str(number) / "runs")
        hide(chain)
        runs = judge(chain, heads=heads)
        found = {code for one in runs for code in codes(one)} | {"missing" for _ in missing(runs, given(heads))}
        if told not in found or any(code.startswith("seal-") for code in found):
            missed.append((name, told, sorted(found)))
    assert not missed, "\n".join(map(str, missed))


def test_without_a_witness_a_chain_without_its_newest_run_holds(chain: Path) -> None:
    """The limit that the documents name: it is what a witness is for."""
    removed(chain)
    assert all(one.sound for one in judge(chain))


AT = "2026-11-24T04:08:49.000+00:00"
TOLD = {"run": "20261124T040849Z-7f3a", "head": "a" * 64, "domain": "example.jp", "closed": AT, "published": AT}


@each("change", [{}, {"account": "123456789012"}, {"domain": ""}, {"closed": ""}, {"published": ""}, {"stored": AT}])
def test_a_line_of_a_witness_is_a_head(change: dict[str, str]) -> None:
    own = {**TOLD, **change}
    stored = own.pop("stored", "")
    found = parse(json.dumps(own), "w", stored, "2027")
    own.pop("account", "")
    assert found == Head(**own, stored=stored, held_until="2027", where="w")


@each(
    "change",
    [
        *({name: None} for name in TOLD),
        *({"run": run} for run in ("x", f"{TOLD['run']}.", f"x{TOLD['run']}")),
        *({"head": head} for head in ("a" * 63, "a" * 65, "A" * 64)),
        *({name: at} for name in ("closed", "published", "stored") for at in (AT[:-6], "x")),
    ],
)
def test_what_is_no_head_of_a_run_is_none(change: dict[str, str | None]) -> None:
    own = {name: value for name, value in {**TOLD, **change}.items() if value is not None}
    with pytest.raises((ValueError, KeyError)):
        parse(json.dumps(own), "w", own.pop("stored", ""), "")


ON_TIME, LATE = {"published": 10}, {"published": 10.01}  # minutes after the run's end


@each(
    ("own", "first", "required", "found"),
    [
        ([ON_TIME], None, True, set()),
        ([LATE], None, False, {"head-late"}),
        ([LATE], None, True, {"head-late", "policy-witness"}),
        ([LATE, ON_TIME], None, True, {"head-late"}),
        ([{"published": 0, "stored": 10.01}], None, False, {"head-late"}),
        ([{"published": 99, "stored": 0}], None, False, set()),
        ([{"published": 0, "head": "0" * 64}], None, False, {"head-other"}),
        # Another run's head that is the first which the witness has, of a run that closed before, with, or after it.
        ([], -1, False, {"head-unnamed"}),
        ([], 0, False, set()),
        ([], 1, True, set()),
        ([], -1, True, {"policy-witness"}),
        ([], None, False, set()),
        ([], None, True, {"policy-witness"}),
    ],
)
def test_a_witness_names_each_run_that_closed_since_it_is_one_in_time(
    tmp_path: Path, own: list[dict[str, Any]], first: float | None, required: bool, found: set[str]
) -> None:
    folder = tmp_path / str(len([*tmp_path.iterdir()]))
    folder.mkdir()
    pasts.write_all(folder, [pasts.Told()])
    (run,) = judge(folder)
    assert run.link
    assert run.link.ended
    closed = run.link.ended

    def at(minutes: float) -> str:
        return (closed + timedelta(minutes=minutes)).isoformat()

    heads = [] if first is None else [Head("20200101T000000Z-0000", "0" * 64, closed=at(first))]
    for one in own:
        times = {name: at(minutes) for name, minutes in one.items() if name != "head"}
        heads.append(Head(run.run, one.get("head", run.head), where="w", **times))
    (told,) = compare([run], heads, Speaker("en"), required=required)
    assert codes(told) - {"no-notebook"} == found
    for text in (finding.text for finding in told.findings if finding.code == "head-late"):
        assert text == f"its head was published late: at {at(10.01)}, and it closed at {closed} (w)"
