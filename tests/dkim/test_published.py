"""What one answer says about the key record, by itself."""

from __future__ import annotations

from msgspec.structs import replace

from byodkim.dkim.key_record import PublicKey, character_strings, format_value
from byodkim.dkim.published import UNKNOWN, Answer, Judgement, Server, Verdict, judge
from tests.dkim.keys import spki
from tests.each import each

KEY = PublicKey.from_der(spki(1024))
RECORD = tuple(string.encode() for string in character_strings(format_value(KEY)))
SERVED = Answer(Server("ns1.example.jp", "192.0.2.53"), "s._domainkey.example.jp", "NOERROR", True, records=(RECORD,))
FOUND = {"sha256": KEY.sha256}


@each(
    ("changes", "judgement", "to_a_resolver"),
    [
        ({}, Judgement(Verdict.THE_KEY, **FOUND), None),
        ({"authoritative": False}, Judgement(Verdict.LAME), Judgement(Verdict.THE_KEY, **FOUND)),
        ({"records": ()}, Judgement(Verdict.ABSENT), None),
        ({"records": (), "rcode": "NXDOMAIN"}, Judgement(Verdict.ABSENT), None),
        ({"records": (RECORD, RECORD, RECORD)}, Judgement(Verdict.SEVERAL_RECORDS, "3"), None),
        ({"records": ((b"v=DKIM1; p=",),)}, Judgement(Verdict.REVOKED), None),
        ({"records": ((b"p=customerProvidedPublicKey",),)}, Judgement(Verdict.PLACEHOLDER), None),
        ({"records": ((b"p=?",),)}, Judgement(Verdict.INVALID, "bad-base64"), None),
        ({"rcode": "SERVFAIL"}, Judgement(Verdict.SERVFAIL), None),
        ({"rcode": "REFUSED"}, Judgement(Verdict.REFUSED), None),
        ({"rcode": "NOTIMP"}, Judgement(Verdict.NO_ANSWER, "NOTIMP"), None),
        ({"failure": "timeout", "rcode": ""}, Judgement(Verdict.NO_ANSWER, "timeout"), None),
        ({"failure": "tcp-blocked", "rcode": "NOERROR"}, Judgement(Verdict.TCP_BLOCKED), None),
        (
            {"cname": ("a.example.com", "b.example.com")},
            Judgement(Verdict.CNAME, "b.example.com"),
            Judgement(Verdict.THE_KEY, **FOUND),  # a resolver follows it, and gives the end
        ),
        ({"cname": ("a.example.com",), "records": ()}, Judgement(Verdict.CNAME, "a.example.com"), None),
    ],
)
def test_a_server_s_and_a_resolver_s_answer(
    changes: dict[str, object], judgement: Judgement, to_a_resolver: Judgement | None
):
    answer = replace(SERVED, **changes)
    assert judge(answer, KEY.sha256) == judgement
    assert judge(answer, KEY.sha256, recursive=True) == (to_a_resolver or judgement)


def test_a_key_is_this_one_another_or_any():
    assert judge(SERVED) == Judgement(Verdict.A_KEY, **FOUND)
    assert judge(SERVED, "a41f") == Judgement(Verdict.ANOTHER_KEY, **FOUND)
    assert judge(SERVED, "") == Judgement(Verdict.ANOTHER_KEY, **FOUND)


def test_who_could_not_be_asked_has_said_nothing():
    unknown = {one for one in Verdict if Judgement(one).unknown}
    assert unknown == UNKNOWN
    assert {one.value for one in unknown} == {"no-answer", "tcp-blocked", "no-ipv6", "servfail", "refused", "lame"}


@each(
    ("server", "text"),
    [
        (Server("ns1", "192.0.2.53"), "192.0.2.53:53"),
        (Server("", "2001:db8::53", 5353), "[2001:db8::53]:5353"),
        (Server("ns1", ""), ":53"),
    ],
)
def test_a_server_as_the_parameter_takes_it(server: Server, text: str):
    assert str(server) == text


def test_a_name_that_does_not_exist_has_no_key_whatever_else_the_answer_holds() -> None:
    assert judge(SERVED).verdict is Verdict.A_KEY
    contradicting = replace(SERVED, rcode="NXDOMAIN")
    assert judge(contradicting) == Judgement(Verdict.INVALID, "nxdomain-with-txt")
    assert judge(contradicting, recursive=True).verdict is Verdict.INVALID
