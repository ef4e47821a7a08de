"""Ask SES, before a campaign goes on, about the identities that are said to be switched: SES decides, no journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from second_edition.custody.client import Custodian
from second_edition.engine import run_start
from second_edition.intent.campaign import Row
from second_edition.procedures.fleet.planning import Surroundings
from second_edition.rotation.fleet import Member
from second_edition.rotation.inventory import BATCH


def overruled(switched: Iterable[tuple[int, Member]], around: Surroundings) -> set[int]:
    """Return which identities SES does not show with the selector of the plan.

    Args:
        switched: those that are said to have it, by their numbers.
        around: what their rows share.

    Raises:
        ByodkimError: SES could not be asked.
    """
    lanes = defaultdict[tuple[str, str, str], dict[int, Member]](dict)
    for number, member in switched:
        lanes[member.lane][number] = member
    found = set[int]()
    for members in lanes.values():
        shown = _shown([*members.values()], around)
        found |= {
            number for number, one in members.items() if shown.get(one.domain, {}).get("selectors") != [one.selector]
        }
    return found


def _shown(members: list[Member], around: Surroundings) -> dict[str, dict[str, Any]]:
    """Return the DKIM attributes of one account's and Region's identities, by name, a hundred a call."""
    found: dict[str, dict[str, Any]] = {}
    intent, sandbox = around.intent(Row(0, dict(members[0].parameters)))
    custodian = Custodian(read_only=True)
    try:
        custodian.ask("open", settings=run_start.settings_of(intent, sandbox))
        for start in range(0, len(members), BATCH):
            names = [one.domain for one in members[start : start + BATCH]]
            found |= custodian.ask("batch", names=names).result()
    finally:
        custodian.close()
    return found
