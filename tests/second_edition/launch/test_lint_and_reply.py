"""``byodkim lint`` and ``byodkim reply`` as commands: what they print, write and exit with."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from second_edition.dkim.key_record import PublicKey, character_strings, parse
from second_edition.dns.request_sheet import Request, zone_text
from second_edition.launch import reply
from second_edition.launch.command_line import main
from second_edition.messages import LANGUAGES
from tests.second_edition.display.archive import Archive, events_of
from tests.second_edition.dkim.keys import b64, pem, private_key, spki
from tests.second_edition.dns.servers import NAME, NameServer, aliased, holding, serving
from tests.second_edition.project.tracked import ROOT

SELECTOR, DOMAIN = "mail-20261124-1", "example.jp"
REQUEST = Request(DOMAIN, SELECTOR, PublicKey.from_der(spki()))
CONSOLE = f"Type,Name,Value\r\nTXT,{NAME},p=customerProvidedPublicKey\r\n"
PEM = private_key(2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "public.pem"
    path.write_bytes(PEM)
    return path


@pytest.fixture
def options(key_file: Path) -> list[str]:
    """The record that is asked for, as options of both commands."""
    return ["--public-key", str(key_file), "--selector", SELECTOR, "--domain", DOMAIN]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "dkim-dns-records.csv"
    path.write_text(CONSOLE, newline="")
    return path


def test_lint_corrects_the_consoles_csv(
    tmp_path: Path, sheet: Path, options: list[str], capsys: pytest.CaptureFixture[str]
):
    corrected = tmp_path / "corrected.csv"
    assert main(["lint", str(sheet), *options, "-o", str(corrected)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("line 2: ")
    assert any("customerProvidedPublicKey" in line for line in said)
    assert said[-1] == f"Corrected sheet: {corrected}"
    assert corrected.read_text() == CONSOLE.replace("p=customerProvidedPublicKey", REQUEST.value).replace("\r\n", "\n")
    assert sheet.read_bytes() == CONSOLE.encode()
    assert main(["lint", str(corrected), *options]) == 0
    assert capsys.readouterr().out.startswith("No defect found.\n")
    assert main(["lint", str(corrected), str(sheet), *options]) == 1
    said = capsys.readouterr().out.splitlines()
    assert (said[:2], said[said.index(f"{sheet}:") + 1][:8]) == ([f"{corrected}:", "No defect found."], "line 2: ")
    assert main(["lint", str(corrected), str(sheet), "-o", str(tmp_path / "both.csv")]) == 2


def test_a_corrected_sheet_keeps_every_other_row_or_says_that_it_does_not(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
):
    """The columns and rows of people's own sheets stay, and one not known is named; of a zone the rest is left out."""
    row = (
        "依頼者: 田中,,,,\nホスト名,種別,値,TTL,状態\n{},TXT,{},{},新規\n"
        "www.example.jp,A,192.0.2.1,300,\nm._domainkey.example.com,TXT,x,300,\n"
    ).format
    rows, sound = row(NAME, "p=x", '"3,600"'), row(NAME, REQUEST.value, 3600)
    zone = f"$TTL 3600\nwww.example.jp. A 192.0.2.1\n{zone_text(REQUEST)}"
    for encoding, text in (("utf-8", rows), ("cp932", rows), ("utf-8", zone)):
        given, corrected = tmp_path / f"{encoding}{len(text)}", tmp_path / f"{encoding}{len(text)}.txt"
        given.write_text(text, encoding)
        main(["lint", str(given), *options, "-o", str(corrected)])
        said = capsys.readouterr().out
        alone, unjudged = "no other row" in said, "Not judged: 状態." in said
        assert unjudged is (text is rows)
        assert ("Not judged: m._domainkey.example.com." in said) is unjudged
        written = corrected.read_text("utf-8-sig")
        assert (written, alone) == ((zone_text(REQUEST), True) if text is zone else (sound, False))


