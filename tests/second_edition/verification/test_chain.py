"""Runs held against each other, by what binds them alone: what is said of each, with every name and bound in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from second_edition.events.parts import Beside
from second_edition.evidence.served import Served
from second_edition.evidence.verification import verify_chain
from second_edition.evidence.verification_case import Files, Finding, Link, Policy, Speaker, Verified
from second_edition.evidence.verification_chain import aged, newest
from second_edition.evidence.world import World
from tests.second_edition.each import each

WORLD = World("example.jp", "", "123456789012", "ap-northeast-1")
ELSEWHERE = World("example.jp", "", "123456789012", "us-east-1")
Told = Mapping[str, Any]
NOTHING: Told = {}
OLD: Told = {"selectors": ("old",), "signing_enabled": True, "signing_origin": "EXTERNAL"}
NEW: Told = {**OLD, "selectors": ("new",)}
MINUTE = 1 / 60


def at(hours: float) -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hours)


def run(name: str, hours: float, *seen: str, folder: str = "/runs", files: Told = NOTHING, **told: Any) -> Verified:
    """A run of a minute that saw others, by their names: ``a:open`` as it stood then, ``a:gone`` where it never closed.

    The first is the one before it. ``told``: of its link, or of what it came to.
    """
    named = tuple(
        Beside(run=one[0], head="open" if one[1:] == ":open" else f"end of {one[0]}", gone=one[1:] == ":gone")
        for one in seen
    )
    own = {one: told.pop(one) for one in ("keyid", "served", "under_way", "findings") if one in told}
    link: dict[str, Any] = {
        "world": WORLD,
        "began": at(hours),
        "ended": at(hours + MINUTE),
        "previous": named[0].run if named else "",
        "heads": ("open", f"end of {name}"),
        "before": OLD,
        "after": told.get("before", OLD),
        "named": named,
        "after_at": at(hours + MINUTE / 2),
    }
    lies = Files(Path(f"{folder}/{name}.journal.jsonl"), **files)
    usual: dict[str, Any] = {
        "run": name,
        "head": f"end of {name}",
        "keyid": "k",
        "outcome": "SWITCHED",
        "link": Link(**(link | told)),
    }
    return Verified(lies, **(usual | own))


def used(name: str, *statements: str, **told: Any) -> Served:
    """What a run made of approvals."""
    approvals = dict.fromkeys(statements, ("tanaka", "2026-11-24", "a"))
    usual: Told = {"at": "x", "approvals": approvals, "taken": True, "pending": "", "shows": frozenset()}
    return Served(name, **{**usual, **told})


SWITCH: Told = {"before": OLD, "after": NEW}
PENDING: Told = {"pending": "new", "after": OLD}
CHANGED = "SES was changed outside of these runs after {}: selectors: old -> new"
UNTRUSTED = (Finding("seal-untrusted", ""),)
AWAY: Told = {**SWITCH, "folder": "/other"}
BACK = "SES was changed outside of these runs after b: selectors: new -> old"
LANDED = "SES took the write of a (new) after that run had ended"
MISSING = "the run before it, a, is missing"
FOUND = "it never closed; run {}, which ended SWITCHED, found it stopped"
USED_UP = "the approval by tanaka (2026-11-24) was used up by run a already"
BROUGHT = (
    "the approval by tanaka (2026-11-24) is of the plan run a, which is not here: it may have served elsewhere too"
)
OPEN = (
    "it never closed, and no run in the files given found it stopped: unless it is still under way elsewhere, run the "
    "same command again, it looks at SES first"
)
FOUND_BY_A_STRANGER = (
    "it never closed; run b found it stopped, and no key that is trusted here signed that run: if the key is a "
    "colleague's, list it in byodkim.toml as sealing_keys"
)
OVERLAPPING = "another run began at the same time and follows the same one"
FORKED = "another run follows the same one, and each should have seen the other: one was added or kept elsewhere"
PART: Told = {"whole": False}
A, B, STOPPED = run("a", 0), run("b", 1, "a"), run("a", 0, ended=None)

#: Runs, and what is said of them together.
ROWS: Sequence[tuple[Sequence[Verified], Sequence[str]]] = (
    ([run("a", 0, **SWITCH), run("b", 1, "a", before=NEW), run("c", 2, "b", before=NEW, after=OLD)], []),
    ([A, B, A], ["a: run a is there twice", "a: run a is there twice"]),
    # the run before
    ([B], ["b: the run before it, a, is missing"]),
    ([run("b", 1, "a", "a", files=PART)], ["b: the run before it, a, was not among what was named"]),
    ([replace(A, head="x"), B], []),
    ([run("a", 0, heads=("x",)), B], ["b: the run before it, a, is not as it was when this one began"]),
    ([Verified(Files(Path("a")), run="a"), B], ["b: the run before it, a, is not as it was when this one began"]),
    # SES between
    ([A, run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    (
        [A, run("b", 1, "a", before={"selectors": ("x", "y"), "signing_enabled": False, "signing_origin": "EXTERNAL"})],
        ["b: SES was changed outside of these runs after a: selectors: old -> x y; signing_enabled: true -> false"],
    ),
    ([A, run("b", 1, "a", before={**OLD, "selectors": ()})], []),
    ([run("a", 0, after={**OLD, "selectors": ()}), B], []),
    ([run("a", 0, after=None), run("b", 1, "a", before=NEW)], []),
    ([A, run("b", 1, "a", before=None)], []),
    ([A, run("b", 1, "a:open", before=NEW)], []),
    ([A, run("b", 1, "a", before=NEW, world=ELSEWHERE)], []),
    ([A, run("b", 1, "a", before=NEW, world=None)], []),
    ([A, run("b", 1, "a", blind=True, after=None), run("c", 2, "b", before=NEW)], [f"c: {CHANGED.format('a')}"]),
    # of two that looked at once either may have the last word, else the later one by AWS's clock
    ([A, run("b", 10 / 3600, "a:open", before=NEW), run("c", 1, "b", "a", before=NEW)], []),
    ([A, run("b", 10 / 3600, "a:open", before=NEW), run("c", 1, "b", "a")], []),
    ([A, run("b", 11 / 3600, "a:open", before=NEW), run("c", 1, "b", "a")], [f"c: {BACK}"]),
    (
        [A, run("z", 11 / 3600, "a:open"), run("b", 30 / 3600, "a:open", before=NEW), run("c", 1, "b", "z")],
        [f"c: {BACK}", f"z: {OVERLAPPING}"],
    ),
    ([A, run("b", 11 / 3600, "a:open", before=NEW, skew_s=1), run("c", 1, "b", "a")], []),
    # one in another folder, which this one does not know of, changed it in between
    ([A, run("d", 0.5, **AWAY), run("b", 1, "a", before=NEW)], []),
    ([A, run("d", 0.5, **AWAY, keyid=""), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([A, run("d", 0.5, **AWAY, keyid="", findings=UNTRUSTED), run("b", 1, "a", before=NEW)], []),
    ([A, run("d", 0.5, **AWAY, world=ELSEWHERE), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([A, run("d", 0.5, **{**AWAY, "before": NEW}), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([A, run("d", 0.5, **{**AWAY, "before": None}), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([A, run("d", 0, **AWAY), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([A, run("d", 1 - MINUTE / 2, **AWAY), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([A, run("d", 0.5, **AWAY, after_at=None), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    # a write that landed after a later run had looked: within a quarter of an hour of its own run's end
    ([run("a", 0, **PENDING), run("b", 16 * MINUTE, "a"), run("c", 1, "b", before=NEW)], ["c: " + LANDED]),
    ([run("a", 0, **PENDING), run("b", 17 * MINUTE, "a"), run("c", 1, "b", before=NEW)], [f"c: {CHANGED.format('b')}"]),
    ([run("a", 0, **PENDING), run("b", 17 * MINUTE, "a", skew_s=60), run("c", 1, "b", before=NEW)], ["c: " + LANDED]),
    ([run("a", 0, **PENDING), run("b", 1, "a", before=NEW)], ["b: " + LANDED]),
    (
        [run("a", 0, **PENDING, ended=None), run("b", 15 * MINUTE, "a:gone", before=NEW)],
        [f"a: {FOUND.format('b')}", "b: " + LANDED],
    ),
    ([run("a", 0, pending="x"), run("b", 1, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    (
        [run("a", 0, **PENDING), run("b", 1, "a", before={**NEW, "signing_enabled": False})],
        [
            f"b: {CHANGED.format('a')}; signing_enabled: true -> false",
        ],
    ),
    (
        [run("a", 0, **PENDING), run("b", 5 * MINUTE, "a"), run("c", 10 * MINUTE, "b"), run("d", 1, "c", before=NEW)],
        ["d: " + LANDED],
    ),
    (
        [run("a", 0, **PENDING, world=ELSEWHERE), run("b", 5 * MINUTE, "a"), run("c", 1, "b", before=NEW)],
        [f"c: {CHANGED.format('b')}"],
    ),
    # forged ones that name each other, or themselves, keep no one waiting
    ([run("a", 0, "b", pending="x"), run("b", MINUTE, "a", before=NEW)], [f"b: {CHANGED.format('a')}"]),
    ([run("a", 0, "a", pending="x"), run("b", MINUTE, "a", before=NEW)], [f"b: {OVERLAPPING}"]),
    # approvals
    ([replace(A, served=used("a", "s", "t")), replace(B, served=used("b", "s"))], [f"b: {USED_UP}"]),
    ([replace(A, served=used("a", "s")), replace(B, served=used("b", "t"))], []),
    ([replace(A, served=used("a", "s", taken=False)), replace(B, served=used("b", "s"))], []),
    ([replace(A, served=used("a", "s")), replace(run("b", 1, world=ELSEWHERE), served=used("b", "s"))], []),
    (
        [replace(B, served=used("b", "s"))],
        [f"b: {MISSING}", f"b: {BROUGHT}"],
    ),
    ([replace(run("b", 1), served=used("b", "s", at=""))], []),
    ([replace(run("b", 1, files=PART), served=used("b", "s"))], []),
    # runs that never closed
    ([STOPPED], [f"a: {OPEN}"]),
    ([replace(STOPPED, under_way=True)], ["a: it is still under way on this machine: verify it when it has ended"]),
    ([STOPPED, run("b", 1, "a:gone")], [f"a: {FOUND.format('b')}"]),
    ([STOPPED, run("b", 1, "a:gone", keyid="")], [f"a: {FOUND_BY_A_STRANGER}"]),
    ([STOPPED, run("b", 1, "a:gone", keyid=""), run("c", 2, "b", "a:gone")], [f"a: {FOUND.format('c')}"]),
    ([STOPPED, run("b", 1, "a:gone"), run("c", 2, "b", "a:gone")], [f"a: {FOUND.format('b')}"]),
    # two that follow the same one
    ([A, B, run("c", 1 + MINUTE, "a")], [f"c: {OVERLAPPING}"]),
    ([A, B, run("c", 1.1, "a")], [f"c: {FORKED}"]),
    ([A, B, run("c", 1.1, "a", skew_s=300)], [f"c: {OVERLAPPING}"]),
    ([A, run("b", 1)], [f"b: {FORKED}"]),
    ([A, run("b", 1, folder="/other")], []),
    ([A, run("b", 1, world=ELSEWHERE)], []),
    ([A, run("b", 1, world=None)], []),
    ([A, B, run("c", 2, "a"), run("d", 2 + MINUTE, "a")], [f"c: {FORKED}", f"d: {OVERLAPPING}"]),
)


@each(("runs", "said"), ROWS, ids=range(len(ROWS)))
def test_what_is_said_of_runs_together(runs: Sequence[Verified], said: Sequence[str]) -> None:
    found = [f"{one.run}: {found.text}" for one in verify_chain(runs, "en") for found in one.findings if found.text]
    assert found == list(said)


def test_the_heads_to_keep_are_those_that_no_later_run_has_seen() -> None:
    alone = run("d", 3, world=None)
    assert newest([run("c", 2, "b:open"), B, A, alone, Verified(Files(Path("e")), run="e")]) == {
        "b": "end of b",
        "c": "end of c",
    }
    assert newest([]) == {}


@each(
    ("hours", "days", "said"),
    [
        (24.0, 1, ""),
        (24.0001, 1, "the identity's newest run is of 2026-11-24, more than 1 days ago"),
        (24.0001, 0, ""),
        (-1 / 6 + MINUTE, 0, ""),
        (-1 / 6 + MINUTE - 0.0001, 0, "its last time, 2026-11-24 00:01 UTC, is still to come by this machine's clock"),
    ],
)
def test_how_old_the_newest_run_may_be_and_how_new(hours: float, days: int, said: str) -> None:
    """``a`` is older, and ``c`` of a sandbox."""
    runs = [run("c", 9, world=None), run("a", -40), replace(run("b", 0, "a"), target="aws")]
    told = aged(runs, Policy(newest_run_days=days), at(hours), Speaker("en"))
    found = [(one.run, finding.text.partition(": one of")[0]) for one in told for finding in one.findings]
    assert found == [("b", said)] * bool(said)
    assert aged(runs, None, at(99), Speaker("en")) == runs
