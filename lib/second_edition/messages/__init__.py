"""Sentences for people: in English here, a module a topic; in other languages from ``byodkim/locale``, by gettext.

A short sentence that one place needs stands there: ``words("...")`` in a record, ``phrase("...")`` in a check. Here stand
errors, what is chosen by a value, and what is long; a procedure's own are its module ``words``. A catalogue maps a key to an English sentence, which takes named
values in ``str.format`` braces; to a ``Plural`` where its words depend on the value ``count``. Each other language is one
file, ``locale/<language>/LC_MESSAGES/byodkim.po``, whose messages are the English sentences. Where one English sentence
needs two translations, the one that differs has the context ``topic.key``. ``make messages`` compiles the files.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Literal, NamedTuple, get_args

from second_edition.contributions import contributed, procedures

Language = Literal["en", "ja"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LOCALE: Final = f"{__path__[0]}/../locale"


class Plural(NamedTuple):
    """An English sentence for a ``count`` of one thing, and for any other number. gettext chooses in each language."""

    one: str
    many: str


def say(topic: str, key: str, language: Language, /, **values: object) -> str:
    """Return the sentence ``key`` of the catalogue ``topic`` in ``language``, with ``values`` filled in.

    Raises:
        KeyError: no such key, or a value that the sentence names was not given.
    """
    text = sentence(topic, key, language, values.get("count"))
    if (reason := values.get("reason")) in _reasons():
        values = {**values, "reason": translated(str(reason), language)}
    return text.format(**values) if "{" in text or "}" in text else text


def find(topic: str, key: str, language: Language, /, **values: object) -> str:
    """Return what ``say`` does; "" where the catalogue has no such key."""
    return say(topic, key, language, **values) if key in catalogue(topic) else ""


def sentence(topic: str, key: str, language: Language, count: object = None) -> str:
    """Return a sentence with the names of its values in braces, as ``count`` things need it.

    Raises:
        KeyError: no such key.
    """
    text = catalogue(topic)[key]
    if isinstance(text, Plural):
        return _translations(language).ngettext(*text, count if isinstance(count, int) else 2)
    return translated(text, language, f"{topic}.{key}")


@cache
def _reasons() -> frozenset[str]:
    """Return the English texts that are translated as the value ``reason``: what the operating system says is one."""
    return frozenset(map(str, catalogue("reasons").values()))


@cache
def catalogue(topic: str) -> Mapping[str, str | Plural]:
    """Return a catalogue by its topic; a procedure's own by the procedure's name."""
    own = topic in procedures()
    texts: Mapping[str, str | Plural] = (
        contributed(topic, "words") if own else import_module(f"{__name__}.{topic}")
    ).TEXTS
    return texts


def ambient() -> Language:
    """Return the language of this process's environment, for what belongs to no run."""
    return LANGUAGES[bool(gettext.find("byodkim", LOCALE))]


def translated(english: str, language: Language, context: str = "") -> str:
    """Return an English sentence in ``language``: as ``context`` needs it, where there is such a translation.

    What a language does not have stays English.
    """
    if not english:  # under which gettext has the file's own head
        return english
    translations = _translations(language)
    own = translations.pgettext(context, english) if context else english
    return own if own != english else translations.gettext(english)


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    return gettext.translation("byodkim", LOCALE, [language], fallback=language == LANGUAGES[0])
