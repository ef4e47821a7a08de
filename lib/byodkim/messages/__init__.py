"""Sentences for people: in English here, a module a topic; in other languages from ``byodkim/locale``, by gettext.

A catalogue maps a key to an English sentence, which takes named values in ``str.format`` braces; ``key.one`` is said
where the value ``count`` is 1. Each other language is
one file, ``locale/<language>/LC_MESSAGES/byodkim.po``, whose messages are the English sentences. Where one English
sentence needs two translations, the one that differs has the context ``topic.key``. ``make messages`` compiles the
files.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Literal, get_args

Language = Literal["en", "ja"]
Catalogue = Mapping[str, str]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LOCALE: Final = f"{__path__[0]}/../locale"


def say(topic: str, key: str, language: Language, /, **values: object) -> str:
    """Return the sentence ``key`` of the catalogue ``topic`` in ``language``, with ``values`` filled in.

    Raises:
        KeyError: no such key, or a value that the sentence names was not given.
    """
    text = sentence(topic, key, language, one=values.get("count") == 1)
    return text.format(**values) if "{" in text or "}" in text else text


def sentence(topic: str, key: str, language: Language, *, one: bool = False) -> str:
    """Return a sentence with the names of its values in braces; of ``one``, the one for a single thing if there is one.

    Raises:
        KeyError: no such key.
    """
    catalogue: Catalogue = import_module(f"{__name__}.{topic}").TEXTS
    key = f"{key}.one" if one and f"{key}.one" in catalogue else key
    return translated(catalogue[key], language, f"{topic}.{key}")


def ambient() -> Language:
    """Return the language of this process's environment, for what belongs to no run."""
    return LANGUAGES[bool(gettext.find("byodkim", LOCALE))]


def translated(english: str, language: Language, context: str = "") -> str:
    """Return an English sentence in ``language``: as ``context`` needs it, where there is such a translation.

    What a language does not have stays English.
    """
    if language == "en" or not english:
        return english
    translations = _translations(language)
    own = translations.pgettext(context, english) if context else english
    return own if own != english else translations.gettext(english)


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    return gettext.translation("byodkim", LOCALE, [language])
