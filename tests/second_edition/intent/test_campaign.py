"""A campaign's parameters and its table: what is taken, and what is refused by its line before anything is read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from second_edition.display.inventory import write_csv
from second_edition.errors import ParameterError
from second_edition.evidence import inventory_file
from second_edition.intent import campaign, parameters
from second_edition.messages import LANGUAGES, Language
from second_edition.plain import plain
from second_edition.rotation.inventory import Row
from tests.second_edition.dkim import keys
from tests.second_edition.each import each

PASSED = {"secret_id": "byodkim/{domain}", "selector": "mail-20261124-1", "target": "aws"}


def table(folder: Path, text: str, name: str = "identities.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_row_overrules_what_is_given_for_all(tmp_path: Path) -> None:
    text = "﻿domain, selector ,region,secret_id\r\na.example.jp,,,\r\n\r\nB.example.jp.,mail-2,eu-west-1,own\r\n"
    rows, sha256 = campaign.read(table(tmp_path, text), PASSED, "en")
    assert [row.parameters for row in rows] == [
        {**PASSED, "domain": "a.example.jp", "secret_id": "byodkim/a.example.jp"},
        {**PASSED, "domain": "b.example.jp", "selector": "mail-2", "region": "eu-west-1", "secret_id": "own"},
    ]
    assert len(sha256) == 64


def test_an_inventory_is_a_table_of_those_that_bring_their_own_keys(tmp_path: Path) -> None:
    path = tmp_path / f"20261124T040000Z-x{inventory_file.SUFFIX}"
    rows = [Row("a.example.jp", origin="EXTERNAL"), Row("b.example.jp", origin="AWS_SES"), Row("c.example.jp")]
    path.write_text("".join(json.dumps({"kind": "row", "row": plain(row)}) + "\n" for row in rows))
    found, _ = campaign.read(path, PASSED, "en")
    assert [row.domain for row in found] == ["a.example.jp"]


def test_so_is_the_csv_of_an_inventory(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    rows = [Row("a.example.jp", origin="EXTERNAL"), Row("b.example.jp", origin="AWS_SES"), Row("c.example.jp")]
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, rows)
    found, sha256 = campaign.read(path, PASSED, "en")
    assert [row.parameters for row in found] == [
        {**PASSED, "domain": "a.example.jp", "secret_id": "byodkim/a.example.jp"}
    ]
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("domain,colour\na.example.jp,red\n", "'colour'"),
        ("selector\nmail-1\n", "no column domain. Its columns are: selector"),
        ("domain,domain\na.example.jp,b.example.jp\n", "the column domain twice"),
        ("domain,selector\na.example.jp\n", "Line 2"),
        ("domain,selector\na.example.jp,mail_1\n", "line 2"),
        ("domain,wait_minutes\na.example.jp,soon\n", "line 2"),
        ("domain\na.example.jp\nA.example.jp\n", "in lines 2 and 3"),
        ("domain;selector\na.example.jp;mail-1\n", "are separated by ;. Save it as a CSV with commas"),
        ("domain\tselector\na.example.jp\tmail-1\n", "are separated by \\t. Save it as a CSV with commas"),
        ("domain，selector\na.example.jp，mail-1\n", "has a full-width sign, ，. Write ASCII commas"),
        ("domain,selector、waive\na.example.jp,mail-1\n", "has a full-width sign, 、. Write ASCII commas"),
        ("", "is empty. Its first line names the columns"),
        ('domain,waive\na.example.jp,"KEY-AGE: why\nb.example.jp,\n', "a double quote out of place at line 3"),
        (f"domain,waive\na.example.jp,{'x' * 1001}\n", "waive is longer than 1000"),
        (
            f"domain\na.example.jp\n{keys.b64(keys.pkcs8()).decode()}\n",
            "The parameter domain holds what looks like a private",
        ),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_another_table_is_refused_by_its_line(tmp_path: Path, text: str, word: str, language: Language) -> None:
    with pytest.raises(ParameterError) as refused:
        campaign.read(table(tmp_path, text), {}, language)
    if language == "en":
        assert word in str(refused.value)
        assert str(refused.value).endswith("Nothing was read or written; SES signs as before.")
    assert "identities.csv" in str(refused.value)


@each(
    ("given", "word"),
    [
        ({"canary": "0"}, "canary"),
        ({"wave": 0}, "from 1 to 100000"),
        ({"pause_minutes": "long"}, "from 0 to 10080"),
        ({"domain": "example.jp"}, "no parameter named domain"),
        ({"identities": ""}, "names no table"),
        ({"mode": "apply", "target": "sandbox"}, "Start one that stands"),
    ],
)
def test_a_pace_that_is_none_is_refused(given: dict[str, object], word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        campaign.of(parameters.parse({"identities": "x.csv", **given}, "fleet"), "en")


def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"domain\n\xe9.example.jp\n")
    (tmp_path / "none.inventory.jsonl").write_text('{"kind": "row", "row": 5}\n')
    for name, said in (
        ("absent.csv", "cannot be read"), ("latin.csv", r"is not UTF-8 text \(line 2\)"),
        ("none.inventory.jsonl", "is not an inventory"),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=said):
            campaign.read(tmp_path / name, {}, "en")


def test_careful_is_the_default() -> None:
    """But for how many go at once: as many as SES's pace needs."""
    found = campaign.of(parameters.parse({"identities": "x.csv"}, "fleet"), "en")
    assert found.settings == {"canary": "1%", "wave": "100", "pause_minutes": "15", "stop_after": "0", "at_once": "0"}
    assert found.parameters.mode == "plan"
