"""The matrix as a small picture: one row an address, a mark for the next key record and one for the current.

A PNG (W3C, "Portable Network Graphics", third edition) outlives what strips styles and SVG from a notebook. A mark is
known by its form as well as by its colour, which are told apart by colour-blind readers too (Okabe and Ito).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Answer, Judgement, Verdict
from byodkim.rotation.observation import Observation

PAPER, INK, GOOD, BAD, UNKNOWN = range(5)
_COLOURS: Final = ((255, 255, 255), (40, 40, 40), (0, 158, 115), (213, 94, 0), (153, 153, 153))
_SCALE, _CELL, _GAP = 2, 22, 4  # pixels: of one dot of a letter, of a mark's side, and between rows
_LETTER: Final = 6  # dots: five, and one between letters
_ABOVE: Final = 4  # pixels above an address, beside its marks
_NO_CELL: Final = (bytes([PAPER]) * (_CELL + _GAP),) * _CELL
# 5 x 7 dots; a number a row, its bits from left to right.
_FONT: Final = {
    "0": (14, 17, 19, 21, 25, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14), "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14), "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 8, 8, 8), "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12), "a": (0, 0, 14, 1, 15, 17, 15), "b": (16, 16, 22, 25, 17, 17, 30),
    "c": (0, 0, 14, 16, 16, 17, 14), "d": (1, 1, 13, 19, 17, 17, 15), "e": (0, 0, 14, 17, 31, 16, 14),
    "f": (6, 9, 8, 28, 8, 8, 8), ".": (0, 0, 0, 0, 0, 12, 12), ":": (0, 12, 12, 0, 12, 12, 0),
    "[": (14, 8, 8, 8, 8, 8, 14), "]": (14, 2, 2, 2, 2, 2, 14), "-": (0, 0, 0, 31, 0, 0, 0),
}  # fmt: skip
_MARKS: Final = {
    GOOD: (0, 1, 2, 18, 20, 8, 0),
    BAD: (0, 17, 10, 4, 10, 17, 0),
    UNKNOWN: (14, 17, 1, 6, 4, 0, 4),
}
_GOOD_VERDICTS: Final = (Verdict.THE_KEY, Verdict.A_KEY)
MOST_ROWS: Final = 40


def matrix_picture(seen: Observation) -> bytes | None:
    """The key records at every authoritative server, as a PNG; ``None`` where none was asked.

    Rows are in the order of the tables. The first mark is of the next key record; the second, where there is one, of
    the current. A tick: the key. A cross: anything else. A question mark: could not be asked.
    """
    if not seen.records:
        return None
    key = seen.next_key.key
    columns = [_marks(seen.records, judge_together(seen.records, key.sha256 if key else "-", seen.dns.followed))]
    if seen.current_records:
        columns.append(_marks(seen.current_records, judge_together(seen.current_records)))
    return _drawn(columns)


def records_picture(
    answers: Sequence[Answer], expected: str | None = None, followed: Sequence[Answer] = ()
) -> bytes | None:
    """One key record at every authoritative server, as ``matrix_picture`` draws it; ``expected``: its key's SHA-256."""
    if not answers:
        return None
    return _drawn([_marks(answers, judge_together(answers, expected, followed))])


def _drawn(columns: Sequence[Mapping[str, int]]) -> bytes:
    """The picture of each column's marks by address."""
    addresses = list(columns[0])[:MOST_ROWS]
    longest = max(len(address) for address in addresses)
    blank = bytes([PAPER]) * (_GAP + longest * _LETTER * _SCALE + _GAP + len(columns) * (_CELL + _GAP))
    rows = [blank] * _GAP
    for address in addresses:
        name = _named(address, longest)
        cells = [_cell(column[address]) if address in column else _NO_CELL for column in columns]
        rows += [b"".join(parts) for parts in zip(name, *cells, strict=True)] + [blank] * _GAP
    return png(rows, _COLOURS)


def _named(address: str, longest: int) -> list[bytes]:
    """An address, the lines of a mark's height, with room for the longest address."""
    letters = [_letter(letter if letter in _FONT else "-") for letter in address]
    margin, rest = bytes([PAPER]) * _GAP, bytes([PAPER]) * ((longest - len(address)) * _LETTER * _SCALE + _GAP)
    written = [b"".join((margin, *line, rest)) for line in zip(*letters, strict=True)]
    blank = bytes([PAPER]) * len(written[0])
    return [*[blank] * _ABOVE, *written, *[blank] * (_CELL - _ABOVE - len(written))]


def _marks(answers: Sequence[Answer], judged: Sequence[Judgement]) -> dict[str, int]:
    return {str(answer.server): _mark(judgement) for answer, judgement in zip(answers, judged, strict=True)}


def _mark(judgement: Judgement) -> int:
    if judgement.verdict in _GOOD_VERDICTS:
        return GOOD
    return UNKNOWN if judgement.unknown else BAD


def _letter(letter: str) -> Sequence[bytes]:
    """The lines of a letter, with the gap that follows it."""
    return _dots(_FONT[letter], _LETTER, _SCALE, INK, PAPER)


def _cell(mark: int) -> Sequence[bytes]:
    """The lines of a mark, with the gap that follows it."""
    edge, plain, gap = bytes([mark]), bytes([mark]) * _CELL, bytes([PAPER]) * _GAP
    sign = _dots(_MARKS[mark], 5, 3, PAPER, mark)
    signed = [edge * 4 + line + edge * (_CELL - 4 - len(line)) for line in sign]
    return [line + gap for line in (plain, *signed, *[plain] * (_CELL - 1 - len(signed)))]


def _dots(rows: Sequence[int], width: int, scale: int, colour: int, ground: int) -> Sequence[bytes]:
    """Rows of five dots as lines, each dot ``scale`` times in both directions; ``width``: dots of a line."""
    pair = (bytes([ground]) * scale, bytes([colour]) * scale)
    lines = [b"".join([pair[bits >> (4 - place) & 1] for place in range(5)]) for bits in rows]
    return [line + pair[0] * (width - 5) for line in lines for _ in range(scale)]


def png(pixels: Sequence[bytes], colours: Sequence[tuple[int, int, int]]) -> bytes:
    """Rows of palette indexes as a PNG file."""
    header = struct.pack("!IIBBBBB", len(pixels[0]), len(pixels), 8, 3, 0, 0, 0)  # 8 bits, palette, not interlaced
    rows = b"".join([b"\0" + row for row in pixels])  # each with filter 0: none
    chunks = (
        (b"IHDR", header),
        (b"PLTE", bytes(value for colour in colours for value in colour)),
        (b"IDAT", zlib.compress(rows, 3)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
