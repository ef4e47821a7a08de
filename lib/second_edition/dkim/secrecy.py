"""Tell whether a text that is meant to be public may hold a private key."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

#: PEM of a private key, of any kind: the line that begins it, and base64 soon after. The line alone is no key.
_PEM: Final = re.compile("-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.{0,200}?[A-Za-z0-9+/]{40}", re.DOTALL)
_BEGINS: Final = re.compile("M(?=[A-P])|LS0t")  # DER of a sequence, and the dashes of PEM, in base64
#: A private key's version in DER, and how the next part begins: a number, an octet string or a sequence.
_VERSION: Final = re.compile(rb"\x02\x01[\x00\x01][\x02\x04\x30]")
_STRINGS: Final = re.compile(r'"\s+"')
_HEAD: Final = re.compile("[A-Za-z0-9+/]{24}")
#: What stands unbroken in base64, and is no digest in hexadecimal (MD5, SHA-1, SHA-256).
_RUN: Final = re.compile("[A-Za-z0-9+]{40,}")
_DIGEST: Final = re.compile("(?:[0-9a-f]{40}|[0-9A-F]{40}|[0-9a-f]{64}|[0-9A-F]{64})")
_HEX_PAIRS: Final = re.compile("(?:[0-9A-Fa-f]{2}[:, ]){11}")
_SEGMENT: Final = re.compile("[A-Za-z0-9+]{5,}")  # between the signs that part words
_WORD: Final = re.compile("[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[+]")
_JUMBLED: Final = 24  # characters of which so many words come that they are none
_HEX: Final = re.compile("([0-9A-Fa-f]{2})+")
_HEX_SIGNS: Final = re.compile(r"0x|\\x|[:,;|-]")
_NOT_BASE64: Final = re.compile("[^A-Za-z0-9+/]+")
_NOT_BASE64_NOR_SPACE: Final = re.compile(r"[^A-Za-z0-9+/_\s-]+")
#: DER of a private key in hexadecimal: a sequence, its version, and how the next part begins.
_HEX_DER: Final = re.compile("30(?:82....|81..|..)0201(?:00(?:02|30)|01(?:04|30))[0-9a-f]{24}")
_DECIMAL: Final = re.compile("(?<![0-9])[0-9]{150,2500}(?![0-9])")  # from a prime of RSA-1024 to 8192 bits
#: Base64, unbroken or in lines as PEM has them, of which the last is shorter.
_LONG: Final = re.compile(r"[A-Za-z0-9+/]{48,}(?:=*\s+[A-Za-z0-9+/]{48,})*(?:[\r\n]+[A-Za-z0-9+/]+)?")
_LONGEST: Final = 150  # a prime of RSA-2048 has 171, a public key that seals at most 124
#: How an RSA SubjectPublicKeyInfo begins: a sequence, its length, and the algorithm (RFC 3279 section 2.3.1).
_SPKI: Final = re.compile(rb"0(\x81.|\x82..)0\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", re.DOTALL)
#: As much as a prime of RSA-2048 has: hexadecimal, unbroken or byte by byte, a list of bytes, and base32.
_NUMBER: Final = re.compile(
    r"[0-9A-Fa-f]{200}|(?:(?:0x)?[0-9A-Fa-f]{2}[:,\s_-]+){100}|(?:\\x[0-9A-Fa-f]{2}){100}|(?:[0-9]{1,3},\s*){100}|"
    + "{}[A-Z2-7]{100}|{}[a-z2-7]{100}".replace("{}", "(?=(?:[A-Za-z]{0,40}[2-7]){8})")
)
_JWK_TEXT: Final = re.compile(r"""["']d["']\s*:\s*["'][\w-]{40}""")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_JWK: Final = (("n", "d"), ("p", "q"))  # of a private RSA key (RFC 7517, RFC 7518 section 6.3.2)


def looks_private(text: str) -> bool:
    """Return whether ``text``, meant to be public, holds what may be a private key: such a value goes no further.

    DER of a private key (PKCS#1 and PKCS#8) starts with a version number, that of a public key does not. Each event,
    whole notebooks and pages are looked through for this alone: ``holds_private`` takes 50 times as long, and reads
    text that is none as a spelling of something, so that it would stop honest records by chance.
    """
    if _PEM.search(text):
        return True
    bare = "".join(text.split())
    heads = (_HEAD.match(bare, found.start()) for found in _BEGINS.finditer(bare))
    return any(head and _starts_private(head[0]) for head in heads)


def may_be_piece(text: str) -> bool:
    """Return whether ``text``, meant to be a name or a path, looks like a piece of a key.

    It does where 40 characters of base64 stand unbroken, or 24 that change between capitals, small letters and digits
    as no words do. Digests in hexadecimal are let be.
    """
    bare = re.sub(r"[\r\n\t]", "", text)
    runs = (found[0] for found in _RUN.finditer(bare))
    if _HEX_PAIRS.search(bare) or not all(map(_DIGEST.fullmatch, runs)):
        return True
    return sum(len(found) for found in _SEGMENT.findall(bare) if _is_jumbled(found)) >= _JUMBLED


def may_be_key(text: str) -> bool:
    """Return whether ``text``, where no key is expected, holds a private key, or as much as a prime of one has.

    A digest, a path and an identifier are shorter, or made of words; addresses, times and account ids come in groups.
    The strings of a TXT record are one text.
    """
    text = _STRINGS.sub("", text)
    runs = (
        "".join(found[0].split()) for reading in (text, text.translate(_URL_SAFE)) for found in _LONG.finditer(reading)
    )
    long = any(len(run) >= _LONGEST and _is_jumbled(run) and not _is_public(run) for run in runs)
    return long or bool(_NUMBER.search(text)) or holds_private(text)


def _is_public(run: str) -> bool:
    """Return whether a run of base64, without its closing signs, is one whole RSA SubjectPublicKeyInfo."""
    found = _SPKI.match(base64.b64decode(run[:32]))
    size = 1 + len(found[1]) + int.from_bytes(found[1][1:]) if found else 0
    return len(run) == -(-size * 4 // 3)


def _is_jumbled(text: str) -> bool:
    mixed = text not in (text.lower(), text.upper())
    return mixed and len(_WORD.findall(text)) > 0.4 * len(text)


def _starts_private(text: str) -> bool:
    head = base64.b64decode(text)
    if head.startswith(b"-----BEGIN"):
        return b"PUB" not in head
    body = head[4:] if head[1] == 0x82 else head[3:] if head[1] == 0x81 else head[2:]
    return head[0] == 0x30 and bool(_VERSION.match(body))


def holds_private(data: object) -> bool:
    """Return whether a private key stands in a text, in any value or name of a secret, or as a JWK."""
    parts = [data]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if any(all(_is_number(part.get(name)) for name in pair) for pair in _JWK):
                return True
            parts += [*part, *part.values()]
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, str) and _in_text(part):
            return True
    return False


def _in_text(text: str) -> bool:
    """Return whether a private key stands in a text, whatever stands around it and between the pieces of it."""
    digits = _HEX_SIGNS.sub("", "".join(text.split())).lower()
    if _HEX_DER.search(digits) or _JWK_TEXT.search(text) or _DECIMAL.search(text):
        return True
    joined = (_NOT_BASE64.sub("", one) for one in (text, text.translate(_URL_SAFE)))
    pieces = {text, *text.split(), *_NOT_BASE64_NOR_SPACE.split(text)}
    return any(map(looks_private, (*joined, *(reading for piece in pieces for reading in _readings(piece)))))


def _is_number(value: object) -> bool:
    """Return whether a value is a number of a key: a text, or more than a count or a time has."""
    return isinstance(value, str) or (isinstance(value, int) and value.bit_length() > 128)


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as the base64 or hexadecimal spelling of another one, three deep."""
    for _ in range(4):
        yield text
        bare = "".join(text.split())
        digits = _HEX_SIGNS.sub("", bare)
        try:
            found = (
                bytes.fromhex(digits) if _HEX.fullmatch(digits) else base64.b64decode(bare.translate(_URL_SAFE) + "==")
            )
        except ValueError:
            return
        yield base64.b64encode(found).decode()  # DER is recognised by its base64
        text = found.decode("latin-1")
