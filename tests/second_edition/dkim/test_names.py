"""Selectors, domains, and the name of the key record of both."""

from __future__ import annotations

import re

import botocore.session
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from second_edition.dkim.names import SELECTOR_PATTERN, check_domain, check_selector, is_loopback, record_name
from second_edition.errors import ParameterError
from tests.second_edition.each import each

UNTOUCHED = "Nothing was read or written; SES signs as before."
LONGEST = ".".join(["x" * 63] * 3 + ["y" * 61])


@each("selector", ["", "-a", "a-", "a.b", "a_b", "a\n", "x" * 64, "x" * 70, "メール", "s._domainkey.example.jp", "{x}"])
def test_selectors_that_ses_refuses(selector: str):
    with pytest.raises(ParameterError, match="no selector") as caught:
        check_selector(selector)
    assert caught.value.what.startswith(f"{selector[:64]!r} is")
    assert caught.value.means == UNTOUCHED
    with pytest.raises(ParameterError, match="セレクタとして使えません"):
        check_selector(selector, "ja")


def test_the_pattern_is_the_service_models():
    model = botocore.session.get_session().get_service_model("sesv2")
    selector = model.shape_for("DkimSigningAttributes").members["DomainSigningSelector"]
    assert selector.metadata["max"] == 63
    assert selector.metadata["min"] == 1
    assert selector.metadata.get("pattern", SELECTOR_PATTERN) == SELECTOR_PATTERN


@given(st.text("aZ0-._é\n", max_size=66))
def test_a_selector_is_what_the_documented_pattern_takes(selector: str):
    takes = bool(re.fullmatch(SELECTOR_PATTERN, selector)) and len(selector) <= 63 and "\n" not in selector
    try:
        check_selector(selector)
    except ParameterError:
        assert not takes
    else:
        assert takes


@each("domain", ["", ".", "jp", "example..jp", "-x.jp", "a b.jp", "例え..jp", "x" * 64 + ".jp", "a." * 130])
def test_what_is_no_domain(domain: str):
    with pytest.raises(ParameterError) as caught:
        check_domain(domain)
    assert (caught.value.what, caught.value.means) == (f"{domain[:253]!r} is no domain name.", UNTOUCHED)


def test_record_name_is_a_name_that_dns_takes():
    name = record_name("mail-20261124-1", "example.jp.")
    assert name == "mail-20261124-1._domainkey.example.jp"
    longest = ".".join(["x" * 63] * 2 + ["y" * 47, "jp"])
    wire = dns.name.from_text(record_name("s" * 63, longest) + ".").to_wire()
    assert wire is not None
    assert len(wire) == 255
    with pytest.raises(ParameterError) as caught:
        record_name("s" * 63, longest.replace("y.", "yz."))
    assert (caught.value.what, caught.value.means, caught.value.todo) == (
        "The name of the key record would be 254 characters long; DNS takes 253.",
        UNTOUCHED,
        "Give the selector alone, such as mail-20261124-1, without ._domainkey and the domain.",
    )
    with pytest.raises(dns.name.NameTooLong):
        dns.name.from_text("s" * 63 + "._domainkey." + longest.replace("y.", "yz.") + ".")


@each(
    ("domain", "bare"),
    [("example.jp", "example.jp"), ("Mail.Example.JP.", "mail.example.jp"), ("例え.jp.", "xn--r8jz45g.jp"),
     ("ＥＸＡＭＰＬＥ．ｊｐ", "example.jp"), (LONGEST, LONGEST)],
)  # fmt: skip
def test_domains_in_their_plain_form(domain: str, bare: str):
    assert check_domain(domain) == bare


def test_this_machine_and_no_other_is_reached_without_a_proxy():
    hosts = ("localhost", "127.0.0.1", "::1", "192.0.2.1", "2001:db8::1", "proxy.example.jp", "")
    assert [host for host in hosts if is_loopback(host)] == ["localhost", "127.0.0.1", "::1"]
