"""What a run saw and was given survives JSON: a journal holds all of it, and an older journal what there was then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from byodkim.plain import from_plain, plain
from byodkim.rotation.findings import Finding, Level, Verdict
from byodkim.rotation.observation import Observation, Stored, Unread
from byodkim.rotation.resolution import BLOCKED
from tests.each import each
from tests.rotation import world
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


@each("change", [{"verdict": "FINE"}, {"level": ""}, {"observed": {}}, {"id": None}])
def test_what_is_no_finding_is_refused(change: dict[str, Any]) -> None:
    told = plain(Finding("DNS-V6", "", Level.WARNS, Verdict.PASS, "x", "y"))
    with pytest.raises(ValueError, match=r"Invalid|Expected|missing"):
        from_plain(Finding, told | change)
