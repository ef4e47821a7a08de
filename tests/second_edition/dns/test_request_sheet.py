"""The request to the DNS team, read back by the programs that will read it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import dns.zone
import pandas
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone

from second_edition.dkim.key_record import PublicKey, parse
from second_edition.dns import raw_answer
from second_edition.dns.foreign_sheet import correct_console_csv, octodns_text
from second_edition.dns.lookup import ask
from second_edition.dns.request_lint import Expected, lint
from second_edition.dns.request_sheet import Request, csv_text, json_text, message_text, write_exclusively, zone_text
from second_edition.errors import AccessError, ParameterError
from second_edition.evidence.request import zone_of
from second_edition.messages import LANGUAGES, Language
from second_edition.rotation.resolution import Delegation, Resolution
from tests.second_edition.dkim.keys import spki
from tests.second_edition.dns.observed import STRINGS, observation
from tests.second_edition.dns.servers import NameServer, serving
from tests.second_edition.each import each

KEY = PublicKey.from_der(spki())
REQUEST = Request("example.jp", "mail-20261124-1", KEY)
HEADER = "$ORIGIN {origin}.\n$TTL 300\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.53\n"
COLUMNS: dict[Language, list[str]] = {"en": ["Name", "Type", "Value", "TTL"], "ja": ["名前", "タイプ", "値", "TTL"]}


@each("language", LANGUAGES)
def test_sheet_is_read_back_by_csv_and_by_pandas_and_opens_in_excel(language: Language):
    data = csv_text(REQUEST, language)
    row = [REQUEST.name, "TXT", REQUEST.value, "3600"]
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)) == [COLUMNS[language], row]
    table = pandas.read_csv(io.BytesIO(data), encoding="utf-8-sig", dtype=str)
    assert list(table.columns) == COLUMNS[language]
    assert table.to_numpy().tolist() == [row]
    # As Excel needs it.
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in (*COLUMNS[language], *row))


@pytest.mark.parametrize("origin", ["example.jp", "jp"])
def test_zone_text_is_loaded_by_a_name_server(tmp_path: Path, origin: str):
    """Its owner is absolute, so that it lands at its name in whatever zone the file is of."""
    zone = tmp_path / "zone"
    zone.write_text(HEADER.format(origin=origin) + zone_text(REQUEST))
    check = shutil.which("nsd-checkzone", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/usr/bin")
    assert check, "nsd-checkzone is not installed"
    good = subprocess.run([check, "-p", origin, str(zone)], capture_output=True, text=True)
    assert good.returncode == 0, good.stdout + good.stderr
    printed = dns.zone.from_text(good.stdout, relativize=False, origin=f"{origin}.")
    records = printed.get_rdataset(REQUEST.name + ".", "TXT")
    assert records is not None
    assert (records.ttl, [parse(record.strings).public_key for record in records]) == (3600, [KEY])
    zone.write_text(HEADER.format(origin=origin) + zone_text(REQUEST).replace("\n    ", "").replace('""', ""))
    assert subprocess.run([check, origin, str(zone)], capture_output=True).returncode != 0


def test_json_holds_the_record_whole_and_cut_as_dns_takes_it():
    told = json.loads(json_text(REQUEST))
    assert (told["name"], told["type"], told["ttl"]) == (REQUEST.name, "TXT", 3600)
    assert "".join(told["strings"]) == told["value"] == REQUEST.value
    assert [len(string) for string in told["strings"]] == [255, 155]
    assert parse(tuple(string.encode() for string in told["strings"])).public_key == KEY
    assert (told["domain"], told["selector"]) == (REQUEST.domain, REQUEST.selector)
    assert told["public_key_sha256"] == KEY.sha256


@each("language", LANGUAGES)
def test_message_says_all_that_the_dns_team_needs(language: Language):
    text = message_text(REQUEST, language)
    for needed in (REQUEST.name, "TXT", "3600", REQUEST.value, KEY.sha256, "255", "dig"):
        assert needed in text
    assert zone_text(REQUEST).strip() in text
    assert "{" not in text
    assert "2026" not in text.replace(REQUEST.selector, "")


@each("language", LANGUAGES)
def test_command_in_the_message_works_as_it_stands(language: Language):
    """dig takes the line as it is, but for the name server that it leaves open."""
    (line,) = (line for line in message_text(REQUEST, language).splitlines() if line.strip().startswith("dig "))
    command = [*line.split("@")[0].split(), "+tries=1", "+time=1", "@127.0.0.1", "-p1"]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 9  # no server there; 1 would be a usage error


CONSOLE = (
    "Type,Name,Value\n"
    "TXT,mail-20261124-1._domainkey.example.jp,p=customerProvidedPublicKey\n"
    "MX,bounce.example.jp,10 feedback-smtp.ap-northeast-1.amazonses.com\n"
    'TXT,bounce.example.jp,"""v=spf1 include:amazonses.com ~all"""\n'
)
OTHERS = [
    ["MX", "bounce.example.jp", "10 feedback-smtp.ap-northeast-1.amazonses.com"],
    ["TXT", "bounce.example.jp", '"v=spf1 include:amazonses.com ~all"'],
]


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


@each("bom", ["", "\ufeff"], ids=["no-bom", "bom"])
@each("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@each("last", [True, False], ids=["closed", "unclosed"])
def test_console_sheet_is_corrected_in_one_row_only(bom: str, end: str, last: bool):
    text = bom + CONSOLE.replace("\n", end)
    data = (text if last else text.removesuffix(end)).encode()
    corrected = correct_console_csv(data, REQUEST)
    assert rows(corrected) == [rows(data)[0], ["TXT", REQUEST.name, REQUEST.value], *OTHERS]
    changed = data.replace(b"p=customerProvidedPublicKey", REQUEST.value.encode())
    assert corrected == changed  # every other byte as it was


@each(
    "sheet",
    [
        "Value,Name,Type\np=customerProvidedPublicKey,{name},TXT\n",
        "名前,タイプ,値\n{name},TXT,p=customerProvidedPublicKey\n",
        "Region,Type,Name,Value,Note\nap-northeast-1,TXT,{name},p=customerProvidedPublicKey,\n",
        " type , NAME,value\n txt ,{name}.,p=customerProvidedPublicKey",
        'Type,Name,Value\nNOTE,x,"two\nlines, one field"\nTXT,{name},p=customerProvidedPublicKey\n',
    ],
)
def test_console_sheets_of_other_forms(sheet: str):
    data = sheet.format(name=REQUEST.name).encode()
    before, after = rows(data), rows(correct_console_csv(data, REQUEST))
    value = [field.strip().lower() for field in before[0]].index("値" if "値" in before[0] else "value")
    changed = [place for place, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    assert len(changed) == 1
    assert after[changed[0]][value] == REQUEST.value
    assert [field for place, field in enumerate(after[changed[0]]) if place != value] == [
        field for place, field in enumerate(before[changed[0]]) if place != value
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no CSV in UTF-8"),
        (b"Type,Name,Value\n", "no TXT row"),
        (CONSOLE.replace("1124-1", "0912-1").encode(), "no TXT row.*mail-20260912-1._domainkey.example.jp"),
        (CONSOLE.replace("1._domainkey.example.jp", "1._domainkey.example.com").encode(), "no TXT row.*example.com"),
        ((CONSOLE + CONSOLE.splitlines()[1] + "\n").encode(), "more than one row"),
        ("Type,Name,Value\n名前".encode("shift_jis"), "no CSV in UTF-8"),
        (b'Type,Name,Value\nTXT,"a"b"c",d\n', "no CSV in UTF-8"),
    ],
)
def test_what_is_no_console_sheet_of_this_record(data: bytes, says: str):
    with pytest.raises(ParameterError, match=says) as caught:
        correct_console_csv(data, REQUEST)
    assert "\n" not in str(caught.value)
    with pytest.raises(ParameterError, match="CSV"):
        correct_console_csv(data, REQUEST, "ja")


@given(st.binary(max_size=200))
def test_any_file_is_corrected_or_refused_in_words(data: bytes):
    with pytest.raises(ParameterError):
        correct_console_csv(data, REQUEST)
    with pytest.raises(ParameterError):
        correct_console_csv(b"Type,Name,Value\n" + data, REQUEST)


def test_files_are_written_once(tmp_path: Path):
    path = tmp_path / "dkim-dns-records-corrected.csv"
    write_exclusively(path, b"first", "en")
    with pytest.raises(AccessError, match="exists already"):
        write_exclusively(path, b"second", "en")
    assert path.read_bytes() == b"first"
    with pytest.raises(AccessError, match="書き込めません"):
        write_exclusively(tmp_path / "no such folder" / "sheet.csv", b"", "ja")


@each(
    ("domain", "selector", "ttl"),
    [
        ("jp", "s", 300),
        ("example.jp", "a.b", 300),
        ("example.jp", "=cmd", 300),
        ("example.jp", "s", 0),
        ("example.jp", "s", 2**31),
    ],
)
def test_a_request_is_sound_or_none(domain: str, selector: str, ttl: int):
    with pytest.raises(ParameterError):
        Request(domain, selector, KEY, ttl)


def request(domain: str = "example.jp", zone: str = "") -> Request:
    return Request(domain, "mail-20261124-1", KEY, 300, zone=zone)


#: A domain, the zone that was seen to hold the record, and the record's name in it.
ZONES = [
    ("example.jp", "", "mail-20261124-1._domainkey"),
    ("news.example.jp", "", "mail-20261124-1._domainkey"),
    ("news.example.jp", "news.example.jp", "mail-20261124-1._domainkey"),
    ("news.example.jp", "example.jp", "mail-20261124-1._domainkey.news"),
    ("news.example.jp", "_domainkey.news.example.jp", "mail-20261124-1"),
    ("news.example.jp", "mail-20261124-1._domainkey.news.example.jp", ""),
    ("news.example.jp", "example.net", "mail-20261124-1._domainkey"),
    ("news.example.jp", "ws.example.jp", "mail-20261124-1._domainkey"),
]


def read(folder: Path, zone: str, text: str) -> Zone:
    """The zone as octoDNS reads it from its file, strictly: names in order, every record validated."""
    (folder / f"{zone}.yaml").write_text(text)
    found = Zone(f"{zone}.", [])
    YamlProvider("config", str(folder), enforce_order=True, escaped_semicolons=True).populate(found, lenient=False)
    return found


@pytest.mark.parametrize(("domain", "zone", "owner"), ZONES)
def test_octodns_reads_the_one_record_as_it_is_meant(tmp_path: Path, domain: str, zone: str, owner: str) -> None:
    asked = request(domain, zone)
    (record,) = read(tmp_path, asked.zone or domain, octodns_text(asked)).records
    assert (record.name, record._type, record.ttl) == (owner, "TXT", 300)
    assert record.fqdn == f"{asked.name}."
    (value,) = record.values
    assert value.replace("\\;", ";") == asked.value
    # As octoDNS hands it to a provider: cut into strings of at most 255 bytes, in quotes.
    (chunked,) = record.chunked_values
    strings = [part.strip('"').replace("\\;", ";") for part in chunked.split('" "')]
    assert "".join(strings) == asked.value
    assert len(strings) == 2
    assert max(map(len, strings)) <= 255


@each("language", LANGUAGES)
@each(("domain", "zone", "owner"), ZONES)
def test_letter_and_octodns_agree_on_the_zone(domain: str, zone: str, owner: str, language: Language) -> None:
    asked = request(domain, zone)
    letter, entry = message_text(asked, language), octodns_text(asked, language)
    hint = letter.split("\n1. ")[1].split("\n2. ")[0].partition("\n")[2]
    comment = [line for line in entry.splitlines() if line.startswith("# ")]
    assert re.search(rf"(?<![\w.-]){re.escape(owner or '@')} ", hint)
    assert (f".{asked.zone} " in hint) == (asked.zone != "") == (len(hint.splitlines()) == 1) == (len(comment) == 2)
    assert f" {asked.zone or domain}.yaml " in comment[0]
    for data in (letter, entry):
        for expected in (Expected(asked.selector, asked.domain, KEY), *([Expected()] if data == letter else [])):
            report = lint(data.encode(), expected)
            assert (report.findings, report.request) == ((), asked)


def test_the_delegation_says_which_zone_or_else_the_servers_that_agree() -> None:
    name = "mail-20261124-1._domainkey.news.example.jp"
    with NameServer(serving(STRINGS)) as server, NameServer(serving(STRINGS, aa=False)) as lame:
        (answer,), (silent,) = (ask([one.server], [name]) for one in (server, lame))
    assert [raw_answer.zone_of(one) for one in (answer, silent)] == ["example.jp", ""]
    for changed in (
        {"name": "mail-20261124-1._domainkey.example.net"},
        {"raw": ()},
        {"raw": ("", "AAAA")},
        {"raw": ("", "A")},
    ):
        assert raw_answer.zone_of(replace(answer, **changed)) == ""
    for records, zone in (((answer, silent), "example.jp"), ((silent,), ""), ((), "")):
        assert zone_of(observation(records=records)) == zone
    walked = Resolution(delegation=Delegation("news.example.jp", "walk"))
    assert zone_of(observation(records=(answer,), dns=walked)) == "news.example.jp"


def test_its_words_are_comments_and_warn_of_applying_it_alone() -> None:
    for language, words in (("en", "would remove every other record of example.jp"), ("ja", "すべて削除されます")):
        text = octodns_text(request(), language)  # type: ignore[arg-type]
        assert words in text
        assert list(yaml.safe_load(text)) == ["mail-20261124-1._domainkey"]
