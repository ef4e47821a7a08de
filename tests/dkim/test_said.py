"""What is said of every damaged key record: the first sentence a person reads.

It stands in ``said.txt``, to be read over as a whole; ``python -m tests.dkim.test_said`` writes it anew.
"""

from __future__ import annotations

from pathlib import Path

from byodkim.dkim.key_record import KeyRecordInvalid, parse
from tests.dkim.shapes import SHAPES

SAID = Path(__file__).with_name("said.txt")


def said() -> str:
    lines = []
    for case in SHAPES:
        try:
            parse(case.strings)
        except KeyRecordInvalid as invalid:
            lines.append(f"{case.name} | {invalid.explain('en')}\n")
    return "".join(lines)


def test_each_defect_is_told_as_it_is_known_to_be() -> None:
    assert said() == SAID.read_text("utf-8")


if __name__ == "__main__":
    SAID.write_text(said(), "utf-8")
