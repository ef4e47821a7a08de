"""The wheel, built once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.tracked import ROOT, tracked


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of the tracked files: nothing that lies about gets into it."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    for path in tracked("lib", "notebooks", "pyproject.toml", "README.md", "LICENSE"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tree / path)
    (tree / "lib/byodkim/notebooks").symlink_to("../../notebooks")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", folder, tree], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built
