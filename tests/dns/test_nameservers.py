"""The parameter that names authoritative servers, and what it refuses."""

from __future__ import annotations

import pytest

from byodkim.dkim.published import Server
from byodkim.dns.server_names import parse_nameservers
from byodkim.errors import ParameterError
from tests.each import each


@each(
    ("text", "servers"),
    [
        ("192.0.2.53", [("192.0.2.53", 53)]),
        ("127.0.0.1:5354,[::1]:5354,192.0.2.53", [("127.0.0.1", 5354), ("::1", 5354), ("192.0.2.53", 53)]),
        (" 192.0.2.1 , [2001:DB8::53] ", [("192.0.2.1", 53), ("2001:db8::53", 53)]),
        ("2001:db8::53", [("2001:db8::53", 53)]),
        ("127.0.0.1:1,127.0.0.1:65535", [("127.0.0.1", 1), ("127.0.0.1", 65535)]),
    ],
)
def test_nameservers_parameter(text: str, servers: list[tuple[str, int]]):
    assert parse_nameservers(text) == tuple(Server("", address, port) for address, port in servers)


@each(
    ("text", "says"),
    [
        ("", "empty entry"),
        ("192.0.2.1,", "empty entry"),
        ("ns1.example.jp", "no IP address"),
        ("ns1.example.jp:53", "no IP address"),
        ("192.0.2.256", "no IP address"),
        ("[192.0.2.1]:53", "no IP address"),
        ("[::1", "no IP address"),
        ("::1]:53", "no IP address"),
        ("[::1]53", "no IP address"),
        ("192.0.2.1:", "no port"),
        ("192.0.2.1:0", "no port"),
        ("192.0.2.1:65536", "no port"),
        ("192.0.2.1:٥٣", "no port"),
        ("192.0.2.1:+53", "no port"),
        ("[::1]:x", "no port"),
        ("192.0.2.1, 192.0.2.1:53", "stands twice"),
        ("[::1],[0:0::1]:53", "stands twice"),
    ],
)
def test_nameservers_that_are_none(text: str, says: str):
    with pytest.raises(ParameterError, match=says) as caught:
        parse_nameservers(text)
    assert "\n" not in str(caught.value)
    with pytest.raises(ParameterError, match="パラメータ nameservers"):
        parse_nameservers(text, "ja")
