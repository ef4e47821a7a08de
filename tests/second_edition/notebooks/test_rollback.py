"""A selector that SES does not verify in time: the run goes back by itself, where the profile asks and proof allows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.sandbox.outside import DOMAIN, servers, txt

pytestmark = pytest.mark.prove  # tests/second_edition/engine/test_not_rolled_back.py and its neighbours go back in this process

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
WAIVED = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team", "-p", "wait_minutes", "0")


@dataclass(frozen=True)
class Told:
    """The run that wrote, the one when time had passed, the writes and the selector by then."""

    first: Ran
    second: Ran
    puts: int
    selector: str


def unchanged(stage: Stage) -> None:
    """The world as it is."""


def aliased(stage: Stage) -> None:
    """The key record in use is a CNAME, as where the DNS team delegated it."""
    name, target = f"{CURRENT}._domainkey.{DOMAIN}", f"keys.{DOMAIN}"
    (value,) = txt(servers(stage.sandbox.facts)[0], name)
    stage.sandbox.set_record(target, "TXT", [[value[:255].decode(), value[255:].decode()]])
    stage.sandbox.set_record(name, "TXT", [])
    stage.sandbox.set_record(name, "CNAME", [f"{target}."])


def story(
    hours: int,
    then: Callable[[Stage], object] = unchanged,
    profile: int = 24,
    before: Callable[[Stage], object] = unchanged,
) -> Callable[[Stage], Told]:
    def tell(stage: Stage) -> Told:
        before(stage)
        (stage.folder / "byodkim.toml").write_text(f"[default]\nrollback_after_hours = {profile}\n")
        first = stage.apply(*WAIVED)
        stage.sandbox.advance(timedelta(hours=hours))
        then(stage)
        second = stage.apply(*WAIVED)
        return Told(first, second, len(stage.puts), stage.identity["selectors"][0])

    return tell


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    stories = {
        "due": story(25),
        "cname": story(25, before=aliased),
        "early": story(23),
        "off": story(25, profile=0),
        "record gone": story(25, lambda stage: stage.sandbox.unpublish(CURRENT)),
    }
    return {name: troupe.begin(name.replace(" ", "-"), tell, "dns-absent") for name, tell in stories.items()}


@pytest.mark.parametrize("name", ["due", "cname"])
def test_when_its_time_is_over_the_run_goes_back(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    assert told.first.outcome == "SWITCHED-PENDING"
    assert (told.second.outcome, told.second.returncode, told.puts, told.selector) == ("ROLLED-BACK", 1, 2, CURRENT)
    assert f"so {CURRENT} was written again, as the profile asks" in told.second.paragraph
    events = [event["event"] for event in told.second.events]
    assert events.index("rollback") + 1 == events.index("rolled")
    assert told.second.event("rollback")["change"]["next_selector"] == CURRENT
    assert told.second.event("read")["identity"]["status"] == "SUCCESS"


@pytest.mark.parametrize("name", ["early", "off"])
def test_before_that_or_unasked_it_stays(futures: dict[str, Future[Told]], name: str) -> None:
    told = futures[name].result()
    assert (told.second.outcome, told.puts, told.selector) == ("SWITCHED-PENDING", 1, NEXT)
    assert not told.second.has("rollback")


def test_what_no_longer_works_is_not_gone_back_to(futures: dict[str, Future[Told]]) -> None:
    told = futures["record gone"].result()
    assert (told.second.outcome, told.second.returncode, told.puts, told.selector) == ("FAILED", 1, 1, NEXT)
    assert f"{CURRENT} was not written again: DNS-PUBLISHED would refuse a rollback" in told.second.paragraph
    assert not told.second.has("rollback")
    (found,) = (one for one in told.second.event("checked")["findings"] if one["id"] == "BACK-CHECKS")
    assert (found["verdict"], found["observed"]["values"]["ids"]) == ("FAIL", "DNS-PUBLISHED")
