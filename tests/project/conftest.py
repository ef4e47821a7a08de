"""The English README from its first command to its last, and beside it the Japanese one's rehearsal of two weeks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from byodkim.messages import Language
from tests.project.checkout import clone, environment
from tests.project.readme import LANGUAGES, REHEARSAL, blocks, only, section, text_of
from tests.project.terminals import Ports, Walk, finished, headline, parts, script, standing, terminal

REASONS = {"en": "yearly rotation", "ja": "年次更新"}


def _opening(folder: Path, env: dict[str, str], language: Language) -> str:
    """How a record opens: one run in a folder of its own, where there is no profile and no earlier run."""
    here = folder.parent / language
    (here / "outputs").mkdir(parents=True)
    given = {
        "target": "sandbox", "mode": "apply", "reason": REASONS[language],
        "ticket": "CHG-1042", "requested_by": "mail-team",
    }  # fmt: skip
    given |= {} if language == "en" else {"language": language}
    words = [word for name, value in given.items() for word in ("-p", name, value)]
    program, notebook = folder / ".venv/bin/papermill", folder / "notebooks/rotate.ipynb"
    command = [str(program), str(notebook), "outputs/record.ipynb", "-r", "selector", "mail-20261124-1", *words]
    subprocess.run(command, cwd=here, env=env | {"TZ": "UTC"}, check=True, capture_output=True, timeout=120)
    return headline(json.loads((here / "outputs/record.ipynb").read_text("utf-8")))


def _japanese(base: Path) -> Walk:
    """The Japanese rehearsal of two weeks, in a clone of its own, after the block that sets up a profile."""
    base.mkdir()
    folder, env, ports = clone(base), environment(base / "home"), Ports()
    text = text_of(folder, "ja")
    set_up = next(block.text for block in blocks(text) if "byodkim.example.toml" in block.text)
    commands = f"set -e\n{set_up}\n{script(section(text, REHEARSAL['ja']))}"
    with standing(folder, ports.on(only(text, "terminal-1").text), env) as greeting:
        said = finished(terminal(folder, ports.on(commands), env))
    return Walk(folder, parts(said), greeting, {})


@pytest.fixture(scope="session")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Language, Walk]:
    """Both READMEs' commands, run side by side, each in a fresh clone of HEAD with an empty home."""
    base = tmp_path_factory.mktemp("readme")
    folder, env, ports = clone(base), environment(base / "home"), Ports()
    text = text_of(folder, "en")
    first, second = (ports.on(only(text, name).text) for name in ("terminal-1", "terminal-2"))
    with standing(folder, first, env) as greeting, standing(folder, second, env), ThreadPoolExecutor(1) as beside:
        japanese = beside.submit(_japanese, base / "beside")
        openings = {language: beside.submit(_opening, folder, env, language) for language in LANGUAGES}
        said = finished(terminal(folder, ports.on(script(text)), env))
        opened = {language: future.result() for language, future in openings.items()}
    return {"en": Walk(folder, parts(said), greeting, opened), "ja": japanese.result()}


@pytest.fixture(scope="session")
def walk(walks: Mapping[Language, Walk]) -> Walk:
    """What all commands of the English README left."""
    return walks["en"]
