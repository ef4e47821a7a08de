"""The sentences of the code, and the Japanese ones of the catalogue."""

from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from byodkim.words import LOCALE

PO = LOCALE / "ja" / "LC_MESSAGES" / "byodkim.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"_": None, "n_": (1, 2)}

#: English text, and the plural; "" where there is only one form.
Key = tuple[str, str]


@cache
def of_code() -> frozenset[Key]:
    """Return every sentence of the package."""
    package = Path(LOCALE).parent
    rows = extract_from_dir(str(package), [("**.py", "python")], keywords=KEYWORDS)
    return frozenset(_key(message) for _file, _line, message, _comments, _context in rows)


def of_po() -> dict[Key, str]:
    """Return the translations of the text file."""
    with PO.open("rb") as file:
        return _translations(read_po(file))


def of_mo() -> dict[Key, str]:
    """Return the translations of the compiled file."""
    with MO.open("rb") as file:
        return _translations(read_mo(file))


def fuzzy() -> list[Key]:
    """Return the sentences whose translation is marked as a guess."""
    with PO.open("rb") as file:
        return [_key(message.id) for message in read_po(file) if message.id and message.fuzzy]


def names(text: str) -> set[str]:
    """Return the placeholders of a text."""
    return {name for _text, name, _form, _conversion in Formatter().parse(text) if name}


def _translations(catalogue: Catalog) -> dict[Key, str]:
    return {_key(message.id): _key(message.string or "")[0] for message in catalogue if message.id}


def _key(message: str | tuple[str, ...] | list[str]) -> Key:
    if isinstance(message, str):
        return message, ""
    return message[0], message[-1] if len(message) > 1 else ""
