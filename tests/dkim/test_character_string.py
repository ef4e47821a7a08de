"""Character-strings as zone files and ``dig`` show them."""

from __future__ import annotations

import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from byodkim.dkim.character_string import escaped, quoted
from tests.each import each

EVERY_BYTE = bytes(range(256))


def test_what_dnspython_reads_back_from_the_zone_file_is_every_byte():
    for data in (EVERY_BYTE[:200], EVERY_BYTE[200:], b"", b"plain text"):
        read = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, quoted(data))
        assert isinstance(read, TXT)
        assert read.strings == (data,)


@each(("data", "text"), [(b' ~aX"\\', ' ~aX\\"\\\\'), (b"\x1f\x7f\0\xff", r"\031\127\000\255"), (b"", "")])
def test_bytes_as_text_to_show_anywhere(data: bytes, text: str):
    assert escaped(data) == text
