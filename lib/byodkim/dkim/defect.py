"""The one error that says what is wrong with a key record or the public key in it."""

from __future__ import annotations

from byodkim.errors import ByodkimError
from byodkim.messages import Language, say

_TOPIC = "key_record"


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
        return say(_TOPIC, self.defect, language, **self.values)

    def correction(self, language: Language) -> str:
        """Return one sentence that says what to do about it."""
        return say(_TOPIC, f"{self.defect}.todo", language)
