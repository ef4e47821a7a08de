"""The encoding of a file that does not name it: Unicode's, EUC-JP, Japanese Excel's cp932, or Windows' cp1252.

A mail names how its parts are encoded.
"""

from __future__ import annotations

import contextlib
import re
from email import message_from_bytes
from email.message import Message
from typing import Final

JAPANESE: Final = re.compile("[\u3041-\u30fe]|名前|値|種別|依頼")

_MAIL = re.compile(rb"\A(?:[A-Za-z][A-Za-z0-9-]*:|From )")
_ENCODED = re.compile(rb"^Content-Transfer-Encoding:\s*(?:quoted-printable|base64)\b", re.MULTILINE | re.IGNORECASE)


_BINARY: Final = (b"PK\3\4", b"%PDF", b"\xd0\xcf\x11\xe0")  # xlsx, ods and docx; PDF; xls and doc


def is_text(data: bytes) -> bool:
    """Return whether a file is text, and no workbook, PDF or the like."""
    return not data.startswith(_BINARY) and "\0" not in _decode(data)[1]


def body(data: bytes) -> bytes:
    """Return the texts of a mail's parts, where any is quoted-printable or base64; any other file as it is.

    HTML beside plain text says the same again. Attachments are read too, whatever their type.
    """
    if not (_MAIL.match(data) and _ENCODED.search(data)):
        return data
    try:
        parts = [part for part in message_from_bytes(data).walk() if not part.is_multipart()]
    except (LookupError, ValueError, RecursionError):
        return data
    plain = any(part.get_content_type() == "text/plain" for part in parts)
    shown = [part for part in parts if not (plain and part.get_content_type() == "text/html")]
    return "\n".join(map(_text, shown)).encode(errors="replace")


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    try:
        return data.decode(part.get_content_charset(""))
    except (LookupError, ValueError):
        return decode(data)[1]


def decode(data: bytes) -> tuple[str, str]:
    """Return the encoding that a file seems to have, and its text, each line ended by a line feed."""
    encoding, text = _decode(data)
    return encoding, text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> tuple[str, str]:
    if b"\0\0" in data[:8]:
        for encoding in ("utf-32", "utf-32-be"):  # with a byte order mark or little-endian, or without
            with contextlib.suppress(UnicodeDecodeError):
                return "utf-32", data.decode(encoding)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", data.decode("utf-16", errors="replace")
    # A key record is ASCII: in UTF-16, every second byte of it is zero.
    even, odd = data[::2].count(0), data[1::2].count(0)
    if max(even, odd) * 8 > len(data) and min(even, odd) * 8 < max(even, odd):
        return "utf-16", data.decode("utf-16-be" if even > odd else "utf-16-le", errors="replace")
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for encoding, name in (("euc_jp", "euc-jp"), ("cp932", "cp932")):  # cp932 takes EUC-JP's bytes, not the reverse
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if JAPANESE.search(text):
                return name, text
    return "cp1252", data.decode("cp1252", errors="replace")
