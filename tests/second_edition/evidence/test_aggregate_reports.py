"""Aggregate reports of our own making, sound and hostile: what is counted, and what is not read."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from second_edition.evidence import aggregate_reports
from second_edition.rotation.facts import Reports

BEGIN = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
DAY = "2026-11-20T23:59:59+00:00"


def signature(domain: str = "example.jp", selector: str = "mail-1", result: str = "pass") -> str:
    return f"<dkim><domain>{domain}</domain><selector>{selector}</selector><result>{result}</result></dkim>"


def record(*signatures: str, count: str = "3") -> str:
    return (
        f"<record><row><source_ip>192.0.2.1</source_ip><count>{count}</count></row>"
        f"<auth_results>{''.join(signatures)}<spf><domain>example.jp</domain><result>pass</result></spf></auth_results>"
        "</record>"
    )


def report(*records: str, name: str = "r1", end: object = BEGIN + 86399, org: str = "mail.example.net") -> bytes:
    return (
        f"<?xml version='1.0'?><feedback><report_metadata><org_name>{org}</org_name><report_id>{name}</report_id>"
        f"<date_range><begin>{BEGIN}</begin><end>{end}</end></date_range></report_metadata>"
        f"<policy_published><domain>example.jp</domain></policy_published>{''.join(records)}</feedback>"
    ).encode()


def read(folder: Path) -> Reports:
    return aggregate_reports.read(folder, "reports", "example.jp", "mail-1")


def zipped(*members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{number}.xml", member)
    return packed.getvalue()


def test_messages_are_counted_by_day_and_reporter(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "a.xml").write_bytes(report(record(signature()), record(signature(), count="4")))
    (tmp_path / "below" / "b.xml.gz").write_bytes(gzip.compress(report(record(signature()), name="r2")))
    (tmp_path / "c.ZIP").write_bytes(zipped(report(record(signature()), name="r3", end=BEGIN + 2 * 86400 - 1)))
    (tmp_path / "readme.txt").write_text("no report")
    found = read(tmp_path)
    assert (found.read, found.unread, found.failure) == (3, (), "")
    assert [(one.day, one.messages, one.reporter) for one in found.counted] == [
        (DAY, 10, "mail.example.net"),
        ("2026-11-21T23:59:59+00:00", 3, "mail.example.net"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        signature(domain="example.com"), signature(domain="sub.example.jp"), signature(selector="mail-2"),
        signature(result="fail"), signature(result=""), "", signature().replace("dkim>", "spf>"),
    ],
)  # fmt: skip
def test_only_a_valid_signature_of_the_selector_counts(tmp_path: Path, other: str) -> None:
    (tmp_path / "a.xml").write_bytes(report(record(other), record(other, signature(), signature(), count="2")))
    assert [one.messages for one in read(tmp_path).counted] == [2]


SOUND = report(record(signature()))
#: Files in which the same three messages are told of, by what is special about them.
THREE = {
    "a report that lies there twice": {"a.xml": SOUND, "a.xml.gz": gzip.compress(SOUND)},
    "a report that takes another's name": {"a.xml": report(), "b.xml": SOUND},
    "names in other letters": {"a.xml": report(record(signature("Example.JP.", "MAIL-1", "Pass")))},
    "elements of a namespace": {
        "a.xml": SOUND.replace(b"<feedback>", b'<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">')
    },
}


@pytest.mark.parametrize("name", THREE)
def test_no_message_is_counted_twice_or_passed_over(tmp_path: Path, name: str) -> None:
    for file, content in THREE[name].items():
        (tmp_path / file).write_bytes(content)
    assert [one.messages for one in read(tmp_path).counted] == [3]


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE feedback [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><feedback>&m;</feedback>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE f SYSTEM "file:///etc/passwd"><feedback/>'
ENTITY = b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feedback>&x;</feedback>'
HOSTILE = {
    "laughs.xml": LAUGHS,
    "outside.xml": OUTSIDE,
    "entity.xml": ENTITY,
    "deep.xml": b"<a>" * 100_000,
    "elements.xml": report(record(signature()), "<a/>" * aggregate_reports.MOST_ELEMENTS),
    "cut.xml": report(record(signature()))[:-20],
    "other.xml": b"<feedback/>",
    "empty.xml": b"",
    "count.xml": report(record(signature(), count="-3")),
    "many.xml": report(record(signature(), count="9" * 12)),
    "word.xml": report(record(signature(), count="\u0663")),
    "never.xml": report(record(signature()), end="9" * 12),
    "undated.xml": report(record(signature()), end=""),
    "backwards.xml": report(record(signature()), end=0),
    "unnamed.xml": report(record(signature()), name=""),
    "none.gz": b"not packed",
    "cut.xml.gz": gzip.compress(report(record(signature())))[:-9],
    "none.zip": b"PK not packed",
    "empty.zip": zipped(),
    "members.zip": zipped(*(report(name=str(number)) for number in range(9))),
    "nested.zip": zipped(zipped(report(record(signature())))),
    "bomb.xml.gz": gzip.compress(b"<feedback>" + b" " * (aggregate_reports.LARGEST + 1)),
    "bomb.zip": zipped(b"<feedback>" + b" " * (aggregate_reports.LARGEST + 1)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_report_is_named_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    (tmp_path / "sound.xml").write_bytes(report(record(signature()), name="sound"))
    spent = time.process_time()
    found = read(tmp_path)
    assert time.process_time() - spent < 10
    assert (found.read, found.unread) == (1, (name,))
    assert [one.messages for one in found.counted] == [3]


def test_names_from_outside_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / "a\nb.xml").write_bytes(b"")
    (tmp_path / "c.xml").write_bytes(report(record(signature()), org="evil\u202e&lt;b&gt;" + "y" * 200))
    found = read(tmp_path)
    assert found.unread == ("a?b.xml",)
    assert found.counted[0].reporter == "evil?<b>" + "y" * 72


def test_a_folder_that_is_none_is_not_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / "none").failure == "NotADirectory"
    assert read(tmp_path) == Reports("reports")
