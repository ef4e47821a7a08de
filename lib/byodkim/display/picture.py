"""The matrix as a small drawing: one row an address, a mark for the next key record and one for the current.

A mark is known by its form as well as by its colour, which are told apart by colour-blind readers too (Okabe and Ito).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from byodkim.display.blocks import visible
from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Answer, Judgement, Verdict
from byodkim.rotation.observation import Observation

GOOD, BAD, UNKNOWN = "#009e73", "#d55e00", "#999999"
#: Each mark's form, in a square of 20 units: a tick, a cross, a question mark.
_FORMS: Final = {
    GOOD: "M4 11l4 4l8 -9",
    BAD: "M5 5l10 10m0 -10l-10 10",
    UNKNOWN: "M6 7q0 -3 4 -3t4 3q0 2 -2 3t-2 3m0 2v1",
}
_ROW, _LETTER = 24, 8  # units: from row to row, and of a letter
_SVG: Final = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" '
    'font-family="monospace" font-size="13" fill="currentColor" width="{width}" height="{height}">\n{shapes}</svg>'
)
_NAME: Final = Markup('<text x="0" y="{y}">{address}</text>\n')
_MARK: Final = Markup(
    '<g transform="translate({x} {y})"><rect width="20" height="20" fill="{colour}"/>'
    '<path d="{form}" fill="none" stroke="#fff" stroke-width="2.5"/></g>\n'
)
_GOOD_VERDICTS: Final = (Verdict.THE_KEY, Verdict.A_KEY)
MOST_ROWS: Final = 40


def matrix_picture(seen: Observation, title: str) -> Markup | None:
    """Render the key records at every authoritative server, as SVG; ``None`` where none was asked.

    Rows are in the order of the tables. The first mark is of the next key record; the second, where there is one, of
    the current. A tick: the key. A cross: anything else. A question mark: could not be asked.
    """
    if not seen.records:
        return None
    key = seen.next_key.key
    columns = [_marks(seen.records, judge_together(seen.records, key.sha256 if key else "-", seen.dns.followed))]
    if seen.current_records:
        columns.append(_marks(seen.current_records, judge_together(seen.current_records)))
    return _drawn(columns, title)


def records_picture(answers: Sequence[Answer], followed: Sequence[Answer], title: str) -> Markup | None:
    """Render one key record at every authoritative server, as ``matrix_picture`` draws it."""
    return _drawn([_marks(answers, judge_together(answers, None, followed))], title) if answers else None


def _drawn(columns: Sequence[Mapping[str, str]], title: str) -> Markup:
    """Render the picture of each column's marks by address."""
    addresses = list(columns[0])[:MOST_ROWS]
    left = (max(map(len, addresses)) + 1) * _LETTER
    shapes = [_NAME.format(y=row * _ROW + 16, address=visible(one)) for row, one in enumerate(addresses)]
    shapes += [
        _MARK.format(x=left + number * _ROW, y=row * _ROW, colour=column[one], form=_FORMS[column[one]])
        for number, column in enumerate(columns)
        for row, one in enumerate(addresses)
        if one in column
    ]
    width, height = left + len(columns) * _ROW, len(addresses) * _ROW
    return _SVG.format(width=width, height=height, title=visible(title), shapes=Markup("").join(shapes))


def _marks(answers: Sequence[Answer], judged: Sequence[Judgement]) -> dict[str, str]:
    return {str(answer.server): _colour(judgement) for answer, judgement in zip(answers, judged, strict=True)}


def _colour(judgement: Judgement) -> str:
    if judgement.verdict in _GOOD_VERDICTS:
        return GOOD
    return UNKNOWN if judgement.unknown else BAD
