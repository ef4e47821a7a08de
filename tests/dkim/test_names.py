"""Selectors, domains, and the name of the key record of both."""

from __future__ import annotations

import re

import botocore.session
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byodkim.dkim.names import SELECTOR_PATTERN, check_domain, check_selector, record_name
from byodkim.errors import ParameterError
from tests.each import each


@each("selector", ["", "-a", "a-", "a.b", "a_b", "a\n", "x" * 64, "メール", "s._domainkey.example.jp", "{x}"])
def test_selectors_that_ses_refuses(selector: str):
    with pytest.raises(ParameterError, match="no selector"):
        check_selector(selector)
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
    with pytest.raises(ParameterError, match="no domain name"):
        check_domain(domain)


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
        "Nothing was read or written; SES signs as before.",
        "Give the selector alone, such as mail-20261124-1, without ._domainkey and the domain.",
    )
    with pytest.raises(dns.name.NameTooLong):
        dns.name.from_text("s" * 63 + "._domainkey." + longest.replace("y.", "yz.") + ".")


@each(
    ("domain", "bare"),
    [("example.jp", "example.jp"), ("Mail.Example.JP.", "mail.example.jp"), ("例え.jp.", "xn--r8jz45g.jp")],
)
def test_domains_in_their_plain_form(domain: str, bare: str):
    assert check_domain(domain) == bare
