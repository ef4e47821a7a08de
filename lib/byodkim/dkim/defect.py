"""What is wrong with a key record, and the error that says it of the record or the public key in it."""

from __future__ import annotations

from collections.abc import Mapping

from byodkim.errors import ByodkimError
from byodkim.messages import Language, find, say

_TOPIC = "key_record"


def explain(defect: str, values: Mapping[str, object], language: Language) -> str:
    """Return one sentence that says what is wrong."""
    return say(_TOPIC, defect, language, **values)


def correction(defect: str, values: Mapping[str, object], language: Language) -> str:
    """Return one sentence that says what to do about it."""
    return find(_TOPIC, f"{defect}.todo", language, **values) or say(_TOPIC, "todo", language)


class KeyRecordInvalid(ByodkimError):
    """A key record that mail must not be signed with: the defect, and how it is corrected.

    Attributes:
        defect: stable name of the defect, in kebab case (the keys of ``messages.key_record.TEXTS``).
        values: what the sentences name: sizes in bytes or bits, and a few escaped characters. Never the key itself.
    """

    def __init__(self, defect: str, **values: str | int) -> None:
        self.defect, self.values = defect, values
        super().__init__(self.explain("en"), say(_TOPIC, "means", "en"), self.correction("en"))

    def explain(self, language: Language) -> str:
        """Return one sentence that says what is wrong."""
        return explain(self.defect, self.values, language)

    def correction(self, language: Language) -> str:
        """Return one sentence that says what to do about it."""
        return correction(self.defect, self.values, language)
