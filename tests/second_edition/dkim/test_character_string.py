"""Character-strings as zone files and ``dig`` show them."""

from __future__ import annotations

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.zone
from dns.rdtypes.ANY.TXT import TXT

from second_edition.dkim.character_string import escaped, quoted, resource_record
from tests.second_edition.each import each

EVERY_BYTE = bytes(range(256))


def test_what_dnspython_reads_back_from_the_zone_file_is_every_byte():
    for data in (EVERY_BYTE[:200], EVERY_BYTE[200:], b"", b"plain text"):
        read = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, quoted(data))
        assert isinstance(read, TXT)
        assert read.strings == (data,)


def test_a_record_of_several_strings_is_the_same_one_in_a_zone_file():
    text = resource_record("s1._domainkey.example.jp", 300, (b"v=DKIM1; p=", b'a"b'))
    zone = dns.zone.from_text(text, "example.jp.", check_origin=False, relativize=False)
    ((name, ttl, read),) = zone.iterate_rdatas()
    assert isinstance(read, TXT)
    assert (str(name), ttl, list(read.strings)) == ("s1._domainkey.example.jp.", 300, [b"v=DKIM1; p=", b'a"b'])


@each(("data", "text"), [(b' ~aX"\\', ' ~aX\\"\\\\'), (b"\x1f\x7f\0\xff", r"\031\127\000\255"), (b"", "")])
def test_bytes_as_text_to_show_anywhere(data: bytes, text: str):
    assert escaped(data) == text
