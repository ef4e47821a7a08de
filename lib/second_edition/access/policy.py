"""Policy documents: the needs of commands in one mode, with a profile's values.

Nothing is allowed but what is needed, so all else is denied: a plan's policy has no write, and no statement names more
than one profile's resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from second_edition.access.needs import AUDIT, COPYING, EXPLORE, INVENTORY, Need
from second_edition.access.resources import Values, arns, condition, enabled
from second_edition.contributions import contributed, procedures

VERSION: Final = "2012-10-17"
#: What is needed, by command; what is not here (review, site ...) calls nothing of AWS; verify only where it is told.
COMMANDS: Final[Mapping[str, tuple[Need, ...]]] = {
    **{name: contributed(name, "needs").NEEDS for name in procedures()},
    "explore": EXPLORE,
    "inventory": INVENTORY,
    "archive": COPYING,
    "audit": AUDIT,
}


class Statement(Struct, frozen=True):
    """One statement, and the option that asks for it."""

    when: str
    content: dict[str, Any]


def needed(commands: Iterable[str], mode: str) -> tuple[Need, ...]:
    """Return what the commands need in a mode, each need once, in the order of the declarations.

    Raises:
        KeyError: there is no such command.
    """
    found = (need for command in commands for need in COMMANDS[command] if mode in need.modes)
    return tuple(dict.fromkeys(found))


def statements(needs: Iterable[Need], values: Values) -> tuple[Statement, ...]:
    """Return the statements for these needs, whatever options the profile has."""
    grouped: dict[str, list[Need]] = {}
    for need in needs:
        if need.on:  # what needs no permission is in no policy
            grouped.setdefault(need.sid, []).append(need)
    return tuple(_statement(sid, group, values) for sid, group in grouped.items())


def document(commands: Iterable[str], mode: str, values: Values, service: str = "") -> dict[str, Any]:
    """Return the policy document. Its ``Statement`` is empty where nothing of AWS is called.

    Args:
        commands: names in ``COMMANDS``.
        mode: ``plan`` or ``apply``.
        values: of the profile.
        service: the only one that is reached, such as ``ses``: others are signed in where secrets and keys are.

    Raises:
        KeyError: there is no such command.
    """
    needs = [need for need in needed(commands, mode) if need.action.startswith(service)]
    found = [one.content for one in statements(needs, values) if enabled(one.when, values)]
    return {"Version": VERSION, "Statement": found}


def _statement(sid: str, group: list[Need], values: Values) -> Statement:
    first = group[0]
    content: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(dict.fromkeys(need.action for need in group)),
        "Resource": list(arns(first.on, values)),
    }
    if conditions := condition(first.only, first.on, values):
        content["Condition"] = conditions
    return Statement(first.when, content)
