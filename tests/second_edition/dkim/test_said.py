"""What is said of every damaged key record: what is wrong, and what to do about it.

It stands in ``said.txt``, to be read over as a whole; ``python -m tests.second_edition.dkim.test_said`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from second_edition.dkim.key_record import KeyRecordInvalid, parse
from tests.second_edition.dkim.shapes import SHAPES

SAID = Path(__file__).with_name("said.txt")


def said() -> Iterator[str]:
    """Each shape that is refused, for what, and how it is mended."""
    for case in SHAPES:
        try:
            parse(case.strings)
        except KeyRecordInvalid as invalid:
            yield f"{case.name} | {invalid.what} {invalid.todo}"


def test_each_defect_is_told_as_it_is_known_to_be() -> None:
    for told, known in zip_longest(said(), SAID.read_text("utf-8").splitlines()):
        assert told == known


if __name__ == "__main__":
    SAID.write_text("".join(f"{told}\n" for told in said()), "utf-8")
