"""What a campaign writes, and what it refuses: only the signed plan of its table, row by row."""

from __future__ import annotations

from tests.fleet.fleet import Fleet, outcomes
from tests.sandbox.tools import CURRENT, NEW


def test_there_and_back(fleet: Fleet) -> None:
    """Each row is written once. The rollback table is one that ``fleet`` itself takes."""
    assert fleet.plan(wave_rows="1").outcome == "PLANNED"
    assert fleet.selectors == [CURRENT] * 3
    result = fleet.apply()
    assert (result.outcome, result.code) == ("SWITCHED", 0), result.text
    assert outcomes(result) == dict.fromkeys((2, 3, 4), "SWITCHED")
    assert (fleet.writes, fleet.selectors) == ([1] * 3, [NEW] * 3)
    assert fleet.apply("again").outcome == "UNCHANGED"
    back = {"table": "outputs/apply.csv"}
    assert fleet.plan("plan-back", **back).outcome == "PLANNED"
    assert fleet.apply("back", **back).outcome == "SWITCHED"
    assert (fleet.writes, fleet.selectors) == ([2] * 3, [CURRENT] * 3)
    fleet.require_verified()
