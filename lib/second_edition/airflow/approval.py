"""Define who let a campaign go on, in words for its records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from second_edition.messages import Language, say

APPROVE: Final = "Approve"  # as ApprovalOperator has it
LONGEST: Final = 1000  # characters of a reason
#: What Airflow calls a user of whom it knows nothing.
NAMELESS: Final = ("", "anonymous")


def approves(answer: Mapping[str, Any] | None) -> bool:
    """Return whether a person has answered, and let the campaign go on."""
    return answer is not None and answer["chosen_options"] == [APPROVE]


def reason(given: str, answer: Mapping[str, Any], run: str, language: Language) -> str:
    """Return the reason for the records: what was given, and who let the campaign go on, when, in which DAG run."""
    name = str((answer.get("responded_by_user") or {}).get("name") or "")
    approver = name if name.lower() not in NAMELESS else say("airflow", "nameless", language)
    sentence = say("airflow", "go-ahead", language, who=approver, at=answer["responded_at"], run=run)
    return f"{given[: LONGEST - len(sentence) - 2]}; {sentence}".removeprefix("; ")
