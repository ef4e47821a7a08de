"""Request sheets with every defect, in every form: each is named, and the corrected sheet has none."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import dkim
import dns.zone
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from byodkim.dkim.key_record import PublicKey, parse
from byodkim.dns.request_lint import Expected, lint
from byodkim.dns.request_reader import read
from byodkim.dns.request_sheet import Request, csv_text, json_text, marked, message_text, zone_text
from byodkim.dns.value_repair import FLAGS
from byodkim.messages import LANGUAGES, Language
from byodkim.messages.key_record import TEXTS
from tests.dkim.keys import b64, pem, pkcs8, spki
from tests.dkim.shapes import SHAPES, Shape
from tests.dns.test_request_reply import PUBLISHED
from tests.each import each

KEY = PublicKey.from_der(spki())
OTHER = PublicKey.from_der(spki(1024))
SELECTOR, DOMAIN = "mail-20261124-1", "example.jp"
REQUEST = Request(DOMAIN, SELECTOR, KEY)
NAME, VALUE, P = REQUEST.name, REQUEST.value, KEY.base64
ASKED = Expected(SELECTOR, DOMAIN, KEY, 3600)


def acted(deleted: str, *, action: str = "Action", delete: str = "DELETE", also: bool = True) -> bytes:
    """A CSV that deletes a record and, with ``also``, asks for ours."""
    ours = f"UPSERT,{NAME},TXT,{VALUE}\n" if also else ""
    return f"{action},Name,Type,Value\n{ours}{delete},{deleted},TXT,{VALUE}\n".encode()


def batch(*actions: tuple[str, str], **more: object) -> bytes:
    """Route 53's change batch of actions on names."""
    rest = {"Type": "TXT", "TTL": 3600, "ResourceRecords": [{"Value": f'"{VALUE[:255]}" "{VALUE[255:]}"'}], **more}
    changes = [{"Action": action, "ResourceRecordSet": {"Name": name, **rest}} for action, name in actions]
    return json.dumps({"Changes": changes}).encode()


def terraform(more: str = "", before: str = "", after: str = "") -> bytes:
    body = f'name = "{NAME}"\n type = "TXT"\n ttl = 3600\n records = ["{VALUE[:255]}\\"\\"{VALUE[255:]}"]\n{more}'
    return f'{before}resource "aws_route53_record" "d" {{\n {body}\n}}\n{after}'.encode()


def hashed(text: bytes) -> bytes:
    return b"\n".join(b"# " + line for line in text.splitlines())


IN_USE = f"mail-20260912-1._domainkey.{DOMAIN}"

IDLE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "deletion": (lambda: acted(NAME, also=False), {"deletes"}),
    "deletion of the one in use": (lambda: acted(IN_USE), {"deletes"}),
    "deletion of any other record": (lambda: acted("www").replace(b"www,TXT,v=DKIM1", b"www,A,x"), {"deletes"}),
    "deletion in Japanese": (lambda: acted(IN_USE, action="操作", delete="削除"), {"deletes"}),
    "deletion in a table": (lambda: b"|" + acted(IN_USE).replace(b",", b"|"), {"deletes"}),
    "deletion at Route 53": (lambda: batch(("DELETE", NAME)), {"deletes"}),
    "deletion beside it at Route 53": (lambda: batch(("DELETE", IN_USE), ("UPSERT", NAME)), {"deletes"}),
    "weight 0": (lambda: batch(("UPSERT", NAME), SetIdentifier="a", Weight=0), {"weight-zero"}),
    "weight 1": (lambda: batch(("UPSERT", NAME), SetIdentifier="a", Weight=1), set()),
    "weight 0 in Terraform": (lambda: terraform("weighted_routing_policy {\n weight = 0\n }"), {"weight-zero"}),
    "count 0": (lambda: terraform("count = 0"), {"count-zero"}),
    "count 1": (lambda: terraform("count = 1"), set()),
    "for each of none": (lambda: terraform("for_each = toset([])"), {"count-zero"}),
    "comment round Terraform": (lambda: terraform(before="/*\n", after="*/\n"), {"commented-out"}),
    "comment before Terraform": (lambda: terraform(before="/* ours */\n"), set()),
    "comment signs in Terraform": (lambda: hashed(terraform()), {"commented-out", "quote", "bad-base64"}),
}


