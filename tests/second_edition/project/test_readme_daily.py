"""README's daily commands, run line by line with a profile of a standing sandbox. README.ja.md has the same ones."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from second_edition.messages import Language
from tests.second_edition.project.checkout import clone, environment
from tests.second_edition.project.readme import LANGUAGES, only
from tests.second_edition.project.terminals import END, Walk, finished, headline, parts, standing, terminal
from tests.second_edition.sandbox.test_standing import free_ports

MOST_LINES = 150
PROFILE = """
[default]
account = "123456789012"
region = "ap-northeast-1"
domain = "example.jp"
secret_id = "byodkim/example.jp"
key_bucket = "byodkim-keys"
endpoint_url = "http://127.0.0.1:{port}"
nameservers = "127.0.0.1:{dns},127.0.0.1:{second}"
resolvers = "127.0.0.1:{dns}"
late_write_seconds = 0
ses_requests_per_second = 100.0
"""
OUTCOMES = {
    "CHG-1042-plan": ("PLANNED", "mail-20261124-1"),
    "CHG-1042": ("SWITCHED", "mail-20261124-1"),
    "CHG-1042-2": ("UNCHANGED", "mail-20261124-1"),
    "CHG-1042-back": ("SWITCHED", "mail-20260912-1"),
}


def readme(language: Language, folder: Path) -> str:
    return (folder / LANGUAGES[language]).read_text("utf-8")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Return what the daily commands left, each in the same shell, the first that fails ending it."""
    base = tmp_path_factory.mktemp("day")
    folder, env, (port, dns) = clone(base), environment(base / "home"), free_ports()
    (folder / "byodkim.toml").write_text(PROFILE.format(port=port, dns=dns, second=dns + 1))
    env |= {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
    lines = only(readme("en", folder), "daily").text.replace("\\\n", " ").splitlines()
    commands = [line for line in lines if not line.startswith("#")]
    words = [f"{command}\necho '{END.format(number)}'" for number, command in enumerate(commands)]
    start = f"exec {shlex.quote(str(folder / '.venv/bin/byodkim-second-edition'))} sandbox --port {port} --dns-port {dns}"
    with standing(folder, start, env):
        said = finished(terminal(folder, "\n".join(["set -e", ". .venv/bin/activate", *words]), env))
    return Walk(folder, parts(said))


@pytest.mark.parametrize("name", OUTCOMES)
def test_each_record_comes_to_what_the_comment_above_its_command_says(day: Walk, name: str) -> None:
    outcome, selector = OUTCOMES[name]
    first = headline(day.notebook(name)).splitlines()[0]
    assert first.startswith(f"{outcome}  ")
    assert selector in first


def test_every_record_is_there_and_verifies(day: Walk) -> None:
    assert {path.stem for path in (day.folder / "outputs").glob("*.ipynb")} == set(OUTCOMES)
    assert any("4 runs: 4 verified, 0 off" in said for said in day.said)
    assert (day.folder / "outputs/CHG-1042.html").is_file()
    assert (day.folder / "outputs/site/index.html").is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_readme_is_short(language: Language) -> None:
    root = Path(__file__).resolve().parents[3]
    assert len(readme(language, root).splitlines()) <= MOST_LINES
