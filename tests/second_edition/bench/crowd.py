"""Ten thousand identities' zones for a real name server: few key pairs, since only DNS is to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from second_edition.dkim.names import record_name
from tests.second_edition.dkim.keys import b64, modulus, spki_of

SELECTOR = "mail-20260912-1"


def domains(count: int) -> list[str]:
    """Names of identities, each a zone of its own."""
    return [f"d{number:05}.example.jp" for number in range(count)]


def values(count: int) -> Iterator[str]:
    """As many key records, no two alike."""
    start = modulus(2048)
    for number in range(count):
        yield "v=DKIM1; k=rsa; p=" + b64(spki_of(start + 2 * number)).decode()


def zones(count: int) -> dict[str, str]:
    """The text of each zone by its name."""
    head = "$TTL 3600\n@ SOA ns1 hostmaster 2026112401 7200 900 1209600 300\n@ NS ns1\nns1 A 127.0.0.1\n"
    return {
        domain: f'$ORIGIN {domain}.\n{head}{SELECTOR}._domainkey TXT "{value[:255]}" "{value[255:]}"\n'
        for domain, value in zip(domains(count), values(count), strict=True)
    }


def names(found: Sequence[str]) -> list[str]:
    """Of the key records."""
    return [record_name(SELECTOR, domain) for domain in found]
