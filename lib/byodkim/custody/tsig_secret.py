"""The TSIG key as its secret holds it: read strictly, and its key searched for. Imported by the custodian only."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Final

import dns.exception
import dns.name

from byodkim.custody import windows
from byodkim.custody.windows import Windows
from byodkim.dns.dynamic_update import ALGORITHMS, TsigKey

FEWEST_BYTES: Final = 16  # what is shorter can be guessed, and is too short to be searched for
# As ``tsig-keygen`` writes it, and as BIND's configuration takes it.
_CLAUSE: Final = re.compile(r'\s*key\s+"?([^\s"{]+)"?\s*\{([^{}]*)\}\s*;?\s*\Z')
_STATEMENT: Final = re.compile(r'\s*(algorithm|secret)\s+"?([^\s";]+)"?\s*;')


class TsigDefect(Exception):
    """The secret holds no usable key. ``code`` says why; nothing of the text is kept."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse(text: str) -> tuple[TsigKey, Windows]:
    """Return the key, and the windows by which it is found in a text.

    Args:
        text: of the secret: JSON ``{"name", "algorithm", "secret"}``, or what ``tsig-keygen`` prints.

    Raises:
        TsigDefect: ``form``, ``name``, ``algorithm`` (weaker than hmac-sha256), ``base64`` or ``short``.
    """
    told = _clause(text) or _json(text)
    algorithm = told["algorithm"].lower().removesuffix(".")
    if algorithm not in ALGORITHMS:
        raise TsigDefect("algorithm")
    try:
        name = dns.name.from_text(told["name"]).to_text().lower()
    except (dns.exception.DNSException, UnicodeError):
        raise TsigDefect("name") from None
    try:
        secret = base64.b64decode(told["secret"], validate=True)
    except (binascii.Error, ValueError):
        raise TsigDefect("base64") from None
    if len(secret) < FEWEST_BYTES:
        raise TsigDefect("short")
    return TsigKey(name, algorithm, secret), windows.of((secret,))


def _clause(text: str) -> dict[str, str] | None:
    found = _CLAUSE.match(text)
    if found is None:
        return None
    told = {"name": found[1], **dict(_STATEMENT.findall(found[2]))}
    return told if told.keys() == {"name", "algorithm", "secret"} else None


def _json(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise TsigDefect("form") from None
    names = ("name", "algorithm", "secret")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) and told[name] for name in names):
        raise TsigDefect("form")
    return {name: told[name] for name in names}
