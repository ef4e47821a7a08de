"""Sentences for people: written in English where they are used, translated by gettext when they are
shown.

A process shows one language (``speak``). The journal keeps the English text and its values, so that
a record can be shown in any language later.
"""

import gettext
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, TypeAlias

from msgspec import Struct

Language = Literal["en", "ja"]
#: What a sentence may be filled with. A list is joined with commas.
Value: TypeAlias = "str | int | float | bool | list[str] | Sentence"

LOCALE: Final = Path(__file__).with_name("locale")

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language: Language = "en"


def speak(language: Language) -> None:
    """Show sentences in this language from now on."""
    global _catalogue, _language
    _language = language
    _catalogue = gettext.translation("byodkim", LOCALE, [language], fallback=True)


def language() -> Language:
    """Return the language in which sentences are shown."""
    return _language


class Sentence(Struct, frozen=True, omit_defaults=True):
    """A sentence and what it is filled with.

    Attributes:
        text: the English text, with ``{names}`` of values.
        values: by name.
        plural: the English text for a ``count`` other than 1; "" where there is only one form.
    """

    text: str
    values: dict[str, Value] = {}
    plural: str = ""

    def __str__(self) -> str:
        """Return the sentence in the language of this process."""
        if self.plural:
            count = int(str(self.values["count"]))
            text = _catalogue.ngettext(self.text, self.plural, count)
        else:
            text = _catalogue.gettext(self.text) if self.text else ""
        return text.format_map({name: _shown(value) for name, value in self.values.items()})


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return listed(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _(text: str, **values: Value) -> Sentence:
    """Return a sentence. The text is a key of the catalogue, so it must be a literal."""
    return Sentence(text, values)


def n_(text: str, plural: str, count: int, **values: Value) -> Sentence:
    """Return a sentence with a form for one and a form for any other ``count``."""
    return Sentence(text, {"count": count, **values}, plural)


def listed(texts: Iterable[str]) -> str:
    """Return texts one after another, with the commas of this process's language."""
    return ("、" if _language == "ja" else ", ").join(texts)


def joined(*sentences: Sentence | str | None) -> str:
    """Return sentences one after another, without those that are missing."""
    gap = "" if _language == "ja" else " "
    return gap.join(filter(None, (str(each or "") for each in sentences)))