def test_lint_refuses_what_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "sheet"
    for data in (b"PK\3\4\x14", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"SQLite format 3\0"):
        path.write_bytes(data)
        assert main(["lint", str(path)]) == 2
        out, said = capsys.readouterr()
        assert out == ""
        assert f"{path}: it is a workbook, a PDF or another file that is not text." in said
        assert "Save the sheet as CSV (UTF-8), and name that file." in said
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-32-be"):
        path.write_text(CONSOLE, encoding)
        assert main(["lint", str(path)]) == 1


@pytest.mark.parametrize("written", [PEM, b64(spki()), REQUEST.value.encode(), b"\xef\xbb\xbf" + b64(spki()) + b"\r\n"])
def test_the_public_key_is_read_in_each_form(tmp_path: Path, sheet: Path, written: bytes):
    path = tmp_path / "key"
    path.write_bytes(written)
    corrected = tmp_path / "corrected.csv"
    main(["lint", str(sheet), "--public-key", str(path), "-o", str(corrected)])
    assert REQUEST.value in corrected.read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_private_key_in_its_place_is_refused_and_not_repeated(
    tmp_path: Path, sheet: Path, language: str, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "key"
    path.write_bytes(pem(1024))
    assert main(["lint", str(sheet), "--public-key", str(path), "--language", language]) == 2
    said = "".join(capsys.readouterr())
    secret = "".join(pem(1024).decode().splitlines()[1:-1])
    assert "PRIVATE" in said or "秘密鍵" in said
    assert not any(secret[start : start + 12] in said for start in range(len(secret) - 12))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["reply"], "--public-key"),
        (["reply", "--domain", DOMAIN, "--selector", SELECTOR], "--public-key"),
        (["reply", "--domain", "example", "--selector", SELECTOR], "example"),
        (["reply", "run.ipynb", "--domain", DOMAIN], "both given"),
        (["lint", "absent.csv"], "absent.csv"),
        (["lint", "absent.csv", "--public-key", "absent.pem"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_paragraph(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert word in said
    assert said.count("\n") == 1


def test_reply_writes_what_is_wrong(tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]):
    message = tmp_path / "message.txt"
    with NameServer(serving((REQUEST.value.encode()[:255],))) as server:
        command = ["reply", *options, "--nameservers", str(server.server)]
        assert main(command) == 1
        assert main([*command, "--language", "ja", "-o", str(message)]) == 1
    said, written = capsys.readouterr().out, message.read_text()
    assert "the first 255 of its 410 characters" in said
    assert "410 文字のうち先頭の 255 文字" in written
    assert zone_text(REQUEST) in said
    assert zone_text(REQUEST) in written


def test_lint_speaks_the_language_of_the_record(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, sheet = str(archive("japanese")), str(tmp_path / "sheet.csv")
    assert main(["request", record, "-o", sheet]) == 0
    capsys.readouterr()
    for words, marked in (((), True), (("--language", "en"), False)):
        assert main(["lint", sheet, "--record", record, *words]) == 1
        assert ("リハーサル" in capsys.readouterr().out) is marked


def test_both_take_the_record_that_a_run_left(
    tmp_path: Path, sheet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """The key is the one that the run proved, and no option names it."""
    record, corrected = tmp_path / "run.ipynb", tmp_path / "corrected.csv"
    papermill = [str(Path(sys.executable).with_name("papermill")), "lib/second_edition/notebooks/rotate.ipynb", str(record)]
    words = ["--no-progress-bar", "-p", "selector", SELECTOR, "-p", "target", "sandbox"]
    subprocess.run([*papermill, *words], cwd=ROOT, check=True, capture_output=True)
    assert main(["lint", str(sheet), "--record", str(record), "-o", str(corrected)]) == 1
    notice, _, table = corrected.read_text("utf-8-sig").partition("\n")
    assert "REHEARSAL: do not publish" in notice
    value = next(csv.DictReader(io.StringIO(table)))["Value"]
    found = parse((value.encode(),)).public_key.sha256
    assert found in capsys.readouterr().out
    assert any(found in "".join(str(cell)) for cell in json.loads(record.read_text())["cells"])
    strings = tuple(string.encode() for string in character_strings(value))
    with monkeypatch.context() as patch:
        patch.setattr(reply, "find_servers", lambda *_, **__: pytest.fail("DNS is asked for the sandbox's zone"))
        assert main(["reply", str(record)]) == 2
    said = capsys.readouterr().err
    assert "is the record of a rehearsal in a sandbox (http://127.0.0.1:" in said
    assert ", and no name server answers at 127.0.0.1:" in said
    assert "--nameservers" in said
    assert len(said.splitlines()) == 1
    current = "mail-20260912-1._domainkey.example.jp"
    for beside, code in ({}, 1), ({current: (strings,)}, 0):
        with NameServer(holding({NAME: (strings,), **beside})) as server:
            assert main(["reply", str(record), "--nameservers", str(server.server)]) == code
        said = capsys.readouterr().out
        assert found in said
        assert (f"Subject: URGENT: DNS record {current}: mail fails" in said) == (not beside)


@pytest.mark.parametrize(
    ("language", "signs"),
    [("en", "SES is set to sign mail of example.jp with the key"), ("ja", "一瞬でも欠けてはなりません")],
)
def test_the_record_that_ses_signs_with_must_never_be_missing(
    archive: Archive, language: str, signs: str, capsys: pytest.CaptureFixture[str]
):
    """A CNAME that leads to the key at every server is as good as the key."""
    value = next(event["value"] for event in events_of(archive("switched")) if event["event"] == "handed")
    strings = tuple(string.encode() for string in character_strings(value))
    missing = f"DNS record {NAME}: mail fails without it" if language == "en" else f"【至急】DNS レコード {NAME} の復旧"
    for respond, code, said in (
        (aliased("key.example.com", strings=strings), 0, "key.example.com"),
        (holding({}), 1, missing),
    ):
        with NameServer(respond) as server:
            command = ["reply", str(archive("switched")), "--nameservers", str(server.server), "--language", language]
            assert main(command) == code
        letter = capsys.readouterr().out
        assert signs in letter
        assert said in letter
        assert "signed with another record" not in letter


def test_lint_writes_no_sheet_under_the_name_of_another_form(
    tmp_path: Path, sheet: Path, options: list[str], capsys: pytest.CaptureFixture[str]
):
    for name in ("sheet.tf", "sheet.json", "sheet.yaml"):
        assert main(["lint", str(sheet), *options, "-o", str(tmp_path / name)]) == 2
        assert "a corrected sheet is CSV or zone text" in capsys.readouterr().err
        assert not (tmp_path / name).exists()
    assert main(["lint", str(sheet), *options, "-o", str(tmp_path / "sheet.zone")]) == 1
    assert (tmp_path / "sheet.zone").read_text() == zone_text(REQUEST)


def test_reply_speaks_the_profile_that_is_named(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    profile = '[tokyo]\nlanguage = "ja"\n[tokyo.contacts]\ndns = "dns@example.jp"\n[default]\nlanguage = "en"\n'
    (tmp_path / "byodkim.toml").write_text(profile)
    with NameServer(serving((REQUEST.value.encode()[:255],))) as server:
        for named, opens in (([], "Subject: "), (["--profile", "tokyo"], "宛先: dns@example.jp\n件名: ")):
            assert main(["reply", *options, "--nameservers", str(server.server), *named]) == 1
            assert capsys.readouterr().out.startswith(opens)


def test_lint_says_when_there_is_nothing_to_correct_with(
    tmp_path: Path, sheet: Path, capsys: pytest.CaptureFixture[str]
):
    corrected = tmp_path / "corrected.csv"
    assert main(["lint", str(sheet), "-o", str(corrected)]) == 1
    assert "--public-key" in capsys.readouterr().out
    assert not corrected.exists()
