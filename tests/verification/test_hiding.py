"""An archive's owner hides a run, with the sealing key in hand: what a witness has elsewhere names it each time."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from byodkim.evidence.heads import missing
from byodkim.evidence.seal import envelope, read_seal, seal_path
from tests.verification.judged import codes, copied, files_of, given, journal_of, judge
from tests.verification.made import cut, events_of, reseal, signer, write


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


def of_another_format(chain: Path) -> None:
    """Which its own seal vouches for, so that no more can be judged of it."""
    path = journal_of(chain, "back")
    events = events_of(path)
    events[0]["format"] = 2
    stated = read_seal(seal_path(path)).stated
    stated["predicate"]["head"] = write(path, events)
    stated["subject"][0]["digest"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    seal_path(path).write_bytes(envelope(stated, signer()))


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
    "of another format": (of_another_format, "head-other"),
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
