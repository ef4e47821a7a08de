"""What the documents say is so: tables, links, tests that they name, numbers, the script."""

import json
import re

import pytest

from byodkim import launch
from byodkim.aws import session
from byodkim.checks import time
from byodkim.custody import start
from byodkim.dkim.record import BITS
from byodkim.engine import polling, write_ahead
from byodkim.procedures.rotate import CHECKS
from byodkim.sandbox.world import SCENARIOS
from byodkim.settings_table import ROWS
from byodkim.show.first_screen import OUTCOMES
from tests.docs import generate
from tests.docs.generate import PAGES, ROOT
from tests.docs.pages import anchors, blocks, every_page, links, prose, read

#: Of all English pages together.
MOST_WORDS = 12_000
#: Made by other procedures, which are not here yet.
NOT_YET = {"PREPARED", "RETIRED"}


@pytest.mark.parametrize(("language", "path"), generate.REFERENCES.items())
def test_tables_are_those_of_the_code(language, path):
    text = path.read_text("utf-8")
    assert generate.reference(language, text) == text


@pytest.mark.parametrize("path", generate.NOTEBOOKS, ids=lambda path: str(path.name))
def test_parameters_cell_is_that_of_the_settings(path):
    text = path.read_text("utf-8")
    assert generate.as_saved(generate.with_parameters(json.loads(text))) == text


@pytest.mark.parametrize("page", every_page())
def test_links_lead_somewhere(page):
    for path, anchor in links(page):
        assert path.exists(), path
        assert not anchor or anchor in anchors(path), f"{path.name}#{anchor}"


def test_the_site_has_every_page():
    listed = re.findall(r"^ +- (\S+\.md)$", read("mkdocs.yml"), re.MULTILINE)
    tutorials = [f"docs/{language}/tutorial.md" for language in ("en", "ja")]
    assert sorted(listed) == sorted([*every_page(), *tutorials])


@pytest.mark.parametrize("page", every_page())
def test_files_that_are_named_exist(page):
    text = read(page)
    for name in re.findall(r"`((?:tests|lib|notebooks|locks)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name
    if page.endswith("architecture.md"):
        for name in re.findall(r"`([a-z_]+/(?:[a-z_]+\.py)?|[a-z_]+\.py)`", text):
            assert (ROOT / "lib" / "byodkim" / name).exists(), name


@pytest.mark.parametrize("page", ["README.md", "docs/en/security.md"])
def test_every_claim_names_a_test(page):
    rows = [line for line in read(page).splitlines() if "tests/" in line and line.startswith("|")]
    assert len(rows) >= 7
    for row in rows:
        for name in re.findall(r"`(tests/[\w./]+)`", row):
            path = ROOT / name
            files = sorted(path.glob("test_*.py")) if path.is_dir() else [path]
            assert any("\ndef test_" in each.read_text("utf-8") for each in files), name


HOURS = ROWS["wait_minutes"].bounds[1] / 60
MINUTES = time.MOST_CLOCK_ERROR.total_seconds() / 60
SPELLED = {"five": 5, "eight": 8, "nine": 9}
#: A number in a page, and what it is in the code. Each pattern fits once at least.
NUMBERS = [
    ("README.md", r"After (\w+) hours SES stops", HOURS),
    ("CHANGELOG.md", r"in (\w+) scenarios", len(SCENARIOS)),
    ("docs/en/operate.md", r"`wait_minutes` \((\w+) by default", ROWS["wait_minutes"].default),
    ("docs/en/operate.md", r"SES looks for the key record for (\w+) hours", HOURS),
    ("docs/en/operate.md", r"`late_write_seconds`, (\w+) by", ROWS["late_write_seconds"].default),
    ("docs/en/operate.md", r"`overlap_days`, (\w+) by default", ROWS["overlap_days"].default),
    ("docs/en/setup.md", r"RSA key of (\w+) bits", BITS.stop - 1),
    ("docs/en/setup.md", r"SES takes (\w+) to", BITS.start),
    ("docs/en/records.md", r"with AWS to (\w+) minutes", MINUTES),
    ("docs/en/architecture.md", r"read back every (\w+) seconds", write_ahead.READ_S),
    ("docs/en/architecture.md", r"at most (\w+) seconds between", polling.LONGEST_S),
    ("docs/en/architecture.md", r"the kernel has (\w+) seconds", launch.TO_CLOSE_S),
    ("docs/en/architecture.md", r"agree to (\w+) minutes", MINUTES),
    (
        "docs/en/architecture.md",
        r"`total_max_attempts` (\w+)",
        session.WRITE.retries["total_max_attempts"],
    ),
]


@pytest.mark.parametrize(("page", "pattern", "value"), NUMBERS)
def test_numbers_are_those_of_the_code(page, pattern, value):
    shown = re.findall(pattern, read(page))
    assert shown
    for each in shown:
        assert (SPELLED.get(each) or float(each)) == value


def test_constants_that_keep_a_promise_exist():
    named = re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", read("docs/en/architecture.md"))
    modules = (ROOT / "lib" / "byodkim").rglob("*.py")
    code = "".join(path.read_text("utf-8") for path in modules)
    assert {"READ_S", "LONGEST_S", "TO_CLOSE_S", "PATIENCE_S", "UNSAFE"} <= {*named}
    assert [name for name in named if not re.search(rf"^{name}\b", code, re.MULTILINE)] == []


def test_variables_that_the_custodian_ignores():
    text = read("docs/en/setup.md")
    rows = [line for line in text.splitlines() if line.startswith("| `") and "ignored" in line]
    named = re.findall(r"`([A-Za-z_*]+)`", " ".join(row.split("|")[1] for row in rows))
    variables = [name.rstrip("*") for name in named if name != "ca_bundle"]
    assert len(variables) >= 12
    assert start.safe_environment(dict.fromkeys(variables, "x")) == {}
    passed_on = {"HTTPS_PROXY": "x", "NO_PROXY": "x", "AWS_PROFILE": "x"}
    assert start.safe_environment(passed_on) == passed_on


def test_every_outcome_is_explained():
    section = read("docs/en/operate.md").partition("### Outcomes")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| ([A-Z][A-Z -]+) \|", section, re.MULTILINE))
    assert explained == {sentence.text for sentence in OUTCOMES.values()} - NOT_YET


@pytest.mark.parametrize("page", every_page())
def test_checks_that_are_named_exist(page):
    groups = {check.id.partition("-")[0] for check in CHECKS}
    named = re.findall(rf"\b(?:{'|'.join(groups)})-[A-Z]+\b", prose(read(page)))
    assert set(named) <= {check.id for check in CHECKS}


@pytest.mark.parametrize("page", [page for page in every_page() if page.endswith("records.md")])
def test_the_script_is_the_one_that_is_tested(page):
    (script,) = [each.text for each in blocks(read(page)) if each.kind == "script"]
    assert script == read("tests/record/verify_without_us.sh")


def test_pages_are_short():
    counts = {page: generate.words(read(page)) for page in PAGES}
    print(counts)
    assert sum(counts.values()) <= MOST_WORDS
    before_first_command = read("README.md").partition("```sh")[0]
    assert before_first_command.count("\n") <= 30
    assert read("README.md").count("\n") <= 110
