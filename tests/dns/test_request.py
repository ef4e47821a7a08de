import csv
import io

import dns.zone
import pytest

from byodkim.checks.world import Answer, Server
from byodkim.dkim.verdict import judge
from byodkim.dns.letter import forwardable, zone_text
from byodkim.engine.request import request_sheet
from tests.dkim.keys import record, sha256

VALUE = "v=DKIM1; k=rsa; p=" + "A" * 392
SERVERS = [Server(f"ns{number}.example.jp", f"192.0.2.{number}") for number in (1, 2, 3)]
NAME = "mail-1._domainkey.example.jp"
ABSENT = [Answer(server, NAME, "", "NXDOMAIN", True) for server in SERVERS[:2]]


def cells(sheet: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline="")))


def test_sheet_opens_in_excel_and_reads_back():
    sheet = request_sheet([(NAME, VALUE)], 3600)
    assert sheet.startswith(b"\xef\xbb\xbf")
    assert sheet.count(b"\r\n") == sheet.count(b"\n") == 2
    header, row = cells(sheet)
    assert [column.partition(" / ")[0] for column in header] == ["名前", "タイプ", "値", "TTL"]
    assert row == [NAME, "TXT", VALUE, "3600"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start):
    value = f'{start}1,"x"'
    (_header, row) = cells(request_sheet([("a", value)], 60))
    assert row[2] == f"'{value}"


@pytest.mark.parametrize("value", [VALUE, 'a "quoted" \\ value', "x" * 255, "x" * 256])
def test_zone_text_is_read_by_dnspython(value):
    text = zone_text(NAME, value, 60, "example.jp")
    assert text.startswith("; mail-1._domainkey in zone example.jp\n")
    zone = dns.zone.from_text(text, "example.jp", check_origin=False, relativize=False)
    ((_name, ttl, rdata),) = zone.iterate_rdatas("TXT")
    strings: tuple[bytes, ...] = getattr(rdata, "strings")  # noqa: B009 - TXT's own attribute
    assert (ttl, b"".join(strings).decode()) == (60, value)
    assert max(map(len, strings)) <= 255


def test_zone_text_without_a_zone_is_one_line():
    assert zone_text(NAME, VALUE, 3600, "").startswith("mail-1._domainkey.example.jp. 3600 IN TXT ")
    assert zone_text(NAME, VALUE, 3600, "example.net").count("\n") == 1


def forwarded(*answers: Answer) -> str:
    verdicts = [(answer.server, judge(answer, sha256())) for answer in answers]
    return " ".join(map(str, forwardable("example.jp", "mail-1", VALUE, 60, verdicts)))


def test_what_the_dns_team_reads():
    silent = Answer(SERVERS[2], NAME, "timeout")
    text = forwarded(*ABSENT, silent)
    assert NAME in text
    assert VALUE in text
    assert "ns1.example.jp (192.0.2.1), ns2.example.jp (192.0.2.2): There is no TXT" in text
    assert "ns3.example.jp (192.0.2.3): The server did not answer" in text
    assert VALUE not in forwarded(silent)  # silence is no reason to publish anything


def test_nothing_to_do_only_where_every_server_publishes():
    published = Answer(SERVERS[0], NAME, "", "NOERROR", True, ((record(),),))
    assert "nothing to do" in forwarded(published)
    assert "nothing to do" not in forwarded(published, ABSENT[1])
    assert VALUE in str(forwardable("example.jp", "mail-1", VALUE, 60, [])[0])
