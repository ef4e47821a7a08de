"""Request sheets with every defect, in every form: each is named, and the corrected sheet has none."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Literal

import dkim
from hypothesis import given
from hypothesis import strategies as st

from second_edition.dkim.key_record import parse
from second_edition.dns.reading import tables
from second_edition.dns.request_lint import Expected, lint
from second_edition.dns.request_reader import read
from second_edition.dns.request_sheet import csv_text, json_text, marked, message_text, zone_text
from second_edition.dns.value_repair import FLAGS
from second_edition.messages import LANGUAGES, Language
from tests.second_edition.dkim.keys import pkcs8
from tests.second_edition.dkim.shapes import SHAPES, Shape
from tests.second_edition.dns.request_rows import (
    ASKED,
    BESIDE,
    DOMAIN,
    IN_USE,
    KEY,
    NAME,
    OTHER,
    PRIVATE,
    REQUEST,
    SELECTOR,
    SHEETS,
    VALUE,
    P,
    beside,
    sheet,
    ticket,
    zone,
)
from tests.second_edition.each import each


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
        assert [text.replace("ＴＸＴ", "TXT").isascii() for text in said] == [True, False] * 2
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


def test_a_name_below_an_origin_is_whole_where_the_text_is_no_zone_files():
    text = f'$ORIGIN _domainkey.{DOMAIN}.\n$TTL 1h\n{SELECTOR} IN TXT ( "{VALUE[:118]}"\n  "{VALUE[118:]}" )\n'
    report = lint(text.encode(), ASKED)
    assert [finding.defect for finding in report.findings] == ["long-string"]
    assert report.request == REQUEST


def test_a_corrected_sheet_that_would_hold_a_private_key_is_not_made():
    report = lint(sheet(value=f"v=DKIM1; n={pkcs8().hex()}; p={P}"), ASKED)
    assert [finding.defect for finding in report.findings] == ["private-key"]
    assert report.corrected() is None
    assert lint(beside(f"{PRIVATE[0]}._domainkey.example.com", VALUE), ASKED).others == ()


@each("case", [case for case in SHAPES if case.defect], ids=lambda case: case.name)
def test_every_refused_shape_of_a_record_is_named_in_a_sheet(case: Shape):
    """The same defect as ``parse`` names, or one that says more of how it came about."""
    value = b"".join(case.strings).decode("utf-8", errors="replace")
    found = defects(sheet(value=value), Expected(SELECTOR, DOMAIN))
    if case.name == "quoted-strings":  # what Route 53 shows, in a sheet
        assert found == set()
        return
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


def test_line_numbers_lead_to_the_defect():
    data = "依頼書\n\n名前,タイプ,値,TTL\n".encode() + f"a.example.jp,TXT,x,300\n{NAME},TXT,{VALUE},5\n".encode()
    (finding,) = lint(data, Expected()).findings
    assert (finding.defect, finding.line) == ("ttl-range", 5)
    (finding,) = lint(ticket(more="512 bits"), ASKED).findings
    assert finding.line == 8
    for between, owner, line in (("; again\n\n", f"{NAME}.", 5), ("", "", 3)):
        second = f'{between}{owner} 3600 IN TXT ("v=DKIM1; k=rsa; "\n "p={OTHER.base64}")\n'.encode()
        found = [(found.defect, found.line) for found in lint(zone() + second, ASKED).findings]
        assert found == [("other-key", line), ("two-rows", line)]


def test_without_the_true_key_a_whole_one_in_the_sheet_is_kept_and_called_its_own():
    report = lint(sheet(name=f"{NAME}.{DOMAIN}", value=f'"k=rsa; p={P}"'))
    assert report.request == REQUEST
    assert report.own_key
    assert not lint(sheet(), ASKED).own_key
    corrected = report.corrected()
    assert corrected is not None
    assert defects(corrected) == set()


@each("name", ["20261124", "2026/11/24", f"\u200b{NAME}", NAME.replace("-", "–"), f"sub.{NAME}"])
def test_a_wrong_name_is_told_once_with_the_one_to_write_as_far_as_that_is_known(name: str):
    for asked, right in (
        (ASKED, NAME),
        (Expected(SELECTOR, DOMAIN), NAME),
        (Expected(domain=DOMAIN), f"<selector>._domainkey.{DOMAIN}"),
        (Expected(), "<selector>._domainkey.<domain>"),
    ):
        (finding,) = lint(sheet(name=name), asked).findings
        for language in LANGUAGES:
            assert f" {right}" in f" {finding.correction(language)}"


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


@each("name", [NAME.replace(".jp", ".com"), IN_USE])
@each("other", ["first", "last"])
def test_a_key_of_another_domain_or_selector_is_no_part_of_the_request_and_stays(name: str, other: str):
    header, ours, theirs = beside(name, f"v=DKIM1; k=rsa; p={OTHER.base64}").splitlines(keepends=True)
    data = header + (theirs + ours if other == "first" else ours + theirs)
    report = lint(data, ASKED)
    assert (report.findings, report.request, report.corrected()) == ((), REQUEST, data)
    assert report.others == (name,)
    assert lint(data).others == lint(header + theirs, ASKED).others == ()
    assert defects(header + theirs) >= {"other-key"}


@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes):
    read(data)
    assert lint(data).corrected() is None


@given(st.lists(st.lists(st.text('",; \na', max_size=8), min_size=2)), st.sampled_from(",;\t"), st.sampled_from((0, 1)))
def test_quotes_that_are_the_csvs_own_are_never_taken_for_a_values(
    rows: list[list[str]], mark: str, quoting: Literal[0, 1]
):
    out = io.StringIO()
    csv.writer(out, delimiter=mark, quoting=quoting, lineterminator="\n").writerows(rows)
    assert [cells for _, cells in tables._cells(out.getvalue(), mark, 1)] == rows


@given(st.data())
def test_a_damaged_sheet_is_refused_or_asks_for_the_same_key(data: st.DataObject):
    """A few characters changed, lost or added: a defect is named, or it asks for a sound key at the same name."""
    text = sheet().decode()
    place = data.draw(st.integers(text.index(P), len(text) - 3))
    added = data.draw(st.sampled_from(["", "A", " ", '"', "“", "；", "\\", "=", "\n", "\0"]))
    damaged = text[:place] + added + text[place + data.draw(st.integers(0, 1)) :]
    report = lint(damaged.encode(), ASKED)
    assert report.findings or parse((report.sheet.rows[0].value.encode(),)).public_key == KEY
