"""retire.ipynb through a signed dynamic update (RFC 2136): real Knot DNS and BIND hold the zone."""

from __future__ import annotations

import subprocess
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from byodkim.rotation.publication import REVOKED_VALUE
from tests.access.estates import Builder
from tests.dns.updated import Key, Updated, bind, knot, whole, zone_of
from tests.notebooks import outside
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.test_retire import ACTIVE, APPLY, KNOWN, LEFT, Told, by_profile, writes

NAMES = {selector: (f"{selector}._domainkey.example.jp.", "TXT") for selector in (LEFT, ACTIVE)}
SERVERS = {"knot": knot, "bind": bind}


def updated(server: Updated, by: str) -> object:
    """A story: a plan, an apply run, and again, where the zone is that server's alone."""

    def story(stage: Stage) -> Told:
        facts, key = stage.sandbox.facts, Key()
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            records = {one: outside.txt(facts, one)[0] for one in (LEFT, ACTIVE)}
            port = stack.enter_context(server(folder, key, zone_of(records)))  # type: ignore[call-arg]
            builder = Builder(facts, stack)
            builder.tsig(key, port)
            builder.retiring("delete", retire_by=by)
            before = whole(port)
            runs = {
                name: by_profile(stage, *words, *KNOWN, **builder.profile)
                for name, words in (("plan", ()), ("apply", APPLY), ("again", APPLY))
            }
            asked = ["dig", "@127.0.0.1", "-p", str(port), "+short", "+tcp", "TXT", NAMES[LEFT][0]]
            served = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
            zones = {"before": before, "after": whole(port), "served": served}
        files = [path for path in stage.folder.glob("outputs/**/*") if path.is_file()]
        leaks = [path.name for path in files if key.base64.encode() in path.read_bytes()]
        verified = stage.byodkim("verify", "outputs").stdout
        return Told(runs, {"all": writes(stage)}, {**zones, "leaks": leaks, "verified": verified})

    return story


CASES = [(name, by) for name in SERVERS for by in ("revoke", "remove")]


QUICK = {"name": ("knot",), "by": ("remove",)}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> dict[tuple[str, str], Future[Told]]:
    return {
        (name, by): troupe.begin(f"{name}-{by}", updated(SERVERS[name], by), "overlap")  # type: ignore[arg-type]
        for name, by in CASES
    }


@pytest.mark.parametrize(("name", "by"), CASES)
def test_the_record_goes_by_one_update_and_the_rest_of_the_zone_stays(
    told: dict[tuple[str, str], Future[Told]], name: str, by: str
) -> None:
    story = told[name, by].result()
    ran: dict[str, Ran] = story.runs
    assert [ran[one].outcome for one in ("plan", "apply", "again")] == ["PLANNED", "RETIRED", "UNCHANGED"], ran
    before, after = story.other["before"], story.other["after"]
    assert {one: before[one] for one in before if one != NAMES[LEFT]} == {
        one: after[one] for one in after if one != NAMES[LEFT]
    }
    assert NAMES[ACTIVE] in after
    assert story.other["served"] == (f'"{REVOKED_VALUE}"' if by == "revoke" else "")
    assert (NAMES[LEFT] in after) == (by == "revoke")
    intent = ran["apply"].event("zone-intent")
    assert (intent["way"]["publisher"], intent["change"]["name"]) == ("rfc2136", NAMES[LEFT][0].rstrip("."))
    assert ran["apply"].verdicts["DNS-WITHDRAWN"] == "PASS"


@pytest.mark.parametrize(("name", "by"), CASES)
def test_then_key_and_entry_go_and_the_records_verify(
    told: dict[tuple[str, str], Future[Told]], name: str, by: str
) -> None:
    story = told[name, by].result()
    wrote = [one for one in story.wrote["all"] if one != "CreateSecret"][1:]
    assert wrote == ["DeleteObject", "PutSecretValue", *["UpdateSecretVersionStage"] * 3]
    assert (story.other["leaks"], story.other["verified"].count("VERIFIED")) == ([], 3)
