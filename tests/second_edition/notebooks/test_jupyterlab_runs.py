"""A rotation and a campaign in working copies that ``byodkim lab`` opens in JupyterLab in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.display.browser import Browser
from tests.second_edition.display.test_page import CONTRAST
from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.fleets import puts, ready
from tests.second_edition.notebooks.lab import Lab, working_copy
from tests.second_edition.notebooks.stage import Stage, project

pytestmark = pytest.mark.prove
NEXT = "mail-20261124-1"
SES_S = 300  # after which the sandbox's SES looks at DNS: not before the clock there is advanced
WAIT = re.compile(
    r"\d:\d\d:\d\d passed, next look in 0:00:\d\d, "
    rf"until \d\d:\d\d:\d\d UTC at most\. Waiting for SES to verify {NEXT}: PENDING"
)
COUNT = re.compile(r"Wave (\d)/2: (\d) of 3 ended \(([^)]*)\), (\d) under way")
WIDE = """[...document.querySelectorAll('.jp-OutputArea-output')].filter(one => one.scrollWidth > one.clientWidth + 2)
  .map(one => one.innerText.slice(0, 80))"""
WORST = (
    "Math.min(...[...document.querySelectorAll('.jp-OutputArea .jp-RenderedHTMLCommon')].map(root => FOUND))".replace(
        "FOUND", CONTRAST.replace("document.body, NodeFilter", "root, NodeFilter")
    )
)
STEP = {"rotate": "steps.verify(", "fleet": "steps.apply("}
HIGH, LOW = 16000, 1200
APPLY = {'mode: str = "plan"': 'mode: str = "apply"'}


@dataclass
class Seen:
    """Hold what the browser showed of one step: each time it was looked at, its text and how many tables it had."""

    lab: Lab
    stage: Stage
    name: str
    texts: list[str] = field(default_factory=list)
    tables: list[int] = field(default_factory=list)

    def begin(self, edits: dict[str, str]) -> None:
        """Edits the parameters cell, and runs all cells."""
        for old, new in edits.items():
            self.lab.set_source("profile: str", old, new)
        self.lab.run_all()

    def look(self, condition: str) -> None:
        """Waits until the step shows what ``condition`` says of its ``text``, and notes what there is."""
        shown = self.lab.shown(STEP[self.name])
        self.lab.wait(f"(text => {condition})({shown}?.innerText ?? '')")
        self.texts.append(self.lab.browser.evaluate(f"{shown}.innerText"))
        self.tables.append(self.lab.browser.evaluate(f"{shown}.querySelectorAll('table').length"))

    def advance(self, written: int) -> None:
        """Lets SES look at DNS, once it has been written to so often."""
        sandbox = self.stage.sandbox
        eventually(lambda: puts(sandbox) >= written)
        sandbox.advance(timedelta(seconds=SES_S))


def rotate(seen: Seen) -> None:
    """SES verifies when the browser has shown two looks of the wait."""
    seen.look("text.includes('Waiting for SES to verify')")
    seen.look("/0:0[1-9] passed/.test(text)")
    seen.advance(1)


def fleet(seen: Seen) -> None:
    """The plan that a plan run showed is applied. Each wave is verified when the browser has shown it under way."""
    seen.lab.wait(seen.lab.finished())
    (plan,) = seen.stage.folder.rglob("*.journal.jsonl")
    seen.lab.restart()
    seen.begin(APPLY | {'approved: str = ""': f'approved: str = "{plan.name.split(".")[-3]}"'})
    seen.look("text.includes('Wave 1/2: 0 of 3 ended')")
    seen.advance(1)
    seen.look("text.includes('Wave 2/2: 1 of 3 ended')")
    seen.advance(3)


STORIES: dict[str, Callable[[Seen], None]] = {"rotate": rotate, "fleet": fleet}
SCENARIOS = {"rotate": "ready", "fleet": "fleet"}


@pytest.fixture(scope="module", params=STORIES)
def seen(
    request: pytest.FixtureRequest, child: Sandbox, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """A run that has ended, and what was seen of it."""
    name = request.param
    child.reset(SCENARIOS[name])
    child.set_knobs(check_interval=SES_S)
    stage = Stage(child, project(tmp_path_factory.mktemp(name) / "project", home))
    with (
        Browser(tmp_path_factory.mktemp("browser")) as browser,
        working_copy(browser, stage.folder, name, stage.runner.environment()) as lab,
    ):
        lab.window(LOW)
        found = Seen(lab, stage, name)
        found.begin(edits(stage, name) | ({} if name == "fleet" else APPLY))
        STORIES[name](found)
        lab.wait(lab.finished())
        lab.window(HIGH)
        found.look("text !== ''")
        yield found


def edits(stage: Stage, name: str) -> dict[str, str]:
    """Return what a person writes into the parameters cell."""
    url = stage.sandbox.facts.endpoint_url
    own = {
        'selector: str = ""': f'selector: str = "{NEXT}"',
        'target: str = "aws"': 'target: str = "sandbox"',
        'endpoint_url: str = ""': f'endpoint_url: str = "{url}"',
    }
    if name == "rotate":
        return own
    table = stage.folder / ready(stage, 0, 1, 2, selector=NEXT)
    waves = {'canary: str = "1%"': 'canary: str = "1"', "pause_minutes: int = 15": "pause_minutes: int = 0"}
    return own | waves | {'identities: str = ""': f'identities: str = "{table}"'}


def test_how_far_it_is_can_be_seen_and_goes_when_it_is_over(seen: Seen) -> None:
    if seen.name == "fleet":
        found = [COUNT.findall(text) for text in seen.texts]
        assert [[one[:2] for one in lines] for lines in found] == [[("1", "0")], [("2", "1")], []]
        return
    first, second, ended = (WAIT.findall(text) for text in seen.texts)
    assert (len(first), len(second), ended) == (1, 1, [])
    assert first != second


def test_the_step_s_tables_are_updated_in_their_place(seen: Seen) -> None:
    assert len(set(seen.texts)) == 3
    assert seen.tables[0] >= 1
    assert seen.tables[0] == seen.tables[1]


def test_it_switches_and_the_top_says_so(seen: Seen) -> None:
    assert seen.lab.errors() == []
    top = seen.lab.browser.evaluate(f"{seen.lab.shown('steps.headline(')}.innerText")
    assert top.startswith("✔ SWITCHED")
    sandbox = seen.stage.sandbox
    names = {"rotate": [sandbox.facts.domain], "fleet": [f"d0000{number}.example.jp" for number in range(3)]}[seen.name]
    signs = [sandbox.state()["identities"][name]["selectors"][0] for name in names]
    assert (signs, puts(sandbox)) == ([NEXT] * len(names), len(names))


def test_tables_are_rendered_and_none_is_wider_than_its_column(seen: Seen) -> None:
    browser = seen.lab.browser
    assert browser.evaluate("document.querySelectorAll('.jp-OutputArea table').length") > 5
    assert browser.evaluate(WIDE) == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_can_be_read_in_light_and_dark(seen: Seen, theme: str) -> None:
    browser = seen.lab.browser
    change = f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: {theme!r}}}).then(() => true)"
    browser.evaluate(change)
    seen.lab.wait(f"document.body.dataset.jpThemeName === {theme!r}")
    assert browser.evaluate(WORST) >= 4.5
