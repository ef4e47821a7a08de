"""What a run saw and was given survives JSON: a journal holds all of it, and an older journal what there was then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from byodkim.evidence.record import findings_in
from byodkim.plain import from_plain, plain
from byodkim.rotation.approval import Presented
from byodkim.rotation.findings import Finding, Level, Verdict, phrase
from byodkim.rotation.observation import Observation, Stored, Unread
from byodkim.rotation.plan import Plan
from byodkim.rotation.resolution import BLOCKED
from tests.each import each
from tests.rotation import approvals, world
from tests.rotation.rows import BEFORE, GIVEN, HALF, LAME, RESOLVED, SINCE, WEAK
from tests.rotation.world import NEXT, both

EVERYTHING = both(
    world.used("mail-20250917-3", world.sha256(world.WEAK_BITS)),
    world.others_at_one("mail-20261124-2", WEAK),
    world.key(candidates=("a.pem", "b.pem")),
    world.dns(delegation=LAME, path=BLOCKED, followed=RESOLVED, resolved=HALF, encrypted=RESOLVED[:1] * 2),
    world.dns(encrypted_counts=True, unvalidated=RESOLVED, history=(BEFORE, SINCE)),
    lambda seen: replace(seen, unread=(Unread("archive", "ListObjectsV2", "AccessDenied", "not allowed"),)),
    lambda seen: replace(seen, identity_absent=True, back_history=(BEFORE, SINCE), leftovers=("~/a.pem",)),
    world.given(GIVEN),
    lambda seen: replace(seen, reading={"at": "2026-11-24T04:08:57.000+00:00", "told": {"selectors": ["a"]}}),
    world.at_one_server(
        "\xff;", cname=("keys.example.com",), transport="tcp", failure="malformed", negative_ttl=300, refresh=7200
    ),
)(world.good())
NOTHING = Observation("2026-11-24T04:08:57.000+00:00", "example.jp", NEXT, None, None, Stored(NEXT), None, (), ())


def through_json(told: object) -> Any:
    return json.loads(json.dumps(told))


@each("seen", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
def test_an_observation_comes_back_whole(seen: Observation) -> None:
    assert from_plain(Observation, through_json(plain(seen))) == seen


@each(
    "presented",
    [
        replace(approvals.by("tanaka", comment="as agreed"), envelope={"payload": "x"}),
        Presented("x.json", defect="forged", envelope={}),
        Presented("x.json", defect="absent"),
    ],
)
def test_what_was_given_as_an_approval_comes_back_whole(presented: Presented) -> None:
    assert from_plain(Presented, through_json(plain(presented))) == presented


def test_a_finding_comes_back_whole() -> None:
    seen = phrase("{seconds} s apart", seconds=3)
    full = Finding("DNS-V6", "", Level.WARNS, Verdict.WAIVED, "x", seen, phrase("Ask again."), "agreed")
    for finding in (full, Finding("DNS-V6", "", Level.BLOCKS, Verdict.PASS, seen, "x")):
        (again,) = findings_in({"findings": [through_json(plain(finding))]})
        assert again == finding
        assert (type(again.verdict), type(again.level)) == (Verdict, Level)


@each("change", [{"verdict": "FINE"}, {"level": ""}, {"observed": {}}, {"id": None}])
def test_what_is_no_finding_is_refused(change: dict[str, Any]) -> None:
    told = plain(Finding("DNS-V6", "", Level.WARNS, Verdict.PASS, "x", "y"))
    with pytest.raises(ValueError, match=r"Invalid|Expected|missing"):
        findings_in({"findings": [told | change]})


def test_a_plan_comes_back_whole() -> None:
    for plan in (approvals.PLAN, approvals.NOTHING):
        found = from_plain(Plan, through_json(plain(plan)))
        assert found == plan
        assert type(found.relies_on) is dict
