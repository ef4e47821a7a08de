"""Answers judged in the light of each other: stale copies, CNAMEs followed, a machine without IPv6."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from second_edition.dkim.key_record import PublicKey, character_strings, format_value
from second_edition.dkim.matrix import behind, judge_together, targets
from second_edition.dkim.published import Answer, Judgement, Server, Verdict, judge
from tests.second_edition.dkim.keys import b64, spki
from tests.second_edition.dns.servers import NAME
from tests.second_edition.each import each

KEY = PublicKey.from_der(spki())
STRINGS = tuple(string.encode() for string in character_strings(format_value(KEY)))
OTHER = (b"v=DKIM1; k=rsa; p=" + b64(spki(1024)),)
HERE, THERE, SIX = Server("ns1", "192.0.2.1"), Server("ns2", "198.51.100.1"), Server("ns1", "2001:db8::1")
THE_KEY = Answer(HERE, NAME, "NOERROR", True, 300, 7, (STRINGS,))
ABSENT = Answer(THERE, NAME, "NXDOMAIN", True, None, 6)


def words(*answers: Answer, followed: tuple[Answer, ...] = (), expected: str | None = KEY.sha256) -> list[str]:
    return [judgement.verdict.value for judgement in judge_together(answers, expected, followed)]


@each(
    ("other", "word"),
    [
        (ABSENT, "stale"),
        (replace(ABSENT, records=(OTHER,), rcode="NOERROR"), "stale"),
        (replace(ABSENT, serial=7), "absent"),
        (replace(ABSENT, serial=8), "absent"),
        (replace(ABSENT, serial=None), "absent"),
        (replace(ABSENT, records=(STRINGS,), rcode="NOERROR"), "the-key"),
        (replace(ABSENT, authoritative=False), "lame"),
        (replace(ABSENT, rcode="SERVFAIL"), "servfail"),
    ],
)
def test_a_server_that_lags_is_stale_and_no_other_is(other: Answer, word: str):
    assert words(THE_KEY, other) == ["the-key", word]


def test_a_server_that_says_what_a_newer_copy_says_is_not_stale():
    assert words(replace(ABSENT, server=HERE, serial=7), ABSENT) == ["absent", "absent"]


@each(
    ("answer", "told"),
    [
        (replace(THE_KEY, rcode="NXDOMAIN"), "invalid (nxdomain-with-txt)"),
        (replace(THE_KEY, rcode="NOTAUTH"), "no-answer (NOTAUTH)"),
    ],
)
def test_an_answer_that_contradicts_itself_or_is_no_answer_is_not_the_key(answer: Answer, told: str):
    assert str(judge(answer, KEY.sha256)) == told


def test_answers_are_the_same_but_for_the_message_that_brought_them():
    assert {THE_KEY, replace(THE_KEY, raw=("AAAA", ""))} == {THE_KEY}
    assert replace(THE_KEY, refresh=3600) != THE_KEY


def test_of_several_newer_copies_the_newest_is_told_and_another_key_is_named():
    newer = replace(THE_KEY, server=SIX, serial=9)
    lagging = replace(ABSENT, records=(OTHER,), rcode="NOERROR")
    sha256 = PublicKey.from_der(spki(1024)).sha256
    told = judge_together([newer, THE_KEY, lagging], KEY.sha256)[2]
    assert told == Judgement(Verdict.STALE, "another-key, serial 6 < 9", sha256)


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**31 - 1))
def test_serials_wrap_around(serial: int, step: int):
    ahead = (serial + step) % 2**32
    assert behind(serial, ahead)
    assert not behind(ahead, serial)
    assert not behind(serial, serial)
    assert not behind(serial, (serial + 2**31) % 2**32)  # of which RFC 1982 leaves open which is the older


ROUTELESS = Answer(SIX, NAME, failure="no-route")


def test_one_address_without_a_route_is_the_servers_where_another_ipv6_address_answers():
    other = replace(THE_KEY, server=Server("ns2", "2001:db8::2"))
    assert words(other, ROUTELESS) == ["the-key", "no-answer"]
    assert words(replace(ROUTELESS, failure="timeout"), ROUTELESS) == ["no-answer", "no-answer"]


def test_an_ipv6_address_without_a_route_may_be_another_servers_where_no_name_says_whose_it_is():
    unnamed = [replace(one, server=replace(one.server, name="")) for one in (THE_KEY, ROUTELESS)]
    assert words(THE_KEY, ROUTELESS) == ["the-key", "no-ipv6"]
    assert words(*unnamed) == ["the-key", "no-answer"]
    far = replace(ROUTELESS, server=Server("ns9", SIX.address))
    assert words(THE_KEY, far, followed=(replace(END, server=Server("ns9", "192.0.2.9")),))[1] == "no-answer"


def test_an_ipv4_address_without_a_route_is_no_lack_of_ipv6():
    assert words(Answer(HERE, NAME, failure="no-route")) == ["no-answer"]


ALIAS = Answer(HERE, NAME, "NOERROR", True, 300, 7, cname=("keys.example.com",))
END = Answer(THERE, "keys.example.com", "NOERROR", True, 300, 1, (STRINGS,))
UNROUTED = replace(END, server=SIX, rcode="", failure="no-route", records=())
ON = replace(END, records=(), cname=("deep.example.com",))


@each(
    ("followed", "told"),
    [
        ((END,), "the-key (CNAME keys.example.com)"),
        ((END, replace(END, server=SIX)), "the-key (CNAME keys.example.com)"),
        ((END, replace(END, server=SIX, records=(OTHER,))), "cname (keys.example.com)"),
        ((END, replace(END, server=SIX, records=(), rcode="NXDOMAIN")), "cname (keys.example.com)"),
        (
            (END, replace(END, server=SIX, rcode="", failure="timeout", records=())),
            "no-answer (CNAME keys.example.com, ns1 [2001:db8::1]:53 timeout)",
        ),
        ((END, replace(UNROUTED, server=Server("ns2", SIX.address))), "the-key (CNAME keys.example.com)"),
        ((END, UNROUTED), "no-answer (CNAME keys.example.com, ns1 [2001:db8::1]:53 no-route)"),  # which nobody asked it
        ((replace(END, authoritative=False),), "lame (CNAME keys.example.com, ns2 198.51.100.1:53)"),
        ((replace(END, records=(), rcode="NXDOMAIN"),), "cname (keys.example.com)"),
        ((replace(END, name="other.example.com"),), "cname (keys.example.com)"),
        ((ON, replace(END, name="deep.example.com")), "the-key (CNAME keys.example.com)"),
        ((replace(ON, cname=(NAME,)), ALIAS), "cname (keys.example.com)"),  # round in a circle
        ((), "cname (keys.example.com)"),
    ],
)
def test_a_cname_counts_as_what_every_server_of_its_target_says(followed: tuple[Answer, ...], told: str):
    assert [str(one) for one in judge_together([ALIAS], KEY.sha256, followed)] == [told]


def test_cnames_lead_to_their_last_target_unless_nobody_vouches_for_them_or_they_run_in_a_circle():
    longer, lame = replace(ALIAS, cname=("a.example", "b.example")), replace(ALIAS, authoritative=False, cname=("c",))
    assert targets([END, longer, ALIAS, ALIAS, lame, replace(ALIAS, cname=("d", NAME))]) == (
        "b.example",
        "keys.example.com",
    )
