"""Nothing that is accepted here is rejected by dkimpy, opendkim-testkey or Perl's Mail::DKIM, asked over real DNS."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from second_edition.dkim.key_record import KeyRecordInvalid, parse
from tests.second_edition.dkim.judges import DKIMPY, JUDGES, OPENDKIM, PERL, Court, Strings, go_msgauth, respond_from
from tests.second_edition.dkim.keys import b64, spki
from tests.second_edition.dkim.shapes import SHAPES
from tests.second_edition.dns.servers import NameServer

_KNOWN = """
    v=DKIM1 v=DKIM2 k=rsa k=RSA k= t=y t=s t=y:s t=s:y: t=Y t= s=* s=email s=email:* s=Email s=x s= g=* g= g=a
    h=sha256 h=sha1:sha256 h=sha256:sha1 h=sha1 h=sha256:x h=sha256: h=SHA256 h=* h= n=a=b n=p=;x n= P=1 V=1 K=x
    =x n p x=1 x= y=%22 a_b1=c/d
"""
_UNKNOWN = st.builds(
    "{}={}".format, st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,3}", fullmatch=True), st.text("az=:/+*,.|~!", max_size=5)
)
_WHITE = st.sampled_from([*[""] * 60, *[" ", "\t", "  ", "\r\n ", " \r\n\t"] * 4, "\n", "\r\n", "\v", "\f"])
_KEY_WITH_SPACE = st.lists(st.integers(0, 391), max_size=3)
# What people and programs put into records, or lose from them.
_BITS = st.sampled_from([*b'| |;|; |;;|=|"|" "|\\|\\;|,|:|A|+|-'.split(b"|"), b"\t", b"\r\n ", b"\n", b"\0"])


def _spaced(key: str, places: list[int]) -> str:
    for place in sorted(places, reverse=True):
        key = key[:place] + " " + key[place:]
    return key


@st.composite
def _listed(draw: st.DrawFn) -> bytes:
    """A tag-list with its key, other tags before and after it, and white space anywhere between."""
    tags = st.one_of(st.sampled_from(_KNOWN.split()), _UNKNOWN)
    key = "p=" + _spaced(b64(spki()).decode(), draw(_KEY_WITH_SPACE))
    before = draw(st.sampled_from([["v=DKIM1", "k=rsa"], ["v=DKIM1"], ["k=rsa"], []]))
    listed = [*before, *draw(st.lists(tags, max_size=2)), key, *draw(st.lists(tags, max_size=1))]
    text = ""
    for name, equals, value in (tag.partition("=") for tag in listed):
        text += draw(_WHITE) + name + draw(_WHITE) + equals + draw(_WHITE) + value + draw(_WHITE) + ";"
    return text.removesuffix(draw(st.sampled_from([";", ";", ""]))).encode()


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A sound record with a few bytes changed, lost or added."""
    text = b"v=DKIM1; k=rsa; p=" + b64(spki())
    place = draw(st.one_of(st.integers(0, 24), st.integers(0, len(text))))
    return text[:place] + draw(_BITS) + text[place + draw(st.integers(0, 2)) :]


@st.composite
def records(draw: st.DrawFn) -> Strings:
    """The character-strings of one TXT record made of the 2048-bit key, cut at 255 bytes or wherever it falls."""
    text = draw(st.one_of(_listed(), _listed(), _damaged()))
    cuts = [0, *sorted(draw(st.lists(st.integers(0, len(text)), max_size=2))), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(cuts)]
    return tuple(piece[start : start + 255] for piece in pieces for start in range(0, max(len(piece), 1), 255))


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
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
