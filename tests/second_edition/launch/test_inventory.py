"""``byodkim inventory``: what it says in both languages, what it writes, and how it ends."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from second_edition.display.blocks import Table
from second_edition.display.inventory import COLUMNS, Summary, columns, tables, wants_attention, width, write_csv
from second_edition.display.words import Words
from second_edition.evidence import inventory_file
from second_edition.messages import Language
from second_edition.rotation.inventory import Row
from second_edition.sandbox.client import Sandbox
from tests.second_edition.each import each

BYODKIM = str(Path(sys.executable).parent / "byodkim-second-edition")
SOUND = Row("a.example.jp", "mail-1", "SUCCESS", True, "EXTERNAL", "tokens", "a-key")


QUICK = {"language": ("ja",)}


def said(folder: Path, sandbox: Sandbox, *words: str) -> subprocess.CompletedProcess[str]:
    at = ("--target", "sandbox", "--endpoint-url", sandbox.facts.endpoint_url)
    return subprocess.run([BYODKIM, "inventory", *at, *words], cwd=folder, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("By DKIM status", "a sound key", "not asked: no selector of its own", "no key record", "attention: 2"),
        ),
        ("ja", ("DKIM ステータス・鍵レコード・期日別", "有効な鍵", "対象外", "レコードなし", "要確認 2 件")),
    ],
)
def test_what_it_says(sandbox: Sandbox, tmp_path: Path, language: str, words: tuple[str, ...]) -> None:
    sandbox.set_knobs(identities=20)
    done = said(tmp_path, sandbox, "--language", language, "--csv", "all.csv")
    assert (done.returncode, done.stderr) == (0, "")
    for word in words:
        assert word in done.stdout
    (path,) = (tmp_path / "outputs").iterdir()
    assert f"outputs/{path.name}" in done.stdout
    assert str(tmp_path) not in done.stdout
    with (tmp_path / "all.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows] == [row.name for row in inventory_file.rows(path)]
    assert len(rows) == 21
    assert tuple(rows[0]) == COLUMNS
    before = (tmp_path / "all.csv").read_bytes()
    again = said(tmp_path, sandbox, "--language", language, "--csv", "all.csv")
    assert (again.returncode, again.stdout, again.stderr.count("--csv")) == (2, "", 1)
    assert (tmp_path / "all.csv").read_bytes() == before


def test_an_interrupt_is_said_and_the_next_one_goes_on(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.set_knobs(identities=900, requests_per_second=4)
    command = [BYODKIM, "inventory", "--target", "sandbox", "--endpoint-url", sandbox.facts.endpoint_url]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        until = time.monotonic() + 600
        while time.monotonic() < until and not any(
            len(path.read_bytes().splitlines()) > 100 for path in tmp_path.glob("outputs/*")
        ):
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        out, errors = child.communicate(timeout=600)
    assert (child.returncode, out) == (130, ""), errors
    assert "the same command goes on from there" in errors
    assert "Traceback" not in errors
    sandbox.set_knobs(requests_per_second=0)
    done = said(tmp_path, sandbox)
    assert done.returncode == 0
    assert "Resuming the inventory" in done.stderr
    assert "901" in done.stdout
    assert len(list((tmp_path / "outputs").iterdir())) == 1


@each(
    ("changes", "wanting"),
    [
        ({}, False),
        ({"record": "", "origin": "AWS_SES", "selector": ""}, False),
        ({"urgency": "warned"}, False),
        ({"urgency": "late"}, True),
        ({"urgency": "overdue"}, True),
        ({"status": "PENDING"}, True),
        ({"signing_enabled": False}, True),
        ({"record": "differ"}, True),
        ({"record": "absent"}, True),
        ({"record": "unfound"}, True),
        ({"unread": "AccessDenied"}, True),
    ],
)
def test_what_wants_attention(changes: dict[str, object], wanting: bool) -> None:
    assert wants_attention(replace(SOUND, **changes)) is wanting


@each("language", ["en", "ja"])
def test_tables_are_as_long_for_ten_thousand_as_for_thirty(language: Language) -> None:
    from datetime import UTC

    summary = Summary()
    for number in range(10_000):
        summary.add(replace(SOUND, name=f"d{number}.example.jp", selector=f"mail-{number}", status="FAILED"))
    told = tables(summary, Words(language, UTC))
    assert [len(table.rows) for _, table in told] == [1, 20, 20]
    assert (summary.rows, summary.wanting) == (10_000, 10_000)
    summary.add(replace(SOUND, signing_enabled=False))
    alike = tables(summary, Words(language, UTC))[0][1]
    assert alike.rows[1][0] == {"en": "SUCCESS, signing disabled", "ja": "SUCCESS（署名は無効）"}[language]


@each("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(sign: str) -> None:
    stream = io.StringIO(newline="")
    write_csv(stream, [replace(SOUND, name=f"{sign}cmd", status=f"{sign}1", unread=f"x{sign}")])
    row = next(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert (row["name"], row["status"], row["unread"]) == (f"'{sign}cmd", f"'{sign}1", f"x{sign}")


def test_what_cannot_be_kept_is_one_paragraph(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = said(tmp_path, sandbox, "--archive", "file")
    assert (kept.returncode, len(kept.stderr.splitlines())) == (2, 1)
    assert "cannot be kept" in kept.stderr
    assert "Nothing was changed" in kept.stderr


def test_columns_line_up_where_characters_are_wide() -> None:
    lines = columns(Table(("名前", "count"), (("ab", "1"), ("鍵レコード", "22")))).splitlines()
    assert [width(line[: line.rindex(" ") + 1]) for line in (lines[0], *lines[2:])] == [12, 12, 12]
    assert columns(Table(("a",), (("x\u202ey\x1b[31m",),))).splitlines()[2] == "x‹U+202E›y‹U+001B›[31m"
