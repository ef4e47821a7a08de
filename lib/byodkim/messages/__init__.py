"""Words for people. Every sentence stands once, in English and Japanese side by side, so none can lack a half.

A catalogue is a mapping from a key to ``(english, japanese)``; sentences take named values in ``str.format`` braces.
Each topic has a module of its own here, with one ``TEXTS`` catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Literal, get_args

Language = Literal["en", "ja"]
Catalogue = Mapping[str, tuple[str, str]]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


def say(topic: str, key: str, language: Language, /, **values: object) -> str:
    """The sentence ``key`` of the catalogue ``topic`` in ``language``, with ``values`` filled in.

    Raises:
        KeyError: no such key, or a value that the sentence names was not given.
    """
    text, takes_values = _sentences(topic, language)[key]
    return text.format(**values) if takes_values else text


@cache
def _sentences(topic: str, language: Language) -> Mapping[str, tuple[str, bool]]:
    """The sentences of a catalogue in one language, each with whether there is anything to fill in."""
    catalogue: Catalogue = import_module(f"{__name__}.{topic}").TEXTS
    place = LANGUAGES.index(language)
    return {key: (texts[place], "{" in texts[place] or "}" in texts[place]) for key, texts in catalogue.items()}
