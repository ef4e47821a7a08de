"""What a Japanese operator sees has no English sentence left but the spellings of AWS."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from byodkim import settings
from byodkim.checks.check import evaluate
from byodkim.checks.rollback import rollback_findings
from byodkim.errors import InputError
from byodkim.procedures import prepare, retire, rotate
from byodkim.record.events import Checked, Closed, Observed
from byodkim.record.record import tell
from byodkim.show.first_screen import OUTCOMES
from byodkim.show.page import page
from byodkim.show.terminal import ending
from byodkim.words import _, speak
from tests.show import worlds

BYODKIM = Path(sys.executable).with_name("byodkim")
#: Three words of English in a row.
ENGLISH = re.compile(r"[A-Za-z]+(?: [a-z]+){2,}")
#: Names of facts, which the journal keeps as they are.
FACTS = {"selector in use"}
#: What ``tests/show`` puts into the places where others can write.
GIVEN = {"yearly rotation"}


@pytest.fixture(autouse=True)
def japanese():
    speak("ja")
    yield
    speak("en")


def english(text):
    """Return the English sentences of a text."""
    return [each for each in ENGLISH.findall(text) if each not in FACTS | GIVEN]


def record_of(checks, seen, outcome, headline):
    """Return the record of a run that evaluated the checks on what it saw."""
    found = evaluate(checks, seen)
    events = worlds.timed(
        worlds.begun(language="ja", reason=""),
        Observed(purpose="plan", observation=seen),
        Checked(findings=found, rollback=rollback_findings(seen)),
        Closed(outcome=outcome, headline=headline),
    )
    return tell(events)


SWITCHABLE = worlds.observation(worlds.identity())
UNPUBLISHED = worlds.observation(worlds.identity(), requested=worlds.side(worlds.NEW, ""))
DISABLED = worlds.observation(worlds.identity(status="FAILED", enabled=False))
PLANNED = _(
    "{domain} can be switched to {selector}. Nothing was written.",
    domain="example.jp",
    selector=worlds.NEW,
)
REFUSED = _(
    "{domain} was not switched to {selector}: {check} did not pass. SES was not changed.",
    domain="example.jp",
    selector=worlds.NEW,
    check="DNS-PUBLISHED",
)


@pytest.mark.parametrize("checks", [rotate.CHECKS, prepare.CHECKS, retire.CHECKS])
@pytest.mark.parametrize("seen", [SWITCHABLE, UNPUBLISHED, DISABLED])
@pytest.mark.parametrize(("outcome", "headline"), [("PLANNED", PLANNED), ("REFUSED", REFUSED)])
def test_a_record(checks, seen, outcome, headline):
    record = record_of(checks, seen, outcome, headline)
    soup = BeautifulSoup(page(record), "html.parser")
    for code in soup.find_all(["pre", "style"]):
        code.decompose()
    assert english(soup.get_text("\n")) == []
    commands = re.compile("^.*papermill .*$", re.MULTILINE)
    assert english(commands.sub("", ending(record, "outputs/CHG-1042.ipynb"))) == []
    assert "example.jp" in soup.find_all("h1")[0].get_text()


@pytest.mark.parametrize("outcome", [code for code in OUTCOMES if code])
def test_an_outcome_keeps_its_code(outcome):
    record = record_of((), SWITCHABLE, outcome, PLANNED)
    assert re.match(rf"[^A-Z]+（{outcome}）", ending(record, "x"))


@pytest.mark.parametrize(
    "passed",
    [
        {"selecter": "mail-20261124-1"},
        {"selector": "mail_1"},
        {"selector": 20261124},
        {"mode": "aply"},
        {"wait_minutes": 99999},
        {"profile": "nobody"},
        {"region": "tokyo"},
    ],
)
def test_an_error_of_the_settings(passed, tmp_path):
    (tmp_path / "byodkim.toml").write_text("[default]\n", "utf-8")
    with pytest.raises(InputError) as error:
        settings.read(passed, passed, tmp_path)
    assert english(str(error.value)) == []
    assert str(error.value).endswith("。")


def test_the_profile_says_the_language_of_a_command(tmp_path):
    (tmp_path / "byodkim.toml").write_text('[default]\nlanguage = "ja"\n', "utf-8")
    run = subprocess.run(
        [BYODKIM, "rotate", "-r", "selector", "mail_1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].startswith("パラメータ selector の値 'mail_1' が不正です。")
