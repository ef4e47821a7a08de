"""Words for people. Every sentence stands once, in English and Japanese side by side, so none can lack a half.

A catalogue is a mapping from a key to ``(english, japanese)``; sentences take named values in ``str.format`` braces.
Each topic has a module of its own here, with one ``TEXTS`` catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    catalogue: Catalogue = import_module(f"{__name__}.{topic}").TEXTS
    return catalogue[key][LANGUAGES.index(language)].format(**values)
