from typing import Any

import pytest

from byodkim.checks.world import Answer, Server
from byodkim.dkim.verdict import judge
from tests.dkim.keys import record, sha256

SERVER = Server("ns1.example.jp", "192.0.2.53")
KEY, OTHER = record(), record(1024)


def answer(*texts: str, **fields: Any) -> Answer:
    fields = {"rcode": "NOERROR", "authoritative": True, **fields}
    return Answer(
        SERVER, "mail-1._domainkey.example.jp", texts=tuple((t,) for t in texts), **fields
    )


def failed(failure: str) -> Answer:
    return Answer(SERVER, "mail-1._domainkey.example.jp", failure)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(KEY), "published"),
        (answer(OTHER), "other-key"),
        (answer(), "absent"),
        (answer(rcode="NXDOMAIN"), "absent"),
        (answer(KEY, KEY.replace("k=rsa; ", "")), "several"),
        (answer(KEY, "v=spf1 -all"), "several"),
        (answer(cname="key.example.net"), "cname"),
        (answer(KEY, cname="key.example.net"), "cname"),
        (answer("v=DKIM1; p="), "revoked"),
        (answer("p=customerProvidedPublicKey"), "placeholder"),
        (answer(f'"{KEY}"'), "defective"),
        (answer(KEY[:300]), "defective"),
        (answer(""), "defective"),
        (answer(KEY, rcode="NXDOMAIN"), "defective"),
        (answer(KEY, authoritative=False), "lame"),
        (answer(authoritative=False), "lame"),
        (answer(rcode="NXDOMAIN", authoritative=False), "lame"),
        (answer(rcode="SERVFAIL"), "error"),
        (answer(KEY, rcode="REFUSED"), "error"),
        (answer(rcode="NOTIMP", authoritative=False), "error"),
        *(
            (failed(word), "silent")
            for word in ("timeout", "unreachable", "malformed", "truncated")
        ),
        (failed("something new"), "silent"),
    ],
)
def test_kinds(given, kind):
    verdict = judge(given, sha256())
    assert verdict.kind == kind
    assert verdict.is_published == (kind == "published")
    assert verdict.is_unknown == (kind in ("silent", "error", "lame"))
    assert (verdict.todo is None) == verdict.is_published
    served = {"published": sha256(), "other-key": sha256(1024)}
    assert verdict.sha256 == served.get(kind, "")


def test_any_valid_key_where_none_is_expected():
    assert judge(answer(OTHER), "").kind == "published"
    assert judge(answer(OTHER), "").sha256 == sha256(1024)
    assert judge(answer("v=DKIM1; p="), "").kind == "revoked"
    assert judge(answer(KEY), sha256() * 2).kind == "other-key"


def test_strings_are_joined_and_flags_kept():
    text = KEY.replace("k=rsa", "t=y:s")
    split = Answer(SERVER, "n", "", "NOERROR", True, ((text[:100], "", text[100:]),))
    assert judge(split, sha256()).flags == ("y", "s")
    assert "t=y" in str(judge(split, sha256()).what)
    assert judge(split, "00" * 32).flags == ("y", "s")
