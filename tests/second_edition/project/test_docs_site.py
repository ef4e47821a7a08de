"""``make docs``: every document is a page of the site in both languages, links lead somewhere, nothing is fetched."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from second_edition.messages import Language
from tests.second_edition.project.readme import pages
from tests.second_edition.project.test_commands import make
from tests.second_edition.project.tracked import ROOT

SOURCES = (
    "README.md",
    "README.ja.md",
    "CHANGELOG.md",
    "CHANGELOG.ja.md",
    "CONTRIBUTING.md",
    "CONTRIBUTING.ja.md",
    "ASSURANCE.md",
    "SECURITY.md",
    "SECURITY.ja.md",
    "policy.example.toml",
)
FETCHED = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)="https?:|@import|url\(["']?https?:""")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents and what builds them, with this environment as ``.venv``."""
    folder = tmp_path_factory.mktemp("docs") / "checkout"
    shutil.copytree(ROOT / "docs", folder / "docs")
    for name in (*SOURCES, "Makefile", "mkdocs.yml", "pyproject.toml", "byodkim.example.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(Path(sys.executable).parent)
    return folder


def built(checkout: Path) -> subprocess.CompletedProcess[str]:
    """``make docs`` with set-up taken as done: what it would install is what these tests run in."""
    done = ("--old-file=.venv/installed", "--old-file=.venv/docs")
    for stamp in ("installed", "docs"):
        (checkout / ".venv" / stamp).touch()
    return make(*done, "docs", folder=checkout)


def navigation() -> dict[str, list[str]]:
    text = (ROOT / "mkdocs.yml").read_text("utf-8").replace("!!python/name:", "")
    return {name: listed for one in yaml.safe_load(text)["nav"] for name, listed in one.items()}


def test_it_is_built_strictly_and_fetches_nothing(checkout: Path) -> None:
    done = built(checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    site = checkout / "build/docs/site"
    made = {str(path.relative_to(site)) for path in site.rglob("*.html")}
    listed = {name for names in navigation().values() for name in names}
    assert {name.replace("README.md", "index.md").replace(".md", ".html") for name in listed} <= made
    assert "docs/en/tutorial.html" in (site / "index.html").read_text("utf-8")
    for name, words in {"en": "Keyboard Shortcuts", "ja": "キーボードショートカット"}.items():
        page = (site / f"docs/{name}/rotate.html").read_text("utf-8")
        assert (f'<html lang="{name}"' in page, words in page) == (True, True)
    assert (site / "search/search_index.json").is_file()
    texts = [path.read_text("utf-8") for path in site.rglob("*.*") if path.suffix in (".html", ".css")]
    assert [found[0] for text in texts if (found := FETCHED.search(text))] == []


def test_a_link_or_an_anchor_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    """Two pages alone, under what mkdocs.yml says of every page."""
    for name in ("docs", "build/docs/source"):
        (tmp_path / name).mkdir(parents=True)
    page = tmp_path / "build/docs/source/index.md"
    page.with_name("other.md").write_text("# Other\n")
    shutil.copy(ROOT / "docs/hooks.py", tmp_path / "docs")
    settings, _, _ = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")
    (tmp_path / "mkdocs.yml").write_text(settings)
    links = {"other.md#other": [], "none.md": ["none.md"], "other.md#no-such-heading": ["#no-such-heading"]}
    for link, nowhere in links.items():
        page.write_text(f"# One\n\n[a link]({link})\n")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
        lead_nowhere = [words for words in ("none.md", "#no-such-heading") if words in done.stderr]
        assert (done.returncode != 0, lead_nowhere) == (bool(nowhere), nowhere), done.stderr


@pytest.mark.parametrize(("language", "title"), [("en", "English"), ("ja", "日本語")])
def test_the_navigation_follows_the_order_of_the_readme(language: Language, title: str) -> None:
    assert navigation()[title] == [name.replace(".ipynb", ".md") for name in pages(ROOT, language)]


def test_each_page_says_first_whom_it_is_for() -> None:
    opened = {"en": r"For ", "ja": r".*(向け|の文書です)"}
    for language, words in opened.items():
        for path in sorted((ROOT / "docs" / language).glob("*.md")):
            assert re.match(words, path.read_text("utf-8").split("\n\n")[1]), path.name
