"""A selector that was used with another key, and a key that was used under another selector, are both refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ses_sandbox.keys import make_key_pair
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.sandbox.generator import generate, pair_of

THIRD = "mail-20270301-1"


@dataclass
class Told:
    first: Ran
    back: Ran
    another_key: Ran
    another_name: Ran
    puts: int


def tell(stage: Stage) -> Told:
    facts = stage.sandbox.facts
    used = pair_of(facts, facts.next_selector)
    first = stage.apply()
    back = stage.apply(selector=facts.current_selector)
    generate(stage.sandbox, facts.next_selector, make_key_pair())
    another_key = stage.apply()
    generate(stage.sandbox, THIRD, used)
    another_name = stage.apply(selector=THIRD)
    return Told(first, back, another_key, another_name, len(stage.puts))


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Told:
    return troupe.begin("reuse", tell).result()


def test_going_back_to_a_selector_with_its_own_key_is_no_reuse(told: Told) -> None:
    assert (told.first.outcome, told.back.outcome) == ("SWITCHED", "SWITCHED"), told.back.stderr


def test_only_the_two_sound_switches_were_written(told: Told) -> None:
    assert told.puts == 2
    assert not told.another_key.has("intent")
    assert not told.another_name.has("intent")


def test_a_selector_that_was_used_with_another_key_is_refused(told: Told) -> None:
    ran, run = told.another_key, told.first.event("begin")["run"]
    assert ran.outcome == "REFUSED"
    assert ran.failed() == {"KEY-SELECTOR", "TIME-ACTIVATE"}  # caches may still have the record with the other key
    used = told.first.event("intent")["change"]["key_sha256"]
    assert f"Seen: used with SHA-256 {used} (run {run})." in ran.paragraph


def test_a_key_that_was_used_under_another_selector_is_refused(told: Told) -> None:
    ran, run = told.another_name, told.first.event("begin")["run"]
    assert ran.outcome == "REFUSED"
    assert ran.failed() == {"KEY-REUSED"}
    assert f"Seen: the key of mail-20261124-1 ({run})." in ran.paragraph
