"""Nothing that is accepted here is rejected by dkimpy, opendkim-testkey or Perl's Mail::DKIM, asked over real DNS."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byodkim.dkim.key_record import KeyRecordInvalid, parse
from tests.dkim.generated import records
from tests.dkim.judges import DKIMPY, JUDGES, OPENDKIM, PERL, Court, Strings, go_msgauth, respond_from
from tests.dkim.keys import spki
from tests.dkim.shapes import SHAPES
from tests.dns.servers import NameServer

LETTERS = {"d": DKIMPY, "o": OPENDKIM, "p": PERL}
ALL = frozenset(JUDGES)


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    table: dict[str, Strings] = {}
    with NameServer(functools.partial(respond_from, table)) as server:
        yield Court(tmp_path_factory.mktemp("court"), server, table)


def sound(strings: Strings, bits: int = 2048) -> bool:
    """Return whether ``parse`` finds the key in it that the messages are signed with."""
    try:
        return parse(strings).public_key.der == spki(bits)
    except KeyRecordInvalid:
        return False


def test_every_shape_is_judged_as_the_table_says(court: Court):
    """Show what is accepted, all three accept; what is refused, those that the table calls lax, and no others."""
    built = [shape.strings for shape in SHAPES]
    found = court.accepted_by(built, [shape.bits for shape in SHAPES])
    expected = [frozenset(LETTERS[letter] for letter in shape.lax) if shape.defect else ALL for shape in SHAPES]
    differing = {
        shape.name: (sorted(judges), sorted(stated))
        for shape, judges, stated in zip(SHAPES, found, expected, strict=True)
        if judges != stated
    }
    assert differing == {}
    refusals = Counter(judge for judges in found for judge in ALL - judges)
    assert min(refusals[judge] for judge in JUDGES) > 40  # none of them is a rubber stamp


def test_generated_records_that_are_accepted_are_accepted_by_all(court: Court):
    seen: Counter[bool] = Counter()

    @given(st.lists(records(), min_size=20, max_size=40))
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def judged(made: list[Strings]) -> None:
        for strings, judges in zip(made, court.accepted_by(made, [2048] * len(made)), strict=True):
            accepted = sound(strings)
            seen[accepted] += 1
            assert judges == ALL or not accepted, strings

    judged()
    assert min(seen[True], seen[False]) > 20, seen


@pytest.mark.prove
def test_go_msgauth_accepts_every_shape_that_is_accepted(tmp_path: Path):
    found = go_msgauth(tmp_path, [shape.strings for shape in SHAPES], [shape.bits for shape in SHAPES])
    refused = [shape.name for shape, accepts in zip(SHAPES, found, strict=True) if not shape.defect and not accepts]
    assert refused == []
    assert found.count(False) > 40  # it is no rubber stamp