def sheet(name: str = NAME, value: str = VALUE, kind: str = "TXT", **more: str) -> bytes:
    """A CSV of one record, as Python's own csv writes it."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Type", "Name", "Value", *more])
    rows.writerow([kind, name, value, *more.values()])
    return out.getvalue().encode()


def zone(owner: str = NAME + ".", strings: str = f'("{VALUE[:255]}" "{VALUE[255:]}")', ttl: str = "3600") -> bytes:
    return f"$ORIGIN example.jp.\n{owner} {ttl} IN TXT {strings}\n".encode()


def ticket(value: str = VALUE, name: str = NAME, more: str = "") -> bytes:
    return (
        f"Hello,\n\nplease publish this:\n\nName: {name}\nType: TXT\nValue: {value}\n{more}\nThanks!\nSato\n".encode()
    )


def wrapped(size: int = 64) -> str:
    return "\n".join(VALUE[start : start + size] for start in range(0, len(VALUE), size))


def doubled() -> bytes:
    header, row = sheet().decode().splitlines()
    return f"{header}\r\n{row}\r\n{row}\r\n".encode()


PRIVATE = (b64(pkcs8()).decode(), "".join(pem(1024).decode().splitlines()[1:-1]))

# Lines beside a sound record of a zone file, with the defect that each is; "" for none. The text before is a ticket's.
BESIDE: dict[str, str] = {
    "$INCLUDE other.inc": "included",
    f"$ORIGIN {DOMAIN}.\n$include other.inc": "included",
    "$GENERATE 1-2 host$ 3600 A 192.0.2.$": "included",
    f"_domainkey.{DOMAIN}. IN NS ns.example.com.": "redirected",
    "_domainkey NS ns.example.com.": "redirected",
    f"{DOMAIN}. 3600 IN NS ns.example.com.": "redirected",
    f"{DOMAIN}. 3600 IN DNAME example.com.": "redirected",
    f"{NAME}. 3600 IN CNAME key.example.com.": "redirected",
    f"{NAME}. 3600 IN TYPE5 \\# 7 017802636e00": "redirected",
    " IN NS ns.example.com.": "redirected",
    f"$ORIGIN _domainkey.{DOMAIN}.\n@ NS ns.example.com.": "redirected",
    f"$ORIGIN _domainkey.{DOMAIN}.\n{SELECTOR} IN DNAME example.com.": "redirected",
    f"; _domainkey.{DOMAIN}. IN NS ns.example.com.": "",
    f"www.{DOMAIN}. 3600 IN CNAME host.example.com.": "",
    f"{SELECTOR} IN CNAME host.example.com.": "",
    f"{IN_USE}. IN CNAME key.example.com.": "",
}

# What a sheet is, and every defect that it has when the true record is known.
SHEETS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "sound": (sheet, set()),
    "sound zone text": (zone, set()),
    "sound ticket": (ticket, set()),
    "relative name": (lambda: sheet(name=f"{SELECTOR}._domainkey"), set()),
    "relative owner": (lambda: zone(owner=f"{SELECTOR}._domainkey"), set()),
    "owner with TTL unit": (lambda: zone(ttl="1h"), set()),
    "placeholder": (lambda: sheet(value="p=customerProvidedPublicKey"), {"no-version", "placeholder"}),
    "truncated": (lambda: sheet(value=VALUE[: 18 + 261]), {"truncated-der"}),
    "one character lost": (lambda: sheet(value=VALUE[:-1]), {"base64-length"}),
    "undecodable": (lambda: sheet(value=VALUE[:100] + "?" + VALUE[101:]), {"bad-base64"}),
    "stated bits": (lambda: ticket(more="Key: RSA-1024 (1024 bits)"), {"stated-bits"}),
    "stated bits in Japanese": (lambda: ticket(more="鍵長：１０２４ビット"), {"stated-bits"}),
    "true bits": (lambda: ticket(more="RSA 2048 bit, 鍵長: 2048"), set()),
    "over-long string": (lambda: zone(strings=f'"{VALUE}"'), {"long-string"}),
    "unquoted": (lambda: zone(strings=VALUE), {"unquoted"}),
    "smart quotes": (lambda: sheet(value=f"“{VALUE}”"), {"smart-quote", "quote"}),
    "smart quotes round the key": (lambda: ticket(value=f"v=DKIM1; k=rsa; p=“{P}”"), {"smart-quote", "quote"}),
    "smart quotes in a zone file": (lambda: zone(strings=f"“{VALUE[:255]}” “{VALUE[255:]}”"), {"smart-quote"}),
    "full-width": (lambda: sheet(value=VALUE.replace("; ", "；　")), {"full-width"}),
    "full-width tags": (lambda: ticket(value=VALUE.replace("v=DKIM1", "ｖ＝ＤＫＩＭ１")), {"full-width"}),
    "full-width name": (lambda: sheet(name=NAME.replace(".", "．")), {"name-full-width"}),
    "doubled suffix": (lambda: sheet(name=f"{NAME}.{DOMAIN}"), {"doubled-suffix"}),
    "no closing dot": (lambda: zone(owner=NAME), {"no-closing-dot"}),
    "underscore dropped": (lambda: sheet(name=NAME.replace("_", "")), {"underscore-dropped"}),
    "space in the name": (lambda: sheet(name=NAME.replace("._", ". _")), {"name-space"}),
    "name of another form": (lambda: sheet(name="_domainkey.example.jp"), {"name-form"}),
    "name lacking": (lambda: sheet(name=""), {"no-name"}),
    "other selector": (lambda: sheet(name=f"mail-20260912-1._domainkey.{DOMAIN}"), {"other-selector"}),
    "other domain": (lambda: sheet(name=f"{SELECTOR}._domainkey.example.com"), {"other-domain"}),
    "TTL of words": (lambda: sheet(TTL="one hour"), {"ttl-form"}),
    "TTL with a full-width number": (lambda: sheet(TTL="３６００秒"), set()),
    "TTL not as asked": (lambda: sheet(TTL="300"), {"ttl-other"}),
    "TTL in a ticket": (lambda: ticket(more="").replace(b"Type: TXT", b"Type: TXT\nTTL: 86400000"), {"ttl-other"}),
    "missing version": (lambda: sheet(value=f"k=rsa; p={P}"), {"no-version"}),
    "spaces in the key": (lambda: sheet(value=VALUE[:200] + " " + VALUE[200:]), {"space-within"}),
    "quotes in the key": (lambda: sheet(value=VALUE[:200] + '" "' + VALUE[200:]), {"quote", "space-within"}),
    "line break in the key": (lambda: sheet(value=VALUE[:200] + "\n" + VALUE[200:]), {"line-break"}),
    "ticket that wraps": (lambda: ticket(value=wrapped()), {"line-break"}),
    "ticket that wraps and quotes": (lambda: ticket(value=wrapped().replace("\n", "\n> ")), {"line-break"}),
    "quotes that do not pair": (lambda: zone(strings=f'"{VALUE[:255]} {VALUE[255:]}'), {"quote", "space-within"}),
    "lower-cased key": (lambda: sheet(value=VALUE.replace(P, P.lower())), {"lower-case-key", "not-der"}),
    "backslashes": (lambda: sheet(value=VALUE.replace(";", "\\;")), {"backslash"}),
    "CNAME": (lambda: sheet(kind="CNAME"), {"wrong-type"}),
    "value lacking": (lambda: sheet(value=""), {"no-value"}),
    "name alone": (lambda: f"please add {NAME}\n".encode(), {"no-value"}),
    "nothing of ours": (lambda: b"Type,Name,Value\r\nMX,mail,10 mx\r\n", {"no-row"}),
    "empty file": (lambda: b"", {"no-row"}),
    **IDLE,
    "comment in zone text": (lambda: zone(owner=f"; {NAME}."), {"commented-out"}),
    "comment beside zone text": (lambda: zone() + zone(owner=f"; {NAME}."), set()),
    "comment in a CSV": (lambda: sheet(name=f"#{NAME}"), {"commented-out"}),
    "two rows": (doubled, {"two-rows"}),
    "another key": (lambda: sheet(value=f"v=DKIM1; k=rsa; p={OTHER.base64}"), {"other-key"}),
    "testing": (lambda: sheet(value=f"v=DKIM1; t=y; p={P}"), {"testing"}),
    "testing, the key cut short": (lambda: sheet(value=f"v=DKIM1; t=y; p={P[:-100]}"), {"testing", "truncated-der"}),
    "no subdomains, in a zone file": (
        lambda: zone(strings=f'("v=DKIM1; k=rsa; t=s; n=note; " "p={P[:250]}" "{P[250:]}")'),
        {"no-subdomains"},
    ),
    "private key": (lambda: sheet(value="v=DKIM1; p=" + b64(pkcs8()).decode()), {"private-key"}),
    "private key beside it": (lambda: ticket(more=pem(1024).decode()), {"private-key"}),
    "private key in hexadecimal beside it": (lambda: sheet(Note=pkcs8().hex()), {"private-key"}),
    "private key wrapped short beside it": (
        lambda: sheet(Note=re.sub("(.{12})", r"\1\n", PRIVATE[0])),
        {"private-key"},
    ),
    "private key in quoted pieces beside it": (
        lambda: ticket(more="Key: " + " ".join(f'"{piece}"' for piece in re.findall(".{1,12}", PRIVATE[0]))),
        {"private-key"},
    ),
    "private key as a JWK beside it": (lambda: ticket(more='{"kty": "RSA", "d": "' + "Q" * 86 + '"}'), {"private-key"}),
    "private key for a name": (lambda: acted(PRIVATE[0]), {"private-key"}),
    "Shift JIS": (lambda: csv_text(REQUEST, "ja").decode("utf-8-sig").encode("cp932"), set()),
    "UTF-16": (lambda: csv_text(REQUEST, "ja").decode("utf-8-sig").encode("utf-16"), set()),
    "Windows": (lambda: ticket(value=f"“{VALUE}”").decode().encode("cp1252"), {"encoding"}),
    "tags of several kinds": (
        lambda: sheet(value=f"k=RSA; v=dkim1; h=sha1; s=x; g=a; x-y=1;; p={P}; p={P}"),
        {
            *("no-version", "not-a-tag", "empty-tag", "duplicate-tag", "bad-version"),
            *("wrong-key-type", "no-sha256", "not-for-email", "granularity"),
        },
    ),
}


def defects(data: bytes, asked: Expected = ASKED) -> set[str]:
    return {finding.defect for finding in lint(data, asked).findings}


@each("case", SHEETS)
def test_every_defect_and_no_other_is_named_without_a_key_and_the_corrected_sheet_has_none(case: str):
    build, expected = SHEETS[case]
    report = lint(build(), ASKED)
    assert {finding.defect for finding in report.findings} == expected
    for finding in report.findings:
        said = [tell(language) for tell in (finding.explain, finding.correction) for language in LANGUAGES]
        for text in said:
            assert text.isprintable()
            assert "{" not in text
            assert not any(key[start : start + 12] in text for key in PRIVATE for start in range(len(key) - 12))
        assert [text.isascii() for text in said] == [True, False] * 2
    again = lint(report.corrected() or b"", ASKED)
    assert {finding.defect for finding in again.findings} <= {*FLAGS.values()}
    assert again.request is not None
    assert (again.request.name, again.request.public_key, again.request.ttl) == (NAME, KEY, 3600)
    assert (again.request == REQUEST) is again.request.value.startswith("v=DKIM1; k=rsa; p=")
    assert [row.name.rstrip(".") for row in again.sheet.rows] == [NAME]


@each("before", ["", "Please publish:\n"], ids=["zone file", "ticket"])
@each("beside", BESIDE)
def test_what_zone_text_includes_or_redirects_beside_the_record_is_named(beside: str, before: str):
    defect = BESIDE[beside]
    report = lint(before.encode() + zone() + beside.encode() + b"\n", ASKED)
    assert {finding.defect for finding in report.findings} == {defect} - {""}
    assert defects(report.corrected() or b"") == set()


def test_the_name_servers_of_the_zone_itself_are_no_defect():
    head = (
        f"$ORIGIN {DOMAIN}.\n$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n  IN NS ns1\nns1 A 192.0.2.1\n"
    )
    for before in ("", "The zone:\n"):
        assert defects(before.encode() + head.encode() + zone()) == set()
    below = head.replace(DOMAIN, f"_domainkey.{DOMAIN}")
    assert defects(zone() + below.encode()) == {"redirected"}


def test_a_corrected_sheet_that_would_hold_a_private_key_is_not_made():
    report = lint(sheet(value=f"v=DKIM1; n={pkcs8().hex()}; p={P}"), ASKED)
    assert [finding.defect for finding in report.findings] == ["private-key"]
    assert report.corrected() is None


def test_every_defect_stands_in_a_sheet_or_in_dns():
    shown = {case.defect for case in SHAPES} | {
        *BESIDE.values(),
        "two-keys",
        "twice",
        "unquoted-string",
        "rehearsed",
        "stale",
    }
    named = shown.union(*(expected for _, expected in (*SHEETS.values(), *PUBLISHED.values())))
    every = {key.removesuffix(".todo") for key in TEXTS} - {"means", "todo", "ttl-range"}
    assert {key for key in every if not key.startswith("name.")} <= named
    assert defects(sheet(TTL="5"), Expected()) == {"ttl-range"}
    assert defects(sheet(TTL="1209600"), Expected()) == {"ttl-range"}


@each("case", [case for case in SHAPES if case.defect], ids=lambda case: case.name)
def test_every_refused_shape_of_a_record_is_named_in_a_sheet(case: Shape):
    """The same defect as ``parse`` names, or one that says more of how it came about."""
    value = b"".join(case.strings).decode("utf-8", errors="replace")
    found = defects(sheet(value=value), Expected(SELECTOR, DOMAIN))
    folds = {"bare-line-feed", "folded-over-an-empty-line", "ninety-spaces-and-two-folds"}
    if not value.strip():
        expected = "no-value"
    else:
        expected = (
            "line-break" if case.name in folds else {"smart-quotes-windows": "non-ascii"}.get(case.name, case.defect)
        )
    assert expected in found


@each("asked", [ASKED, Expected()], ids=["asked", "unknown"])
@each("language", LANGUAGES)
def test_what_the_project_writes_has_no_defect(language: Language, asked: Expected):
    for data in (csv_text(REQUEST, language), zone_text(REQUEST).encode(), message_text(REQUEST, language).encode()):
        report = lint(data, asked)
        assert report.findings == ()
        assert report.request == REQUEST


@each("asked", [ASKED, Expected()], ids=["asked", "unknown"])
@each("language", LANGUAGES)
@each("form", ["csv", "zone", "json", "txt"])
def test_a_rehearsals_file_says_so_at_its_top_and_that_is_its_one_defect(
    form: str, language: Language, asked: Expected
) -> None:
    texts = {"zone": zone_text(REQUEST), "json": json_text(REQUEST), "txt": message_text(REQUEST, language)}
    data = marked(form, texts[form].encode() if form in texts else csv_text(REQUEST, language), language)
    assert "REHEARSAL: do not publish" in data.decode().splitlines()[form == "json"]
    report = lint(data, asked)
    assert [finding.defect for finding in report.findings] == ["rehearsed"]
    assert report.request == REQUEST
    assert report.corrected() is not None
    assert "rehearsed" in defects(report.corrected() or b"")


def test_the_sheet_of_a_rehearsals_record_is_none_without_the_words_either() -> None:
    assert defects(sheet(), replace(ASKED, rehearsal=True)) == {"rehearsed"}


def test_line_numbers_lead_to_the_defect():
    data = "依頼書\n\n名前,タイプ,値,TTL\n".encode() + f"a.example.jp,TXT,x,300\n{NAME},TXT,{VALUE},5\n".encode()
    (finding,) = lint(data, Expected()).findings
    assert (finding.defect, finding.line) == ("ttl-range", 5)
    (finding,) = lint(ticket(more="512 bits"), ASKED).findings
    assert finding.line == 8


def test_without_the_true_key_a_whole_one_in_the_sheet_is_kept_and_called_its_own():
    report = lint(sheet(name=f"{NAME}.{DOMAIN}", value=f'"k=rsa; p={P}"'))
    assert report.request == REQUEST
    assert report.own_key
    assert not lint(sheet(), ASKED).own_key
    corrected = report.corrected()
    assert corrected is not None
    assert defects(corrected) == set()


BROKEN = P[:100] + "?" + P[101:]
# The tag list of a sheet, and that of the corrected sheet: nothing but the key and what breaks the record is changed.
TAGS = {
    f"p={BROKEN}; k=rsa; v=DKIM1": f"v=DKIM1; p={P}; k=rsa",
    "v=DKIM1; p=customerProvidedPublicKey; t=s; k=rsa": f"v=DKIM1; p={P}; t=s; k=rsa",
    f"v=DKIM1; n=made by hand; k=rsa; t=y:s; x_1=a/b; p={BROKEN}; z=": (
        f"v=DKIM1; n=made by hand; k=rsa; t=y:s; x_1=a/b; p={P}; z="
    ),
    f"t=s; p={P}": f"v=DKIM1; t=s; p={P}",
    f"v=DKIM1; h=sha1; s=email; k=RSA; t=s; t=s; p={P}; p={P[:9]} {P[9:]}": f"v=DKIM1; s=email; k=rsa; t=s; p={P}",
    f"v=DKIM1; h=sha1:sha256; p={P[:-3]}": f"v=DKIM1; h=sha1:sha256; p={P}",
    "v=DKIM1; t=y": f"v=DKIM1; t=y; p={P}",
}  # fmt: skip


@each("build", [sheet, zone, ticket])
@each("value", TAGS)
def test_a_corrected_sheet_keeps_every_other_tag_in_its_order(value: str, build: Callable[..., bytes]):
    data = build(**{"strings" if build is zone else "value": f'"{value}"' if build is zone else value})
    corrected = lint(data, ASKED).corrected()
    assert corrected is not None
    joined = corrected.decode("utf-8-sig").replace('"\n    "', "")
    assert TAGS[value] in joined
    assert dkim.load_pk_from_dns(NAME.encode() + b".", lambda *_, **__: TAGS[value].encode())[1] == 2048


@each("asked", [ASKED, Expected(), Expected(SELECTOR, DOMAIN)], ids=["asked", "unknown", "named"])
@each("second", [OTHER.base64, P[:-4], P.lower(), "customerProvidedPublicKey", ""])
@each("build", [sheet, ticket])
def test_between_two_keys_nothing_is_chosen(second: str, asked: Expected, build: Callable[..., bytes]):
    for value in (f"v=DKIM1; p={P}; p={second}", f"v=DKIM1; p={second}; k=rsa; P={P}"):
        report = lint(build(value=value), asked)
        assert "two-keys" in {finding.defect for finding in report.findings}
        assert report.request is None
        assert report.corrected() is None


def test_between_two_values_of_another_tag_nothing_is_chosen_either():
    report = lint(sheet(value=f"v=DKIM1; t=s; t=y; p={P}"), ASKED)
    assert [finding.defect for finding in report.findings] == ["duplicate-tag", "testing", "no-subdomains"]
    assert report.corrected() is None


@each("value", ["p=customerProvidedPublicKey", VALUE[:200], VALUE.lower()])
def test_without_a_key_nothing_is_corrected(value: str):
    assert lint(sheet(value=value), Expected(SELECTOR, DOMAIN)).corrected() is None


def test_zone_text_is_corrected_to_what_dnspython_reads():
    corrected = lint(zone(owner=NAME, strings=f'"{VALUE}"'), ASKED).corrected()
    assert corrected is not None
    header = "$ORIGIN example.jp.\n$TTL 300\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n@ NS ns1\n"
    found = dns.zone.from_text(header + corrected.decode(), relativize=False, check_origin=False)
    records = found.get_rdataset(NAME + ".", "TXT")
    assert records is not None
    assert [parse(record.strings).public_key for record in records] == [KEY]


def test_other_rows_of_the_consoles_csv_stay_as_they_are():
    other = b"MX,mail.example.jp,10 feedback-smtp.ap-northeast-1.amazonses.com\r\n"
    data = sheet(value="p=customerProvidedPublicKey") + other
    corrected = lint(data, ASKED).corrected()
    assert corrected is not None
    assert corrected.endswith(other)
    assert VALUE.encode() in corrected


@each(
    ("doubled", "domain"),
    [("example.jp.example.jp", "example.jp"), ("mail.example.jp.example.jp", "mail.example.jp"), ("a.b.jp", "a.b.jp")],
)
def test_the_suffix_is_taken_off_once(doubled: str, domain: str):
    request = lint(sheet(name=f"{SELECTOR}._domainkey.{doubled}")).request
    assert request is not None
    assert request.domain == domain


@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes):
    read(data)
    assert lint(data).corrected() is None


@given(st.data())
def test_a_damaged_sheet_is_refused_or_asks_for_the_same_key(data: st.DataObject):
    """A few characters changed, lost or added: a defect is named, or it asks for a sound key at the same name."""
    text = sheet().decode()
    place = data.draw(st.integers(text.index(P), len(text) - 3))
    added = data.draw(st.sampled_from(["", "A", " ", '"', "“", "；", "\\", "=", "\n", "\0"]))
    damaged = text[:place] + added + text[place + data.draw(st.integers(0, 1)) :]
    report = lint(damaged.encode(), ASKED)
    assert report.findings or parse((report.sheet.rows[0].value.encode(),)).public_key == KEY
