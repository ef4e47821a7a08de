"""The pages of records and of the site, judged by axe-core against WCAG 2.1 A and AA: both languages, both schemes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from second_edition.launch.command_line import main
from second_edition.messages import LANGUAGES
from tests.second_edition.display.browser import Browser
from tests.second_edition.display.test_page import OPENED
from tests.second_edition.display.test_site import PAST
from tests.second_edition.evidence.pasts import write_all
from tests.second_edition.project.tracked import ROOT

AXE = ROOT / ".venv/axe/axe_playwright_python/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
JUDGE = """axe.run({runOnly: TAGS}).then(found => ({
  violations: found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]),
  passes: found.passes.map(one => one.id),
}))""".replace("TAGS", str(TAGS))
WIDTHS = {"phone": 360, "desk": 1200}


KINDS = {"record": "example.html", "list": "index.html", "identity": "identity-*.html", "run": "run-*.html"}
QUICK = {"width": ("phone",), "kind": ("record", "list"), "language": ("ja",)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sites of a past that was made up, and beside each the page of the run that docs/example shows."""
    folder = tmp_path_factory.mktemp("accessible")
    write_all(folder, PAST)
    for language in LANGUAGES:
        to = folder / language
        assert main(["site", str(folder), "-o", str(to), "--language", language]) == 0
        example = str(ROOT / "docs/second_edition/example/example.ipynb")
        assert main(["record", example, "--language", language, "-o", str(to / KINDS["record"])]) == 0
    return folder


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, browser: Browser) -> Iterator[None]:
    browser("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": request.param}])
    yield
    browser("Emulation.setEmulatedMedia", features=[])


def judged(browser: Browser, path: Path, width: int) -> Any:
    """Return what axe-core finds in a page of which every part is opened."""
    browser.open(path, width=width)
    browser.evaluate(OPENED)
    browser.evaluate(f"{AXE.read_text('utf-8')}; true")
    return browser.evaluate(JUDGE)


@pytest.mark.usefixtures("scheme")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_violates_wcag(browser: Browser, site: Path, language: str, kind: str, width: str) -> None:
    found = judged(browser, min((site / language).glob(KINDS[kind])), WIDTHS[width])
    assert found["violations"] == []
    assert {"color-contrast", "html-has-lang", "document-title"} <= set(found["passes"])


def test_the_judge_sees_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><title>x</title><p style='color: #ccc'>faint</p><img src='data:,'>")
    found = {name for name, _ in judged(browser, page, 1200)["violations"]}
    assert {"color-contrast", "html-has-lang", "image-alt"} <= found
