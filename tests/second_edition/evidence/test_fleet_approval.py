"""A campaign's approval as files: signed once, proved for each identity, and verified again from a journal alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from second_edition.evidence import approval, fleet_record
from second_edition.evidence.approval import public_text
from second_edition.evidence.journal import Account, digest
from second_edition.evidence.record import Record
from second_edition.evidence.verification_case import Files, Speaker, Trust
from second_edition.evidence.verification_run import Case, approvals
from second_edition.plain import plain
from second_edition.procedures.fleet.member_run import has_place
from second_edition.rotation import fleet
from tests.second_edition.each import each
from tests.second_edition.events.noted import record_of
from tests.second_edition.evidence import journals
from tests.second_edition.rotation.fleet_rows import MEMBERS, PACE, PLAN, RUN

KEY = Ed25519PrivateKey.generate()
APPROVERS = {"tanaka": public_text(KEY)}
NUMBER = 3
Json = dict[str, Any]


def begun() -> Record:
    return record_of({"event": "begin", "run": RUN, "domain": "", "selector": ""})


def signed(folder: Path) -> Path:
    """The approval's file."""
    stated = approval.statement(begun(), PLAN, "tanaka", "looked at", datetime(2026, 11, 24, 3, 40, tzinfo=UTC))
    path = folder / approval.file_name("plan", RUN, "tanaka")
    path.write_bytes(approval.sign(stated, KEY))
    return path


def place(folder: Path) -> Path:
    """The file with an identity's place in the plan."""
    proof = fleet_record.proofs(MEMBERS)[NUMBER]
    return fleet_record.place(folder / "places", NUMBER, MEMBERS[NUMBER], PLAN, proof, ("20261124T050000Z-91c0", RUN))[
        0
    ]


def journal(folder: Path) -> Json:
    """The events of a run that was given both, as its journal has them."""
    presented = [plain(approval.present(path, APPROVERS)) for path in (signed(folder), place(folder))]
    made = MEMBERS[NUMBER].plan
    assert made is not None
    begin = {
        "event": "begin",
        "n": 0,
        "run": "r",
        "approvals": 1,
        "parameters": {"region": {"value": "eu-west-1", "source": "profile"}},
    }
    events = {
        "begin": begin,
        "approvals": {"event": "approvals", "approvers": APPROVERS, "presented": presented},
        "planned": {"event": "planned", "plan": plain(made)},
        "intent": {"event": "intent"},
    }
    told: Json = json.loads(json.dumps(events))
    return told


def account_of(events: Json) -> Account:
    line = {"at": "2026-11-24T05:00:00+00:00", "previous_line": "0" * 64}
    whole = tuple({"n": n, **line, **journals.whole(one["event"], one)} for n, one in enumerate(events.values()))
    return Account(tuple(record_of(*whole).events), Path("x"), "", torn=False)


def codes(events: Json, trust: Trust | None = None) -> list[str]:
    account = account_of(events)
    case = Case(Files(account.path), account, trust or Trust(approvers=APPROVERS), Speaker("en"))
    return [one.code for one in approvals(case)]


def test_files_are_worth_what_was_signed_and_proved(tmp_path: Path) -> None:
    one, other = (approval.present(path, APPROVERS) for path in (signed(tmp_path), place(tmp_path)))
    assert one.approval is not None
    assert (one.approval.approver, one.approval.run, one.approval.of_campaign) == ("tanaka", RUN, True)
    assert one.approval.plan.content() == PLAN.content()
    assert other.member is not None
    assert other.member.holds
    assert other.member.plan == MEMBERS[NUMBER].plan
    assert [path.name for path in approval.find(RUN, tmp_path)] == [signed(tmp_path).name]


@pytest.mark.parametrize("name", ["root", "count", "pace.wave", "place 123456789012 ap-northeast-1"])
def test_an_approval_whose_plan_was_changed_is_none(tmp_path: Path, name: str) -> None:
    stated = approval.statement(begun(), PLAN, "tanaka", "", datetime.now(UTC))
    stated["predicate"]["plan"]["relies_on"][name] = "8"
    path = tmp_path / "x.json"
    path.write_bytes(approval.sign(stated, KEY))
    assert approval.present(path, APPROVERS).defect == "malformed"


def test_a_place_of_another_plan_than_its_digest_says_is_none(tmp_path: Path) -> None:
    path = place(tmp_path)
    for way, value in (
        ("plan/relies_on/account", "111122223333"),
        ("fleet/relies_on/pace.stop_after", "99"),
        ("proof", None),
    ):
        told = json.loads(path.read_text())
        alter(way, value)(told)
        (tmp_path / "x.json").write_text(json.dumps(told))
        assert approval.present(tmp_path / "x.json", APPROVERS).defect == "malformed"


def test_a_run_of_a_campaign_is_verified_from_its_journal(tmp_path: Path) -> None:
    events = journal(tmp_path)
    assert codes(events) == []
    assert codes(events, Trust()) == ["approvers-own"]


def test_a_run_counts_for_its_own_place_in_its_own_campaign_alone(tmp_path: Path) -> None:
    """One domain may stand in a table once for each account and Region: a record of one is none of another."""
    member, events = MEMBERS[NUMBER], journal(tmp_path)
    events["begin"] |= {"domain": member.domain, "selector": member.selector}
    own = account_of(events)
    other = fleet.planned(MEMBERS, PACE | {"wave": "1"}, digest)
    assert has_place(own, PLAN, NUMBER, member)
    assert not has_place(own, PLAN, NUMBER + 1, replace(MEMBERS[NUMBER + 1], domain=member.domain))
    assert not has_place(own, PLAN, NUMBER, replace(member, domain="d.example.jp"))
    assert not has_place(own, other, NUMBER, member)


def alter(path: str, value: object) -> Callable[[Json], None]:
    """Sets what stands at a path of keys and numbers."""

    def change(events: Json) -> None:
        *way, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
        found: Any = events
        for part in way:
            found = found[part]
        found[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (alter("approvals/presented/1/envelope/index", 4), ["approval-off", "approvals-few"]),
        (alter("approvals/presented/1/envelope/proof/0", "00" * 32), ["approval-off", "approvals-few"]),
        (alter("approvals/presented/1/member/index", 4), ["approval-off"]),
        (alter("approvals/presented/0/approval/approver", "sato"), ["approval-off", "approvals-few"]),
        (alter("approvals/presented/0/envelope/payload", "e30="), ["approval-off", "approvals-few"]),
        (alter("planned/plan/digest", "00" * 32), ["member-off", "approvals-few"]),
        (alter("begin/approvals", 2), ["approvals-few"]),
        (alter("approvals/presented/1", {"file": "x", "approval": None, "envelope": None}), ["approvals-few"]),
    ],
    ids=[
        "another place", "another proof", "another place written down", "another approver", "nothing signed",
        "another plan carried out", "more needed", "no place",
    ],
)  # fmt: skip
def test_whatever_was_altered_shows(tmp_path: Path, change: Callable[[Json], None], expected: list[str]) -> None:
    events = journal(tmp_path)
    change(events)
    assert codes(events) == expected


@each("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_campaign_s_table_is_a_formula(sign: str) -> None:
    signed = replace(MEMBERS[0], account=f"{sign}1", status=f"{sign}cmd", region=f"x{sign}", current_selector="-")
    _, row = csv.reader(io.StringIO(fleet_record.table([signed]), newline=""))
    assert row[2:4] == [f"'{sign}1", f"x{sign}"]
    assert row[5:7] == ["-", f"'{sign}cmd"]
