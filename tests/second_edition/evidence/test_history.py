"""What earlier runs tell of selectors and keys, from journals as runs write them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as rewritten

from second_edition.events import EVENTS
from second_edition.events.run import Begin, Observed
from second_edition.events.writes import Intent
from second_edition.evidence.history import History, Waiting, look
from second_edition.evidence.journal import SUFFIX, read, run_of
from second_edition.evidence.seal import seal, seal_path
from second_edition.evidence.sealing_key import SealingKey, trusted
from second_edition.evidence.world import World
from second_edition.launch.request import warn_of_retired
from second_edition.plain import plain
from second_edition.rotation import plan as plans
from second_edition.rotation.findings import Finding, Level, Verdict, phrase
from second_edition.rotation.observation import Observation, Stored, Used
from second_edition.rotation.record_set import RecordSet, Standing
from second_edition.rotation.resolution import Sighting
from second_edition.rotation.timing import activation, sighting
from tests.second_edition.evidence.journals import Log
from tests.second_edition.evidence.pasts import Told, write
from tests.second_edition.rotation import world
from tests.second_edition.rotation.approvals import PLAN
from tests.second_edition.rotation.world import CURRENT, DOMAIN, NEXT
from tests.second_edition.verification.judged import judge
from tests.second_edition.verification.made import signer

START = datetime(2026, 11, 10, 2, 0, 11, tzinfo=UTC)
SHA = {bits: world.sha256(bits) for bits in (world.NEXT_BITS, world.CURRENT_BITS, world.WEAK_BITS)}


def run(
    folder: Path,
    number: int,
    seen: Observation | None = None,
    change: plans.Write | None = None,
    then: tuple[tuple[str, dict[str, Any]], ...] = (),
    **begin: Any,
) -> Path:
    """The journal of the run that was the ``number``-th; its record's name sorts the other way round.

    ``then``: what came after its intent.
    """
    at = START + timedelta(days=number)
    name = f"run-{chr(ord('z') - number)}.run {number}{SUFFIX}"
    journal = Log(folder / name, lambda: at)
    here = {"region": {"value": "ap-northeast-1", "source": "profile"}}
    told = {"run": f"run {number}", "domain": DOMAIN, "selector": NEXT, "target": "aws", "parameters": here}
    journal.write(Begin, **{**told, **begin})
    if seen is not None:
        journal.write(Observed, observation=plain(seen))
    if change is not None:
        journal.write(Intent, change=plain(change))
    for event, content in then:
        journal.write(EVENTS[event], **content)
    journal.close()
    return folder / name


def lying(selector: str) -> str:
    return f"s3://byodkim-keys/dkim-keys/{DOMAIN}/{selector}/private_key.pem"


def all_of(folder: Path, trusted: Mapping[str, SealingKey] = {}) -> History:
    return look(folder, World(DOMAIN, "", "123456789012", "ap-northeast-1"), trusted=trusted)


GOOD, WRITE = world.good(), PLAN.writes[0]
ASKED = GOOD.asked(GOOD.records)
STANDS = world.stands()(GOOD)
GIVEN = Used(NEXT, SHA[world.NEXT_BITS], "run 1")
CLAIMED = replace(GIVEN, unsigned=True)  # by a run that nobody signed
WORKED = replace(GIVEN, worked=True, place=lying(NEXT))
LEFT = Used(CURRENT, SHA[world.CURRENT_BITS], "run 1", worked=True, place=lying(CURRENT))
OTHER_KEY = rewritten(WRITE, key_sha256=SHA[world.WEAK_BITS])
ELSEWHERE = {"region": {"value": "us-east-1", "source": "profile"}}
#: What is known as used by these runs, one after the other.
USED: dict[str, tuple[list[dict[str, Any]], tuple[Used, ...]]] = {
    "what SES was given, and what it was seen to sign with": ([{"seen": GOOD, "change": WRITE}], (LEFT, GIVEN)),
    "a plan alone uses nothing up": ([{"seen": GOOD}], (LEFT,)),
    "the earliest run that knows": ([{"change": WRITE}] * 3, (GIVEN,)),
    "one selector with two keys": (
        [{"change": WRITE}, {"change": OTHER_KEY}],
        (GIVEN, Used(NEXT, SHA[world.WEAK_BITS], "run 2")),
    ),
    "a selector that stands": ([{"seen": STANDS}], (WORKED,)),
    "given first, and seen to sign with later": ([{"change": WRITE}, {"seen": STANDS}], (WORKED,)),
    "another identity": ([{"change": WRITE, "domain": "other.example.jp"}], ()),
    "another world": ([{"change": WRITE, "target": "sandbox:ready"}], ()),
    "another account and region, of the same DNS": (
        [{"change": WRITE, "account": "210987654321", "parameters": ELSEWHERE}],
        (GIVEN,),
    ),
    # What SES has not verified may be another's record.
    **{
        status: ([{"seen": world.identity(status=status)(GOOD)}], ())
        for status in ("PENDING", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED")
    },
}


@pytest.mark.parametrize("name", USED)
def test_what_was_used_is_known(tmp_path: Path, name: str) -> None:
    made, used = USED[name]
    for number, told in enumerate(made, 1):
        seal(read(run(tmp_path, number, **told)), signer())
    found = all_of(tmp_path, trusted((), tmp_path))
    assert (found.used, found.damaged) == (used, ())


def test_the_past_is_known_wherever_the_next_record_is_written(tmp_path: Path) -> None:
    (below := tmp_path / "outputs/CHG-1041/again").mkdir(parents=True)
    (elsewhere := tmp_path / "CHG-1042").mkdir()
    run(below, 1, world.current_at_one()(GOOD), WRITE)
    here, archive = World(DOMAIN, "", "123456789012", "ap-northeast-1"), tmp_path / "outputs"
    assert look(elsewhere, here, archive=archive) == look(elsewhere, here, below) == all_of(below) != History()


def test_a_folder_that_cannot_be_looked_into_is_named_and_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies as deep as a path may be long."""
    path, name = run(tmp_path, 1, GOOD, WRITE), "d" * 240
    monkeypatch.chdir(tmp_path)
    for _ in range(4096 // len(name) + 1):
        Path(name).mkdir()
        os.chdir(name)
    os.chdir(tmp_path)
    found = look(tmp_path, World(DOMAIN, "", "123456789012", "ap-northeast-1"), archive=tmp_path)
    assert (found.used, found.damaged) == (all_of(tmp_path).used, (name,))
    assert {one.path.name: one.verdict == "cannot-tell" for one in judge(tmp_path)} == {path.name: False, name: True}


def test_what_nobody_signed_is_carried_over_by_no_run_that_is_signed(tmp_path: Path) -> None:
    """However its time lies within that run's own."""
    began = START + timedelta(days=2)
    own, last = ((began + timedelta(seconds=after)).isoformat(timespec="milliseconds") for after in (1, 2))
    for unsigned, told in ((False, [False, True]), (True, [True])):
        gone = Sighting(own, everywhere=False, ttl=None, negative_ttl=2**31 - 1, unsigned=unsigned)
        folder = tmp_path / str(unsigned)
        folder.mkdir()
        path = run(folder, 2, replace(GOOD, at=last, dns=replace(GOOD.dns, history=(gone,))))
        seal(read(path), signer())
        found = all_of(folder, trusted((), folder)).sightings(GOOD.next_key, ASKED)
        assert [one.everywhere for one in found] == told


def test_of_the_selector_to_go_back_to_it_is_known_how_its_record_stood(tmp_path: Path) -> None:
    """Since when it stands counts from runs that a trusted key signed; that it stood otherwise from every run.

    Not so where a signed run saw it at work and served since: whoever may write to the folder would take the way back.
    """
    run(tmp_path, 1, world.both(world.current_at_one(), world.at_one_server())(GOOD))
    later = run(tmp_path, 2, GOOD)
    current = GOOD.current_key or GOOD.next_key
    seal(read(later), signer())
    keys = trusted((), tmp_path)
    assert [one.everywhere for one in all_of(tmp_path).sightings(current, ASKED)] == [False]
    found = all_of(tmp_path, keys)
    assert [one.everywhere for one in found.sightings(current, ASKED)] == [True]
    assert [one.everywhere for one in found.sightings(GOOD.next_key, ASKED)] == [False, True]
    at = (datetime.fromisoformat(GOOD.at) + timedelta(hours=1)).isoformat()
    run(tmp_path, 3, world.current_at_one()(replace(GOOD, at=at)))  # killed, as it waited for what was taken away
    (_, gone) = all_of(tmp_path, keys).sightings(current, ASKED)
    assert (gone.everywhere, gone.ttl, gone.negative_ttl) == (False, 0, 0)


def test_that_a_selector_worked_is_told_by_signed_runs_and_by_one_that_left_it(tmp_path: Path) -> None:
    """Who may write to the folder shall spare no switch its checks; a first run that was killed knows the way back."""
    run(tmp_path, 1, GOOD)
    assert [(one.worked, one.unsigned) for one in all_of(tmp_path).used] == [(False, True)]
    run(tmp_path, 2, GOOD, WRITE, (TAKEN,))
    (left,) = (one for one in all_of(tmp_path).used if one.selector == CURRENT)
    assert (left.worked, left.unsigned) == (True, True)


def test_what_nobody_signed_and_no_clock_has_shown_yet_holds_up_nothing(tmp_path: Path) -> None:
    run(tmp_path, 1, replace(world.current_at_one()(GOOD), at="2036-11-29T00:00:00+00:00"))
    current, now = GOOD.current_key or GOOD.next_key, datetime(2026, 11, 29, tzinfo=UTC)
    found = all_of(tmp_path)
    assert [len(found.sightings(current, ASKED, at)) for at in (None, now, now.replace(year=2037))] == [1, 0, 1]


def test_a_copy_of_a_journal_under_a_later_run_s_name_is_no_newer_run(tmp_path: Path) -> None:
    """Its signature would still hold, and what SES was given long ago would be what it was given last."""
    keys = trusted((), tmp_path)
    first = run(tmp_path, 1, GOOD, WRITE, (TAKEN,))
    seal(read(first), signer())
    seal(read(run(tmp_path, 2, GOOD, rewritten(WRITE, next_selector=CURRENT, key_sha256="c" * 64), (TAKEN,))), signer())
    copy = first.with_name(f"run-a.run 3{SUFFIX}")
    copy.write_bytes(first.read_bytes())
    seal_path(copy).write_bytes(seal_path(first).read_bytes())
    found = all_of(tmp_path, keys)
    assert (found.given, found.damaged) == (Used(CURRENT, "c" * 64, "run 2"), (copy.name,))


def test_only_a_run_that_asked_all_that_are_asked_now_tells_since_when_the_record_stands(tmp_path: Path) -> None:
    one = GOOD.records[:1]
    for number, records in enumerate((one, GOOD.records), start=1):
        seen = replace(GOOD, at=f"2026-11-2{number}T00:00:00+00:00", records=records)
        seal(read(run(tmp_path, number, seen)), signer())
    found = all_of(tmp_path, trusted((), tmp_path))
    told = [[each.at[:10] for each in found.sightings(GOOD.next_key, asked)] for asked in (GOOD.asked(one), ASKED)]
    assert told == [["2026-11-21"], ["2026-11-22"]]


def test_a_signed_run_of_publish_tells_since_when_every_server_serves_the_record(tmp_path: Path) -> None:
    seen = replace(GOOD, records=(), next_key=Stored(NEXT), current_key=None)
    for number, (proved, signed) in enumerate(((False, True), (True, False), (True, True)), start=1):
        answers = plain(GOOD.records)
        then = (("zone-proved", {"proved": proved, "aim": "publish", "answers": answers}),)
        path = run(tmp_path, number, seen, then=then, procedure="publish")
        if signed:
            seal(read(path), signer())
    (found,) = all_of(tmp_path, trusted((), tmp_path)).sightings(GOOD.next_key, ASKED)
    assert (found.everywhere, found.at[:10]) == (True, f"{START + timedelta(days=3):%Y-%m-%d}")


def test_what_publish_read_in_the_zone_is_waited_for_and_the_key_there_stands_for_no_server(tmp_path: Path) -> None:
    """Nobody has to sign the run for that."""
    seen = replace(GOOD, records=(), next_key=Stored(NEXT), current_key=None)
    for number, records in enumerate(((b"v=spf1 -all",), GOOD.records[0].records[0]), start=1):
        standing = plain(Standing(GOOD.records[0].name, DOMAIN, RecordSet(86400, (records,))))
        path = run(tmp_path, number, seen, then=(("zone-read", {"standing": standing}),), procedure="publish")
    seal(read(path), signer())
    (found,) = told = all_of(tmp_path, trusted((), tmp_path)).sightings(GOOD.next_key, ASKED)
    day = f"{START + timedelta(days=1):%Y-%m-%d}"
    assert (found.everywhere, found.ttl, found.at[:10]) == (False, 86400, day)
    awaited = activation(told, sighting(GOOD))
    assert awaited is not None
    assert awaited.cached_s == 86400


def test_what_runs_remember_of_one_another_does_not_grow_with_them(tmp_path: Path) -> None:
    assert GOOD.current_key
    for number in range(6):
        found = all_of(tmp_path).sightings(GOOD.current_key, ASKED)
        run(tmp_path, number, replace(world.current_at_one()(GOOD), back_history=found))
    assert len(all_of(tmp_path).sightings(GOOD.current_key, ASKED)) == 1


def test_a_damaged_journal_of_this_identity_is_named(tmp_path: Path) -> None:
    path = run(tmp_path, 1, GOOD, WRITE)
    run(tmp_path, 2, change=WRITE)
    path.write_bytes(path.read_bytes().replace(SHA[world.NEXT_BITS].encode(), SHA[world.WEAK_BITS].encode()))
    last = replace(CLAIMED, run="run 2")
    assert all_of(tmp_path) == History((last,), (path.name,), claimed=last)


def test_a_journal_whose_first_line_tells_nothing_is_named(tmp_path: Path) -> None:
    path = run(tmp_path, 1)
    path.write_bytes(b"not JSON\n")
    assert all_of(tmp_path).damaged == (path.name,)


def test_what_is_no_file_is_named_and_what_is_hidden_passed_over(tmp_path: Path) -> None:
    folder, link, hidden = (tmp_path / f"{name}.20261110T020011Z-0000{SUFFIX}" for name in ("a", "b", "._c"))
    folder.mkdir()
    link.symlink_to("nowhere")
    hidden.write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X\n")
    assert set(all_of(tmp_path).damaged) == {folder.name, link.name}


def test_a_damaged_journal_of_another_identity_is_not_ours(tmp_path: Path) -> None:
    path = run(tmp_path, 1, GOOD, domain="other.example.jp")
    path.write_bytes(path.read_bytes().replace(CURRENT.encode(), NEXT.encode()))
    assert all_of(tmp_path) == History()


def test_a_torn_last_line_takes_nothing_of_what_was_written_before(tmp_path: Path) -> None:
    path = run(tmp_path, 1, GOOD, WRITE)
    with path.open("ab") as file:
        file.write(b'{"n":3,"at"')
    assert len(all_of(tmp_path).used) == 2


TAKEN = ("answer", {"answer": {"dkim_status": "NOT_STARTED"}})
REFUSED = ("answer", {"error": {"code": "BadRequestException", "unclear": False}})
UNCLEAR = ("answer", {"error": {"code": "ConnectionClosedError", "unclear": True}})
RESOLVED = ("resolved", {"applied": True})
AGAIN = rewritten(WRITE, current_selector=NEXT, resubmit=True)
CONTRADICTED = (
    "weighed", {"findings": [plain(Finding("MESSAGE-FROM", "", Level.BLOCKS, Verdict.FAIL, phrase("-"), phrase("-")))]},
)  # fmt: skip
BACK = (
    "rollback",
    {"change": plain(rewritten(AGAIN, next_selector=CURRENT, resubmit=False, key_sha256="c" * 64))},
)
ROLLED = ("rolled", {"answer": {"dkim_status": "NOT_STARTED"}})


Then = tuple[tuple[str, dict[str, Any]], ...]
#: What a run wrote, the status before it, what came then, and whether SES was given the selector.
ANSWERS: dict[str, tuple[plans.Write, str, Then, bool]] = {
    "taken": (WRITE, "SUCCESS", (TAKEN,), True),
    "refused": (WRITE, "SUCCESS", (REFUSED,), False),
    # SES that shows the selector afterwards has taken it: it showed another one before.
    "unclear": (WRITE, "SUCCESS", (UNCLEAR,), True),
    "killed": (WRITE, "SUCCESS", (), True),
    "again, taken": (AGAIN, "PENDING", (TAKEN,), True),
    "again, refused": (AGAIN, "PENDING", (REFUSED,), False),
    # SES shows PENDING before and after it: nobody knows.
    "again, unclear": (AGAIN, "PENDING", (UNCLEAR,), False),
    "again, killed": (AGAIN, "PENDING", (), False),
    "again, resolved": (AGAIN, "PENDING", (UNCLEAR, RESOLVED), True),
    "given up, unclear": (AGAIN, "FAILED", (UNCLEAR,), True),
    "taken, contradicted": (WRITE, "SUCCESS", (TAKEN, CONTRADICTED), False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_ses_was_given(tmp_path: Path, name: str) -> None:
    change, status, then, known = ANSWERS[name]
    run(tmp_path, 1, world.identity(status=status)(GOOD), change, then)
    assert all_of(tmp_path).claimed == (CLAIMED if known else None)


def test_what_ses_was_given_last_counts(tmp_path: Path) -> None:
    run(tmp_path, 1, GOOD, WRITE, (TAKEN,))
    assert all_of(tmp_path).claimed == CLAIMED
    run(tmp_path, 2, GOOD, rewritten(WRITE, key_sha256=SHA[world.WEAK_BITS]), (REFUSED,))
    assert all_of(tmp_path).claimed == CLAIMED
    run(tmp_path, 3, GOOD)
    assert all_of(tmp_path).claimed == CLAIMED
    run(tmp_path, 4, GOOD, AGAIN, (TAKEN, BACK, ROLLED))
    assert all_of(tmp_path).claimed == Used(CURRENT, "c" * 64, "run 4", unsigned=True)
    run(tmp_path, 5, GOOD, WRITE, (TAKEN, BACK, REFUSED))
    assert all_of(tmp_path).claimed == replace(CLAIMED, run="run 5")


def test_only_a_run_that_a_trusted_key_signed_vouches_for_what_ses_was_given_and_since_when(tmp_path: Path) -> None:
    """Who may write to the folder shall neither have a run wait for a key of theirs, nor go back at once."""
    keys = trusted((), tmp_path)
    first = run(
        tmp_path, 2, GOOD, WRITE, (TAKEN, ("read", {"identity": plain(world.stands("PENDING")(GOOD).identity)}))
    )
    seal(read(first), signer())
    found = all_of(tmp_path, keys)
    since = START + timedelta(days=2)
    assert (found.given, found.waiting) == (replace(GIVEN, run="run 2"), Waiting(CURRENT, NEXT, since))
    run(tmp_path, 3, GOOD, AGAIN, (TAKEN,))
    run(tmp_path, 1, world.stands("PENDING")(GOOD))
    found = all_of(tmp_path, keys)
    assert found.given == replace(GIVEN, run="run 2")
    assert (found.claimed, found.waiting) == (replace(CLAIMED, run="run 3"), Waiting(CURRENT, NEXT, since))
    run(tmp_path, 4, STANDS)
    assert [one.worked for one in all_of(tmp_path, keys).used if one.selector == NEXT] == [False]
    seal(read(run(tmp_path, 5, STANDS)), signer())
    found = all_of(tmp_path, keys)
    assert [one.worked for one in found.used if one.selector == NEXT] == [True]
    assert found.waiting == Waiting(CURRENT, NEXT, since, verified=True)


def test_a_run_by_a_clock_that_was_set_back_is_the_later_one(tmp_path: Path) -> None:
    """It names the one that it follows: a rollback by hand is not taken for what stood before the switch."""
    switch = run(tmp_path, 2, GOOD, WRITE, (TAKEN,))
    back = rewritten(WRITE, next_selector=CURRENT, key_sha256="c" * 64)
    run(tmp_path, 1, GOOD, back, (TAKEN,), previous={"run": run_of(switch)})
    assert all_of(tmp_path).claimed == Used(CURRENT, "c" * 64, "run 1", unsigned=True)


def test_what_ses_was_given_worked_where_it_was_seen_verified_after_the_write(tmp_path: Path) -> None:
    def shown(status: str, selector: str = NEXT) -> tuple[str, dict[str, Any]]:
        return "read", {"identity": {"selectors": [selector], "status": status}}

    verified, pending = world.stands("SUCCESS")(GOOD), world.stands("PENDING")(GOOD)
    run(tmp_path, 1, verified, AGAIN, (TAKEN, shown("PENDING"), shown("TEMPORARY_FAILURE"), shown("SUCCESS", CURRENT)))
    assert all_of(tmp_path).claimed == CLAIMED
    run(tmp_path, 2, verified, selector=CURRENT)
    assert all_of(tmp_path).claimed == replace(CLAIMED, worked=True)
    run(tmp_path, 3, pending)
    assert all_of(tmp_path).claimed == replace(CLAIMED, worked=True)
    run(tmp_path, 4, pending, AGAIN, (TAKEN,))
    assert all_of(tmp_path).claimed == replace(CLAIMED, run="run 4")
    run(tmp_path, 5, pending, AGAIN, (TAKEN, shown("SUCCESS")))
    assert all_of(tmp_path).claimed == replace(CLAIMED, run="run 5", worked=True)


def test_another_account_s_or_region_s_identity_was_given_its_own(tmp_path: Path) -> None:
    for number, (account, region) in enumerate((("210987654321", "ap-northeast-1"), ("123456789012", "us-east-1"))):
        elsewhere = {"region": {"value": region, "source": "profile"}}
        run(tmp_path, number, GOOD, WRITE, (TAKEN,), account=account, parameters=elsewhere)
    found = all_of(tmp_path)
    assert (found.claimed, replace(CLAIMED, run="run 0") in found.used) == (None, True)


@pytest.mark.parametrize(
    ("run", "worked"),
    [
        (Told(), True),
        (Told(verified_s=None, outcome="SWITCHED-PENDING"), False),
        (Told(unclear=True, outcome="FAILED"), False),
    ],
    ids=["verified", "pending", "unclear"],
)
def test_a_selector_has_worked_where_the_run_that_gave_it_saw_it_verified(
    tmp_path: Path, run: Told, worked: bool
) -> None:
    begin = read(write(tmp_path, run)).begin
    home = World.of(begin)
    assert home is not None
    (found,) = [one for one in look(tmp_path, home, trusted=trusted((), tmp_path)).used if one.selector == NEXT]
    assert (found.worked, found.place.endswith(f"{NEXT}/private_key.pem")) == (worked, worked)


@pytest.mark.parametrize("kept", [0, 20])
def test_a_run_that_was_stopped_in_its_first_line_did_nothing(tmp_path: Path, kept: int) -> None:
    path = run(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:kept])
    assert all_of(tmp_path) == History()


WITHDRAWAL = {"files": ["retire.csv"], "name": f"{CURRENT}._domainkey.{DOMAIN}", "sha256": "", "aim": "revoke"}
UNANSWERED: tuple[tuple[str, dict[str, Any]], ...] = ("zone-intent", {}), ("closed", {"outcome": "FAILED"})


@pytest.mark.parametrize(
    ("runs", "known"),
    [
        ([(("closed", {"outcome": "RETIRED"}),)], True),
        ([(("requested", WITHDRAWAL), ("closed", {"outcome": "PLANNED"}))], False),
        # The DNS team withdrew it, or the run that did was killed: the next run finds that there is nothing to do.
        ([(("requested", WITHDRAWAL),), (("closed", {"outcome": "UNCHANGED"}),)], True),
        ([UNANSWERED[:1]], True),  # killed, or without a clear answer: it may have been made
        ([(("zone-intent", {}), ("zone-answer", {"error": {"code": "-", "unclear": True}}), UNANSWERED[1])], True),
        ([(*UNANSWERED[:1], ("zone-resolved", {"applied": True}), UNANSWERED[1])], True),
        ([(("zone-intent", {}), ("zone-answer", {"error": {"code": "REFUSED"}}), UNANSWERED[1])], False),
        ([(("closed", {"outcome": "UNCHANGED"}),)], False),  # nobody had used it, or asked to withdraw it
    ],
)  # fmt: skip
def test_a_selector_is_retired_once_its_key_record_is_known_to_be_withdrawn(
    tmp_path: Path, runs: list[tuple[tuple[str, dict[str, Any]], ...]], known: bool
) -> None:
    for number, events in enumerate(runs):
        run(tmp_path, number, then=events, procedure="retire", selector=CURRENT.upper())
    assert list(all_of(tmp_path).retired) == ([CURRENT] if known else [])


def test_only_a_signed_run_of_after_a_retirement_undoes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed: tuple[str, dict[str, Any]] = ("closed", {"outcome": "PLANNED"})
    worked = run(tmp_path, 0, GOOD, then=(closed,))
    signed = seal(read(worked), signer())
    run(tmp_path, 1, then=(("closed", {"outcome": "RETIRED"}),), procedure="retire", selector=CURRENT)
    keys = trusted((), tmp_path)
    assert (list(all_of(tmp_path, keys).retired), all_of(tmp_path, keys).doubted) == ([CURRENT], frozenset({CURRENT}))
    (withdrawn,) = tmp_path.glob(f"*.run 1{SUFFIX}")
    seal(read(withdrawn), signer())
    assert (list(all_of(tmp_path, keys).retired), all_of(tmp_path, keys).doubted) == ([CURRENT], frozenset())
    renamed = tmp_path / f"copy.20261201T000000Z-0000{SUFFIX}"  # of before the retirement, whatever it is called
    renamed.write_bytes(worked.read_bytes())
    seal_path(renamed).write_bytes(signed.path.read_bytes())
    after = run(tmp_path, 2, GOOD, then=(closed,))
    assert (list(all_of(tmp_path, keys).retired), all_of(tmp_path, keys).unsigned) == ([CURRENT], {CURRENT: "run 2"})
    warn_of_retired(tmp_path / "CHG-1042.ipynb", read(after).begin, CURRENT, "en")
    assert "CAUTION" in (said := capsys.readouterr().err)
    assert "Run run 2 saw SES sign with it after that" in said
    seal(read(after), signer())
    assert list(all_of(tmp_path).retired) == [CURRENT]
    assert (all_of(tmp_path, keys).retired, all_of(tmp_path, keys).unsigned) == ({}, {})
    run(tmp_path, 3, then=(("closed", {"outcome": "RETIRED"}),), procedure="retire", selector=CURRENT)
    assert (list(all_of(tmp_path).retired), all_of(tmp_path).unsigned) == ([CURRENT], {})
