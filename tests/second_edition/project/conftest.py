"""The English README from its first command to its last, and beside it the Japanese one's rehearsal of two weeks."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from second_edition.messages import Language
from tests.second_edition.project.checkout import clone, environment
from tests.second_edition.project.readme import REHEARSAL, blocks, only, section, text_of
from tests.second_edition.project.terminals import Ports, Walk, finished, parts, script, standing, terminal


def _japanese(base: Path) -> Walk:
    """The Japanese rehearsal of two weeks, in a clone of its own, after the block that sets up a profile."""
    base.mkdir()
    folder, env, ports = clone(base), environment(base / "home"), Ports()
    text = text_of(folder, "ja")
    set_up = next(block.text for block in blocks(text) if "byodkim init" in block.text)
    commands = f"set -e\n{set_up}\n{script(section(text, REHEARSAL['ja']))}"
    with standing(folder, ports.on(only(text, "terminal-1").text), env):
        said = finished(terminal(folder, ports.on(commands), env))
    return Walk(folder, parts(said))


@pytest.fixture(scope="session")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Language, Walk]:
    """Both READMEs' commands, run side by side, each in a fresh clone of HEAD with an empty home."""
    base = tmp_path_factory.mktemp("readme")
    folder, env, ports = clone(base), environment(base / "home"), Ports()
    text = text_of(folder, "en")
    first, second = (ports.on(only(text, name).text) for name in ("terminal-1", "terminal-2"))
    with standing(folder, first, env), standing(folder, second, env), ThreadPoolExecutor(1) as beside:
        japanese = beside.submit(_japanese, base / "beside")
        said = finished(terminal(folder, ports.on(script(text)), env))
    return {"en": Walk(folder, parts(said)), "ja": japanese.result()}


@pytest.fixture(scope="session")
def walk(walks: Mapping[Language, Walk]) -> Walk:
    """Return what all commands of the English README left."""
    return walks["en"]
