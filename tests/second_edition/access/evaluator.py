"""Whether policies allow a request, as IAM decides it: a deny anywhere wins, else something must allow.

Only what the policies here use is known; anything else in them is an error, never a guess.
Source: IAM User Guide, "Policy evaluation logic", "IAM JSON policy elements: Condition operators", "Set operators for
multivalued context keys".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KNOWN = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
Policy = Mapping[str, Any]
Value = str | tuple[str, ...]  # several: of a key that has more than one


@dataclass(frozen=True)
class Request:
    """Hold what is asked of AWS: an action on a resource, and what is known of the circumstances."""

    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: ``*`` for any characters, ``?`` for exactly one."""
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(char, re.escape(char)) for char in pattern), text, re.DOTALL) is not None


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, Value]) -> bool:
    """Return whether every operator holds for every key."""
    return all(
        _holds(operator, listed(wanted), context.get(key))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, wanted: list[str], seen: Value | None) -> bool:
    quantifier, _, of_each = operator.rpartition(":")
    if quantifier:
        each = [_holds(of_each, wanted, one) for one in listed(seen or ())]
        # "ForAllValues" holds where the key is absent, too.
        return {"ForAllValues": all, "ForAnyValue": any}[quantifier](each)
    if operator == "Null":
        return (seen is None) == (wanted[0].lower() == "true")
    if isinstance(seen, tuple):
        raise ValueError(f"{operator} of several values is unknown")
    if operator == "Bool":
        return seen is not None and seen.lower() == wanted[0].lower()
    if operator == "StringEquals":
        return seen in wanted
    if operator in ("ArnEquals", "ArnLike", "StringLike"):
        return seen is not None and any(matches(pattern, seen) for pattern in wanted)
    if operator in ("ArnNotEquals", "ArnNotLike"):  # holds where the key is absent, too
        return seen is None or not any(matches(pattern, seen) for pattern in wanted)
    raise ValueError(f"unknown operator {operator}")


def concerns(statement: Mapping[str, Any], request: Request) -> bool:
    """Return whether a statement speaks of a request."""
    if unknown := statement.keys() - KNOWN:
        raise ValueError(f"unknown elements {unknown}")
    return (
        any(matches(action.lower(), request.action.lower()) for action in listed(statement["Action"]))
        and any(matches(resource, request.resource) for resource in listed(statement["Resource"]))
        and holds(statement.get("Condition", {}), request.context)
    )


def verdict(policies: Iterable[Policy], request: Request) -> tuple[str, str]:
    """``Allow``, ``Deny`` or ``""``, and the Sid of the statement that decided it."""
    found = [one for policy in policies for one in policy["Statement"] if concerns(one, request)]
    for effect in ("Deny", "Allow"):
        for statement in found:
            if statement["Effect"] == effect:
                return effect, statement.get("Sid", "-")
    return "", ""
