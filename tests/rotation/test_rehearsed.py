"""REHEARSED: which rehearsals count, and for which plan; and what of two plans is compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from byodkim.rotation.checks.rehearsed import ALL, RehearsalCase
from byodkim.rotation.findings import Phrase, Verdict
from byodkim.rotation.plan import PUT, Plan, Write
from byodkim.rotation.rehearsal import Tried, differing

NOW = Plan(
    (Write(PUT, "example.jp", "mail-20260912-1", "mail-20261124-1", "a" * 64),),
    {
        "account": "123456789012", "dns.192.0.2.1:53": f"a-key sha256:{'1' * 64}", "identity.status": "SUCCESS",
        "key.version": "v1",
    },
    "d" * 64,
)  # fmt: skip
TRIED = Tried("run", "SWITCHED", "2026-11-28T00:00:00+00:00", "2026-11-27T00:00:00+00:00", NOW)


def with_facts(**facts: str) -> Plan:
    return msgspec.structs.replace(NOW, relies_on={**NOW.relies_on, **facts})


@pytest.mark.parametrize(
    ("tried", "verdict", "said"),
    [
        (TRIED, Verdict.PASS, "run run ended SWITCHED"),
        (None, Verdict.FAIL, "no rehearsal in the archive"),
        (replace(TRIED, outcome="SWITCHED-PENDING"), Verdict.FAIL, "run run ended SWITCHED-PENDING"),
        (replace(TRIED, outcome=""), Verdict.FAIL, "run run ended -"),
        (replace(TRIED, plan=None), Verdict.FAIL, "changed since: plan"),
        (replace(TRIED, plan=with_facts(**{"identity.status": "FAILED"})), Verdict.FAIL, "since: identity.status"),
        (replace(TRIED, plan=with_facts(**{"key.version": "v0"})), Verdict.FAIL, "since: key.version"),
        (replace(TRIED, plan=with_facts(**{"check.REHEARSED": "FAIL"})), Verdict.PASS, "ended SWITCHED"),
        (replace(TRIED, plan=msgspec.structs.replace(NOW, writes=())), Verdict.FAIL, "since: write 1"),
    ],
)
def test_a_rehearsal_of_what_stands_now_is_required(tried: Any, verdict: Verdict, said: str) -> None:
    (found,) = ALL.evaluate(RehearsalCase(NOW, tried), {})
    assert found.verdict is verdict
    assert isinstance(found.observed, Phrase)
    assert said in found.observed.text.format(**found.observed.values)
    assert found.stops is (verdict is Verdict.FAIL)


def test_neither_a_plan_nor_a_rollback_nor_a_run_without_writes_needs_one() -> None:
    shown = RehearsalCase(NOW, None, applies=False)
    back = RehearsalCase(NOW, None, returning=True)
    nothing = RehearsalCase(msgspec.structs.replace(NOW, writes=()), None)
    assert [ALL.evaluate(one, {})[0].verdict for one in (shown, back, nothing)] == [Verdict.SKIPPED] * 3


def test_a_twins_plan_differs_by_what_it_does_not_by_its_keys_and_place() -> None:
    twins = Plan(
        (Write(PUT, "example.jp", "mail-20260912-1", "mail-20261124-1", "b" * 64),),
        {
            "account": "111122223333", "dns.127.0.0.1:5354": f"a-key sha256:{'2' * 64}", "identity.status": "SUCCESS",
            "key.version": "v9",
        },
        "e" * 64,
    )  # fmt: skip
    servers = (["192.0.2.1:53"], ["127.0.0.1:5354"])
    assert differing(NOW, twins, *servers) == []
    absent = msgspec.structs.replace(twins, relies_on={**twins.relies_on, "dns.127.0.0.1:5354": "absent"})
    assert differing(NOW, absent, *servers) == [("dns.server 1", "a-key", "absent")]
    other = msgspec.structs.replace(twins, writes=(msgspec.structs.replace(twins.writes[0], next_selector="x"),))
    assert [name for name, _, _ in differing(NOW, other, *servers)] == ["write 1"]
