"""One fresh key in every format: each sheet is sound and asks for that key, and a fault in it is named."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import dkim
import dns.zone
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone

from second_edition.dkim.key_record import PublicKey
from second_edition.dns.request_lint import Expected, Report, lint
from second_edition.dns.request_reader import read
from tests.second_edition.dns.sheet_formats import ENCODINGS, FORMATS, Record, bind, change_batch, octodns, terraform_aws
from tests.second_edition.each import each


def fresh(bits: int) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


DER = fresh(2048)
P, OTHER = base64.b64encode(DER).decode(), base64.b64encode(fresh(2048)).decode()
SELECTOR, DOMAIN = "mail-20261124-1", "example.jp"
NAME, VALUE = f"{SELECTOR}._domainkey.{DOMAIN}", f"v=DKIM1; k=rsa; p={P}"
RECORD = Record(NAME, VALUE)
ASKED = Expected(SELECTOR, DOMAIN, PublicKey.from_der(DER), 3600)


def defects(report: Report) -> set[str]:
    return {finding.defect for finding in report.findings}


def judged(report: Report) -> bytes:
    """The SubjectPublicKeyInfo that dkimpy takes out of the value that a sheet is found to ask for."""
    assert report.request is not None
    value = report.request.value.encode()
    key, bits, kind, _ = dkim.load_pk_from_dns(b"any.", lambda *_, **__: value)
    assert (bits, kind, key["publicExponent"]) == (2048, b"rsa", 65537)
    return base64.b64decode(dkim.util.parse_tag_value(value)[b"p"])


NEWS = replace(RECORD, name=f"{SELECTOR}._domainkey.news.example.jp", apex="example.jp")
ASKED_NEWS = msgspec.structs.replace(ASKED, domain="news.example.jp")


@each(("record", "asked"), [(RECORD, Expected()), (RECORD, ASKED), (NEWS, ASKED_NEWS)])
@each("name", FORMATS)
def test_a_sound_sheet_is_sound_in_every_format(name: str, record: Record, asked: Expected) -> None:
    """A name's owner in the zone's file ends in the subdomain alone."""
    report = lint(FORMATS[name](record).encode(), asked)
    assert report.findings == ()
    assert report.public_key == ASKED.public_key
    if asked.public_key:
        assert judged(report) == DER
        assert report.request is not None
        assert (report.request.name, report.request.value) == (record.name, VALUE)
        assert lint(report.corrected() or b"", asked).findings == ()


ZONES = ("bind", "bind_origin", "bind_decimal", "bind_class_first", "unknown_type", "cloudflare")


@pytest.mark.parametrize("name", ZONES)
def test_the_zone_texts_of_the_table_are_what_a_name_server_loads(name: str, tmp_path: Path) -> None:
    """They are sound by nsd's word; what it prints of the record is the key."""
    text = FORMATS[name](RECORD)
    start = (
        "" if "SOA" in text else f"{DOMAIN}. 60 IN SOA ns1 hostmaster 1 7200 900 1209600 300\n{DOMAIN}. 60 IN NS ns1\n"
    )
    path = tmp_path / "zone"
    path.write_text(f"$ORIGIN {DOMAIN}.\n{start}{text}")
    check = shutil.which("nsd-checkzone", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/usr/bin")
    assert check, "nsd-checkzone is not installed"
    done = subprocess.run([check, "-p", DOMAIN, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = dns.zone.from_text(done.stdout, origin=DOMAIN, relativize=False, check_origin=False)
    (record,) = loaded.find_rdataset(f"{NAME}.", "TXT")
    assert b"".join(record.strings).decode() == VALUE


@pytest.mark.parametrize("name", ["octodns", "octodns_list", "octodns_chunked"])
def test_the_yaml_of_the_table_is_what_octodns_takes(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{DOMAIN}.yaml").write_text(FORMATS[name](RECORD))
    zone = Zone(f"{DOMAIN}.", [])
    YamlProvider("config", str(tmp_path), enforce_order=False, escaped_semicolons=True).populate(zone)
    (record,) = (one for one in zone.records if one._type == "TXT")
    (value,) = record.chunked_values
    assert value.replace('" "', "").replace("\\;", ";").strip('"') == VALUE


@each("encoding", ENCODINGS)
@each("name", ["bind", "change_batch", "csv_japanese", "slack", "octodns"])
def test_a_sound_sheet_is_sound_in_every_encoding(name: str, encoding: str) -> None:
    text = FORMATS[name](RECORD)
    if encoding in ("cp932", "EUC-JP"):  # as Japanese Excel and old mail programs write it
        text = {"bind": "; 依頼\n", "octodns": "# 依頼\n"}.get(name, "依頼書（新規）\n") + text
        text = text.translate({0x200B: None, 0xA0: " ", 0x2022: "・", 0x2014: "-", 0x1F64F: None})
    report = lint(ENCODINGS[encoding](text), ASKED)
    assert report.findings == ()
    assert judged(report) == DER


@each("cells", [(VALUE, "3600"), (f'"""{VALUE}"""', "3,600")])
@each("around", ["{}", "{}\r\n", "Please add this record.\n{}\nThanks\n"])
def test_a_row_copied_out_of_excel_is_sound(cells: tuple[str, str], around: str) -> None:
    data = around.format("\t".join((NAME, "TXT", *cells))).encode()
    report = lint(data, ASKED)
    assert [finding.defect for finding in report.findings if cells[0] == VALUE] == []
    assert judged(report) == DER
    assert defects(lint(data.replace(P.encode(), OTHER.encode()), ASKED)) >= {"other-key"}
    assert defects(lint(data.replace(b"3600", b"300").replace(b"3,600", b"300"), ASKED)) >= {"ttl-other"}


@each("header", ["名前,種別,設定値,TTL,備考", "Host,Type,Points to,TTL,Note", "ホスト名,種別,値（Value）,TTL,備考", ""])
def test_a_value_is_found_whatever_its_column_is_called(header: str) -> None:
    for ttl, wrong in ((3600, set()), (300, {"ttl-other"})):
        report = lint(f"{header}\n{NAME},TXT,{VALUE},{ttl},new\n".encode(), ASKED)
        assert defects(report) == wrong
        assert judged(report) == DER


@each("transfer", ["quoted-printable", "base64"])
@each("charset", ["utf-8", "iso-2022-jp"])
def test_a_mail_is_read_as_its_reader_sees_it(transfer: str, charset: str) -> None:
    for value, wrong in ((VALUE, set()), (VALUE.replace(P, OTHER), {"other-key"})):
        mail = EmailMessage()
        mail["Subject"] = "DNS"
        text = f"登録をお願いします。\n\n名前: {NAME}\n種別: TXT\n値: {value}\nTTL: 3600\n"
        mail.set_content(text, charset=charset, cte=transfer)
        mail.add_alternative(f"<p>{NAME}</p><p>{value}</p>", subtype="html", cte=transfer)
        report = lint(mail.as_bytes(), ASKED)
        assert defects(report) == wrong
        assert report.sheet.language == "ja"


def test_a_private_key_that_is_attached_to_a_mail_is_still_told() -> None:
    pem = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    mail = EmailMessage()
    mail.set_content(f"{NAME} TXT {VALUE}", cte="quoted-printable")
    mail.add_attachment(pem, maintype="application", subtype="x-pem-file", filename="key.pem")
    assert "private-key" in defects(lint(mail.as_bytes(), ASKED))


@each("around", ["{}", "Please add this record:\n\n{}\n\nThank you\n"])
def test_a_name_in_a_ticket_needs_no_closing_dot(around: str) -> None:
    strings = f'"{VALUE[:200]}" "{VALUE[200:]}"'
    report = lint(around.format(f"{NAME} TXT {strings}").encode(), ASKED)
    assert report.findings == ()
    assert judged(report) == DER
    for zone in (f"{NAME} IN TXT {strings}", f"{NAME} 3600 TXT {strings}", f"$TTL 3600\n{NAME} TXT {strings}"):
        assert defects(lint(zone.encode(), ASKED)) == {"no-closing-dot"}


FAULTS: dict[str, tuple[Record, set[str]]] = {
    "another key": (replace(RECORD, value=VALUE.replace(P, OTHER)), {"other-key"}),
    "cut short": (replace(RECORD, value=VALUE[:-100]), {"truncated-der"}),
    "placeholder": (replace(RECORD, value="v=DKIM1; k=rsa; p=customerProvidedPublicKey"), {"placeholder"}),
    "two keys": (replace(RECORD, value=f"{VALUE}; p={OTHER}"), {"two-keys"}),
    "another type": (replace(RECORD, kind="CNAME"), {"wrong-type", "no-row"}),
    "another TTL": (replace(RECORD, ttl=300), {"ttl-other"}),
    "another domain": (replace(RECORD, name=NAME.replace(".jp", ".com")), {"other-domain"}),
}
RELATIVE = ("octodns", "octodns_list", "octodns_chunked", "terraform_aws_join", "cloudformation")
# What a format cannot say, or says by where it stands.
EXCEPT = {
    *((name, "another domain") for name in RELATIVE),
    *((name, "another type") for name in ("unknown_type",)),
}


@each("fault", FAULTS)
@each("name", FORMATS)
def test_a_fault_is_found_in_every_format(name: str, fault: str) -> None:
    if (name, fault) in EXCEPT:
        return
    record, expected = FAULTS[fault]
    found = defects(lint(FORMATS[name](record).encode(), ASKED))
    assert found & expected
    if fault != "another type":  # no format that has a grammar can say this of a key
        assert found <= expected


@each("build", [change_batch, octodns])
def test_a_member_that_stands_twice_is_noticed(build: Callable[[Record], str]) -> None:
    """JSON and YAML readers take the last one and say nothing."""
    text = build(RECORD)
    member = re.findall(r'^.*\bttl"?: 3600.*\n', text, re.MULTILINE | re.IGNORECASE)[-1]
    report = lint(text.replace(member, member.replace("3600", "60") + member).encode(), ASKED)
    assert defects(report) == {"twice"}


UNQUOTED = json.dumps({"Name": NAME, "Type": "TXT", "TTL": 3600, "ResourceRecords": [{"Value": VALUE}]})
LONG = json.dumps({"Name": NAME, "Type": "TXT", "TTL": 3600, "ResourceRecords": [{"Value": f'"{VALUE}"'}]})


@each(
    ("text", "expected"),
    [
        (UNQUOTED, {"unquoted-string"}),
        (LONG, {"long-string"}),
        (terraform_aws(RECORD).replace('\\"\\"', ""), {"long-string"}),
        (bind(RECORD).replace(f"{SELECTOR}._domainkey", NAME), {"no-closing-dot"}),
        (bind(RECORD).replace('"v=DKIM1', "v=DKIM1"), {"quote"}),
        (bind(RECORD).replace("IN\tTXT", "IN TXT").replace('"', "“"), {"smart-quote"}),
        (f"{NAME}. 3600 IN TXT ({RECORD.quoted})\n" * 2 + f'{NAME}. 3600 IN TXT "v=spf1 p=x"\n', {"two-rows"}),
        ("$INCLUDE /etc/passwd\n" + bind(RECORD), set()),
        ("$GENERATE 1-9999999 a$ A 192.0.2.1\n" + bind(RECORD), set()),
    ],
)
def test_what_a_format_does_not_take_is_found(text: str, expected: set[str]) -> None:
    assert expected <= defects(lint(text.encode(), ASKED))


@each(
    ("text", "unjudged"),
    [
        (change_batch(RECORD).replace('"TTL"', '"Failover": "SECONDARY", "TTL"'), "Failover"),
        (change_batch(RECORD).replace("3600", "NaN"), "TTL"),
        (octodns(RECORD) + "  octodns:\n    ignored: true\n", "octodns"),
        (terraform_aws(RECORD).replace("  zone_id", "  count = false ? 1 : 0\n  zone_id"), "count"),
        (terraform_aws(RECORD).replace("  zone_id", "  count = 1\n  zone_id"), ""),
        (f"Name,Type,Value,TTL,Enabled,Note\n{NAME},TXT,{VALUE},3600,false,new\n", "Enabled"),
        (f"Name,Type,Value,TTL,Enabled,Note\n{NAME},TXT,{VALUE},3600,,new\n", ""),
    ],
)  # fmt: skip
def test_a_setting_that_is_not_known_is_said_not_to_be_judged(text: str, unjudged: str) -> None:
    report = lint(text.encode(), ASKED)
    assert (defects(report), " ".join(report.unjudged)) == (set(), unjudged)


def test_a_zone_is_read_without_its_directives_that_read_files(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(f"{NAME}. 3600 IN TXT {RECORD.quoted}\n")
    assert read(f"$INCLUDE {other}\n".encode()).rows == ()


def test_a_few_lines_of_yaml_do_not_stand_for_millions() -> None:
    doubling = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 12))
    data = f"b0: &b0 [x]\n{doubling}{octodns(RECORD).removeprefix('---')}".encode()
    began = time.process_time()
    lint(data)
    assert time.process_time() - began < 10


BLOCK = 'resource "x" "y" {\n a = ['


@each("opening", ["[", '{"a":', "- ", "a: [", BLOCK, "```\n", "<a>", "&amp;", f"{NAME} TXT (\n"])
def test_what_is_nested_deeply_or_never_ends_is_read(opening: str) -> None:
    lint((opening * 3000 + f"\ntype: TXT\n{NAME} {VALUE}").encode())


MANY = "".join(f"s{number}._domainkey.example.jp. 3600 IN TXT ( {RECORD.quoted} )\n" for number in range(1000))


@each(
    ("text", "rows"),
    [
        (MANY, 1000), (f"{MANY}Thanks!\n", 1000), ("h=a;" * 50_000, 0), (f"{NAME} TXT (\n" * 5_000, 1),
        (f'Name,Type,Value\n{NAME},TXT,"{VALUE}{" " * 200_000}"\n', 1), (f"{NAME} TXT {VALUE}{chr(10) * 100_000}", 1),
    ],
)  # fmt: skip
def test_a_large_sheet_takes_no_more_than_its_length(text: str, rows: int) -> None:
    """Each took minutes where something was looked at again for every row or place."""
    began = time.process_time()
    assert len(lint(text.encode()).sheet.rows) == rows
    assert time.process_time() - began < 10
