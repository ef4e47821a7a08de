"""What can be found of a run that is verified: stable codes, and which of them are faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byodkim.messages import Language, say

#: What is worth knowing and contradicts nothing. All else that can be found is a fault.
NOTES: Final = frozenset(
    {
        "no-notebook", "notebook-cut", "notebook-unfinished", "renamed", "torn", "taken-up", "previous-elsewhere",
        "overlapping", "begun-only", "unbegun",
        "template-unknown", "template-untold", "template-changed", "error-uncovered", "notebook-uncovered",
        "approvers-own", "approval-brought", "stamp-unchecked", "landed-late",
        "no-record", "request-missing", "request-uncovered",
        "message-later", "copies-untold", "page-uncovered", "fleet-elsewhere", "head-late", "head-unnamed",
        "campaign-elsewhere",
    }
)  # fmt: skip

#: What keeps a run from being judged: what it would be judged by is not at hand.
UNDECIDED: Final = frozenset(
    {
        "format", "journal-unread", "notebook-unread", "seal-unreadable", "seal-untrusted", "seal-stamp.roots",
        "stamp-unread", "not-plain", "campaign-unknown",
    }
)  # fmt: skip
#: What is said of a run that was stopped, where nothing is lost by it.
STOPPED: Final = frozenset({"taken-up"})


@dataclass(frozen=True)
class Finding:
    """What was found of a run: a stable code, and a sentence for people."""

    code: str
    text: str

    @property
    def fault(self) -> bool:
        """Return whether the run is not verified because of it."""
        return self.code not in NOTES

    @property
    def undecided(self) -> bool:
        """Return whether it says no more than that something cannot be judged here."""
        return self.code in UNDECIDED


class Speaker:
    """Makes findings in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, code: str, **values: object) -> Finding:
        """Return a finding."""
        return Finding(code, say("verify", code, self.language, **values))
