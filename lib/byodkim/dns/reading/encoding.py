"""The encoding of a file that does not name it: UTF-8, UTF-16, Japanese Excel's cp932, or Windows' cp1252."""

from __future__ import annotations

import re
from typing import Final

JAPANESE: Final = re.compile("[\u3041-\u30fe]|名前|値|種別|依頼")


def decode(data: bytes) -> tuple[str, str]:
    """The encoding that a file seems to have, and its text, each line ended by a line feed."""
    encoding, text = _decode(data)
    return encoding, text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> tuple[str, str]:
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
    try:
        text = data.decode("cp932")
        if JAPANESE.search(text):
            return "cp932", text
    except UnicodeDecodeError:
        pass
    return "cp1252", data.decode("cp1252", errors="replace")
