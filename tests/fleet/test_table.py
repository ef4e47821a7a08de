"""A table is read once, at the border: refused as a whole, by line, before anything is asked."""

from pathlib import Path

import pytest

from byodkim import settings
from byodkim.engine.rows import read_rows
from byodkim.errors import InputError
from tests.fleet.fleet import NOTEBOOK
from tests.sandbox.tools import NEW

HEAD = "domain,selector,section,region"
PROFILE = """
[default]
account = "123456789012"
region = "ap-northeast-1"
secret_id = "byodkim/{domain}"
[osaka]
account = "123456789012"
region = "ap-northeast-3"
secret_id = "dkim"
[bare]
region = "ap-northeast-3"
"""


def rows_of(folder: Path, data: bytes) -> list[tuple[object, ...]]:
    """Return line, domain, selector, section and Region of each row."""
    (folder / "byodkim.toml").write_text(PROFILE)
    (folder / "f.csv").write_bytes(data)
    chosen = settings.read({"table": "f.csv"}, ("table",), folder)
    return [(*row[:4], row.region) for row in read_rows(chosen)]


A_ROW = (2, "a.example.jp", "s1", "default", "ap-northeast-1")


@pytest.mark.parametrize(
    "data",
    [
        b"domain,selector\na.example.jp,s1\n",
        b"\xef\xbb\xbfdomain,selector\r\na.example.jp,s1\r\n",
        b"selector, Domain ,region\n s1 , A.Example.JP. ,\n\n",
        b'"domain","selector"\n"a.example.jp","s1"',
        b"domain,selector,section\na.example.jp,s1,default\n,,\n",
    ],
    ids=["plain", "mark and CRLF", "spaces, case and order", "quotes", "empty line"],
)
def test_spellings(tmp_path, data):
    assert rows_of(tmp_path, data) == [A_ROW]


def test_sections_and_regions(tmp_path):
    """One domain may stand in several Regions."""
    data = f"{HEAD}\na.example.jp,s1,,\na.example.jp,s1,osaka,\na.example.jp,s1,,us-east-1\n"
    rows = rows_of(tmp_path, data.encode())
    assert [row[3:] for row in rows] == [
        ("default", "ap-northeast-1"),
        ("osaka", "ap-northeast-3"),
        ("default", "us-east-1"),
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["domain,selector,color", "a.example.jp,s1,red"],
            "columns domain, selector, color",
        ),
        (
            ["domain,selector,domain", "a.example.jp,s1,b"],
            "columns domain, selector, domain",
        ),
        (["domain", "a.example.jp"], "has the columns domain."),
        ([], "has the columns -"),
        ([HEAD], "has no rows"),
        (
            [HEAD, "a.example.jp,s1,,", "A.example.jp.,s2,,"],
            "line 3: a.example.jp stands in line 2",
        ),
        ([HEAD, "a.example.jp,s1,,", "a.example.jp,s1,osaka,ap-northeast-1"], "line 3:"),
        ([HEAD, ",s1,,"], "line 2: The domain is missing"),
        ([HEAD, "a..b,s1,,"], "line 2: The domain a..b"),
        ([HEAD, "a.example.jp,-s,,"], "line 2: “-s” is not a selector"),
        ([HEAD, "a.example.jp,s1,,tokyo"], "line 2: “tokyo” is not a Region"),
        ([HEAD, "a.example.jp,s1,kyoto,"], "line 2: byodkim.toml has no section kyoto"),
        ([HEAD, "a.example.jp,s1,bare,"], "line 2: rotate needs secret_id"),
        ([HEAD, 'a.example.jp,"s1,,'], "cannot be read"),
    ],
)
def test_refused(tmp_path, lines, says):
    with pytest.raises(InputError) as caught:
        rows_of(tmp_path, "\n".join([*lines, ""]).encode())
    assert says in str(caught.value)


def test_three_bad_rows_of_5000_are_named(tmp_path):
    lines = [HEAD, *(f"d{number}.example.jp,s1,," for number in range(5000))]
    lines[17] = "d15 .example.jp,s1,,"
    lines[2500] = "d2498.example.jp,,,"
    lines[5000] = "d0.example.jp,s1,,"
    with pytest.raises(InputError) as caught:
        rows_of(tmp_path, "\n".join(lines).encode())
    assert "3 rows of f.csv" in str(caught.value)
    assert [f"line {line}:" in str(caught.value) for line in (18, 2501, 5001)] == [True] * 3


@pytest.mark.parametrize("table", ["f.csv", "none.csv"])
def test_nothing_is_begun_with_a_bad_table(fleet, table):
    """papermill and the command say it, exit with 2, and leave no file."""
    fleet.table([f"{fleet.domains[0]},{NEW}", f"{fleet.domains[0]},{NEW}"])
    fleet.change("forget")
    papermill = fleet.start("plain", notebook=NOTEBOOK, mode="plan", table=table)
    plain = fleet.end("plain", papermill)
    command = fleet.command("command", mode="plan", table=table)
    text = command.communicate(timeout=60)[0]
    assert (plain.code, command.returncode) == (2, 2), (plain.text, text)
    assert (table in plain.text, table in text) == (True, True)
    assert (list(fleet.outputs.iterdir()), fleet.change("calls")) == ([], [])
