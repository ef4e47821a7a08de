"""Define what is wrong with a key record, and the error that says it of the record or the public key in it."""

from __future__ import annotations

from msgspec import Struct

from second_edition.errors import ByodkimError
from second_edition.messages import Language, find, say

_TOPIC = "key_record"


class Finding(Struct, frozen=True):
    """One defect of a key record, of a sheet that asks for it, or of what was published.

    Attributes:
        defect: stable name of the defect, in kebab case (the keys of ``messages.key_record.TEXTS``).
        values: what the sentences name: sizes, names and a few escaped characters. Never the key itself.
        line: of the sheet, from 1; 0 for all of it.
    """

    defect: str
    values: tuple[tuple[str, str | int], ...] = ()
    line: int = 0

    def explain(self, language: Language) -> str:
        """Return one sentence that says what is wrong."""
        return say(_TOPIC, self.defect, language, **dict(self.values))

    def correction(self, language: Language) -> str:
        """Return one sentence that says what to do about it."""
        own = find(_TOPIC, f"{self.defect}.todo", language, **dict(self.values))
        return own or say(_TOPIC, "todo", language)


class KeyRecordInvalid(ByodkimError):
    """A key record that mail must not be signed with: the defect, and how it is corrected.

    Attributes:
        defect: stable name of the defect, in kebab case.
        values: what the sentences name.
    """

    def __init__(self, defect: str, **values: str | int) -> None:
        self.defect, self.values = defect, values
        super().__init__(self.explain("en"), say(_TOPIC, "means", "en"), self.correction("en"))

    def explain(self, language: Language) -> str:
        """Return one sentence that says what is wrong."""
        return Finding(self.defect, tuple(self.values.items())).explain(language)

    def correction(self, language: Language) -> str:
        """Return one sentence that says what to do about it."""
        return Finding(self.defect, tuple(self.values.items())).correction(language)
